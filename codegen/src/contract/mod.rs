//! The resolved model: what a contract means, without how it was written.
//!
//! Every name in it leads somewhere. Spans are carried for diagnostics and otherwise opaque.

mod answers;
mod bindings;
mod docs;
mod examples;
mod look;
mod lookup;
mod messages;
mod parts;
pub mod payload;
mod permissions;
mod presence;
mod publications;
mod services;
pub mod settings;
mod stores;
mod streams;
mod subjects;

use std::time::Duration;

use indexmap::IndexMap;

pub use answers::{Answers, Correlation, Replies, ReplyOn, Streamed};
pub use bindings::Binding;
pub use docs::{DEFAULT_SCHEMA_ID, Security, Server};
pub use examples::{Example, Verdict};
pub use look::Look;
pub(crate) use lookup::Lookup;
pub use messages::{Discriminator, Messages};
pub use parts::Part;
pub use permissions::{Grant, PROVISIONER, Permissions, Responses};
pub use presence::{Notice, Presence};
pub use publications::Publication;
pub use services::Service;
pub use settings::ServerVersion;
pub use stores::{ByContent, Store, StoreKind};
pub(crate) use streams::dead_letters;
pub use streams::{Capture, Consumer, GiveUp, OnInvalid, Profile, Provisioned, ProvisionedConsumer, Stream, Work};
pub use subjects::{Pattern, Segment, Subject, Subscription, Template, Token, closest_to};

use crate::source::{Span, Spanned};
use crate::subject::{Shape, Texts};
use payload::PayloadSet;

/// One contract: one folder of schema files, one generated crate.
#[derive(Clone, Debug)]
pub struct Contract {
    /// Its name in kebab-case.
    pub name: Spanned<String>,
    /// Its own version.
    pub version: String,
    /// Its name for people.
    pub title: Option<String>,
    /// What it is for (Markdown).
    pub description: Option<String>,
    /// The oldest server it must run on.
    pub nats: ServerVersion,
    /// The account that it is spoken in, where it names one.
    pub account: Option<Spanned<String>>,
    /// What each version changed, the newest first.
    pub changes: Vec<Change>,
    /// Where the generated crate goes.
    pub rust: RustTarget,
    /// What the `$id`s of JSON Schemas are made of, with `{contract}`, `{version}` and `{payload}` in it.
    pub schema_id: String,
    /// Where the contract is spoken, by name.
    pub servers: IndexMap<String, Server>,
    /// How generated clients connect.
    pub connection: ConnectionSettings,
    /// What the server's account allows.
    pub limits: Limits,
    /// Who takes part.
    pub roles: IndexMap<String, Role>,
    /// The places in subjects that vary.
    pub tokens: IndexMap<String, Token>,
    /// What travels.
    pub payloads: PayloadSet,
    /// Documents that show what payloads are and are not.
    pub examples: Vec<Example>,
    /// The subjects by `module.name`.
    pub subjects: IndexMap<String, Subject>,
    /// Whether every subject that was declared is among them; of one with a fault nobody knows what it is.
    pub all_subjects: bool,
    /// Named wildcard subscriptions.
    pub subscriptions: IndexMap<String, Subscription>,
    /// What is published on several subjects at once.
    pub publications: IndexMap<String, Publication>,
    /// Discoverable services.
    pub services: IndexMap<String, Service>,
    /// Who is there, by name.
    pub presence: IndexMap<String, Presence>,
    /// The streams by their name on the server.
    pub streams: IndexMap<String, Stream>,
    /// The key-value buckets by their name on the server.
    pub kv: IndexMap<String, Store>,
    /// The object stores by their name on the server.
    pub object_stores: IndexMap<String, Store>,
    /// What it changes about the look of its documents.
    pub look: Look,
    /// Named sets of overrides.
    pub profiles: IndexMap<String, Profile>,
    /// What is looked up in subjects and streams, which nobody may change once somebody has asked.
    pub(crate) lookup: Lookup,
}

/// What one version of the contract changed.
#[derive(Clone, Debug)]
pub struct Change {
    /// The version.
    pub version: String,
    /// What it changed for those who use the contract (Markdown).
    pub text: String,
}

/// One kind of participant.
#[derive(Clone, Debug)]
pub struct Role {
    /// Its name.
    pub name: Spanned<String>,
    /// Who it is.
    pub description: Option<String>,
    /// Tokens that are part of a connection's own identity.
    pub own: Vec<Spanned<String>>,
}

/// Where the generated crate goes and what it depends on.
#[derive(Clone, Debug)]
pub struct RustTarget {
    /// The crate's name.
    pub crate_name: String,
    /// The output folder, seen from the contract's folder.
    pub output: String,
    /// Where `natsmith-runtime` comes from.
    pub runtime: RuntimeSource,
    /// The payloads that also come as types that borrow from their documents.
    pub borrowed: Vec<Spanned<String>>,
    /// The payloads whose open objects keep what the schema does not name.
    pub keep_unknown: Vec<Spanned<String>>,
    /// The type of moments.
    pub date_time: DateTimeType,
    /// Whether UUIDs are text.
    pub uuid_as_text: bool,
}

