//! Publishing many messages with a window of outstanding acknowledgements.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use async_nats::jetstream::publish::PublishAck;
use futures_util::{FutureExt, StreamExt};
use tokio::time::Instant;

use super::persist::{PersistError, PersistErrorKind, acknowledged, identified, outcome};
use crate::connection::Connection;
use crate::observe::Timer;
use crate::outgoing::Outgoing;

/// Messages on their way to a stream: some are acknowledged, some are not yet.
pub(crate) struct Window {
    connection: Connection,
    template: &'static str,
    stream: &'static str,
    size: usize,
    inbox: String,
    answers: async_nats::Subscriber,
    /// What is known of each message.
    outcomes: Vec<Outcome>,
    /// Those that wait, or have waited, for their acknowledgement, and since when. Oldest first.
    sent: VecDeque<(usize, Instant)>,
    /// How many wait.
    waiting: usize,
}

/// What is known of a message.
enum Outcome {
    /// Its acknowledgement is awaited.
    Awaited(Timer),
    Known(Result<PublishAck, PersistError>),
}

impl Window {
    pub(crate) async fn open(
        connection: &Connection,
        template: &'static str,
        stream: &'static str,
        size: usize,
    ) -> Result<Self, async_nats::SubscribeError> {
        let inbox = connection.client().new_inbox();
        Ok(Self {
            answers: connection.client().subscribe(format!("{inbox}.*")).await?,
            connection: connection.clone(),
            template,
            stream,
            size: size.max(1),
            inbox,
            outcomes: Vec::new(),
            sent: VecDeque::new(),
            waiting: 0,
        })
    }

    /// Notes that a message could not be sent.
    pub(crate) fn refuse(&mut self, error: PersistError) {
        self.outcomes.push(Outcome::Known(Err(error)));
    }

    /// Sends a message once there is room for it.
    pub(crate) async fn send(&mut self, message: Outgoing, message_id: Option<String>) {
        // What has come is taken at once, so that it cannot fill the subscription.
        while let Some(Some(answer)) = self.answers.next().now_or_never() {
            self.hear(&answer);
        }
        while self.waiting >= self.size {
            self.receive().await;
        }
        let message = match identified(message, message_id) {
            Ok(message) => message,
            Err(error) => return self.refuse(error),
        };
        let (number, timer) = (self.outcomes.len(), Timer::start());
        let reply = format!("{}.{number}", self.inbox);
        match message.publish_with_reply(self.connection.client(), reply).await {
            Ok(()) => {
                self.outcomes.push(Outcome::Awaited(timer));
                self.sent.push_back((number, Instant::now()));
                self.waiting += 1;
            }
            Err(error) => self.refuse(error.into()),
        }
    }

    /// Waits for the next acknowledgement, or until the oldest one is overdue.
    async fn receive(&mut self) {
        while let Some((number, _)) = self.sent.front()
            && !matches!(self.outcomes.get(*number), Some(Outcome::Awaited(_)))
        {
            self.sent.pop_front();
        }
        let Some((oldest, since)) = self.sent.front().copied() else {
            self.waiting = 0;
            return;
        };
        match tokio::time::timeout_at(since + self.timeout(), self.answers.next()).await {
            Ok(Some(answer)) => self.hear(&answer),
            Ok(None) => self.note(oldest, Err(PersistErrorKind::Closed.into())),
            Err(_) => self.note(oldest, Err(PersistErrorKind::TimedOut.into())),
        }
    }

    fn hear(&mut self, answer: &async_nats::Message) {
        let number = answer.subject.rsplit('.').next().and_then(|number| number.parse().ok());
        if let Some(number) = number {
            self.note(number, acknowledged(answer, self.stream));
        }
    }

