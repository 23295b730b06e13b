//! What a role's connection may send and hear: the least that its generated client needs, as nats-server states it.

mod assets;

use std::time::Duration;

use super::{Answers, Contract, Presence, Role, Segment, Service, Subject, Template};
use crate::source::Spanned;
use crate::subject::{contains, overlap};

/// What a connection may send and hear. A token that is the connection's own stands in braces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// The subjects that it may send to.
    pub publish: Vec<Grant>,
    /// The filters that it may subscribe to.
    pub subscribe: Vec<Grant>,
    /// What it may not send to although it may send to more than that.
    pub deny_publish: Vec<Grant>,
    /// What it may not subscribe to, nor hear by a wildcard, although it may subscribe to more than that.
    pub deny_subscribe: Vec<Grant>,
    /// Whether it may send to the reply subjects of what it hears.
    pub responses: Option<Responses>,
}

/// A filter of a list of permissions, and what it is there for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The subjects, with tokens of the connection's own in braces.
    pub filter: String,
    /// The queue group, where a subscription has to be a member of one.
    pub queue_group: Option<String>,
    /// What it is for, in a few words.
    pub reason: String,
}

/// How often and how long a connection may send to the reply subject of a message that it heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Responses {
    /// How often; `None` for any number of times.
    pub max: Option<u32>,
    /// How long after the message.
    pub expires: Duration,
}

/// The user that provisions the streams, consumers and buckets of a contract. No role has this name.
pub const PROVISIONER: &str = "provisioner";

/// What inboxes begin with unless a connection is told otherwise.
const INBOX: &str = "_INBOX";

/// What belongs to the server or to features that are built on it: nobody hears it by a wildcard.
const OF_THE_SERVER: [&str; 5] = ["$JS", "$KV", "$O", "$SRV", "$SYS"];

/// How long a response may be sent at least: the server's own default.
const RESPONSE_EXPIRES: Duration = Duration::from_secs(120);

/// How many subjects one template may stand for before a token with a list of values becomes a wildcard.
const MOST_SUBJECTS: usize = 64;

/// The queue group that services share requests in where the contract names none (ADR-32).
const SERVICE_GROUP: &str = "q";

impl Grant {
    /// The filter as nats-server writes it: followed by the queue group, if there is one.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.queue_group {
            Some(group) => format!("{} {group}", self.filter),
            None => self.filter.clone(),
        }
    }

    /// The grant with something else in the place of the connection's own tokens.
    #[must_use]
    pub fn with_own(&self, own: &dyn Fn(&str) -> String) -> Self {
        let tokens = self.filter.split('.').map(|token| {
            let name = token.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            name.map_or_else(|| token.to_owned(), own)
        });
        Self {
            filter: tokens.collect::<Vec<_>>().join("."),
            ..self.clone()
        }
    }
}

impl Permissions {
    /// The permissions of one connection: with something else in the place of its own tokens.
    #[must_use]
    pub fn with_own(&self, own: &dyn Fn(&str) -> String) -> Self {
        let filled = |grants: &[Grant]| grants.iter().map(|grant| grant.with_own(own)).collect();
        Self {
            publish: filled(&self.publish),
            subscribe: filled(&self.subscribe),
            deny_publish: filled(&self.deny_publish),
            deny_subscribe: filled(&self.deny_subscribe),
            responses: self.responses,
        }
    }

    fn may_publish(&mut self, filter: impl Into<String>, reason: &str) {
        add(&mut self.publish, filter.into(), None, reason);
    }

    fn may_subscribe(&mut self, filter: impl Into<String>, reason: &str) {
        add(&mut self.subscribe, filter.into(), None, reason);
    }

    /// What every connection needs: inboxes of its own, which it also reaches itself, for a sign of life of the server.
    fn of_inbox(prefix: &str) -> Self {
        let mut permissions = Self::default();
        let inboxes = format!("{prefix}.>");
        permissions.may_subscribe(inboxes.clone(), "answers to it");
        permissions.may_publish(inboxes, "round trips");
        permissions
    }

    /// Notes that requests are answered for at least so long.
    fn may_respond(&mut self, waits: Duration, max: Option<u32>) {
        let expires = RESPONSE_EXPIRES.max(waits.saturating_mul(2));
        self.responses = Some(match self.responses {
            None => Responses { max, expires },
            Some(before) => Responses {
                max: before.max.and(max),
                expires: before.expires.max(expires),
            },
        });
    }
}

/// Adds a grant unless it is there.
fn add(grants: &mut Vec<Grant>, filter: String, queue_group: Option<String>, reason: &str) {
    let is_there = |grant: &Grant| grant.filter == filter && grant.queue_group == queue_group;
    if !grants.iter().any(is_there) {
        grants.push(Grant {
            filter,
            queue_group,
            reason: reason.to_owned(),
        });
    }
}

