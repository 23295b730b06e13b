//! From an error to the keyword of the schema that refused.
//!
//! Nobody notes down where in a schema a type comes from: the way is walked again when somebody asks, through the text of
//! the schema, along the pointer of the error. Where it forks, at a union, the reader has noted down its turns.

use serde_json::Value;

use super::Keyword;

/// What the reader noted down where the pointer does not say where it went, outermost first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Into the branch of a union whose tag has this value.
    Tag(&'static str),
    /// Into the branch of a union that takes this JSON type.
    Type(&'static str),
    /// Into `propertyNames`, to a keyword there.
    Name(Keyword),
    /// Into a schema that a validator judges: its way through that schema, and how many steps of the pointer it went.
    #[cfg_attr(
        not(feature = "validator"),
        allow(dead_code, reason = "only a validator goes this way")
    )]
    Judged { path: String, depth: usize },
}

/// A schema and where it stands.
#[derive(Clone, Debug)]
struct Part<'s> {
    schema: &'s Value,
    at: String,
    /// The schema around it that has an `$id`, to which references are relative.
    resource: (&'s Value, usize),
}

impl Part<'_> {
    fn child(&self, step: &str) -> Option<Self> {
        let schema = match self.schema {
            Value::Object(members) => members.get(step)?,
            Value::Array(items) => items.get(step.parse::<usize>().ok()?)?,
            _ => return None,
        };
        let mut at = self.at.clone();
        crate::json::push_name(&mut at, step);
        let own = schema
            .get("$id")
            .and_then(Value::as_str)
            .is_some_and(|id| !id.starts_with('#'));
        Some(Self {
            schema,
            resource: if own { (schema, at.len()) } else { self.resource },
            at,
        })
    }

    /// The schemas of a list.
    fn children(&self, key: &str) -> Vec<Self> {
        let list = self.child(key);
        let items = list.iter().filter_map(|list| list.schema.as_array()).flatten();
        let indices = 0..items.count();
        indices
            .filter_map(|index| list.as_ref()?.child(&index.to_string()))
            .collect()
    }

    /// The schemas for a value within this one.
    fn within(&self, step: &str) -> Vec<Self> {
        let named = self.child("properties").and_then(|properties| properties.child(step));
        let member = named.or_else(|| self.child("additionalProperties"));
        let mut found: Vec<Self> = member.into_iter().collect();
        if step.parse::<usize>().is_ok() {
            let listed = |key: &str| self.child(key).filter(|list| list.schema.is_array());
            let place = listed("prefixItems").or_else(|| listed("items"));
            let item = place.and_then(|list| list.child(step));
            let rest = || match self.child("items").filter(|items| !items.schema.is_array()) {
                Some(items) => Some(items),
                None => self.child("additionalItems"),
            };
            found.extend(item.or_else(rest));
        }
        found.retain(|part| part.schema.is_object() || part.schema.is_boolean());
        found
    }
}

