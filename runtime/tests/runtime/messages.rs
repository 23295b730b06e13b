//! Typed publishing and subscribing, and what becomes of messages that do not keep the contract.

use natsmith_runtime::async_nats::{HeaderMap, HeaderValue};
use natsmith_runtime::endpoint::PublishErrorKind;
use natsmith_runtime::subject::{SubjectErrorKind, SubjectFilter};
use natsmith_runtime::subscription::SubscribeErrorKind;
use natsmith_runtime::testing::Server;
use natsmith_runtime::{Connection, Endpoint, InvalidCause, SetEndpoint, TypedSubject, access};

use crate::contract::{AgentMessages, Status, StatusFilter, StatusSubject, Token, WorkSubject, connect, server, soon};

type Everywhere = Endpoint<StatusSubject, access::PublishSubscribe>;

#[tokio::test]
async fn a_payload_finds_its_subject_and_arrives_with_it() {
    let server = server().await;
    let nats = connect(&server).await;
    let status = Everywhere::new(&nats, StatusSubject::filter());
    let mut heard = status.subscribe().await.unwrap();
    assert_eq!(heard.subject_filter(), "agents.*.status");
    let mut headers = HeaderMap::new();
    headers.insert("Trace", HeaderValue::from(7_u64));
    status
        .publish_with_headers(&Status::of("a1", 42), headers)
        .await
        .unwrap();
    let message = soon(heard.next()).await.unwrap().unwrap();
    assert_eq!(
        message.subject,
        StatusSubject {
            agent: Token::new("a1").unwrap()
        }
    );
    assert_eq!(message.payload, Status::of("a1", 42));
    assert_eq!(message.headers.get("Trace").unwrap().as_str(), "7");
    assert_eq!(message.reply(), None);
    heard.unsubscribe().await.unwrap();
    assert!(soon(heard.next()).await.is_none());
}

#[tokio::test]
async fn a_scope_holds_for_sending_and_receiving() {
    let server = server().await;
    let nats = connect(&server).await;
    let own = Everywhere::new(&nats, StatusSubject::filter().agent("a1"));
    let error = own.publish(&Status::of("a2", 1)).await.unwrap_err();
    assert_eq!(error.kind(), PublishErrorKind::Subject);
    assert_eq!(
        error.to_string(),
        "scope and payload make no subject: token `agent` is \"a1\" in the subject, and \"a2\" in the payload at `/agent`"
    );
    let error = own.publish(&Status::of("a.b", 1)).await.unwrap_err();
    assert_eq!(error.kind(), PublishErrorKind::Subject);

    let error = own.subscribe_to(StatusFilter::default().agent("a2")).await.unwrap_err();
    assert_eq!(error.kind(), SubscribeErrorKind::OutsideScope);
    let mut heard = own.subscribe_to(StatusFilter::default()).await.unwrap();
    assert_eq!(heard.subject_filter(), "agents.a1.status");
    let everywhere = Everywhere::new(&nats, StatusFilter::default());
    everywhere.publish(&Status::of("a2", 2)).await.unwrap();
    everywhere.publish(&Status::of("a1", 1)).await.unwrap();
    assert_eq!(soon(heard.next()).await.unwrap().unwrap().payload.agent, "a1");

    // A text that cannot be a token is refused where the subject would be made of it.
    let error = everywhere.publish(&Status::of("a.>", 1)).await.unwrap_err();
    assert_eq!(error.kind(), PublishErrorKind::Subject);
    // A token that nobody names is missed.
    let work = Endpoint::<WorkSubject, access::Publish>::new(&nats, WorkSubject::filter());
    let error = work.publish(&Status::of("a1", 1)).await.unwrap_err();
    assert!(error.to_string().contains("token `agent` has no value"), "{error}");
    assert_eq!(
        StatusFilter::default()
            .agent("x")
            .within(&StatusFilter::default().agent("y"))
            .unwrap_err()
            .kind(),
        SubjectErrorKind::OutsideScope {
            token: "agent",
            scope: "y".to_owned(),
            filter: "x".to_owned()
        }
    );
}

