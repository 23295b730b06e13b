//! The contract of `schema/agent-mesh` at work: agents come, talk, ask, hand over, share work, and leave.
//!
//! ```sh
//! cargo run --example agent_mesh                                    # starts a server of its own
//! NATS_URL=nats://localhost:4222 cargo run --example agent_mesh     # uses yours
//! ```

#![allow(
    unreachable_pub,
    reason = "in a program, `pub` says which part of a module the others use"
)]

mod bot;
mod letters;
#[path = "../common/stage.rs"]
mod stage;
#[path = "../common/tell.rs"]
mod tell;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

use agent_mesh::kv::RegistryFilter;
use agent_mesh::payloads::{AgentRequest, WorkHeaders};
use agent_mesh::presence::Liveness;
use agent_mesh::provision::{INBOX_PREFIX, Profile, plan};
use agent_mesh::roles::{Monitor, Worker};
use natsmith_runtime::kv::Operation;
use natsmith_runtime::presence::{Change, Ended, Watch};
use natsmith_runtime::request::RequestErrorKind;
use natsmith_runtime::{Payload, TypedSubject};
use serde_json::json;
use tokio::sync::mpsc;

use bot::Bot;
use stage::{Outcome, Stage, say, soon};

#[tokio::main]
async fn main() -> ExitCode {
    let title = "Agent mesh: agents that talk to each other directly.";
    stage::play(title, "agent-mesh", agent_mesh::connection, story).await
}

async fn story(stage: Stage) -> Outcome {
    let todo = plan(&stage.provisioner(INBOX_PREFIX).await?, Profile::DEV).await?;
    tell::line(&todo);
    todo.apply().await?;
    let monitor = Monitor::connect(stage.user("monitor", "monitor", &[])?).await?;

    tell::chapter("Agents come, and everybody knows");
    let mut living = monitor.liveness().with_timing(bot::PACE).watch().await?;
    let mut registry = monitor.registry().watch(&RegistryFilter::default()).await?;
    let mut coordinator = Bot::start(&stage, "coordinator", "coordination").await?;
    let mut weather = Bot::start(&stage, "weather_bot", "weather_lookup").await?;
    for _ in 0..2 {
        let change = soon("a registration", registry.next())
            .await?
            .ok_or("the registry is gone")??;
        if let Operation::Put(about) = change.operation {
            let told = format!(
                "{} is {}: {}",
                change.key.agent_name,
                about.status,
                about.capabilities.join(", ")
            );
            tell::note("monitor", told);
        }
    }

    tell::chapter("A message that nobody waits for");
    let message = letters::direct(coordinator.name, weather.name, "Do this task.")?;
    say(coordinator.name, &coordinator.role.direct(), &message, &message.content).await?;
    weather.process_one().await?;
    coordinator.hear_back().await?;

    tell::chapter("A question that somebody waits for");
    questions(&coordinator, &weather).await?;
    tell::chapter("A task is handed over");
    a_task_is_handed_over(&mut coordinator, &mut weather, &monitor).await?;
    tell::chapter("What goes wrong on the way");
    what_goes_wrong(&mut coordinator, &mut weather).await?;
    tell::chapter("Three workers share the work");
    workers_share(&stage, &coordinator).await?;

    tell::chapter("An agent falls silent, and is heard again");
    hear_of(&mut living, weather.name, "online", |change| {
        matches!(change, Change::Online { .. })
    })
    .await?;
    weather.fall_silent().await;
    let silent = |change: &Change<Liveness>| {
        matches!(
            change,
            Change::Offline {
                ended: Ended::Silent,
                ..
            }
        )
    };
    hear_of(
        &mut living,
        weather.name,
        "offline: three heartbeats did not come",
        silent,
    )
    .await?;
    weather.live().await?;
    let anew = |change: &Change<Liveness>| matches!(change, Change::Back { restarted: true, .. });
    hear_of(
        &mut living,
        weather.name,
        "back, and its heartbeats are counted anew",
        anew,
    )
    .await?;

    tell::chapter("Everybody leaves in order");
    for bot in [weather, coordinator] {
        let name = bot.name;
        bot.leave().await?;
        let left = |change: &Change<Liveness>| matches!(change, Change::Offline { ended: Ended::Left, .. });
        hear_of(&mut living, name, "offline: it has said goodbye", left).await?;
    }
    monitor.connection().drain(Duration::from_secs(5)).await?;
    tell::note("monitor", "drained");
    Ok(())
}

/// Waits for a change of one agent.
async fn hear_of(
    living: &mut Watch<Liveness>,
    name: &str,
    what: &str,
    wanted: impl Fn(&Change<Liveness>) -> bool,
) -> Outcome {
    loop {
        let change = soon(what, living.next()).await?.ok_or("the watch has ended")?;
        let (Change::Online { party }
        | Change::Late { party }
        | Change::Offline { party, .. }
        | Change::Back { party, .. }) = &change
        else {
            continue;
        };
        if party.as_str() == name && wanted(&change) {
            tell::note("monitor", format!("{name} is {what}"));
            return Ok(());
        }
    }
}

