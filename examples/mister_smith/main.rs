//! The contract of `schema/mister-smith` at work: an orchestrator, three agents, a monitor and a CLI session on a real server.
//!
//! ```sh
//! cargo run --example mister_smith                                      # starts a server of its own
//! NATS_URL=nats://localhost:4222 cargo run --example mister_smith       # uses yours, and does not restart it
//! ```
//!
//! Each of the cast has a connection of its own and knows the others only through the contract. Nothing here names a subject as text, except
//! where the story breaks the rules on purpose.

#![allow(
    unreachable_pub,
    reason = "in a program, `pub` says which part of a module the others use"
)]

mod letters;
mod planner;
mod session;
#[path = "../common/stage.rs"]
mod stage;
#[path = "../common/tell.rs"]
mod tell;
mod watcher;
mod worker;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::TryStreamExt;
use mister_smith::payloads::common::AgentState;
use mister_smith::provision::{INBOX_PREFIX, LIMITS, Profile, plan};
use mister_smith::roles::Operator;
use mister_smith::subjects::agents::StatusSubject;
use natsmith_runtime::connection::{Event, Events};
use natsmith_runtime::jetstream::DeadLetter;
use natsmith_runtime::testing::Server;
use natsmith_runtime::{Connection, Payload, TypedSubject};

use planner::Planner;
use session::Session;
use stage::{Outcome, Stage, soon};
use watcher::{Pulse, Watcher};
use worker::{Worker, next_task};

#[tokio::main]
async fn main() -> ExitCode {
    let title = "Mister Smith: one contract, five kinds of programs, one server.";
    stage::play(title, "mister-smith", mister_smith::connection, story).await
}

async fn story(mut stage: Stage) -> Outcome {
    let provisioner = stage.provisioner(INBOX_PREFIX).await?;
    provision(&provisioner).await?;

    tell::chapter("The cast");
    let mut planner = Planner::start(&stage).await?;
    let mut watcher = Watcher::start(&stage).await?;
    let mut smith = Worker::start(&stage, "smith").await?;
    let brown = Worker::start(&stage, "brown").await?;
    let jones = Worker::start(&stage, "jones").await?;

    tell::chapter("A command to one agent");
    planner.command(&smith.id).await?;
    smith.obey().await?;

    tell::chapter("A question and its answer");
    planner.ask(&brown).await?;

    tell::chapter("Signs of life");
    let mut pulse = watcher.feel_pulse(&[&smith, &brown, &jones]).await?;
    pulse.hear_all().await?;

    tell::chapter("An agent dies with a task in its hands, and another one does it");
    let dead = jones.id.clone();
    a_task_survives(&mut planner, pulse, jones, [&smith, &brown]).await?;

    tell::chapter("A task that nobody can do, until somebody has learnt it");
    a_task_dies_and_lives_again(&stage, &mut planner, [&smith, &brown]).await?;

    tell::chapter("What the monitor hears on wildcards");
    planner.alert(&dead).await?;
    watcher.hear_alert(&dead).await?;
    for agent in [&smith, &brown] {
        agent.report(AgentState::Idle).await?;
        watcher.hear_status(&agent.id, AgentState::Idle).await?;
    }

    tell::chapter("A CLI session asks, and is stopped");
    let mut cli = Session::start(&stage, &smith.id).await?;
    let hook = cli.ask_for("rm -rf target").await?;
    watcher.hear_hook(&smith.id).await?;
    planner.judge_hook(&smith.id).await?;
    cli.heed(hook).await?;

    tell::chapter("A message that does not keep the contract");
    a_message_is_refused(&mut watcher, &brown).await?;

    tell::chapter("What all this takes");
    let report = provisioner.resources(&LIMITS).await?;
    for usage in report.usages() {
        tell::note("server", usage);
    }

    tell::chapter("The server goes, and comes back");
    if let Some(server) = &mut stage.server {
        let others = [
            watcher.role.connection(),
            brown.role.connection(),
            cli.role.connection(),
        ];
        the_server_restarts(server, &provisioner, &mut planner, &mut smith, others).await?;
    } else {
        tell::note("server", "left out: it is not this story's to be stopped");
    }

    tell::chapter("Everybody leaves in order");
    everybody_leaves(planner, watcher, cli, [&smith, &brown]).await?;
    if let Some(mut server) = stage.server.take() {
        server.stop().await?;
        tell::note("server", "stopped");
    }
    Ok(())
}

