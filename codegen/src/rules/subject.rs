//! Findings about subjects, tokens and bindings.

use crate::diagnostics::Rule;

/// A template that no subject can come from.
pub static TEMPLATE: Rule = Rule::error("subjects/template");
/// A filter that the server refuses, except for a misplaced `>`.
pub static FILTER: Rule = Rule::error("subjects/filter");
/// A `>` with something behind it.
pub static TAIL_NOT_LAST: Rule = Rule::error("subjects/tail-not-last");
/// Two subjects with one template.
pub static SAME_TEMPLATE: Rule = Rule::error("subjects/same-template");
/// A subject that is both event and request, or neither.
pub static PATTERN: Rule = Rule::error("subjects/pattern");
/// A named subscription that hears nothing.
pub static HEARS_NOTHING: Rule = Rule::error("subscriptions/hears-nothing");
/// A named subscription that expects another payload than its subjects carry.
pub static OTHER_PAYLOAD: Rule = Rule::error("subscriptions/other-payload");
/// A token's pattern that is not a regular expression for the whole token.
pub static TOKEN_PATTERN: Rule = Rule::error("tokens/pattern");
/// A token whose values cannot stand in a subject.
pub static TOKEN_VALUE: Rule = Rule::error("tokens/value");
/// A token that no template uses.
pub static TOKEN_UNUSED: Rule = Rule::warning("tokens/unused");
/// A bound token that is not in the template.
pub static BIND_TOKEN: Rule = Rule::error("bind/token");
/// A pointer that leads to no field that a subject can be built from.
pub static BIND_FIELD: Rule = Rule::error("bind/field");
/// A token and a field with different members.
pub static BIND_ENUM: Rule = Rule::error("bind/enum");
/// A token and a field with different formats.
pub static BIND_FORMAT: Rule = Rule::error("bind/format");
