//! Settings of a connection.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::{ConnectOptions, ServerAddr};
use tokio::sync::{mpsc, watch};

use super::backoff::Backoff;
use super::event::{Broadcast, Link, Meters, Refused, State};
use super::supervisor::Supervisor;
use super::work::Work;
use super::{Connection, Inner};
use crate::error::Error;
use crate::observe;

/// Settings of a connection; those not set are what is recommended.
///
/// | setting | unless set |
/// |---|---|
/// | [`ping_interval`](Self::ping_interval) | 30 s |
/// | [`reconnect_delay`](Self::reconnect_delay), up to [`max_reconnect_delay`](Self::max_reconnect_delay) | 1 s, 60 s |
/// | [`max_reconnects`](Self::max_reconnects) | no limit |
/// | [`connection_timeout`](Self::connection_timeout), [`request_timeout`](Self::request_timeout), [`flush_timeout`](Self::flush_timeout) | 5 s |
/// | [`client_capacity`](Self::client_capacity) | 2,048 commands |
/// | [`subscription_capacity`](Self::subscription_capacity) | 65,536 messages |
#[derive(Clone)]
pub struct ConnectionBuilder {
    servers: Vec<String>,
    name: Option<String>,
    auth: Option<Auth>,
    tls: Tls,
    ping_interval: Duration,
    reconnect_delay: Duration,
    max_reconnect_delay: Duration,
    max_reconnects: Option<usize>,
    connection_timeout: Duration,
    request_timeout: Duration,
    flush_timeout: Duration,
    client_capacity: usize,
    subscription_capacity: usize,
    retry_on_initial_connect: bool,
    no_echo: bool,
    inbox_prefix: Option<String>,
}

#[derive(Clone)]
enum Auth {
    Token(String),
    UserAndPassword(String, String),
    Nkey(String),
    CredentialsFile(PathBuf),
    Credentials(String),
}

#[derive(Clone, Debug, Default)]
struct Tls {
    roots: Vec<PathBuf>,
    client: Option<(PathBuf, PathBuf)>,
    required: bool,
    first: bool,
}

