//! What streams copy from each other, rename and publish again: it comes from somewhere, and it does not come back.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::findings::{Findings, of_streams};
use super::mapping;
use crate::contract::settings::SettingValue;
use crate::contract::{Contract, Provisioned};
use crate::diagnostics::{Diagnostic, Report, Rule};
use crate::rules::stream as rules;
use crate::source::Span;
use crate::subject::overlap;

pub(super) fn check(contract: &Contract, report: &mut Report) {
    of_streams(contract, report, |stream, findings| {
        mirror(stream, findings);
        sources(stream, findings);
        republish(stream, findings);
        transform(stream, findings);
        renamed_filters(stream, findings);
    });
    let mut findings = Findings::new(report);
    for profile in contract.every_profile() {
        let provisioned = contract.provisioned(profile);
        let streams: HashMap<&str, &Provisioned<'_>> = provisioned
            .iter()
            .map(|stream| (stream.stream.name.value.as_str(), stream))
            .collect();
        for stream in &provisioned {
            copies_something(stream, &streams, &mut findings);
        }
        circles(&provisioned, &streams, &mut findings);
    }
}

/// A stream that another one copies from.
struct Origin<'s> {
    setting: &'s SettingValue,
    value: &'s Value,
    mirrored: bool,
}

impl Origin<'_> {
    fn name(&self) -> &str {
        self.value.get("name").and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether it is in another account or domain.
    fn is_elsewhere(&self) -> bool {
        self.value.get("external").is_some()
    }

    /// What is copied, and what it is then called.
    fn parts(&self) -> Vec<(String, String)> {
        let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or(">").to_owned();
        let transforms = self.value.get("subject_transforms").and_then(Value::as_array);
        if let Some(transforms) = transforms.filter(|transforms| !transforms.is_empty()) {
            let parts = transforms
                .iter()
                .map(|transform| (text(transform, "src"), mapping::filter(&text(transform, "dest"))));
            return parts.collect();
        }
        let filter = text(self.value, "filter_subject");
        vec![(filter.clone(), filter)]
    }
}

fn origins<'s>(stream: &'s Provisioned<'_>) -> Vec<Origin<'s>> {
    let mirror = stream.settings.get("mirror").map(|setting| Origin {
        setting,
        value: &setting.wire,
        mirrored: true,
    });
    let sources = stream.settings.get("sources").into_iter().flat_map(|setting| {
        let values = setting.wire.as_array().into_iter().flatten();
        values.map(move |value| Origin {
            setting,
            value,
            mirrored: false,
        })
    });
    mirror.into_iter().chain(sources).collect()
}

/// The names of the streams that a stream copies from in its own account, and where they are said.
pub(super) fn named_origins(stream: &Provisioned<'_>) -> Vec<(String, Span)> {
    let origins = origins(stream);
    let here = origins.iter().filter(|origin| !origin.is_elsewhere());
    here.map(|origin| (origin.name().to_owned(), origin.setting.span))
        .collect()
}

fn refused(rule: &'static Rule, place: Span, message: impl Into<String>, code: u32) -> Diagnostic {
    let text = format!("the server refuses this (error {code})");
    Diagnostic::new(rule, place, message, text)
}

/// A mirror is a copy, and nothing beside.
fn mirror(stream: &Provisioned<'_>, findings: &mut Findings<'_>) {
    let (settings, name) = (&stream.settings, &stream.stream.name);
    let Some(mirror) = settings.get("mirror") else {
        if let Some(direct) = settings.flag("mirror_direct") {
            let message = format!("`{}` is no mirror", name.value);
            let help = "remove `mirror_direct`; a stream itself answers with `allow_direct`";
            findings.push(refused(&rules::MIRROR, direct.span, message, 10052).with_help(help));
        }
        return;
    };
    let set = |key: &str| settings.get(key).filter(|value| value.wire != 0);
    let subjects = stream.stream.subjects.first().map(|capture| (capture.span, 10034));
    let others = [
        (settings.get("sources"), 10031),
        (set("first_seq"), 10143),
        (settings.flag("allow_msg_counter"), 10173),
        (settings.flag("allow_msg_schedules"), 10186),
        (settings.flag("allow_atomic"), 10198),
        (settings.flag("allow_batched"), 10209),
        (set("subject_delete_marker_ttl"), 10052),
    ];
    let others = others
        .into_iter()
        .filter_map(|(value, code)| Some((value?.key_span, code)));
    for (place, code) in subjects.into_iter().chain(others) {
        let message = format!("the mirror `{}` is a copy, and takes nothing of its own", name.value);
        let diagnostic = refused(&rules::MIRROR, place, message, code)
            .with_label(mirror.span, "the mirror")
            .with_help("remove it, or copy with `sources`, which leaves room for more");
        findings.push(diagnostic);
    }
    for origin in origins(stream).iter().filter(|origin| origin.mirrored) {
        parts(origin, (10154, 10150, 10152), &rules::MIRROR, findings);
    }
}

