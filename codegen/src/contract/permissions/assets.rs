//! What streams, consumers and buckets need: subjects of the JetStream API, of acknowledgements, and of the data itself.

use super::{INBOX, PROVISIONER, Permissions, filter, named};
use crate::contract::{Consumer, Contract, Role, Store, StoreKind, Stream, dead_letters};

impl Contract {
    /// What a role needs of the contract's streams and buckets.
    pub(super) fn of_assets(&self, role: &Role, permissions: &mut Permissions) {
        for stream in self.streams.values() {
            let consumers = stream.consumers.values();
            for consumer in consumers.filter(|consumer| named(&consumer.consume, role)) {
                of_consumer(stream, consumer, permissions);
            }
            if named(&stream.replay, role) {
                self.of_replay(stream, permissions);
            }
        }
        for store in self.stores() {
            of_store(role, store, permissions);
        }
    }

    /// Who replays reads and removes letters, and sends on every subject that a letter may have come on.
    fn of_replay(&self, letters: &Stream, permissions: &mut Permissions) {
        let name = &letters.name.value;
        let reason = format!("dead letters of {name}");
        for call in ["STREAM.MSG.GET", "STREAM.MSG.DELETE"] {
            permissions.may_publish(format!("$JS.API.{call}.{name}"), &reason);
        }
        for stream in self.streams.values() {
            let consumers = stream.consumers.values();
            let buries = |consumer: &&Consumer| consumer.dead_letter.as_ref().is_some_and(|to| to.value == *name);
            for capture in consumers.filter(buries).flat_map(|consumer| consumer.delivers(stream)) {
                let subject = capture.subject.as_ref().and_then(|name| self.subjects.get(name));
                let sent = match subject {
                    Some(subject) => self.expanded(&subject.template, &[]),
                    None => vec![capture.filter.clone()],
                };
                for filter in sent {
                    permissions.may_publish(filter, &reason);
                }
            }
        }
    }

    /// What the user needs that makes and changes the contract's streams, consumers and buckets, and looks how much of the
    /// account they take. It can read and write none of the messages in them.
    #[must_use]
    pub fn provisioner(&self) -> Permissions {
        let mut permissions = Permissions::of_inbox(&self.provisioner_inbox_prefix());
        // A profile changes settings, never which assets there are nor what they capture.
        for provisioned in self.provisioned(None) {
            let stream = &provisioned.stream.name.value;
            for verb in ["INFO", "CREATE", "UPDATE"] {
                permissions.may_publish(format!("$JS.API.STREAM.{verb}.{stream}"), stream);
            }
            for consumer in provisioned.stream.consumers.values() {
                let name = &consumer.name.value;
                permissions.may_publish(format!("$JS.API.CONSUMER.INFO.{stream}.{name}"), name);
                // With one filter the server holds the subject against the request.
                let create = match consumer.filters.as_slice() {
                    [one] => format!("$JS.API.CONSUMER.CREATE.{stream}.{name}.{}", one.filter),
                    _ => format!("$JS.API.CONSUMER.CREATE.{stream}.{name}"),
                };
                permissions.may_publish(create, name);
            }
        }
        permissions.may_publish("$JS.API.INFO", "what the account takes");
        permissions.may_publish("$SYS.REQ.ACCOUNT.PING.STATZ", "what the account takes");
        permissions
    }

    /// The first tokens of the inboxes of the user that provisions.
    #[must_use]
    pub fn provisioner_inbox_prefix(&self) -> String {
        format!("{INBOX}_{PROVISIONER}")
    }
}

fn of_consumer(stream: &Stream, consumer: &Consumer, permissions: &mut Permissions) {
    let (stream, name) = (&stream.name.value, &consumer.name.value);
    for call in ["CONSUMER.INFO", "CONSUMER.MSG.NEXT"] {
        permissions.may_publish(format!("$JS.API.{call}.{stream}.{name}"), name);
    }
    // How often it was delivered, its numbers in stream and consumer, when it was stored, how many are left.
    permissions.may_publish(format!("$JS.ACK.{stream}.{name}.*.*.*.*.*"), name);
    if let Some(letters) = &consumer.dead_letter {
        let all = dead_letters(letters);
        let own = all.trim_end_matches('>');
        permissions.may_publish(format!("{own}{stream}.{name}"), name);
    }
}

fn of_store(role: &Role, store: &Store, permissions: &mut Permissions) {
    let (reads, writes) = (named(&store.read, role), named(&store.write, role));
    let (stream, bucket) = (&store.backing.name.value, &store.name.value);
    let mut may = |filters: &[String]| {
        for filter in filters {
            permissions.may_publish(filter.clone(), bucket);
        }
    };
    if reads || writes {
        may(&[format!("$JS.API.STREAM.INFO.{stream}")]);
    }
    // The same function finds what a writer's client calls its own, so that both agree.
    let own: Vec<(&str, &str)> = role.own.iter().map(|own| (own.as_str(), own.as_str())).collect();
    let (all, written) = (filter(&store.key, &[]), filter(&store.key, &own));
    let watched = match store.kind {
        StoreKind::KeyValue { .. } => vec![format!("$KV.{bucket}.>")],
        StoreKind::Object => vec![format!("$O.{bucket}.C.*"), format!("$O.{bucket}.M.>")],
    };
    if reads {
        // A client's ordered consumer: first under a name of the server's, made anew under one of its own.
        may(&[format!("$JS.API.CONSUMER.CREATE.{stream}")]);
        for filter in &watched {
            may(&[format!("$JS.API.CONSUMER.CREATE.{stream}.*.{filter}")]);
        }
        may(&[
            format!("$JS.API.CONSUMER.INFO.{stream}.*"),
            format!("$JS.API.CONSUMER.DELETE.{stream}.*"),
            format!("$JS.FC.{stream}.*.*"),
        ]);
    }
    match store.kind {
        StoreKind::KeyValue { .. } => {
            // To create a key is also to look whether it was deleted.
            let looked_up = if reads { &all } else { &written };
            if reads || writes {
                may(&[format!("$JS.API.DIRECT.GET.{stream}.$KV.{bucket}.{looked_up}")]);
            }
            if writes {
                may(&[format!("$KV.{bucket}.{written}")]);
            }
        }
        StoreKind::Object => {
            if reads || writes {
                may(&[format!("$JS.API.DIRECT.GET.{stream}.$O.{bucket}.M.*")]);
            }
            if writes {
                may(&[
                    format!("$O.{bucket}.C.*"),
                    format!("$O.{bucket}.M.*"),
                    format!("$JS.API.STREAM.PURGE.{stream}"),
                ]);
            }
        }
    }
}
