//! Requests that are answered on a declared subject.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use natsmith_runtime::async_nats::HeaderMap;
use natsmith_runtime::headers::CORRELATION_ID;
use natsmith_runtime::request::RequestErrorKind;
use natsmith_runtime::serve::ServeErrorKind;
use natsmith_runtime::{Asker, Connection, Endpoint, Message, ServiceError, Serving, TypedSubject, access};
use tokio::sync::Notify;

use crate::contract::{HookSubject, Status, StatusSubject, connect, server, soon};

type Asking = Endpoint<HookSubject, access::Ask>;
type Answering = Endpoint<HookSubject, access::Answer>;
type Hearing = Endpoint<StatusSubject, access::Subscribe>;

async fn asker(nats: &Connection, agent: &str) -> Asker<HookSubject> {
    Asking::new(nats, HookSubject::filter().agent(agent))
        .hearing(&StatusSubject::filter().agent(agent))
        .asker()
        .await
        .unwrap()
}

fn hook(load: u64, id: &str) -> Status {
    Status {
        note: id.to_owned(),
        ..Status::of("a1", load)
    }
}

/// A service that answers by the request's load: the next number, an error, an answer to something else, an answer for
/// somebody else.
async fn answers(nats: &Connection) -> Serving {
    let serving = Answering::new(nats, HookSubject::filter())
        .serve(|request: Message<HookSubject>| async move {
            let Status { load, note, .. } = request.payload;
            let agent = request.subject.agent.to_string();
            match load {
                1 => Err(ServiceError::new(409, "already decided")),
                2 => Ok(hook(3, "another")),
                3 => Ok(Status::of("somebody-else", 3)),
                _ => Ok(Status {
                    agent,
                    load: load + 1,
                    note,
                }),
            }
        })
        .await
        .unwrap();
    nats.round_trip().await.unwrap();
    serving
}

#[tokio::test]
async fn an_answer_on_a_declared_subject_is_found_and_heard_by_others_too() {
    let server = server().await;
    let (nats, other) = (connect(&server).await, connect(&server).await);
    let asker = asker(&nats, "a1").await;
    let nobody = soon(asker.request(&hook(10, ""))).await.unwrap_err();
    assert_eq!(nobody.kind(), RequestErrorKind::NoResponders);

    let serving = answers(&other).await;
    let mut heard = Hearing::new(&other, StatusSubject::filter()).subscribe().await.unwrap();
    other.round_trip().await.unwrap();
    // By the header, and by the id that the contract names.
    for id in ["", "hook-1", "hook 2"] {
        assert_eq!(soon(asker.request(&hook(10, id))).await.unwrap(), hook(11, id));
        assert_eq!(soon(heard.next()).await.unwrap().unwrap().payload, hook(11, id));
    }

    // Many at a time, and of several parties.
    let other_asker = crate::reply_on::asker(&nats, "a2").await;
    let many = (10..60).map(|load| {
        let (asker, other_asker) = (&asker, &other_asker);
        async move {
            let (one, two) = (hook(load, ""), hook(load, &format!("hook-{load}")));
            let (one, two) = tokio::join!(asker.request(&one), other_asker.request(&two));
            assert_eq!(one.unwrap(), hook(load + 1, ""));
            let two = two.unwrap();
            assert_eq!((two.agent.as_str(), two.load), ("a2", load + 1));
        }
    });
    soon(futures_util::future::join_all(many)).await;
    assert_eq!((asker.late(), asker.unknown(), asker.missed()), (0, 0, 0));
    assert_eq!(serving.error_count(), 0);
}

