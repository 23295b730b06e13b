//! Requests and services.

use std::sync::Arc;
use std::time::{Duration, Instant};

use natsmith_runtime::gather::Ended;
use natsmith_runtime::request::{RequestErrorKind, SERVICE_ERROR, SERVICE_ERROR_CODE};
use natsmith_runtime::serve::ServeErrorKind;
use natsmith_runtime::service::{Provider, ServiceDescription};
use natsmith_runtime::testing::Server;
use natsmith_runtime::{
    Connection, Endpoint, FailingSubject, Gather, Message, ServiceError, Serving, TypedSubject, access,
};
use tokio::sync::Notify;

use crate::contract::{QueryFilter, QuerySubject, Status, connect, server, soon};

type Asking = Endpoint<QuerySubject, access::Ask>;
type Answering = Endpoint<QuerySubject, access::Answer>;

fn query(agent: &str) -> QueryFilter {
    QuerySubject::filter().agent(agent)
}

/// A service that answers by the query's load: an answer, an error, a panic, a false answer, a large answer,
/// none at all.
async fn answer(query: Message<QuerySubject>) -> Result<Status, ServiceError> {
    match query.payload.load {
        1 => Err(ServiceError::new(404, "no such\nagent")),
        2 => panic!("this handler panics on purpose"),
        3 => Ok(Status::of("a1", 1000)),
        4 => Ok(Status {
            note: "x".repeat(2000),
            ..Status::of("a1", 4)
        }),
        5 => std::future::pending().await,
        load => Ok(Status::of(&query.subject.agent.to_string(), load + 1)),
    }
}

#[tokio::test]
async fn every_request_is_answered_somehow() {
    let server = Server::builder().config("max_payload: 1024").start().await.unwrap();
    let nats = connect(&server).await;
    let serving = Answering::new(&nats, QuerySubject::filter())
        .serve(answer)
        .await
        .unwrap();
    let mut errors = serving.errors();
    let ask = Asking::new(&nats, query("a1"));

    assert_eq!(
        soon(ask.request(&Status::of("x", 10))).await.unwrap(),
        Status::of("a1", 11)
    );

    let error = soon(ask.request(&Status::of("x", 1))).await.unwrap_err();
    assert_eq!(error.kind(), RequestErrorKind::Service { code: 404 });
    assert_eq!(error.service_error(), Some(&ServiceError::new(404, "no such agent")));
    assert_eq!(
        error.to_string(),
        "the service answered with an error: 404: no such agent"
    );
    assert_eq!(soon(errors.next()).await.unwrap().kind(), ServeErrorKind::Handler);

    for (load, told) in [
        (2, ServeErrorKind::Panic),
        (3, ServeErrorKind::InvalidReply),
        (4, ServeErrorKind::Unsent),
    ] {
        let error = soon(ask.request(&Status::of("x", load))).await.unwrap_err();
        assert_eq!(error.kind(), RequestErrorKind::Service { code: 500 }, "{error}");
        assert_eq!(soon(errors.next()).await.unwrap().kind(), told);
    }

    for document in ["", "{", "[]", r#"{"agent":"x","load":101}"#] {
        let reply = soon(nats.client().request("agents.a1.query", document.into()))
            .await
            .unwrap();
        let headers = reply.headers.unwrap();
        assert_eq!(headers.get(SERVICE_ERROR_CODE).unwrap().as_str(), "400");
        assert!(headers.get(SERVICE_ERROR).unwrap().as_str().contains("agents.a1.query"));
        let error = soon(errors.next()).await.unwrap();
        assert_eq!(error.kind(), ServeErrorKind::InvalidRequest);
    }

    // A message without a reply subject: nobody to answer, but not unnoticed.
    nats.client()
        .publish("agents.a1.query", r#"{"agent":"x","load":1}"#.into())
        .await
        .unwrap();
    assert_eq!(
        soon(errors.next()).await.unwrap().kind(),
        ServeErrorKind::NoReplySubject
    );
    assert_eq!(serving.error_count(), 9);
    // After all this the service is well.
    assert_eq!(soon(ask.request(&Status::of("x", 10))).await.unwrap().load, 11);
}

#[tokio::test]
async fn silence_is_a_timeout_and_absence_is_told_at_once() {
    let server = server().await;
    let nats = connect(&server).await;
    let ask = Asking::new(&nats, query("a1"));
    let started = Instant::now();
    let error = soon(ask.request(&Status::of("x", 5))).await.unwrap_err();
    assert_eq!(error.kind(), RequestErrorKind::NoResponders);
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "the server says so without waiting"
    );

    let _serving = Answering::new(&nats, QuerySubject::filter())
        .serve(answer)
        .await
        .unwrap();
    let started = Instant::now();
    let error = soon(ask.request_within(&Status::of("x", 5), Duration::from_millis(100)))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), RequestErrorKind::TimedOut);
    assert!(started.elapsed() >= Duration::from_millis(100));
    assert!(
        error.to_string().contains("waited 100ms; the connection is connected"),
        "{error}"
    );
}