/// Plans, applies, and plans again: what is done is not done twice.
async fn provision(operator: &Connection) -> Outcome {
    let todo = plan(operator, Profile::DEV).await?;
    tell::line(&todo);
    let applied = todo.apply().await?;
    let steps = applied.steps().count();
    tell::note(
        "operator",
        format!("applied {steps} steps, and read each back from the server"),
    );
    let rest = plan(operator, Profile::DEV).await?;
    if !rest.is_empty() {
        return Err(format!("there is still something to do: {rest}").into());
    }
    tell::note("operator", format!("nothing is left to do: {rest}"));
    Ok(())
}

/// Jones takes a task and crashes. The monitor misses its heartbeats; the server misses its acknowledgement and gives the task to another agent.
async fn a_task_survives(planner: &mut Planner, mut pulse: Pulse, jones: Worker, others: [&Worker; 2]) -> Outcome {
    let task = letters::task()?;
    planner.queue(&task).await?;
    planner.queue_again(&task).await?;
    let mut tasks = jones.tasks().await?;
    let taken = soon("the first delivery", next_task(&mut tasks, &task)).await??;
    let told = format!("{}, delivery {}", taken.payload.task_id, taken.delivered());
    tell::hears(jones.name, &taken.subject, told);
    tell::note(jones.name, "crashes");
    let lost = jones.id.token.clone();
    drop((taken, tasks, jones));

    if soon("the monitor to miss an agent", pulse.find_dead()).await?? != lost {
        return Err("the monitor takes the wrong agent for dead".into());
    }

    let learnt = Arc::default();
    let working = [others[0].work(&learnt).await?, others[1].work(&learnt).await?];
    planner.follow(&task).await?;
    for working in working {
        working.stop().await;
    }
    Ok(())
}

/// The agents give up a task. It waits among the dead letters with the reason until the operator sends it out once more.
async fn a_task_dies_and_lives_again(stage: &Stage, planner: &mut Planner, agents: [&Worker; 2]) -> Outcome {
    let operator = Operator::connect(stage.user("operator", "operator", &[])?).await?;
    let learnt = Arc::new(AtomicBool::new(false));
    let working = [agents[0].work(&learnt).await?, agents[1].work(&learnt).await?];
    let mut faults = [working[0].faults(), working[1].faults()];
    let task = letters::task_in("COBOL")?;
    planner.queue(&task).await?;
    let [smiths, browns] = &mut faults;
    let fault = soon("a task that is given up", async {
        tokio::select! {
            fault = smiths.next() => fault,
            fault = browns.next() => fault,
        }
    });
    let fault = fault.await?.ok_or("both workers have ended")?;
    tell::note("task queue", fault);

    let dead_tasks = operator.dead_tasks();
    let letters: Vec<DeadLetter> = dead_tasks.letters().try_collect().await?;
    for letter in &letters {
        tell::note("operator", format_args!("reads: {letter}"));
    }
    learnt.store(true, Ordering::Relaxed);
    let replayed = dead_tasks
        .replay_where(|letter| letter.reason.contains("COBOL"))
        .await?;
    tell::note(
        "operator",
        format_args!("has them learn it, and sends out {replayed} once more"),
    );
    planner.follow(&task).await?;
    for working in working {
        working.stop().await;
    }
    operator.connection().drain(Duration::from_secs(5)).await?;
    Ok(())
}

