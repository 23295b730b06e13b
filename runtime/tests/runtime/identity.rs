//! Who may connect: every way to say who one is. All keys are made when the tests run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use natsmith_runtime::connection::{ConnectErrorKind, Connection, ConnectionBuilder, Event};
use natsmith_runtime::testing::Server;
use nkeys::KeyPair;
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair as TlsKey};
use serde_json::{Value, json};

use crate::contract::soon;

async fn server(config: &str) -> Server {
    Server::builder().jetstream(false).config(config).start().await.unwrap()
}

async fn accepted(builder: ConnectionBuilder) {
    let nats = builder.connect().await.unwrap_or_else(|error| panic!("{error}"));
    nats.round_trip().await.unwrap();
}

async fn refused(builder: ConnectionBuilder, kind: ConnectErrorKind) {
    match builder.connect().await {
        Ok(_) => panic!("connected"),
        Err(error) => assert_eq!(error.kind(), kind, "{error}"),
    }
}

/// The server's URL with something before its host.
fn url(server: &Server, before_host: &str) -> String {
    server.url().replace("://", &format!("://{before_host}"))
}

#[tokio::test]
async fn a_token_is_checked_in_the_builder_and_in_the_url() {
    let server = server("authorization { token: \"s3cr3t/token\" }").await;
    accepted(Connection::builder(server.url()).token("s3cr3t/token")).await;
    accepted(Connection::builder(url(&server, "s3cr3t%2Ftoken@"))).await;
    refused(Connection::builder(server.url()), ConnectErrorKind::Authorization).await;
    refused(
        Connection::builder(url(&server, "wrong@")),
        ConnectErrorKind::Authorization,
    )
    .await;
    // What is said in the program counts more than what is in the URL.
    accepted(Connection::builder(url(&server, "wrong@")).token("s3cr3t/token")).await;
}

#[tokio::test]
async fn user_and_password_are_checked_in_the_builder_and_in_the_url() {
    let server = server("authorization { user: ann, password: \"p@ss\" }").await;
    accepted(Connection::builder(server.url()).user_and_password("ann", "p@ss")).await;
    accepted(Connection::builder(url(&server, "ann:p%40ss@"))).await;
    refused(
        Connection::builder(server.url()).user_and_password("ann", "wrong"),
        ConnectErrorKind::Authorization,
    )
    .await;
}

#[tokio::test]
async fn an_nkey_is_checked() {
    let user = KeyPair::new_user();
    let server = server(&format!(
        "authorization {{ users: [{{ nkey: {} }}] }}",
        user.public_key()
    ))
    .await;
    accepted(Connection::builder(server.url()).nkey(user.seed().unwrap())).await;
    let other = KeyPair::new_user().seed().unwrap();
    refused(
        Connection::builder(server.url()).nkey(other),
        ConnectErrorKind::Authorization,
    )
    .await;
    refused(
        Connection::builder(server.url()).nkey("no seed"),
        ConnectErrorKind::Credentials,
    )
    .await;
}

/// Base64 for URLs, without padding (RFC 4648, section 5).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    bytes
        .chunks(3)
        .flat_map(|chunk| {
            let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
            (0..=chunk.len()).map(move |digit| char::from(DIGITS[(bits >> (18 - 6 * digit) & 63) as usize]))
        })
        .collect()
}

