//! What is said once a contract.

use std::time::Duration;

use super::merge::Header;
use super::names;
use crate::contract::{ConnectionSettings, DateTimeType, Limits, RuntimeSource, RustTarget, ServerVersion};
use crate::diagnostics::{Diagnostic, Fix, Report};
use crate::rules::{contract as rules, syntax};
use crate::source::{Span, Spanned};
use crate::syntax::{ConnectionDecl, LimitsDecl, RuntimeDecl, RustDecl, Size, SubscribingDecl, Time};

/// The edition of the schema language that this natsmith reads.
const EDITION: u64 = 1;

/// How a version is written.
const VERSION_HELP: &str = "give it as `major.minor.patch`, such as `version: 1.0.0`";

/// The oldest server that natsmith's own runtime works with.
const OLDEST_SERVER: ServerVersion = ServerVersion { major: 2, minor: 10 };

/// A server that knows every setting, in the place of one that was said wrongly.
const NEWEST_SERVER: ServerVersion = ServerVersion {
    major: u16::MAX,
    minor: 0,
};

/// The parts of a contract that come from its header.
pub(super) struct Lowered {
    pub name: Spanned<String>,
    pub version: String,
    pub title: Option<String>,
    pub description: Option<String>,
    pub nats: ServerVersion,
    pub account: Option<Spanned<String>>,
    pub rust: RustTarget,
    pub connection: ConnectionSettings,
    pub limits: Limits,
}

pub(super) fn lower(header: &Header, all_read: bool, folder: Span, report: &mut Report) -> Option<Lowered> {
    let faulty = |key: &str| header.faulty.contains(&key);
    let Some(name) = header.contract.clone() else {
        if faulty("contract") || !all_read {
            return None;
        }
        let help = "start a file with `natsmith: 1`, `contract: my-contract` and `version: 0.1.0`";
        let diagnostic = Diagnostic::new(
            &rules::MISSING,
            folder,
            "no file of this folder declares a contract",
            "",
        )
        .with_help(help);
        report.push(diagnostic);
        return None;
    };
    if !faulty("natsmith") {
        edition(header.natsmith.as_ref(), name.span, report);
    }
    names::kebab_case(&name, "a contract", report);
    let version = match &header.version {
        None if faulty("version") => None,
        version => self::version(version.as_ref(), name.span, report),
    };
    let nats = match &header.nats {
        None if faulty("nats") => None,
        nats => self::nats(nats.as_ref(), report),
    };
    let account = header.account.clone();
    let account = account.filter(|name| names::asset_name(name, "an account", report));
    let rust = rust(header.rust.as_ref().map(|rust| &rust.value), &name, report);
    Some(Lowered {
        // What stands in for something faulty is never generated from; it lets the other faults be found.
        version: version.unwrap_or_else(|| "0.0.0".to_owned()),
        title: text(header.title.as_ref()),
        description: text(header.description.as_ref()),
        nats: nats.unwrap_or(NEWEST_SERVER),
        account,
        rust,
        connection: connection(
            header.connection.as_ref().map(|value| &value.value),
            header.subscribing.as_ref().map(|value| &value.value),
        ),
        limits: header
            .limits
            .as_ref()
            .map(|limits| self::limits(limits))
            .unwrap_or_default(),
        name,
    })
}

fn edition(edition: Option<&Spanned<u64>>, name: Span, report: &mut Report) {
    let diagnostic = match edition {
        Some(edition) if edition.value == EDITION => return,
        Some(edition) => {
            let message = format!("edition {} of the schema language is not known", edition.value);
            Diagnostic::new(&rules::EDITION, edition.span, message, "")
        }
        None => Diagnostic::new(
            &rules::EDITION,
            name,
            "the edition of the schema language is missing",
            "",
        )
        .with_fix(Fix::new(format!("add `natsmith: {EDITION}`")).add_before(
            name,
            "natsmith",
            EDITION.to_string(),
        )),
    };
    report.push(diagnostic.with_help(format!("this natsmith reads `natsmith: {EDITION}`")));
}

fn version(version: Option<&Spanned<String>>, name: Span, report: &mut Report) -> Option<String> {
    let Some(version) = version else {
        let diagnostic = Diagnostic::new(&syntax::MISSING_KEY, name, "`version` is missing", "beside this");
        report.push(diagnostic.with_help(VERSION_HELP));
        return None;
    };
    semantic_version(version, report)
}

/// A version as `major.minor.patch`; anything else is reported.
pub(super) fn semantic_version(version: &Spanned<String>, report: &mut Report) -> Option<String> {
    let mut numbers = version.split('.');
    let good = numbers.by_ref().take(3).filter(|number| is_number(number)).count() == 3 && numbers.next().is_none();
    if !good {
        let message = format!("expected a version, found `{}`", version.value);
        report.push(Diagnostic::new(&rules::VERSION, version.span, message, "").with_help(VERSION_HELP));
        return None;
    }
    Some(version.value.clone())
}

/// Decimal digits without a leading zero.
fn is_number(text: &str) -> bool {
    text == "0" || (!text.is_empty() && !text.starts_with('0') && text.parse::<u32>().is_ok() && !text.starts_with('+'))
}

