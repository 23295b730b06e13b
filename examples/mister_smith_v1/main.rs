//! The contract of `schema/mister-smith-v1` at work: the sketch of the first edition and its taxonomy, side by side on one server.
//!
//! ```sh
//! cargo run --example mister_smith_v1                                    # starts a server of its own
//! NATS_URL=nats://localhost:4222 cargo run --example mister_smith_v1     # uses yours
//! ```

#![allow(
    unreachable_pub,
    reason = "in a program, `pub` says which part of a module the others use"
)]

mod letters;
#[path = "../common/stage.rs"]
mod stage;
#[path = "../common/tell.rs"]
mod tell;

use std::process::ExitCode;
use std::time::Duration;

use mister_smith_v1::payloads::common::Capability;
use mister_smith_v1::payloads::task_output::TaskStatus;
use mister_smith_v1::provision::{INBOX_PREFIX, LIMITS, Profile, plan};
use mister_smith_v1::roles::{Agent, Cli, Monitor, Orchestrator};
use mister_smith_v1::subscriptions::{AllAgentStatus, AllPreTaskHooks, AllTaskTopics, AllTasks};
use mister_smith_v1::tokens::{AgentId, TaskId};
use natsmith_runtime::message::FromMessage;
use natsmith_runtime::{Connection, Subscription};
use serde_json::json;

use letters::REVIEWER;
use stage::{Outcome, Stage, say, soon};

#[tokio::main]
async fn main() -> ExitCode {
    let title = "Mister Smith, first edition: a sketch and a taxonomy on one server.";
    stage::play(title, "mister-smith-v1", mister_smith_v1::connection, story).await
}

/// Everybody who takes part, each with a connection of its own.
struct Cast {
    orchestrator: Orchestrator,
    agent: Agent,
    cli: Cli,
    monitor: Monitor,
}

async fn story(stage: Stage) -> Outcome {
    let provisioner = stage.provisioner(INBOX_PREFIX).await?;
    provision(&provisioner).await?;
    let own = [("agent_id", REVIEWER)];
    let cast = Cast {
        orchestrator: Orchestrator::connect(stage.user("orchestrator", "orchestrator", &[])?).await?,
        agent: Agent::connect(stage.user(REVIEWER, "agent", &own)?, AgentId::new(REVIEWER)?).await?,
        cli: Cli::connect(stage.user("cli", "cli", &own)?, AgentId::new(REVIEWER)?).await?,
        monitor: Monitor::connect(stage.user("monitor", "monitor", &[])?).await?,
    };

    tell::chapter("A CLI session begins");
    a_session_begins(&cast).await?;
    tell::chapter("The session asks before it acts");
    hooks(&cast).await?;
    tell::chapter("One order, three subjects");
    one_order(&cast).await?;
    tell::chapter("How the agent is, in short and in full");
    in_short_and_in_full(&cast).await?;
    tell::chapter("A task from its beginning to its end");
    a_task(&cast).await?;

    tell::chapter("What all this takes");
    for usage in provisioner.resources(&LIMITS).await?.usages() {
        tell::note("server", usage);
    }

    tell::chapter("Everybody leaves in order");
    let connections = [
        (REVIEWER, cast.agent.connection()),
        ("cli", cast.cli.connection()),
        ("orchestrator", cast.orchestrator.connection()),
        ("monitor", cast.monitor.connection()),
    ];
    for (name, connection) in connections {
        connection.drain(Duration::from_secs(5)).await?;
        tell::note(name, "drained");
    }
    Ok(())
}

async fn provision(provisioner: &Connection) -> Outcome {
    let todo = plan(provisioner, Profile::DEV).await?;
    tell::line(&todo);
    let steps = todo.apply().await?.steps().count();
    tell::note(
        "operator",
        format!("applied {steps} steps, and read each back from the server"),
    );
    Ok(())
}

