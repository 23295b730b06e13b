//! The contract's streams and consumers come to a server, once.

use mister_smith::provision::{Profile, plan};
use natsmith_runtime::jetstream::ApiErrorKind;
use natsmith_runtime::provision::{Asset, ProvisionErrorKind, Verb};
use serde_json::{Value, json};

use crate::common::{api, connect, provisioned, server};

#[tokio::test]
async fn dev_is_provisioned_once() {
    let server = server().await;
    let nats = connect(&server).await;
    let first = plan(&nats, Profile::DEV).await.unwrap();
    assert_eq!(first.actions().len(), 9, "{first}");
    assert!(first.actions().iter().all(|action| action.verb() == Verb::Create));
    // Planning only reads.
    assert_eq!(plan(&nats, Profile::DEV).await.unwrap().actions().len(), 9);
    assert_eq!(first.apply().await.unwrap().steps().count(), 9);

    let second = plan(&nats, Profile::DEV).await.unwrap();
    assert!(second.is_empty(), "{second}");
    assert_eq!(second.unchanged().len(), 9);
    assert!(second.apply().await.unwrap().is_empty());
}

#[tokio::test]
async fn the_server_stores_what_the_contract_says() {
    let (_server, nats) = provisioned().await;
    let stream = api(&nats, "STREAM.INFO.task_lifecycle", "").await["config"].clone();
    let expected = json!({
        "storage": "file", "retention": "limits", "discard": "old", "num_replicas": 1,
        "max_age": 30_u64 * 86_400 * 1_000_000_000, "max_bytes": 64 << 20, "max_msgs": 10_000_000,
        "max_msg_size": 1 << 20, "duplicate_window": 300_000_000_000_u64,
        "subjects": ["tasks.*.queue.*", "tasks.*.assignment", "tasks.*.result", "tasks.*.progress", "tasks.*.error"],
    });
    assert_holds(&stream, &expected);
    let consumer = api(&nats, "CONSUMER.INFO.task_lifecycle.task_processor", "").await["config"].clone();
    let expected = json!({
        "durable_name": "task_processor", "ack_policy": "explicit", "deliver_policy": "all",
        "ack_wait": 2_000_000_000, "max_deliver": -1, "max_ack_pending": 100, "filter_subject": "tasks.*.queue.*",
    });
    assert_holds(&consumer, &expected);
    let names = api(&nats, "STREAM.NAMES", "").await["streams"].clone();
    let expected = [
        "agent_events",
        "claude_cli_integration",
        "dead_tasks",
        "system_monitoring",
        "task_lifecycle",
    ];
    assert_eq!(names, json!(expected));
}

/// Every setting of `expected` is stored with that value.
fn assert_holds(stored: &Value, expected: &Value) {
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&stored[name], value, "{name} of {stored}");
    }
}

#[tokio::test]
async fn a_setting_that_somebody_changed_is_the_whole_plan() {
    let (_server, nats) = provisioned().await;
    let mut config = api(&nats, "STREAM.INFO.agent_events", "").await["config"].clone();
    config["max_msgs"] = json!(17);
    let answer = api(&nats, "STREAM.UPDATE.agent_events", &config.to_string()).await;
    assert!(answer["error"].is_null(), "{answer}");

    let repair = plan(&nats, Profile::DEV).await.unwrap();
    let [action] = repair.actions() else {
        panic!("one step was expected: {repair}");
    };
    assert_eq!(
        (action.verb(), action.asset()),
        (Verb::Update, Asset::Stream { name: "agent_events" })
    );
    let changes: Vec<String> = action.changes().iter().map(ToString::to_string).collect();
    assert_eq!(changes, ["max_msgs: 17 -> 1000000"]);
    repair.apply().await.unwrap();
    assert!(plan(&nats, Profile::DEV).await.unwrap().is_empty());
}

#[tokio::test]
async fn prod_on_one_server_is_refused_by_name_and_code() {
    let server = server().await;
    let nats = connect(&server).await;
    let error = plan(&nats, Profile::PROD).await.unwrap().apply().await.unwrap_err();
    assert_eq!(error.kind(), ProvisionErrorKind::Apply);
    let refused: Vec<Asset> = error
        .failures()
        .iter()
        .filter(|failure| {
            failure.refusal().map(natsmith_runtime::error::Error::kind) == Some(ApiErrorKind::Refused { code: 10_074 })
        })
        .map(natsmith_runtime::provision::Failure::asset)
        .collect();
    let replicated = ["agent_events", "task_lifecycle", "dead_tasks", "system_monitoring"];
    assert_eq!(refused, replicated.map(|name| Asset::Stream { name }));
    // Each stream's consumers are said to be missing for want of the stream.
    assert_eq!(error.failures().len(), 8, "{error}");
    let text = error.to_string();
    for part in [
        "stream `task_lifecycle` was not created",
        "10074",
        "consumer `task_lifecycle > task_processor`",
    ] {
        assert!(text.contains(part), "{part:?} is missing in: {text}");
    }
    // What one server can keep is there all the same.
    let kept: Vec<Asset> = error.applied().unwrap().steps().map(|(asset, ..)| asset).collect();
    assert_eq!(
        kept,
        [Asset::Stream {
            name: "claude_cli_integration"
        }]
    );
}
