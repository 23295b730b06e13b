//! A payload and the types that stand for it.

use std::hint::black_box;

use natsmith_runtime::{BorrowedPayload, FreeForm, Payload};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use sonic_rs::OwnedLazyValue;
use validator::Validate;

use crate::compiled::{typify, validators};
use crate::contenders::{Documents, borrowed, decoder, to_value};
use crate::measure::Contender;
use crate::{by_jiter, mister, plain};

/// A payload with the types that stand for it.
pub trait Case: 'static {
    /// What natsmith generates.
    type Ours: Payload;
    /// serde's derive with free-form values as text.
    type Raw: Serialize + DeserializeOwned + Validate + Send + Sync;
    /// serde's derive with free-form values as [`Value`].
    type Tree: Serialize + DeserializeOwned;
    /// serde's derive with free-form values as `sonic-rs` leaves them.
    type Lazy: Serialize + DeserializeOwned;
    /// What typify generates.
    type Typify: Serialize + DeserializeOwned;

    /// What the macro of `jsonschema` makes of the schema.
    fn is_valid(document: &Value) -> bool;

    /// The value that the schema leaves open, where it has one.
    fn free_form(_: &Self::Ours) -> Option<&FreeForm> {
        None
    }

    /// What natsmith generates to borrow from the document.
    fn borrowed(_: &Documents) -> Option<Contender> {
        None
    }

    /// What reads this payload alone.
    fn others(_: &Documents) -> Vec<Contender> {
        Vec::new()
    }
}

macro_rules! case {
    ($name:ident, $module:ident, $raw:ty, $tree:ty, $lazy:ty; $($others:item)*) => {
        pub struct $name;

        impl Case for $name {
            type Ours = mister::$name;
            type Raw = $raw;
            type Tree = $tree;
            type Lazy = $lazy;
            type Typify = typify::$module::$name;

            fn is_valid(document: &Value) -> bool {
                validators::$name::is_valid(document)
            }

            $($others)*
        }
    };
    ($name:ident, $module:ident; $($others:item)*) => {
        case!($name, $module, plain::$name, plain::$name, plain::$name; $($others)*);
    };
    ($name:ident<F>, $module:ident; $($others:item)*) => {
        case!(
            $name,
            $module,
            plain::$name<Box<RawValue>>,
            plain::$name<Value>,
            plain::$name<OwnedLazyValue>;
            $($others)*
        );
    };
}

macro_rules! free_form {
    ($member:ident) => {
        fn free_form(payload: &Self::Ours) -> Option<&FreeForm> {
            Some(&payload.$member)
        }
    };
}

macro_rules! borrowed {
    ($borrowed:ident) => {
        fn borrowed(documents: &Documents) -> Option<Contender> {
            Some(borrowed::<Self>(
                documents,
                |text| mister::$borrowed::decode(text).expect("valid").into_owned(),
                |text| {
                    black_box(mister::$borrowed::decode(text).expect("valid"));
                },
            ))
        }
    };
}

case!(AgentHeartbeat, agent_heartbeat;);
case!(AgentCommand<F>, agent_command; free_form!(payload); borrowed!(AgentCommandRef););
case!(
    AgentStatus,
    agent_status;

    borrowed!(AgentStatusRef);

    fn others(documents: &Documents) -> Vec<Contender> {
        let read = |text: &[u8]| by_jiter::agent_status(text).expect("valid");
        vec![decoder(documents, "jiter by hand", read, to_value)]
    }
);
case!(TaskAssignment<F>, task_assignment; free_form!(task_data); borrowed!(TaskAssignmentRef););
case!(TaskResult<F>, task_result; free_form!(result_data); borrowed!(TaskResultRef););
