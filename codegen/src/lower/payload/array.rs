//! Lists.

use super::part::Part;
use super::scalar::{entries, sizes};
use super::{Context, Lowerer};
use crate::contract::payload::{Array, Type};
use crate::source::Value;

impl<'n> Lowerer<'n, '_> {
    pub(super) fn array(&mut self, parts: &[Part<'n>], context: &Context) -> Type {
        for entry in entries(parts, "items") {
            match &entry.value.value {
                Value::Sequence(_) => self.obstacle(entry.key_span, "`items` is a list of schemas"),
                Value::Bool(false) => self.obstacle(entry.key_span, "`items` is `false`"),
                _ => {}
            }
        }
        let items: Vec<Part<'n>> = parts.iter().filter_map(|part| part.child(&["items"])).collect();
        let item = match items.first() {
            Some(first) if items.iter().all(|item| item.node.value != Value::Bool(false)) => {
                let context = context.child("Item", first.node.span);
                self.joined(&items, &context)
            }
            _ => Type::Any,
        };
        let (min, max) = sizes(self, parts, "minItems", "maxItems");
        let unique = entries(parts, "uniqueItems")
            .iter()
            .any(|entry| entry.value.value == Value::Bool(true));
        Type::Array(Box::new(Array { item, min, max, unique }))
    }

    /// The type of schemas from several parts that hold together.
    pub(super) fn joined(&mut self, schemas: &[Part<'n>], context: &Context) -> Type {
        if let [only] = schemas {
            return self.lower(only, context);
        }
        self.or_judged(schemas, context, |lowerer| lowerer.joined_natively(schemas, context))
    }

    fn joined_natively(&mut self, schemas: &[Part<'n>], context: &Context) -> Type {
        let mut parts: Vec<Part<'n>> = Vec::new();
        for schema in schemas {
            let Some(flat) = self.documents.flatten(schema, self.report) else {
                return Type::Any;
            };
            for part in flat {
                if !parts.iter().any(|known| known.place == part.place) {
                    parts.push(part);
                }
            }
        }
        self.conjunction(&parts, context)
    }
}
