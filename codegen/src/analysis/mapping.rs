//! How the server renames subjects: what stands for the wildcards of one filter in another (ADR-36).

/// What to write instead of a renaming that the server refuses.
pub(super) const HELP: &str = "end both with `>` or neither, and name each `*` of the first by its number: `orders.*` becomes `sales.{{wildcard(1)}}`";

/// The functions that take wildcards, with how many further arguments: none, or one.
const FUNCTIONS: [(&str, usize); 8] = [
    ("wildcard", 0),
    ("split", 1),
    ("splitfromleft", 1),
    ("splitfromright", 1),
    ("slicefromleft", 1),
    ("slicefromright", 1),
    ("left", 1),
    ("right", 1),
];

/// Why the server does not take a renaming, where it does not.
pub(super) fn fault(src: &str, dest: &str) -> Option<String> {
    let wildcards = src.split('.').filter(|token| *token == "*").count();
    let tail = |filter: &str| filter.split('.').next_back() == Some(">");
    if tail(src) != tail(dest) {
        return Some("only one of them ends with `>`".to_owned());
    }
    let tokens: Vec<&str> = dest.split('.').collect();
    for (index, token) in tokens.iter().enumerate() {
        let last = index + 1 == tokens.len();
        if token.is_empty() || token.contains(char::is_whitespace) && !token.contains("{{") || (*token == ">" && !last)
        {
            return Some("it is no subject".to_owned());
        }
        if *token == "*" {
            return Some("nothing says which wildcard `*` is".to_owned());
        }
        if let Some(fault) = placeholder(token, wildcards) {
            return Some(fault);
        }
    }
    None
}

/// What is wrong with what stands for a wildcard, where something is.
fn placeholder(token: &str, wildcards: usize) -> Option<String> {
    let beyond = |number: usize| (number > wildcards).then(|| format!("there is no wildcard {number}"));
    if let Some(number) = token.strip_prefix('$').and_then(|number| number.parse().ok()) {
        return beyond(number);
    }
    let call = token.strip_prefix("{{")?.strip_suffix("}}")?.trim();
    let (name, arguments) = call.split_once('(')?;
    let name = name.trim().to_ascii_lowercase();
    let arguments: Vec<&str> = arguments.trim_end_matches(')').split(',').map(str::trim).collect();
    let numbers = || arguments.iter().filter_map(|argument| argument.parse::<usize>().ok());
    match name.as_str() {
        "partition" => numbers().skip(1).find_map(beyond),
        "random" => None,
        _ => {
            let Some((_, further)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
                return Some(format!("no function is named `{name}`"));
            };
            if arguments.len() != further + 1 {
                return Some(format!("`{name}` takes {} arguments", further + 1));
            }
            numbers().next().and_then(beyond)
        }
    }
}

/// The filter that hears everything that a renaming makes.
pub(super) fn filter(dest: &str) -> String {
    let tokens = dest.split('.').map(|token| {
        let placeholder = token.contains("{{") || token.strip_prefix('$').is_some_and(|n| n.parse::<usize>().is_ok());
        if placeholder { "*" } else { token }
    });
    tokens.collect::<Vec<_>>().join(".")
}
