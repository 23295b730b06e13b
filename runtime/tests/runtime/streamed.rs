//! Answers in chunks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use natsmith_runtime::async_nats::{HeaderMap, Message as Raw};
use natsmith_runtime::headers::{CREDIT, END, IDLE, SEQUENCE};
use natsmith_runtime::request::RequestErrorKind;
use natsmith_runtime::serve::ServeErrorKind;
use natsmith_runtime::streamed::{ChunkErrorKind, SinkErrorKind};
use natsmith_runtime::testing::Server;
use natsmith_runtime::{
    ChunkSink, Connection, Endpoint, Message, ServiceError, Serving, Streamed, StreamedSubject, TypedSubject, access,
};
use tokio::sync::{Notify, mpsc};

use crate::contract::{FeedSubject, Status, connect, server, soon};

type Asking = Endpoint<FeedSubject, access::Ask>;
type Answering = Endpoint<FeedSubject, access::Answer>;

const SILENCE: Duration = FeedSubject::STREAMED.silence;

fn asking(nats: &Connection) -> Asking {
    Asking::new(nats, FeedSubject::filter().agent("a1"))
}

fn answering(nats: &Connection) -> Answering {
    Answering::new(nats, FeedSubject::filter())
}

/// A service that answers with as many chunks as the request's load says, and then ends as its note says.
async fn count(nats: &Connection) -> Serving {
    let serving = answering(nats)
        .serve_streamed(|request: Message<FeedSubject>, mut sink| async move {
            for number in 1..=request.payload.load {
                sink.send(&Status::of("a1", number)).await?;
            }
            match request.payload.note.as_str() {
                "error" => Err(ServiceError::new(503, "out of numbers")),
                "panic" => panic!("this handler panics on purpose"),
                "invalid" => Ok(sink.send(&Status::of("a1", 1000)).await?),
                _ => Ok(()),
            }
        })
        .await
        .unwrap();
    nats.round_trip().await.unwrap();
    serving
}

fn request(load: u64, note: &str) -> Status {
    Status {
        note: note.to_owned(),
        ..Status::of("a1", load)
    }
}

#[tokio::test]
async fn chunks_come_in_order_and_end() {
    let server = server().await;
    let (nats, other) = (connect(&server).await, connect(&server).await);
    let serving = count(&nats).await;
    for load in [0, 1, 4, 100] {
        let chunks = asking(&other).open(&request(load, "")).await.unwrap();
        let loads: Vec<_> = soon(chunks.collect_all())
            .await
            .unwrap()
            .into_iter()
            .map(|status| status.load)
            .collect();
        assert_eq!(loads, (1..=load).collect::<Vec<_>>());
    }
    // A window of one is lock-step.
    let plan = Streamed {
        window: 1,
        silence: SILENCE,
    };
    let chunks = asking(&other).open_with(&request(20, ""), plan).await.unwrap();
    assert_eq!(soon(chunks.collect_all()).await.unwrap().len(), 20);
    assert_eq!(serving.error_count(), 0);
}

#[tokio::test]
async fn an_answer_that_does_not_end_well_ends_with_an_error() {
    let server = server().await;
    let (nats, other) = (connect(&server).await, connect(&server).await);
    let ask = asking(&other);
    let nobody = soon(ask.open(&request(1, ""))).await.unwrap_err();
    assert_eq!(nobody.kind(), RequestErrorKind::NoResponders);

    let serving = count(&nats).await;
    let mut errors = serving.errors();
    for (note, code, told) in [
        ("error", 503, ServeErrorKind::Handler),
        ("panic", 500, ServeErrorKind::Panic),
        ("invalid", 500, ServeErrorKind::Handler),
    ] {
        let mut chunks = soon(ask.open(&request(6, note))).await.unwrap();
        for _ in 0..6 {
            soon(chunks.next()).await.unwrap().unwrap();
        }
        let error = soon(chunks.next()).await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ChunkErrorKind::Service { code }, "{error}");
        assert_eq!(error.service_error().unwrap().code, code);
        assert!(soon(chunks.next()).await.is_none(), "an error is the last item");
        assert_eq!(soon(errors.next()).await.unwrap().kind(), told);
    }

    // What breaks the contract is refused on both sides, before anything is streamed.
    let invalid = ask.open(&request(1000, "")).await.unwrap_err();
    assert_eq!(invalid.kind(), RequestErrorKind::InvalidRequest);
    let answer = soon(other.client().request("agents.a1.feed", "{".into()))
        .await
        .unwrap();
    let headers = answer.headers.unwrap();
    assert_eq!(headers.get("Nats-Service-Error-Code").unwrap().as_str(), "400");
    assert_eq!(
        soon(errors.next()).await.unwrap().kind(),
        ServeErrorKind::InvalidRequest
    );
    nats.client()
        .publish("agents.a1.feed", r#"{"agent":"x","load":1}"#.into())
        .await
        .unwrap();
    assert_eq!(
        soon(errors.next()).await.unwrap().kind(),
        ServeErrorKind::NoReplySubject
    );
}

