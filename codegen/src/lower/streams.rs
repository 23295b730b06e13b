//! Streams, consumers and profiles.

use indexmap::IndexMap;

use super::names::{self, Known, Scope};
use super::stores::Declared;
use super::{subjects, work};
use crate::contract::settings::Settings;
use crate::contract::{Capture, Consumer, Profile, Stream, Subject, dead_letters};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::{contract as rules, stream as stream_rules};
use crate::source::Spanned;
use crate::syntax::{ConsumerDecl, ProfileDecl, StreamDecl, SubjectRef};

pub(super) fn streams(
    declared: Vec<(Spanned<String>, StreamDecl)>,
    scope: &Known<'_, Subject>,
    roles: &Scope<'_>,
    known: &work::Streams<'_>,
    report: &mut Report,
) -> IndexMap<String, Stream> {
    let mut streams = IndexMap::new();
    let kept = work::dead_letter_streams(&declared);
    for (name, declared) in declared {
        let keeps_dead_letters = kept.contains(&name.value);
        captures_something(&name, &declared, keeps_dead_letters, report);
        let named = names::asset_name(&name, "a stream", report);
        let mut captured = captures(declared.subjects, scope, report);
        if keeps_dead_letters {
            captured.push(Capture {
                filter: dead_letters(&name),
                subject: None,
                span: name.span,
            });
        }
        let replay = roles.roles(declared.replay, report);
        let mut consumers = IndexMap::new();
        for (name, consumer) in declared.consumers.sound {
            if let Some(consumer) = self::consumer(name, consumer, scope, roles, known, report) {
                consumers.insert(consumer.name.value.clone(), consumer);
            }
        }
        if named {
            let lowered = Stream {
                summary: declared.summary.map(|text| text.value),
                subjects: captured,
                keeps_dead_letters,
                replay,
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
    scope: &Known<'_, Subject>,
    roles: &Scope<'_>,
    known: &work::Streams<'_>,
    report: &mut Report,
) -> Option<Consumer> {
    let named = names::asset_name(&name, "a consumer", report);
    let policy = work::policy(&declared, known, report);
    let filters = captures(declared.filter, scope, report);
    let consume = roles.roles(declared.consume, report);
    named.then(|| Consumer {
        name,
        summary: declared.summary.map(|text| text.value),
        filters,
        consume,
        on_invalid: policy.on_invalid,
        work: policy.work,
        dead_letter: policy.dead_letter,
        settings: declared.settings,
    })
}

fn captures(declared: Vec<SubjectRef>, scope: &Known<'_, Subject>, report: &mut Report) -> Vec<Capture> {
    declared
        .into_iter()
        .filter_map(|declared| capture(declared, scope, report))
        .collect()
}

fn capture(declared: SubjectRef, scope: &Known<'_, Subject>, report: &mut Report) -> Option<Capture> {
    let name = match declared {
        SubjectRef::Name(name) => name,
        SubjectRef::Filter(text) if subjects::filter(&text, subjects::REFUSED_ASSET, scope.sound, report) => {
            return Some(Capture {
                filter: text.value,
                subject: None,
                span: text.span,
            });
        }
        SubjectRef::Filter(_) => return None,
    };
    if let Some(subject) = scope.sound.get(&name.value) {
        return Some(Capture {
            filter: subject.template.wildcard(),
            subject: Some(name.value),
            span: name.span,
        });
    }
    // A subject that was declared with a fault has been reported.
    if scope.complete && !scope.declared.contains(&name.value) {
        let known = scope.declared.iter().map(String::as_str);
        let mut diagnostic = names::unknown(&name, known, "subject", &rules::UNKNOWN_SUBJECT);
        if name.contains(['*', '>']) {
            diagnostic.help = Some(format!("a filter is written as `{{ filter: \"{}\" }}`", name.value));
            diagnostic.fix = None;
        }
        report.push(diagnostic);
    }
    None
}

/// A stream without subjects is one that copies.
fn captures_something(name: &Spanned<String>, declared: &StreamDecl, keeps_dead_letters: bool, report: &mut Report) {
    let copies = ["mirror", "sources"]
        .iter()
        .any(|setting| declared.settings.get(setting).is_some());
    if declared.subjects.is_empty() && !copies && !keeps_dead_letters {
        let message = format!("the stream `{}` captures no subject", name.value);
        let help = "list its `subjects`, or say what it copies with `mirror` or `sources`";
        report.push(Diagnostic::new(&stream_rules::NO_SUBJECTS, name.span, message, "").with_help(help));
    }
}

pub(super) fn profiles(
    declared: Vec<(Spanned<String>, ProfileDecl)>,
    streams: &Known<'_, Stream>,
    stores: &Declared<'_>,
    report: &mut Report,
) -> IndexMap<String, Profile> {
    let consumers: IndexMap<String, ()> = streams
        .sound
        .values()
        .flat_map(|stream| stream.consumers.keys())
        .map(|name| (name.clone(), ()))
        .collect();
    // A consumer of a stream that could not be read may be the one that is meant.
    let all_read = streams.complete && streams.declared.len() == streams.sound.len();
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
            .sound
            .into_iter()
            .map(|(name, value)| (name, value.0))
            .collect();
        let consumer_overrides = declared
            .consumers
            .sound
            .into_iter()
            .map(|(name, value)| (name, value.0))
            .collect();
        let kv = declared.kv.sound.into_iter().map(|(name, value)| (name, value.0));
        let object_stores = declared.object_stores.sound.into_iter();
        let object_stores = object_stores.map(|(name, value)| (name, value.0));
        let lowered = Profile {
            kv: checked(kv.collect(), &|name| stores.has_bucket(name), "key-value bucket"),
            object_stores: checked(
                object_stores.collect(),
                &|name| stores.has_object_store(name),
                "object store",
            ),
            streams: checked(
                stream_overrides,
                &|name| !streams.complete || streams.declared.contains(name),
                "stream",
            ),
            consumers: checked(
                consumer_overrides,
                &|name| !all_read || consumers.contains_key(name),
                "consumer",
            ),
            description: declared.description.map(|text| text.value),
            name,
        };
        if named {
            profiles.insert(lowered.name.value.clone(), lowered);
        }
    }
    profiles
}
