//! `natsmith docs`

use std::io;
use std::path::PathBuf;

use clap::Args;
use natsmith_codegen::{check, document, output_folder, templates};

use super::generate::{Care, put};
use super::{Contracts, Failure, Outcome, report, say};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    contracts: Contracts,
    #[command(flatten)]
    care: Care,
    /// The folder that is written, for one contract [default: `docs` of the generated crate]
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// Lists the templates that a contract may replace
    #[arg(long, exclusive = true)]
    templates: bool,
    /// Prints one of them, to start from
    #[arg(long, value_name = "NAME", exclusive = true)]
    template: Option<String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    if arguments.templates {
        for (name, _) in templates() {
            say!("{name}");
        }
        return Ok(Outcome::Clean);
    }
    if let Some(wanted) = &arguments.template {
        let found = templates().find(|(name, _)| name == wanted);
        let missing = || format!("no template is called `{wanted}`; `natsmith docs --templates` lists them");
        let (_, text) = found.ok_or_else(missing)?;
        say!("{}", text.trim_end());
        return Ok(Outcome::Clean);
    }
    let folders = arguments.contracts.folders()?;
    if let (Some(output), [_, _, ..]) = (&arguments.output, folders.as_slice()) {
        let output = output.display();
        return Err(format!("{output} can hold the documents of one contract only; name its folder").into());
    }
    let mut outcome = Outcome::Clean;
    for folder in folders {
        let checked = check(&folder);
        report::print(&checked.report, &checked.files, false)?;
        let faulty = checked.report.has_errors();
        let Some(contract) = checked.contract.filter(|_| !faulty) else {
            let verdict = report::verdict(&checked.report);
            say!("{}: {verdict}; nothing was written", folder.display());
            outcome = Outcome::Findings;
            continue;
        };
        let shown = folder.display();
        let (target, repair) = match &arguments.output {
            Some(output) => {
                let repair = format!("cargo natsmith docs {shown} --output {}", output.display());
                (output.clone(), repair)
            }
            None => (
                output_folder(&folder, &contract).join("docs"),
                format!("cargo natsmith docs {shown}"),
            ),
        };
        outcome = outcome.max(put(
            &document(&contract)?,
            &target,
            arguments.care,
            &repair,
            &mut io::stdout(),
        )?);
    }
    Ok(outcome)
}
