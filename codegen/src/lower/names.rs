//! How names are spelt, and where they lead.

use indexmap::{IndexMap, IndexSet};

use crate::casing;
use crate::contract::payload::PayloadSet;
use crate::contract::{Role, Token};
use crate::diagnostics::{Diagnostic, Fix, Report, Rule};
use crate::rules::contract as rules;
use crate::source::Spanned;
use crate::words::{closest, list, mistyped};

/// What the server lets a stream or consumer be called, and what natsmith can turn into a name in Rust.
const ASSET_NAME_HELP: &str = "start with a letter; use a to z, A to Z, 0 to 9, `_` and `-`";

/// What names in subjects and subscriptions may refer to.
pub(super) struct Scope<'c> {
    pub roles: Known<'c, Role>,
    pub tokens: Known<'c, Token>,
    pub payloads: &'c PayloadSet,
    /// Whether every schema file is among the payloads.
    pub all_payloads: bool,
}

/// What names of one kind may refer to.
pub(super) struct Known<'c, T> {
    /// The sound ones.
    pub sound: &'c IndexMap<String, T>,
    /// The names of all that were declared. One with a fault has been reported, and that is enough.
    pub declared: &'c IndexSet<String>,
    /// Whether all declarations could be read.
    pub complete: bool,
}

/// Whether a name is `snake_case` and free for use in Rust; reports it otherwise. `what` starts with its article.
pub(super) fn snake_case(name: &Spanned<String>, what: &str, report: &mut Report) -> bool {
    if !is_spelt(name, '_') {
        let message = format!("{what} is named in snake_case, not `{}`", name.value);
        let diagnostic = Diagnostic::new(&rules::NAME, name.span, message, "").with_help(spelling_help(name, '_'));
        report.push(diagnostic);
        return false;
    }
    if casing::is_keyword(name) {
        let message = format!("`{}` is a keyword of Rust and cannot name {what}", name.value);
        let help = format!("choose another name, such as `{}_{}`", name.value, noun(what));
        report.push(Diagnostic::new(&rules::KEYWORD, name.span, message, "").with_help(help));
        return false;
    }
    true
}

/// Whether a name is kebab-case; reports it otherwise.
pub(super) fn kebab_case(name: &Spanned<String>, what: &str, report: &mut Report) -> bool {
    let good = is_spelt(name, '-');
    if !good {
        let message = format!("{what} is named in kebab-case, not `{}`", name.value);
        let diagnostic = Diagnostic::new(&rules::NAME, name.span, message, "").with_help(spelling_help(name, '-'));
        report.push(diagnostic);
    }
    good
}

/// Whether the server lets something have this name; reports it otherwise. `what` starts with its article.
pub(super) fn asset_name(name: &Spanned<String>, what: &str, report: &mut Report) -> bool {
    let good = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if !good {
        let message = format!("`{}` cannot name {what} on the server", name.value);
        report.push(Diagnostic::new(&rules::NAME, name.span, message, "").with_help(ASSET_NAME_HELP));
    }
    good
}

/// Lower-case words that start with a letter, joined by one separator.
fn is_spelt(name: &str, separator: char) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .split(separator)
            .all(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()))
}

fn spelling_help(name: &str, separator: char) -> String {
    let words: Vec<String> = casing::snake(name)
        .split('_')
        .map(|word| word.chars().filter(char::is_ascii_alphanumeric).collect::<String>())
        .filter(|word| !word.is_empty())
        .collect();
    let proposal = words.join(&separator.to_string());
    if is_spelt(&proposal, separator) {
        format!("write `{proposal}`")
    } else {
        "start with a letter; use a to z, 0 to 9 and one separator between words".to_owned()
    }
}

/// The last word of `a stream`.
fn noun(what: &str) -> &str {
    what.rsplit(' ').next().unwrap_or(what)
}

/// Looks a name up; reports it with the likely one where it leads nowhere.
pub(super) fn lookup<T>(
    name: &Spanned<String>,
    known: &Known<'_, T>,
    what: &str,
    rule: &'static Rule,
    report: &mut Report,
) -> bool {
    if let Some(finding) = missing(name, known, what, rule) {
        report.push(finding);
    }
    known.sound.contains_key(&name.value)
}

/// The finding about a name that leads nowhere.
pub(super) fn missing<T>(
    name: &Spanned<String>,
    known: &Known<'_, T>,
    what: &str,
    rule: &'static Rule,
) -> Option<Diagnostic> {
    let is_missing = known.complete && !known.declared.contains(&name.value);
    is_missing.then(|| unknown(name, known.declared.iter().map(String::as_str), what, rule))
}

/// The diagnostic for a name that leads nowhere.
pub(super) fn unknown<'a>(
    name: &Spanned<String>,
    known: impl Iterator<Item = &'a str> + Clone,
    what: &str,
    rule: &'static Rule,
) -> Diagnostic {
    let message = format!("no {what} is named `{}`", name.value);
    let some: Vec<&str> = known.clone().take(12).collect();
    let fix = mistyped(name, known.clone()).map(|meant| Fix::rename(name.span, meant));
    let help = match closest(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None if some.is_empty() => format!("declare it: this contract has no {what} yet"),
        None => format!("declare it, or use one of {}", list(&some)),
    };
    Diagnostic::new(rule, name.span, message, "")
        .with_help(help)
        .with_fix(fix)
}

impl Scope<'_> {
    /// The roles of a list that exist; the others are reported.
    pub(super) fn roles(&self, names: Vec<Spanned<String>>, report: &mut Report) -> Vec<Spanned<String>> {
        let known = |name: &Spanned<String>| lookup(name, &self.roles, "role", &rules::UNKNOWN_ROLE, report);
        let mut names = names;
        names.retain(known);
        names
    }

    /// Whether a payload exists; reported otherwise.
    pub(super) fn payload(&self, name: &Spanned<String>, report: &mut Report) -> bool {
        let found = self.payloads.get(name).is_some();
        if !found && self.all_payloads {
            report.push(unknown(name, self.payloads.names(), "payload", &rules::UNKNOWN_PAYLOAD));
        }
        found
    }
}
