//! Who sends, what travels, who hears it, which streams keep it and which consumers deliver it.
//!
//! One model for every picture of a contract: the page of the reference, SVG by itself, and Mermaid.

mod layout;
mod mermaid;

use std::collections::BTreeSet;

use indexmap::IndexMap;
use minijinja::context;

use super::template::{Templates, view_of};
use super::tree::{EmitError, MARKER};
use crate::contract::{Capture, Consumer, Contract, Role, Stream, Subject};
use crate::source::Spanned;
use crate::subject::overlap;

pub(super) use layout::Drawing;

/// So many subjects are drawn by themselves; of more there are too many for a screen or two, and modules stand for them.
const MANY: usize = 80;

/// What a graph is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GraphFormat {
    /// A drawing for browsers and documents.
    Svg,
    /// A flowchart of [Mermaid](https://mermaid.js.org), which forges and editors draw.
    Mermaid,
}

/// What part of a contract a graph shows; by default all of it.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// Only subjects that this filter can hear.
    pub filter: Option<String>,
    /// Only subjects that this role sends, hears or works on.
    pub role: Option<String>,
}

/// The picture of a contract, before it is drawn.
pub(super) struct Topology<'c> {
    pub(super) rows: Vec<Row<'c>>,
    pub(super) senders: Vec<Party<'c>>,
    /// Who hears subjects, and who works on what consumers deliver.
    pub(super) receivers: Vec<Party<'c>>,
    pub(super) streams: Vec<Keeper<'c>>,
}

/// What travels: a subject, or a module where there are many subjects.
pub(super) struct Row<'c> {
    pub(super) module: &'c str,
    /// The subjects; more than one in a module.
    pub(super) subjects: Vec<&'c Subject>,
    pub(super) is_module: bool,
}

/// A role on one side.
pub(super) struct Party<'c> {
    pub(super) role: &'c Role,
    /// Its place among the roles of the contract.
    pub(super) number: usize,
    /// The rows that it has to do with.
    pub(super) rows: BTreeSet<usize>,
}

/// A stream, with what it keeps.
pub(super) struct Keeper<'c> {
    pub(super) stream: &'c Stream,
    pub(super) rows: BTreeSet<usize>,
    pub(super) consumers: Vec<&'c Consumer>,
}

/// What a node of a picture stands for.
pub(super) enum Thing<'c> {
    Module(&'c str),
    Subject(&'c Subject),
    Role(&'c Role),
    Stream(&'c Stream),
    Consumer(&'c Stream, &'c Consumer),
}

/// Draws a contract, or a part of it.
///
/// # Errors
///
/// A template of the contract that asks for what is not there, or a fault in natsmith itself.
pub(crate) fn graph(contract: &Contract, format: GraphFormat, shown: &Shown) -> Result<String, EmitError> {
    let topology = Topology::of(contract, shown);
    match format {
        GraphFormat::Mermaid => Ok(mermaid::text(&topology)),
        GraphFormat::Svg => {
            let drawing = Drawing::of(&topology, &|_| None);
            let title = contract.title.as_ref().unwrap_or(&contract.name.value);
            let view = context! { marker => MARKER, title => title, drawing => view_of(drawing) };
            Templates::of_documents(&contract.look)?.render("graph/svg.html.j2", view)
        }
    }
}

impl<'c> Topology<'c> {
    pub(super) fn of(contract: &'c Contract, shown: &Shown) -> Self {
        let is_shown = |subject: &&Subject| {
            let heard = |filter: &String| overlap(filter, &subject.template.wildcard());
            let concerned = |role: &String| concerns(contract, subject, role);
            shown.filter.as_ref().is_none_or(heard) && shown.role.as_ref().is_none_or(concerned)
        };
        let mut modules: IndexMap<&str, Vec<&Subject>> = IndexMap::new();
        for subject in contract.subjects.values().filter(is_shown) {
            modules.entry(&subject.module).or_default().push(subject);
        }
        let rows: Vec<Row<'_>> = if modules.values().map(Vec::len).sum::<usize>() > MANY {
            let rows = modules.into_iter().map(|(module, subjects)| Row {
                module,
                subjects,
                is_module: true,
            });
            rows.collect()
        } else {
            let subjects = modules.into_values().flatten().map(|subject| Row {
                module: &subject.module,
                subjects: vec![subject],
                is_module: false,
            });
            subjects.collect()
        };
        let is_part = shown.filter.is_some() || shown.role.is_some();
        let streams = contract.streams.values().map(|stream| Keeper {
            stream,
            rows: captured(&rows, &stream.subjects),
            consumers: stream.consumers.values().collect(),
        });
        let mut streams: Vec<Keeper<'_>> = streams.filter(|keeper| !is_part || !keeper.rows.is_empty()).collect();
        for keeper in streams.iter_mut().filter(|_| is_part) {
            let (stream, rows) = (keeper.stream, &rows);
            keeper
                .consumers
                .retain(|consumer| !captured(rows, consumer.delivers(stream)).is_empty());
        }
        let mut senders = parties(contract, &rows, &|subject, role| sends(subject, role));
        senders.retain(|party| !party.rows.is_empty());
        let mut receivers = parties(contract, &rows, &|subject, role| hears(contract, subject, role));
        receivers.retain(|party| {
            let mut consumers = streams.iter().flat_map(|keeper| &keeper.consumers);
            !party.rows.is_empty() || consumers.any(|consumer| named(&consumer.consume, &party.role.name))
        });
        Self {
            rows,
            senders,
            receivers,
            streams,
        }
    }
}

impl<'c> Row<'c> {
    /// What it is called: the template of a subject, or the name of a module.
    pub(super) fn text(&self) -> &'c str {
        match self.subjects.as_slice() {
            [subject] if !self.is_module => &subject.template.text,
            _ => self.module,
        }
    }

    pub(super) fn thing(&self) -> Thing<'c> {
        match self.subjects.as_slice() {
            [subject] if !self.is_module => Thing::Subject(subject),
            _ => Thing::Module(self.module),
        }
    }
}

