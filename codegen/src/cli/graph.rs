//! `natsmith graph`

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use natsmith_codegen::contract::Contract;
use natsmith_codegen::emit::{GraphFormat, Shown};
use natsmith_codegen::subject::check_filter;
use natsmith_codegen::{check, graph};

use super::{Contracts, Failure, Outcome, report, say};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The contract's folder [default: the one under schema/]
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// What it is written in
    #[arg(long, value_enum, default_value = "svg")]
    format: Format,
    /// Draws only subjects that this filter can hear, and what has to do with them
    #[arg(long, value_name = "FILTER")]
    subject: Option<String>,
    /// Draws only subjects that this role sends, hears or works on, and what has to do with them
    #[arg(long, value_name = "NAME")]
    role: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Svg,
    Mermaid,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let folders = Contracts::named(arguments.folder.as_ref()).folders()?;
    let [folder] = folders.as_slice() else {
        return Err("there are several contracts under schema/; name the folder of one".into());
    };
    let checked = check(folder);
    let Some(contract) = checked.contract.as_ref().filter(|_| !checked.report.has_errors()) else {
        report::print(&checked.report, &checked.files, false)?;
        return Ok(Outcome::Findings);
    };
    let shown = Shown {
        filter: arguments.subject.clone(),
        role: arguments.role.clone(),
    };
    narrowed(contract, &shown)?;
    let format = match arguments.format {
        Format::Svg => GraphFormat::Svg,
        Format::Mermaid => GraphFormat::Mermaid,
    };
    say!("{}", graph(contract, format, &shown)?.trim_end());
    Ok(Outcome::Clean)
}

/// Refuses what would draw an empty picture.
fn narrowed(contract: &Contract, shown: &Shown) -> Result<(), Failure> {
    if let Some(filter) = &shown.filter {
        check_filter(filter).map_err(|_| format!("`{}` is no filter", filter.escape_debug()))?;
        if contract.heard_by(filter).next().is_none() {
            return Err(format!("no subject of `{}` is heard by `{filter}`", contract.name.value).into());
        }
    }
    match &shown.role {
        Some(role) if !contract.roles.contains_key(role) => {
            let roles: Vec<&str> = contract.roles.keys().map(String::as_str).collect();
            let roles = roles.join(", ");
            Err(format!(
                "`{}` has no role `{}`; it has {roles}",
                contract.name.value,
                role.escape_debug()
            )
            .into())
        }
        _ => Ok(()),
    }
}
