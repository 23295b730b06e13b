//! The algebra of subjects against the server that it is about.
//!
//! The test speaks the server's protocol itself: a client library would refuse what the server is to be asked about.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use natsmith_codegen::subject::{Index, check_filter, check_subject, contains, matches, overlap};
use natsmith_runtime::testing::Server;
use serde_json::{Value, json};

/// One connection.
struct Client {
    reader: BufReader<TcpStream>,
    /// What is sent next.
    waiting: Vec<u8>,
}

/// What the server sent.
#[derive(Debug, PartialEq, Eq)]
enum Sent {
    /// To a subscription: its number, the subject, and the payload.
    Message(usize, String, Vec<u8>),
    Refusal(String),
    Pong,
}

impl Client {
    fn connect(server: &Server) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", server.port())).expect("the server listens");
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a timeout can be set");
        let mut reader = BufReader::new(stream);
        reader.read_line(&mut String::new()).expect("the server says who it is");
        let mut client = Self {
            reader,
            waiting: Vec::new(),
        };
        client.send("CONNECT {\"verbose\":false,\"pedantic\":true}");
        client
    }

    fn send(&mut self, line: &str) {
        self.waiting.extend(line.as_bytes());
        self.waiting.extend(b"\r\n");
    }

    fn subscribe(&mut self, filter: &str, number: usize) {
        self.send(&format!("SUB {filter} {number}"));
    }

    fn publish(&mut self, subject: &str, reply: &str, payload: &str) {
        self.send(&format!("PUB {subject} {reply} {}\r\n{payload}", payload.len()));
    }

    fn flush(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        self.reader.get_mut().write_all(&waiting).expect("the server reads");
    }

    /// Everything that the server has sent when it has seen all that was sent to it.
    fn answers(&mut self) -> Vec<Sent> {
        self.send("PING");
        self.flush();
        let mut all = Vec::new();
        loop {
            match self.next() {
                Sent::Pong => return all,
                sent => all.push(sent),
            }
        }
    }

    fn next(&mut self) -> Sent {
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line).expect("the server answers");
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["PONG"] => return Sent::Pong,
                ["PING"] => {
                    self.send("PONG");
                    self.flush();
                }
                ["-ERR", ..] => return Sent::Refusal(line.trim().to_owned()),
                ["MSG", subject, number, .., size] => {
                    let mut payload = vec![0; size.parse::<usize>().expect("a size") + 2];
                    self.reader.read_exact(&mut payload).expect("a payload");
                    payload.truncate(payload.len() - 2);
                    return Sent::Message(number.parse().expect("a number"), (*subject).to_owned(), payload);
                }
                _ => {}
            }
        }
    }

    /// Asks the JetStream API, each time when it has answered the time before: it takes no care of the order.
    fn asked(&mut self, requests: &[(String, Value)]) -> Vec<Value> {
        self.send("UNSUB 1");
        self.subscribe("answers", 1);
        let answer = |(api, request): &(String, Value)| {
            self.publish(&format!("$JS.API.{api}"), "answers", &request.to_string());
            self.flush();
            match self.next() {
                Sent::Message(1, _, payload) => serde_json::from_slice(&payload).expect("JSON"),
                other => panic!("the API answers: {other:?}"),
            }
        };
        requests.iter().map(answer).collect()
    }
}

/// The same numbers in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).expect("a small number")
    }

    fn row(&mut self, tokens: &[&str]) -> Vec<String> {
        let length = 1 + self.below(5);
        (0..length)
            .map(|_| tokens[self.below(tokens.len())].to_owned())
            .collect()
    }

    fn filter(&mut self, words: &[&str]) -> String {
        let stars = ["*"].repeat(words.len().div_ceil(2));
        let mut row = self.row(&[words, &stars].concat());
        if self.below(4) == 0 {
            row.push(">".to_owned());
        }
        row.join(".")
    }

    fn subject(&mut self, words: &[&str]) -> String {
        self.row(words).join(".")
    }
}

const WORDS: [&str; 4] = ["a", "b", "ab", "é"];

