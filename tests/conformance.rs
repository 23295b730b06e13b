//! The payload types of the generated crates accept exactly what their schemas accept.
//!
//! The judge is the `jsonschema` crate. Both see every example of each contract and thousands of documents that are
//! almost like one.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on stops")]

#[path = "support/agree.rs"]
mod agree;
#[path = "support/mutate.rs"]
mod mutate;
#[macro_use]
#[path = "support/payloads.rs"]
mod payloads;

use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};

use agree::Borrowed;
use natsmith_runtime::{BorrowedPayload, Payload};
use serde_json::Value;

/// Changed documents of each example.
const MUTANTS: usize = 400;

fn examples(contract: &str, payload: &str, verdict: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("schema")
        .join(contract)
        .join("examples")
        .join(payload)
        .join(verdict);
    let mut examples: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("a folder can be read").path())
        .map(|path| (path.clone(), fs::read(path).expect("an example can be read")))
        .collect();
    examples.sort();
    examples
}

fn check<P: Payload + PartialEq + Debug>(contract: &str, borrowed: Option<Borrowed<P>>) {
    let mut documents: Vec<Value> = Vec::new();
    for (path, text) in examples(contract, P::NAME, "valid") {
        let value = P::decode(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        value
            .validate()
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        documents.push(serde_json::from_slice(&text).expect("an example is JSON"));
    }
    for (path, text) in examples(contract, P::NAME, "invalid") {
        assert!(P::decode(&text).is_err(), "{} is accepted", path.display());
        if let Ok(document) = serde_json::from_slice(&text) {
            agree::locate::<P>(&document);
        }
    }
    assert!(!documents.is_empty(), "{} has no valid example", P::NAME);
    let compared = agree::compare(borrowed, &documents, MUTANTS, 1);
    assert!(
        compared.accepted > 0 && compared.refused > 0,
        "{}: {compared:?}",
        P::NAME
    );
}

macro_rules! contract {
    ($module:ident, $contract:literal: $($test:ident: $payload:ident $(, $borrowed:ident)?;)*) => {
        mod $module {
            use super::*;
            use ::$module::payloads::*;

            $(
                #[test]
                fn $test() {
                    check::<$payload>($contract, borrowed!($($borrowed)?));
                }
            )*

            /// A payload that is added to the contract is added here.
            #[test]
            fn all_payloads_are_compared() {
                let mut here = vec![$(<$payload as Payload>::NAME),*];
                let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
                    .join("generated")
                    .join($contract)
                    .join("docs/json-schema");
                let mut there: Vec<String> = fs::read_dir(folder)
                    .expect("the generated schemas can be read")
                    .filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_str()?.to_owned()))
                    .collect();
                here.sort_unstable();
                there.sort_unstable();
                assert_eq!(here, there);
            }
        }
    };
}

payloads_of_mister_smith!(contract! { mister_smith, "mister-smith": });

contract! { mister_smith_v1, "mister-smith-v1":
    agent_command: AgentCommand;
    agent_event: AgentEvent;
    agent_heartbeat: AgentHeartbeat;
    agent_log: AgentLog;
    agent_metrics: AgentMetrics;
    agent_status: AgentStatus;
    audit_record: AuditRecord;
    basic_task_assignment: BasicTaskAssignment;
    capability_query: CapabilityQuery;
    capability_query_message: CapabilityQueryMessage;
    capability_response: CapabilityResponse;
    capability_response_message: CapabilityResponseMessage;
    cli_context: CliContext;
    cli_mutation: CliMutation;
    cli_startup: CliStartup;
    config_change: ConfigChange;
    health_report: HealthReport;
    hook_event: HookEvent;
    hook_response: HookResponse;
    queued_task: QueuedTask;
    result_notification: ResultNotification;
    result_notification_message: ResultNotificationMessage;
    service_announcement: ServiceAnnouncement;
    status_update: StatusUpdate;
    status_update_message: StatusUpdateMessage;
    system_alert: SystemAlert;
    system_control: SystemControl;
    system_metrics: SystemMetrics;
    task_assigned: TaskAssigned;
    task_assignment: TaskAssignment;
    task_assignment_message: TaskAssignmentMessage;
    task_cancel: TaskCancel;
    task_created: TaskCreated;
    task_error: TaskError;
    task_output: TaskOutput;
    task_result: TaskResult;
    workflow_coordination: WorkflowCoordination;
    workflow_dependencies: WorkflowDependencies;
    workflow_orchestration: WorkflowOrchestration;
    workflow_rollback: WorkflowRollback;
}

contract! { agent_mesh, "agent-mesh":
    agent_metadata: AgentMetadata;
    agent_request: AgentRequest;
    agent_response: AgentResponse;
    announcement: Announcement;
    direct_message: DirectMessage;
    handoff: Handoff;
    heartbeat: Heartbeat;
    work_headers: WorkHeaders;
    work_item: WorkItem;
}

contract! { agent_platform, "agent-platform":
    agent_registered: AgentRegistered;
    chat_message: ChatMessage;
    enhancement_feedback: EnhancementFeedback;
    task_completed: TaskCompleted;
    task_refusal: TaskRefusal;
    task_request: TaskRequest;
    task_response: TaskResponse;
}

contract! { agent_framework, "agent-framework":
    chunk: Chunk;
    control: Control;
    discovery_request: DiscoveryRequest;
    discovery_response: DiscoveryResponse;
    event: Event;
    nats_config: NatsConfig;
    negotiation: Negotiation;
    negotiation_answer: NegotiationAnswer;
    query: Query;
    status: Status;
    task: Task;
    task_result: TaskResult;
    tool_call: ToolCall;
    tool_result: ToolResult;
}
