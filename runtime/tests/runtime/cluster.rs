//! What one server cannot show.

use std::time::Duration;

use natsmith_runtime::connection::{Connection, Event, State};
use natsmith_runtime::jetstream::DeliveryErrorKind;
use natsmith_runtime::provision::{ConsumerSpec, Profile, StreamSpec, plan};
use natsmith_runtime::resources::{Resource, ResourceLimits};
use natsmith_runtime::testing::Cluster;
use natsmith_runtime::{Endpoint, TypedSubject, access};

use crate::contract::{Status, TaskSubject, Worker, soon};

const PROD: Profile = Profile {
    name: "prod",
    streams: &[StreamSpec {
        name: "tasks",
        config: r#"{"subjects":["tasks.*.assignment"],"num_replicas":3}"#,
        consumers: &[ConsumerSpec {
            name: "worker",
            config: r#"{"ack_policy":"explicit"}"#,
        }],
    }],
};

#[tokio::test]
async fn a_connection_moves_to_another_server_and_nothing_persisted_is_lost() {
    let mut cluster = Cluster::start().await.unwrap();
    let nats = Connection::builder(cluster.url())
        .reconnect_delay(Duration::from_millis(20))
        .max_reconnect_delay(Duration::from_millis(500))
        .connect()
        .await
        .unwrap();
    let applied = plan(&nats, &PROD).await.unwrap().apply().await;
    assert!(applied.is_ok(), "{}", applied.unwrap_err());
    assert!(plan(&nats, &PROD).await.unwrap().is_empty());

    let tasks = Endpoint::<TaskSubject, access::Publish>::new(&nats, TaskSubject::filter());
    let mut deliveries = nats.consume::<Worker>().await.unwrap();
    tasks.persist(&Status::of("a1", 1)).await.unwrap();
    let first = soon(deliveries.next()).await.unwrap().unwrap();
    assert_eq!(first.payload.load, 1);
    first.ack_confirmed().await.unwrap();
    let others = Connection::builder(cluster.url()).connect().await.unwrap();
    let report = nats.resources(&ResourceLimits::default()).await.unwrap();
    assert_eq!(
        report.usage(Resource::Connections).unwrap().used,
        2,
        "summed over the servers: {report}"
    );
    drop(others);

    // The server at the other end stops.
    let mut events = nats.events();
    let port = nats.client().server_info().port;
    let number = (0..cluster.len())
        .find(|number| cluster.server(*number).port() == port)
        .unwrap();
    cluster.server(number).stop().await.unwrap();
    soon(async { while events.next().await != Some(Event::Connected) {} }).await;
    assert_eq!(nats.state(), State::Connected);
    assert_ne!(nats.client().server_info().port, port);

    // Two of three go on storing and delivering, once they have a leader again.
    soon(async { while tasks.persist(&Status::of("a1", 2)).await.is_err() {} }).await;
    let second = tokio::time::timeout(Duration::from_secs(30), async {
        loop {
            match deliveries.next().await.unwrap() {
                Ok(delivery) => break delivery,
                Err(error) => assert_ne!(error.kind(), DeliveryErrorKind::Invalid, "{error}"),
            }
        }
    })
    .await
    .unwrap();
    assert_eq!(second.payload.load, 2);
    second.ack_confirmed().await.unwrap();

    cluster.server(number).restart().await.unwrap();
    cluster.ready().await.unwrap();
}