/// A JWT as the server's operator mode reads it.
fn jwt(issuer: &KeyPair, subject: &KeyPair, name: &str, nats: &Value, expires: Option<u64>) -> String {
    let mut claims = json!({ "jti": name, "iat": 1_700_000_000, "iss": issuer.public_key(), "sub": subject.public_key(), "name": name, "nats": nats });
    if let Some(expires) = expires {
        claims["exp"] = expires.into();
    }
    let signed = format!(
        "{}.{}",
        base64(br#"{"typ":"JWT","alg":"ed25519-nkey"}"#),
        base64(claims.to_string().as_bytes())
    );
    let signature = base64(&issuer.sign(signed.as_bytes()).unwrap());
    format!("{signed}.{signature}")
}

/// An operator with an account, for servers that go by JWTs.
struct Operator {
    account: KeyPair,
    config: String,
}

impl Operator {
    fn new() -> Self {
        let (operator, account) = (KeyPair::new_operator(), KeyPair::new_account());
        let claims = json!({ "type": "operator", "version": 2 });
        let operator_jwt = jwt(&operator, &operator, "operator", &claims, None);
        let limits = json!({
            "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1, "leaf": -1
        });
        let claims = json!({ "type": "account", "version": 2, "limits": limits });
        let account_jwt = jwt(&operator, &account, "account", &claims, None);
        let config = format!(
            "operator: {operator_jwt}\nresolver: MEMORY\nresolver_preload: {{ {}: {account_jwt} }}",
            account.public_key()
        );
        Self { account, config }
    }

    /// The text of a user's credentials file.
    fn credentials(&self, expires: Option<u64>) -> String {
        let user = KeyPair::new_user();
        let claims = json!({ "type": "user", "version": 2, "subs": -1, "data": -1, "payload": -1 });
        let user_jwt = jwt(&self.account, &user, "user", &claims, expires);
        format!(
            "-----BEGIN NATS USER JWT-----\n{user_jwt}\n------END NATS USER JWT------\n\n\
             -----BEGIN USER NKEY SEED-----\n{}\n------END USER NKEY SEED------\n",
            user.seed().unwrap()
        )
    }
}

#[tokio::test]
async fn a_credentials_file_is_checked() {
    let operator = Operator::new();
    let server = server(&operator.config).await;
    let credentials = operator.credentials(None);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("user.creds");
    std::fs::write(&file, &credentials).unwrap();
    accepted(Connection::builder(server.url()).credentials_file(&file)).await;
    accepted(Connection::builder(server.url()).credentials(&credentials)).await;
    refused(Connection::builder(server.url()), ConnectErrorKind::Authorization).await;
    // Those of another operator, and those that have expired.
    for others in [
        Operator::new().credentials(None),
        operator.credentials(Some(1_700_000_001)),
    ] {
        let builder = Connection::builder(server.url()).credentials(&others);
        refused(builder, ConnectErrorKind::Authorization).await;
    }

    let missing = folder.path().join("missing.creds");
    let error = Connection::builder(server.url())
        .credentials_file(&missing)
        .connect()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ConnectErrorKind::Credentials);
    assert!(error.to_string().contains("missing.creds"), "{error}");
    refused(
        Connection::builder(server.url()).credentials("no credentials"),
        ConnectErrorKind::Credentials,
    )
    .await;
}

/// Says who one is.
type Say = Box<dyn Fn(ConnectionBuilder) -> ConnectionBuilder>;

/// Every way to say who one is goes with TLS and with a certificate of the client's, and once more after the connection was lost.
#[tokio::test]
async fn who_one_is_goes_over_tls_and_again_after_a_lost_connection() {
    let (certificates, operator, key) = (Certificates::new(), Operator::new(), KeyPair::new_user());
    let builder = |url: &str| {
        Connection::builder(url)
            .root_certificates(certificates.path("authority.pem"))
            .client_certificate(certificates.path("client.pem"), certificates.path("client.key"))
            .require_tls(true)
            .reconnect_delay(Duration::from_millis(20))
            .max_reconnect_delay(Duration::from_millis(200))
    };
    let (seed, credentials) = (key.seed().unwrap(), operator.credentials(None));
    let ways: [(&str, String, Say); 4] = [
        (
            "token",
            "authorization { token: t }".to_owned(),
            Box::new(|builder| builder.token("t")),
        ),
        (
            "user and password",
            "authorization { user: u, password: p }".to_owned(),
            Box::new(|builder| builder.user_and_password("u", "p")),
        ),
        (
            "nkey",
            format!("authorization {{ users: [{{ nkey: {} }}] }}", key.public_key()),
            Box::new(move |builder| builder.nkey(&seed)),
        ),
        (
            "credentials",
            operator.config.clone(),
            Box::new(move |builder| builder.credentials(&credentials)),
        ),
    ];
    for (way, config, say) in ways {
        let mut server = server(&format!("{}\n{config}", certificates.config(", verify: true"))).await;
        refused(builder(server.url()), ConnectErrorKind::Authorization).await;
        let nats = say(builder(server.url()))
            .connect()
            .await
            .unwrap_or_else(|error| panic!("{way}: {error}"));
        nats.round_trip().await.unwrap();
        let mut events = nats.events();
        server.restart().await.unwrap();
        soon(async { while events.next().await.unwrap() != Event::Connected {} }).await;
        nats.round_trip().await.unwrap_or_else(|error| panic!("{way}: {error}"));
    }
}

