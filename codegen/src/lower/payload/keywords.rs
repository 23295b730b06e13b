//! The keywords of the drafts, and what becomes of them.

use crate::contract::payload::Draft;
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::payload as rules;
use crate::source::Entry;
use crate::words::closest;

/// Keywords whose values are data, in which a `$ref` is no reference.
pub(super) const HOLDS_DATA: &[&str] = &["const", "enum", "default", "examples"];

/// Keywords that say something to people, or where to find a schema, and nothing about a document.
const ANNOTATIONS: &[&str] = &[
    "$schema",
    "$id",
    "$anchor",
    "$comment",
    "$defs",
    "definitions",
    "$vocabulary",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
];

/// Keywords that are lowered, with the types of values that each of them concerns; nothing means all.
const LOWERED: &[&str] = &[
    "$ref",
    "type",
    "enum",
    "const",
    "allOf",
    "anyOf",
    "oneOf",
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "items",
    "minItems",
    "maxItems",
    "uniqueItems",
    "properties",
    "required",
    "additionalProperties",
    "minProperties",
    "maxProperties",
];

/// Keywords that both drafts, or one of them, have and that are not lowered.
const NOT_GENERATED: &[&str] = &[
    "if",
    "then",
    "else",
    "not",
    "patternProperties",
    "propertyNames",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "contains",
    "minContains",
    "maxContains",
    "additionalItems",
    "prefixItems",
    "unevaluatedItems",
    "unevaluatedProperties",
    "$dynamicRef",
    "$dynamicAnchor",
    "$recursiveRef",
    "$recursiveAnchor",
];

/// Keywords that 2020-12 made annotations, and that draft-07 lets a validator check.
const CONTENT: &[&str] = &["contentEncoding", "contentMediaType", "contentSchema"];

/// Whether a keyword restricts documents.
pub(super) fn is_assertion(key: &str) -> bool {
    LOWERED.contains(&key) || NOT_GENERATED.contains(&key)
}

/// Whether a keyword restricts documents and is not lowered.
pub(super) fn is_not_generated(key: &str) -> bool {
    NOT_GENERATED.contains(&key)
}

/// Reports a keyword that has no effect or cannot have its effect yet.
pub(super) fn check(entry: &Entry, draft: Draft, report: &mut Report) {
    let key = entry.key.as_str();
    if NOT_GENERATED.contains(&key) || CONTENT.contains(&key) && draft == Draft::Draft7 {
        report.push(
            Diagnostic::new(
                &rules::NOT_GENERATED,
                entry.key_span,
                format!("`{key}` is not generated yet"),
                "",
            )
            .with_help(way_out(key)),
        );
        return;
    }
    let known = ANNOTATIONS.contains(&key) || LOWERED.contains(&key) || CONTENT.contains(&key) || key.starts_with("x-");
    if !known {
        let message = format!("`{key}` is no keyword of JSON Schema and checks nothing");
        let help = match closest(key, LOWERED.iter().chain(ANNOTATIONS).copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write `x-{key}` for a remark of your own"),
        };
        report.push(Diagnostic::new(&rules::UNKNOWN_KEYWORD, entry.key_span, message, "").with_help(help));
    }
}

fn way_out(key: &str) -> &'static str {
    match key {
        "if" | "then" | "else" | "dependencies" | "dependentRequired" | "dependentSchemas" => {
            "describe the cases as `oneOf` objects that a `const` member tells apart"
        }
        "patternProperties" | "propertyNames" => "use `additionalProperties` with the type of the values",
        "prefixItems" | "additionalItems" => "use an object with a named member for each position",
        "unevaluatedProperties" => "use `additionalProperties` in the schema that lists the `properties`",
        "$dynamicRef" | "$dynamicAnchor" | "$recursiveRef" | "$recursiveAnchor" => "use `$ref`",
        _ => "leave it out, and check it where the payload is used",
    }
}
