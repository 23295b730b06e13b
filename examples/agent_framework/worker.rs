//! An agent: it says who it is, negotiates, offers tools, and answers in chunks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use agent_framework::payloads::common::Name;
use agent_framework::payloads::{Task, TaskResult};
use agent_framework::roles::Agent;
use agent_framework::tokens::{AgentId, Env, ServerId};
use natsmith_runtime::{Connection, ServiceError, Serving};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::letters;
use crate::stage::{Outcome, say};
use crate::tell;

/// How many parts an analysis has.
pub const PARTS: usize = 10;

pub struct Worker {
    pub id: &'static str,
    pub role: Agent,
    serving: Vec<Serving>,
    listening: Vec<JoinHandle<()>>,
    processed: Arc<AtomicU64>,
}

impl Worker {
    pub fn new(connection: Connection, env: &Env, id: &'static str) -> Outcome<Self> {
        Ok(Self {
            id,
            role: Agent::new(connection, env.clone(), AgentId::new(id)?),
            serving: Vec::new(),
            listening: Vec::new(),
            processed: Arc::default(),
        })
    }

    /// Says who it is to whoever looks for one of these capabilities.
    pub async fn be_found(&mut self, capabilities: &[&str]) -> Outcome {
        let mut asked = self.role.discover().subscribe().await?;
        let capabilities: Vec<Name> = capabilities
            .iter()
            .map(|name| Name::new(*name))
            .collect::<Result<_, _>>()?;
        let (id, role, processed) = (self.id, self.role.clone(), self.processed.clone());
        self.listening.push(tokio::spawn(async move {
            while let Some(Ok(asked)) = asked.next().await {
                processed.fetch_add(1, Ordering::Relaxed);
                let wanted = &asked.payload.routing.capabilities;
                if !wanted.iter().all(|wanted| capabilities.contains(wanted)) {
                    continue;
                }
                if let Ok(here) = letters::discovered(id, &asked.payload, capabilities.clone()) {
                    // Fails only where the connection is closed: then the agent is at its end, too.
                    let _ = role.discovered().publish(&here).await;
                }
            }
        }));
        Ok(())
    }

    /// Offers the tools of an MCP server.
    pub async fn offer_tools(&mut self, server: &ServerId) -> Outcome {
        let (id, processed) = (self.id, self.processed.clone());
        let calls = self.role.tool_call(server);
        let serving = calls.serve(move |call| {
            processed.fetch_add(1, Ordering::Relaxed);
            std::future::ready(match call.payload.payload.content.tool_name.as_str() {
                "web_search" => letters::tool_result(id, &call.payload, &json!({ "hits": 3 })).map_err(failed),
                other => Err(ServiceError::new(404, format!("there is no tool `{other}`"))),
            })
        });
        self.serving.push(serving.await?);
        Ok(())
    }

    /// Accepts what is proposed to it, or refuses.
    pub async fn negotiate(&mut self, accept: bool) -> Outcome {
        let (id, processed) = (self.id, self.processed.clone());
        let negotiations = self.role.negotiate();
        let serving = negotiations.serve(move |proposal| {
            processed.fetch_add(1, Ordering::Relaxed);
            std::future::ready(letters::answer(id, &proposal.payload, accept).map_err(failed))
        });
        self.serving.push(serving.await?);
        Ok(())
    }

    /// Answers questions in parts, as they come.
    pub async fn answer_in_parts(&mut self) -> Outcome {
        let (id, processed) = (self.id, self.processed.clone());
        let questions = self.role.query();
        let serving = questions.serve_streamed(move |question, mut chunks| {
            processed.fetch_add(1, Ordering::Relaxed);
            async move {
                for part in 1..=PARTS {
                    let text = format!("Analysis part {part}: Processing...\n");
                    chunks
                        .send(&letters::chunk(id, &question.payload, text).map_err(failed)?)
                        .await?;
                }
                Ok(())
            }
        });
        self.serving.push(serving.await?);
        Ok(())
    }

    /// What a task comes to.
    pub fn analyse(&self, task: &Task) -> Outcome<TaskResult> {
        self.processed.fetch_add(1, Ordering::Relaxed);
        letters::task_result(self.id, task, "analysis", &json!({ "summary": "Sales have grown." }))
    }

    /// Tells how it is, with what it has counted.
    pub async fn report(&self) -> Outcome {
        let status = letters::status(self.id, self.processed.load(Ordering::Relaxed))?;
        say(self.id, &self.role.status(), &status, "running").await
    }

    /// Ends in order: what was asked is answered, what was sent arrives.
    pub async fn leave(self) -> Outcome {
        for serving in self.serving {
            serving.stop().await;
        }
        self.role.connection().drain(Duration::from_secs(5)).await?;
        // Their subscriptions have ended with the connection.
        for listening in self.listening {
            listening.await?;
        }
        tell::note(self.id, "drained");
        Ok(())
    }
}

// The handlers' `map_err` gives it what it takes.
#[allow(clippy::needless_pass_by_value)]
fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> ServiceError {
    ServiceError::new(500, error.to_string())
}
