//! One payload on several subjects.

use natsmith_runtime::endpoint::PublishErrorKind;
use natsmith_runtime::testing::Server;
use natsmith_runtime::{Endpoint, PublicationEndpoint, TypedSubject, access};

use crate::contract::{Status, StatusSubject, TaskSubject, WorkSubject, connect, soon};

#[tokio::test]
async fn a_publication_reaches_every_subject_or_none() {
    let server = Server::builder().config("max_payload: 1024").start().await.unwrap();
    let nats = connect(&server).await;
    let mut tracked = Endpoint::<StatusSubject, access::Subscribe>::new(&nats, StatusSubject::filter())
        .subscribe()
        .await
        .unwrap();
    let mut work = Endpoint::<WorkSubject, access::Subscribe>::new(&nats, WorkSubject::filter())
        .subscribe()
        .await
        .unwrap();
    let to = |agent: &str| {
        PublicationEndpoint::new(&nats)
            .to(StatusSubject::filter())
            .to(WorkSubject::filter().agent(agent))
    };
    let publication = to("worker");
    publication.publish(&Status::of("a1", 5)).await.unwrap();
    let heard = soon(tracked.next()).await.unwrap().unwrap();
    assert_eq!(
        (heard.subject.to_string().as_str(), heard.payload.load),
        ("agents.a1.status", 5)
    );
    let heard = soon(work.next()).await.unwrap().unwrap();
    assert_eq!(
        (heard.subject.to_string().as_str(), heard.payload.load),
        ("agents.worker.work", 5)
    );

    // Nothing is sent where one subject cannot be made, the schema refuses the payload, or it is too large.
    let large = Status {
        note: "x".repeat(2000),
        ..Status::of("a1", 5)
    };
    let nowhere = PublicationEndpoint::new(&nats)
        .to(StatusSubject::filter())
        .to(WorkSubject::filter());
    let contradicted = publication.clone().to(TaskSubject::filter().agent("a2"));
    for (publication, payload, kind) in [
        (&nowhere, &Status::of("a1", 5), PublishErrorKind::Subject),
        (&contradicted, &Status::of("a1", 5), PublishErrorKind::Subject),
        (&publication, &Status::of("a.1", 5), PublishErrorKind::Subject),
        (&publication, &Status::of("a1", 101), PublishErrorKind::InvalidPayload),
        (&publication, &large, PublishErrorKind::MaxPayloadExceeded),
    ] {
        assert_eq!(publication.publish(payload).await.unwrap_err().kind(), kind);
    }
    publication.publish(&Status::of("a2", 6)).await.unwrap();
    assert_eq!(soon(tracked.next()).await.unwrap().unwrap().payload.load, 6);
    assert_eq!(soon(work.next()).await.unwrap().unwrap().payload.load, 6);
}
