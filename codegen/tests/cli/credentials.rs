//! `credentials`

use serde_json::Value;

use crate::common::workshop::Workshop;

/// The claims of a JWT.
fn claims(jwt: &str) -> Value {
    let part = jwt.split('.').nth(1).expect("three parts");
    let text = data_encoding::BASE64URL_NOPAD.decode(part.as_bytes()).expect("base64");
    serde_json::from_slice(&text).expect("JSON")
}

#[test]
fn keys_are_made_once_and_every_user_is_signed_by_the_key_of_its_role() {
    let workshop = Workshop::new();
    let account = workshop.run(&["credentials", "account", "--keys", "keys"]);
    assert_eq!((account.code, account.stderr.as_str()), (Some(0), ""), "{account:?}");
    let of_account = |text: &str| {
        let jwts = text
            .lines()
            .filter_map(|line| line.trim().split_once(": ").map(|(_, jwt)| jwt));
        let mut found = jwts.filter(|jwt| jwt.starts_with("eyJ")).map(claims);
        found
            .find(|claims| claims["nats"]["signing_keys"].is_array())
            .expect("the contract's account")
    };
    let told = of_account(&account.stdout);

    let user = workshop.run(&[
        "credentials",
        "user",
        "--keys",
        "keys",
        "--role",
        "customer",
        "--self",
        "customer_id=c7",
        "--expires",
        "1h",
    ]);
    assert_eq!(user.code, Some(0), "{user:?}");
    let file = workshop.read(user.stdout.trim());
    let jwt = file.lines().nth(1).expect("the JWT");
    let claims = claims(jwt);
    let key = told["nats"]["signing_keys"]
        .as_array()
        .expect("keys")
        .iter()
        .find(|key| key["role"] == "customer");
    assert_eq!(claims["iss"], key.expect("the role's key")["key"]);
    assert_eq!(claims["nats"]["issuer_account"], told["sub"]);
    assert_eq!(claims["nats"]["tags"][0], "customer_id:c7");
    let seconds = |name: &str| claims[name].as_u64().expect("a moment");
    assert_eq!(seconds("exp") - seconds("iat"), 3600);

    let again = workshop.run(&["credentials", "account", "--keys", "keys"]);
    assert_eq!(of_account(&again.stdout)["nats"], told["nats"], "the same keys");
    #[cfg(unix)]
    for file in workshop.tree("keys").keys() {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = workshop
            .path("keys")
            .join(file)
            .metadata()
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{file} is nobody else's");
    }
}

#[test]
fn a_user_of_a_configuration_has_the_permissions_of_its_identity() {
    let workshop = Workshop::new();
    let user = workshop.run(&[
        "credentials",
        "user",
        "--keys",
        "keys",
        "--role",
        "customer",
        "--self",
        "customer_id=c7",
        "--config",
    ]);
    assert_eq!(user.code, Some(0), "{user:?}");
    assert!(user.stdout.contains("_INBOX_customer.c7.>"), "{}", user.stdout);
    assert!(!user.stdout.contains('$'), "a key and no variable: {}", user.stdout);
    assert!(
        !workshop
            .tree("keys")
            .values()
            .any(|text| text.starts_with(b"-----BEGIN")),
        "no JWT is made"
    );
}

#[test]
fn who_is_nobody_of_the_contract_gets_none() {
    let workshop = Workshop::new();
    let user = |more: &[&str]| {
        let run = workshop.run(&[&["credentials", "user", "--keys", "keys"], more].concat());
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:?}");
        run.stderr
    };
    for (arguments, told) in [
        (&["--role", "thief"][..], "`thief` is no role of the contract"),
        (&["--role", "customer"], "say `--self customer_id=VALUE` once"),
        (
            &["--role", "customer", "--self", "customer_id=*"],
            "`--self customer_id=*`: expected",
        ),
        (
            &["--role", "customer", "--self", "name=c7"],
            "expected a value for customer_id",
        ),
        (
            &["--role", "shop", "--self", "customer_id=c7"],
            "has no identity of its own",
        ),
        (&["--role", "shop", "--expires", "soon"], "no duration"),
    ] {
        let stderr = user(arguments);
        assert!(stderr.contains(told), "{arguments:?}: {stderr}");
    }
    assert!(
        !workshop.path("keys").exists() || workshop.tree("keys").is_empty(),
        "nothing was made"
    );
    workshop.write("keys/operator.nk", "no seed\n");
    let run = workshop.run(&["credentials", "account", "--keys", "keys"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("operator.nk"), "{run:?}");
}
