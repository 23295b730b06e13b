//! Documents of every payload of `mister-smith`: the payload's type and a JSON Schema validator agree on each.
//!
//! The first byte chooses the payload, the rest is the document. Half of the documents are examples of the contract that
//! were changed as JSON, for bytes that are changed at random are seldom JSON.
#![no_main]

use std::fmt::Debug;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use mister_smith::payloads::*;
use natsmith_runtime::{BorrowedPayload, Keyword, Payload};
use serde_json::Value;

#[path = "../support/agree.rs"]
#[allow(dead_code, reason = "the documents come from elsewhere")]
mod agree;
#[path = "../support/mutate.rs"]
#[allow(dead_code, reason = "libFuzzer changes the bytes")]
mod mutate;
#[macro_use]
#[path = "../support/payloads.rs"]
mod payloads;
#[path = "../../runtime/tests/support/readers.rs"]
#[allow(dead_code, reason = "the other target uses the rest")]
mod readers;

use agree::{Borrowed, Compared};
use mutate::{Random, mutate};

fuzz_target!(|input: &[u8]| {
    if let [choice, document @ ..] = input {
        (chosen(*choice).check)(document);
    }
});

fuzz_mutator!(|input: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let mut random = Random::new(seed.into());
    if size == 0 || random.below(2) == 0 {
        return fuzzer_mutate(input, size, max_size);
    }
    let examples = &chosen(input[0]).examples;
    let document = match serde_json::from_slice(&input[1..size]) {
        Ok(document) if random.below(16) > 0 => document,
        _ => examples[random.below(examples.len())].clone(),
    };
    let text = mutate(&document, &mut random).to_string();
    if text.len() >= max_size {
        return fuzzer_mutate(input, size, max_size);
    }
    input[1..=text.len()].copy_from_slice(text.as_bytes());
    1 + text.len()
});

/// A payload: what its type is held against, and the documents to start with.
struct Target {
    check: Box<dyn Fn(&[u8]) + Send + Sync>,
    examples: Vec<Value>,
}

fn chosen(choice: u8) -> &'static Target {
    &TARGETS[usize::from(choice) % TARGETS.len()]
}

fn target<P: Payload + PartialEq + Debug>(borrowed: Option<Borrowed<P>>) -> Target {
    let judge = agree::judge(P::SCHEMA);
    Target {
        check: Box::new(move |document| check(&judge, document, borrowed)),
        examples: examples(P::NAME),
    }
}

fn examples(payload: &str) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema/mister-smith/examples");
    let files = ["valid", "invalid"].map(|verdict| fs::read_dir(folder.join(payload).join(verdict)));
    let mut files: Vec<_> = files
        .into_iter()
        .flat_map(|files| files.expect("the examples can be read"))
        .map(|file| file.expect("the examples can be read").path())
        .collect();
    // The same input is the same document in every run.
    files.sort();
    let texts = files.iter().filter_map(|file| fs::read(file).ok());
    texts.filter_map(|text| serde_json::from_slice(&text).ok()).collect()
}

fn check<P: Payload + PartialEq + Debug>(judge: &jsonschema::Validator, text: &[u8], borrowed: Option<Borrowed<P>>) {
    let decode = |text: &[u8]| {
        let decoded = P::decode(text);
        if let Some(borrowed) = borrowed {
            assert_eq!(borrowed(text), decoded, "{}", String::from_utf8_lossy(text));
        }
        let listed = P::decode_all_errors(text);
        assert_eq!(
            listed.is_empty(),
            decoded.is_ok(),
            "{}: {decoded:?}, but {listed:?}: {}",
            P::NAME,
            String::from_utf8_lossy(text)
        );
        decoded
    };
    agree::syntax(text, decode);
    if let Ok(document) = serde_json::from_slice(text) {
        agree::one(judge, &document, decode, &mut Compared::default());
        if has_one_reading(text) {
            // Written anew, members are in another order, so that another fault may come first.
            let (as_written, again) = (decode(text), decode(document.to_string().as_bytes()));
            let shown = String::from_utf8_lossy(text);
            assert_eq!(as_written.is_ok(), again.is_ok(), "{}: {shown}", P::NAME);
        }
    }
}

/// Whether `serde_json` keeps all that a document says: no member stands twice in an object, and no number has an exponent
/// or more digits than a float holds.
fn has_one_reading(text: &[u8]) -> bool {
    let twice = readers::decode::<readers::Json>(text).is_err_and(|error| error.keyword() == Keyword::Duplicate);
    let pieces = text.split(|byte| !matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    let is_exact = |piece: &[u8]| {
        let is_number = str::from_utf8(piece).is_ok_and(|piece| piece.parse::<f64>().is_ok());
        let digits = piece.iter().filter(|byte| byte.is_ascii_digit()).count();
        !is_number || digits < 16 && !piece.iter().any(|byte| matches!(byte, b'e' | b'E'))
    };
    !twice && pieces.into_iter().all(is_exact)
}

macro_rules! targets {
    ($($name:ident: $payload:ident $(, $borrowed:ident)?;)*) => {
        static TARGETS: LazyLock<Vec<Target>> =
            LazyLock::new(|| vec![$(target::<$payload>(borrowed!($($borrowed)?))),*]);
    };
}

payloads_of_mister_smith!(targets! {});
