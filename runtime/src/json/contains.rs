//! `contains`: how many items of a list are of some kind.

use super::cursor::Cursor;
use super::fault::{Checked, Fault, Parsed};
use super::phrases::{at_least, at_most, counted};
use crate::payload::Keyword;

/// How many items of a list are of some kind.
#[derive(Debug)]
pub struct Contains {
    read: fn(&mut Cursor<'_>) -> Parsed<()>,
    min: usize,
    max: usize,
}

impl Contains {
    /// At least one item that can be read in a way.
    #[must_use]
    pub const fn new(read: fn(&mut Cursor<'_>) -> Parsed<()>) -> Self {
        Self {
            read,
            min: 1,
            max: usize::MAX,
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

    fn check(&self, list: &str) -> Checked {
        let mut cursor = Cursor::at_start(list);
        let (mut found, mut more) = (0, cursor.begin_list()?);
        while more {
            cursor.peek();
            let mut item = Cursor {
                at: cursor.at,
                depth: cursor.depth,
                ..Cursor::at_start(list)
            };
            match (self.read)(&mut item) {
                Ok(()) => found += 1,
                // These say nothing of whether the schema accepts the item.
                Err(fault) if is_about_reading(fault.keyword()) => return Err(fault),
                Err(_) => {}
            }
            cursor.skip()?;
            more = cursor.next_item()?;
        }
        if (self.min..=self.max).contains(&found) {
            return Ok(());
        }
        let expected = if found < self.min {
            at_least(self.min, "item")
        } else {
            at_most(self.max, "item")
        };
        let expected = format!("{expected} of the kind that the schema asks for");
        Err(Fault::of(Keyword::Contains, expected, counted(found, "such item")))
    }
}

fn is_about_reading(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::Syntax | Keyword::Encoding | Keyword::Depth | Keyword::Duplicate | Keyword::IntegerRange
    )
}

/// Counts the items of a list, given as its text.
#[inline]
pub(super) fn check(rule: Option<&Contains>, list: &str) -> Checked {
    rule.map_or(Ok(()), |rule| rule.check(list))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Codec, Integer, Items, read_document};

    static LARGE: Integer = Integer::any().minimum(5);
    static TWO_OR_THREE: Contains = Contains::new(|cursor| cursor.integer(&LARGE).map(|_: i64| ()))
        .min(2)
        .max(3);
    static SOME_LARGE: Items = Items::any().containing(&TWO_OR_THREE);

    #[test]
    fn items_are_counted_in_documents_and_in_built_lists() {
        for (numbers, keyword) in [
            (vec![], Some(Keyword::Contains)),
            (vec![5, 1], Some(Keyword::Contains)),
            (vec![5, 1, 6], None),
            (vec![7, 8, 9, 1, 2], None),
            (vec![7, 8, 9, 10], Some(Keyword::Contains)),
        ] {
            let document = format!("[[1, 2], {numbers:?}]");
            let read = read_document(document.as_bytes(), |cursor| {
                cursor.begin_list()?;
                cursor.skip()?;
                cursor.next_item()?;
                let list = cursor.array(&SOME_LARGE, i64::read)?;
                cursor.next_item()?;
                Ok(list)
            });
            let pointer = read.as_ref().err().map_or("/1", |error| error.pointer());
            assert_eq!(pointer, "/1");
            assert_eq!(read.err().map(|error| error.keyword()), keyword, "{numbers:?}");
            let built = SOME_LARGE.check(&numbers, i64::check);
            assert_eq!(built.err().map(|fault| fault.into_built_error().keyword()), keyword);
        }
    }
}
