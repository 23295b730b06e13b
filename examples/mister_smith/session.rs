//! A session of the Claude CLI: it asks before it acts.

use mister_smith::payloads::hook_response::HookDecision;
use mister_smith::roles::Cli;
use mister_smith::subjects::cli::ResponsesSubject;
use natsmith_runtime::{Message, Subscription};

use crate::letters::{self, Identity};
use crate::stage::{Outcome, Stage, say, soon};
use crate::tell;

const NAME: &str = "cli";

pub struct Session {
    pub role: Cli,
    agent: Identity,
    responses: Subscription<Message<ResponsesSubject>>,
}

impl Session {
    pub async fn start(stage: &Stage, agent: &Identity) -> Outcome<Self> {
        let role = Cli::connect(
            stage.user(NAME, "cli", &[("agent_id", agent.token.as_str())])?,
            agent.token.clone(),
        )
        .await?;
        let responses = role.responses().subscribe().await?;
        role.connection().round_trip().await?;
        Ok(Self {
            role,
            agent: agent.clone(),
            responses,
        })
    }

    /// Asks whether a command may run; returns the id that the answer will repeat.
    pub async fn ask_for(&self, command: &str) -> Outcome<natsmith_runtime::uuid::Uuid> {
        let hook = letters::hook(&self.agent, "Bash", command);
        say(NAME, &self.role.hooks(), &hook, &format!("may I run `{command}`?")).await?;
        Ok(hook.hook_id)
    }

    /// Waits for the answer, and stops if it says so.
    pub async fn heed(&mut self, hook: natsmith_runtime::uuid::Uuid) -> Outcome {
        loop {
            let answer = soon("the answer to a hook", self.responses.next()).await?;
            let answer = answer.ok_or("the subscription has ended")??;
            if answer.payload.hook_id != hook {
                continue; // The answer to another session of the same agent.
            }
            tell::hears(
                NAME,
                &answer.subject,
                format_args!("decision = {}", answer.payload.decision),
            );
            if answer.payload.decision != HookDecision::Block || answer.payload.continue_processing {
                return Err("the harmful command was not blocked".into());
            }
            let why = answer.payload.stop_reason.as_deref().unwrap_or("no reason given");
            tell::note(NAME, format!("is stopped: {why}"));
            return Ok(());
        }
    }
}
