//! `generate`, `generate --check` and `generate --dry-run`.

use std::fs;

use insta::assert_snapshot;

use crate::common::run::Run;
use crate::common::workshop::Workshop;

const OUTPUT: &str = "generated/shop";

fn generated() -> Workshop {
    let workshop = Workshop::new();
    let run = workshop.run(&["generate"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    workshop
}

/// `generate --check` finds something, and the command that it names repairs it.
fn check_and_repair(workshop: &Workshop) -> Run {
    let before = workshop.tree(OUTPUT);
    let found = workshop.run(&["generate", "--check"]);
    assert_eq!(found.code, Some(1), "{found:?}");
    assert_eq!(workshop.tree(OUTPUT), before, "looking changes nothing");

    let last = found.stdout.lines().last().expect("a last line");
    let repair = last
        .strip_prefix("to repair it, run: cargo natsmith ")
        .expect("a command");
    let repaired = workshop.run(&repair.split(' ').collect::<Vec<_>>());
    assert_eq!(repaired.code, Some(0), "{repaired:?}");
    let again = workshop.run(&["generate", "--check"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    found
}

#[test]
fn a_dry_run_says_what_would_be_written_and_writes_nothing() {
    let workshop = Workshop::new();
    assert_snapshot!(workshop.run(&["generate", "--dry-run"]).shown());
    assert!(!workshop.path("generated").exists());

    let run = workshop.run(&["generate"]);
    let dry: Vec<String> = workshop.tree(OUTPUT).into_keys().collect();
    let wet: Vec<&str> = run
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("wrote   "))
        .collect();
    assert_eq!(dry, wet);
}

#[test]
fn a_dry_run_over_a_changed_folder_says_what_each_file_would_meet() {
    let workshop = generated();
    workshop.edit("generated/shop/src/lib.rs", "pub mod", "mod");
    workshop.write("generated/shop/src/mine.rs", "");
    fs::remove_file(workshop.path("generated/shop/README.md")).expect("it is there");
    let before = workshop.tree(OUTPUT);
    assert_snapshot!(workshop.run(&["generate", "--dry-run"]).shown());
    assert_eq!(workshop.tree(OUTPUT), before);
}

#[test]
fn running_twice_changes_no_byte_and_no_time() {
    let workshop = generated();
    let times = |workshop: &Workshop| {
        let files = workshop.tree(OUTPUT).into_keys();
        let times = files.map(|path| {
            let file = workshop.path(OUTPUT).join(&path);
            (
                path,
                fs::metadata(file)
                    .and_then(|metadata| metadata.modified())
                    .expect("a time"),
            )
        });
        times.collect::<Vec<_>>()
    };
    let (tree, before) = (workshop.tree(OUTPUT), times(&workshop));
    let run = workshop.run(&["generate"]);
    assert_eq!(run.code, Some(0));
    assert_eq!(run.stdout.lines().count(), 1, "{run:?}");
    assert_eq!((workshop.tree(OUTPUT), times(&workshop)), (tree, before));

    // After a change of one file, the others keep their times: cargo builds nothing twice.
    let before = times(&workshop);
    workshop.edit("schema/shop/contract.yaml", "Takes orders", "Receives orders");
    let run = workshop.run(&["generate"]);
    let changed: Vec<&str> = run
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("rewrote "))
        .collect();
    assert!(!changed.is_empty(), "{run:?}");
    for (old, new) in before.iter().zip(times(&workshop)) {
        assert_eq!(old == &new, !changed.contains(&new.0.as_str()), "{}", new.0);
    }
}

#[test]
fn two_machines_generate_the_same_bytes() {
    let (one, other) = (generated(), generated());
    assert_eq!(one.tree(OUTPUT), other.tree(OUTPUT));
}

#[test]
fn a_current_folder_passes() {
    let workshop = generated();
    let run = workshop.run(&["generate", "--check"]);
    assert_eq!((run.code, run.stdout.lines().count()), (Some(0), 1), "{run:?}");
}

#[test]
fn a_hand_edited_file_is_caught() {
    let workshop = generated();
    workshop.edit("generated/shop/src/tokens.rs", "One customer.", "One customer, or two.");
    assert_snapshot!(check_and_repair(&workshop).shown());
}

#[test]
fn a_byte_at_the_end_is_caught() {
    let workshop = generated();
    let text = workshop.read("generated/shop/src/lib.rs");
    workshop.write("generated/shop/src/lib.rs", &format!("{text}\n"));
    check_and_repair(&workshop);
    workshop.write("generated/shop/src/lib.rs", text.trim_end());
    check_and_repair(&workshop);
}

#[test]
fn a_deleted_file_is_caught() {
    let workshop = generated();
    fs::remove_file(workshop.path("generated/shop/src/tokens.rs")).expect("it is there");
    assert_snapshot!(check_and_repair(&workshop).shown());
}

/// The file by which natsmith knows its folders is one that somebody may delete, too.
#[test]
fn a_deleted_manifest_is_caught() {
    let workshop = generated();
    fs::remove_file(workshop.path("generated/shop/Cargo.toml")).expect("it is there");
    check_and_repair(&workshop);
    workshop.write("generated/shop/Cargo.toml", "[package]\nname = \"shop\"\n");
    check_and_repair(&workshop);
}

#[test]
fn a_deleted_folder_is_caught() {
    let workshop = generated();
    fs::remove_dir_all(workshop.path(OUTPUT)).expect("it is there");
    fs::create_dir(workshop.path(OUTPUT)).expect("a folder is made");
    check_and_repair(&workshop);
}

#[test]
fn an_extra_file_is_caught() {
    let workshop = generated();
    workshop.write("generated/shop/src/subjects/by_hand.rs", "pub fn mine() {}\n");
    assert_snapshot!(check_and_repair(&workshop).shown());
    assert!(!workshop.path("generated/shop/src/subjects/by_hand.rs").exists());
}

#[test]
fn a_schema_that_moved_on_is_caught() {
    let workshop = generated();
    workshop.edit("schema/shop/orders.yaml", "orders.price:", "orders.quote:");
    let found = check_and_repair(&workshop);
    assert!(found.stdout.contains("src/subjects/orders.rs"), "{}", found.stdout);
}

#[test]
fn a_checkout_with_other_line_endings_passes() {
    let workshop = generated();
    for folder in ["schema", "generated"] {
        for (path, bytes) in workshop.tree(folder) {
            let text = String::from_utf8(bytes).expect("UTF-8").replace('\n', "\r\n");
            workshop.write(&format!("{folder}/{path}"), &text);
        }
    }
    let run = workshop.run(&["generate", "--check"]);
    assert_eq!(run.code, Some(0), "{run:?}");

    // An edit is one with these endings too, and is shown without noise.
    workshop.edit("generated/shop/src/tokens.rs", "One customer.", "One customer, or two.");
    assert_snapshot!(check_and_repair(&workshop).shown());
}

#[test]
fn what_cargo_makes_in_the_folder_is_left_alone() {
    let workshop = generated();
    workshop.write("generated/shop/Cargo.lock", "version = 4\n");
    workshop.write("generated/shop/target/debug/shop", "binary");
    assert_eq!(workshop.run(&["generate", "--check"]).code, Some(0));
    workshop.edit("schema/shop/contract.yaml", "A small shop", "A large shop");
    assert_eq!(workshop.run(&["generate"]).code, Some(0));
    assert_eq!(workshop.read("generated/shop/Cargo.lock"), "version = 4\n");
    assert_eq!(workshop.read("generated/shop/target/debug/shop"), "binary");
}

#[test]
fn a_faulty_contract_leaves_the_folder_as_it_was() {
    let workshop = generated();
    let before = workshop.tree("generated");
    workshop.edit(
        "schema/shop/orders.yaml",
        "payload: Order\n    bind",
        "payload: Ordre\n    bind",
    );
    for arguments in [&["generate"][..], &["generate", "--check"], &["generate", "--dry-run"]] {
        let run = workshop.run(arguments);
        assert_eq!(run.code, Some(1), "{run:?}");
        assert!(run.stdout.contains("names/unknown-payload"), "{run:?}");
        assert_eq!(workshop.tree("generated"), before);
    }
}

#[test]
fn all_contracts_are_generated_and_one_that_is_faulty_stops_no_other() {
    let workshop = Workshop::new();
    workshop.write(
        "schema/a-broken-one/contract.yaml",
        "natsmith: 1\ncontract: broken\nversion: 1.0.0\n",
    );
    let run = workshop.run(&["generate"]);
    assert_eq!(run.code, Some(1));
    assert!(workshop.path("generated/shop/Cargo.toml").exists());
    assert!(!workshop.path("generated/broken").exists());
}

#[test]
fn two_contracts_never_share_a_folder() {
    let workshop = Workshop::new();
    let text = workshop
        .read("schema/shop/contract.yaml")
        .replace("contract: shop", "contract: shop-two");
    let two = format!("{text}\nrust: {{ output: ../../generated/shop }}\n");
    workshop.write("schema/two/contract.yaml", &two);
    for file in ["orders.yaml", "order.schema.yaml", "price.schema.yaml"] {
        workshop.write(
            &format!("schema/two/{file}"),
            &workshop.read(&format!("schema/shop/{file}")),
        );
    }
    let run = workshop.run(&["generate"]);
    assert_eq!(run.code, Some(2), "{}", run.shown());
    assert!(
        run.shown().contains("both generate into generated/shop"),
        "{}",
        run.shown()
    );
    assert!(!workshop.path("generated").exists());
}
