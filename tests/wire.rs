//! Whatever comes over the wire: it is told as an error that says where and why, and the next message is handled.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that meets what it does not expect has failed"
)]

mod common;

use futures_util::StreamExt;
use mister_smith::payloads::{AgentCapabilities, AgentCommand, AuditRecord, CapabilityQuery, QueuedTask};
use mister_smith::roles::{Agent, Monitor, Orchestrator};
use mister_smith::streams::task_lifecycle::TaskProcessor;
use mister_smith::subscriptions::AllTasks;
use natsmith_runtime::endpoint::PublishErrorKind;
use natsmith_runtime::jetstream::{DeliveryErrorKind, PersistErrorKind};
use natsmith_runtime::request::{SERVICE_ERROR, SERVICE_ERROR_CODE};
use natsmith_runtime::serve::ServeErrorKind;
use natsmith_runtime::{FreeForm, InvalidCause, InvalidMessage, Keyword, OnInvalid, Payload};
use serde_json::Value;

use common::{
    AGENT, OTHER, agent, api, connect, document, example, provisioned, publish_raw, server, soon, task, with,
};

/// A document that no schema of the contract accepts, and what is said of it.
struct Bad {
    document: Vec<u8>,
    pointer: &'static str,
    keyword: Keyword,
    expected: &'static str,
    found: &'static str,
}

fn bad(
    document: impl Into<Vec<u8>>,
    pointer: &'static str,
    keyword: Keyword,
    expected: &'static str,
    found: &'static str,
) -> Bad {
    Bad {
        document: document.into(),
        pointer,
        keyword,
        expected,
        found,
    }
}

impl Bad {
    /// What is not JSON at all, or not an object.
    fn of_any_payload(valid: &str) -> Vec<Self> {
        let half = &valid[..valid.len() / 2];
        vec![
            bad("", "", Keyword::Syntax, "a JSON value", "the end of the document"),
            bad(half, "*", Keyword::Syntax, "*", "the end of the document"),
            bad(nested(64), "", Keyword::Type, "an object", "[[[[["),
            bad(nested(100_000), "*", Keyword::Depth, "128 levels", "*"),
            bad(format!("{valid} x"), "", Keyword::Syntax, "*", "*"),
            bad(b"{\"a\": \"\xff\"}".as_slice(), "*", Keyword::Encoding, "*", "*"),
            bad("null", "", Keyword::Type, "an object", "null"),
        ]
    }

    fn assert_said_by(&self, error: &natsmith_runtime::PayloadError) {
        let document = String::from_utf8_lossy(&self.document[..self.document.len().min(300)]).into_owned();
        let context = format!("{error}, for {document}");
        if self.pointer != "*" {
            assert_eq!(error.pointer(), self.pointer, "{context}");
        }
        assert_eq!(error.keyword(), self.keyword, "{context}");
        if self.expected != "*" {
            assert!(error.expected().contains(self.expected), "{context}");
        }
        if self.found != "*" {
            assert!(error.found().contains(self.found), "{context}");
        }
        assert!(!error.expected().is_empty() && !error.found().is_empty(), "{context}");
    }
}

/// Lists within lists.
fn nested(levels: usize) -> String {
    format!("{}{}", "[".repeat(levels), "]".repeat(levels))
}

/// A document with lists within lists in place of one member.
fn with_nested<P: Payload>(member: &str, levels: usize) -> String {
    let marker = "\"MARKER\"";
    with::<P>(member, "MARKER").replace(marker, &nested(levels))
}

fn bad_commands() -> Vec<Bad> {
    let command = |pointer, value: Value| with::<AgentCommand>(pointer, value);
    let mut documents = Bad::of_any_payload(&document::<AgentCommand>().to_string());
    let long = "x".repeat(100_000);
    documents.extend([
        bad(
            command("/priority", "high".into()),
            "/priority",
            Keyword::Type,
            "an integer",
            "\"high\"",
        ),
        bad(command("/priority", 9.into()), "/priority", Keyword::Maximum, "4", "9"),
        bad(
            command("/command_type", "dance".into()),
            "/command_type",
            Keyword::Enum,
            "\"execute\"",
            "\"dance\"",
        ),
        bad(
            command("/metadata", 7.into()),
            "/metadata",
            Keyword::Type,
            "an object",
            "7",
        ),
        bad(
            command("/metadata/source", long.into()),
            "/metadata/source",
            Keyword::MaxLength,
            "128",
            "*",
        ),
        bad(
            command("/agent_id", "agent-1".into()),
            "/agent_id",
            Keyword::Pattern,
            "^agent-",
            "\"agent-1\"",
        ),
        bad(
            command("/timestamp", "yesterday".into()),
            "/timestamp",
            Keyword::Format,
            "*",
            "\"yesterday\"",
        ),
        bad(
            with_nested::<AgentCommand>("/metadata/source", 64),
            "/metadata/source",
            Keyword::Type,
            "text",
            "[[[[[",
        ),
        bad(
            with_nested::<AgentCommand>("/payload", 500),
            "*",
            Keyword::Depth,
            "128",
            "*",
        ),
    ]);
    let mut incomplete = document::<AgentCommand>();
    incomplete.as_object_mut().unwrap().remove("command_id");
    documents.push(bad(incomplete.to_string(), "", Keyword::Required, "command_id", "*"));
    documents
}

