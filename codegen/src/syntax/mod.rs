//! The declaration files as they were written: spanned, with every name still a name.

mod checking;
mod declarations;
mod decode;
mod presence;
mod settings;
mod stores;
mod streams;
mod units;
mod work;

pub use checking::{CheckDecl, ExceptionDecl, LevelDecl, Weight};
pub use declarations::{
    Access, ConnectionDecl, CorrelateDecl, DeclarationFile, DocsDecl, KindDecl, LimitsDecl, MessagesDecl, ProfileDecl,
    PublicationDecl, RepliesDecl, ReplyOnDecl, RoleDecl, RuntimeDecl, RustDecl, ServerDecl, ServiceDecl, StreamedDecl,
    SubjectDecl, SubscribingDecl, SubscriptionDecl, TokenDecl,
};
use decode::FromNode;
pub use decode::Named;
pub use presence::{NoticeDecl, PresenceDecl};
pub use stores::{BucketDecl, BucketOverride, ObjectStoreDecl, ObjectStoreOverride};
pub use streams::{ConsumerDecl, ConsumerOverride, StreamDecl, StreamOverride, SubjectRef};
pub use units::{Size, Time};
pub use work::{GiveUpDecl, OnFailureDecl, OnInvalidDecl};

use serde_json::{Value, json};

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
    let mut schema = schema.into();
    refuse_null(&mut schema);
    schema
}

/// A key that may be left out is no key that may be `null`, as schemars has it.
fn refuse_null(schema: &mut Value) {
    let is_null = |schema: &Value| *schema == json!({ "type": "null" });
    if let Value::Object(object) = schema {
        if let Some(Value::Array(types)) = object.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                object.insert("type".to_owned(), only);
            }
        }
        if let Some(Value::Array(branches)) = object.get("anyOf")
            && let [Value::Object(only), null] = branches.as_slice()
            && is_null(null)
        {
            let only = only.clone();
            object.shift_remove("anyOf");
            object.extend(only);
        }
    }
    match schema {
        Value::Object(object) => object.values_mut().for_each(refuse_null),
        Value::Array(items) => items.iter_mut().for_each(refuse_null),
        _ => {}
    }
}