/// The server refuses to copy the same thing twice (error 10140).
fn sources(stream: &Provisioned<'_>, findings: &mut Findings<'_>) {
    let mut known = HashSet::new();
    for origin in origins(stream).iter().filter(|origin| !origin.mirrored) {
        parts(origin, (10146, 10144, 10147), &rules::SOURCES, findings);
        let same = format!(
            "{} {:?} {:?}",
            origin.name(),
            origin.value.get("external"),
            origin.parts()
        );
        if !known.insert(same) {
            let message = format!(
                "`{}` copies the same of `{}` twice",
                stream.stream.name.value,
                origin.name()
            );
            let help = "remove one of them, or give them other filters";
            findings.push(refused(&rules::SOURCES, origin.setting.span, message, 10140).with_help(help));
        }
    }
    if let (Some(schedules), Some(sources)) = (
        stream.settings.flag("allow_msg_schedules"),
        stream.settings.get("sources"),
    ) {
        let message = format!("`{}` copies messages and schedules its own", stream.stream.name.value);
        let diagnostic = refused(&rules::SOURCES, schedules.span, message, 10187)
            .with_label(sources.span, "what it copies")
            .with_help("schedule messages in a stream of their own");
        findings.push(diagnostic);
    }
}

/// The server refuses a renaming that is none, one beside a filter, and two of one subject.
fn parts(origin: &Origin<'_>, codes: (u32, u32, u32), rule: &'static Rule, findings: &mut Findings<'_>) {
    let place = origin.setting.span;
    let transforms = origin.value.get("subject_transforms").and_then(Value::as_array);
    let Some(transforms) = transforms.filter(|transforms| !transforms.is_empty()) else {
        return;
    };
    if origin.value.get("filter_subject").is_some() {
        let message = format!("what is copied of `{}` is said twice", origin.name());
        let help = "remove `filter_subject`: `subject_transforms` say what is copied";
        findings.push(refused(rule, place, message, codes.1).with_help(help));
    }
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    for (index, transform) in transforms.iter().enumerate() {
        let (src, dest) = (text(transform, "src"), text(transform, "dest"));
        if let Some(fault) = mapping::fault(&src, &dest) {
            let message = format!("`{src}` cannot become `{dest}`: {fault}");
            findings.push(refused(rule, place, message, codes.0).with_help(mapping::HELP));
        }
        let mut earlier = transforms.iter().take(index).map(|earlier| text(earlier, "src"));
        if let Some(earlier) = earlier.find(|earlier| overlap(earlier, &src)) {
            let message = format!("`{earlier}` and `{src}` rename the same subject");
            let help = "let them apart: one subject gets one name";
            findings.push(refused(rule, place, message, codes.2).with_help(help));
        }
    }
}

/// A part of a setting that is a text, with the server's own default.
fn part<'v>(setting: &'v SettingValue, key: &str) -> &'v str {
    let text = setting.wire.get(key).and_then(Value::as_str);
    text.filter(|text| !text.is_empty()).unwrap_or(">")
}

