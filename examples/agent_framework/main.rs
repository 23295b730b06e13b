//! The contract of `schema/agent-framework` at work: agents of one environment find each other, call tools, negotiate, and answer in parts.
//!
//! ```sh
//! cargo run --example agent_framework                                    # starts a server of its own
//! NATS_URL=nats://localhost:4222 cargo run --example agent_framework     # uses yours
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
mod worker;

use std::process::ExitCode;
use std::time::Duration;

use agent_framework::payloads::NatsConfig;
use agent_framework::provision::{INBOX_PREFIX, Profile, plan};
use agent_framework::roles::{Collector, Operator};
use agent_framework::subjects::a2a::NegotiateSubject;
use agent_framework::subjects::agents::{QuerySubject, TaskSubject};
use agent_framework::subjects::mcp::ToolCallSubject;
use agent_framework::tokens::{Capability, Env, ServerId, Specificity};
use natsmith_runtime::gather::Gathered;
use natsmith_runtime::jetstream::Fetch;
use natsmith_runtime::message::FromMessage;
use natsmith_runtime::testing::Recorder;
use natsmith_runtime::{ConnectionBuilder, Subscription, TypedSubject};
use serde_json::json;

use stage::{Outcome, Stage, say, soon};
use worker::Worker;

/// What the framework calls `config/nats_config.yaml`.
const CONFIG: &str = include_str!("nats_config.yaml");

#[tokio::main]
async fn main() -> ExitCode {
    let title = "Agent framework: agents that find each other, negotiate, and answer in parts.";
    stage::play(title, "agent-framework", agent_framework::connection, story).await
}

async fn story(stage: Stage) -> Outcome {
    // Any recorder of the facade `metrics` will do, such as one that Prometheus asks.
    let recorder = Recorder::install();
    let todo = plan(&stage.provisioner(INBOX_PREFIX).await?, Profile::DEV).await?;
    tell::line(&todo);
    todo.apply().await?;

    tell::chapter("The agents read their configuration and come");
    let (config, env) = configuration()?;
    let operator = Operator::connect(
        stage.user("operations", "operator", &[("env", env.as_str())])?,
        env.clone(),
    )
    .await?;
    let mut asking = Worker::come(any_of(&config, &stage)?, &env, "my-agent-001").await?;
    let mut willing = Worker::come(builder(&stage, &env, "agent-002")?, &env, "agent-002").await?;
    let mut busy = Worker::come(builder(&stage, &env, "agent-003")?, &env, "agent-003").await?;
    let tools = ServerId::new("remote-mcp-server")?;
    asking.be_found(&["planning"]).await?;
    willing.be_found(&["analysis", "processing"]).await?;
    busy.be_found(&["analysis"]).await?;
    willing.offer_tools(&tools).await?;
    willing.negotiate(true).await?;
    busy.negotiate(false).await?;
    willing.answer_in_parts().await?;
    for worker in [&mut asking, &mut willing, &mut busy] {
        worker.be_ready(&env).await?;
    }

    tell::chapter("An environment hears nothing of another one");
    environments(&stage, &operator, &willing).await?;
    tell::chapter("Who can analyse?");
    who_can(&asking, "analysis", 2).await?;
    tell::chapter("A tool of another agent's server");
    call_a_tool(&asking, &tools).await?;
    tell::chapter("Negotiations");
    negotiations(&asking, &operator).await?;
    tell::chapter("An answer in parts");
    in_parts(&asking, "agent-002").await?;

    tell::chapter("Results in batches");
    in_batches(&stage, &willing, &config).await?;
    tell::chapter("The same task is not worked on twice");
    not_twice(&willing).await?;

    tell::chapter("How the agents are");
    let mut reports = operator.status().subscribe().await?;
    operator.connection().round_trip().await?;
    for worker in [&asking, &willing, &busy] {
        worker.report().await?;
        let heard = next("a status", &mut reports).await?;
        let metrics = &heard.payload.payload.content.metrics;
        let told = format!(
            "messages processed: {}, on average in {:.1} ms",
            metrics.messages_processed, metrics.avg_latency_ms
        );
        tell::hears("operations", heard.subject, told);
    }

    tell::chapter("What was counted, by the template of the subject");
    for template in [
        ToolCallSubject::TEMPLATE,
        NegotiateSubject::TEMPLATE,
        QuerySubject::TEMPLATE,
    ] {
        let asked = recorder.value("natsmith_sent_total", &[("subject", template), ("kind", "request")]);
        let handled = recorder
            .values("natsmith_handler_seconds", &[("subject", template)])
            .len();
        let errors = recorder.value("natsmith_handler_errors_total", &[("subject", template)]);
        tell::line(format_args!(
            "   {template}\n{:19}{asked} asked, {handled} handled, {errors} errors",
            ""
        ));
    }

    tell::chapter("Everybody leaves in order");
    for worker in [asking, willing, busy] {
        worker.leave().await?;
    }
    operator.connection().drain(Duration::from_secs(5)).await?;
    tell::note("operations", "drained");
    Ok(())
}