/// The server takes the name in a certificate for the user, who needs nothing else.
#[tokio::test]
async fn a_certificate_can_be_the_user() {
    let certificates = Certificates::new();
    let users = "authorization { users: [ { user: localhost, permissions: { publish: \"_INBOX_me.>\", subscribe: \"_INBOX_me.>\" } } ] }";
    let server = server(&format!("{}\n{users}", certificates.config(", verify_and_map: true"))).await;
    let builder = Connection::builder(server.url())
        .root_certificates(certificates.path("authority.pem"))
        .client_certificate(certificates.path("client.pem"), certificates.path("client.key"));
    accepted(builder.clone().inbox_prefix("_INBOX_me")).await;
    let nats = builder
        .flush_timeout(Duration::from_millis(300))
        .connect()
        .await
        .unwrap();
    assert!(
        nats.round_trip().await.is_err(),
        "the permissions are those of the user"
    );
}

/// Certificates made for one test, as PEM files.
struct Certificates {
    folder: tempfile::TempDir,
}

impl Certificates {
    fn new() -> Self {
        let own = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = TlsKey::generate().unwrap();
        own.write("authority.pem", &authority.self_signed(&key).unwrap().pem());
        let issuer = Issuer::new(authority, key);
        for (name, purpose) in [
            ("server", ExtendedKeyUsagePurpose::ServerAuth),
            ("client", ExtendedKeyUsagePurpose::ClientAuth),
        ] {
            let mut leaf = CertificateParams::new(vec!["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
            leaf.extended_key_usages = vec![purpose];
            let key = TlsKey::generate().unwrap();
            own.write(&format!("{name}.pem"), &leaf.signed_by(&key, &issuer).unwrap().pem());
            own.write(&format!("{name}.key"), &key.serialize_pem());
        }
        own
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn config(&self, more: &str) -> String {
        let quoted = |path: &Path| format!("\"{}\"", path.display().to_string().replace('\\', "/"));
        format!(
            "tls {{ cert_file: {}, key_file: {}, ca_file: {} {more} }}",
            quoted(&self.path("server.pem")),
            quoted(&self.path("server.key")),
            quoted(&self.path("authority.pem")),
        )
    }
}

#[tokio::test]
async fn tls_is_set_up_with_the_named_authority_only() {
    let certificates = Certificates::new();
    let server = server(&certificates.config("")).await;
    let authority = certificates.path("authority.pem");
    accepted(Connection::builder(server.url()).root_certificates(&authority)).await;
    accepted(
        Connection::builder(server.url())
            .root_certificates(&authority)
            .require_tls(true),
    )
    .await;
    // The system's authorities do not know the server's.
    assert!(Connection::builder(server.url()).connect().await.is_err());
    let other = Certificates::new();
    let error = Connection::builder(server.url())
        .root_certificates(other.path("authority.pem"))
        .connect()
        .await
        .unwrap_err();
    assert!(error.to_string().to_lowercase().contains("certificate"), "{error}");
    refused(
        Connection::builder(server.url()).root_certificates(certificates.path("missing.pem")),
        ConnectErrorKind::Tls,
    )
    .await;
}

#[tokio::test]
async fn a_client_shows_its_certificate_where_the_server_asks_for_it() {
    let certificates = Certificates::new();
    let server = server(&certificates.config(", verify: true")).await;
    let builder = Connection::builder(server.url()).root_certificates(certificates.path("authority.pem"));
    let shown = builder
        .clone()
        .client_certificate(certificates.path("client.pem"), certificates.path("client.key"));
    accepted(shown).await;
    assert!(builder.connect().await.is_err());
}

#[tokio::test]
async fn tls_can_come_first_and_can_be_insisted_on() {
    let certificates = Certificates::new();
    let first = server(&certificates.config(", handshake_first: true")).await;
    let builder = Connection::builder(first.url()).root_certificates(certificates.path("authority.pem"));
    accepted(builder.tls_first(true)).await;

    let plain = server("").await;
    let insisting = Connection::builder(plain.url())
        .root_certificates(certificates.path("authority.pem"))
        .require_tls(true);
    assert!(insisting.connect().await.is_err());
}

#[tokio::test]
async fn every_server_of_a_list_is_tried() {
    let server = server("").await;
    // Port 1 is reserved (RFC 1078) and out of use.
    let nobody = "nats://127.0.0.1:1";
    accepted(Connection::builder(format!("{nobody},{}", server.url()))).await;
    accepted(Connection::builder(nobody).server(server.url())).await;
    refused(Connection::builder(nobody), ConnectErrorKind::Io).await;
}
