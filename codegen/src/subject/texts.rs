//! What can stand at one place of a subject.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, OnceLock};

use super::automaton::Automaton;
use super::validity::{check_filter, is_wildcard};

/// A set of texts that can stand at one place of a subject: single tokens, or all the tokens of a tail with the dots between them.
///
/// Questions are answered exactly, between lists by their members and between regular expressions by automata. An
/// automaton of more than some ten thousand states is not made: a set is then [inexact](Self::is_exact), known
/// only to lie within what the automaton would have described. Such a set overlaps whatever it could overlap, and contains
/// nothing but itself, so that who looks for collisions misses none and who looks for a proof is given no false one.
#[derive(Clone, Debug)]
pub struct Texts {
    /// Whether the texts are tails and not single tokens.
    tail: bool,
    /// The set, or one around it.
    known: Known,
    exact: bool,
    /// The regular expression that is the whole set.
    pattern: Option<Arc<str>>,
}

#[derive(Clone, Debug)]
enum Known {
    /// Whatever the server takes.
    All,
    /// These.
    Only(Arc<BTreeSet<String>>),
    /// All but these.
    AllBut(Arc<BTreeSet<String>>),
    /// What an automaton accepts.
    Language(Arc<Automaton>),
}

/// A token that is no wildcard.
const TOKEN: &str = r"(?:[^.\s\p{Cc}*>]|[^.\s\p{Cc}]{2,})";

impl Texts {
    /// Any one token: what `*` stands for.
    #[must_use]
    pub fn any() -> Self {
        Self::of(false, Known::All)
    }

    /// One or more tokens: what `>` stands for.
    #[must_use]
    pub fn any_tail() -> Self {
        Self::of(true, Known::All)
    }

    /// The tokens of a list. What is no token is left out.
    ///
    /// ```
    /// use natsmith_codegen::subject::Texts;
    /// let status = Texts::one_of(["idle", "busy"]);
    /// assert!(status.contains("idle") && !status.contains("gone"));
    /// ```
    #[must_use]
    pub fn one_of<T: Into<String>>(tokens: impl IntoIterator<Item = T>) -> Self {
        let tokens = tokens.into_iter().map(Into::into);
        let only = tokens.filter(|token: &String| can_stand(false, token)).collect();
        Self::of(false, Known::Only(Arc::new(only)))
    }

    /// One token, whatever it is.
    pub(super) fn literal(token: &str) -> Self {
        Self::of(false, Known::Only(Arc::new(BTreeSet::from([token.to_owned()]))))
    }

    /// The tokens in which a regular expression of the crate `regex` finds a match.
    ///
    /// One that cannot be read, or is too large, makes an inexact set.
    ///
    /// ```
    /// use natsmith_codegen::subject::Texts;
    /// let ids = Texts::matching("^agent-[0-9]+$");
    /// assert!(ids.contains("agent-7") && !ids.contains("agent"));
    /// assert!(Texts::matching("^[a-z]+-[0-9]{1,3}$").overlaps(&ids));
    /// assert!(Texts::matching("^[a-z]+-[0-9]+$").contains_all(&ids));
    /// ```
    #[must_use]
    pub fn matching(pattern: &str) -> Self {
        Self::of_pattern(false, pattern)
    }

    /// The tails in which a regular expression finds a match. It sees all tokens with the dots between them.
    #[must_use]
    pub fn tail_matching(pattern: &str) -> Self {
        Self::of_pattern(true, pattern)
    }

    fn of_pattern(tail: bool, pattern: &str) -> Self {
        let language = Automaton::of_pattern(pattern)
            .and_then(|found| found.combined(universe(tail)?, |found, stands| found && stands));
        let known = language.map(known);
        Self {
            tail,
            exact: known.is_some(),
            known: known.unwrap_or(Known::All),
            pattern: Some(pattern.into()),
        }
    }

    fn of(tail: bool, known: Known) -> Self {
        Self {
            tail,
            known,
            exact: true,
            pattern: None,
        }
    }

