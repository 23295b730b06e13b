//! Lists in a document.

use bytes::BytesMut;

use super::Codec;
use super::contains;
use super::cursor::Cursor;
use super::fault::{Checked, Fault, Parsed, element};
use super::rules::Items;
use super::unique::{self, Texts};
use super::write;
use crate::payload::Keyword;

/// There is room for so many items before a list grows; most lists of messages hold no more.
const FIRST_ITEMS: usize = 8;

impl<'a> Cursor<'a> {
    /// Reads a list.
    ///
    /// # Errors
    ///
    /// When something else stands here, or the list breaks a rule; and those of `read`.
    pub fn array<T>(&mut self, rules: &Items, read: impl Fn(&mut Cursor<'a>) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut items = Vec::new();
        self.items(rules, |cursor| {
            if items.is_empty() {
                items.reserve(FIRST_ITEMS);
            }
            items.push(read(cursor)?);
            Ok(())
        })?;
        Ok(items)
    }

    /// Reads a list item by item, and says how many there were.
    #[inline]
    pub(super) fn items(&mut self, rules: &Items, mut read: impl FnMut(&mut Self) -> Parsed<()>) -> Parsed<usize> {
        self.peek();
        let start = self.at;
        let mut count = 0;
        // Only where it is asked for, texts are noted down.
        let mut texts = rules.unique.then(Texts::new);
        let mut more = self.begin_list()?;
        if more && rules.closed {
            self.peek();
            return Err(Fault::at(self.at, Keyword::AdditionalItems, "no item"));
        }
        while more {
            self.peek();
            let item = self.at;
            read(self)?;
            count += 1;
            if let Some(texts) = &mut texts {
                texts.push(self.slice(item, self.at));
            }
            more = self.next_item()?;
        }
        let checked = rules
            .check_length(count)
            .and_then(|()| match texts {
                Some(texts) => texts.check(self.slice(start, self.at)),
                None => Ok(()),
            })
            .and_then(|()| match rules.contains {
                Some(_) => contains::check(rules.contains, self.slice(start, self.at)),
                None => Ok(()),
            });
        match checked {
            Ok(()) => Ok(count),
            Err(fault) => Err(fault.placed(start)),
        }
    }

    /// Enters a list, and says whether it has an item.
    ///
    /// # Errors
    ///
    /// When something else stands here.
    #[inline]
    pub fn begin_list(&mut self) -> Parsed<bool> {
        if self.peek() != b'[' {
            return Err(self.wrong_type("a list"));
        }
        self.enter(1)?;
        self.note();
        self.at += 1;
        if self.peek() == b']' {
            self.at += 1;
            self.leave(1);
            return Ok(false);
        }
        Ok(true)
    }

    /// Passes what stands behind an item, and says whether another one follows.
    ///
    /// # Errors
    ///
    /// When neither another item nor the end follows.
    #[inline]
    pub fn next_item(&mut self) -> Parsed<bool> {
        match self.peek() {
            b',' => {
                self.at += 1;
                Ok(true)
            }
            b']' => {
                self.at += 1;
                self.leave(1);
                Ok(false)
            }
            _ => Err(self.syntax("`,` or `]`")),
        }
    }
}

impl Items {
    /// Checks a list and each of its items.
    ///
    /// # Errors
    ///
    /// The first rule that is broken.
    pub fn check<T: Codec>(&self, items: &[T], check: impl Fn(&T) -> Checked) -> Checked {
        self.check_length(items.len())?;
        for (index, item) in items.iter().enumerate() {
            element(index, check(item))?;
        }
        if self.unique {
            unique::check_built(items)?;
        }
        if self.contains.is_some() {
            let mut list = BytesMut::new();
            write::array(items, &mut list);
            contains::check(self.contains, &String::from_utf8_lossy(&list))?;
        }
        Ok(())
    }
}
