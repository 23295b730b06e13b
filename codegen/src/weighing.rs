//! What a contract says about the findings in it: how much they weigh, and which are meant to stay.

use crate::diagnostics::{Diagnostic, Excepted, Fix, Level, Report, Rule};
use crate::rules::check as rules;
use crate::rules::syntax;
use crate::source::{FileId, Files, Span, Spanned, Trees};
use crate::syntax::{CheckDecl, ExceptionDecl, Weight};
use crate::words::{closest, mistyped};

/// What a contract says.
#[derive(Debug, Default)]
pub(crate) struct Weighing {
    /// `None` hides its findings.
    levels: Vec<(&'static Rule, Option<Level>)>,
    exceptions: Vec<Exception>,
}

#[derive(Debug)]
struct Exception {
    rule: &'static Rule,
    at: Spanned<String>,
    reason: String,
    span: Span,
}

/// Where the declarations of a contract are.
pub(crate) struct Declared<'c> {
    /// The files of declarations.
    pub files: &'c [FileId],
    /// The schema file of each payload.
    pub payloads: Vec<(&'c str, FileId)>,
    /// Whether the contract was held against others.
    pub among_others: bool,
}

/// Reads what a contract says, and reports what cannot be meant.
pub(crate) fn read(declared: &CheckDecl, report: &mut Report) -> Weighing {
    let mut weighing = Weighing::default();
    for (code, level) in &declared.levels.sound {
        let rule = rule(code, code.span, report);
        let gives_a_reason = has_reason(&level.reason, report);
        if let Some(rule) = rule.filter(|_| gives_a_reason) {
            weighing.levels.push((rule, level_of(level.level.value)));
        }
    }
    for Spanned { value, span } in &declared.exceptions {
        let ExceptionDecl { rule: code, at, reason } = value;
        let rule = rule(code, *span, report);
        let gives_a_reason = has_reason(reason, report);
        if let Some(rule) = rule.filter(|_| gives_a_reason) {
            weighing.exceptions.push(Exception {
                rule,
                at: at.clone(),
                reason: reason.value.clone(),
                span: *span,
            });
        }
    }
    weighing
}

/// The rule of a code, if its findings can be weighed. `whole` is what can be removed if they cannot.
fn rule(code: &Spanned<String>, whole: Span, report: &mut Report) -> Option<&'static Rule> {
    let codes = || crate::rules::all().map(|rule| rule.code);
    let Some(rule) = crate::rules::all().find(|rule| rule.code == code.value) else {
        let help = match closest(code, codes()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`natsmith explain` lists all codes".to_owned(),
        };
        let message = format!("no rule has the code `{}`", code.value);
        let fix = mistyped(code, codes()).map(|meant| Fix::rename(code.span, meant));
        let finding = Diagnostic::new(&rules::UNKNOWN_RULE, code.span, message, "");
        report.push(finding.with_help(help).with_fix(fix));
        return None;
    };
    if rule.level == Level::Error {
        let message = format!("findings of `{}` are errors, whatever a contract says", rule.code);
        let finding = Diagnostic::new(&rules::FIXED_LEVEL, code.span, message, "");
        report.push(
            finding
                .with_help("mend what it finds: nothing sound can be generated with it")
                .with_fix(Fix::new("remove what is said about it").remove(whole)),
        );
        return None;
    }
    Some(rule)
}

fn has_reason(reason: &Spanned<String>, report: &mut Report) -> bool {
    let given = !reason.trim().is_empty();
    if !given {
        let finding = Diagnostic::new(&syntax::VALUE, reason.span, "the reason says nothing", "");
        report.push(finding.with_help("say why it is right in this contract: whoever reads it later has to know"));
    }
    given
}

fn level_of(weight: Weight) -> Option<Level> {
    match weight {
        Weight::Error => Some(Level::Error),
        Weight::Warning => Some(Level::Warning),
        Weight::Info => Some(Level::Info),
        Weight::None => None,
    }
}

