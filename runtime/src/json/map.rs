//! Objects whose names the document chooses.

use std::collections::BTreeMap;

use super::cursor::Cursor;
use super::fault::{Checked, Parsed, additional};
use super::rules::Count;

impl<'a> Cursor<'a> {
    /// Reads an object as a map.
    ///
    /// # Errors
    ///
    /// When something else stands here, a member stands twice, or their number breaks a rule; and those of `read`.
    pub fn map<T>(
        &mut self,
        rules: &Count,
        read: impl Fn(&mut Cursor<'a>) -> Parsed<T>,
    ) -> Parsed<BTreeMap<String, T>> {
        let mut map = BTreeMap::new();
        let mut members = self.object::<1>(&[])?;
        while members.next(self)?.is_some() {
            members.additional(self, &mut map, &read)?;
        }
        match rules.check(map.len()) {
            Ok(()) => Ok(map),
            Err(fault) => Err(fault.placed(members.start())),
        }
    }
}

impl Count {
    /// Checks a map and each of its values.
    ///
    /// # Errors
    ///
    /// The first rule that is broken.
    pub fn check_map<T>(&self, map: &BTreeMap<String, T>, check: impl Fn(&T) -> Checked) -> Checked {
        self.check(map.len())?;
        for (name, value) in map {
            additional(name, check(value))?;
        }
        Ok(())
    }
}
