//! The contract `agent-framework` on a real server: environments that hear nothing of each other, tasks, tools, negotiations, results in
//! batches and by content.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that meets what it does not expect has failed"
)]

use std::time::Duration;

use agent_framework::kv::ResultCacheKey;
use agent_framework::payloads::{
    Chunk, Control, DiscoveryRequest, DiscoveryResponse, Event, NatsConfig, Negotiation, NegotiationAnswer, Query,
    Status, Task, TaskResult, ToolCall,
};
use agent_framework::provision::{Profile, plan};
use agent_framework::roles::{Agent, Collector, Operator};
use agent_framework::subjects::agents::TaskSubject;
use agent_framework::tokens::{AgentId, Capability, Env, Specificity};
use natsmith_runtime::endpoint::PublishErrorKind;
use natsmith_runtime::gather::Gathered;
use natsmith_runtime::jetstream::Fetch;
use natsmith_runtime::kv::{KvError, KvErrorKind};
use natsmith_runtime::request::RequestErrorKind;
use natsmith_runtime::streamed::SinkErrorKind;
use natsmith_runtime::testing::{Cluster, Server};
use natsmith_runtime::{Connection, Payload, ServiceError, TypedSubject};
use serde_json::{Value, json};

async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(10), future)
        .await
        .expect("this was to happen within 10 s")
}

/// A server with the contract on it.
async fn framework() -> Server {
    let server = Server::start().await.unwrap_or_else(|error| panic!("{error}"));
    let owner = connect(&server).await;
    plan(&owner, Profile::DEV).await.unwrap().apply().await.unwrap();
    server
}

async fn connect(server: &Server) -> Connection {
    agent_framework::connection(server.url()).connect().await.unwrap()
}

async fn agent(server: &Server, env: &str, id: &str) -> Agent {
    Agent::new(connect(server).await, Env::new(env).unwrap(), AgentId::new(id).unwrap())
}

async fn operator(server: &Server, env: &str) -> Operator {
    Operator::new(connect(server).await, Env::new(env).unwrap())
}

/// A message from JSON, as a program in another language would write it.
fn made<P: Payload>(kind: &str, from: &str, content: &Value, more: &Value) -> P {
    let mut message = json!({
        "id": "m-1", "timestamp": 1_234_567_890.123, "version": "1.0", "type": kind,
        "source": { "id": from, "type": "agent" }, "payload": { "content": content },
    });
    let members = message.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    P::decode(message.to_string().as_bytes()).unwrap_or_else(|error| panic!("{}: {error}", P::NAME))
}

fn task(number: u32) -> Task {
    made("task", "operations", &json!({ "number": number }), &json!({}))
}

fn result(number: u32) -> TaskResult {
    let content = json!({ "task_type": "analysis", "result": { "number": number } });
    made(
        "result",
        "my-agent-001",
        &content,
        &json!({ "id": format!("r-{number}"), "correlationId": format!("t-{number}") }),
    )
}

#[tokio::test]
async fn an_environment_hears_nothing_of_another_one() {
    let server = framework().await;
    let (prod, dev) = (
        agent(&server, "prod", "my-agent-001").await,
        agent(&server, "dev", "my-agent-001").await,
    );
    let analysis = TaskSubject::filter().capability(Capability::new("analysis").unwrap());
    let mut in_prod = prod.task().subscribe_to(analysis.clone()).await.unwrap();
    let mut in_dev = dev.task().subscribe_to(analysis).await.unwrap();
    assert_eq!(in_prod.subject_filter(), "agents.prod.task.analysis.*");
    for agent in [&prod, &dev] {
        agent.connection().round_trip().await.unwrap();
    }
    for (env, number) in [("dev", 1), ("prod", 2)] {
        let operator = operator(&server, env).await;
        let tasks = operator.task(
            &Capability::new("analysis").unwrap(),
            &Specificity::new("sales").unwrap(),
        );
        tasks.publish(&task(number)).await.unwrap();
        operator.connection().round_trip().await.unwrap();
    }
    let (heard_in_prod, heard_in_dev) = soon(async { tokio::join!(in_prod.next(), in_dev.next()) }).await;
    assert_eq!(heard_in_prod.unwrap().unwrap().payload, task(2));
    assert_eq!(heard_in_dev.unwrap().unwrap().payload, task(1));
}

