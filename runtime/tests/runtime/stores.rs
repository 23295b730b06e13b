//! Key-value buckets and object stores, as generated crates declare them.

use std::fmt;
use std::str::FromStr;

use natsmith_runtime::kv::{Bucket, BucketKey, Change, KvErrorKind, Operation, TypedBucket};
use natsmith_runtime::object_store::{ObjectStore, ObjectStoreErrorKind, TypedObjectStore};
use natsmith_runtime::provision::{Profile, StreamSpec, plan};
use natsmith_runtime::subject::{parse_template, write_filter};
use natsmith_runtime::testing::Server;
use natsmith_runtime::{Connection, SubjectError, access};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::contract::{PATIENCE, Status, connect, server, soon};

/// `{group}.{entry}`
#[derive(Clone, Debug, PartialEq)]
struct Key {
    group: String,
    entry: String,
}

#[derive(Clone, Debug, Default)]
struct KeyFilter {
    group: Option<String>,
    entry: Option<String>,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.group, self.entry)
    }
}

impl FromStr for Key {
    type Err = SubjectError;

    fn from_str(key: &str) -> Result<Self, SubjectError> {
        let [group, entry] = parse_template(Self::TEMPLATE, &["", ".", ""], key)?;
        Ok(Self {
            group: group.to_owned(),
            entry: entry.to_owned(),
        })
    }
}

impl fmt::Display for KeyFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |token: &'_ Option<String>| token.clone();
        let (group, entry) = (shown(&self.group), shown(&self.entry));
        write_filter(
            f,
            Key::TEMPLATE,
            &[
                group.as_ref().map(|token| token as &dyn fmt::Display),
                entry.as_ref().map(|token| token as &dyn fmt::Display),
            ],
        )
    }
}

impl BucketKey for Key {
    type Filter = KeyFilter;
    const TEMPLATE: &'static str = "{group}.{entry}";
}

enum Blackboard {}

impl TypedBucket for Blackboard {
    type Key = Key;
    type Value = Status;
    const NAME: &'static str = "blackboard";
}

enum Artifacts {}

impl TypedObjectStore for Artifacts {
    type Name = Key;
    const NAME: &'static str = "artifacts";
}

type Board = Bucket<Blackboard, access::ReadWrite>;
type Store = ObjectStore<Artifacts, access::ReadWrite>;

static PROFILE: Profile = Profile {
    name: "default",
    streams: &[
        StreamSpec {
            name: "KV_blackboard",
            config: r#"{"name": "KV_blackboard", "subjects": ["$KV.blackboard.>"], "max_msgs_per_subject": 3, "discard": "new",
                "allow_rollup_hdrs": true, "allow_direct": true, "deny_delete": true}"#,
            consumers: &[],
        },
        StreamSpec {
            name: "OBJ_artifacts",
            config: r#"{"name": "OBJ_artifacts", "subjects": ["$O.artifacts.C.>", "$O.artifacts.M.>"], "discard": "new",
                "allow_rollup_hdrs": true, "allow_direct": true}"#,
            consumers: &[],
        },
    ],
};

async fn ready() -> (Server, Connection) {
    let server = server().await;
    let nats = connect(&server).await;
    plan(&nats, &PROFILE).await.unwrap().apply().await.unwrap();
    (server, nats)
}

fn key(group: &str, entry: &str) -> Key {
    format!("{group}.{entry}").parse().unwrap()
}

/// Key, revision and load of a change.
fn told(change: &Change<Blackboard>) -> (String, u64, Option<u64>) {
    let load = match &change.operation {
        Operation::Put(status) => Some(status.load),
        Operation::Delete | Operation::Purge => None,
    };
    (change.key.to_string(), change.revision, load)
}

