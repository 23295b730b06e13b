//! What the cast writes to each other: messages of the contract, in their envelope.

use agent_framework::payloads::chunk::{ChunkPayload, ChunkPayloadContent, ChunkRequired};
use agent_framework::payloads::common::{Id, Name, Routing, Source};
use agent_framework::payloads::discovery_request::{DiscoveryRequestPayload, DiscoveryRequestRequired};
use agent_framework::payloads::discovery_response::{
    DiscoveryResponsePayload, DiscoveryResponsePayloadContent, DiscoveryResponseRequired,
};
use agent_framework::payloads::event::{EventPayload, EventRequired};
use agent_framework::payloads::negotiation::{NegotiationPayload, NegotiationPayloadContent, NegotiationRequired};
use agent_framework::payloads::negotiation_answer::{
    NegotiationAnswerPayload, NegotiationAnswerPayloadContent, NegotiationAnswerRequired,
};
use agent_framework::payloads::query::{QueryPayload, QueryRequired};
use agent_framework::payloads::status::{
    Metrics, StatusPayload, StatusPayloadContent, StatusPayloadContentState, StatusRequired,
};
use agent_framework::payloads::task::{TaskPayload, TaskRequired};
use agent_framework::payloads::task_result::{TaskResultPayload, TaskResultPayloadContent, TaskResultRequired};
use agent_framework::payloads::tool_call::{ToolCallPayload, ToolCallPayloadContent, ToolCallRequired};
use agent_framework::payloads::tool_result::{ToolResultPayload, ToolResultPayloadContent, ToolResultRequired};
use agent_framework::payloads::{
    Chunk, DiscoveryRequest, DiscoveryResponse, Event, Negotiation, NegotiationAnswer, Query, Status, Task, TaskResult,
    ToolCall, ToolResult,
};
use natsmith_runtime::chrono::Utc;
use natsmith_runtime::uuid::Uuid;
use serde_json::{Value, json};

use crate::stage::Outcome;

/// A message of one kind: the envelope around what it carries, and the members that this kind asks for.
macro_rules! message {
    ($required:ident from $who:expr, $payload:expr $(, $member:ident: $value:expr)*) => {
        $required { id: Id::new(Uuid::new_v4().to_string())?, timestamp: now(), source: source($who)?, payload: $payload $(, $member: $value)* }.into()
    };
}

/// The moment as the contract writes it: seconds since 1970.
pub fn now() -> f64 {
    let now = Utc::now();
    // Milliseconds since 1970 have fewer than 53 bits for another 280,000 years.
    #[allow(clippy::cast_precision_loss, reason = "see above")]
    let milliseconds = now.timestamp_millis() as f64;
    milliseconds / 1000.0
}

fn source(who: &str) -> Outcome<Source> {
    let kind = if who == "operations" { "operator" } else { "agent" };
    Ok(Source {
        id: Id::new(who)?,
        r#type: Name::new(kind)?,
    })
}

fn names<const N: usize>(names: [&str; N]) -> Outcome<Vec<Name>> {
    Ok(names.into_iter().map(Name::new).collect::<Result<_, _>>()?)
}

pub fn task(from: &str, content: &Value) -> Outcome<Task> {
    Ok(message!(TaskRequired from from, TaskPayload { content: content.clone().into() }))
}

pub fn task_result(from: &str, task: &Task, task_type: &str, result: &Value) -> Outcome<TaskResult> {
    let content = TaskResultPayloadContent {
        task_type: Name::new(task_type)?,
        result: result.clone().into(),
    };
    Ok(message!(TaskResultRequired from from, TaskResultPayload { content }, correlation_id: task.id.clone()))
}

pub fn event(from: &str, content: &Value) -> Outcome<Event> {
    Ok(message!(EventRequired from from, EventPayload { content: content.clone().into() }))
}

/// How an agent is that has processed so many messages in so many microseconds.
pub fn status(from: &str, messages_processed: u64, microseconds: u64) -> Outcome<Status> {
    // Both have fewer than 53 bits for as long as a story lasts.
    #[allow(clippy::cast_precision_loss, reason = "see above")]
    let avg_latency_ms = microseconds as f64 / 1000.0 / messages_processed.max(1) as f64;
    let metrics = Metrics {
        messages_processed,
        avg_latency_ms,
    };
    let content = StatusPayloadContent {
        state: StatusPayloadContentState::Running,
        metrics,
    };
    Ok(message!(StatusRequired from from, StatusPayload { content }))
}

/// Asks who has a capability.
pub fn discovery(from: &str, capability: &str) -> Outcome<DiscoveryRequest> {
    let routing = Routing {
        priority: 5,
        capabilities: names([capability])?,
        timeout: 30_000,
    };
    let payload = DiscoveryRequestPayload {
        content: json!({}).into(),
    };
    Ok(message!(DiscoveryRequestRequired from from, payload, routing: routing))
}

pub fn discovered(from: &str, asked: &DiscoveryRequest, capabilities: Vec<Name>) -> Outcome<DiscoveryResponse> {
    let content = DiscoveryResponsePayloadContent {
        agent_type: Name::new("worker")?,
        capabilities,
        mcp_servers: Vec::new(),
    };
    Ok(
        message!(DiscoveryResponseRequired from from, DiscoveryResponsePayload { content }, correlation_id: asked.id.clone()),
    )
}

pub fn tool_call(from: &str, tool: &str, arguments: &Value) -> Outcome<ToolCall> {
    let content = ToolCallPayloadContent {
        tool_name: Name::new(tool)?,
        arguments: arguments.clone().into(),
    };
    Ok(message!(ToolCallRequired from from, ToolCallPayload { content }))
}

pub fn tool_result(from: &str, call: &ToolCall, result: &Value) -> Outcome<ToolResult> {
    let content = ToolResultPayloadContent {
        result: result.clone().into(),
    };
    let (target, correlation_id) = (call.source.id.clone(), call.id.clone());
    Ok(
        message!(ToolResultRequired from from, ToolResultPayload { content }, target: target, correlation_id: correlation_id),
    )
}

pub fn proposal(from: &str, to: &str) -> Outcome<Negotiation> {
    let content = NegotiationPayloadContent {
        negotiation_type: Name::new("task_assignment")?,
        proposal: json!({ "task": "analyze_data", "data_size": "10GB", "deadline": "2 hours" }).into(),
        constraints: Some(json!({ "max_cost": 100, "required_accuracy": 0.95 }).into()),
    };
    Ok(message!(NegotiationRequired from from, NegotiationPayload { content }, target: Id::new(to)?))
}

pub fn answer(from: &str, proposal: &Negotiation, accept: bool) -> Outcome<NegotiationAnswer> {
    let content = NegotiationAnswerPayloadContent {
        accept,
        terms: accept.then(|| json!({ "estimated_time": "5 minutes", "priority": "high" }).into()),
        reason: (!accept).then(|| "Insufficient resources".to_owned()),
    };
    Ok(
        message!(NegotiationAnswerRequired from from, NegotiationAnswerPayload { content }, correlation_id: proposal.id.clone()),
    )
}

pub fn query(from: &str, to: &str, content: &Value) -> Outcome<Query> {
    Ok(message!(QueryRequired from from, QueryPayload { content: content.clone().into() }, target: Id::new(to)?))
}

pub fn chunk(from: &str, query: &Query, text: String) -> Outcome<Chunk> {
    let content = ChunkPayloadContent { text };
    Ok(message!(ChunkRequired from from, ChunkPayload { content }, correlation_id: query.id.clone()))
}