/// The Rust type of moments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateTimeType {
    /// `chrono::DateTime<FixedOffset>`
    #[default]
    Chrono,
    /// `jiff::Zoned`
    Jiff,
    /// `time::OffsetDateTime`
    Time,
    /// `String`
    Text,
}

/// Where `natsmith-runtime` comes from.
#[derive(Clone, Debug)]
pub enum RuntimeSource {
    /// A registry, by version requirement.
    Version(String),
    /// A folder, seen from the contract's folder.
    Path(String),
    /// A git repository and, if given, a commit.
    Git {
        /// The repository's URL.
        url: String,
        /// The commit.
        rev: Option<String>,
    },
}

/// How generated clients connect; what is not said is left to the runtime.
#[derive(Clone, Debug, Default)]
pub struct ConnectionSettings {
    /// How often an idle connection is probed.
    pub ping_interval: Option<Duration>,
    /// How many attempts in a row may fail.
    pub max_reconnects: Option<u64>,
    /// The wait before the first attempt to reconnect.
    pub reconnect_delay: Option<Duration>,
    /// What the waits grow up to.
    pub max_reconnect_delay: Option<Duration>,
    /// How long one attempt to connect may take.
    pub connection_timeout: Option<Duration>,
    /// How long a request waits by default.
    pub request_timeout: Option<Duration>,
    /// How long a flush may take.
    pub flush_timeout: Option<Duration>,
    /// How many messages may wait for the socket.
    pub max_pending_messages: Option<u64>,
    /// How many received messages may wait in each subscription.
    pub subscription_pending_messages: Option<u64>,
}

/// What the server's account allows. `None` means that the contract does not say.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// Bytes of memory.
    pub max_memory: Option<Spanned<u64>>,
    /// Bytes on disk.
    pub max_storage: Option<Spanned<u64>>,
    /// Number of streams.
    pub max_streams: Option<Spanned<u64>>,
    /// Number of consumers.
    pub max_consumers: Option<Spanned<u64>>,
    /// Number of connections.
    pub max_connections: Option<Spanned<u64>>,
    /// Number of subscriptions.
    pub max_subscriptions: Option<Spanned<u64>>,
    /// The largest message in bytes.
    pub max_payload: Option<Spanned<u64>>,
}

impl Limits {
    /// The server's own default of `max_payload`: 1 MiB.
    pub const DEFAULT_MAX_PAYLOAD: u64 = 1 << 20;

    /// The largest message that the server takes, in bytes.
    #[must_use]
    pub fn max_payload(&self) -> u64 {
        self.max_payload
            .as_ref()
            .map_or(Self::DEFAULT_MAX_PAYLOAD, |limit| limit.value)
    }
}

impl Contract {
    /// The place that stands for the contract as a whole.
    #[must_use]
    pub fn origin(&self) -> Span {
        self.name.span
    }

    /// The account that it is spoken in: the server's own, `$G`, where it names none.
    #[must_use]
    pub fn account(&self) -> &str {
        self.account.as_ref().map_or("$G", |account| account.value.as_str())
    }

    /// The token of a role that fills in a token of a template: itself, or the one that it is under another name.
    #[must_use]
    pub fn own_token<'r>(&self, role: &'r Role, token: &str) -> Option<&'r str> {
        let meant = self
            .tokens
            .get(token)
            .and_then(|token| token.same_as.as_deref())
            .map_or(token, String::as_str);
        role.own.iter().map(|own| own.as_str()).find(|own| *own == meant)
    }

    /// The tokens of a subject that are the role's own on one side, each with the role's token that fills it in.
    ///
    /// What names the sender or the receiver is the role's own on that side alone; all else, such as an environment, on both.
    #[must_use]
    pub fn own_tokens<'c>(
        &'c self,
        role: &'c Role,
        subject: &'c Subject,
        party: Option<&Spanned<String>>,
    ) -> Vec<(&'c str, &'c str)> {
        let parties: Vec<&str> = [&subject.sender, &subject.receiver]
            .into_iter()
            .flatten()
            .filter_map(|named| self.own_token(role, named))
            .collect();
        let own = subject.template.tokens().filter_map(|token| {
            let own = if party.is_some_and(|party| party.value == token) {
                self.own_token(role, token)
            } else {
                let own = role.own.iter().map(|own| own.as_str()).find(|own| *own == token);
                own.filter(|own| !parties.contains(own))
            };
            Some((token, own?))
        });
        own.collect()
    }

    /// The buckets and the object stores.
    pub fn stores(&self) -> impl Iterator<Item = &Store> {
        self.kv.values().chain(self.object_stores.values())
    }

    /// Whether there is anything to provision.
    #[must_use]
    pub fn has_assets(&self) -> bool {
        !self.streams.is_empty() || self.stores().next().is_some()
    }

    /// The subjects of a template: what its fixed parts and its tokens can be.
    #[must_use]
    pub fn shape(&self, template: &Template) -> Shape {
        let places = template.segments.iter().map(|segment| {
            let token = |name: &String| self.tokens.get(name).map(|token| token.texts().clone());
            match segment {
                Segment::Literal(text) => Texts::one_of([text.as_str()]),
                Segment::Token(name) => token(name).unwrap_or_else(Texts::any),
                Segment::Tail(name) => token(name).unwrap_or_else(Texts::any_tail),
            }
        });
        places.fold(Shape::new(), Shape::with)
    }
}
