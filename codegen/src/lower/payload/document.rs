//! The schema files of a contract, and where a `$ref` leads.

use std::collections::HashMap;

use crate::casing;
use crate::contract::payload::Draft;
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::payload as rules;
use crate::source::{FileId, Node, Span};
use crate::words::closest;

/// A file that was read and that its meta-schema accepts.
pub(super) struct Document<'n> {
    pub root: &'n Node,
    pub path: &'n str,
    pub draft: Draft,
    /// The file's name without endings.
    pub stem: String,
    /// Whether there is nothing but schemas for reuse in it.
    pub library: bool,
    start: Span,
    /// `$anchor`s, or `$id`s that are fragments, by name.
    anchors: HashMap<&'n str, String>,
}

/// A place in one of the documents.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub document: usize,
    /// A JSON pointer.
    pub pointer: String,
}

impl Place {
    pub(super) fn child(&self, step: &str) -> Self {
        Self {
            document: self.document,
            pointer: format!("{}/{}", self.pointer, step.replace('~', "~0").replace('/', "~1")),
        }
    }
}

#[derive(Default)]
pub(super) struct Documents<'n> {
    pub list: Vec<Document<'n>>,
    by_path: HashMap<&'n str, usize>,
    by_id: HashMap<&'n str, usize>,
    /// Files whose own fault is reported; what refers to them is not at fault.
    pub broken: Vec<&'n str>,
}

/// Keywords that say nothing about documents; a file with nothing else is a library.
const LIBRARY_KEYWORDS: &[&str] = &[
    "$schema",
    "$id",
    "$anchor",
    "$comment",
    "title",
    "description",
    "$defs",
    "definitions",
    "examples",
    "default",
];

impl<'n> Document<'n> {
    /// Takes a file in; `None` where its draft is unknown.
    pub(super) fn new(file: FileId, path: &'n str, root: &'n Node, report: &mut Report) -> Option<Self> {
        let draft = draft(file, root, report)?;
        let name = path.rsplit('/').next().unwrap_or(path);
        let stem = [".schema.yaml", ".schema.yml", ".schema.json", ".yaml", ".yml", ".json"]
            .iter()
            .find_map(|ending| name.strip_suffix(ending))
            .unwrap_or(name);
        let library = root.as_mapping().is_some_and(|mapping| {
            mapping
                .iter()
                .all(|entry| LIBRARY_KEYWORDS.contains(&entry.key.as_str()))
                && (mapping.get("$defs").is_some() || mapping.get("definitions").is_some())
        });
        let mut anchors = HashMap::new();
        collect_anchors(root, &mut String::new(), &mut anchors);
        Some(Self {
            root,
            path,
            draft,
            stem: stem.to_owned(),
            library,
            start: file.start(),
            anchors,
        })
    }

    /// Where the file as a whole is pointed at.
    pub(super) fn origin(&self) -> Span {
        self.root.get("title").map_or(self.start, |title| title.span)
    }

    /// The name of the payload that the file describes.
    pub(super) fn payload_name(&self) -> String {
        match self.root.get("title").and_then(Node::as_str) {
            Some(title) if casing::is_pascal(title) => title.to_owned(),
            _ => casing::pascal(&self.stem),
        }
    }
}

/// The draft that `$schema` names.
fn draft(file: FileId, root: &Node, report: &mut Report) -> Option<Draft> {
    let help = format!("write `$schema: {}`", Draft::Draft202012.uri());
    let Some(named) = root.get("$schema") else {
        let diagnostic = Diagnostic::new(
            &rules::UNKNOWN_DRAFT,
            file.start(),
            "the schema does not say which draft of JSON Schema it follows",
            "",
        );
        report.push(diagnostic.with_help(help));
        return None;
    };
    let uri = named.as_str().unwrap_or_default().trim_end_matches('#');
    let known = [Draft::Draft7, Draft::Draft202012];
    let draft = known.into_iter().find(|draft| {
        let bare = |uri: &str| {
            uri.split_once("://")
                .map(|(_, rest)| rest.trim_end_matches('#').to_owned())
        };
        bare(draft.uri()) == bare(uri)
    });
    if draft.is_none() {
        let message = "the schema follows a draft that is not read: draft-07 and 2020-12 are";
        report.push(Diagnostic::new(&rules::UNKNOWN_DRAFT, named.span, message, "").with_help(help));
    }
    draft
}

fn collect_anchors<'n>(node: &'n Node, pointer: &mut String, anchors: &mut HashMap<&'n str, String>) {
    let length = pointer.len();
    if let Some(mapping) = node.as_mapping() {
        let anchor = mapping
            .get("$anchor")
            .or(mapping.get("$dynamicAnchor"))
            .and_then(Node::as_str);
        let fragment = mapping
            .get("$id")
            .and_then(Node::as_str)
            .and_then(|id| id.strip_prefix('#'));
        if let Some(name) = anchor.or(fragment) {
            anchors.entry(name).or_insert_with(|| pointer.clone());
        }
        for entry in mapping {
            if !super::keywords::HOLDS_DATA.contains(&entry.key.as_str()) {
                pointer.push('/');
                pointer.push_str(&entry.key.replace('~', "~0").replace('/', "~1"));
                collect_anchors(&entry.value, pointer, anchors);
                pointer.truncate(length);
            }
        }
    }
    for (index, item) in node.as_sequence().unwrap_or_default().iter().enumerate() {
        pointer.push('/');
        pointer.push_str(&index.to_string());
        collect_anchors(item, pointer, anchors);
        pointer.truncate(length);
    }
}

