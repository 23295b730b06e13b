//! A small contract by hand, in the shape in which one is generated.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use bytes::BytesMut;
use natsmith_runtime::json::{Fault, member};
use natsmith_runtime::subject::{
    AnsweredSubject, GatherSubject, IdentifiedSubject, PersistedSubject, RequestSubject, SubjectFilter, SubjectWriter,
    TypedSubject, agree_token, check_token, parse_template, within_token, write_filter,
};
use natsmith_runtime::testing::Server;
use natsmith_runtime::{
    Connection, FailingSubject, FromMessage, Gather, InvalidMessage, Keyword, Message, MessageSet, OnInvalid, Payload,
    PayloadError, ReplyOnSubject, ReplyPlace, Streamed, StreamedSubject, SubjectError, TokenError, TypedConsumer,
};
use serde_json::{Value, json};

pub const PATIENCE: Duration = Duration::from_secs(10);

/// Awaits what must come, and fails where it does not.
pub async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("this was to happen within 10 s")
}

pub async fn server() -> Server {
    Server::start().await.unwrap_or_else(|error| panic!("{error}"))
}

/// A connection that is quick to come back.
pub async fn connect(server: &Server) -> Connection {
    Connection::builder(server.url())
        .reconnect_delay(Duration::from_millis(20))
        .max_reconnect_delay(Duration::from_millis(200))
        .connect()
        .await
        .unwrap()
}

/// What one agent is doing.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    pub agent: String,
    pub load: u64,
    pub note: String,
}

impl Status {
    pub fn of(agent: &str, load: u64) -> Self {
        Self {
            agent: agent.to_owned(),
            load,
            note: String::new(),
        }
    }
}

/// A fault of one member, or of the whole where the name is empty.
fn fault(name: &'static str, keyword: Keyword, expected: &'static str, found: &str) -> PayloadError {
    let fault = Fault::of(keyword, expected, found);
    match name {
        "" => fault.into(),
        name => member(name, Err(fault)).unwrap_err().into(),
    }
}

impl Payload for Status {
    const NAME: &'static str = "Status";
    const SCHEMA: &'static str = r#"{"type":"object"}"#;

    fn decode(document: &[u8]) -> Result<Self, PayloadError> {
        let value: Value = serde_json::from_slice(document)
            .map_err(|error| fault("", Keyword::Syntax, "a JSON document", &error.to_string()))?;
        let Value::Object(object) = value else {
            return Err(fault("", Keyword::Type, "an object", "another type"));
        };
        let text = |name: &str| object.get(name).and_then(Value::as_str);
        let status = Self {
            agent: text("agent")
                .ok_or_else(|| fault("agent", Keyword::Type, "a string", "none"))?
                .to_owned(),
            load: object
                .get("load")
                .and_then(Value::as_u64)
                .ok_or_else(|| fault("load", Keyword::Type, "an integer", "none"))?,
            note: text("note").unwrap_or_default().to_owned(),
        };
        status.validate()?;
        Ok(status)
    }

    fn validate(&self) -> Result<(), PayloadError> {
        if self.load > 100 {
            return Err(fault("load", Keyword::Maximum, "at most 100", &self.load.to_string()));
        }
        Ok(())
    }

    fn encode(&self, out: &mut BytesMut) {
        let text = json!({ "agent": self.agent, "load": self.load, "note": self.note }).to_string();
        out.extend_from_slice(text.as_bytes());
    }
}

/// Any single token.
#[derive(Clone, Debug, PartialEq)]
pub struct Token(String);

impl Token {
    pub fn new(text: &str) -> Result<Self, TokenError> {
        check_token("agent", text)?;
        Ok(Self(text.to_owned()))
    }
}

impl FromStr for Token {
    type Err = TokenError;
    fn from_str(text: &str) -> Result<Self, TokenError> {
        Self::new(text)
    }
}

impl natsmith_runtime::Token for Token {
    fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A subject with one token, bound to the payload's `agent` where `bound` says so.
macro_rules! subject {
    ($subject:ident, $filter:ident, $name:literal, $template:literal, $wildcard:literal, bound: $bound:literal, $($more:tt)*) => {
        #[derive(Clone, Debug, PartialEq)]
        pub struct $subject {
            pub agent: Token,
        }

        #[derive(Clone, Debug, Default)]
        pub struct $filter {
            agent: Option<Token>,
        }

        impl $filter {
            // Not every test narrows every filter.
            #[allow(dead_code)]
            pub fn agent(mut self, agent: &str) -> Self {
                self.agent = Some(Token::new(agent).unwrap());
                self
            }
        }

        impl fmt::Display for $subject {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_filter(f, $template, &[Some(&self.agent)])
            }
        }

        impl fmt::Display for $filter {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_filter(f, $template, &[self.agent.as_ref().map(|agent| agent as &dyn fmt::Display)])
            }
        }

        impl FromStr for $subject {
            type Err = SubjectError;
            fn from_str(subject: &str) -> Result<Self, SubjectError> {
                let (first, last) = $template.split_once("{agent}").expect("the template holds the token");
                let [agent] = parse_template($template, &[first, last], subject)?;
                Ok(Self { agent: Token::new(agent)? })
            }
        }

        impl SubjectFilter for $filter {
            type Subject = $subject;
            fn within(&self, scope: &Self) -> Result<Self, SubjectError> {
                Ok(Self { agent: within_token("agent", self.agent.as_ref(), scope.agent.as_ref())? })
            }
        }

