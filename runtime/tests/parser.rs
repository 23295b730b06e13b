//! What the reader of documents takes for JSON, next to what `serde_json` takes for it.
//!
//! Every document is read in each way that generated code has: as text whose inside does not matter, value by value, and
//! as an object with named members. A verdict other than `serde_json`'s is in the tables with its reason.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on stops"
)]

#[path = "support/readers.rs"]
mod readers;

use bytes::BytesMut;
use natsmith_runtime::json::{Codec, Cursor, DEPTH, Integer, Parsed};
use natsmith_runtime::{FreeForm, Keyword};
use proptest::prelude::*;
use readers::{Json, Verdicts, agree, decode, verdicts};
use serde_json::Value;

/// A document of which the readers agree that it is JSON, or that it is not.
fn verdict(document: &[u8], good: bool) {
    agree(document);
    let verdicts = verdicts(document);
    assert_eq!(verdicts.serde, good, "{}", String::from_utf8_lossy(document));
    assert_eq!(verdicts.read.is_none(), good, "{}", String::from_utf8_lossy(document));
}

const GOOD: &[&str] = &[
    // White space of the four kinds, everywhere.
    " \t\r\n{ \t\r\n\"a\" \t\r\n: \t\r\n[ \t\r\n1 \t\r\n, \t\r\n2 \t\r\n] \t\r\n} \t\r\n",
    "{}",
    "[]",
    "[[],{}]",
    "null",
    "true",
    "false",
    // Numbers.
    "0",
    "-0",
    "-0.0",
    "0e0",
    "0E+0",
    "1e3",
    "10e-1",
    "1.0",
    "1e19",
    "0.1e1",
    "1e-400",
    "-1e-400",
    "5e-324",
    "1.7976931348623157e308",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "18446744073709551615",
    "18446744073709551616",
    "0.30000000000000004",
    "123456789012345678",
    "0.00000000000000000000000000000001",
    // Text.
    r#""""#,
    r#""\"\\\/\b\f\n\r\t""#,
    r#""\u0000\u001f\u007f\u00e9\uFFFF\uffff""#,
    r#""\ud83d\ude00\uDBFF\uDFFF""#,
    "\"\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}\u{feff}\u{2028}\u{2029}\"",
    // Names.
    r#"{"":1}"#,
    r#"{"":{"":[]}}"#,
    r#"{"\u0061":1,"\u0062":2}"#,
    r#"{"a":1,"A":2,"aa":3,"a ":4}"#,
];

const BAD: &[&str] = &[
    "",
    " ",
    "{",
    "}",
    "[",
    "]",
    "{]",
    "[}",
    "[1}",
    r#"{"a":1]"#,
    "1 2",
    "{}{}",
    "[],",
    // Commas and colons.
    "[1,]",
    "[,]",
    "[,1]",
    "[1,,2]",
    "[1 2]",
    "{,}",
    r#"{"a":1,}"#,
    r#"{,"a":1}"#,
    r#"{"a"}"#,
    r#"{"a":}"#,
    r#"{"a" 1}"#,
    r#"{"a"::1}"#,
    r#"{"a":1 "b":2}"#,
    r#"{"a":1:2}"#,
    // Names that are none.
    "{a:1}",
    "{1:1}",
    "{null:1}",
    "{'a':1}",
    "{[]:1}",
    // Other languages.
    "/**/1",
    "1//",
    "[1/**/]",
    "# 1\n1",
    "'a'",
    "`a`",
    "NaN",
    "nan",
    "Infinity",
    "-Infinity",
    "undefined",
    "None",
    "TRUE",
    "True",
    "Null",
    "nul",
    "tru",
    "fals",
    "nulll",
    "truefalse",
    "0x10",
    "1_000",
    "1n",
    // Numbers.
    "01",
    "00",
    "-01",
    "-",
    "--1",
    "+1",
    "-+1",
    ".5",
    "-.5",
    "1.",
    "1.e1",
    "1e",
    "1e+",
    "1e-",
    "1e1.5",
    "1ee1",
    "1.2.3",
    "1,5",
    "1e400",
    "-1e400",
    "1e999999999999999999999999",
    "[1e400]",
    "\u{661}",
    "\u{ff11}",
    // Text.
    "\"",
    "\"a",
    r#""\""#,
    r#""\x""#,
    r#""\'""#,
    r#""\U0041""#,
    r#""\u""#,
    r#""\u1""#,
    r#""\u12""#,
    r#""\u123""#,
    r#""\u123g""#,
    r#""\u+123""#,
    r#""\u 123""#,
    r#""\u{61}""#,
    "\"\\",
    "\"\\u",
    "\"\\\u{e9}\"",
    "\"\\u00\u{e9}\"",
    // Halves of surrogate pairs.
    r#""\ud800""#,
    r#""\udbff""#,
    r#""\udc00""#,
    r#""\udfff""#,
    r#""\ud800\u0041""#,
    r#""\ud800\ud800""#,
    r#""\udc00\ud800""#,
    r#""\ud800x""#,
    r#""\ud800\n""#,
    r#""\ud800\"#,
    r#"{"\ud800":1}"#,
    // Marks and white space of other kinds.
    "\u{feff}1",
    "\u{feff}{}",
    "1\u{feff}",
    "\u{a0}1",
    "1\u{2003}",
    "\u{b}1",
    "\u{c}1",
    "1\u{85}",
    "[1\u{2028}]",
    "\0",
    "1\0",
    "\u{0}1",
    "[\0]",
    "{\0}",
    "{\"a\"\0:1}",
    "{\"a\":\0 1}",
];

