//! Identifiers of generated code.

use proc_macro2::{Ident, Span};

use crate::casing;

/// A field or a local: `snake_case`.
pub(crate) fn field_ident(name: &str) -> Ident {
    ident(&casing::snake(name))
}

/// A module: `snake_case`.
pub(crate) fn module_ident(name: &str) -> Ident {
    ident(&casing::snake(name))
}

/// A type: `PascalCase`. A name that already is one stays as it was written: `HTTPRequest` is a choice.
pub(crate) fn type_ident(name: &str) -> Ident {
    if casing::is_pascal(name) {
        ident(name)
    } else {
        ident(&casing::pascal(name))
    }
}

/// A variant of an enum: `PascalCase`.
pub(crate) fn variant_ident(name: &str) -> Ident {
    ident(&casing::pascal(name))
}

/// An identifier from a name that is already spelt as Rust spells it: keywords become raw, and the words that cannot be
/// raw get an underscore.
pub(crate) fn ident(name: &str) -> Ident {
    if casing::is_never_raw(name) {
        Ident::new(&format!("{name}_"), Span::call_site())
    } else if casing::is_keyword(name) {
        Ident::new_raw(name, Span::call_site())
    } else {
        Ident::new(name, Span::call_site())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields() {
        for (name, expected) in [
            ("agent_id", "agent_id"),
            ("agentId", "agent_id"),
            ("type", "r#type"),
            ("gen", "r#gen"),
            ("self", "self_"),
            ("Self", "self_"),
            ("crate", "crate_"),
            ("$ref", "r#ref"),
            ("@id", "id"),
            ("2fa", "n2fa"),
            ("", "empty"),
            ("+", "u002b"),
            ("gr\u{f6}\u{df}e", "gr\u{f6}\u{df}e"),
        ] {
            assert_eq!(field_ident(name).to_string(), expected, "{name}");
        }
    }

    #[test]
    fn types_and_variants() {
        assert_eq!(type_ident("agent_status").to_string(), "AgentStatus");
        assert_eq!(type_ident("HTTPRequest").to_string(), "HTTPRequest");
        assert_eq!(variant_ident("on_file_change").to_string(), "OnFileChange");
        assert_eq!(variant_ident("self").to_string(), "Self_");
        assert_eq!(variant_ident("1.0").to_string(), "N10");
        assert_eq!(variant_ident("").to_string(), "Empty");
        assert_eq!(variant_ident("<=").to_string(), "U003cU003d");
    }
}
