//! Validators of JSON Schema that hold documents against the formats that generated code holds them against.

use std::collections::HashMap;
use std::sync::LazyLock;

use jsonschema::{ValidationOptions, Validator};
use serde_json::{Value, json};

use crate::contract::payload::Format;

/// The formats that 2020-12 has and draft-07 has not. Generated code checks them in both.
const LATER: [Format; 2] = [Format::Duration, Format::Uuid];

static OF_FORMATS: LazyLock<HashMap<Format, Validator>> = LazyLock::new(|| {
    let validator = |format: Format| {
        let schema = json!({ "format": format.as_str() });
        let options = jsonschema::options().should_validate_formats(true);
        Some((format, options.build(&schema).ok()?))
    };
    Format::ALL.into_iter().filter_map(validator).collect()
});

/// How validators are made: with every format asserted, whatever the draft.
pub(crate) fn options() -> ValidationOptions<'static> {
    let options = jsonschema::options().should_validate_formats(true);
    LATER.into_iter().fold(options, |options, format| {
        options.with_format(format.as_str(), move |text: &str| is_of_format(format, text))
    })
}

/// Whether text is of a format.
pub(crate) fn is_of_format(format: Format, text: &str) -> bool {
    OF_FORMATS
        .get(&format)
        .is_some_and(|validator| validator.is_valid(&Value::from(text)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;
    use crate::contract::payload::Draft;

    #[test]
    fn every_draft_asserts_every_format() {
        for draft in [Draft::Draft7, Draft::Draft202012] {
            for format in Format::ALL {
                let schema = json!({ "$schema": draft.uri(), "format": format.as_str() });
                let validator = options().build(&schema).unwrap();
                let text = "\u{7f} {(";
                assert!(
                    !validator.is_valid(&Value::from(text)),
                    "{format:?} in {}",
                    draft.name()
                );
                assert!(!is_of_format(format, text), "{format:?}");
            }
        }
    }
}
