//! `natsmith explain` of a subject, a filter or a key: what a contract says of it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::fs;

use common::run::{root, run};
use insta::assert_snapshot;
use natsmith_codegen::check;
use natsmith_codegen::contract::Contract;
use natsmith_codegen::explain::Explanation;
use serde_json::Value;

fn contracts() -> Vec<Contract> {
    let entries = fs::read_dir(root().join("schema")).expect("schema/");
    let folders = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir());
    let contracts: Vec<Contract> = folders.filter_map(|folder| check(&folder).contract).collect();
    assert!(contracts.len() >= 5, "the contracts are found: {}", contracts.len());
    contracts
}

#[test]
fn every_subject_that_a_template_makes_is_one_of_it() {
    let mut explained = 0;
    for contract in contracts() {
        for subject in contract.subjects.values() {
            let example = contract.shape(&subject.template).example().expect("a subject");
            let explanation = Explanation::of(&contract, &example);
            let own = explanation.subjects.iter().find(|own| own.name == subject.name.value);
            let own = own.unwrap_or_else(|| panic!("{example}: {explanation:?}"));
            assert!(own.tokens.iter().all(|said| said.valid), "{example}: {:?}", own.tokens);
            assert_eq!(own.whole, None, "{example}");
            assert_eq!(own.send.len(), subject.senders().len(), "{example}");
            let wildcard = subject.template.wildcard();
            for (asked, whole) in [(wildcard.as_str(), true), (">", true), (&subject.name.value, true)] {
                let explanation = Explanation::of(&contract, asked);
                let own = explanation.subjects.iter().find(|own| own.name == subject.name.value);
                let own = own.map(|own| own.whole.unwrap_or(subject.template.tokens().next().is_none()));
                assert_eq!(own, Some(whole), "{asked} of {example}");
            }
            let streams = contract.streams.values().filter(|stream| stream.captures(&wildcard));
            for stream in streams {
                let kept = explanation.streams.iter().find(|kept| kept.stream == stream.name.value);
                assert!(
                    kept.is_some_and(|kept| kept.whole),
                    "{example} is kept by {}",
                    stream.name.value
                );
            }
            explained += 1;
        }
    }
    assert!(explained > 80, "subjects are found: {explained}");
}

/// All that is said, for people.
fn told(asked: &str, folders: &[&str]) -> String {
    run(&root().join("schema"), &[&["explain", asked], folders].concat()).shown()
}

#[test]
fn a_subject_is_explained() {
    let agent = "agent-3f2b8c1e-5d4a-4e6f-9a7b-1c2d3e4f5a6b";
    assert_snapshot!(
        "subject",
        told(&format!("agents.{agent}.status.idle"), &["mister-smith"])
    );
    assert_snapshot!("refused", told("agents.x.status.idle", &["mister-smith"]));
    assert_snapshot!("request", told("agents.capabilities", &["mister-smith"]));
    assert_snapshot!("filter", told("agents.*.status.>", &["mister-smith"]));
    assert_snapshot!("unknown", told("agent.x.statsu", &["mister-smith", "agent-mesh"]));
}

/// A contract with a bucket, an object store, dead letters and a queue group.
const SHOP: &str = "natsmith: 1
contract: shop
version: 1.0.0
nats: \">=2.11\"
roles: { shop: { description: Sells. }, customer: { description: Buys. } }
tokens: { order: { pattern: \"^[0-9]+$\" } }
subjects:
  orders.placed:
    subject: orders.{order}.placed
    summary: Somebody wants something.
    payload: Order
    publish: [customer]
    subscribe: [shop]
    queue_group: tills
streams:
  ORDERS:
    subjects: [orders.placed]
    max_age: 7d
    consumers:
      packer: { consume: [shop], on_failure: { attempts: 3 }, dead_letter: LETTERS }
  LETTERS: { replay: [shop] }
kv:
  stock: { key: \"{order}\", value: Order, read: [customer], write: [shop], history: 5 }
object_stores:
  pictures: { name: \"{order}\", read: [customer], write: [shop] }
";

#[test]
fn keys_and_dead_letters_are_explained() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let shop = folder.path().join("shop");
    fs::create_dir(&shop).expect("a folder is made");
    fs::write(shop.join("contract.yaml"), SHOP).expect("a file is written");
    let payload = "$schema: https://json-schema.org/draft/2020-12/schema\ntitle: Order\ntype: object\nproperties: { note: { type: string } }\n";
    fs::write(shop.join("order.schema.yaml"), payload).expect("a file is written");
    let told = |asked: &str| run(folder.path(), &["explain", asked, "shop"]).shown();
    assert_snapshot!("key", told("$KV.stock.17"));
    assert_snapshot!("wrong_key", told("$KV.stock.none"));
    assert_snapshot!("objects", told("$O.pictures.>"));
    assert_snapshot!("work", told("orders.17.placed"));
    assert_snapshot!("letters", told("dead_letters.LETTERS.x"));
}

#[test]
fn programs_read_it_as_json() {
    let run = run(
        &root().join("schema"),
        &["explain", "agents.x.status.idle", "mister-smith", "--format", "json"],
    );
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
    let told: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(told[0]["contract"], "mister-smith");
    assert_eq!(told[0]["subjects"][0]["tokens"][0]["valid"], false);
    assert_eq!(told[0]["subjects"][0]["tokens"][1]["value"], "idle");
    assert_eq!(told[0]["streams"][0]["limits"][0]["settings"]["max_age"], "7d");
}

#[test]
fn what_is_no_subject_is_no_code_either() {
    let refused = run(root(), &["explain", "a b"]);
    assert_eq!(refused.code, Some(2), "{}", refused.stdout);
    assert!(
        refused
            .stderr
            .contains("`a b` is neither a subject nor the code of a finding"),
        "{}",
        refused.stderr
    );
}
