//! Holds what a payload type says of documents against what a JSON Schema validator says.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on stops"
)]

use std::fmt::Debug;

use natsmith_runtime::{Keyword, Payload, PayloadError};
use serde_json::Value;

use crate::mutate::{Random, damage, mutate};

/// The judge: formats are asserted in every draft, also those that a draft does not know.
///
/// Its own reading of dates and times takes `-` and `.` for digits (jsonschema 0.60.2), so chrono reads them here.
pub(crate) fn judge(schema: &str) -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(schema).expect("a schema is JSON");
    let options = || {
        jsonschema::options()
            .should_validate_formats(true)
            .with_format("date-time", is_date_time)
            .with_format("date", |text: &str| is_date_time(&format!("{text}T00:00:00Z")))
            .with_format("time", |text: &str| {
                // A leap second is one at the end of every day, so the day does not matter.
                is_date_time(&format!("2024-01-02T{text}"))
            })
            .with_format("uuid", |text: &str| {
                natsmith_runtime::format::Format::Uuid.is_valid(text)
            })
            .with_format("duration", |text: &str| {
                natsmith_runtime::format::Format::Duration.is_valid(text)
            })
    };
    // Look-around is left to the validator's other engine.
    options()
        .with_pattern_options(jsonschema::PatternOptions::regex())
        .build(&schema)
        .or_else(|_| options().build(&schema))
        .expect("a schema compiles")
}

fn is_date_time(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let shape = |text: &str, template: &str| {
        text.len() == template.len()
            && text
                .bytes()
                .zip(template.bytes())
                .all(|(byte, expected)| match expected {
                    b'0' => byte.is_ascii_digit(),
                    b'T' => byte == b'T' || byte == b't',
                    expected => byte == expected,
                })
    };
    let Some((clock, rest)) = text.split_at_checked(19) else {
        return false;
    };
    let zone = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (fraction, zone) = rest.split_at(zone);
    let shaped = shape(clock, "0000-00-00T00:00:00")
        && (fraction.is_empty() || fraction.strip_prefix('.').is_some_and(digits))
        && (zone.eq_ignore_ascii_case("Z") || shape(zone, "+00:00") || shape(zone, "-00:00"));
    let Ok(moment) = chrono::DateTime::parse_from_rfc3339(text) else {
        return false;
    };
    let leap = clock.ends_with(":60");
    shaped && (!leap || moment.to_utc().format("%H:%M").to_string() == "23:59")
}

/// Counts of what was compared.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    /// Documents that both accept.
    pub(crate) accepted: usize,
    /// Documents that both refuse.
    pub(crate) refused: usize,
}

/// What the borrowed form of a payload makes of a document, without the document.
pub(crate) type Borrowed<P> = fn(&[u8]) -> Result<P, PayloadError>;

/// Compares on the documents themselves and on `mutants` changed ones of each; `borrowed` is held against the payload
/// on each of them, where the payload has a borrowed form.
pub(crate) fn compare<P: Payload + PartialEq + Debug>(
    borrowed: Option<Borrowed<P>>,
    documents: &[Value],
    mutants: usize,
    seed: u64,
) -> Compared {
    let judge = judge(P::SCHEMA);
    let mut random = Random::new(seed);
    let mut compared = Compared::default();
    let decode = |text: &[u8]| {
        let decoded = P::decode(text);
        if let Some(borrowed) = borrowed {
            assert_eq!(borrowed(text), decoded, "{}", String::from_utf8_lossy(text));
        }
        decoded
    };
    for document in documents {
        one(&judge, document, decode, &mut compared);
        for _ in 0..mutants {
            one(&judge, &mutate(document, &mut random), decode, &mut compared);
        }
        let text = document.to_string();
        for _ in 0..mutants {
            syntax(&damage(text.as_bytes(), &mut random), decode);
        }
        for end in 0..text.len() {
            syntax(&text.as_bytes()[..end], decode);
        }
    }
    compared
}

pub(crate) fn one<P: Payload + PartialEq + Debug>(
    judge: &jsonschema::Validator,
    document: &Value,
    decode: impl Fn(&[u8]) -> Result<P, PayloadError>,
    compared: &mut Compared,
) {
    let text = document.to_string();
    let valid = judge.is_valid(document);
    if !valid && compared.refused.is_multiple_of(16) {
        all_errors::<P>(judge, document);
    }
    match decode(text.as_bytes()) {
        Ok(value) => {
            assert!(P::decode_all_errors(text.as_bytes()).is_empty(), "{}: {text}", P::NAME);
            assert!(valid, "{} accepts what its schema refuses: {text}", P::NAME);
            compared.accepted += 1;
            round_trip(judge, &value, &text);
        }
        // The one documented difference: Rust's integers end.
        Err(error) if error.keyword() == Keyword::IntegerRange => {}
        Err(error) => {
            assert!(!valid, "{} refuses what its schema accepts: {error}: {text}", P::NAME);
            compared.refused += 1;
            let schema_says = !matches!(error.keyword(), Keyword::Duplicate | Keyword::Depth | Keyword::Syntax);
            if schema_says && compared.refused.is_multiple_of(16) {
                locate_error::<P>(judge, &error, document);
            }
            let place = document.pointer(error.pointer());
            let parent = error
                .pointer()
                .rsplit_once('/')
                .and_then(|(parent, _)| document.pointer(parent));
            assert!(
                place.or(parent).is_some(),
                "{}: {error} points nowhere: {text}",
                P::NAME
            );
        }
    }
}