impl ConnectionBuilder {
    /// Settings for a connection to the server at `url`, or to the servers of a list separated by commas.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            servers: vec![url.into()],
            name: None,
            auth: None,
            tls: Tls::default(),
            ping_interval: Duration::from_secs(30),
            reconnect_delay: Duration::from_secs(1),
            max_reconnect_delay: Duration::from_secs(60),
            max_reconnects: None,
            connection_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(5),
            flush_timeout: Duration::from_secs(5),
            client_capacity: 2048,
            subscription_capacity: 65_536,
            retry_on_initial_connect: false,
            no_echo: false,
            inbox_prefix: None,
        }
    }

    /// A further server of the same cluster.
    #[must_use]
    pub fn server(mut self, url: impl Into<String>) -> Self {
        self.servers.push(url.into());
        self
    }

    /// The connection's name, which the server shows to its operators.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Authenticates with a token. A URL can hold one too: `nats://token@host`.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.auth = Some(Auth::Token(token.into()));
        self
    }

    /// Authenticates with user and password. A URL can hold them too: `nats://user:password@host`.
    #[must_use]
    pub fn user_and_password(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.auth = Some(Auth::UserAndPassword(user.into(), password.into()));
        self
    }

    /// Authenticates with the seed of an nkey, the text that begins with `SU`.
    #[must_use]
    pub fn nkey(mut self, seed: impl Into<String>) -> Self {
        self.auth = Some(Auth::Nkey(seed.into()));
        self
    }

    /// Authenticates with a credentials file: a user's JWT and the seed of its nkey.
    #[must_use]
    pub fn credentials_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.auth = Some(Auth::CredentialsFile(path.into()));
        self
    }

    /// Authenticates with the text of a credentials file.
    #[must_use]
    pub fn credentials(mut self, text: impl Into<String>) -> Self {
        self.auth = Some(Auth::Credentials(text.into()));
        self
    }

    /// A PEM file of certificates to trust, instead of those of the system.
    #[must_use]
    pub fn root_certificates(mut self, path: impl Into<PathBuf>) -> Self {
        self.tls.roots.push(path.into());
        self
    }

    /// PEM files of the certificate and key by which the client shows who it is.
    #[must_use]
    pub fn client_certificate(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.tls.client = Some((certificate.into(), key.into()));
        self
    }

    /// Refuses to connect without TLS, whatever the server offers. The scheme `tls://` does so for one server.
    #[must_use]
    pub fn require_tls(mut self, required: bool) -> Self {
        self.tls.required = required;
        self
    }

    /// Begins with TLS before the server's greeting, for servers with `handshake_first`.
    #[must_use]
    pub fn tls_first(mut self, first: bool) -> Self {
        self.tls.first = first;
        self
    }

    /// How often an idle connection is proved alive; two pings without an answer and it is renewed.
    #[must_use]
    pub fn ping_interval(mut self, interval: Duration) -> Self {
        self.ping_interval = interval;
        self
    }

    /// The delay before the first attempt to reconnect. It doubles with each round over the servers, up to
    /// [`max_reconnect_delay`](Self::max_reconnect_delay); each wait is a random part, at least half, of its step.
    #[must_use]
    pub fn reconnect_delay(mut self, delay: Duration) -> Self {
        self.reconnect_delay = delay;
        self
    }

    /// The longest delay between two attempts to reconnect.
    #[must_use]
    pub fn max_reconnect_delay(mut self, delay: Duration) -> Self {
        self.max_reconnect_delay = delay;
        self
    }

    /// How many attempts without success close the connection for good; `None` or 0 for no limit. The attempts of
    /// the first connection count alike.
    #[must_use]
    pub fn max_reconnects(mut self, attempts: impl Into<Option<usize>>) -> Self {
        self.max_reconnects = attempts.into();
        self
    }

    /// How long one attempt to connect may take.
    #[must_use]
    pub fn connection_timeout(mut self, timeout: Duration) -> Self {
        self.connection_timeout = timeout;
        self
    }

    /// How long requests wait that have no timeout of their own, such as those to JetStream.
    #[must_use]
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.request_timeout = timeout;
        self
    }

    /// How long [`Connection::flush`] and [`Connection::round_trip`] wait.
    #[must_use]
    pub fn flush_timeout(mut self, timeout: Duration) -> Self {
        self.flush_timeout = timeout;
        self
    }

    /// How many commands, such as messages to publish, wait for the socket before publishing waits too. They also
    /// wait here while the connection is lost.
    #[must_use]
    pub fn client_capacity(mut self, commands: usize) -> Self {
        self.client_capacity = commands;
        self
    }

    /// How many messages wait in each subscription before it is a slow consumer and newer ones are dropped.
    #[must_use]
    pub fn subscription_capacity(mut self, messages: usize) -> Self {
        self.subscription_capacity = messages;
        self
    }

    /// Returns from [`connect`](Self::connect) at once and connects in the background, trying as after a lost
    /// connection.
    #[must_use]
    pub fn retry_on_initial_connect(mut self, retry: bool) -> Self {
        self.retry_on_initial_connect = retry;
        self
    }

    /// Asks the server not to deliver what this connection itself publishes.
    #[must_use]
    pub fn no_echo(mut self, no_echo: bool) -> Self {
        self.no_echo = no_echo;
        self
    }

    /// The first tokens of the inboxes on which answers arrive, `_INBOX` unless set.
    ///
    /// Who may hear an inbox may read the answers in it, so each role has inboxes of its own. The function `connect` of a role in
    /// a generated crate sets this.
    #[must_use]
    pub fn inbox_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.inbox_prefix = Some(prefix.into());
        self
    }

    /// Connects.
    ///
    /// # Errors
    /// See [`ConnectErrorKind`].
    pub async fn connect(self) -> Result<Connection, ConnectError> {
        let (addresses, url_auth) = self.addresses()?;
        let backoff = Backoff {
            first: self.reconnect_delay,
            max: self.max_reconnect_delay,
            servers: addresses.len(),
        };
        let retry = self.retry_on_initial_connect;
        let request_timeout = self.request_timeout;
        let flush_timeout = self.flush_timeout;
        let inbox_prefix = self.inbox_prefix.clone().unwrap_or_else(|| "_INBOX".to_owned());

        let (attempts_tx, mut attempts) = mpsc::unbounded_channel();
        let (events_tx, events) = mpsc::channel(1024);
        let connected = Arc::new(AtomicBool::new(false));
        let options = self
            .options(url_auth)
            .await?
            .event_callback({
                let connected = connected.clone();
                move |event| {
                    if event == async_nats::Event::Connected {
                        connected.store(true, Ordering::Relaxed);
                    }
                    let events = events_tx.clone();
                    async move {
                        // Fails only where the supervisor has ended, which is after the client has.
                        let _ = events.send(event).await;
                    }
                }
            })
            .reconnect_delay_callback({
                let connected = connected.clone();
                move |attempt| {
                    let _ = attempts_tx.send(attempt);
                    if connected.load(Ordering::Relaxed) {
                        backoff.delay(attempt)
                    } else if attempt <= backoff.servers {
                        Duration::ZERO
                    } else {
                        backoff.delay(attempt - backoff.servers)
                    }
                }
            });
        let client = options.connect(addresses).await?;

        if !retry {
            connected.store(true, Ordering::Relaxed);
            // The attempts of the first connection are no attempts to reconnect.
            while attempts.try_recv().is_ok() {}
        }
        Ok(start(
            client,
            inbox_prefix,
            attempts,
            events,
            retry,
            request_timeout,
            flush_timeout,
        ))
    }

    /// The servers' addresses without the secrets in them, and those secrets.
    fn addresses(&self) -> Result<(Vec<ServerAddr>, Option<Auth>), ConnectError> {
        let url_error = |error: std::io::Error| ConnectError::with_source(ConnectErrorKind::Url, error);
        let mut addresses = Vec::new();
        let mut auth = None;
        for url in self.servers.iter().flat_map(|list| list.split(',')) {
            let address: ServerAddr = url.trim().parse().map_err(url_error)?;
            if address.host().is_empty() {
                return Err(ConnectError::with_source(
                    ConnectErrorKind::Url,
                    format!("{url:?} names no host"),
                ));
            }
            // The client takes the address of a URL and not its user: without this a secret in a URL would be passed
            // over silently.
            let user = address.username().map(percent_decoded);
            let password = address.password().map(percent_decoded);
            if auth.is_none() {
                auth = match (user, password) {
                    (Some(user), Some(password)) => Some(Auth::UserAndPassword(user, password)),
                    (Some(token), None) => Some(Auth::Token(token)),
                    _ => None,
                };
            }
            let mut bare = address.into_inner();
            // Both fail only for URLs without a host, which have no user either.
            let _ = bare.set_username("");
            let _ = bare.set_password(None);
            addresses.push(ServerAddr::from_url(bare).map_err(url_error)?);
        }
        Ok((addresses, auth))
    }

    async fn options(self, url_auth: Option<Auth>) -> Result<ConnectOptions, ConnectError> {
        let mut options = ConnectOptions::new()
            .ping_interval(self.ping_interval)
            .max_reconnects(self.max_reconnects)
            .connection_timeout(self.connection_timeout)
            .request_timeout(Some(self.request_timeout))
            .client_capacity(self.client_capacity.max(1))
            .subscription_capacity(self.subscription_capacity.max(1))
            .require_tls(self.tls.required);
        if let Some(name) = self.name {
            options = options.name(name);
        }
        if let Some(prefix) = self.inbox_prefix {
            options = options.custom_inbox_prefix(prefix);
        }
        if self.no_echo {
            options = options.no_echo();
        }
        if self.retry_on_initial_connect {
            options = options.retry_on_initial_connect();
        }
        for path in self.tls.roots {
            options = options.add_root_certificates(path);
        }
        if let Some((certificate, key)) = self.tls.client {
            options = options.add_client_certificate(certificate, key);
        }
        if self.tls.first {
            options = options.tls_first();
        }
        match self.auth.or(url_auth) {
            None => Ok(options),
            Some(Auth::Token(token)) => Ok(options.token(token)),
            Some(Auth::UserAndPassword(user, password)) => Ok(options.user_and_password(user, password)),
            Some(Auth::Nkey(seed)) => Ok(options.nkey(seed)),
            Some(Auth::Credentials(text)) => options
                .credentials(&text)
                .map_err(|error| ConnectError::with_source(ConnectErrorKind::Credentials, error)),
            Some(Auth::CredentialsFile(path)) => {
                let told = path.display().to_string();
                options.credentials_file(path).await.map_err(|error| {
                    ConnectError::with_source(ConnectErrorKind::Credentials, format!("{told}: {error}"))
                })
            }
        }
    }
}

