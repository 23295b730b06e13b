//! Key-value buckets and object stores: what is kept by content can be found by it.

use regex::Regex;

use crate::contract::payload::LookupError;
use crate::contract::{ByContent, Contract, Store, StoreKind, Token};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::store as rules;
use crate::words::{closest, list};

/// A SHA-256, as keys have it.
const HASH: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

pub(super) fn check(contract: &Contract, report: &mut Report) {
    for store in contract.kv.values() {
        if let StoreKind::KeyValue {
            by_content: Some(by_content),
            ..
        } = &store.kind
        {
            hash(store, by_content, contract, report);
            part(by_content, contract, report);
        }
    }
}

/// The key has a place for the hash.
fn hash(store: &Store, by_content: &ByContent, contract: &Contract, report: &mut Report) {
    let token = &by_content.token;
    if !store.key.tokens().any(|used| used == token.value) {
        let message = format!("`{}` is not a token of this bucket's key", token.value);
        let diagnostic = Diagnostic::new(&rules::BY_CONTENT, token.span, message, "")
            .with_label(store.key.text.span, "the key")
            .with_help("name a token of the key");
        report.push(diagnostic);
        return;
    }
    let Some(declared) = contract.tokens.get(&token.value) else {
        return;
    };
    if !accepts_hashes(declared) {
        let message = format!("`{}` does not accept a SHA-256 such as `{HASH}`", token.value);
        let diagnostic = Diagnostic::new(&rules::BY_CONTENT, token.span, message, "")
            .with_label(declared.name.span, "the token")
            .with_help("give it the pattern `^[0-9a-f]{64}$`, or none");
        report.push(diagnostic);
    }
}

fn accepts_hashes(token: &Token) -> bool {
    token.members.is_none()
        && token
            .pattern
            .as_ref()
            .is_none_or(|pattern| Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(HASH)))
}

/// The part of the content that counts is there.
fn part(by_content: &ByContent, contract: &Contract, report: &mut Report) {
    let Some(pointer) = &by_content.part else {
        return;
    };
    let (message, help) = match contract.payloads.lookup(&by_content.of, pointer) {
        Ok(_) | Err(LookupError::UnknownPayload) => return,
        Err(LookupError::NotAPointer) => (
            format!("`{}` is no JSON pointer to a member", pointer.value),
            format!("write `/{}`, or leave it out for the whole payload", pointer.value),
        ),
        Err(LookupError::UnknownField { pointer: at, known }) => {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let name = at.rsplit('/').next().unwrap_or_default();
            (
                format!("`{}` has no member `{at}`", by_content.of.value),
                match closest(name, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the members are {}", list(&known)),
                },
            )
        }
        Err(LookupError::NotAnObject { pointer: at }) => (
            format!(
                "`{at}` of `{}` is not an object with named members",
                by_content.of.value
            ),
            "point to a member that the schema names".to_owned(),
        ),
    };
    report.push(Diagnostic::new(&rules::BY_CONTENT, pointer.span, message, "").with_help(help));
}
