//! Several messages on one subject: what tells them apart, and what each of them carries.

use super::names::Scope;
use crate::contract::{Discriminator, Messages};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::subject as rules;
use crate::source::{Span, Spanned};
use crate::syntax::{KindDecl, MessagesDecl, SubjectDecl};

/// `subject` is what else is said of the subject.
pub(super) fn lower(
    declared: &Spanned<MessagesDecl>,
    subject: &SubjectDecl,
    scope: &Scope<'_>,
    report: &mut Report,
) -> Option<Messages> {
    let other = [&subject.payload, &subject.request].into_iter().flatten().next();
    if let Some(other) = other {
        let message = "a subject carries one payload, or several messages".to_owned();
        let help = "remove one of the two; only events carry several messages";
        fault(message, other.span, help, report);
    }
    let by = discriminator(&declared.by, report);
    let of = &declared.of.sound;
    if of.is_empty() {
        let help = "name each kind with its payload: `of: { task: Task, note: Note }`";
        fault("no message is named".to_owned(), declared.span, help, report);
    }
    // The first one is looked up as the payload of the event.
    let others = of.iter().skip(1);
    let known: Vec<bool> = others.map(|(_, payload)| scope.payload(payload, report)).collect();
    let sound = other.is_none() && !of.is_empty() && known.into_iter().all(|known| known);
    Some(Messages {
        span: declared.span,
        by: by?,
        of: sound.then(|| of.clone())?,
    })
}

fn discriminator(by: &Spanned<KindDecl>, report: &mut Report) -> Option<Discriminator> {
    let found = [
        by.field.clone().map(Discriminator::Field),
        by.header.clone().map(Discriminator::Header),
        by.token.clone().map(Discriminator::Token),
    ];
    let mut found = found.into_iter().flatten();
    match (found.next(), found.next()) {
        (Some(one), None) => Some(one),
        (None, _) => {
            let help = "name a `field` of the payloads, a `header`, or a `token` of the template";
            fault("nothing tells the messages apart".to_owned(), by.span, help, report);
            None
        }
        _ => {
            let help = "keep the one that senders are sure to set";
            fault("messages are told apart by one thing".to_owned(), by.span, help, report);
            None
        }
    }
}

fn fault(message: String, span: Span, help: &str, report: &mut Report) {
    report.push(Diagnostic::new(&rules::MESSAGES, span, message, "").with_help(help));
}
