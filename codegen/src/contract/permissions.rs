//! What a role's connection may send and hear: the least that its client needs.

use std::collections::BTreeSet;

use super::{Answers, Contract, Role, Segment, Store, StoreKind, Subject, Template};
use crate::source::Spanned;

/// Subjects that a connection may use, as filters. A token that is the connection's own stands in braces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// What it may send.
    pub publish: BTreeSet<String>,
    /// What it may hear.
    pub subscribe: BTreeSet<String>,
    /// Whether it may send to the reply subjects of what it hears.
    pub allow_responses: bool,
}

/// Where a client hears answers, of requests and of the JetStream API.
const INBOX: &str = "_INBOX.>";

impl Contract {
    /// What a role may send and hear.
    #[must_use]
    pub fn permissions(&self, role: &Role) -> Permissions {
        let mut permissions = Permissions::default();
        for subject in self.subjects.values() {
            self.of_subject(role, subject, &mut permissions);
        }
        for subscription in self.subscriptions.values().filter(|all| named(&all.subscribe, role)) {
            permissions.subscribe.insert(subscription.filter.value.clone());
        }
        for service in self.services.values().filter(|service| named(&service.provide, role)) {
            let name = &service.service;
            // PING, INFO and STATS: of all, of those of a name, of one.
            let filters = [
                "$SRV.*".to_owned(),
                format!("$SRV.*.{name}"),
                format!("$SRV.*.{name}.*"),
            ];
            permissions.subscribe.extend(filters);
            permissions.allow_responses = true;
        }
        for stream in self.streams.values() {
            for consumer in stream
                .consumers
                .values()
                .filter(|consumer| named(&consumer.consume, role))
            {
                let both = format!("{}.{}", stream.name.value, consumer.name.value);
                let api = ["CONSUMER.INFO", "CONSUMER.MSG.NEXT"].map(|call| format!("$JS.API.{call}.{both}"));
                permissions.publish.extend(api);
                permissions.publish.insert(format!("$JS.ACK.{both}.>"));
                permissions.subscribe.insert(INBOX.to_owned());
            }
        }
        for store in self.stores() {
            self.of_store(role, store, &mut permissions);
        }
        permissions
    }

    fn of_subject(&self, role: &Role, subject: &Subject, permissions: &mut Permissions) {
        let sends = named(subject.senders(), role);
        if sends {
            let filter = self.own_filter(role, subject, subject.sender.as_ref());
            permissions.publish.insert(filter);
        }
        if named(subject.receivers(), role) {
            let filter = self.own_filter(role, subject, subject.receiver.as_ref());
            permissions.subscribe.insert(filter);
            permissions.allow_responses |= subject.is_request();
        }
        if sends && subject.answers().is_some() {
            permissions.subscribe.insert(INBOX.to_owned());
        }
        if sends && matches!(subject.answers(), Some(Answers::Streamed(_))) {
            // The credit for more chunks goes to an inbox of who answers.
            permissions.publish.insert(INBOX.to_owned());
        }
        let captured = self
            .streams
            .values()
            .any(|stream| stream.captures(&subject.template.wildcard()));
        if sends && captured {
            permissions.subscribe.insert(INBOX.to_owned());
        }
    }

    fn of_store(&self, role: &Role, store: &Store, permissions: &mut Permissions) {
        let (reads, writes) = (named(&store.read, role), named(&store.write, role));
        let (stream, bucket) = (&store.backing.name.value, &store.name.value);
        if reads || writes {
            let calls = ["STREAM.INFO", "STREAM.MSG.GET"].map(|call| format!("$JS.API.{call}.{stream}"));
            permissions.publish.extend(calls);
            permissions.publish.insert(format!("$JS.API.DIRECT.GET.{stream}.>"));
            permissions.subscribe.insert(INBOX.to_owned());
        }
        if reads {
            let calls = ["CONSUMER.CREATE", "CONSUMER.DELETE"].map(|call| format!("$JS.API.{call}.{stream}.>"));
            permissions.publish.extend(calls);
            // Push consumers are held back by answers to their flow control.
            permissions.publish.insert(format!("$JS.FC.{stream}.>"));
        }
        if writes {
            let key = filter(&store.key, &|token| self.own_token(role, token).map(str::to_owned));
            match store.kind {
                StoreKind::KeyValue { .. } => {
                    permissions.publish.insert(format!("$KV.{bucket}.{key}"));
                }
                StoreKind::Object => {
                    let parts = ["C", "M"].map(|part| format!("$O.{bucket}.{part}.>"));
                    permissions.publish.extend(parts);
                    permissions.publish.insert(format!("$JS.API.STREAM.PURGE.{stream}"));
                }
            }
        }
    }

    /// The filter of a subject on one side, with the role's own tokens in braces.
    ///
    /// What names the sender or the receiver is the role's own on that side alone, all else on both.
    fn own_filter(&self, role: &Role, subject: &Subject, party: Option<&Spanned<String>>) -> String {
        let parties: Vec<&str> = [&subject.sender, &subject.receiver]
            .into_iter()
            .flatten()
            .filter_map(|named| self.own_token(role, named))
            .collect();
        filter(&subject.template, &|token| {
            let own = if party.is_some_and(|party| party.value == token) {
                self.own_token(role, token)
            } else {
                let own = role.own.iter().map(|own| own.as_str()).find(|own| *own == token);
                own.filter(|own| !parties.contains(own))
            };
            own.map(str::to_owned)
        })
    }
}

fn named(roles: &[Spanned<String>], role: &Role) -> bool {
    roles.iter().any(|name| name.value == role.name.value)
}

/// A template as a filter in which some tokens stay.
fn filter(template: &Template, own: &dyn Fn(&str) -> Option<String>) -> String {
    let segments = template.segments.iter().map(|segment| match segment {
        Segment::Literal(text) => text.clone(),
        Segment::Token(token) => own(token).map_or_else(|| "*".to_owned(), |own| format!("{{{own}}}")),
        Segment::Tail(token) => own(token).map_or_else(|| ">".to_owned(), |own| format!("{{{own}}}")),
    });
    segments.collect::<Vec<_>>().join(".")
}