/// The rows that some of the filters hear.
fn captured(rows: &[Row<'_>], filters: &[Capture]) -> BTreeSet<usize> {
    let hears = |subject: &&Subject| {
        let wildcard = subject.template.wildcard();
        filters.iter().any(|capture| overlap(&capture.filter, &wildcard))
    };
    places(rows, &hears)
}

fn places(rows: &[Row<'_>], test: &dyn Fn(&&Subject) -> bool) -> BTreeSet<usize> {
    let rows = rows.iter().enumerate();
    let rows = rows.filter(|(_, row)| row.subjects.iter().any(test));
    rows.map(|(place, _)| place).collect()
}

/// All roles, with what they have to do with on one side.
fn parties<'c>(
    contract: &'c Contract,
    rows: &[Row<'c>],
    takes_part: &dyn Fn(&Subject, &str) -> bool,
) -> Vec<Party<'c>> {
    let parties = contract.roles.values().enumerate().map(|(number, role)| Party {
        role,
        number,
        rows: places(rows, &|subject| takes_part(subject, &role.name)),
    });
    parties.collect()
}

fn named(roles: &[Spanned<String>], role: &str) -> bool {
    roles.iter().any(|name| name.value == role)
}

fn sends(subject: &Subject, role: &str) -> bool {
    named(subject.senders(), role)
}

/// Whether a role hears a subject, by its own name or through a named subscription.
fn hears(contract: &Contract, subject: &Subject, role: &str) -> bool {
    let mut subscriptions = contract
        .subscriptions
        .values()
        .filter(|all| named(&all.subscribe, role));
    named(subject.receivers(), role)
        || subscriptions.any(|subscription| overlap(&subscription.filter, &subject.template.wildcard()))
}

/// Whether a role sends a subject, hears it, or works on it.
fn concerns(contract: &Contract, subject: &Subject, role: &str) -> bool {
    let wildcard = subject.template.wildcard();
    let delivered = |stream: &Stream| {
        let mut consumers = stream
            .consumers
            .values()
            .filter(|consumer| named(&consumer.consume, role));
        consumers.any(|consumer| {
            let mut filters = consumer.delivers(stream).iter();
            filters.any(|capture| overlap(&capture.filter, &wildcard))
        })
    };
    sends(subject, role) || hears(contract, subject, role) || contract.streams.values().any(delivered)
}
