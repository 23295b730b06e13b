//! What documents say beside the contract itself.

use super::Contract;
use super::payload::Payload;
use crate::source::Spanned;

/// What the `$id`s of JSON Schemas are made of where the contract does not say.
///
/// Under `.invalid` there is never a host (RFC 2606), so nobody fetches it. A URN would say the same, but validators that
/// resolve references as Python's `urljoin` does find nothing in a schema with one.
pub const DEFAULT_SCHEMA_ID: &str = "https://natsmith.invalid/{contract}/{payload}.json";

/// A server on which the contract is spoken.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its name.
    pub name: Spanned<String>,
    /// `nats`, `tls`, `ws` or `wss`.
    pub protocol: String,
    /// The host, and the port where one was said.
    pub host: String,
    /// What it is for.
    pub description: Option<String>,
    /// How clients prove who they are, each of which will do.
    pub security: Vec<Security>,
}

/// How a client proves who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// A user and a password.
    UserPassword,
    /// A token.
    Token,
    /// The signature of an nkey.
    Nkey,
    /// A user's JWT and the signature of its nkey: a credentials file.
    Jwt,
    /// A certificate of the client.
    Tls,
}

impl Security {
    /// Every way.
    pub const ALL: [Self; 5] = [Self::UserPassword, Self::Token, Self::Nkey, Self::Jwt, Self::Tls];

    /// The word of the schema language.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UserPassword => "user_password",
            Self::Token => "token",
            Self::Nkey => "nkey",
            Self::Jwt => "jwt",
            Self::Tls => "tls",
        }
    }
}

impl Contract {
    /// The `$id` of a payload's JSON Schema: its own where that is a URI by itself, else the one that the contract makes.
    #[must_use]
    pub fn schema_id(&self, payload: &Payload) -> String {
        let own = payload.schema.get("$id").and_then(serde_json::Value::as_str);
        match own {
            // A file without one that others refer to dynamically gets one of its own when it is bundled.
            Some(id) if !id.starts_with("natsmith:") && (id.contains("://") || id.starts_with("urn:")) => {
                id.trim_end_matches('#').to_owned()
            }
            _ => self
                .schema_id
                .replace("{contract}", &self.name)
                .replace("{version}", &self.version)
                .replace("{payload}", &payload.name),
        }
    }
}
