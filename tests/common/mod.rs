//! What the end-to-end tests share: a real server with the contract on it, connections, and payloads from the contract's own examples.

#![allow(dead_code, reason = "each test program uses a part of this")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use futures_util::StreamExt;
use mister_smith::payloads::common::TaskId;
use mister_smith::payloads::{AgentStatus, QueuedTask};
use mister_smith::provision::{Profile, plan};
use mister_smith::tokens::AgentId;
use natsmith_runtime::testing::Server;
use natsmith_runtime::uuid::Uuid;
use natsmith_runtime::{Connection, Payload, async_nats, connection};
use serde_json::Value;

/// The agent of the contract's examples.
pub const AGENT: &str = "agent-3f2b8c1e-5d4a-4e6f-9a7b-1c2d3e4f5a6b";
/// Another agent.
pub const OTHER: &str = "agent-91d4c7a2-0b3e-4f58-a6c1-7e2f9b8d0c35";

const PATIENCE: Duration = Duration::from_secs(10);

/// Awaits what must come, and fails where it does not.
pub async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("this was to happen within 10 s")
}

pub async fn server() -> Server {
    Server::start().await.unwrap_or_else(|error| panic!("{error}"))
}

/// A connection with the contract's settings, quick to come back.
pub async fn connect(server: &Server) -> Connection {
    mister_smith::connection(server.url())
        .reconnect_delay(Duration::from_millis(20))
        .max_reconnect_delay(Duration::from_millis(200))
        .connect()
        .await
        .unwrap()
}

/// A server with the profile `dev` on it, and a connection to it.
pub async fn provisioned() -> (Server, Connection) {
    let server = server().await;
    let connection = connect(&server).await;
    plan(&connection, Profile::DEV).await.unwrap().apply().await.unwrap();
    (server, connection)
}

pub fn agent() -> AgentId {
    AGENT.parse().unwrap()
}

pub fn other_agent() -> AgentId {
    OTHER.parse().unwrap()
}

/// The full example of a payload.
pub fn example<P: Payload>() -> P {
    P::decode(document::<P>().to_string().as_bytes()).unwrap()
}

/// The full example of a payload, as JSON.
pub fn document<P: Payload>() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("schema/mister-smith/examples")
        .join(P::NAME)
        .join("valid/full.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The full example of a payload with one member set to something else.
pub fn with<P: Payload>(pointer: &str, value: impl Into<Value>) -> String {
    let mut document = document::<P>();
    *document.pointer_mut(pointer).unwrap() = value.into();
    document.to_string()
}

/// A status that differs from the others by its number of tasks.
pub fn status(current_tasks: u32) -> AgentStatus {
    AgentStatus {
        current_tasks,
        ..example()
    }
}

/// A task that no other test and no other call knows.
pub fn task() -> QueuedTask {
    QueuedTask {
        message_id: Uuid::new_v4(),
        task_id: TaskId::new(format!("task-{}", Uuid::new_v4())).unwrap(),
        ..example()
    }
}

/// What the JetStream API answers.
pub async fn api(connection: &Connection, name: &str, body: &str) -> Value {
    let subject = format!("$JS.API.{name}");
    let answer = soon(connection.client().request(subject, body.to_owned().into()))
        .await
        .unwrap();
    serde_json::from_slice(&answer.payload).unwrap()
}

/// Publishes what the contract's types would refuse.
pub async fn publish_raw(connection: &Connection, subject: &str, document: impl Into<Vec<u8>>) {
    let document: Vec<u8> = document.into();
    connection
        .client()
        .publish(subject.to_owned(), document.into())
        .await
        .unwrap();
}

/// The next message as it came, its subject and document.
pub async fn next_raw(heard: &mut async_nats::Subscriber) -> (String, String) {
    let message = soon(heard.next()).await.unwrap();
    let document = String::from_utf8_lossy(&message.payload).into_owned();
    (message.subject.to_string(), document)
}

/// Reads events until `wanted`, and returns all of them.
pub async fn until(events: &mut connection::Events, wanted: &connection::Event) -> Vec<connection::Event> {
    let mut seen = Vec::new();
    while seen.last() != Some(wanted) {
        seen.push(soon(events.next()).await.expect("the events have ended"));
    }
    seen
}
