//! Folders of schema files: `check` and `check --fix` come to an end, every finding stands somewhere, and what has no error is
//! generated, drawn and explained.
//!
//! An input is a folder: files, each with its path as the first line, with a record separator between them. The contracts of
//! this repository, the examples of all rule pages and the broken contracts of the tests are what folders are made of; they are
//! changed as text, line by line and value by value, and as bytes.
#![no_main]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::LazyLock;

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use natsmith_codegen::emit::{GraphFormat, Shown};
use natsmith_codegen::explain::Explanation;
use natsmith_codegen::fix::fix;
use natsmith_codegen::{check, generate, graph};

#[path = "../support/mutate.rs"]
#[allow(dead_code, reason = "documents are changed elsewhere")]
mod mutate;
#[path = "../../codegen/tests/common/page.rs"]
#[allow(dead_code, reason = "the tests of rules read the rest of a page")]
mod page;
#[path = "../../codegen/tests/common/places.rs"]
mod places;

use mutate::Random;
use page::Page;

/// Between two files.
const SEPARATOR: u8 = 0x1e;

/// The largest folder that is mended and generated, in bytes: a larger one takes the time of a hundred others.
const LARGE: usize = 24_000;

/// The most files that a mutation makes a folder grow to.
const FILES: usize = 60;

/// What YAML and JSON Schema mean something by, and what texts rarely hold.
const MORSELS: &[&str] = &[
    ":", "- ", "{", "}", "[", "]", "\"", "'", "#", "|", ">", "&a ", "*a", "!!x ", "\n", "\n  ", "\t", "~", ".", "..", "*", "{a}",
    "{order_id}", "$ref: \"#\"\n", "$JS.", "$KV.", "_INBOX.", "null", "true", "0", "-1", "1e400", "18446744073709551616",
    "9007199254740993", "0.1", "106751d", "[]", "{}", "\"\"", "^(a{1000}){1000}$", "(", "[^", "\\p{L}", "\u{0}", "\u{feff}",
    "\u{202e}", "\u{200b}", "\u{430}", "\u{2028}", "\u{1f600}",
];

fuzz_target!(|input: &[u8]| {
    let files = read(input);
    if files.is_empty() {
        return;
    }
    let folder = folder();
    let _ = fs::remove_dir_all(&folder);
    for File { path, bytes } in &files {
        let path = folder.join(path);
        // A path that leads through a file is left out.
        let _ = fs::create_dir_all(path.parent().expect("a file is in a folder"));
        let _ = fs::write(path, bytes);
    }
    let checked = check(&folder);
    assert_eq!(places::faults(&checked), Vec::<String>::new());
    if input.len() > LARGE {
        return;
    }
    let _ = fix(&[&folder]);
    let Some(contract) = checked.contract.filter(|_| !checked.report.has_errors()) else { return };
    let written = [
        generate(&contract).err(),
        graph(&contract, GraphFormat::Svg, &Shown::default()).err(),
        graph(&contract, GraphFormat::Mermaid, &Shown::default()).err(),
    ];
    for error in written.into_iter().flatten() {
        assert!(!error.to_string().starts_with("a fault in natsmith"), "{error}");
    }
    for subject in contract.subjects.values() {
        let _ = Explanation::of(&contract, &subject.template.wildcard());
    }
});

fuzz_mutator!(|input: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let mut random = Random::new(seed.into());
    let mut files = read(&input[..size]);
    if files.is_empty() || random.below(64) == 0 {
        files.clone_from(random.pick(SEEDS.as_slice()));
    }
    for _ in 0..=random.below(4) {
        let file = random.below(files.len());
        match random.below(8) {
            0 => by_bytes(&mut files[file].bytes, &mut random),
            1 => of_files(&mut files, &mut random),
            _ => by_lines(&mut files[file].bytes, &mut random),
        }
    }
    let written = write(&files);
    if written.len() > max_size {
        return fuzzer_mutate(input, size, max_size);
    }
    input[..written.len()].copy_from_slice(&written);
    written.len()
});

#[derive(Clone)]
struct File {
    path: String,
    bytes: Vec<u8>,
}

/// Where the files of this process are.
fn folder() -> PathBuf {
    std::env::temp_dir().join(format!("natsmith-fuzz-{}", process::id())).join("contract")
}

fn read(input: &[u8]) -> Vec<File> {
    let files = input.split(|byte| *byte == SEPARATOR).enumerate();
    let files = files.filter(|(_, file)| !file.is_empty()).map(|(number, file)| {
        let end = file.iter().position(|byte| *byte == b'\n').unwrap_or(file.len());
        let path = str::from_utf8(&file[..end]).ok().filter(|path| is_inside(path));
        File {
            path: path.map_or_else(|| format!("file{number}.yaml"), str::to_owned),
            bytes: file.get(end + 1..).unwrap_or_default().to_vec(),
        }
    });
    files.collect()
}

/// Whether a path leads nowhere but into the folder.
fn is_inside(path: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
    let is_name = |name: &str| !name.is_empty() && !name.starts_with('.');
    path.len() < 200 && path.chars().all(known) && path.split('/').all(is_name)
}

fn write(files: &[File]) -> Vec<u8> {
    let files = files.iter().map(|file| [file.path.as_bytes(), b"\n", &file.bytes].concat());
    files.collect::<Vec<_>>().join(&SEPARATOR)
}