/// An answer, an error, and nobody there.
async fn questions(coordinator: &Bot, weather: &Bot) -> Outcome {
    let question = letters::request(coordinator.name, weather.name, "What's the weather in Paris?")?;
    let requests = coordinator.role.request();
    tell::says(coordinator.name, requests.subject(&question)?, &question.content);
    let answer = requests.request(&question).await?;
    tell::note(answer.from_agent.as_str(), format!("answers: {}", answer.content));

    let empty = AgentRequest {
        content: String::new(),
        ..question
    };
    for (question, wanted) in [
        (empty, RequestErrorKind::Service { code: 422 }),
        (
            letters::request(coordinator.name, "general_assistant", "Anybody there?")?,
            RequestErrorKind::NoResponders,
        ),
    ] {
        tell::says(
            coordinator.name,
            requests.subject(&question)?,
            format!("`{}`", question.content),
        );
        match requests.request(&question).await {
            Err(error) if error.kind() == wanted => tell::note(coordinator.name, format!("learns: {error}")),
            other => return Err(format!("{wanted} was expected, but {other:?}").into()),
        }
    }
    Ok(())
}

/// The agent that takes over hears of it, and so does whoever tracks.
async fn a_task_is_handed_over(coordinator: &mut Bot, weather: &mut Bot, monitor: &Monitor) -> Outcome {
    let mut tracked = monitor.handoff().subscribe().await?;
    monitor.connection().round_trip().await?;
    let handoff = letters::handoff(coordinator.name, weather.name, "Write tomorrow's forecast.")?;
    coordinator.role.hand_over().publish(&handoff).await?;
    let tracking = coordinator.role.handoff().subject(&handoff)?;
    let told = format!("{} To {} itself, and for tracking.", handoff.content, weather.name);
    tell::says(coordinator.name, &tracking, told);
    weather.process_one().await?;
    let seen = soon("the handover", tracked.next())
        .await?
        .ok_or("the subscription has ended")??;
    let told = format!(
        "from {} to {}, priority {}",
        seen.subject.from_agent, seen.subject.to_agent, seen.payload.priority
    );
    tell::hears("monitor", &seen.subject, told);
    coordinator.hear_back().await
}

/// A message that is none, a task that succeeds at the second attempt, and one that never does.
async fn what_goes_wrong(coordinator: &mut Bot, weather: &mut Bot) -> Outcome {
    let good = letters::direct(coordinator.name, weather.name, "A difficult task.")?;
    let subject = coordinator.role.direct().subject(&good)?;
    let mut bad: serde_json::Value = serde_json::from_slice(&good.to_bytes()?)?;
    if let Some(priority) = bad.get_mut("priority") {
        *priority = json!("high");
    }
    tell::says(
        "somebody",
        &subject,
        "a message with the priority `high`, past the contract",
    );
    let client = coordinator.role.connection().client();
    client.publish(subject.to_string(), bad.to_string().into()).await?;
    let impossible = letters::direct(coordinator.name, weather.name, "An impossible task.")?;
    for message in [good, impossible] {
        say(coordinator.name, &coordinator.role.direct(), &message, &message.content).await?;
        weather.process_one().await?;
        coordinator.hear_back().await?;
    }
    Ok(())
}

/// Each piece of work goes to one worker; what nobody needs any more is passed over.
async fn workers_share(stage: &Stage, coordinator: &Bot) -> Outcome {
    let (done, mut all_done) = mpsc::unbounded_channel();
    let mut workers = Vec::new();
    for number in 1..=3 {
        let worker = Worker::connect(stage.user("worker", "worker", &[])?).await?;
        let mut work = worker.processing().subscribe().await?;
        worker.connection().round_trip().await?;
        let done = done.clone();
        let running = tokio::spawn(async move {
            while let Some(Ok(item)) = work.next().await {
                let deadline = item.typed_headers().ok().and_then(|headers| headers.work_deadline);
                let late = deadline.is_some_and(|deadline| deadline < letters::now());
                // Fails only where nobody counts any more.
                let _ = done.send((number, item.payload.work_id, late));
            }
        });
        workers.push((worker, running));
    }
    let work = coordinator.role.processing();
    let late = WorkHeaders {
        work_deadline: Some("2025-10-02T12:06:00Z".parse()?),
        work_priority: None,
    };
    let late = coordinator.role.processing().headed(&late)?;
    tell::says(
        coordinator.name,
        agent_mesh::subjects::work::ProcessingSubject::TEMPLATE,
        "30 pieces of work, one of them too late",
    );
    for number in 1..=30 {
        let item = letters::work(number)?;
        if number == 13 {
            late.publish(&item).await?;
        } else {
            work.publish(&item).await?;
        }
    }
    let (mut shares, mut passed_over) = (BTreeMap::<i32, u32>::new(), Vec::new());
    for _ in 0..30 {
        let (worker, id, late) = soon("the work", all_done.recv()).await?.ok_or("the workers are gone")?;
        *shares.entry(worker).or_default() += 1;
        if late {
            passed_over.push(id.as_str().to_owned());
        }
    }
    let parts = shares.values().map(ToString::to_string).collect::<Vec<_>>().join(" + ");
    tell::note(
        "workers",
        format!("have shared it as {parts}, and passed over {}", passed_over.join(", ")),
    );
    for (worker, running) in workers {
        worker.connection().drain(Duration::from_secs(5)).await?;
        running.await?;
    }
    Ok(())
}