/// What is published again does not come back to the stream, which the server refuses (error 10052).
fn republish(stream: &Provisioned<'_>, findings: &mut Findings<'_>) {
    let Some(republish) = stream.settings.get("republish") else {
        return;
    };
    let (src, dest) = (part(republish, "src"), part(republish, "dest"));
    let name = &stream.stream.name;
    if let Some(fault) = mapping::fault(src, dest) {
        let message = format!("`{src}` cannot become `{dest}`: {fault}");
        findings.push(refused(&rules::REPUBLISH, republish.span, message, 10052).with_help(mapping::HELP));
        return;
    }
    let target = mapping::filter(dest);
    if let Some(capture) = stream
        .stream
        .subjects
        .iter()
        .find(|capture| overlap(&capture.filter, &target))
    {
        let message = format!("what `{}` publishes again comes back to it", name.value);
        let diagnostic = refused(&rules::REPUBLISH, republish.span, message, 10052)
            .with_label(capture.span, format!("captures `{}`", capture.filter))
            .with_help("publish it to subjects that the stream does not capture");
        findings.push(diagnostic);
        return;
    }
    let kept = stored(stream);
    if !kept.is_empty() && kept.iter().all(|filter| !overlap(filter, src)) {
        let message = format!("`{}` stores no subject of `{src}`", name.value);
        let text = "nothing is ever published again";
        let diagnostic = Diagnostic::new(&rules::REPUBLISH, republish.span, message, text)
            .with_label(name.span, "the stream")
            .with_help("name subjects that the stream stores, or leave `src` out for all of them");
        findings.push(diagnostic);
    }
}

/// The subjects under which a stream stores what it captures: renamed, where it renames. What it copies comes with names of
/// its own.
fn stored(stream: &Provisioned<'_>) -> Vec<String> {
    if !origins(stream).is_empty() {
        return Vec::new();
    }
    let captured = stream.stream.subjects.iter().map(|capture| capture.filter.clone());
    let renamed = stream.settings.get("subject_transform");
    let renamed = renamed.map(|transform| mapping::filter(part(transform, "dest")));
    captured.chain(renamed).collect()
}

/// The server refuses a renaming that is none (error 10156), and is silent about one that never happens.
fn transform(stream: &Provisioned<'_>, findings: &mut Findings<'_>) {
    let Some(transform) = stream.settings.get("subject_transform") else {
        return;
    };
    let (src, dest) = (part(transform, "src"), part(transform, "dest"));
    if let Some(fault) = mapping::fault(src, dest) {
        let message = format!("`{src}` cannot become `{dest}`: {fault}");
        findings.push(refused(&rules::TRANSFORM, transform.span, message, 10156).with_help(mapping::HELP));
        return;
    }
    let captured = &stream.stream.subjects;
    if !captured.is_empty() && captured.iter().all(|capture| !overlap(&capture.filter, src)) {
        let name = &stream.stream.name;
        let message = format!("`{}` captures no subject of `{src}`", name.value);
        let diagnostic = Diagnostic::new(&rules::TRANSFORM, transform.span, message, "nothing is ever renamed")
            .with_label(name.span, "the stream")
            .with_help("name subjects that the stream captures");
        findings.push(diagnostic);
    }
}

/// A consumer hears subjects as they are stored.
fn renamed_filters(stream: &Provisioned<'_>, findings: &mut Findings<'_>) {
    let Some(transform) = stream.settings.get("subject_transform") else {
        return;
    };
    let (src, dest) = (part(transform, "src"), part(transform, "dest"));
    let target = mapping::filter(dest);
    for consumer in &stream.consumers {
        let filters = consumer.consumer.filters.iter();
        for filter in filters.filter(|filter| crate::subject::contains(src, &filter.filter)) {
            if overlap(&target, &filter.filter) {
                continue;
            }
            let message = format!("`{}` has another name before it is stored", filter.filter);
            let text = "the server accepts it and delivers nothing";
            let diagnostic = Diagnostic::new(&rules::RENAMED_FILTER, filter.span, message, text)
                .with_label(transform.span, format!("renamed to `{target}`"))
                .with_help(format!("filter what it becomes: `{{ filter: \"{target}\" }}`"));
            findings.push(diagnostic);
        }
    }
}

/// A filter that the origin never holds copies nothing, and the server says nothing.
fn copies_something(stream: &Provisioned<'_>, streams: &HashMap<&str, &Provisioned<'_>>, findings: &mut Findings<'_>) {
    for origin in origins(stream).iter().filter(|origin| !origin.is_elsewhere()) {
        let Some(other) = streams.get(origin.name()) else {
            continue;
        };
        let kept = stored(other);
        if kept.is_empty() {
            continue;
        }
        for (filter, _) in origin.parts() {
            if kept.iter().all(|stored| !overlap(stored, &filter)) {
                let message = format!("`{}` holds nothing of `{filter}`", origin.name());
                let text = "the server accepts it and copies nothing";
                let diagnostic = Diagnostic::new(&rules::COPIES_NOTHING, origin.setting.span, message, text)
                    .with_label(other.stream.name.span, "the stream that is copied from")
                    .with_help("name subjects that it stores, or leave the filter out for all of them");
                findings.push(diagnostic);
            }
        }
    }
}

