//! A topology as a flowchart of Mermaid.
//!
//! Nodes are called by numbers and texts stand in quotes with all but letters, digits and what subjects are made of as character
//! codes, so that no name can say anything in Mermaid's own language.

use std::fmt::Write as _;

use super::{Thing, Topology};

pub(super) fn text(topology: &Topology<'_>) -> String {
    let mut text = "flowchart LR\n".to_owned();
    // Writing to a String cannot fail.
    let _ = written(topology, &mut text);
    text
}

fn written(topology: &Topology<'_>, text: &mut String) -> std::fmt::Result {
    for (number, party) in topology.senders.iter().enumerate() {
        writeln!(text, "  from{number}([\"{}\"])", label(&party.role.name))?;
    }
    let mut module = None;
    for (number, row) in topology.rows.iter().enumerate() {
        let thing = row.thing();
        if matches!(thing, Thing::Subject(_)) && module != Some(row.module) {
            if module.is_some() {
                writeln!(text, "  end")?;
            }
            writeln!(text, "  subgraph module{number} [\"{}\"]", label(row.module))?;
            module = Some(row.module);
        }
        let name = label(row.text());
        match thing {
            Thing::Subject(subject) if subject.is_request() => writeln!(text, "    row{number}{{{{\"{name}\"}}}}")?,
            Thing::Subject(_) => writeln!(text, "    row{number}[\"{name}\"]")?,
            _ => writeln!(text, "  row{number}[\"{name}: {} subjects\"]", row.subjects.len())?,
        }
    }
    if module.is_some() {
        writeln!(text, "  end")?;
    }
    for (number, party) in topology.receivers.iter().enumerate() {
        writeln!(text, "  to{number}([\"{}\"])", label(&party.role.name))?;
    }
    for (number, keeper) in topology.streams.iter().enumerate() {
        writeln!(text, "  stream{number}[(\"{}\")]", label(&keeper.stream.name))?;
        for (consumer, declared) in keeper.consumers.iter().enumerate() {
            let name = label(&declared.name);
            writeln!(text, "  consumer{number}x{consumer}[[\"{name}\"]]")?;
        }
    }
    edges(topology, text)
}

fn edges(topology: &Topology<'_>, text: &mut String) -> std::fmt::Result {
    for (number, party) in topology.senders.iter().enumerate() {
        for row in &party.rows {
            writeln!(text, "  from{number} --> row{row}")?;
        }
    }
    for (number, party) in topology.receivers.iter().enumerate() {
        for row in &party.rows {
            writeln!(text, "  row{row} --> to{number}")?;
        }
    }
    for (number, keeper) in topology.streams.iter().enumerate() {
        for row in &keeper.rows {
            writeln!(text, "  row{row} -.-> stream{number}")?;
        }
        for (consumer, declared) in keeper.consumers.iter().enumerate() {
            writeln!(text, "  stream{number} --> consumer{number}x{consumer}")?;
            let parties = topology.receivers.iter().enumerate();
            for (party, _) in parties.filter(|(_, party)| super::named(&declared.consume, &party.role.name)) {
                writeln!(text, "  consumer{number}x{consumer} --> to{party}")?;
            }
            let letters = declared.dead_letter.as_ref().map(|stream| stream.as_str());
            let keeps = |keeper: &super::Keeper<'_>| letters == Some(keeper.stream.name.as_str());
            if let Some(kept) = topology.streams.iter().position(keeps) {
                writeln!(
                    text,
                    "  consumer{number}x{consumer} -. \"dead letters\" .-> stream{kept}"
                )?;
            }
        }
    }
    Ok(())
}

/// A text inside of quotes.
fn label(text: &str) -> String {
    let mut label = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_alphanumeric() || " ._-{}*$/,:".contains(character) {
            label.push(character);
        } else {
            let _ = write!(label, "#{};", u32::from(character));
        }
    }
    label
}
