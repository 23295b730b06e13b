//! Reports of what an account uses.

use std::time::Duration;

use futures_util::StreamExt;
use natsmith_runtime::resources::{Resource, ResourceLimits};
use natsmith_runtime::testing::Server;
use serde_json::{Value, json};

use crate::contract::{connect, server, soon};

const LIMITS: ResourceLimits = ResourceLimits {
    max_memory: Some(1000),
    max_storage: Some(1 << 30),
    max_streams: Some(2),
    max_consumers: Some(10),
    max_connections: Some(10_000),
    max_subscriptions: Some(100_000),
};

#[tokio::test]
async fn usage_is_read_and_held_against_the_limits() {
    let server = server().await;
    let nats = connect(&server).await;
    let report = nats.resources(&LIMITS).await.unwrap();
    assert!(report.is_within_limits());
    assert_eq!(report.usage(Resource::Streams).unwrap().percent(), Some(0.0));
    assert_eq!(report.usage(Resource::Connections).unwrap().used, 1);
    assert!(report.usage(Resource::Subscriptions).unwrap().used > 0);

    let mut watched = nats.watch_resources(LIMITS, Duration::from_millis(20));
    assert!(soon(watched.next()).await.unwrap().unwrap().is_within_limits());
    for name in ["one", "two", "three"] {
        let config = json!({ "name": name, "subjects": [name], "storage": "memory" });
        let answer = nats
            .client()
            .request(format!("$JS.API.STREAM.CREATE.{name}"), config.to_string().into())
            .await
            .unwrap();
        let answer: Value = serde_json::from_slice(&answer.payload).unwrap();
        assert!(answer.get("error").is_none(), "{answer}");
    }
    nats.client().request("one", "x".repeat(2000).into()).await.unwrap();
    let report = soon(async {
        loop {
            let report = watched.next().await.unwrap().unwrap();
            if report.exceeded().count() == 2 {
                break report;
            }
        }
    })
    .await;
    let exceeded: Vec<Resource> = report.exceeded().map(|usage| usage.resource).collect();
    assert_eq!(exceeded, [Resource::Memory, Resource::Streams]);
    assert_eq!(report.usage(Resource::Streams).unwrap().percent(), Some(150.0));
    assert!(
        report.to_string().contains("streams: 3 of 2 (150.0 %), exceeded"),
        "{report}"
    );

    nats.drain(Duration::from_secs(5)).await.unwrap();
    soon(async { while watched.next().await.is_some() {} }).await;
    assert!(watched.next().await.is_none(), "an ended stream stays ended");
}

#[tokio::test]
async fn the_servers_own_limit_counts_where_it_is_smaller() {
    let server = Server::builder()
        .config(
            "accounts { A { users: [{ user: u, password: p }], \
             jetstream: { max_mem: 500, max_file: 2G, max_streams: 1 } } }",
        )
        .start()
        .await
        .unwrap();
    let nats = natsmith_runtime::Connection::builder(server.url())
        .user_and_password("u", "p")
        .connect()
        .await
        .unwrap();
    let report = nats.resources(&LIMITS).await.unwrap();
    let limit = |resource| report.usage(resource).unwrap().limit;
    assert_eq!(limit(Resource::Memory), Some(500));
    assert_eq!(limit(Resource::Storage), Some(1 << 30));
    assert_eq!(limit(Resource::Streams), Some(1));
    assert_eq!(limit(Resource::Consumers), Some(10));
}
