//! What a consumer says about messages that cannot be worked on.

use super::decode::declarations;
use super::settings::words;
use super::units::Time;
use crate::source::Spanned;

declarations! {
    /// What becomes of a message whose handler fails.
    pub struct OnFailureDecl {
        /// How often it is tried.
        pub attempts: Spanned<u64>,
        /// The waits before the second attempt, the third and so on; the last one holds for all that follow. They grow from
        /// 1s to 60s without it.
        pub backoff: Option<Spanned<Vec<Time>>>,
        /// What becomes of it after the last attempt, or when its handler gives it up.
        pub then: Option<Spanned<GiveUpDecl>>,
    }
}

words! {
    /// What becomes of a delivery that does not decode.
    OnInvalidDecl {
        /// It is terminated.
        Term = "term",
        /// It is delivered again.
        Nak = "nak",
        /// It goes to the dead letters.
        DeadLetter = "dead_letter",
    }
}

words! {
    /// What becomes of a message that is given up.
    GiveUpDecl {
        /// It is terminated.
        Term = "term",
        /// It goes to the dead letters.
        DeadLetter = "dead_letter",
    }
}
