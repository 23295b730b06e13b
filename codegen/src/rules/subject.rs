//! Findings about subjects, tokens and bindings.

use super::rules;

rules! {
    /// A template that no subject can come from.
    error TEMPLATE = "subjects/template";
    /// A filter that the server refuses, except for a misplaced `>`.
    error FILTER = "subjects/filter";
    /// A `>` with something behind it.
    error TAIL_NOT_LAST = "subjects/tail-not-last";
    /// Two subjects with one template.
    error SAME_TEMPLATE = "subjects/same-template";
    /// A subject that is both event and request, or neither.
    error PATTERN = "subjects/pattern";
    /// A sender or receiver that is no token of the template.
    error PARTY = "subjects/party";
    /// Headers that a message cannot have.
    error HEADERS = "subjects/headers";
    /// A reply on a declared subject that cannot get there or not be found there.
    error REPLY_ON = "subjects/reply-on";
    /// Messages that cannot be told apart.
    error MESSAGES = "subjects/messages";
    /// A window of chunks that does not fit into a subscription.
    error WINDOW = "subjects/window";
    /// A named subscription that hears nothing.
    error HEARS_NOTHING = "subscriptions/hears-nothing";
    /// A named subscription that expects another payload than its subjects carry.
    error OTHER_PAYLOAD = "subscriptions/other-payload";
    /// A token's pattern that is not a regular expression for the whole token.
    error TOKEN_PATTERN = "tokens/pattern";
    /// A token whose values cannot stand in a subject.
    error TOKEN_VALUE = "tokens/value";
    /// A token that is another one under another name, and cannot be.
    error TOKEN_ALIAS = "tokens/alias";
    /// A token that is one token here and several there, or several and has an enum.
    error TOKEN_TAIL = "tokens/tail";
    /// A token that no template uses.
    warning TOKEN_UNUSED = "tokens/unused";
    /// A bound token that is not in the template.
    error BIND_TOKEN = "bind/token";
    /// A pointer that leads to no field that a subject can be built from.
    error BIND_FIELD = "bind/field";
    /// A token and a field with different members.
    error BIND_ENUM = "bind/enum";
    /// A token and a field with different formats.
    error BIND_FORMAT = "bind/format";
}
