//! What a contract lets its parties do, told from the contract itself and not from the permissions that are made of it.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use natsmith_codegen::contract::{Answers, Contract, PROVISIONER, Role, Segment, Store, StoreKind, Subject, Template};
use natsmith_codegen::source::Spanned;
use natsmith_codegen::subject::contains;

/// Who a connection is: a role with the values of its own tokens, or who provisions.
#[derive(Clone, Debug)]
pub(crate) struct Party<'c> {
    pub(crate) contract: &'c Contract,
    pub(crate) role: Option<&'c Role>,
    pub(crate) own: BTreeMap<String, String>,
    heard: OnceCell<Vec<(String, Option<&'c str>)>>,
}

/// What may stand in one place of a subject.
enum Place {
    Text(String),
    OneOf(Vec<String>),
    Any,
    Tail,
}

impl<'c> Party<'c> {
    pub(crate) fn new(contract: &'c Contract, role: Option<&'c Role>, own: BTreeMap<String, String>) -> Self {
        let heard = OnceCell::new();
        Self {
            contract,
            role,
            own,
            heard,
        }
    }

    pub(crate) fn name(&self) -> &'c str {
        self.role.map_or(PROVISIONER, |role| role.name.value.as_str())
    }

    /// What the party's inboxes begin with.
    pub(crate) fn inbox(&self) -> String {
        let own = self.role.into_iter().flat_map(|role| &role.own);
        let own = own.map(|token| format!(".{}", self.own[&token.value]));
        format!("_INBOX_{}{}", self.name(), own.collect::<String>())
    }

    fn is(&self, roles: &[Spanned<String>]) -> bool {
        self.role.is_some() && roles.iter().any(|role| role.value == self.name())
    }

    /// Whether the contract lets the party send on a subject.
    pub(crate) fn sends(&self, subject: &str) -> bool {
        let inside = |inbox: &str| {
            subject
                .strip_prefix(inbox)
                .is_some_and(|rest| rest.len() > 1 && rest.starts_with('.'))
        };
        if inside(&self.inbox()) {
            return true;
        }
        let by_subject = self.contract.subjects.values().any(|declared| {
            self.is(declared.senders()) && fits(&self.places(declared, declared.sender.as_ref()), subject)
        });
        by_subject || self.of_assets().iter().any(|filter| matches(filter, subject))
    }

    /// The filters that the contract lets the party hear, each with its queue group if it has one.
    fn lists(&self) -> Vec<(String, Option<&'c str>)> {
        let contract = self.contract;
        let mut lists: Vec<(String, Option<&'c str>)> = vec![(format!("{}.>", self.inbox()), None)];
        for declared in contract
            .subjects
            .values()
            .filter(|declared| self.is(declared.receivers()))
        {
            let wide = wildcard(&self.places(declared, declared.receiver.as_ref()));
            lists.push((wide, declared.queue_group.as_ref().map(|group| group.value.as_str())));
        }
        for set in contract.subscriptions.values().filter(|set| self.is(&set.subscribe)) {
            lists.push((
                set.filter.value.clone(),
                set.queue_group.as_ref().map(|group| group.value.as_str()),
            ));
        }
        for presence in contract.presence.values() {
            let watched = presence
                .subject(contract)
                .is_some_and(|subject| self.is(subject.receivers()));
            for (_, notice) in presence.notices().filter(|_| watched) {
                lists.push((contract.subjects[&notice.subject.value].template.wildcard(), None));
            }
        }
        for service in contract.services.values().filter(|service| self.is(&service.provide)) {
            for verb in ["PING", "INFO", "STATS"] {
                let name = &service.service;
                lists.push((format!("$SRV.{verb}"), None));
                lists.push((format!("$SRV.{verb}.{name}"), None));
                lists.push((format!("$SRV.{verb}.{name}.*"), None));
            }
        }
        lists
    }

    /// Whether the contract lets the party hear a filter, as a member of a queue group or not.
    pub(crate) fn hears(&self, filter: &str, group: Option<&str>) -> bool {
        let lists = self.heard.get_or_init(|| self.lists());
        let covers = |(wide, _): &&(String, Option<&str>)| contains(wide, filter);
        let covering: Vec<_> = lists.iter().filter(covers).collect();
        let all_plain = covering.iter().any(|(_, of)| of.is_none());
        match group {
            // The server looks at groups where any entry of the list names one.
            Some(group) if covering.iter().any(|(_, of)| of.is_some()) => {
                covering.iter().any(|(_, of)| *of == Some(group))
            }
            Some(group) => all_plain && !self.is_foreign(group) && !is_private(filter, lists),
            None => all_plain && !is_private(filter, lists),
        }
    }

    /// Whether the party may hear a subject at all: alone, or in a queue group of its own.
    pub(crate) fn may_hear(&self, subject: &str) -> bool {
        let groups = self
            .contract
            .subjects
            .values()
            .filter_map(|subject| subject.queue_group.as_ref());
        let groups = groups.chain(
            self.contract
                .subscriptions
                .values()
                .filter_map(|set| set.queue_group.as_ref()),
        );
        let mut groups = groups.map(|group| group.value.as_str());
        self.hears(subject, None) || groups.any(|group| self.hears(subject, Some(group)))
    }

    /// A subject of each request that the party answers, and the queue group in which it does.
    pub(crate) fn answered(&self) -> Vec<(String, Option<&'c str>)> {
        let requests = self.contract.subjects.values().filter(|subject| subject.is_request());
        let answered = requests.filter(|subject| self.is(subject.receivers())).map(|subject| {
            let filter = wildcard(&self.places(subject, subject.receiver.as_ref()));
            let group = subject.queue_group.as_ref().map(|group| group.value.as_str());
            (filter.replace('*', "t1"), group)
        });
        answered.collect()
    }

    /// Whether the party takes part in answers in chunks, on either side.
    pub(crate) fn streams(&self) -> bool {
        self.contract.subjects.values().any(|subject| {
            let in_chunks = matches!(subject.answers(), Some(Answers::Streamed(_)));
            in_chunks && (self.is(subject.receivers()) || self.is(subject.senders()))
        })
    }

    /// Whether a queue group is the contract's, and nothing that this party takes part in.
    pub(crate) fn is_foreign(&self, group: &str) -> bool {
        let contract = self.contract;
        let mut groups: Vec<(&str, bool)> = Vec::new();
        for subject in contract.subjects.values() {
            groups.extend(
                subject
                    .queue_group
                    .as_ref()
                    .map(|of| (of.value.as_str(), self.is(subject.receivers()))),
            );
        }
        for set in contract.subscriptions.values() {
            groups.extend(
                set.queue_group
                    .as_ref()
                    .map(|of| (of.value.as_str(), self.is(&set.subscribe))),
            );
        }
        for service in contract.services.values() {
            let plain = service
                .endpoints
                .iter()
                .any(|name| contract.subjects[&name.value].queue_group.is_none());
            groups.push(("q", plain && self.is(&service.provide)));
        }
        // Who provisions hears nothing but its inboxes, which nobody shares.
        let of = || groups.iter().filter(|(name, _)| *name == group);
        self.role.is_some() && of().next().is_some() && !of().any(|(_, own)| *own)
    }

    /// The places of a declared subject as the party fills them in, on one side.
    fn places(&self, declared: &Subject, party: Option<&Spanned<String>>) -> Vec<Place> {
        let same = |token: &str| {
            let found = self.contract.tokens.get(token).and_then(|token| token.same_as.as_ref());
            found.map_or(token.to_owned(), |same| same.value.clone())
        };
        let named: Vec<String> = [&declared.sender, &declared.receiver]
            .into_iter()
            .flatten()
            .map(|token| same(&token.value))
            .collect();
        let place = |segment: &Segment| match segment {
            Segment::Literal(text) => Place::Text(text.clone()),
            Segment::Token(token) | Segment::Tail(token) => {
                let is_party = party.is_some_and(|party| party.value == *token);
                let own = if is_party {
                    self.own.get(&same(token))
                } else {
                    // What names a party is somebody's own on one side only.
                    self.own.get(token).filter(|_| !named.contains(token))
                };
                let members = self.contract.tokens.get(token).and_then(|token| token.members.as_ref());
                match (own, members, segment) {
                    (Some(own), ..) => Place::Text(own.clone()),
                    (None, Some(members), _) => {
                        Place::OneOf(members.value.iter().map(|member| member.value.clone()).collect())
                    }
                    (None, None, Segment::Tail(_)) => Place::Tail,
                    (None, None, _) => Place::Any,
                }
            }
        };
        declared.template.segments.iter().map(place).collect()
    }

    /// What the party may send so that streams, consumers and buckets work for it, and nothing else.
    pub(crate) fn of_assets(&self) -> Vec<String> {
        let contract = self.contract;
        let mut allowed = Vec::new();
        let mut may = |text: String| allowed.push(text);
        if self.role.is_none() {
            let buckets = contract.stores().map(|store| store.backing.name.value.clone());
            for stream in contract.streams.keys().cloned().chain(buckets) {
                for verb in ["CREATE", "UPDATE", "INFO"] {
                    may(format!("$JS.API.STREAM.{verb}.{stream}"));
                }
            }
            may("$JS.API.INFO".to_owned());
            may("$SYS.REQ.ACCOUNT.PING.STATZ".to_owned());
        }
        for stream in contract.streams.values() {
            let name = &stream.name.value;
            for consumer in stream.consumers.values() {
                let both = format!("{name}.{}", consumer.name.value);
                if self.role.is_none() {
                    may(format!("$JS.API.CONSUMER.INFO.{both}"));
                    let filters: Vec<&str> = consumer.filters.iter().map(|filter| filter.filter.as_str()).collect();
                    may(match filters.as_slice() {
                        [one] => format!("$JS.API.CONSUMER.CREATE.{both}.{one}"),
                        _ => format!("$JS.API.CONSUMER.CREATE.{both}"),
                    });
                }
                if self.is(&consumer.consume) {
                    may(format!("$JS.API.CONSUMER.INFO.{both}"));
                    may(format!("$JS.API.CONSUMER.MSG.NEXT.{both}"));
                    may(format!("$JS.ACK.{both}.*.*.*.*.*"));
                    if let Some(letters) = &consumer.dead_letter {
                        may(format!("dead_letters.{}.{both}", letters.value));
                    }
                }
            }
            if self.is(&stream.replay) {
                may(format!("$JS.API.STREAM.MSG.GET.{name}"));
                may(format!("$JS.API.STREAM.MSG.DELETE.{name}"));
                for (source, consumer) in contract
                    .streams
                    .values()
                    .flat_map(|from| from.consumers.values().map(move |c| (from, c)))
                {
                    if consumer.dead_letter.as_ref().is_some_and(|to| to.value == *name) {
                        for capture in consumer.delivers(source) {
                            let declared = capture.subject.as_ref().and_then(|name| contract.subjects.get(name));
                            match declared {
                                Some(declared) => every(&expansions(contract, &declared.template), &mut may),
                                None => may(capture.filter.clone()),
                            }
                        }
                    }
                }
            }
        }
        for store in contract.stores() {
            self.of_store(store, &mut may);
        }
        allowed
    }

    fn of_store(&self, store: &Store, mut may: &mut impl FnMut(String)) {
        let (reads, writes) = (self.is(&store.read), self.is(&store.write));
        let (stream, bucket) = (&store.backing.name.value, &store.name.value);
        let key = |own: bool| {
            let tokens = store.key.segments.iter().map(|segment| match segment {
                Segment::Literal(text) => text.clone(),
                Segment::Token(token) => self.own.get(token).filter(|_| own).cloned().unwrap_or("*".to_owned()),
                Segment::Tail(_) => ">".to_owned(),
            });
            tokens.collect::<Vec<_>>().join(".")
        };
        let data = match store.kind {
            StoreKind::KeyValue { .. } => vec![format!("$KV.{bucket}.{}", key(!reads))],
            StoreKind::Object => vec![format!("$O.{bucket}.M.*")],
        };
        if reads || writes {
            may(format!("$JS.API.STREAM.INFO.{stream}"));
            every(
                &data
                    .iter()
                    .map(|data| format!("$JS.API.DIRECT.GET.{stream}.{data}"))
                    .collect::<Vec<_>>(),
                &mut may,
            );
        }
        if reads {
            for rest in ["CREATE.{}", "INFO.{}.*", "DELETE.{}.*"] {
                may(format!("$JS.API.CONSUMER.{}", rest.replace("{}", stream)));
            }
            let watched = match store.kind {
                StoreKind::KeyValue { .. } => vec![format!("$KV.{bucket}.>")],
                StoreKind::Object => vec![format!("$O.{bucket}.C.*"), format!("$O.{bucket}.M.>")],
            };
            for data in watched {
                may(format!("$JS.API.CONSUMER.CREATE.{stream}.*.{data}"));
            }
            may(format!("$JS.FC.{stream}.*.*"));
        }
        if writes {
            match store.kind {
                StoreKind::KeyValue { .. } => may(format!("$KV.{bucket}.{}", key(true))),
                StoreKind::Object => {
                    may(format!("$O.{bucket}.C.*"));
                    may(format!("$O.{bucket}.M.*"));
                    may(format!("$JS.API.STREAM.PURGE.{stream}"));
                }
            }
        }
    }
}

