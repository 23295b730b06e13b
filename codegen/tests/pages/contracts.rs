//! Pages on the disk, where a browser finds them.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use natsmith_codegen::emit::{GraphFormat, Shown};
use natsmith_codegen::{check, document, graph};
use tempfile::TempDir;

/// The pages of one contract.
#[derive(Clone)]
pub(crate) struct Pages {
    pub(crate) name: String,
    folder: PathBuf,
}

impl Pages {
    /// The folder that holds the first page.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.join("docs")
    }

    /// The pages of a contract of this repository.
    pub(crate) fn of(name: &str) -> Self {
        let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema").join(name);
        Self::made_of(name, &schema)
    }

    /// Those of all of them.
    pub(crate) fn of_every_contract() -> Vec<Self> {
        let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema");
        let entries = fs::read_dir(&schema).expect("schema/").flatten();
        let folders = entries.filter(|entry| entry.path().is_dir());
        let pages: Vec<Self> = folders
            .map(|folder| Self::of(&folder.file_name().to_string_lossy()))
            .collect();
        assert!(pages.len() >= 5, "the contracts are found: {}", pages.len());
        pages
    }

    /// The pages of payloads of every shape.
    pub(crate) fn of_shapes() -> Self {
        let shapes = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shapes/contract");
        Self::made_of("shapes", &shapes)
    }

    /// The pages of a contract that would like to do harm.
    pub(crate) fn hostile() -> Self {
        Self::made_of("hostile", hostile().path())
    }

    /// The pages of a contract with so many subjects.
    pub(crate) fn many(subjects: usize) -> Self {
        Self::made_of(&format!("many-{subjects}"), many(subjects).path())
    }

    /// No pages but the graphs of all these contracts, in both formats.
    pub(crate) fn graphs() -> Self {
        let pages = Self {
            name: "graphs".to_owned(),
            folder: Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages/graphs"),
        };
        fs::create_dir_all(pages.folder()).expect("folders are made");
        let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema");
        let entries = fs::read_dir(&schema).expect("schema/").flatten();
        let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
        let (hostile, many) = (hostile(), many(300));
        folders.extend([hostile.path().to_owned(), many.path().to_owned()]);
        for folder in folders {
            let contract = check(&folder).contract.expect("a contract");
            for (format, ending) in [(GraphFormat::Svg, "svg"), (GraphFormat::Mermaid, "mmd")] {
                let text = graph(&contract, format, &Shown::default()).expect("it is drawn");
                let file = pages.folder().join(format!("{}.{ending}", contract.name.value));
                fs::write(file, text).expect("a file is written");
            }
        }
        pages
    }

    /// Generates them once, into cargo's target folder, where people may look at them too.
    fn made_of(name: &str, contract: &Path) -> Self {
        static MADE: Mutex<Vec<String>> = Mutex::new(Vec::new());
        let pages = Self {
            name: name.to_owned(),
            folder: Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages").join(name),
        };
        let mut made = MADE.lock().expect("nobody has failed here");
        if !made.iter().any(|made| made == name) {
            pages.make(contract);
            made.push(name.to_owned());
        }
        pages
    }

    fn make(&self, contract: &Path) {
        let checked = check(contract);
        let findings = checked.report.diagnostics().iter();
        let messages: Vec<&str> = findings.map(|finding| finding.message.as_str()).collect();
        assert!(!checked.report.has_errors(), "{}: {messages:#?}", contract.display());
        let tree = document(&checked.contract.expect("a contract")).expect("files");
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder).expect("the pages of the last run are removed");
        }
        for (path, text) in tree.iter() {
            let file = self.folder().join(path);
            fs::create_dir_all(file.parent().expect("a folder")).expect("folders are made");
            fs::write(file, text).expect("a file is written");
        }
    }
}

/// A contract that would like to do harm.
fn hostile() -> TempDir {
    let hostile = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages/hostile");
    let contract = tempfile::tempdir().expect("a folder");
    for entry in fs::read_dir(hostile).expect("a folder").flatten() {
        let text = fs::read_to_string(entry.path()).expect("a file");
        // One description is as long as a book.
        let long = "A sentence that is said again. ".repeat(3_400);
        let text = text.replace("LONG_TEXT", &long);
        fs::write(contract.path().join(entry.file_name()), text).expect("a file is written");
    }
    contract
}

/// A contract with so many subjects.
fn many(subjects: usize) -> TempDir {
    let contract = tempfile::tempdir().expect("a folder");
    let mut text =
        "natsmith: 1\ncontract: many\nversion: 1.0.0\nroles: { a: {}, b: {} }\ntokens: { id: {} }\nsubjects:\n"
            .to_owned();
    for number in 0..subjects {
        let module = number % 50;
        let _ = write!(
            text,
            "  module{module}.subject{number}:\n    subject: module{module}.{{id}}.subject{number}\n    summary: What happens for the {number}th time.\n    \
             payload: Thing\n    publish: [a]\n    subscribe: [b]\n"
        );
    }
    fs::write(contract.path().join("contract.yaml"), text).expect("a file is written");
    let payload =
        "$schema: https://json-schema.org/draft/2020-12/schema\ntype: object\nproperties: { a: { type: string } }\n";
    fs::write(contract.path().join("thing.schema.yaml"), payload).expect("a file is written");
    contract
}
