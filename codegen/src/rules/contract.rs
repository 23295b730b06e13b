//! Findings about names and what they refer to.

use crate::diagnostics::Rule;

/// A folder that declares no contract.
pub static MISSING: Rule = Rule::error("contract/missing");
/// A contract without a single subject.
pub static EMPTY: Rule = Rule::error("contract/empty");
/// An edition of the schema language that this natsmith does not read.
pub static EDITION: Rule = Rule::error("contract/edition");
/// A version that is not one.
pub static VERSION: Rule = Rule::error("contract/version");
/// A setting or feature that the oldest supported server does not have.
pub static NEWER_THAN_SERVER: Rule = Rule::error("contract/newer-than-server");
/// A name in the wrong spelling.
pub static NAME: Rule = Rule::error("names/spelling");
/// A name that Rust keeps for itself.
pub static KEYWORD: Rule = Rule::error("names/keyword");
/// Two names that become one in the generated crate.
pub static CLASH: Rule = Rule::error("names/clash");
/// A role that is not declared.
pub static UNKNOWN_ROLE: Rule = Rule::error("names/unknown-role");
/// A token that is not declared.
pub static UNKNOWN_TOKEN: Rule = Rule::error("names/unknown-token");
/// A payload that no file declares.
pub static UNKNOWN_PAYLOAD: Rule = Rule::error("names/unknown-payload");
/// A subject that is not declared.
pub static UNKNOWN_SUBJECT: Rule = Rule::error("names/unknown-subject");
/// A stream or consumer that is not declared.
pub static UNKNOWN_ASSET: Rule = Rule::error("names/unknown-asset");