fn bad_tasks() -> Vec<Bad> {
    let task = |pointer, value: Value| with::<QueuedTask>(pointer, value);
    let mut documents = Bad::of_any_payload(&document::<QueuedTask>().to_string());
    documents.extend([
        bad(
            task("/task_type", "gossip".into()),
            "/task_type",
            Keyword::Enum,
            "\"analysis\"",
            "\"gossip\"",
        ),
        bad(
            task("/priority", "0".into()),
            "/priority",
            Keyword::Type,
            "an integer",
            "\"0\"",
        ),
        bad(
            task("/requirements/resources/cpu_cores", 0.into()),
            "/requirements/resources/cpu_cores",
            Keyword::Minimum,
            "1",
            "0",
        ),
        bad(
            task("/dependencies/1", "task-1".into()),
            "/dependencies/1",
            Keyword::Pattern,
            "^task-",
            "\"task-1\"",
        ),
    ]);
    documents
}

/// The fault in an invalid message's payload.
fn payload_error(invalid: &InvalidMessage) -> &natsmith_runtime::PayloadError {
    invalid
        .payload_error()
        .unwrap_or_else(|| panic!("the payload was to be wrong: {invalid}"))
}

#[tokio::test]
async fn a_subscription_tells_each_fault_and_goes_on() {
    let server = server().await;
    let nats = connect(&server).await;
    let mut commands = Agent::new(nats.clone(), agent()).commands().subscribe().await.unwrap();
    let subject = format!("agents.{AGENT}.commands.execute");
    for bad in bad_commands() {
        publish_raw(&nats, &subject, bad.document.clone()).await;
        publish_raw(&nats, &subject, document::<AgentCommand>().to_string()).await;
        let invalid = soon(commands.next()).await.unwrap().unwrap_err();
        bad.assert_said_by(payload_error(&invalid));
        assert_eq!(
            (invalid.subject(), invalid.payload().as_ref()),
            (subject.as_str(), bad.document.as_slice())
        );
        let text = invalid.to_string();
        assert!(
            text.starts_with(&format!("message on `{subject}`: payload ")) && text.len() < 800,
            "{text}"
        );
        assert_eq!(soon(commands.next()).await.unwrap().unwrap().payload, example());
    }
}

#[tokio::test]
async fn depth_that_the_schema_leaves_open_is_no_fault() {
    let server = server().await;
    let nats = connect(&server).await;
    let mut commands = Agent::new(nats.clone(), agent()).commands().subscribe().await.unwrap();
    let subject = format!("agents.{AGENT}.commands.execute");
    publish_raw(&nats, &subject, with_nested::<AgentCommand>("/payload", 64)).await;
    let command = soon(commands.next()).await.unwrap().unwrap();
    assert_eq!(command.payload.payload.as_str(), nested(64));
}