impl Contract {
    /// The first tokens of the inboxes of a role's connections, with the role's own tokens in braces. A role without such
    /// tokens has one prefix for all of its connections.
    #[must_use]
    pub fn inbox_prefix(&self, role: &Role) -> String {
        let own = role.own.iter().map(|token| format!(".{{{}}}", token.value));
        format!("{INBOX}_{}{}", role.name.value, own.collect::<String>())
    }

    /// What a role may send and hear.
    #[must_use]
    pub fn permissions(&self, role: &Role) -> Permissions {
        let mut permissions = Permissions::of_inbox(&self.inbox_prefix(role));
        for subject in self.subjects.values() {
            self.of_subject(role, subject, &mut permissions);
        }
        for subscription in self.subscriptions.values().filter(|all| named(&all.subscribe, role)) {
            let group = subscription.queue_group.as_ref().map(|group| group.value.clone());
            let filter = subscription.filter.value.clone();
            add(&mut permissions.subscribe, filter, group, &subscription.name);
        }
        for presence in self.presence.values() {
            self.of_presence(role, presence, &mut permissions);
        }
        for service in self.services.values().filter(|service| named(&service.provide, role)) {
            of_service(service, &mut permissions);
        }
        self.of_assets(role, &mut permissions);
        deny_deeper(&mut permissions);
        self.deny(role, &mut permissions);
        permissions
    }

    fn of_subject(&self, role: &Role, subject: &Subject, permissions: &mut Permissions) {
        let reason = &subject.name.value;
        let (sends, receives) = (named(subject.senders(), role), named(subject.receivers(), role));
        if sends {
            for filter in self.sendable(role, subject) {
                permissions.may_publish(filter, reason);
            }
        }
        if receives {
            let own = self.own_tokens(role, subject, subject.receiver.as_ref());
            let filter = filter(&subject.template, &own);
            let group = subject.queue_group.as_ref().map(|group| group.value.clone());
            add(&mut permissions.subscribe, filter, group, reason);
        }
        let Some(answers) = subject.answers() else {
            return;
        };
        let timeout = |timeout: &Option<Duration>| timeout.or(self.connection.request_timeout).unwrap_or_default();
        let (waits, max) = match answers {
            Answers::One { timeout: own } => (timeout(own), Some(1)),
            Answers::On(on) => (timeout(&on.timeout), Some(1)),
            Answers::Many(replies) => (replies.deadline, Some(1)),
            // Signs of life go to and fro all the while, and each renews the permission.
            Answers::Streamed(streamed) => (streamed.silence, None),
        };
        if receives || (sends && max.is_none()) {
            permissions.may_respond(waits, max);
        }
    }

    /// The subjects that a role sends to: every value of a token that has a list of them, as far as that stays readable.
    fn sendable(&self, role: &Role, subject: &Subject) -> Vec<String> {
        let own = self.own_tokens(role, subject, subject.sender.as_ref());
        self.expanded(&subject.template, &own)
    }

    fn expanded(&self, template: &Template, own: &[(&str, &str)]) -> Vec<String> {
        let is_own = |name: &str| own.iter().any(|(token, _)| *token == name);
        let members = |name: &str| {
            let members = self.tokens.get(name)?.members.as_ref()?;
            Some(
                members
                    .value
                    .iter()
                    .map(|member| member.value.clone())
                    .collect::<Vec<_>>(),
            )
        };
        let mut filters = vec![String::new()];
        for segment in &template.segments {
            let choices = match segment {
                Segment::Token(name) if !is_own(name) => {
                    let members = members(name).filter(|members| members.len() * filters.len() <= MOST_SUBJECTS);
                    members.unwrap_or_else(|| vec!["*".to_owned()])
                }
                other => vec![text(other, own)],
            };
            let longer = filters.iter().flat_map(|filter| {
                let dot = if filter.is_empty() { "" } else { "." };
                choices.iter().map(move |choice| format!("{filter}{dot}{choice}"))
            });
            filters = longer.collect();
        }
        filters
    }

    /// Whoever watches heartbeats also hears who comes and who leaves.
    fn of_presence(&self, role: &Role, presence: &Presence, permissions: &mut Permissions) {
        let watches = presence
            .subject(self)
            .is_some_and(|heartbeats| named(heartbeats.receivers(), role));
        for (_, notice) in presence.notices().filter(|_| watches) {
            if let Some(subject) = self.subjects.get(&notice.subject.value) {
                permissions.may_subscribe(subject.template.wildcard(), &presence.name);
            }
        }
    }

