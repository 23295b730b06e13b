//! `deploy/`: what a server must know of the contract. One account, one user a role with the least that its client needs, and a
//! user that provisions; as configuration of nats-server, as claims of JWTs, and as a table for people.

mod claims;
mod matrix;

use minijinja::context;
use serde::Serialize;

use super::template::{render, view_of};
use super::tree::{EmitError, MARKER, Tree};
use crate::casing;
use crate::contract::{Contract, Grant, PROVISIONER, Permissions, Role, Token};
use crate::source::Spanned;

/// Adds every file of the deployment.
pub(super) fn emit(contract: &Contract, tree: &mut Tree) -> Result<(), EmitError> {
    let users = users(contract);
    account(contract, &users, tree)?;
    server(contract, tree)?;
    claims::emit(contract, &users, tree)?;
    matrix::emit(contract, &users, tree)
}

/// A user of the account: a role, or who provisions.
struct User<'c> {
    /// The role; `None` for who provisions.
    role: Option<&'c Role>,
    name: &'c str,
    about: String,
    /// The variable that holds its public key.
    key: String,
    inbox_prefix: String,
    permissions: Permissions,
}

impl User<'_> {
    /// The tokens that are part of a connection's identity.
    fn own(&self) -> impl Iterator<Item = &str> {
        self.role
            .into_iter()
            .flat_map(|role| role.own.iter().map(|own| own.as_str()))
    }
}

fn users(contract: &Contract) -> Vec<User<'_>> {
    let key = |name: &str| casing::screaming(&format!("{}_{name}", contract.name.value));
    let roles = contract.roles.values().map(|role| User {
        role: Some(role),
        name: &role.name.value,
        about: role.description.clone().unwrap_or_default(),
        key: key(&role.name.value),
        inbox_prefix: contract.inbox_prefix(role),
        permissions: contract.permissions(role),
    });
    let provisioner = contract.has_assets().then(|| User {
        role: None,
        name: PROVISIONER,
        about: "Makes and changes the streams, consumers and buckets of the contract, and nothing else.".to_owned(),
        key: key(PROVISIONER),
        inbox_prefix: contract.provisioner_inbox_prefix(),
        permissions: contract.provisioner(),
    });
    roles.chain(provisioner).collect()
}

/// The identity that stands for all in a file that a server can read: that of the tokens' own examples.
fn example(contract: &Contract, token: &str) -> String {
    let first = |token: &Token| Some(token.members.as_ref()?.value.first()?.value.clone());
    let found = contract.tokens.get(token);
    let found = found.and_then(|token| {
        token
            .example
            .as_ref()
            .map(|text| text.value.clone())
            .or_else(|| first(token))
    });
    found.unwrap_or_else(|| token.to_owned())
}

#[derive(Serialize)]
struct UserView {
    name: String,
    about: Vec<String>,
    key: String,
    own: Vec<Own>,
    inbox_prefix: String,
    publish: Vec<Line>,
    deny_publish: Vec<Line>,
    subscribe: Vec<Line>,
    deny_subscribe: Vec<Line>,
    responses: Option<Responses>,
}

#[derive(Serialize)]
struct Own {
    token: String,
    value: String,
}

#[derive(Serialize)]
struct Line {
    text: String,
    reason: String,
}

#[derive(Serialize)]
struct Responses {
    max: i64,
    expires: String,
}

fn lines(grants: &[Grant]) -> Vec<Line> {
    let line = |grant: &Grant| Line {
        text: grant.text(),
        reason: grant.reason.clone(),
    };
    grants.iter().map(line).collect()
}

/// One user as configuration, with the values of its own tokens.
///
/// # Errors
///
/// A fault in natsmith itself.
pub(crate) fn user_of(
    contract: &Contract,
    role: &str,
    public_key: &str,
    own: &dyn Fn(&str) -> String,
) -> Result<String, EmitError> {
    let users = users(contract);
    let Some(user) = users.iter().find(|user| user.name == role) else {
        return Ok(String::new());
    };
    let mut view = view(user, own);
    public_key.clone_into(&mut view.key);
    render("deploy/user.conf.j2", context! { user => view_of(view) })
}

fn view(user: &User<'_>, value: &dyn Fn(&str) -> String) -> UserView {
    let permissions = user.permissions.with_own(value);
    let quoted = |grants: &[Grant]| {
        let mut lines = lines(grants);
        for line in &mut lines {
            line.text = line.text.replace('\\', "\\\\").replace('"', "\\\"");
        }
        lines
    };
    let own = user.own().map(|token| Own {
        token: token.to_owned(),
        value: value(token),
    });
    UserView {
        name: user.name.to_owned(),
        about: user.about.lines().map(str::to_owned).collect(),
        key: format!("${}", user.key),
        own: own.collect(),
        inbox_prefix: user.inbox_prefix.clone(),
        publish: quoted(&permissions.publish),
        deny_publish: quoted(&permissions.deny_publish),
        subscribe: quoted(&permissions.subscribe),
        deny_subscribe: quoted(&permissions.deny_subscribe),
        responses: permissions.responses.map(|responses| Responses {
            max: responses.max.map_or(-1, i64::from),
            expires: format!("{}s", responses.expires.as_secs()),
        }),
    }
}

/// The account, to be included in a server's configuration.
fn account(contract: &Contract, users: &[User<'_>], tree: &mut Tree) -> Result<(), EmitError> {
    let limits = &contract.limits;
    let some = |name: &str, limit: Option<u64>| Some((name.to_owned(), limit?));
    let value = |limit: &Option<Spanned<u64>>| limit.as_ref().map(|limit| limit.value);
    let of_jetstream = [
        some("max_mem", value(&limits.max_memory)),
        some("max_file", value(&limits.max_storage)),
        some("max_streams", value(&limits.max_streams)),
        some("max_consumers", value(&limits.max_consumers)),
    ];
    let of_account = [
        some("max_connections", value(&limits.max_connections)),
        some("max_subscriptions", value(&limits.max_subscriptions)),
        some("max_payload", value(&limits.max_payload)),
    ];
    let view = context! {
        marker => MARKER,
        contract => contract.name.value.clone(),
        has_assets => contract.has_assets(),
        jetstream => of_jetstream.into_iter().flatten().collect::<Vec<_>>(),
        limits => of_account.into_iter().flatten().collect::<Vec<_>>(),
        users => view_of(users.iter().map(|user| view(user, &|token| example(contract, token))).collect::<Vec<_>>()),
    };
    tree.add("deploy/account.conf", render("deploy/account.conf.j2", view)?)
}

/// The account's name: that of the contract where it names none, for nothing else would hold its users together.
fn account_name(contract: &Contract) -> String {
    contract.account.as_ref().unwrap_or(&contract.name).value.clone()
}

/// A whole configuration around the account, to begin with.
fn server(contract: &Contract, tree: &mut Tree) -> Result<(), EmitError> {
    let view = context! {
        marker => MARKER,
        contract => contract.name.value.clone(),
        account => account_name(contract),
        has_assets => contract.has_assets(),
        max_payload => contract.limits.max_payload.as_ref().map(|limit| limit.value),
    };
    tree.add("deploy/nats-server.conf", render("deploy/nats-server.conf.j2", view)?)
}