impl Weighing {
    /// Weighs the findings of a contract: says of each where it is, takes out those that are meant, and gives the others
    /// their level.
    pub(crate) fn weigh(&self, mut findings: Vec<Diagnostic>, declared: &Declared<'_>, files: &Files) -> Report {
        let mut trees = Trees::new(files);
        for finding in &mut findings {
            finding.at = finding.place().and_then(|place| declared.name_of(place, &mut trees));
        }
        let is_broken = findings.iter().any(|finding| finding.rule.level == Level::Error);
        let unread = findings.iter().any(|finding| finding.rule.code.starts_with("file/"));
        let mut report = Report::default();
        for exception in &self.exceptions {
            let places = declared.places(&exception.at, files, &mut trees);
            if places.is_empty() && !unread {
                findings.push(exception.nowhere());
                continue;
            }
            let (meant, others) = findings.into_iter().partition::<Vec<_>, _>(|finding| {
                finding.rule == exception.rule && finding.place().is_some_and(|place| within(place, &places))
            });
            findings = others;
            // Where there are errors, not everything was looked for; and what lies between contracts is not seen in one alone.
            let is_sought = !is_broken && (declared.among_others || !exception.rule.across);
            if meant.is_empty() && is_sought {
                findings.push(exception.unused());
            }
            for diagnostic in meant {
                report.except(Excepted {
                    diagnostic,
                    reason: exception.reason.clone(),
                    place: exception.span,
                });
            }
        }
        for mut finding in findings {
            let said = self.levels.iter().find(|(rule, _)| *rule == finding.rule);
            let level = said.map_or(Some(finding.level), |(_, level)| *level);
            if let Some(level) = level {
                finding.level = level;
                report.push(finding);
            }
        }
        report
    }
}

impl Exception {
    fn nowhere(&self) -> Diagnostic {
        let message = format!("nothing is declared at `{}`", self.at.value);
        let help = "write the keys that lead to the declaration: `subjects.orders.placed`, `streams.orders.consumers.shop`, `payloads.Order`";
        Diagnostic::new(&rules::UNKNOWN_PLACE, self.at.span, message, "").with_help(help)
    }

    fn unused(&self) -> Diagnostic {
        let message = format!("`{}` has no finding `{}` any more", self.at.value, self.rule.code);
        Diagnostic::new(&rules::UNUSED_EXCEPTION, self.at.span, message, "")
            .with_help("remove the exception, so that a new finding here is seen")
            .with_fix(Fix::new("remove the exception").remove(self.span))
    }
}

impl Declared<'_> {
    /// The declaration that a place is in.
    fn name_of(&self, place: Span, trees: &mut Trees<'_>) -> Option<String> {
        if let Some((name, _)) = self.payloads.iter().find(|(_, file)| *file == place.file) {
            return Some(format!("payloads.{name}"));
        }
        if !self.files.contains(&place.file) {
            return None;
        }
        let keys = trees.keys_to(place);
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let depth = match keys.as_slice() {
            ["streams", _, "consumers", ..] | ["profiles", ..] => 4,
            _ => 2,
        };
        let named = keys.iter().take(depth).copied().collect::<Vec<_>>().join(".");
        (!named.is_empty()).then_some(named)
    }

    /// Where the declarations of a name are.
    fn places(&self, at: &str, files: &Files, trees: &mut Trees<'_>) -> Vec<Span> {
        let mut places: Vec<Span> = self.files.iter().flat_map(|file| trees.places(*file, at)).collect();
        let in_payload = at.strip_prefix("payloads.").unwrap_or_default();
        for (name, file) in &self.payloads {
            let Some(rest) = in_payload.strip_prefix(name) else {
                continue;
            };
            if let Some(keys) = rest.strip_prefix('.') {
                places.extend(trees.places(*file, keys));
            } else if rest.is_empty() {
                let length = files.get(*file).map_or(0, |file| file.text.len());
                places.push(Span {
                    end: u32::try_from(length).unwrap_or(u32::MAX),
                    ..file.start()
                });
            }
        }
        places
    }
}

fn within(place: Span, places: &[Span]) -> bool {
    let holds = |around: &Span| around.file == place.file && around.start <= place.start && place.start <= around.end;
    places.iter().any(holds)
}
