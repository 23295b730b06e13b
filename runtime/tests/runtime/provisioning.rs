//! Plan and apply.

use natsmith_runtime::Connection;
use natsmith_runtime::jetstream::ApiErrorKind;
use natsmith_runtime::provision::{ConsumerSpec, Profile, ProvisionErrorKind, StreamSpec, Verb, plan};
use natsmith_runtime::testing::Server;
use serde_json::{Value, json};

use crate::contract::{api, connect, server};

const WORKER: ConsumerSpec = ConsumerSpec {
    name: "worker",
    config: r#"{"ack_policy":"explicit","ack_wait":300000000000,"max_deliver":5,"filter_subject":"tasks.*.assignment"}"#,
};

const DEV: Profile = Profile {
    name: "dev",
    streams: &[
        StreamSpec {
            name: "tasks",
            config: r#"{"subjects":["tasks.>"],"max_age":2592000000000000,"max_bytes":67108864,"storage":"file"}"#,
            consumers: &[WORKER],
        },
        StreamSpec {
            name: "copy",
            config: r#"{"mirror":{"name":"tasks"},"storage":"memory"}"#,
            consumers: &[],
        },
    ],
};

async fn stored(nats: &Connection, name: &str) -> Value {
    let answer = nats
        .client()
        .request(format!("$JS.API.{name}"), "".into())
        .await
        .unwrap();
    serde_json::from_slice::<Value>(&answer.payload).unwrap()["config"].clone()
}

