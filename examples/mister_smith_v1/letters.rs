//! What the cast writes to each other: payloads of the contract.

use mister_smith_v1::payloads::agent_command::{AgentCommandCommandType, AgentCommandRequired};
use mister_smith_v1::payloads::agent_status::{AgentStatusRequired, AgentStatusStatus};
use mister_smith_v1::payloads::cli_startup::CliStartupRequired;
use mister_smith_v1::payloads::common::{
    AgentId, AgentState, Capability, ExecutionMetrics, HookType, Name, SessionInfo, TaskType,
};
use mister_smith_v1::payloads::hook_event::HookEventRequired;
use mister_smith_v1::payloads::hook_response::HookDecision;
use mister_smith_v1::payloads::queued_task::QueuedTaskRequired;
use mister_smith_v1::payloads::task_created::TaskCreatedRequired;
use mister_smith_v1::payloads::task_output::{TaskInfo, TaskInfoType, TaskInfoValue, TaskStatus};
use mister_smith_v1::payloads::task_result::{TaskResultRequired, TaskResultStatus};
use mister_smith_v1::payloads::{
    AgentCommand, AgentStatus, CliMutation, CliStartup, HookEvent, HookResponse, QueuedTask, ResultNotification,
    StatusUpdate, TaskAssigned, TaskCreated, TaskOutput, TaskResult,
};
use natsmith_runtime::FreeForm;
use natsmith_runtime::chrono::{DateTime, FixedOffset, Utc};
use natsmith_runtime::uuid::Uuid;
use serde_json::{Value, json};

use crate::stage::Outcome;

/// The one agent of this story.
pub const REVIEWER: &str = "reviewer-1";

pub fn now() -> DateTime<FixedOffset> {
    Utc::now().into()
}

pub fn reviewer() -> Outcome<AgentId> {
    Ok(AgentId::new(REVIEWER)?)
}

pub fn session() -> Outcome<SessionInfo> {
    Ok(SessionInfo {
        agent_id: reviewer()?,
        session_id: Name::new(Uuid::new_v4().to_string())?,
        model: Name::new("claude-sonnet")?,
        start_time: now(),
    })
}

pub fn startup() -> Outcome<CliStartup> {
    Ok(CliStartup {
        hooks: Some(vec![HookType::PreTask, HookType::PostTask, HookType::OnError]),
        ..CliStartupRequired {
            session_info: session()?,
            cli_version: "1.0.43".to_owned(),
            capabilities: vec![Capability::new("write_file")?, Capability::new("run_command")?],
            timestamp: now(),
        }
        .into()
    })
}

pub fn hook(tool: &str, input: &Value) -> Outcome<HookEvent> {
    Ok(HookEvent {
        tool_name: Some(Name::new(tool)?),
        tool_input: Some(input.clone().into()),
        ..HookEventRequired {
            hook_type: HookType::PreTask,
            agent_id: reviewer()?,
            session_info: session()?,
            timestamp: now(),
        }
        .into()
    })
}

/// Files may be written, inside of the repository; commands may not be run.
pub fn judge(hook: &HookEvent) -> HookResponse {
    let writes = hook
        .tool_name
        .as_ref()
        .is_some_and(|tool| tool.as_str() == "write_file");
    HookResponse {
        decision: if writes {
            HookDecision::Approve
        } else {
            HookDecision::Block
        },
        reason: Some(
            if writes {
                "inside of the repository"
            } else {
                "it deletes files"
            }
            .to_owned(),
        ),
        r#continue: true,
        stop_reason: None,
        modifications: writes.then(|| json!({ "path": "src/lib.rs" }).into()),
    }
}

pub fn mutation(hook: &HookEvent, tool: &str, modifications: FreeForm) -> Outcome<CliMutation> {
    Ok(CliMutation {
        mutation_id: Uuid::new_v4(),
        agent_id: reviewer()?,
        session_id: hook.session_info.session_id.clone(),
        hook_type: hook.hook_type,
        tool_name: Name::new(tool)?,
        modifications,
        timestamp: now(),
    })
}

pub fn command() -> AgentCommand {
    AgentCommand {
        payload: Some(json!({ "tool": "cargo", "arguments": ["test"] }).into()),
        priority: Some(5),
        ..AgentCommandRequired {
            command_id: Uuid::new_v4(),
            command_type: AgentCommandCommandType::Execute,
            agent_id: REVIEWER.to_owned(),
            timestamp: now(),
        }
        .into()
    }
}

/// How the agent is, in short and in full.
pub fn status(free: f64) -> Outcome<(StatusUpdate, AgentStatus)> {
    let short = StatusUpdate {
        agent_id: reviewer()?,
        status: AgentState::Busy,
        capacity: free,
    };
    let full = AgentStatus {
        capacity: Some(free),
        current_tasks: Some(1),
        max_tasks: Some(4),
        ..AgentStatusRequired {
            agent_id: REVIEWER.to_owned(),
            status: AgentStatusStatus::Busy,
            timestamp: now(),
        }
        .into()
    };
    Ok((short, full))
}

pub fn task() -> QueuedTask {
    QueuedTask {
        task_data: Some(json!({ "repository": "checkout", "revision": "4f1c2ab" }).into()),
        ..QueuedTaskRequired {
            message_id: Uuid::new_v4(),
            task_id: Uuid::new_v4(),
            task_type: TaskType::Analysis,
            priority: 3,
            timestamp: now(),
        }
        .into()
    }
}

pub fn created(task: &QueuedTask) -> Outcome<TaskCreated> {
    Ok(TaskCreatedRequired {
        task_id: task.task_id,
        task_type: task.task_type,
        priority: task.priority,
        created_by: Name::new("planner-1")?,
        timestamp: now(),
    }
    .into())
}

pub fn assigned(task: &QueuedTask) -> Outcome<TaskAssigned> {
    Ok(TaskAssigned {
        task_id: task.task_id,
        task_type: task.task_type,
        assigned_agent: reviewer()?,
        timestamp: now(),
    })
}

/// One line that the task wrote.
pub fn output(line: &str, task_status: TaskStatus) -> Outcome<TaskOutput> {
    Ok(TaskOutput {
        task_info: TaskInfo {
            r#type: TaskInfoType::Description,
            value: TaskInfoValue::String("review of 4f1c2ab".to_owned()),
        },
        output_line: line.to_owned(),
        task_status,
        timestamp: now(),
        agent_id: reviewer()?,
    })
}

pub fn result(task: &QueuedTask) -> TaskResult {
    TaskResult {
        execution_time_ms: Some(40),
        result_data: Some(json!({ "findings": 0 }).into()),
        ..TaskResultRequired {
            task_id: task.task_id,
            agent_id: REVIEWER.to_owned(),
            status: TaskResultStatus::Completed,
            timestamp: now(),
        }
        .into()
    }
}

pub fn completed(task: &QueuedTask, last: TaskOutput) -> ResultNotification {
    ResultNotification {
        task_id: task.task_id,
        result: last,
        metrics: ExecutionMetrics {
            cpu_usage_percent: Some(12.5),
            memory_peak_mb: Some(96.0),
            io_operations: Some(40),
        },
    }
}
