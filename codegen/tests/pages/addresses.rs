//! Every link of every page leads to a file that is there, and to a place in it that is there.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::contracts::Pages;

pub(crate) fn hold(pages: &Pages) {
    let folder = pages.folder();
    let mut texts = HashMap::new();
    collect(&folder, &mut texts);
    let ids: HashMap<&PathBuf, HashSet<String>> = texts
        .iter()
        .map(|(file, text)| (file, once_each(file, values(text, " id=\""))))
        .collect();
    let mut faults = Vec::new();
    let mut links = 0;
    for (file, text) in &texts {
        let targets = [" href=\"", " src=\""]
            .into_iter()
            .flat_map(|attribute| values(text, attribute));
        for target in targets {
            if ["https:", "http:", "mailto:", "data:"]
                .iter()
                .any(|scheme| target.starts_with(scheme))
            {
                continue;
            }
            links += 1;
            let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let aim = if path.is_empty() {
                file.clone()
            } else {
                resolved(file.parent().expect("a folder"), &unescaped(path))
            };
            let known = ids.get(&aim);
            if known.is_none() && !aim.is_file() {
                faults.push(format!("{}: {target}", file.display()));
            } else if !anchor.is_empty() && known.is_none_or(|ids| !ids.contains(anchor)) {
                faults.push(format!("{}: {target} has no such place", file.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}:\n{}", pages.name, faults.join("\n"));
    assert!(links > 100, "{}: links are found: {links}", pages.name);
}

fn once_each(file: &Path, ids: Vec<String>) -> HashSet<String> {
    let mut seen = HashSet::new();
    for id in ids {
        assert!(
            seen.insert(id.clone()),
            "{}: two places are called {id}",
            file.display()
        );
    }
    seen
}

/// The values of an attribute in the text of a page.
fn values(text: &str, attribute: &str) -> Vec<String> {
    let values = text.split(attribute).skip(1);
    let values = values.filter_map(|rest| rest.split('"').next());
    values
        .map(|value| value.replace("&amp;", "&").replace("&#39;", "'"))
        .collect()
}

/// A path of a link as one of the disk.
fn unescaped(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let code: Vec<u8> = rest.by_ref().take(2).collect();
            let code = String::from_utf8(code).expect("two digits");
            bytes.push(u8::from_str_radix(&code, 16).expect("a byte"));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}

fn resolved(folder: &Path, path: &str) -> PathBuf {
    let mut resolved = folder.to_owned();
    for component in Path::new(path).components() {
        match component {
            Component::ParentDir => {
                resolved.pop();
            }
            other => resolved.push(other),
        }
    }
    resolved
}

fn collect(folder: &Path, texts: &mut HashMap<PathBuf, String>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "html") {
            let text = fs::read_to_string(&path).expect("a page");
            texts.insert(path, text);
        }
    }
}