/// The place of the keyword, as a JSON pointer behind `#`.
pub(super) fn find(schema: &str, pointer: &str, keyword: Keyword, expected: &str, turns: &[Turn]) -> Option<String> {
    let root: Value = serde_json::from_str(schema).ok()?;
    let mut walk = Walk {
        root: &root,
        // Beside `$ref` draft-07 has no rules.
        ref_alone: root
            .get("$schema")
            .and_then(Value::as_str)
            .is_some_and(|draft| draft.contains("draft-07")),
        turns,
    };
    let steps: Vec<String> = pointer
        .split('/')
        .skip(1)
        .map(|step| step.replace("~1", "/").replace("~0", "~"))
        .collect();
    let judged = turns.iter().find_map(|turn| match turn {
        Turn::Judged { path, depth } => Some((path, *depth)),
        _ => None,
    });
    let depth = match judged {
        Some((_, depth)) => steps.len().checked_sub(depth)?,
        // The pointer leads to the member that is too much.
        None if keyword == Keyword::AdditionalProperties => steps.len().checked_sub(1)?,
        None => steps.len(),
    };
    let start = Part {
        schema: &root,
        at: String::new(),
        resource: (&root, 0),
    };
    let mut parts = walk.expand(vec![start]);
    for step in steps.iter().take(depth) {
        let within: Vec<Part<'_>> = parts.iter().flat_map(|part| part.within(step)).collect();
        if within.is_empty() {
            // The tag of a union is no branch's.
            return union(&parts);
        }
        parts = walk.expand(within);
    }
    let found = match judged {
        Some((path, _)) => {
            let follow = |path: &str| parts.iter().find_map(|part| walk.follow(part, path));
            // Schemas that hold together are judged as a list of them.
            let of_one = || {
                follow(
                    path.strip_prefix("/allOf/")?
                        .trim_start_matches(|c: char| c.is_ascii_digit()),
                )
            };
            follow(path).or_else(of_one)
        }
        None => match turns.last() {
            Some(Turn::Name(inner)) => {
                let about: Vec<Part<'_>> = parts.iter().filter_map(|part| part.child(keyword.as_str())).collect();
                let first = about.first().map(|part| part.at.clone());
                let about = walk.expand(about);
                // No name is left where none is text.
                let asking =
                    keyword_of(&about, *inner, expected).or_else(|| keyword_of(&about, Keyword::Type, expected));
                asking.or(first)
            }
            _ => keyword_of(&parts, keyword, expected),
        },
    };
    found.map(|at| format!("#{at}"))
}

struct Walk<'s, 't> {
    root: &'s Value,
    ref_alone: bool,
    turns: &'t [Turn],
}

