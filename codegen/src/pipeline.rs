//! The whole way on one screen.

use std::path::{Component, Path, PathBuf};

use crate::contract::Contract;
use crate::diagnostics::Report;
use crate::emit::{self, EmitError, Tree};
use crate::source::{self, Files, FolderFile};
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

/// Reads the contract in a folder and proves that it holds together.
#[must_use]
pub fn check(folder: &Path) -> Checked {
    let mut files = Files::default();
    let mut report = Report::default();
    let read = source::read_folder(folder, &mut files, &mut report);

    let mut declarations = Vec::new();
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
        let Some(node) = source::parse(id, text, &mut report) else {
            all_read &= report.diagnostics().len() == findings;
            continue;
        };
        match kind {
            FileKind::Payload => payloads.push((id, path, node)),
            _ => declarations.extend(syntax::declaration_file(&node, &mut report)),
        }
    }

    let payloads = lower::payload::resolve(&payloads, &mut report);
    let examples = lower::examples::collect(&examples, &files, &payloads, &mut report);
    let look = lower::look::collect(&documents, &files, &mut report);
    let place = files.add(folder.to_string_lossy().replace('\\', "/"), "").start();
    let contract = lower::lower(declarations, all_read, payloads, examples, look, place, &mut report);
    if let Some(contract) = &contract {
        analysis::analyse(contract, &mut report);
    }

    report.sort();
    Checked {
        files,
        contract,
        report,
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
