//! Objects whose names the document chooses.

use std::collections::BTreeMap;

use super::cursor::Cursor;
use super::fault::{Checked, Fault, Parsed, additional};
use super::properties::Properties;
use crate::payload::Keyword;

impl<'a> Cursor<'a> {
    /// Reads an object as a map.
    ///
    /// # Errors
    ///
    /// When something else stands here, a member stands twice, or the members' names or their number break a rule; and those
    /// of `read`.
    pub fn map<T>(
        &mut self,
        rules: &Properties,
        read: impl Fn(&mut Cursor<'a>) -> Parsed<T>,
    ) -> Parsed<BTreeMap<String, T>> {
        let mut map = BTreeMap::new();
        let mut members = self.object::<1>(&[])?;
        while members.next(self)?.is_some() {
            members.check_name(self, rules)?.additional(self, &mut map, &read)?;
        }
        match rules.check_count(map.len()) {
            Ok(()) => Ok(map),
            Err(fault) => Err(fault.placed(members.start())),
        }
    }
}

/// Checks that a map of members that the schema does not name holds none that it does name.
///
/// # Errors
///
/// When it does, for then the document would hold the member twice.
pub fn not_named<T>(map: &BTreeMap<String, T>, names: &[&str]) -> Checked {
    match names.iter().find(|name| map.contains_key(**name)) {
        None => Ok(()),
        Some(name) => additional(
            name,
            Err(Fault::of(Keyword::Duplicate, "each member once", "a second one")),
        ),
    }
}
