//! What is checked in under `generated/` is what the generator writes at build time, byte for byte.

#![allow(clippy::expect_used, reason = "a test that cannot read its files has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Every file below a folder, by its path inside it.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(current) = open.pop() {
        for entry in fs::read_dir(&current).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path
                    .strip_prefix(folder)
                    .expect("inside")
                    .to_string_lossy()
                    .into_owned();
                found.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    found
}

#[test]
fn generated_is_what_the_build_script_wrote() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut contracts = 0;
    for entry in fs::read_dir(root.join("schema"))
        .expect("schema/")
        .flatten()
        .filter(|entry| entry.path().is_dir())
    {
        contracts += 1;
        let name = entry.file_name();
        let built = files(&Path::new(env!("OUT_DIR")).join(&name));
        let checked_in = files(&root.join("generated").join(&name));
        let differing: Vec<&String> = built
            .keys()
            .chain(checked_in.keys())
            .filter(|path| built.get(*path) != checked_in.get(*path))
            .collect();
        assert!(
            differing.is_empty(),
            "generated/{} is not current: {differing:?}; run `cargo natsmith generate`",
            name.to_string_lossy()
        );
    }
    assert!(contracts > 0, "there is no contract under schema/");
}
