//! Edits of files, said in terms of their trees and turned into text in the style of what stands around them.

use std::collections::HashMap;

use super::{FileId, Files, Node, Span, Value, parse};
use crate::diagnostics::Report;

/// A change of one place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The place: a scalar, a key, or an item of a list.
    pub span: Span,
    /// What happens there.
    pub change: Change,
}

/// What happens at a place. An entry of a mapping is meant by its key or by its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Another scalar stands there, in the quotes of the old one or in those that it needs.
    Scalar(String),
    /// Something else stands there, as YAML that is JSON as well.
    Source(String),
    /// What stands there is text, as it is written.
    Quote,
    /// What stands there is the only item of a list.
    List,
    /// The entry whose key stands there leaves its mapping, or the item its list.
    Remove,
    /// An entry is added before the one whose key stands there. The value is YAML that is JSON as well.
    Add {
        /// The key.
        key: String,
        /// The value.
        value: String,
    },
}

/// Text in the place of other text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Replacement {
    /// What goes; empty where nothing does.
    pub span: Span,
    /// What comes.
    pub text: String,
}

/// The trees of files, parsed when they are first asked for.
#[derive(Debug)]
pub struct Trees<'f> {
    files: &'f Files,
    parsed: HashMap<FileId, Option<Node>>,
}

impl<'f> Trees<'f> {
    /// The trees of some files.
    #[must_use]
    pub fn new(files: &'f Files) -> Self {
        Self {
            files,
            parsed: HashMap::new(),
        }
    }

    /// The text of a file.
    pub(super) fn text(&self, file: FileId) -> &'f str {
        self.files.get(file).map_or("", |file| file.text.as_str())
    }

    /// The tree of a file, if it can be read.
    pub fn get(&mut self, file: FileId) -> Option<&Node> {
        let text = &self.files.get(file)?.text;
        let parsed = self.parsed.entry(file);
        parsed
            .or_insert_with(|| parse(file, text, &mut Report::default()))
            .as_ref()
    }

    /// What an edit is as text. `None` where the place is not what the edit takes it for, or where its surroundings leave it
    /// open what belongs to it.
    pub fn replacement(&mut self, edit: &Edit) -> Option<Replacement> {
        let file = self.files.get(edit.span.file)?;
        let old = file.text.get(edit.span.start as usize..edit.span.end as usize)?;
        let json = has_ending(&file.name, "json");
        let (span, text) = match &edit.change {
            Change::Scalar(text) => (edit.span, scalar(old, text, json)),
            Change::Source(text) => (edit.span, text.clone()),
            Change::Quote => (edit.span, serde_json::Value::from(old).to_string()),
            Change::List if is_plain(old, false) || old.starts_with(['"', '\'']) => (edit.span, format!("[{old}]")),
            Change::List => return None,
            Change::Remove => removal(self.get(edit.span.file)?, edit.span, &file.text)?,
            Change::Add { key, value } => addition(self.get(edit.span.file)?, edit.span, &file.text, key, value, json)?,
        };
        Some(Replacement { span, text })
    }
}

fn has_ending(name: &str, ending: &str) -> bool {
    name.rsplit('.').next() == Some(ending)
}

/// A scalar in the quotes of the one whose place it takes.
fn scalar(old: &str, text: &str, json: bool) -> String {
    let single = old.starts_with('\'') && !text.contains(|c: char| c == '\'' || c.is_control());
    if single {
        format!("'{text}'")
    } else if json || old.starts_with(['"', '\'']) || !is_plain(text, old.contains('{')) {
        serde_json::Value::from(text).to_string()
    } else {
        text.to_owned()
    }
}

/// Whether every reader of YAML takes a text for text without quotes. Braces are none outside of braces.
fn is_plain(text: &str, braces: bool) -> bool {
    const WORDS: [&str; 9] = ["yes", "no", "on", "off", "true", "false", "null", "y", "n"];
    let known = |c: char| c.is_ascii_alphanumeric() || "_-./*>".contains(c) || (braces && "{}".contains(c));
    let digits = text.starts_with(|c: char| c.is_ascii_digit());
    let is_number = digits && (text.parse::<f64>().is_ok() || !text.chars().all(|c| c.is_ascii_alphanumeric()));
    let radix = text.starts_with("0x") || text.starts_with("0o");
    text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && text.chars().all(known)
        && !is_number
        && !radix
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

/// An entry or item and what it is in.
struct Step<'n> {
    around: &'n Node,
    index: usize,
}

/// The way from the root to the entry whose key, or the item that, stands at a place.
fn way(root: &Node, place: Span) -> Option<Vec<Step<'_>>> {
    let mut way = Vec::new();
    let mut around = root;
    loop {
        let index = part_at(around, place)?;
        way.push(Step { around, index });
        let (start, value) = part(around, index)?;
        if start == place || value.span == place {
            return Some(way);
        }
        around = value;
    }
}

