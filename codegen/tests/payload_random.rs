//! Random schemas over every keyword of both drafts: nothing panics, nothing is refused but what no document can meet,
//! and no keyword is dropped. For that the model is written back as a JSON Schema, which has to accept the documents
//! that the schema accepts.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on stops"
)]

#[allow(dead_code, reason = "only its numbers are of use here")]
#[path = "../../tests/support/mutate.rs"]
mod mutate;

use std::collections::BTreeSet;

use mutate::Random;
use natsmith_codegen::contract::payload::{
    Additional, DefinitionId, DefinitionKind, Integer, Items, Names, Number, PayloadSet, Properties, Rest, Struct,
    Text, Type,
};
use natsmith_codegen::diagnostics::{Level, Report};
use natsmith_codegen::lower;
use natsmith_codegen::source::{self, Files};
use serde_json::{Map, Value, json};

/// How many schemas are tried.
const SCHEMAS: u64 = 3000;

/// How many documents each of them is tried on.
const DOCUMENTS: usize = 60;

/// What is wrong with a schema in any tier.
const REFUSALS: [&str; 4] = [
    "payload/circular-ref",
    "payload/contradiction",
    "payload/name-clash",
    "payload/meta-schema",
];

const KEYWORDS: [&str; 45] = [
    "type",
    "type",
    "type",
    "type",
    "enum",
    "const",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "$ref",
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "items",
    "minItems",
    "maxItems",
    "uniqueItems",
    "contains",
    "prefixItems",
    "unevaluatedItems",
    "properties",
    "properties",
    "required",
    "additionalProperties",
    "minProperties",
    "maxProperties",
    "patternProperties",
    "propertyNames",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedProperties",
    "contains",
    "minContains",
    "maxContains",
    "prefixItems",
    "$dynamicRef",
];

struct Maker {
    random: Random,
    draft7: bool,
}

