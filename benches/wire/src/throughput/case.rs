//! A payload, its subject, and what stands for both by hand.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jsonschema::Validator;
use mister_smith::payloads;
use mister_smith::subjects::agents::{CommandsSubject, HeartbeatSubject, StatusSubject};
use natsmith_runtime::async_nats::Subject;
use natsmith_runtime::message::RawMessage;
use natsmith_runtime::testing::Server;
use natsmith_runtime::{Connection, Endpoint, InvalidMessage, Payload, TypedSubject, access};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::random::Random;
use crate::{Fault, documents, plain};

/// A payload with the ways to handle it.
pub trait Case: Sized + Send + Sync + 'static {
    const NAME: &'static str;
    /// What natsmith generates.
    type Subject: TypedSubject<Payload: Clone>;
    /// serde's derive, with free-form values as text.
    type Plain: Serialize + DeserializeOwned + Send + Sync + 'static;

    fn document(random: &mut Random) -> Value;

    /// The subject, as one writes it by hand.
    fn subject(payload: &Self::Plain) -> String;

    /// Reads the payload where it stands, if it has a borrowed form; the number is of no meaning.
    fn borrow(_: &RawMessage<Self::Subject>) -> Option<Result<usize, InvalidMessage>> {
        None
    }

    /// Whether there is such a form.
    const BORROWS: bool = false;
}

fn state(state: &plain::AgentState) -> &'static str {
    match state {
        plain::AgentState::Idle => "idle",
        plain::AgentState::Busy => "busy",
        plain::AgentState::Error => "error",
        plain::AgentState::Offline => "offline",
        plain::AgentState::Starting => "starting",
        plain::AgentState::Stopping => "stopping",
    }
}

fn kind(kind: &plain::CommandType) -> &'static str {
    match kind {
        plain::CommandType::Execute => "execute",
        plain::CommandType::Stop => "stop",
        plain::CommandType::Pause => "pause",
        plain::CommandType::Resume => "resume",
        plain::CommandType::Configure => "configure",
        plain::CommandType::Query => "query",
    }
}

pub struct AgentHeartbeat;

impl Case for AgentHeartbeat {
    const NAME: &'static str = "heartbeat";
    type Subject = HeartbeatSubject;
    type Plain = plain::AgentHeartbeat;

    fn document(random: &mut Random) -> Value {
        documents::agent_heartbeat(random)
    }

    fn subject(payload: &Self::Plain) -> String {
        format!("agents.{}.heartbeat", payload.agent_id)
    }
}

pub struct AgentStatus;

impl Case for AgentStatus {
    const NAME: &'static str = "status";
    const BORROWS: bool = true;
    type Subject = StatusSubject;
    type Plain = plain::AgentStatus;

    fn document(random: &mut Random) -> Value {
        documents::agent_status(random)
    }

    fn subject(payload: &Self::Plain) -> String {
        format!("agents.{}.status.{}", payload.agent_id, state(&payload.status))
    }

    fn borrow(message: &RawMessage<Self::Subject>) -> Option<Result<usize, InvalidMessage>> {
        let status = message.borrow::<payloads::AgentStatusRef<'_>>();
        Some(status.map(|status| status.agent_id.len()))
    }
}

pub struct AgentCommand;

impl Case for AgentCommand {
    const NAME: &'static str = "command";
    const BORROWS: bool = true;
    type Subject = CommandsSubject;
    type Plain = plain::AgentCommand<Box<RawValue>>;

    fn document(random: &mut Random) -> Value {
        documents::agent_command(random)
    }

    fn subject(payload: &Self::Plain) -> String {
        format!("agents.{}.commands.{}", payload.agent_id, kind(&payload.command_type))
    }

    fn borrow(message: &RawMessage<Self::Subject>) -> Option<Result<usize, InvalidMessage>> {
        let command = message.borrow::<payloads::AgentCommandRef<'_>>();
        Some(command.map(|command| command.agent_id.len()))
    }
}

/// Everything that was made before a case is measured.
pub struct Bench<C: Case> {
    pub server: String,
    pub sender: Connection,
    pub receiver: Connection,
    /// Sends, and asks streams to keep.
    pub publisher: Endpoint<C::Subject, access::Publish>,
    pub subscriber: Endpoint<C::Subject, access::Subscribe>,
    pub items: Arc<[Item<C>]>,
    pub validator: Validator,
}

/// One message in all its forms.
pub struct Item<C: Case> {
    pub subject: Subject,
    pub document: Bytes,
    pub plain: C::Plain,
    pub ours: <C::Subject as TypedSubject>::Payload,
}

impl<C: Case> Bench<C> {
    pub async fn new(server: &Server) -> Result<Self, Fault> {
        let connect = || {
            Connection::builder(server.url())
                .subscription_capacity(1 << 20)
                .request_timeout(Duration::from_secs(30))
                .connect()
        };
        let (sender, receiver) = (connect().await?, connect().await?);
        let items = documents::variants(C::document).into_iter().map(|value| {
            let plain: C::Plain = serde_json::from_value(value)?;
            let document = serde_json::to_vec(&plain)?;
            Ok(Item {
                subject: Subject::from(C::subject(&plain)),
                ours: Payload::decode(&document)?,
                document: document.into(),
                plain,
            })
        });
        let items: Result<Vec<Item<C>>, Fault> = items.collect();
        let schema: Value = serde_json::from_str(<C::Subject as TypedSubject>::Payload::SCHEMA)?;
        let validator = jsonschema::options().should_validate_formats(true).build(&schema)?;
        Ok(Self {
            server: server.url().to_owned(),
            publisher: Endpoint::new(&sender, C::Subject::filter()),
            subscriber: Endpoint::new(&receiver, C::Subject::filter()),
            sender,
            receiver,
            items: items?.into(),
            validator,
        })
    }

    /// The payload and the mean size of its documents.
    pub fn label(&self) -> String {
        let bytes: usize = self.items.iter().map(|item| item.document.len()).sum();
        format!("{} {} B", C::NAME, bytes / self.items.len())
    }

    /// The message whose turn it is.
    pub fn item(&self, turn: usize) -> &Item<C> {
        &self.items[turn % self.items.len()]
    }

    /// What people do today: a tree of values is validated, and then written.
    pub fn by_schema(&self, payload: &C::Plain) -> Result<Bytes, Fault> {
        let value = serde_json::to_value(payload)?;
        self.validator.validate(&value).map_err(|error| error.to_string())?;
        Ok(serde_json::to_vec(&value)?.into())
    }

    /// The other way round.
    pub fn read_by_schema(&self, document: &[u8]) -> Result<C::Plain, Fault> {
        let value: Value = serde_json::from_slice(document)?;
        self.validator.validate(&value).map_err(|error| error.to_string())?;
        Ok(serde_json::from_value(value)?)
    }
}
