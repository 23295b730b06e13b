//! Every monitoring point of the mesh's specification, as a metric of agents that come, work, and leave on a real server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::float_cmp,
    reason = "a test that meets what it does not expect has failed"
)]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use agent_mesh::kv::RegistryFilter;
use agent_mesh::payloads::{AgentRequest, AgentResponse, Announcement, DirectMessage, Heartbeat};
use agent_mesh::provision::{Profile, plan};
use agent_mesh::roles::{Agent, Monitor};
use agent_mesh::tokens::AgentName;
use natsmith_runtime::kv::Operation;
use natsmith_runtime::life::{Life, Reason, Stopper};
use natsmith_runtime::metrics::counter;
use natsmith_runtime::presence::{Change, Ended, State};
use natsmith_runtime::resources::ResourceLimits;
use natsmith_runtime::testing::{Recorder, Server};
use natsmith_runtime::{Connection, Payload, ServiceError};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

const REQUEST: (&str, &str) = ("subject", "agents.request.{agent_name}");
const DIRECT: (&str, &str) = ("subject", "agents.direct.{agent_name}");

async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(10), future)
        .await
        .expect("this was to happen within 10 s")
}

async fn connect(server: &Server) -> Connection {
    agent_mesh::connection(server.url()).connect().await.unwrap()
}

fn made<P: Payload>(document: &Value) -> P {
    P::decode(document.to_string().as_bytes()).unwrap_or_else(|error| panic!("{}: {error}", P::NAME))
}

fn message(kind: &str, from: &str, more: &Value) -> Value {
    let mut message = json!({
        "message_type": kind, "from_agent": from, "content": "What's the weather in Paris?",
        "timestamp": "2025-10-02T12:05:45Z", "message_id": "m-1",
    });
    for (name, value) in more.as_object().unwrap() {
        message[name] = value.clone();
    }
    message
}

/// An agent, and what ends it.
struct Living {
    name: &'static str,
    role: Agent,
    stopper: Stopper,
    running: JoinHandle<Reason>,
}

/// The whole life of an agent: connect, register, subscribe, announce, heartbeat; and when it ends: offline notice, drain.
async fn live(server: &Server, name: &'static str) -> Living {
    let role = Agent::new(connect(server).await, AgentName::new(name).unwrap());
    let mut life = Life::of(role.connection());
    let about = json!({
        "name": name, "description": "A bot.", "capabilities": ["weather_lookup"], "tools": ["weather"],
        "status": "available", "version": "1.0.0", "registered_at": "2025-10-02T12:00:00Z",
    });
    let key = name.parse().unwrap();
    role.registry().put(&key, &made(&about)).await.unwrap();
    let requests = role.request();
    let answering = requests.serve(move |question| async move {
        if question.payload.content.is_empty() {
            return Err(ServiceError::new(422, "say something"));
        }
        // What only the program knows it counts itself.
        counter!("mesh_tool_calls_total", "tool" => "weather").increment(1);
        let reply = json!({ "content": "Sunny.", "message_id": "m-2", "in_reply_to": "m-1" });
        Ok(made::<AgentResponse>(&message("response", name, &reply)))
    });
    life.keep(answering.await.unwrap());
    let direct = role.direct();
    let told = direct.handle(4, |message| async move {
        if message.payload.content.contains("impossible") {
            return Err("it cannot be done".into());
        }
        Ok(())
    });
    life.keep(told.await.unwrap());
    life.ready().await.unwrap();
    let announcement: Announcement = made(&message("announcement", name, &json!({})));
    role.all().publish(&announcement).await.unwrap();
    let heartbeat = move |sequence| -> Heartbeat {
        made(&json!({
            "agent_name": name, "sequence": sequence, "status": "available", "timestamp": "2025-10-02T12:05:30Z",
        }))
    };
    life.keep_beating(role.liveness().beat(heartbeat).await.unwrap());
    let leaving = role.clone();
    life.farewell(async move {
        let offline: Announcement = made(&message("offline", name, &json!({})));
        leaving.all().publish(&offline).await?;
        leaving.registry().delete(&key).await?;
        Ok(())
    });
    Living {
        name,
        role,
        stopper: life.stopper(),
        running: tokio::spawn(async move { life.run().await.unwrap() }),
    }
}

/// Answers, an error, a question to nobody, work that fails, and a message that is none.
async fn work(coordinator: &Agent, weather: &Agent) {
    let question: AgentRequest = made(&message(
        "request",
        "task_coordinator",
        &json!({ "to_agent": "weather_bot" }),
    ));
    coordinator.request().request(&question).await.unwrap();
    let empty = AgentRequest {
        content: String::new(),
        ..question.clone()
    };
    coordinator.request().request(&empty).await.unwrap_err();
    let nobody = AgentRequest {
        to_agent: "assistant".parse().unwrap(),
        ..question
    };
    coordinator.request().request(&nobody).await.unwrap_err();
    for content in ["Do this.", "Do the impossible."] {
        let more = json!({ "to_agent": "weather_bot", "content": content });
        let direct: DirectMessage = made(&message("direct", "task_coordinator", &more));
        coordinator.direct().publish(&direct).await.unwrap();
    }
    let client = coordinator.connection().client();
    client.publish("agents.direct.weather_bot", "?".into()).await.unwrap();
    coordinator.connection().round_trip().await.unwrap();
    weather.connection().round_trip().await.unwrap();
}

