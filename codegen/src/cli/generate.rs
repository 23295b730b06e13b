//! `natsmith generate`

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use natsmith_codegen::contract::Contract;
use natsmith_codegen::emit::Tree;
use natsmith_codegen::output::{self, Change, ChangeKind, Mode};
use natsmith_codegen::{CheckedContract, check_all, generate, output_folder};
use similar::TextDiff;

use super::report::{self, Format};
use super::{Contracts, Failure, Outcome, count, say};

/// How many lines of a difference are shown for one file.
const DIFF_LINES: usize = 24;

/// How many differing files are shown with their difference.
const DIFF_FILES: usize = 8;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    contracts: Contracts,
    #[command(flatten)]
    care: Care,
    /// How findings are told
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::Clean;
    let mut sound: Vec<Sound> = Vec::new();
    let checked = check_all(&arguments.contracts.folders()?);
    report::publish(&checked, arguments.format, false)?;
    // A document stands alone on the standard output.
    let out: &mut dyn io::Write = if arguments.format.is_document() {
        &mut io::stderr()
    } else {
        &mut io::stdout()
    };
    for CheckedContract {
        folder,
        files,
        contract,
    } in checked.contracts
    {
        let own = checked.report.within(&files);
        if arguments.format == Format::Human {
            report::print(&own, &checked.files, false)?;
        }
        let Some(contract) = contract.filter(|_| !own.has_errors()) else {
            let verdict = report::verdict(&own);
            say!(to out, "{}: {verdict}; nothing was generated", folder.display());
            outcome = Outcome::Findings;
            continue;
        };
        let target = output_folder(&folder, &contract);
        if let Some(other) = sound.iter().find(|other| other.target == target) {
            let (folder, other, target) = (folder.display(), other.folder.display(), target.display());
            return Err(
                format!("{other} and {folder} both generate into {target}: give one another `rust.output`").into(),
            );
        }
        sound.push(Sound {
            folder,
            contract,
            target,
        });
    }
    for Sound {
        folder,
        contract,
        target,
    } in &sound
    {
        let repair = format!("cargo natsmith generate {}", folder.display());
        outcome = outcome.max(put(&generate(contract)?, target, arguments.care, &repair, out)?);
    }
    Ok(outcome)
}

/// A contract without errors, and where it goes.
struct Sound {
    folder: PathBuf,
    contract: Contract,
    target: PathBuf,
}

/// What to do about differences.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Care {
    /// Changes nothing; fails where a generated file is missing, changed or left over.
    #[arg(long, conflicts_with = "dry_run")]
    check: bool,
    /// Changes nothing; lists what would be written.
    #[arg(long)]
    dry_run: bool,
}

/// Makes a folder what a tree is, or says on `out` how it differs. `repair` is the command that makes it so.
pub(super) fn put(
    tree: &Tree,
    target: &Path,
    care: Care,
    repair: &str,
    out: &mut dyn io::Write,
) -> Result<Outcome, Failure> {
    let mode = if care.check || care.dry_run {
        Mode::Compare
    } else {
        Mode::Write
    };
    let changes = output::apply(tree, target, mode)?;

    let shown = target.display();
    if changes.is_empty() {
        say!(to out, "{shown}: {}, all current", count(tree.len(), "file"));
        return Ok(Outcome::Clean);
    }
    if care.check {
        print_differences(tree, &changes, out)?;
        say!(to out, "{shown}: {} not current", are(changes.len()));
        say!(to out, "to repair it, run: {repair}");
        return Ok(Outcome::Findings);
    }
    for change in &changes {
        say!(to out, "{} {}", verb(&change.kind, care.dry_run), change.path);
    }
    let done = if care.dry_run { "would change" } else { "changed" };
    say!(to out, "{shown}: {}, {} {done}", count(tree.len(), "file"), changes.len());
    Ok(Outcome::Clean)
}

fn are(files: usize) -> String {
    match files {
        1 => "1 file is".to_owned(),
        _ => format!("{files} files are"),
    }
}

fn verb(kind: &ChangeKind, dry_run: bool) -> &'static str {
    match (kind, dry_run) {
        (ChangeKind::Missing, true) => "would write  ",
        (ChangeKind::Missing, false) => "wrote  ",
        (ChangeKind::Changed(_), true) => "would rewrite",
        (ChangeKind::Changed(_), false) => "rewrote",
        (ChangeKind::Orphan, true) => "would remove ",
        (ChangeKind::Orphan, false) => "removed",
    }
}

fn print_differences(tree: &Tree, changes: &[Change], out: &mut dyn io::Write) -> io::Result<()> {
    let mut shown = 0;
    for change in changes {
        match &change.kind {
            ChangeKind::Missing => {
                say!(to out, "missing  {}", change.path);
            }
            ChangeKind::Orphan => {
                say!(to out, "orphan   {} (no longer generated)", change.path);
            }
            ChangeKind::Changed(found) => {
                say!(to out, "changed  {}", change.path);
                shown += 1;
                if shown <= DIFF_FILES {
                    print_difference(found, tree.get(&change.path).unwrap_or_default(), out)?;
                }
            }
        }
    }
    Ok(())
}

/// The lines that differ, from what is there to what should be.
fn print_difference(found: &str, wanted: &str, out: &mut dyn io::Write) -> io::Result<()> {
    let found = found.replace("\r\n", "\n");
    let difference = TextDiff::from_lines(found.as_str(), wanted);
    let text = difference.unified_diff().context_radius(1).to_string();
    let lines: Vec<&str> = text.lines().collect();
    for line in lines.iter().take(DIFF_LINES) {
        say!(to out, "    {line}");
    }
    if lines.len() > DIFF_LINES {
        say!(to out, "    ... {} more", count(lines.len() - DIFF_LINES, "line"));
    }
    Ok(())
}
