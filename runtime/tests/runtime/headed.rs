//! Typed headers: what cannot be one is refused where it is made, and what is none where it is read.

use natsmith_runtime::async_nats::HeaderMap;
use natsmith_runtime::headed::{self, HeaderField, HeadersErrorKind};
use natsmith_runtime::{Endpoint, HeadedSubject, TypedSubject, access};

use crate::contract::{Status, StatusSubject, connect, server, soon};

/// Each status is sent with another one in its headers.
impl HeadedSubject for StatusSubject {
    type Headers = Status;
    const HEADERS: &'static [HeaderField] = &[
        HeaderField {
            name: "agent",
            is_text: true,
        },
        HeaderField {
            name: "load",
            is_text: false,
        },
        HeaderField {
            name: "note",
            is_text: true,
        },
    ];
}

fn noted(note: &str) -> Status {
    Status {
        note: note.to_owned(),
        ..Status::of("a1", 7)
    }
}

#[tokio::test]
async fn headers_arrive_as_they_were_sent() {
    let server = server().await;
    let nats = connect(&server).await;
    let status = Endpoint::<StatusSubject, access::PublishSubscribe>::new(&nats, StatusSubject::filter());
    let mut heard = status.subscribe().await.unwrap();
    for note in ["", "as it is", "a \"quoted\" text: ä\\n", "[1, 2]", "7", "null"] {
        let headed = status.clone().headed(&noted(note)).unwrap();
        let mut more = HeaderMap::new();
        more.insert("Trace", "9");
        // The headers of the endpoint and those of one message; a clone of the endpoint has them too.
        headed
            .clone()
            .publish_with_headers(&Status::of("a1", 1), more)
            .await
            .unwrap();
        let message = soon(heard.next()).await.unwrap().unwrap();
        assert_eq!(message.typed_headers().unwrap(), noted(note), "{note}");
        assert_eq!(message.headers.get("Trace").unwrap().as_str(), "9");
        assert_eq!(message.headers.get("load").unwrap().as_str(), "7");
    }
}

#[tokio::test]
async fn what_cannot_be_a_header_is_refused() {
    let server = server().await;
    let nats = connect(&server).await;
    let status = || Endpoint::<StatusSubject, access::Publish>::new(&nats, StatusSubject::filter());
    for note in ["two\nlines", "a\rreturn", " before", "after "] {
        let error = status().headed(&noted(note)).unwrap_err();
        assert_eq!(
            error.kind(),
            HeadersErrorKind::Unwritable { header: "note" },
            "{note:?}"
        );
    }
    let error = status().headed(&Status::of("a1", 101)).unwrap_err();
    assert_eq!(error.kind(), HeadersErrorKind::Invalid);
    assert!(error.to_string().contains("/load"), "{error}");
    // Without the check of generated subjects nothing is asked for.
    status().publish(&Status::of("a1", 1)).await.unwrap();
}

#[test]
fn what_is_no_header_is_named_at_its_place() {
    let read = |headers: &[(&'static str, &str)]| {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, *value);
        }
        headed::read::<StatusSubject>(Some(&map))
    };
    assert_eq!(
        read(&[("agent", "a1"), ("load", "7"), ("Other", "x")]).unwrap(),
        noted("")
    );
    for (headers, place) in [
        (vec![("agent", "a1")], "/load"),
        (vec![("agent", "a1"), ("load", "many")], "/load"),
        (vec![("agent", "a1"), ("load", "7.5")], "/load"),
        (vec![("agent", "a1"), ("load", "\"7\"")], "/load"),
        (vec![("agent", "a1"), ("load", "7} ")], "/load"),
        (vec![("agent", "a1"), ("load", "101")], "/load"),
        (vec![("load", "1")], "/agent"),
        // The names are those of the contract, to the letter.
        (vec![("Agent", "a1"), ("load", "1")], "/agent"),
    ] {
        let error = read(&headers).unwrap_err();
        assert!(error.to_string().contains(place), "{headers:?}: {error}");
    }
    headed::read::<StatusSubject>(None).unwrap_err();
}
