//! Subjects, filters and templates as text.

use std::fmt::{self, Display, Write as _};

use super::{SubjectError, SubjectErrorKind, TokenError};

/// Reads the token texts out of a subject.
///
/// `literals` is what stands around the tokens of the template, dots included: one more than there are tokens.
///
/// A template that ends in `{name>}` has a tail: the last text takes all that is left.
///
/// # Errors
/// [`SubjectErrorKind::Template`] where a literal differs or a token is empty.
///
/// ```
/// use natsmith_runtime::subject::parse_template;
/// let template = "agents.{agent_id}.status.{status_type}";
/// let [agent, status] = parse_template(template, &["agents.", ".status.", ""], "agents.a7.status.idle")?;
/// assert_eq!((agent, status), ("a7", "idle"));
/// # Ok::<(), natsmith_runtime::subject::SubjectError>(())
/// ```
#[inline]
pub fn parse_template<'s, const N: usize>(
    template: &'static str,
    literals: &[&str],
    subject: &'s str,
) -> Result<[&'s str; N], SubjectError> {
    #[inline]
    fn fill<'s>(literals: &[&str], tail: bool, subject: &'s str, slots: &mut [&'s str]) -> Option<()> {
        let (first, literals) = literals.split_first()?;
        let mut rest = subject.strip_prefix(first)?;
        let count = slots.len();
        if literals.len() != count {
            return None;
        }
        for (place, (slot, literal)) in slots.iter_mut().zip(literals).enumerate() {
            let takes_all = tail && place + 1 == count;
            let length = if takes_all { rest.len() } else { token_length(rest) };
            let (token, behind) = rest.split_at_checked(length)?;
            if token.is_empty() {
                return None;
            }
            *slot = token;
            rest = behind.strip_prefix(literal)?;
        }
        rest.is_empty().then_some(())
    }

    let mut found = [""; N];
    match fill(literals, template.ends_with(">}"), subject, &mut found) {
        Some(()) => Ok(found),
        None => Err(SubjectErrorKind::Template {
            template,
            subject: subject.to_owned(),
        }
        .into()),
    }
}

