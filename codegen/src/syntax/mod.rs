//! The declaration files as they were written: spanned, with every name still a name.

mod declarations;
mod decode;
mod settings;
mod streams;
mod units;

pub use declarations::{
    Access, ConnectionDecl, DeclarationFile, LimitsDecl, ProfileDecl, RoleDecl, RuntimeDecl, RustDecl, SubjectDecl,
    SubscribingDecl, SubscriptionDecl, TokenDecl,
};
use decode::FromNode;
pub use decode::Named;
pub use streams::{ConsumerDecl, ConsumerOverride, StreamDecl, StreamOverride, SubjectRef};
pub use units::{Size, Time};

use crate::diagnostics::Report;
use crate::source::Node;

/// Reads one declaration file. `None` after every fault in it was reported.
pub fn declaration_file(node: &Node, report: &mut Report) -> Option<DeclarationFile> {
    DeclarationFile::from_node(node, report)
}

/// The editor's JSON Schema of a declaration file.
///
/// Point the YAML language server at it and every key is completed and explained while it is written.
#[must_use]
pub fn editor_schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(DeclarationFile);
    schema.insert("title".to_owned(), "natsmith declaration file".into());
    schema.into()
}
