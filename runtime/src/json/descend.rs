//! Going from a value to one within it.

use super::cursor::Cursor;

/// A step from a value to one within it.
#[derive(Debug)]
pub(super) enum Step<'p> {
    /// To a member.
    Name(std::borrow::Cow<'p, str>),
    /// To an element.
    Index(usize),
}

impl Cursor<'_> {
    /// Goes from the start of a value to one within it; stays around what is not there.
    pub(super) fn descend<'p>(&mut self, steps: impl Iterator<Item = Step<'p>>) {
        for step in steps {
            self.peek();
            let start = self.at;
            if self.step_into(&step).is_none() {
                self.at = start;
                return;
            }
        }
        self.peek();
    }

    fn step_into(&mut self, step: &Step<'_>) -> Option<()> {
        let object = match self.peek() {
            b'{' => true,
            b'[' => false,
            _ => return None,
        };
        self.at += 1;
        let mut index = 0;
        loop {
            let found = if object {
                let name = self.key().ok()?;
                matches!(step, Step::Name(wanted) if *wanted == name)
            } else {
                matches!(step, Step::Index(wanted) if *wanted == index)
            };
            if found {
                return Some(());
            }
            self.skip().ok()?;
            if self.peek() != b',' {
                return None;
            }
            self.at += 1;
            index += 1;
        }
    }
}
