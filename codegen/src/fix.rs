//! Makes the fixes that findings carry, as far as they leave a contract no worse than it was.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use crate::diagnostics::{Diagnostic, Level};
use crate::source::{Files, Replacement, Trees};
use crate::{CheckedAll, check_texts};

/// How often what is left is looked at again: a fix may bring to light what another one mends.
const ROUNDS: usize = 16;

/// What [`fix`] made of the files.
#[derive(Debug)]
pub struct Fixed {
    /// The files that are to be written.
    pub files: Vec<FixedFile>,
    /// What was done.
    pub made: Vec<Made>,
    /// What was not done, for it would have brought new errors or made a file unreadable.
    pub refused: Vec<Made>,
    /// What is left.
    pub checked: CheckedAll,
}

/// A file with another text than on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedFile {
    /// The path as people are shown it, with forward slashes.
    pub name: String,
    /// The text as it was read, with `\n` at the end of its lines.
    pub old: String,
    /// The text as it should be.
    pub new: String,
}

/// One fix.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Made {
    /// `file:line:column` of the finding, when it was found.
    pub place: String,
    /// The code of its rule.
    pub code: &'static str,
    /// What the fix does.
    pub what: String,
}

/// Fixes what can be fixed in the contracts of some folders. Nothing is written.
#[must_use]
pub fn fix(folders: &[impl AsRef<Path>]) -> Fixed {
    let mut state = Fixing {
        folders,
        texts: BTreeMap::new(),
        checked: check_texts(folders, BTreeMap::new()),
        seen: HashSet::new(),
        made: Vec::new(),
        refused: Vec::new(),
    };
    let found = state.checked.files.clone();
    for _ in 0..ROUNDS {
        if !state.round() {
            break;
        }
    }
    let files = found.iter().filter_map(|(_, file)| {
        let new = state.texts.get(&file.name).filter(|new| **new != file.text)?;
        Some(FixedFile {
            name: file.name.clone(),
            old: file.text.clone(),
            new: new.clone(),
        })
    });
    Fixed {
        files: files.collect(),
        made: state.made,
        refused: state.refused,
        checked: state.checked,
    }
}

/// A fix with its edits as text.
struct Planned {
    /// What tells the finding from others, wherever earlier fixes have moved it.
    key: (&'static str, String, String),
    level: Level,
    made: Made,
    replacements: Vec<Replacement>,
}

struct Fixing<'f, F> {
    folders: &'f [F],
    texts: BTreeMap<String, String>,
    checked: CheckedAll,
    /// The findings whose fixes were tried. One that is still there afterwards is not tried again.
    seen: HashSet<(&'static str, String, String)>,
    made: Vec<Made>,
    refused: Vec<Made>,
}

impl<F: AsRef<Path>> Fixing<'_, F> {
    /// Makes the fixes of all findings that are there now and do not touch each other. False if there were none.
    fn round(&mut self) -> bool {
        let planned = apart(plan(&self.checked, &self.seen));
        if planned.is_empty() {
            return false;
        }
        self.seen.extend(planned.iter().map(|fix| fix.key.clone()));
        let before = (self.texts.clone(), self.checked.files.clone());
        self.keep(&before, &mut Vec::new(), planned);
        true
    }

    /// Makes those of some fixes that leave the contracts no worse, beside those of the round that were made already.
    fn keep(
        &mut self,
        before: &(BTreeMap<String, String>, Files),
        kept: &mut Vec<Replacement>,
        mut fixes: Vec<Planned>,
    ) {
        let wanted = fixes.iter().flat_map(|fix| &fix.replacements);
        let wanted: Vec<Replacement> = kept.iter().chain(wanted).cloned().collect();
        let texts = replaced(before, wanted.clone());
        let checked = check_texts(self.folders, texts.clone());
        // Of several, one could hide the harm that another one does.
        let errors = match fixes.len() {
            1 => 0,
            _ => fixes.iter().filter(|fix| fix.level == Level::Error).count(),
        };
        let (before_them, after) = (harm(&self.checked), harm(&checked));
        if after.errors + errors <= before_them.errors && after.unread <= before_them.unread {
            (self.texts, self.checked) = (texts, checked);
            self.made.extend(fixes.into_iter().map(|fix| fix.made));
            *kept = wanted;
        } else if fixes.len() > 1 {
            let second = fixes.split_off(fixes.len() / 2);
            self.keep(before, kept, fixes);
            self.keep(before, kept, second);
        } else {
            self.refused.extend(fixes.into_iter().map(|fix| fix.made));
        }
    }
}

