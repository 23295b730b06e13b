//! Where a story plays: a server, connections to it, and how long anything may take.

#![allow(dead_code, reason = "each story uses a part of this")]

use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::future::Future;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
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
pub async fn play(
    title: &str,
    contract: &'static str,
    settings: Settings,
    story: impl AsyncFnOnce(Stage) -> Outcome,
) -> ExitCode {
    tell::line(title);
    tell::chapter("The contract comes to the server");
    let played = async {
        // Outside of the time that the story may take: the first time of all, the server is installed here.
        let stage = Stage::open(contract, settings).await?;
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
    contract: &'static str,
    /// The folder of keys that users are signed with, where the server asks who they are.
    keys: Option<OsString>,
    settings: Settings,
    /// The story's own server; nobody else's is stopped in the middle of a story.
    pub server: Option<Server>,
}

impl Stage {
    /// The server that `NATS_URL` names, else one of the story's own, with its store in a temporary folder.
    async fn open(contract: &'static str, settings: Settings) -> Outcome<Self> {
        if let Some(url) = std::env::var("NATS_URL").ok().filter(|url| !url.is_empty()) {
            tell::note("server", format!("{url}, as NATS_URL says"));
            return Ok(Self {
                url,
                contract,
                keys: std::env::var_os("NATSMITH_KEYS"),
                settings,
                server: None,
            });
        }
        tell::note("server", "starts; the first time of all, it is installed as well");
        let server = Server::start().await?;
        tell::note("server", format!("{}, for this story alone", server.url()));
        Ok(Self {
            url: server.url().to_owned(),
            contract,
            keys: None,
            settings,
            server: Some(server),
        })
    }

    /// The server's address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Settings for a connection of its own, as each of the cast would have in a process of its own: as a user of a role, with the
    /// values of the tokens that are its own.
    pub fn user(&self, name: &str, role: &str, own: &[(&str, &str)]) -> Outcome<ConnectionBuilder> {
        self.user_at(self.url.clone(), name, role, own)
    }

    /// As [`user`](Self::user), for other servers.
    pub fn user_at(&self, servers: String, name: &str, role: &str, own: &[(&str, &str)]) -> Outcome<ConnectionBuilder> {
        let builder = (self.settings)(servers)
            .name(name)
            // Contracts are right for a fleet, and long for a story.
            .reconnect_delay(Duration::from_millis(100))
            .max_reconnect_delay(Duration::from_millis(500));
        match &self.keys {
            Some(keys) => Ok(builder.credentials_file(self.signed(keys, role, own)?)),
            None => Ok(builder),
        }
    }

    /// A connection that makes the contract's streams, and can do nothing else.
    pub async fn provisioner(&self, inbox_prefix: &str) -> Outcome<Connection> {
        let builder = self.user("provisioner", "provisioner", &[])?;
        Ok(builder.inbox_prefix(inbox_prefix).connect().await?)
    }

    /// Whether the server lets each of the cast do its part and nothing else.
    pub fn has_permissions(&self) -> bool {
        self.keys.is_some()
    }

    /// The credentials file of a user, which `natsmith credentials` writes.
    fn signed(&self, keys: &OsStr, role: &str, own: &[(&str, &str)]) -> Outcome<PathBuf> {
        let natsmith = std::env::var_os("NATSMITH").unwrap_or_else(|| "natsmith".into());
        let mut command = Command::new(natsmith);
        command.args([
            "credentials",
            "user",
            &format!("schema/{}", self.contract),
            "--role",
            role,
        ]);
        command.arg("--keys").arg(keys);
        for (token, value) in own {
            command.args(["--self", &format!("{token}={value}")]);
        }
        let output = command.output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        Ok(PathBuf::from(String::from_utf8(output.stdout)?.trim()))
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
