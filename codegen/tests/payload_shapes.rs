//! Payload types of every shape: what is generated for them is checked in, compiled here, and held against a JSON
//! Schema validator.
//!
//! `NATSMITH_BLESS=1 cargo test -p natsmith-codegen --test payload_shapes` writes the checked-in code anew.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on stops")]
#![allow(deprecated, reason = "what is deprecated is tested too")]

#[path = "../../tests/support/agree.rs"]
mod agree;
#[path = "../../tests/support/mutate.rs"]
mod mutate;
#[allow(
    dead_code,
    deprecated,
    clippy::doc_lazy_continuation,
    clippy::doc_markdown,
    clippy::just_underscores_and_digits,
    clippy::similar_names,
    clippy::too_many_lines,
    reason = "as in a generated crate, of which a test does not use all"
)]
#[rustfmt::skip]
#[path = "shapes/generated/src/payloads/mod.rs"]
pub mod payloads;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};

use agree::Borrowed;
use natsmith_codegen::contract::payload::DefinitionKind;
use natsmith_codegen::diagnostics::{Level, Report};
use natsmith_codegen::sample::{self, Detail};
use natsmith_codegen::source::{self, Files};
use natsmith_codegen::{check, generate};
use natsmith_runtime::{BorrowedPayload, FreeForm, Keyword, Payload};
use serde_json::{Value, json};

use payloads::collections::{Collections, Extended, Limited, Point};
use payloads::defaults::{Counted, Defaults, DefaultsRequired, Level as DefaultsLevel, Node, Settings};
use payloads::judged::{JudgedCases, JudgedTuple, OddCase, Rule};
use payloads::merged::Name;
use payloads::names::Names;
use payloads::scalars::{ScalarsKind, ScalarsRequired};
use payloads::tree::Tree;
use payloads::unions::{Circle, Shape, UnionsValue};
use payloads::{
    Annotated, Anything, Containing, Forwarded, InnerIds, Judged, Legacy, LegacyIds, LegacyRules, List, Lists,
    MemberNames, Merged, OpenNode, Reading, Scalars, StrictNode, Unions, Values, Verdict, Wide, Word,
};

/// Changed documents of each example.
const MUTANTS: usize = 1500;

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shapes").join(path)
}

#[test]
fn the_checked_in_code_is_what_is_generated() {
    let checked = check(&folder("contract"));
    let findings = checked.report.diagnostics().iter();
    let findings: Vec<_> = findings.filter(|finding| finding.rule.level > Level::Info).collect();
    assert!(findings.is_empty(), "{findings:#?}");
    let contract = checked.contract.expect("the contract is sound");
    let tree = generate(&contract).expect("a sound contract generates");
    let mut wanted: BTreeMap<PathBuf, &str> = BTreeMap::new();
    for (path, text) in tree.iter() {
        if path.starts_with("src/payloads/") || path.starts_with("docs/json-schema/") {
            wanted.insert(folder("generated").join(path), text);
        }
    }
    if std::env::var_os("NATSMITH_BLESS").is_some() {
        let _ = fs::remove_dir_all(folder("generated/src/payloads"));
        for (path, text) in &wanted {
            fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder can be made");
            fs::write(path, text).expect("a file can be written");
        }
    }
    for (path, text) in wanted {
        let found = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        assert!(found == text, "{} is stale; bless it", path.display());
    }
}

fn agree<P: Payload + PartialEq + Debug>(borrowed: Option<Borrowed<P>>) {
    let examples = folder("contract/examples").join(P::NAME).join("valid");
    let mut documents: Vec<Value> = Vec::new();
    for entry in fs::read_dir(&examples).expect("examples can be read") {
        let text = fs::read(entry.expect("an entry can be read").path()).expect("an example can be read");
        let value = P::decode(&text).unwrap_or_else(|error| panic!("{}: {error}", P::NAME));
        value.validate().unwrap_or_else(|error| panic!("{}: {error}", P::NAME));
        documents.push(serde_json::from_slice(&text).expect("an example is JSON"));
    }
    let compared = agree::compare(borrowed, &documents, MUTANTS, 7);
    assert!(compared.accepted > 0, "{}: {compared:?}", P::NAME);
    samples_agree::<P>();
}

