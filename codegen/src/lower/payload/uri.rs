//! URIs of schemas.

/// The URI of a file without an `$id`.
pub(super) fn of_file(path: &str) -> String {
    format!("natsmith:///{path}")
}

/// What a reference means in a schema with this URI.
pub(super) fn resolve(base: &str, reference: &str) -> String {
    let scheme = reference.split(['/', '?']).next().unwrap_or_default();
    if scheme.contains(':') {
        return reference.to_owned();
    }
    let (scheme, rest) = base.split_once("://").unwrap_or(("natsmith", base));
    if let Some(rest) = reference.strip_prefix("//") {
        return format!("{scheme}://{rest}");
    }
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let path = path.split('?').next().unwrap_or_default();
    format!("{scheme}://{host}/{}", join(path, reference))
}

/// A path relative to the folder of another one.
pub(super) fn join(base: &str, relative: &str) -> String {
    let mut steps: Vec<&str> = base.split('/').collect();
    steps.pop();
    if relative.starts_with('/') {
        steps.clear();
    }
    for step in relative.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_relative_to_what_is_around_them() {
        for (base, reference, expected) in [
            ("https://a.b/c/d", "e", "https://a.b/c/e"),
            ("https://a.b/c/d", "/e", "https://a.b/e"),
            ("https://a.b/c/d", "../e/f", "https://a.b/e/f"),
            ("https://a.b/c/d", "//e.f/g", "https://e.f/g"),
            ("https://a.b/c/d", "http://e.f/g", "http://e.f/g"),
            ("https://a.b", "c", "https://a.b/c"),
            ("https://a.b/c", "urn:x:y", "urn:x:y"),
            ("natsmith:///payloads/a.json", "b.json", "natsmith:///payloads/b.json"),
        ] {
            assert_eq!(resolve(base, reference), expected, "{reference} in {base}");
        }
    }
}
