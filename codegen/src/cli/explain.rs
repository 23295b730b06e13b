//! `natsmith explain`

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use natsmith_codegen::diagnostics::{Level, Rule};
use natsmith_codegen::explain::{Carried, Consumed, Explained, ExplainedStore, Explanation, Kept, Party, Said};
use natsmith_codegen::subject::check_filter;
use natsmith_codegen::{check_all, rules};

use super::{Contracts, Failure, Outcome, report, say};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The code of a finding, such as `streams/overlap`, a subject, such as `agents.a7.status.idle`, a filter, or a key of a bucket,
    /// such as `$KV.config.limits`; without one, every code is listed
    #[arg(value_name = "CODE|SUBJECT")]
    asked: Option<String>,
    #[command(flatten)]
    contracts: Contracts,
    /// How what is known of a subject is written
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum, PartialEq, Eq)]
enum Format {
    Text,
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    match &arguments.asked {
        None => {
            for rule in rules::all() {
                let fix = if rule.fixable { "fix" } else { "" };
                say!("{:<34} {:<7} {fix:<3} {}", rule.code, level(rule), rule.summary());
            }
            Ok(Outcome::Clean)
        }
        // No subject that the contract's own rules accept has a slash in it, and every code has one.
        Some(code) if code.contains('/') => {
            let rule = rules::all().find(|rule| rule.code == code);
            let rule =
                rule.ok_or_else(|| format!("no finding has the code `{code}`; `natsmith explain` lists them all"))?;
            say!("{}", rule.page.trim_end());
            let fix = if rule.fixable {
                "; `check --fix` mends it where it is certain what was meant"
            } else {
                ""
            };
            say!("\nLevel: {}{fix}.", level(rule));
            Ok(Outcome::Clean)
        }
        Some(subject) => {
            check_filter(subject).map_err(|_| {
                let subject = subject.escape_debug();
                format!("`{subject}` is neither a subject nor the code of a finding, which has a slash in it")
            })?;
            explain(subject, &arguments.contracts.folders()?, arguments.format)
        }
    }
}

fn level(rule: &Rule) -> &'static str {
    match rule.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "info",
    }
}

fn explain(subject: &str, folders: &[PathBuf], format: Format) -> Result<Outcome, Failure> {
    let checked = check_all(folders);
    if checked.report.has_errors() {
        report::print(&checked.report, &checked.files, false)?;
        return Ok(Outcome::Findings);
    }
    let contracts: Vec<_> = checked
        .contracts
        .iter()
        .filter_map(|one| one.contract.as_ref())
        .collect();
    let explanations = contracts.iter().map(|contract| Explanation::of(contract, subject));
    let known: Vec<Explanation> = explanations.filter(|explanation| !explanation.is_empty()).collect();
    if format == Format::Json {
        say!("{}", serde_json::to_string_pretty(&known)?);
    } else {
        for explanation in &known {
            told(explanation)?;
        }
    }
    if known.iter().any(Explanation::is_of_the_contract) {
        return Ok(Outcome::Clean);
    }
    if format == Format::Text {
        let refused = known
            .iter()
            .any(|explanation| !explanation.subjects.is_empty() || !explanation.stores.is_empty());
        let nearest = contracts
            .iter()
            .filter_map(|contract| Explanation::nearest(contract, subject));
        let nearest: Vec<String> = nearest.map(|template| format!("`{template}`")).collect();
        let why = match nearest.as_slice() {
            _ if refused => ": a token cannot be what stands in its place".to_owned(),
            [] => String::new(),
            nearest => format!("; the nearest: {}", nearest.join(", ")),
        };
        say!("`{subject}` is no subject of a contract{why}");
    }
    Ok(Outcome::Findings)
}

/// What one contract says.
fn told(explanation: &Explanation) -> Result<(), Failure> {
    say!("{} in {}", explanation.subject, explanation.contract);
    for subject in &explanation.subjects {
        of_subject(subject)?;
    }
    for store in &explanation.stores {
        of_store(store)?;
    }
    for stream in &explanation.streams {
        of_stream(stream)?;
    }
    say!("");
    Ok(())
}

