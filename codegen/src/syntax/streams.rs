//! Streams and consumers, whose settings are read by table.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::decode::{self, FromNode, Named, expect_mapping};
use super::settings;
use super::work::{OnFailureDecl, OnInvalidDecl};
use crate::contract::settings::{CONSUMER, STREAM, Settings};
use crate::diagnostics::Report;
use crate::source::{Node, Spanned};

/// A subject by its name in the taxonomy, or a filter in NATS's own notation.
#[derive(Clone, Debug)]
pub enum SubjectRef {
    /// `tasks.assignment`
    Name(Spanned<String>),
    /// `{ filter: "raw.>" }`
    Filter(Spanned<String>),
}

/// One stream.
#[derive(Clone, Debug)]
pub struct StreamDecl {
    /// One sentence.
    pub summary: Option<Spanned<String>>,
    /// What it captures.
    pub subjects: Vec<SubjectRef>,
    /// Roles that read its dead letters and send them out once more.
    pub replay: Vec<Spanned<String>>,
    /// Everything that the JetStream API calls configuration.
    pub settings: Settings,
    /// Its consumers by durable name.
    pub consumers: Named<ConsumerDecl>,
}

/// One durable pull consumer.
#[derive(Clone, Debug)]
pub struct ConsumerDecl {
    /// One sentence.
    pub summary: Option<Spanned<String>>,
    /// What it delivers; empty means everything in the stream.
    pub filter: Vec<SubjectRef>,
    /// Roles that work on what it delivers.
    pub consume: Vec<Spanned<String>>,
    /// How many messages one worker has in hand at a time.
    pub concurrency: Option<Spanned<u64>>,
    /// What becomes of a delivery that does not decode.
    pub on_invalid: Option<Spanned<OnInvalidDecl>>,
    /// What becomes of a message whose handler fails.
    pub on_failure: Option<Spanned<OnFailureDecl>>,
    /// The stream that what is given up goes to.
    pub dead_letter: Option<Spanned<String>>,
    /// Everything that the JetStream API calls configuration.
    pub settings: Settings,
}

/// What a profile says about a stream.
#[derive(Clone, Debug)]
pub struct StreamOverride(pub Settings);

/// What a profile says about a consumer.
#[derive(Clone, Debug)]
pub struct ConsumerOverride(pub Settings);

const STREAM_KEYS: &[&str] = &["summary", "subjects", "replay", "consumers"];
const CONSUMER_KEYS: &[&str] = &[
    "summary",
    "filter",
    "consume",
    "concurrency",
    "on_invalid",
    "on_failure",
    "dead_letter",
];

impl FromNode for SubjectRef {
    fn from_node(node: &Node, report: &mut Report) -> Option<Self> {
        if let Some(name) = node.as_str() {
            return Some(Self::Name(Spanned::new(name.to_owned(), node.span)));
        }
        if node.as_mapping().is_none() {
            decode::wrong_type(node, "text: a subject's name, or `{ filter: \"..\" }`", report);
            return None;
        }
        let fields = decode::Fields::open(node, &["filter"], report)?;
        fields.read("filter", report).map(Self::Filter)
    }
}

impl FromNode for StreamDecl {
    fn from_node(node: &Node, report: &mut Report) -> Option<Self> {
        let mapping = expect_mapping(node, report)?;
        let settings = settings::read(mapping, STREAM, STREAM_KEYS, report);
        let fields = decode::Fields::trusted(node)?;
        let (summary, subjects, replay, consumers) = (
            fields.read("summary", report),
            fields.read("subjects", report),
            fields.read("replay", report),
            fields.read("consumers", report),
        );
        Some(Self {
            summary: summary?,
            subjects: subjects?,
            replay: replay?,
            settings,
            consumers: consumers?,
        })
    }
}

