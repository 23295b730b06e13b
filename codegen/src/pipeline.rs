//! The whole way on one screen.

use std::path::Path;

use crate::contract::Contract;
use crate::contract::payload::PayloadSet;
use crate::diagnostics::{Diagnostic, Report};
use crate::emit::{self, EmitError, Tree};
use crate::rules::contract as rules;
use crate::source::{self, FileId, Files, Node};
use crate::syntax::{DeclarationFile, declaration_file};
use crate::{analysis, lower};

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
    let read = read(folder, &mut files, &mut report);

    let declarations: Vec<DeclarationFile> =
        read.declarations.iter().filter_map(|(_, node)| declaration_file(node, &mut report)).collect();
    let payloads = lower::payload::resolve(&read.payloads, &mut report);
    let examples = lower::examples::collect(read.examples, &payloads, &mut report);
    let place = read.place;
    let contract = lower::lower(declarations, payloads, examples, place, &mut report);
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

/// Makes everything that is made of a contract, as files relative to the output folder.
///
/// # Errors
///
/// A fault in natsmith itself: a template that does not render, or code that does not parse.
pub fn generate(contract: &Contract) -> Result<Tree, EmitError> {
    emit::all(contract)
}
