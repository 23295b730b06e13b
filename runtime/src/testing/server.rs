//! One server process.

use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::{ServerError, ServerErrorKind, server_binary};

/// How long a server may take to come up or go down.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often is looked, while waiting for another process.
const POLL: Duration = Duration::from_millis(5);

/// Settings of a server for tests.
#[derive(Clone, Debug)]
#[must_use]
pub struct ServerBuilder {
    jetstream: bool,
    config: String,
    port: Option<u16>,
    monitored: bool,
}

impl ServerBuilder {
    /// Whether JetStream is on, which it is unless set, with its store in a temporary folder.
    pub fn jetstream(mut self, on: bool) -> Self {
        self.jetstream = on;
        self
    }

    /// Further text of the server's configuration file.
    pub fn config(mut self, text: impl AsRef<str>) -> Self {
        self.config.push_str(text.as_ref());
        self.config.push('\n');
        self
    }

    /// The port on the loopback address; a free one unless set.
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Opens the port on which a server tells how it is.
    pub(super) fn monitored(mut self) -> Self {
        self.monitored = true;
        self
    }

    /// Starts the server and waits until it accepts connections.
    ///
    /// # Errors
    /// See [`ServerErrorKind`]; where the server refuses to start, with what it logged.
    pub async fn start(self) -> Result<Server, ServerError> {
        let binary = tokio::task::spawn_blocking(server_binary)
            .await
            .map_err(|error| ServerError::process(error.to_string()))??;
        let home = tempfile::Builder::new()
            .prefix("nats-server-")
            .tempdir()
            .map_err(ServerError::files)?;
        let mut config = String::new();
        if self.jetstream {
            let store = home.path().join("store").display().to_string().replace('\\', "/");
            config = format!("jetstream {{ store_dir: \"{store}\" }}\n");
        }
        let mut server = Server {
            binary,
            home,
            own_config: config,
            process: None,
            url: String::new(),
            port: self.port,
            monitored: self.monitored,
            monitor: String::new(),
        };
        server.reconfigure(&self.config)?;
        server.launch().await?;
        Ok(server)
    }
}

/// A running nats-server on a loopback port. It is killed when this is dropped, also by a panic.
pub struct Server {
    binary: PathBuf,
    home: TempDir,
    own_config: String,
    process: Option<Child>,
    url: String,
    port: Option<u16>,
    monitored: bool,
    monitor: String,
}

impl Server {
    /// A server with JetStream on a free port.
    ///
    /// # Errors
    /// See [`ServerErrorKind`].
    pub async fn start() -> Result<Self, ServerError> {
        Self::builder().start().await
    }

    /// Settings for a server.
    pub fn builder() -> ServerBuilder {
        ServerBuilder {
            jetstream: true,
            config: String::new(),
            port: None,
            monitored: false,
        }
    }

