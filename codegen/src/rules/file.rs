//! Findings about files and their text.

use super::rules;

rules! {
    /// A file or folder that cannot be read.
    error UNREADABLE = "file/unreadable";
    /// A file that is not UTF-8.
    error NOT_UTF8 = "file/not-utf8";
    /// Text that is not YAML.
    error SYNTAX = "file/syntax";
    /// A key that stands twice in one mapping.
    error DUPLICATE_KEY = "file/duplicate-key";
    /// A word that YAML readers disagree about.
    error AMBIGUOUS_SCALAR = "file/ambiguous-scalar";
    /// Anchors, aliases, tags, several documents.
    error YAML_FEATURE = "file/yaml-feature";
}