/// The part of a list or mapping that a place is in, by its index.
fn part_at(node: &Node, place: Span) -> Option<usize> {
    let before = match &node.value {
        Value::Mapping(mapping) => {
            let entries = mapping.iter().as_slice();
            entries.partition_point(|entry| entry.key_span.start <= place.start)
        }
        Value::Sequence(items) => items.partition_point(|item| item.span.start <= place.start),
        _ => 0,
    };
    before.checked_sub(1)
}

/// The place that stands for a part, a key or a whole item, and the part's value.
fn part(node: &Node, index: usize) -> Option<(Span, &Node)> {
    match &node.value {
        Value::Mapping(mapping) => {
            let entry = mapping.iter().as_slice().get(index)?;
            Some((entry.key_span, &entry.value))
        }
        Value::Sequence(items) => items.get(index).map(|item| (item.span, item)),
        _ => None,
    }
}

fn parts(node: &Node) -> usize {
    match &node.value {
        Value::Mapping(mapping) => mapping.len(),
        Value::Sequence(items) => items.len(),
        _ => 0,
    }
}

fn is_flow(node: &Node, text: &str) -> bool {
    text.get(node.span.start as usize..)
        .is_some_and(|rest| rest.starts_with(['{', '[']))
}

/// Where a part ends; the parser lets what has no brackets end where the next thing begins.
fn end_of_part(node: &Node, index: usize, text: &str) -> Option<u32> {
    let (start, value) = part(node, index)?;
    Some(end_of_value(start, value, text))
}

/// Where a value ends that stands behind something.
pub(super) fn end_of_value(behind: Span, value: &Node, text: &str) -> u32 {
    let last = parts(value).checked_sub(1).and_then(|last| part(value, last));
    match last {
        Some((start, last)) if !is_flow(value, text) => end_of_value(start, last, text),
        _ if value.span.start == value.span.end => behind.end,
        _ => value.span.end,
    }
}

/// The text that goes with a part, and what comes for it.
fn removal(root: &Node, place: Span, text: &str) -> Option<(Span, String)> {
    let mut way = way(root, place)?;
    let mut step = way.pop()?;
    // Nothing would be left of what it is in, and nothing is not the same as an empty list.
    while parts(step.around) == 1
        && !is_flow(step.around, text)
        && let Some(around) = way.pop()
    {
        step = around;
    }
    let (start, _) = part(step.around, step.index)?;
    let end = end_of_part(step.around, step.index, text)?;
    let span = |start: u32, end: u32| Span { start, end, ..place };
    if !is_flow(step.around, text) {
        let mark = match step.around.value {
            Value::Sequence(_) => "-",
            _ => "",
        };
        let (start, end) = lines(start.start, end, mark, text)?;
        return Some((span(start, end), String::new()));
    }
    if parts(step.around) == 1 {
        let empty = if matches!(step.around.value, Value::Mapping(_)) {
            "{}"
        } else {
            "[]"
        };
        return Some((step.around.span, empty.to_owned()));
    }
    let gap = match part(step.around, step.index + 1) {
        Some((next, _)) => span(start.start, next.start),
        None => span(end_of_part(step.around, step.index.checked_sub(1)?, text)?, end),
    };
    // A comment may be about what stays.
    let gone = text.get(gap.start as usize..gap.end as usize)?;
    (!gone.contains('#')).then_some((gap, String::new()))
}

/// The whole lines that a part without brackets takes up, if nothing but its mark is before it.
fn lines(start: u32, end: u32, mark: &str, text: &str) -> Option<(u32, u32)> {
    let (before, after) = (text.get(..start as usize)?, text.get(end as usize..)?);
    let line = before.rfind('\n').map_or(0, |newline| newline + 1);
    if before.get(line..)?.trim() != mark {
        return None;
    }
    let ended = text.get(..end as usize)?.ends_with('\n');
    let rest = after.split_inclusive('\n').next().unwrap_or_default();
    let remark = rest.trim_start().trim_start_matches(':').trim_start();
    if !(ended || remark.is_empty() || remark.starts_with('#')) {
        return None;
    }
    let end = if ended {
        end
    } else {
        end + u32::try_from(rest.len()).ok()?
    };
    Some((u32::try_from(line).ok()?, end))
}