impl<'s> Walk<'s, '_> {
    /// The schemas that hold where these do: what they refer to, what `allOf` lists, and the branches that were taken.
    fn expand(&mut self, mut starts: Vec<Part<'s>>) -> Vec<Part<'s>> {
        let mut parts: Vec<Part<'s>> = Vec::new();
        starts.reverse();
        while let Some(part) = starts.pop() {
            if parts.iter().any(|known| known.at == part.at) {
                continue;
            }
            starts.extend(self.taken(&part));
            starts.extend(self.joined(&part).into_iter().rev());
            parts.push(part);
        }
        parts
    }

    /// What a schema refers to and what `allOf` lists.
    fn joined(&self, part: &Part<'s>) -> Vec<Part<'s>> {
        let referred = self.referred(part, "$ref");
        if referred.is_some() && self.ref_alone {
            return referred.into_iter().collect();
        }
        referred.into_iter().chain(part.children("allOf")).collect()
    }

    /// The branch that was taken, where the schema is a union.
    fn taken(&mut self, part: &Part<'s>) -> Option<Part<'s>> {
        let listed = part.schema.get("type").and_then(Value::as_array);
        if let (Some(types), [Turn::Type(ty), rest @ ..]) = (listed, self.turns)
            && types.iter().filter_map(Value::as_str).any(|listed| is_type(ty, listed))
        {
            // A union that one schema makes by a list of types.
            self.turns = rest;
        }
        let branches: Vec<Part<'s>> = ["oneOf", "anyOf"]
            .into_iter()
            .flat_map(|key| part.children(key))
            .collect();
        let mut others = branches.iter().filter(|branch| !is_null(branch.schema));
        if let (Some(only), None) = (others.next(), others.next()) {
            // The others say `null`, which is no union to the reader.
            return Some(only.clone());
        }
        let (turn, rest) = self.turns.split_first()?;
        let taken = branches.into_iter().find(|branch| match turn {
            Turn::Tag(value) => self.is_tagged(branch, value, 0),
            Turn::Type(ty) => self.takes(branch, ty, 0) == Some(true),
            Turn::Name(_) | Turn::Judged { .. } => false,
        })?;
        self.turns = rest;
        Some(taken)
    }

    /// Whether a branch has a member that is always this text.
    fn is_tagged(&self, part: &Part<'s>, value: &str, level: usize) -> bool {
        let properties = part.schema.get("properties").and_then(Value::as_object);
        let mut members = properties.into_iter().flatten();
        members.any(|(_, member)| member.get("const").and_then(Value::as_str) == Some(value))
            || level < MOST_REFERENCES
                && self
                    .joined(part)
                    .iter()
                    .any(|part| self.is_tagged(part, value, level + 1))
    }

    /// Whether a branch takes values of a type, where it says so.
    fn takes(&self, part: &Part<'s>, ty: &str, level: usize) -> Option<bool> {
        if let Some(says) = part.schema.get("type") {
            let mut says = match says {
                Value::Array(types) => types.iter().collect(),
                one => vec![one],
            }
            .into_iter();
            return Some(says.any(|says| says.as_str().is_some_and(|says| is_type(ty, says))));
        }
        if let Some(value) = part.schema.get("const") {
            return Some(is_of(ty, value));
        }
        if let Some(values) = part.schema.get("enum").and_then(Value::as_array) {
            return Some(values.iter().any(|value| is_of(ty, value)));
        }
        if level >= MOST_REFERENCES {
            return None;
        }
        let joined = self.joined(part);
        if let Some(says) = joined.iter().find_map(|part| self.takes(part, ty, level + 1)) {
            return Some(says);
        }
        let branches = ["oneOf", "anyOf"].into_iter().flat_map(|key| part.children(key));
        branches
            .map(|branch| self.takes(&branch, ty, level + 1))
            .reduce(|one, other| Some(one == Some(true) || other == Some(true)))
            .flatten()
    }

    /// The schema that a `$ref` leads to.
    fn referred(&self, part: &Part<'s>, key: &str) -> Option<Part<'s>> {
        let reference = part.schema.get(key)?.as_str()?;
        let (uri, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let resource = if uri.is_empty() {
            Part {
                schema: part.resource.0,
                at: part.at.get(..part.resource.1)?.to_owned(),
                resource: part.resource,
            }
        } else {
            let root = Part {
                schema: self.root,
                at: String::new(),
                resource: (self.root, 0),
            };
            search(&root, &|schema| {
                let id = schema.get("$id").and_then(Value::as_str);
                id.is_some_and(|id| id == uri || id.ends_with(&format!("/{uri}")))
            })?
        };
        let fragment = decode(fragment);
        if fragment.is_empty() || fragment.starts_with('/') {
            let mut steps = fragment.split('/').skip(1);
            return steps.try_fold(resource, |part, step| {
                part.child(&step.replace("~1", "/").replace("~0", "~"))
            });
        }
        search(&resource, &|schema| {
            let named = |key: &str| schema.get(key).and_then(Value::as_str);
            named("$anchor") == Some(&fragment)
                || named("$dynamicAnchor") == Some(&fragment)
                || named("$id").and_then(|id| id.strip_prefix('#')) == Some(&fragment)
        })
    }

    /// Where a validator's way through a schema ends.
    fn follow(&self, start: &Part<'s>, path: &str) -> Option<String> {
        let mut part = start.clone();
        let mut resources = vec![part.clone()];
        for step in path.split('/').skip(1) {
            part = match step {
                // Members may be called so too.
                "$ref" | "$dynamicRef" if !part.schema.get(step)?.is_string() => part.child(step)?,
                "$dynamicRef" => {
                    let target = self.referred(&part, step)?;
                    outermost(&resources, &target).unwrap_or(target)
                }
                "$ref" => self.referred(&part, step)?,
                step => part.child(&step.replace("~1", "/").replace("~0", "~"))?,
            };
            resources.push(part.clone());
        }
        Some(part.at)
    }
}

/// The schema that has the dynamic anchor of the target in the outermost resource that the way went through.
fn outermost<'s>(way: &[Part<'s>], target: &Part<'s>) -> Option<Part<'s>> {
    let anchor = target.schema.get("$dynamicAnchor")?;
    way.iter().find_map(|passed| {
        let resource = Part {
            schema: passed.resource.0,
            at: passed.at.get(..passed.resource.1)?.to_owned(),
            resource: passed.resource,
        };
        search(&resource, &|schema| schema.get("$dynamicAnchor") == Some(anchor))
    })
}

/// How many references are followed to see what a branch of a union is.
const MOST_REFERENCES: usize = 16;

/// The first schema that is looked for, in one and in all that stand within it.
fn search<'s>(start: &Part<'s>, wanted: &dyn Fn(&Value) -> bool) -> Option<Part<'s>> {
    let mut waiting = vec![start.clone()];
    while let Some(part) = waiting.pop() {
        if wanted(part.schema) {
            return Some(part);
        }
        match part.schema {
            Value::Object(members) => waiting.extend(members.keys().filter_map(|name| part.child(name))),
            Value::Array(items) => {
                waiting.extend((0..items.len()).filter_map(|index| part.child(&index.to_string())));
            }
            _ => {}
        }
    }
    None
}

/// Takes the percent signs out of the fragment of a URI.
fn decode(fragment: &str) -> String {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(byte) = byte.filter(|_| *first == b'%') {
            bytes.push(byte);
            rest = tail.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn is_type(ty: &str, listed: &str) -> bool {
    ty == listed || matches!((ty, listed), ("integer", "number") | ("number", "integer"))
}

fn is_of(ty: &str, value: &Value) -> bool {
    match value {
        Value::Null => ty == "null",
        Value::Bool(_) => ty == "boolean",
        Value::Number(_) => is_type(ty, "number"),
        Value::String(_) => ty == "string",
        Value::Array(_) => ty == "array",
        Value::Object(_) => ty == "object",
    }
}

fn is_null(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("null") || schema.get("const").is_some_and(Value::is_null)
}

/// The keyword of a union, of which no branch was taken.
fn union(parts: &[Part<'_>]) -> Option<String> {
    let keyword = |key: &str| parts.iter().find_map(|part| part.child(key));
    keyword("oneOf")
        .or_else(|| keyword("anyOf"))
        .map(|part| format!("#{}", part.at))
}

/// The keyword in the schemas that hold together: where several have it, the one that asks for what was expected.
fn keyword_of(parts: &[Part<'_>], keyword: Keyword, expected: &str) -> Option<String> {
    if [Keyword::AdditionalItems, Keyword::FalseSchema].contains(&keyword) {
        // The pointer leads to what must not be there, and its schema is `false`.
        let never = parts.iter().find(|part| part.schema == &Value::Bool(false))?;
        return Some(never.at.clone());
    }
    let keys: &[&str] = match keyword {
        Keyword::Syntax
        | Keyword::Encoding
        | Keyword::Depth
        | Keyword::Duplicate
        | Keyword::IntegerRange
        | Keyword::Schema => return None,
        // A constant, or a list of values, says the type too.
        Keyword::Type => &["type", "const", "enum", "oneOf", "anyOf"],
        Keyword::Enum => &["enum", "const", "oneOf", "anyOf"],
        Keyword::Const => &["const", "enum", "oneOf", "anyOf"],
        // The tag of a union is missing.
        Keyword::Required => &["required", "oneOf", "anyOf"],
        Keyword::Contains if expected.starts_with("at most") => &["maxContains"],
        Keyword::Contains => &["minContains", "contains"],
        other => &[other.as_str()],
    };
    keys.iter().find_map(|key| {
        let bearing: Vec<Part<'_>> = parts.iter().filter_map(|part| part.child(key)).collect();
        let asking = bearing.iter().find(|part| asks(key, part.schema, expected));
        asking.or(bearing.first()).map(|part| part.at.clone())
    })
}

/// Whether the value of a keyword is what an error says was expected.
fn asks(keyword: &str, value: &Value, expected: &str) -> bool {
    match value {
        Value::Number(number) => {
            let mut words = expected.split_whitespace();
            words.any(|word| word.parse::<f64>().ok() == number.as_f64())
        }
        Value::String(text) => {
            let words = match text.as_str() {
                "boolean" => "true or false",
                "string" => "text",
                "array" => "list",
                other => other,
            };
            expected.contains(words)
        }
        // One of the names is missing, and it is what was expected.
        Value::Array(names) if keyword == "required" => names.iter().any(|name| expected.contains(&name.to_string())),
        // Of two lists the one that is a part of the other is what was expected.
        Value::Array(values) => values.iter().all(|value| expected.contains(&value.to_string())),
        Value::Bool(allowed) => !allowed,
        _ => true,
    }
}
