//! Presence: heartbeats, and what is said beside them.

use super::decode::{Named, declarations};
use super::units::Time;
use crate::source::Spanned;

declarations! {
    /// Who is there, told by heartbeats at a steady pace.
    pub struct PresenceDecl {
        /// One sentence.
        pub summary: Option<Spanned<String>>,
        /// The event that is the heartbeat.
        pub heartbeat: Spanned<String>,
        /// The token of its template that names who is there; the only one without it.
        pub party: Option<Spanned<String>>,
        /// The time between two heartbeats.
        pub interval: Spanned<Time>,
        /// Each of those times is longer or shorter by up to this much; a tenth of the interval without it.
        pub jitter: Option<Spanned<Time>>,
        /// How many heartbeats in a row are missed before a party counts as offline; 3 without it.
        pub missed: Option<Spanned<u64>>,
        /// The field of the heartbeat that counts them, as a JSON pointer.
        pub sequence: Option<Spanned<String>>,
        /// The message by which somebody says that it has come.
        pub announce: Option<Spanned<NoticeDecl>>,
        /// The message by which somebody says that it leaves.
        pub offline: Option<Spanned<NoticeDecl>>,
    }

    /// A message by which somebody says that it comes or leaves.
    pub struct NoticeDecl {
        /// The event.
        pub subject: Spanned<String>,
        /// Who says it: a field of the payload, as a JSON pointer; the token of the template without it.
        pub party: Option<Spanned<String>>,
        /// What the payload says: JSON pointer to text. Other messages of the subject say nothing of presence.
        pub when: Named<Spanned<String>>,
    }
}