impl Maker {
    fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.random.below(items.len())].clone()
    }

    fn schema(&mut self, depth: usize) -> Value {
        if depth == 0 || self.random.below(12) == 0 {
            return self.pick(&[
                json!(true),
                json!(false),
                json!({"type": "integer"}),
                json!({"type": "string"}),
            ]);
        }
        let mut schema = Map::new();
        for _ in 0..=self.random.below(4) {
            let keyword = self.pick(&KEYWORDS);
            self.keyword(keyword, depth - 1, &mut schema);
        }
        Value::Object(schema)
    }

    fn keyword(&mut self, keyword: &str, depth: usize, schema: &mut Map<String, Value>) {
        let value = match keyword {
            "type" => {
                let types = [
                    "null", "boolean", "integer", "number", "string", "array", "object", "object",
                ];
                let (first, second) = (self.pick(&types), self.pick(&types));
                if first != second && self.random.below(4) == 0 {
                    json!([first, second])
                } else {
                    json!(first)
                }
            }
            "enum" => {
                let values: BTreeSet<String> = (0..=self.random.below(3)).map(|_| self.value(1).to_string()).collect();
                values
                    .iter()
                    .map(|text| serde_json::from_str::<Value>(text).expect("JSON"))
                    .collect()
            }
            "const" => self.value(1),
            "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
                (0..=self.random.below(2)).map(|_| self.schema(depth)).collect()
            }
            "if" => {
                let (then, other) = (self.schema(depth), self.schema(depth));
                schema.insert("then".to_owned(), then);
                schema.insert("else".to_owned(), other);
                self.schema(depth)
            }
            "items" if self.draft7 && self.random.below(2) == 0 => {
                let additional = self.schema(depth);
                schema.insert("additionalItems".to_owned(), additional);
                json!([self.schema(depth)])
            }
            "not" | "items" | "contains" | "unevaluatedItems" | "additionalProperties" | "unevaluatedProperties" => {
                self.schema(depth)
            }
            "propertyNames" if self.random.below(3) == 0 => self.schema(depth),
            "propertyNames" => self.pick(&[
                json!({ "maxLength": 1, "pattern": "[ab]" }),
                json!({ "enum": ["a", "c", 1] }),
                json!({ "type": "string", "format": "hostname" }),
                json!({ "allOf": [{ "minLength": 1 }, { "pattern": "^[^d]" }] }),
                json!({ "const": "a" }),
                json!({ "type": ["integer", "null"] }),
            ]),
            "$ref" => {
                let target = self.pick(&["#/$defs/one", "#/$defs/two", "#"]);
                json!(if self.draft7 {
                    target.replace("$defs", "definitions")
                } else {
                    target.to_owned()
                })
            }
            "$dynamicRef" if self.draft7 || self.random.below(8) > 0 => return,
            "$dynamicRef" => json!("#dynamic"),
            "minimum" | "exclusiveMinimum" => self.pick(&[json!(0), json!(1), json!(0.5), json!(-1e20)]),
            "maximum" | "exclusiveMaximum" => self.pick(&[json!(3), json!(2), json!(2.5), json!(1e20)]),
            "multipleOf" => self.pick(&[json!(1), json!(2), json!(0.5)]),
            "minLength" | "minItems" | "minProperties" | "minContains" => json!(self.random.below(3)),
            "maxLength" | "maxItems" | "maxProperties" | "maxContains" => json!(1 + self.random.below(3)),
            "pattern" => self.pick(&[json!("a"), json!("^b"), json!("^(?!a)")]),
            "format" => self.pick(&[json!("ipv4"), json!("date"), json!("hostname")]),
            "uniqueItems" => json!(true),
            "properties" => ["a", "b"]
                .map(|name| (name.to_owned(), self.schema(depth)))
                .into_iter()
                .collect(),
            "patternProperties" => json!({ "^[bc]": self.schema(depth) }),
            "dependentSchemas" => json!({ "a": self.schema(depth) }),
            "dependencies" => json!({ "a": self.schema(depth), "b": ["c"] }),
            "dependentRequired" => json!({ "a": ["b"] }),
            "required" => json!([self.pick(&["a", "b", "c"])]),
            other => panic!("`{other}` is not made"),
        };
        schema.insert(keyword.to_owned(), value);
    }

    fn root(&mut self) -> Value {
        let mut root = match self.schema(3) {
            Value::Object(schema) => schema,
            _ => Map::new(),
        };
        let (draft, definitions) = if self.draft7 {
            ("http://json-schema.org/draft-07/schema#", "definitions")
        } else {
            ("https://json-schema.org/draft/2020-12/schema", "$defs")
        };
        let one = self.schema(2);
        let mut two = self.schema(2);
        if let Some(two) = two.as_object_mut().filter(|_| !self.draft7) {
            two.insert("$dynamicAnchor".to_owned(), json!("dynamic"));
        } else if !self.draft7 {
            two = json!({ "$dynamicAnchor": "dynamic" });
        }
        root.insert("$schema".to_owned(), json!(draft));
        root.insert("title".to_owned(), json!("Made"));
        root.insert(definitions.to_owned(), json!({ "one": one, "two": two }));
        Value::Object(root)
    }

    fn value(&mut self, depth: usize) -> Value {
        let kinds = if depth == 0 { 9 } else { 14 };
        match self.random.below(kinds) {
            0 => Value::Null,
            1 => json!(true),
            2 => self.pick(&[json!(0), json!(1), json!(2), json!(3), json!(-1)]),
            3 => self.pick(&[json!(0.5), json!(2.5), json!(1.0)]),
            4..=8 => self.pick(&[
                json!(""),
                json!("a"),
                json!("b"),
                json!("abc"),
                json!("1.2.3.4"),
                json!("2024-02-29"),
            ]),
            9 | 10 => (0..self.random.below(4)).map(|_| self.value(depth - 1)).collect(),
            _ => {
                let names = ["a", "b", "c", "d"];
                let mut object = Map::new();
                for name in names {
                    if self.random.below(2) == 0 {
                        object.insert(name.to_owned(), self.value(depth - 1));
                    }
                }
                Value::Object(object)
            }
        }
    }
}

/// The model as a JSON Schema.
fn written_back(set: &PayloadSet, root: DefinitionId, draft: &Value) -> Value {
    let mut definitions = Map::new();
    for (module, _) in set.modules() {
        for (id, definition) in set.definitions(module) {
            definitions.insert(name(id), kind(&definition.kind, &name(id)));
        }
    }
    let mut written = Value::Object(definitions);
    in_words_of(
        &mut written,
        draft.as_str().is_some_and(|draft| draft.contains("draft-07")),
    );
    let definitions = written;
    // Both drafts read both words in a pointer.
    json!({ "$schema": draft, "allOf": [{ "$ref": format!("#/definitions/{}", name(root)) }], "definitions": definitions })
}

/// Says in the words of a draft what each of them spells in its own way.
fn in_words_of(schema: &mut Value, draft7: bool) {
    let children: Vec<&mut Value> = match schema {
        Value::Array(items) => items.iter_mut().collect(),
        Value::Object(members) => {
            let (positions, rest) = if draft7 {
                ("items", "additionalItems")
            } else {
                ("prefixItems", "items")
            };
            for (from, to) in [("x-positions", positions), ("x-rest", rest)] {
                if let Some(value) = members.remove(from) {
                    members.insert(to.to_owned(), value);
                }
            }
            members.values_mut().collect()
        }
        _ => return,
    };
    for child in children {
        in_words_of(child, draft7);
    }
}

