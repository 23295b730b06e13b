//! What natsmith can do about a finding by itself.

use crate::source::{Change, Edit, Span};

/// Edits that make a finding go away, and that whoever wrote the contract is certain to have meant.
///
/// `check --fix` makes them all or none, and undoes those that bring new errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does: `remove the token`. Lower case, no full stop.
    pub what: String,
    /// The edits, none of which touches the place of another.
    pub edits: Vec<Edit>,
}

impl Fix {
    /// A fix without edits, to be followed by them.
    #[must_use]
    pub fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            edits: Vec::new(),
        }
    }

    /// The commonest fix: another key, or another text as a value.
    #[must_use]
    pub fn rename(span: Span, text: &str) -> Self {
        Self::new(format!("write `{text}`")).write(span, text)
    }

    /// Puts text in the place of a key or of a value that is a scalar; quotes are added where they are needed.
    #[must_use]
    pub fn write(self, span: Span, text: impl Into<String>) -> Self {
        self.edit(span, Change::Scalar(text.into()))
    }

    /// Puts YAML that is JSON as well, such as `7` or `[a]`, in the place of what is written there.
    #[must_use]
    pub fn replace(self, span: Span, source: impl Into<String>) -> Self {
        self.edit(span, Change::Source(source.into()))
    }

    /// Makes what is written in a place text.
    #[must_use]
    pub fn quote(self, span: Span) -> Self {
        self.edit(span, Change::Quote)
    }

    /// Makes what is written in a place the only item of a list.
    #[must_use]
    pub fn list(self, span: Span) -> Self {
        self.edit(span, Change::List)
    }

    /// Takes a whole entry out of its mapping, given the place of its key or value, or an item out of its list.
    #[must_use]
    pub fn remove(self, span: Span) -> Self {
        self.edit(span, Change::Remove)
    }

    /// Puts an entry before another one of a mapping, given the place of that one's key or value. The new one's value is YAML that is JSON as
    /// well.
    #[must_use]
    pub fn add_before(self, span: Span, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.edit(
            span,
            Change::Add {
                key: key.into(),
                value: value.into(),
            },
        )
    }

    fn edit(mut self, span: Span, change: Change) -> Self {
        self.edits.push(Edit { span, change });
        self
    }
}
