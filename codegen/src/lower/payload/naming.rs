//! Names of types, members and variants: which are taken, and which cannot be had.

use std::collections::HashMap;

use super::{Context, Lowerer};
use crate::casing;
use crate::contract::payload::PayloadSet;
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::payload as rules;
use crate::source::{Span, Spanned};

/// Names that generated modules use themselves.
const RESERVED: &[&str] = &[
    "AsRef",
    "BTreeMap",
    "Box",
    "DateTime",
    "Err",
    "FixedOffset",
    "FreeForm",
    "From",
    "None",
    "OffsetDateTime",
    "Ok",
    "Option",
    "Result",
    "Self",
    "Some",
    "String",
    "TryFrom",
    "Uuid",
    "Vec",
    "Zoned",
];

/// The field for members that the schema does not name.
pub(super) const ADDITIONAL: &str = "additional_properties";

/// Lets open objects keep members that their schemas do not name, where they have a field for them.
pub(crate) fn keep_unknown(payloads: &mut PayloadSet, names: &[Spanned<String>], report: &mut Report) {
    let kept = payloads.keep_unknown(names.iter().map(|name| name.as_str()));
    for id in kept {
        for field in payloads.fields_of(id) {
            if casing::snake(&field.name) == ADDITIONAL {
                report.push(additional_is_taken(field.origin));
            }
        }
    }
}

fn additional_is_taken(span: Span) -> Diagnostic {
    let message = format!("the field `{ADDITIONAL}` is needed for members that the schema does not name");
    Diagnostic::new(&rules::RESERVED_NAME, span, message, "").with_help("give the member another name")
}

impl Lowerer<'_, '_> {
    /// Takes the name of a type.
    pub(super) fn take_name(&mut self, context: &Context) {
        let name = context.name.as_str();
        if RESERVED.contains(&name) {
            let message = format!("generated code needs the name `{name}` for itself");
            let diagnostic = Diagnostic::new(&rules::RESERVED_NAME, context.origin, message, "");
            self.report
                .push(diagnostic.with_help("give the schema another name, for example by a `title`"));
        }
        let key = (context.module, context.name.clone());
        if let Some(other) = self.names.insert(key, context.origin) {
            let message = format!("two types of one file would be named `{name}`");
            let diagnostic = Diagnostic::new(&rules::NAME_CLASH, context.origin, message, "")
                .with_label(other, "the other one")
                .with_help("give one of the schemas a `title` of its own, in PascalCase");
            self.report.push(diagnostic);
        }
    }

    /// Reports members of one struct that would be one field.
    pub(super) fn check_fields<'a>(&mut self, fields: impl Iterator<Item = (&'a str, Span)>, keeps_others: bool) {
        let mut taken: HashMap<String, (&str, Span)> = HashMap::new();
        for (name, span) in fields {
            let field = casing::snake(name);
            if keeps_others && field == ADDITIONAL {
                self.report.push(additional_is_taken(span));
            }
            if let Some((other, place)) = taken.insert(field.clone(), (name, span)) {
                let message = format!("the members `{other}` and `{name}` would both be the field `{field}`");
                let diagnostic = Diagnostic::new(&rules::NAME_CLASH, span, message, "")
                    .with_label(place, "the other one")
                    .with_help("rename one of them");
                self.report.push(diagnostic);
            }
        }
    }

    /// Reports values of one enumeration that would be one variant. Each comes with the variant and as people see it.
    pub(super) fn check_variants<'a>(&mut self, values: impl Iterator<Item = (String, &'a str)>, span: Span) {
        let mut taken: HashMap<String, &str> = HashMap::new();
        for (variant, shown) in values {
            if let Some(other) = taken.insert(variant.clone(), shown) {
                let message = format!("the values `{other}` and `{shown}` would both be the variant `{variant}`");
                let diagnostic = Diagnostic::new(&rules::NAME_CLASH, span, message, "");
                self.report
                    .push(diagnostic.with_help("change one of the values, or use text with a `pattern`"));
            }
        }
    }
}
