//! Where the story plays: a server, connections to it, and how long anything may take.

use std::error::Error;
use std::future::Future;
use std::time::Duration;

use natsmith_runtime::endpoint::Endpoint;
use natsmith_runtime::endpoint::access::MayPublish;
use natsmith_runtime::testing::Server;
use natsmith_runtime::{Connection, Payload, TypedSubject};

use crate::tell;

/// What everything here returns: any error ends the story.
pub type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// How long the next turn of the story may take. It is a bound and not a pause: everything goes on as soon as it can.
const PATIENCE: Duration = Duration::from_secs(10);

/// The server that the story plays on.
pub struct Stage {
    url: String,
    /// The story's own server; nobody else's is stopped in the middle of the story.
    pub server: Option<Server>,
}

impl Stage {
    /// The server that `NATS_URL` names, else one of the story's own, with its store in a temporary folder.
    pub async fn open() -> Outcome<Self> {
        if let Some(url) = std::env::var("NATS_URL").ok().filter(|url| !url.is_empty()) {
            tell::note("server", format!("{url}, as NATS_URL says"));
            return Ok(Self { url, server: None });
        }
        tell::note("server", "starts; the first time of all, it is installed as well");
        let server = Server::start().await?;
        tell::note("server", format!("{}, for this story alone", server.url()));
        Ok(Self {
            url: server.url().to_owned(),
            server: Some(server),
        })
    }

    /// A connection of its own, as each of the cast would have in a process of its own.
    pub async fn connect(&self, name: &str) -> Outcome<Connection> {
        let connection = mister_smith::connection(&self.url)
            .name(name)
            // The contract says 1 s up to 60 s: right for a fleet, long for a story.
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
    let subject = S::resolve(endpoint.scope(), payload)?;
    tell::says(who, subject, format_args!("{}: {what}", S::Payload::NAME));
    endpoint.publish(payload).await?;
    Ok(())
}
