//! Queue groups: their names can be written, and who shares messages means to.

use crate::contract::{Contract, Pattern, Subject, Subscription};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::subject as rules;
use crate::source::Spanned;
use crate::words::list;

pub(super) fn check(contract: &Contract, report: &mut Report) {
    let of_subjects = contract
        .subjects
        .values()
        .filter_map(|subject| subject.queue_group.as_ref());
    let of_subscriptions = contract
        .subscriptions
        .values()
        .filter_map(|subscription| subscription.queue_group.as_ref());
    for group in of_subjects.chain(of_subscriptions) {
        name(group, report);
    }
    for subject in contract.subjects.values() {
        shared(subject, report);
    }
    let any = contract.subjects.values().any(|subject| subject.queue_group.is_some());
    for subscription in contract
        .subscriptions
        .values()
        .filter(|subscription| any || subscription.queue_group.is_some())
    {
        for subject in contract.heard_by(&subscription.filter) {
            twice(subscription, subject, report);
        }
    }
}

/// The protocol ends a name at white space, and has no word for an empty one.
fn name(group: &Spanned<String>, report: &mut Report) {
    let fault = if group.is_empty() {
        "a queue group has a name"
    } else if group.contains(|character: char| character.is_whitespace() || character.is_control()) {
        "the name of a queue group holds no white space"
    } else {
        return;
    };
    let help = "write a word, such as `workers`";
    let diagnostic = Diagnostic::new(
        &rules::QUEUE_GROUP,
        group.span,
        fault,
        "the server takes it for something else",
    );
    report.push(diagnostic.with_help(help));
}

/// A message of an event goes to one of all who are in the group, of whatever role.
fn shared(subject: &Subject, report: &mut Report) {
    let (Some(group), Pattern::Event { subscribe, .. }) = (&subject.queue_group, &subject.pattern) else {
        return;
    };
    let [first, second, ..] = subscribe.as_slice() else {
        return;
    };
    let roles: Vec<&str> = subscribe.iter().map(|role| role.as_str()).collect();
    let message = format!(
        "{} take the messages of `{}` from each other",
        list(&roles),
        subject.name.value
    );
    let text = "each message goes to one member of the group";
    let diagnostic = Diagnostic::new(&rules::SHARED_GROUP, group.span, message, text)
        .with_label(first.span, "a role of the group")
        .with_label(second.span, "and another one")
        .with_help("let one role share the work, and give the others a named subscription of their own");
    report.push(diagnostic);
}

/// Who is in the group and listens beside it gets what others of the group have got too.
fn twice(subscription: &Subscription, subject: &Subject, report: &mut Report) {
    let (ours, theirs) = (&subscription.queue_group, &subject.queue_group);
    let group = |group: &Option<Spanned<String>>| group.as_ref().map(|group| group.value.clone());
    if group(ours) == group(theirs) {
        return;
    }
    let both = subscription
        .subscribe
        .iter()
        .find(|role| subject.receivers().iter().any(|other| other.value == role.value));
    let Some(role) = both else { return };
    let Some(place) = ours.as_ref().or(theirs.as_ref()).map(|group| group.span) else {
        return;
    };
    let message = format!(
        "`{}` hears `{}` in the queue group and beside it",
        role.value, subject.name.value
    );
    let diagnostic = Diagnostic::new(
        &rules::HEARD_TWICE,
        role.span,
        message,
        "beside it, by this subscription",
    )
    .with_label(place, "the queue group")
    .with_label(subject.name.span, "the subject")
    .with_help("give both the same queue group, or let another role listen to everything");
    report.push(diagnostic);
}