/// The generated code accepts what the generator samples, and refuses each near miss where and for what it is made.
fn samples_agree<P: Payload>() {
    let contract = check(&folder("contract")).contract.expect("the contract is sound");
    let payload = contract.payloads.get(P::NAME).expect("a payload of the contract");
    for detail in [Detail::Full, Detail::Minimal] {
        let Some(document) = sample::valid(&contract.payloads, payload, detail) else {
            // A value that a validator judges cannot be made up.
            let module = contract.payloads.definition(payload.root).module;
            let definitions = contract.payloads.definitions(module);
            let judged = |kind: &DefinitionKind| matches!(kind, DefinitionKind::Judged(_));
            assert!(
                definitions.iter().any(|(_, definition)| judged(&definition.kind)),
                "{}",
                P::NAME
            );
            continue;
        };
        let refused = P::decode(document.to_string().as_bytes()).err();
        assert!(refused.is_none(), "{}: {document}: {refused:?}", P::NAME);
    }
    for miss in sample::near_misses(&contract.payloads, payload) {
        let (pointer, keyword) = refused::<P>(&miss.document);
        let found = (pointer.as_str(), keyword.as_str());
        assert_eq!(
            found,
            (miss.pointer.as_str(), miss.keyword),
            "{}: {}",
            P::NAME,
            miss.name
        );
        agree::locate::<P>(&miss.document);
    }
}

/// Holds a payload against the schema as it was written, with the ids that the one that ships no longer has.
fn agree_as_written<P: Payload>(file: &str) {
    let text = fs::read_to_string(folder("contract/payloads").join(file)).expect("the schema can be read");
    let (mut files, mut report) = (Files::default(), Report::default());
    let id = files.add(file, &*text);
    let schema = source::parse(id, &text, &mut report).expect("YAML is read").to_json();
    let judge = jsonschema::validator_for(&schema).expect("a schema compiles");
    let mut random = mutate::Random::new(11);
    let (mut accepted, mut refused) = (0, 0);
    for entry in fs::read_dir(folder("contract/examples").join(P::NAME).join("valid")).expect("examples can be read") {
        let text = fs::read(entry.expect("an entry can be read").path()).expect("an example can be read");
        let example: Value = serde_json::from_slice(&text).expect("an example is JSON");
        for _ in 0..MUTANTS {
            let document = mutate::mutate(&example, &mut random);
            let decoded = P::decode(document.to_string().as_bytes());
            if decoded
                .as_ref()
                .is_err_and(|error| error.keyword() == Keyword::IntegerRange)
            {
                continue;
            }
            let valid = decoded.is_ok();
            assert_eq!(valid, judge.is_valid(&document), "{}: {document}", P::NAME);
            *(if valid { &mut accepted } else { &mut refused }) += 1;
        }
    }
    assert!(accepted > 100 && refused > 100, "{accepted}, {refused}");
}

#[test]
fn ids_lead_where_a_validator_goes() {
    agree_as_written::<InnerIds>("inner_ids.schema.yaml");
    agree_as_written::<LegacyIds>("legacy_ids.schema.yaml");
}

macro_rules! borrowed {
    () => {
        None
    };
    ($borrowed:ident) => {
        Some(|text| payloads::$borrowed::decode(text).map(BorrowedPayload::into_owned))
    };
}

macro_rules! payloads {
    ($($test:ident: $payload:ident $(, $borrowed:ident)?;)*) => {
        $(
            #[test]
            fn $test() {
                agree::<$payload>(borrowed!($($borrowed)?));
            }
        )*
    };
}

payloads! {
    anything: Anything, AnythingRef;
    annotated: Annotated;
    collections: Collections, CollectionsRef;
    containing: Containing, ContainingRef;
    defaults: Defaults, DefaultsRef;
    forwarded: Forwarded, ForwardedRef;
    inner_ids: InnerIds, InnerIdsRef;
    judged: Judged, JudgedRef;
    legacy: Legacy, LegacyRef;
    legacy_ids: LegacyIds, LegacyIdsRef;
    legacy_rules: LegacyRules, LegacyRulesRef;
    list: List, ListRef;
    lists: Lists, ListsRef;
    member_names: MemberNames, MemberNamesRef;
    merged: Merged, MergedRef;
    names: Names, NamesRef;
    open_node: OpenNode, OpenNodeRef;
    reading: Reading;
    scalars: Scalars, ScalarsRef;
    strict_node: StrictNode, StrictNodeRef;
    tree: Tree, TreeRef;
    unions: Unions, UnionsRef;
    values: Values, ValuesRef;
    verdict: Verdict, VerdictRef;
    wide: Wide, WideRef;
    word: Word, WordRef;
}

fn refused<P: Payload>(document: &Value) -> (String, Keyword) {
    let error = P::decode(document.to_string().as_bytes())
        .err()
        .expect("the document is refused");
    (error.pointer().to_owned(), error.keyword())
}

