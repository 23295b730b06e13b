//! Going from a value to one within it.

use super::cursor::Cursor;

impl Cursor<'_> {
    /// Goes from the start of a value to one within it, by the names of members and the indices of elements; stays around
    /// what is not there.
    pub(super) fn descend<'p>(&mut self, steps: impl Iterator<Item = &'p str>) {
        for step in steps {
            self.peek();
            let start = self.at;
            if self.step_into(step).is_none() {
                self.at = start;
                return;
            }
        }
        self.peek();
    }

    fn step_into(&mut self, step: &str) -> Option<()> {
        let object = match self.peek() {
            b'{' => true,
            b'[' => false,
            _ => return None,
        };
        self.at += 1;
        let wanted = step.parse();
        let mut index = 0_usize;
        loop {
            let found = if object {
                let name = self.key().ok()?;
                name == step
            } else {
                wanted == Ok(index)
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