#[tokio::test]
async fn an_operator_steers_agents_and_reads_how_they_are() {
    let server = framework().await;
    let (first, second) = (
        agent(&server, "prod", "agent-1").await,
        agent(&server, "prod", "agent-2").await,
    );
    let operator = operator(&server, "prod").await;
    let mut commands = second.control().subscribe().await.unwrap();
    let mut reported = operator.status().subscribe().await.unwrap();
    for connection in [second.connection(), operator.connection()] {
        connection.round_trip().await.unwrap();
    }
    for target in ["agent-1", "agent-2"] {
        let pause: Control = made(
            "task",
            "operations",
            &json!({ "command": "pause" }),
            &json!({ "target": target }),
        );
        operator.control().publish(&pause).await.unwrap();
    }
    let heard = soon(commands.next()).await.unwrap().unwrap();
    assert_eq!(heard.payload.target.as_str(), "agent-2");

    let content = json!({ "state": "paused", "metrics": { "messages_processed": 1 } });
    let status: Status = made("event", "agent-2", &content, &json!({}));
    second.status().publish(&status).await.unwrap();
    let heard = soon(reported.next()).await.unwrap().unwrap();
    assert_eq!(heard.subject.to_string(), "agents.prod.status.agent-2");
    assert!(heard.payload.payload.content.metrics.avg_latency_ms.abs() < f64::EPSILON);
    // Nobody speaks in the name of another one.
    let error = first.status().publish(&status).await.unwrap_err();
    assert_eq!(error.kind(), PublishErrorKind::Subject);
}

#[tokio::test]
async fn who_looks_for_a_capability_finds_those_who_have_it() {
    let server = framework().await;
    let (seeker, worker) = (
        agent(&server, "prod", "seeker").await,
        agent(&server, "prod", "worker").await,
    );
    let mut asked = worker.discover().subscribe().await.unwrap();
    let mut found = seeker.discovered().subscribe().await.unwrap();
    for agent in [&seeker, &worker] {
        agent.connection().round_trip().await.unwrap();
    }
    let who: DiscoveryRequest = made(
        "query",
        "seeker",
        &json!({}),
        &json!({ "routing": { "capabilities": ["analysis"] } }),
    );
    seeker.discover().publish(&who).await.unwrap();
    let heard = soon(asked.next()).await.unwrap().unwrap();
    assert_eq!(
        (heard.payload.routing.priority, heard.payload.routing.timeout),
        (5, 30_000)
    );
    let content = json!({ "agent_type": "worker", "capabilities": ["analysis"] });
    let here: DiscoveryResponse = made(
        "result",
        "worker",
        &content,
        &json!({ "correlationId": who.id.as_str() }),
    );
    worker.discovered().publish(&here).await.unwrap();
    assert_eq!(soon(found.next()).await.unwrap().unwrap().payload, here);
}

#[tokio::test]
async fn a_tool_is_called_on_the_agent_that_has_its_server() {
    let server = framework().await;
    let (caller, host) = (
        agent(&server, "prod", "caller").await,
        agent(&server, "prod", "host").await,
    );
    let other = agent(&server, "prod", "other").await;
    let tools = "remote-mcp-server".parse().unwrap();
    let mut results = caller.tool_result().subscribe().await.unwrap();
    caller.connection().round_trip().await.unwrap();
    let calls = host.tool_call(&tools);
    let serving = calls.serve(|call| async move {
        if call.payload.payload.content.tool_name.as_str() != "web_search" {
            return Err(ServiceError::new(404, "no such tool"));
        }
        let ids = json!({ "target": call.payload.source.id.as_str(), "correlationId": call.payload.id.as_str() });
        Ok(made("result", "host", &json!({ "result": { "hits": 3 } }), &ids))
    });
    let serving = serving.await.unwrap();
    host.connection().round_trip().await.unwrap();

    let call = |from: &str, id: &str, tool: &str| -> ToolCall {
        let content = json!({ "tool_name": tool, "arguments": { "query": "latest AI news" } });
        made("query", from, &content, &json!({ "id": id }))
    };
    let (asking, others) = (
        caller.tool_call(&tools).asker().await.unwrap(),
        other.tool_call(&tools).asker().await.unwrap(),
    );
    // Two agents call at once, by the same id: each hears its own answer.
    let (first, second) = (
        call("caller", "call-1", "web_search"),
        call("other", "call-1", "web_search"),
    );
    let (first, second) = soon(async { tokio::join!(asking.request(&first), others.request(&second)) }).await;
    assert_eq!(
        (first.unwrap().target.as_str(), second.unwrap().target.as_str()),
        ("caller", "other")
    );
    let heard = soon(results.next()).await.unwrap().unwrap();
    assert_eq!(heard.subject.to_string(), "agents.prod.mcp.caller.responses.call-1");
    assert_eq!((asking.unknown(), others.unknown()), (0, 0));

    let error = soon(asking.request(&call("caller", "call-2", "launch")))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), RequestErrorKind::Service { code: 404 });
    serving.stop().await;
    let error = soon(asking.request(&call("caller", "call-3", "web_search")))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), RequestErrorKind::NoResponders);
}