/// The texts after some replacements.
fn replaced(
    (texts, files): &(BTreeMap<String, String>, Files),
    mut replacements: Vec<Replacement>,
) -> BTreeMap<String, String> {
    let mut texts = texts.clone();
    replacements.sort();
    replacements.dedup();
    // What is changed at the end moves nothing before it.
    for replacement in replacements.into_iter().rev() {
        let Some(file) = files.get(replacement.span.file) else {
            continue;
        };
        let text = texts.entry(file.name.clone()).or_insert_with(|| file.text.clone());
        let (start, end) = (replacement.span.start as usize, replacement.span.end as usize);
        if text.get(start..end).is_some() {
            text.replace_range(start..end, &replacement.text);
        }
    }
    texts
}

/// What no fix may add to: errors, and files that cannot be read, which hide other errors.
struct Harm {
    errors: usize,
    unread: usize,
}

fn harm(checked: &CheckedAll) -> Harm {
    let findings = checked.report.diagnostics().iter();
    Harm {
        errors: checked.report.count(Level::Error),
        unread: findings
            .filter(|finding| finding.rule.code.starts_with("file/"))
            .count(),
    }
}

/// The fixes of all findings, in the order of the findings.
fn plan(checked: &CheckedAll, seen: &HashSet<(&'static str, String, String)>) -> Vec<Planned> {
    let files = &checked.files;
    let mut trees = Trees::new(files);
    let findings = checked.report.diagnostics().iter();
    let unreadable: HashSet<_> = findings
        .clone()
        .filter(|finding| finding.rule.code == "file/not-utf8")
        .filter_map(Diagnostic::place)
        .map(|place| place.file)
        .collect();
    let plans = findings.filter_map(|finding| {
        let fix = finding.fix.as_ref()?;
        let key = (finding.rule.code, file_name(files, finding), finding.message.clone());
        if seen.contains(&key) || fix.edits.iter().any(|edit| unreadable.contains(&edit.span.file)) {
            return None;
        }
        let replacements: Option<Vec<_>> = fix.edits.iter().map(|edit| trees.replacement(edit)).collect();
        let (line, column) = finding.place().map_or((1, 1), |place| files.line_column(place));
        Some(Planned {
            level: finding.level,
            made: Made {
                place: format!("{}:{line}:{column}", key.1),
                code: finding.rule.code,
                what: fix.what.clone(),
            },
            key,
            replacements: replacements.filter(|all| !all.is_empty())?,
        })
    });
    plans.collect()
}

fn file_name(files: &Files, finding: &Diagnostic) -> String {
    let file = finding.place().and_then(|place| files.get(place.file));
    file.map_or_else(String::new, |file| file.name.clone())
}

/// The fixes that do not touch what an earlier one changes; two that change the same in the same way are one.
fn apart(planned: Vec<Planned>) -> Vec<Planned> {
    let mut taken: BTreeSet<Replacement> = BTreeSet::new();
    let apart = planned.into_iter().filter(|fix| {
        let free = fix.replacements.iter().all(|wanted| {
            // What is taken has gaps, so only the neighbours can touch.
            let before = taken.range(..wanted).next_back();
            let after = taken.range(wanted..).next();
            [before, after]
                .into_iter()
                .flatten()
                .all(|other| other == wanted || !touch(other, wanted))
        });
        if free {
            taken.extend(fix.replacements.iter().cloned());
        }
        free
    });
    apart.collect()
}

fn touch(a: &Replacement, b: &Replacement) -> bool {
    a.span.file == b.span.file && a.span.start <= b.span.end && b.span.start <= a.span.end
}
