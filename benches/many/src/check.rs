//! How long a contract of very many subjects takes to check, and how much memory.
//!
//! `cargo bench --manifest-path benches/many/Cargo.toml --bench check` prints processor times and the most memory until then; the growth is
//! the time of ten times as many subjects over the time before, and 10 is linear.

mod clock;

use std::error::Error;
use std::fmt::Write;
use std::path::Path;
use std::fs;

use clock::Clock;

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

/// How many subjects one module has, one stream keeps, and one file declares.
const MODULE: usize = 50;

fn main() -> Result<(), Box<dyn Error>> {
    println!("| subjects | streams | consumers | subscriptions | time | growth | memory |");
    println!("|--:|--:|--:|--:|--:|--:|--:|");
    let mut before: Option<f64> = None;
    for subjects in SIZES {
        let folder = tempfile::tempdir()?;
        write(folder.path(), subjects)?;
        let clock = Clock::of_this_program();
        let checked = natsmith_codegen::check(folder.path());
        let time = clock.elapsed().as_secs_f64();
        let findings: Vec<&str> = checked
            .report
            .diagnostics()
            .iter()
            .take(3)
            .map(|finding| finding.message.as_str())
            .collect();
        let contract = checked.contract.filter(|_| !checked.report.has_errors()).ok_or(findings.join("\n"))?;
        let consumers: usize = contract.streams.values().map(|stream| stream.consumers.len()).sum();
        println!(
            "| {} | {} | {consumers} | {} | {time:.2} s | {} | {} |",
            contract.subjects.len(),
            contract.streams.len(),
            contract.subscriptions.len(),
            before.map_or("-".to_owned(), |before| format!("{:.1}", time / before)),
            memory(),
        );
        before = Some(time);
    }
    Ok(())
}

/// The most memory that this program has had.
fn memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or("-".to_owned(), |line| line.trim().to_owned())
}

/// Writes a contract: for every fifty subjects a module with a stream, two consumers, a token and a subscription of its own.
fn write(folder: &Path, subjects: usize) -> std::io::Result<()> {
    fs::write(
        folder.join("contract.yaml"),
        "natsmith: 1\ncontract: large\nversion: 1.0.0\nroles:\n  writer: { description: Writes. }\n  reader: { description: Reads. }\n\
         tokens:\n  region: { enum: [eu, us, asia], description: Where. }\n  id: { pattern: \"^[0-9a-f]{16}$\", description: Which. }\n",
    )?;
    fs::write(
        folder.join("thing.schema.yaml"),
        "$schema: https://json-schema.org/draft/2020-12/schema\ntitle: Thing\ndescription: A thing.\ntype: object\nrequired: [name]\n\
         properties:\n  name: { type: string, maxLength: 100, description: Its name. }\n",
    )?;
    for module in 0..subjects / MODULE {
        let mut text = format!("tokens:\n  key_{module}: {{ pattern: \"^k{module}-[a-z]{{1,20}}$\", description: A key. }}\nsubjects:\n");
        for subject in 0..MODULE {
            let template = match subject % 3 {
                0 => format!("m{module}.{{region}}.s{subject}.{{id}}"),
                1 => format!("m{module}.{{region}}.s{subject}.{{key_{module}}}"),
                _ => format!("m{module}.{{region}}.s{subject}"),
            };
            let _ = write!(
                text,
                "  m{module}.s{module}_{subject}:\n    subject: {template}\n    summary: Something.\n    payload: Thing\n    publish: [writer]\n    subscribe: [reader]\n"
            );
        }
        let _ = write!(
            text,
            "subscriptions:\n  all_{module}: {{ filter: \"m{module}.*.s0.>\", subscribe: [reader] }}\n\
             streams:\n  m{module}:\n    subjects: [{{ filter: \"m{module}.>\" }}]\n    max_age: 30d\n    consumers:\n"
        );
        for consumer in 0..2 {
            let _ = write!(
                text,
                "      c{module}_{consumer}:\n        filter: [m{module}.s{module}_{consumer}, {{ filter: \"m{module}.eu.s{}.>\" }}]\n        max_deliver: 3\n",
                3 + consumer * 3,
            );
        }
        fs::write(folder.join(format!("m{module}.yaml")), text)?;
    }
    Ok(())
}
