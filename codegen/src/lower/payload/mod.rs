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
mod judged;
mod keywords;
mod meta;
mod naming;
mod object;
mod part;
mod scalar;
mod subschemas;
mod union;

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;

use crate::casing;
use crate::contract::payload::{
    Definition, DefinitionId, DefinitionKind, Docs, Draft, JsonType, Module, ModuleId, Payload, PayloadSet, Type,
};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::payload as rules;
use crate::source::{Entry, FileId, Node, Span, Value};

use default::NotedDefault;
use document::{Document, Documents, Place};
use judged::{Key, Obstacle};
use part::{Alias, Part, Types};

/// Builds the payloads that schema files describe. Each file comes with its path in the contract's folder.
///
/// What has a fault is reported; where the report has errors, the set is not fit to generate from.
pub fn resolve(files: &[(FileId, String, Node)], report: &mut Report) -> PayloadSet {
    let mut documents = Documents::default();
    for (file, path, root) in files {
        match Document::new(*file, path, root, report) {
            Some(document) if meta::check(&document, report) => documents.list.push(document),
            _ => documents.broken.push(path),
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

    /// The type of a schema.
    fn lower(&mut self, part: &Part<'n>, context: &Context) -> Type {
        let mut part = part.clone();
        let mut passed = Vec::new();
        loop {
            if passed.contains(&part.place) {
                self.report.push(part::circular(
                    part.get("$ref").map_or(part.node.span, |node| node.span),
                ));
                return Type::Any;
            }
            let referred = part.get("$ref").is_some();
            match self.documents.alias(&part, self.report) {
                Alias::To(next) => {
                    self.check_keywords(&part);
                    passed.push(std::mem::replace(&mut part, next).place);
                    if referred && !self.is_alias(&part) {
                        return self.target(&part);
                    }
                }
                Alias::Own => return self.own(&part, context),
                Alias::Broken => return Type::Any,
            }
        }
    }

    fn is_alias(&self, part: &Part<'n>) -> bool {
        matches!(self.documents.alias(part, &mut Report::default()), Alias::To(_))
    }

    /// The type of a schema that has rules of its own.
    fn own(&mut self, part: &Part<'n>, context: &Context) -> Type {
        self.or_judged(std::slice::from_ref(part), context, |lowerer| {
            lowerer.native(part, context)
        })
    }

    fn native(&mut self, part: &Part<'n>, context: &Context) -> Type {
        if let Alias::To(_) = self.documents.alias(part, &mut Report::default()) {
            // The schema of a file, or of `$defs`, that only refers to another one.
            let mut context = context.clone();
            context.target = None;
            return self.lower(part, &context);
        }
        match self.documents.flatten(part, self.report) {
            Some(parts) => self.conjunction(&parts, context),
            None => Type::Any,
        }
    }

    /// The type of parts that hold together.
    fn conjunction(&mut self, parts: &[Part<'n>], context: &Context) -> Type {
        for part in parts {
            self.check_keywords(part);
        }
        let mut context = context.clone();
        if context.target.is_none()
            && let Some(title) = parts.first().and_then(|part| part.text("title"))
            && casing::is_pascal(title)
        {
            title.clone_into(&mut context.name);
        }
        let mut unions = Vec::new();
        for part in parts {
            unions.extend(
                ["oneOf", "anyOf"]
                    .into_iter()
                    .filter_map(|key| Some((part, part.entry(key)?))),
            );
        }
        match unions.as_slice() {
            [] => {}
            [(part, entry)] => return self.union(parts, part, entry, &context),
            [_, (_, second), ..] => {
                self.obstacle(second.key_span, "two unions hold together");
                return Type::Any;
            }
        }
        let assertions = self.assertions(parts);
        let typed = assertions
            .iter()
            .any(|entry| ["type", "enum", "const"].contains(&entry.key.as_str()));
        let open = self.documents.types(parts).unwrap_or_else(Types::all);
        if !typed && !open.is_empty() {
            let draft = parts
                .first()
                .map_or(Draft::Draft202012, |part| self.documents.draft_of(part));
            if let Some(first) = assertions.iter().find(|entry| !keywords::is_judged(&entry.key, draft)) {
                let message = format!(
                    "`{}` restricts values of one type, and the others are all allowed",
                    first.key
                );
                let diagnostic = Diagnostic::new(&rules::MISSING_TYPE, first.key_span, message, "");
                let reason = format!("`{}` stands without a `type`", first.key);
                self.obstacles.push(Obstacle {
                    help: "say which `type` the value has",
                    warning: Some(diagnostic.with_help("say which `type` the value has")),
                    ..Obstacle::new(first.key_span, reason)
                });
            }
            return Type::Any;
        }
        self.typed(parts, open, &context)
    }

    /// The type of parts that say which JSON types a value may have.
    fn typed(&mut self, parts: &[Part<'n>], types: Types, context: &Context) -> Type {
        let nullable = types.has(JsonType::Null);
        let others = types.without(JsonType::Null).list();
        let ty = match others.as_slice() {
            [] if nullable => return Type::Null,
            [] => {
                self.contradiction(
                    parts,
                    ["type", "enum", "const"],
                    "no value has all the types that are asked for",
                );
                return Type::Any;
            }
            [only] => {
                let mut context = context.clone();
                context.constant &= !nullable;
                if nullable {
                    // What is referred to is this type or `null`.
                    context.target = None;
                }
                self.of_type(parts, *only, &context)
            }
            many if many.len() == 5 && self.assertions(parts).iter().all(|entry| entry.key == "type") => {
                return Type::Any;
            }
            many => {
                let mut context = context.clone();
                context.target = context.target.filter(|_| !nullable);
                self.by_json_type(parts, many, &context)
            }
        };
        if nullable { Type::Nullable(Box::new(ty)) } else { ty }
    }

    /// The type of parts whose values have one JSON type.
    fn of_type(&mut self, parts: &[Part<'n>], ty: JsonType, context: &Context) -> Type {
        match ty {
            JsonType::Null => Type::Null,
            JsonType::Boolean => self.boolean(parts),
            JsonType::Integer => self.integer(parts),
            JsonType::Number => self.number(parts),
            JsonType::String => self.string(parts, context),
            JsonType::Array => self.array(parts, context),
            JsonType::Object => self.object(parts, context),
        }
    }

    fn boolean(&mut self, parts: &[Part<'n>]) -> Type {
        if let Some(values) = scalar::listed(parts) {
            let all = [true, false]
                .into_iter()
                .all(|flag| values.iter().any(|node| node.value == Value::Bool(flag)));
            let entry = self
                .assertions(parts)
                .into_iter()
                .find(|entry| ["enum", "const"].contains(&entry.key.as_str()));
            if let Some(entry) = entry.filter(|_| !all) {
                self.obstacle(entry.key_span, format!("`{}` is about a boolean", entry.key));
            }
        }
        Type::Boolean
    }

    fn string(&mut self, parts: &[Part<'n>], context: &Context) -> Type {
        if let Some(values) = self.listed_texts(parts) {
            return match values.as_slice() {
                [only] if context.constant => Type::Constant(only.text.clone()),
                _ => self.text_enum(parts, values, context),
            };
        }
        match self.text(parts) {
            Type::Text(text) if context.target.is_some() && !text.is_any() => {
                let id = self.reserve(context, parts);
                self.define(id, DefinitionKind::Text(text));
                Type::Named(id)
            }
            ty => ty,
        }
    }

    /// Takes a name, and gives the definition an id before it is known what it is.
    fn reserve(&mut self, context: &Context, parts: &[Part<'n>]) -> DefinitionId {
        if let Some(place) = &context.target
            && let Some(Target::Open(Some(id))) = self.targets.get(place)
        {
            return *id;
        }
        self.take_name(context);
        let id = DefinitionId(self.definitions.len());
        self.definitions.push(Reserved {
            definition: Definition {
                name: context.name.clone(),
                module: context.module,
                docs: docs(parts),
                origin: context.origin,
                kind: DefinitionKind::Wrapper(Type::Any),
            },
            kind: None,
        });
        if let Some(place) = &context.target
            && let Some(Target::Open(own)) = self.targets.get_mut(place)
        {
            *own = Some(id);
        }
        id
    }

    fn define(&mut self, id: DefinitionId, kind: DefinitionKind) {
        if let Some(reserved) = self.definitions.get_mut(id.0) {
            reserved.kind = Some(kind);
        }
    }

    /// Reports the keywords of a schema that have no effect, and notes those that only a validator knows.
    fn check_keywords(&mut self, part: &Part<'n>) {
        self.check_words(part);
        let draft = self.documents.draft_of(part);
        for entry in part.assertions(draft) {
            if keywords::is_judged(&entry.key, draft) {
                self.obstacles.push(Obstacle {
                    help: keywords::way_out(&entry.key),
                    ..Obstacle::new(entry.key_span, format!("`{}` is no part of a type", entry.key))
                });
            }
        }
    }

    /// Reports the keywords of a schema that have no effect.
    fn check_words(&mut self, part: &Part<'n>) {
        let draft = self.documents.draft_of(part);
        let Some(mapping) = part.node.as_mapping() else { return };
        let hidden = draft == Draft::Draft7 && mapping.get("$ref").is_some();
        if hidden {
            keywords::check_beside_ref(part.node, self.report);
        }
        for entry in mapping {
            if !hidden || !keywords::is_assertion(&entry.key, draft) {
                keywords::check(entry, draft, self.report);
            }
        }
    }

    /// The keywords that restrict documents, without those that only join parts.
    fn assertions(&self, parts: &[Part<'n>]) -> Vec<&'n Entry> {
        parts
            .iter()
            .flat_map(|part| part.assertions(self.documents.draft_of(part)))
            .filter(|entry| !["$ref", "allOf"].contains(&entry.key.as_str()))
            .collect()
    }

    /// Reports rules that no value meets together, at the first of the keywords and with the others beside it.
    fn contradiction<const N: usize>(&mut self, parts: &[Part<'_>], keys: [&str; N], message: impl Into<String>) {
        let places: Vec<Span> = keys
            .iter()
            .flat_map(|key| scalar::entries(parts, key))
            .map(|entry| entry.key_span)
            .collect();
        let first = places
            .first()
            .copied()
            .or_else(|| parts.first().map(|part| part.node.span));
        let Some(first) = first else { return };
        let mut diagnostic = Diagnostic::new(&rules::CONTRADICTION, first, message, "");
        for place in places.iter().skip(1) {
            diagnostic = diagnostic.with_label(*place, "together with this");
        }
        self.report
            .push(diagnostic.with_help("change one of the rules: as they are, no document is valid"));
    }
}

/// What parts say to people; the first one that says something is heard.
fn docs(parts: &[Part<'_>]) -> Docs {
    let text = |key: &str| parts.iter().find_map(|part| part.text(key)).map(str::to_owned);
    let flag = |key: &str| {
        parts
            .iter()
            .any(|part| part.get(key).is_some_and(|node| node.value == Value::Bool(true)))
    };
    let examples = parts
        .iter()
        .find_map(|part| part.get("examples").and_then(Node::as_sequence));
    Docs {
        title: text("title"),
        description: text("description"),
        default: parts
            .iter()
            .find_map(|part| part.get("default"))
            .map(|node| node.to_json().to_string()),
        examples: examples
            .unwrap_or_default()
            .iter()
            .map(|node| node.to_json().to_string())
            .collect(),
        deprecated: flag("deprecated"),
        read_only: flag("readOnly"),
        write_only: flag("writeOnly"),
    }
}
