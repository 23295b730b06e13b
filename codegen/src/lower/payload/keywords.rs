//! The keywords of the drafts, and what becomes of them.

use crate::contract::payload::{Draft, PERSONAL_DATA};
use crate::diagnostics::{Diagnostic, Fix, Report};
use crate::rules::payload as rules;
use crate::source::{Entry, Node, Value};
use crate::words::{closest, mistyped};

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

/// How natsmith's own annotations begin; others may begin with `x-` as well.
const OURS: &str = "x-natsmith-";

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
    "contains",
    "properties",
    "required",
    "additionalProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
];

/// Keywords that are judged in both drafts. 2020-12 has no `dependencies` of its own, and asks readers to keep to what
/// they meant.
const JUDGED: &[&str] = &["if", "then", "else", "not", "patternProperties", "dependencies"];

/// Keywords that are lowered in 2020-12, and that draft-07 does not have.
const LOWERED_2020_12: &[&str] = &["prefixItems", "minContains", "maxContains"];

/// Keywords that are judged in 2020-12, and that draft-07 does not have.
const JUDGED_2020_12: &[&str] = &[
    "dependentRequired",
    "dependentSchemas",
    // It has none of its own, and asks readers to keep to what they meant.
    "additionalItems",
    "unevaluatedItems",
    "unevaluatedProperties",
    "$dynamicRef",
];

/// Keywords that 2020-12 made annotations, and that draft-07 lets a validator check.
const CONTENT: &[&str] = &["contentEncoding", "contentMediaType"];

/// Whether a keyword restricts documents.
pub(super) fn is_assertion(key: &str, draft: Draft) -> bool {
    let of_draft = match draft {
        Draft::Draft7 => key == "additionalItems",
        Draft::Draft202012 => LOWERED_2020_12.contains(&key),
    };
    LOWERED.contains(&key) || of_draft || is_judged(key, draft)
}

/// Whether a keyword restricts documents and only a validator knows how.
pub(super) fn is_judged(key: &str, draft: Draft) -> bool {
    JUDGED.contains(&key)
        || match draft {
            Draft::Draft7 => CONTENT.contains(&key),
            Draft::Draft202012 => JUDGED_2020_12.contains(&key),
        }
}

/// Reports a keyword that has no effect.
pub(super) fn check(entry: &Entry, draft: Draft, report: &mut Report) {
    let key = entry.key.as_str();
    let known = ANNOTATIONS.contains(&key)
        || is_assertion(key, draft)
        || CONTENT.contains(&key)
        || ["contentSchema", "$dynamicAnchor"].contains(&key) && draft == Draft::Draft202012
        || key.starts_with("x-") && !key.starts_with(OURS)
        || key == PERSONAL_DATA;
    if key == PERSONAL_DATA && !matches!(entry.value.value, Value::Bool(_)) {
        let message = format!("`{key}` is neither `true` nor `false`");
        let help = format!("write `{key}: true` where the schema describes something about a person");
        report.push(Diagnostic::new(&rules::META_SCHEMA, entry.value.span, message, "").with_help(help));
    }
    if !known {
        let message = format!("`{key}` is no keyword of {} and checks nothing", draft.name());
        let help = match closest(key, LOWERED.iter().chain(ANNOTATIONS).chain([&PERSONAL_DATA]).copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write `x-{key}` for a remark of your own"),
        };
        let meant = mistyped(key, LOWERED.iter().chain(ANNOTATIONS).copied());
        let fix = meant.map(|meant| Fix::rename(entry.key_span, meant));
        let finding = Diagnostic::new(&rules::UNKNOWN_KEYWORD, entry.key_span, message, "");
        report.push(finding.with_help(help).with_fix(fix));
    }
}

/// Reports the keywords beside a `$ref` of draft-07, which have no effect.
pub(super) fn check_beside_ref(schema: &Node, report: &mut Report) {
    let Some(mapping) = schema.as_mapping() else { return };
    let Some(reference) = mapping.entry("$ref") else { return };
    for entry in mapping {
        if entry.key != "$ref" && is_assertion(&entry.key, Draft::Draft7) {
            let message = format!("draft-07 ignores `{}` beside `$ref`", entry.key);
            let diagnostic = Diagnostic::new(&rules::IGNORED_KEYWORD, entry.key_span, message, "")
                .with_label(reference.key_span, "the `$ref`")
                .with_help("put both into an `allOf`, or use 2020-12");
            report.push(diagnostic);
        }
    }
}

/// How a rule can be said so that it becomes a type.
pub(super) fn way_out(key: &str) -> &'static str {
    match key {
        "if" | "then" | "else" | "dependencies" | "dependentRequired" | "dependentSchemas" => {
            "describe the cases as `oneOf` objects that a `const` member tells apart"
        }
        "patternProperties" => "use `additionalProperties` with the type of the values",
        "unevaluatedProperties" => "use `additionalProperties` in the schema that lists the `properties`",
        "$dynamicRef" => "use `$ref`",
        _ => "a type of its own needs rules that can be said with other keywords",
    }
}
