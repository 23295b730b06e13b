//! What the cast writes to each other: messages of the contract.

use agent_mesh::payloads::agent_metadata::AgentMetadataRequired;
use agent_mesh::payloads::agent_request::AgentRequestRequired;
use agent_mesh::payloads::agent_response::AgentResponseRequired;
use agent_mesh::payloads::announcement::{AnnouncementMessageType, AnnouncementRequired};
use agent_mesh::payloads::common::{AgentName, MessageId, Status};
use agent_mesh::payloads::direct_message::{DirectMessageMessageType, DirectMessageRequired};
use agent_mesh::payloads::handoff::HandoffRequired;
use agent_mesh::payloads::{
    AgentMetadata, AgentRequest, AgentResponse, Announcement, DirectMessage, Handoff, WorkItem,
};
use natsmith_runtime::chrono::{DateTime, FixedOffset, Utc};
use natsmith_runtime::uuid::Uuid;

use crate::stage::Outcome;

/// A message of one kind: what all have, and the members that this kind asks for.
macro_rules! message {
    ($required:ident from $who:expr, $content:expr $(, $member:ident: $value:expr)*) => {
        $required {
            from_agent: AgentName::new($who)?,
            content: $content.into(),
            timestamp: now(),
            message_id: MessageId::new(Uuid::new_v4().to_string())?,
            $($member: $value),*
        }
        .into()
    };
}

pub fn now() -> DateTime<FixedOffset> {
    Utc::now().into()
}

pub fn metadata(name: &str, capability: &str, status: Status) -> Outcome<AgentMetadata> {
    Ok(AgentMetadata {
        last_heartbeat: Some(now()),
        ..AgentMetadataRequired {
            name: AgentName::new(name)?,
            description: format!("A specialist for {capability}"),
            capabilities: vec![capability.to_owned()],
            tools: Vec::new(),
            status,
            version: "1.0.0".to_owned(),
            registered_at: now(),
        }
        .into()
    })
}

pub fn announcement(kind: AnnouncementMessageType, about: AgentMetadata) -> Outcome<Announcement> {
    let content = match kind {
        AnnouncementMessageType::Announcement => "Here I am.",
        AnnouncementMessageType::Offline => "Goodbye.",
    };
    let announcement: Announcement =
        message!(AnnouncementRequired from about.name.as_str(), content, message_type: kind);
    Ok(Announcement {
        metadata: Some(about),
        ..announcement
    })
}

pub fn direct(from: &str, to: &str, content: &str) -> Outcome<DirectMessage> {
    let kind = DirectMessageMessageType::Direct;
    Ok(message!(DirectMessageRequired from from, content, message_type: kind, to_agent: AgentName::new(to)?))
}

/// What answers a direct message, or a task that was handed over.
pub fn back(from: &str, message: &DirectMessage, content: &str) -> Outcome<DirectMessage> {
    let answer = direct(from, message.from_agent.as_str(), content)?;
    Ok(DirectMessage {
        in_reply_to: Some(message.message_id.clone()),
        ..answer
    })
}

pub fn handoff(from: &str, to: &str, task: &str) -> Outcome<Handoff> {
    Ok(message!(HandoffRequired from from, task, to_agent: AgentName::new(to)?, priority: 2))
}

pub fn request(from: &str, to: &str, question: &str) -> Outcome<AgentRequest> {
    Ok(message!(AgentRequestRequired from from, question, to_agent: AgentName::new(to)?))
}

pub fn response(from: &str, request: &AgentRequest, answer: &str) -> Outcome<AgentResponse> {
    Ok(message!(AgentResponseRequired from from, answer, in_reply_to: request.message_id.clone()))
}

pub fn work(number: usize) -> Outcome<WorkItem> {
    Ok(WorkItem {
        work_id: MessageId::new(format!("work-{number}"))?,
        requested_by: AgentName::new("coordinator")?,
        task: "Summarise a page.".to_owned(),
        parameters: None,
    })
}