/// A program that does not use the contract writes a status with a capacity of 150 %.
async fn a_message_is_refused(watcher: &mut Watcher, agent: &Worker) -> Outcome {
    let good = letters::status(&agent.id, AgentState::Busy, 1)?;
    let subject = StatusSubject::resolve(&StatusSubject::filter(), &good)?;
    let mut bad: serde_json::Value = serde_json::from_slice(&good.to_bytes()?)?;
    if let Some(capacity) = bad.get_mut("capacity") {
        *capacity = 1.5.into();
    }
    tell::says("somebody", &subject, "a status with capacity 1.5, past the contract");
    let client = agent.role.connection().client();
    client.publish(subject.to_string(), bad.to_string().into()).await?;

    let invalid = watcher.hear_invalid_status().await?;
    let fault = invalid.payload_error().ok_or("the payload is not what is wrong")?;
    tell::hears("monitor", invalid.subject(), "an error, and not a message:");
    tell::note("  pointer", fault.pointer());
    tell::note("  keyword", fault.keyword());
    tell::note("  expected", fault.expected());
    tell::note("  found", fault.found());

    agent.report(AgentState::Busy).await?;
    watcher.hear_status(&agent.id, AgentState::Busy).await
}

/// Everybody loses the connection, finds it again, and talks on; the task that waits in the stream is still there.
async fn the_server_restarts(
    server: &mut Server,
    provisioner: &Connection,
    planner: &mut Planner,
    smith: &mut Worker,
    others: [&Connection; 3],
) -> Outcome {
    let mut tasks = smith.tasks().await?;
    let task = letters::task()?;
    planner.queue(&task).await?;

    let orchestrator = planner.role.connection();
    let mut events = orchestrator.events();
    let everybody: Vec<&Connection> = [orchestrator, smith.role.connection()]
        .into_iter()
        .chain(others)
        .collect();
    let mut connected: Vec<Events> = everybody.iter().map(|connection| connection.events()).collect();
    server.stop().await?;
    tell::note("server", "is down");
    tell_until(&mut events, &Event::Disconnected).await?;
    server.restart().await?;
    tell::note("server", format!("is back at {}", server.url()));
    tell_until(&mut events, &Event::Connected).await?;
    for (connection, events) in everybody.iter().zip(&mut connected) {
        until(events, &Event::Connected).await?;
        // Connected is not yet subscribed: after a round trip, the server knows the subscriptions again.
        connection.round_trip().await?;
    }

    // One server that keeps a stream in its memory forgets it when it stops.
    provision(provisioner).await?;

    planner.command(&smith.id).await?;
    smith.obey().await?;
    let taken = soon("the task that the stream kept", next_task(&mut tasks, &task)).await??;
    smith.work_on(&taken).await?;
    planner.follow(&task).await
}

/// Waits for an event, and tells what happens until then.
async fn tell_until(events: &mut Events, wanted: &Event) -> Outcome {
    for event in until(events, wanted).await? {
        tell::note("orchestrator", event);
    }
    Ok(())
}

/// What happens to a connection until `wanted`; without the errors, which only say why an attempt failed.
async fn until(events: &mut Events, wanted: &Event) -> Outcome<Vec<Event>> {
    let mut seen = Vec::new();
    while let Some(event) = soon("an event of the connection", events.next()).await? {
        let found = event == *wanted;
        if !matches!(event, Event::Error(_)) {
            seen.push(event);
        }
        if found {
            return Ok(seen);
        }
    }
    Err(format!("the connection was closed before it was {wanted}").into())
}

/// What was published before a drain arrives.
async fn everybody_leaves(planner: Planner, mut watcher: Watcher, cli: Session, agents: [&Worker; 2]) -> Outcome {
    for agent in agents {
        agent.report(AgentState::Offline).await?;
        agent.leave().await?;
        tell::note(agent.name, "drained");
    }
    for agent in agents {
        watcher.hear_status(&agent.id, AgentState::Offline).await?;
    }
    let rest = [
        ("cli", cli.role.connection()),
        ("orchestrator", planner.role.connection()),
        ("monitor", watcher.role.connection()),
    ];
    for (name, connection) in rest {
        connection.drain(Duration::from_secs(5)).await?;
        tell::note(name, "drained");
    }
    Ok(())
}