#[test]
fn what_is_json_and_what_is_not() {
    for text in GOOD {
        verdict(text.as_bytes(), true);
        // Inside others, behind a name that is expected and one that is not.
        for around in [
            ["[", "]"],
            ["{\"a\":", "}"],
            ["{\"b\":1,\"c\":[", "]}"],
            ["[[],", ",0]"],
        ] {
            verdict(format!("{}{text}{}", around[0], around[1]).as_bytes(), true);
        }
    }
    for text in BAD {
        verdict(text.as_bytes(), false);
        // Alone, these end what stands around them.
        if !["", " ", "]", "}", "1 2", "{}{}", "[],", "1,5", "[,]"].contains(text) {
            for around in [["[", "]"], ["{\"a\":", "}"], ["{\"c\":", ",\"a\":1}"], ["[[],", ",0]"]] {
                verdict(format!("{}{text}{}", around[0], around[1]).as_bytes(), false);
            }
        }
    }
}

#[test]
fn long_numbers() {
    for (digits, fits) in [
        (17, true),
        (18, true),
        (19, true),
        (20, true),
        (309, true),
        (310, false),
        (400, false),
    ] {
        for digit in ["1", "9"] {
            let number = digit.repeat(digits);
            // 309 nines are beyond the largest float.
            let good = fits && !(digits == 309 && digit == "9");
            verdict(number.as_bytes(), good);
            verdict(format!("-{number}").as_bytes(), good);
            verdict(format!("{number}.5e-{digits}").as_bytes(), true);
            verdict(format!("0.{number}").as_bytes(), true);
            verdict(format!("0.{}{digit}", "0".repeat(digits)).as_bytes(), true);
        }
    }
}

/// Floats are the ones nearest to what is written.
#[test]
fn numbers_are_rounded_correctly() {
    for text in [
        "0.1",
        "-0.0",
        "123456789012345.6",
        "1234567890123456.7",
        "9007199254740993",
        "9007199254740993.0",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "4.9e-324",
        "2.4703282292062328e-324",
        "1.7976931348623158e308",
        "8.442911973260991817129021e-309",
        "0.000000000000000000000000000000000000000001e42",
        "7.2057594037927933e16",
    ] {
        let expected: f64 = text.parse().unwrap();
        let read = decode::<f64>(text.as_bytes()).unwrap();
        assert_eq!(read.to_bits(), expected.to_bits(), "{text}");
    }
}

