//! `natsmith credentials`

mod keys;

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use clap::{Args, Subcommand};
use natsmith_codegen::contract::{Contract, PROVISIONER, Role};
use natsmith_codegen::verdict::refusal;
use natsmith_codegen::{check, credentials, deployment, user_of};
use serde_json::Value;

use super::{Failure, Outcome, found, report, say};
use keys::{Keys, Kind};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Prints what a server has to know of an operator and of the contract's account, as configuration
    Account(Common),
    /// Writes the credentials file of one user, or prints the user as configuration
    User(User),
}

#[derive(Debug, Args)]
struct Common {
    /// The contract's folder [default: the one under schema/]
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// The folder of the keys, outside of the repository; keys that are not there are made
    #[arg(long, value_name = "FOLDER")]
    keys: PathBuf,
}

#[derive(Debug, Args)]
struct User {
    #[command(flatten)]
    common: Common,
    /// The role, or `provisioner` for the user that makes the streams
    #[arg(long)]
    role: String,
    /// A token that is the user's own, and its value
    #[arg(long = "self", value_name = "TOKEN=VALUE")]
    own: Vec<String>,
    /// After how long the credentials expire, such as `12h` or `30d` [default: never]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    expires: Option<Duration>,
    /// Prints the user for a server's configuration instead, known by its nkey, with the permissions of this one identity
    #[arg(long, conflicts_with = "expires")]
    config: bool,
}

fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no duration: expected a number and `m`, `h` or `d`, such as `30d`");
    let unit = match text.chars().last() {
        Some('m') => 60,
        Some('h') => 60 * 60,
        Some('d') => 24 * 60 * 60,
        _ => return Err(wrong()),
    };
    let digits = text.trim_end_matches(['m', 'h', 'd']);
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    number.checked_mul(unit).map(Duration::from_secs).ok_or_else(wrong)
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let common = match &arguments.what {
        What::Account(common) => common,
        What::User(user) => &user.common,
    };
    let Some(contract) = contract(common)? else {
        return Ok(Outcome::Findings);
    };
    let keys = Keys::in_folder(&common.keys)?;
    match &arguments.what {
        What::Account(_) => account(&contract, &keys)?,
        What::User(user) => self::user(&contract, &keys, user)?,
    }
    Ok(Outcome::Clean)
}

/// The contract, unless it has faults.
fn contract(common: &Common) -> Result<Option<Contract>, Failure> {
    let folder = match &common.folder {
        Some(folder) => folder.clone(),
        None => match <[PathBuf; 1]>::try_from(found()?) {
            Ok([folder]) => folder,
            Err(_) => return Err("there are several contracts: name the folder of one".into()),
        },
    };
    let checked = check(&folder);
    report::print(&checked.report, &checked.files, false)?;
    let faulty = checked.report.has_errors();
    Ok(checked.contract.filter(|_| !faulty))
}

/// The claims of the contract's account, with the names of keys in the place of keys.
fn claims(contract: &Contract) -> Result<Value, Failure> {
    let files = deployment(contract)?;
    let text = files.get("account.claims.json").ok_or("the contract has no account")?;
    Ok(serde_json::from_str(text)?)
}

fn account_name(claims: &Value) -> Result<&str, Failure> {
    let name = claims.get("name").and_then(Value::as_str);
    name.ok_or_else(|| "the account has no name".into())
}

fn account(contract: &Contract, keys: &Keys) -> Result<(), Failure> {
    let claims = claims(contract)?;
    let (operator, system) = (
        keys.key("operator", Kind::Operator)?,
        keys.key("system", Kind::Account)?,
    );
    let account = keys.key(account_name(&claims)?, Kind::Account)?;
    let mut signing = std::collections::HashMap::new();
    for entry in claims
        .pointer("/nats/signing_keys")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
        let key = keys.key(&of_role(&claims, text("role"))?, Kind::Account)?;
        signing.insert(text("key").trim_start_matches('$').to_owned(), key.public_key());
    }
    let jwt = credentials::account(&operator, &account.public_key(), &claims, &|name| {
        signing.get(name).cloned()
    })?;
    say!(
        "# Of the contract `{}`; `natsmith credentials account` makes it.",
        contract.name.value
    );
    say!(
        "operator: {}",
        credentials::operator(&operator, "natsmith", &system.public_key())?
    );
    say!("system_account: {}", system.public_key());
    say!("resolver: MEMORY");
    say!("resolver_preload: {{");
    let system_jwt = credentials::system_account(&operator, &system.public_key())?;
    say!("  {}: {system_jwt}", system.public_key());
    say!("  {}: {jwt}", account.public_key());
    say!("}}");
    Ok(())
}