/// An agent that accepts or refuses what is proposed to it.
async fn negotiating(server: &Server, id: &'static str, accepts: bool) -> (Agent, natsmith_runtime::Serving) {
    let agent = agent(server, "prod", id).await;
    let answer = move |proposal: &Negotiation| -> NegotiationAnswer {
        let content = if accepts {
            json!({ "accept": true, "terms": { "estimated_time": "5 minutes" } })
        } else {
            json!({ "accept": false, "reason": "Insufficient resources" })
        };
        made(
            "result",
            id,
            &content,
            &json!({ "correlationId": proposal.id.as_str() }),
        )
    };
    let serving = agent
        .negotiate()
        .serve(move |proposal| std::future::ready(Ok::<_, ServiceError>(answer(&proposal.payload))))
        .await
        .unwrap();
    agent.connection().round_trip().await.unwrap();
    (agent, serving)
}

#[tokio::test]
async fn a_negotiation_asks_several_and_knows_who_has_not_answered() {
    let server = framework().await;
    let initiator = agent(&server, "prod", "agent-001").await;
    let _second = negotiating(&server, "agent-002", true).await;
    let _third = negotiating(&server, "agent-003", false).await;
    let propose = |to: &str| -> Negotiation {
        let content = json!({ "negotiation_type": "task_assignment", "proposal": { "task": "analyze_data" } });
        made("query", "agent-001", &content, &json!({ "target": to }))
    };

    // All answer: the answers stand in the order of the proposals.
    let proposals = ["agent-003", "agent-002"].map(propose);
    let Gathered::Complete(answers) = soon(initiator.negotiate().request_each(&proposals)).await else {
        panic!("both have answered");
    };
    let told: Vec<_> = answers
        .iter()
        .map(|answer| (answer.source.id.as_str(), answer.payload.content.accept))
        .collect();
    assert_eq!(told, [("agent-003", false), ("agent-002", true)]);

    // One of them is not there.
    let proposals = ["agent-002", "agent-004"].map(propose);
    let Gathered::Partial(part) = soon(initiator.negotiate().request_each(&proposals)).await else {
        panic!("agent-004 has not answered");
    };
    assert_eq!((part.replies.len(), part.expected), (1, Some(2)));
    assert_eq!(part.faults.first().unwrap().kind(), RequestErrorKind::NoResponders);
}

#[tokio::test]
async fn a_question_is_answered_in_chunks_of_a_bounded_size() {
    let server = framework().await;
    let (asking, answering) = (
        agent(&server, "prod", "agent-001").await,
        agent(&server, "prod", "agent-002").await,
    );
    let text = |part: usize| format!("Analysis part {part}: Processing...\n");
    let questions = answering.query();
    let serving = questions.serve_streamed(move |question, mut chunks| async move {
        let chunk = |text: String| -> Chunk {
            let related = json!({ "correlationId": question.payload.id.as_str() });
            made("result", "agent-002", &json!({ "text": text }), &related)
        };
        for part in 1..=10 {
            chunks.send(&chunk(text(part))).await?;
        }
        let mut long = chunk(String::new());
        long.payload.content.text = "x".repeat(1025);
        let refused = chunks.send(&long).await.unwrap_err();
        assert_eq!(refused.kind(), SinkErrorKind::InvalidChunk);
        Ok(())
    });
    let serving = serving.await.unwrap();
    answering.connection().round_trip().await.unwrap();
    let question: Query = made("query", "agent-001", &json!({}), &json!({ "target": "agent-002" }));
    let chunks = soon(asking.query().open(&question)).await.unwrap();
    let chunks = soon(chunks.collect_all()).await.unwrap();
    let whole: String = chunks.into_iter().map(|chunk| chunk.payload.content.text).collect();
    assert_eq!(whole, (1..=10).map(text).collect::<String>());
    serving.stop().await;
}