/// What a type of 64 bits makes of a number.
#[test]
fn integers_in_every_spelling() {
    use Keyword::{IntegerRange, Minimum, Syntax, Type};
    type Row = (&'static str, Result<i64, Keyword>, Result<u64, Keyword>);
    let rows: &[Row] = &[
        ("0", Ok(0), Ok(0)),
        ("-0", Ok(0), Ok(0)),
        ("-0.0", Ok(0), Ok(0)),
        ("0.0e9", Ok(0), Ok(0)),
        ("1e3", Ok(1000), Ok(1000)),
        ("1E+3", Ok(1000), Ok(1000)),
        ("10e-1", Ok(1), Ok(1)),
        ("1.0", Ok(1), Ok(1)),
        ("0.1e1", Ok(1), Ok(1)),
        ("0.00000000000000000001e20", Ok(1), Ok(1)),
        ("-1", Ok(-1), Err(Minimum)),
        ("-1.0e0", Ok(-1), Err(Minimum)),
        ("1e18", Ok(1_000_000_000_000_000_000), Ok(1_000_000_000_000_000_000)),
        ("1e19", Err(IntegerRange), Ok(10_000_000_000_000_000_000)),
        ("1e20", Err(IntegerRange), Err(IntegerRange)),
        ("9223372036854775807", Ok(i64::MAX), Ok(9_223_372_036_854_775_807)),
        ("9223372036854775807.0", Ok(i64::MAX), Ok(9_223_372_036_854_775_807)),
        ("9223372036854775808", Err(IntegerRange), Ok(9_223_372_036_854_775_808)),
        ("-9223372036854775808", Ok(i64::MIN), Err(Minimum)),
        ("-9223372036854775809", Err(IntegerRange), Err(Minimum)),
        ("18446744073709551615", Err(IntegerRange), Ok(u64::MAX)),
        ("1844674407370955161.5e1", Err(IntegerRange), Ok(u64::MAX)),
        ("18446744073709551616", Err(IntegerRange), Err(IntegerRange)),
        ("1e400", Err(IntegerRange), Err(IntegerRange)),
        ("-1e400", Err(IntegerRange), Err(Minimum)),
        ("0e400", Ok(0), Ok(0)),
        ("0.5", Err(Type), Err(Type)),
        ("1e-400", Err(Type), Err(Type)),
        ("9223372036854775807.5", Err(Type), Err(Type)),
        ("true", Err(Type), Err(Type)),
        ("\"1\"", Err(Type), Err(Type)),
        ("null", Err(Type), Err(Type)),
        ("01", Err(Syntax), Err(Syntax)),
        ("-", Err(Syntax), Err(Syntax)),
        ("1.", Err(Syntax), Err(Syntax)),
        ("1e", Err(Syntax), Err(Syntax)),
        ("+1", Err(Syntax), Err(Syntax)),
    ];
    for (text, signed, unsigned) in rows {
        let read = decode::<i64>(text.as_bytes()).map_err(|error| error.keyword());
        assert_eq!(read, *signed, "{text}");
        let read = decode::<u64>(text.as_bytes()).map_err(|error| error.keyword());
        assert_eq!(read, *unsigned, "{text}");
    }
}

static SMALL: Integer = Integer::any().maximum(255);

#[derive(Debug)]
struct Small(u8);

impl Codec for Small {
    fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.integer(&SMALL).map(Self)
    }

    fn write(&self, out: &mut BytesMut) {
        self.0.write(out);
    }
}

/// What breaks a rule of the schema and one of the type is told about the schema's.
#[test]
fn rules_come_before_types() {
    for (text, expected) in [
        ("2.55e2", Ok(255)),
        ("256", Err(Keyword::Maximum)),
        ("1e400", Err(Keyword::Maximum)),
        ("-1", Err(Keyword::IntegerRange)),
    ] {
        let read = decode::<Small>(text.as_bytes());
        assert_eq!(
            read.map(|value| value.0).map_err(|error| error.keyword()),
            expected,
            "{text}"
        );
    }
}

