//! What procedural macros make of the schemas that are measured.

/// Types by typify.
pub mod typify {
    macro_rules! types {
        ($($module:ident: $schema:literal),* $(,)?) => {
            $(
                pub mod $module {
                    #![allow(clippy::all, clippy::pedantic, dead_code, reason = "made by a macro")]
                    typify::import_types!(schema = $schema);
                }
            )*
        };
    }

    types! {
        agent_heartbeat: "../generated/mister-smith/docs/json-schema/AgentHeartbeat.json",
        agent_command: "../generated/mister-smith/docs/json-schema/AgentCommand.json",
        agent_status: "../generated/mister-smith/docs/json-schema/AgentStatus.json",
        task_assignment: "../generated/mister-smith/docs/json-schema/TaskAssignment.json",
        task_result: "../generated/mister-smith/docs/json-schema/TaskResult.json",
    }
}

/// Validators by `jsonschema`.
pub mod validators {
    macro_rules! validators {
        ($($name:ident: $schema:literal),* $(,)?) => {
            $(
                #[jsonschema::validator(path = $schema, validate_formats = true)]
                pub struct $name;
            )*
        };
    }

    validators! {
        AgentHeartbeat: "../generated/mister-smith/docs/json-schema/AgentHeartbeat.json",
        AgentCommand: "../generated/mister-smith/docs/json-schema/AgentCommand.json",
        AgentStatus: "../generated/mister-smith/docs/json-schema/AgentStatus.json",
        TaskAssignment: "../generated/mister-smith/docs/json-schema/TaskAssignment.json",
        TaskResult: "../generated/mister-smith/docs/json-schema/TaskResult.json",
    }
}