#[tokio::test]
async fn results_are_kept_once_each_and_collected_in_batches_by_size_and_time() {
    let server = framework().await;
    let worker = agent(&server, "prod", "my-agent-001").await;
    let collector = Collector::new(connect(&server).await);
    let results: Vec<TaskResult> = (1..=25).map(result).collect();
    let kept = worker.result().persist_all(&results, 4).await.unwrap();
    assert_eq!(kept.len(), 25);
    // The id of a message tells the stream that it has it already.
    assert!(worker.result().persist(&result(3)).await.unwrap().duplicate);

    let in_dev = agent(&server, "dev", "my-agent-001").await;
    in_dev.result().persist(&result(26)).await.unwrap();
    let batch = Fetch::of(10).within(Duration::from_millis(300));
    let mut collected = Vec::new();
    for size in [10, 10, 6, 0] {
        let fetched = soon(collector.result_batches().fetch(batch)).await.unwrap();
        assert_eq!(fetched.deliveries.len(), size);
        for delivery in fetched.deliveries {
            delivery.ack_confirmed().await.unwrap();
            collected.push((delivery.subject.env.as_str().to_owned(), delivery.payload.clone()));
        }
    }
    let expected = (1..=26).map(|number| (if number > 25 { "dev" } else { "prod" }.to_owned(), result(number)));
    assert!(collected.into_iter().eq(expected));
}

