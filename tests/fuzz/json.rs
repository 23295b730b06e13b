//! Any bytes: the reader of documents and `serde_json` agree on whether they are JSON, and on what they say.
#![no_main]

use libfuzzer_sys::fuzz_target;
use natsmith_runtime::json::DEPTH;

#[path = "../../runtime/tests/support/readers.rs"]
mod readers;

fuzz_target!(|document: &[u8]| {
    // `serde_json` reads one level less, so that such a document is only read.
    let opened = document.iter().filter(|byte| matches!(byte, b'[' | b'{')).count();
    if opened < DEPTH as usize {
        readers::agree(document);
    } else {
        readers::verdicts(document);
    }
});
