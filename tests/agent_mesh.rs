//! The contract `agent-mesh` on a real server: agents come, find each other, talk, hand over, share work, and leave.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has failed"
)]

use std::collections::BTreeSet;
use std::time::Duration;

use agent_mesh::kv::{RegistryFilter, RegistryKey};
use agent_mesh::payloads::announcement::{AnnouncementMessageType, AnnouncementRequired};
use agent_mesh::payloads::direct_message::{DirectMessageMessageType, DirectMessageRequired};
use agent_mesh::payloads::{
    AgentMetadata, AgentRequest, AgentResponse, Announcement, DirectMessage, Handoff, Heartbeat, WorkHeaders, WorkItem,
};
use agent_mesh::provision::{Profile, plan};
use agent_mesh::roles::{Agent, Monitor, Worker};
use agent_mesh::subscriptions::Everything;
use agent_mesh::tokens::AgentName;
use natsmith_runtime::async_nats::HeaderMap;
use natsmith_runtime::endpoint::PublishErrorKind;
use natsmith_runtime::kv::{KvErrorKind, Operation};
use natsmith_runtime::presence::{Change, Ended, Timing};
use natsmith_runtime::request::RequestErrorKind;
use natsmith_runtime::testing::Server;
use natsmith_runtime::{Connection, InvalidCause, Payload, ServiceError};
use serde_json::{Value, json};

async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(10), future)
        .await
        .expect("this was to happen within 10 s")
}

/// A server with the contract on it.
async fn mesh() -> Server {
    let server = Server::start().await.unwrap_or_else(|error| panic!("{error}"));
    let operator = connect(&server).await;
    plan(&operator, Profile::DEV).await.unwrap().apply().await.unwrap();
    server
}

async fn connect(server: &Server) -> Connection {
    agent_mesh::connection(server.url()).connect().await.unwrap()
}

async fn agent(server: &Server, name: &str) -> Agent {
    Agent::new(connect(server).await, AgentName::new(name).unwrap())
}

/// A payload from JSON, as a program in another language would write it.
fn made<P: Payload>(document: &Value) -> P {
    P::decode(document.to_string().as_bytes()).unwrap_or_else(|error| panic!("{}: {error}", P::NAME))
}

fn message(kind: &str, from: &str, more: &Value) -> Value {
    let mut message = json!({
        "message_type": kind, "from_agent": from, "content": "What's the weather in Paris?",
        "timestamp": "2025-10-02T12:05:45Z", "message_id": "m-1", "priority": 2,
    });
    for (name, value) in more.as_object().unwrap() {
        message[name] = value.clone();
    }
    message
}

fn metadata(name: &str, status: &str) -> AgentMetadata {
    made(&json!({
        "name": name, "description": "A bot.", "capabilities": ["weather_lookup"], "tools": [], "status": status,
        "version": "1.0.0", "registered_at": "2025-10-02T12:00:00Z",
    }))
}

fn key(name: &str) -> RegistryKey {
    name.parse().unwrap()
}

#[tokio::test]
async fn an_agent_registers_announces_itself_and_says_goodbye() {
    let server = mesh().await;
    let (bot, coordinator) = (
        agent(&server, "weather_bot").await,
        agent(&server, "task_coordinator").await,
    );
    let mut announced = coordinator.all().subscribe().await.unwrap();
    coordinator.connection().round_trip().await.unwrap();
    let mut registered = coordinator.registry().watch(&RegistryFilter::default()).await.unwrap();

    bot.registry()
        .put(&key("weather_bot"), &metadata("weather_bot", "available"))
        .await
        .unwrap();
    let change = soon(registered.next()).await.unwrap().unwrap();
    assert_eq!(change.key.agent_name.as_str(), "weather_bot");
    assert!(matches!(change.operation, Operation::Put(found) if found.capabilities == ["weather_lookup"]));

    for kind in ["announcement", "offline"] {
        let announcement: Announcement = made(&message(kind, "weather_bot", &json!({})));
        bot.all().publish(&announcement).await.unwrap();
        let heard = soon(announced.next()).await.unwrap().unwrap();
        assert_eq!(heard.payload, announcement);
    }
    bot.registry().delete(&key("weather_bot")).await.unwrap();
    assert_eq!(
        soon(registered.next()).await.unwrap().unwrap().operation,
        Operation::Delete
    );

    // Nobody registers in the name of another one.
    let error = coordinator
        .registry()
        .put(&key("weather_bot"), &metadata("weather_bot", "busy"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), KvErrorKind::OutsideScope);
}