#[test]
fn errors_name_the_place_and_the_rule() {
    let scalars = |name: &str, value: Value| {
        let mut document = json!({
            "id": "67e55044-10b1-426f-9247-bb680e5fe0c8", "small": 0, "kind": "small", "always": "scalars",
            "nothing": null, "level": 2, "ratio": 0.5,
        });
        document[name] = value;
        let (pointer, keyword) = refused::<Scalars>(&document);
        assert_eq!(pointer, format!("/{name}"));
        keyword
    };
    for (name, value, keyword) in [
        ("small", json!(256), Keyword::Maximum),
        ("small", json!(-1), Keyword::Minimum),
        ("small", json!(0.5), Keyword::Type),
        ("between", json!(0), Keyword::ExclusiveMinimum),
        ("between", json!(10), Keyword::ExclusiveMaximum),
        ("fives", json!(7), Keyword::MultipleOf),
        ("any_integer", json!(u64::MAX), Keyword::IntegerRange),
        ("level", json!(3), Keyword::Enum),
        ("one", json!(2), Keyword::Const),
        ("kind", json!("large"), Keyword::Enum),
        ("always", json!("never"), Keyword::Const),
        ("name", json!("a"), Keyword::MinLength),
        ("name", json!("abcde"), Keyword::MaxLength),
        ("code", json!("12"), Keyword::Pattern),
        ("at", json!("2024-01-01"), Keyword::Format),
        ("id", json!("67e5504410b1426f9247bb680e5fe0c8"), Keyword::Format),
        ("flag", json!(null), Keyword::Type),
        ("nothing", json!(0), Keyword::Type),
    ] {
        assert_eq!(scalars(name, value.clone()), keyword, "{name}: {value}");
    }
    let (pointer, keyword) = refused::<Collections>(&json!({"names": ["a", ""], "labels": {}, "free": {}}));
    assert_eq!((pointer.as_str(), keyword), ("/names/1", Keyword::MinLength));
    let (pointer, keyword) = refused::<Collections>(&json!({"names": ["a"], "labels": {}, "free": []}));
    assert_eq!((pointer.as_str(), keyword), ("/free", Keyword::Type));
    let (pointer, keyword) = refused::<Collections>(&json!({"names": ["a"], "labels": {}}));
    assert_eq!((pointer.as_str(), keyword), ("", Keyword::Required));
    let (pointer, keyword) = refused::<Collections>(&json!({"names": ["a"], "labels": {}, "free": {}, "x": 1}));
    assert_eq!((pointer.as_str(), keyword), ("/x", Keyword::AdditionalProperties));
    let (pointer, keyword) = refused::<Unions>(&json!({"shape": {"kind": "line"}, "value": 1}));
    assert_eq!((pointer.as_str(), keyword), ("/shape/kind", Keyword::Enum));
}