#[tokio::test]
async fn a_plan_creates_once_and_then_has_nothing_to_do() {
    let server = server().await;
    let nats = connect(&server).await;
    let first = plan(&nats, &DEV).await.unwrap();
    assert_eq!(
        first.to_string(),
        "profile `dev`: 3 to create, 0 to update, 0 as wanted\n\
         \x20 + stream `tasks`\n\
         \x20     max_age: 30d\n\
         \x20     max_bytes: 64MiB\n\
         \x20     subjects: [\"tasks.>\"]\n\
         \x20 + consumer `tasks > worker`\n\
         \x20     ack_policy: explicit\n\
         \x20     ack_wait: 5m\n\
         \x20     filter_subjects: [\"tasks.*.assignment\"]\n\
         \x20     max_deliver: 5\n\
         \x20 + stream `copy`\n\
         \x20     mirror: {\"name\":\"tasks\"}\n\
         \x20     storage: memory"
    );
    assert_eq!(
        stored(&nats, "STREAM.INFO.tasks").await,
        Value::Null,
        "planning only reads"
    );
    let applied = first.apply().await.unwrap();
    assert_eq!(applied.steps().count(), 3);
    assert!(
        applied
            .to_string()
            .starts_with("profile `dev`: 3 created, 0 updated\n  + stream `tasks`"),
        "{applied}"
    );

    let second = plan(&nats, &DEV).await.unwrap();
    assert!(second.is_empty(), "{second}");
    assert_eq!(
        second.to_string(),
        "profile `dev`: 0 to create, 0 to update, 3 as wanted"
    );
    assert!(second.apply().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_differs_is_updated_in_place_and_told_from_old_to_new() {
    const LATER: Profile = Profile {
        name: "later",
        streams: &[StreamSpec {
            name: "tasks",
            config: r#"{"subjects":["tasks.>","more.>"],"max_age":86400000000000,"max_bytes":67108864,"storage":"file"}"#,
            consumers: &[ConsumerSpec {
                name: "worker",
                config: r#"{"ack_policy":"explicit","ack_wait":60000000000,"max_deliver":5,"filter_subject":"tasks.*.assignment"}"#,
            }],
        }],
    };
    let server = server().await;
    let nats = connect(&server).await;
    plan(&nats, &DEV).await.unwrap().apply().await.unwrap();
    // A setting that the contract leaves to the server, set by hand; and one that it does not, left at its default.
    let mut config = stored(&nats, "STREAM.INFO.tasks").await;
    config["duplicate_window"] = json!(60_000_000_000_u64);
    config["deny_purge"] = json!(false);
    config["max_msgs"] = json!(1000);
    api(&nats, "STREAM.UPDATE.tasks", config).await;
    nats.client()
        .publish("tasks.a.assignment", "kept".into())
        .await
        .unwrap();

    let later = plan(&nats, &LATER).await.unwrap();
    let text = later.to_string();
    assert_eq!(
        text,
        "profile `later`: 0 to create, 2 to update, 0 as wanted\n\
         \x20 ~ stream `tasks`\n\
         \x20     max_age: 30d -> 1d\n\
         \x20     max_msgs: 1000 -> unlimited\n\
         \x20     subjects: [\"tasks.>\"] -> [\"more.>\",\"tasks.>\"]\n\
         \x20 ~ consumer `tasks > worker`\n\
         \x20     ack_wait: 5m -> 1m"
    );
    assert!(later.actions().iter().all(|action| action.verb() == Verb::Update));
    let applied = later.apply().await.unwrap();
    assert!(applied.to_string().contains("max_age: 30d -> 1d"), "{applied}");
    let config = stored(&nats, "STREAM.INFO.tasks").await;
    assert_eq!(
        config["duplicate_window"], 60_000_000_000_u64,
        "what the contract does not say is kept"
    );
    assert_eq!(config["max_msgs"], -1);
    assert!(plan(&nats, &LATER).await.unwrap().is_empty());
    let info = nats
        .client()
        .request("$JS.API.STREAM.INFO.tasks", "".into())
        .await
        .unwrap();
    let info: Value = serde_json::from_slice(&info.payload).unwrap();
    assert_eq!(info["state"]["messages"], 1, "an update loses nothing");
}

#[tokio::test]
async fn a_change_that_the_server_refuses_is_told_with_its_words_and_the_rest_is_done() {
    const MEMORY: Profile = Profile {
        name: "memory",
        streams: &[
            StreamSpec {
                name: "tasks",
                config: r#"{"subjects":["tasks.>"],"max_age":2592000000000000,"max_bytes":67108864,"storage":"memory"}"#,
                consumers: &[ConsumerSpec {
                    name: "second",
                    config: r#"{"ack_policy":"explicit"}"#,
                }],
            },
            // It overlaps the first, so that it cannot be made, nor its consumer.
            StreamSpec {
                name: "overlapping",
                config: r#"{"subjects":["tasks.*.assignment"]}"#,
                consumers: &[ConsumerSpec {
                    name: "third",
                    config: "{}",
                }],
            },
            StreamSpec {
                name: "fine",
                config: r#"{"subjects":["fine.>"]}"#,
                consumers: &[],
            },
        ],
    };
    let server = server().await;
    let nats = connect(&server).await;
    plan(&nats, &DEV).await.unwrap().apply().await.unwrap();
    let error = plan(&nats, &MEMORY).await.unwrap().apply().await.unwrap_err();
    assert_eq!(error.kind(), ProvisionErrorKind::Apply);
    let text = error.to_string();
    assert!(
        text.contains("stream `tasks` was not updated: the server refused: stream configuration update can not change storage type (code 10052); it would have changed\n      storage: file -> memory"),
        "{text}"
    );
    assert!(
        text.contains("stream `overlapping` was not created: the server refused: subjects overlap"),
        "{text}"
    );
    assert!(
        text.contains("consumer `overlapping > third` was not created: its stream could not be"),
        "{text}"
    );
    let refused = error.failures().first().unwrap().refusal().unwrap();
    assert_eq!(refused.kind(), ApiErrorKind::Refused { code: 10_052 });
    // The consumer of the stream that stands, and the stream after the faults, are made.
    let done: Vec<String> = error
        .applied()
        .unwrap()
        .steps()
        .map(|(asset, ..)| asset.to_string())
        .collect();
    assert_eq!(done, ["consumer `tasks > second`", "stream `fine`"]);
}

#[tokio::test]
async fn what_the_server_stores_otherwise_is_an_error_by_field() {
    // The server replaces `ack_wait` by the first step of `backoff`, and says nothing.
    const BACKOFF: Profile = Profile {
        name: "backoff",
        streams: &[StreamSpec {
            name: "tasks",
            config: r#"{"subjects":["tasks.>"]}"#,
            consumers: &[ConsumerSpec {
                name: "worker",
                config: r#"{"ack_policy":"explicit","ack_wait":300000000000,"max_deliver":5,"backoff":[1000000000,10000000000]}"#,
            }],
        }],
    };
    let server = server().await;
    let nats = connect(&server).await;
    let error = plan(&nats, &BACKOFF).await.unwrap().apply().await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("consumer `tasks > worker` is not stored as it was sent\n      ack_wait: wanted 5m, stored 1s"),
        "{text}"
    );
    assert!(text.contains("the server is 2."), "{text}");
    let changes = error.failures().first().unwrap().not_as_wanted();
    assert_eq!(
        changes.iter().map(|change| change.field.as_str()).collect::<Vec<_>>(),
        ["ack_wait"]
    );
}

#[tokio::test]
async fn every_setting_is_read_back_as_it_was_written() {
    const ALL: Profile = Profile {
        name: "all",
        streams: &[
            StreamSpec {
                name: "rich",
                config: r#"{
                    "description": "all of it", "subjects": ["rich.b.>", "rich.a.*"], "retention": "interest", "max_consumers": 10, "max_msgs": 1000,
                    "max_bytes": 1048576, "max_age": 3600000000000, "max_msgs_per_subject": 10, "max_msg_size": 65536, "discard": "new",
                    "discard_new_per_subject": true, "storage": "file", "num_replicas": 1, "duplicate_window": 60000000000,
                    "compression": "s2", "first_seq": 100, "allow_direct": true, "deny_delete": true, "deny_purge": true,
                    "consumer_limits": { "inactive_threshold": 60000000000, "max_ack_pending": 100 },
                    "republish": { "dest": "copies.>", "headers_only": true },
                    "subject_transform": { "src": "rich.a.*", "dest": "rich.a.x.{{wildcard(1)}}" },
                    "metadata": { "owner": "team", "empty": "" }
                }"#,
                consumers: &[
                    ConsumerSpec {
                        name: "all",
                        config: r#"{
                            "description": "all of it", "deliver_policy": "by_start_time", "opt_start_time": "2026-01-02T03:04:05.600Z", "ack_policy": "explicit",
                            "max_deliver": 5, "backoff": [1000000000, 10000000000], "filter_subjects": ["rich.b.>", "rich.a.x.*"], "replay_policy": "original",
                            "sample_freq": "100", "max_waiting": 10, "max_ack_pending": 50, "headers_only": true, "max_batch": 10,
                            "max_expires": 30000000000, "max_bytes": 65536, "inactive_threshold": 30000000000, "num_replicas": 1, "mem_storage": true,
                            "metadata": { "owner": "team" }
                        }"#,
                    },
                    ConsumerSpec {
                        name: "sequence",
                        config: r#"{ "deliver_policy": "by_start_sequence", "opt_start_seq": 100, "ack_policy": "explicit", "filter_subjects": ["rich.b.c"] }"#,
                    },
                ],
            },
            StreamSpec {
                name: "rollup",
                config: r#"{ "subjects": ["rollup.>"], "allow_rollup_hdrs": true, "no_ack": true, "storage": "memory", "max_msgs_per_subject": 1,
                             "allow_msg_ttl": true, "allow_direct": true, "subject_delete_marker_ttl": 60000000000 }"#,
                consumers: &[],
            },
            StreamSpec {
                name: "sourced",
                config: r#"{ "sources": [
                    { "name": "rollup", "opt_start_seq": 1, "filter_subject": "rollup.a" },
                    { "name": "rich", "subject_transforms": [{ "src": "rich.b.>", "dest": "from.rich.>" }] }
                ] }"#,
                consumers: &[],
            },
            StreamSpec {
                name: "mirrored",
                config: r#"{ "mirror": { "name": "rollup", "filter_subject": "rollup.b" }, "mirror_direct": true, "allow_direct": true }"#,
                consumers: &[],
            },
        ],
    };
    let server = server().await;
    let nats = connect(&server).await;
    let applied = plan(&nats, &ALL).await.unwrap().apply().await;
    assert!(applied.is_ok(), "{}", applied.unwrap_err());
    let again = plan(&nats, &ALL).await.unwrap();
    assert!(again.is_empty(), "{again}");
}

#[tokio::test]
async fn what_cannot_be_read_is_an_error() {
    const BROKEN: Profile = Profile {
        name: "broken",
        streams: &[StreamSpec {
            name: "s",
            config: "[]",
            consumers: &[],
        }],
    };
    let server = server().await;
    let nats = connect(&server).await;
    let error = plan(&nats, &BROKEN).await.unwrap_err();
    assert_eq!(error.kind(), ProvisionErrorKind::Config);
    assert!(error.to_string().contains("stream `s`"), "{error}");

    let without = Server::builder().jetstream(false).start().await.unwrap();
    let error = plan(&connect(&without).await, &DEV).await.unwrap_err();
    assert_eq!(error.kind(), ProvisionErrorKind::Read);
    assert!(error.to_string().contains("not enabled"), "{error}");
}
