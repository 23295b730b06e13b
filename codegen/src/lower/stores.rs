//! Key-value buckets and object stores.

use indexmap::{IndexMap, IndexSet};

use super::names::{Scope, asset_name};
use super::subjects::template;
use crate::contract::{ByContent, Store, StoreKind};
use crate::diagnostics::Report;
use crate::source::Spanned;
use crate::syntax::{BucketDecl, ObjectStoreDecl};

/// What was declared, for those who refer to it.
pub(super) struct Declared<'n> {
    pub kv: &'n IndexSet<String>,
    pub object_stores: &'n IndexSet<String>,
    /// Whether all declarations could be read.
    pub complete: bool,
}

impl Declared<'_> {
    pub(super) fn has_bucket(&self, name: &str) -> bool {
        !self.complete || self.kv.contains(name)
    }

    pub(super) fn has_object_store(&self, name: &str) -> bool {
        !self.complete || self.object_stores.contains(name)
    }
}

pub(super) fn buckets(
    declared: Vec<(Spanned<String>, BucketDecl)>,
    scope: &Scope<'_>,
    report: &mut Report,
) -> IndexMap<String, Store> {
    let mut stores = IndexMap::new();
    for (name, bucket) in declared {
        let named = asset_name(&name, "a key-value bucket", report);
        let known = scope.payload(&bucket.value, report);
        let key = template(bucket.key, scope, report);
        let (read, write) = (scope.roles(bucket.read, report), scope.roles(bucket.write, report));
        let by_content = bucket
            .by_content
            .map(|by_content| by_content.value)
            .map(|by_content| ByContent {
                of: by_content.of,
                part: by_content.part,
                token: by_content.token,
            });
        let known = by_content
            .iter()
            .all(|by_content| scope.payload(&by_content.of, report))
            && known;
        let kind = StoreKind::KeyValue {
            value: bucket.value,
            by_content,
        };
        if let Some(key) = key.filter(|_| named && known) {
            let store = Store {
                summary: bucket.summary.map(|text| text.value),
                backing: Store::backing(&name, &kind),
                settings: bucket.settings,
                kind,
                key,
                read,
                write,
                name,
            };
            stores.insert(store.name.value.clone(), store);
        }
    }
    stores
}

pub(super) fn object_stores(
    declared: Vec<(Spanned<String>, ObjectStoreDecl)>,
    scope: &Scope<'_>,
    report: &mut Report,
) -> IndexMap<String, Store> {
    let mut stores = IndexMap::new();
    for (name, declared) in declared {
        let named = asset_name(&name, "an object store", report);
        let key = template(declared.name, scope, report);
        let (read, write) = (scope.roles(declared.read, report), scope.roles(declared.write, report));
        if let Some(key) = key.filter(|_| named) {
            let store = Store {
                summary: declared.summary.map(|text| text.value),
                backing: Store::backing(&name, &StoreKind::Object),
                settings: declared.settings,
                kind: StoreKind::Object,
                key,
                read,
                write,
                name,
            };
            stores.insert(store.name.value.clone(), store);
        }
    }
    stores
}