        impl TypedSubject for $subject {
            type Payload = Status;
            type Filter = $filter;
            const NAME: &'static str = $name;
            const TEMPLATE: &'static str = $template;
            const WILDCARD: &'static str = $wildcard;
            $($more)*

            fn write(scope: &$filter, payload: &Status, out: &mut SubjectWriter<'_>) -> Result<(), SubjectError> {
                let (first, last) = $template.split_once("{agent}").expect("the template holds the token");
                out.literal(first);
                if $bound {
                    out.bound("agent", scope.agent.as_ref(), "/agent", &payload.agent)?;
                } else {
                    out.scoped("agent", scope.agent.as_ref())?;
                }
                out.literal(last);
                Ok(())
            }

            fn agree(&self, payload: &Status) -> Result<(), SubjectError> {
                if $bound {
                    agree_token("agent", &self.agent, "/agent", &payload.agent)?;
                }
                Ok(())
            }
        }
    };
}

subject!(StatusSubject, StatusFilter, "agents.status", "agents.{agent}.status", "agents.*.status", bound: true,);
subject!(WorkSubject, WorkFilter, "agents.work", "agents.{agent}.work", "agents.*.work", bound: false,
    const QUEUE_GROUP: Option<&'static str> = Some("workers"););
subject!(TaskSubject, TaskFilter, "tasks.assignment", "tasks.{agent}.assignment", "tasks.*.assignment", bound: true,
fn message_id(payload: &Status) -> Option<String> {
    (!payload.note.is_empty()).then(|| payload.note.clone())
});
subject!(QuerySubject, QueryFilter, "agents.query", "agents.{agent}.query", "agents.*.query", bound: false,);

impl AnsweredSubject for QuerySubject {
    type Reply = Status;
}

impl FailingSubject for QuerySubject {
    type Error = Status;
}

impl RequestSubject for QuerySubject {
    const TIMEOUT: Duration = Duration::from_secs(5);
}

impl GatherSubject for QuerySubject {
    const GATHER: Gather = Gather {
        expected: None,
        deadline: Duration::from_secs(5),
        silence: Some(Duration::from_millis(300)),
    };
}

subject!(FeedSubject, FeedFilter, "agents.feed", "agents.{agent}.feed", "agents.*.feed", bound: false,);

impl StreamedSubject for FeedSubject {
    type Chunk = Status;
    const STREAMED: Streamed = Streamed {
        window: 4,
        silence: Duration::from_millis(600),
    };
}

subject!(HookSubject, HookFilter, "agents.hook", "agents.{agent}.hook", "agents.*.hook", bound: false,);

impl AnsweredSubject for HookSubject {
    type Reply = Status;

    fn reply_place(&self, request: &Status) -> Result<Option<ReplyPlace<Status>>, SubjectError> {
        self.declared_place(request)
    }
}

/// Answered on `agents.{agent}.status`; a note in the request is its id.
impl ReplyOnSubject for HookSubject {
    type ReplySubject = StatusSubject;
    const TIMEOUT: Duration = Duration::from_secs(5);

    fn reply_scope(&self, _request: &Status) -> Result<StatusFilter, SubjectError> {
        Ok(StatusFilter {
            agent: Some(self.agent.clone()),
        })
    }

    fn request_id(request: &Status) -> Option<String> {
        (!request.note.is_empty()).then(|| request.note.clone())
    }

    fn answered_id(_: &StatusSubject, reply: &Status) -> Option<String> {
        (!reply.note.is_empty()).then(|| reply.note.clone())
    }
}

impl PersistedSubject for TaskSubject {
    const STREAM: &'static str = "tasks";
}

impl IdentifiedSubject for TaskSubject {
    const DUPLICATE_WINDOW: Duration = Duration::from_secs(120);
}

/// Everything about agents.
#[derive(Debug)]
pub enum AgentMessages {
    Status(Message<StatusSubject>),
    Work(Message<WorkSubject>),
}

impl FromMessage for AgentMessages {
    const LABEL: &'static str = Self::FILTER;

    fn from_message(raw: &natsmith_runtime::async_nats::Message) -> Result<Self, InvalidMessage> {
        match raw.subject.split('.').nth(2) {
            Some("status") => Message::from_message(raw).map(Self::Status),
            Some("work") => Message::from_message(raw).map(Self::Work),
            _ => Err(InvalidMessage::unknown_subject(raw, Self::FILTER)),
        }
    }
}

impl MessageSet for AgentMessages {
    const NAME: &'static str = "agent_messages";
    const FILTER: &'static str = "agents.>";
}

/// The consumer `worker` of the stream `tasks`.
pub struct Worker;

impl TypedConsumer for Worker {
    type Message = Message<TaskSubject>;
    const STREAM: &'static str = "tasks";
    const NAME: &'static str = "worker";
    const ON_INVALID: OnInvalid = OnInvalid::Term;
}

/// The same consumer, putting back what does not decode.
pub struct PatientWorker;

impl TypedConsumer for PatientWorker {
    type Message = Message<TaskSubject>;
    const STREAM: &'static str = "tasks";
    const NAME: &'static str = "worker";
    const ON_INVALID: OnInvalid = OnInvalid::Nak;
}

/// A request to the JetStream API, past all types.
pub async fn api(nats: &Connection, name: &str, body: Value) -> Value {
    let answer = nats
        .client()
        .request(format!("$JS.API.{name}"), body.to_string().into())
        .await
        .unwrap();
    let answer: Value = serde_json::from_slice(&answer.payload).unwrap();
    assert!(answer.get("error").is_none(), "{name}: {answer}");
    answer
}
