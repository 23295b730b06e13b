//! The monitor: it hears everything and changes nothing.

use std::collections::HashMap;

use mister_smith::payloads::common::AgentState;
use mister_smith::presence::Liveness;
use mister_smith::roles::Monitor;
use mister_smith::subscriptions::{AllAgentStatus, AllCliHooks, AllSystemAlerts};
use mister_smith::tokens::AgentId;
use natsmith_runtime::message::FromMessage;
use natsmith_runtime::presence::{Change, Watch};
use natsmith_runtime::{InvalidMessage, Subscription};

use crate::letters::Identity;
use crate::stage::{Outcome, Stage, soon};
use crate::tell;
use crate::worker::{PACE, Worker};

const NAME: &str = "monitor";

pub struct Watcher {
    pub role: Monitor,
    status: Subscription<AllAgentStatus>,
    alerts: Subscription<AllSystemAlerts>,
    hooks: Subscription<AllCliHooks>,
}

impl Watcher {
    pub async fn start(stage: &Stage) -> Outcome<Self> {
        let role = Monitor::connect(stage.user(NAME, "monitor", &[])?).await?;
        let watcher = Self {
            status: role.all_agent_status().subscribe().await?,
            alerts: role.all_system_alerts().subscribe().await?,
            hooks: role.all_cli_hooks().subscribe().await?,
            role,
        };
        watcher.role.connection().round_trip().await?;
        let heard = [
            watcher.status.subject_filter(),
            watcher.alerts.subject_filter(),
            watcher.hooks.subject_filter(),
        ];
        tell::note(NAME, format!("listens to {}", heard.join(", ")));
        Ok(watcher)
    }

    /// Waits for the status of one agent.
    pub async fn hear_status(&mut self, agent: &Identity, state: AgentState) -> Outcome {
        loop {
            let AllAgentStatus::Status(message) = next("a status", &mut self.status).await?;
            if message.subject.agent_id == agent.token && message.payload.status == state {
                let free = message.payload.capacity * 100.0;
                let told = format_args!("{}, {free} % of its power is free", message.payload.status);
                tell::hears(NAME, &message.subject, told);
                return Ok(());
            }
        }
    }

    /// Waits for a status that does not keep the contract.
    pub async fn hear_invalid_status(&mut self) -> Outcome<InvalidMessage> {
        soon("an invalid status", async {
            loop {
                match self.status.next().await {
                    Some(Err(invalid)) => return Ok(invalid),
                    Some(Ok(_)) => {}
                    None => return Err("the subscription has ended".into()),
                }
            }
        })
        .await?
    }

    /// Waits for the alert about one agent.
    pub async fn hear_alert(&mut self, about: &Identity) -> Outcome {
        loop {
            let AllSystemAlerts::Alerts(message) = next("an alert", &mut self.alerts).await?;
            if message.payload.agent_id.as_ref() == Some(&about.field) {
                let told = format_args!("severity = {:?}: {}", message.subject.severity, message.payload.title);
                tell::hears(NAME, &message.subject, told);
                return Ok(());
            }
        }
    }

    /// Waits for the hook that a CLI session calls for one agent; only to look at it.
    pub async fn hear_hook(&mut self, agent: &Identity) -> Outcome {
        loop {
            let AllCliHooks::Hooks(message) = next("a hook", &mut self.hooks).await?;
            if message.subject.agent_id == agent.token {
                tell::hears(NAME, &message.subject, "looks on");
                return Ok(());
            }
        }
    }

    /// Begins to watch who is there.
    pub async fn feel_pulse(&self, agents: &[&Worker]) -> Outcome<Pulse> {
        let watch = self.role.liveness().with_timing(PACE).watch().await?;
        self.role.connection().round_trip().await?;
        let names = agents.iter().map(|agent| (agent.id.token.clone(), agent.name));
        Ok(Pulse {
            watch,
            names: names.collect(),
        })
    }
}

async fn next<T: FromMessage>(what: &str, subscription: &mut Subscription<T>) -> Outcome<T> {
    match soon(what, subscription.next()).await? {
        Some(message) => Ok(message?),
        None => Err("the subscription has ended".into()),
    }
}

/// Watches who is there, by their heartbeats. Agents of somebody else, on a server that is shared, are none of its business.
pub struct Pulse {
    watch: Watch<Liveness>,
    names: HashMap<AgentId, &'static str>,
}

impl Pulse {
    /// Waits until every agent has sent three heartbeats, none of which was lost.
    pub async fn hear_all(&mut self) -> Outcome {
        while !self
            .names
            .keys()
            .all(|agent| self.heartbeats(agent).is_some_and(|last| last >= 2))
        {
            tokio::time::sleep(PACE.interval).await;
        }
        for standing in self.watch.snapshot() {
            let (Some(name), Some(last)) = (self.names.get(&standing.party), self.heartbeats(&standing.party)) else {
                continue;
            };
            if standing.lost > 0 {
                return Err(format!("{name}: {} heartbeats were lost", standing.lost).into());
            }
            tell::note(
                NAME,
                format!("{name} lives: heartbeats up to number {last} without a gap"),
            );
        }
        Ok(())
    }

    /// Waits until an agent is gone, and names it.
    pub async fn find_dead(&mut self) -> Outcome<AgentId> {
        while let Some(change) = self.watch.next().await {
            if let Change::Offline { party, ended } = change
                && let Some(name) = self.names.get(&party)
            {
                let last = self.heartbeats(&party).unwrap_or_default();
                tell::note(NAME, format!("{name} is dead: {ended} since heartbeat {last}"));
                return Ok(party);
            }
        }
        Err("the watch has ended".into())
    }

    /// The number of the last heartbeat of an agent.
    fn heartbeats(&self, agent: &AgentId) -> Option<u64> {
        let standings = self.watch.snapshot();
        let standing = standings.into_iter().find(|standing| standing.party == *agent)?;
        Some(standing.heartbeat?.sequence)
    }
}