/// A service that sends chunks as long as it may, counts them, and tells how it ended.
async fn endless(nats: &Connection) -> (Serving, Arc<AtomicU64>, mpsc::UnboundedReceiver<SinkErrorKind>) {
    let sent = Arc::new(AtomicU64::new(0));
    let (ended, endings) = mpsc::unbounded_channel();
    let serving = answering(nats)
        .serve_streamed({
            let sent = sent.clone();
            move |_, mut sink: ChunkSink<FeedSubject>| {
                let (sent, ended) = (sent.clone(), ended.clone());
                async move {
                    loop {
                        if let Err(error) = sink.send(&Status::of("a1", 1)).await {
                            assert!(sink.is_cancelled());
                            ended.send(error.kind()).unwrap();
                            return Err(error.into());
                        }
                        sent.store(sink.sent(), Ordering::Relaxed);
                    }
                }
            }
        })
        .await
        .unwrap();
    nats.round_trip().await.unwrap();
    (serving, sent, endings)
}

#[tokio::test]
async fn a_slow_reader_holds_the_responder_back_and_loses_nothing() {
    let server = server().await;
    let (nats, other) = (connect(&server).await, connect(&server).await);
    let (serving, sent, mut endings) = endless(&nats).await;
    let mut chunks = soon(asking(&other).open(&request(1, ""))).await.unwrap();
    soon(async {
        while sent.load(Ordering::Relaxed) < 4 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    // Longer than either side may be silent: both give signs of life.
    let wait = tokio::time::timeout(2 * SILENCE, std::future::pending::<()>());
    assert!(wait.await.is_err());
    assert_eq!(sent.load(Ordering::Relaxed), 4, "as many as the window holds");
    for taken in 1..=50 {
        soon(chunks.next()).await.unwrap().unwrap();
        assert!(sent.load(Ordering::Relaxed) <= taken + 4);
    }
    drop(chunks);
    assert_eq!(soon(endings.recv()).await, Some(SinkErrorKind::Cancelled));
    assert_eq!(serving.error_count(), 0, "to be cancelled is no error");
}

#[tokio::test]
async fn a_responder_that_takes_its_time_is_not_lost() {
    let server = server().await;
    let (nats, other) = (connect(&server).await, connect(&server).await);
    let _serving = answering(&nats)
        .serve_streamed(|_, mut sink| async move {
            for number in 1..=2 {
                tokio::time::sleep(2 * SILENCE).await;
                sink.send(&Status::of("a1", number)).await?;
            }
            Ok(())
        })
        .await
        .unwrap();
    nats.round_trip().await.unwrap();
    let chunks = soon(asking(&other).open(&request(1, ""))).await.unwrap();
    assert_eq!(soon(chunks.collect_all()).await.unwrap().len(), 2);
}

/// Neither side may hear or reach the inboxes of the other: each may only send to reply subjects, and only for a moment after it has heard
/// them. The answer takes several such moments.
#[tokio::test]
async fn an_answer_is_longer_than_the_permission_to_respond() {
    let user = |name: &str, publish: &str, subscribe: &str| {
        format!(
            "{{ user: {name}, password: p, permissions: {{ publish: [\"_INBOX_{name}.>\", \"{publish}\"], \
             subscribe: [\"_INBOX_{name}.>\", \"{subscribe}\"], allow_responses: {{ max: -1, expires: \"1s\" }} }} }}"
        )
    };
    let wildcard = FeedSubject::WILDCARD;
    let users = [user("asker", wildcard, "none"), user("answerer", "none", wildcard)].join("\n");
    let config = format!("authorization {{ users: [\n{users}\n] }}");
    let server = Server::builder().config(config).start().await.unwrap();
    let as_user = |name: &str| {
        let builder = Connection::builder(server.url()).user_and_password(name, "p");
        builder.inbox_prefix(format!("_INBOX_{name}")).connect()
    };
    let (nats, other) = (as_user("answerer").await.unwrap(), as_user("asker").await.unwrap());
    let _serving = answering(&nats)
        .serve_streamed(|_, mut sink| async move {
            for number in 1..=3 {
                tokio::time::sleep(2 * SILENCE).await;
                sink.send(&Status::of("a1", number)).await?;
            }
            Ok(())
        })
        .await
        .unwrap();
    nats.round_trip().await.unwrap();
    let chunks = soon(asking(&other).open(&request(1, ""))).await.unwrap();
    assert_eq!(soon(chunks.collect_all()).await.unwrap().len(), 3);
    assert!(!server.log().contains("Violation"), "{}", server.log());
}

#[tokio::test]
async fn a_handler_that_works_long_learns_that_nobody_waits() {
    let server = server().await;
    let (nats, other) = (connect(&server).await, connect(&server).await);
    let cancelled = Arc::new(Notify::new());
    let _serving = answering(&nats)
        .serve_streamed({
            let cancelled = cancelled.clone();
            move |_, sink| {
                let cancelled = cancelled.clone();
                async move {
                    sink.cancelled().await;
                    cancelled.notify_one();
                    Ok(())
                }
            }
        })
        .await
        .unwrap();
    nats.round_trip().await.unwrap();
    drop(soon(asking(&other).open(&request(1, ""))).await.unwrap());
    soon(cancelled.notified()).await;
}

/// What runs somewhere else and dies without a word.
struct Elsewhere(Option<tokio::runtime::Runtime>);

impl Elsewhere {
    fn new() -> Self {
        Self(Some(tokio::runtime::Runtime::new().unwrap()))
    }

    async fn run<T: Send + 'static>(&self, future: impl Future<Output = T> + Send + 'static) -> T {
        self.0.as_ref().unwrap().spawn(future).await.unwrap()
    }

    fn die(&mut self) {
        self.0.take().unwrap().shutdown_background();
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

#[tokio::test]
async fn a_responder_that_dies_is_an_error_and_no_hang() {
    let server = Arc::new(server().await);
    let mut elsewhere = Elsewhere::new();
    let their_server = server.clone();
    let _nats = elsewhere
        .run(async move {
            let nats = connect(&their_server).await;
            let (serving, ..) = endless(&nats).await;
            serving.detach();
            nats
        })
        .await;
    let nats = connect(&server).await;
    let mut chunks = soon(asking(&nats).open(&request(1, ""))).await.unwrap();
    for _ in 0..10 {
        soon(chunks.next()).await.unwrap().unwrap();
    }
    elsewhere.die();
    let error = loop {
        match soon(chunks.next()).await.unwrap() {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ChunkErrorKind::ResponderLost, "{error}");
    assert!(soon(chunks.next()).await.is_none());
}

#[tokio::test]
async fn a_requester_that_dies_stops_the_responder() {
    let server = Arc::new(server().await);
    let nats = connect(&server).await;
    let (_serving, sent, mut endings) = endless(&nats).await;
    let mut elsewhere = Elsewhere::new();
    let their_server = server.clone();
    let _chunks = elsewhere
        .run(async move {
            let nats = connect(&their_server).await;
            asking(&nats).open(&request(1, "")).await.unwrap()
        })
        .await;
    soon(async {
        while sent.load(Ordering::Relaxed) < 4 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    elsewhere.die();
    assert_eq!(soon(endings.recv()).await, Some(SinkErrorKind::Cancelled));
}

#[tokio::test]
async fn a_server_that_restarts_ends_the_answer_on_both_sides() {
    let mut server = server().await;
    let (nats, other) = (connect(&server).await, connect(&server).await);
    let (_serving, _, mut endings) = endless(&nats).await;
    let mut chunks = soon(asking(&other).open(&request(1, ""))).await.unwrap();
    for _ in 0..10 {
        soon(chunks.next()).await.unwrap().unwrap();
    }
    server.stop().await.unwrap();
    // What had arrived can still be read; then nothing more comes while the server is away.
    let error = loop {
        match soon(chunks.next()).await.unwrap() {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ChunkErrorKind::ResponderLost, "{error}");
    assert_eq!(soon(endings.recv()).await, Some(SinkErrorKind::Cancelled));
    server.restart().await.unwrap();
    // The service is there again, for new requests.
    let chunks = soon(async {
        loop {
            match asking(&other).open(&request(1, "")).await {
                Ok(chunks) => break chunks,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    });
    assert!(chunks.await.next().await.unwrap().is_ok());
}

#[tokio::test]
async fn the_first_of_several_responders_answers() {
    let server = server().await;
    let (nats, other) = (connect(&server).await, connect(&server).await);
    let (_first, one, mut endings) = endless(&nats).await;
    let (_second, two, mut other_endings) = endless(&other).await;
    let mut chunks = soon(asking(&nats).open(&request(1, ""))).await.unwrap();
    for _ in 0..20 {
        soon(chunks.next()).await.unwrap().unwrap();
    }
    // The other one was told to stop; it got no further than its window.
    let stopped = soon(async {
        tokio::select! { ended = endings.recv() => ended, ended = other_endings.recv() => ended }
    });
    assert_eq!(stopped.await, Some(SinkErrorKind::Cancelled));
    let (one, two) = (one.load(Ordering::Relaxed), two.load(Ordering::Relaxed));
    assert!(one.min(two) <= 4 && one.max(two) >= 20, "{one} and {two}");
}

fn with(headers: &[(&'static str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, *value);
    }
    map
}

/// Headers and body of a message.
type Answer = (&'static [(&'static str, &'static str)], &'static str);

/// A responder of another make: it answers with these headers and bodies, and says nothing more.
async fn stranger(nats: &Connection, messages: &'static [Answer]) {
    let client = nats.client().clone();
    let mut requests = client.subscribe("agents.a1.feed").await.unwrap();
    nats.round_trip().await.unwrap();
    tokio::spawn(async move {
        while let Some(request) = requests.next().await {
            for (headers, body) in messages {
                let inbox = request.reply.clone().unwrap();
                client
                    .publish_with_headers(inbox, with(headers), (*body).into())
                    .await
                    .unwrap();
            }
        }
    });
}

const STATUS: &str = r#"{"agent":"a1","load":1}"#;

#[tokio::test]
async fn what_a_faulty_responder_sends_is_told_apart() {
    let gap = |expected, found| ChunkErrorKind::Gap { expected, found };
    let cases: [(&'static [Answer], usize, ChunkErrorKind); 7] = [
        (
            &[(&[(SEQUENCE, "1")], STATUS), (&[(SEQUENCE, "3")], STATUS)],
            1,
            gap(2, 3),
        ),
        (
            &[(&[(SEQUENCE, "1")], STATUS), (&[(SEQUENCE, "1")], STATUS)],
            1,
            gap(2, 1),
        ),
        (&[(&[(SEQUENCE, "3"), (END, "complete")], "")], 0, gap(1, 3)),
        (&[(&[(SEQUENCE, "1")], STATUS), (&[(IDLE, "4")], "")], 1, gap(2, 5)),
        (
            &[(&[(SEQUENCE, "1")], r#"{"agent":"a1","load":101}"#)],
            0,
            ChunkErrorKind::InvalidChunk,
        ),
        (&[(&[], STATUS)], 0, ChunkErrorKind::InvalidChunk),
        (&[(&[(SEQUENCE, "1")], STATUS)], 1, ChunkErrorKind::ResponderLost),
    ];
    let server = server().await;
    for (messages, good, expected) in cases {
        let (nats, other) = (connect(&server).await, connect(&server).await);
        stranger(&other, messages).await;
        let mut chunks = soon(asking(&nats).open(&request(1, ""))).await.unwrap();
        for _ in 0..good {
            soon(chunks.next()).await.unwrap().unwrap();
        }
        let error = soon(chunks.next()).await.unwrap().unwrap_err();
        assert_eq!(error.kind(), expected, "{error}");
        assert!(chunks.next().await.is_none());
        other.drain(Duration::from_secs(5)).await.unwrap();
    }
}

#[tokio::test]
async fn a_requester_of_another_make_needs_to_give_no_credit() {
    let server = server().await;
    let (nats, other) = (connect(&server).await, connect(&server).await);
    let _serving = count(&nats).await;
    let client = other.client();
    let mut answers = client.subscribe("inbox").await.unwrap();
    client
        .publish_with_reply("agents.a1.feed", "inbox", r#"{"agent":"x","load":20}"#.into())
        .await
        .unwrap();
    let mut chunks: Vec<Raw> = Vec::new();
    let end = loop {
        let answer = soon(answers.next()).await.unwrap();
        let headers = answer.headers.clone().unwrap();
        if headers.get(IDLE).is_none() {
            if headers.get(END).is_some() {
                break headers;
            }
            chunks.push(answer);
        }
    };
    assert_eq!(chunks.len(), 20);
    assert_eq!(end.get(SEQUENCE).unwrap().as_str(), "21");

    // One that gives credit and no more signs of life is lost.
    let (_endless, _, mut endings) = endless(&nats).await;
    client
        .publish_with_reply_and_headers(
            "agents.a1.feed",
            "inbox",
            with(&[(CREDIT, "2")]),
            r#"{"agent":"x","load":2}"#.into(),
        )
        .await
        .unwrap();
    assert_eq!(soon(endings.recv()).await, Some(SinkErrorKind::Cancelled));
}