/// How many bytes stand before the next dot or the end, found eight at a time: ids are long.
#[inline]
pub(super) fn token_length(text: &str) -> usize {
    const DOTS: u64 = u64::from_ne_bytes([b'.'; 8]);
    const LOW: u64 = u64::from_ne_bytes([0x7f; 8]);
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let mut length = 0;
    for word in words {
        // The highest bit of each byte that is a dot, and no other bit.
        let word = u64::from_le_bytes(*word) ^ DOTS;
        let dots = !(((word & LOW) + LOW) | word | LOW);
        if dots != 0 {
            return length + dots.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    length + rest.iter().take_while(|byte| **byte != b'.').count()
}

/// The first token of what is left of a subject, and what stands behind it, if anything; nothing where the token is empty.
///
/// ```
/// use natsmith_runtime::subject::next_token;
/// assert_eq!(next_token(Some("a7.idle")), Some(("a7", Some("idle"))));
/// assert_eq!(next_token(Some("idle")), Some(("idle", None)));
/// assert_eq!(next_token(None), None);
/// ```
#[inline]
#[must_use]
pub fn next_token(rest: Option<&str>) -> Option<(&str, Option<&str>)> {
    let rest = rest?;
    let (token, behind) = rest.split_at_checked(token_length(rest))?;
    (!token.is_empty()).then_some((token, behind.get(1..)))
}

/// Writes a template as a filter: each token's value, or `*` where there is none, `>` for a tail.
///
/// # Errors
/// Only those of the formatter.
pub fn write_filter(
    f: &mut fmt::Formatter<'_>,
    template: &'static str,
    tokens: &[Option<&dyn Display>],
) -> fmt::Result {
    let mut tokens = tokens.iter();
    for (position, part) in template.split('.').enumerate() {
        if position > 0 {
            f.write_char('.')?;
        }
        if !is_place(part) {
            f.write_str(part)?;
        } else if let Some(Some(token)) = tokens.next() {
            write!(f, "{token}")?;
        } else {
            f.write_char(if part.ends_with(">}") { '>' } else { '*' })?;
        }
    }
    Ok(())
}

fn is_place(part: &str) -> bool {
    part.starts_with('{') && part.ends_with('}')
}

/// Whether a filter hears a subject, as the server decides it.
///
/// Malformed input, such as an empty token or a `>` that is not last, matches nothing.
///
/// ```
/// use natsmith_runtime::subject::matches;
/// assert!(matches("agents.*.status.>", "agents.a7.status.idle"));
/// assert!(!matches("agents.*.status", "agents.a7.status.idle"));
/// ```
#[must_use]
pub fn matches(filter: &str, subject: &str) -> bool {
    let (mut parts, mut texts) = (filter.split('.'), subject.split('.'));
    loop {
        match (parts.next(), texts.next()) {
            (None, None) => return true,
            (Some(">"), Some(text)) => {
                return parts.next().is_none() && !text.is_empty() && texts.all(|text| !text.is_empty());
            }
            (Some(part), Some(text)) if !text.is_empty() && (part == "*" || part == text) => {}
            _ => return false,
        }
    }
}

/// Checks that a text can stand as one token of a subject: not empty, and without `.`, `*`, `>`, white space or
/// control characters, any of which would make another subject of it.
///
/// # Errors
/// Names the token, what it may be, and what was found.
#[inline]
pub fn check_token(name: &'static str, text: &str) -> Result<(), TokenError> {
    // Without a way out in the middle, so that the compiler looks at many bytes at once.
    let unusual = text.bytes().fold(false, |unusual, byte| {
        unusual | matches!(byte, 0..=b' ' | b'.' | b'*' | b'>' | 0x7f..)
    });
    if (unusual && text.contains(harmful)) || text.is_empty() {
        return Err(TokenError::new(
            name,
            "a text without `.`, `*`, `>`, white space or control characters, and not empty",
            text,
        ));
    }
    Ok(())
}

/// Checks that a text can stand at the end of a subject as one or more tokens: as [`check_token`], but with dots between
/// tokens.
///
/// # Errors
/// Names the token, what it may be, and what was found.
pub fn check_tail(name: &'static str, text: &str) -> Result<(), TokenError> {
    if text.split('.').all(|token| check_token(name, token).is_ok()) {
        return Ok(());
    }
    Err(TokenError::new(
        name,
        "tokens with dots between them, without `*`, `>`, white space or control characters, and none of them empty",
        text,
    ))
}

fn harmful(c: char) -> bool {
    matches!(c, '.' | '*' | '>') || c.is_whitespace() || c.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition, said once more and slowly: walk both token lists recursively.
    fn model(filter: &[&str], subject: &[&str]) -> bool {
        match (filter, subject) {
            ([], []) | ([">"], [_, ..]) => true,
            ([">", ..], _) => false,
            ([first, filter @ ..], [text, subject @ ..]) => (*first == "*" || first == text) && model(filter, subject),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn matches_agrees_with_the_model(
            filter in prop::collection::vec(prop::sample::select(vec!["a", "b", "*", ">", ""]), 1..6),
            subject in prop::collection::vec(prop::sample::select(vec!["a", "b", "*", ">", ""]), 1..6),
        ) {
            let expected = !subject.contains(&"") && model(&filter, &subject);
            prop_assert_eq!(matches(&filter.join("."), &subject.join(".")), expected);
        }

        #[test]
        fn a_checked_token_survives_the_template(text in "\\PC{0,8}") {
            let subject = format!("a.{text}.b");
            if check_token("t", &text).is_ok() {
                prop_assert_eq!(parse_template::<1>("a.{t}.b", &["a.", ".b"], &subject).unwrap(), [text.as_str()]);
                prop_assert!(matches("a.*.b", &subject));
            }
        }
    }

    #[test]
    fn a_subject_of_another_shape_is_refused() {
        for subject in ["", "a", "a.x", "a.x.c", "a.x.b.d", "a..b", "x.a.b", ".x.b"] {
            let error = parse_template::<1>("a.{t}.b", &["a.", ".b"], subject).unwrap_err();
            assert!(
                matches!(error.kind(), SubjectErrorKind::Template { .. }),
                "{subject}: {error}"
            );
        }
        assert!(parse_template::<2>("a.{t}.b", &["a.", ".b"], "a.x.b").is_err());
        assert!(parse_template::<0>("a.{t}.b", &["a.", ".b"], "a.x.b").is_err());
        assert_eq!(parse_template::<0>("a.b", &["a.b"], "a.b").unwrap(), [""; 0]);
    }

    proptest! {
        #[test]
        fn a_token_ends_at_its_dot(text in "[a-c.\\u{e4}\\u{ae}]{0,40}") {
            prop_assert_eq!(token_length(&text), text.find('.').unwrap_or(text.len()));
        }
    }

    #[test]
    fn a_tail_takes_all_that_follows() {
        let read = |subject: &'static str| parse_template::<2>("a.{t}.{rest>}", &["a.", ".", ""], subject);
        assert_eq!(read("a.x.b").unwrap(), ["x", "b"]);
        assert_eq!(read("a.x.b.c.d").unwrap(), ["x", "b.c.d"]);
        for subject in ["a", "a.x", "a.x.", "b.x.c"] {
            assert!(read(subject).is_err(), "{subject}");
        }
        for (text, good) in [
            ("b", true),
            ("b.c", true),
            ("", false),
            ("b.", false),
            (".b", false),
            ("b.*", false),
            (">", false),
        ] {
            assert_eq!(check_tail("rest", text).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn tokens_that_would_change_the_subject_are_refused() {
        for text in ["", "a.b", "*", ">", "a b", "a\tb", "a\r\n", "\u{0}", "a\u{a0}b"] {
            assert!(check_token("t", text).is_err(), "{text:?}");
        }
        for text in ["a", "agent-7", "{t}", "ä", "$x"] {
            assert!(check_token("t", text).is_ok(), "{text:?}");
        }
    }
}
