//! What a run has to say: a stable code, the smallest place that is wrong, and a way out.

mod fix;

pub use fix::Fix;

use crate::source::{FileRange, Span};

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Worth knowing; changes no exit code.
    Info,
    /// Will surprise somebody; the contract still generates.
    Warning,
    /// The contract cannot be generated from.
    Error,
}

/// A kind of finding.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// `group/name`, never changed once published.
    pub code: &'static str,
    /// The level of its findings.
    pub level: Level,
    /// Its page: what it is, why it matters, an example that has it and one that does not (Markdown).
    pub page: &'static str,
    /// Whether some of its findings carry a [`Fix`].
    pub fixable: bool,
    /// Whether it takes several contracts to find them.
    pub across: bool,
}

impl Rule {
    /// A rule whose findings stop the generator.
    #[must_use]
    pub(crate) const fn error(code: &'static str, page: &'static str) -> Self {
        Self {
            code,
            level: Level::Error,
            page,
            fixable: false,
            across: false,
        }
    }

    /// A rule whose findings do not stop the generator.
    #[must_use]
    pub(crate) const fn warning(code: &'static str, page: &'static str) -> Self {
        Self {
            code,
            level: Level::Warning,
            page,
            fixable: false,
            across: false,
        }
    }

    /// A rule whose findings are worth knowing and no more.
    #[must_use]
    pub(crate) const fn info(code: &'static str, page: &'static str) -> Self {
        Self {
            code,
            level: Level::Info,
            page,
            fixable: false,
            across: false,
        }
    }

    /// A rule whose findings carry a fix where it is certain what was meant.
    #[must_use]
    pub(crate) const fn fixable(self) -> Self {
        Self { fixable: true, ..self }
    }

    /// A rule that holds contracts against each other.
    #[must_use]
    pub const fn across(self) -> Self {
        Self { across: true, ..self }
    }

    /// The first sentence of the page.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        let mut paragraphs = self.page.split("\n\n").map(str::trim);
        paragraphs
            .find(|text| !text.is_empty() && !text.starts_with('#'))
            .unwrap_or_default()
    }
}

/// A place that takes part in a finding, and what to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// Lower case, no full stop; may be empty.
    pub text: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of finding it is.
    pub rule: &'static Rule,
    /// How much it weighs here: as its rule says, where the contract says nothing else.
    pub level: Level,
    /// Lower case, no full stop, says what is wrong in terms of this contract.
    pub message: String,
    /// The first label is the place to look at; the others are places it disagrees with.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
    /// What natsmith can do about it by itself.
    pub fix: Option<Box<Fix>>,
    /// The declaration that it is in, as exceptions of the contract name it: `streams.orders`. Known once the whole contract
    /// is checked.
    pub at: Option<String>,
}

impl Diagnostic {
    /// A finding at a place; `text` is what stands beside the place and may be empty.
    #[must_use]
    pub fn new(rule: &'static Rule, span: Span, message: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            rule,
            level: rule.level,
            message: message.into(),
            labels: vec![Label {
                span,
                text: text.into(),
            }],
            help: None,
            fix: None,
            at: None,
        }
    }

    /// Adds a second place.
    #[must_use]
    pub fn with_label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Adds a way out.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds what natsmith can do about it by itself, where that is certain to be meant.
    #[must_use]
    pub fn with_fix(mut self, fix: impl Into<Option<Fix>>) -> Self {
        self.fix = fix.into().map(Box::new);
        self
    }

    /// The place to look at.
    #[must_use]
    pub fn place(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }
}

/// A finding that the contract declares to be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excepted {
    /// The finding.
    pub diagnostic: Diagnostic,
    /// Why it may stay, in the contract's words.
    pub reason: String,
    /// Where the contract says so.
    pub place: Span,
}

/// The findings of a run, in the order in which they were made.
#[derive(Clone, Debug, Default)]
pub struct Report {
    diagnostics: Vec<Diagnostic>,
    excepted: Vec<Excepted>,
}

impl Report {
    /// Adds a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// The findings.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Adds a finding that is meant.
    pub fn except(&mut self, excepted: Excepted) {
        self.excepted.push(excepted);
    }

    /// The findings that are meant; they count for nothing.
    #[must_use]
    pub fn excepted(&self) -> &[Excepted] {
        &self.excepted
    }

    /// Whether any finding stops the generator.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.count(Level::Error) > 0
    }

    /// How many findings there are of a level.
    #[must_use]
    pub fn count(&self, level: Level) -> usize {
        let of_level = |diagnostic: &&Diagnostic| diagnostic.level == level;
        self.diagnostics.iter().filter(of_level).count()
    }

    /// The findings at places in some files.
    #[must_use]
    pub fn within(&self, files: &FileRange) -> Self {
        let within = |diagnostic: &Diagnostic| diagnostic.place().is_some_and(|place| files.contains(place.file));
        let excepted = self.excepted.iter().filter(|excepted| within(&excepted.diagnostic));
        Self {
            diagnostics: self.diagnostics.iter().filter(|own| within(own)).cloned().collect(),
            excepted: excepted.cloned().collect(),
        }
    }

    /// Takes the findings out, and leaves those that are meant.
    pub fn take(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.diagnostics)
    }

    /// Adds the findings of another report.
    pub fn append(&mut self, mut other: Self) {
        self.diagnostics.append(&mut other.diagnostics);
        self.excepted.append(&mut other.excepted);
    }

    /// Puts the findings in the order of files and places, and drops repeated ones.
    pub fn sort(&mut self) {
        let order = |a: &Diagnostic, b: &Diagnostic| {
            let key = |diagnostic: &Diagnostic| (diagnostic.place(), diagnostic.rule.code);
            key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
        };
        self.diagnostics.sort_by(order);
        self.diagnostics.dedup();
        self.excepted.sort_by(|a, b| order(&a.diagnostic, &b.diagnostic));
        self.excepted.dedup();
    }
}
