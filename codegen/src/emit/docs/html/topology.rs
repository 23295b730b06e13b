//! The whole contract as one drawing: who sends, what travels, who hears it and which streams keep it.
//!
//! Each node is a link. Where there are more subjects than fit on a screen or two, modules stand for them.

use std::ops::Range;

use indexmap::IndexMap;
use serde::Serialize;

use super::site::{Link, Site, kind};
use crate::contract::Subject;

/// So many subjects are drawn by themselves.
const MANY: usize = 80;

/// So many roles have a colour of their own; the others begin again with the first.
const COLOURS: usize = 8;

const ROW: usize = 26;
const HEAD: usize = 34;
const NODE: usize = 38;
const GAP: usize = 18;
const TOP: usize = 44;

/// A drawing has room for so many nodes on each side.
const FEW_NODES: usize = 6;

/// Where the columns begin and how wide they are: those who send, what travels, those who hear and what keeps.
const LEFT: (usize, usize) = (0, 150);
const MIDDLE: (usize, usize) = (310, 420);
const RIGHT: (usize, usize) = (890, 210);

/// The page with the drawing.
#[derive(Serialize)]
pub(super) struct TopologyPage<'c> {
    title: &'static str,
    summary: &'static str,
    width: usize,
    height: usize,
    /// What the rows are.
    rows_are: &'static str,
    heads: Vec<Node<'c>>,
    rows: Vec<Node<'c>>,
    senders: Vec<Node<'c>>,
    receivers: Vec<Node<'c>>,
    streams: Vec<Node<'c>>,
    edges: Vec<Edge>,
}

#[derive(Serialize)]
struct Node<'c> {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
    text: &'c str,
    /// A smaller line below it.
    below: String,
    href: String,
    class: String,
    /// What edges call it.
    id: String,
}

#[derive(Serialize)]
struct Edge {
    path: String,
    class: String,
    from: String,
    to: String,
}

/// A row of the drawing before it is drawn: a subject or a module.
struct Line<'c> {
    name: &'c str,
    text: &'c str,
    href: String,
    class: &'static str,
    subjects: Vec<&'c Subject>,
}

pub(super) fn page<'c>(site: &'c Site<'c>) -> TopologyPage<'c> {
    let contract = site.contract;
    let mut modules: IndexMap<&str, Vec<&Subject>> = IndexMap::new();
    for subject in contract.subjects.values() {
        modules.entry(&subject.module).or_default().push(subject);
    }
    let by_module = contract.subjects.len() > MANY;
    let mut heads = Vec::new();
    let mut rows = Vec::new();
    let mut lines: Vec<Line<'_>> = Vec::new();
    let mut y = TOP;
    for (name, subjects) in &modules {
        if by_module {
            lines.push(Line {
                name,
                text: name,
                href: format!("index.html#{name}"),
                class: "module",
                subjects: subjects.clone(),
            });
            rows.push(row(lines.last(), y));
            y += ROW;
            continue;
        }
        heads.push(Node {
            x: MIDDLE.0,
            y,
            width: MIDDLE.1,
            height: HEAD,
            text: name,
            below: String::new(),
            href: format!("index.html#{name}"),
            class: "head".to_owned(),
            id: String::new(),
        });
        y += HEAD;
        for subject in subjects {
            lines.push(Line {
                name: &subject.name,
                text: &subject.template.text,
                href: Link::subject(&subject.name).href,
                class: kind(subject),
                subjects: vec![subject],
            });
            rows.push(row(lines.last(), y));
            y += ROW;
        }
        y += GAP / 2;
    }
    let rows: Vec<Node<'_>> = rows.into_iter().flatten().collect();
    let mut drawing = Drawing { edges: Vec::new() };
    let bottom = y.max(TOP + FEW_NODES * (NODE + GAP));
    let senders = drawing.roles(site, &lines, &rows, true, TOP..bottom);
    // Roles above, streams below, each with its share of the height.
    let (hearing, keeping) = (contract.roles.len(), contract.streams.len());
    let share = (bottom - TOP) * hearing / (hearing + keeping).max(1);
    let receivers = drawing.roles(site, &lines, &rows, false, TOP..TOP + share);
    let lowest = receivers.last().map_or(TOP, |node| node.y + node.height);
    let streams = drawing.streams(site, &lines, &rows, lowest.max(TOP + share)..bottom);
    let ends = [senders.last(), receivers.last(), streams.last()];
    let ends = ends.into_iter().flatten().map(|node| node.y + node.height);
    let bottom = ends.max().unwrap_or_default().max(bottom);
    TopologyPage {
        title: "Topology",
        summary: "Who sends, what travels, who hears it, and which streams keep it.",
        width: RIGHT.0 + RIGHT.1 + 2,
        height: bottom + GAP,
        rows_are: if by_module { "Modules" } else { "Subjects" },
        heads,
        rows,
        senders,
        receivers,
        streams,
        edges: drawing.edges,
    }
}

fn row<'c>(line: Option<&Line<'c>>, y: usize) -> Option<Node<'c>> {
    let line = line?;
    let below = match line.subjects.len() {
        1 => String::new(),
        many => format!("{many} subjects"),
    };
    Some(Node {
        x: MIDDLE.0,
        y,
        width: MIDDLE.1,
        height: ROW - 4,
        text: line.text,
        below,
        href: line.href.clone(),
        class: line.class.to_owned(),
        id: line.name.to_owned(),
    })
}

