//! Three servers that form a cluster.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Server, ServerError};

const SERVERS: usize = 3;
/// Electing a leader takes raft some seconds.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(50);

/// A cluster of three servers with JetStream on loopback ports, for what one server cannot show: replicas, and connections that move.
///
/// ```no_run
/// # async fn test() -> Result<(), Box<dyn std::error::Error>> {
/// use natsmith_runtime::Connection;
/// use natsmith_runtime::testing::Cluster;
///
/// let mut cluster = Cluster::start().await?;
/// let nats = Connection::builder(cluster.url()).connect().await?;
/// cluster.server(0).stop().await?; // the connection finds another one
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Cluster {
    servers: Vec<Server>,
}

impl Cluster {
    /// Starts the servers and waits until they have elected a leader, which takes some seconds.
    ///
    /// # Errors
    /// See [`ServerErrorKind`](super::ServerErrorKind).
    pub async fn start() -> Result<Self, ServerError> {
        Self::start_with("").await
    }

    /// As [`start`](Self::start), with further text of each server's configuration.
    ///
    /// # Errors
    /// See [`ServerErrorKind`](super::ServerErrorKind).
    pub async fn start_with(config: &str) -> Result<Self, ServerError> {
        let ports = free_ports().map_err(ServerError::files)?;
        let routes: Vec<String> = ports
            .iter()
            .map(|port| format!("\"nats://127.0.0.1:{port}\""))
            .collect();
        let routes = routes.join(", ");
        let mut servers = Vec::new();
        for (number, port) in ports.iter().enumerate() {
            let server = Server::builder()
                .config(format!(
                    "server_name: node-{number}\n\
                     cluster {{ name: testing, listen: \"127.0.0.1:{port}\", routes: [{routes}] }}"
                ))
                .config(config)
                .monitored()
                .start()
                .await?;
            servers.push(server);
        }
        let cluster = Self { servers };
        cluster.ready().await?;
        Ok(cluster)
    }

    /// The servers' URLs, separated by commas.
    #[must_use]
    pub fn url(&self) -> String {
        let urls: Vec<&str> = self.servers.iter().map(Server::url).collect();
        urls.join(",")
    }

    /// How many servers there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.servers.len()
    }

    /// Whether there is none, which is never so.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.servers.is_empty()
    }

    /// One of the servers, counted from 0 and around.
    ///
    /// # Panics
    /// Never: there are always three.
    #[must_use]
    #[allow(clippy::indexing_slicing)] // Within bounds by the remainder.
    pub fn server(&mut self, number: usize) -> &mut Server {
        let count = self.servers.len();
        &mut self.servers[number % count]
    }

    /// Waits until every server is well, and the leader has both others with it.
    ///
    /// # Errors
    /// [`ServerErrorKind::Process`](super::ServerErrorKind::Process) where that does not come to pass within a minute.
    pub async fn ready(&self) -> Result<(), ServerError> {
        let until = Instant::now() + PATIENCE;
        let monitors: Vec<String> = self.servers.iter().map(|server| server.monitor().to_owned()).collect();
        loop {
            let asked = monitors.clone();
            let ready = tokio::task::spawn_blocking(move || are_ready(&asked))
                .await
                .map_err(|error| ServerError::process(error.to_string()))?;
            if ready {
                return Ok(());
            }
            if Instant::now() > until {
                let logs: Vec<String> = self.servers.iter().map(Server::log).collect();
                let told = format!("no cluster was formed within {PATIENCE:?}:\n{}", logs.join("\n"));
                return Err(ServerError::process(told));
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

fn are_ready(monitors: &[String]) -> bool {
    let well =
        |monitor: &String| get(monitor, "/healthz").is_some_and(|health| health.get("status") == Some(&"ok".into()));
    let leads = |monitor: &String| {
        let replicas = get(monitor, "/jsz")?
            .get("meta_cluster")?
            .get("replicas")?
            .as_array()?
            .clone();
        let current = |replica: &Value| replica.get("current") == Some(&Value::Bool(true));
        Some(replicas.len() + 1 == monitors.len() && replicas.iter().all(current))
    };
    monitors.iter().all(well) && monitors.iter().any(|monitor| leads(monitor) == Some(true))
}

/// A document from a server's monitoring port.
fn get(monitor: &str, path: &str) -> Option<Value> {
    let mut stream = TcpStream::connect(monitor).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    write!(stream, "GET {path} HTTP/1.0\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    serde_json::from_str(body).ok()
}

/// Ports that are free at this moment, all different. The routes between servers must be known before the first one starts.
fn free_ports() -> std::io::Result<Vec<u16>> {
    let listeners = (0..SERVERS)
        .map(|_| TcpListener::bind("127.0.0.1:0"))
        .collect::<std::io::Result<Vec<_>>>()?;
    listeners
        .iter()
        .map(|listener| listener.local_addr().map(|address| address.port()))
        .collect()
}