/// With some that only look like wildcards.
const ODD_WORDS: [&str; 5] = ["a", "a*", ">b", "b>", "é"];

async fn server() -> Server {
    Server::start().await.unwrap_or_else(|error| panic!("{error}"))
}

fn code(answer: &Value) -> u64 {
    answer["error"]["err_code"].as_u64().unwrap_or(0)
}

#[tokio::test]
async fn who_hears_a_subject_is_who_matches_it() {
    let server = server().await;
    let (mut client, mut numbers) = (Client::connect(&server), Numbers(0x5eed));
    let filters: Vec<String> = (0..500).map(|_| numbers.filter(&ODD_WORDS)).collect();
    let subjects: BTreeSet<String> = (0..400).map(|_| numbers.subject(&ODD_WORDS)).collect();
    for (number, filter) in filters.iter().enumerate() {
        client.subscribe(filter, number);
    }
    for subject in &subjects {
        client.publish(subject, "", "");
    }
    let heard: BTreeSet<(usize, String)> = client
        .answers()
        .into_iter()
        .map(|sent| match sent {
            Sent::Message(number, subject, _) => (number, subject),
            other => panic!("nothing is refused: {other:?}"),
        })
        .collect();
    assert!(heard.len() > 5_000, "{}", heard.len());
    let index = Index::new(&filters);
    for subject in &subjects {
        let expected: BTreeSet<usize> = (0..filters.len())
            .filter(|number| matches(&filters[*number], subject))
            .collect();
        let arrived = (0..filters.len()).filter(|number| heard.contains(&(*number, subject.clone())));
        assert_eq!(arrived.collect::<BTreeSet<_>>(), expected, "{subject}");
        assert_eq!(index.hearing(subject).collect::<BTreeSet<_>>(), expected, "{subject}");
    }
}

#[tokio::test]
async fn what_is_no_filter_or_subject_is_refused() {
    let server = server().await;
    let (mut client, mut numbers) = (Client::connect(&server), Numbers(0xf11e));
    let (mut sound, mut faulty) = (0, 0);
    for _ in 0..400 {
        let text: String = (0..=numbers.below(6))
            .map(|_| ["a", ".", "*", ">", "é"][numbers.below(5)])
            .collect();
        client.subscribe(&text, 1);
        let refused = client.answers();
        assert_eq!(
            refused.is_empty(),
            check_filter(&text).is_ok(),
            "SUB {text}: {refused:?}"
        );
        client.send("UNSUB 1");
        client.publish(&text, "", "");
        let refused = client.answers();
        assert_eq!(
            refused.is_empty(),
            check_subject(&text).is_ok(),
            "PUB {text}: {refused:?}"
        );
        sound += usize::from(refused.is_empty());
        faulty += usize::from(!refused.is_empty());
    }
    assert!(sound > 20 && faulty > 20, "{sound} and {faulty}");
}

/// Two filters below one word, so that neither is about the JetStream API itself.
fn pairs(numbers: &mut Numbers) -> Vec<(String, String)> {
    (0..250)
        .map(|_| {
            (
                format!("x.{}", numbers.filter(&WORDS)),
                format!("x.{}", numbers.filter(&WORDS)),
            )
        })
        .collect()
}

/// Holds the answers for each pair against what they are refused for.
fn held(pairs: &[(String, String)], refusal: u64, refused: fn(&str, &str) -> bool, answers: &[u64]) {
    for ((a, b), found) in pairs.iter().zip(answers) {
        let expected = if refused(a, b) { refusal } else { 0 };
        assert_eq!(*found, expected, "{a} and {b}");
    }
    let count = answers.iter().filter(|code| **code != 0).count();
    assert!(count > 20 && count + 20 < pairs.len(), "{count} of {}", pairs.len());
}