#[tokio::test]
async fn what_does_not_keep_the_contract_is_an_error_item_and_the_next_message_is_heard() {
    let server = server().await;
    let nats = connect(&server).await;
    let status = Everywhere::new(&nats, StatusSubject::filter());
    let mut heard = status.subscribe().await.unwrap();
    let deep = format!("{}{}", "[".repeat(64), "]".repeat(64));
    let documents: [&str; 9] = [
        "",
        "{\"agent\":\"a1\",\"lo",
        &deep,
        "[1,2]",
        "{\"agent\":7,\"load\":1}",
        "{\"agent\":\"a1\",\"load\":\"many\"}",
        "{\"agent\":\"a1\",\"load\":101}",
        "\u{1}\u{2}",
        "null",
    ];
    for document in documents {
        nats.client()
            .publish("agents.a1.status", document.to_owned().into())
            .await
            .unwrap();
    }
    nats.client()
        .publish("agents.a1.status", vec![0xff, 0xfe, b'{'].into())
        .await
        .unwrap();
    // Valid by itself, and on another agent's subject.
    nats.client()
        .publish("agents.a2.status", r#"{"agent":"a1","load":1}"#.into())
        .await
        .unwrap();
    status.publish(&Status::of("a1", 1)).await.unwrap();

    for document in documents {
        let invalid = soon(heard.next()).await.unwrap().unwrap_err();
        assert_eq!(invalid.subject(), "agents.a1.status");
        assert_eq!(invalid.payload(), document.as_bytes());
        assert!(invalid.payload_error().is_some(), "{invalid}");
        assert!(
            invalid
                .to_string()
                .starts_with("message on `agents.a1.status`: payload "),
            "{invalid}"
        );
    }
    let invalid = soon(heard.next()).await.unwrap().unwrap_err();
    assert!(matches!(invalid.cause(), InvalidCause::Payload(_)));
    let invalid = soon(heard.next()).await.unwrap().unwrap_err();
    assert!(matches!(invalid.cause(), InvalidCause::Disagreement(_)), "{invalid}");
    assert_eq!(soon(heard.next()).await.unwrap().unwrap().payload, Status::of("a1", 1));
}

#[tokio::test]
async fn a_set_hears_all_its_subjects_and_names_those_it_does_not_know() {
    let server = server().await;
    let nats = connect(&server).await;
    let mut heard = SetEndpoint::<AgentMessages>::new(&nats).subscribe().await.unwrap();
    let status = Everywhere::new(&nats, StatusSubject::filter());
    let work = Endpoint::<WorkSubject, access::Publish>::new(&nats, WorkSubject::filter().agent("a2"));
    status.publish(&Status::of("a1", 1)).await.unwrap();
    nats.client()
        .publish("agents.a1.unknown.subject", "{}".into())
        .await
        .unwrap();
    work.publish(&Status::of("any", 2)).await.unwrap();
    assert!(
        matches!(soon(heard.next()).await.unwrap().unwrap(), AgentMessages::Status(message) if message.payload.load == 1)
    );
    let invalid = soon(heard.next()).await.unwrap().unwrap_err();
    assert!(matches!(invalid.cause(), InvalidCause::Subject(_)));
    assert!(invalid.to_string().contains("agents.>") && invalid.to_string().contains("agents.a1.unknown.subject"));
    assert!(
        matches!(soon(heard.next()).await.unwrap().unwrap(), AgentMessages::Work(message) if message.payload.load == 2)
    );
}

#[tokio::test]
async fn a_queue_group_shares_messages_and_each_is_heard_once() {
    const MESSAGES: u64 = 60;
    let server = server().await;
    let nats = connect(&server).await;
    let work = Endpoint::<WorkSubject, access::PublishSubscribe>::new(&nats, WorkSubject::filter());
    let mut first = work.subscribe().await.unwrap();
    let mut second = work.subscribe().await.unwrap();
    nats.round_trip().await.unwrap();
    let sender = Endpoint::<WorkSubject, access::Publish>::new(&nats, WorkSubject::filter().agent("a1"));
    for load in 0..MESSAGES {
        sender.publish(&Status::of("a1", load)).await.unwrap();
    }
    let (mut loads, mut shares) = (Vec::new(), [0, 0]);
    while loads.len() < usize::try_from(MESSAGES).unwrap() {
        let (message, who) = soon(async {
            tokio::select! {
                message = first.next() => (message, 0),
                message = second.next() => (message, 1),
            }
        })
        .await;
        loads.push(message.unwrap().unwrap().payload.load);
        shares[who] += 1;
    }
    loads.sort_unstable();
    assert_eq!(loads, (0..MESSAGES).collect::<Vec<_>>());
    assert!(shares.iter().all(|share| *share > 0), "{shares:?}");
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_where_it_is_sent() {
    let server = Server::builder().config("max_payload: 512").start().await.unwrap();
    let nats = Connection::builder(server.url()).connect().await.unwrap();
    let status = Everywhere::new(&nats, StatusSubject::filter());
    let error = status.publish(&Status::of("a1", 101)).await.unwrap_err();
    assert_eq!(error.kind(), PublishErrorKind::InvalidPayload);
    assert!(error.to_string().contains("/load"), "{error}");
    let large = Status {
        note: "x".repeat(600),
        ..Status::of("a1", 1)
    };
    let error = status.publish(&large).await.unwrap_err();
    assert_eq!(error.kind(), PublishErrorKind::MaxPayloadExceeded);
    assert!(error.to_string().contains("512"), "{error}");
    // The connection has taken no harm.
    nats.round_trip().await.unwrap();
}