/// The configuration is a payload of the contract too: what its schema refuses is refused here, with its place.
fn configuration() -> Outcome<(NatsConfig, Env)> {
    let config: NatsConfig = serde_saphyr::from_str(CONFIG)?;
    let nats = &config.nats;
    tell::note(
        "nats_config",
        format!("environment {}, servers {}", nats.environment, nats.servers.join(", ")),
    );
    let batches = format!(
        "batches of {}, or what has come within {} s",
        nats.batch_size, nats.batch_timeout
    );
    tell::note("nats_config", batches);
    let wrong = CONFIG.replace("batch_size: 10", "batch_size: 0");
    if let Err(error) = serde_saphyr::from_str::<NatsConfig>(&wrong) {
        let told = error.to_string();
        let line = told.lines().find(|line| line.contains("/nats")).unwrap_or(&told);
        tell::note("nats_config", format!("with a batch_size of 0: {}", line.trim()));
    }
    let env = Env::new(config.nats.environment.as_str())?;
    Ok((config, env))
}

/// The settings of one agent.
fn builder(stage: &Stage, env: &Env, id: &str) -> Outcome<ConnectionBuilder> {
    stage.user(id, "agent", &[("env", env.as_str()), ("agent_id", id)])
}

/// The settings of the first agent, for whichever of several servers is there: those of the configuration, and the one that this story has.
fn any_of(config: &NatsConfig, stage: &Stage) -> Outcome<ConnectionBuilder> {
    // Nobody can listen on this port.
    let mut servers = vec!["nats://127.0.0.1:1"];
    if std::env::var_os("NATS_URL").is_some() {
        servers.extend(config.nats.servers.iter().map(String::as_str));
    }
    servers.push(stage.url());
    tell::note(
        "my-agent-001",
        format!("looks which of {} servers is there", servers.len()),
    );
    let own = [("env", config.nats.environment.as_str()), ("agent_id", "my-agent-001")];
    stage.user_at(servers.join(","), "my-agent-001", "agent", &own)
}

/// The same task is given in two environments; each agent hears the one of its own.
async fn environments(stage: &Stage, operator: &Operator, agent: &Worker) -> Outcome {
    let elsewhere = Env::new("dev")?;
    let other = Worker::come(builder(stage, &elsewhere, agent.id)?, &elsewhere, agent.id).await?;
    let analysis = TaskSubject::filter().capability(Capability::new("analysis")?);
    let mut here = agent.role.task().subscribe_to(analysis.clone()).await?;
    let mut there = other.role.task().subscribe_to(analysis).await?;
    for worker in [agent, &other] {
        worker.role.connection().round_trip().await?;
    }
    let (capability, specificity) = (Capability::new("analysis")?, Specificity::new("sales")?);
    let tester = Operator::connect(
        stage.user("testers", "operator", &[("env", elsewhere.as_str())])?,
        elsewhere,
    )
    .await?;
    for (operator, about) in [(&tester, "made up"), (operator, "of the last quarter")] {
        let task = letters::task("operations", &json!({ "sales": about }))?;
        say("operations", &operator.task(&capability, &specificity), &task, about).await?;
    }
    for (who, tasks) in [(agent.id, &mut here), ("the other", &mut there)] {
        let heard = next("a task", tasks).await?;
        tell::hears(who, &heard.subject, &heard.payload.payload.content);
    }
    other.leave().await?;
    tester.connection().drain(Duration::from_secs(5)).await?;
    Ok(())
}