    /// Whether the set is what was asked for, and not one around it that is easier to describe.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.exact
    }

    /// Whether the texts are tails, of one token or more.
    #[must_use]
    pub fn is_tail(&self) -> bool {
        self.tail
    }

    /// Whether every text that the server takes is in the set.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.exact && matches!(self.known, Known::All)
    }

    /// Whether a text is in the set; of an inexact set, whether it may be.
    #[must_use]
    pub fn contains(&self, text: &str) -> bool {
        match &self.known {
            Known::All => can_stand(self.tail, text),
            Known::Only(texts) => texts.contains(text),
            Known::AllBut(texts) => !texts.contains(text) && can_stand(self.tail, text),
            Known::Language(automaton) => automaton.contains(text),
        }
    }

    /// Whether no text is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.known {
            Known::Only(texts) => texts.is_empty(),
            Known::All | Known::AllBut(_) => false,
            Known::Language(automaton) => automaton.is_empty(),
        }
    }

    /// One of the texts, a short one; `None` if there is none, or none is known.
    #[must_use]
    pub fn example(&self) -> Option<String> {
        match &self.known {
            _ if !self.exact => None,
            Known::All => Some("a".to_owned()),
            Known::Only(texts) => texts.first().cloned(),
            // One of these is not among them, for there is one more.
            Known::AllBut(texts) => (1..=texts.len() + 1)
                .map(|length| "a".repeat(length))
                .find(|text| !texts.contains(text)),
            Known::Language(automaton) => automaton.shortest(),
        }
    }

    /// Whether some text is in both sets.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        match (&self.known, &other.known) {
            (Known::Only(texts), _) => texts.iter().any(|text| other.contains(text)),
            (_, Known::Only(texts)) => texts.iter().any(|text| self.contains(text)),
            _ => !self.and(other).is_empty(),
        }
    }

    /// Whether the set holds all that another does.
    #[must_use]
    pub fn contains_all(&self, other: &Self) -> bool {
        if self.tail == other.tail && self.pattern.is_some() && self.pattern == other.pattern {
            return true;
        }
        if !self.exact {
            return other.is_empty();
        }
        match (&self.known, &other.known) {
            (Known::All, _) => true,
            (_, Known::Only(texts)) => texts.iter().all(|text| self.contains(text)),
            // What is left of a set around the other is around what is left of the other.
            _ => other.minus(self).is_empty(),
        }
    }

    /// The texts that are in both sets.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let both = match (&self.known, &other.known) {
            (Known::All, _) => Some(other.known.clone()),
            (_, Known::All) => Some(self.known.clone()),
            (Known::Only(texts), _) => Some(filtered(texts, |text| other.contains(text))),
            (_, Known::Only(texts)) => Some(filtered(texts, |text| self.contains(text))),
            (Known::AllBut(ours), Known::AllBut(theirs)) => {
                Some(Known::AllBut(Arc::new(ours.union(theirs).cloned().collect())))
            }
            _ => self.combined(other, |ours, theirs| ours && theirs),
        };
        let pattern = match (&self.known, &other.known) {
            (Known::All, _) if self.exact => other.pattern.clone(),
            (_, Known::All) if other.exact => self.pattern.clone(),
            _ if self.pattern == other.pattern => self.pattern.clone(),
            _ => None,
        };
        Self {
            tail: self.tail,
            exact: self.exact && other.exact && both.is_some(),
            known: both.unwrap_or_else(|| self.known.clone()),
            pattern,
        }
    }

    /// The texts that are in this set and not in another.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        if self.pattern.is_some() && self.pattern == other.pattern {
            return Self::of(self.tail, Known::Only(Arc::default()));
        }
        if !self.overlaps(other) {
            return self.clone();
        }
        let rest = match (&self.known, &other.known) {
            // Of what is only known to lie within something, nothing can be taken away for sure.
            _ if !other.exact => None,
            (_, Known::All) => Some(Known::Only(Arc::default())),
            (Known::Only(texts), _) => Some(filtered(texts, |text| !other.contains(text))),
            (Known::All, Known::Only(texts)) => Some(Known::AllBut(texts.clone())),
            (Known::All | Known::AllBut(_), Known::AllBut(texts)) => Some(filtered(texts, |text| self.contains(text))),
            (Known::AllBut(ours), Known::Only(theirs)) => {
                Some(Known::AllBut(Arc::new(ours.union(theirs).cloned().collect())))
            }
            _ => self.combined(other, |ours, theirs| ours && !theirs),
        };
        Self {
            tail: self.tail,
            exact: self.exact && rest.is_some(),
            known: rest.unwrap_or_else(|| self.known.clone()),
            pattern: None,
        }
    }

    fn combined(&self, other: &Self, keep: fn(bool, bool) -> bool) -> Option<Known> {
        let (ours, theirs) = (self.automaton()?, other.automaton()?);
        ours.combined(&theirs, keep).map(known)
    }

    /// The automaton of the set.
    fn automaton(&self) -> Option<Arc<Automaton>> {
        let list = |texts: &BTreeSet<String>| Automaton::of_texts(texts.iter().map(String::as_str));
        match &self.known {
            Known::All => universe(self.tail).cloned().map(Arc::new),
            Known::Only(texts) => list(texts).map(Arc::new),
            Known::AllBut(texts) => {
                let all = universe(self.tail)?;
                all.combined(&list(texts)?, |all, but| all && !but).map(Arc::new)
            }
            Known::Language(automaton) => Some(automaton.clone()),
        }
    }

    /// The tails that several sets make in turn, with a dot between two; only the last one may be of tails.
    pub(super) fn joined(parts: &[&Self]) -> Self {
        let exact = parts.iter().all(|part| part.exact);
        let automata: Option<Vec<Arc<Automaton>>> = parts.iter().map(|part| part.automaton()).collect();
        let joined = automata.and_then(|automata| {
            let automata: Vec<&Automaton> = automata.iter().map(AsRef::as_ref).collect();
            Automaton::joined(&automata).map(known)
        });
        Self {
            tail: true,
            exact: exact && joined.is_some(),
            known: joined.unwrap_or(Known::All),
            pattern: match parts {
                [only] if only.tail => only.pattern.clone(),
                _ => None,
            },
        }
    }
}