/// `serde_json` takes the last of two members; here both are refused where members are read, and none where they are
/// not.
#[test]
fn members_that_stand_twice() {
    let twice = Some(Keyword::Duplicate);
    for (text, read, named) in [
        (r#"{"a":1,"a":1}"#, twice, twice),
        (r#"{"a":1,"\u0061":2}"#, twice, twice),
        (r#"{"\u0061":1,"a":2}"#, twice, twice),
        (r#"{"b":1,"a":1,"b":2}"#, twice, twice),
        (r#"{ "a" : 1 , "a" : 2 }"#, twice, twice),
        (r#"{"c":1,"c":2}"#, twice, None),
        (r#"{"":1,"":2}"#, twice, None),
        (r#"{"a":{"c":1,"\u0063":2}}"#, twice, None),
        (r#"{"a":{"a":1},"b":{"a":1}}"#, None, None),
    ] {
        let expected = Verdicts {
            serde: true,
            skipped: None,
            read,
            named,
        };
        // What is read differs from serde's where it is not refused, so that only the verdicts are compared.
        assert_eq!(verdicts(text.as_bytes()), expected, "{text}");
    }
}

/// `serde_json` reads one level less.
#[test]
fn depth_is_bounded() {
    let levels = DEPTH as usize;
    for (open, middle, close) in [("[", "", "]"), ("{\"a\":", "1", "}"), ("[{\"c\":", "1", "}]")] {
        let each = open.matches(['[', '{']).count();
        let nested = |times: usize| open.repeat(times) + middle + &close.repeat(times);
        for times in 1..(levels - 1) / each {
            verdict(nested(times).as_bytes(), true);
        }
        let deepest = nested(levels / each);
        assert!(decode::<FreeForm>(deepest.as_bytes()).is_ok());
        assert!(decode::<Json>(deepest.as_bytes()).is_ok());
        for times in [levels / each + 1, 1_000_000] {
            for document in [nested(times), open.repeat(times)] {
                let Verdicts {
                    serde, skipped, read, ..
                } = verdicts(document.as_bytes());
                assert_eq!(
                    (serde, skipped, read),
                    (false, Some(Keyword::Depth), Some(Keyword::Depth))
                );
            }
        }
    }
    // What is closed no longer counts.
    verdict(format!("[{}[]]", "[[[]]],{\"a\":{}},".repeat(1000)).as_bytes(), true);
}

/// One document with everything in it.
const WHOLE: &str = "{\"a\": [1, -2.5e-3, true, false, null, {\"\": {}}], \"\\u0062\": \"\u{e9}\\ud83d\\ude00\u{1F600}\\n\",\
                     \"c\":{\"d\":[[],[0]],\"\u{e9}\\\\\":\"\"},\n\t\"long name of a member\": \"long text, longer than a word\"}";

#[test]
fn truncated_documents() {
    for text in GOOD.iter().chain(&[WHOLE]) {
        verdict(text.as_bytes(), true);
        for end in 0..text.len() {
            agree(&text.as_bytes()[..end]);
        }
    }
    for end in 0..WHOLE.len() {
        verdict(&WHOLE.as_bytes()[..end], false);
    }
}

/// Every byte of a document, replaced by every byte.
#[test]
fn damaged_documents() {
    for at in 0..WHOLE.len() {
        for byte in 0..=u8::MAX {
            let mut damaged = WHOLE.as_bytes().to_vec();
            damaged[at] = byte;
            agree(&damaged);
        }
    }
}

#[test]
fn bytes_that_are_no_utf8() {
    let sequences: &[&[u8]] = &[
        // Alone, or cut.
        b"\x80",
        b"\xbf",
        b"\xc3",
        b"\xe2\x82",
        b"\xf0\x9f\x98",
        b"\xff",
        b"\xfe",
        // Too long for what they stand for.
        b"\xc0\x80",
        b"\xc1\xbf",
        b"\xe0\x80\x80",
        b"\xe0\x9f\xbf",
        b"\xf0\x80\x80\x80",
        b"\xf0\x8f\xbf\xbf",
        b"\xc0\xa2",
        // Surrogates, alone and as a pair.
        b"\xed\xa0\x80",
        b"\xed\xbf\xbf",
        b"\xed\xa0\xbd\xed\xb8\x80",
        // Beyond Unicode.
        b"\xf4\x90\x80\x80",
        b"\xf5\x80\x80\x80",
        b"\xf8\x88\x80\x80\x80",
    ];
    for sequence in sequences {
        for at in (0..=WHOLE.len()).filter(|at| WHOLE.is_char_boundary(*at)) {
            let document = [&WHOLE.as_bytes()[..at], sequence, &WHOLE.as_bytes()[at..]].concat();
            verdict(&document, false);
            let error = decode::<FreeForm>(&document).unwrap_err();
            assert_eq!((error.keyword(), error.offset()), (Keyword::Encoding, Some(at)));
        }
    }
}

/// Pieces of JSON, so that random ones are often almost JSON.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"a\"",
    "\"b\"",
    "\"\\u0061\"",
    "\"\"",
    "1",
    "-",
    "0",
    ".5",
    "e3",
    "E-2",
    "true",
    "null",
    " ",
    "\n",
    "\"",
    "\\",
    "\\u00e9",
    "\\ud83d",
    "\\ude00",
    "\u{e9}",
    "\u{1F600}",
    "\0",
    "{\"a\":",
    "{\"a\":1,\"b\":",
    "[1,",
    "9007199254740993",
    "false",
];

fn json() -> impl Strategy<Value = Value> {
    let text = proptest::collection::vec(any::<char>(), 0..12).prop_map(String::from_iter);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 8, move |inner| {
        let name = prop_oneof![Just("a".to_owned()), Just("b".to_owned()), text.clone()];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            proptest::collection::btree_map(name, inner, 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn pieces_of_json(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..24)) {
        agree(pieces.concat().as_bytes());
    }

    #[test]
    fn bytes(bytes in proptest::collection::vec(any::<u8>(), 0..48)) {
        agree(&bytes);
    }

    #[test]
    fn values(value in json(), pretty in any::<bool>(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut text = if pretty { format!("{value:#}") } else { value.to_string() }.into_bytes();
        verdict(&text, true);
        let at = at.index(text.len());
        text[at] = byte;
        agree(&text);
        agree(&text[..at]);
    }
}
