use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::json::{Borrowed, Items as Rules, Properties, read_document};
use crate::payload::Keyword;

fn list<'a, T: Borrowed<'a>>(document: &'a str) -> List<'a, T> {
    read_document(document.as_bytes(), List::read).unwrap()
}

#[test]
fn lists_are_read_item_by_item() {
    let numbers = list::<u8>(" [ 1 ,2, 3.0\n] ");
    assert_eq!((numbers.len(), numbers.as_str()), (3, "[ 1 ,2, 3.0\n]"));
    let mut items = numbers.iter();
    assert_eq!((items.next(), items.len()), (Some(1), 2));
    assert_eq!(items.collect::<Vec<_>>(), [2, 3]);
    assert_eq!(numbers.into_owned(), [1, 2, 3]);
    assert!(list::<u8>("[ ]").is_empty());
    assert_eq!(list::<u8>("[ ]").iter().next(), None);
    let nested = list::<Option<List<'_, Cow<'_, str>>>>(r#"[["a", "\u0062"], null, []]"#);
    assert_eq!(
        nested.into_owned(),
        [Some(vec!["a".to_owned(), "b".to_owned()]), None, Some(vec![])]
    );
    assert_eq!(format!("{nested:?}"), r#"[Some(["a", "b"]), None, Some([])]"#);
    assert_eq!(numbers, list::<u8>("[1,2,3]"));
    assert_ne!(numbers, list::<u8>("[1,2,4]"));
}

#[test]
fn text_without_escapes_is_borrowed() {
    let texts = list::<Cow<'_, str>>(r#"["plain", "\n"]"#);
    let borrowed: Vec<bool> = texts.iter().map(|text| matches!(text, Cow::Borrowed(_))).collect();
    assert_eq!(borrowed, [true, false]);
}

#[test]
fn maps_are_read_member_by_member() {
    let read = |document: &'static str| read_document(document.as_bytes(), Map::<u8>::read);
    let map = read(r#"{ "a": 1, "\u0062" :2 }"#).unwrap();
    assert_eq!(
        (map.len(), map.get("a"), map.get("b"), map.get("c")),
        (2, Some(1), Some(2), None)
    );
    let owned = BTreeMap::from([("a".to_owned(), 1), ("b".to_owned(), 2)]);
    assert_eq!(map.into_owned(), owned);
    assert_eq!(map, read(r#"{"b":2,"a":1}"#).unwrap());
    assert_ne!(map, read(r#"{"b":2,"a":2}"#).unwrap());
    assert!(read("{}").unwrap().iter().next().is_none());
    for (document, pointer) in [(r#"{"a":1,"a":1}"#, "/a"), (r#"{"b":1,"\u0062":1}"#, "/b")] {
        let error = read(document).unwrap_err();
        assert_eq!((error.pointer(), error.keyword()), (pointer, Keyword::Duplicate));
    }
}

#[test]
fn members_that_the_schema_names_are_no_part_of_a_map() {
    let document = r#"{"named": {"x": 1}, "a": 1, "other": [2], "b": 2}"#;
    let map = read_document(document.as_bytes(), |cursor| {
        let mut names = crate::json::Names::<u8>::new();
        let mut members = cursor.object::<1>(&["named", "other"])?;
        while let Some(member) = members.next(cursor)? {
            match member {
                2 => members.borrow_additional(cursor, &mut names, Borrowed::read)?,
                _ => cursor.skip()?,
            }
        }
        Ok(members.rest(cursor, &names))
    })
    .unwrap();
    let members: Vec<(Cow<'_, str>, u8)> = map.iter().collect();
    assert_eq!(members, [("a".into(), 1), ("b".into(), 2)]);
    assert_eq!((map.get("b"), map.get("named"), map.get("x")), (Some(2), None, None));
}

#[test]
fn rules_hold_for_the_whole_list_and_map() {
    static FEW: Rules = Rules::any().max(2).unique();
    static ONE: Properties = Properties::any().max(1);
    let items = |document: &'static str| {
        read_document(document.as_bytes(), |cursor| cursor.borrow_array(&FEW, u8::read)).map(|list| list.len())
    };
    assert_eq!(items("[1,2]"), Ok(2));
    for (document, pointer, keyword) in [
        ("[1,2,3]", "", Keyword::MaxItems),
        ("[1,1.0]", "", Keyword::UniqueItems),
        ("[1,256]", "/1", Keyword::Maximum),
        ("{}", "", Keyword::Type),
    ] {
        let error = items(document).unwrap_err();
        assert_eq!((error.pointer(), error.keyword()), (pointer, keyword));
    }
    let error = read_document(br#"{"a":1,"b":2}"#, |cursor| cursor.borrow_map(&ONE, u8::read)).unwrap_err();
    assert_eq!((error.pointer(), error.keyword()), ("", Keyword::MaxProperties));
}

#[test]
fn free_form_values_are_read_on_demand() {
    let value = read_document(br#" {"a": ["b", 1.50]} "#, FreeForm::read).unwrap();
    assert_eq!(value.as_str(), r#"{"a": ["b", 1.50]}"#);
    assert_eq!(value.to_value().unwrap(), json!({"a": ["b", 1.5]}));
    let inner: BTreeMap<&str, (&str, f64)> = value.get().unwrap();
    assert_eq!(inner["a"], ("b", 1.5));
    assert!(value.is_object());
    assert_eq!(crate::FreeForm::from(value).as_str(), value.as_str());
    assert!(read_document(b"[]", FreeForm::read_object).is_err());
}
