//! Which types the borrowed forms of payloads are made of.

use std::collections::HashSet;

use super::{Additional, DefinitionId, DefinitionKind, PayloadSet, Type};

/// The definitions that the borrowed forms of some payloads are made of.
#[derive(Clone, Debug, Default)]
pub struct Borrowed {
    reached: HashSet<DefinitionId>,
    borrowing: HashSet<DefinitionId>,
}

impl Borrowed {
    /// Whether the borrowed form of a payload holds values of a definition.
    #[must_use]
    pub fn reaches(&self, id: DefinitionId) -> bool {
        self.reached.contains(&id)
    }

    /// Whether values of a definition are or hold text, lists or other things that can be borrowed.
    #[must_use]
    pub fn borrows(&self, id: DefinitionId) -> bool {
        self.borrowing.contains(&id)
    }

    /// Whether values of a type can be borrowed, or hold something that can.
    #[must_use]
    pub fn type_borrows(&self, ty: &Type) -> bool {
        match ty {
            Type::Any | Type::AnyObject | Type::Text(_) | Type::Array(_) | Type::Map(_) => true,
            Type::Nullable(inner) => self.type_borrows(inner),
            Type::Named(id) => self.borrows(*id),
            Type::Null
            | Type::Boolean
            | Type::Integer(_)
            | Type::Number(_)
            | Type::Uuid
            | Type::DateTime
            | Type::Constant(_) => false,
        }
    }

    fn kind_borrows(&self, kind: &DefinitionKind) -> bool {
        match kind {
            DefinitionKind::Text(_) | DefinitionKind::Judged(_) => true,
            // Tuples are small, and what follows one in its list cannot be borrowed without it.
            DefinitionKind::Enum(_) | DefinitionKind::Values(_) | DefinitionKind::Tuple(_) => false,
            DefinitionKind::Struct(object) if matches!(object.additional, Additional::Kept(_)) => true,
            DefinitionKind::Struct(object) => object.fields.iter().any(|field| self.type_borrows(&field.ty)),
            DefinitionKind::Tagged(tagged) => tagged.variants.iter().any(|variant| self.borrows(variant.definition)),
            DefinitionKind::Untagged(variants) => variants.iter().any(|variant| self.type_borrows(&variant.ty)),
            DefinitionKind::Wrapper(inner) => self.type_borrows(inner),
        }
    }
}

impl PayloadSet {
    /// What the borrowed forms of payloads are made of; names that no payload has are passed over.
    #[must_use]
    pub fn borrowed<'n>(&self, payloads: impl IntoIterator<Item = &'n str>) -> Borrowed {
        let mut borrowed = Borrowed::default();
        for name in payloads {
            if let Some(payload) = self.get(name) {
                self.reach(payload.root, &mut borrowed.reached);
            }
        }
        // Definitions may hold each other in a ring, so that one round does not always tell.
        loop {
            let more: Vec<DefinitionId> = borrowed
                .reached
                .difference(&borrowed.borrowing)
                .filter(|id| borrowed.kind_borrows(&self.definition(**id).kind))
                .copied()
                .collect();
            if more.is_empty() {
                return borrowed;
            }
            borrowed.borrowing.extend(more);
        }
    }

    pub(super) fn reach(&self, id: DefinitionId, reached: &mut HashSet<DefinitionId>) {
        if !reached.insert(id) {
            return;
        }
        match &self.definition(id).kind {
            DefinitionKind::Struct(object) => {
                for field in &object.fields {
                    self.reach_type(&field.ty, reached);
                }
                if let Additional::Kept(ty) = &object.additional {
                    self.reach_type(ty, reached);
                }
            }
            DefinitionKind::Tagged(tagged) => {
                for variant in &tagged.variants {
                    self.reach(variant.definition, reached);
                }
            }
            DefinitionKind::Untagged(variants) => {
                for variant in variants {
                    self.reach_type(&variant.ty, reached);
                }
            }
            DefinitionKind::Wrapper(inner) => self.reach_type(inner, reached),
            DefinitionKind::Enum(_)
            | DefinitionKind::Values(_)
            | DefinitionKind::Tuple(_)
            | DefinitionKind::Text(_)
            | DefinitionKind::Judged(_) => {}
        }
    }

    fn reach_type(&self, ty: &Type, reached: &mut HashSet<DefinitionId>) {
        match ty {
            Type::Named(id) => self.reach(*id, reached),
            Type::Nullable(inner) => self.reach_type(inner, reached),
            Type::Array(array) => self.reach_type(&array.item, reached),
            Type::Map(map) => self.reach_type(&map.value, reached),
            _ => {}
        }
    }
}
