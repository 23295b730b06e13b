//! What the subject of an acknowledgement says about a delivery.

use async_nats::Subject;
use chrono::{DateTime, Utc};

use crate::subject::next_token;

/// What the server says about a delivery, in the subject for its acknowledgement (ADR-15).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeliveryInfo {
    /// Where all of it stands. The names are looked for when they are asked for.
    reply: Subject,
    /// How often it was delivered, this time included.
    pub delivered: u64,
    /// Its sequence number in the stream.
    pub stream_sequence: u64,
    /// Its sequence number among the consumer's deliveries.
    pub consumer_sequence: u64,
    /// When the stream stored it.
    pub stored: DateTime<Utc>,
    /// How many messages the consumer has still to deliver.
    pub pending: u64,
}

impl DeliveryInfo {
    pub(super) fn parse(reply: &Subject) -> Option<Self> {
        // Behind the names.
        let mut fields = fields(reply)?.skip(2);
        Some(Self {
            reply: reply.clone(),
            delivered: fields.next()?.parse().ok()?,
            stream_sequence: fields.next()?.parse().ok()?,
            consumer_sequence: fields.next()?.parse().ok()?,
            stored: DateTime::from_timestamp_nanos(fields.next()?.parse().ok()?),
            pending: fields.next()?.parse().ok()?,
        })
    }

    /// The stream's name.
    #[must_use]
    pub fn stream(&self) -> &str {
        self.name(0)
    }

    /// The consumer's name.
    #[must_use]
    pub fn consumer(&self) -> &str {
        self.name(1)
    }

    fn name(&self, place: usize) -> &str {
        // Never without, for numbers were found behind it.
        fields(&self.reply)
            .and_then(|mut fields| fields.nth(place))
            .unwrap_or_default()
    }
}

/// What stands in the subject of an acknowledgement, from the stream's name on.
fn fields(reply: &str) -> Option<impl Iterator<Item = &str>> {
    let fields = reply.strip_prefix("$JS.ACK.")?;
    // Servers before 2.8 leave out domain and account.
    let dots = fields.bytes().filter(|byte| *byte == b'.').count();
    let skipped = if dots == 6 { 0 } else { 2 };
    let mut rest = Some(fields);
    let fields = std::iter::from_fn(move || {
        let (field, behind) = next_token(rest)?;
        rest = behind;
        Some(field)
    });
    Some(fields.skip(skipped))
}

/// Whether a consumer has delivered this message before.
#[cfg(feature = "metrics")]
pub(crate) fn delivered_before(raw: &async_nats::Message) -> bool {
    let delivered = raw.reply.as_deref().and_then(|reply| fields(reply)?.nth(2));
    delivered.is_some_and(|delivered| delivered != "1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acknowledgement_subjects_of_all_servers_are_read() {
        let long = "$JS.ACK._.ACCHASH.tasks.worker.3.17.42.1700000000000000001.5";
        let with_token = format!("{long}.r4nd0m");
        let short = "$JS.ACK.tasks.worker.3.17.42.1700000000000000001.5";
        for reply in [long, with_token.as_str(), short] {
            let info = DeliveryInfo::parse(&reply.into()).unwrap();
            assert_eq!((info.stream(), info.consumer()), ("tasks", "worker"), "{reply}");
            let numbers = [
                info.delivered,
                info.stream_sequence,
                info.consumer_sequence,
                info.pending,
            ];
            assert_eq!(numbers, [3, 17, 42, 5], "{reply}");
            assert_eq!(info.stored.timestamp_nanos_opt(), Some(1_700_000_000_000_000_001));
        }
        for bad in [
            "",
            "_INBOX.a.b",
            "$JS.ACK.tasks",
            "$JS.ACK.a.b.x.1.1.1.1",
            "$JS.ACK.a.b.1.1.1.1",
            "$JS.ACK..b.1.1.1.1.1",
        ] {
            assert_eq!(DeliveryInfo::parse(&bad.into()), None, "{bad}");
        }
    }
}
