//! Which modules a file names.

use std::fs;
use std::iter::Peekable;
use std::path::Path;
use std::vec::IntoIter;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A file with every path in it.
pub(crate) struct SourceFile {
    /// Its path below `src`, with forward slashes.
    pub(crate) path: String,
    /// The module it is.
    pub(crate) module: Vec<String>,
    /// The macros it calls, without their `!`.
    pub(crate) macros: Vec<String>,
    paths: Vec<Vec<String>>,
}

/// Every file below a folder.
pub(crate) fn source_files(src: &Path) -> Vec<SourceFile> {
    let mut found = Vec::new();
    let mut open = vec![src.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path
                    .strip_prefix(src)
                    .expect("below src")
                    .to_string_lossy()
                    .replace('\\', "/");
                found.push(SourceFile::parse(&name, &fs::read_to_string(&path).expect("UTF-8")));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

impl SourceFile {
    pub(crate) fn parse(path: &str, text: &str) -> Self {
        let stem = path.trim_end_matches(".rs").trim_end_matches("/mod");
        let module = stem.split('/').filter(|step| *step != "lib" && *step != "main");
        let mut file = Self {
            path: path.to_owned(),
            module: module.map(str::to_owned).collect(),
            macros: Vec::new(),
            paths: Vec::new(),
        };
        let tokens: TokenStream = text.parse().expect("Rust");
        file.walk(tokens);
        file
    }

    /// The paths that lead into this crate, from its root.
    pub(crate) fn inside(&self) -> impl Iterator<Item = Vec<String>> {
        self.paths.iter().filter_map(|path| self.absolute(path))
    }

    /// All other paths, as they are written.
    pub(crate) fn outside(&self) -> impl Iterator<Item = &[String]> {
        let outside = self.paths.iter().filter(|path| self.absolute(path).is_none());
        outside.map(Vec::as_slice)
    }

    /// Which of the emitters the file belongs to.
    pub(crate) fn emitter<'e>(&self, emitters: &[&'e str]) -> Option<&'e str> {
        match self.module.as_slice() {
            [first, second, ..] if first == "emit" => emitters.iter().copied().find(|emitter| second == emitter),
            _ => None,
        }
    }

    fn absolute(&self, path: &[String]) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some(self.module.iter().chain(rest).cloned().collect()),
            "super" => {
                let up = path.iter().take_while(|step| *step == "super").count();
                let base = self.module.len().saturating_sub(up);
                Some(
                    self.module
                        .iter()
                        .take(base)
                        .chain(path.iter().skip(up))
                        .cloned()
                        .collect(),
                )
            }
            _ => None,
        }
    }

    fn walk(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().collect::<Vec<_>>().into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Group(group) => self.walk(group.stream()),
                TokenTree::Ident(ident) if ident == "mod" => skip_tests(&mut tokens),
                TokenTree::Ident(ident) => {
                    let name = ident.to_string();
                    if is_punct(tokens.peek(), '!') {
                        self.macro_call(name, &mut tokens);
                    } else {
                        self.path(vec![name], &mut tokens);
                    }
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    /// A macro's arguments are code, except those of the macros that make code.
    fn macro_call(&mut self, name: String, tokens: &mut Peekable<IntoIter<TokenTree>>) {
        tokens.next();
        let makes_code = name.contains("quote");
        if matches!(tokens.peek(), Some(TokenTree::Group(_))) {
            if makes_code {
                tokens.next();
            }
            self.macros.push(name);
        }
    }

    /// A path whose first steps are read; braces make several of it.
    fn path(&mut self, mut path: Vec<String>, tokens: &mut Peekable<IntoIter<TokenTree>>) {
        while is_punct(tokens.peek(), ':') {
            tokens.next();
            if !is_punct(tokens.peek(), ':') {
                break;
            }
            tokens.next();
            match tokens.peek() {
                Some(TokenTree::Ident(ident)) => {
                    path.push(ident.to_string());
                    tokens.next();
                }
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    let group = group.stream();
                    tokens.next();
                    self.branches(&path, group);
                    return;
                }
                _ => break,
            }
        }
        if path.len() > 1 {
            if is_punct(tokens.peek(), '!') {
                let name = path.last().cloned().unwrap_or_default();
                self.macro_call(name, tokens);
            }
            self.paths.push(path);
        }
    }

    fn branches(&mut self, stem: &[String], group: TokenStream) {
        let mut tokens = group.into_iter().collect::<Vec<_>>().into_iter().peekable();
        while let Some(token) = tokens.next() {
            let TokenTree::Ident(ident) = token else { continue };
            let name = ident.to_string();
            if name == "as" {
                tokens.next();
                continue;
            }
            let mut path = stem.to_vec();
            if name != "self" {
                path.push(name);
            }
            self.path(path, &mut tokens);
        }
    }
}

/// The tests of a file may name what they like.
fn skip_tests(tokens: &mut Peekable<IntoIter<TokenTree>>) {
    let is_tests = matches!(tokens.peek(), Some(TokenTree::Ident(ident)) if ident == "tests");
    if is_tests {
        tokens.next();
        tokens.next();
    }
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}
