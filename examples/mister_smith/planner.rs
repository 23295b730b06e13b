//! The orchestrator: it hands out work, answers hooks, and raises alerts.

use mister_smith::payloads::hook_response::{HookDecision, HookResponseRequired};
use mister_smith::payloads::{CapabilityQuery, HookEvent, HookResponse, QueuedTask};
use mister_smith::roles::Orchestrator;
use mister_smith::subjects::cli::HooksSubject;
use mister_smith::subjects::tasks::{ProgressSubject, QueueSubject, ResultSubject};
use natsmith_runtime::{Message, Subscription, TypedSubject};

use crate::letters::{self, Identity};
use crate::stage::{Outcome, Stage, say, soon};
use crate::tell;
use crate::worker::Worker;

const NAME: &str = "orchestrator";

pub struct Planner {
    pub role: Orchestrator,
    progress: Subscription<Message<ProgressSubject>>,
    results: Subscription<Message<ResultSubject>>,
    hooks: Subscription<Message<HooksSubject>>,
}

impl Planner {
    pub async fn start(stage: &Stage) -> Outcome<Self> {
        let role = Orchestrator::connect(stage.user(NAME, NAME, &[])?).await?;
        let planner = Self {
            progress: role.progress().subscribe().await?,
            results: role.result().subscribe().await?,
            hooks: role.hooks().subscribe().await?,
            role,
        };
        planner.role.connection().round_trip().await?;
        tell::note(NAME, "hands out the work");
        Ok(planner)
    }

    /// Orders one agent to do something.
    pub async fn command(&self, agent: &Identity) -> Outcome {
        let command = letters::command(agent);
        say(NAME, &self.role.commands(), &command, "review src/lib.rs").await
    }

    /// Asks one agent what it can do.
    pub async fn ask(&self, agent: &Worker) -> Outcome {
        let query = CapabilityQuery {
            query_id: None,
            capabilities: None,
            include_resources: true,
        };
        let endpoint = self.role.capabilities(&agent.id.token);
        tell::says(NAME, endpoint.scope(), "CapabilityQuery: what can you do?");
        let answer = endpoint.request(&query).await?;
        for capability in &answer.capabilities {
            let version = capability.version.as_deref().unwrap_or("of no version");
            tell::note(agent.name, format!("answers: {} {version}", capability.name));
        }
        let kinds: Vec<&str> = answer.task_types.iter().map(|kind| kind.as_str()).collect();
        tell::note(
            agent.name,
            format!("takes {}, {} at most", kinds.join(" and "), answer.max_tasks),
        );
        Ok(())
    }

    /// Puts a task into the queue, and waits until its stream keeps it.
    pub async fn queue(&self, task: &QueuedTask) -> Outcome {
        let queue = self.role.queue();
        tell::says(
            NAME,
            QueueSubject::resolve(queue.scope(), task)?,
            format_args!("QueuedTask: {}", task.task_id),
        );
        let kept = queue.persist(task).await?;
        tell::note(
            "server",
            format!("keeps it as number {} of stream {}", kept.sequence, kept.stream),
        );
        Ok(())
    }

    /// Sends a task a second time, as a sender does that is not sure: the stream keeps it once.
    pub async fn queue_again(&self, task: &QueuedTask) -> Outcome {
        if !self.role.queue().persist(task).await?.duplicate {
            return Err("the stream kept one message id twice".into());
        }
        tell::note("server", "takes it a second time for a duplicate, by its message id");
        Ok(())
    }

    /// Waits for the progress and the result of a task.
    pub async fn follow(&mut self, task: &QueuedTask) -> Outcome {
        loop {
            let progress = soon("progress", self.progress.next()).await?;
            let progress = progress.ok_or("the subscription has ended")??;
            if progress.payload.task_id == task.task_id {
                let percent = progress.payload.percent_complete.unwrap_or_default();
                tell::hears(NAME, &progress.subject, format_args!("{percent} % are done"));
                break;
            }
        }
        loop {
            let result = soon("a result", self.results.next()).await?;
            let result = result.ok_or("the subscription has ended")??;
            if result.payload.task_id == task.task_id {
                let told = format_args!("{}: {}", result.payload.status, result.payload.result_data);
                tell::hears(NAME, &result.subject, told);
                return Ok(());
            }
        }
    }

    /// Raises the alert that an agent is gone, and waits until its stream has it.
    pub async fn alert(&self, about: &Identity) -> Outcome {
        let alert = letters::alert(about)?;
        let alerts = self.role.alerts();
        let subject = mister_smith::subjects::system::AlertsSubject::resolve(alerts.scope(), &alert)?;
        tell::says(NAME, subject, format_args!("SystemAlert: {}", alert.title));
        alerts.persist(&alert).await?;
        Ok(())
    }

    /// Waits for the hook of one agent's CLI session and answers it.
    pub async fn judge_hook(&mut self, agent: &Identity) -> Outcome {
        let hook = loop {
            let hook = soon("a hook", self.hooks.next()).await?;
            let hook = hook.ok_or("the subscription has ended")??;
            if hook.subject.agent_id == agent.token {
                break hook;
            }
        };
        let tool = hook.payload.tool_name.as_deref().unwrap_or("no tool");
        tell::hears(
            NAME,
            &hook.subject,
            format_args!("hook_type = {:?}, {tool}", hook.subject.hook_type),
        );
        let answer = judgement(&hook.payload)?;
        let responses = self.role.responses(&agent.token);
        say(NAME, &responses, &answer, answer.decision.as_str()).await
    }
}

/// Nothing that deletes files may run.
fn judgement(hook: &HookEvent) -> Outcome<HookResponse> {
    #[derive(serde::Deserialize)]
    struct Input {
        command: String,
    }
    let command = match &hook.tool_input {
        Some(input) => input.get::<Input>()?.command,
        None => String::new(),
    };
    let harmful = command.starts_with("rm ");
    let answer = HookResponse::from(HookResponseRequired {
        hook_id: hook.hook_id,
        decision: if harmful {
            HookDecision::Block
        } else {
            HookDecision::Approve
        },
        continue_processing: !harmful,
    });
    Ok(HookResponse {
        stop_reason: harmful.then(|| format!("`{command}` deletes files")),
        ..answer
    })
}
