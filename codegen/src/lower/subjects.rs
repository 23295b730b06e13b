//! Tokens, subjects and named subscriptions.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use indexmap::{IndexMap, IndexSet};

use super::messages;
use super::names::{self, Scope};
use super::{answers, pattern};
use crate::contract::{Segment, Subject, Subscription, Template, Token, closest_to};
use crate::diagnostics::{Diagnostic, Fix, Report};
use crate::rules::{contract as names_rules, subject as rules};
use crate::source::Spanned;
use crate::subject::{Fault, check_filter};
use crate::syntax::{SubjectDecl, SubscriptionDecl, TokenDecl};
use crate::words::mistyped;

/// `templates` are all that are declared; `all_templates` says whether each of them could be read.
pub(super) fn tokens(
    declared: Vec<(Spanned<String>, TokenDecl)>,
    templates: &[String],
    all_templates: bool,
    report: &mut Report,
) -> IndexMap<String, Token> {
    let aliased: HashSet<String> = declared
        .iter()
        .filter_map(|(_, token)| Some(token.same_as.as_ref()?.value.clone()))
        .collect();
    let places = places(templates);
    let mut tokens: IndexMap<String, Token> = IndexMap::new();
    for (name, token) in declared {
        let (place, tail_place) = (format!("{{{}}}", name.value), format!("{{{}>}}", name.value));
        let (single, tail) = (places.get(place.as_str()), places.get(tail_place.as_str()));
        // A subject that could not be read may be the one that uses it.
        let named = aliased.contains(&name.value);
        if all_templates && !named && single.is_none() && tail.is_none() {
            let message = format!("no subject uses the token `{}`", name.value);
            let help = "remove it, or use it in a template in braces";
            report.push(Diagnostic::new(&rules::TOKEN_UNUSED, name.span, message, "").with_help(help));
        }
        if let (Some(single), Some(tail)) = (single, tail) {
            let message = format!("`{}` is one token in `{single}` and several in `{tail}`", name.value);
            let help = "declare two tokens: a value of one could not stand where the other does";
            report.push(Diagnostic::new(&rules::TOKEN_TAIL, name.span, message, "").with_help(help));
        }
        if let (Some(members), Some(tail)) = (&token.members, tail) {
            let message = format!("`{}` has an enum and takes all that follows in `{tail}`", name.value);
            let help = format!("write `{place}` where it is one token, or describe what follows by a `pattern`");
            report.push(Diagnostic::new(&rules::TOKEN_TAIL, members.span, message, "").with_help(help));
        }
        if names::snake_case(&name, "a token", report) {
            let lowered = Token {
                tail: tail.is_some(),
                description: token.description.map(|text| text.value),
                pattern: token.pattern,
                members: token.members,
                example: token.example,
                same_as: token.same_as,
                texts: OnceLock::new(),
                name,
            };
            tokens.insert(lowered.name.value.clone(), lowered);
        }
    }
    resolve_aliases(&mut tokens, &places, report);
    tokens
}

/// The tokens of templates with their braces, each with the first template that has it.
fn places(templates: &[String]) -> HashMap<&str, &str> {
    let mut places = HashMap::new();
    for template in templates {
        for (start, _) in template.match_indices('{') {
            let rest = template.get(start..).unwrap_or_default();
            if let Some(place) = rest.find('}').and_then(|end| rest.get(..=end)) {
                places.entry(place).or_insert(template.as_str());
            }
        }
    }
    places
}

