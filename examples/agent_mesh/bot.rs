//! An agent of the mesh: it registers, announces itself, answers, and goes through what it is told.

use std::time::Duration;

use agent_mesh::kv::RegistryKey;
use agent_mesh::payloads::announcement::AnnouncementMessageType;
use agent_mesh::payloads::common::{self, Status};
use agent_mesh::payloads::direct_message::DirectMessageMessageType;
use agent_mesh::payloads::{DirectMessage, Heartbeat};
use agent_mesh::roles::Agent;
use agent_mesh::subjects::agents::DirectSubject;
use agent_mesh::tokens::AgentName;
use natsmith_runtime::life::Life;
use natsmith_runtime::presence::{Beating, Timing};
use natsmith_runtime::{Message, ServiceError, Subscription};

use crate::letters;
use crate::stage::{Outcome, Stage, say, soon};
use crate::tell;

pub struct Bot {
    pub name: &'static str,
    pub role: Agent,
    told: Subscription<Message<DirectSubject>>,
    life: Life,
    heart: Option<Beating>,
}

/// The pace of heartbeats: the contract's half a minute is right for a fleet, and long for a story.
pub const PACE: Timing = Timing {
    interval: Duration::from_millis(250),
    jitter: Duration::from_millis(25),
    missed: 3,
};

impl Bot {
    /// Connects, subscribes, registers and announces itself, in this order: whoever hears of it may talk to it at once. When it
    /// leaves, its entry and everybody else are told.
    pub async fn start(stage: &Stage, name: &'static str, can: &'static str) -> Outcome<Self> {
        let role = Agent::connect(
            stage.user(name, "agent", &[("agent_name", name)])?,
            AgentName::new(name)?,
        )
        .await?;
        let mut life = Life::of(role.connection());
        let told = role.direct().subscribe().await?;
        let questions = role.request();
        let answering = questions.serve(move |question| async move {
            if question.payload.content.is_empty() {
                return Err(ServiceError::new(422, "ask me something"));
            }
            let answer = format!("As far as {can} goes: sunny.");
            letters::response(name, &question.payload, &answer)
                .map_err(|error| ServiceError::new(500, error.to_string()))
        });
        life.keep(answering.await?);
        life.ready().await?;
        let key: RegistryKey = name.parse()?;
        let leaving = role.clone();
        let mut bot = Self {
            name,
            told,
            life,
            heart: None,
            role,
        };
        let about = letters::metadata(name, can, Status::Available)?;
        bot.role.registry().put(&key, &about).await?;
        let here = letters::announcement(AnnouncementMessageType::Announcement, about)?;
        say(name, &bot.role.all(), &here, &here.content).await?;
        bot.live().await?;
        bot.life.farewell(async move {
            let about = letters::metadata(name, can, Status::Offline)?;
            leaving.registry().put(&key, &about).await?;
            let goodbye = letters::announcement(AnnouncementMessageType::Offline, about)?;
            say(name, &leaving.all(), &goodbye, &goodbye.content).await
        });
        Ok(bot)
    }

    /// Begins to send heartbeats, counted from 0.
    pub async fn live(&mut self) -> Outcome {
        let name = common::AgentName::new(self.name)?;
        let heartbeat = move |sequence| Heartbeat {
            agent_name: name.clone(),
            sequence,
            status: Status::Available,
            timestamp: letters::now(),
        };
        self.heart = Some(self.role.liveness().with_timing(PACE).beat(heartbeat).await?);
        Ok(())
    }

    /// Sends no more heartbeats, and tells nobody why.
    pub async fn fall_silent(&mut self) {
        if let Some(heart) = self.heart.take() {
            tell::note(self.name, "falls silent");
            heart.stop().await;
        }
    }

    /// The pipeline: read, tell by the type what to do, do it, answer.
    ///
    /// What does not keep the contract is logged and passed over. What fails is tried once more, then its sender is told.
    pub async fn process_one(&mut self) -> Outcome {
        let message = loop {
            match soon("a message", self.told.next())
                .await?
                .ok_or("the subscription has ended")?
            {
                Ok(message) => break message,
                Err(invalid) => {
                    tell::hears(
                        self.name,
                        invalid.subject(),
                        "passed over: it does not keep the contract",
                    );
                    if let Some(fault) = invalid.payload_error() {
                        tell::note(self.name, format!("logs: {fault}"));
                    }
                }
            }
        };
        let kind = message.payload.message_type;
        tell::hears(
            self.name,
            &message.subject,
            format!("{kind}: {}", message.payload.content),
        );
        let answer = match (0..2).find_map(|attempt| self.run(&message.payload, attempt)) {
            Some(result) => result,
            None => "I could not do it, twice.".to_owned(),
        };
        let back = letters::back(self.name, &message.payload, &answer)?;
        say(self.name, &self.role.direct(), &back, &answer).await
    }

    /// What a language model would do.
    fn run(&self, message: &DirectMessage, attempt: u32) -> Option<String> {
        if message.content.contains("impossible") || (message.content.contains("difficult") && attempt == 0) {
            tell::note(self.name, format!("attempt {}: fails", attempt + 1));
            return None;
        }
        Some(match message.message_type {
            DirectMessageMessageType::Direct => "Task complete.".to_owned(),
            DirectMessageMessageType::Handoff => "Completed what was handed over.".to_owned(),
        })
    }

    /// Waits for what answers a message of its own.
    pub async fn hear_back(&mut self) -> Outcome {
        let message = soon("an answer", self.told.next())
            .await?
            .ok_or("the subscription has ended")??;
        let told = format!("{}: {}", message.payload.from_agent, message.payload.content);
        tell::hears(self.name, message.subject, told);
        Ok(())
    }

    /// Tells everybody, and ends in order, as it would on Ctrl-C.
    pub async fn leave(mut self) -> Outcome {
        if let Some(heart) = self.heart.take() {
            self.life.keep_beating(heart);
        }
        self.life.stopper().stop();
        self.life.run().await?;
        tell::note(self.name, "drained");
        Ok(())
    }
}
