//! Broken contracts that no checkout can hold, or nobody would want to.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use tempfile::TempDir;

use crate::common::run::{Run, run};

const HEADER: &str = "natsmith: 1\ncontract: shop\nversion: 1.0.0\n";

/// A folder with a contract's header in it.
fn shop() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let shop = folder.path().join("shop");
    fs::create_dir(&shop).expect("a folder is made");
    fs::write(shop.join("contract.yaml"), HEADER).expect("a file is written");
    folder
}

fn write(folder: &TempDir, path: &str, text: impl AsRef<[u8]>) {
    let path = folder.path().join("shop").join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("folders are made");
    fs::write(path, text).expect("a file is written");
}

/// Checks it: findings, no panic, in a time that somebody waits for.
fn check(folder: &Path) -> Run {
    let start = Instant::now();
    let run = run(folder, &["check", "shop"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""), "{}", run.stdout);
    assert!(
        start.elapsed() < Duration::from_secs(60),
        "it takes {:?}",
        start.elapsed()
    );
    assert!(run.stdout.len() < 100_000, "nobody reads {} bytes", run.stdout.len());
    run
}

#[test]
fn an_empty_folder() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("shop")).expect("a folder is made");
    assert_snapshot!(check(folder.path()).stdout);
}

/// For root no permission is missing, so the file is a link to nowhere.
#[test]
#[cfg(unix)]
fn a_file_that_cannot_be_read() {
    let folder = shop();
    write(&folder, "roles.yaml", "roles:\n  shop: {}\n");
    let link = folder.path().join("shop/moved.yaml");
    std::os::unix::fs::symlink("nowhere.yaml", link).expect("a link is made");
    assert_snapshot!(check(folder.path()).stdout);
}

#[test]
#[cfg(unix)]
fn a_link_that_leads_to_itself() {
    let folder = shop();
    let link = folder.path().join("shop/loop.yaml");
    std::os::unix::fs::symlink("loop.yaml", &link).expect("a link is made");
    let found = check(folder.path()).stdout;
    assert!(found.contains("file/unreadable"), "{found}");
}

/// A folder that contains itself has no end.
#[test]
#[cfg(unix)]
fn a_folder_that_leads_to_itself() {
    let folder = shop();
    write(&folder, "deep/roles.yaml", "roles:\n  shop: {}\n");
    let link = folder.path().join("shop/deep/again");
    std::os::unix::fs::symlink("..", &link).expect("a link is made");
    assert_snapshot!(check(folder.path()).stdout);
}

#[test]
fn a_folder_with_the_name_of_a_file() {
    let folder = shop();
    write(&folder, "roles.yaml/shop.yaml", "roles:\n  shop: {}\n  Shop: {}\n");
    assert_snapshot!(check(folder.path()).stdout);
}

#[test]
fn bytes_that_are_no_text() {
    let folder = shop();
    write(&folder, "nul.yaml", b"roles:\n  sh\0p: {}\n");
    write(&folder, "escape.yaml", b"roles:\n  sh\x1b[31mp: {}\n");
    write(&folder, "utf16.yaml", b"\xff\xfer\0o\0l\0e\0s\0:\0\n\0");
    write(&folder, "picture.yaml", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    write(&folder, "cut.yaml", b"roles:\n  shop: { description: \"caf\xc3");
    let found = check(folder.path()).stdout;
    assert!(!found.contains(['\0', '\x1b']), "{found:?}");
    assert_snapshot!(found);
}

#[test]
fn nesting_without_end() {
    let folder = shop();
    write(&folder, "flow.yaml", "roles: ".to_owned() + &"[".repeat(100_000));
    write(&folder, "flow.json", "{\"roles\":".repeat(100_000));
    let deep: String = (0..2_000).map(|depth| " ".repeat(depth) + "a:\n").collect();
    write(&folder, "block.yaml", deep);
    write(&folder, "list.yaml", "- ".repeat(50_000) + "a\n");
    assert_snapshot!(check(folder.path()).stdout);
}

/// A schema may be nested deeper than a stack is high.
#[test]
fn a_schema_without_end() {
    let folder = shop();
    let (open, close) = ("{\"type\":\"array\",\"items\":", "}");
    let nested = |depth: usize| open.repeat(depth) + "{\"type\":\"string\"}" + &close.repeat(depth);
    let draft = "\"$schema\":\"https://json-schema.org/draft/2020-12/schema\"";
    write(
        &folder,
        "deep.schema.json",
        format!("{{{draft},\"type\":\"array\",\"items\":{}}}", nested(100)),
    );
    write(
        &folder,
        "deeper.schema.json",
        format!("{{{draft},\"type\":\"array\",\"items\":{}}}", nested(5_000)),
    );
    check(folder.path());
}

#[test]
fn a_line_of_a_megabyte() {
    let folder = shop();
    write(
        &folder,
        "title.yaml",
        format!("title: {}\nrolls: {{}}\n", "é".repeat(500_000)),
    );
    let roles: Vec<String> = (0..20_000).map(|number| format!("r{number}: {{}}")).collect();
    write(
        &folder,
        "roles.yaml",
        format!("roles: {{{}, R: {{}}}}\n", roles.join(", ")),
    );
    write(&folder, "key.yaml", format!("{}: 1\n", "k".repeat(900)));
    assert_snapshot!(check(folder.path()).stdout);
}

/// YAML takes keys of up to 1,024 characters.
#[test]
fn names_that_are_very_long() {
    let folder = shop();
    let name = "n".repeat(500);
    write(
        &folder,
        "names.yaml",
        format!(
            "roles: {{ {name}: {{}} }}\n\
             tokens: {{ {name}: {{}} }}\n\
             subjects: {{ {name}.{name}: {{ subject: \"a.{{{name}}}\", payload: {name} }} }}\n"
        ),
    );
    let found = check(folder.path()).stdout;
    assert!(found.contains("names/unknown-payload"), "{found}");
}