#[tokio::test]
async fn subjects_that_are_none_and_payloads_of_others_are_told() {
    let server = server().await;
    let nats = connect(&server).await;
    let mut commands = Agent::new(nats.clone(), agent()).commands().subscribe().await.unwrap();
    let good = document::<AgentCommand>().to_string();
    let foreign = with::<AgentCommand>("/agent_id", OTHER);

    publish_raw(&nats, &format!("agents.{AGENT}.commands.dance"), good.clone()).await;
    let invalid = soon(commands.next()).await.unwrap().unwrap_err();
    assert!(matches!(invalid.cause(), InvalidCause::Subject(_)), "{invalid:?}");
    assert_told(&invalid.to_string(), &["command_type", "execute", "dance"]);

    publish_raw(&nats, &format!("agents.{AGENT}.commands.execute"), foreign).await;
    let invalid = soon(commands.next()).await.unwrap().unwrap_err();
    assert!(matches!(invalid.cause(), InvalidCause::Disagreement(_)), "{invalid:?}");
    assert_told(&invalid.to_string(), &["agent_id", "/agent_id", AGENT, OTHER]);

    publish_raw(&nats, &format!("agents.{AGENT}.commands.stop"), good.clone()).await;
    let invalid = soon(commands.next()).await.unwrap().unwrap_err();
    assert!(matches!(invalid.cause(), InvalidCause::Disagreement(_)), "{invalid:?}");
    assert_told(
        &invalid.to_string(),
        &["command_type", "/command_type", "stop", "execute"],
    );

    publish_raw(&nats, &format!("agents.{AGENT}.commands.execute"), good).await;
    assert_eq!(soon(commands.next()).await.unwrap().unwrap().payload, example());
}

fn assert_told(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in: {text}");
    }
}

#[tokio::test]
async fn a_wildcard_subscription_tells_each_fault_and_goes_on() {
    let server = server().await;
    let nats = connect(&server).await;
    let mut tasks = Monitor::new(nats.clone()).all_tasks().subscribe().await.unwrap();
    for bad in bad_tasks() {
        publish_raw(&nats, "tasks.execution.queue.0", bad.document.clone()).await;
        let invalid = soon(tasks.next()).await.unwrap().unwrap_err();
        bad.assert_said_by(payload_error(&invalid));
    }
    let good = document::<QueuedTask>().to_string();
    for (subject, parts) in [
        ("tasks.execution", ["tasks.>", "tasks.execution"]),
        ("tasks.execution.queue.0.more", ["tasks.>", "queue.0.more"]),
        ("tasks.execution.queue.9", ["priority", "\"9\""]),
        ("tasks.gossip.queue.0", ["task_type", "\"gossip\""]),
        ("tasks.task-1.result", ["task_id", "\"task-1\""]),
    ] {
        publish_raw(&nats, subject, good.clone()).await;
        let invalid = soon(tasks.next()).await.unwrap().unwrap_err();
        assert!(matches!(invalid.cause(), InvalidCause::Subject(_)), "{invalid:?}");
        assert_told(&invalid.to_string(), &parts);
    }
    publish_raw(&nats, "tasks.execution.queue.0", good).await;
    let AllTasks::Queue(task) = soon(tasks.next()).await.unwrap().unwrap() else {
        panic!("a queued task was expected");
    };
    assert_eq!(task.payload, example());
}

#[tokio::test]
async fn a_consumer_gives_up_what_cannot_be_read_and_hands_out_the_next() {
    let (server, nats) = provisioned().await;
    let publisher = connect(&server).await;
    let mut advisories = publisher
        .client()
        .subscribe("$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.task_lifecycle.task_processor")
        .await
        .unwrap();
    let mut tasks = nats.consume::<TaskProcessor>().await.unwrap();
    let mut sequence = 0;
    let faults = bad_tasks();
    for bad in &faults {
        publish_raw(&publisher, "tasks.execution.queue.0", bad.document.clone()).await;
    }
    // Kept by the stream, since a stream knows no schemas: a subject of no template, and a payload of another subject.
    publish_raw(&publisher, "tasks.gossip.queue.0", task_document()).await;
    publish_raw(&publisher, "tasks.analysis.queue.0", task_document()).await;
    let good = task();
    Orchestrator::new(publisher.clone())
        .queue()
        .persist(&good)
        .await
        .unwrap();

    let mut told = async || {
        let error = soon(tasks.next()).await.unwrap().unwrap_err();
        sequence += 1;
        assert_eq!(error.kind(), DeliveryErrorKind::Invalid, "{error}");
        let invalid = error.invalid().unwrap();
        assert_eq!(
            (invalid.info.stream_sequence, invalid.settled),
            (sequence, OnInvalid::DeadLetter("dead_tasks"))
        );
        let advisory = soon(advisories.next()).await.unwrap();
        let advisory: Value = serde_json::from_slice(&advisory.payload).unwrap();
        assert_eq!(advisory["stream_seq"], sequence);
        (error, advisory["reason"].as_str().unwrap().to_owned())
    };
    for bad in &faults {
        let (error, reason) = told().await;
        let fault = payload_error(&error.invalid().unwrap().message);
        bad.assert_said_by(fault);
        assert!(reason.contains("expected") && reason.contains("found"), "{reason}");
    }
    let (error, reason) = told().await;
    assert!(
        matches!(error.invalid().unwrap().message.cause(), InvalidCause::Subject(_)),
        "{error}"
    );
    assert_told(&reason, &["task_type", "gossip"]);
    let (error, reason) = told().await;
    assert!(
        matches!(error.invalid().unwrap().message.cause(), InvalidCause::Disagreement(_)),
        "{error}"
    );
    assert_told(&reason, &["/task_type", "analysis", "execution"]);

    let delivery = soon(tasks.next()).await.unwrap().unwrap();
    assert_eq!((&delivery.payload, delivery.delivered()), (&good, 1));
    delivery.ack_confirmed().await.unwrap();
    // Nothing is open, so nothing comes again.
    let info = api(&publisher, "CONSUMER.INFO.task_lifecycle.task_processor", "").await;
    let open = ["num_ack_pending", "num_pending", "num_redelivered"].map(|name| info[name].as_u64().unwrap());
    assert_eq!(open, [0, 0, 0], "{info}");
}