/// Gives tokens that are others under another name what those are.
fn resolve_aliases(tokens: &mut IndexMap<String, Token>, places: &HashMap<&str, &str>, report: &mut Report) {
    let is_used = |name: &str| {
        let spellings = [format!("{{{name}}}"), format!("{{{name}>}}")];
        spellings.iter().any(|place| places.contains_key(place.as_str()))
    };
    let aliases: Vec<(String, Spanned<String>)> = tokens
        .iter()
        .filter_map(|(name, token)| Some((name.clone(), token.same_as.clone()?)))
        .collect();
    for (name, same_as) in aliases {
        let fault = match tokens.get(&same_as.value) {
            None => Some((
                format!("no token is named `{}`", same_as.value),
                "name a token of this contract",
            )),
            Some(other) if other.same_as.is_some() => Some((
                format!("`{}` is itself another token under another name", same_as.value),
                "name that other token",
            )),
            Some(other) => {
                let tail = tokens.get(&name).is_some_and(|token| token.tail);
                let (used, of_base) = (is_used(&name), is_used(&same_as.value));
                (used && of_base && tail != other.tail).then(|| {
                    (
                        format!(
                            "of `{name}` and `{}`, one takes all that follows and the other does not",
                            same_as.value
                        ),
                        "declare two tokens that are not the same",
                    )
                })
            }
        };
        let fault = fault.or_else(|| {
            let token = tokens.get(&name)?;
            (token.pattern.is_some() || token.members.is_some()).then(|| {
                (
                    format!("`{name}` has values of its own and is `{}` too", same_as.value),
                    "keep the one that is meant",
                )
            })
        });
        if let Some((message, help)) = fault {
            report.push(Diagnostic::new(&rules::TOKEN_ALIAS, same_as.span, message, "").with_help(help));
            continue;
        }
        let Some(base) = tokens.get(&same_as.value).cloned() else {
            continue;
        };
        if let Some(token) = tokens.get_mut(&name) {
            token.pattern = base.pattern;
            token.members = base.members;
            token.example = token.example.take().or(base.example);
        }
        // What is used under another name only is what it is there.
        let tail = base.tail || tokens.get(&name).is_some_and(|token| token.tail);
        for name in [&name, &same_as.value] {
            if let Some(token) = tokens.get_mut(name) {
                token.tail = tail;
            }
        }
    }
}

pub(super) fn subjects(
    declared: Vec<(Spanned<String>, SubjectDecl)>,
    (names, complete): (&IndexSet<String>, bool),
    scope: &Scope<'_>,
    report: &mut Report,
) -> IndexMap<String, Subject> {
    let payloads = declared.iter().map(|(name, subject)| {
        (
            name.value.clone(),
            subject.payload.clone().or_else(|| first_message(subject)),
        )
    });
    let all = answers::Declared {
        payloads: payloads.collect(),
        names,
        complete,
    };
    let mut subjects = IndexMap::new();
    for (name, declared) in declared {
        if let Some(subject) = subject(name, declared, &all, scope, report) {
            subjects.insert(subject.name.value.clone(), subject);
        }
    }
    subjects
}

/// The payload of the first of several messages.
fn first_message(subject: &SubjectDecl) -> Option<Spanned<String>> {
    let (_, payload) = subject.messages.as_ref()?.of.sound.first()?;
    Some(payload.clone())
}

fn subject(
    name: Spanned<String>,
    mut declared: SubjectDecl,
    all: &answers::Declared<'_>,
    scope: &Scope<'_>,
    report: &mut Report,
) -> Option<Subject> {
    let path = path(&name, report);
    let template = template(declared.subject.clone(), scope, report);
    let messages = declared.messages.take();
    let several = messages.is_some();
    let messages = messages.map(|messages| messages::lower(&messages, &declared, scope, report));
    if let Some(Some(messages)) = &messages {
        declared.payload = messages.of.first().map(|(_, payload)| payload.clone());
    } else if several {
        return None;
    }
    let pattern = pattern::lower(&name, &declared, all, scope, report);
    let headers = declared.headers.filter(|headers| scope.payload(headers, report));
    let (module, leaf) = path?;
    Some(Subject {
        name,
        module,
        leaf,
        template: template?,
        summary: declared.summary.map(|text| text.value),
        description: declared.description.map(|text| text.value),
        pattern: pattern?,
        bind: answers::bindings(&declared.bind.sound),
        sender: party(declared.sender, &declared.subject, report),
        receiver: party(declared.receiver, &declared.subject, report),
        queue_group: declared.queue_group,
        idempotency_key: declared.idempotency_key,
        headers,
        messages: messages.flatten(),
        message_id: declared.message_id,
    })
}

/// A token that names a party must stand in the template.
fn party(token: Option<Spanned<String>>, template: &Spanned<String>, report: &mut Report) -> Option<Spanned<String>> {
    let token = token?;
    let place = format!("{{{}}}", token.value);
    if template.split('.').any(|part| part == place) {
        return Some(token);
    }
    let message = format!("`{}` is not a token of this subject", token.value);
    let diagnostic = Diagnostic::new(&rules::PARTY, token.span, message, "")
        .with_label(template.span, "the template")
        .with_help("name the token of the template that says who it is");
    report.push(diagnostic);
    None
}

