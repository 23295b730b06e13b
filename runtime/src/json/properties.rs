//! What a schema asks of the members of an object, beside what it asks of each of them.

use std::collections::BTreeMap;

use super::fault::{Checked, Fault, additional};
use super::phrases::{at_least, at_most, counted};
use super::rules::Text;
use super::strings::one_of_text;
use crate::payload::Keyword;

/// Rules for an object, beside those of its members.
#[derive(Debug)]
pub struct Properties {
    min: usize,
    max: usize,
    names: Option<Names>,
    never: &'static [&'static str],
}

/// What the names of members must be.
#[derive(Debug)]
enum Names {
    Like(&'static Text),
    OneOf(&'static [&'static str]),
}

impl Properties {
    /// Any members.
    #[must_use]
    pub const fn any() -> Self {
        Self {
            min: 0,
            max: usize::MAX,
            names: None,
            never: &[],
        }
    }

    /// At least so many.
    #[must_use]
    pub const fn min(self, min: usize) -> Self {
        Self { min, ..self }
    }

    /// At most so many.
    #[must_use]
    pub const fn max(self, max: usize) -> Self {
        Self { max, ..self }
    }

    /// Members whose names follow rules.
    #[must_use]
    pub const fn named_like(self, rules: &'static Text) -> Self {
        Self {
            names: Some(Names::Like(rules)),
            ..self
        }
    }

    /// Members with these names, and no others.
    #[must_use]
    pub const fn named(self, names: &'static [&'static str]) -> Self {
        Self {
            names: Some(Names::OneOf(names)),
            ..self
        }
    }

    /// No members with these names.
    #[must_use]
    pub const fn without(self, never: &'static [&'static str]) -> Self {
        Self { never, ..self }
    }

    /// Checks a number of members.
    ///
    /// # Errors
    ///
    /// When there are too few or too many.
    #[inline]
    pub fn check_count(&self, members: usize) -> Checked {
        if members < self.min {
            return Err(Fault::of(
                Keyword::MinProperties,
                at_least(self.min, "member"),
                counted(members, "member"),
            ));
        }
        if members > self.max {
            return Err(Fault::of(
                Keyword::MaxProperties,
                at_most(self.max, "member"),
                counted(members, "member"),
            ));
        }
        Ok(())
    }

    /// Checks the name of a member; a fault is one of the object.
    #[inline]
    pub(super) fn check_name(&self, name: &str) -> Checked {
        let checked = match &self.names {
            None => return Ok(()),
            Some(Names::Like(rules)) => rules.check(name),
            Some(Names::OneOf(names)) if names.contains(&name) => return Ok(()),
            Some(Names::OneOf([])) => Err(Fault::of(Keyword::FalseSchema, "", "")),
            Some(Names::OneOf(names)) => Err(Fault::of(Keyword::Enum, one_of_text(names), "")),
        };
        checked.map_err(|fault| fault.of_name(name))
    }

    /// Whether no member has this name.
    #[inline]
    pub(super) fn is_never(&self, name: &str) -> bool {
        self.never.contains(&name)
    }

    /// Checks the names of the members of an object that the schema does not name.
    ///
    /// # Errors
    ///
    /// The first name that no member may have.
    pub fn check_names<T>(&self, members: &BTreeMap<String, T>) -> Checked {
        for name in members.keys() {
            self.check_name(name)?;
            if self.is_never(name) {
                return additional(name, Err(Fault::of(Keyword::FalseSchema, NO_VALUE, "one")));
            }
        }
        Ok(())
    }

    /// Checks a map and each of its values.
    ///
    /// # Errors
    ///
    /// The first rule that is broken.
    pub fn check_map<T>(&self, map: &BTreeMap<String, T>, check: impl Fn(&T) -> Checked) -> Checked {
        self.check_names(map)?;
        self.check_count(map.len())?;
        for (name, value) in map {
            additional(name, check(value))?;
        }
        Ok(())
    }
}

/// What is expected of a member that must not be there.
pub(super) const NO_VALUE: &str = "no value here";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Codec, read_document};

    static SHORT: Text = Text::any().max_length(3);
    static NAMED_LIKE: Properties = Properties::any().named_like(&SHORT).without(&["no"]);
    static NAMED: Properties = Properties::any().named(&["a", "b"]).min(1);
    static NONE: Properties = Properties::any().named(&[]);

    #[test]
    fn names_are_checked_in_documents_and_in_built_maps() {
        for (rules, document, expected) in [
            (&NAMED_LIKE, r#"{"abc":1}"#, None),
            (
                &NAMED_LIKE,
                r#"{"abcd":1}"#,
                Some((
                    Keyword::PropertyNames,
                    "",
                    "each member's name to be at most 3 characters",
                )),
            ),
            (
                &NAMED_LIKE,
                r#"{"no":1}"#,
                Some((Keyword::FalseSchema, "/no", NO_VALUE)),
            ),
            (&NAMED, r#"{"b":1,"a":2}"#, None),
            (&NAMED, "{}", Some((Keyword::MinProperties, "", "at least 1 member"))),
            (
                &NAMED,
                r#"{"a":1,"c":2}"#,
                Some((
                    Keyword::PropertyNames,
                    "",
                    r#"each member's name to be one of "a", "b""#,
                )),
            ),
            (&NONE, "{}", None),
            (&NONE, r#"{"a":1}"#, Some((Keyword::PropertyNames, "", "no member"))),
        ] {
            let read = read_document(document.as_bytes(), |cursor| cursor.map(rules, i64::read));
            let error = read.as_ref().err();
            let found = error.map(|error| (error.keyword(), error.pointer(), error.expected()));
            assert_eq!(found, expected, "{document}");
            let borrowed = read_document(document.as_bytes(), |cursor| {
                cursor.borrow_map(rules, i64::read).map(drop)
            });
            assert_eq!(borrowed.as_ref().err(), error, "{document}");
            let built: BTreeMap<String, i64> = serde_json::from_str(document).unwrap_or_default();
            let checked = rules.check_map(&built, i64::check).map_err(Fault::into_built_error);
            let found = checked.as_ref().err();
            let found = found.map(|error| (error.keyword(), error.pointer(), error.expected()));
            assert_eq!(found, expected, "{document}");
        }
    }
}
