//! Where everything stands in a drawing: those who send on the left, what travels in the middle, those who hear on the right
//! with the streams below them. No two boxes overlap.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::Serialize;

use super::{Keeper, Row, Thing, Topology};
use crate::contract::{Consumer, Stream};

/// So many roles have a colour of their own; the others begin again with the first.
const COLOURS: usize = 8;

const ROW: usize = 26;
const HEAD: usize = 34;
const NODE: usize = 38;
const STREAM: usize = NODE + 8;
const GAP: usize = 18;
const TOP: usize = 44;

/// Between a stream and its consumers.
const SMALL_GAP: usize = 6;

/// How far consumers stand to the right of their stream.
const INDENTED: usize = 24;

/// A drawing has room for so many nodes on each side.
const FEW_NODES: usize = 6;

/// Where the columns begin and how wide they are: those who send, what travels, those who hear and what keeps.
const LEFT: (usize, usize) = (0, 150);
const MIDDLE: (usize, usize) = (310, 420);
const RIGHT: (usize, usize) = (890, 210);

/// The room to the right of everything, for lines from consumers to roles.
const ASIDE: usize = 44;

/// What is left free at the two ends of a text in its box.
const MARGIN: usize = 14;

/// How wide a letter is, in tenths: of names, of subjects, and of what stands below a name.
const NAME: usize = 70;
const MONO: usize = 66;
const SMALL: usize = 58;

/// A drawing, for a template.
#[derive(Serialize)]
pub(in crate::emit) struct Drawing {
    width: usize,
    height: usize,
    /// What the rows are.
    rows_are: &'static str,
    /// The names of modules above their subjects.
    heads: Vec<Node>,
    senders: Vec<Node>,
    rows: Vec<Node>,
    receivers: Vec<Node>,
    streams: Vec<Node>,
    consumers: Vec<Node>,
    edges: Vec<Edge>,
}

