//! Rule pages, taken apart. What they look like is said in `tests/rules.rs`.

use std::fs;
use std::path::Path;

/// A page with its two examples.
pub(crate) struct Page {
    pub(crate) title: String,
    pub(crate) summary: String,
    pub(crate) fails: Section,
    pub(crate) passes: Section,
}

/// A small contract.
#[derive(Default)]
pub(crate) struct Section {
    files: Vec<File>,
    alone: bool,
    pub(crate) also: Vec<String>,
}

struct File {
    path: String,
    content: Content,
}

enum Content {
    Text(String),
    Bytes(Vec<u8>),
    Link(String),
}

/// What a section that leaves it out is given: a file, and the line that says that the section has its own.
const SUPPLIED: [(&str, &str, &str); 5] = [
    (
        "supplied-contract.yaml",
        "contract:",
        "natsmith: 1\ncontract: shop\nversion: 1.0.0\n",
    ),
    (
        "supplied-roles.yaml",
        "roles:",
        "roles:\n  shop: { description: Sells things. }\n  customer: { description: Buys things. }\n",
    ),
    (
        "supplied-orders.yaml",
        "subjects:",
        "subjects:\n  orders.placed:\n    subject: orders.{order_id}.placed\n    payload: Order\n",
    ),
    (
        "supplied-order.schema.yaml",
        "title: Order",
        "$schema: https://json-schema.org/draft/2020-12/schema
title: Order
type: object
required: [order_id, state]
properties:
  order_id: { type: string, pattern: \"^[0-9]+$\" }
  state: { type: string, enum: [open, paid, sent] }
  note: { type: string }
",
    ),
    (
        "supplied-tokens.yaml",
        "tokens:",
        "tokens:\n  order_id: { pattern: \"^[0-9]+$\" }\n",
    ),
];

impl Page {
    /// Takes a page apart, or says what it lacks.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut lines = text.lines();
        let title = lines.next().and_then(|line| line.strip_prefix("# "));
        let title = title.ok_or("the first line is not a title")?.to_owned();
        if lines.next() != Some("") {
            return Err("no blank line below the title".to_owned());
        }
        let prose = text.split("\n## ").next().unwrap_or_default();
        let mut paragraphs = prose.trim().split("\n\n").skip(1);
        let summary = paragraphs.next().ok_or("no summary")?.to_owned();
        if paragraphs.next().is_none() {
            return Err("no paragraph says why it matters".to_owned());
        }
        Ok(Self {
            title,
            summary,
            fails: Section::parse(text, "Fails")?,
            passes: Section::parse(text, "Passes")?,
        })
    }
}

impl Section {
    fn parse(page: &str, name: &str) -> Result<Self, String> {
        let heading = format!("\n## {name}\n");
        let (_, section) = page.split_once(&heading).ok_or(format!("no section `{name}`"))?;
        let mut read = Self::default();
        let mut lines = section.lines().take_while(|line| !line.starts_with("## "));
        while let Some(line) = lines.next() {
            let Some(info) = line.strip_prefix("```") else {
                continue;
            };
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            let text = block.join("\n") + "\n";
            let mut words = info.split(' ');
            let language = words.next().unwrap_or_default();
            let path = words.next().and_then(|word| word.strip_prefix("file="));
            let path = path.ok_or(format!("`{info}` names no file"))?.to_owned();
            for word in words {
                match word.strip_prefix("also=") {
                    Some(code) => read.also.push(code.to_owned()),
                    None if word == "alone" => read.alone = true,
                    None => return Err(format!("`{word}` has no meaning")),
                }
            }
            let content = match language {
                "hex" => Content::Bytes(bytes(&text)?),
                "symlink" => Content::Link(text.trim().to_owned()),
                _ => Content::Text(text),
            };
            read.files.push(File { path, content });
        }
        if read.files.is_empty() {
            return Err(format!("no file in section `{name}`"));
        }
        Ok(read)
    }

    /// Writes the contract, completed by what the section leaves out.
    pub(crate) fn write(&self, folder: &Path) {
        for File { path, content } in &self.files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder is made");
            match content {
                Content::Text(text) => fs::write(&path, text).expect("a file is written"),
                Content::Bytes(bytes) => fs::write(&path, bytes).expect("a file is written"),
                Content::Link(target) => link(target, &path),
            }
        }
        if self.alone {
            return;
        }
        let mut needs_token = self.says(|line| line.contains("{order_id}"));
        for (path, own, text) in SUPPLIED {
            if self.says(|line| line.starts_with(own)) || (own == "tokens:" && !needs_token) {
                continue;
            }
            needs_token |= text.contains("{order_id}");
            let text = if own == "roles:" {
                self.named_roles(text)
            } else {
                text.to_owned()
            };
            fs::write(folder.join(path), text).expect("a file is written");
        }
    }

    /// Of some roles those that the section names, or all where it names none: nobody is there for nothing.
    fn named_roles(&self, roles: &str) -> String {
        let named = |line: &&str| {
            let role = line.trim_start().split(':').next().unwrap_or_default();
            *line == "roles:" || self.says(|line| line.contains(role))
        };
        let some: Vec<&str> = roles.lines().filter(named).collect();
        if some.len() > 1 {
            some.join("\n") + "\n"
        } else {
            roles.to_owned()
        }
    }

    /// Whether some line of the contract says so; that of one beside it says nothing of this one.
    fn says(&self, predicate: impl Fn(&str) -> bool) -> bool {
        let mut own = self.files.iter().filter(|file| !file.path.starts_with("../"));
        own.any(|file| match &file.content {
            Content::Text(text) => text.lines().any(&predicate),
            Content::Bytes(bytes) => String::from_utf8_lossy(bytes).lines().any(&predicate),
            Content::Link(_) => false,
        })
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, String> {
    text.split_whitespace()
        .map(|byte| u8::from_str_radix(byte, 16).map_err(|_| format!("`{byte}` is not a byte")))
        .collect()
}

#[cfg(unix)]
fn link(target: &str, path: &Path) {
    std::os::unix::fs::symlink(target, path).expect("a link is made");
}

#[cfg(windows)]
fn link(target: &str, path: &Path) {
    std::os::windows::fs::symlink_file(target, path).expect("a link is made");
}
