//! The payloads as a person would write them for serde, with the rules that `validator` can express.
//!
//! `F` is what stands for a free-form value.

use std::sync::LazyLock;

use chrono::{DateTime, FixedOffset};
use regex::Regex;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::{Validate, ValidationError};

static AGENT_ID: LazyLock<Regex> = LazyLock::new(|| id("agent"));
static TASK_ID: LazyLock<Regex> = LazyLock::new(|| id("task"));
static SUBJECT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$").expect("the expression compiles"));

fn id(kind: &str) -> Regex {
    Regex::new(&format!(
        "^{kind}-[0-9a-f]{{8}}-[0-9a-f]{{4}}-4[0-9a-f]{{3}}-[89ab][0-9a-f]{{3}}-[0-9a-f]{{12}}$"
    ))
    .expect("the expression compiles")
}

fn capabilities(names: &[String]) -> Result<(), ValidationError> {
    if names.iter().all(|name| (1..=128).contains(&name.chars().count())) {
        Ok(())
    } else {
        Err(ValidationError::new("length"))
    }
}

fn tasks(ids: &[String]) -> Result<(), ValidationError> {
    if ids.iter().all(|id| TASK_ID.is_match(id)) {
        Ok(())
    } else {
        Err(ValidationError::new("regex"))
    }
}

#[derive(Debug, Serialize, Deserialize, Validate)]
pub struct AgentHeartbeat {
    #[validate(regex(path = *AGENT_ID))]
    pub agent_id: String,
    pub timestamp: DateTime<FixedOffset>,
    #[validate(range(max = 9_007_199_254_740_991_u64))]
    pub sequence: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandType {
    Execute,
    Stop,
    Pause,
    Resume,
    Configure,
    Query,
}

#[derive(Debug, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct AgentCommand<F> {
    pub command_id: Uuid,
    pub command_type: CommandType,
    #[validate(regex(path = *AGENT_ID))]
    pub agent_id: String,
    pub timestamp: DateTime<FixedOffset>,
    pub payload: F,
    #[validate(range(max = 4))]
    pub priority: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(range(min = 1_000_u64, max = 9_007_199_254_740_991_u64))]
    pub timeout_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(regex(path = *SUBJECT), length(max = 255))]
    pub reply_to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<Uuid>,
    #[validate(nested)]
    pub metadata: CommandMetadata,
}

#[derive(Debug, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct CommandMetadata {
    #[validate(length(min = 1, max = 128))]
    pub source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(length(min = 1, max = 128))]
    pub user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<Uuid>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentState {
    Idle,
    Busy,
    Error,
    Offline,
    Starting,
    Stopping,
}

#[derive(Debug, Serialize, Deserialize, Validate)]
pub struct AgentStatus {
    #[validate(regex(path = *AGENT_ID))]
    pub agent_id: String,
    pub status: AgentState,
    pub timestamp: DateTime<FixedOffset>,
    #[validate(range(min = 0.0, max = 1.0))]
    pub capacity: f64,
    pub current_tasks: u32,
    #[validate(range(min = 1))]
    pub max_tasks: u32,
    #[validate(range(max = 9_007_199_254_740_991_u64))]
    pub uptime_seconds: u64,
    pub last_heartbeat: DateTime<FixedOffset>,
    #[validate(length(max = 256), custom(function = "capabilities"))]
    pub capabilities: Vec<String>,
    #[validate(nested)]
    pub resource_usage: ResourceUsage,
}

#[derive(Debug, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ResourceUsage {
    #[validate(range(min = 0.0, max = 100.0))]
    pub cpu_percent: f64,
    #[validate(range(max = 9_007_199_254_740_991_u64))]
    pub memory_mb: u64,
    #[validate(range(max = 9_007_199_254_740_991_u64))]
    pub disk_mb: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskType {
    Analysis,
    Synthesis,
    Execution,
    Validation,
    Monitoring,
}

#[derive(Debug, Serialize, Deserialize, Validate)]
pub struct TaskAssignment<F> {
    pub message_id: Uuid,
    #[validate(regex(path = *TASK_ID))]
    pub task_id: String,
    pub task_type: TaskType,
    #[validate(regex(path = *AGENT_ID))]
    pub assigned_agent: String,
    pub timestamp: DateTime<FixedOffset>,
    #[validate(range(max = 4))]
    pub priority: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<DateTime<FixedOffset>>,
    #[validate(nested)]
    pub requirements: TaskRequirements,
    pub task_data: F,
    #[validate(length(max = 1_000), custom(function = "tasks"))]
    pub dependencies: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(regex(path = *SUBJECT), length(max = 255))]
    pub callback_subject: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct TaskRequirements {
    #[validate(length(max = 256), custom(function = "capabilities"))]
    pub capabilities: Vec<String>,
    #[validate(nested)]
    pub resources: ResourceRequirements,
}

#[derive(Debug, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ResourceRequirements {
    #[validate(range(min = 1))]
    pub cpu_cores: u32,
    #[validate(range(min = 256))]
    pub memory_mb: u32,
    #[validate(range(min = 100))]
    pub disk_mb: u32,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskOutcome {
    Completed,
    Failed,
    Cancelled,
    Timeout,
}

#[derive(Debug, Serialize, Deserialize, Validate)]
pub struct TaskResult<F> {
    pub message_id: Uuid,
    #[validate(regex(path = *TASK_ID))]
    pub task_id: String,
    #[validate(regex(path = *AGENT_ID))]
    pub agent_id: String,
    pub status: TaskOutcome,
    pub timestamp: DateTime<FixedOffset>,
    #[validate(range(max = 9_007_199_254_740_991_u64))]
    pub execution_time_ms: u64,
    pub result_data: F,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(nested)]
    pub error_details: Option<ErrorDetails>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(nested)]
    pub metrics: Option<ExecutionMetrics>,
}

#[derive(Debug, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ErrorDetails {
    #[validate(length(min = 1, max = 128))]
    pub error_code: String,
    #[validate(length(max = 4_096))]
    pub error_message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(length(max = 65_536))]
    pub stack_trace: Option<String>,
    pub retry_count: u32,
}

#[derive(Debug, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ExecutionMetrics {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(range(min = 0.0))]
    pub cpu_usage_percent: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(range(min = 0.0))]
    pub memory_peak_mb: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(range(max = 9_007_199_254_740_991_u64))]
    pub io_operations: Option<u64>,
}
