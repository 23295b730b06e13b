//! Streams, consumers and profiles.

use indexmap::IndexMap;

use super::{names, subjects};
use crate::contract::settings::Settings;
use crate::contract::{Capture, Consumer, OnInvalid, Profile, Stream, Subject};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::contract as rules;
use crate::source::Spanned;
use crate::syntax::{ConsumerDecl, ProfileDecl, StreamDecl, SubjectRef};

/// What the server lets a stream or consumer be called, and what natsmith can turn into a name in Rust.
const ASSET_NAME_HELP: &str = "start with a letter; use a to z, A to Z, 0 to 9, `_` and `-`";

pub(super) fn streams(
    declared: Vec<(Spanned<String>, StreamDecl)>,
    known: &IndexMap<String, Subject>,
    report: &mut Report,
) -> IndexMap<String, Stream> {
    let mut streams = IndexMap::new();
    for (name, declared) in declared {
        let named = asset_name(&name, "a stream", report);
        let captured = captures(declared.subjects, known, report);
        let mut consumers = IndexMap::new();
        for (name, consumer) in declared.consumers.0 {
            if let Some(consumer) = self::consumer(name, consumer, known, report) {
                consumers.insert(consumer.name.value.clone(), consumer);
            }
        }
        if named {
            let lowered = Stream {
                summary: declared.summary.map(|text| text.value),
                subjects: captured,
                settings: declared.settings,
                consumers,
                name,
            };
            streams.insert(lowered.name.value.clone(), lowered);
        }
    }
    streams
}

fn consumer(
    name: Spanned<String>,
    declared: ConsumerDecl,
    known: &IndexMap<String, Subject>,
    report: &mut Report,
) -> Option<Consumer> {
    let named = asset_name(&name, "a consumer", report);
    let filters = captures(declared.filter, known, report);
    named.then(|| Consumer {
        name,
        summary: declared.summary.map(|text| text.value),
        filters,
        on_invalid: match declared.on_invalid {
            Some("nak") => OnInvalid::Nak,
            _ => OnInvalid::Term,
        },
        settings: declared.settings,
    })
}

fn captures(declared: Vec<SubjectRef>, known: &IndexMap<String, Subject>, report: &mut Report) -> Vec<Capture> {
    let captures = declared.into_iter().filter_map(|declared| match declared {
        SubjectRef::Filter(text) => subjects::filter(&text, report).then(|| Capture {
            filter: text.value,
            subject: None,
            span: text.span,
        }),
        SubjectRef::Name(name) => {
            let Some(subject) = known.get(&name.value) else {
                let mut diagnostic = names::unknown(
                    &name,
                    known.keys().map(String::as_str),
                    "subject",
                    &rules::UNKNOWN_SUBJECT,
                );
                if name.contains(['*', '>']) {
                    diagnostic.help = Some(format!("a filter is written as `{{ filter: \"{}\" }}`", name.value));
                }
                report.push(diagnostic);
                return None;
            };
            Some(Capture {
                filter: subject.template.wildcard(),
                subject: Some(name.value),
                span: name.span,
            })
        }
    });
    captures.collect()
}

fn asset_name(name: &Spanned<String>, what: &str, report: &mut Report) -> bool {
    let good = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if !good {
        let message = format!("`{}` cannot name {what} on the server", name.value);
        report.push(Diagnostic::new(&rules::NAME, name.span, message, "").with_help(ASSET_NAME_HELP));
    }
    good
}

pub(super) fn profiles(
    declared: Vec<(Spanned<String>, ProfileDecl)>,
    streams: &IndexMap<String, Stream>,
    report: &mut Report,
) -> IndexMap<String, Profile> {
    let consumers: IndexMap<String, ()> = streams
        .values()
        .flat_map(|stream| stream.consumers.keys())
        .map(|name| (name.clone(), ()))
        .collect();
    let mut profiles = IndexMap::new();
    for (name, declared) in declared {
        let named = names::snake_case(&name, "a profile", report);
        let mut checked = |overrides: Vec<(Spanned<String>, Settings)>, known: &dyn Fn(&str) -> bool, what: &str| {
            let mut settings = IndexMap::new();
            for (asset, values) in overrides {
                if asset.value == "*" || known(&asset) {
                    settings.insert(asset.value, values);
                } else {
                    let message = format!("no {what} is named `{}`", asset.value);
                    let diagnostic = Diagnostic::new(&rules::UNKNOWN_ASSET, asset.span, message, "")
                        .with_help(format!("name a {what} of this contract, or `\"*\"` for every one"));
                    report.push(diagnostic);
                }
            }
            settings
        };
        let stream_overrides = declared
            .streams
            .0
            .into_iter()
            .map(|(name, value)| (name, value.0))
            .collect();
        let consumer_overrides = declared
            .consumers
            .0
            .into_iter()
            .map(|(name, value)| (name, value.0))
            .collect();
        let lowered = Profile {
            streams: checked(stream_overrides, &|name| streams.contains_key(name), "stream"),
            consumers: checked(consumer_overrides, &|name| consumers.contains_key(name), "consumer"),
            description: declared.description.map(|text| text.value),
            name,
        };
        if named {
            profiles.insert(lowered.name.value.clone(), lowered);
        }
    }
    profiles
}
