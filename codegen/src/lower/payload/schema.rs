//! What a schema becomes: the type of its parts, by the JSON types that they leave open.

use super::judged::Obstacle;
use super::part::{self, Alias, Part, Types};
use super::{Context, Lowerer, Reserved, Target, keywords, values};
use crate::casing;
use crate::contract::payload::{Definition, DefinitionId, DefinitionKind, Docs, Draft, JsonType, PERSONAL_DATA, Type};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::payload as rules;
use crate::source::{Entry, Node, Span, Value};

impl<'n> Lowerer<'n, '_> {
    /// The type of a schema.
    pub(super) fn lower(&mut self, part: &Part<'n>, context: &Context) -> Type {
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
    pub(super) fn own(&mut self, part: &Part<'n>, context: &Context) -> Type {
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
    pub(super) fn conjunction(&mut self, parts: &[Part<'n>], context: &Context) -> Type {
        let mut context = context.clone();
        if context.target.is_none()
            && let Some(title) = parts.first().and_then(|part| part.text("title"))
            && casing::is_pascal(title)
        {
            title.clone_into(&mut context.name);
        }
        if let Some(values) = values::listed(parts) {
            return self.listed(parts, values, &context);
        }
        for part in parts {
            self.check_keywords(part);
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
        let typed = assertions.iter().any(|entry| entry.key == "type");
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
    pub(super) fn typed(&mut self, parts: &[Part<'n>], types: Types, context: &Context) -> Type {
        let nullable = types.has(JsonType::Null);
        let others = types.without(JsonType::Null).list();
        let ty = match others.as_slice() {
            [] if nullable => return Type::Null,
            [] => {
                self.contradiction(parts, ["type"], "no value has all the types that are asked for");
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
    pub(super) fn of_type(&mut self, parts: &[Part<'n>], ty: JsonType, context: &Context) -> Type {
        match ty {
            JsonType::Null => Type::Null,
            JsonType::Boolean => Type::Boolean,
            JsonType::Integer => self.integer(parts),
            JsonType::Number => self.number(parts),
            JsonType::String => self.string(parts, context),
            JsonType::Array => self.array(parts, context),
            JsonType::Object => self.object(parts, context),
        }
    }

    fn string(&mut self, parts: &[Part<'n>], context: &Context) -> Type {
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
    pub(super) fn reserve(&mut self, context: &Context, parts: &[Part<'n>]) -> DefinitionId {
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

    pub(super) fn define(&mut self, id: DefinitionId, kind: DefinitionKind) {
        if let Some(reserved) = self.definitions.get_mut(id.0) {
            reserved.kind = Some(kind);
        }
    }

    /// Reports the keywords of a schema that have no effect, and notes those that only a validator knows.
    pub(super) fn check_keywords(&mut self, part: &Part<'n>) {
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
    pub(super) fn check_words(&mut self, part: &Part<'n>) {
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
    pub(super) fn assertions(&self, parts: &[Part<'n>]) -> Vec<&'n Entry> {
        parts
            .iter()
            .flat_map(|part| part.assertions(self.documents.draft_of(part)))
            .filter(|entry| !["$ref", "allOf"].contains(&entry.key.as_str()))
            .collect()
    }

    /// Reports rules that no value meets together, at the first of the keywords and with the others beside it.
    pub(super) fn contradiction<const N: usize>(
        &mut self,
        parts: &[Part<'_>],
        keys: [&str; N],
        message: impl Into<String>,
    ) {
        let places: Vec<Span> = keys
            .iter()
            .flat_map(|key| super::scalar::entries(parts, key))
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
pub(super) fn docs(parts: &[Part<'_>]) -> Docs {
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
        personal_data: flag(PERSONAL_DATA),
    }
}