    /// The URL to connect to, such as `nats://127.0.0.1:40771`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The port on the loopback address.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or_default()
    }

    /// The address on which it tells how it is, where it was asked to.
    pub(super) fn monitor(&self) -> &str {
        &self.monitor
    }

    /// What the server has logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        let log = fs::read(self.log_path()).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    /// Replaces the further text of the configuration, from the next [`restart`](Self::restart) on.
    ///
    /// # Errors
    /// [`ServerErrorKind::Files`].
    pub fn reconfigure(&mut self, text: &str) -> Result<(), ServerError> {
        fs::write(self.config_path(), format!("{}{text}\n", self.own_config)).map_err(ServerError::files)
    }

    /// Stops the server in order; what its streams hold is kept for a [`restart`](Self::restart).
    ///
    /// # Errors
    /// [`ServerErrorKind::Process`] where it does not end; it is killed then.
    pub async fn stop(&mut self) -> Result<(), ServerError> {
        let Some(mut process) = self.process.take() else {
            return Ok(());
        };
        if cfg!(unix) {
            self.signal("quit", process.id())?;
            let until = Instant::now() + PATIENCE;
            while Instant::now() < until {
                if process.try_wait().map_err(ServerError::files)?.is_some() {
                    return Ok(());
                }
                tokio::time::sleep(POLL).await;
            }
        }
        end(&mut process);
        if cfg!(unix) {
            return Err(ServerError::process(format!(
                "did not end within {PATIENCE:?} and was killed"
            )));
        }
        Ok(())
    }

    /// Kills the server without a chance to end in order; what the system has of its files is kept for a
    /// [`restart`](Self::restart).
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            end(&mut process);
        }
    }

    /// Stops the server if it runs, and starts it on the same port with the same store.
    ///
    /// # Errors
    /// See [`ServerErrorKind`].
    pub async fn restart(&mut self) -> Result<(), ServerError> {
        self.stop().await?;
        self.launch().await
    }

    /// Puts the server into lame duck mode: it asks its clients to leave, and ends after a while.
    ///
    /// # Errors
    /// [`ServerErrorKind::NotSupported`] on platforms without signals; [`ServerErrorKind::Process`] where it does
    /// not run.
    pub fn lame_duck(&self) -> Result<(), ServerError> {
        match &self.process {
            Some(process) => self.signal("ldm", process.id()),
            None => Err(ServerError::process("is stopped")),
        }
    }

    /// The server's program also sends signals, so that no `unsafe` code is needed for it.
    fn signal(&self, signal: &str, process: u32) -> Result<(), ServerError> {
        if !cfg!(unix) {
            return Err(ServerErrorKind::NotSupported.into());
        }
        let output = Command::new(&self.binary)
            .args(["--signal", &format!("{signal}={process}")])
            .output()
            .map_err(ServerError::files)?;
        if output.status.success() {
            return Ok(());
        }
        let told = String::from_utf8_lossy(&output.stderr);
        Err(ServerError::process(format!("signal {signal}: {}", told.trim())))
    }

    async fn launch(&mut self) -> Result<(), ServerError> {
        let until = Instant::now() + PATIENCE;
        let retry_until = Instant::now() + PATIENCE / 4;
        loop {
            match self.launch_once(until).await {
                // A fixed port may be taken for a moment, by an outgoing connection of another test.
                Err(_) if self.log().contains("address already in use") && Instant::now() < retry_until => {
                    tokio::time::sleep(POLL * 20).await;
                }
                result => return result,
            }
        }
    }

    async fn launch_once(&mut self, until: Instant) -> Result<(), ServerError> {
        let ports = self.home.path().join("ports");
        let _ = fs::remove_dir_all(&ports);
        fs::create_dir_all(&ports).map_err(ServerError::files)?;
        let log = File::create(self.log_path()).map_err(ServerError::files)?;
        let mut command = Command::new(&self.binary);
        command
            .args(["--addr", "127.0.0.1", "--port"])
            .arg(self.port.map_or_else(|| "-1".to_owned(), |port| port.to_string()))
            .arg("--config")
            .arg(self.config_path())
            .arg("--ports_file_dir")
            .arg(&ports)
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(ServerError::files)?)
            .stderr(log);
        if self.monitored {
            command.args(["--http_port", "-1"]);
        }
        let mut process = command
            .spawn()
            .map_err(|error| ServerError::process(format!("{}: {error}", self.binary.display())))?;
        loop {
            if let Some(told) = told_ports(&ports) {
                self.url = first(&told, "nats").unwrap_or_default();
                self.port = self.url.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
                self.monitor = first(&told, "monitoring")
                    .map(|url| url.trim_start_matches("http://").to_owned())
                    .unwrap_or_default();
                self.process = Some(process);
                return Ok(());
            }
            let told = match process.try_wait() {
                Ok(Some(status)) => format!("ended at once ({status})"),
                Ok(None) if Instant::now() < until => {
                    tokio::time::sleep(POLL).await;
                    continue;
                }
                Ok(None) => format!("did not come up within {PATIENCE:?}"),
                Err(error) => error.to_string(),
            };
            end(&mut process);
            return Err(ServerError::process(format!("{told}:\n{}", self.log())));
        }
    }

    fn config_path(&self) -> PathBuf {
        self.home.path().join("server.conf")
    }

    fn log_path(&self) -> PathBuf {
        self.home.path().join("server.log")
    }
}

/// The file that the server writes once it listens.
fn told_ports(ports: &Path) -> Option<Value> {
    let file = fs::read_dir(ports)
        .ok()?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "ports"))?;
    // A file that is only half written does not parse, and is read again.
    serde_json::from_slice(&fs::read(file).ok()?).ok()
}

/// The first URL of a kind.
fn first(told: &Value, kind: &str) -> Option<String> {
    Some(told.get(kind)?.get(0)?.as_str()?.to_owned())
}

fn end(process: &mut Child) {
    // Fails only where it has ended already.
    let _ = process.kill();
    let _ = process.wait();
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            end(process);
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("url", &self.url)
            .field("running", &self.process.is_some())
            .finish_non_exhaustive()
    }
}
