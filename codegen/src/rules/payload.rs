//! Findings about payload schemas.

use super::rules;

rules! {
    /// A `$schema` that is missing or names a draft that is not read.
    error UNKNOWN_DRAFT = "payload/unknown-draft";
    /// A schema that its own draft refuses.
    error META_SCHEMA = "payload/meta-schema";
    /// A `$ref` to a schema of another draft.
    error MIXED_DRAFTS = "payload/mixed-drafts";
    /// A schema that no validator can be made of.
    error NOT_JUDGED = "payload/not-judged";
    /// A schema that documents are held against by a validator, for it says more than a type can.
    info JUDGED = "payload/judged";
    /// A keyword that no draft has, and that checks nothing.
    warning UNKNOWN_KEYWORD = "payload/unknown-keyword", fixable;
    /// A format that no draft has, and that checks nothing.
    warning UNKNOWN_FORMAT = "payload/unknown-format", fixable;
    /// A keyword beside `$ref` where the draft ignores it.
    warning IGNORED_KEYWORD = "payload/ignored-keyword";
    /// A keyword for one type where the schema does not say the type.
    warning MISSING_TYPE = "payload/missing-type";
    /// A `$ref` that leads nowhere.
    error MISSING_REF = "payload/missing-ref", fixable;
    /// A `$ref` that leads to itself and to nothing else.
    error CIRCULAR_REF = "payload/circular-ref";
    /// A schema that unfolds to more than can be held against a value.
    error TOO_MUCH = "payload/too-much";
    /// A `$ref` to another host.
    error REMOTE_REF = "payload/remote-ref";
    /// A pattern that is no regular expression.
    error PATTERN = "payload/pattern";
    /// A `default` that its own schema refuses.
    error DEFAULT = "payload/default";
    /// Rules that no value can meet together.
    error CONTRADICTION = "payload/contradiction";
    /// Two names that are one in Rust.
    error NAME_CLASH = "payload/name-clash";
    /// A name that generated code needs for itself.
    error RESERVED_NAME = "payload/reserved-name";
    /// A payload listed under `rust: borrowed:` of which no value can be borrowed.
    error NOTHING_TO_BORROW = "payload/nothing-to-borrow", fixable;
    /// A schema that no finite document meets.
    error UNSATISFIABLE = "payload/unsatisfiable";
    /// A payload of which even the smallest document does not fit into what carries or keeps it.
    error TOO_LARGE = "payload/too-large";
    /// A payload whose schema allows documents that do not fit into what carries or keeps it.
    warning MAY_BE_TOO_LARGE = "payload/may-be-too-large";
    /// Personal data that a stream or a bucket never forgets.
    warning PERSONAL_DATA = "payload/personal-data";
    /// Text of any length.
    info UNBOUNDED_TEXT = "payload/unbounded-text";
    /// A list of any length.
    info UNBOUNDED_LIST = "payload/unbounded-list";
    /// A value that can be any JSON.
    info FREE_FORM = "payload/free-form";
    /// A whole number that JavaScript rounds.
    info LARGE_INTEGER = "payload/large-integer";
    /// A part of a payload that no description explains.
    info NO_DESCRIPTION = "payload/no-description";
    /// A payload that no document shows.
    info NO_EXAMPLE = "payload/no-example";
    /// Two payloads of one name.
    error DUPLICATE_PAYLOAD = "payload/duplicate";
}
