//! Findings as people read them: the source lines, a label on every place that takes part, a way out.

use std::fmt;
use std::io::{self, IsTerminal, Write as _};

use clap::ValueEnum;
use miette::{Diagnostic as Miette, GraphicalReportHandler, GraphicalTheme, LabeledSpan, Severity, SourceCode};
use natsmith_codegen::CheckedAll;
use natsmith_codegen::diagnostics::{Diagnostic, Label, Level, Report};
use natsmith_codegen::findings::{self, Telling};
use natsmith_codegen::source::Files;

use super::excerpt::{Excerpt, visible};
use super::{Failure, count, say};

/// How wide a report is where no terminal says it.
const WIDTH: usize = 120;

/// How many lines apart two places are still shown as one piece of text.
const NEAR: usize = 3;

/// How many bytes apart they may be then; a longer line is shown in part.
const SHOWN: u32 = 1_000;

/// How findings are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people: the lines of the files, with what is wrong in them
    #[default]
    Human,
    /// One JSON document; schema/natsmith.findings.schema.json is its schema
    Json,
    /// A log of SARIF 2.1.0
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

impl Format {
    /// Whether the standard output is one document and nothing else.
    pub(super) fn is_document(self) -> bool {
        matches!(self, Self::Json | Self::Sarif)
    }
}

/// Prints the findings of a run for programs; nothing for people, who are told contract by contract.
pub(super) fn publish(checked: &CheckedAll, format: Format, notes: bool) -> Result<(), Failure> {
    let base = std::env::current_dir()?;
    let telling = Telling {
        checked,
        base: &base,
        notes,
    };
    match format {
        Format::Human => {}
        Format::Json => say!("{}", serde_json::to_string_pretty(&findings::document(telling))?),
        Format::Sarif => say!("{:#}", findings::sarif(telling)),
        Format::Github => write!(io::stdout(), "{}", findings::annotations(telling))?,
    }
    Ok(())
}

/// Prints the findings of a contract; those that are only worth knowing where they were asked for.
pub(super) fn print(report: &Report, files: &Files, notes: bool) -> io::Result<()> {
    let colour = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let theme = if colour {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(WIDTH)
        .with_context_lines(1);
    let shown = |finding: &&Diagnostic| notes || finding.level > Level::Info;
    for diagnostic in report.diagnostics().iter().filter(shown) {
        let (finding, notes) = parts(diagnostic, files);
        let mut text = String::new();
        // Writing to a String cannot fail; what could is a place outside its file, and then there is less to show.
        let _ = handler.render_report(&mut text, &finding);
        for note in notes {
            let _ = handler.render_report(&mut text, &note);
        }
        say!("{text}");
    }
    Ok(())
}

/// `2 errors, 1 warning`, or that there are none.
pub(super) fn verdict(report: &Report) -> String {
    match (report.count(Level::Error), report.count(Level::Warning)) {
        (0, 0) => "holds together".to_owned(),
        (0, warnings) => format!("holds together, {}", count(warnings, "warning")),
        (errors, 0) => count(errors, "error"),
        (errors, warnings) => format!("{}, {}", count(errors, "error"), count(warnings, "warning")),
    }
}

/// A finding with the labels that are seen together with its place.
#[derive(Debug)]
struct Finding<'r> {
    diagnostic: &'r Diagnostic,
    source: Option<Excerpt<'r>>,
    labels: Vec<LabeledSpan>,
}

/// A place elsewhere that takes part in a finding.
#[derive(Debug)]
struct Note<'r> {
    text: String,
    source: Excerpt<'r>,
    label: LabeledSpan,
}

/// Takes a finding apart: its own place first, and places that are far from it as notes of their own.
fn parts<'r>(diagnostic: &'r Diagnostic, files: &'r Files) -> (Finding<'r>, Vec<Note<'r>>) {
    let primary = diagnostic.labels.first();
    let near = |label: &&Label| primary.is_some_and(|primary| are_near(primary, label, files));
    let here = diagnostic.labels.iter().filter(near).enumerate();
    let notes = diagnostic
        .labels
        .iter()
        .filter(|label| !near(label))
        .filter_map(|label| {
            Some(Note {
                text: if label.text.is_empty() {
                    "see here".to_owned()
                } else {
                    visible(&label.text)
                },
                source: Excerpt::new(files, label.span.file, (label.span.start, label.span.start))?,
                label: LabeledSpan::new_with_span(None, range(label, files)),
            })
        });
    let finding = Finding {
        diagnostic,
        source: primary.and_then(|label| {
            let starts = || diagnostic.labels.iter().filter(near).map(|label| label.span.start);
            let places = (starts().min()?, starts().max()?);
            Excerpt::new(files, label.span.file, places)
        }),
        labels: here.map(|(index, label)| labelled(label, index == 0, files)).collect(),
    };
    (finding, notes.collect())
}

/// Whether two places are in one file and few lines apart.
fn are_near(a: &Label, b: &Label, files: &Files) -> bool {
    let line = |label: &Label| files.line_column(label.span).0;
    let fits = a.span.start.abs_diff(b.span.start) < SHOWN;
    a.span.file == b.span.file && line(a).abs_diff(line(b)) <= NEAR && fits
}

fn labelled(label: &Label, primary: bool, files: &Files) -> LabeledSpan {
    let text = (!label.text.is_empty()).then(|| visible(&label.text));
    if primary {
        LabeledSpan::new_primary_with_span(text, range(label, files))
    } else {
        LabeledSpan::new_with_span(text, range(label, files))
    }
}

/// First byte and length, of the first line where the place has several: where it begins is what one looks for.
fn range(label: &Label, files: &Files) -> (usize, usize) {
    let (start, end) = (label.span.start as usize, label.span.end as usize);
    let text = files.get(label.span.file).and_then(|file| file.text.get(start..end));
    let length = text.and_then(|text| text.lines().next()).map_or(0, str::len);
    (start, length)
}

impl fmt::Display for Finding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&visible(&self.diagnostic.message))
    }
}

impl std::error::Error for Finding<'_> {}

impl Miette for Finding<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.diagnostic.rule.code))
    }

    fn severity(&self) -> Option<Severity> {
        Some(match self.diagnostic.level {
            Level::Error => Severity::Error,
            Level::Warning => Severity::Warning,
            Level::Info => Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.diagnostic
            .help
            .as_ref()
            .map(|help| Box::new(visible(help)) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

impl fmt::Display for Note<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Note<'_> {}

impl Miette for Note<'_> {
    fn severity(&self) -> Option<Severity> {
        Some(Severity::Advice)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(self.label.clone())))
    }
}
