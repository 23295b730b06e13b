//! What the cast writes to each other: payloads of the contract.

use mister_smith::payloads::agent_command::{AgentCommandRequired, CommandMetadata};
use mister_smith::payloads::common::{
    self, AgentState, Capability, CommandType, ComponentName, HookType, ResourceRequirements, ResourceUsage,
    SessionInfo, TaskOutcome, TaskRequirements, TaskStatus, TaskType,
};
use mister_smith::payloads::hook_event::HookEventRequired;
use mister_smith::payloads::queued_task::QueuedTaskRequired;
use mister_smith::payloads::system_alert::{SystemAlertRequired, SystemAlertSeverity, SystemAlertState};
use mister_smith::payloads::task_progress::TaskProgressRequired;
use mister_smith::payloads::task_result::TaskResultRequired;
use mister_smith::payloads::{AgentCommand, AgentStatus, HookEvent, QueuedTask, SystemAlert, TaskProgress, TaskResult};
use mister_smith::tokens;
use natsmith_runtime::chrono::{DateTime, FixedOffset, Utc};
use natsmith_runtime::uuid::Uuid;
use serde_json::json;

use crate::stage::Outcome;

/// One agent's id, as the token of its subjects and as the field of its payloads.
#[derive(Clone)]
pub struct Identity {
    pub token: tokens::AgentId,
    pub field: common::AgentId,
}

impl Identity {
    /// An id that no other agent has.
    pub fn unique() -> Outcome<Self> {
        let text = format!("agent-{}", Uuid::new_v4());
        Ok(Self {
            token: tokens::AgentId::new(text.as_str())?,
            field: common::AgentId::new(text)?,
        })
    }
}

pub fn now() -> DateTime<FixedOffset> {
    Utc::now().into()
}

/// An order to read one file.
pub fn command(to: &Identity) -> AgentCommand {
    AgentCommand {
        timeout_ms: Some(5000),
        ..AgentCommandRequired {
            command_id: Uuid::new_v4(),
            command_type: CommandType::Execute,
            agent_id: to.field.clone(),
            timestamp: now(),
            payload: json!({ "script": "review", "file": "src/lib.rs" }).into(),
            priority: 1,
            metadata: CommandMetadata {
                source: "planner".to_owned(),
                trace_id: None,
                user_id: None,
                session_id: None,
            },
        }
        .into()
    }
}

/// A task for any agent that can review code.
pub fn task() -> Outcome<QueuedTask> {
    Ok(QueuedTaskRequired {
        message_id: Uuid::new_v4(),
        task_id: common::TaskId::new(format!("task-{}", Uuid::new_v4()))?,
        task_type: TaskType::Analysis,
        timestamp: now(),
        priority: 2,
        requirements: TaskRequirements {
            capabilities: vec![Capability::new("code_review")?],
            resources: ResourceRequirements {
                cpu_cores: 1,
                memory_mb: 512,
                disk_mb: 100,
            },
        },
        task_data: json!({ "repository": "natsmith", "commit": "HEAD" }).into(),
        dependencies: Vec::new(),
    }
    .into())
}

/// A task that takes a language.
pub fn task_in(language: &str) -> Outcome<QueuedTask> {
    let task_data = json!({ "repository": "ledger", "language": language }).into();
    Ok(QueuedTask { task_data, ..task()? })
}

/// The language that a task takes, if it says one.
pub fn language(task: &QueuedTask) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Data {
        language: String,
    }
    Some(task.task_data.get::<Data>().ok()?.language)
}

pub fn progress(task: &QueuedTask, agent: &Identity, percent: f64) -> TaskProgress {
    TaskProgress {
        percent_complete: Some(percent),
        stage: Some("reading".to_owned()),
        ..TaskProgressRequired {
            task_id: task.task_id.clone(),
            agent_id: agent.field.clone(),
            timestamp: now(),
            status: TaskStatus::Running,
        }
        .into()
    }
}

pub fn result(task: &QueuedTask, agent: &Identity) -> TaskResult {
    TaskResultRequired {
        message_id: Uuid::new_v4(),
        task_id: task.task_id.clone(),
        agent_id: agent.field.clone(),
        status: TaskOutcome::Completed,
        timestamp: now(),
        execution_time_ms: 40,
        result_data: json!({ "findings": 0 }).into(),
    }
    .into()
}

pub fn usage() -> ResourceUsage {
    ResourceUsage {
        cpu_percent: 12.5,
        memory_mb: 256,
        disk_mb: 40,
    }
}

pub fn status(agent: &Identity, status: AgentState, current_tasks: u32) -> Outcome<AgentStatus> {
    Ok(AgentStatus {
        agent_id: agent.field.clone(),
        status,
        timestamp: now(),
        capacity: 0.75,
        current_tasks,
        max_tasks: 4,
        uptime_seconds: 60,
        last_heartbeat: now(),
        capabilities: vec![Capability::new("code_review")?],
        resource_usage: usage(),
    })
}

/// The alert that an agent is gone.
pub fn alert(agent: &Identity) -> Outcome<SystemAlert> {
    Ok(SystemAlert {
        agent_id: Some(agent.field.clone()),
        ..SystemAlertRequired {
            message_id: Uuid::new_v4(),
            alert_id: Uuid::new_v4(),
            severity: SystemAlertSeverity::Critical,
            component: ComponentName::new("planner")?,
            title: "an agent is silent".to_owned(),
            timestamp: now(),
            state: SystemAlertState::Raised,
        }
        .into()
    })
}

/// A CLI session asks whether it may use a tool.
pub fn hook(agent: &Identity, tool: &str, command: &str) -> HookEvent {
    HookEvent {
        tool_name: Some(tool.to_owned()),
        tool_input: Some(json!({ "command": command }).into()),
        ..HookEventRequired {
            hook_id: Uuid::new_v4(),
            hook_type: HookType::PreTask,
            agent_id: agent.field.clone(),
            session_info: SessionInfo {
                agent_id: agent.field.clone(),
                session_id: Uuid::new_v4(),
                model: "opus".to_owned(),
                start_time: now(),
            },
            timestamp: now(),
        }
        .into()
    }
}
