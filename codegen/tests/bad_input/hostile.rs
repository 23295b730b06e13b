//! Small files that stand for very much: `check` says what is wrong within the time and memory of a child process, and what has no
//! error is generated within them too.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::common::run::Run;

const HEADER: &str = "natsmith: 1\ncontract: shop\nversion: 1.0.0\nroles: { shop: {}, customer: {} }\n";
const DRAFT: &str = r#""$schema":"https://json-schema.org/draft/2020-12/schema","title":"Order""#;

/// What a process may have of memory, in KiB of address space.
const MEMORY: u32 = 3_000_000;

/// What it may have of a processor, in seconds: many times of what any of these takes.
const SECONDS: u32 = 120;

/// Runs the binary within these limits.
#[cfg(unix)]
fn natsmith(folder: &Path, arguments: &[&str]) -> Run {
    let limits = format!("ulimit -v {MEMORY} && ulimit -t {SECONDS} && exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command
        .args(["-c", &limits, env!("CARGO_BIN_EXE_natsmith")])
        .args(arguments);
    Run::from(
        command
            .current_dir(folder)
            .env("NO_COLOR", "1")
            .output()
            .expect("sh runs"),
    )
}

/// Checks a contract of one subject; `finding` is what must be said of it, and without one it is generated.
#[cfg(unix)]
fn hold(name: &str, contract: &str, order: &str, finding: Option<&str>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let shop = folder.path().join("shop");
    fs::create_dir(&shop).expect("a folder is made");
    fs::write(shop.join("contract.yaml"), format!("{HEADER}{contract}")).expect("a file is written");
    fs::write(shop.join("order.schema.json"), format!("{{{DRAFT},{order}}}")).expect("a file is written");
    let run = natsmith(folder.path(), &["check", "shop"]);
    assert_eq!(run.stderr, "", "{name}");
    assert!(
        run.stdout.len() < 400_000,
        "{name}: nobody reads {} bytes",
        run.stdout.len()
    );
    let Some(finding) = finding else {
        assert_eq!(run.code, Some(0), "{name}: {}", run.stdout);
        let run = natsmith(folder.path(), &["generate", "shop", "--dry-run"]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{name}");
        return;
    };
    assert!(run.stdout.contains(finding), "{name}: {}", run.stdout);
    assert!(run.code.is_some_and(|code| code < 2), "{name}: {:?}", run.code);
}

/// A subject without tokens, or with `{order_id}`.
fn subject(template: &str) -> String {
    format!(
        "subjects:\n  orders.placed: {{ subject: \"{template}\", payload: Order, publish: [customer], subscribe: [shop] }}\n"
    )
}

fn many(count: usize, separator: &str, make: impl Fn(usize) -> String) -> String {
    (0..count).map(make).collect::<Vec<_>>().join(separator)
}

/// Schemas that refer to each other, each in the same way, the last of which is an object.
fn chain(length: usize, link: impl Fn(String) -> String) -> String {
    let link = |number: usize| {
        format!(
            "\"d{number}\":{}",
            link(format!("{{\"$ref\":\"#/$defs/d{}\"}}", number + 1))
        )
    };
    let links = many(length, ",", link);
    format!("\"$ref\":\"#/$defs/d0\",\"$defs\":{{{links},\"d{length}\":{{\"type\":\"object\"}}}}")
}

#[test]
#[cfg(unix)]
fn schemas_that_unfold_without_end() {
    let nested = |depth: usize, open: &str, close: &str| {
        let value = format!("{}{{\"type\":\"string\"}}{}", open.repeat(depth), close.repeat(depth));
        format!("\"type\":\"object\",\"properties\":{{\"a\":{value}}}")
    };
    let object = (r#"{"type":"object","properties":{"a":"#, "}}");
    for (name, order, finding) in [
        ("nested objects", nested(58, object.0, object.1), None),
        (
            "nested beyond the limit",
            nested(50_000, object.0, object.1),
            Some("file/syntax"),
        ),
        ("not of not", nested(120, r#"{"not":"#, "}"), None),
        (
            "unions in unions",
            nested(38, r#"{"anyOf":[{"type":"integer"},"#, "]}"),
            None,
        ),
        ("a chain", chain(20_000, |next| next), Some("payload/too-much")),
        (
            "a chain of objects",
            chain(3_000, |next| {
                format!(r#"{{"type":"object","properties":{{"a":{next}}}}}"#)
            }),
            Some("payload/too-much"),
        ),
        (
            "doubling",
            chain(30, |next| format!(r#"{{"allOf":[{next},{next}]}}"#)),
            Some("payload/too-much"),
        ),
        (
            "doubling unions",
            chain(30, |next| format!(r#"{{"anyOf":[{next},{next}]}}"#)),
            Some("payload/too-much"),
        ),
        (
            "doubling members",
            chain(30, |next| {
                format!(r#"{{"type":"object","required":["a"],"properties":{{"a":{next},"b":{next}}}}}"#)
            }),
            None,
        ),
        (
            "a circle",
            r##""$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}"##.to_owned(),
            Some("payload/circular-ref"),
        ),
        (
            "itself",
            r##""type":"object","allOf":[{"$ref":"#"}]"##.to_owned(),
            Some("payload/circular-ref"),
        ),
    ] {
        hold(name, &subject("orders.placed"), &order, finding);
    }
}

#[test]
#[cfg(unix)]
fn lists_that_are_very_long() {
    let object = |rules: String| format!("\"type\":\"object\",{rules}");
    let values = many(100_000, ",", |number| format!("\"v{number}\""));
    let parts = many(10_000, ",", |number| {
        format!(r#"{{"properties":{{"p{number}":{{"type":"string"}}}}}}"#)
    });
    let order = object(r#""properties":{"a":{"type":"string"}}"#.to_owned());
    let hold_checked = |name: &str, contract: &str, order: &str| hold(name, contract, order, Some("holds together"));
    hold_checked(
        "values",
        &subject("orders.placed"),
        &object(format!(r#""properties":{{"a":{{"enum":[{values}]}}}}"#)),
    );
    hold_checked(
        "parts",
        &subject("orders.placed"),
        &object(format!(r#""allOf":[{parts}]"#)),
    );
    let tokens = format!(
        "tokens: {{ order_id: {{ enum: [{values}] }} }}\n{}",
        subject("orders.{order_id}")
    );
    hold_checked("values of a token", &tokens, &order);
    let again = format!("tokens: {{ a: {{}} }}\n{}", subject(&vec!["{a}"; 20_000].join(".")));
    hold(
        "a token again and again",
        &again,
        &order,
        Some("stands twice in one template"),
    );
    let long = "n".repeat(100_000);
    hold(
        "a long subject",
        &subject(&format!("orders.{long}")),
        &order,
        Some("subjects/too-long"),
    );
    hold(
        "a deep subject",
        &subject(&vec!["a"; 50_000].join(".")),
        &order,
        Some("subjects/too-long"),
    );
    let payload = subject("orders.placed").replace("Order", &long);
    hold("a long payload", &payload, &order, Some("names/unknown-payload"));
    hold("a long key", &format!("{long}: 1\n"), &order, Some("file/syntax"));
}

/// Aliases are refused, so nothing ever grows.
#[test]
#[cfg(unix)]
fn aliases_that_multiply() {
    let lists = many(40, "", |number| {
        format!(
            "x{}: &x{} [{}]\n",
            number + 1,
            number + 1,
            [format!("*x{number}").as_str(); 9].join(",")
        )
    });
    let contract = format!("x0: &x0 [1]\n{lists}{}", subject("orders.placed"));
    hold(
        "aliases",
        &contract,
        "\"type\":\"object\"",
        Some("aliases are not read"),
    );
}

#[test]
#[cfg(unix)]
fn expressions_that_are_hostile() {
    for (pattern, is_read) in [
        ("(a{1000}){1000}", false),
        ("((a{100}){100}){100}", false),
        ("(a+)+(b+)+((c*)*)*", true),
        ("(a?){500}a{500}", true),
        ("(a|b)*a(a|b){18}", true),
        (".*.*.*.*.*.*.*.*=.*", true),
        ("[一-龥]{1,2000}", true),
    ] {
        let order = format!(
            r#""type":"object","required":["a"],"properties":{{"a":{{"type":"string","pattern":"^{pattern}$"}}}}"#
        );
        let finding = (!is_read).then_some("payload/pattern");
        hold(pattern, &subject("orders.placed"), &order, finding);
        let contract = format!(
            "tokens: {{ order_id: {{ pattern: \"^{pattern}$\" }} }}\n{}",
            subject("orders.{order_id}")
        );
        // What a token's pattern lets in may be refused too; what matters is that there is an end.
        let finding = if is_read { "shop: " } else { "tokens/pattern" };
        hold(pattern, &contract, "\"type\":\"object\"", Some(finding));
    }
}

/// What nobody sees is named where it stands.
#[test]
#[cfg(unix)]
fn characters_that_nobody_sees() {
    for (character, shown) in [
        ('\u{202e}', "U+202E"),
        ('\u{200b}', "U+200B"),
        ('\u{200d}', "U+200D"),
        ('\u{feff}', "U+FEFF"),
        ('\u{ad}', "U+00AD"),
        ('\u{e0041}', "U+E0041"),
        ('\u{43e}', "U+043E"),
        ('\u{ff4f}', "U+FF4F"),
    ] {
        let name = format!("{shown} in a subject");
        hold(
            &name,
            &subject(&format!("{character}rders.placed")),
            "\"type\":\"object\"",
            Some(shown),
        );
    }
}
