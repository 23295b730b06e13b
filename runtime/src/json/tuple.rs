//! Lists whose positions have types of their own.

use bytes::BytesMut;

use super::Codec;
use super::contains;
use super::cursor::Cursor;
use super::fault::{Checked, Fault, Parsed, element};
use super::rules::Items;
use super::unique::Texts;
use crate::payload::Keyword;

/// A list that is being read position by position.
pub struct Tuple<'a> {
    rules: &'static Items,
    start: usize,
    count: usize,
    /// Whether another item follows.
    more: bool,
    texts: Texts<'a>,
}

impl<'a> Cursor<'a> {
    /// Begins to read a list position by position.
    ///
    /// # Errors
    ///
    /// When something else stands here.
    pub fn tuple(&mut self, rules: &'static Items) -> Parsed<Tuple<'a>> {
        self.peek();
        let start = self.at;
        Ok(Tuple {
            rules,
            start,
            count: 0,
            more: self.begin_list()?,
            texts: Texts::new(),
        })
    }
}

impl<'a> Tuple<'a> {
    fn next<T>(&mut self, cursor: &mut Cursor<'a>, read: impl FnOnce(&mut Cursor<'a>) -> Parsed<T>) -> Parsed<T> {
        cursor.peek();
        let start = cursor.at;
        let value = read(cursor)?;
        if self.rules.unique {
            self.texts.push(cursor.slice(start, cursor.at));
        }
        self.count += 1;
        self.more = cursor.next_item()?;
        Ok(value)
    }

    /// The item of a position that must be there.
    ///
    /// # Errors
    ///
    /// When it is not; and those of `read`.
    #[inline]
    pub fn required<T>(
        &mut self,
        cursor: &mut Cursor<'a>,
        read: impl FnOnce(&mut Cursor<'a>) -> Parsed<T>,
    ) -> Parsed<T> {
        if self.more {
            self.next(cursor, read)
        } else {
            Err(self.rules.length_fault(self.count).placed(self.start))
        }
    }

    /// The item of a position that may be missing.
    ///
    /// # Errors
    ///
    /// Those of `read`.
    #[inline]
    pub fn optional<T>(
        &mut self,
        cursor: &mut Cursor<'a>,
        read: impl FnOnce(&mut Cursor<'a>) -> Parsed<T>,
    ) -> Parsed<Option<T>> {
        if self.more {
            self.next(cursor, read).map(Some)
        } else {
            Ok(None)
        }
    }

    /// The items beyond the positions.
    ///
    /// # Errors
    ///
    /// Those of `read`.
    pub fn others<T>(
        &mut self,
        cursor: &mut Cursor<'a>,
        read: impl Fn(&mut Cursor<'a>) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        let mut others = Vec::new();
        while self.more {
            others.push(self.next(cursor, &read)?);
        }
        Ok(others)
    }

    /// Says that the list ends here, and checks it as a whole.
    ///
    /// # Errors
    ///
    /// When another item follows, or a rule is broken.
    pub fn end(mut self, cursor: &mut Cursor<'a>) -> Parsed<()> {
        if self.more {
            return Err(self.beyond(cursor));
        }
        let text = cursor.slice(self.start, cursor.at);
        let checked = self
            .rules
            .check_length(self.count)
            .and_then(|()| self.texts.check(text))
            .and_then(|()| contains::check(self.rules.contains, text));
        checked.map_err(|fault| fault.placed(self.start))
    }

    /// The fault of an item for which there is no position.
    #[cold]
    #[inline(never)]
    fn beyond(&mut self, cursor: &mut Cursor<'a>) -> Fault {
        cursor.peek();
        let (start, positions) = (cursor.at, self.count);
        while self.more {
            if let Err(syntax) = self.next(cursor, Cursor::skip) {
                return syntax;
            }
        }
        if self.count > self.rules.max {
            return self.rules.length_fault(self.count).placed(self.start);
        }
        let expected = format!("no item beyond the first {positions}");
        Fault::at(start, Keyword::AdditionalItems, expected)
    }
}

/// The number of items of a list that was built: of those that must be there, those that may be, and the others.
///
/// # Errors
///
/// When an item is missing before one that is there.
pub fn positions(required: usize, optional: &[bool], others: usize) -> Parsed<usize> {
    let there = optional.iter().take_while(|there| **there).count();
    if there < optional.len() && (others > 0 || optional.iter().skip(there).any(|there| *there)) {
        let fault = Fault::of(Keyword::MinItems, "an item, for others follow", "none");
        element(required + there, Err(fault))?;
    }
    Ok(required + there + others)
}

impl Items {
    /// Checks a list of so many items as a whole.
    ///
    /// # Errors
    ///
    /// The first rule that is broken.
    pub fn check_tuple<T: Codec>(&self, length: usize, list: &T) -> Checked {
        self.check_length(length)?;
        if !self.unique && self.contains.is_none() {
            return Ok(());
        }
        let mut out = BytesMut::new();
        list.write(&mut out);
        let text = String::from_utf8_lossy(&out);
        if self.unique {
            let mut cursor = Cursor::at_start(&text);
            let mut texts = Texts::new();
            let mut more = cursor.begin_list()?;
            while more {
                texts.push(cursor.raw()?);
                more = cursor.next_item()?;
            }
            texts.check(&text)?;
        }
        contains::check(self.contains, &text)
    }
}

/// A list that is being written.
#[derive(Debug)]
pub struct ListWriter<'o> {
    out: &'o mut BytesMut,
    empty: bool,
    /// Whether an item was missing, so that there is no place for those after it.
    ended: bool,
}

impl<'o> ListWriter<'o> {
    /// Begins a list.
    pub fn new(out: &'o mut BytesMut) -> Self {
        out.extend_from_slice(b"[");
        Self {
            out,
            empty: true,
            ended: false,
        }
    }

    /// Writes an item.
    pub fn item<T: Codec>(&mut self, item: &T) {
        if self.ended {
            return;
        }
        if !self.empty {
            self.out.extend_from_slice(b",");
        }
        self.empty = false;
        item.write(self.out);
    }

    /// Writes an item if there is one.
    pub fn optional<T: Codec>(&mut self, item: Option<&T>) {
        match item {
            Some(item) => self.item(item),
            None => self.ended = true,
        }
    }

    /// Writes items.
    pub fn others<T: Codec>(&mut self, items: &[T]) {
        for item in items {
            self.item(item);
        }
    }

    /// Ends the list.
    pub fn finish(self) {
        self.out.extend_from_slice(b"]");
    }
}