/// A list that follows rules, with what they say of each `contains`.
fn list(mut schema: Value, rules: &Items) -> Value {
    schema["type"] = json!("array");
    schema["minItems"] = json!(rules.min);
    schema["maxItems"] = json!(rules.max.unwrap_or(u64::MAX));
    schema["uniqueItems"] = json!(rules.unique);
    if rules.closed {
        schema["items"] = json!(false);
    }
    if let Some(contains) = &rules.contains {
        schema["contains"] = ty(&contains.ty);
        if contains.min != 1 {
            schema["minContains"] = json!(contains.min);
        }
        if let Some(max) = contains.max {
            schema["maxContains"] = json!(max);
        }
    }
    schema
}

fn name(id: DefinitionId) -> String {
    format!("{id:?}").chars().filter(char::is_ascii_digit).collect()
}

fn kind(kind: &DefinitionKind, name: &str) -> Value {
    match kind {
        DefinitionKind::Struct(object) => structure(object),
        DefinitionKind::Enum(values) => json!({ "enum": values.iter().map(|value| &value.text).collect::<Vec<_>>() }),
        DefinitionKind::Values(values) => {
            json!({ "enum": values.iter().map(|value| &value.value).collect::<Vec<_>>() })
        }
        DefinitionKind::Text(rules) => text(rules),
        DefinitionKind::Tuple(tuple) => {
            let rest = match &tuple.rest {
                Rest::Refused => json!(false),
                Rest::Kept(kept) => ty(kept),
            };
            let positions: Vec<Value> = tuple.positions.iter().map(|position| ty(&position.ty)).collect();
            list(json!({ "x-positions": positions, "x-rest": rest }), &tuple.rules)
        }
        DefinitionKind::Tagged(tagged) => {
            let variants = tagged.variants.iter().map(|variant| {
                json!({ "allOf": [
                    { "required": [tagged.tag], "properties": { &tagged.tag: { "const": variant.value } } },
                    ty(&Type::Named(variant.definition)),
                ] })
            });
            json!({ "type": "object", "oneOf": variants.collect::<Vec<_>>() })
        }
        DefinitionKind::Untagged(variants) => {
            let variants = variants
                .iter()
                .map(|variant| json!({ "allOf": [{ "type": variant.json.as_str() }, ty(&variant.ty)] }));
            json!({ "oneOf": variants.collect::<Vec<_>>() })
        }
        DefinitionKind::Wrapper(inner) => ty(inner),
        DefinitionKind::Judged(schema) => {
            let mut schema = schema.clone();
            let object = schema.as_object_mut().expect("a schema is an object");
            let hidden = object.get("$ref").cloned();
            assert!(hidden.is_none() || !object.contains_key("definitions"), "{object:?}");
            object.insert("$id".to_owned(), json!(format!("judged://{name}/")));
            schema
        }
    }
}

fn structure(object: &Struct) -> Value {
    let properties: Map<String, Value> = object
        .fields
        .iter()
        .map(|field| (field.name.clone(), ty(&field.ty)))
        .collect();
    let required = object
        .fields
        .iter()
        .filter(|field| field.required)
        .map(|field| field.name.as_str());
    let additional = match &object.additional {
        Additional::Ignored => json!(true),
        Additional::Refused => json!(false),
        Additional::Kept(kept) => ty(kept),
    };
    let mut schema = json!({
        "type": "object", "properties": properties, "required": required.collect::<Vec<_>>(),
        "additionalProperties": additional,
    });
    restrict(&mut schema, &object.rules);
    schema
}

/// Writes down the rules of an object.
fn restrict(schema: &mut Value, rules: &Properties) {
    schema["minProperties"] = json!(rules.min);
    schema["maxProperties"] = json!(rules.max.unwrap_or(u64::MAX));
    match &rules.names {
        Names::Any => {}
        Names::Like(rules) => schema["propertyNames"] = text(rules),
        Names::OneOf(names) if names.is_empty() => schema["propertyNames"] = json!(false),
        Names::OneOf(names) => schema["propertyNames"] = json!({ "enum": names }),
    }
    for name in &rules.never {
        schema["properties"][name] = json!(false);
    }
}

fn text(rules: &Text) -> Value {
    let mut schema = json!({ "type": "string", "minLength": rules.min_length });
    let mut set = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            schema[key] = value;
        }
    };
    set("maxLength", rules.max_length.map(Value::from));
    set(
        "pattern",
        rules.pattern.as_ref().map(|pattern| pattern.source.clone().into()),
    );
    set("format", rules.format.map(|format| format.as_str().into()));
    schema
}

