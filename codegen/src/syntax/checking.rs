//! What a contract says about the findings in it.

use super::decode::{Named, declarations};
use super::settings::words;
use crate::source::Spanned;

declarations! {
    /// How findings are taken.
    pub struct CheckDecl {
        /// What the findings of a rule weigh in this contract, by the rule's code, `payload/unknown-format`.
        pub levels: Named<LevelDecl>,
        /// Findings that are known and meant to stay.
        pub exceptions: Vec<Spanned<ExceptionDecl>>,
    }

    /// What the findings of a rule weigh.
    pub struct LevelDecl {
        /// `error`, `warning`, `info` or `none`.
        pub level: Spanned<Weight>,
        /// Why it is so here.
        pub reason: Spanned<String>,
    }

    /// A finding that is known and meant to stay.
    pub struct ExceptionDecl {
        /// The code of the finding.
        pub rule: Spanned<String>,
        /// Where it is: the keys that lead to a declaration with dots between them, `streams.orders.consumers.shop`;
        /// `payloads.Order` for the schema of a payload.
        pub at: Spanned<String>,
        /// Why it may stay.
        pub reason: Spanned<String>,
    }
}

words! {
    /// What a finding weighs.
    Weight {
        /// The contract is not generated from.
        Error = "error",
        /// It is shown.
        Warning = "warning",
        /// It is shown to those who ask for notes.
        Info = "info",
        /// It is not shown.
        None = "none",
    }
}
