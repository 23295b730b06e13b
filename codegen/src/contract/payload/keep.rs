//! Open objects that keep what the schema does not name.

use std::collections::HashSet;

use super::{Additional, DefinitionId, DefinitionKind, Field, PayloadSet, Type};

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

    /// The members of an object.
    pub(crate) fn fields_of(&self, id: DefinitionId) -> &[Field] {
        match &self.definition(id).kind {
            DefinitionKind::Struct(object) => &object.fields,
            _ => &[],
        }
    }
}