/// What has been drawn so far.
struct Drawing {
    edges: Vec<Edge>,
}

impl Drawing {
    /// The roles on one side, ordered by the height of what they have to do with.
    fn roles<'c>(
        &mut self,
        site: &'c Site<'c>,
        lines: &[Line<'c>],
        rows: &[Node<'c>],
        sends: bool,
        heights: Range<usize>,
    ) -> Vec<Node<'c>> {
        let (column, prefix) = if sends { (LEFT, "from") } else { (RIGHT, "to") };
        let mut nodes: Vec<(Node<'c>, Vec<usize>)> = Vec::new();
        for (index, role) in site.contract.roles.values().enumerate() {
            let takes_part = |subject: &&Subject| {
                let roles = if sends { subject.senders() } else { subject.receivers() };
                roles.iter().any(|name| name.value == role.name.value)
            };
            let touched: Vec<usize> = lines
                .iter()
                .enumerate()
                .filter(|(_, line)| line.subjects.iter().any(takes_part_in(&takes_part)))
                .map(|(row, _)| row)
                .collect();
            if touched.is_empty() {
                continue;
            }
            let link = Link::role(&role.name);
            nodes.push((
                Node {
                    x: column.0,
                    y: middle(&touched, rows),
                    width: column.1,
                    height: NODE,
                    text: &role.name,
                    below: String::new(),
                    href: link.href,
                    class: format!("role c{}", index % COLOURS),
                    id: format!("{prefix}-{}", role.name.value),
                },
                touched,
            ));
        }
        spread(&mut nodes, heights);
        for (node, touched) in &nodes {
            for row in touched.iter().filter_map(|row| rows.get(*row)) {
                let colour = node.class.trim_start_matches("role ");
                let (from, to) = if sends { (node, row) } else { (row, node) };
                self.edges.push(edge(from, to, colour));
            }
        }
        nodes.into_iter().map(|(node, _)| node).collect()
    }

    /// The streams, below the roles that hear.
    fn streams<'c>(
        &mut self,
        site: &'c Site<'c>,
        lines: &[Line<'c>],
        rows: &[Node<'c>],
        heights: Range<usize>,
    ) -> Vec<Node<'c>> {
        let mut nodes: Vec<(Node<'c>, Vec<usize>)> = Vec::new();
        for stream in site.contract.streams.values() {
            let keeps = |subject: &&Subject| {
                let streams = site.kept(subject);
                streams.iter().any(|kept| kept.name.value == stream.name.value)
            };
            let touched: Vec<usize> = lines
                .iter()
                .enumerate()
                .filter(|(_, line)| line.subjects.iter().any(takes_part_in(&keeps)))
                .map(|(row, _)| row)
                .collect();
            let consumers = match stream.consumers.len() {
                0 => "no consumer".to_owned(),
                1 => "1 consumer".to_owned(),
                many => format!("{many} consumers"),
            };
            nodes.push((
                Node {
                    x: RIGHT.0,
                    y: middle(&touched, rows),
                    width: RIGHT.1,
                    height: NODE + 8,
                    text: &stream.name,
                    below: consumers,
                    href: Link::stream(&stream.name).href,
                    class: "stream".to_owned(),
                    id: format!("stream-{}", stream.name.value),
                },
                touched,
            ));
        }
        spread(&mut nodes, heights);
        for (node, touched) in &nodes {
            for row in touched.iter().filter_map(|row| rows.get(*row)) {
                self.edges.push(edge(row, node, "keeps"));
            }
        }
        nodes.into_iter().map(|(node, _)| node).collect()
    }
}

/// Puts nodes one below the other, with the same room between them. They keep the order of what they have to do with.
fn spread(nodes: &mut [(Node<'_>, Vec<usize>)], heights: Range<usize>) {
    nodes.sort_by_key(|(node, _)| node.y);
    let taken: usize = nodes.iter().map(|(node, _)| node.height + GAP).sum();
    let room = (heights.end - heights.start.min(heights.end)).saturating_sub(taken) / nodes.len().max(1);
    let mut y = heights.start + room / 2;
    for (node, _) in nodes {
        node.y = y;
        y += node.height + GAP + room;
    }
}

fn takes_part_in<'a, 'c: 'a>(test: &'a dyn Fn(&&'c Subject) -> bool) -> impl Fn(&&'c Subject) -> bool + 'a {
    move |subject| test(subject)
}

/// The height in the middle of some rows.
fn middle(touched: &[usize], rows: &[Node<'_>]) -> usize {
    let heights: Vec<usize> = touched
        .iter()
        .filter_map(|row| rows.get(*row))
        .map(|row| row.y)
        .collect();
    heights.iter().sum::<usize>().checked_div(heights.len()).unwrap_or(TOP)
}

/// A line from the right of one node to the left of another.
fn edge(from: &Node<'_>, to: &Node<'_>, class: &str) -> Edge {
    let (x1, y1) = (from.x + from.width, from.y + from.height / 2);
    let (x2, y2) = (to.x, to.y + to.height / 2);
    let bend = usize::midpoint(x1, x2);
    Edge {
        path: format!("M{x1} {y1}C{bend} {y1} {bend} {y2} {x2} {y2}"),
        class: class.to_owned(),
        from: from.id.clone(),
        to: to.id.clone(),
    }
}
