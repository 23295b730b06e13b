//! What a message can be held against: the payloads of a subject, each for one part of it.

use super::{Contract, Pattern, Segment, Subject, Template};

/// One part of what travels on a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The document of an event or a request.
    Payload,
    /// The document of an answer.
    Reply,
    /// The body of the error that a request is answered with.
    Error,
    /// The headers of an event or a request, as an object.
    Headers,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 4] = [Self::Payload, Self::Reply, Self::Error, Self::Headers];

    /// What it is called in documents and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payload => "payload",
            Self::Reply => "reply",
            Self::Error => "error",
            Self::Headers => "headers",
        }
    }
}

impl Subject {
    /// The payload of a part; `None` where the subject has no such part.
    #[must_use]
    pub fn part(&self, part: Part) -> Option<&str> {
        match (part, &self.pattern) {
            (Part::Payload, _) => Some(self.payload().as_str()),
            (Part::Reply, Pattern::Request { reply, .. }) => Some(reply.as_str()),
            (Part::Error, Pattern::Request { error, .. }) => error.as_ref().map(|error| error.as_str()),
            (Part::Reply | Part::Error, Pattern::Event { .. }) => None,
            (Part::Headers, _) => self.headers.as_ref().map(|headers| headers.as_str()),
        }
    }
}

impl Template {
    /// The tokens of a subject that is made of this template: their names and what stands there.
    ///
    /// `None` where the subject is not made of it. What tokens accept is not asked.
    #[must_use]
    pub fn split<'t, 's>(&'t self, subject: &'s str) -> Option<Vec<(&'t str, &'s str)>> {
        let mut found = Vec::new();
        let mut rest = Some(subject);
        for segment in &self.segments {
            let whole = rest?;
            let (text, others) = whole
                .split_once('.')
                .map_or((whole, None), |(text, rest)| (text, Some(rest)));
            rest = others;
            match segment {
                Segment::Tail(name) => {
                    found.push((name.as_str(), whole));
                    rest = None;
                }
                Segment::Literal(word) if word == text => {}
                Segment::Literal(_) => return None,
                Segment::Token(name) => found.push((name.as_str(), text)),
            }
        }
        rest.is_none().then_some(found)
    }

    /// The template with every token as its name in braces: what other tools take for a template.
    #[must_use]
    pub fn address(&self) -> String {
        let segments = self.segments.iter().map(|segment| match segment {
            Segment::Literal(text) => text.clone(),
            Segment::Token(name) | Segment::Tail(name) => format!("{{{name}}}"),
        });
        segments.collect::<Vec<_>>().join(".")
    }
}

impl Contract {
    /// How often a payload is used, and as what: `name` of the subject with its part.
    pub fn uses<'c>(&'c self, payload: &'c str) -> impl Iterator<Item = (&'c Subject, Part)> {
        let parts = |subject: &'c Subject| Part::ALL.into_iter().map(move |part| (subject, part));
        self.subjects
            .values()
            .flat_map(parts)
            .filter(move |(subject, part)| match part {
                Part::Payload => subject.payloads().iter().any(|name| name.value == payload),
                Part::Reply | Part::Error | Part::Headers => subject.part(*part) == Some(payload),
            })
    }
}
