//! The output folder is replaced as a whole, or not at all.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use insta::assert_snapshot;

use crate::common::run::natsmith;
use crate::common::workshop::Workshop;

/// Points `rust.output` somewhere else.
fn redirect(workshop: &Workshop, output: &str) {
    let header = workshop.read("schema/shop/contract.yaml");
    workshop.write(
        "schema/shop/contract.yaml",
        &format!("{header}\nrust: {{ output: {output} }}\n"),
    );
}

#[test]
fn a_folder_that_is_not_ours_is_refused_untouched() {
    let workshop = Workshop::new();
    redirect(&workshop, "../../precious");
    workshop.write("precious/Cargo.toml", "[package]\nname = \"precious\"\n");
    workshop.write("precious/src/lib.rs", "//! Years of work.\n");
    let before = workshop.tree("precious");
    let run = workshop.run(&["generate"]);
    assert_snapshot!(run.shown());
    assert_eq!(workshop.tree("precious"), before);
    // What would never be written is not compared either.
    assert_eq!(workshop.run(&["generate", "--check"]), run);
    assert_eq!(workshop.run(&["generate", "--dry-run"]), run);
}

/// The folders that a slip of the pen leads to.
#[test]
fn the_contract_itself_and_all_that_is_above_it_are_refused() {
    for output in ["../..", "..", ".", "../../schema", "../shop"] {
        let workshop = Workshop::new();
        redirect(&workshop, output);
        let before = workshop.tree("");
        let run = workshop.run(&["generate"]);
        assert_eq!(run.code, Some(2), "{output}: {run:?}");
        assert!(
            run.stderr.contains("not a folder that natsmith generated"),
            "{output}: {run:?}"
        );
        assert_eq!(workshop.tree(""), before, "{output}");
    }
}

#[test]
fn a_file_in_the_place_of_the_folder_is_refused_untouched() {
    let workshop = Workshop::new();
    workshop.write("generated/shop", "a file\n");
    let run = workshop.run(&["generate"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert_eq!(workshop.read("generated/shop"), "a file\n");
    assert!(run.stderr.contains("generated/shop"), "{run:?}");
}

#[test]
fn what_a_killed_run_left_behind_is_in_nobodys_way() {
    let workshop = Workshop::new();
    let (fresh, old) = ("generated/.shop.natsmith-fresh", "generated/.shop.natsmith-old");
    for leftover in [fresh, old] {
        workshop.write(&format!("{leftover}/src/lib.rs"), "half a file");
    }
    let yesterday = SystemTime::now() - Duration::from_secs(86_400);
    let folder = fs::File::open(workshop.path(old)).expect("a folder");
    folder.set_modified(yesterday).expect("a time is set");
    drop(folder);

    let run = workshop.run(&["generate"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(workshop.path("generated/shop/src/lib.rs").exists());
    assert!(workshop.path(fresh).exists(), "another run may still be writing it");
    assert!(!workshop.path(old).exists(), "nobody needs it any more");
    assert_eq!(workshop.run(&["generate", "--check"]).code, Some(0));
}

/// Two contracts, one output: each run would change every file. It is killed at another moment each time, from before
/// it starts to after it ends, and what stands there afterwards is one of the two trees, whole.
#[test]
fn a_killed_run_leaves_the_old_tree_or_the_new_one() {
    const RUNS: u32 = 60;
    let workshop = Workshop::new();
    let variants = ["1.0.0", "2.0.0"];
    let mut trees = Vec::new();
    let mut longest = Duration::ZERO;
    for version in variants {
        set_version(&workshop, version);
        let start = Instant::now();
        assert_eq!(workshop.run(&["generate"]).code, Some(0));
        longest = longest.max(start.elapsed());
        trees.push(workshop.tree("generated/shop"));
    }
    assert_ne!(trees[0], trees[1]);

    let (mut replaced, mut kept) = (0, 0);
    for round in 0..RUNS {
        let before = workshop.tree("generated/shop");
        let wanted = usize::from(before == trees[0]);
        set_version(&workshop, variants[wanted]);
        let mut child = natsmith(&workshop.path(""))
            .arg("generate")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary runs");
        // Not a wait for something to happen: the moment of the kill is what varies.
        thread::sleep(longest * round / RUNS);
        child.kill().expect("it is killed, or has ended");
        child.wait().expect("it ends");

        let after = workshop.tree("generated/shop");
        if after == trees[wanted] {
            replaced += 1;
        } else {
            assert_eq!(after, before, "round {round}: neither the old tree nor the new one");
            kept += 1;
        }
    }
    assert!(kept > 0, "no run was killed in time, of {replaced}");
    assert_eq!(
        workshop.run(&["generate"]).code,
        Some(0),
        "and the next run is none the worse"
    );
}

fn set_version(workshop: &Workshop, version: &str) {
    let header = workshop.read("schema/shop/contract.yaml");
    let lines = header.lines().map(|line| match line.strip_prefix("version: ") {
        Some(_) => format!("version: {version}\n"),
        None => format!("{line}\n"),
    });
    workshop.write("schema/shop/contract.yaml", &lines.collect::<String>());
}
