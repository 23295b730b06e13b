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
pub use decode::Named;
pub(crate) use decode::{FromNode, closest, list};
pub use streams::{ConsumerDecl, ConsumerOverride, StreamDecl, StreamOverride, SubjectRef};
pub use units::{Size, Time};

/// The editor's JSON Schema of a declaration file.
///
/// Point the YAML language server at it and every key is completed and explained while it is written.
#[must_use]
pub fn editor_schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(DeclarationFile);
    schema.insert("title".to_owned(), "natsmith declaration file".into());
    schema.into()
}