/// Asks everybody, and waits for those who are known to have the capability.
async fn who_can(asking: &Worker, capability: &str, known: usize) -> Outcome {
    let mut found = asking.role.discovered().subscribe().await?;
    asking.role.connection().round_trip().await?;
    let request = letters::discovery(asking.id, capability)?;
    say(asking.id, &asking.role.discover(), &request, capability).await?;
    let mut agents = Vec::new();
    while agents.len() < known {
        let heard = next("somebody who can", &mut found).await?.payload;
        if heard.correlation_id == request.id {
            agents.push(heard.source.id.as_str().to_owned());
        }
    }
    agents.sort_unstable();
    tell::note(asking.id, format!("has found {}", agents.join(" and ")));
    Ok(())
}

/// The request and its answer travel on subjects of their own; the request's id ties them together.
async fn call_a_tool(asking: &Worker, server: &ServerId) -> Outcome {
    let mut results = asking.role.tool_result().subscribe().await?;
    asking.role.connection().round_trip().await?;
    let tools = asking.role.tool_call(server);
    let asker = tools.asker().await?;
    for tool in ["web_search", "time_machine"] {
        let call = letters::tool_call(asking.id, tool, &json!({ "query": "latest AI news" }))?;
        tell::says(asking.id, tools.subject(&call)?, format!("ToolCall: {tool}"));
        match asker.request(&call).await {
            Ok(answer) => {
                tell::note(asking.id, format!("is answered: {}", answer.payload.content.result));
                let heard = next("the answer, as others may hear it", &mut results).await?;
                if heard.subject.request_id.as_str() != call.id.as_str() {
                    return Err("this is the answer to another call".into());
                }
                tell::note(asking.id, "on a subject that ends in the id of the call");
            }
            Err(error) => tell::note(asking.id, format!("learns: {error}")),
        }
    }
    Ok(())
}

/// Asks several agents at once; only where all of them accept, the negotiation is final.
async fn negotiations(asking: &Worker, operator: &Operator) -> Outcome {
    let mut events = operator.event().subscribe().await?;
    operator.connection().round_trip().await?;
    let partners: [&[&str]; 3] = [&["agent-002", "agent-003"], &["agent-002", "agent-004"], &["agent-002"]];
    for partners in partners {
        let proposals = partners.iter().map(|partner| letters::proposal(asking.id, partner));
        let proposals = proposals.collect::<Outcome<Vec<_>>>()?;
        tell::says(
            asking.id,
            "agents.prod.a2a.negotiate.*",
            format!("a proposal to {}", partners.join(" and ")),
        );
        let state = match asking.role.negotiate().request_each(&proposals).await {
            Gathered::Complete(answers) => {
                for answer in &answers {
                    let content = &answer.payload.content;
                    let told = match &content.reason {
                        Some(reason) => format!("refuses: {reason}"),
                        None => "accepts".to_owned(),
                    };
                    tell::note(answer.source.id.as_str(), told);
                }
                let agreed = answers.iter().all(|answer| answer.payload.content.accept);
                if agreed { "finalized" } else { "rejected" }
            }
            Gathered::Partial(part) => {
                let missing: Vec<String> = part.faults.iter().map(ToString::to_string).collect();
                tell::note(
                    asking.id,
                    format!(
                        "{} of {} have answered: {}",
                        part.replies.len(),
                        partners.len(),
                        missing.join(", ")
                    ),
                );
                "incomplete"
            }
        };
        let event = letters::event(asking.id, &json!({ "agents": partners }))?;
        let endpoint = asking.role.event(&"negotiation".parse()?, &state.parse()?);
        endpoint.publish(&event).await?;
        let heard = next("the end of a negotiation", &mut events).await?;
        tell::hears("operations", heard.subject, heard.payload.payload.content);
    }
    Ok(())
}

