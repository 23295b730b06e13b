//! The shipped contract with random bytes changed: `check` always comes back, and always points into a file.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZero;
use std::panic::catch_unwind;
use std::path::Path;
use std::thread;

use natsmith_codegen::check;

use crate::common::places::faults;
use crate::common::run::root;
use crate::common::workshop::tree;

/// How many broken contracts are tried.
const ROUNDS: u64 = 200;

/// What random text rarely says, and YAML means something by.
const MORSELS: [&str; 24] = [
    ":",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "'",
    "#",
    "|",
    ">",
    "&a ",
    "*a",
    "!!x ",
    "\n",
    "\n  ",
    "\t",
    "$ref: \"#\"\n",
    "~",
    ".",
    "\u{0}",
    "\u{fe0f}",
    "\u{2028}",
    "é",
];

/// A generator of numbers that are the same in every run (xorshift64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).expect("below a usize")
    }
}

#[test]
fn a_contract_with_random_faults_is_checked_to_the_end() {
    let mut sound = tree(&root().join("schema/mister-smith"));
    // The examples say nothing about the contract, and are most of the files.
    sound.retain(|path, _| !path.starts_with("examples/"));
    let workers = thread::available_parallelism().map_or(1, NonZero::get) as u64;
    let found: usize = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers)
            .map(|worker| {
                let seeds = (worker..ROUNDS).step_by(usize::try_from(workers).expect("few"));
                let sound = &sound;
                scope.spawn(move || broken_contracts(seeds, sound))
            })
            .collect();
        let findings = workers.into_iter().map(|worker| worker.join().expect("no panic"));
        findings.sum()
    });
    assert!(found > 100, "the changes are felt: {found}");
}

/// Checks one broken contract a seed; how many findings there were.
fn broken_contracts(seeds: impl Iterator<Item = u64>, sound: &BTreeMap<String, Vec<u8>>) -> usize {
    let paths: Vec<&String> = sound.keys().collect();
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(folder.path(), sound);
    let mut found = 0;
    for seed in seeds {
        let mut numbers = Numbers((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let path = paths[numbers.below(paths.len())];
        let mut bytes = sound[path].clone();
        for _ in 0..=numbers.below(3) {
            mutate(&mut bytes, &mut numbers);
        }
        let file = folder.path().join(path);
        fs::write(&file, &bytes).expect("a file is written");
        let checked = catch_unwind(|| check(folder.path()));
        fs::write(&file, &sound[path]).expect("a file is written");

        let faults = checked.as_ref().map_or_else(|_| vec!["a panic".to_owned()], faults);
        assert!(
            faults.is_empty(),
            "seed {seed}, {path}: {faults:?}\n{}",
            String::from_utf8_lossy(&bytes)
        );
        found += checked.map_or(0, |checked| checked.report.diagnostics().len());
    }
    found
}

/// Changes, removes, inserts or repeats some bytes.
fn mutate(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    let at = numbers.below(bytes.len() + 1);
    let end = (at + 1 + numbers.below(12)).min(bytes.len());
    match numbers.below(5) {
        0 => {
            bytes.splice(at..end.max(at), []);
        }
        1 => {
            let piece = MORSELS[numbers.below(MORSELS.len())];
            bytes.splice(at..at, piece.bytes());
        }
        2 => {
            let piece = bytes[at..end.max(at)].to_vec();
            let to = numbers.below(bytes.len() + 1);
            bytes.splice(to..to, piece);
        }
        3 => bytes.truncate(at),
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = u8::try_from(numbers.below(256)).expect("a byte");
            }
        }
    }
}

fn write(folder: &Path, files: &BTreeMap<String, Vec<u8>>) {
    for (path, bytes) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders are made");
        fs::write(path, bytes).expect("a file is written");
    }
}
