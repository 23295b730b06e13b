//! Findings about payload schemas.

use crate::diagnostics::Rule;

/// A `$schema` that is missing or names a draft that is not read.
pub static UNKNOWN_DRAFT: Rule = Rule::error("payload/unknown-draft");
/// A schema that its own draft refuses.
pub static META_SCHEMA: Rule = Rule::error("payload/meta-schema");
/// A `$ref` to a schema of another draft.
pub static MIXED_DRAFTS: Rule = Rule::error("payload/mixed-drafts");
/// A keyword that the draft has and that is not generated yet.
pub static NOT_GENERATED: Rule = Rule::error("payload/not-generated");
/// A keyword that no draft has, and that checks nothing.
pub static UNKNOWN_KEYWORD: Rule = Rule::warning("payload/unknown-keyword");
/// A format that no draft has, and that checks nothing.
pub static UNKNOWN_FORMAT: Rule = Rule::warning("payload/unknown-format");
/// A keyword beside `$ref` where the draft ignores it.
pub static IGNORED_KEYWORD: Rule = Rule::warning("payload/ignored-keyword");
/// A keyword for one type where the schema does not say the type.
pub static MISSING_TYPE: Rule = Rule::error("payload/missing-type");
/// A `$ref` that leads nowhere.
pub static MISSING_REF: Rule = Rule::error("payload/missing-ref");
/// A `$ref` that leads to itself and to nothing else.
pub static CIRCULAR_REF: Rule = Rule::error("payload/circular-ref");
/// A `$ref` to another host.
pub static REMOTE_REF: Rule = Rule::error("payload/remote-ref");
/// A pattern that Rust's `regex` does not take.
pub static PATTERN: Rule = Rule::error("payload/pattern");
/// Rules that no value can meet together.
pub static CONTRADICTION: Rule = Rule::error("payload/contradiction");
/// Two names that are one in Rust.
pub static NAME_CLASH: Rule = Rule::error("payload/name-clash");
/// A name that generated code needs for itself.
pub static RESERVED_NAME: Rule = Rule::error("payload/reserved-name");
/// Two payloads of one name.
pub static DUPLICATE_PAYLOAD: Rule = Rule::error("payload/duplicate");
