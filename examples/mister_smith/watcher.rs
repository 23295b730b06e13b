//! The monitor: it hears everything and changes nothing.

use std::collections::HashMap;

use mister_smith::payloads::common::AgentState;
use mister_smith::roles::Monitor;
use mister_smith::subscriptions::{AllAgentHeartbeats, AllAgentStatus, AllCliHooks, AllSystemAlerts};
use mister_smith::tokens::AgentId;
use natsmith_runtime::message::FromMessage;
use natsmith_runtime::{InvalidMessage, Subscription};

use crate::letters::Identity;
use crate::stage::{Outcome, Stage, soon};
use crate::tell;
use crate::worker::Worker;

const NAME: &str = "monitor";

pub struct Watcher {
    pub role: Monitor,
    status: Subscription<AllAgentStatus>,
    alerts: Subscription<AllSystemAlerts>,
    hooks: Subscription<AllCliHooks>,
}

impl Watcher {
    pub async fn start(stage: &Stage) -> Outcome<Self> {
        let role = Monitor::new(stage.connect(NAME).await?);
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

    /// Begins to count heartbeats.
    pub async fn feel_pulse(&self, agents: &[&Worker]) -> Outcome<Pulse> {
        let beats = self.role.all_agent_heartbeats().subscribe().await?;
        self.role.connection().round_trip().await?;
        let agents = agents
            .iter()
            .map(|agent| (agent.id.token.clone(), Heart::of(agent.name)));
        Ok(Pulse {
            beats,
            hearts: agents.collect(),
        })
    }
}

async fn next<T: FromMessage>(what: &str, subscription: &mut Subscription<T>) -> Outcome<T> {
    match soon(what, subscription.next()).await? {
        Some(message) => Ok(message?),
        None => Err("the subscription has ended".into()),
    }
}

/// Counts the heartbeats of all agents.
///
/// An agent is dead once the others together sent [`SILENCE`](Self::SILENCE) heartbeats without it. The others are the clock: a monitor that was
/// itself asleep does not take everybody for dead when it wakes up.
pub struct Pulse {
    beats: Subscription<AllAgentHeartbeats>,
    hearts: HashMap<AgentId, Heart>,
}

struct Heart {
    name: &'static str,
    first: Option<u64>,
    last: u64,
    silent_for: u32,
}

impl Heart {
    fn of(name: &'static str) -> Self {
        Self {
            name,
            first: None,
            last: 0,
            silent_for: 0,
        }
    }

    fn beats(&mut self, sequence: u64) -> Outcome {
        if self.first.is_some() && sequence != self.last + 1 {
            return Err(format!("{}: heartbeat {sequence} follows {}", self.name, self.last).into());
        }
        self.first.get_or_insert(sequence);
        self.last = sequence;
        self.silent_for = 0;
        Ok(())
    }

    fn has_beaten(&self, times: u64) -> bool {
        self.first.is_some_and(|first| self.last >= first + times - 1)
    }
}

impl Pulse {
    const SILENCE: u32 = 20;

    async fn hear_one(&mut self) -> Outcome {
        let AllAgentHeartbeats::Heartbeat(beat) = next("a heartbeat", &mut self.beats).await?;
        if !self.hearts.contains_key(&beat.subject.agent_id) {
            return Ok(()); // An agent of somebody else, on a server that is shared.
        }
        for (agent, heart) in &mut self.hearts {
            if *agent == beat.subject.agent_id {
                heart.beats(beat.payload.sequence)?;
            } else {
                heart.silent_for += 1;
            }
        }
        Ok(())
    }

    /// Waits until every agent has sent three heartbeats, each with the next number.
    pub async fn hear_all(&mut self) -> Outcome {
        while !self.hearts.values().all(|heart| heart.has_beaten(3)) {
            self.hear_one().await?;
        }
        for heart in self.hearts.values() {
            let from = heart.first.unwrap_or_default();
            tell::note(
                NAME,
                format!(
                    "{} lives: heartbeats {from} to {} without a gap",
                    heart.name, heart.last
                ),
            );
        }
        Ok(())
    }

    /// Waits until an agent is silent, and names it.
    pub async fn find_dead(&mut self) -> Outcome<AgentId> {
        loop {
            self.hear_one().await?;
            let dead = self.hearts.iter().find(|(_, heart)| heart.silent_for >= Self::SILENCE);
            if let Some((agent, heart)) = dead {
                let (name, last) = (heart.name, heart.last);
                tell::note(NAME, format!("{name} is dead: no heartbeat since number {last}"));
                return Ok(agent.clone());
            }
        }
    }
}