fn every(texts: &[String], may: &mut impl FnMut(String)) {
    texts.iter().cloned().for_each(may);
}

/// A template with every value of its tokens that have a list of them.
fn expansions(contract: &Contract, template: &Template) -> Vec<String> {
    let mut all = vec![Vec::<String>::new()];
    for segment in &template.segments {
        let choices = match segment {
            Segment::Literal(text) => vec![text.clone()],
            Segment::Tail(_) => vec![">".to_owned()],
            Segment::Token(token) => match contract.tokens.get(token).and_then(|token| token.members.as_ref()) {
                Some(members) => members.value.iter().map(|member| member.value.clone()).collect(),
                None => vec!["*".to_owned()],
            },
        };
        all = all
            .iter()
            .flat_map(|start| {
                choices
                    .iter()
                    .map(|choice| [start.as_slice(), std::slice::from_ref(choice)].concat())
            })
            .collect();
    }
    all.into_iter().map(|tokens| tokens.join(".")).collect()
}

fn wildcard(places: &[Place]) -> String {
    let tokens = places.iter().map(|place| match place {
        Place::Text(text) => text.as_str(),
        Place::OneOf(_) | Place::Any => "*",
        Place::Tail => ">",
    });
    tokens.collect::<Vec<_>>().join(".")
}

