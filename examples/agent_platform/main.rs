//! The contract of `schema/agent-platform` at work: an orchestrator and a chat give tasks to agents, and everybody hears what has happened.
//!
//! ```sh
//! cargo run --example agent_platform                                    # starts a server of its own
//! NATS_URL=nats://localhost:4222 cargo run --example agent_platform     # uses yours
//! ```

#![allow(
    unreachable_pub,
    reason = "in a program, `pub` says which part of a module the others use"
)]

mod agent;
#[path = "../common/stage.rs"]
mod stage;
#[path = "../common/tell.rs"]
mod tell;

use std::process::ExitCode;
use std::time::Duration;

use agent_platform::payloads::common::{Priority, TaskId};
use agent_platform::payloads::{ChatMessage, EnhancementFeedback, TaskRequest, TaskResponse};
use agent_platform::roles::{Chat, Enhancement, Orchestrator};
use agent_platform::services::TASK_DESK;
use agent_platform::subjects::agent::TaskSubject;
use agent_platform::subscriptions::PlatformEvents;
use agent_platform::tokens::AgentName;
use natsmith_runtime::Subscription;
use natsmith_runtime::endpoint::access::MayAsk;
use natsmith_runtime::request::RequestErrorKind;
use natsmith_runtime::{Connection, Endpoint, FailingSubject};
use serde_json::{Value, json};

use agent::Worker;
use stage::{Outcome, Stage, say, soon};

#[tokio::main]
async fn main() -> ExitCode {
    let title = "Agent platform: tasks that are done once, and told to everybody.";
    stage::play(title, "agent-platform", agent_platform::connection, story).await
}

async fn story(stage: Stage) -> Outcome {
    // Nothing of this contract is kept on the server, so there is nothing to provision.
    tell::note("operator", "nothing to provision: this contract keeps nothing");

    tell::chapter("Two agents come");
    let orchestrator = Orchestrator::connect(stage.user("orchestrator", "orchestrator", &[])?).await?;
    let mut events = orchestrator.platform_events().subscribe().await?;
    orchestrator.connection().round_trip().await?;
    let writer = Worker::start(&stage, "llm_agent", &["generate_text", "summarise"]).await?;
    let counter = Worker::start(&stage, "word_counter", &["count_words"]).await?;
    for _ in 0..2 {
        hear(&mut events).await?;
    }

    tell::chapter("A task, and the same task again");
    let task = request(
        "story-1",
        "generate_text",
        &json!({ "prompt": "Write a short story.", "max_tokens": 200 }),
    )?;
    let first = ask("orchestrator", &orchestrator.task(&writer.name), &task).await?;
    hear(&mut events).await?;
    let again = ask("orchestrator", &orchestrator.task(&writer.name), &task).await?;
    if first != again || writer.runs() != 1 {
        return Err("the same task was done twice".into());
    }
    tell::note(
        "llm_agent",
        "has done it once, and answered the second request from memory",
    );

    tell::chapter("Tasks that come to nothing");
    tasks_that_fail(&orchestrator, &writer, &counter).await?;

    tell::chapter("Any client can find the agents' service");
    if stage.has_permissions() {
        tell::note("somebody", "left out: no role of the contract looks for services");
    } else {
        find_service(orchestrator.connection()).await?;
    }

    tell::chapter("Somebody chats");
    somebody_chats(&stage, &orchestrator, &counter).await?;

    tell::chapter("Everybody leaves in order");
    for worker in [writer, counter] {
        worker.leave().await?;
    }
    orchestrator.connection().drain(Duration::from_secs(5)).await?;
    tell::note("orchestrator", "drained");
    Ok(())
}

/// Nobody there, nobody who can, and a request that is none.
async fn tasks_that_fail(orchestrator: &Orchestrator, writer: &Worker, counter: &Worker) -> Outcome {
    let nobody: AgentName = "vision_agent".parse()?;
    let endpoint = orchestrator.task(&nobody);
    let picture = request("picture-1", "describe_picture", &json!({}))?;
    tell::says(
        "orchestrator",
        endpoint.subject(&picture)?,
        "TaskRequest: describe_picture",
    );
    match endpoint.request(&picture).await {
        Err(error) if error.kind() == RequestErrorKind::NoResponders => {
            tell::note("orchestrator", format!("learns at once, and not after 30 s: {error}"));
        }
        other => return Err(format!("nobody was expected to answer, but {other:?}").into()),
    }

    let endpoint = orchestrator.task(&counter.name);
    tell::says(
        "orchestrator",
        endpoint.subject(&picture)?,
        "TaskRequest: describe_picture",
    );
    let error = match endpoint.request(&picture).await {
        Err(error) => error,
        Ok(answer) => return Err(format!("a refusal was expected, but {answer:?}").into()),
    };
    tell::note("orchestrator", format!("is told in words: {error}"));
    let refusal = error
        .service_error()
        .and_then(TaskSubject::detail)
        .ok_or("no reason given")??;
    tell::note("orchestrator", format!("and for programs: {}", refusal.reason));

    // A program that does not use the contract writes the priority in capitals.
    let bad = json!({ "task_id": "bad-1", "task_type": "generate_text", "payload": {}, "priority": "NORMAL" });
    let subject = orchestrator.task(&writer.name).scope().to_string();
    tell::says(
        "somebody",
        &subject,
        "a task with the priority NORMAL, past the contract",
    );
    let client = orchestrator.connection().client();
    let answer = soon("an answer", client.request(subject, bad.to_string().into())).await??;
    let headers = answer.headers.unwrap_or_default();
    let said = |name| headers.get(name).map_or("nothing", |value| value.as_str());
    tell::note(
        "somebody",
        format!(
            "is answered {}: {}",
            said("Nats-Service-Error-Code"),
            said("Nats-Service-Error")
        ),
    );
    Ok(())
}