#[tokio::test]
async fn what_streams_and_consumers_must_not_share_overlaps() {
    let server = server().await;
    let mut client = Client::connect(&server);
    let pairs = pairs(&mut Numbers(0x57e4));

    let stream = |name: &str, subjects: Value| {
        let request = json!({ "name": name, "subjects": subjects, "storage": "memory" });
        (format!("STREAM.CREATE.{name}"), request)
    };
    let gone = |name: &str| (format!("STREAM.DELETE.{name}"), json!({}));

    // One stream with both.
    let requests = pairs
        .iter()
        .flat_map(|(a, b)| [stream("ONE", json!([a, b])), gone("ONE")]);
    let answers = client.asked(&requests.collect::<Vec<_>>());
    let created: Vec<u64> = answers.iter().step_by(2).map(code).collect();
    held(&pairs, 10052, overlap, &created);

    // A stream each.
    let requests = pairs
        .iter()
        .flat_map(|(a, b)| [stream("A", json!([a])), stream("B", json!([b])), gone("A"), gone("B")]);
    let answers = client.asked(&requests.collect::<Vec<_>>());
    assert!(
        answers.iter().step_by(4).all(|answer| code(answer) == 0),
        "the first one is always created"
    );
    let created: Vec<u64> = answers.iter().skip(1).step_by(4).map(code).collect();
    held(&pairs, 10065, overlap, &created);

    // What only looks like a wildcard is fixed text to whoever hears it, and not always to JetStream.
    let odd = [
        ("x.>b.*", "x.c.*"),
        ("x.*b.*", "x.c.*"),
        ("x.>b.c", "x.c.c"),
        ("x.b>.*", "x.c.*"),
    ];
    let requests = odd
        .iter()
        .flat_map(|(a, b)| [stream("ONE", json!([a, b])), gone("ONE")]);
    let answers = client.asked(&requests.collect::<Vec<_>>());
    let created: Vec<u64> = answers.iter().step_by(2).map(code).collect();
    assert_eq!(created, [10052, 10052, 0, 0]);
    assert!(odd.iter().all(|(a, b)| !overlap(a, b)));

    // A consumer with both. The server lets filters cross, and refuses only one within another.
    let consumer = |filters: Value| {
        let config =
            json!({ "ack_policy": "none", "filter_subjects": filters, "inactive_threshold": 60_000_000_000_u64 });
        (
            "CONSUMER.CREATE.ALL".to_owned(),
            json!({ "stream_name": "ALL", "config": config }),
        )
    };
    let requests = pairs.iter().map(|(a, b)| consumer(json!([a, b])));
    let requests: Vec<_> = [stream("ALL", json!(["x.>"]))].into_iter().chain(requests).collect();
    let answers = client.asked(&requests);
    assert_eq!(code(&answers[0]), 0, "{}", answers[0]);
    let created: Vec<u64> = answers.iter().skip(1).map(code).collect();
    let refused = |a: &str, b: &str| contains(a, b) || contains(b, a);
    let accepted = pairs
        .iter()
        .zip(&created)
        .filter(|((a, b), found)| **found == 0 && overlap(a, b))
        .count();
    assert!(accepted > 10, "filters that cross are accepted: {accepted}");
    held(&pairs, 10138, refused, &created);

    // What a consumer is going to deliver is what its filter matches.
    let mut numbers = Numbers(0xc0de);
    let kept: BTreeSet<String> = (0..300).map(|_| format!("x.{}", numbers.subject(&WORDS))).collect();
    for subject in &kept {
        client.publish(subject, "answers", "");
    }
    client.flush();
    for _ in &kept {
        assert!(
            matches!(client.next(), Sent::Message(1, ..)),
            "what was stored is acknowledged"
        );
    }
    let filters: BTreeSet<&String> = pairs.iter().map(|(a, _)| a).collect();
    let requests: Vec<_> = filters.iter().map(|filter| consumer(json!([filter]))).collect();
    let answers = client.asked(&requests);
    for (filter, answer) in filters.iter().zip(answers) {
        let expected = kept.iter().filter(|subject| matches(filter, subject)).count();
        assert_eq!(
            answer["num_pending"].as_u64(),
            Some(expected as u64),
            "{filter}: {answer}"
        );
    }
}
