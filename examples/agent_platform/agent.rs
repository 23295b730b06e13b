//! An agent: it provides the service `task-desk`, does each task once, and tells when one has ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use agent_platform::payloads::common::{self, TaskStatus};
use agent_platform::payloads::task_refusal::RefusalReason;
use agent_platform::payloads::{AgentRegistered, TaskCompleted, TaskRefusal, TaskRequest, TaskResponse};
use agent_platform::roles::Agent;
use agent_platform::subjects::agent::TaskSubject;
use agent_platform::tokens::AgentName;
use natsmith_runtime::chrono::Utc;
use natsmith_runtime::idempotent::Answers;
use natsmith_runtime::service::Providing;
use natsmith_runtime::{FailingSubject, FreeForm, Message, ServiceError};
use serde_json::json;

use crate::stage::{Outcome, Stage, say};
use crate::tell;

pub struct Worker {
    pub name: AgentName,
    role: Agent,
    service: Providing,
    runs: Arc<AtomicUsize>,
}

impl Worker {
    /// Provides the service, and says that it is there.
    pub async fn start(stage: &Stage, name: &str, does: &[&'static str]) -> Outcome<Self> {
        let token = AgentName::new(name)?;
        let role = Agent::connect(stage.user(name, "agent", &[("agent_name", name)])?, token.clone()).await?;
        let (runs, does) = (Arc::new(AtomicUsize::new(0)), does.to_vec());
        // The last thousand answers are kept: a task that comes again is answered from memory.
        let answers = Answers::<TaskSubject>::keeping(1000);
        let handler = {
            let (role, runs, does) = (role.clone(), runs.clone(), does.clone());
            answers.once(move |task| work(role.clone(), runs.clone(), does.clone(), task))
        };
        let service = role.provide_task_desk(handler).await?;
        // Whoever hears that it has come may ask at once: the server must know of the service by then.
        role.connection().round_trip().await?;
        let came = AgentRegistered {
            agent_name: common::AgentName::new(name)?,
            task_types: does.into_iter().map(str::to_owned).collect(),
            timestamp: Utc::now().into(),
        };
        say(name, &role.agent_registered(), &came, "here I am").await?;
        Ok(Self {
            name: token,
            role,
            service,
            runs,
        })
    }

    /// How many tasks it has done.
    pub fn runs(&self) -> usize {
        self.runs.load(Ordering::SeqCst)
    }

    /// Ends in order: what was asked is answered, what was sent arrives.
    pub async fn leave(self) -> Outcome {
        self.service.stop().await;
        self.role.connection().drain(Duration::from_secs(5)).await?;
        tell::note(self.name.as_str(), "drained");
        Ok(())
    }
}

/// Does one task, and tells everybody how it has ended.
async fn work(
    role: Agent,
    runs: Arc<AtomicUsize>,
    does: Vec<&'static str>,
    task: Message<TaskSubject>,
) -> Result<TaskResponse, ServiceError> {
    let failed = |error: &dyn std::fmt::Display| ServiceError::new(500, error.to_string());
    if !does.contains(&task.payload.task_type.as_str()) {
        let refusal = TaskRefusal {
            task_id: task.payload.task_id.clone(),
            reason: RefusalReason::UnknownType,
            retry_after_seconds: None,
        };
        let about = format!("I do {} only", does.join(" and "));
        return Err(TaskSubject::error(422, about, &refusal));
    }
    runs.fetch_add(1, Ordering::SeqCst);
    let result = result(&task.payload).map_err(|error| failed(&error))?;
    let told = TaskCompleted {
        task_id: task.payload.task_id.clone(),
        agent_name: common::AgentName::new(task.subject.agent_name.as_str()).map_err(|error| failed(&error))?,
        status: TaskStatus::Completed,
        timestamp: Utc::now().into(),
    };
    role.task_completed()
        .publish(&told)
        .await
        .map_err(|error| failed(&error))?;
    Ok(TaskResponse {
        task_id: told.task_id,
        status: told.status,
        result: Some(result),
        error: None,
    })
}

fn result(task: &TaskRequest) -> Result<FreeForm, serde_json::Error> {
    let payload = task.payload.to_value()?;
    let text = payload.get("text").and_then(|text| text.as_str()).unwrap_or_default();
    Ok(match task.task_type.as_str() {
        "count_words" => json!({ "words": text.split_whitespace().count() }),
        _ => json!({ "text": "Once upon a time ..." }),
    }
    .into())
}