/// `control.startup` of the sketch is for whoever is in control, `cli.startup` of the taxonomy for the record.
async fn a_session_begins(cast: &Cast) -> Outcome {
    let mut sessions = cast.orchestrator.control_startup().subscribe().await?;
    cast.orchestrator.connection().round_trip().await?;
    let startup = letters::startup()?;
    say("cli", &cast.cli.control_startup(), &startup, "a session begins").await?;
    let heard = next("a session", &mut sessions).await?;
    let does: Vec<&str> = heard.payload.capabilities.iter().map(Capability::as_str).collect();
    tell::hears("orchestrator", heard.subject, format!("it can {}", does.join(" and ")));
    let kept = cast.cli.startup().persist(&startup).await?;
    tell::note(
        "cli",
        format!("leaves a record: `{}` has it as number {}", kept.stream, kept.sequence),
    );
    Ok(())
}

/// A hook is answered on the agent's own subject, where others hear the answer too.
async fn hooks(cast: &Cast) -> Outcome {
    let mut questions = cast.monitor.all_pre_task_hooks().subscribe().await?;
    let mut answered = cast.monitor.hook_response().subscribe().await?;
    let judging = cast.orchestrator.pre_task();
    let judging = judging
        .serve(|hook| std::future::ready(Ok(letters::judge(&hook.payload))))
        .await?;
    for connection in [cast.monitor.connection(), cast.orchestrator.connection()] {
        connection.round_trip().await?;
    }
    let hooks = cast.cli.pre_task();
    let asker = hooks.asker().await?;
    for (tool, input) in [
        ("write_file", json!({ "path": "lib.rs" })),
        ("run_command", json!({ "command": "rm -rf target" })),
    ] {
        let hook = letters::hook(tool, &input)?;
        tell::says("cli", hooks.subject(&hook)?, format!("may I use {tool}? {input}"));
        let answer = asker.request(&hook).await?;
        let AllPreTaskHooks::PreTask(_) = next("the question", &mut questions).await?;
        let heard = next("the answer", &mut answered).await?;
        let reason = answer.reason.as_deref().unwrap_or("no reason given");
        tell::hears("monitor", heard.subject, format!("{}: {reason}", answer.decision));
        // For the record: what was asked, and what the answer changed.
        cast.cli.hooks().persist(&hook).await?;
        if let Some(modifications) = answer.modifications {
            let mutation = letters::mutation(&hook, tool, modifications)?;
            let kept = cast.cli.mutations().persist(&mutation).await?;
            let told = format!("goes on with {}; `{}` has it", mutation.modifications, kept.stream);
            tell::note("cli", told);
        }
    }
    judging.stop().await;
    Ok(())
}

/// The number of tokens tells the subjects apart: none of these subscriptions hears what is meant for another one.
async fn one_order(cast: &Cast) -> Outcome {
    let mut direct = cast.agent.direct_commands().subscribe().await?;
    let mut routed = cast.agent.routed_commands().subscribe().await?;
    let mut typed = cast.agent.commands().subscribe().await?;
    cast.agent.connection().round_trip().await?;
    let command = letters::command();
    let who = &cast.orchestrator;
    say("orchestrator", &who.direct_commands(), &command, "run the tests").await?;
    say(
        "orchestrator",
        &who.routed_commands(),
        &command,
        "the same, by its type first",
    )
    .await?;
    say(
        "orchestrator",
        &who.commands(),
        &command,
        "the same, by the agent first",
    )
    .await?;
    let (direct, routed, typed) = (
        next("the direct order", &mut direct).await?,
        next("the routed order", &mut routed).await?,
        next("the typed order", &mut typed).await?,
    );
    if [&direct.payload, &routed.payload, &typed.payload] != [&command; 3] {
        return Err("the orders are not the same".into());
    }
    tell::hears(REVIEWER, direct.subject, "no type in the subject");
    tell::hears(
        REVIEWER,
        &routed.subject,
        format!("command_type = {:?}", routed.subject.command_type),
    );
    tell::hears(
        REVIEWER,
        &typed.subject,
        format!("command_type = {:?}", typed.subject.command_type),
    );
    Ok(())
}

