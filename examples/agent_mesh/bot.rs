//! An agent of the mesh: it registers, announces itself, answers, and goes through what it is told.

use std::time::Duration;

use agent_mesh::kv::RegistryKey;
use agent_mesh::payloads::DirectMessage;
use agent_mesh::payloads::announcement::AnnouncementMessageType;
use agent_mesh::payloads::common::Status;
use agent_mesh::payloads::direct_message::DirectMessageMessageType;
use agent_mesh::roles::Agent;
use agent_mesh::subjects::agents::DirectSubject;
use agent_mesh::tokens::AgentName;
use natsmith_runtime::life::Life;
use natsmith_runtime::presence::Timing;
use natsmith_runtime::{Message, ServiceError, Subscription};

use crate::letters;
use crate::stage::{Outcome, Stage, say, soon};
use crate::tell;

/// The pace of heartbeats. The contract's is right for a fleet, and long for a story.
pub const PACE: Timing = Timing {
    interval: Duration::from_millis(50),
    jitter: Duration::from_millis(5),
    missed: 20,
};

pub struct Bot {
    pub name: &'static str,
    pub role: Agent,
    told: Subscription<Message<DirectSubject>>,
    life: Life,
}

impl Bot {
    /// Connects, subscribes, registers, announces itself and shows that it is there, in this order: whoever hears of it may talk to
    /// it at once. When it ends, everybody is told and its entry says so.
    pub async fn start(stage: &Stage, name: &'static str, can: &'static str) -> Outcome<Self> {
        let role = Agent::new(stage.connect(name).await?, AgentName::new(name)?);
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
        let about = letters::metadata(name, can, Status::Available)?;
        role.registry().put(&key, &about).await?;
        let here = letters::announcement(AnnouncementMessageType::Announcement, about)?;
        say(name, &role.all(), &here, &here.content).await?;
        let party = here.from_agent;
        let heartbeat = move |sequence| letters::heartbeat(&party, sequence);
        life.keep_beating(role.liveness().with_timing(PACE).beat(heartbeat).await?);

        let leaving = role.clone();
        life.farewell(async move {
            let about = letters::metadata(name, can, Status::Offline)?;
            leaving.registry().put(&key, &about).await?;
            let goodbye = letters::announcement(AnnouncementMessageType::Offline, about)?;
            say(name, &leaving.all(), &goodbye, &goodbye.content).await
        });
        Ok(Self { name, role, told, life })
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

    /// Ends in order, as Ctrl-C would have it.
    pub async fn leave(self) -> Outcome {
        self.life.stopper().stop();
        self.life.run().await?;
        tell::note(self.name, "drained");
        Ok(())
    }
}
