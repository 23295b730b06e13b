//! Findings about files and their text.

use crate::diagnostics::Rule;

/// A file or folder that cannot be read.
pub static UNREADABLE: Rule = Rule::error("file/unreadable");
/// A file that is not UTF-8.
pub static NOT_UTF8: Rule = Rule::error("file/not-utf8");
/// Text that is not YAML.
pub static SYNTAX: Rule = Rule::error("file/syntax");
/// A key that stands twice in one mapping.
pub static DUPLICATE_KEY: Rule = Rule::error("file/duplicate-key");
/// A word that YAML readers disagree about.
pub static AMBIGUOUS_SCALAR: Rule = Rule::error("file/ambiguous-scalar");
/// Anchors, aliases, tags, several documents.
pub static YAML_FEATURE: Rule = Rule::error("file/yaml-feature");