#[tokio::test]
async fn a_direct_message_reaches_its_agent_alone() {
    let server = mesh().await;
    let (bot, coordinator) = (
        agent(&server, "weather_bot").await,
        agent(&server, "task_coordinator").await,
    );
    let mut bots = bot.direct().subscribe().await.unwrap();
    let mut coordinators = coordinator.direct().subscribe().await.unwrap();
    for agent in [&bot, &coordinator] {
        agent.connection().round_trip().await.unwrap();
    }
    let direct =
        |to: &str| -> DirectMessage { made(&message("direct", "task_coordinator", &json!({ "to_agent": to }))) };
    coordinator.direct().publish(&direct("weather_bot")).await.unwrap();
    let heard = soon(bots.next()).await.unwrap().unwrap();
    assert_eq!(heard.subject.to_string(), "agents.direct.weather_bot");
    assert_eq!(heard.payload, direct("weather_bot"));
    // The next one that the coordinator hears is its own: the one before was not for it.
    bot.direct().publish(&direct("task_coordinator")).await.unwrap();
    let heard = soon(coordinators.next()).await.unwrap().unwrap();
    assert_eq!(heard.payload.to_agent.as_str(), "task_coordinator");
}

#[tokio::test]
async fn a_question_is_answered_or_known_not_to_be() {
    let server = mesh().await;
    let (bot, coordinator) = (
        agent(&server, "weather_bot").await,
        agent(&server, "task_coordinator").await,
    );
    let question: AgentRequest = made(&message(
        "request",
        "task_coordinator",
        &json!({ "to_agent": "weather_bot" }),
    ));
    let nobody = coordinator.request().request(&question).await.unwrap_err();
    assert_eq!(nobody.kind(), RequestErrorKind::NoResponders);

    let requests = bot.request();
    let serving = requests.serve(|question| async move {
        if question.payload.content.is_empty() {
            return Err(ServiceError::new(422, "say something"));
        }
        let reply =
            json!({ "content": "Sunny.", "message_id": "m-2", "in_reply_to": question.payload.message_id.as_str() });
        Ok(made::<AgentResponse>(&message("response", "weather_bot", &reply)))
    });
    let serving = serving.await.unwrap();
    bot.connection().round_trip().await.unwrap();
    let answer = coordinator.request().request(&question).await.unwrap();
    assert_eq!(
        (answer.content.as_str(), answer.in_reply_to.as_str()),
        ("Sunny.", "m-1")
    );
    let empty = AgentRequest {
        content: String::new(),
        ..question
    };
    let error = coordinator.request().request(&empty).await.unwrap_err();
    assert_eq!(error.kind(), RequestErrorKind::Service { code: 422 });
    serving.stop().await;
}

#[tokio::test]
async fn a_handover_reaches_the_other_agent_and_those_who_track() {
    let server = mesh().await;
    let (bot, coordinator) = (
        agent(&server, "weather_bot").await,
        agent(&server, "task_coordinator").await,
    );
    let monitor = Monitor::new(connect(&server).await);
    let mut direct = bot.direct().subscribe().await.unwrap();
    let mut tracked = monitor.handoff().subscribe().await.unwrap();
    bot.connection().round_trip().await.unwrap();
    monitor.connection().round_trip().await.unwrap();

    let document = message("handoff", "task_coordinator", &json!({ "to_agent": "weather_bot" }));
    let handoff: Handoff = made(&document);
    coordinator.hand_over().publish(&handoff).await.unwrap();
    let taken = soon(direct.next()).await.unwrap().unwrap();
    assert_eq!(taken.payload.message_type, DirectMessageMessageType::Handoff);
    let seen = soon(tracked.next()).await.unwrap().unwrap();
    assert_eq!(
        seen.subject.to_string(),
        "agents.handoff.task_coordinator.to.weather_bot"
    );
    assert_eq!(seen.payload.message_id, taken.payload.message_id);

    // Nobody hands over in the name of another one.
    let error = bot.hand_over().publish(&handoff).await.unwrap_err();
    assert_eq!(error.kind(), PublishErrorKind::Subject);
    coordinator.hand_over().publish(&handoff).await.unwrap();
    for heard in [
        soon(direct.next()).await.is_some(),
        soon(tracked.next()).await.is_some(),
    ] {
        assert!(heard, "nothing but the second handover came");
    }
}

