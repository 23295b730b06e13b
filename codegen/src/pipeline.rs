//! The whole way on one screen.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use crate::contract::Contract;
use crate::diagnostics::Report;
use crate::emit::{self, EmitError, GraphFormat, Shown, Tree};
use crate::source::{self, FileId, FileRange, Files, FolderFile};
use crate::syntax::DeclarationFile;
use crate::weighing::{self, Declared, Weighing};
use crate::{analysis, lower, syntax};

/// What [`check`] found.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Everything that was read, for showing the places of findings.
    pub files: Files,
    /// The contract, as far as it could be made out.
    pub contract: Option<Contract>,
    /// The findings, sorted by place.
    pub report: Report,
}

/// What [`check_all`] found.
#[derive(Clone, Debug)]
pub struct CheckedAll {
    /// Everything that was read, for showing the places of findings.
    pub files: Files,
    /// The contracts, in the order of their folders.
    pub contracts: Vec<CheckedContract>,
    /// The findings in all of them, sorted by place.
    pub report: Report,
}

/// One of several contracts.
#[derive(Clone, Debug)]
pub struct CheckedContract {
    /// Its folder.
    pub folder: PathBuf,
    /// Its files, by which its findings are told from those of the others: [`Report::within`].
    pub files: FileRange,
    /// The contract, as far as it could be made out.
    pub contract: Option<Contract>,
}

/// Reads the contract in a folder and proves that it holds together.
#[must_use]
pub fn check(folder: &Path) -> Checked {
    let mut all = check_all(&[folder]);
    Checked {
        files: all.files,
        contract: all.contracts.pop().and_then(|only| only.contract),
        report: all.report,
    }
}

/// Reads the contracts in several folders and proves that each holds together, and that they do so with each other.
#[must_use]
pub fn check_all(folders: &[impl AsRef<Path>]) -> CheckedAll {
    check_texts(folders, BTreeMap::new())
}

/// [`check_all`], with other texts than those on the disk for some files, by their names in [`Files`].
#[must_use]
pub fn check_texts(folders: &[impl AsRef<Path>], instead: BTreeMap<String, String>) -> CheckedAll {
    let mut files = Files::with_texts(instead);
    let mut found = Report::default();
    let parts = folders
        .iter()
        .map(|folder| check_one(folder.as_ref(), &mut files, &mut found));
    let parts: Vec<Part> = parts.collect();
    // What one of them lacks may be what has a fault.
    let all_sound = !found.has_errors();
    if all_sound {
        let contracts = parts.iter().filter_map(|part| part.checked.contract.as_ref());
        analysis::across(&contracts.collect::<Vec<_>>(), &mut found);
    }
    let mut report = Report::default();
    for part in &parts {
        let declared = Declared {
            files: &part.declarations,
            payloads: part.payload_files(),
            among_others: all_sound && parts.len() > 1,
        };
        let own = found.within(&part.checked.files).take();
        report.append(part.weighing.weigh(own, &declared, &files));
    }
    report.sort();
    CheckedAll {
        files,
        contracts: parts.into_iter().map(|part| part.checked).collect(),
        report,
    }
}

/// A contract, and what says how its findings are taken.
struct Part {
    checked: CheckedContract,
    declarations: Vec<FileId>,
    weighing: Weighing,
}

impl Part {
    /// The schema file of each payload.
    fn payload_files(&self) -> Vec<(&str, FileId)> {
        let payloads = self
            .checked
            .contract
            .iter()
            .flat_map(|contract| contract.payloads.iter());
        payloads
            .map(|payload| (payload.name.as_str(), payload.origin.file))
            .collect()
    }
}

/// One contract by itself.
fn check_one(folder: &Path, files: &mut Files, found: &mut Report) -> Part {
    let first = files.next_id();
    let mut own = Report::default();
    let report = &mut own;
    let read = source::read_folder(folder, files, report);
    let mut declarations = Vec::new();
    let mut files_of_declarations = Vec::new();
    let mut payloads = Vec::new();
    let mut examples = Vec::new();
    let mut documents = Vec::new();
    let mut all_read = !report.has_errors();
    for FolderFile { id, path } in read {
        let kind = kind(&path);
        match kind {
            FileKind::Example => {
                examples.push((id, path));
                continue;
            }
            FileKind::Document => {
                documents.push((id, path));
                continue;
            }
            FileKind::Declarations | FileKind::Payload => {}
        }
        let text = files.get(id).map_or("", |file| file.text.as_str());
        let findings = report.diagnostics().len();
        let Some(node) = source::parse(id, text, report) else {
            all_read &= report.diagnostics().len() == findings;
            continue;
        };
        if kind == FileKind::Payload {
            payloads.push((id, path, node));
        } else {
            files_of_declarations.push(id);
            declarations.extend(syntax::declaration_file(&node, report));
        }
    }
    let checking = declarations
        .iter()
        .find_map(|file: &DeclarationFile| file.check.as_ref());
    let weighing = checking.map_or_else(Weighing::default, |declared| weighing::read(declared, report));

    let payloads = lower::payload::resolve(&payloads, report);
    let examples = lower::examples::collect(&examples, files, &payloads, report);
    let look = lower::look::collect(&documents, files, report);
    let place = files.add(folder.to_string_lossy().replace('\\', "/"), "").start();
    let contract = lower::lower(declarations, all_read, payloads, examples, look, place, report);
    if let Some(contract) = &contract {
        analysis::analyse(contract, report);
    }
    found.append(own);
    Part {
        checked: CheckedContract {
            folder: folder.to_owned(),
            files: files.since(first),
            contract,
        },
        declarations: files_of_declarations,
        weighing,
    }
}