/// Module and leaf of `agents.status`.
fn path(name: &Spanned<String>, report: &mut Report) -> Option<(String, String)> {
    let Some((module, leaf)) = name.split_once('.').filter(|(_, leaf)| !leaf.contains('.')) else {
        let message = format!("a subject is named `module.name`, not `{}`", name.value);
        let diagnostic = Diagnostic::new(&names_rules::NAME, name.span, message, "")
            .with_help("the generated crate has a module for the first part and a type for the second");
        report.push(diagnostic);
        return None;
    };
    let mut spelt = |part: &str, what: &str| names::snake_case(&Spanned::new(part.to_owned(), name.span), what, report);
    let good = [spelt(module, "a module"), spelt(leaf, "a subject")];
    good.iter()
        .all(|good| *good)
        .then(|| (module.to_owned(), leaf.to_owned()))
}

pub(super) fn template(text: Spanned<String>, scope: &Scope<'_>, report: &mut Report) -> Option<Template> {
    if text.is_empty() {
        let help = "write words and `{tokens}` with dots between them: `orders.{order_id}.placed`";
        report.push(Diagnostic::new(&rules::TEMPLATE, text.span, "the template is empty", "").with_help(help));
        return None;
    }
    let mut segments: Vec<Segment> = Vec::new();
    let mut used: HashMap<String, usize> = HashMap::new();
    let mut good = true;
    let mut start = 0;
    for part in text.split('.') {
        let place = text.place_of(start, part.len());
        start += part.len() + 1;
        match segment(part) {
            Ok(segment @ (Segment::Token(_) | Segment::Tail(_))) => {
                let (Segment::Token(name) | Segment::Tail(name) | Segment::Literal(name)) = &segment;
                let token = Spanned::new(name.clone(), place);
                if let Some(finding) = names::missing(&token, &scope.tokens, "token", &names_rules::UNKNOWN_TOKEN) {
                    let declared = scope.tokens.declared.iter().map(String::as_str);
                    let fix = mistyped(name, declared).map(|meant| {
                        let template = text.replace(&format!("{{{name}"), &format!("{{{meant}"));
                        Fix::rename(text.span, &template)
                    });
                    report.push(finding.with_fix(fix));
                }
                good &= scope.tokens.sound.contains_key(name);
                let following = text.get(start..).unwrap_or_default();
                if matches!(segment, Segment::Tail(_)) && !following.is_empty() {
                    let message = format!("`{part}` takes all that follows, but `.{following}` follows it");
                    let help = format!("write `{{{name}}}` where it is one token, or let it stand at the end");
                    report.push(Diagnostic::new(&rules::TEMPLATE, place, message, "").with_help(help));
                    good = false;
                }
                let seen = used.entry(name.clone()).or_insert(0);
                *seen += 1;
                // The third one is no news.
                if *seen == 2 {
                    let message = format!("`{{{name}}}` stands twice in one template");
                    let help = "declare a second token with a name of its own";
                    report.push(Diagnostic::new(&rules::TEMPLATE, place, message, "").with_help(help));
                    good = false;
                }
                segments.push(segment);
            }
            Ok(literal) => segments.push(literal),
            Err((message, help)) => {
                report.push(Diagnostic::new(&rules::TEMPLATE, place, message, "").with_help(help));
                good = false;
            }
        }
    }
    good.then_some(Template { text, segments })
}

