//! Findings as a document of our own; `schema/natsmith.findings.schema.json` is its schema.

use schemars::JsonSchema;
use serde::Serialize;

use super::Telling;
use crate::CheckedContract;
use crate::diagnostics::{self, Diagnostic};
use crate::source::{Span, Trees};

/// What `natsmith check --format json` prints: the findings in all contracts of a run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Document {
    /// The edition of this format: 1. Later ones of the same edition may have more members.
    pub format: u32,
    /// The version of natsmith.
    pub natsmith: String,
    /// The contracts, in the order in which they were named or found.
    pub contracts: Vec<Contract>,
    /// The findings, by contract, file and place. Notes are among them if they were asked for.
    pub findings: Vec<Finding>,
    /// The findings that the contracts declare to be meant. They count for nothing.
    pub excepted: Vec<Finding>,
}

/// One contract and the verdict on it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Contract {
    /// Its folder.
    pub folder: String,
    /// Its name, where it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its version, where it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How many errors there are; with any, nothing is generated.
    pub errors: usize,
    /// How many warnings there are.
    pub warnings: usize,
    /// How many notes there are, asked for or not.
    pub notes: usize,
    /// How many findings are meant.
    pub exceptions: usize,
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Nothing is generated.
    Error,
    /// Somebody will be surprised.
    Warning,
    /// Worth knowing.
    Info,
}

/// One finding.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Finding {
    /// The code of its rule; `natsmith explain CODE` says what it is about.
    pub code: String,
    /// How much it weighs.
    pub level: Level,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The declaration that it is in, as exceptions name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Where it is.
    pub place: Place,
    /// What is said beside the place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Other places that take part.
    pub related: Vec<Note>,
    /// What `check --fix` does about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// Why it is meant; only of what is excepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exception: Option<Exception>,
}

/// A range in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Place {
    /// The file, or the contract's folder for what concerns it as a whole. Seen from the working directory, with forward slashes.
    pub file: String,
    /// Its first character.
    pub start: Position,
    /// The character behind its last one.
    pub end: Position,
}

/// A position in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Position {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters (Unicode scalar values), counted from 1.
    pub column: usize,
}

/// A place with what is said of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Note {
    /// The place.
    pub place: Place,
    /// What is said of it; may be empty.
    pub label: String,
}

/// Edits that make a finding go away. All of them belong together.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Fix {
    /// What they do.
    pub what: String,
    /// The edits.
    pub edits: Vec<Edit>,
}

/// Text in the place of other text.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Edit {
    /// What goes; empty where text is only added.
    pub place: Place,
    /// What comes.
    pub text: String,
}

/// Why a finding is meant.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Exception {
    /// The reason, in the contract's words.
    pub reason: String,
    /// Where the contract says so.
    pub place: Place,
}

/// The JSON Schema of a [`Document`].
#[must_use]
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Document);
    schema.insert("title".to_owned(), "natsmith findings".into());
    schema.into()
}

/// The findings of a run as a document.
#[must_use]
pub fn document(telling: Telling<'_>) -> Document {
    let report = &telling.checked.report;
    let mut trees = Trees::new(&telling.checked.files);
    let shown = |finding: &&Diagnostic| telling.notes || finding.level > diagnostics::Level::Info;
    let found = report.diagnostics().iter().filter(shown);
    let findings: Vec<Finding> = found.map(|finding| telling.finding(finding, &mut trees)).collect();
    let excepted = report.excepted().iter().map(|excepted| Finding {
        exception: Some(Exception {
            reason: excepted.reason.clone(),
            place: telling.place(excepted.place),
        }),
        ..telling.finding(&excepted.diagnostic, &mut trees)
    });
    Document {
        format: 1,
        natsmith: env!("CARGO_PKG_VERSION").to_owned(),
        contracts: telling
            .checked
            .contracts
            .iter()
            .map(|contract| telling.contract(contract))
            .collect(),
        excepted: excepted.collect(),
        findings,
    }
}

impl Telling<'_> {
    fn contract(&self, checked: &CheckedContract) -> Contract {
        let own = self.checked.report.within(&checked.files);
        let contract = checked.contract.as_ref();
        Contract {
            folder: self.path(&checked.folder.to_string_lossy()),
            name: contract.map(|contract| contract.name.value.clone()),
            version: contract.map(|contract| contract.version.clone()),
            errors: own.count(diagnostics::Level::Error),
            warnings: own.count(diagnostics::Level::Warning),
            notes: own.count(diagnostics::Level::Info),
            exceptions: own.excepted().len(),
        }
    }

    fn finding(&self, finding: &Diagnostic, trees: &mut Trees<'_>) -> Finding {
        let mut labels = finding.labels.iter().map(|label| Note {
            place: self.place(label.span),
            label: label.text.clone(),
        });
        let nowhere = Position { line: 1, column: 1 };
        let first = labels.next().unwrap_or_else(|| Note {
            place: Place {
                file: ".".to_owned(),
                start: nowhere,
                end: nowhere,
            },
            label: String::new(),
        });
        Finding {
            code: finding.rule.code.to_owned(),
            level: match finding.level {
                diagnostics::Level::Error => Level::Error,
                diagnostics::Level::Warning => Level::Warning,
                diagnostics::Level::Info => Level::Info,
            },
            message: finding.message.clone(),
            help: finding.help.clone(),
            at: finding.at.clone(),
            place: first.place,
            label: Some(first.label).filter(|text| !text.is_empty()),
            related: labels.collect(),
            fix: finding.fix.as_ref().and_then(|fix| self.fix(fix, trees)),
            exception: None,
        }
    }

    /// A fix as text. None where one of its edits cannot be made.
    fn fix(&self, fix: &diagnostics::Fix, trees: &mut Trees<'_>) -> Option<Fix> {
        let edits = fix.edits.iter().map(|edit| {
            let made = trees.replacement(edit)?;
            Some(Edit {
                place: self.exactly(made.span),
                text: made.text,
            })
        });
        Some(Fix {
            what: fix.what.clone(),
            edits: edits.collect::<Option<_>>()?,
        })
    }

    /// A place without the line breaks and blanks behind it.
    fn place(&self, span: Span) -> Place {
        let (line, column) = self.checked.files.end_line_column(span);
        Place {
            end: Position { line, column },
            ..self.exactly(span)
        }
    }

    fn exactly(&self, span: Span) -> Place {
        let files = &self.checked.files;
        let position = |at: u32| {
            let (line, column) = files.line_column(Span { start: at, ..span });
            Position { line, column }
        };
        Place {
            file: files
                .get(span.file)
                .map_or_else(String::new, |file| self.path(&file.name)),
            start: position(span.start),
            end: position(span.end),
        }
    }
}