    /// A wildcard at the first place reaches the server's own subjects and the inboxes of others; and a plain subscription may
    /// join any queue group, and take away from its members what is theirs.
    fn deny(&self, role: &Role, permissions: &mut Permissions) {
        let others = self.roles.values().filter(|other| other.name.value != role.name.value);
        let inboxes = others.map(|other| format!("{INBOX}_{}", other.name.value));
        let mut private: Vec<String> = OF_THE_SERVER.iter().map(|first| (*first).to_owned()).collect();
        private.push(INBOX.to_owned());
        private.push(format!("{INBOX}_{PROVISIONER}"));
        private.extend(inboxes);
        for first in private {
            let all = format!("{first}.>");
            let reached = |grants: &[Grant]| {
                let by_wildcard = |grant: &&Grant| overlap(&grant.filter, &all) && !contains(&all, &grant.filter);
                let needed = |grant: &Grant| contains(&all, &grant.filter);
                grants.iter().find(by_wildcard).is_some() && !grants.iter().any(needed)
            };
            if reached(&permissions.publish) {
                add(&mut permissions.deny_publish, all.clone(), None, "nobody's to send to");
            }
            if reached(&permissions.subscribe) {
                add(
                    &mut permissions.deny_subscribe,
                    all,
                    None,
                    "others' and the server's own",
                );
            }
        }
        for group in self.queue_groups() {
            let is_member = |grant: &Grant| grant.queue_group.as_ref() == Some(&group);
            if !permissions.subscribe.iter().any(is_member) && !self.serves_in(role, &group) {
                let reason = "a queue group of others";
                add(&mut permissions.deny_subscribe, ">".to_owned(), Some(group), reason);
            }
        }
    }

    /// The queue groups of the contract.
    fn queue_groups(&self) -> Vec<String> {
        let of_subjects = self
            .subjects
            .values()
            .filter_map(|subject| subject.queue_group.as_ref());
        let of_sets = self.subscriptions.values().filter_map(|set| set.queue_group.as_ref());
        let mut groups: Vec<String> = Vec::new();
        for group in of_subjects.chain(of_sets) {
            if !groups.contains(&group.value) {
                groups.push(group.value.clone());
            }
        }
        if !self.services.is_empty() && !groups.iter().any(|group| group == SERVICE_GROUP) {
            groups.push(SERVICE_GROUP.to_owned());
        }
        groups
    }

    /// Whether a role provides a service that shares its requests in a group that the contract does not name.
    fn serves_in(&self, role: &Role, group: &str) -> bool {
        let mut services = self.services.values().filter(|service| named(&service.provide, role));
        group == SERVICE_GROUP
            && services.any(|service| {
                let endpoints = service.endpoints.iter();
                let mut subjects = endpoints.filter_map(|name| self.subjects.get(&name.value));
                subjects.any(|subject| subject.queue_group.is_none())
            })
    }
}

/// The server lets a subscription end in `>` where the list of what is allowed has a last `*`. It then holds everything that
/// such a subscription would hear against what is denied, so all that is deeper has to be denied by name.
fn deny_deeper(permissions: &mut Permissions) {
    let any_own = permissions.with_own(&|_| "*".to_owned());
    for grant in any_own.subscribe.iter().filter(|grant| grant.filter.ends_with(".*")) {
        let deeper = format!("{}.>", grant.filter);
        let is_heard = any_own.subscribe.iter().any(|other| overlap(&other.filter, &deeper));
        if !is_heard {
            add(
                &mut permissions.deny_subscribe,
                deeper,
                None,
                "longer than what is allowed",
            );
        }
    }
}

/// PING, INFO and STATS: of all services, of those of a name, of one of them.
fn of_service(service: &Service, permissions: &mut Permissions) {
    let name = &service.service;
    for verb in ["PING", "INFO", "STATS"] {
        for filter in [
            format!("$SRV.{verb}"),
            format!("$SRV.{verb}.{name}"),
            format!("$SRV.{verb}.{name}.*"),
        ] {
            permissions.may_subscribe(filter, "discovery of services");
        }
    }
    permissions.may_respond(Duration::ZERO, Some(1));
}

fn named(roles: &[Spanned<String>], role: &Role) -> bool {
    roles.iter().any(|name| name.value == role.name.value)
}

/// A template as a filter in which the role's own tokens stay, in braces.
fn filter(template: &Template, own: &[(&str, &str)]) -> String {
    let segments = template.segments.iter().map(|segment| text(segment, own));
    segments.collect::<Vec<_>>().join(".")
}

fn text(segment: &Segment, own: &[(&str, &str)]) -> String {
    let (name, any) = match segment {
        Segment::Literal(text) => return text.clone(),
        Segment::Token(name) => (name, "*"),
        Segment::Tail(name) => (name, ">"),
    };
    let own = own.iter().find(|(token, _)| token == name);
    own.map_or_else(|| any.to_owned(), |(_, own)| format!("{{{own}}}"))
}