// One test: a process has one recorder.
#[tokio::test]
async fn every_monitoring_point_is_a_metric() {
    let recorder = Recorder::install();
    let value = |name: &str, labels: &[(&str, &str)]| recorder.value(name, labels);
    let times = |name: &str, label, outcome| recorder.values(name, &[label, ("outcome", outcome)]).len();
    let server = Server::start().await.unwrap();
    let monitor = Monitor::new(connect(&server).await);
    let plan = plan(monitor.connection(), Profile::DEV).await.unwrap();
    plan.apply().await.unwrap();
    let mut agents = monitor.liveness().watch().await.unwrap();
    monitor.connection().round_trip().await.unwrap();
    let weather = live(&server, "weather_bot").await;
    let coordinator = live(&server, "task_coordinator").await;
    for _ in 0..2 {
        assert!(matches!(soon(agents.next()).await.unwrap(), Change::Online { .. }));
    }
    work(&coordinator.role, &weather.role).await;
    let account = monitor.connection().resources(&ResourceLimits::default()).await;
    account.unwrap();
    soon(async {
        while recorder.values("natsmith_handler_seconds", &[DIRECT]).len() < 2 {
            tokio::task::yield_now().await;
        }
    })
    .await;

    // Agent level. Messages received and sent:
    assert_eq!(value("natsmith_sent_total", &[DIRECT]), 2.0);
    assert_eq!(value("natsmith_received_total", &[DIRECT]), 3.0);
    // Request/response latency:
    let latencies = recorder.values("natsmith_request_seconds", &[REQUEST, ("outcome", "ok")]);
    assert!(latencies.len() == 1 && latencies[0] > 0.0, "{latencies:?}");
    // Tool call frequency:
    assert_eq!(value("mesh_tool_calls_total", &[("tool", "weather")]), 1.0);
    // Error rates:
    let invalid = [DIRECT, ("cause", "payload")];
    assert_eq!(value("natsmith_decode_errors_total", &invalid), 1.0);
    for subject in [DIRECT, REQUEST] {
        assert_eq!(
            value("natsmith_handler_errors_total", &[subject, ("cause", "handler")]),
            1.0
        );
    }
    // Agent uptime:
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    let uptime = now - value("natsmith_ready_timestamp_seconds", &[]);
    assert!((0.0..60.0).contains(&uptime), "{uptime}");

    // NATS level. Connection and subscription count, of this process and of the account:
    assert_eq!(value("natsmith_connections", &[]), 3.0);
    assert_eq!(value("natsmith_account_used", &[("resource", "connections")]), 3.0);
    assert_eq!(value("natsmith_subscriptions", &[REQUEST]), 2.0);
    assert!(value("natsmith_account_used", &[("resource", "subscriptions")]) > 4.0);
    // Message throughput is the rate of these:
    assert!(value("natsmith_sent_bytes_total", &[]) > 0.0 && value("natsmith_received_bytes_total", &[]) > 0.0);
    // Queue depth: the mesh has no stream, so nothing queues but in subscriptions; what they cannot hold is counted.
    assert_eq!(value("natsmith_missed_total", &[]), 0.0);
    // Server resources, and resource utilization of the system level:
    assert!(
        value("natsmith_account_used", &[("resource", "streams")]) >= 1.0,
        "the registry"
    );

    // System level. Active agents:
    let online = [("presence", "liveness"), ("state", "online")];
    assert_eq!(value("natsmith_parties", &online), 2.0);
    // End-to-end latency is that of requests. Task completion rate and error distribution:
    assert_eq!(times("natsmith_handler_seconds", DIRECT, "ok"), 1);
    assert_eq!(times("natsmith_handler_seconds", DIRECT, "error"), 1);
    assert_eq!(times("natsmith_request_seconds", REQUEST, "service_error"), 1);
    assert_eq!(times("natsmith_request_seconds", REQUEST, "no_responders"), 1);

    // They leave: everybody hears of it, and nothing of them is left.
    let mut registry = monitor.registry().watch(&RegistryFilter::default()).await.unwrap();
    for agent in [weather, coordinator] {
        agent.stopper.stop();
        assert_eq!(soon(agent.running).await.unwrap(), Reason::Stopped);
        let party = AgentName::new(agent.name).unwrap();
        let ended = Ended::Left;
        let gone = Change::Offline {
            party: party.clone(),
            ended,
        };
        assert_eq!(soon(agents.next()).await.unwrap(), gone);
        assert_eq!(agents.state(&party), Some(State::Offline(ended)));
        while soon(registry.next()).await.unwrap().unwrap().operation != Operation::Delete {}
    }
    assert_eq!(value("natsmith_parties", &online), 0.0);
    assert_eq!(value("natsmith_connections", &[]), 1.0, "the monitor's");
    // However many agents there are, there are as many labels.
    for subject in recorder.label_values("subject") {
        assert!(
            !subject.contains("_bot") && !subject.contains("_coordinator"),
            "{subject}"
        );
    }
}
