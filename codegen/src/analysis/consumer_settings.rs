//! Settings of consumers: the server takes them with those of the stream, and they do what they seem to do.

use super::findings::{Findings, of_consumers};
use crate::contract::payload::Format;
use crate::contract::settings::{SettingValue, Settings};
use crate::contract::{Consumer, Contract, OnInvalid, Provisioned, ProvisionedConsumer};
use crate::diagnostics::{Diagnostic, Fix, Report, Rule};
use crate::rules::stream as rules;
use crate::source::Span;
use crate::validator;
use crate::words::duration;

/// How long the server waits for an acknowledgement unless it is told otherwise, in nanoseconds.
const ACK_WAIT: u64 = 30_000_000_000;
/// The longest name of a priority group, in bytes.
const LONGEST_GROUP: usize = 16;

pub(super) fn check(contract: &Contract, report: &mut Report) {
    of_consumers(contract, report, |stream, consumer, findings| {
        let settings = &consumer.settings;
        start(consumer, findings);
        times(settings, findings);
        without_acknowledgement(stream, consumer, findings);
        over_stream_limit(stream, settings, findings);
        replicas(stream, settings, findings);
        priority(consumer, findings);
        sample(settings, findings);
        removed(stream, consumer, findings);
        outlives(stream, consumer, findings);
        without_end(consumer.consumer, settings, findings);
    });
}

/// A finding that the server has too.
fn refused(rule: &'static Rule, place: Span, message: impl Into<String>, code: u32) -> Diagnostic {
    let text = format!("the server refuses this (error {code})");
    Diagnostic::new(rule, place, message, text)
}

fn number(value: &SettingValue) -> Option<u64> {
    value.wire.as_u64()
}

/// The server refuses a start that is said twice or not at all (error 10094).
fn start(consumer: &ProvisionedConsumer<'_>, findings: &mut Findings<'_>) {
    const STARTS: [(&str, &str); 2] = [
        ("by_start_sequence", "opt_start_seq"),
        ("by_start_time", "opt_start_time"),
    ];
    let settings = &consumer.settings;
    let policy = settings.get("deliver_policy");
    let word = policy.and_then(|policy| policy.wire.as_str()).unwrap_or("all");
    for (needed_by, start) in STARTS {
        let said = settings.get(start).filter(|value| value.wire != 0);
        match (said, policy) {
            (None, Some(policy)) if word == needed_by => {
                let message = format!("`{word}` does not say where");
                let help = format!("add `{start}`");
                findings.push(refused(&rules::START, policy.span, message, 10094).with_help(help));
            }
            (Some(said), _) if word != needed_by => {
                let message = format!("`{start}` says where, and `deliver_policy: {word}` says otherwise");
                let help = format!("remove it, or use `deliver_policy: {needed_by}`");
                findings.push(refused(&rules::START, said.span, message, 10094).with_help(help));
            }
            _ => {}
        }
    }
    if let Some(policy) = policy.filter(|_| word == "last_per_subject" && consumer.consumer.filters.is_empty()) {
        let message = "`last_per_subject` does not say of which subjects";
        let help = "say what it delivers: `filter: [..]`";
        findings.push(refused(&rules::START, policy.span, message, 10094).with_help(help));
    }
}

/// The server reads moments as RFC 3339 and nothing else (error 10025).
fn times(settings: &Settings, findings: &mut Findings<'_>) {
    for name in ["opt_start_time", "pause_until"] {
        let Some(value) = settings.get(name) else { continue };
        let moment = value.wire.as_str().unwrap_or_default();
        if !validator::is_of_format(Format::DateTime, moment) {
            let message = format!("`{moment}` is no moment");
            let help = "write it as RFC 3339 has it: \"2026-01-31T12:00:00Z\"";
            findings.push(refused(&rules::START, value.span, message, 10025).with_help(help));
        }
    }
}

/// What waits for acknowledgements waits in vain where there are none.
fn without_acknowledgement(stream: &Provisioned<'_>, consumer: &ProvisionedConsumer<'_>, findings: &mut Findings<'_>) {
    let settings = &consumer.settings;
    let Some(policy) = settings.says("ack_policy", "none") else {
        return;
    };
    let name = &consumer.consumer.name.value;
    if let Some(retention) = stream.settings.says("retention", "interest") {
        let message = format!("a message is gone when it is given to `{name}`, whether it arrives or not");
        let diagnostic = Diagnostic::new(&rules::ACK_NONE, policy.span, message, "")
            .with_label(retention.span, "kept until all have acknowledged it")
            .with_help("use `ack_policy: explicit`");
        findings.push(diagnostic);
    }
    for ignored in ["ack_wait", "max_deliver", "backoff", "max_ack_pending"] {
        if let Some(value) = settings.get(ignored) {
            let message = format!("`{ignored}` does nothing: no delivery of `{name}` is acknowledged");
            let diagnostic = Diagnostic::new(&rules::ACK_NONE, value.key_span, message, "")
                .with_label(policy.span, "nothing is awaited")
                .with_help("remove it, or use `ack_policy: explicit`")
                .with_fix(Fix::new(format!("remove `{ignored}`, which does nothing")).remove(value.key_span));
            findings.push(diagnostic);
        }
    }
}

