//! Every violation of a document, where the reader of a type stops at the first.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use super::cursor::Cursor;
use super::judge;
use super::locate::push_name;
use crate::payload::{Keyword, Payload, PayloadError};

/// The validators of the payloads that were asked for, by their schemas.
static COMPILED: Mutex<Option<HashMap<&'static str, Arc<Validator>>>> = Mutex::new(None);

/// Every violation of a document; none where it is valid.
pub(crate) fn all_errors<P: Payload>(document: &[u8]) -> Vec<PayloadError> {
    let Err(first) = P::decode(document) else {
        return Vec::new();
    };
    let Ok(value) = serde_json::from_slice::<Value>(document) else {
        // Of what is no JSON, no more can be said.
        return vec![first];
    };
    let mut errors = Vec::new();
    if let Some(validator) = validator(P::SCHEMA) {
        for error in validator.iter_errors(&value) {
            violations(&error, document, &mut errors);
        }
    }
    let ours = matches!(
        first.keyword(),
        Keyword::Duplicate | Keyword::IntegerRange | Keyword::Depth | Keyword::Syntax | Keyword::Encoding
    );
    if ours || errors.is_empty() {
        errors.insert(0, first);
    }
    errors.into_iter().map(|error| error.under(P::SCHEMA)).collect()
}

fn validator(schema: &'static str) -> Option<Arc<Validator>> {
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let compiled = compiled.get_or_insert_default();
    if let Some(known) = compiled.get(schema) {
        return Some(Arc::clone(known));
    }
    let validator = Arc::new(judge::compile(schema).ok()?);
    compiled.insert(schema, Arc::clone(&validator));
    Some(validator)
}

/// What the validator says, as the reader of a type would say it: of members that are too much, one by one.
fn violations(error: &jsonschema::ValidationError<'_>, document: &[u8], errors: &mut Vec<PayloadError>) {
    let unexpected: &[String] = match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => unexpected,
        _ => &[],
    };
    let mut place = Cursor::at_start(std::str::from_utf8(document).unwrap_or_default());
    let steps = judge::steps(error);
    place.descend(steps.iter().map(String::as_str));
    let pointer = error.instance_path().to_string();
    let object = place.at;
    for name in unexpected {
        place.at = object;
        place.descend(std::iter::once(name.as_str()));
        let mut pointer = pointer.clone();
        push_name(&mut pointer, name);
        let fault = judge::fault(error, format!("\"{name}\""), steps.len() + 1);
        errors.push(fault.placed(place.at).into_error_at(pointer));
    }
    if unexpected.is_empty() {
        let fault = judge::fault(error, error.instance().to_string(), steps.len());
        errors.push(fault.placed(object).into_error_at(pointer));
    }
}