/// One part of a template, or what is wrong with it and what to do.
fn segment(part: &str) -> Result<Segment, (String, String)> {
    let braced = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    if matches!(braced, Some("" | ">")) {
        let help = "name a token between the braces: `{order_id}`";
        return Err(("nothing stands between the braces".to_owned(), help.to_owned()));
    }
    if let Some(name) = braced.filter(|name| !name.contains(['{', '}'])) {
        return Ok(match name.strip_suffix('>') {
            Some(tail) => Segment::Tail(tail.to_owned()),
            None => Segment::Token(name.to_owned()),
        });
    }
    if part.matches('{').count() != part.matches('}').count() {
        let help = "a token stands between two braces, and has a whole place between two dots";
        return Err((format!("`{part}` has a brace without its other half"), help.to_owned()));
    }
    if part.contains(['{', '}']) {
        let help = "let the token have the whole place and put the fixed part into its pattern";
        return Err((format!("`{part}` mixes fixed text and a token"), help.to_owned()));
    }
    if part.contains(['*', '>']) {
        let help = format!(
            "name what varies: `{{a_token{}}}` instead of `{part}`; wildcards belong into `subscriptions:`",
            if part == ">" { ">" } else { "" }
        );
        return Err((format!("a template has no wildcard, this one has `{part}`"), help));
    }
    match check_filter(part) {
        Ok(()) => Ok(Segment::Literal(part.to_owned())),
        Err((Fault::EmptyToken, _)) => Err((
            "nothing stands between two dots or at an end".to_owned(),
            "remove a dot".to_owned(),
        )),
        Err(_) => {
            let help = "the server's protocol ends a subject at white space: use `_` or `-`";
            Err((
                format!("`{part}` holds white space or a control character"),
                help.to_owned(),
            ))
        }
    }
}

pub(super) fn subscriptions(
    declared: Vec<(Spanned<String>, SubscriptionDecl)>,
    subjects: &IndexMap<String, Subject>,
    scope: &Scope<'_>,
    report: &mut Report,
) -> IndexMap<String, Subscription> {
    let mut subscriptions = IndexMap::new();
    for (name, declared) in declared {
        let named = names::snake_case(&name, "a subscription", report);
        let filtered = filter(&declared.filter, REFUSED_SUBSCRIPTION, subjects, report);
        let subscribe = scope.roles(declared.subscribe, report);
        let payload = declared.payload.filter(|payload| scope.payload(payload, report));
        if named && filtered {
            let lowered = Subscription {
                filter: declared.filter,
                summary: declared.summary.map(|text| text.value),
                subscribe,
                queue_group: declared.queue_group,
                payload,
                name,
            };
            subscriptions.insert(lowered.name.value.clone(), lowered);
        }
    }
    subscriptions
}

/// What becomes of a stream or consumer with a filter that is none.
pub(super) const REFUSED_ASSET: &str = "the server refuses this filter (error 10052)";

/// What becomes of a subscription with a filter that is none.
const REFUSED_SUBSCRIPTION: &str = "the server refuses this filter (`Invalid Subject`)";

/// Whether the server takes a filter; reports it otherwise, with what the server does.
pub(super) fn filter(
    text: &Spanned<String>,
    refusal: &str,
    subjects: &IndexMap<String, Subject>,
    report: &mut Report,
) -> bool {
    let Err((fault, range)) = check_filter(text) else {
        return true;
    };
    let place = text.place_of(range.start, range.len());
    let diagnostic = match fault {
        Fault::TailNotLast => {
            let tail = text.get(range.end + 1..).unwrap_or_default();
            let head = text.get(..range.start).unwrap_or_default();
            let message = format!("`>` stands for all that follows, but `.{tail}` follows it");
            let help = match closest_to(text, subjects.values()) {
                Some(subject) => format!(
                    "to hear `{}`, write `{}`",
                    subject.name.value,
                    subject.template.wildcard()
                ),
                None => format!("use `*` for one token, as in `{head}*.{tail}`, or end with it: `{head}>`"),
            };
            Diagnostic::new(&rules::TAIL_NOT_LAST, place, message, refusal).with_help(help)
        }
        Fault::EmptyToken if text.is_empty() => {
            let help = "write `>` to hear everything";
            Diagnostic::new(&rules::FILTER, text.span, "the filter is empty", refusal).with_help(help)
        }
        Fault::EmptyToken => {
            let message = format!("`{}` has nothing between two dots or at an end", text.value);
            Diagnostic::new(&rules::FILTER, place, message, refusal).with_help("remove a dot")
        }
        // A filter may hold wildcards.
        Fault::WhiteSpace | Fault::Wildcard => {
            let message = format!("`{}` holds white space or a control character", text.value);
            let help = "the server's protocol ends a subject at white space: use `_` or `-`";
            Diagnostic::new(&rules::FILTER, place, message, refusal).with_help(help)
        }
    };
    report.push(diagnostic);
    false
}
