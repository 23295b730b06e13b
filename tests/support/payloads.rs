//! Every payload of `mister-smith`, with its borrowed form where it has one.

/// What the borrowed form of a payload makes of a document, if it has one.
macro_rules! borrowed {
    () => {
        None
    };
    ($borrowed:ident) => {
        Some(|text| $borrowed::decode(text).map(BorrowedPayload::into_owned))
    };
}

/// Calls a macro with all payloads, after what it is called with: a name in Rust's spelling, the type, and the borrowed
/// type if there is one.
macro_rules! payloads_of_mister_smith {
    ($called:ident! { $($before:tt)* }) => {
        $called! {
            $($before)*
            agent_capabilities: AgentCapabilities;
            agent_command: AgentCommand, AgentCommandRef;
            agent_event: AgentEvent;
            agent_heartbeat: AgentHeartbeat;
            agent_log: AgentLog;
            agent_metrics: AgentMetrics;
            agent_status: AgentStatus, AgentStatusRef;
            audit_record: AuditRecord;
            capability_query: CapabilityQuery;
            cli_context: CliContext;
            cli_mutation: CliMutation;
            cli_startup: CliStartup;
            config_change: ConfigChange;
            health_report: HealthReport;
            hook_event: HookEvent;
            hook_response: HookResponse;
            queued_task: QueuedTask;
            service_announcement: ServiceAnnouncement;
            system_alert: SystemAlert;
            system_control: SystemControl;
            task_assignment: TaskAssignment, TaskAssignmentRef;
            task_cancel: TaskCancel;
            task_error: TaskError;
            task_output: TaskOutput;
            task_progress: TaskProgress;
            task_result: TaskResult, TaskResultRef;
            workflow_coordination: WorkflowCoordination;
            workflow_dependencies: WorkflowDependencies;
            workflow_orchestration: WorkflowOrchestration;
            workflow_rollback: WorkflowRollback;
        }
    };
}
