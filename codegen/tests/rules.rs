//! Every rule has a page, and every page is true: its examples are run.
//!
//! A page has a first paragraph that says in one sentence what the rule finds, a paragraph that says why it matters, and
//! two sections of examples, `## Fails` and `## Passes`. Each section is a small contract:
//!
//! - A fenced block is one file: ` ```yaml file=streams.yaml `. Any other word than `hex` and `symlink` is the language.
//! - ` ```hex file=.. ` gives the bytes of a file that cannot be shown as text, ` ```symlink file=.. ` a link to the path
//!   that it holds.
//! - What the section leaves out is supplied, so that an example shows no more than its point: the header, the roles
//!   `shop` and `customer`, the payload `Order`, the subject `orders.placed` and the token `order_id`; `common/page.rs` has them.
//!   The word `alone` behind a file's name supplies nothing.
//! - A file of another contract beside the first one is `../depot/contract.yaml`; nothing of it is supplied.
//! - `also=some/code` behind a file's name names a finding that comes along unavoidably.
//!
//! Where findings of `Fails` carry a fix, the fixes are made: the findings are gone then, and no others have come.
//!
//! No rule is exempt. Advice on what a contract should say beyond what is needed is passed over on the pages of other rules,
//! so that they show no more than their point.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use common::page::{Page, Section};
use natsmith_codegen::diagnostics::{Diagnostic, Rule};
use natsmith_codegen::fix::fix;
use natsmith_codegen::{check_all, rules};

/// Where the pages are.
fn pages() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rules"))
}

/// Advice that no short example follows.
const ADVICE: [&str; 7] = [
    "bind/missing",
    "payload/unbounded-text",
    "payload/unbounded-list",
    "payload/free-form",
    "payload/large-integer",
    "payload/no-description",
    "payload/no-example",
];

/// A section as a contract in a folder of its own, perhaps with others beside it.
struct Example {
    _folder: tempfile::TempDir,
    contracts: Vec<PathBuf>,
}

impl Example {
    fn new(section: &Section) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let schema = folder.path().join("schema");
        section.write(&schema.join("shop"));
        let entries = fs::read_dir(&schema).expect("the folder of contracts");
        let mut contracts: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
        // The first one is what the others are held against.
        contracts.sort_by_key(|contract| (!contract.ends_with("shop"), contract.clone()));
        Self {
            _folder: folder,
            contracts,
        }
    }

    /// What `check` reports, without advice that the page is not about.
    fn findings(&self, rule: &Rule) -> Vec<Diagnostic> {
        let findings = check_all(&self.contracts).report.diagnostics().to_vec();
        let meant = |finding: &Diagnostic| finding.rule == rule || !ADVICE.contains(&finding.rule.code);
        findings.into_iter().filter(meant).collect()
    }

    /// What is wrong with the fixes that findings carry: each goes away by its own, and takes no other thing along.
    fn fix_faults(&self, rule: &Rule) -> Vec<String> {
        let of = |findings: &[Diagnostic]| -> BTreeSet<(&str, String)> {
            let pairs = findings
                .iter()
                .map(|finding| (finding.rule.code, finding.message.clone()));
            pairs.collect()
        };
        let mut faults = Vec::new();
        let findings = self.findings(rule);
        let mut fixable: Vec<Diagnostic> = findings.clone();
        fixable.retain(|finding| finding.fix.is_some());
        for finding in &fixable {
            if !finding.rule.fixable {
                faults.push(format!(
                    "{}: has a fix and is not declared `fixable`",
                    finding.rule.code
                ));
            }
        }
        if rule.fixable && fixable.iter().all(|finding| finding.rule.code != rule.code) {
            faults.push(format!("{}: `Fails` shows no finding with a fix", rule.code));
        }
        let fixed = fix(&self.contracts);
        faults.extend(
            fixed
                .refused
                .iter()
                .map(|refused| format!("{}: {refused:?}", rule.code)),
        );
        let mut left = of(fixed.checked.report.diagnostics());
        left.retain(|(code, _)| *code == rule.code || !ADVICE.contains(code));
        for fault in of(&fixable).intersection(&left) {
            faults.push(format!("{}: the fix does not help against {fault:?}", rule.code));
        }
        for fault in left.difference(&of(&findings)) {
            faults.push(format!("{}: the fix brings {fault:?}", rule.code));
        }
        faults
    }
}