#[tokio::test]
async fn what_is_no_answer_is_told_to_the_requester_alone() {
    let server = server().await;
    let (nats, other) = (connect(&server).await, connect(&server).await);
    let serving = answers(&other).await;
    let mut errors = serving.errors();
    let mut heard = Hearing::new(&nats, StatusSubject::filter()).subscribe().await.unwrap();
    let asker = asker(&nats, "a1").await;
    for (load, code, told) in [
        (1, 409, ServeErrorKind::Handler),
        (2, 500, ServeErrorKind::InvalidReply),
        (3, 500, ServeErrorKind::InvalidReply),
    ] {
        let error = soon(asker.request(&hook(load, "hook"))).await.unwrap_err();
        assert_eq!(error.kind(), RequestErrorKind::Service { code }, "{error}");
        assert_eq!(soon(errors.next()).await.unwrap().kind(), told);
    }
    // A request that does not decode is answered too, and one without an inbox is answered all the same.
    let answer = soon(nats.client().request("agents.a1.hook", "{".into())).await.unwrap();
    assert_eq!(
        answer.headers.unwrap().get("Nats-Service-Error-Code").unwrap().as_str(),
        "400"
    );
    let refused = soon(errors.next()).await.unwrap();
    assert_eq!(refused.kind(), ServeErrorKind::InvalidRequest);
    nats.client()
        .publish("agents.a1.hook", r#"{"agent":"a1","load":20}"#.into())
        .await
        .unwrap();
    let answer = soon(heard.next()).await.unwrap().unwrap();
    assert_eq!(answer.payload.load, 21, "nothing else was heard before");
    soon(async {
        while asker.unknown() < 1 {
            tokio::task::yield_now().await;
        }
    })
    .await;

    let invalid = asker.request(&hook(101, "")).await.unwrap_err();
    assert_eq!(invalid.kind(), RequestErrorKind::InvalidRequest);
}

#[tokio::test]
async fn late_and_unknown_answers_are_counted() {
    let server = server().await;
    let nats = connect(&server).await;
    let release = Arc::new(Notify::new());
    let _serving = Answering::new(&nats, HookSubject::filter())
        .serve({
            let release = release.clone();
            move |request| {
                let release = release.clone();
                async move {
                    release.notified().await;
                    Ok(request.payload)
                }
            }
        })
        .await
        .unwrap();
    let asker = asker(&nats, "a1").await;
    for id in ["", "hook"] {
        let (first, second) = (hook(1, id), hook(1, &format!("{id}.")));
        let impatient = asker.request_within(&first, Duration::from_millis(50));
        let error = soon(impatient).await.unwrap_err();
        assert_eq!(error.kind(), RequestErrorKind::TimedOut, "{error}");
        // One whose future is dropped is given up as well.
        let dropped = tokio::time::timeout(Duration::from_millis(50), asker.request(&second));
        assert!(dropped.await.is_err());
    }
    assert_eq!(asker.late(), 0);
    for late in 1..=4 {
        release.notify_one();
        soon(async {
            while asker.late() < late {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
    for document in [r#"{"agent":"a1","load":1,"note":"who?"}"#, r#"{"agent":"a1"}"#, "{"] {
        nats.client()
            .publish("agents.a1.status", document.into())
            .await
            .unwrap();
    }
    soon(async {
        while asker.unknown() < 3 {
            tokio::task::yield_now().await;
        }
    })
    .await;

    // The same id again, after it was given up, is a new request; two of them at a time are not told apart.
    let (one, two) = (hook(1, "twice"), hook(2, "twice"));
    let (answer, refused) = soon(async {
        tokio::join!(asker.request(&one), async {
            let refused = asker.request(&two).await;
            release.notify_one();
            refused
        })
    })
    .await;
    assert_eq!(answer.unwrap(), one);
    let refused = refused.unwrap_err();
    assert_eq!(refused.kind(), RequestErrorKind::AlreadyAsked);
    assert!(refused.to_string().contains("\"twice\""), "{refused}");
    release.notify_one();
    assert_eq!(soon(asker.request(&two)).await.unwrap(), two);
    assert_eq!(asker.late(), 4);
}

#[tokio::test]
async fn a_responder_of_another_make_answers_on_the_declared_subject() {
    let server = server().await;
    let nats = connect(&server).await;
    let client = nats.client().clone();
    let mut requests = client.subscribe("agents.*.hook").await.unwrap();
    tokio::spawn(async move {
        while let Some(request) = requests.next().await {
            let text = String::from_utf8(request.payload.to_vec()).unwrap();
            let mut headers = HeaderMap::new();
            // It repeats the header where the request has no other id, and spoils some answers.
            if !text.contains("hook-1") {
                let id = request.headers.unwrap().get(CORRELATION_ID).unwrap().clone();
                headers.insert(CORRELATION_ID, id);
            }
            let answer = text.replace("\"load\":7", "\"load\":\"seven\"");
            client
                .publish_with_headers("agents.a1.status", headers, answer.into())
                .await
                .unwrap();
        }
    });
    let asker = asker(&nats, "a1").await;
    for id in ["", "hook-1"] {
        assert_eq!(soon(asker.request(&hook(10, id))).await.unwrap(), hook(10, id));
    }
    let error = soon(asker.request(&hook(7, ""))).await.unwrap_err();
    assert_eq!(error.kind(), RequestErrorKind::InvalidReply, "{error}");
    assert!(error.to_string().contains("/load"), "{error}");
}

#[tokio::test]
async fn a_stream_may_keep_the_requests() {
    let server = server().await;
    let nats = connect(&server).await;
    let created = nats.client().request(
        "$JS.API.STREAM.CREATE.hooks",
        r#"{"name":"hooks","subjects":["agents.*.hook"]}"#.into(),
    );
    assert!(!String::from_utf8_lossy(&created.await.unwrap().payload).contains("\"error\""));
    let _serving = answers(&nats).await;
    let asker = asker(&nats, "a1").await;
    for load in 10..30 {
        assert_eq!(soon(asker.request(&hook(load, ""))).await.unwrap().load, load + 1);
    }
}

#[tokio::test]
async fn an_asker_outlives_the_server_and_ends_with_its_connection() {
    let mut server = server().await;
    let (nats, other) = (connect(&server).await, connect(&server).await);
    let _serving = answers(&other).await;
    let asker = Arc::new(asker(&nats, "a1").await);
    assert_eq!(soon(asker.request(&hook(10, ""))).await.unwrap().load, 11);
    server.stop().await.unwrap();
    // What is sent now waits in the client; it is answered if both are back in time, and else times out.
    let waiting = tokio::spawn({
        let asker = asker.clone();
        async move { asker.request_within(&hook(20, ""), Duration::from_millis(300)).await }
    });
    let error = soon(waiting).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), RequestErrorKind::TimedOut, "{error}");
    server.restart().await.unwrap();
    let answer = soon(async {
        loop {
            match asker.request_within(&hook(30, ""), Duration::from_secs(1)).await {
                Ok(answer) => break answer,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    });
    assert_eq!(answer.await.load, 31);
    nats.drain(Duration::from_secs(5)).await.unwrap();
    let error = soon(asker.request(&hook(40, ""))).await.unwrap_err();
    assert_eq!(error.kind(), RequestErrorKind::Closed, "{error}");
}
