//! How long the crate of a contract takes to compile, next to serde's derives on the same structs.
//!
//! `cargo bench --manifest-path benches/many/Cargo.toml --bench compile` writes three crates to a folder below `target/`,
//! builds what they depend on, and then compiles each of them in turn, from nothing and not incrementally. `--
//! --payloads 200 --rounds 1` makes it quicker. On a machine that does other things too, the processor time says more.

mod clock;
mod made;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use clock::Clock;
use made::{Contract, FIELDS};

/// The crates, the one that the others are divided by first.
const CRATES: [(&str, &str); 3] = [
    ("plain", "serde derives"),
    ("payloads", "natsmith, payloads alone"),
    ("subjects", "natsmith, a subject each"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let payloads = argument("--payloads").unwrap_or(1000);
    let rounds = argument("--rounds").unwrap_or(3);
    let folder = &Path::new(env!("CARGO_TARGET_TMPDIR")).join("many");
    write(folder, payloads)?;

    for command in ["check", "build"] {
        for (name, _) in CRATES {
            cargo(folder, command, name)?;
        }
    }
    println!("| {payloads} payloads of {FIELDS} fields | wall time | ratio | processor time | ratio |");
    println!("|---|--:|--:|--:|--:|");
    for command in ["check", "build"] {
        let mut times = vec![Vec::new(); CRATES.len()];
        for _ in 0..rounds {
            for ((name, _), times) in CRATES.iter().zip(&mut times) {
                fs::OpenOptions::new()
                    .append(true)
                    .open(folder.join(name).join("src/lib.rs"))?
                    .set_modified(std::time::SystemTime::now())?;
                times.push(cargo(folder, command, name)?);
            }
        }
        let medians: Vec<[f64; 2]> = times
            .iter()
            .map(|times| [0, 1].map(|kind| median(times, kind)))
            .collect();
        for ((_, label), [wall, processor]) in CRATES.iter().zip(&medians) {
            let [plain_wall, plain_processor] = medians[0];
            println!(
                "| `cargo {command}`, {label} | {wall:.1} s | {:.2} | {processor:.1} s | {:.2} |",
                wall / plain_wall,
                processor / plain_processor
            );
        }
    }
    Ok(())
}

fn argument(name: &str) -> Option<usize> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1)?.parse().ok()
}

/// The middle one of wall or processor times.
fn median(times: &[[f64; 2]], kind: usize) -> f64 {
    let mut times: Vec<f64> = times.iter().map(|time| time[kind]).collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Writes a workspace of the three crates.
fn write(folder: &Path, payloads: usize) -> Result<(), Box<dyn Error>> {
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../runtime")
        .canonicalize()?;
    let runtime = runtime.to_str().ok_or("the path of the runtime is no text")?;
    for (name, _) in CRATES {
        let _ = fs::remove_dir_all(folder.join(name));
    }
    let alone = Contract {
        payloads,
        subjects: false,
    };
    write_files(&folder.join("plain"), &alone.plain("plain"))?;
    for (name, contract) in [
        ("payloads", alone),
        (
            "subjects",
            Contract {
                subjects: true,
                ..alone
            },
        ),
    ] {
        let schema = folder.join("schema");
        let _ = fs::remove_dir_all(&schema);
        write_files(&schema, &contract.files(name, runtime))?;
        let checked = natsmith_codegen::check(&schema);
        let contract = checked.contract.as_ref().filter(|_| !checked.report.has_errors());
        let faults = || {
            checked
                .report
                .diagnostics()
                .iter()
                .map(|finding| finding.message.as_str())
        };
        let contract = contract.ok_or_else(|| faults().collect::<Vec<_>>().join("\n"))?;
        let tree = natsmith_codegen::generate(contract)?;
        natsmith_codegen::output::write(&tree, &folder.join(name))?;
    }
    let members = CRATES.map(|(name, _)| name);
    let workspace = format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n");
    fs::write(folder.join("Cargo.toml"), workspace)?;
    Ok(())
}

fn write_files(folder: &Path, files: &[(String, String)]) -> Result<(), Box<dyn Error>> {
    for (path, text) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}

/// Compiles one crate: seconds of wall time, and of processor time where the system tells.
fn cargo(folder: &Path, command: &str, name: &str) -> Result<[f64; 2], Box<dyn Error>> {
    let (wall, processor) = (Instant::now(), Clock::of_children());
    let output = Command::new(env!("CARGO"))
        .args([command, "--quiet", "--package", name])
        .current_dir(folder)
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env_remove("RUSTFLAGS")
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() || !output.stderr.is_empty() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let processor = processor.elapsed();
    Ok([wall.elapsed().as_secs_f64(), processor.as_secs_f64()])
}