/// All that the judge says is listed, once, and nothing else of the schema.
fn all_errors<P: Payload>(judge: &jsonschema::Validator, document: &Value) {
    use jsonschema::error::ValidationErrorKind;
    let mut wanted = Vec::new();
    for error in judge.iter_errors(document) {
        let place = error.instance_path().to_string();
        let name = |name: &String| format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"));
        let places = match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected }
            | ValidationErrorKind::UnevaluatedProperties { unexpected } => unexpected.iter().map(name).collect(),
            _ => vec![place],
        };
        let keyword = error.schema_path().to_string();
        wanted.extend(places.into_iter().map(|place| (place, keyword.clone())));
    }
    let mut listed = Vec::new();
    for error in P::decode_all_errors(document.to_string().as_bytes()) {
        if matches!(error.keyword(), Keyword::Duplicate | Keyword::IntegerRange) {
            continue;
        }
        let location = error.schema_location().unwrap_or_default();
        // Where there are several resources, the judge counts from the one that it is in.
        let mut known = wanted.iter().map(|(_, known)| known);
        let known = known.find(|known| has_resources(P::SCHEMA) && location.ends_with(&***known));
        let location = known.map_or_else(|| location.trim_start_matches('#').to_owned(), Clone::clone);
        listed.push((error.pointer().to_owned(), location));
    }
    wanted.sort();
    listed.sort();
    assert_eq!(listed, wanted, "{}: {document}", P::NAME);
}

/// What the judge says against a document: place, and place in the schema, also within the branches of unions.
fn objections(judge: &jsonschema::Validator, document: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for error in judge.iter_errors(document) {
        collect(&error, &mut found);
    }
    found
}

fn collect(error: &jsonschema::ValidationError<'_>, found: &mut Vec<(String, String)>) {
    use jsonschema::error::ValidationErrorKind;
    found.push((error.instance_path().to_string(), error.schema_path().to_string()));
    match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            context.iter().flatten().for_each(|error| collect(error, found));
        }
        ValidationErrorKind::PropertyNames { error } => collect(error, found),
        _ => {}
    }
}

/// Whether there are schemas with an `$id` within the schema.
fn has_resources(schema: &str) -> bool {
    schema.matches("\"$id\":").count() > 1
}

/// Holds the place in the schema that an error names against what the judge says of the same document.
pub(crate) fn locate<P: Payload>(document: &Value) {
    let Err(error) = P::decode(document.to_string().as_bytes()) else {
        panic!("{}: {document} is valid", P::NAME);
    };
    locate_error::<P>(&judge(P::SCHEMA), &error, document);
}

fn locate_error<P: Payload>(judge: &jsonschema::Validator, error: &natsmith_runtime::PayloadError, document: &Value) {
    let (name, schema) = (P::NAME, P::SCHEMA);
    let objections = objections(judge, document);
    let Some(location) = error.schema_location() else {
        panic!("{name}: {error}: no place in the schema, but {objections:?}: {document}");
    };
    let pointer = match error.keyword() {
        // The pointer leads to the member that is too much; the judge's to the object. So it is with items in draft-07.
        Keyword::AdditionalProperties | Keyword::AdditionalItems => {
            error.pointer().rsplit_once('/').map_or("", |(object, _)| object)
        }
        _ => error.pointer(),
    };
    // The judge's place is one in the resource, which a schema with an `$id` within another one is.
    let has_resources = has_resources(schema);
    // A type may be left out of `type` by an `enum` beside it.
    let beside = location
        .strip_suffix("/type")
        .filter(|_| error.keyword() == Keyword::Type);
    let beside = beside.map(|schema| format!("{}/enum", schema.trim_start_matches('#')));
    // The judge blames `maxContains` for too few items too.
    let contains = location
        .rsplit_once('/')
        .filter(|_| error.keyword() == Keyword::Contains)
        .map(|(schema, _)| format!("{}/maxContains", schema.trim_start_matches('#')));
    let ours = |(place, keyword): &(String, String)| {
        (place == pointer || place == error.pointer() || pointer.starts_with(&**place) && keyword.ends_with("Of"))
            && (location.strip_prefix('#') == Some(keyword)
                || beside.as_ref() == Some(keyword)
                || contains.as_ref() == Some(keyword)
                || has_resources && location.ends_with(&**keyword))
    };
    assert!(
        objections.iter().any(ours),
        "{name}: {error}: {location} is not among {objections:?}: {document}"
    );
}

fn round_trip<P: Payload + PartialEq + Debug>(judge: &jsonschema::Validator, value: &P, text: &str) {
    let written = match value.to_bytes() {
        Ok(written) => written,
        // Two spellings of one UUID or moment differ as text and are the same value.
        Err(error) if error.keyword() == Keyword::UniqueItems => return,
        Err(error) => panic!("{} does not write what it reads: {error}: {text}", P::NAME),
    };
    let again = P::decode(&written).unwrap_or_else(|error| panic!("{error}: {written:?}"));
    assert_eq!(*value, again, "{text}");
    let document: Value = serde_json::from_slice(&written).expect("what is written is JSON");
    assert!(
        judge.is_valid(&document),
        "{} writes what its schema refuses: {document}",
        P::NAME
    );
}

/// What is no JSON is refused; what still is, is not looked at further, for a member may now stand twice.
pub(crate) fn syntax<P: Payload>(text: &[u8], decode: impl Fn(&[u8]) -> Result<P, PayloadError>) {
    let decoded = decode(text);
    if serde_json::from_slice::<Value>(text).is_err() {
        assert!(decoded.is_err(), "{} reads {}", P::NAME, String::from_utf8_lossy(text));
    }
}