/// As any other fuzzer would, with room to grow.
fn by_bytes(bytes: &mut Vec<u8>, random: &mut Random) {
    if random.below(2) == 0 {
        let at = random.below(bytes.len() + 1);
        let morsel = random.pick(MORSELS);
        bytes.splice(at..at, morsel.bytes());
        return;
    }
    let size = bytes.len();
    bytes.resize(size + 64, 0);
    let size = fuzzer_mutate(bytes, size, size + 64);
    bytes.truncate(size);
}

/// Takes a file away, gives one to the folder, or calls one otherwise.
fn of_files(files: &mut Vec<File>, random: &mut Random) {
    let other = some_file(random).clone();
    let at = random.below(files.len());
    match random.below(3) {
        0 if files.len() > 1 => {
            files.remove(at);
        }
        1 => files[at].path = other.path,
        _ if files.len() < FILES => files.push(other),
        _ => {}
    }
}

/// Changes lines, with what is indented below them, or what a line says.
fn by_lines(bytes: &mut Vec<u8>, random: &mut Random) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if lines.is_empty() {
        return by_bytes(bytes, random);
    }
    let at = random.below(lines.len());
    let to = random.below(lines.len() + 1);
    let below = block(&lines, at);
    match random.below(8) {
        0 => {
            lines.drain(below);
        }
        1 => {
            let copy = lines[below].to_vec();
            lines.splice(to..to, copy);
        }
        // The block of another contract, as deep as the line it comes before.
        2 => {
            let depth = indentation(&lines[at]);
            let other: Vec<String> = some_lines(random);
            let block = other[block(&other, random.below(other.len()))].to_vec();
            let own = block.first().map_or(0, |first| indentation(first));
            let block = block.iter().map(|line| " ".repeat(depth) + line.get(own..).unwrap_or_default());
            lines.splice(at..at, block);
        }
        3 => lines[at] = format!("{}{}", " ".repeat(random.below(8)), lines[at].trim_start()),
        // A word for another: of the same file, of another contract, or one that is known to be hard.
        4..=6 => {
            let other = some_lines(random);
            let other = [random.pick(&lines), random.pick(&other)][random.below(2)].clone();
            let words = words(&other);
            let word = match random.below(6) {
                0 => (*random.pick(MORSELS)).to_owned(),
                1 => random.below(70_000).to_string(),
                _ if words.is_empty() => String::new(),
                _ => other[random.pick(&words).clone()].to_owned(),
            };
            let own = self::words(&lines[at]);
            if !own.is_empty() {
                lines[at].replace_range(random.pick(&own).clone(), &word);
            }
        }
        _ => lines.truncate(at + 1),
    }
    *bytes = lines.join("\n").into_bytes();
    bytes.push(b'\n');
}

fn some_file(random: &mut Random) -> &'static File {
    let contract: &'static Vec<File> = random.pick(SEEDS.as_slice());
    random.pick(contract)
}

/// The lines of a file of some contract.
fn some_lines(random: &mut Random) -> Vec<String> {
    let file = some_file(random);
    let lines: Vec<String> = String::from_utf8_lossy(&file.bytes).lines().map(str::to_owned).collect();
    if lines.is_empty() { vec![String::new()] } else { lines }
}

/// A line and all that is indented below it.
fn block(lines: &[String], at: usize) -> std::ops::Range<usize> {
    let depth = indentation(&lines[at]);
    let below = lines[at + 1..].iter().take_while(|line| indentation(line) > depth);
    at..at + 1 + below.count()
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Where the words of a line are: all between what JSON and YAML mean something by.
fn words(line: &str) -> Vec<std::ops::Range<usize>> {
    let mut words = Vec::new();
    let mut start = 0;
    for (at, c) in line.char_indices().chain([(line.len(), ' ')]) {
        if matches!(c, ' ' | ',' | '[' | ']' | '{' | '}' | '"' | '\'') {
            if at > start {
                words.push(start..at);
            }
            start = at + c.len_utf8();
        }
    }
    words
}

/// The contracts that there are.
static SEEDS: LazyLock<Vec<Vec<File>>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut seeds = Vec::new();
    for folders in ["schema", "codegen/tests/bad_input", "tests/fixtures"] {
        seeds.extend(entries(&root.join(folders)).iter().map(|folder| files(folder)));
    }
    seeds.extend(["codegen/tests/fixtures/shop", "codegen/tests/shapes/contract"].map(|folder| files(&root.join(folder))));
    let scratch = std::env::temp_dir().join(format!("natsmith-fuzz-{}", process::id())).join("page");
    for group in entries(&root.join("codegen/docs/rules")) {
        for page in entries(&group) {
            let text = fs::read_to_string(&page).expect("a page can be read");
            let page = Page::parse(&text).expect("a page has its sections");
            for section in [page.fails, page.passes] {
                let _ = fs::remove_dir_all(&scratch);
                fs::create_dir_all(&scratch).expect("a folder is made");
                section.write(&scratch);
                seeds.push(files(&scratch));
            }
        }
    }
    seeds.retain(|files| !files.is_empty());
    assert!(seeds.len() > 150, "contracts are found: {}", seeds.len());
    seeds
});

/// What is in a folder, the same in every run.
fn entries(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// The files of a contract; of many examples the first few.
fn files(folder: &Path) -> Vec<File> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    let mut examples = 0;
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(entries(&path));
            continue;
        }
        let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        examples += usize::from(name.starts_with("examples/"));
        let is_read = is_inside(&name) && (!name.starts_with("examples/") || examples < 6);
        if let Some(bytes) = fs::read(&path).ok().filter(|_| is_read) {
            found.push(File { path: name, bytes });
        }
    }
    found
}