#[tokio::test]
async fn requests_and_answers_that_break_the_contract_are_errors() {
    let server = Server::builder().config("max_payload: 1024").start().await.unwrap();
    let nats = connect(&server).await;
    let ask = Asking::new(&nats, query("a1"));
    let refused = ask.request(&Status::of("x", 101)).await.unwrap_err();
    assert_eq!(refused.kind(), RequestErrorKind::InvalidRequest);
    let large = Status {
        note: "x".repeat(2000),
        ..Status::of("x", 1)
    };
    assert_eq!(
        ask.request(&large).await.unwrap_err().kind(),
        RequestErrorKind::MaxPayloadExceeded
    );
    let nowhere = Asking::new(&nats, QuerySubject::filter());
    assert_eq!(
        nowhere.request(&Status::of("x", 1)).await.unwrap_err().kind(),
        RequestErrorKind::Subject
    );

    // Another program answers with something else.
    let client = nats.client().clone();
    let mut requests = client.subscribe("agents.*.query").await.unwrap();
    let false_service = tokio::spawn(async move {
        use futures_util::StreamExt;
        while let Some(request) = requests.next().await {
            client
                .publish(request.reply.unwrap(), r#"{"agent":"a1"}"#.into())
                .await
                .unwrap();
        }
    });
    let error = soon(ask.request(&Status::of("x", 1))).await.unwrap_err();
    assert_eq!(error.kind(), RequestErrorKind::InvalidReply);
    assert!(error.to_string().contains("/load"), "{error}");
    false_service.abort();
}

#[tokio::test]
async fn a_stream_that_captures_requests_is_named() {
    let server = server().await;
    let nats = connect(&server).await;
    let created = nats
        .client()
        .request(
            "$JS.API.STREAM.CREATE.greedy",
            r#"{"name":"greedy","subjects":["agents.>"]}"#.into(),
        )
        .await
        .unwrap();
    assert!(!String::from_utf8_lossy(&created.payload).contains("\"error\""));
    let error = soon(Asking::new(&nats, query("a1")).request(&Status::of("x", 1)))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), RequestErrorKind::InvalidReply);
    assert!(error.to_string().contains("stream `greedy`"), "{error}");
}

