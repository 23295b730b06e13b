//! What schemas say, as doc comments.

use proc_macro2::TokenStream;
use quote::quote;

use crate::contract::payload::{Docs, Field};

/// Columns that a line of a comment may take.
const WIDTH: usize = 110;

/// The doc comment of something; `fallback` stands where the schema says nothing.
pub(super) fn comment(docs: &Docs, name: &str, fallback: &str) -> TokenStream {
    let default = docs.default.as_ref();
    let default = default.map(|default| format!("Where it is left out, a reader takes `{default}`."));
    said(docs, default, name, fallback)
}

/// The doc comment of a member.
pub(super) fn member(field: &Field) -> TokenStream {
    let default = match (&field.default, &field.docs.default) {
        (Some(default), _) => Some(format!("Where a document leaves it out, it is `{default}`.")),
        // The program has to take it: `None` says that it was left out.
        (None, Some(default)) if !field.required => Some(format!("Where it is left out, a reader takes `{default}`.")),
        _ => None,
    };
    said(&field.docs, default, "", &format!("The member `{}`.", field.name))
}

fn said(docs: &Docs, default: Option<String>, name: &str, fallback: &str) -> TokenStream {
    let mut paragraphs = Vec::new();
    let text = |text: &Option<String>| text.as_deref().map(str::trim).unwrap_or_default().to_owned();
    let (title, description) = (text(&docs.title), text(&docs.description));
    if !title.is_empty() && title != name && title != description {
        paragraphs.push(title);
    }
    if !description.is_empty() {
        paragraphs.push(description);
    }
    if paragraphs.is_empty() {
        paragraphs.push(fallback.to_owned());
    }
    paragraphs.extend(default);
    if !docs.examples.is_empty() {
        let examples: Vec<String> = docs.examples.iter().map(|example| format!("`{example}`")).collect();
        paragraphs.push(format!("For example {}.", examples.join(", ")));
    }
    if docs.read_only {
        paragraphs.push("Set by the owner of the data; what others send may be ignored.".to_owned());
    }
    if docs.write_only {
        paragraphs.push("Only ever sent to the owner of the data, which does not send it back.".to_owned());
    }
    lines(&paragraphs.join("\n\n"))
}

/// What has the compiler warn those who use something.
pub(super) fn deprecated(deprecated: bool) -> Option<TokenStream> {
    deprecated.then(|| quote!(#[deprecated]))
}

/// The doc comment of text.
pub(super) fn lines(text: &str) -> TokenStream {
    let lines = wrapped(text).into_iter().map(|line| {
        let line = if line.is_empty() { line } else { format!(" {line}") };
        quote!(#[doc = #line])
    });
    quote!(#(#lines)*)
}

/// Breaks long lines of running text. Blocks of code become plain text, or rustdoc would run them.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        let line = line.trim_end();
        if let Some(language) = line.trim_start().strip_prefix("```") {
            fenced = !fenced;
            let runs = fenced && ["", "rust", "rs"].contains(&language.trim());
            let fence = if runs { "```text" } else { line.trim_start() };
            lines.push(fence.to_owned());
            continue;
        }
        if fenced {
            lines.push(line.to_owned());
            continue;
        }
        // Four blanks would begin a block of code.
        let indent = line.len() - line.trim_start().len();
        let line = if indent >= 4 { line.trim_start() } else { line };
        let running = !line.trim_start().starts_with(['|', '#', '>', '-', '*', '+']);
        if running && line.chars().count() > WIDTH {
            wrap(line, &mut lines);
        } else {
            lines.push(line.to_owned());
        }
    }
    lines
}

fn wrap(line: &str, lines: &mut Vec<String>) {
    let mut current = String::new();
    for word in line.split_whitespace() {
        if !current.is_empty() && current.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(std::mem::take(&mut current));
        }
        if !current.is_empty() {
            current.push(' ');
        }
        current.push_str(word);
    }
    lines.push(current);
}
