//! How long a contract takes to check and to generate, as it grows.
//!
//! `cargo bench --manifest-path benches/many/Cargo.toml --bench scale` prints the processor time of each step,
//! and in parentheses that of one payload: where the latter grows with the contract, a step is not linear.

mod clock;
#[allow(dead_code, reason = "the other program writes the payloads for serde too")]
mod made;

use std::error::Error;
use std::time::Duration;
use std::{fs, hint, path::Path};

use clock::Clock;
use made::Contract;
use natsmith_codegen::output::{self, Mode};

const SIZES: [usize; 4] = [625, 1250, 2500, 5000];

const STEPS: [&str; 4] = ["check", "generate", "write", "compare"];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--rounds");
    let rounds = arguments.nth(1).and_then(|rounds| rounds.parse().ok()).unwrap_or(5);
    println!("| payloads | {} | all |", STEPS.join(" | "));
    println!("|--:|{}", "--:|".repeat(STEPS.len() + 1));
    for payloads in SIZES {
        let folder = tempfile::tempdir()?;
        let contract = Contract {
            payloads,
            subjects: true,
        };
        for (path, text) in contract.files("many", "../../runtime") {
            let path = folder.path().join("schema").join(path);
            fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
            fs::write(path, text)?;
        }
        let times = (0..rounds)
            .map(|_| once(folder.path()))
            .collect::<Result<Vec<_>, _>>()?;
        let fastest: Vec<Duration> = (0..=STEPS.len())
            .filter_map(|step| times.iter().map(|times| times[step]).min())
            .collect();
        let cells: Vec<String> = fastest.iter().map(|time| cell(*time, payloads)).collect();
        println!("| {payloads} | {} |", cells.join(" | "));
    }
    Ok(())
}

/// The times of all steps, and of all of them together.
fn once(folder: &Path) -> Result<[Duration; STEPS.len() + 1], Box<dyn Error>> {
    let (schema, target) = (folder.join("schema"), folder.join("many"));
    let start = Clock::of_this_program();
    let checked = natsmith_codegen::check(&schema);
    let check = start.elapsed();
    let faults = || {
        checked
            .report
            .diagnostics()
            .iter()
            .map(|finding| finding.message.as_str())
    };
    let contract = checked.contract.as_ref().filter(|_| !checked.report.has_errors());
    let contract = contract.ok_or_else(|| faults().collect::<Vec<_>>().join("\n"))?;
    let tree = natsmith_codegen::generate(contract)?;
    let generate = start.elapsed();
    let _ = fs::remove_dir_all(&target);
    output::apply(&tree, &target, Mode::Write)?;
    let write = start.elapsed();
    hint::black_box(output::apply(&tree, &target, Mode::Compare)?);
    let compare = start.elapsed();
    Ok([check, generate - check, write - generate, compare - write, compare])
}

fn cell(time: Duration, payloads: usize) -> String {
    let seconds = time.as_secs_f64();
    format!("{:.2} s ({:.2} ms)", seconds, seconds * 1e3 / payloads as f64)
}