/// The server refuses a consumer beyond what its stream allows every one of them (errors 10121 and 10153).
fn over_stream_limit(stream: &Provisioned<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    let Some(limits) = stream.settings.get("consumer_limits") else {
        return;
    };
    for (name, code) in [("max_ack_pending", 10121), ("inactive_threshold", 10153)] {
        let most = limits.wire.get(name).and_then(serde_json::Value::as_u64);
        let (Some(most), Some(value)) = (most.filter(|most| *most > 0), settings.get(name)) else {
            continue;
        };
        if number(value).is_some_and(|wanted| wanted > most) {
            let message = format!("`{name}` is more than the stream allows its consumers");
            let diagnostic = refused(&rules::OVER_STREAM_LIMIT, value.span, message, code)
                .with_label(limits.span, "what it allows")
                .with_help("lower it, or raise the stream's `consumer_limits`");
            findings.push(diagnostic);
        }
    }
}

/// The server refuses a consumer on more servers than its stream (error 10126), and one on fewer where the stream goes by
/// what consumers have done (error 10134).
fn replicas(stream: &Provisioned<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    let Some(place) = settings.get("num_replicas") else {
        return;
    };
    let wanted = settings.limit("num_replicas");
    let has = stream.settings.limit("num_replicas").unwrap_or(1);
    let by_interest = ["interest", "workqueue"]
        .iter()
        .any(|word| stream.settings.says("retention", word).is_some());
    let (message, code) = match wanted {
        Some(wanted) if wanted > has => (format!("its stream is on {has} of these {wanted} servers"), 10126),
        Some(wanted) if wanted < has && by_interest => (
            format!("the stream goes by what its consumers have done, and keeps that on {has} servers"),
            10134,
        ),
        _ => return,
    };
    let diagnostic = refused(&rules::CONSUMER_REPLICAS, place.span, message, code)
        .with_label(stream.stream.name.span, "the stream")
        .with_help("leave it out: without it a consumer follows its stream");
    findings.push(diagnostic);
}

/// The server wants groups with a policy and a policy with groups (errors 10159 to 10162 and 10196).
fn priority(consumer: &ProvisionedConsumer<'_>, findings: &mut Findings<'_>) {
    let settings = &consumer.settings;
    let policy = settings.get("priority_policy").filter(|policy| policy.wire != "none");
    let groups = settings.get("priority_groups");
    let names = groups.and_then(|groups| groups.wire.as_array());
    let names: Vec<&str> = names.into_iter().flatten().filter_map(|name| name.as_str()).collect();
    let mut tell = |place: Span, message: &str, code: u32, help: &str| {
        findings.push(refused(&rules::PRIORITY, place, message, code).with_help(help));
    };
    match (policy, groups) {
        (Some(policy), _) if names.is_empty() => {
            let help = "add `priority_groups: [..]`";
            tell(policy.span, "nobody is in the groups that share the work", 10159, help);
        }
        (None, Some(groups)) if !names.is_empty() => {
            let help = "add `priority_policy`, one of `overflow`, `pinned_client` and `prioritized`";
            tell(groups.span, "nothing says how the groups share the work", 10196, help);
        }
        (Some(_), Some(groups)) => {
            let legal = |c: char| c.is_ascii_alphanumeric() || "-_/=".contains(c);
            if let Some(name) = names
                .iter()
                .find(|name| name.is_empty() || name.len() > LONGEST_GROUP || !name.chars().all(legal))
            {
                let message = format!("`{name}` cannot name a group");
                let help = "use up to 16 letters, digits, `-`, `_`, `/` and `=`";
                let code = if name.is_empty() { 10161 } else { 10162 };
                tell(groups.span, &message, code, help);
            } else if let Some(role) = consumer.consumer.consume.first() {
                let message = format!("the client of `{}` names no group", role.value);
                let text = "the server refuses each of its pull requests (status 400)";
                let diagnostic = Diagnostic::new(&rules::PRIORITY, groups.span, message, text)
                    .with_label(role.span, "works on what it delivers")
                    .with_help("remove `priority_groups` and `priority_policy`, or leave the consumer to programs that name a group");
                findings.push(diagnostic);
            }
        }
        _ => {}
    }
}

