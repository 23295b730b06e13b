//! Credentials: the JWTs of operators, accounts and users, signed with nkeys, and the file that a user connects with.
//!
//! What users of a role may do stands in the account's JWT, under the signing key of the role (a scoped signing key); a
//! user's own JWT says who it is, and nothing of permissions. Nothing here reads or writes files, and no key is made unless asked for.

use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
pub use nkeys::KeyPair;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha512_256};

/// Why something cannot be signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// A key pair without its private half, or a seed that is none.
    #[error("the key cannot sign: {0}")]
    Key(#[from] nkeys::error::Error),
    /// Claims that name a key which is not there.
    #[error("the account names the key `{0}`, and there is no such key")]
    MissingKey(String),
    /// A name or value that would be something else within a subject.
    #[error("`{0}` cannot be one token of a subject")]
    NotAToken(String),
    /// A document that cannot be written as JSON.
    #[error("the claims cannot be written: {0}")]
    Claims(#[from] serde_json::Error),
}

/// The JWT of an operator, signed by itself.
///
/// # Errors
///
/// See [`CredentialsError`].
pub fn operator(key: &KeyPair, name: &str, system_account: &str) -> Result<String, CredentialsError> {
    let nats = json!({ "system_account": system_account, "type": "operator", "version": 2 });
    signed(key, &key.public_key(), name, nats, None)
}

/// The JWT of the account that the servers of an operator speak among themselves in.
///
/// # Errors
///
/// See [`CredentialsError`].
pub fn system_account(operator: &KeyPair, account: &str) -> Result<String, CredentialsError> {
    let unlimited = ["subs", "data", "payload", "imports", "exports", "conn", "leaf"];
    let limits: Map<String, Value> = unlimited.iter().map(|name| ((*name).to_owned(), json!(-1))).collect();
    let nats = json!({ "limits": limits, "type": "account", "version": 2 });
    signed(operator, account, "SYS", nats, None)
}

/// The JWT of a contract's account: what `deploy/account.claims.json` says, with public keys in the place of their names.
///
/// # Errors
///
/// See [`CredentialsError`].
pub fn account(
    operator: &KeyPair,
    account: &str,
    claims: &Value,
    public_key: &dyn Fn(&str) -> Option<String>,
) -> Result<String, CredentialsError> {
    let mut nats = claims.get("nats").cloned().unwrap_or_default();
    let keys = nats.get_mut("signing_keys").and_then(Value::as_array_mut);
    for key in keys.into_iter().flatten().filter_map(|signing| signing.get_mut("key")) {
        let name = key.as_str().unwrap_or_default().trim_start_matches('$').to_owned();
        let found = public_key(&name).ok_or(CredentialsError::MissingKey(name))?;
        *key = found.into();
    }
    let name = claims.get("name").and_then(Value::as_str).unwrap_or_default();
    signed(operator, account, name, nats, None)
}

/// Who a user is.
#[derive(Clone, Copy, Debug)]
pub struct User<'u> {
    /// Its name, for operators.
    pub name: &'u str,
    /// Its public key.
    pub key: &'u str,
    /// The public key of its account.
    pub account: &'u str,
    /// The tokens that are its own, and their values.
    pub own: &'u [(&'u str, &'u str)],
    /// Until when it may connect; for ever without it.
    pub expires: Option<SystemTime>,
}

/// The JWT of a user of a role, signed by the role's key.
///
/// # Errors
///
/// See [`CredentialsError`]. A value that is no single token is refused: the server would put it into permissions as it is.
pub fn user(role: &KeyPair, user: User<'_>) -> Result<String, CredentialsError> {
    let is_token = |text: &str| {
        !text.is_empty() && !text.contains(|c: char| ".*> \"'{}".contains(c) || c.is_whitespace() || c.is_control())
    };
    for (_, value) in user.own {
        if !is_token(value) {
            return Err(CredentialsError::NotAToken((*value).to_owned()));
        }
    }
    let tags: Vec<String> = user
        .own
        .iter()
        .map(|(token, value)| format!("{token}:{value}"))
        .collect();
    let nats = json!({ "issuer_account": user.account, "tags": tags, "type": "user", "version": 2 });
    signed(role, user.key, user.name, nats, user.expires)
}

/// The text of a credentials file: a user's JWT and the seed of its key. Whoever has it is the user.
#[must_use]
pub fn file(jwt: &str, seed: &str) -> String {
    format!(
        "-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n\
         ************************* IMPORTANT *************************\n\
         The seed below is a secret: keep it as you keep a password.\n\n\
         -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n\n\
         *************************************************************\n"
    )
}

/// A JWT of any kind: what `nats` says of the subject, a public key.
///
/// # Errors
///
/// See [`CredentialsError`].
pub fn signed(
    issuer: &KeyPair,
    subject: &str,
    name: &str,
    nats: Value,
    expires: Option<SystemTime>,
) -> Result<String, CredentialsError> {
    let seconds = |moment: SystemTime| moment.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let mut claims = json!({
        "jti": "",
        "iat": seconds(SystemTime::now()),
        "iss": issuer.public_key(),
        "name": name,
        "sub": subject,
    });
    if let Some(claims) = claims.as_object_mut() {
        if let Some(expires) = expires {
            claims.insert("exp".to_owned(), seconds(expires).into());
        }
        claims.insert("nats".to_owned(), nats);
        let id = Sha512_256::digest(serde_json::to_vec(claims)?);
        claims.insert("jti".to_owned(), BASE32_NOPAD.encode(&id).into());
    }
    let header = json!({ "typ": "JWT", "alg": "ed25519-nkey" });
    let parts = [serde_json::to_vec(&header)?, serde_json::to_vec(&claims)?];
    let signed = parts.map(|part| BASE64URL_NOPAD.encode(&part)).join(".");
    let signature = BASE64URL_NOPAD.encode(&issuer.sign(signed.as_bytes())?);
    Ok(format!("{signed}.{signature}"))
}
