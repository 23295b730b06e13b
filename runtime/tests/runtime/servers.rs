//! The servers that the tests themselves stand on.

use natsmith_runtime::testing::{Server, ServerErrorKind, server_binary};

use crate::contract::{connect, server, soon};

#[tokio::test]
async fn a_server_restarts_on_its_port_and_keeps_its_streams() {
    let mut server = server().await;
    let (url, port) = (server.url().to_owned(), server.port());
    let nats = connect(&server).await;
    let create = nats.client().request(
        "$JS.API.STREAM.CREATE.kept",
        r#"{"name":"kept","subjects":["kept"]}"#.into(),
    );
    assert!(String::from_utf8_lossy(&create.await.unwrap().payload).contains("\"config\""));

    server.restart().await.unwrap();
    assert_eq!((server.url(), server.port()), (url.as_str(), port));
    let nats = connect(&server).await;
    let names = nats.client().request("$JS.API.STREAM.NAMES", "".into()).await.unwrap();
    assert!(String::from_utf8_lossy(&names.payload).contains("kept"));
}

#[tokio::test]
async fn a_dropped_server_is_gone() {
    let server = server().await;
    let address = ("127.0.0.1", server.port());
    drop(tokio::net::TcpStream::connect(address).await.unwrap());
    drop(server);
    soon(async { while tokio::net::TcpStream::connect(address).await.is_ok() {} }).await;
}

#[tokio::test]
async fn a_server_that_refuses_its_configuration_says_why() {
    let error = Server::builder()
        .config("no_such_setting: 1")
        .start()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ServerErrorKind::Process);
    assert!(error.to_string().contains("no_such_setting"), "{error}");
}

#[tokio::test]
async fn without_jetstream_there_is_none() {
    let server = Server::builder().jetstream(false).start().await.unwrap();
    let nats = connect(&server).await;
    assert!(!nats.client().server_info().jetstream);
}

#[test]
fn the_server_is_found_once() {
    assert_eq!(server_binary().unwrap(), server_binary().unwrap());
}