fn task_document() -> String {
    document::<QueuedTask>().to_string()
}

#[tokio::test]
async fn the_answering_side_answers_each_fault_with_400_and_goes_on() {
    let server = server().await;
    let nats = connect(&server).await;
    let serving = Agent::new(nats.clone(), agent())
        .capabilities()
        .serve(|question| async move {
            assert_eq!(question.payload, example::<CapabilityQuery>());
            Ok(example::<AgentCapabilities>())
        })
        .await
        .unwrap();
    let mut errors = serving.errors();
    let query = |pointer, value: Value| with::<CapabilityQuery>(pointer, value);
    let mut faults = Bad::of_any_payload(&document::<CapabilityQuery>().to_string());
    faults.extend([
        bad(
            query("/query_id", "7".into()),
            "/query_id",
            Keyword::Format,
            "*",
            "\"7\"",
        ),
        bad(
            query("/capabilities/1", 7.into()),
            "/capabilities/1",
            Keyword::Type,
            "text",
            "7",
        ),
        bad(
            query("/include_resources", "yes".into()),
            "/include_resources",
            Keyword::Type,
            "*",
            "\"yes\"",
        ),
    ]);
    let subject = format!("agents.{AGENT}.capabilities");
    for bad in &faults {
        let request = nats.client().request(subject.clone(), bad.document.clone().into());
        let headers = soon(request).await.unwrap().headers.unwrap();
        assert_eq!(headers.get(SERVICE_ERROR_CODE).unwrap().as_str(), "400");
        let told = headers.get(SERVICE_ERROR).unwrap().as_str();
        assert_told(told, &["expected", "found", bad.keyword.as_str()]);
        let error = soon(errors.next()).await.unwrap();
        assert_eq!(error.kind(), ServeErrorKind::InvalidRequest);
        assert!(error.to_string().contains(bad.keyword.as_str()), "{error}");
    }
    assert_eq!(serving.error_count(), faults.len() as u64);
    let answer = Orchestrator::new(nats).capabilities(&agent()).request(&example()).await;
    assert_eq!(answer.unwrap(), example());
}

#[tokio::test]
async fn a_payload_larger_than_the_server_accepts_is_not_sent_and_ends_nothing() {
    let (_server, nats) = provisioned().await;
    let orchestrator = Orchestrator::new(nats.clone());
    let mut commands = Agent::new(nats.clone(), agent()).commands().subscribe().await.unwrap();
    let text = |bytes: usize| FreeForm::new(format!(r#"{{"text":"{}"}}"#, "x".repeat(bytes))).unwrap();
    let large = AgentCommand {
        payload: text(2 << 20),
        ..example()
    };
    let error = orchestrator.commands().publish(&large).await.unwrap_err();
    assert_eq!(error.kind(), PublishErrorKind::MaxPayloadExceeded);
    orchestrator.commands().publish(&example()).await.unwrap();
    assert_eq!(soon(commands.next()).await.unwrap().unwrap().payload, example());

    // Within the server's limit and beyond the stream's own `max_msg_size` of 512 KiB: the stream's word is awaited, and tells.
    let record = AuditRecord {
        details: Some(text(600 << 10)),
        ..example()
    };
    let error = soon(orchestrator.audit().persist(&record)).await.unwrap_err();
    assert_eq!(error.kind(), PersistErrorKind::Refused { code: 10_054 }, "{error}");
    assert!(nats.is_healthy());
    orchestrator.audit().persist(&example()).await.unwrap();
}