/// The server refuses a share that is not a whole number of percent (error 10095).
fn sample(settings: &Settings, findings: &mut Findings<'_>) {
    let Some(value) = settings.get("sample_freq") else {
        return;
    };
    let text = value.wire.as_str().unwrap_or_default();
    let share = text.strip_suffix('%').unwrap_or(text);
    if !text.is_empty() && share.parse::<u64>().is_err() {
        let message = format!("`{text}` is no share of the acknowledgements");
        let help = "write a whole number of percent: \"10%\"";
        findings.push(refused(&rules::SAMPLE_FREQ, value.span, message, 10095).with_help(help));
    }
}

/// A consumer that the server removes is not made again by those who work on it.
fn removed(stream: &Provisioned<'_>, consumer: &ProvisionedConsumer<'_>, findings: &mut Findings<'_>) {
    let own = consumer.settings.get("inactive_threshold");
    let limits = stream.settings.get("consumer_limits");
    let of_stream = limits.filter(|limits| {
        let threshold = limits.wire.get("inactive_threshold");
        threshold
            .and_then(serde_json::Value::as_u64)
            .is_some_and(|time| time > 0)
    });
    let own = own.filter(|value| number(value).is_some_and(|time| time > 0));
    let Some(threshold) = own.or(of_stream) else {
        return;
    };
    let name = &consumer.consumer.name.value;
    let message = format!("the server removes `{name}` with its place in the stream when nobody reads for a while");
    let mut diagnostic = Diagnostic::new(
        &rules::INACTIVE_THRESHOLD,
        threshold.span,
        message,
        "no client makes it again",
    );
    if let Some(retention) = stream.settings.says("retention", "interest") {
        diagnostic = diagnostic.with_label(retention.span, "and with it what only this consumer still wanted");
    }
    findings.push(diagnostic.with_help("remove it: what is provisioned is there to stay"));
}

/// A message that ages out before it comes again came once.
fn outlives(stream: &Provisioned<'_>, consumer: &ProvisionedConsumer<'_>, findings: &mut Findings<'_>) {
    let settings = &consumer.settings;
    let (Some(place), Some(age)) = (stream.settings.get("max_age"), stream.settings.limit("max_age")) else {
        return;
    };
    if settings.says("ack_policy", "none").is_some() {
        return;
    }
    let backoff = settings.get("backoff");
    let first = backoff.and_then(|backoff| backoff.wire.get(0)?.as_u64());
    let server = match (first, settings.limit("ack_wait")) {
        (Some(first), _) => (first, backoff.map(|backoff| backoff.span)),
        (None, Some(wait)) => (wait, settings.get("ack_wait").map(|wait| wait.span)),
        (None, None) => (ACK_WAIT, None),
    };
    let worker = consumer.consumer.work.backoff.as_ref().and_then(|backoff| {
        let first = backoff.value.first()?;
        Some((u64::try_from(first.as_nanos()).unwrap_or(u64::MAX), Some(backoff.span)))
    });
    for (wait, said) in std::iter::once(server).chain(worker).filter(|(wait, _)| *wait >= age) {
        let name = &consumer.consumer.name;
        let wait = duration(std::time::Duration::from_nanos(wait));
        let message = format!("a message of `{}` is gone before it comes a second time", name.value);
        let text = format!("comes again after {wait}");
        let diagnostic = Diagnostic::new(&rules::OUTLIVES, said.unwrap_or(name.span), message, text)
            .with_label(place.span, "the age that messages reach")
            .with_help("wait for less, or keep messages longer");
        findings.push(diagnostic);
    }
}

/// What nobody can work on comes for ever.
fn without_end(consumer: &Consumer, settings: &Settings, findings: &mut Findings<'_>) {
    let awaited = settings.says("ack_policy", "none").is_none();
    let bounded = settings.limit("max_deliver").is_some() || consumer.work.attempts.is_some();
    let slowed = settings.get("backoff").is_some();
    if !awaited || bounded || slowed {
        return;
    }
    let text = match consumer.on_invalid {
        OnInvalid::Nak => "also one that does not decode",
        OnInvalid::Term | OnInvalid::DeadLetter => "",
    };
    let message = format!(
        "a message that nobody can work on comes to `{}` for ever",
        consumer.name.value
    );
    let help = "say how often it is tried, `on_failure: { attempts: 5 }` or `max_deliver: 5`";
    findings.push(Diagnostic::new(&rules::WITHOUT_END, consumer.name.span, message, text).with_help(help));
}
