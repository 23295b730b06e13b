//! What a consumer says about messages that cannot be worked on.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::decode::{FromNode, declarations};
use super::settings::one_of;
use super::units::Time;
use crate::diagnostics::Report;
use crate::source::{Node, Spanned};

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

/// A type that is one of a few words.
macro_rules! words {
    ($(#[doc = $about:literal])* $name:ident { $($(#[doc = $doc:literal])* $variant:ident = $word:literal,)* }) => {
        $(#[doc = $about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[doc = $doc])* $variant,)*
        }

        impl FromNode for $name {
            fn from_node(node: &Node, report: &mut Report) -> Option<Self> {
                match one_of(node, &[$($word),*], report)? {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "description": concat!($($about),*).trim(), "enum": [$($word),*] })
            }
        }
    };
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