fn start(
    client: async_nats::Client,
    inbox_prefix: String,
    attempts: mpsc::UnboundedReceiver<usize>,
    events: mpsc::Receiver<async_nats::Event>,
    retry: bool,
    request_timeout: Duration,
    flush_timeout: Duration,
) -> Connection {
    let statistics = client.statistics();
    if !retry {
        observe::connected();
    }
    let (state_tx, state) = watch::channel(if retry { State::Connecting } else { State::Connected });
    let (link_tx, link) = watch::channel(Link {
        up: !retry,
        closed: false,
        connects: statistics.connects.load(Ordering::Relaxed),
    });
    let broadcast = Broadcast::new();
    let meters = Meters::default();
    let refused = Refused::default();
    let inner = Arc::new(Inner {
        client,
        link,
        state,
        broadcast: broadcast.clone(),
        meters: meters.clone(),
        refused: refused.clone(),
        work: Work::new(),
        request_timeout,
        flush_timeout,
    });
    let supervisor = Supervisor {
        attempts,
        events,
        state: state_tx,
        link: link_tx,
        broadcast,
        meters,
        refused,
        inbox_prefix,
        statistics,
        connection: Arc::downgrade(&inner),
    };
    tokio::spawn(supervisor.run());
    Connection { inner }
}