/// The text of a new entry, and the empty place where it comes.
fn addition(root: &Node, place: Span, text: &str, key: &str, value: &str, json: bool) -> Option<(Span, String)> {
    let step = way(root, place)?.pop()?;
    if !matches!(step.around.value, Value::Mapping(_)) {
        return None;
    }
    let (place, _) = part(step.around, step.index)?;
    let key = scalar("", key, json);
    let behind = if is_flow(step.around, text) {
        ", ".to_owned()
    } else {
        let before = text.get(..place.start as usize)?;
        let indent = before.rsplit('\n').next().unwrap_or_default();
        format!("\n{}", " ".repeat(indent.chars().count()))
    };
    let at = Span {
        end: place.start,
        ..place
    };
    Some((at, format!("{key}: {value}{behind}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes one change where `mark` stands and says what the text is then.
    fn changed(name: &str, text: &str, mark: &str, change: Change) -> Option<String> {
        let mut files = Files::default();
        let file = files.add(name, text);
        let start = text.find(mark)?;
        let span = Span {
            file,
            start: u32::try_from(start).ok()?,
            end: u32::try_from(start + mark.len()).ok()?,
        };
        let made = Trees::new(&files).replacement(&Edit { span, change })?;
        let (start, end) = (made.span.start as usize, made.span.end as usize);
        Some(format!("{}{}{}", text.get(..start)?, made.text, text.get(end..)?))
    }

    #[test]
    fn scalars_keep_their_quotes() {
        for (name, text, mark, new, wanted) in [
            ("a.yaml", "a: old\n", "old", "new", "a: new\n"),
            ("a.yaml", "a: 'old'\n", "'old'", "new", "a: 'new'\n"),
            ("a.yaml", "a: \"old\"\n", "\"old\"", "new", "a: \"new\"\n"),
            ("a.yaml", "a: 30\n", "30", "30s", "a: 30s\n"),
            ("a.yaml", "a: 30\n", "30", "30", "a: \"30\"\n"),
            ("a.yaml", "a: on\n", "on", "yes", "a: \"yes\"\n"),
            ("a.yaml", "a: x\n", "x", ">=2.11", "a: \">=2.11\"\n"),
            ("a.yaml", "a: x.>.y\n", "x.>.y", "x.*.y", "a: x.*.y\n"),
            ("a.yaml", "a: x.{b}\n", "x.{b}", "x.{c}", "a: x.{c}\n"),
            ("a.yaml", "a: [x]\n", "x", "x.{c}", "a: [\"x.{c}\"]\n"),
            ("a.json", "{\"a\": 30}", "30", "30s", "{\"a\": \"30s\"}"),
            ("a.json", "{\"a\": 30}", "\"a\"", "b", "{\"b\": 30}"),
        ] {
            let made = changed(name, text, mark, Change::Scalar(new.to_owned()));
            assert_eq!(made.as_deref(), Some(wanted), "{text}");
        }
        let quoted = changed("a.yaml", "a: 1.10\n", "1.10", Change::Quote);
        assert_eq!(quoted.as_deref(), Some("a: \"1.10\"\n"));
        for (old, wanted) in [
            ("x", Some("a: [x]\n")),
            ("\"{x}\"", Some("a: [\"{x}\"]\n")),
            ("x, y", None),
        ] {
            let listed = changed("a.yaml", &format!("a: {old}\n"), old, Change::List);
            assert_eq!(listed.as_deref(), wanted, "{old}");
        }
    }

    #[test]
    fn what_is_removed_goes_with_all_that_belongs_to_it() {
        for (text, mark, wanted) in [
            ("a: 1\nb: 2\nc: 3\n", "b", Some("a: 1\nc: 3\n")),
            ("a: 1\nb:\n  x: 1\n  y: |\n    z\nc: 3\n", "b", Some("a: 1\nc: 3\n")),
            (
                "a: 1\nb: 2 # why\n\n# of c\nc: 3\n",
                "b",
                Some("a: 1\n\n# of c\nc: 3\n"),
            ),
            ("a: 1\nb:\n  c: 2\n", "c", Some("a: 1\n")),
            ("a: 1\nb:\n", "b", Some("a: 1\n")),
            ("a: [x, y]\n", "x", Some("a: [y]\n")),
            ("a: [x, y]\n", "y", Some("a: [x]\n")),
            ("a: [x]\n", "x", Some("a: []\n")),
            ("a:\n  - x\n  - y\n", "x", Some("a:\n  - y\n")),
            ("{ b: 2, c: { d: 4 } }\n", "b", Some("{ c: { d: 4 } }\n")),
            ("{ b: 2, c: { d: 4 } }\n", "c", Some("{ b: 2 }\n")),
            ("{ b: 2, c: { d: 4 } }\n", "d", Some("{ b: 2, c: {} }\n")),
            ("{ b: 2, # of b\n c: 3 }\n", "b", None),
            ("- b: 2\n  c: 3\n", "b", None),
            ("# why\nb:\n  - 2\n", "2", Some("# why\n")),
        ] {
            assert_eq!(
                changed("a.yaml", text, mark, Change::Remove).as_deref(),
                wanted,
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_added_stands_as_its_neighbours_do() {
        for (name, text, wanted) in [
            ("a.yaml", "a:\n  b: 2\n", "a:\n  new: 7\n  b: 2\n"),
            ("a.yaml", "a:\n  - b: 2\n", "a:\n  - new: 7\n    b: 2\n"),
            ("a.yaml", "a: { b: 2 }\n", "a: { new: 7, b: 2 }\n"),
            ("a.json", "{\"a\": {b: 2}}", "{\"a\": {\"new\": 7, b: 2}}"),
        ] {
            let change = Change::Add {
                key: "new".to_owned(),
                value: "7".to_owned(),
            };
            assert_eq!(changed(name, text, "b", change).as_deref(), Some(wanted), "{text}");
        }
    }
}