#[tokio::test]
async fn what_was_made_of_a_task_is_found_by_the_tasks_content_within_its_environment() {
    let server = framework().await;
    let (prod, dev) = (agent(&server, "prod", "a-1").await, agent(&server, "dev", "a-1").await);
    let worked = std::cell::Cell::new(0);
    let work = |number| {
        worked.set(worked.get() + 1);
        std::future::ready(Ok::<_, KvError>(result(number)))
    };
    let cache = prod.result_cache();
    let made = cache.remembered(&task(1), || work(1)).await.unwrap();
    assert_eq!((made.value, made.known), (result(1), false));
    // The same content in another message, and written in another way.
    let again: Task = made_again(r#"{ "number" : 1 }"#);
    assert_ne!(again.id, task(1).id);
    assert_eq!(cache.key_of(&again).unwrap(), cache.key_of(&task(1)).unwrap());
    let known = cache.remembered(&again, || work(9)).await.unwrap();
    assert_eq!((known.value, known.known), (result(1), true));
    // Another content, and another environment.
    assert!(!cache.remembered(&task(2), || work(2)).await.unwrap().known);
    assert!(!dev.result_cache().remembered(&task(1), || work(3)).await.unwrap().known);
    assert_eq!(worked.get(), 3);

    // What fails is not kept; what is not of the contract any more is made anew.
    let failed = cache
        .remembered(&task(4), async || Err(KvError::from(KvErrorKind::Refused)))
        .await;
    assert_eq!(failed.unwrap_err().kind(), KvErrorKind::Refused);
    assert!(cache.get(&cache.key_of(&task(4)).unwrap()).await.unwrap().is_none());
    let subject = format!("$KV.result_cache.{}", cache.key_of(&task(1)).unwrap());
    let client = prod.connection().client();
    soon(client.request(subject, "{}".into())).await.unwrap();
    assert!(!cache.remembered(&task(1), || work(1)).await.unwrap().known);
    assert!(cache.remembered(&task(1), || work(1)).await.unwrap().known);

    // Two at once both get what was stored first.
    let slowly = async || {
        cache.put(&cache.key_of(&task(5)).unwrap(), &result(5)).await?;
        Ok::<_, KvError>(result(6))
    };
    let late = cache.remembered(&task(5), slowly).await.unwrap();
    assert_eq!((late.value, late.known), (result(5), true));

    let key: ResultCacheKey = format!("prod.{}", "0a".repeat(32)).parse().unwrap();
    let error = dev.result_cache().put(&key, &result(2)).await.unwrap_err();
    assert_eq!(error.kind(), KvErrorKind::OutsideScope);
    assert!(format!("prod.{}", "0A".repeat(32)).parse::<ResultCacheKey>().is_err());
}

/// A task with an id of its own and a content as it was written.
fn made_again(content: &str) -> Task {
    let document = format!(
        r#"{{"id":"m-2","timestamp":2,"version":"1.0","type":"task","source":{{"id":"x","type":"agent"}},"payload":{{"content":{content}}}}}"#
    );
    Task::decode(document.as_bytes()).unwrap()
}

#[tokio::test]
async fn any_server_of_the_configuration_will_do() {
    let server = framework().await;
    let config = json!({
        "messaging": { "provider": "nats" },
        // Nobody can listen on port 1.
        "nats": { "servers": ["nats://127.0.0.1:1", server.url()], "environment": "prod" },
    });
    let config: NatsConfig = serde_json::from_value(config).unwrap();
    assert_eq!(config.nats.batch_size, 10);
    let connection = agent_framework::connection(config.nats.servers.join(","));
    let connection = connection.connect().await.unwrap();
    let env: Env = config.nats.environment.parse().unwrap();
    let role = Agent::new(connection, env, AgentId::new("a-1").unwrap());
    let (negotiation, finalized) = ("negotiation".parse().unwrap(), "finalized".parse().unwrap());
    let operator = operator(&server, "prod").await;
    let mut events = operator.event().subscribe().await.unwrap();
    operator.connection().round_trip().await.unwrap();
    let event: Event = made("event", "a-1", &json!({ "agents": ["a-2"] }), &json!({}));
    role.event(&negotiation, &finalized).publish(&event).await.unwrap();
    let heard = soon(events.next()).await.unwrap().unwrap();
    assert_eq!(heard.subject.to_string(), "agents.prod.event.negotiation.finalized");

    let unknown = json!({ "messaging": { "provider": "nats" }, "nats": { "servers": [], "environment": "prod" } });
    let error = serde_json::from_value::<NatsConfig>(unknown).unwrap_err();
    assert!(error.to_string().contains("/nats/servers"), "{error}");
}

/// The text lists three servers; as long as one is there, the agents talk on.
#[tokio::test]
async fn agents_talk_on_when_their_server_dies() {
    let mut cluster = Cluster::start().await.unwrap_or_else(|error| panic!("{error}"));
    let servers: Vec<String> = cluster.url().split(',').map(str::to_owned).collect();
    let config = json!({ "messaging": { "provider": "nats" }, "nats": { "servers": servers, "environment": "prod" } });
    let config: NatsConfig = serde_json::from_value(config).unwrap();
    let connect = async || {
        let connection = agent_framework::connection(config.nats.servers.join(","))
            .reconnect_delay(Duration::from_millis(20))
            .max_reconnect_delay(Duration::from_millis(200));
        connection.connect().await.unwrap()
    };
    let env: Env = config.nats.environment.parse().unwrap();
    let worker = Agent::new(connect().await, env.clone(), AgentId::new("a-1").unwrap());
    let operator = Operator::new(connect().await, env);
    let mut states = operator.status().subscribe().await.unwrap();
    // One after the other: whichever they are connected to is among them.
    for number in 0..cluster.len() {
        cluster.server(number).stop().await.unwrap();
        let content = json!({ "state": "running", "metrics": { "messages_processed": number } });
        let report: Status = made("event", "a-1", &content, &json!({}));
        // What is published while a connection moves may find nobody (core NATS): it is said until it is heard.
        let heard = async {
            loop {
                worker.status().publish(&report).await.unwrap();
                let heard = tokio::time::timeout(Duration::from_millis(200), states.next()).await;
                if let Ok(Some(Ok(heard))) = heard
                    && heard.payload == report
                {
                    break;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), heard)
            .await
            .unwrap_or_else(|_| panic!("nothing is heard without server {number}"));
        cluster.server(number).restart().await.unwrap();
    }
}
