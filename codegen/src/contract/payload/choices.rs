//! What a contract chooses for its payloads: open objects that keep what the schema does not name, and other types.

use std::collections::HashSet;

use super::{Additional, DefinitionId, DefinitionKind, Field, Format, PayloadSet, Rest, Text, Type};

impl PayloadSet {
    /// Lets the open objects that payloads are made of keep members that their schemas do not name, and gives them.
    /// Names that no payload has are passed over.
    pub(crate) fn keep_unknown<'n>(&mut self, payloads: impl IntoIterator<Item = &'n str>) -> Vec<DefinitionId> {
        let mut reached = HashSet::new();
        for name in payloads {
            if let Some(payload) = self.get(name) {
                self.reach(payload.root, &mut reached);
            }
        }
        let mut kept: Vec<DefinitionId> = Vec::new();
        for id in reached {
            if let Some(definition) = self.definitions.get_mut(id.0)
                && let DefinitionKind::Struct(object) = &mut definition.kind
                && matches!(object.additional, Additional::Ignored)
            {
                object.additional = Additional::Kept(Type::Any);
                kept.push(id);
            }
        }
        kept.sort_unstable();
        kept
    }

    /// Makes text of UUIDs or moments, which still has to be of their format.
    pub(crate) fn write_as_text(&mut self, uuids: bool, moments: bool) {
        if !uuids && !moments {
            return;
        }
        let text = |ty: &mut Type| {
            let format = match ty {
                Type::Uuid if uuids => Format::Uuid,
                Type::DateTime if moments => Format::DateTime,
                _ => return,
            };
            *ty = Type::Text(Text {
                format: Some(format),
                ..Text::default()
            });
        };
        for definition in &mut self.definitions {
            match &mut definition.kind {
                DefinitionKind::Struct(object) => {
                    for field in &mut object.fields {
                        each(&mut field.ty, &text);
                    }
                    if let Additional::Kept(ty) = &mut object.additional {
                        each(ty, &text);
                    }
                }
                DefinitionKind::Untagged(variants) => {
                    for variant in variants {
                        each(&mut variant.ty, &text);
                    }
                }
                DefinitionKind::Tuple(tuple) => {
                    for position in &mut tuple.positions {
                        each(&mut position.ty, &text);
                    }
                    if let Rest::Kept(ty) = &mut tuple.rest {
                        each(ty, &text);
                    }
                    if let Some(contains) = &mut tuple.rules.contains {
                        each(&mut contains.ty, &text);
                    }
                }
                DefinitionKind::Wrapper(inner) => each(inner, &text),
                DefinitionKind::Enum(_)
                | DefinitionKind::Values(_)
                | DefinitionKind::Text(_)
                | DefinitionKind::Tagged(_)
                | DefinitionKind::Judged(_) => {}
            }
        }
    }

    /// Whether any type, member or value is deprecated.
    #[must_use]
    pub fn is_deprecated(&self) -> bool {
        self.definitions.iter().any(|definition| {
            definition.docs.deprecated
                || match &definition.kind {
                    DefinitionKind::Struct(object) => object.fields.iter().any(|field| field.docs.deprecated),
                    DefinitionKind::Enum(values) => values.iter().any(|value| value.deprecated),
                    DefinitionKind::Values(values) => values.iter().any(|value| value.deprecated),
                    _ => false,
                }
        })
    }

    /// The members of an object.
    pub(crate) fn fields_of(&self, id: DefinitionId) -> &[Field] {
        match &self.definition(id).kind {
            DefinitionKind::Struct(object) => &object.fields,
            _ => &[],
        }
    }
}

/// Does something with a type and those within it.
fn each(ty: &mut Type, change: &dyn Fn(&mut Type)) {
    change(ty);
    match ty {
        Type::Nullable(inner) => each(inner, change),
        Type::Array(array) => {
            each(&mut array.item, change);
            if let Some(contains) = &mut array.rules.contains {
                each(&mut contains.ty, change);
            }
        }
        Type::Map(map) => each(&mut map.value, change),
        _ => {}
    }
}
