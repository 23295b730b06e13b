//! Requests whose server goes away before they are answered: each comes to an end, and what served before serves again.

use std::sync::Arc;
use std::time::Duration;

use natsmith_runtime::gather::Ended;
use natsmith_runtime::request::RequestErrorKind;
use natsmith_runtime::service::{Provider, ServiceDescription};
use natsmith_runtime::{
    Connection, Endpoint, Gather, Message, PublicationEndpoint, ServiceError, TypedSubject, access,
};
use tokio::sync::Notify;

use crate::contract::{QuerySubject, Status, StatusSubject, WorkSubject, connect, server, soon};

type Asking = Endpoint<QuerySubject, access::Ask>;

fn asking(nats: &Connection) -> Asking {
    Asking::new(nats, QuerySubject::filter().agent("a1"))
}

/// Asks until somebody answers.
async fn answered(ask: &Asking) -> Status {
    soon(async {
        loop {
            match ask
                .request_within(&Status::of("x", 10), Duration::from_millis(500))
                .await
            {
                Ok(answer) => break answer,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_request_ends_and_its_service_goes_on() {
    let mut server = server().await;
    let (nats, other) = (connect(&server).await, connect(&server).await);
    let entered = Arc::new(Notify::new());
    let service = |nats: Connection| {
        let entered = entered.clone();
        let description = ServiceDescription {
            name: "desk",
            version: "1.0.0",
            description: "",
            metadata: &[],
        };
        async move {
            let provider = Provider::start(&nats, &description).await.unwrap();
            let handler = move |query: Message<QuerySubject>| {
                let entered = entered.clone();
                async move {
                    if query.payload.load == 1 {
                        entered.notify_one();
                        std::future::pending::<()>().await;
                    }
                    Ok::<_, ServiceError>(query.payload)
                }
            };
            let providing = provider
                .endpoint("query", QuerySubject::filter(), handler)
                .await
                .unwrap()
                .finish();
            nats.round_trip().await.unwrap();
            providing
        }
    };
    let _one = service(other.clone()).await;
    let ask = asking(&nats);
    let waiting = tokio::spawn({
        let ask = ask.clone();
        async move { ask.request_within(&Status::of("x", 1), Duration::from_secs(1)).await }
    });
    soon(entered.notified()).await;
    server.restart().await.unwrap();
    let error = soon(waiting).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), RequestErrorKind::TimedOut, "{error}");
    assert_eq!(answered(&ask).await, Status::of("x", 10));
    // It can be found again as well.
    let info = soon(nats.client().request("$SRV.INFO.desk", "".into())).await.unwrap();
    assert!(String::from_utf8_lossy(&info.payload).contains("agents.*.query"));

    // A gathering ends at its deadline, as a request does at its timeout.
    let gathering = tokio::spawn({
        let ask = ask.clone();
        let plan = Gather {
            expected: Some(2),
            deadline: Duration::from_secs(1),
            silence: None,
        };
        async move { ask.gather_within(&Status::of("x", 1), plan).await }
    });
    soon(entered.notified()).await;
    server.restart().await.unwrap();
    let partial = soon(gathering).await.unwrap().unwrap().complete().unwrap_err();
    assert_eq!((partial.replies.len(), partial.ended), (0, Ended::Deadline));
}

#[tokio::test]
async fn a_publication_goes_on_after_its_server_came_back() {
    let mut server = server().await;
    let (nats, other) = (connect(&server).await, connect(&server).await);
    let status = Endpoint::<StatusSubject, access::Subscribe>::new(&other, StatusSubject::filter());
    let work = Endpoint::<WorkSubject, access::Subscribe>::new(&other, WorkSubject::filter());
    let (mut status, mut work) = (status.subscribe().await.unwrap(), work.subscribe().await.unwrap());
    other.round_trip().await.unwrap();
    let publication = PublicationEndpoint::new(&nats)
        .to(StatusSubject::filter())
        .to(WorkSubject::filter().agent("worker"));
    publication.publish(&Status::of("a1", 1)).await.unwrap();
    for heard in [
        soon(status.next()).await.unwrap().unwrap().payload,
        soon(work.next()).await.unwrap().unwrap().payload,
    ] {
        assert_eq!(heard.load, 1);
    }
    server.stop().await.unwrap();
    // It waits in the client, and may come before who hears it is back: core NATS delivers at most once.
    publication.publish(&Status::of("a1", 2)).await.unwrap();
    server.restart().await.unwrap();
    let publishing = tokio::spawn(async move {
        let mut beat = tokio::time::interval(Duration::from_millis(20));
        while publication.publish(&Status::of("a1", 3)).await.is_ok() {
            beat.tick().await;
        }
    });
    while soon(status.next()).await.unwrap().unwrap().payload.load != 3 {}
    while soon(work.next()).await.unwrap().unwrap().payload.load != 3 {}
    publishing.abort();
}
