//! Where dead letters go: nobody takes them for work, and none goes round for ever.

use crate::contract::{Consumer, Contract, GiveUp, OnInvalid, Stream, dead_letters};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::stream as rules;
use crate::subject::overlap;

use super::circles::circles;

pub(super) fn check(contract: &Contract, report: &mut Report) {
    let takers: Vec<(&Stream, &Consumer)> = contract
        .streams
        .values()
        .filter(|stream| stream.keeps_dead_letters && is_named_by_others(stream, contract))
        .flat_map(|stream| stream.consumers.values().map(move |consumer| (stream, consumer)))
        .filter(|(stream, consumer)| takes_letters(stream, consumer))
        .collect();
    let next = |index: usize| -> Vec<usize> {
        let to = takers.get(index).and_then(|(_, consumer)| goes_to(consumer));
        let there = |(other, (stream, _)): (usize, &(&Stream, &Consumer))| {
            (Some(stream.name.value.as_str()) == to).then_some(other)
        };
        takers.iter().enumerate().filter_map(there).collect()
    };
    let mut going_round = vec![false; takers.len()];
    for circle in circles(takers.len(), next) {
        let members: Vec<&(&Stream, &Consumer)> = circle.iter().filter_map(|index| takers.get(*index)).collect();
        for index in &circle {
            if let Some(place) = going_round.get_mut(*index) {
                *place = true;
            }
        }
        goes_round(&members, report);
    }
    for ((stream, consumer), _) in takers.iter().zip(&going_round).filter(|(_, round)| !**round) {
        if has_work(stream, consumer) {
            taken_for_work(stream, consumer, report);
        }
    }
}

/// Whether letters come from other streams; that they come from its own has been told.
fn is_named_by_others(stream: &Stream, contract: &Contract) -> bool {
    let others = contract
        .streams
        .values()
        .filter(|other| other.name.value != stream.name.value);
    let mut named = others
        .flat_map(|other| other.consumers.values())
        .filter_map(|consumer| consumer.dead_letter.as_ref());
    named.any(|name| name.value == stream.name.value)
}

/// Whether a consumer delivers the letters of its stream.
fn takes_letters(stream: &Stream, consumer: &Consumer) -> bool {
    let letters = dead_letters(&stream.name);
    let mut delivered = consumer.delivers(stream).iter();
    delivered.any(|capture| overlap(&capture.filter, &letters))
}

/// Whether it delivers anything else; that it does not has been told.
fn has_work(stream: &Stream, consumer: &Consumer) -> bool {
    let delivered = consumer.delivers(stream);
    !delivered.iter().all(|capture| stream.is_of_dead_letters(capture))
}

/// The stream that a consumer puts to what it cannot read, as a letter is.
fn goes_to(consumer: &Consumer) -> Option<&str> {
    let puts = consumer.on_invalid == OnInvalid::DeadLetter || consumer.work.give_up == GiveUp::DeadLetter;
    let stream = consumer.dead_letter.as_ref().filter(|_| puts)?;
    Some(&stream.value)
}

fn goes_round(members: &[&(&Stream, &Consumer)], report: &mut Report) {
    // One that goes to its own stream has been told.
    if members.len() < 2 {
        return;
    }
    let names: Vec<&str> = members
        .iter()
        .map(|(_, consumer)| consumer.name.value.as_str())
        .collect();
    let mut places = members.iter().filter_map(|(_, consumer)| consumer.dead_letter.as_ref());
    let Some(first) = places.next() else { return };
    let message = format!(
        "a dead letter goes round between `{}` and never rests",
        names.join("`, `")
    );
    let mut diagnostic = Diagnostic::new(
        &rules::DEAD_LETTER_LOOP,
        first.span,
        message,
        "what none of them can read",
    );
    for other in places {
        diagnostic = diagnostic.with_label(other.span, "and back");
    }
    let help = "say with `filter` what each consumer works on, or name a stream without consumers for dead letters";
    report.push(diagnostic.with_help(help));
}

fn taken_for_work(stream: &Stream, consumer: &Consumer, report: &mut Report) {
    let message = format!(
        "`{}` takes the dead letters of `{}` for work",
        consumer.name.value, stream.name.value
    );
    let subjects: Vec<&str> = stream
        .subjects
        .iter()
        .filter_map(|capture| capture.subject.as_deref())
        .collect();
    let help = match subjects.as_slice() {
        [] => "say what it works on: `filter: [..]`".to_owned(),
        subjects => format!("say what it works on: `filter: [{}]`", subjects.join(", ")),
    };
    let place = consumer
        .filters
        .iter()
        .find(|capture| overlap(&capture.filter, &dead_letters(&stream.name)))
        .map_or(consumer.name.span, |capture| capture.span);
    let text = "it gives them up once more";
    report.push(Diagnostic::new(&rules::TAKES_DEAD_LETTERS, place, message, text).with_help(help));
}