/// What a client of any language does (ADR-32): it asks who provides a service, where, and how often it was asked.
async fn find_service(nats: &Connection) -> Outcome {
    let subject = format!("$SRV.INFO.{}", TASK_DESK.name);
    tell::says("somebody", &subject, "who provides this?");
    // One of the two agents is the first to answer.
    let info = service_answer(nats, subject).await?;
    let told = format!(
        "finds {} {}: {} It is called on {}.",
        text(&info, "/name"),
        text(&info, "/version"),
        text(&info, "/description"),
        text(&info, "/endpoints/0/subject")
    );
    tell::note("somebody", told);
    let subject = format!("$SRV.STATS.{}.{}", TASK_DESK.name, text(&info, "/id"));
    let stats = service_answer(nats, subject).await?;
    let count = |pointer| stats.pointer(pointer).and_then(Value::as_u64).unwrap_or_default();
    let (requests, errors) = (count("/endpoints/0/num_requests"), count("/endpoints/0/num_errors"));
    tell::note(
        "somebody",
        format!("learns that it was asked {requests} times, with {errors} errors"),
    );
    Ok(())
}

async fn service_answer(nats: &Connection, subject: String) -> Outcome<Value> {
    let answer = soon("the service", nats.client().request(subject, "".into())).await??;
    Ok(serde_json::from_slice(&answer.payload)?)
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or("nothing")
}

/// A message is said, a task follows from it, and its result is rated.
async fn somebody_chats(stage: &Stage, orchestrator: &Orchestrator, counter: &Worker) -> Outcome {
    let chat = Chat::connect(stage.user("chat", "chat", &[])?).await?;
    let enhancement = Enhancement::connect(stage.user("enhancement", "enhancement", &[])?).await?;
    let mut said = orchestrator.new_message().subscribe().await?;
    let mut rated = enhancement.feedback().subscribe().await?;
    for connection in [orchestrator.connection(), enhancement.connection()] {
        connection.round_trip().await?;
    }
    let message = ChatMessage {
        session_id: "session-1".to_owned(),
        message_id: "message-1".to_owned(),
        content: "How many words has this?".to_owned(),
    };
    say("chat", &chat.new_message(), &message, &message.content).await?;
    let heard = soon("what was said", said.next())
        .await?
        .ok_or("the subscription has ended")??;
    tell::hears("orchestrator", heard.subject, heard.payload.content);

    let task = request("count-1", "count_words", &json!({ "text": message.content }))?;
    ask("chat", &chat.task(&counter.name), &task).await?;
    let feedback = EnhancementFeedback {
        task_id: task.task_id,
        rating: 5,
        comment: Some("Right, and at once.".to_owned()),
    };
    say("chat", &chat.feedback(), &feedback, "5 of 5").await?;
    let heard = soon("the feedback", rated.next())
        .await?
        .ok_or("the subscription has ended")??;
    tell::hears("enhancement", heard.subject, format!("{} of 5", heard.payload.rating));
    for connection in [chat.connection(), enhancement.connection()] {
        connection.drain(Duration::from_secs(5)).await?;
    }
    Ok(())
}

fn request(id: &str, task_type: &str, payload: &Value) -> Outcome<TaskRequest> {
    Ok(TaskRequest {
        task_id: TaskId::new(id)?,
        task_type: task_type.to_owned(),
        payload: payload.clone().into(),
        priority: Priority::Normal,
    })
}

/// Gives a task to an agent, and waits for its end.
async fn ask<A: MayAsk>(who: &str, endpoint: &Endpoint<TaskSubject, A>, task: &TaskRequest) -> Outcome<TaskResponse> {
    let subject = endpoint.subject(task)?;
    tell::says(
        who,
        &subject,
        format!("TaskRequest {}: {}", task.task_id, task.task_type),
    );
    let response = endpoint.request(task).await?;
    let result = response.result.as_ref().map(|result| format!(", {result}"));
    tell::note(
        subject.agent_name.as_str(),
        format!("answers: {}{}", response.status, result.unwrap_or_default()),
    );
    Ok(response)
}

/// Waits for the next event of the platform.
async fn hear(events: &mut Subscription<PlatformEvents>) -> Outcome {
    let event = soon("an event", events.next())
        .await?
        .ok_or("the subscription has ended")??;
    match event {
        PlatformEvents::AgentRegistered(came) => {
            let does = came.payload.task_types.join(", ");
            let told = format!("{} has come and does: {does}", came.payload.agent_name);
            tell::hears("orchestrator", &came.subject, told);
        }
        PlatformEvents::TaskCompleted(done) => {
            let told = format!(
                "{} of {}: {}",
                done.payload.task_id, done.payload.agent_name, done.payload.status
            );
            tell::hears("orchestrator", &done.subject, told);
        }
    }
    Ok(())
}