/// The wildcard of the sketch hears the short status alone; a role hears the full one by its template.
async fn in_short_and_in_full(cast: &Cast) -> Outcome {
    let mut in_short = cast.monitor.all_agent_status().subscribe().await?;
    let mut in_full = cast.monitor.status().subscribe().await?;
    cast.monitor.connection().round_trip().await?;
    let (short, full) = letters::status(0.75)?;
    say(REVIEWER, &cast.agent.status_update(), &short, "busy").await?;
    say(REVIEWER, &cast.agent.status(), &full, "busy, 1 of 4 tasks").await?;
    let AllAgentStatus::StatusUpdate(heard) = next("a status", &mut in_short).await?;
    tell::hears("monitor", &heard.subject, format!("on {}", in_short.subject_filter()));
    let heard = next("a full status", &mut in_full).await?;
    let tasks = heard.payload.current_tasks.unwrap_or_default();
    tell::hears(
        "monitor",
        &heard.subject,
        format!("on {}: {tasks} task", in_full.subject_filter()),
    );
    Ok(())
}

/// Queued, taken, worked on line by line, done; told as topics, and heard by who watches.
async fn a_task(cast: &Cast) -> Outcome {
    let mut topics = cast.monitor.all_task_topics().subscribe().await?;
    let mut tasks = cast.monitor.all_tasks().subscribe().await?;
    cast.monitor.connection().round_trip().await?;
    let task = letters::task();
    let (orchestrator, agent) = (&cast.orchestrator, &cast.agent);
    say(
        "orchestrator",
        &orchestrator.task_created(),
        &letters::created(&task)?,
        "there is a task",
    )
    .await?;
    let kept = orchestrator.queue().persist(&task).await?;
    tell::note(
        "orchestrator",
        format!("queues it: number {} of `{}`", kept.sequence, kept.stream),
    );

    let mut queue = agent.task_processor().consume().await?;
    let taken = loop {
        // A server that is shared may hand out tasks of others first.
        let taken = soon("the task", queue.next())
            .await?
            .ok_or("the deliveries have ended")??;
        if taken.payload.task_id == task.task_id {
            break taken;
        }
        taken.nak(Some(Duration::from_secs(30))).await?;
    };
    tell::hears(REVIEWER, &taken.subject, format!("delivery {}", taken.delivered()));
    say(
        "orchestrator",
        &orchestrator.task_assigned(),
        &letters::assigned(&task)?,
        "it is taken",
    )
    .await?;
    // So that nobody hears of the end first, which the agent tells on another connection.
    orchestrator.connection().round_trip().await?;
    let progress = agent.progress(&TaskId::new(task.task_id.to_string())?);
    for line in ["reads 12 files", "warning: 2 findings"] {
        say(REVIEWER, &progress, &letters::output(line, TaskStatus::Running)?, line).await?;
    }
    agent.result().persist(&letters::result(&task)).await?;
    let last = letters::output("review: 2 findings", TaskStatus::Completed)?;
    say(
        REVIEWER,
        &agent.task_completed(),
        &letters::completed(&task, last),
        "it is done",
    )
    .await?;
    taken.ack_confirmed().await?;

    let (mut lines, mut queued, mut results) = (Vec::new(), 0, 0);
    while results == 0 {
        match next("something of the task", &mut tasks).await? {
            AllTasks::Queue(heard) if heard.payload.task_id == task.task_id => queued += 1,
            AllTasks::Progress(heard) => lines.push(heard.payload.output_line),
            AllTasks::Result(heard) if heard.payload.task_id == task.task_id => results += 1,
            _ => {}
        }
    }
    let told = format!(
        "on {}: queued {queued} time, {}",
        tasks.subject_filter(),
        lines.join(", then ")
    );
    tell::note("monitor", told);
    let mut moments = Vec::new();
    while moments.len() < 3 {
        moments.push(match next("a topic", &mut topics).await? {
            AllTaskTopics::TaskCreated(_) => "created",
            AllTaskTopics::TaskAssigned(_) => "assigned",
            AllTaskTopics::TaskCompleted(_) => "completed",
        });
    }
    tell::note(
        "monitor",
        format!("on {}: {}", topics.subject_filter(), moments.join(", ")),
    );
    Ok(())
}

async fn next<T: FromMessage>(what: &str, subscription: &mut Subscription<T>) -> Outcome<T> {
    let message = soon(what, subscription.next()).await?;
    Ok(message.ok_or("the subscription has ended")??)
}