#[tokio::test]
async fn a_value_is_put_read_changed_and_taken_away() {
    let (_server, nats) = ready().await;
    let board = Board::new(&nats, KeyFilter::default());
    let key = key("g1", "plan");
    assert!(board.get(&key).await.unwrap().is_none());
    let first = board.create(&key, &Status::of("a", 1)).await.unwrap();
    let again = board.create(&key, &Status::of("a", 2)).await.unwrap_err();
    assert_eq!(again.kind(), KvErrorKind::AlreadyExists);

    let entry = board.get(&key).await.unwrap().unwrap();
    assert_eq!((entry.value.load, entry.revision), (1, first));
    let second = board.update(&key, &Status::of("a", 2), first).await.unwrap();
    let late = board.update(&key, &Status::of("a", 3), first).await.unwrap_err();
    assert_eq!(late.kind(), KvErrorKind::WrongRevision);

    board.delete(&key).await.unwrap();
    assert!(board.get(&key).await.unwrap().is_none());
    let history = board.history(&key).await.unwrap();
    let loads: Vec<_> = history.iter().map(told).collect();
    assert_eq!(
        loads,
        [
            ("g1.plan".to_owned(), first, Some(1)),
            ("g1.plan".to_owned(), second, Some(2)),
            ("g1.plan".to_owned(), second + 1, None)
        ]
    );
    board.create(&key, &Status::of("a", 4)).await.unwrap();
    board.purge(&key).await.unwrap();
    assert_eq!(board.history(&key).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_watcher_sees_what_is_there_and_what_comes_within_its_filter() {
    let (mut server, nats) = ready().await;
    let board = Board::new(&nats, KeyFilter::default());
    for (group, load) in [("g1", 1), ("g2", 2)] {
        board.put(&key(group, "plan"), &Status::of("a", load)).await.unwrap();
    }
    let filter = KeyFilter {
        group: Some("g1".to_owned()),
        entry: None,
    };
    let mut changes = board.watch(&filter).await.unwrap();
    let change = soon(changes.next()).await.unwrap().unwrap();
    assert_eq!((told(&change).2, change.pending), (Some(1), 0));
    board.put(&key("g2", "x"), &Status::of("a", 3)).await.unwrap();
    board.put(&key("g1", "x"), &Status::of("a", 4)).await.unwrap();
    let change = soon(changes.next()).await.unwrap().unwrap();
    assert_eq!(told(&change), ("g1.x".to_owned(), 4, Some(4)));

    // What happens while the connection is lost is not lost.
    server.restart().await.unwrap();
    soon(async {
        while board.put(&key("g1", "x"), &Status::of("a", 5)).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    // The watcher notices by a missing heartbeat, which takes the client ten seconds.
    let missed = async {
        loop {
            if let Some(Ok(change)) = changes.next().await {
                return change;
            }
        }
    };
    let change = tokio::time::timeout(3 * PATIENCE, missed).await.unwrap();
    assert_eq!(told(&change).2, Some(5));
    let keys = board.keys(&filter).await.unwrap();
    assert_eq!(keys, [key("g1", "plan"), key("g1", "x")]);
}

#[tokio::test]
async fn what_does_not_keep_the_contract_is_told_and_does_not_end_the_watch() {
    let (_server, nats) = ready().await;
    let board = Board::new(&nats, KeyFilter::default());
    let refused = board.put(&key("g", "x"), &Status::of("a", 101)).await.unwrap_err();
    assert_eq!(refused.kind(), KvErrorKind::InvalidValue);
    let refused = board.put(&key("g", "\u{e9}"), &Status::of("a", 1)).await.unwrap_err();
    assert_eq!(refused.kind(), KvErrorKind::InvalidKey);

    let mut changes = board.watch(&KeyFilter::default()).await.unwrap();
    for (subject, document) in [
        ("$KV.blackboard.g.x", "no JSON"),
        ("$KV.blackboard.one_token", r#"{"agent": "a", "load": 1}"#),
        ("$KV.blackboard.g.y", r#"{"agent": "a", "load": 1, "note": ""}"#),
    ] {
        nats.client().publish(subject, document.into()).await.unwrap();
    }
    let error = soon(changes.next()).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), KvErrorKind::Undecodable { revision: 1 });
    // A key of another form is no key of the contract, and no watcher hears of it.
    assert_eq!(soon(changes.next()).await.unwrap().unwrap().revision, 3);
    let error = board.get(&key("g", "x")).await.unwrap_err();
    assert_eq!(error.kind(), KvErrorKind::Undecodable { revision: 1 });
}

#[tokio::test]
async fn a_role_writes_within_its_own_scope_only() {
    let (_server, nats) = ready().await;
    let scope = KeyFilter {
        group: Some("mine".to_owned()),
        entry: None,
    };
    let board = Board::new(&nats, scope.clone());
    board.put(&key("mine", "x"), &Status::of("a", 1)).await.unwrap();
    let error = board.put(&key("yours", "x"), &Status::of("a", 1)).await.unwrap_err();
    assert_eq!(error.kind(), KvErrorKind::OutsideScope);
    let store = Store::new(&nats, scope);
    let error = store.put(&key("yours", "x"), &mut &b"content"[..]).await.unwrap_err();
    assert_eq!(error.kind(), ObjectStoreErrorKind::OutsideScope);
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_told_as_such() {
    let server = server().await;
    let nats = connect(&server).await;
    let board = Board::new(&nats, KeyFilter::default());
    let error = board.get(&key("g", "x")).await.unwrap_err();
    assert_eq!(error.kind(), KvErrorKind::NoBucket);
    let store = Store::new(&nats, KeyFilter::default());
    let error = store.get_bytes(&key("g", "x")).await.unwrap_err();
    assert_eq!(error.kind(), ObjectStoreErrorKind::NoStore);
    // Once it is there, the same bucket works.
    plan(&nats, &PROFILE).await.unwrap().apply().await.unwrap();
    board.put(&key("g", "x"), &Status::of("a", 1)).await.unwrap();
}

#[tokio::test]
async fn objects_of_any_length_come_back_as_they_were() {
    let (_server, nats) = ready().await;
    let store = Store::new(&nats, KeyFilter::default());
    // Longer than the server's largest message.
    let content: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).take(3_000_000).collect();
    for (entry, content) in [
        ("empty", &content[..0]),
        ("one", &content[..1]),
        ("large", &content[..]),
    ] {
        let name = key("g", entry);
        let info = store.put(&name, &mut &content[..]).await.unwrap();
        assert_eq!((info.size, info.name.clone()), (content.len(), name.clone()));
        assert!(soon(store.get_bytes(&name)).await.unwrap() == content, "{entry}");
        assert_eq!(store.info(&name).await.unwrap().digest, info.digest);
    }
    let mut names: Vec<_> = store
        .list()
        .await
        .unwrap()
        .into_iter()
        .map(|info| info.name.entry)
        .collect();
    names.sort();
    assert_eq!(names, ["empty", "large", "one"]);
    store.delete(&key("g", "one")).await.unwrap();
    for gone in ["one", "never"] {
        let error = store.get(&key("g", gone)).await.unwrap_err();
        assert_eq!(error.kind(), ObjectStoreErrorKind::NotFound, "{gone}");
    }
}

#[tokio::test]
async fn an_object_whose_server_dies_midway_is_whole_or_not_there() {
    let (mut server, nats) = ready().await;
    let store = Store::new(&nats, KeyFilter::default());
    let name = key("g", "x");
    let content: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let (half, rest) = content.split_at(content.len() / 2);

    let (mut source, mut sink) = tokio::io::duplex(1024);
    let putting = tokio::spawn({
        let (store, name) = (store.clone(), name.clone());
        async move { store.put(&name, &mut sink).await }
    });
    soon(source.write_all(half)).await.unwrap();
    server.restart().await.unwrap();
    // Fails where the attempt has ended already.
    let _ = soon(source.write_all(rest)).await;
    drop(source);
    // The client asks again after some seconds without a word from the server.
    match timeout(PATIENCE * 3, putting).await.unwrap().unwrap() {
        Ok(_) => assert!(soon(store.get_bytes(&name)).await.unwrap() == content),
        Err(_) => assert_eq!(
            soon(store.get(&name)).await.unwrap_err().kind(),
            ObjectStoreErrorKind::NotFound
        ),
    }

    soon(store.put(&name, &mut &content[..])).await.unwrap();
    let mut object = soon(store.get(&name)).await.unwrap();
    let mut read = vec![0; 300_000];
    soon(object.read_exact(&mut read)).await.unwrap();
    server.restart().await.unwrap();
    // It comes to an end, and bytes that are given out are right.
    let ended = timeout(PATIENCE * 3, object.read_to_end(&mut read)).await.unwrap();
    assert!(content.starts_with(&read) && (ended.is_err() || read.len() == content.len()));
    assert!(soon(store.get_bytes(&name)).await.unwrap() == content);
}

#[tokio::test]
async fn an_object_that_was_changed_on_the_server_is_not_taken_for_the_one_that_was_put() {
    let (_server, nats) = ready().await;
    let store = Store::new(&nats, KeyFilter::default());
    let name = key("g", "x");
    store.put(&name, &mut &b"content"[..]).await.unwrap();
    // Another digest under the same name.
    let raw = async_nats_jetstream(&nats);
    let stream = raw.get_stream("OBJ_artifacts").await.unwrap();
    let message = stream.get_raw_message(2).await.unwrap();
    let document = String::from_utf8(message.payload.to_vec()).unwrap();
    let digest = document.find("SHA-256=").unwrap() + "SHA-256=".len();
    let mut changed = document.clone();
    let other = if document[digest..].starts_with('A') { "B" } else { "A" };
    changed.replace_range(digest..=digest, other);
    raw.publish(message.subject, changed.into())
        .await
        .unwrap()
        .await
        .unwrap();
    let error = soon(store.get_bytes(&name)).await.unwrap_err();
    assert_eq!(error.kind(), ObjectStoreErrorKind::Damaged);
}

fn async_nats_jetstream(nats: &Connection) -> natsmith_runtime::async_nats::jetstream::Context {
    natsmith_runtime::async_nats::jetstream::new(nats.client().clone())
}
