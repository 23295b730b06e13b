//! Findings about names and what they refer to.

use super::rules;

rules! {
    /// A folder that declares no contract.
    error MISSING = "contract/missing";
    /// A contract without a single subject.
    error EMPTY = "contract/empty";
    /// An edition of the schema language that this natsmith does not read.
    error EDITION = "contract/edition", fixable;
    /// A version that is not one.
    error VERSION = "contract/version";
    /// A setting or feature that the oldest supported server does not have.
    error NEWER_THAN_SERVER = "contract/newer-than-server";
    /// A name in the wrong spelling.
    error NAME = "names/spelling";
    /// A name that Rust keeps for itself.
    error KEYWORD = "names/keyword";
    /// Two names that become one in the generated crate.
    error CLASH = "names/clash";
    /// A role that is not declared.
    error UNKNOWN_ROLE = "names/unknown-role", fixable;
    /// A token that is not declared.
    error UNKNOWN_TOKEN = "names/unknown-token", fixable;
    /// A payload that no file declares.
    error UNKNOWN_PAYLOAD = "names/unknown-payload", fixable;
    /// A subject that is not declared.
    error UNKNOWN_SUBJECT = "names/unknown-subject", fixable;
    /// A stream or consumer that is not declared.
    error UNKNOWN_ASSET = "names/unknown-asset";
}