fn of_subject(subject: &Explained) -> Result<(), Failure> {
    let whole = match subject.whole {
        Some(true) => ", all of it",
        Some(false) => ", in part",
        None => "",
    };
    say!("");
    say!("  {} ({}, {}{whole})", subject.template, subject.name, subject.kind);
    if let Some(summary) = &subject.summary {
        say!("    {summary}");
    }
    documents(&subject.tokens, &subject.carries)?;
    let (sends, hears) = if subject.kind == "event" {
        ("published by", "heard by")
    } else {
        ("asked by", "answered by")
    };
    let (through, hear): (Vec<&Party>, Vec<&Party>) =
        subject.hear.iter().partition(|party| party.subscription.is_some());
    say!("    {sends:<14} {}", parties(&subject.send.iter().collect::<Vec<_>>()));
    say!("    {hears:<14} {}", parties(&hear));
    if !through.is_empty() {
        say!("    {:<14} {}", "also heard by", parties(&through));
    }
    for fact in &subject.facts {
        say!("    {:<14} {fact}", "also");
    }
    Ok(())
}

fn of_store(store: &ExplainedStore) -> Result<(), Failure> {
    say!("");
    say!("  {} ({} {})", store.key, store.kind, store.name);
    if let Some(summary) = &store.summary {
        say!("    {summary}");
    }
    documents(&store.tokens, &store.carries)?;
    say!("    {:<14} {}", "read by", listed(&store.read));
    say!("    {:<14} {}", "written by", listed(&store.write));
    Ok(())
}

fn documents(tokens: &[Said], carries: &[Carried]) -> Result<(), Failure> {
    for said in tokens {
        let value = said.value.as_deref().unwrap_or("*");
        let verdict = if said.valid { "" } else { ", which it is not" };
        let repeats = said
            .repeats
            .as_ref()
            .map(|pointer| format!(", repeats {pointer} of the payload"));
        let repeats = repeats.unwrap_or_default();
        say!("    {{{}}} = {value}: {}{verdict}{repeats}", said.token, said.expected);
    }
    for Carried {
        part,
        payload,
        schema,
        members,
    } in carries
    {
        let members = if members.is_empty() {
            String::new()
        } else {
            format!(" {{ {} }}", members.join(", "))
        };
        say!("    {part:<14} {payload}{members} ({schema})");
    }
    Ok(())
}

fn of_stream(stream: &Kept) -> Result<(), Failure> {
    let part = if stream.whole { "" } else { ", in part" };
    say!("");
    say!(
        "  kept by the stream {} ({}{part})",
        stream.stream,
        stream.filters.join(", ")
    );
    for limits in &stream.limits {
        let profile = limits
            .profile
            .as_ref()
            .map_or_else(|| "limits".to_owned(), |profile| format!("in {profile}"));
        let settings: Vec<String> = limits
            .settings
            .iter()
            .map(|(name, value)| match value.as_str() {
                Some(text) => format!("{name} {text}"),
                None => format!("{name} {value}"),
            })
            .collect();
        say!(
            "    {profile:<14} {}",
            if settings.is_empty() {
                "none".to_owned()
            } else {
                settings.join(", ")
            }
        );
    }
    if stream.dead_letters {
        say!("    {:<14} replayed by {}", "dead letters", listed(&stream.replay));
    }
    for Consumed {
        consumer,
        filters,
        consume,
        work,
        on_invalid,
        dead_letter,
    } in &stream.consumers
    {
        say!(
            "    {:<14} {consumer} ({}), worked on by {}",
            "consumer",
            filters.join(", "),
            listed(consume)
        );
        if !work.is_empty() {
            say!("    {:<14} {work}", "");
        }
        let letters = dead_letter
            .as_ref()
            .map(|stream| format!("; dead letters go to {stream}"));
        say!(
            "    {:<14} what does not decode is {on_invalid}{}",
            "",
            letters.unwrap_or_default()
        );
    }
    Ok(())
}

fn parties(parties: &[&Party]) -> String {
    let parties: Vec<String> = parties.iter().map(|one| party(one)).collect();
    listed(&parties)
}

fn party(party: &Party) -> String {
    let own = party.own.iter().map(|own| match &own.value {
        Some(value) => format!(" whose {} is {value}", own.token),
        None => format!(" with its own {}", own.token),
    });
    let own = own.collect::<Vec<_>>().join(" and");
    let through = party
        .subscription
        .as_ref()
        .map(|name| format!(" through {name}"))
        .unwrap_or_default();
    let group = party
        .queue_group
        .as_ref()
        .map(|group| format!(" in the queue group {group}"));
    format!("{}{own}{through}{}", party.role, group.unwrap_or_default())
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        "nobody".to_owned()
    } else {
        names.join(", ")
    }
}