fn integer(rules: &Integer) -> Value {
    let mut schema = json!({ "type": "integer" });
    let bounds = [
        ("minimum", rules.minimum),
        ("exclusiveMinimum", rules.exclusive_minimum),
        ("maximum", rules.maximum),
        ("exclusiveMaximum", rules.exclusive_maximum),
        ("multipleOf", rules.multiple_of),
    ];
    for (key, bound) in bounds {
        if let Some(bound) = bound {
            // A bound that another one makes idle may be beyond 64 bits.
            schema[key] = bound
                .to_string()
                .parse::<serde_json::Number>()
                .expect("a number")
                .into();
        }
    }
    if !rules.allowed.is_empty() {
        schema["enum"] = rules
            .allowed
            .iter()
            .map(|value| i64::try_from(*value).expect("64 bits"))
            .collect();
    }
    schema
}

fn number(rules: &Number) -> Value {
    let mut schema = json!({ "type": "number" });
    let bounds = [
        ("minimum", rules.minimum),
        ("exclusiveMinimum", rules.exclusive_minimum),
        ("maximum", rules.maximum),
        ("exclusiveMaximum", rules.exclusive_maximum),
        ("multipleOf", rules.multiple_of),
    ];
    for (key, bound) in bounds {
        if let Some(bound) = bound {
            schema[key] = bound.into();
        }
    }
    schema
}

fn ty(ty_: &Type) -> Value {
    match ty_ {
        Type::Any => json!({}),
        Type::AnyObject => json!({ "type": "object" }),
        Type::Null => json!({ "type": "null" }),
        Type::Boolean => json!({ "type": "boolean" }),
        Type::Integer(rules) => integer(rules),
        Type::Number(rules) => number(rules),
        Type::Text(rules) => text(rules),
        Type::Uuid => json!({ "type": "string", "format": "uuid" }),
        Type::DateTime => json!({ "type": "string", "format": "date-time" }),
        Type::Constant(value) => json!({ "const": value }),
        Type::Array(array) => list(json!({ "items": ty(&array.item) }), &array.rules),
        Type::Map(map) => {
            let mut schema = json!({ "type": "object", "additionalProperties": ty(&map.value) });
            restrict(&mut schema, &map.rules);
            schema
        }
        Type::Nullable(inner) => json!({ "anyOf": [{ "type": "null" }, ty(inner)] }),
        Type::Named(id) => json!({ "$ref": format!("#/definitions/{}", name(*id)) }),
    }
}

fn validator(schema: &Value) -> jsonschema::Validator {
    jsonschema::options()
        .should_validate_formats(true)
        .build(schema)
        .unwrap_or_else(|error| panic!("{error}: {schema}"))
}

#[test]
fn no_keyword_of_a_random_schema_is_dropped() {
    let (mut native, mut judged, mut accepted) = (0, 0, 0);
    for seed in 0..SCHEMAS {
        let mut maker = Maker {
            random: Random::new(seed + 1),
            draft7: seed % 2 == 0,
        };
        let schema = maker.root();
        let text = schema.to_string();
        let (mut files, mut report) = (Files::default(), Report::default());
        let file = files.add("made.schema.json", &*text);
        let node = source::parse(file, &text, &mut report).expect("JSON is read");
        let set = lower::payload::resolve(&[(file, "made.schema.json".to_owned(), node)], &mut report);
        let errors: Vec<_> = report
            .diagnostics()
            .iter()
            .filter(|finding| finding.level == Level::Error)
            .collect();
        for error in &errors {
            assert!(REFUSALS.contains(&error.rule.code), "seed {seed}: {error:?}\n{text}");
        }
        if !errors.is_empty() {
            continue;
        }
        // A file with nothing but definitions describes no payload.
        let Some(payload) = set.get("Made") else { continue };
        let written = written_back(&set, payload.root, &schema["$schema"]);
        let (original, model, shipped) = (validator(&schema), validator(&written), validator(&payload.schema));
        if set.is_judged() {
            judged += 1;
        } else {
            native += 1;
        }
        for _ in 0..DOCUMENTS {
            let document = maker.value(3);
            let valid = original.is_valid(&document);
            accepted += usize::from(valid);
            assert_eq!(
                model.is_valid(&document),
                valid,
                "seed {seed}: {document}\nthe schema: {schema:#}\nwhat was made of it: {written:#}"
            );
            assert_eq!(
                shipped.is_valid(&document),
                valid,
                "seed {seed}: {document}\n{schema:#}"
            );
        }
    }
    println!("native {native}, judged {judged}, documents accepted {accepted}");
    assert!(native > 100 && judged > 1000 && accepted > 10_000);
}
