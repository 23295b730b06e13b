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

/// Runs one test of this program as a process of its own, with another environment.
#[cfg(unix)]
fn run_alone(program: &std::path::Path, test: &str, environment: &[(&str, &std::path::Path)]) -> (bool, String) {
    let output = std::process::Command::new(program)
        .args(["--exact", test, "--nocapture"])
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("XDG_CACHE_HOME")
        .env_remove("NATS_SERVER_BIN")
        .env("NATSMITH_TEST_ALONE", test)
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    let told = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&told).into_owned())
}

/// What [`run_alone`] runs for the tests of where a server comes from.
#[test]
fn alone_say_which_server_is_found() {
    if std::env::var_os("NATSMITH_TEST_ALONE").is_some() {
        match server_binary() {
            Ok(path) => println!("found {}", path.display()),
            Err(error) => panic!("{error}"),
        }
    }
}

#[cfg(unix)]
#[test]
fn a_server_is_looked_for_in_order_and_its_absence_says_how_to_get_one() {
    use std::os::unix::fs::PermissionsExt;

    const ALONE: &str = "servers::alone_say_which_server_is_found";
    let real = server_binary().unwrap();
    let own = std::env::current_exe().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let script = |name: &str, version: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, format!("#!/bin/sh\necho 'nats-server: v{version}'\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    };
    let old = script("old/nats-server", "2.9.10");
    let new = script("new/nats-server", "2.11.0");
    let (old_folder, new_folder) = (old.parent().unwrap(), new.parent().unwrap());

    // What is named is taken, and nothing else where it cannot be.
    let (found, told) = run_alone(&own, ALONE, &[("NATS_SERVER_BIN", &new), ("PATH", old_folder)]);
    assert!(found && told.contains(&format!("found {}", new.display())), "{told}");
    let (found, told) = run_alone(&own, ALONE, &[("NATS_SERVER_BIN", &old), ("PATH", new_folder)]);
    assert!(!found && told.contains("is 2.9, and at least 2.11 is needed"), "{told}");
    // One that is too old is passed over: by another on the path, else by the installed one.
    let both = std::env::join_paths([old_folder, new_folder]).unwrap();
    let (found, told) = run_alone(&own, ALONE, &[("PATH", both.as_ref())]);
    assert!(found && told.contains(&format!("found {}", new.display())), "{told}");
    if own
        .ancestors()
        .any(|folder| real.starts_with(folder.join("nats-server")))
    {
        let (found, told) = run_alone(&own, ALONE, &[("PATH", old_folder)]);
        assert!(found && told.contains(&format!("found {}", real.display())), "{told}");
    }

    // A program outside of any target folder, without pip: none can be had.
    let elsewhere = folder.path().join("tests");
    std::fs::copy(&own, &elsewhere).unwrap();
    let cache = folder.path().join("cache");
    let (found, told) = run_alone(&elsewhere, ALONE, &[("PATH", old_folder), ("XDG_CACHE_HOME", &cache)]);
    assert!(!found, "{told}");
    for text in ["2.9, and at least 2.11", "`python3`: ", "help: set NATS_SERVER_BIN"] {
        assert!(told.contains(text), "{text}: {told}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn nats_url_names_the_server() {
    const ALONE: &str = "servers::alone_connect_to_nats_url";
    let server = server().await;
    let url = server.url().to_owned();
    let own = std::env::current_exe().unwrap();
    let alone = tokio::task::spawn_blocking(move || run_alone(&own, ALONE, &[("NATS_URL", url.as_ref())]));
    let (connected, told) = soon(alone).await.unwrap();
    assert!(
        connected && told.contains(&format!("connected to {}", server.port())),
        "{told}"
    );
}

/// What [`run_alone`] runs for the test of `NATS_URL`.
#[tokio::test]
async fn alone_connect_to_nats_url() {
    if std::env::var_os("NATSMITH_TEST_ALONE").is_some() {
        let nats = natsmith_runtime::Connection::from_env().connect().await.unwrap();
        println!("connected to {}", nats.client().server_info().port);
    }
}
