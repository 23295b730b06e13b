//! Who may send and hear a subject.

use serde::Serialize;

use crate::contract::{Contract, Role, Subject};
use crate::source::Spanned;
use crate::subject::overlap;

/// A role on one side of a subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Party {
    /// Its name.
    pub role: String,
    /// Tokens that are its own, with what stands there: nobody else of that role may.
    pub own: Vec<Own>,
    /// The named subscription through which it hears.
    pub subscription: Option<String>,
    /// The queue group in which it shares the messages.
    pub queue_group: Option<String>,
}

/// A token of a subject that is part of a connection's own identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Own {
    /// The role's token.
    pub token: String,
    /// What stands there; `None` where any value does.
    pub value: Option<String>,
}

/// Who may send.
pub(super) fn senders(contract: &Contract, subject: &Subject, asked: &str) -> Vec<Party> {
    let roles = roles(contract, subject.senders());
    let senders = roles.map(|role| party(contract, role, subject, subject.sender.as_ref(), asked));
    senders.collect()
}

/// Who may hear, by the subject itself and through named subscriptions.
pub(super) fn receivers(contract: &Contract, subject: &Subject, asked: &str) -> Vec<Party> {
    let queue_group = subject.queue_group.as_ref().map(|group| group.value.clone());
    let receivers = roles(contract, subject.receivers()).map(|role| Party {
        queue_group: queue_group.clone(),
        ..party(contract, role, subject, subject.receiver.as_ref(), asked)
    });
    let wildcard = subject.template.wildcard();
    let subscriptions = contract
        .subscriptions
        .values()
        .filter(|subscription| overlap(&subscription.filter, asked) && overlap(&subscription.filter, &wildcard));
    let subscribers = subscriptions.flat_map(|subscription| {
        let roles = subscription.subscribe.iter();
        roles.map(|role| Party {
            role: role.value.clone(),
            own: Vec::new(),
            subscription: Some(subscription.name.value.clone()),
            queue_group: subscription.queue_group.as_ref().map(|group| group.value.clone()),
        })
    });
    receivers.chain(subscribers).collect()
}

fn roles<'c>(contract: &'c Contract, names: &[Spanned<String>]) -> impl Iterator<Item = &'c Role> {
    names.iter().filter_map(|name| contract.roles.get(&name.value))
}

fn party(contract: &Contract, role: &Role, subject: &Subject, side: Option<&Spanned<String>>, asked: &str) -> Party {
    let values = subject.template.split(asked).unwrap_or_default();
    let own = contract
        .own_tokens(role, subject, side)
        .into_iter()
        .map(|(token, own)| Own {
            token: own.to_owned(),
            value: values
                .iter()
                .find(|(name, value)| *name == token && *value != "*" && *value != ">")
                .map(|(_, value)| (*value).to_owned()),
        });
    Party {
        role: role.name.value.clone(),
        own: own.collect(),
        subscription: None,
        queue_group: None,
    }
}