#[derive(Serialize)]
struct Node {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
    text: String,
    /// All of the text, where it is cut.
    title: Option<String>,
    /// A smaller line below it.
    below: String,
    href: Option<String>,
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

/// Where a node of a column is put.
struct Place {
    /// The middle of what it has to do with.
    middle: usize,
    height: usize,
    y: usize,
    /// Which node it is.
    node: usize,
}

/// Where a node leads, if it leads anywhere.
type Href<'a> = &'a dyn Fn(&Thing<'_>) -> Option<String>;

impl Drawing {
    /// Draws a topology.
    pub(in crate::emit) fn of(topology: &Topology<'_>, href: Href<'_>) -> Self {
        let mut drawing = Self {
            width: RIGHT.0 + RIGHT.1 + ASIDE,
            height: 0,
            rows_are: if topology.rows.iter().any(|row| row.is_module) {
                "Modules"
            } else {
                "Subjects"
            },
            heads: Vec::new(),
            senders: Vec::new(),
            rows: Vec::new(),
            receivers: Vec::new(),
            streams: Vec::new(),
            consumers: Vec::new(),
            edges: Vec::new(),
        };
        let bottom = drawing.middle(topology, href).max(TOP + FEW_NODES * (NODE + GAP));
        let left = drawing.roles(topology, true, TOP..bottom, href);
        // Roles above, streams below, each with its share of the height.
        let (hearing, keeping) = (topology.receivers.len(), topology.streams.len());
        let share = (bottom - TOP) * hearing / (hearing + keeping).max(1);
        let heard = drawing.roles(topology, false, TOP..TOP + share, href);
        let kept = drawing.keepers(topology, heard.max(TOP + share)..bottom, href);
        drawing.height = left.max(heard).max(kept).max(bottom) + GAP;
        drawing
    }

    /// What travels, and where it ends.
    fn middle(&mut self, topology: &Topology<'_>, href: Href<'_>) -> usize {
        let mut y = TOP;
        let mut module = None;
        for row in &topology.rows {
            if !row.is_module && module != Some(row.module) {
                y += module.map_or(0, |_| GAP / 2);
                let head = Thing::Module(row.module);
                let node = Node::new(MIDDLE, (y, HEAD), row.module, NAME, href(&head));
                self.heads.push(Node {
                    class: "head".to_owned(),
                    ..node
                });
                y += HEAD;
            }
            module = Some(row.module);
            self.rows.push(self::row(row, y, href));
            y += ROW;
        }
        y + GAP / 2
    }

    /// The roles on one side, ordered by the height of what they have to do with, and where they end.
    fn roles(&mut self, topology: &Topology<'_>, sends: bool, heights: Range<usize>, href: Href<'_>) -> usize {
        let (parties, column, prefix) = if sends {
            (&topology.senders, LEFT, "from")
        } else {
            (&topology.receivers, RIGHT, "to")
        };
        let heights_of = parties.iter().map(|party| (self.middle_of(&party.rows), NODE));
        let (places, end) = spread(heights_of.collect(), heights);
        for place in places {
            let Some(party) = parties.get(place.node) else { continue };
            let colour = format!("c{}", party.number % COLOURS);
            let node = Node {
                class: format!("role {colour}"),
                id: format!("{prefix}-{}", party.role.name.value),
                ..Node::new(
                    column,
                    (place.y, NODE),
                    &party.role.name,
                    NAME,
                    href(&Thing::Role(party.role)),
                )
            };
            for row in party.rows.iter().filter_map(|row| self.rows.get(*row)) {
                let (from, to) = if sends { (&node, row) } else { (row, &node) };
                self.edges.push(edge(from, to, &colour));
            }
            if sends { &mut self.senders } else { &mut self.receivers }.push(node);
        }
        end
    }

    /// The streams with their consumers, below the roles that hear, and where they end.
    fn keepers(&mut self, topology: &Topology<'_>, heights: Range<usize>, href: Href<'_>) -> usize {
        let keepers = &topology.streams;
        let heights_of = keepers.iter().map(|keeper| {
            let height = STREAM + keeper.consumers.len() * (NODE + SMALL_GAP);
            (self.middle_of(&keeper.rows), height)
        });
        let (places, end) = spread(heights_of.collect(), heights);
        for place in places {
            let Some(keeper) = keepers.get(place.node) else {
                continue;
            };
            let stream = stream(keeper.stream, keeper.consumers.len(), place.y, href);
            for row in keeper.rows.iter().filter_map(|row| self.rows.get(*row)) {
                self.edges.push(edge(row, &stream, "keeps"));
            }
            let mut y = place.y + STREAM + SMALL_GAP;
            for consumer in &keeper.consumers {
                let node = self::consumer(keeper.stream, consumer, y, href);
                self.edges.push(elbow(&stream, &node));
                let workers = self.receivers.iter().filter(|role| {
                    let mut named = consumer.consume.iter();
                    named.any(|name| role.id.strip_prefix("to-") == Some(name.as_str()))
                });
                self.edges
                    .extend(workers.map(|role| around(&node, role, role.class.trim_start_matches("role "))));
                self.consumers.push(node);
                y += NODE + SMALL_GAP;
            }
            self.streams.push(stream);
        }
        self.dead_letters(keepers);
        end
    }

    /// From consumers to the streams that what they give up goes to.
    fn dead_letters(&mut self, keepers: &[Keeper<'_>]) {
        let consumers = keepers
            .iter()
            .flat_map(|keeper| keeper.consumers.iter().map(|consumer| (keeper.stream, *consumer)));
        for (stream, consumer) in consumers {
            let Some(letters) = &consumer.dead_letter else { continue };
            let id = consumer_id(stream, consumer);
            let from = self.consumers.iter().find(|node| node.id == id);
            let to = self.streams.iter().find(|node| node.id == stream_id(letters));
            self.edges
                .extend(from.zip(to).map(|(from, to)| around(from, to, "keeps")));
        }
    }

    /// The height in the middle of some rows.
    fn middle_of(&self, rows: &BTreeSet<usize>) -> usize {
        let heights: Vec<usize> = rows
            .iter()
            .filter_map(|row| self.rows.get(*row))
            .map(|row| row.y)
            .collect();
        heights.iter().sum::<usize>().checked_div(heights.len()).unwrap_or(TOP)
    }
}

impl Node {
    /// A node in a column, from a height on and so high, with a text whose letters are so wide.
    fn new(
        column: (usize, usize),
        (y, height): (usize, usize),
        text: &str,
        letter: usize,
        href: Option<String>,
    ) -> Self {
        let (text, title) = cut(text, column.1, letter);
        Self {
            x: column.0,
            y,
            width: column.1,
            height,
            text,
            title,
            below: String::new(),
            href,
            class: String::new(),
            id: String::new(),
        }
    }
}

/// As much of a text as a box has room for, and all of it where that is less.
fn cut(text: &str, width: usize, letter: usize) -> (String, Option<String>) {
    let room = (width - MARGIN) * 10 / letter;
    if text.chars().count() <= room {
        return (text.to_owned(), None);
    }
    let start: String = text.chars().take(room.saturating_sub(1)).collect();
    (start + "\u{2026}", Some(text.to_owned()))
}

fn row(row: &Row<'_>, y: usize, href: Href<'_>) -> Node {
    let height = ROW - 4;
    let thing = row.thing();
    match &thing {
        Thing::Subject(subject) => Node {
            class: subject.kind().to_owned(),
            id: subject.name.value.clone(),
            ..Node::new(MIDDLE, (y, height), row.text(), MONO, href(&thing))
        },
        _ => Node {
            class: "module".to_owned(),
            id: row.module.to_owned(),
            below: match row.subjects.len() {
                1 => "1 subject".to_owned(),
                many => format!("{many} subjects"),
            },
            ..Node::new(MIDDLE, (y, height), row.text(), NAME, href(&thing))
        },
    }
}

fn stream(stream: &Stream, consumers: usize, y: usize, href: Href<'_>) -> Node {
    Node {
        below: match consumers {
            0 => "no consumer".to_owned(),
            1 => "1 consumer".to_owned(),
            many => format!("{many} consumers"),
        },
        class: "stream".to_owned(),
        id: stream_id(&stream.name),
        ..Node::new(RIGHT, (y, STREAM), &stream.name, NAME, href(&Thing::Stream(stream)))
    }
}

fn stream_id(name: &str) -> String {
    format!("stream-{name}")
}

fn consumer_id(stream: &Stream, consumer: &Consumer) -> String {
    format!("consumer-{}-{}", stream.name.value, consumer.name.value)
}

fn consumer(stream: &Stream, consumer: &Consumer, y: usize, href: Href<'_>) -> Node {
    let column = (RIGHT.0 + INDENTED, RIGHT.1 - INDENTED);
    let roles: Vec<&str> = consumer.consume.iter().map(|role| role.as_str()).collect();
    Node {
        below: cut(&roles.join(", "), column.1, SMALL).0,
        class: "consumer".to_owned(),
        id: consumer_id(stream, consumer),
        ..Node::new(
            column,
            (y, NODE),
            &consumer.name,
            NAME,
            href(&Thing::Consumer(stream, consumer)),
        )
    }
}

/// Puts nodes one below the other, with the same room between them, and says where the last one ends. They keep the order of
/// what they have to do with.
fn spread(nodes: Vec<(usize, usize)>, heights: Range<usize>) -> (Vec<Place>, usize) {
    let nodes = nodes.into_iter().enumerate();
    let places = nodes.map(|(node, (middle, height))| Place {
        middle,
        height,
        y: 0,
        node,
    });
    let mut places: Vec<Place> = places.collect();
    places.sort_by_key(|place| place.middle);
    let taken: usize = places.iter().map(|place| place.height + GAP).sum();
    let room = heights.end.saturating_sub(heights.start).saturating_sub(taken) / places.len().max(1);
    let mut y = heights.start + room / 2;
    for place in &mut places {
        place.y = y;
        y += place.height + GAP + room;
    }
    (places, y)
}

/// A line from the right of one node to the left of another.
fn edge(from: &Node, to: &Node, class: &str) -> Edge {
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

/// A line between two nodes of the column on the right, around what stands between them.
fn around(from: &Node, to: &Node, class: &str) -> Edge {
    let end = |node: &Node| (node.x + node.width, node.y + node.height / 2);
    let ((x1, y1), (x2, y2)) = (end(from), end(to));
    let bend = x1.max(x2) + ASIDE;
    Edge {
        path: format!("M{x1} {y1}C{bend} {y1} {bend} {y2} {x2} {y2}"),
        class: class.to_owned(),
        from: from.id.clone(),
        to: to.id.clone(),
    }
}

/// A line from below a stream to a consumer of it.
fn elbow(stream: &Node, consumer: &Node) -> Edge {
    let (x, y) = (stream.x + INDENTED / 2, stream.y + stream.height);
    Edge {
        path: format!("M{x} {y}V{}H{}", consumer.y + consumer.height / 2, consumer.x),
        class: "delivers".to_owned(),
        from: stream.id.clone(),
        to: consumer.id.clone(),
    }
}