    fn note(&mut self, number: usize, stored: Result<PublishAck, PersistError>) {
        match self.outcomes.get_mut(number) {
            Some(Outcome::Awaited(timer)) => {
                timer.persisted(self.template, outcome(&stored));
                self.waiting = self.waiting.saturating_sub(1);
            }
            // Late is better than never: an acknowledgement that was given up may still come.
            Some(Outcome::Known(Err(_))) if stored.is_ok() => {}
            Some(Outcome::Known(_)) | None => return,
        }
        if let Some(place) = self.outcomes.get_mut(number) {
            *place = Outcome::Known(stored);
        }
    }

    fn timeout(&self) -> Duration {
        self.connection.request_timeout()
    }

    /// Waits for all acknowledgements.
    pub(crate) async fn finish(mut self) -> Result<Vec<PublishAck>, PersistAllError> {
        while self.waiting > 0 {
            self.receive().await;
        }
        let (mut stored, mut failed) = (Vec::new(), Vec::new());
        for (number, outcome) in self.outcomes.into_iter().enumerate() {
            match outcome {
                Outcome::Known(Ok(ack)) => stored.push((number, ack)),
                Outcome::Known(Err(error)) => failed.push((number, error)),
                Outcome::Awaited(_) => failed.push((number, PersistErrorKind::TimedOut.into())),
            }
        }
        PersistAllError { stored, failed }.into_result()
    }
}

/// Some messages of many are not known to be stored.
#[derive(Debug, Default)]
pub struct PersistAllError {
    stored: Vec<(usize, PublishAck)>,
    failed: Vec<(usize, PersistError)>,
}

impl PersistAllError {
    /// No message was sent.
    pub(crate) fn nothing_sent(error: PersistError) -> Self {
        Self {
            stored: Vec::new(),
            failed: vec![(0, error)],
        }
    }

    /// Adds what has become of the messages with these numbers, which ascend, and returns the numbers of those that may be tried again.
    pub(crate) fn note(&mut self, numbers: &[usize], round: Result<Vec<PublishAck>, Self>) -> Vec<usize> {
        self.failed.retain(|(number, _)| numbers.binary_search(number).is_err());
        let numbered = |place: usize| numbers.get(place).copied().unwrap_or(place);
        let round = match round {
            Ok(acks) => {
                self.stored.extend(numbers.iter().copied().zip(acks));
                return Vec::new();
            }
            Err(round) => round,
        };
        let stored = round.stored.into_iter();
        self.stored.extend(stored.map(|(place, ack)| (numbered(place), ack)));
        let passing = round.failed.iter().filter(|(_, error)| error.is_passing());
        let again = passing.map(|(place, _)| numbered(*place)).collect();
        let failed = round.failed.into_iter();
        self.failed
            .extend(failed.map(|(place, error)| (numbered(place), error)));
        again
    }

    /// The acknowledgements in order, if nothing has failed.
    pub(crate) fn into_result(mut self) -> Result<Vec<PublishAck>, Self> {
        self.stored.sort_by_key(|(number, _)| *number);
        self.failed.sort_by_key(|(number, _)| *number);
        if self.failed.is_empty() {
            Ok(self.stored.into_iter().map(|(_, ack)| ack).collect())
        } else {
            Err(self)
        }
    }

    /// The messages that are stored: their numbers in the order given, from 0 on, and what the stream says of them.
    #[must_use]
    pub fn stored(&self) -> &[(usize, PublishAck)] {
        &self.stored
    }

    /// The messages that are not known to be stored: their numbers in the order given, from 0 on, and why. There is at
    /// least one.
    #[must_use]
    pub fn failed(&self) -> &[(usize, PersistError)] {
        &self.failed
    }
}

impl fmt::Display for PersistAllError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (failed, all) = (self.failed.len(), self.failed.len() + self.stored.len());
        write!(f, "{failed} of {all} messages are not known to be stored")?;
        match self.failed.first() {
            Some((number, error)) => write!(f, "; the first is number {number}: {error}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for PersistAllError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.failed
            .first()
            .map(|(_, error)| error as &(dyn std::error::Error + 'static))
    }
}
