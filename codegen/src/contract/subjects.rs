//! Subjects, the tokens in them, and named subscriptions.

use std::sync::OnceLock;

use indexmap::IndexMap;

use super::answers::Answers;
use super::bindings::Binding;
use super::messages::Messages;
use crate::source::{Span, Spanned};
use crate::subject::{Texts, check_subject};

/// A named, typed place in subjects.
#[derive(Clone, Debug)]
pub struct Token {
    /// Its name.
    pub name: Spanned<String>,
    /// What it stands for.
    pub description: Option<String>,
    /// A regular expression for the whole token.
    pub pattern: Option<Spanned<String>>,
    /// The values it can take.
    pub members: Option<Spanned<Vec<Spanned<String>>>>,
    /// One value, for documents.
    pub example: Option<Spanned<String>>,
    /// Whether it stands at the end of its subjects for all that follows: one or more tokens.
    pub tail: bool,
    /// The token that it is under another name; pattern, values and example are that token's.
    pub same_as: Option<Spanned<String>>,
    /// What it can be, once somebody has asked.
    pub(crate) texts: OnceLock<Texts>,
}

/// `agents.{agent_id}.heartbeat`, taken apart.
#[derive(Clone, Debug)]
pub struct Template {
    /// The template as it was written.
    pub text: Spanned<String>,
    /// Its parts between the dots.
    pub segments: Vec<Segment>,
}

/// One part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// The same in every subject.
    Literal(String),
    /// The name of a token.
    Token(String),
    /// The name of a token that takes all that follows.
    Tail(String),
}

/// One subject of the taxonomy.
#[derive(Clone, Debug)]
pub struct Subject {
    /// `agents.status`
    pub name: Spanned<String>,
    /// `agents`
    pub module: String,
    /// `status`
    pub leaf: String,
    /// Its template.
    pub template: Template,
    /// One sentence.
    pub summary: Option<String>,
    /// All there is to say (Markdown).
    pub description: Option<String>,
    /// Event or request, with the roles that take part.
    pub pattern: Pattern,
    /// Tokens that repeat a field of the payload.
    pub bind: IndexMap<String, Binding>,
    /// The token that names who sends.
    pub sender: Option<Spanned<String>>,
    /// The token that names who receives.
    pub receiver: Option<Spanned<String>>,
    /// The queue group in which subscribers share the messages.
    pub queue_group: Option<Spanned<String>>,
    /// The field of a request that tells whether it is the same one again.
    pub idempotency_key: Option<Spanned<String>>,
    /// The payload whose members are headers.
    pub headers: Option<Spanned<String>>,
    /// Several messages that it carries, each with a payload; the pattern's payload is then that of the first.
    pub messages: Option<Messages>,
    /// The payload field that becomes `Nats-Msg-Id`.
    pub message_id: Option<Spanned<String>>,
}

/// How a subject is used. Role and payload names are known to exist.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// Somebody publishes, others hear.
    Event {
        /// What travels.
        payload: Spanned<String>,
        /// Who sends.
        publish: Vec<Spanned<String>>,
        /// Who hears.
        subscribe: Vec<Spanned<String>>,
    },
    /// Somebody asks, somebody answers.
    Request {
        /// What the asker sends.
        request: Spanned<String>,
        /// What the answer carries.
        reply: Spanned<String>,
        /// What an error carries that is answered instead.
        error: Option<Spanned<String>>,
        /// How it is answered.
        answers: Answers,
        /// Who asks.
        ask: Vec<Spanned<String>>,
        /// Who answers.
        answer: Vec<Spanned<String>>,
    },
}

/// A named wildcard subscription.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// Its name.
    pub name: Spanned<String>,
    /// What it listens to.
    pub filter: Spanned<String>,
    /// One sentence.
    pub summary: Option<String>,
    /// Who may subscribe.
    pub subscribe: Vec<Spanned<String>>,
    /// The queue group in which subscribers share the messages.
    pub queue_group: Option<Spanned<String>>,
    /// The payload that every subject it hears is expected to carry.
    pub payload: Option<Spanned<String>>,
}

impl Token {
    /// A value to show: the example, else the first member.
    #[must_use]
    pub fn sample(&self) -> Option<&str> {
        let member = || self.members.as_ref()?.first();
        self.example.as_ref().or_else(member).map(|value| value.as_str())
    }

    /// Whether a text can stand in its place without making another subject of it.
    #[must_use]
    pub fn has_room_for(&self, text: &str) -> bool {
        let wildcards = if self.tail { ['*', '>', '*'] } else { ['*', '>', '.'] };
        check_subject(text).is_ok() && !text.contains(wildcards)
    }

