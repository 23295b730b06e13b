//! From schema files to payloads.
//!
//! A schema is lowered as the list of its parts, so that `allOf` and what stands beside `$ref` need no cases of
//! their own: a rule is looked for in all parts, and the strictest one holds. A fault is reported at its place and
//! [`Type::Any`] stands in for what it spoils, so that all faults are found in one run.
//!
//! What the types cannot say is an obstacle. The smallest schema around it that can be held against a document by itself
//! is noted, and everything is lowered again with that schema as one that a validator judges, until
//! nothing is in the way.

mod array;
mod bundle;
mod default;
mod document;
mod effort;
mod judged;
mod keywords;
mod meta;
mod naming;
mod object;
mod part;
mod property_names;
mod scalar;
mod schema;
mod subschemas;
mod union;
mod uri;
mod values;

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;

use crate::casing;
use crate::contract::payload::{Definition, DefinitionId, DefinitionKind, Module, ModuleId, Payload, PayloadSet, Type};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::payload as rules;
use crate::source::{FileId, Node, Span};

pub(super) use naming::keep_unknown;

use default::NotedDefault;
use document::{Document, Documents, Place};
use judged::{Key, Obstacle};
use part::Part;

/// Builds the payloads that schema files describe. Each file comes with its path in the contract's folder.
///
/// What has a fault is reported; where the report has errors, the set is not fit to generate from.
pub fn resolve(files: &[(FileId, String, Node)], report: &mut Report) -> PayloadSet {
    let named: Vec<Node> = files.iter().map(|(_, _, root)| effort::without_rules(root)).collect();
    let mut documents = Documents::default();
    for (file, path, root) in files {
        match Document::new(*file, path, root, report) {
            Some(document) if meta::check(&document, report) => documents.add(document),
            _ => documents.broken.push(path),
        }
    }
    if !effort::check(&documents, report) {
        let roots: HashMap<&str, &Node> = files.iter().map(|(_, path, _)| path.as_str()).zip(&named).collect();
        for document in &mut documents.list {
            document.root = roots.get(document.path).copied().unwrap_or(document.root);
        }
    }
    let mut known = documents.whole();
    let whole = known.keys().flatten().map(|place| place.document).collect();
    loop {
        let mut findings = Report::default();
        let mut lowerer = Lowerer {
            modules: modules(&documents, &mut findings),
            documents: &documents,
            report: &mut findings,
            definitions: Vec::new(),
            targets: HashMap::new(),
            names: HashMap::new(),
            known: &known,
            whole: &whole,
            obstacles: Vec::new(),
            found: IndexMap::new(),
            inspected: HashSet::new(),
            open: HashSet::new(),
            circles: HashMap::new(),
            defaults: Vec::new(),
        };
        let payloads = lowerer.payloads();
        let Lowerer {
            modules,
            definitions,
            found,
            defaults,
            ..
        } = lowerer;
        // Each round knows of more schemas than the one before, and there are only so many.
        let before = known.len();
        known.extend(found);
        if known.len() > before {
            continue;
        }
        findings
            .diagnostics()
            .iter()
            .for_each(|finding| report.push(finding.clone()));
        let mut definitions: Vec<Definition> = definitions.into_iter().map(Reserved::finish).collect();
        if !report.has_errors() {
            default::check(&documents, &whole, defaults, report);
        }
        default::settle(&mut definitions);
        return PayloadSet::new(payloads, modules, definitions);
    }
}

fn modules(documents: &Documents<'_>, report: &mut Report) -> Vec<Module> {
    let mut seen: HashMap<String, (Span, &str)> = HashMap::new();
    let mut modules = Vec::new();
    for document in &documents.list {
        let name = casing::snake(&document.stem);
        if let Some((_, path)) = seen.insert(name.clone(), (document.origin(), document.path)) {
            let message = format!("`{}` and `{path}` both become the module `{name}`", document.path);
            let diagnostic = Diagnostic::new(&rules::NAME_CLASH, document.origin(), message, "");
            report.push(diagnostic.with_help("give one of the files another name"));
        }
        modules.push(Module {
            name,
            path: document.path.to_owned(),
            title: document.root.get("title").and_then(Node::as_str).map(str::to_owned),
        });
    }
    modules
}

/// The state of a run.
struct Lowerer<'n, 'r> {
    documents: &'r Documents<'n>,
    report: &'r mut Report,
    modules: Vec<Module>,
    definitions: Vec<Reserved>,
    /// What has become of the schemas that something refers to.
    targets: HashMap<Place, Target>,
    /// The names that are taken, and by what.
    names: HashMap<(ModuleId, String), Span>,
    /// The schemas that are judged, and why.
    known: &'r IndexMap<Key, Obstacle>,
    /// The documents that are judged as a whole.
    whole: &'r HashSet<usize>,
    /// What stands in the way of a type for the schema that is being lowered.
    obstacles: Vec<Obstacle>,
    /// Schemas that have turned out to be judged.
    found: IndexMap<Key, Obstacle>,
    /// Schemas within judged ones whose words have been looked at.
    inspected: HashSet<Place>,
    /// Schemas that are being lowered.
    open: HashSet<Key>,
    /// Of those, whether they are still on the way that is being followed.
    circles: HashMap<Place, bool>,
    /// The defaults of members.
    defaults: Vec<NotedDefault<'n>>,
}