/// The text of a URL's part (RFC 3986, section 2.1); what is no escape stays as it is.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let digits = after.get(..2);
        if let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(b'%');
            rest = after;
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

impl fmt::Debug for ConnectionBuilder {
    /// Leaves out everything that may be secret: authentication, and the user and password of URLs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionBuilder")
            .field("servers", &self.addresses().map(|(addresses, _)| addresses).ok())
            .field("name", &self.name)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

/// Why a connection could not be made.
pub type ConnectError = Error<ConnectErrorKind>;

/// The kinds of [`ConnectError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectErrorKind {
    /// A server's URL cannot be read.
    Url,
    /// The credentials, nkey seed or credentials file cannot be read or used.
    Credentials,
    /// The server's name cannot be resolved.
    Dns,
    /// The server does not accept who we are.
    Authorization,
    /// The server did not answer within the connection timeout.
    TimedOut,
    /// TLS could not be set up.
    Tls,
    /// The server cannot be reached, or the connection broke while it was set up.
    Io,
    /// As many attempts as allowed were made.
    MaxReconnects,
}

impl fmt::Display for ConnectErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Url => "the server's URL cannot be read",
            Self::Credentials => "the credentials cannot be used",
            Self::Dns => "the server's name cannot be resolved",
            Self::Authorization => "the server does not accept these credentials",
            Self::TimedOut => "the server did not answer in time",
            Self::Tls => "TLS cannot be set up",
            Self::Io => "the server cannot be reached",
            Self::MaxReconnects => "as many attempts as allowed were made",
        })
    }
}

impl From<async_nats::ConnectError> for ConnectError {
    fn from(error: async_nats::ConnectError) -> Self {
        use async_nats::ConnectErrorKind as Kind;
        let kind = match error.kind() {
            Kind::ServerParse => ConnectErrorKind::Url,
            Kind::Dns => ConnectErrorKind::Dns,
            Kind::Authentication => ConnectErrorKind::Credentials,
            Kind::AuthorizationViolation => ConnectErrorKind::Authorization,
            Kind::TimedOut => ConnectErrorKind::TimedOut,
            Kind::Tls => ConnectErrorKind::Tls,
            Kind::Io => ConnectErrorKind::Io,
            Kind::MaxReconnects => ConnectErrorKind::MaxReconnects,
        };
        Self::with_source(kind, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_urls_are_used_and_never_shown() {
        let builder = Connection::builder("nats://us%40er:p%2Fw%zz@one:4333, two");
        let (addresses, auth) = builder.addresses().unwrap();
        let addresses: Vec<_> = addresses.iter().map(ServerAddr::as_url_str).collect();
        assert_eq!(addresses, ["nats://one:4333", "nats://two"]);
        assert!(matches!(auth, Some(Auth::UserAndPassword(user, password)) if user == "us@er" && password == "p/w%zz"));
        let shown = format!("{:?}", builder.clone().token("s3cret"));
        assert!(!shown.contains("p%2Fw") && !shown.contains("s3cret"), "{shown}");

        let (_, auth) = Connection::builder("nats://t0ken@one").addresses().unwrap();
        assert!(matches!(auth, Some(Auth::Token(token)) if token == "t0ken"));
    }

    #[test]
    fn a_url_that_cannot_be_read_is_an_error() {
        for url in ["", "http://x", "nats://:x:", "a,,b"] {
            let error = Connection::builder(url).addresses().err().map(|error| error.kind());
            assert_eq!(error, Some(ConnectErrorKind::Url), "{url:?}");
        }
    }
}