/// What a file of a contract is, by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileKind {
    Declarations,
    Payload,
    Example,
    Document,
}

fn kind(path: &str) -> FileKind {
    if path.starts_with("examples/") {
        FileKind::Example
    } else if [".schema.yaml", ".schema.yml", ".schema.json"]
        .iter()
        .any(|ending| path.ends_with(ending))
    {
        FileKind::Payload
    } else if [".css", ".j2"].iter().any(|ending| path.ends_with(ending)) {
        FileKind::Document
    } else {
        FileKind::Declarations
    }
}

/// Makes everything that is made of a contract, as files relative to the output folder.
///
/// # Errors
///
/// A template of the contract that asks for what is not there, or a fault in natsmith itself.
pub fn generate(contract: &Contract) -> Result<Tree, EmitError> {
    emit::all(contract)
}

/// Makes the documents of a contract and nothing else, as files relative to their folder.
///
/// # Errors
///
/// As [`generate`].
pub fn document(contract: &Contract) -> Result<Tree, EmitError> {
    emit::documents(contract)
}

/// Draws a contract, or a part of it.
///
/// # Errors
///
/// As [`generate`].
pub fn graph(contract: &Contract, format: GraphFormat, shown: &Shown) -> Result<String, EmitError> {
    emit::graph(contract, format, shown)
}

/// Makes the files that servers and operators need and nothing else, as files relative to their folder.
///
/// # Errors
///
/// As [`generate`].
pub fn deployment(contract: &Contract) -> Result<Tree, EmitError> {
    emit::deployment(contract)
}

/// One user as configuration of nats-server: with the permissions of a role, a public key, and the values of the tokens that
/// are the user's own. Empty where there is no such role.
///
/// # Errors
///
/// As [`generate`].
pub fn user_of(
    contract: &Contract,
    role: &str,
    public_key: &str,
    own: &dyn Fn(&str) -> String,
) -> Result<String, EmitError> {
    emit::user_of(contract, role, public_key, own)
}

/// Where the generated crate of a contract goes, given the contract's folder.
///
/// `schema/shop` and `../../generated/shop` make `generated/shop`.
#[must_use]
pub fn output_folder(folder: &Path, contract: &Contract) -> PathBuf {
    let mut output = PathBuf::new();
    for component in folder.join(&contract.rust.output).components() {
        let steps_back = component == Component::ParentDir;
        if steps_back && matches!(output.components().next_back(), Some(Component::Normal(_))) {
            output.pop();
        } else if component != Component::CurDir {
            output.push(component);
        }
    }
    if output.as_os_str().is_empty() {
        output.push(Component::CurDir);
    }
    output
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::fs;

    use super::check;
    use crate::subject::counted::comparisons;

    /// A contract in which everything there can be many of is many.
    fn declare(folder: &std::path::Path, modules: usize) {
        let mut text = "natsmith: 1\ncontract: large\nversion: 1.0.0\nroles:\n  writer: { description: Writes. }\n  \
                        reader: { description: Reads. }\n"
            .to_owned();
        for (section, of_module) in [
            ("tokens", "  t@: { pattern: \"^t@-[a-z]$\" }\n"),
            (
                "subjects",
                "  m@.a: { subject: \"m@.a.{t@}\", payload: Thing, publish: [writer], subscribe: [reader] }\n  \
                 m@.b: { subject: \"m@.b.{t@}\", payload: Thing, publish: [writer], subscribe: [reader], message_id: /name }\n",
            ),
            ("subscriptions", "  s@: { filter: \"m@.*.*\", subscribe: [reader] }\n"),
            ("publications", "  p@: { subjects: [m@.a, m@.b], publish: [writer] }\n"),
            (
                "streams",
                "  m@:\n    subjects: [m@.a, { filter: \"m@.b.>\" }]\n    max_age: 30d\n    discard: old\n    retention: interest\n    \
                 consumers:\n      a@: { filter: m@.a, max_deliver: 3 }\n      b@: { filter: [{ filter: \"m@.*.x\" }, m@.b] }\n",
            ),
        ] {
            let _ = writeln!(text, "{section}:");
            for module in 0..modules {
                text.push_str(&of_module.replace('@', &module.to_string()));
            }
        }
        fs::write(folder.join("contract.yaml"), text).expect("a file is written");
        let schema = "title: Thing\ntype: object\nrequired: [name]\nproperties: { name: { type: string } }\n\
                      $schema: https://json-schema.org/draft/2020-12/schema\n";
        fs::write(folder.join("thing.schema.yaml"), schema).expect("a file is written");
    }

    /// Comparisons of filters, and pieces of memory that were asked for.
    fn cost(modules: usize) -> (u64, u64) {
        let folder = tempfile::tempdir().expect("a folder");
        declare(folder.path(), modules);
        let before = comparisons();
        let taken = allocation_counter::measure(|| {
            let checked = check(folder.path());
            let contract = checked.contract.expect("the contract is made out");
            assert_eq!(
                contract.subjects.len(),
                2 * modules,
                "{:?}",
                checked.report.diagnostics()
            );
            assert_eq!(contract.streams.len(), modules);
        });
        (comparisons() - before, taken.count_total)
    }

    /// Comparing each with each would cost sixteen times as much for four times as many.
    #[test]
    fn a_contract_four_times_as_large_costs_little_more_than_four_times_as_much() {
        let (few, many) = (cost(100), cost(400));
        assert!(few.0 > 500, "filters are compared: {few:?}");
        assert!(many.0 < few.0 * 5, "comparisons: {few:?}, {many:?}");
        assert!(many.1 < few.1 * 5, "memory: {few:?}, {many:?}");
    }
}