/// What is wrong with a rule's page.
fn faults(rule: &Rule) -> Vec<String> {
    let page = match Page::parse(rule.page) {
        Ok(page) => page,
        Err(fault) => return vec![format!("{}: {fault}", rule.code)],
    };
    let mut faults = Vec::new();
    if page.title != rule.code {
        faults.push(format!("{}: the page is called `{}`", rule.code, page.title));
    }
    if rule.summary() != page.summary || !page.summary.ends_with('.') || page.summary.contains(". ") {
        faults.push(format!(
            "{}: the summary is not one sentence: {}",
            rule.code, page.summary
        ));
    }

    let fails = Example::new(&page.fails);
    faults.extend(fails.fix_faults(rule));
    let codes = |findings: Vec<Diagnostic>| -> Vec<(&'static str, String)> {
        let pairs = findings.into_iter().map(|finding| (finding.rule.code, finding.message));
        pairs.collect()
    };
    let found = codes(fails.findings(rule));
    if found.iter().all(|(code, _)| *code != rule.code) {
        faults.push(format!("{}: `Fails` does not have it, but {found:?}", rule.code));
    }
    let expected = |code: &str| code == rule.code || page.fails.also.iter().any(|also| also == code);
    let others: Vec<_> = found.iter().filter(|(code, _)| !expected(code)).collect();
    if !others.is_empty() {
        faults.push(format!("{}: `Fails` also has {others:?}", rule.code));
    }
    for also in &page.fails.also {
        if found.iter().all(|(code, _)| code != also) {
            faults.push(format!("{}: `Fails` does not have `{also}`", rule.code));
        }
    }

    let found = codes(Example::new(&page.passes).findings(rule));
    if !found.is_empty() {
        faults.push(format!("{}: `Passes` has {found:?}", rule.code));
    }
    faults
}

#[test]
fn every_page_is_true() {
    let faults: Vec<String> = rules::all().flat_map(faults).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_page_has_its_rule_and_every_rule_its_own_code() {
    let mut codes = BTreeSet::new();
    for rule in rules::all() {
        assert!(
            codes.insert(rule.code.to_owned()),
            "`{}` stands for two rules",
            rule.code
        );
    }
    let mut written = BTreeSet::new();
    for group in fs::read_dir(pages()).expect("the folder of pages") {
        let group = group.expect("an entry").path();
        for page in fs::read_dir(&group).expect("a folder of pages") {
            let page = page.expect("an entry").path();
            let code = page.strip_prefix(pages()).expect("a page").with_extension("");
            written.insert(code.to_string_lossy().replace('\\', "/"));
        }
    }
    assert_eq!(written, codes);
}

/// A rule that is declared and not listed would have findings that nobody can look up.
#[test]
fn every_declared_rule_is_listed() {
    let source = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/rules"));
    let mut declared = BTreeSet::new();
    for file in fs::read_dir(source).expect("the folder of rules") {
        let text = fs::read_to_string(file.expect("an entry").path()).expect("UTF-8");
        let codes = text.lines().filter_map(|line| {
            let line = line.trim();
            let is_rule = line.starts_with("error ") || line.starts_with("warning ") || line.starts_with("info ");
            is_rule.then(|| line.split('"').nth(1).expect("a code in quotes").to_owned())
        });
        declared.extend(codes);
        let by_hand = text.matches(": Rule = ").count();
        assert_eq!(by_hand, 0, "rules are declared with `rules!`, which lists them too");
    }
    let listed: BTreeSet<String> = rules::all().map(|rule| rule.code.to_owned()).collect();
    assert_eq!(declared, listed);
}