fn nats(requirement: Option<&Spanned<String>>, report: &mut Report) -> Option<ServerVersion> {
    let Some(requirement) = requirement else {
        return Some(OLDEST_SERVER);
    };
    let parsed = requirement.strip_prefix(">=").and_then(|version| {
        let (major, minor) = version.trim().split_once('.')?;
        Some(ServerVersion {
            major: major.parse().ok()?,
            minor: minor.split('.').next()?.parse().ok()?,
        })
    });
    let fault = match parsed {
        None => format!("expected the oldest server as `>=2.11`, found `{}`", requirement.value),
        Some(version) if version < OLDEST_SERVER => format!("server {version} is older than natsmith supports"),
        Some(version) => return Some(version),
    };
    let help = format!("write `nats: \">={OLDEST_SERVER}\"` or a newer version");
    report.push(Diagnostic::new(&rules::VERSION, requirement.span, fault, "").with_help(help));
    None
}

fn rust(declared: Option<&RustDecl>, contract: &Spanned<String>, report: &mut Report) -> RustTarget {
    let crate_name = declared.and_then(|rust| rust.crate_name.as_ref());
    if let Some(name) = crate_name {
        names::kebab_case(name, "a crate", report);
    }
    let output = declared.and_then(|rust| text(rust.output.as_ref()));
    let runtime = declared.and_then(|rust| rust.runtime.as_ref());
    RustTarget {
        crate_name: crate_name.unwrap_or(contract).value.clone(),
        output: output.unwrap_or_else(|| format!("../../generated/{}", contract.value)),
        runtime: runtime
            .and_then(|runtime| self::runtime(runtime, report))
            .unwrap_or_else(|| RuntimeSource::Version(env!("CARGO_PKG_VERSION").to_owned())),
        borrowed: declared.map(|rust| rust.borrowed.clone()).unwrap_or_default(),
        keep_unknown: declared.map(|rust| rust.keep_unknown.clone()).unwrap_or_default(),
        date_time: choice(declared.and_then(|rust| rust.date_time.as_ref()), &DATE_TIMES, report),
        uuid_as_text: choice(declared.and_then(|rust| rust.uuid.as_ref()), &UUIDS, report),
    }
}

/// What `rust: date_time:` can be.
const DATE_TIMES: [(&str, DateTimeType); 4] = [
    ("chrono", DateTimeType::Chrono),
    ("jiff", DateTimeType::Jiff),
    ("time", DateTimeType::Time),
    ("string", DateTimeType::Text),
];

/// What `rust: uuid:` can be: whether it is text.
const UUIDS: [(&str, bool); 2] = [("uuid", false), ("string", true)];

fn choice<T: Copy + Default>(declared: Option<&Spanned<String>>, choices: &[(&str, T)], report: &mut Report) -> T {
    let Some(declared) = declared else {
        return T::default();
    };
    if let Some((_, chosen)) = choices.iter().find(|(word, _)| *word == declared.value) {
        return *chosen;
    }
    let words: Vec<String> = choices.iter().map(|(word, _)| format!("`{word}`")).collect();
    let message = format!("expected one of {}, found `{}`", words.join(", "), declared.value);
    report.push(Diagnostic::new(&syntax::VALUE, declared.span, message, "").with_help("take one of these words"));
    T::default()
}

fn runtime(declared: &Spanned<RuntimeDecl>, report: &mut Report) -> Option<RuntimeSource> {
    let source = match (
        text(declared.version.as_ref()),
        text(declared.path.as_ref()),
        text(declared.git.as_ref()),
    ) {
        (Some(version), None, None) if declared.rev.is_none() => Some(RuntimeSource::Version(version)),
        (None, Some(path), None) if declared.rev.is_none() => Some(RuntimeSource::Path(path)),
        (None, None, Some(url)) => Some(RuntimeSource::Git {
            url,
            rev: text(declared.rev.as_ref()),
        }),
        _ => None,
    };
    if source.is_none() {
        let message = "`runtime` comes from exactly one place";
        let diagnostic = Diagnostic::new(&syntax::VALUE, declared.span, message, "")
            .with_help("say `version`, or `path`, or `git` with an optional `rev`");
        report.push(diagnostic);
    }
    source
}

fn connection(declared: Option<&ConnectionDecl>, subscribing: Option<&SubscribingDecl>) -> ConnectionSettings {
    let settings = declared.map(|declared| ConnectionSettings {
        ping_interval: duration(declared.ping_interval.as_ref()),
        max_reconnects: declared.max_reconnects.as_ref().map(|count| count.value),
        reconnect_delay: duration(declared.reconnect_delay.as_ref()),
        max_reconnect_delay: duration(declared.max_reconnect_delay.as_ref()),
        connection_timeout: duration(declared.connection_timeout.as_ref()),
        request_timeout: duration(declared.request_timeout.as_ref()),
        flush_timeout: duration(declared.flush_timeout.as_ref()),
        max_pending_messages: declared.max_pending_messages.as_ref().map(|count| count.value),
        subscription_pending_messages: None,
    });
    ConnectionSettings {
        subscription_pending_messages: subscribing
            .and_then(|declared| declared.max_pending_messages.as_ref())
            .map(|count| count.value),
        ..settings.unwrap_or_default()
    }
}

fn limits(declared: &LimitsDecl) -> Limits {
    let bytes = |size: &Option<Spanned<Size>>| size.as_ref().map(|size| Spanned::new(size.value.0, size.span));
    Limits {
        max_memory: bytes(&declared.max_memory),
        max_storage: bytes(&declared.max_storage),
        max_streams: declared.max_streams.clone(),
        max_consumers: declared.max_consumers.clone(),
        max_connections: declared.max_connections.clone(),
        max_subscriptions: declared.max_subscriptions.clone(),
        max_payload: bytes(&declared.max_payload),
    }
}

fn duration(time: Option<&Spanned<Time>>) -> Option<Duration> {
    time.map(|time| time.value.0)
}

fn text(text: Option<&Spanned<String>>) -> Option<String> {
    text.map(|text| text.value.clone())
}
