//! An agent: it obeys commands, answers questions, works on tasks, and shows that it lives.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mister_smith::payloads::agent_capabilities::{AgentCapabilitiesRequired, CapabilityDescription};
use mister_smith::payloads::common::{AgentState, Capability, TaskType};
use mister_smith::payloads::{AgentCapabilities, AgentHeartbeat, CapabilityQuery, QueuedTask};
use mister_smith::roles::Agent;
use mister_smith::subjects::agents::CommandsSubject;
use mister_smith::subjects::tasks::QueueSubject;
use natsmith_runtime::jetstream::{DeliveryErrorKind, PullOptions};
use natsmith_runtime::presence::{Beating, Timing};
use natsmith_runtime::{Deliveries, Delivery, Message, ServiceError, Serving, Subscription, WorkError, Working};

use crate::letters::{self, Identity};
use crate::stage::{Outcome, Stage, say, soon};
use crate::tell;

/// The pace of heartbeats. The contract's is right for a fleet, and long for a story.
pub const PACE: Timing = Timing {
    interval: Duration::from_millis(50),
    jitter: Duration::from_millis(5),
    missed: 20,
};

/// A task in an agent's hands.
pub type TaskInHand = Delivery<Message<QueueSubject>>;

/// An agent that is dropped without [`Worker::leave`] is one that crashed: its heart stops with it.
pub struct Worker {
    pub name: &'static str,
    pub id: Identity,
    pub role: Agent,
    commands: Subscription<Message<CommandsSubject>>,
    _answers: Serving,
    _heart: Beating,
}

impl Worker {
    /// Connects, listens to commands, answers questions, and begins to send heartbeats.
    pub async fn start(stage: &Stage, name: &'static str) -> Outcome<Self> {
        let id = Identity::unique()?;
        let role = Agent::connect(
            stage.user(name, "agent", &[("agent_id", id.token.as_str())])?,
            id.token.clone(),
        )
        .await?;
        let commands = role.commands().subscribe().await?;
        let answers = role.capabilities().serve(answer_as(&id)).await?;
        // Whoever speaks next does so on another connection: the server must know of both by then.
        role.connection().round_trip().await?;
        let field = id.field.clone();
        let heartbeat = move |sequence| AgentHeartbeat {
            agent_id: field.clone(),
            timestamp: letters::now(),
            sequence,
        };
        let heart = role.liveness().with_timing(PACE).beat(heartbeat).await?;
        tell::note(name, format!("works as {}", id.token));
        Ok(Self {
            name,
            id,
            role,
            commands,
            _answers: answers,
            _heart: heart,
        })
    }

    /// Waits for a command and shows what its subject and payload say.
    pub async fn obey(&mut self) -> Outcome {
        let Some(command) = soon("a command", self.commands.next()).await? else {
            return Err("the subscription to commands has ended".into());
        };
        let command = command?;
        let tokens = &command.subject;
        tell::hears(
            self.name,
            tokens,
            format_args!(
                "agent_id = {}, command_type = {:?}, to do: {}",
                tokens.agent_id, tokens.command_type, command.payload.payload
            ),
        );
        Ok(())
    }

    /// Asks the consumer `task_processor` for tasks, one at a time: an agent that holds one takes no other.
    pub async fn tasks(&self) -> Outcome<Deliveries<Message<QueueSubject>>> {
        let one = PullOptions::default().with_batch(1);
        Ok(self.role.task_processor().consume_with(one).await?)
    }

    /// Does a task, and tells the server that nobody else must do it.
    pub async fn work_on(&self, task: &TaskInHand) -> Outcome {
        do_task(self.name, &self.role, &self.id, task, task.delivered()).await?;
        task.ack_confirmed().await?;
        tell::note(
            self.name,
            "has sent the result, and the server has noted that the task is done",
        );
        Ok(())
    }

    /// Works on tasks from now on, as the contract says: one at a time, five attempts, and what none of them could do goes to
    /// the dead letters. It gives up what takes a language that it has not learnt.
    pub async fn work(&self, learnt: &Arc<AtomicBool>) -> Outcome<Working> {
        let (name, role, id, learnt) = (self.name, self.role.clone(), self.id.clone(), learnt.clone());
        let tasks = self.role.task_processor();
        let working = tasks.work(move |task| {
            let (role, id, learnt) = (role.clone(), id.clone(), learnt.clone());
            async move {
                if let Some(language) = letters::language(&task.payload)
                    && !learnt.load(Ordering::Relaxed)
                {
                    return Err(WorkError::give_up(format_args!("no agent knows {language}")));
                }
                // Whatever fails here may go better at the next attempt.
                do_task(name, &role, &id, &task, task.attempt()).await?;
                Ok(())
            }
        });
        Ok(working.await?)
    }

    /// Says what it is doing.
    pub async fn report(&self, state: AgentState) -> Outcome {
        let status = letters::status(&self.id, state, 0)?;
        say(self.name, &self.role.status(), &status, state.as_str()).await
    }

    /// Ends in order: what was sent arrives, what was asked is answered.
    pub async fn leave(&self) -> Outcome {
        self.role.connection().drain(Duration::from_secs(5)).await?;
        Ok(())
    }
}

/// Waits for one certain task; others, which an earlier story may have left behind, are put back.
pub async fn next_task(tasks: &mut Deliveries<Message<QueueSubject>>, wanted: &QueuedTask) -> Outcome<TaskInHand> {
    while let Some(delivery) = tasks.next().await {
        match delivery {
            Ok(task) if task.payload.task_id == wanted.task_id => return Ok(task),
            Ok(other) => other.nak(Some(Duration::from_secs(30))).await?,
            Err(lost) if lost.kind() == DeliveryErrorKind::ConnectionLost => tell::note("task queue", lost),
            Err(error) => return Err(error.into()),
        }
    }
    Err("the consumer's deliveries have ended".into())
}

/// What a task takes: word on the way, and a result.
async fn do_task(
    name: &'static str,
    role: &Agent,
    id: &Identity,
    task: &Message<QueueSubject>,
    attempt: u64,
) -> Outcome {
    let told = format!("{}, delivery {attempt}", task.payload.task_id);
    tell::hears(name, &task.subject, told);
    let progress = letters::progress(&task.payload, id, 50.0);
    say(name, &role.progress(), &progress, "50 %").await?;
    role.result().persist(&letters::result(&task.payload, id)).await?;
    Ok(())
}

type Question = Message<mister_smith::subjects::agents::CapabilitiesSubject>;

fn answer_as(
    id: &Identity,
) -> impl Fn(Question) -> std::future::Ready<Result<AgentCapabilities, ServiceError>> + Send + Sync + 'static {
    let id = id.clone();
    move |question| {
        let answer = capabilities(&id, &question.payload);
        std::future::ready(answer.map_err(|error| ServiceError::new(500, error.to_string())))
    }
}

fn capabilities(id: &Identity, query: &CapabilityQuery) -> Outcome<AgentCapabilities> {
    let code_review = CapabilityDescription {
        name: Capability::new("code_review")?,
        version: Some("1.4.0".to_owned()),
        description: None,
        parameters: None,
    };
    Ok(AgentCapabilities {
        resource_usage: query.include_resources.then(letters::usage),
        ..AgentCapabilitiesRequired {
            agent_id: id.field.clone(),
            timestamp: letters::now(),
            capabilities: vec![code_review],
            task_types: vec![TaskType::Analysis, TaskType::Validation],
            max_tasks: 4,
        }
        .into()
    })
}