/// A way that messages go from one stream to another.
struct Flow<'s> {
    from: &'s str,
    to: &'s str,
    /// What goes this way, as it is stored where it comes from.
    takes: String,
    /// What it is called where it arrives.
    brings: String,
    place: Span,
    kind: FlowKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FlowKind {
    Mirror,
    Source,
    Republish,
}

fn flows<'s>(provisioned: &'s [Provisioned<'_>], streams: &HashMap<&str, &'s Provisioned<'_>>) -> Vec<Flow<'s>> {
    let mut flows = Vec::new();
    for stream in provisioned {
        let to = stream.stream.name.value.as_str();
        for origin in origins(stream).iter().filter(|origin| !origin.is_elsewhere()) {
            let Some(from) = streams.get(origin.name()) else {
                continue;
            };
            for (takes, brings) in origin.parts() {
                flows.push(Flow {
                    from: &from.stream.name.value,
                    to,
                    takes,
                    brings,
                    place: origin.setting.span,
                    kind: if origin.mirrored {
                        FlowKind::Mirror
                    } else {
                        FlowKind::Source
                    },
                });
            }
        }
        if let Some(republish) = stream.settings.get("republish") {
            let brings = mapping::filter(part(republish, "dest"));
            let hears = |other: &&Provisioned<'_>| {
                let mut captures = other.stream.subjects.iter();
                other.stream.name.value != to && captures.any(|capture| overlap(&capture.filter, &brings))
            };
            for other in provisioned.iter().filter(hears) {
                flows.push(Flow {
                    from: to,
                    to: &other.stream.name.value,
                    takes: part(republish, "src").to_owned(),
                    brings: brings.clone(),
                    place: republish.span,
                    kind: FlowKind::Republish,
                });
            }
        }
    }
    flows
}

/// Whether what came one way goes on another.
fn goes_on(first: &Flow<'_>, second: &Flow<'_>) -> bool {
    // The server publishes again what a stream has captured or mirrors, and not what it has from `sources`.
    let heard = first.kind != FlowKind::Source || second.kind != FlowKind::Republish;
    first.to == second.from && heard && overlap(&first.brings, &second.takes)
}

/// Streams that copy from each other are refused (error 10052); where one publishes again, a message goes round for ever.
fn circles(provisioned: &[Provisioned<'_>], streams: &HashMap<&str, &Provisioned<'_>>, findings: &mut Findings<'_>) {
    let flows = flows(provisioned, streams);
    let mut leaving: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, flow) in flows.iter().enumerate() {
        leaving.entry(flow.from).or_default().push(index);
    }
    let next = |index: usize| -> Vec<usize> {
        let Some(flow) = flows.get(index) else {
            return Vec::new();
        };
        let ways = leaving.get(flow.to).into_iter().flatten().copied();
        ways.filter(|way| flows.get(*way).is_some_and(|second| goes_on(flow, second)))
            .collect()
    };
    for circle in super::circles::circles(flows.len(), next) {
        let ways: Vec<&Flow<'_>> = circle.iter().filter_map(|index| flows.get(*index)).collect();
        let Some((last, others)) = ways.split_last() else {
            continue;
        };
        let names: Vec<&str> = ways.iter().map(|way| way.from).collect();
        let names = names.join("`, `");
        let mut diagnostic = if ways.iter().any(|way| way.kind == FlowKind::Republish) {
            let message = format!("a message goes round between `{names}` and never ends");
            Diagnostic::new(
                &rules::REPUBLISH_CIRCLE,
                last.place,
                message,
                "the server does not see it",
            )
        } else {
            let message = format!("`{names}` would copy what they have from each other");
            refused(&rules::COPY_CIRCLE, last.place, message, 10052)
        };
        for way in others {
            diagnostic = diagnostic.with_label(way.place, "and this");
        }
        findings.push(diagnostic.with_help("remove one of these, or let each take what the others do not bring"));
    }
}
