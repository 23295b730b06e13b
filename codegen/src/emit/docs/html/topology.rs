//! The whole contract as one drawing. Each node is a link.

use serde::Serialize;

use super::site::{Link, Site};
use crate::emit::topology::{Drawing, Shown, Thing, Topology};

/// The page with the drawing.
#[derive(Serialize)]
pub(super) struct TopologyPage {
    title: &'static str,
    summary: &'static str,
    drawing: Drawing,
}

pub(super) fn page(site: &Site<'_>) -> TopologyPage {
    let topology = Topology::of(site.contract, &Shown::default());
    TopologyPage {
        title: "Topology",
        summary: "Who sends, what travels, who hears it, which streams keep it and which consumers deliver it.",
        drawing: Drawing::of(&topology, &|thing| Some(href(thing))),
    }
}

fn href(thing: &Thing<'_>) -> String {
    match thing {
        Thing::Module(name) => format!("index.html#{name}"),
        Thing::Subject(subject) => Link::subject(&subject.name).href,
        Thing::Role(role) => Link::role(&role.name).href,
        Thing::Stream(stream) => Link::stream(&stream.name).href,
        Thing::Consumer(stream, consumer) => Link::consumer(&stream.name, &consumer.name).href,
    }
}