#[test]
fn a_member_that_stands_twice_is_refused() {
    for text in [
        r#"{"value": 1, "value": 1}"#,
        r#"{"value": 1, "by_name": {"a": {"value": 1}, "a": {"value": 1}}}"#,
    ] {
        let error = Tree::decode(text.as_bytes()).expect_err("a member stands twice");
        assert_eq!(error.keyword(), Keyword::Duplicate);
    }
    let text = r#"{"name": "x", "needed": 1, "a": 1, "a": 1}"#;
    let document = format!(r#"{{"names": ["a"], "labels": {{}}, "free": {{}}, "extended": {text}}}"#);
    let error = Collections::decode(document.as_bytes()).expect_err("a member stands twice");
    assert_eq!((error.pointer(), error.keyword()), ("/extended/a", Keyword::Duplicate));
}

#[test]
fn deep_documents_are_bounded() {
    let nested = |levels: usize| r#"{"value":1,"left":"#.repeat(levels - 1) + r#"{"value":1"# + &"}".repeat(levels);
    assert!(Tree::decode(nested(64).as_bytes()).is_ok());
    assert!(Tree::decode(nested(128).as_bytes()).is_ok());
    let error = Tree::decode(nested(129).as_bytes()).expect_err("too deep");
    assert_eq!(error.keyword(), Keyword::Depth);
    // A struct of many members takes much of the stack, so it counts as several levels.
    let wide = |levels: usize| {
        let member = r#"{"m0":1,"m70":true,"m129":3"#;
        format!("{member},\"child\":").repeat(levels - 1) + member + &"}".repeat(levels)
    };
    assert!(Wide::decode(wide(42).as_bytes()).is_ok());
    let error = Wide::decode(wide(43).as_bytes()).expect_err("too deep");
    assert_eq!(error.keyword(), Keyword::Depth);
    let error = Tree::decode(&b"{\"value\":1,\"left\":".repeat(100_000)).expect_err("too deep");
    assert_eq!(error.keyword(), Keyword::Depth);
}

fn some_scalars() -> Scalars {
    ScalarsRequired {
        id: natsmith_runtime::uuid::Uuid::nil(),
        small: 1,
        level: 2,
        ratio: 0.5,
        kind: ScalarsKind::Large,
        nothing: (),
    }
    .into()
}

#[test]
fn built_values_are_checked_by_the_same_rules() {
    assert!(some_scalars().validate().is_ok());
    let broken = |change: fn(&mut Scalars)| {
        let mut value = some_scalars();
        change(&mut value);
        let error = value.to_bytes().expect_err("the value is refused");
        assert_eq!(error.offset(), None);
        (error.pointer().to_owned(), error.keyword())
    };
    let name = broken(|value| value.name = Some("a".to_owned()));
    assert_eq!(name, ("/name".to_owned(), Keyword::MinLength));
    let ratio = broken(|value| value.ratio = f64::NAN);
    assert_eq!(ratio, ("/ratio".to_owned(), Keyword::Type));
    let any = broken(|value| value.any_number = Some(f64::INFINITY));
    assert_eq!(any, ("/any_number".to_owned(), Keyword::Type));
    let level = broken(|value| value.level = 3);
    assert_eq!(level, ("/level".to_owned(), Keyword::Enum));

    let mut value =
        Collections::decode(br#"{"names": ["a"], "labels": {}, "free": {}}"#).expect("the document is valid");
    value.free = FreeForm::from(json!([1]));
    let error = value.validate().expect_err("a list is no object");
    assert_eq!((error.pointer(), error.keyword()), ("/free", Keyword::Type));
    value.free = FreeForm::empty_object();
    value.points = Some(vec![Point { x: 1.0, y: None }, Point { x: 1.0, y: None }]);
    let error = value.validate().expect_err("an item stands twice");
    assert_eq!((error.pointer(), error.keyword()), ("/points", Keyword::UniqueItems));
    value.points = Some(vec![Point {
        x: 1.0,
        y: Some(f64::NAN),
    }]);
    let error = value.validate().expect_err("not a number");
    assert_eq!(error.pointer(), "/points/0/y");
    value.points = None;
    value.extended = Some(Extended {
        name: "n".to_owned(),
        needed: 1,
        additional_properties: BTreeMap::from([("name".to_owned(), 1)]),
    });
    let error = value.validate().expect_err("a member stands twice");
    assert_eq!(
        (error.pointer(), error.keyword()),
        ("/extended/name", Keyword::Duplicate)
    );
    value.extended = None;
    value.limited = Some(Limited {
        a: true,
        b: None,
        c: None,
        additional_properties: BTreeMap::new(),
    });
    let error = value.validate().expect_err("too few members");
    assert_eq!((error.pointer(), error.keyword()), ("/limited", Keyword::MinProperties));
}

#[test]
fn defaults_stand_for_what_is_left_out() {
    let text = r#"{"id":1}"#;
    let value = Defaults::decode(text.as_bytes()).expect("all but one may be missing");
    assert_eq!(value, DefaultsRequired { id: 1 }.into());
    let written = value.to_bytes().expect("the value is valid");
    let written = std::str::from_utf8(&written).expect("JSON is UTF-8");
    let expected = concat!(
        r#"{"id":1,"flag":true,"count":3,"whole":1,"ratio":-0.5,"name":"no \"name\"","no_text":"","level":"high","#,
        r#""referred":"low","code":"ab","trace":"67e55044-10b1-426f-9247-bb680e5fe0c8","maybe":7,"list":[1,2],"#,
        r#""no_items":[],"map":{"on":true},"free":{"b":[1,null],"a":"A"},"free_object":{},"#,
        r#""settings":{"retries":2,"level":"low"},"tuned":{"retries":9,"note":"x","level":"low"},"#,
        r#""shape":{"kind":"circle","radius":2.0},"value":false,"judged":{"a":1},"old":4}"#,
    );
    assert_eq!(written, expected);
    assert_eq!(Settings::default().level, DefaultsLevel::Low);
    // These have none: it would change what is counted, or have no end.
    assert_eq!(Counted::default().a, None);
    assert_eq!(Node::default().next, None);
    let null = Defaults::decode(br#"{"id":1,"maybe":null}"#).expect("it may be null");
    assert_eq!(null.maybe, None);
}

#[test]
fn a_forwarder_loses_nothing() {
    let text = r#"{"id":1,"inner":{"name":"n","new":[1, {"a":null}]},"many":[{"size":1.5,"unit":"m"}],"added":"x"}"#;
    let value = Forwarded::decode(text.as_bytes()).expect("objects are open");
    assert_eq!(value.to_bytes().expect("the value is valid"), text);
    assert_eq!(value.inner.additional_properties["new"].as_str(), r#"[1, {"a":null}]"#);
}

#[test]
fn types_are_made_and_shown_like_others() {
    assert_eq!("abc".parse::<Name>().expect("a name").as_str(), "abc");
    assert_eq!(Name::try_from("").expect_err("no name").keyword(), Keyword::MinLength);
    assert_eq!(Name::new("A").expect_err("no name").keyword(), Keyword::Pattern);
    assert_eq!(ScalarsKind::ALL.len(), 4);
    assert_eq!(
        "very large".parse::<ScalarsKind>().expect("a kind"),
        ScalarsKind::VeryLarge
    );
    assert_eq!(format!("{:>6}", ScalarsKind::Small), " small");
    assert_eq!("huge".parse::<ScalarsKind>().expect_err("no kind").found(), "\"huge\"");
    let shape = Shape::from(Circle { radius: 1.5 });
    let value = UnionsValue::from(true);
    let unions = Unions {
        shape,
        shapes: None,
        value,
        loose: None,
        nullable_shape: None,
        nullable_union: None,
        size: None,
        any_type: None,
    };
    let text = unions.to_bytes().expect("the value is valid");
    assert_eq!(text, r#"{"shape":{"kind":"circle","radius":1.5},"value":true}"#);
}

#[test]
fn judged_values_are_text_that_is_known_to_be_valid() {
    let id = json!("67e55044-10b1-426f-9247-bb680e5fe0c8");
    for (member, value, pointer, keyword) in [
        ("tuple", json!(["a", "b"]), "/tuple/1", Keyword::Type),
        ("conditional", json!({"kind": "a"}), "/conditional", Keyword::Required),
        ("negated", json!("never"), "/negated", Keyword::Not),
        ("overlapping", json!(6), "/overlapping", Keyword::OneOf),
        (
            "shared",
            json!({"all": [{"amount": 0}], "name": 1}),
            "/shared/all/0/amount",
            Keyword::Not,
        ),
        ("look_ahead", json!("xyz"), "/look_ahead", Keyword::Pattern),
        ("cases", json!({"kind": "odd", "size": 2}), "/cases", Keyword::Not),
    ] {
        let mut document = json!({ "id": id });
        document[member] = value;
        assert_eq!(
            refused::<Judged>(&document),
            (pointer.to_owned(), keyword),
            "{document}"
        );
    }
    let text = r#"{"id": "67e55044-10b1-426f-9247-bb680e5fe0c8", "tuple": ["a", 1, 1]}"#;
    let error = Judged::decode(text.as_bytes()).expect_err("the third item is no boolean");
    assert_eq!(error.offset(), text.rfind('1'));
    assert_eq!((error.expected(), error.found()), ("a value of the type boolean", "1"));
    let error = Judged::decode(br#"{"id": "67e55044-10b1-426f-9247-bb680e5fe0c8", "named": {"a": 1, "a": 1}}"#)
        .expect_err("a member stands twice");
    assert_eq!((error.pointer(), error.keyword()), ("/named/a", Keyword::Duplicate));

    let tuple = JudgedTuple::new(FreeForm::from(json!(["a", 1, true]))).expect("the value is valid");
    assert_eq!(
        tuple.get::<(String, i64, bool)>().expect("it is of that type"),
        ("a".to_owned(), 1, true)
    );
    assert_eq!(tuple.to_value().expect("it is JSON"), json!(["a", 1, true]));
    assert_eq!(tuple.as_free_form().as_str(), r#"["a",1,true]"#);
    let error = Rule::try_from(FreeForm::from(json!({"all": [{"amount": 0}], "name": 1}))).expect_err("no rule");
    assert_eq!((error.pointer(), error.offset()), ("/all/0/amount", None));
    let odd = OddCase::new(FreeForm::from(json!({"kind": "odd"}))).expect("the value is valid");
    assert!(matches!(JudgedCases::from(odd), JudgedCases::Odd(_)));
}
