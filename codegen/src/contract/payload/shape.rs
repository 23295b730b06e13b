//! Where schemas stand within a schema.

/// What a keyword holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A schema, or a list of schemas.
    Schemas,
    /// Schemas by names.
    Named,
    /// No schemas.
    Other,
}

impl Shape {
    /// What a keyword of draft-07 or 2020-12 holds.
    #[must_use]
    pub fn of(keyword: &str) -> Self {
        match keyword {
            "not"
            | "if"
            | "then"
            | "else"
            | "items"
            | "additionalItems"
            | "contains"
            | "additionalProperties"
            | "propertyNames"
            | "unevaluatedItems"
            | "unevaluatedProperties"
            | "contentSchema"
            | "allOf"
            | "anyOf"
            | "oneOf"
            | "prefixItems" => Self::Schemas,
            "properties" | "patternProperties" | "dependentSchemas" | "dependencies" | "$defs" | "definitions" => {
                Self::Named
            }
            _ => Self::Other,
        }
    }
}
