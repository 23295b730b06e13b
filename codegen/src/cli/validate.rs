//! `natsmith validate`

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use natsmith_codegen::check;
use natsmith_codegen::contract::Part;
use natsmith_codegen::verdict::{Judge, NoJudge};
use serde_json::{Map, Value};

use super::{Contracts, Failure, Outcome};

#[derive(Debug, Args)]
#[command(after_help = "Writes a verdict a document, as a line of JSON. Exit code 0: every document is valid.")]
pub(super) struct Arguments {
    /// The subject of the messages, `agents.a1.status`; or its template or name in the contract
    subject: String,
    /// A file that holds one document; one that ends in .jsonl or .ndjson, and `-`, the standard input, a document a line
    file: PathBuf,
    /// What the documents are
    #[arg(long, value_name = "PART", value_enum, default_value_t = Of::Payload)]
    part: Of,
    /// The contract's folder [default: the one under schema/ that has the subject]
    #[arg(long, value_name = "FOLDER")]
    contract: Option<PathBuf>,
}

/// A part of a message.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Of {
    /// What is sent
    Payload,
    /// What is answered
    Reply,
    /// The body of an error
    Error,
    /// The headers, as an object
    Headers,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let judge = judge(arguments)?;
    let path = arguments.file.as_path();
    if path == Path::new("-") {
        return lines(&judge, &mut io::stdin().lock());
    }
    let unreadable = |error: io::Error| format!("{} cannot be read: {error}", path.display());
    let mut file = File::open(path).map_err(unreadable)?;
    let ending = path.extension().unwrap_or_default();
    if ending == "jsonl" || ending == "ndjson" {
        return lines(&judge, &mut BufReader::new(file));
    }
    let mut document = Vec::new();
    file.read_to_end(&mut document).map_err(unreadable)?;
    tell(&judge, None, &document, &mut io::stdout())
}

/// A verdict a line, told at once: whoever writes the lines may wait for it.
fn lines(judge: &Judge, input: &mut dyn BufRead) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::Clean;
    let mut output = io::stdout().lock();
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if !line.trim_ascii().is_empty() {
            outcome = outcome.max(tell(judge, Some(number), &line, &mut output)?);
        }
    }
    Ok(outcome)
}

fn tell(judge: &Judge, line: Option<u64>, document: &[u8], output: &mut dyn io::Write) -> Result<Outcome, Failure> {
    let judgement = judge.judge(document);
    let valid = judgement.faults.is_empty();
    let mut verdict = Map::new();
    if let Some(line) = line {
        verdict.insert("line".to_owned(), line.into());
    }
    if let Some(payload) = judgement.payload {
        verdict.insert("payload".to_owned(), payload.into());
    }
    verdict.insert("valid".to_owned(), valid.into());
    if !valid {
        let faults: Vec<Value> = judgement
            .faults
            .iter()
            .map(natsmith_codegen::verdict::Fault::to_json)
            .collect();
        verdict.insert("faults".to_owned(), faults.into());
    }
    writeln!(output, "{}", Value::Object(verdict))?;
    output.flush()?;
    Ok(if valid { Outcome::Clean } else { Outcome::Findings })
}

/// The judge of the one contract that has the subject.
fn judge(arguments: &Arguments) -> Result<Judge, Failure> {
    let contracts = Contracts {
        folders: arguments.contract.iter().cloned().collect(),
    };
    let part = match arguments.part {
        Of::Payload => Part::Payload,
        Of::Reply => Part::Reply,
        Of::Error => Part::Error,
        Of::Headers => Part::Headers,
    };
    let mut found: Option<(PathBuf, Judge)> = None;
    let mut refused: Option<NoJudge> = None;
    for folder in contracts.folders()? {
        let checked = check(&folder);
        let faulty = checked.report.has_errors();
        let contract = checked.contract.filter(|_| !faulty).ok_or_else(|| {
            let folder = folder.display();
            format!("the contract in {folder} has errors; `natsmith check {folder}` shows them")
        })?;
        match Judge::new(&contract, &arguments.subject, part) {
            Ok(judge) => {
                if let Some((other, _)) = found {
                    let (subject, other, folder) = (&arguments.subject, other.display(), folder.display());
                    let message =
                        format!("both {other} and {folder} have a subject `{subject}`; name one with --contract");
                    return Err(message.into());
                }
                found = Some((folder, judge));
            }
            // A contract that has the subject says more about it than one that has not.
            Err(reason) => {
                let says_more = !matches!(reason, NoJudge::UnknownSubject { likely: None, .. });
                let unknown = matches!(refused, None | Some(NoJudge::UnknownSubject { .. }));
                if refused.is_none() || (says_more && unknown) {
                    refused = Some(reason);
                }
            }
        }
    }
    found
        .map(|(_, judge)| judge)
        .ok_or_else(|| refused.map_or_else(|| "no contract was found".into(), Failure::from))
}