#[tokio::test]
async fn stopping_and_draining_finish_the_requests_in_hand() {
    for drain in [false, true] {
        let server = server().await;
        let nats = connect(&server).await;
        let asking = connect(&server).await;
        let (entered, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let serving = Answering::new(&nats, QuerySubject::filter())
            .serve({
                let (entered, release) = (entered.clone(), release.clone());
                move |query| {
                    let (entered, release) = (entered.clone(), release.clone());
                    async move {
                        entered.notify_one();
                        release.notified().await;
                        Ok(query.payload)
                    }
                }
            })
            .await
            .unwrap();
        nats.round_trip().await.unwrap();
        let asked = tokio::spawn(async move { Asking::new(&asking, query("a1")).request(&Status::of("x", 7)).await });
        soon(entered.notified()).await;
        if drain {
            let draining = tokio::spawn(async move { nats.drain(Duration::from_secs(5)).await });
            release.notify_one();
            soon(draining).await.unwrap().unwrap();
            assert!(serving.is_finished());
        } else {
            let stopping = tokio::spawn(serving.stop());
            release.notify_one();
            soon(stopping).await.unwrap();
            // Nobody answers any more.
            let error = Asking::new(&nats, query("a1"))
                .request(&Status::of("x", 7))
                .await
                .unwrap_err();
            assert_eq!(error.kind(), RequestErrorKind::NoResponders);
        }
        assert_eq!(soon(asked).await.unwrap().unwrap(), Status::of("x", 7));
    }
}

#[tokio::test]
async fn a_dropped_service_stops_and_a_detached_one_goes_on() {
    let server = server().await;
    let nats = connect(&server).await;
    let ask = Asking::new(&nats, query("a1"));
    drop(
        Answering::new(&nats, QuerySubject::filter())
            .serve(answer)
            .await
            .unwrap(),
    );
    soon(async { while ask.request(&Status::of("x", 10)).await.is_ok() {} }).await;
    Answering::new(&nats, QuerySubject::filter())
        .serve(answer)
        .await
        .unwrap()
        .detach();
    assert_eq!(soon(ask.request(&Status::of("x", 10))).await.unwrap().load, 11);
    nats.drain(Duration::from_secs(5)).await.unwrap();
}

#[tokio::test]
async fn many_requests_are_handled_at_a_time() {
    let server = server().await;
    let nats = Connection::builder(server.url()).connect().await.unwrap();
    let barrier = Arc::new(tokio::sync::Barrier::new(100));
    let _serving = Answering::new(&nats, QuerySubject::filter())
        .serve(move |query| {
            let barrier = barrier.clone();
            async move {
                barrier.wait().await;
                Ok(query.payload)
            }
        })
        .await
        .unwrap();
    let ask = Asking::new(&nats, query("a1"));
    let asked = (0..100).map(|load| {
        let ask = ask.clone();
        async move { ask.request(&Status::of("x", load)).await.unwrap().load }
    });
    let answers = soon(futures_util::future::join_all(asked)).await;
    assert_eq!(answers, (0..100).collect::<Vec<_>>());
}

/// A service that answers every query with its own name.
async fn answers(nats: &Connection, name: &'static str) -> Serving {
    Answering::new(nats, QuerySubject::filter())
        .serve(move |query| async move {
            match name {
                "faulty" => Err(ServiceError::new(503, "not now")),
                _ => Ok(Status::of(name, query.payload.load)),
            }
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn answers_of_several_are_gathered_until_all_have_answered() {
    let server = server().await;
    let nats = connect(&server).await;
    let asker = Asking::new(&nats, query("a"));
    let nobody = asker.gather(&Status::of("a", 1)).await.unwrap_err();
    assert_eq!(nobody.kind(), RequestErrorKind::NoResponders);

    let _services = [answers(&nats, "x").await, answers(&nats, "y").await];
    let three = Gather {
        expected: Some(2),
        deadline: Duration::from_secs(60),
        silence: None,
    };
    let replies = soon(asker.gather_within(&Status::of("a", 1), three)).await.unwrap();
    let mut names: Vec<_> = replies
        .complete()
        .unwrap()
        .into_iter()
        .map(|status| status.agent)
        .collect();
    names.sort();
    assert_eq!(names, ["x", "y"]);

    // A fault is an answer too: all have answered, and what came is partial.
    let _faulty = answers(&nats, "faulty").await;
    let three = Gather {
        expected: Some(3),
        ..three
    };
    let partial = soon(asker.gather_within(&Status::of("a", 1), three)).await.unwrap();
    let partial = partial.complete().unwrap_err();
    assert_eq!((partial.replies.len(), partial.ended), (2, Ended::Count));
    let kinds: Vec<_> = partial
        .faults
        .iter()
        .map(natsmith_runtime::error::Error::kind)
        .collect();
    assert_eq!(kinds, [RequestErrorKind::Service { code: 503 }]);
}

#[tokio::test]
async fn answers_that_do_not_come_end_the_gathering_by_silence_or_by_the_deadline() {
    let server = server().await;
    let nats = connect(&server).await;
    let asker = Asking::new(&nats, query("a"));
    let _service = answers(&nats, "x").await;
    for (expected, deadline, silence, ended) in [
        (None, 60_000, Some(200), Ended::Silence),
        (Some(2), 60_000, Some(200), Ended::Silence),
        (Some(2), 200, None, Ended::Deadline),
        (Some(2), 200, Some(60_000), Ended::Deadline),
    ] {
        let plan = Gather {
            expected,
            deadline: Duration::from_millis(deadline),
            silence: silence.map(Duration::from_millis),
        };
        let gathered = soon(asker.gather_within(&Status::of("a", 1), plan)).await.unwrap();
        assert_eq!(gathered.replies().len(), 1);
        assert_eq!(gathered.complete().unwrap_err().ended, ended);
    }
}

#[tokio::test]
async fn an_error_carries_a_payload_of_the_contract() {
    let server = Server::builder().config("max_payload: 1024").start().await.unwrap();
    let nats = connect(&server).await;
    let handler = |query: Message<QuerySubject>| async move {
        Err(match query.payload.load {
            1 => QuerySubject::error(409, "busy", &Status::of("a2", 7)),
            2 => QuerySubject::error(409, "busy", &Status::of("a2", 101)),
            3 => QuerySubject::error(
                409,
                "busy",
                &Status {
                    note: "x".repeat(2000),
                    ..Status::of("a2", 7)
                },
            ),
            _ => ServiceError::new(503, "not now"),
        })
    };
    let serving = Answering::new(&nats, QuerySubject::filter())
        .serve(handler)
        .await
        .unwrap();
    let description = ServiceDescription {
        name: "desk",
        version: "1.0.0",
        description: "",
        metadata: &[],
    };
    let desk = connect(&server).await;
    let providing = Provider::start(&desk, &description)
        .await
        .unwrap()
        .endpoint("query", QuerySubject::filter().agent("counted"), handler)
        .await
        .unwrap()
        .finish();
    desk.round_trip().await.unwrap();
    for (agent, errors) in [("plain", &serving), ("counted", &providing.endpoints()[0])] {
        let ask = Asking::new(&nats, query(agent));
        let before = errors.error_count();
        for (load, code, detail) in [(1, 409, Some(7)), (2, 409, None), (3, 409, None), (4, 503, None)] {
            let error = soon(ask.request(&Status::of("x", load))).await.unwrap_err();
            assert_eq!(error.kind(), RequestErrorKind::Service { code }, "{error}");
            let found = error.service_error().and_then(QuerySubject::detail);
            assert_eq!(found.map(|found| found.unwrap().load), detail, "{agent} {load}");
        }
        // What the schema refuses is told to who provides, and what cannot be sent is left out.
        assert_eq!(errors.error_count() - before, 5);
    }
    let stats = providing.stats().await;
    assert_eq!((stats["query"].requests, stats["query"].errors), (4, 4));

    // A payload of another make is told apart from none.
    let client = nats.client().clone();
    let mut requests = client.subscribe("agents.strange.query").await.unwrap();
    tokio::spawn(async move {
        use futures_util::StreamExt;
        while let Some(request) = requests.next().await {
            let mut headers = natsmith_runtime::async_nats::HeaderMap::new();
            headers.insert(SERVICE_ERROR_CODE, "418");
            let reply = request.reply.unwrap();
            client.publish_with_headers(reply, headers, "[]".into()).await.unwrap();
        }
    });
    let strange = Asking::new(&nats, query("strange"));
    let error = soon(strange.request(&Status::of("x", 1))).await.unwrap_err();
    assert_eq!(error.kind(), RequestErrorKind::Service { code: 418 });
    assert!(error.service_error().and_then(QuerySubject::detail).unwrap().is_err());
}

/// A user whose inboxes begin otherwise than allowed is told what to do, where it waits in vain and among the events.
#[tokio::test]
async fn an_inbox_that_is_not_allowed_is_told_with_the_way_out() {
    let config = "authorization { users: [ { user: u, password: p, permissions: \
                  { publish: [\"agents.>\"], subscribe: [\"_INBOX_me.>\"] } } ] }";
    let server = Server::builder().config(config).start().await.unwrap();
    let builder = Connection::builder(server.url()).user_and_password("u", "p");
    let nats = builder.clone().connect().await.unwrap();
    let mut events = nats.events();
    let asking = Asking::new(&nats, query("a1"));
    let error = asking
        .request_within(&Status::of("x", 10), Duration::from_millis(300))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), RequestErrorKind::TimedOut);
    let told = format!("{error}: {}", std::error::Error::source(&error).unwrap());
    assert!(
        told.contains("`_INBOX`") && told.contains("set `inbox_prefix`"),
        "{told}"
    );
    let event = soon(events.next()).await.unwrap().to_string();
    assert!(event.contains("set `inbox_prefix`"), "{event}");

    let nats = builder.inbox_prefix("_INBOX_me").connect().await.unwrap();
    let error = soon(Asking::new(&nats, query("a1")).request(&Status::of("x", 10)))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), RequestErrorKind::NoResponders, "{error}");
}
