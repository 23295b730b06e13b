//! Discoverable services, found and called by a client that knows nothing of contracts.

use std::time::Duration;

use natsmith_runtime::async_nats::{Request, RequestErrorKind};
use natsmith_runtime::service::{Provider, Providing, ServiceDescription};
use natsmith_runtime::{Connection, ServiceError, TypedSubject};
use serde_json::{Value, json};

use crate::contract::{QuerySubject, Status, connect, server, soon};

const DESCRIPTION: ServiceDescription = ServiceDescription {
    name: "status-desk",
    version: "1.2.3",
    description: "Says what agents are doing.",
    metadata: &[("team", "agents")],
};

async fn provide(nats: &Connection) -> Providing {
    Provider::start(nats, &DESCRIPTION)
        .await
        .unwrap()
        .endpoint("query", QuerySubject::filter(), |query| async move {
            match query.payload.load {
                0 => Err(ServiceError::new(404, "no such\nagent")),
                load => Ok(Status::of(&query.payload.agent, load)),
            }
        })
        .await
        .unwrap()
        .finish()
}

/// What a stock client gets on a subject.
async fn ask(nats: &Connection, subject: &str, body: Value) -> natsmith_runtime::async_nats::Message {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    soon(nats.client().request(subject.to_owned(), body.into()))
        .await
        .unwrap()
}

async fn monitored(nats: &Connection, subject: &str) -> Value {
    let answer = ask(nats, subject, Value::Null).await;
    serde_json::from_slice(&answer.payload).unwrap()
}

#[tokio::test]
async fn a_service_is_found_described_counted_and_called() {
    let server = server().await;
    let nats = connect(&server).await;
    let providing = provide(&nats).await;
    let stranger = connect(&server).await;

    let id = providing.id().await;
    for subject in [
        "$SRV.PING".to_owned(),
        "$SRV.PING.status-desk".to_owned(),
        format!("$SRV.PING.status-desk.{id}"),
    ] {
        let pong = monitored(&stranger, &subject).await;
        assert_eq!(pong["name"], "status-desk", "{subject}");
        assert_eq!(pong["version"], "1.2.3");
        assert_eq!(pong["type"], "io.nats.micro.v1.ping_response");
    }
    let info = monitored(&stranger, "$SRV.INFO.status-desk").await;
    assert_eq!(info["description"], "Says what agents are doing.");
    assert_eq!(info["metadata"]["team"], "agents");
    let endpoint = &info["endpoints"][0];
    assert_eq!(endpoint["name"], "query");
    assert_eq!(endpoint["subject"], QuerySubject::WILDCARD);
    assert_eq!(endpoint["metadata"], json!({ "request": "Status", "reply": "Status" }));

    // What was found is called.
    let subject = endpoint["subject"].as_str().unwrap().replace('*', "a7");
    let status = |load: u64| json!({ "agent": "a7", "load": load, "note": "" });
    let answer = ask(&stranger, &subject, status(5)).await;
    assert_eq!(serde_json::from_slice::<Value>(&answer.payload).unwrap(), status(5));
    for (body, code, description) in [
        (status(0), "404", "no such agent"),
        (json!({ "agent": 7 }), "400", "/agent"),
    ] {
        let answer = ask(&stranger, &subject, body).await;
        let headers = answer.headers.unwrap();
        assert_eq!(headers.get("Nats-Service-Error-Code").unwrap().as_str(), code);
        let told = headers.get("Nats-Service-Error").unwrap().as_str();
        assert!(told.contains(description), "{told}");
    }
    let counted = monitored(&stranger, "$SRV.STATS.status-desk").await;
    let endpoint = &counted["endpoints"][0];
    assert_eq!(endpoint["num_requests"], 3);
    assert_eq!(endpoint["num_errors"], 2);
    assert_eq!(providing.endpoints()[0].error_count(), 2);

    providing.stop().await;
    // The client forgets the service's own subjects in the background.
    let gone = async {
        loop {
            let request = Request::new().timeout(Some(Duration::from_millis(100)));
            let answer = stranger.client().send_request("$SRV.PING.status-desk", request).await;
            if answer.is_err_and(|error| error.kind() == RequestErrorKind::NoResponders) {
                break;
            }
        }
    };
    soon(gone).await;
}

#[tokio::test]
async fn a_service_is_drained_with_its_connection() {
    let server = server().await;
    let nats = connect(&server).await;
    let providing = provide(&nats).await;
    soon(nats.drain(Duration::from_secs(5))).await.unwrap();
    assert!(providing.endpoints()[0].is_finished());
}
