//! Reading JSON as plain values.

use serde_json::{Map, Number, Value};

use super::cursor::Cursor;
use super::fault::{Fault, Parsed};
use crate::payload::Keyword;

impl Cursor<'_> {
    /// Reads any value, where no member may stand twice.
    pub(super) fn value(&mut self) -> Parsed<Value> {
        match self.peek() {
            b'{' => self.members(),
            b'[' => self.elements(),
            b'"' => Ok(Value::String(self.string()?.into_owned())),
            b't' => self.literal("true").map(|()| Value::Bool(true)),
            b'f' => self.literal("false").map(|()| Value::Bool(false)),
            b'n' => self.literal("null").map(|()| Value::Null),
            b'-' | b'0'..=b'9' => {
                let start = self.at;
                self.at = self.number_end(start)?;
                serde_json::from_str::<Number>(self.slice(start, self.at))
                    .map(Value::Number)
                    .map_err(|_| Fault::at(start, Keyword::Type, "a number that fits 64 bits"))
            }
            _ => Err(self.syntax("a JSON value")),
        }
    }

    fn members(&mut self) -> Parsed<Value> {
        self.enter(1)?;
        self.at += 1;
        let mut members = Map::new();
        let mut more = self.peek() != b'}';
        while more {
            if self.peek() != b'"' {
                return Err(self.syntax("a member's name in quotes"));
            }
            let name = self.key()?;
            self.peek();
            let start = self.at;
            if members.contains_key(name.as_ref()) {
                return Err(Fault::at(start, Keyword::Duplicate, "each member once"));
            }
            let value = self.value()?;
            members.insert(name.into_owned(), value);
            more = match self.peek() {
                b',' => true,
                b'}' => false,
                _ => return Err(self.syntax("`,` or `}`")),
            };
            self.at += usize::from(more);
        }
        self.at += 1;
        self.leave(1);
        Ok(Value::Object(members))
    }

    fn elements(&mut self) -> Parsed<Value> {
        self.enter(1)?;
        self.at += 1;
        let mut elements = Vec::new();
        let mut more = self.peek() != b']';
        while more {
            elements.push(self.value()?);
            more = match self.peek() {
                b',' => true,
                b']' => false,
                _ => return Err(self.syntax("`,` or `]`")),
            };
            self.at += usize::from(more);
        }
        self.at += 1;
        self.leave(1);
        Ok(Value::Array(elements))
    }
}