/// A language that accepts nothing is an empty list.
fn known(automaton: Automaton) -> Known {
    if automaton.is_empty() {
        Known::Only(Arc::default())
    } else {
        Known::Language(Arc::new(automaton))
    }
}

fn filtered(texts: &BTreeSet<String>, keep: impl Fn(&str) -> bool) -> Known {
    let kept = texts.iter().filter(|text| keep(text)).cloned();
    Known::Only(Arc::new(kept.collect()))
}

/// Whether a text can be a token, or the tokens of a tail.
fn can_stand(tail: bool, text: &str) -> bool {
    let literal = !text.split('.').any(is_wildcard);
    literal && (tail || !text.contains('.')) && check_filter(text).is_ok()
}

/// All tokens, or all tails.
fn universe(tail: bool) -> Option<&'static Automaton> {
    static TOKENS: OnceLock<Option<Automaton>> = OnceLock::new();
    static TAILS: OnceLock<Option<Automaton>> = OnceLock::new();
    let made = if tail {
        TAILS.get_or_init(|| Automaton::of_pattern(&format!(r"\A{TOKEN}(?:\.{TOKEN})*\z")))
    } else {
        TOKENS.get_or_init(|| Automaton::of_pattern(&format!(r"\A{TOKEN}\z")))
    };
    made.as_ref()
}

/// As in a filter where it is one; else what the set is made of.
impl fmt::Display for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |texts: &BTreeSet<String>| texts.iter().map(String::as_str).collect::<Vec<_>>().join("|");
        match (&self.known, &self.pattern) {
            (_, Some(pattern)) => write!(f, "({pattern})"),
            (Known::All, None) => f.write_str(if self.tail { ">" } else { "*" }),
            (Known::Only(texts), None) if texts.len() == 1 => f.write_str(&list(texts)),
            (Known::Only(texts), None) => write!(f, "({})", list(texts)),
            (Known::AllBut(texts), None) => write!(f, "(not {})", list(texts)),
            (Known::Language(_), None) => f.write_str("(some)"),
        }
    }
}
