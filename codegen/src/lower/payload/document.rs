//! The schema files of a contract, and where a `$ref` leads.

use std::collections::HashMap;

use super::uri;
use crate::casing;
use crate::contract::payload::Draft;
use crate::diagnostics::{Diagnostic, Fix, Report};
use crate::rules::payload as rules;
use crate::source::{FileId, Node, Span};
use crate::words::{closest, mistyped};

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
    ids: Ids<'n>,
}

/// What schemas of a document call themselves.
#[derive(Default)]
struct Ids<'n> {
    /// The schemas with an `$id`, and the document as a whole: where each stands, and its URI. Those within others come
    /// after them.
    resources: Vec<(String, String)>,
    /// `$anchor`s, or `$id`s that are fragments, by the resource that they stand in and their name.
    anchors: HashMap<(usize, &'n str), String>,
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
    by_uri: HashMap<String, Place>,
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
        let mut ids = Ids::default();
        ids.resources.push((String::new(), uri::of_file(path)));
        ids.collect(root, draft, &mut String::new(), 0);
        Some(Self {
            root,
            path,
            draft,
            stem: stem.to_owned(),
            library,
            start: file.start(),
            ids,
        })
    }

    /// The schema with an `$id` that a place stands in: its index, where it stands, and its URI.
    fn resource(&self, pointer: &str) -> Option<(usize, &str, &str)> {
        let around = |resource: &str| {
            pointer
                .strip_prefix(resource)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let mut resources = self.ids.resources.iter().enumerate();
        resources
            .rfind(|(_, (resource, _))| around(resource))
            .map(|(index, (resource, uri))| (index, resource.as_str(), uri.as_str()))
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

impl<'n> Ids<'n> {
    /// Notes what a schema and those within it call themselves; `resource` is the one that they stand in.
    fn collect(&mut self, node: &'n Node, draft: Draft, pointer: &mut String, mut resource: usize) {
        let length = pointer.len();
        if let Some(mapping) = node.as_mapping() {
            let text = |key: &str| mapping.get(key).and_then(Node::as_str);
            // Beside `$ref` draft-07 has no ids.
            let id = text("$id").filter(|_| draft == Draft::Draft202012 || text("$ref").is_none());
            if let Some(own) = id
                .map(|id| id.trim_end_matches('#'))
                .filter(|id| !id.is_empty() && !id.starts_with('#'))
            {
                let base = self.resources.get(resource).map_or("", |(_, uri)| uri);
                let own = uri::resolve(base, own);
                if pointer.is_empty() {
                    self.resources.clear();
                }
                resource = self.resources.len();
                self.resources.push((pointer.clone(), own));
            }
            let fragment = id.and_then(|id| id.strip_prefix('#'));
            if let Some(name) = text("$anchor").or(text("$dynamicAnchor")).or(fragment) {
                self.anchors.entry((resource, name)).or_insert_with(|| pointer.clone());
            }
            for entry in mapping {
                if !super::keywords::HOLDS_DATA.contains(&entry.key.as_str()) {
                    pointer.push('/');
                    pointer.push_str(&entry.key.replace('~', "~0").replace('/', "~1"));
                    self.collect(&entry.value, draft, pointer, resource);
                    pointer.truncate(length);
                }
            }
        }
        for (index, item) in node.as_sequence().unwrap_or_default().iter().enumerate() {
            pointer.push('/');
            pointer.push_str(&index.to_string());
            self.collect(item, draft, pointer, resource);
            pointer.truncate(length);
        }
    }
}

impl<'n> Documents<'n> {
    pub(super) fn add(&mut self, document: Document<'n>) {
        let index = self.list.len();
        self.by_path.entry(document.path).or_insert(index);
        for (pointer, uri) in &document.ids.resources {
            self.by_uri.entry(uri.clone()).or_insert_with(|| Place {
                document: index,
                pointer: pointer.clone(),
            });
        }
        self.list.push(document);
    }

    pub(super) fn get(&self, document: usize) -> Option<&Document<'n>> {
        self.list.get(document)
    }

    pub(super) fn node(&self, place: &Place) -> Option<&'n Node> {
        self.get(place.document)?.root.pointer(&place.pointer)
    }

    /// Where a `$ref` at a place leads, silently.
    pub(super) fn follow(&self, reference: &str, from: &Place) -> Option<Place> {
        self.target(reference, from).ok()
    }

    /// Where a `$ref` at a place leads; reported where it leads nowhere.
    pub(super) fn resolve(&self, reference: &Node, from: &Place, report: &mut Report) -> Option<Place> {
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

    fn target(&self, reference: &str, from: &Place) -> Result<Place, RefFault> {
        let (uri, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let start = self.start(uri, from)?;
        let document = start.document;
        let fragment = percent_decode(fragment);
        let target = self.get(document).ok_or(RefFault::Nowhere(None))?;
        let (resource, start, _) = target.resource(&start.pointer).ok_or(RefFault::Nowhere(None))?;
        let pointer = if fragment.is_empty() || fragment.starts_with('/') {
            format!("{start}{fragment}")
        } else {
            target
                .ids
                .anchors
                .get(&(resource, fragment.as_str()))
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
            .map(|near| format!("{uri}#{}/{near}", parent.strip_prefix(start).unwrap_or(parent)));
        Err(RefFault::Nowhere(near))
    }

    /// The schema that a URI means at a place: one that calls itself so, or a file.
    fn start(&self, uri: &str, from: &Place) -> Result<Place, RefFault> {
        if uri.is_empty() {
            return Ok(from.clone());
        }
        let document = self.get(from.document);
        let base = document.and_then(|document| document.resource(&from.pointer));
        if let Some(place) = self.by_uri.get(&uri::resolve(base.map_or("", |(_, _, uri)| uri), uri)) {
            return Ok(place.clone());
        }
        if uri.contains("://") || uri.starts_with("urn:") {
            return Err(RefFault::Remote);
        }
        self.file(uri, document.map_or("", |document| document.path))
            .map(|document| Place {
                document,
                pointer: String::new(),
            })
    }

    /// The file that a path means in another one.
    fn file(&self, uri: &str, base: &str) -> Result<usize, RefFault> {
        let path = uri::join(base, &percent_decode(uri));
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
                let fix = near
                    .as_deref()
                    .and_then(|near| mistyped(reference, std::iter::once(near)));
                let fix = fix.map(|meant| Fix::rename(span, meant));
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "name a schema that exists, for example under `$defs`".to_owned(),
                };
                let message = format!("`{reference}` leads to no schema");
                let finding = Diagnostic::new(&rules::MISSING_REF, span, message, "");
                finding.with_help(help).with_fix(fix)
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
