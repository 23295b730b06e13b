//! `deploy/*.claims.json`: the same as claims of JWTs, for servers that are told about accounts by an operator.
//!
//! Each role has a signing key of its own. What users it signs may do stands in the account, under the key, so that a user's
//! JWT holds nothing but its name and its identity as tags.

use serde_json::{Map, Value, json};

use super::User;
use crate::contract::{Contract, Grant};
use crate::emit::tree::{EmitError, Tree};
use crate::source::Spanned;

pub(super) fn emit(contract: &Contract, users: &[User<'_>], tree: &mut Tree) -> Result<(), EmitError> {
    let path = "deploy/account.claims.json";
    let mut text =
        serde_json::to_string_pretty(&account(contract, users)).map_err(|error| EmitError::new(path, error))?;
    text.push('\n');
    tree.add(path, text)
}

fn account(contract: &Contract, users: &[User<'_>]) -> Value {
    let nothing = json!({ "deny": [">"] });
    json!({
        "name": super::account_name(contract),
        "nats": {
            "limits": limits(contract),
            "signing_keys": users.iter().map(signing_key).collect::<Vec<_>>(),
            // Who is signed by another key than those of the roles may do nothing.
            "default_permissions": { "pub": nothing, "sub": nothing },
            "type": "account",
            "version": 2,
        },
    })
}

/// The claims write -1 for no limit, and take what is left out for nothing at all.
fn limits(contract: &Contract) -> Value {
    let limits = &contract.limits;
    let value = |limit: &Option<Spanned<u64>>| limit.as_ref().map_or(json!(-1), |limit| json!(limit.value));
    let mut claims = Map::new();
    for (name, limit) in [
        ("subs", value(&limits.max_subscriptions)),
        ("data", json!(-1)),
        ("payload", value(&limits.max_payload)),
        ("imports", json!(-1)),
        ("exports", json!(-1)),
        ("wildcards", json!(true)),
        ("conn", value(&limits.max_connections)),
        ("leaf", json!(-1)),
    ] {
        claims.insert(name.to_owned(), limit);
    }
    if contract.has_assets() {
        for (name, limit) in [
            ("mem_storage", value(&limits.max_memory)),
            ("disk_storage", value(&limits.max_storage)),
            ("streams", value(&limits.max_streams)),
            ("consumer", value(&limits.max_consumers)),
        ] {
            claims.insert(name.to_owned(), limit);
        }
    }
    Value::Object(claims)
}

fn signing_key(user: &User<'_>) -> Value {
    let permissions = user.permissions.with_own(&|token| format!("{{{{tag({token})}}}}"));
    // Where a list has templates, the server passes over every entry that is no plain subject.
    let has_templates = user.own().next().is_some();
    let texts = |grants: &[Grant]| -> Vec<String> {
        let texts = grants.iter().map(|grant| {
            if has_templates {
                grant.filter.clone()
            } else {
                grant.text()
            }
        });
        let mut texts: Vec<String> = texts.collect();
        texts.dedup();
        texts
    };
    let list = |allow: &[Grant], deny: &[Grant]| {
        let mut list = Map::new();
        list.insert("allow".to_owned(), json!(texts(allow)));
        if !deny.is_empty() {
            list.insert(
                "deny".to_owned(),
                json!(deny.iter().map(Grant::text).collect::<Vec<_>>()),
            );
        }
        Value::Object(list)
    };
    let mut template = Map::new();
    template.insert("pub".to_owned(), list(&permissions.publish, &permissions.deny_publish));
    template.insert(
        "sub".to_owned(),
        list(&permissions.subscribe, &permissions.deny_subscribe),
    );
    if let Some(responses) = permissions.responses {
        let ttl = u64::try_from(responses.expires.as_nanos()).unwrap_or(u64::MAX);
        let max = responses.max.map_or(-1, i64::from);
        template.insert("resp".to_owned(), json!({ "max": max, "ttl": ttl }));
    }
    for name in ["subs", "data", "payload"] {
        template.insert(name.to_owned(), json!(-1));
    }
    json!({
        "kind": "user_scope",
        "key": format!("${}", user.key),
        "role": user.name,
        "template": template,
    })
}