/// Whether a filter is heard by a wildcard alone that reaches what is the server's or somebody else's.
fn is_private(filter: &str, lists: &[(String, Option<&str>)]) -> bool {
    let first = filter.split('.').next().unwrap_or_default();
    let reserved = first.starts_with('$') || first.starts_with("_INBOX");
    let by_name = |(wide, _): &(String, Option<&str>)| wide.split('.').next() == Some(first) && contains(wide, filter);
    reserved && filter != first && !lists.iter().any(by_name)
}

/// Whether a filter matches a subject, in which wildcards are text like any other: so the server sees what is published.
fn matches(filter: &str, subject: &str) -> bool {
    let (mut filter, mut subject) = (filter.split('.'), subject.split('.'));
    loop {
        match (filter.next(), subject.next()) {
            (None, None) | (Some(">"), Some(_)) => return true,
            (Some(wanted), Some(token)) if wanted == "*" || wanted == token => {}
            _ => return false,
        }
    }
}

fn fits(places: &[Place], subject: &str) -> bool {
    let tokens: Vec<&str> = subject.split('.').collect();
    let tail = places.iter().any(|place| matches!(place, Place::Tail));
    let enough = if tail {
        tokens.len() >= places.len()
    } else {
        tokens.len() == places.len()
    };
    enough
        && places.iter().zip(&tokens).all(|(place, token)| match place {
            Place::Text(text) => text == token,
            Place::OneOf(members) => members.iter().any(|member| member == token),
            Place::Any | Place::Tail => true,
        })
}
