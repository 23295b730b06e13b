//! An agent: it says who it is, negotiates, offers tools, and answers in parts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use agent_framework::payloads::common::Name;
use agent_framework::payloads::{Task, TaskResult};
use agent_framework::roles::Agent;
use agent_framework::tokens::{AgentId, Env, ServerId};
use natsmith_runtime::life::Life;
use natsmith_runtime::{ConnectionBuilder, ServiceError};
use serde_json::json;

use crate::letters;
use crate::stage::{Outcome, say};
use crate::tell;

/// How many parts an analysis has.
pub const PARTS: usize = 10;

/// What an agent counts, as the contract's status tells it.
#[derive(Default)]
struct Metrics {
    messages: AtomicU64,
    microseconds: AtomicU64,
}

impl Metrics {
    fn processed(&self, began: Instant) {
        let took = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.messages.fetch_add(1, Ordering::Relaxed);
        self.microseconds.fetch_add(took, Ordering::Relaxed);
    }

    fn timed<T>(&self, work: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let made = work();
        self.processed(began);
        made
    }
}

pub struct Worker {
    pub id: &'static str,
    pub role: Agent,
    life: Life,
    metrics: Arc<Metrics>,
}

impl Worker {
    pub async fn come(builder: ConnectionBuilder, env: &Env, id: &'static str) -> Outcome<Self> {
        let role = Agent::connect(builder, env.clone(), AgentId::new(id)?).await?;
        Ok(Self {
            id,
            life: Life::of(role.connection()).within(Duration::from_secs(5)),
            role,
            metrics: Arc::default(),
        })
    }

    /// Says who it is to whoever looks for one of these capabilities.
    pub async fn be_found(&mut self, capabilities: &[&str]) -> Outcome {
        let mut asked = self.role.discover().subscribe().await?;
        let capabilities = capabilities.iter().map(|name| Name::new(*name));
        let capabilities = capabilities.collect::<Result<Vec<_>, _>>()?;
        let (id, role, metrics) = (self.id, self.role.clone(), self.metrics.clone());
        self.life.keep(tokio::spawn(async move {
            while let Some(Ok(asked)) = asked.next().await {
                let began = Instant::now();
                let wanted = &asked.payload.routing.capabilities;
                if wanted.iter().all(|wanted| capabilities.contains(wanted))
                    && let Ok(here) = letters::discovered(id, &asked.payload, capabilities.clone())
                {
                    // Fails only where the connection is closed: then the agent is at its end, too.
                    let _ = role.discovered().publish(&here).await;
                }
                metrics.processed(began);
            }
        }));
        Ok(())
    }

    /// Offers the tools of an MCP server.
    pub async fn offer_tools(&mut self, server: &ServerId) -> Outcome {
        let (id, metrics) = (self.id, self.metrics.clone());
        let calls = self.role.tool_call(server);
        let serving = calls.serve(move |call| {
            std::future::ready(metrics.timed(|| match call.payload.payload.content.tool_name.as_str() {
                "web_search" => letters::tool_result(id, &call.payload, &json!({ "hits": 3 })).map_err(failed),
                other => Err(ServiceError::new(404, format!("there is no tool `{other}`"))),
            }))
        });
        self.life.keep(serving.await?);
        Ok(())
    }

    /// Accepts what is proposed to it, or refuses.
    pub async fn negotiate(&mut self, accept: bool) -> Outcome {
        let (id, metrics) = (self.id, self.metrics.clone());
        let negotiations = self.role.negotiate();
        let serving = negotiations.serve(move |proposal| {
            let answer = metrics.timed(|| letters::answer(id, &proposal.payload, accept));
            std::future::ready(answer.map_err(failed))
        });
        self.life.keep(serving.await?);
        Ok(())
    }

    /// Answers questions in parts, as they come.
    pub async fn answer_in_parts(&mut self) -> Outcome {
        let (id, metrics) = (self.id, self.metrics.clone());
        let questions = self.role.query();
        let serving = questions.serve_streamed(move |question, mut chunks| {
            let (began, metrics) = (Instant::now(), metrics.clone());
            async move {
                let mut answered = Ok(());
                for part in 1..=PARTS {
                    let text = format!("Analysis part {part}: Processing...\n");
                    let chunk = letters::chunk(id, &question.payload, text).map_err(failed)?;
                    answered = chunks.send(&chunk).await;
                    if answered.is_err() {
                        break; // Nobody wants to hear more.
                    }
                }
                metrics.processed(began);
                Ok(answered?)
            }
        });
        self.life.keep(serving.await?);
        Ok(())
    }

    /// What a task comes to.
    pub fn analyse(&self, task: &Task) -> Outcome<TaskResult> {
        let summary = json!({ "summary": "Sales have grown." });
        self.metrics
            .timed(|| letters::task_result(self.id, task, "analysis", &summary))
    }

    /// Ready once the server knows of everything that this agent hears.
    pub async fn be_ready(&mut self, env: &Env) -> Outcome {
        self.life.ready().await?;
        tell::note(self.id, format!("is in `{env}`"));
        Ok(())
    }

    /// Tells how it is, with what it has counted.
    pub async fn report(&self) -> Outcome {
        let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
        let status = letters::status(
            self.id,
            count(&self.metrics.messages),
            count(&self.metrics.microseconds),
        )?;
        say(self.id, &self.role.status(), &status, "running").await
    }

    /// Ends in order: what was asked is answered, what was sent arrives.
    pub async fn leave(self) -> Outcome {
        self.life.stopper().stop();
        let reason = self.life.run().await?;
        tell::note(self.id, format!("has left: {reason}"));
        Ok(())
    }
}

// The handlers' `map_err` gives it what it takes.
#[allow(clippy::needless_pass_by_value)]
fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> ServiceError {
    ServiceError::new(500, error.to_string())
}