/// The parts come in order, no faster than they are read, and the end is told.
async fn in_parts(asking: &Worker, to: &str) -> Outcome {
    let question = letters::query(asking.id, to, &json!({ "question": "What do the sales say?" }))?;
    let questions = asking.role.query();
    tell::says(
        asking.id,
        questions.subject(&question)?,
        "Query: what do the sales say?",
    );
    let mut parts = questions.open(&question).await?;
    let mut lines = Vec::new();
    while let Some(part) = soon("a part of the answer", parts.next()).await? {
        lines.push(part?.payload.content.text.trim_end().to_owned());
    }
    let (first, last) = (
        lines.first().ok_or("no part at all")?,
        lines.last().ok_or("no part at all")?,
    );
    tell::note(
        to,
        format!("answers in {} parts, from `{first}` to `{last}`", lines.len()),
    );
    if lines.len() != worker::PARTS {
        return Err("some parts are missing".into());
    }

    // Who has heard enough says so by going away.
    let mut parts = questions.open(&question).await?;
    let first = soon("the first part", parts.next()).await?.ok_or("no part at all")??;
    tell::note(
        asking.id,
        format!("has enough after `{}`", first.payload.content.text.trim_end()),
    );
    Ok(())
}

/// Results are kept; who collects them takes as many at a time as the configuration says, or what has come in its time.
async fn in_batches(stage: &Stage, agent: &Worker, config: &NatsConfig) -> Outcome {
    let task = letters::task("operations", &json!({ "pages": 25 }))?;
    let results = (0..25).map(|page| letters::task_result(agent.id, &task, "analysis", &json!({ "page": page })));
    let results = results.collect::<Outcome<Vec<_>>>()?;
    let kept = agent.role.result().persist_all(&results, 16).await?;
    tell::note(
        agent.id,
        format!("has {} results kept, with 16 on their way at most", kept.len()),
    );

    let collector = Collector::connect(stage.user("collector", "collector", &[])?).await?;
    let batch = Fetch::of(config.nats.batch_size.into()).within(Duration::from_secs_f64(config.nats.batch_timeout));
    let mut sizes = Vec::new();
    while sizes.iter().sum::<usize>() < results.len() {
        let fetched = collector.result_batches().fetch(batch).await?;
        for result in &fetched.deliveries {
            result.ack().await?;
        }
        sizes.push(fetched.deliveries.len());
    }
    let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
    tell::note("collector", format!("has fetched {}", sizes.join(" + ")));
    collector.connection().drain(Duration::from_secs(5)).await?;
    Ok(())
}

/// What was made of a task is kept by the task's content, whoever asks for it and how often.
async fn not_twice(agent: &Worker) -> Outcome {
    let cache = agent.role.result_cache();
    for about in ["the last quarter", "the last quarter", "this quarter"] {
        let task = letters::task("operations", &json!({ "sales": about }))?;
        let result = cache.remembered(&task, async || agent.analyse(&task)).await?;
        let told = if result.known {
            "knows the result already"
        } else {
            "has worked on it"
        };
        tell::note(
            agent.id,
            format!(
                "sales of {about}: {told}, for the task {}",
                cache.key_of(&task)?.content_hash
            ),
        );
    }
    Ok(())
}

async fn next<T: FromMessage>(what: &str, subscription: &mut Subscription<T>) -> Outcome<T> {
    let message = soon(what, subscription.next()).await?;
    Ok(message.ok_or("the subscription has ended")??)
}
