//! The server agrees: what a rule refuses it refuses too, or loses without a word, and what the rule's page passes it takes.
//!
//! Each row is a rule. Its page's examples are made on a server of their own, as `check` reads them and provisioning would send
//! them.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use common::page::{Page, Section};
use natsmith_codegen::contract::Contract;
use natsmith_codegen::{check_all, rules};
use natsmith_runtime::Connection;
use natsmith_runtime::testing::{Cluster, Server};
use serde_json::{Value, json};

/// How long is waited for what is certain to come.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long is waited for what is certain not to come.
const SILENCE: Duration = Duration::from_millis(300);

/// A rule, and what the server says to the `Fails` of its page.
struct Row {
    rule: &'static str,
    verdict: Verdict,
}

enum Verdict {
    /// It refuses a stream or a consumer, with this code.
    Refuses(u64),
    /// It takes everything, and this can be seen: of `Fails` the first, of `Passes` the second.
    Shows(Sight, &'static str, &'static str),
}

/// What can be seen after publishing.
#[derive(Clone, Copy)]
enum Sight {
    /// What a stream answers to a message on this subject: `kept`, the code of its refusal, or `silence`.
    Answer(&'static str),
    /// How many messages the first stream has, after one on this subject.
    Kept(&'static str),
    /// The same, after so many, up to a hundred of which the last are more than were sent.
    Grows(&'static str),
    /// The same, after a restart of the server.
    Restarted(&'static str),
    /// What a stream answers to a message on a subject that comes after a thousand others.
    Full,
    /// How many messages the first consumer of the first stream is to deliver, after one on this subject.
    Waiting(&'static str),
    /// What the server made of the first consumer's `ack_wait`, in seconds.
    AckWait,
}

use Sight::{AckWait, Answer, Full, Grows, Kept, Restarted, Waiting};
use Verdict::{Refuses, Shows};

const fn row(rule: &'static str, verdict: Verdict) -> Row {
    Row { rule, verdict }
}

const PLACED: &str = "orders.7.placed";

const ROWS: &[Row] = &[
    row("streams/overlap", Refuses(10065)),
    row("streams/replica-count", Refuses(10052)),
    row("streams/duplicate-window", Refuses(10052)),
    row("streams/discard-per-subject", Refuses(10052)),
    row("streams/purge", Refuses(10052)),
    row("streams/sealed", Refuses(10052)),
    row("streams/counter", Refuses(10052)),
    row("streams/persist-mode", Refuses(10052)),
    row("streams/too-short", Refuses(10052)),
    row("streams/too-long", Refuses(10052)),
    row("streams/max-consumers", Refuses(10026)),
    row("streams/needs-no-ack", Refuses(10052)),
    row("streams/mirror", Refuses(10034)),
    row("streams/sources", Refuses(10140)),
    row("streams/copy-circle", Refuses(10052)),
    row("streams/republish", Refuses(10052)),
    row("streams/transform", Refuses(10156)),
    row("streams/store-name", Refuses(10058)),
    row("consumers/filters-overlap", Refuses(10138)),
    row("consumers/backoff", Refuses(10116)),
    row("consumers/queue-overlap", Refuses(10099)),
    row("consumers/queue-ack", Refuses(10098)),
    row("consumers/queue-start", Refuses(10101)),
    row("consumers/start", Refuses(10094)),
    row("consumers/over-stream-limit", Refuses(10121)),
    row("consumers/priority", Refuses(10159)),
    row("consumers/sample-freq", Refuses(10095)),
    row("accounts/stream", Refuses(10058)),
    row("accounts/stream-overlap", Refuses(10065)),
    row("accounts/consumer", Refuses(10148)),
    row("accounts/store", Refuses(10058)),
    row("accounts/budget", Refuses(10047)),
    row(
        "streams/captures-request",
        Shows(Answer("orders.7.price"), "kept", "nobody"),
    ),
    row(
        "accounts/captures-request",
        Shows(Answer("parcels.check"), "kept", "nobody"),
    ),
    row("streams/no-ack", Shows(Answer(PLACED), "silence", "kept")),
    row("streams/interest-unheard", Shows(Kept(PLACED), "0", "1")),
    row("streams/republish-circle", Shows(Grows(PLACED), "100", "1")),
    row("streams/in-memory", Shows(Restarted(PLACED), "0", "1")),
    row("streams/queue-unread", Shows(Waiting("orders.7.paid"), "0", "1")),
    row("streams/queue-drops", Shows(Full, "kept", "10077")),
    row("consumers/renamed-filter", Shows(Waiting(PLACED), "0", "1")),
    row(
        "consumers/filter-outside-stream",
        Shows(Waiting("orders.7.sent"), "0", "1"),
    ),
    row("consumers/ack-wait", Shows(AckWait, "1", "1")),
];

/// The rules whose pages can be made only where several servers run.
const IN_A_CLUSTER: &[Row] = &[row("consumers/replicas", Refuses(10126))];

/// A section as the contracts that `check` makes of it.
fn contracts(section: &Section) -> Vec<Contract> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let schema = folder.path().join("schema");
    section.write(&schema.join("shop"));
    let entries = fs::read_dir(&schema).expect("the folder of contracts");
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    folders.sort_by_key(|folder| (!folder.ends_with("shop"), folder.clone()));
    let checked = check_all(&folders).contracts.into_iter();
    checked
        .map(|one| one.contract.expect("a contract with a header"))
        .collect()
}

/// A call of the JetStream API: what it answers, or the code of its refusal.
async fn call(connection: &Connection, subject: String, body: &Value) -> Result<Value, u64> {
    let body = if body.is_null() {
        Vec::new()
    } else {
        body.to_string().into_bytes()
    };
    let answer = connection
        .client()
        .request(format!("$JS.API.{subject}"), body.into())
        .await;
    let answer: Value = serde_json::from_slice(&answer.expect("an answer").payload).expect("JSON");
    match answer.pointer("/error/err_code").and_then(Value::as_u64) {
        Some(code) => Err(code),
        None => Ok(answer),
    }
}

/// Makes everything that contracts provision; the codes of what the server refuses.
async fn provision(connection: &Connection, contracts: &[Contract]) -> BTreeSet<u64> {
    let mut refused = BTreeSet::new();
    for contract in contracts {
        for stream in contract.provisioned(None) {
            let name = &stream.stream.name.value;
            let made = call(connection, format!("STREAM.CREATE.{name}"), &stream.config().into()).await;
            refused.extend(made.err());
            for consumer in &stream.consumers {
                let durable = &consumer.consumer.name.value;
                let body = json!({ "stream_name": name, "config": consumer.config(), "action": "create" });
                let made = call(connection, format!("CONSUMER.CREATE.{name}.{durable}"), &body).await;
                refused.extend(made.err());
            }
        }
    }
    refused
}

/// What is answered to a message: `kept`, the code of a refusal, `nobody`, or `silence`.
async fn answer(connection: &Connection, subject: &str) -> String {
    let client = connection.client();
    let request = client.request(subject.to_owned(), "{}".into());
    let Ok(answer) = tokio::time::timeout(SILENCE, request).await else {
        return "silence".to_owned();
    };
    let Ok(answer) = answer else {
        return "nobody".to_owned();
    };
    let answer: Value = serde_json::from_slice(&answer.payload).expect("JSON");
    match answer.pointer("/error/err_code") {
        Some(code) => code.to_string(),
        None => "kept".to_owned(),
    }
}

async fn messages(connection: &Connection, stream: &str) -> u64 {
    let info = call(connection, format!("STREAM.INFO.{stream}"), &Value::Null).await;
    let info = info.expect("a stream");
    info.pointer("/state/messages")
        .and_then(Value::as_u64)
        .expect("a number")
}

async fn see(sight: Sight, contracts: &[Contract], server: &mut Server, connection: &Connection) -> String {
    let streams = || contracts.iter().flat_map(|contract| contract.streams.values());
    let first = streams().next().expect("a stream");
    let consumer = async || {
        let stream = streams()
            .find(|stream| !stream.consumers.is_empty())
            .expect("a consumer");
        let (stream, name) = (&stream.name.value, stream.consumers.keys().next().expect("a consumer"));
        call(connection, format!("CONSUMER.INFO.{stream}.{name}"), &Value::Null)
            .await
            .expect("a consumer")
    };
    match sight {
        Answer(subject) => answer(connection, subject).await,
        Full => {
            for _ in 0..1_000 {
                assert_eq!(answer(connection, PLACED).await, "kept");
            }
            answer(connection, PLACED).await
        }
        Kept(subject) => {
            assert_eq!(answer(connection, subject).await, "kept");
            messages(connection, &first.name.value).await.to_string()
        }
        Grows(subject) => {
            assert_eq!(answer(connection, subject).await, "kept");
            let last = streams().last().expect("a stream");
            let until = Instant::now() + PATIENCE;
            // Here it grows, and there it stays, once it has come at all.
            loop {
                let number = messages(connection, &last.name.value).await;
                if number >= 100 {
                    return "100".to_owned();
                }
                if number > 0
                    && tokio::time::timeout(SILENCE, std::future::pending::<()>())
                        .await
                        .is_err()
                {
                    let now = messages(connection, &last.name.value).await;
                    if now == number {
                        return number.to_string();
                    }
                }
                assert!(Instant::now() < until, "nothing is published again");
            }
        }
        Restarted(subject) => {
            assert_eq!(answer(connection, subject).await, "kept");
            server.restart().await.expect("a server");
            let connection = Connection::builder(server.url()).connect().await.expect("a connection");
            let info = call(&connection, format!("STREAM.INFO.{}", first.name.value), &Value::Null).await;
            let number = info
                .ok()
                .and_then(|info| info.pointer("/state/messages").and_then(Value::as_u64));
            number.unwrap_or_default().to_string()
        }
        Waiting(subject) => {
            // Whether the stream keeps it or not, there is an answer once it has been looked at.
            answer(connection, subject).await;
            let info = consumer().await;
            info.get("num_pending").expect("a number").to_string()
        }
        AckWait => {
            let info = consumer().await;
            let wait = info
                .pointer("/config/ack_wait")
                .and_then(Value::as_u64)
                .expect("a number");
            (wait / 1_000_000_000).to_string()
        }
    }
}

fn page(rule: &str) -> Page {
    let rule = rules::all().find(|known| known.code == rule);
    Page::parse(rule.expect("a rule").page).expect("a page")
}

/// What is wrong with a row on a server of its own.
async fn faults(row: &Row) -> Vec<String> {
    let page = page(row.rule);
    let mut faults = Vec::new();
    for (name, section) in [("Fails", &page.fails), ("Passes", &page.passes)] {
        let contracts = contracts(section);
        let mut builder = Server::builder();
        if row.rule == "accounts/budget" {
            builder = builder.config(
                "accounts { A { jetstream { max_file: 10GiB }, users: [{ user: a, password: a }] } }\nno_auth_user: a",
            );
        }
        let mut server = builder.start().await.expect("a server");
        let connection = Connection::builder(server.url()).connect().await.expect("a connection");
        let refused = provision(&connection, &contracts).await;
        let fails = name == "Fails";
        match row.verdict {
            Refuses(code) if fails && !refused.contains(&code) => {
                faults.push(format!("{}: the server refuses `Fails` with {refused:?}", row.rule));
            }
            Refuses(_) if fails => {}
            _ if !refused.is_empty() => {
                faults.push(format!("{}: the server refuses `{name}` with {refused:?}", row.rule));
            }
            Refuses(_) => {}
            Shows(sight, bad, good) => {
                let expected = if fails { bad } else { good };
                let seen = see(sight, &contracts, &mut server, &connection).await;
                if seen != expected {
                    faults.push(format!("{}: `{name}` shows {seen}, not {expected}", row.rule));
                }
            }
        }
    }
    faults
}

#[tokio::test]
async fn the_server_has_the_same_verdict() {
    let mut all = Vec::new();
    for row in ROWS {
        all.extend(faults(row).await);
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[tokio::test]
async fn a_cluster_has_the_same_verdict() {
    let mut cluster = Cluster::start().await.expect("a cluster");
    for row in IN_A_CLUSTER {
        let page = page(row.rule);
        for (name, section) in [("Fails", &page.fails), ("Passes", &page.passes)] {
            let connection = Connection::builder(cluster.server(0).url())
                .connect()
                .await
                .expect("a connection");
            let contracts = contracts(section);
            let refused = provision(&connection, &contracts).await;
            let expected = match row.verdict {
                Refuses(code) if name == "Fails" => BTreeSet::from([code]),
                _ => BTreeSet::new(),
            };
            assert_eq!(refused, expected, "{}: `{name}`", row.rule);
            for stream in contracts.iter().flat_map(|contract| contract.streams.keys()) {
                let deleted = call(&connection, format!("STREAM.DELETE.{stream}"), &Value::Null).await;
                deleted.expect("a stream that is deleted");
            }
        }
    }
}