impl<'n> Documents<'n> {
    pub(super) fn add(&mut self, document: Document<'n>) {
        let index = self.list.len();
        self.by_path.entry(document.path).or_insert(index);
        if let Some(id) = document.root.get("$id").and_then(Node::as_str) {
            self.by_id.entry(id.trim_end_matches('#')).or_insert(index);
        }
        self.list.push(document);
    }

    pub(super) fn get(&self, document: usize) -> Option<&Document<'n>> {
        self.list.get(document)
    }

    pub(super) fn node(&self, place: &Place) -> Option<&'n Node> {
        self.get(place.document)?.root.pointer(&place.pointer)
    }

    /// Where a `$ref` leads, silently.
    pub(super) fn follow(&self, reference: &str, from: usize) -> Option<Place> {
        self.target(reference, from).ok()
    }

    /// Where a `$ref` leads; reported where it leads nowhere.
    pub(super) fn resolve(&self, reference: &Node, from: usize, report: &mut Report) -> Option<Place> {
        let text = reference.as_str()?;
        match self.target(text, from) {
            Ok(place) => Some(place),
            Err(fault) => {
                if let Some(diagnostic) = fault.diagnostic(text, reference.span) {
                    report.push(diagnostic);
                }
                None
            }
        }
    }

    fn target(&self, reference: &str, from: usize) -> Result<Place, RefFault> {
        let (uri, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let document = self.file(uri, from)?;
        let fragment = percent_decode(fragment);
        let target = self.get(document).ok_or(RefFault::Nowhere(None))?;
        let pointer = if fragment.is_empty() || fragment.starts_with('/') {
            fragment
        } else {
            target
                .anchors
                .get(fragment.as_str())
                .cloned()
                .ok_or(RefFault::Nowhere(None))?
        };
        let place = Place { document, pointer };
        if self.node(&place).is_some() {
            return Ok(place);
        }
        let (parent, last) = place.pointer.rsplit_once('/').unwrap_or_default();
        let siblings = target.root.pointer(parent).and_then(Node::as_mapping);
        let near = siblings
            .and_then(|siblings| closest(last, siblings.iter().map(|entry| entry.key.as_str())))
            .map(|near| format!("{uri}#{parent}/{near}"));
        Err(RefFault::Nowhere(near))
    }

    fn file(&self, uri: &str, from: usize) -> Result<usize, RefFault> {
        if uri.is_empty() {
            return Ok(from);
        }
        if let Some(document) = self.by_id.get(uri) {
            return Ok(*document);
        }
        if uri.contains("://") || uri.starts_with("urn:") {
            return Err(RefFault::Remote);
        }
        let base = self.get(from).map_or("", |document| document.path);
        let path = join(base, &percent_decode(uri));
        if let Some(document) = self.by_path.get(path.as_str()) {
            return Ok(*document);
        }
        if self.broken.contains(&path.as_str()) {
            return Err(RefFault::Broken);
        }
        // Every name ends alike, which would make all of them look alike.
        let stem = |path: &str| path.split(".schema.").next().unwrap_or(path).to_owned();
        let names: Vec<String> = self.list.iter().map(|document| stem(document.path)).collect();
        let near = closest(&stem(&path), names.iter().map(String::as_str))
            .and_then(|near| names.iter().position(|name| name == near))
            .and_then(|index| self.get(index))
            .map(|document| document.path.to_owned());
        Err(RefFault::NoFile { path, near })
    }
}

enum RefFault {
    Nowhere(Option<String>),
    NoFile { path: String, near: Option<String> },
    Remote,
    Broken,
}

impl RefFault {
    fn diagnostic(self, reference: &str, span: Span) -> Option<Diagnostic> {
        let diagnostic = match self {
            Self::Broken => return None,
            Self::Nowhere(near) => {
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "name a schema that exists, for example under `$defs`".to_owned(),
                };
                let message = format!("`{reference}` leads to no schema");
                Diagnostic::new(&rules::MISSING_REF, span, message, "").with_help(help)
            }
            Self::NoFile { path, near } => {
                let help = match near {
                    Some(near) => format!("did you mean `{near}`? a `$ref` is relative to the file that it stands in"),
                    None => "add the file; a `$ref` is relative to the file that it stands in".to_owned(),
                };
                let message = format!("`{reference}` leads to `{path}`, which is no schema file of this contract");
                Diagnostic::new(&rules::MISSING_REF, span, message, "").with_help(help)
            }
            Self::Remote => {
                let message = format!("`{reference}` leads to another host, and nothing is ever fetched");
                let help = "add the schema to the contract's folder with this `$id`, or refer to it by its file name";
                Diagnostic::new(&rules::REMOTE_REF, span, message, "").with_help(help)
            }
        };
        Some(diagnostic)
    }
}

/// A path relative to the folder of another file.
fn join(base: &str, relative: &str) -> String {
    let mut steps: Vec<&str> = base.split('/').collect();
    steps.pop();
    if relative.starts_with('/') {
        steps.clear();
    }
    for step in relative.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let decoded = match (first, tail) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)).map(|(high, low)| high * 16 + low),
            _ => None,
        };
        bytes.push(decoded.unwrap_or(first));
        let taken = if decoded.is_some() { 2 } else { 0 };
        rest = tail.get(taken..).unwrap_or_default();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}
