//! `natsmith explain`

use clap::Args;
use natsmith_codegen::rules;

use super::{Failure, Outcome, say};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The code, such as `streams/overlap`; without one, every code is listed.
    code: Option<String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let Some(code) = &arguments.code else {
        for rule in rules::all() {
            say!("{:<34} {}", rule.code, rule.summary());
        }
        return Ok(Outcome::Clean);
    };
    let rule = rules::all().find(|rule| rule.code == code);
    let rule = rule.ok_or_else(|| format!("no finding has the code `{code}`; `natsmith explain` lists them all"))?;
    say!("{}", rule.page.trim_end());
    Ok(Outcome::Clean)
}