    /// What it can be: its members, what its pattern matches, or any.
    ///
    /// Generated code also refuses a `*` or `>` beside other characters, which the server takes for fixed text; a token that
    /// is any is any for the server.
    pub fn texts(&self) -> &Texts {
        self.texts.get_or_init(|| match (&self.members, &self.pattern) {
            (Some(members), _) => Texts::one_of(members.iter().map(|member| member.as_str())),
            (None, Some(pattern)) if self.tail => Texts::tail_matching(pattern),
            (None, Some(pattern)) => Texts::matching(pattern),
            (None, None) if self.tail => Texts::any_tail(),
            (None, None) => Texts::any(),
        })
    }
}

impl Template {
    /// The filter that hears every subject of the template: `agents.*.heartbeat`.
    #[must_use]
    pub fn wildcard(&self) -> String {
        let segments: Vec<&str> = self
            .segments
            .iter()
            .map(|segment| match segment {
                Segment::Literal(text) => text.as_str(),
                Segment::Token(_) => "*",
                Segment::Tail(_) => ">",
            })
            .collect();
        segments.join(".")
    }

    /// Its parts from left to right, with their places.
    pub fn parts(&self) -> impl Iterator<Item = (&Segment, Span)> {
        let mut start = 0;
        let places = self.text.split('.').map(move |part| {
            let place = self.text.place_of(start, part.len());
            start += part.len() + 1;
            place
        });
        self.segments.iter().zip(places)
    }

    /// The names of its tokens, from left to right.
    pub fn tokens(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Token(name) | Segment::Tail(name) => Some(name.as_str()),
            Segment::Literal(_) => None,
        })
    }
}

impl Subject {
    /// Whether nobody is named by a token, so that a role's own tokens hold for both sides.
    #[must_use]
    pub fn names_no_party(&self) -> bool {
        self.sender.is_none() && self.receiver.is_none()
    }

    /// What is sent on the subject: an event's payload, or a request.
    #[must_use]
    pub fn payload(&self) -> &Spanned<String> {
        match &self.pattern {
            Pattern::Event { payload, .. } => payload,
            Pattern::Request { request, .. } => request,
        }
    }

    /// Everything that is sent on the subject: the payload, or that of each message.
    #[must_use]
    pub fn payloads(&self) -> Vec<&Spanned<String>> {
        match &self.messages {
            Some(messages) => messages.of.iter().map(|(_, payload)| payload).collect(),
            None => vec![self.payload()],
        }
    }

    /// Whether a message says what a token is.
    #[must_use]
    pub fn fills(&self, token: &str) -> bool {
        let told = |messages: &Messages| messages.are_told_by(token);
        self.bind.contains_key(token) || self.messages.as_ref().is_some_and(told)
    }

    /// Whether the subject carries requests.
    #[must_use]
    pub fn is_request(&self) -> bool {
        matches!(self.pattern, Pattern::Request { .. })
    }

    /// What kind of subject it is, in one word.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.answers() {
            None => "event",
            Some(Answers::One { .. }) => "request",
            Some(Answers::On(_)) => "reply-on",
            Some(Answers::Many(_)) => "gather",
            Some(Answers::Streamed(_)) => "streamed",
        }
    }

    /// How the requests on it are answered; `None` for an event.
    #[must_use]
    pub fn answers(&self) -> Option<&Answers> {
        match &self.pattern {
            Pattern::Event { .. } => None,
            Pattern::Request { answers, .. } => Some(answers),
        }
    }

    /// Who sends on the subject: publishers, or askers.
    #[must_use]
    pub fn senders(&self) -> &[Spanned<String>] {
        match &self.pattern {
            Pattern::Event { publish, .. } => publish,
            Pattern::Request { ask, .. } => ask,
        }
    }

    /// Who receives on the subject: subscribers, or those who answer.
    #[must_use]
    pub fn receivers(&self) -> &[Spanned<String>] {
        match &self.pattern {
            Pattern::Event { subscribe, .. } => subscribe,
            Pattern::Request { answer, .. } => answer,
        }
    }
}

/// The subject that a filter which hears nothing was most likely meant for.
#[must_use]
pub fn closest_to<'s>(filter: &str, subjects: impl Iterator<Item = &'s Subject>) -> Option<&'s Subject> {
    let likely = subjects.map(|subject| (likeness(filter, &subject.template.wildcard()), subject));
    likely
        .filter(|(likeness, _)| *likeness > 0)
        .max_by_key(|(likeness, _)| *likeness)
        .map(|(_, subject)| subject)
}

/// How many leading tokens could be the same, and how many words both hold.
fn likeness(filter: &str, wildcard: &str) -> usize {
    let pairs = filter.split('.').zip(wildcard.split('.'));
    let leading = pairs.take_while(|(a, b)| a == b || *a == "*" || *b == "*").count();
    let words = filter.split('.').filter(|word| *word != "*" && *word != ">");
    let shared = words
        .filter(|word| wildcard.split('.').any(|other| other == *word))
        .count();
    if shared == 0 { 0 } else { leading + 2 * shared }
}