/// The name of a role's signing key.
fn of_role(claims: &Value, role: &str) -> Result<String, Failure> {
    Ok(format!("{}.{role}", account_name(claims)?))
}

fn user(contract: &Contract, keys: &Keys, wanted: &User) -> Result<(), Failure> {
    let role = contract.roles.get(&wanted.role);
    if role.is_none() && (wanted.role != PROVISIONER || !contract.has_assets()) {
        let roles: Vec<&str> = contract.roles.keys().map(String::as_str).collect();
        return Err(format!(
            "`{}` is no role of the contract: it has {}",
            wanted.role,
            roles.join(", ")
        )
        .into());
    }
    let own = own(role, &wanted.own)?;
    for (token, value) in &own {
        let expected = contract.tokens.get(token).and_then(|token| refusal(token, value));
        if let Some(expected) = expected {
            return Err(format!("`--self {token}={value}`: {expected}").into());
        }
    }
    let values: Vec<&str> = own.iter().map(|(_, value)| value.as_str()).collect();
    let claims = claims(contract)?;
    let name = [&[wanted.role.as_str()][..], values.as_slice()].concat().join(".");
    let file = format!("{}.{name}", account_name(&claims)?);
    let key = keys.key(&format!("user.{file}"), Kind::User)?;
    if wanted.config {
        let value = |token: &str| {
            own.iter()
                .find(|(name, _)| name == token)
                .map(|(_, value)| value.clone())
        };
        let text = user_of(contract, &wanted.role, &key.public_key(), &|token| {
            value(token).unwrap_or_default()
        })?;
        say!("{}", text.trim_end());
        return Ok(());
    }
    let signing = keys.key(&of_role(&claims, &wanted.role)?, Kind::Account)?;
    let account = keys.key(account_name(&claims)?, Kind::Account)?;
    let own: Vec<(&str, &str)> = own
        .iter()
        .map(|(token, value)| (token.as_str(), value.as_str()))
        .collect();
    let jwt = credentials::user(
        &signing,
        credentials::User {
            name: &name,
            key: &key.public_key(),
            account: &account.public_key(),
            own: &own,
            expires: wanted.expires.map(|after| SystemTime::now() + after),
        },
    )?;
    let path = keys.write(&format!("{file}.creds"), &credentials::file(&jwt, &key.seed()?))?;
    say!("{}", path.display());
    Ok(())
}

/// The value of each token that is the role's own, as they were given.
fn own(role: Option<&Role>, given: &[String]) -> Result<Vec<(String, String)>, Failure> {
    let tokens: Vec<&str> = role
        .into_iter()
        .flat_map(|role| role.own.iter().map(|own| own.value.as_str()))
        .collect();
    let mut own = Vec::new();
    for text in given {
        let (token, value) = text
            .split_once('=')
            .filter(|(token, _)| tokens.contains(token))
            .ok_or_else(|| match tokens.as_slice() {
                [] => format!("`--self {text}`: the role has no identity of its own"),
                tokens => format!("`--self {text}`: expected a value for {}", tokens.join(" or ")),
            })?;
        own.push((token.to_owned(), value.to_owned()));
    }
    let in_order = tokens.iter().map(|token| {
        let mut found = own.iter().filter(|(name, _)| name == token);
        let one = found.next().filter(|_| found.next().is_none());
        one.cloned()
            .ok_or_else(|| format!("say `--self {token}=VALUE` once: it is part of the identity").into())
    });
    in_order.collect()
}
