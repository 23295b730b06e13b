//! Everything that a declaration file can declare, except streams and stores.

use super::checking::CheckDecl;
use super::decode::{Named, declarations};
use super::presence::PresenceDecl;
use super::stores::{BucketDecl, BucketOverride, ObjectStoreDecl, ObjectStoreOverride};
use super::streams::{ConsumerOverride, StreamDecl, StreamOverride};
use super::units::{Size, Time};
use crate::source::Spanned;

declarations! {
    /// One file of a contract. What a file declares is said by its keys; a contract may be spread over any number of files.
    pub struct DeclarationFile with its faulty {
        /// The edition of the schema language: 1.
        pub natsmith: Option<Spanned<u64>>,
        /// The contract's name in kebab-case.
        pub contract: Option<Spanned<String>>,
        /// The contract's own version, `major.minor.patch`.
        pub version: Option<Spanned<String>>,
        /// The contract's name for people.
        pub title: Option<Spanned<String>>,
        /// What the contract is for (Markdown).
        pub description: Option<Spanned<String>>,
        /// The oldest nats-server it must run on, such as `>=2.11`.
        pub nats: Option<Spanned<String>>,
        /// The account of the server that it is spoken in. Contracts of one account share subjects, streams and limits; those that
        /// name none share the server's own, `$G`.
        pub account: Option<Spanned<String>>,
        /// Where the generated crate goes.
        pub rust: Option<Spanned<RustDecl>>,
        /// How the generated documents name things.
        pub docs: Option<Spanned<DocsDecl>>,
        /// How generated clients connect.
        pub connection: Option<Spanned<ConnectionDecl>>,
        /// Defaults of every subscription.
        pub subscribing: Option<Spanned<SubscribingDecl>>,
        /// What the server's account allows.
        pub limits: Option<Spanned<LimitsDecl>>,
        /// What findings of `natsmith check` weigh in this contract, and which of them are meant to stay.
        pub check: Option<Spanned<CheckDecl>>,
        /// Where the contract is spoken, for documents.
        pub servers: Named<ServerDecl>,
        /// What each version of the contract changed for those who use it (Markdown), by version.
        pub changes: Named<Spanned<String>>,
        /// Who takes part.
        pub roles: Named<RoleDecl>,
        /// Named sets of overrides for provisioning.
        pub profiles: Named<ProfileDecl>,
        /// The places in subjects that vary.
        pub tokens: Named<TokenDecl>,
        /// The subjects, as `module.name`.
        pub subjects: Named<SubjectDecl>,
        /// Named wildcard subscriptions.
        pub subscriptions: Named<SubscriptionDecl>,
        /// What is published on several subjects at once.
        pub publications: Named<PublicationDecl>,
        /// Discoverable services (ADR-32).
        pub services: Named<ServiceDecl>,
        /// Who is there, told by heartbeats.
        pub presence: Named<PresenceDecl>,
        /// The JetStream streams with their consumers.
        pub streams: Named<StreamDecl>,
        /// The key-value buckets.
        pub kv: Named<BucketDecl>,
        /// The object stores.
        pub object_stores: Named<ObjectStoreDecl>,
    }

    /// Where the generated crate goes and what it depends on.
    pub struct RustDecl {
        /// The crate's name; the contract's name without it.
        pub crate_name as "crate": Option<Spanned<String>>,
        /// The output folder, seen from the contract's folder.
        pub output: Option<Spanned<String>>,
        /// Where `natsmith-runtime` comes from.
        pub runtime: Option<Spanned<RuntimeDecl>>,
        /// Payloads that also come as types that borrow from their documents, for programs that read very many of them.
        pub borrowed: Vec<Spanned<String>>,
        /// Payloads whose open objects keep the members that the schema does not name, and write them back.
        pub keep_unknown: Vec<Spanned<String>>,
        /// The Rust type of a `date-time`: `chrono`, `jiff`, `time` or `string`; `chrono` without it.
        pub date_time: Option<Spanned<String>>,
        /// The Rust type of a `uuid`: `uuid` or `string`; `uuid` without it.
        pub uuid: Option<Spanned<String>>,
    }

    /// How the generated documents name things.
    pub struct DocsDecl {
        /// The `$id` of a payload's JSON Schema, a URI with `{payload}` in it, and `{contract}` and `{version}` where they are
        /// wanted; `https://natsmith.invalid/{contract}/{payload}.json` without it.
        pub schema_id: Option<Spanned<String>>,
    }

    /// A server, for documents; programs are told where to connect.
    pub struct ServerDecl {
        /// Its URL: `nats://`, `tls://`, `ws://` or `wss://`, a host, and a port where it is not the protocol's own.
        pub url: Spanned<String>,
        /// What it is for.
        pub description: Option<Spanned<String>>,
        /// How clients prove who they are, each of which will do: `user_password`, `token`, `nkey`, `jwt`, `tls`.
        pub security: Vec<Spanned<String>>,
    }

    /// Where `natsmith-runtime` comes from: a version, a path, or a git repository.
    pub struct RuntimeDecl {
        /// A version requirement.
        pub version: Option<Spanned<String>>,
        /// A path, seen from the generated crate.
        pub path: Option<Spanned<String>>,
        /// The URL of a git repository.
        pub git: Option<Spanned<String>>,
        /// The commit, with `git`.
        pub rev: Option<Spanned<String>>,
    }

    /// How generated clients connect.
    pub struct ConnectionDecl {
        /// How often an idle connection is probed.
        pub ping_interval: Option<Spanned<Time>>,
        /// How many attempts in a row may fail before the client gives up; without it, it never does.
        pub max_reconnects: Option<Spanned<u64>>,
        /// The wait before the first attempt to reconnect.
        pub reconnect_delay: Option<Spanned<Time>>,
        /// What the waits grow up to.
        pub max_reconnect_delay: Option<Spanned<Time>>,
        /// How long one attempt to connect may take.
        pub connection_timeout: Option<Spanned<Time>>,
        /// How long a request waits for its reply where its subject does not say.
        pub request_timeout: Option<Spanned<Time>>,
        /// How long a flush may take.
        pub flush_timeout: Option<Spanned<Time>>,
        /// How many messages may wait for the socket before publishing waits.
        pub max_pending_messages: Option<Spanned<u64>>,
    }

    /// Defaults of every subscription.
    pub struct SubscribingDecl {
        /// How many received messages may wait for the program before it counts as a slow consumer.
        pub max_pending_messages: Option<Spanned<u64>>,
    }

    /// What the server's account allows; streams and payloads are held against it.
    pub struct LimitsDecl {
        /// Memory for streams.
        pub max_memory: Option<Spanned<Size>>,
        /// Disk for streams.
        pub max_storage: Option<Spanned<Size>>,
        /// Number of streams.
        pub max_streams: Option<Spanned<u64>>,
        /// Number of consumers.
        pub max_consumers: Option<Spanned<u64>>,
        /// Number of connections.
        pub max_connections: Option<Spanned<u64>>,
        /// Number of subscriptions.
        pub max_subscriptions: Option<Spanned<u64>>,
        /// The server's `max_payload`; 1MiB without it.
        pub max_payload: Option<Spanned<Size>>,
    }

    /// One kind of participant.
    pub struct RoleDecl {
        /// Who it is.
        pub description: Option<Spanned<String>>,
        /// Tokens that are part of a connection's own identity.
        pub own as "self": Vec<Spanned<String>>,
    }

    /// A named set of overrides for provisioning.
    pub struct ProfileDecl {
        /// What it is for.
        pub description: Option<Spanned<String>>,
        /// Stream settings by stream; `"*"` stands for every stream and gives way to a named one.
        pub streams: Named<StreamOverride>,
        /// Consumer settings by consumer; `"*"` stands for every consumer and gives way to a named one.
        pub consumers: Named<ConsumerOverride>,
        /// Bucket settings by bucket, in the same way.
        pub kv: Named<BucketOverride>,
        /// Object store settings by store, in the same way.
        pub object_stores: Named<ObjectStoreOverride>,
    }

    /// One named place in subjects. Without pattern and enum it takes any single token.
    pub struct TokenDecl {
        /// What it stands for.
        pub description: Option<Spanned<String>>,
        /// A regular expression for the whole token, with `^` and `$`.
        pub pattern: Option<Spanned<String>>,
        /// The values it can take.
        pub members as "enum": Option<Spanned<Vec<Spanned<String>>>>,
        /// One value, for documents.
        pub example: Option<Spanned<String>>,
        /// The token that it is under another name, for a second place in one template.
        pub same_as: Option<Spanned<String>>,
    }

    /// One subject: an event (`payload`) or a request (`request` and `reply`).
    pub struct SubjectDecl {
        /// The template: tokens in braces, `agents.{agent_id}.heartbeat`.
        pub subject: Spanned<String>,
        /// One sentence.
        pub summary: Option<Spanned<String>>,
        /// All there is to say (Markdown).
        pub description: Option<Spanned<String>>,
        /// The payload of an event.
        pub payload: Option<Spanned<String>>,
        /// Says that the event is one of several messages, and what tells them apart; instead of `payload`.
        pub messages: Option<Spanned<MessagesDecl>>,
        /// The payload of a request.
        pub request: Option<Spanned<String>>,
        /// The payload of the reply.
        pub reply: Option<Spanned<String>>,
        /// The payload of the errors that a request is answered with.
        pub error: Option<Spanned<String>>,
        /// How long an asker waits for the reply.
        pub timeout: Option<Spanned<Time>>,
        /// The field of a request that tells whether it is the same one again, as a JSON pointer.
        pub idempotency_key: Option<Spanned<String>>,
        /// Says that several answer, and how long they are waited for.
        pub replies: Option<Spanned<RepliesDecl>>,
        /// Says that the reply travels on a subject of the contract; instead of `reply`.
        pub reply_on: Option<Spanned<ReplyOnDecl>>,
        /// Says that the reply comes in chunks, each of which is a `reply`.
        pub streamed: Option<Spanned<StreamedDecl>>,
        /// Tokens that repeat a field of the payload: token to JSON pointer.
        pub bind: Named<Spanned<String>>,
        /// The token that names who sends; without it and `receiver`, a role's own tokens hold for both sides.
        pub sender: Option<Spanned<String>>,
        /// The token that names who receives.
        pub receiver: Option<Spanned<String>>,
        /// Roles that publish the event.
        pub publish: Vec<Spanned<String>>,
        /// Roles that hear the event.
        pub subscribe: Vec<Spanned<String>>,
        /// Roles that send the request.
        pub ask: Vec<Spanned<String>>,
        /// Roles that answer it.
        pub answer: Vec<Spanned<String>>,
        /// The queue group in which subscribers share the messages.
        pub queue_group: Option<Spanned<String>>,
        /// The payload whose members are the headers of the message; each is a text, a number or a boolean.
        pub headers: Option<Spanned<String>>,
        /// The payload field that becomes `Nats-Msg-Id`, as a JSON pointer.
        pub message_id: Option<Spanned<String>>,
    }

    /// One payload on several subjects: one call publishes it on all of them.
    pub struct PublicationDecl {
        /// One sentence.
        pub summary: Option<Spanned<String>>,
        /// The payload, where its subjects carry different ones that accept the same document; the payload of all of them without it.
        pub payload: Option<Spanned<String>>,
        /// The events that carry it.
        pub subjects: Vec<Spanned<String>>,
        /// Roles that publish it.
        pub publish: Vec<Spanned<String>>,
    }

    /// A discoverable service (ADR-32): requests under a name and a version.
    pub struct ServiceDecl {
        /// The name that others find it by; the declaration's own in kebab-case without it.
        pub service: Option<Spanned<String>>,
        /// Its version, `major.minor.patch`; the contract's without it.
        pub version: Option<Spanned<String>>,
        /// What it is for.
        pub description: Option<Spanned<String>>,
        /// Notes for tools.
        pub metadata: Named<Spanned<String>>,
        /// The request subjects that it answers.
        pub endpoints: Vec<Spanned<String>>,
        /// Roles that provide it.
        pub provide: Vec<Spanned<String>>,
    }

    /// Several messages on one subject.
    pub struct MessagesDecl {
        /// What tells them apart.
        pub by: Spanned<KindDecl>,
        /// The payload of each, by what stands in the field, header or token for it.
        pub of: Named<Spanned<String>>,
    }

    /// What tells messages apart: one of these.
    pub struct KindDecl {
        /// A field of each payload that is a constant, as a JSON pointer.
        pub field: Option<Spanned<String>>,
        /// A header.
        pub header: Option<Spanned<String>>,
        /// A token of the template.
        pub token: Option<Spanned<String>>,
    }

    /// How the answers of several are gathered.
    pub struct RepliesDecl {
        /// How many answer; without it nobody knows, and the time decides.
        pub expected: Option<Spanned<u64>>,
        /// How long all of them may take.
        pub deadline: Spanned<Time>,
        /// How long after one answer the next one is waited for.
        pub silence: Option<Spanned<Time>>,
    }

    /// Where a reply travels, and how it is found there.
    pub struct ReplyOnDecl {
        /// The event that carries the replies.
        pub subject: Spanned<String>,
        /// Tokens of that event's template which repeat a field of the request: token to JSON pointer.
        pub tokens: Named<Spanned<String>>,
        /// What tells which request a reply belongs to; the header `Natsmith-Correlation-Id` without it.
        pub correlate: Option<Spanned<CorrelateDecl>>,
    }

    /// What tells which request a reply belongs to: a field of the request, and where the reply repeats it.
    pub struct CorrelateDecl {
        /// The field of the request, as a JSON pointer.
        pub request: Spanned<String>,
        /// The field of the reply, as a JSON pointer.
        pub reply: Option<Spanned<String>>,
        /// The token of the reply's subject, instead of a field.
        pub token: Option<Spanned<String>>,
    }

    /// How a reply comes in chunks.
    pub struct StreamedDecl {
        /// How many chunks may be under way or wait for their reader; 16 without it.
        pub window: Option<Spanned<u64>>,
        /// How long nothing may be heard of the other side before it counts as lost; 5s without it.
        pub silence: Option<Spanned<Time>>,
    }

    /// A named wildcard subscription: one typed message for every subject that it hears.
    pub struct SubscriptionDecl {
        /// The filter, `tasks.>`.
        pub filter: Spanned<String>,
        /// One sentence.
        pub summary: Option<Spanned<String>>,
        /// Roles that may subscribe.
        pub subscribe: Vec<Spanned<String>>,
        /// The queue group in which subscribers share the messages.
        pub queue_group: Option<Spanned<String>>,
        /// The payload that every subject it hears is expected to carry.
        pub payload: Option<Spanned<String>>,
    }
}

/// What a role may do with a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Send events.
    Publish,
    /// Hear events.
    Subscribe,
    /// Send requests.
    Ask,
    /// Answer requests.
    Answer,
}
