//! URI templates as of RFC 6570.

pub(super) fn is_uri_template(text: &str) -> bool {
    let mut rest = text;
    while let Some(open) = rest.find(['{', '}']) {
        let Some((literal, tail)) = rest.split_at_checked(open) else {
            return false;
        };
        let Some((expression, after)) = tail.strip_prefix('{').and_then(|tail| tail.split_once('}')) else {
            return false;
        };
        if !is_literal(literal) || !is_expression(expression) {
            return false;
        }
        rest = after;
    }
    is_literal(rest)
}

fn is_literal(text: &str) -> bool {
    let refused = |character: char| character <= ' ' || "\"<>\\^`{|}\u{7f}".contains(character);
    !text.contains(refused) && are_percents_encoded(text)
}

fn are_percents_encoded(text: &str) -> bool {
    text.split('%').skip(1).all(|after| {
        after
            .as_bytes()
            .get(..2)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

fn is_expression(text: &str) -> bool {
    text.strip_prefix(['+', '#', '.', '/', ';', '?', '&', '=', ',', '!', '@', '|'])
        .unwrap_or(text)
        .split(',')
        .all(is_variable)
}

fn is_variable(text: &str) -> bool {
    let name = match text.split_once(':') {
        Some((name, length)) => {
            let fits = (1..=4).contains(&length.len())
                && !length.starts_with('0')
                && length.bytes().all(|byte| byte.is_ascii_digit());
            if !fits {
                return false;
            }
            name
        }
        None => text.strip_suffix('*').unwrap_or(text),
    };
    are_percents_encoded(name)
        && name.split('.').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'%')
        })
}
