//! Where a story plays: a server, connections to it, and how long anything may take.

#![allow(dead_code, reason = "each story uses a part of this")]

use std::error::Error;
use std::future::Future;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use natsmith_runtime::endpoint::Endpoint;
use natsmith_runtime::endpoint::access::MayPublish;
use natsmith_runtime::testing::Server;
use natsmith_runtime::{Connection, ConnectionBuilder, Payload, TypedSubject};

use crate::tell;

/// What everything here returns: any error ends the story.
pub type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// How long the next turn of a story may take. It is a bound and not a pause: everything goes on as soon as it can.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a whole story may take.
const EVENING: Duration = Duration::from_secs(60);

/// A connection with a contract's settings: the function `connection` of its generated crate.
type Settings = fn(String) -> ConnectionBuilder;

/// Opens a stage, plays the story on it, and says how it ended.
pub async fn play(title: &str, settings: Settings, story: impl AsyncFnOnce(Stage) -> Outcome) -> ExitCode {
    tell::line(title);
    tell::chapter("The contract comes to the server");
    let played = async {
        // Outside of the time that the story may take: the first time of all, the server is installed here.
        let stage = Stage::open(settings).await?;
        let began = Instant::now();
        tokio::time::timeout(EVENING, story(stage))
            .await
            .map_err(|_| "it did not come to its end within a minute")??;
        tell::line(format_args!("\nThe end, after {:.1} s.", began.elapsed().as_secs_f64()));
        Outcome::Ok(())
    };
    match played.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nThe story broke off: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The server that a story plays on.
pub struct Stage {
    url: String,
    settings: Settings,
    /// The story's own server; nobody else's is stopped in the middle of a story.
    pub server: Option<Server>,
}

impl Stage {
    /// The server that `NATS_URL` names, else one of the story's own, with its store in a temporary folder.
    async fn open(settings: Settings) -> Outcome<Self> {
        if let Some(url) = std::env::var("NATS_URL").ok().filter(|url| !url.is_empty()) {
            tell::note("server", format!("{url}, as NATS_URL says"));
            let server = None;
            return Ok(Self { url, settings, server });
        }
        tell::note("server", "starts; the first time of all, it is installed as well");
        let server = Server::start().await?;
        tell::note("server", format!("{}, for this story alone", server.url()));
        Ok(Self {
            url: server.url().to_owned(),
            settings,
            server: Some(server),
        })
    }

    /// The server's address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A connection of its own, as each of the cast would have in a process of its own.
    pub async fn connect(&self, name: &str) -> Outcome<Connection> {
        let connection = (self.settings)(self.url.clone())
            .name(name)
            // Contracts are right for a fleet, and long for a story.
            .reconnect_delay(Duration::from_millis(100))
            .max_reconnect_delay(Duration::from_millis(500))
            .connect()
            .await?;
        Ok(connection)
    }
}

/// Waits for `turn`, and says what was waited for in vain.
pub async fn soon<T>(what: &str, turn: impl Future<Output = T>) -> Outcome<T> {
    tokio::time::timeout(PATIENCE, turn)
        .await
        .map_err(|_| format!("waited {PATIENCE:?} in vain for {what}").into())
}

/// Publishes a payload and tells on which subject; the payload itself says which one that is.
pub async fn say<S: TypedSubject, A: MayPublish>(
    who: &str,
    endpoint: &Endpoint<S, A>,
    payload: &S::Payload,
    what: &str,
) -> Outcome {
    let subject = endpoint.subject(payload)?;
    tell::says(who, subject, format_args!("{}: {what}", S::Payload::NAME));
    endpoint.publish(payload).await?;
    Ok(())
}