impl FromNode for ConsumerDecl {
    fn from_node(node: &Node, report: &mut Report) -> Option<Self> {
        let mapping = expect_mapping(node, report)?;
        let settings = settings::read(mapping, CONSUMER, CONSUMER_KEYS, report);
        let fields = decode::Fields::trusted(node)?;
        let (summary, filter, consume) = (
            fields.read("summary", report),
            fields.read("filter", report),
            fields.read("consume", report),
        );
        let (concurrency, on_invalid, on_failure, dead_letter) = (
            fields.read("concurrency", report),
            fields.read("on_invalid", report),
            fields.read("on_failure", report),
            fields.read("dead_letter", report),
        );
        Some(Self {
            summary: summary?,
            filter: filter?,
            consume: consume?,
            concurrency: concurrency?,
            on_invalid: on_invalid?,
            on_failure: on_failure?,
            dead_letter: dead_letter?,
            settings,
        })
    }
}

impl FromNode for StreamOverride {
    fn from_node(node: &Node, report: &mut Report) -> Option<Self> {
        let mapping = expect_mapping(node, report)?;
        Some(Self(settings::read(mapping, STREAM, &[], report)))
    }
}

impl FromNode for ConsumerOverride {
    fn from_node(node: &Node, report: &mut Report) -> Option<Self> {
        let mapping = expect_mapping(node, report)?;
        Some(Self(settings::read(mapping, CONSUMER, &[], report)))
    }
}

impl JsonSchema for SubjectRef {
    fn schema_name() -> Cow<'static, str> {
        "SubjectRef".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A subject by its name in the taxonomy, or a filter in NATS's own notation.",
            "oneOf": [
                { "type": "string" },
                {
                    "type": "object",
                    "properties": { "filter": { "type": "string" } },
                    "required": ["filter"],
                    "additionalProperties": false
                }
            ]
        })
    }
}

impl JsonSchema for StreamDecl {
    fn schema_name() -> Cow<'static, str> {
        "StreamDecl".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let subject = generator.subschema_for::<SubjectRef>();
        let consumers = generator.subschema_for::<Named<ConsumerDecl>>();
        let own = json_schema!({
            "description": "One stream; further keys are the settings of the JetStream API.",
            "properties": {
                "summary": { "type": "string", "description": "One sentence." },
                "subjects": { "type": "array", "items": subject, "description": "What it captures." },
                "replay": {
                    "type": "array",
                    "items": { "type": "string" },
                    "description": "Roles that read its dead letters and send them out once more."
                },
                "consumers": consumers
            }
        });
        settings::mapping_of(own, STREAM)
    }
}

impl JsonSchema for ConsumerDecl {
    fn schema_name() -> Cow<'static, str> {
        "ConsumerDecl".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let subject = generator.subschema_for::<SubjectRef>();
        let (on_invalid, on_failure) = (
            generator.subschema_for::<OnInvalidDecl>(),
            generator.subschema_for::<OnFailureDecl>(),
        );
        let own = json_schema!({
            "description": "One durable pull consumer; further keys are the settings of the JetStream API.",
            "properties": {
                "summary": { "type": "string", "description": "One sentence." },
                "filter": { "type": "array", "items": subject, "description": "What it delivers; everything in the stream without it." },
                "consume": {
                    "type": "array",
                    "items": { "type": "string" },
                    "description": "Roles that work on what it delivers."
                },
                "concurrency": {
                    "type": "integer",
                    "minimum": 1,
                    "description": "How many messages one worker has in hand at a time; one without it."
                },
                "on_invalid": on_invalid,
                "on_failure": on_failure,
                "dead_letter": {
                    "type": "string",
                    "description": "The stream that what is given up goes to, with the reason."
                }
            }
        });
        settings::mapping_of(own, CONSUMER)
    }
}

impl JsonSchema for StreamOverride {
    fn schema_name() -> Cow<'static, str> {
        "StreamOverride".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        settings::mapping_of(
            json_schema!({ "description": "Settings that a profile gives a stream." }),
            STREAM,
        )
    }
}

impl JsonSchema for ConsumerOverride {
    fn schema_name() -> Cow<'static, str> {
        "ConsumerOverride".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        settings::mapping_of(
            json_schema!({ "description": "Settings that a profile gives a consumer." }),
            CONSUMER,
        )
    }
}