#[tokio::test]
async fn workers_share_the_work_and_none_of_it_is_done_twice() {
    let server = mesh().await;
    let coordinator = agent(&server, "task_coordinator").await;
    let mut pool = Vec::new();
    for _ in 0..3 {
        let worker = Worker::new(connect(&server).await);
        pool.push(worker.processing().subscribe().await.unwrap());
        worker.connection().round_trip().await.unwrap();
    }
    let (done, mut all_done) = tokio::sync::mpsc::unbounded_channel();
    for mut work in pool {
        let done = done.clone();
        tokio::spawn(async move {
            while let Some(Ok(item)) = work.next().await {
                done.send(item.payload.work_id.as_str().to_owned()).unwrap();
            }
        });
    }
    let ids: BTreeSet<String> = (0..100).map(|number| format!("w-{number}")).collect();
    for id in &ids {
        let item: WorkItem = made(&json!({ "work_id": id, "requested_by": "task_coordinator", "task": "Summarise." }));
        coordinator.processing().publish(&item).await.unwrap();
    }
    let mut found = BTreeSet::new();
    for _ in 0..ids.len() {
        assert!(
            found.insert(soon(all_done.recv()).await.unwrap()),
            "a piece of work was done twice"
        );
    }
    assert_eq!(found, ids);
}

#[tokio::test]
async fn work_says_in_its_headers_how_long_it_is_needed() {
    let server = mesh().await;
    let coordinator = agent(&server, "task_coordinator").await;
    let worker = Worker::new(connect(&server).await);
    let mut work = worker.processing().subscribe().await.unwrap();
    worker.connection().round_trip().await.unwrap();
    let item: WorkItem = made(&json!({ "work_id": "w-1", "requested_by": "task_coordinator", "task": "Summarise." }));
    let headers: WorkHeaders = made(&json!({ "Work-Deadline": "2025-10-02T12:06:00Z", "Work-Priority": 3 }));
    let urgent = coordinator.processing().headed(&headers).unwrap();
    urgent.publish(&item).await.unwrap();
    coordinator.processing().publish(&item).await.unwrap();
    let heard = soon(work.next()).await.unwrap().unwrap();
    assert_eq!(heard.headers.get("Work-Priority").unwrap().as_str(), "3");
    assert_eq!(heard.typed_headers().unwrap(), headers);
    let heard = soon(work.next()).await.unwrap().unwrap();
    assert_eq!(heard.typed_headers().unwrap().work_deadline, None);

    // What a program in another language writes is checked too.
    let document = item.to_bytes().unwrap();
    for (priority, expected) in [("high", "/Work-Priority"), ("4", "at most 3"), ("2", "")] {
        let mut headers = HeaderMap::new();
        headers.insert("Work-Priority", priority);
        let client = coordinator.connection().client();
        client
            .publish_with_headers("agents.work.processing", headers, document.clone())
            .await
            .unwrap();
        match soon(work.next()).await.unwrap() {
            Ok(heard) => assert_eq!(heard.typed_headers().unwrap().work_priority, Some(2)),
            Err(invalid) => {
                assert!(matches!(invalid.cause(), InvalidCause::Headers(_)));
                assert!(invalid.to_string().contains(expected), "{invalid}");
            }
        }
    }
    let mut headers = HeaderMap::new();
    headers.insert("Work-Priority", "high");
    let error = urgent.publish_with_headers(&item, headers).await;
    assert!(error.is_ok(), "the endpoint's own headers come last");
}

