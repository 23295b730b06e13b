//! Numbers and text.

use regex::Regex;
use serde_json::Number as JsonNumber;

use super::Lowerer;
use super::part::{Part, whole};
use crate::contract::payload::{Format, Integer, Number, Pattern, Text, Type};
use crate::diagnostics::{Diagnostic, Fix};
use crate::rules::payload as rules;
use crate::source::{Entry, Node, Span, Value};

fn number(node: &Node) -> Option<&JsonNumber> {
    match &node.value {
        Value::Number(number) => Some(number),
        _ => None,
    }
}

/// The entries of a keyword in all parts.
pub(super) fn entries<'n>(parts: &[Part<'n>], key: &str) -> Vec<&'n Entry> {
    parts.iter().filter_map(|part| part.entry(key)).collect()
}

/// The least of the bounds that a keyword sets, or the greatest.
fn strictest<T: PartialOrd + Copy>(values: impl Iterator<Item = T>, greatest: bool) -> Option<T> {
    values.reduce(|kept, next| if (next > kept) == greatest { next } else { kept })
}

pub(super) fn size(parts: &[Part<'_>], key: &str, greatest: bool) -> Option<u64> {
    let values = entries(parts, key).into_iter().filter_map(|entry| {
        let number = number(&entry.value)?;
        whole(number).and_then(|value| u64::try_from(value).ok())
    });
    strictest(values, greatest)
}

/// A lower and an upper size, such as `minItems` and `maxItems`; reported where no size lies between.
pub(super) fn sizes(lowerer: &mut Lowerer<'_, '_>, parts: &[Part<'_>], min: &str, max: &str) -> (u64, Option<u64>) {
    let least = size(parts, min, true).unwrap_or(0);
    let most = size(parts, max, false);
    if most.is_some_and(|most| most < least) {
        let message = format!("`{min}` is {least} and `{max}` is {}", most.unwrap_or_default());
        lowerer.contradiction(parts, [min, max], message);
    }
    (least, most)
}

impl<'n> Lowerer<'n, '_> {
    pub(super) fn integer(&mut self, parts: &[Part<'n>]) -> Type {
        let bound = |key: &str, greatest: bool, exclusive: bool| {
            let values = entries(parts, key).into_iter().filter_map(|entry| {
                let number = number(&entry.value)?;
                // Of whole numbers, `minimum: 0.5` allows what `minimum: 1` allows.
                whole(number).or_else(|| {
                    let value = number.as_f64()?;
                    let rounded = if greatest == exclusive {
                        value.floor()
                    } else {
                        value.ceil()
                    };
                    whole(&JsonNumber::from_f64(rounded)?)
                })
            });
            strictest(values, greatest)
        };
        let mut integer = Integer {
            minimum: bound("minimum", true, false),
            exclusive_minimum: bound("exclusiveMinimum", true, true),
            maximum: bound("maximum", false, false),
            exclusive_maximum: bound("exclusiveMaximum", false, true),
            multiple_of: None,
            allowed: Vec::new(),
        };
        integer.multiple_of = self.whole_divisor(parts);
        if integer
            .lowest()
            .zip(integer.highest())
            .is_some_and(|(lowest, highest)| lowest > highest)
        {
            let keys = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"];
            self.contradiction(parts, keys, "no integer lies between the bounds");
        }
        let beyond = integer.lowest().is_some_and(|lowest| lowest > i128::from(u64::MAX))
            || integer.highest().is_some_and(|highest| highest < i128::from(i64::MIN))
            || integer.lowest().is_some_and(|lowest| lowest < i128::from(i64::MIN))
            || integer.highest().is_some_and(|highest| highest > i128::from(u64::MAX));
        if beyond {
            let keys = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"];
            let place = keys.iter().flat_map(|key| entries(parts, key)).next();
            if let Some(place) = place
                .map(|entry| entry.key_span)
                .or(parts.first().map(|part| part.node.span))
            {
                self.obstacle(place, "a bound lies beyond what 64 bits hold");
            }
        }
        Type::Integer(integer)
    }

    /// `multipleOf` for integers: an integer is a multiple of 3/2 exactly when it is one of 3.
    fn whole_divisor(&mut self, parts: &[Part<'n>]) -> Option<i128> {
        let entries = entries(parts, "multipleOf");
        let (first, others) = entries.split_first()?;
        if let Some(other) = others.iter().find(|other| other.value.value != first.value.value) {
            self.obstacle(other.key_span, "two values of `multipleOf` hold together");
        }
        let number = number(&first.value)?;
        let divisor = whole(number).or_else(|| numerator(&number.to_string()));
        if divisor.is_none() {
            self.obstacle(first.key_span, "`multipleOf` has many digits");
        }
        divisor.filter(|divisor| *divisor != 1)
    }

    pub(super) fn number(&mut self, parts: &[Part<'n>]) -> Type {
        let bound = |key: &str, greatest: bool| {
            let values = entries(parts, key)
                .into_iter()
                .filter_map(|entry| number(&entry.value)?.as_f64());
            strictest(values, greatest)
        };
        let result = Number {
            minimum: bound("minimum", true),
            exclusive_minimum: bound("exclusiveMinimum", true),
            maximum: bound("maximum", false),
            exclusive_maximum: bound("exclusiveMaximum", false),
            multiple_of: bound("multipleOf", true),
        };
        let divisors = entries(parts, "multipleOf");
        if let [first, .., last] = divisors.as_slice()
            && first.value.value != last.value.value
        {
            self.obstacle(last.key_span, "two values of `multipleOf` hold together");
        }
        let lowest = strictest([result.minimum, result.exclusive_minimum].into_iter().flatten(), true);
        let highest = strictest([result.maximum, result.exclusive_maximum].into_iter().flatten(), false);
        let open = result.exclusive_minimum == lowest || result.exclusive_maximum == highest;
        if lowest
            .zip(highest)
            .is_some_and(|(lowest, highest)| lowest > highest || open && lowest >= highest)
        {
            let keys = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"];
            self.contradiction(parts, keys, "no number lies between the bounds");
        }
        Type::Number(result)
    }

    pub(super) fn text(&mut self, parts: &[Part<'n>]) -> Type {
        let text = self.text_rules(parts);
        let plain = Text::default();
        match text.format {
            Some(Format::Uuid)
                if (Text {
                    format: None,
                    ..text.clone()
                }) == plain =>
            {
                Type::Uuid
            }
            Some(Format::DateTime)
                if (Text {
                    format: None,
                    ..text.clone()
                }) == plain =>
            {
                Type::DateTime
            }
            _ => Type::Text(text),
        }
    }

    pub(super) fn text_rules(&mut self, parts: &[Part<'n>]) -> Text {
        let (min_length, max_length) = sizes(self, parts, "minLength", "maxLength");
        Text {
            min_length,
            max_length,
            pattern: self.pattern(parts),
            format: self.format(parts),
        }
    }

    fn pattern(&mut self, parts: &[Part<'n>]) -> Option<Pattern> {
        let entries = entries(parts, "pattern");
        let (first, others) = entries.split_first()?;
        if let Some(other) = others.iter().find(|other| other.value.value != first.value.value) {
            self.obstacle(other.key_span, "two patterns hold together");
        }
        let source = first.value.as_str()?;
        let compiled = jsonschema_regex::to_rust_regex(source)
            .map_err(|()| "it is not of the syntax that ECMA-262 defines".to_owned())
            .and_then(|rust| match Regex::new(&rust) {
                Ok(_) => Ok(rust.into_owned()),
                Err(error) => Err(last_line(&error.to_string())),
            });
        match compiled {
            Ok(rust) => Some(Pattern {
                source: source.to_owned(),
                rust,
            }),
            Err(reason) => {
                if self.judgeable_pattern(source, first.value.span, &reason) {
                    self.obstacle(first.key_span, "`pattern` is none that Rust's `regex` takes");
                }
                None
            }
        }
    }

    /// Whether a validator can hold text against a pattern; reported where it cannot.
    pub(super) fn judgeable_pattern(&mut self, source: &str, span: Span, reason: &str) -> bool {
        let judged = jsonschema::options()
            .build(&serde_json::json!({ "pattern": source }))
            .is_ok();
        if !judged {
            let message = format!("the pattern is no regular expression: {reason}");
            let help = "write it in the syntax of the Rust crate `regex`, which its documentation lists";
            let diagnostic = Diagnostic::new(&rules::PATTERN, span, message, "").with_help(help);
            self.report.push(diagnostic);
        }
        judged
    }

    fn format(&mut self, parts: &[Part<'n>]) -> Option<Format> {
        let mut known = None;
        for entry in entries(parts, "format") {
            let name = entry.value.as_str().unwrap_or_default();
            match Format::ALL.into_iter().find(|format| format.as_str() == name) {
                Some(format) if known.is_none_or(|known| known == format) => known = Some(format),
                Some(_) => self.obstacle(entry.key_span, "two formats hold together"),
                None if ["idn-email", "idn-hostname"].contains(&name) => {
                    self.obstacle(entry.key_span, format!("`format` is `{name}`"));
                }
                None => self.unknown_format(entry),
            }
        }
        known
    }

    pub(super) fn unknown_format(&mut self, entry: &Entry) {
        let name = entry.value.as_str().unwrap_or_default();
        let message = format!("`{name}` is no format of JSON Schema and checks nothing");
        let near = crate::words::closest(name, Format::ALL.into_iter().map(Format::as_str));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "use `pattern`, or leave it out".to_owned(),
        };
        let meant = crate::words::mistyped(name, Format::ALL.into_iter().map(Format::as_str));
        let fix = meant.map(|meant| Fix::rename(entry.value.span, meant));
        let diagnostic = Diagnostic::new(&rules::UNKNOWN_FORMAT, entry.value.span, message, "");
        self.report.push(diagnostic.with_help(help).with_fix(fix));
    }
}

/// The numerator of a decimal as a fraction in lowest terms.
fn numerator(decimal: &str) -> Option<i128> {
    let (mantissa, exponent) = decimal.split_once(['e', 'E']).unwrap_or((decimal, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let scale = i32::try_from(fraction.len())
        .ok()?
        .checked_sub(exponent.parse().ok()?)?;
    let denominator = 10_i128.checked_pow(u32::try_from(scale).ok()?)?;
    let (mut divisor, mut rest) = (digits, denominator);
    while rest != 0 {
        (divisor, rest) = (rest, divisor.checked_rem(rest)?);
    }
    digits.checked_div(divisor)
}

fn last_line(error: &str) -> String {
    let line = error.lines().last().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}
