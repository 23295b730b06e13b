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
    /// Two templates that one subject fits, and that carry different payloads.
    warning AMBIGUOUS = "subjects/ambiguous";
    /// A template all of whose subjects are those of another one too.
    info SPECIAL_CASE = "subjects/special-case";
    /// A template whose first part belongs to the server or to its clients.
    warning RESERVED = "subjects/reserved";
    /// A template that begins with a token which can be a name of the server's.
    info OPEN_START = "subjects/open-start";
    /// A template whose shortest subject is longer than a line of the protocol.
    error TOO_LONG = "subjects/too-long";
    /// A template of very many parts, or of very long ones.
    info DEEP = "subjects/deep";
    /// A character in a subject that nobody sees.
    warning INVISIBLE = "subjects/invisible-character", fixable;
    /// A letter in a subject that looks like another one.
    warning LOOK_ALIKE = "subjects/look-alike", fixable;
    /// A character in a subject that not every keyboard has.
    info NOT_ASCII = "subjects/not-ascii";
    /// A subject in the notation of another system.
    warning OTHER_NOTATION = "subjects/other-notation", fixable;
    /// A wildcard that shares its place with other characters, and so is none.
    warning PARTIAL_WILDCARD = "subjects/partial-wildcard";
    /// Two words that differ in case or separators only.
    warning ALMOST_SAME = "subjects/almost-same";
    /// A word that is written in another way than the others.
    info STYLE = "subjects/style";
    /// A queue group with a name that no server takes.
    error QUEUE_GROUP = "subjects/queue-group";
    /// Roles of different kinds that share the messages of one queue group.
    warning SHARED_GROUP = "subjects/shared-group";
    /// A named subscription beside the queue group of a subject that it hears.
    warning HEARD_TWICE = "subscriptions/heard-twice";
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
    /// A token whose pattern admits what cannot stand in a subject.
    warning TOKEN_ADMITS_TOO_MUCH = "tokens/admits-too-much";
    /// A token whose pattern no value can match.
    error TOKEN_MATCHES_NOTHING = "tokens/matches-nothing";
    /// Members of a token that differ in case only.
    warning TOKEN_CASE = "tokens/case";
    /// A token of any number of values in a stream that counts messages by subject.
    info TOKEN_UNBOUNDED = "tokens/unbounded";
    /// A token and a member of the same name with other values.
    warning TOKEN_OTHER_VALUES = "tokens/other-values";
    /// A token with the name of a member that it is not bound to.
    info BIND_MISSING = "bind/missing";
    /// A token that repeats personal data.
    warning TOKEN_PERSONAL = "tokens/personal-data";
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