#[tokio::test]
async fn a_monitor_knows_who_is_there() {
    let server = mesh().await;
    let bot = agent(&server, "weather_bot").await;
    let monitor = Monitor::new(connect(&server).await);
    let pace = Timing {
        interval: Duration::from_millis(200),
        jitter: Duration::from_millis(20),
        missed: 2,
    };
    let mut agents = monitor.liveness().with_timing(pace).watch().await.unwrap();
    monitor.connection().round_trip().await.unwrap();
    let party = bot_name();
    let announcement: Announcement = made(&message("announcement", "weather_bot", &json!({})));
    bot.all().publish(&announcement).await.unwrap();
    assert_eq!(
        soon(agents.next()).await.unwrap(),
        Change::Online { party: party.clone() }
    );

    let heartbeat = |sequence| -> Heartbeat {
        made(&json!({
            "agent_name": "weather_bot", "sequence": sequence, "status": "busy", "timestamp": "2025-10-02T12:05:30Z",
        }))
    };
    let beating = bot.liveness().with_timing(pace).beat(heartbeat).await.unwrap();
    soon(async {
        while beating.sent() < 4 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    beating.stop().await;
    let offline: Announcement = made(&message("offline", "weather_bot", &json!({})));
    bot.all().publish(&offline).await.unwrap();
    let gone = Change::Offline {
        party: party.clone(),
        ended: Ended::Left,
    };
    assert_eq!(soon(agents.next()).await.unwrap(), gone, "nothing happened in between");
    let [standing] = agents.snapshot().try_into().unwrap();
    assert_eq!(standing.heartbeat.unwrap().sequence, 3);
}

fn bot_name() -> AgentName {
    AgentName::new("weather_bot").unwrap()
}

#[tokio::test]
async fn a_monitor_hears_everything_by_its_kind() {
    let server = mesh().await;
    let bot = agent(&server, "weather_bot").await;
    let monitor = Monitor::new(connect(&server).await);
    let mut everything = monitor.everything().subscribe().await.unwrap();
    monitor.connection().round_trip().await.unwrap();
    let beat: Heartbeat = made(&json!({
        "agent_name": "weather_bot", "sequence": 1, "status": "busy", "timestamp": "2025-10-02T12:05:30Z",
    }));
    bot.heartbeat().publish(&beat).await.unwrap();
    let answer: AgentResponse = made(&message("response", "weather_bot", &json!({ "in_reply_to": "m-9" })));
    bot.response().publish(&answer).await.unwrap();
    let Everything::Heartbeat(heard) = soon(everything.next()).await.unwrap().unwrap() else {
        panic!("the heartbeat comes first");
    };
    assert_eq!(heard.payload, beat);
    let Everything::Response(heard) = soon(everything.next()).await.unwrap().unwrap() else {
        panic!("then the response");
    };
    assert_eq!(heard.subject.request_id.as_str(), "m-9");
}

#[test]
fn what_a_message_leaves_out_has_its_default() {
    let required = AnnouncementRequired {
        message_type: AnnouncementMessageType::Offline,
        from_agent: "weather_bot".parse().unwrap(),
        content: String::new(),
        timestamp: "2025-10-02T12:05:45Z".parse().unwrap(),
        message_id: "m-1".parse().unwrap(),
    };
    assert_eq!(Announcement::from(required).priority, 1);
    let required = DirectMessageRequired {
        message_type: DirectMessageMessageType::Direct,
        to_agent: "weather_bot".parse().unwrap(),
        from_agent: "task_coordinator".parse().unwrap(),
        content: String::new(),
        timestamp: "2025-10-02T12:05:45Z".parse().unwrap(),
        message_id: "m-1".parse().unwrap(),
    };
    assert_eq!(DirectMessage::from(required).in_reply_to, None);
}