/// A schema that something refers to.
enum Target {
    /// It is being lowered; it has an id if it refers to itself.
    Open(Option<DefinitionId>),
    Done(Type),
}

/// A definition whose id is known before what it is.
struct Reserved {
    definition: Definition,
    kind: Option<DefinitionKind>,
}

impl Reserved {
    fn finish(self) -> Definition {
        let mut definition = self.definition;
        definition.kind = self.kind.unwrap_or(DefinitionKind::Wrapper(Type::Any));
        definition
    }
}

/// Where a schema stands among the types.
#[derive(Clone, Debug)]
struct Context {
    /// The name of its type, if it needs one.
    name: String,
    module: ModuleId,
    /// Its place, where something can refer to it.
    target: Option<Place>,
    /// Whether it is a member that must be there, so that a constant needs no type.
    constant: bool,
    origin: Span,
}

impl Context {
    /// The context of a schema inside this one.
    fn child(&self, name: &str, origin: Span) -> Self {
        Self {
            name: format!("{}{}", self.name, casing::pascal(name)),
            module: self.module,
            target: None,
            constant: false,
            origin,
        }
    }
}

impl<'n> Lowerer<'n, '_> {
    fn payloads(&mut self) -> IndexMap<String, Payload> {
        let documents = self.documents;
        let mut payloads: IndexMap<String, Payload> = IndexMap::new();
        for (index, document) in documents.list.iter().enumerate() {
            if document.library {
                continue;
            }
            let name = document.payload_name();
            let place = Place {
                document: index,
                pointer: String::new(),
            };
            let Some(part) = documents.part(place) else { continue };
            let root = self.root(&part, &name);
            if let Some(other) = payloads.get(&name) {
                let message = format!("two payloads are named `{name}`");
                let diagnostic = Diagnostic::new(&rules::DUPLICATE_PAYLOAD, document.origin(), message, "")
                    .with_label(other.origin, "the other one")
                    .with_help("give one of them another `title`");
                self.report.push(diagnostic);
                continue;
            }
            let payload = Payload {
                title: part.text("title").map(str::to_owned),
                description: part.text("description").map(str::to_owned),
                origin: document.origin(),
                path: document.path.to_owned(),
                draft: document.draft,
                schema: if self.is_whole(index) {
                    bundle::resources(documents, index)
                } else {
                    bundle::bundle(documents, index)
                },
                root,
                name: name.clone(),
            };
            payloads.insert(name, payload);
        }
        payloads
    }

    /// The definition of a document's own schema.
    fn root(&mut self, part: &Part<'n>, name: &str) -> DefinitionId {
        let ty = self.target(part);
        let own = match &ty {
            Type::Named(id) => self.definitions.get(id.0).is_some_and(|reserved| {
                reserved.definition.name == name && reserved.definition.module.0 == part.place.document
            }),
            _ => false,
        };
        match ty {
            Type::Named(id) if own => id,
            ty => {
                let context = Context {
                    name: name.to_owned(),
                    module: ModuleId(part.place.document),
                    target: None,
                    constant: false,
                    origin: part.node.span,
                };
                let id = self.reserve(&context, std::slice::from_ref(part));
                self.define(id, DefinitionKind::Wrapper(ty));
                id
            }
        }
    }

    /// The type of a schema that something refers to: lowered once.
    fn target(&mut self, part: &Part<'n>) -> Type {
        let place = part.place.clone();
        match self.targets.get(&place) {
            Some(Target::Done(ty)) => return ty.clone(),
            Some(Target::Open(Some(id))) => return Type::Named(*id),
            Some(Target::Open(None)) => {
                // It refers to itself before it has a type of its own, so it gets one.
                let mut context = self.target_context(part);
                if self.names.contains_key(&(context.module, context.name.clone())) {
                    // The type without `null` has the name.
                    context.name.push_str("OrNull");
                }
                return Type::Named(self.reserve(&context, std::slice::from_ref(part)));
            }
            None => {}
        }
        self.targets.insert(place.clone(), Target::Open(None));
        let context = self.target_context(part);
        let ty = self.own(part, &context);
        let ty = match self.targets.get(&place) {
            Some(Target::Open(Some(id))) => {
                let id = *id;
                if !matches!(ty, Type::Named(own) if own == id) {
                    self.define(id, DefinitionKind::Wrapper(ty));
                }
                Type::Named(id)
            }
            _ => ty,
        };
        self.targets.insert(place, Target::Done(ty.clone()));
        ty
    }

    fn target_context(&self, part: &Part<'n>) -> Context {
        let document = self.documents.get(part.place.document);
        let name = match part.place.pointer.rsplit_once('/') {
            None => document.map_or_else(String::new, Document::payload_name),
            Some((_, last)) => match part.text("title") {
                Some(title) if casing::is_pascal(title) => title.to_owned(),
                _ => casing::pascal(last),
            },
        };
        Context {
            name,
            module: ModuleId(part.place.document),
            target: Some(part.place.clone()),
            constant: false,
            origin: part.node.span,
        }
    }
}
