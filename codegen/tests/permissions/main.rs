//! The permissions of every contract, proven on a real server: whoever connects may do what the contract says, and nothing else.
//!
//! Who says what is allowed is `expected`, which reads the contract; who says what really is, is the server. In between stand the
//! configuration and the JWTs that natsmith makes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has failed"
)]

mod cases;
mod expected;
mod wire;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use natsmith_codegen::contract::Contract;
use natsmith_codegen::credentials::{self, KeyPair};
use natsmith_codegen::subject::check_filter;
use natsmith_codegen::{check, deployment, user_of};
use natsmith_runtime::testing::Server;
use serde_json::{Value, json};

use expected::Party;
use wire::Wire;

/// A server on which a contract's parties are known.
struct Stage {
    server: Server,
    /// The key of each party, and its JWT where the server goes by these.
    users: Vec<(KeyPair, Option<String>)>,
    /// Somebody in the account who may do anything.
    anybody: (KeyPair, Option<String>),
}

impl Stage {
    fn connect(&self, party: usize) -> Wire {
        self.connect_as(&self.users[party])
    }

    fn connect_as(&self, (key, jwt): &(KeyPair, Option<String>)) -> Wire {
        Wire::connect(self.server.port(), key, jwt.as_deref())
    }

    /// The generated configuration as it is, with one user more for every identity beside that of the example.
    async fn configured(contract: &Contract, parties: &[Party<'_>]) -> Self {
        let files = deployment(contract).unwrap();
        let account = files.get("account.conf").unwrap();
        let users: Vec<_> = parties.iter().map(|_| (KeyPair::new_user(), None)).collect();
        let (mut variables, mut more, mut known) = (String::new(), String::new(), BTreeSet::new());
        for (party, (key, _)) in parties.iter().zip(&users) {
            if known.insert(party.name()) {
                let variable = format!("{}_{}", contract.name.value, party.name())
                    .replace('-', "_")
                    .to_uppercase();
                writeln!(variables, "{variable}: {}", key.public_key()).unwrap();
            } else {
                let own = |token: &str| party.own[token].clone();
                more += &user_of(contract, party.name(), &key.public_key(), &own).unwrap();
            }
        }
        let anybody = KeyPair::new_user();
        writeln!(more, "{{ nkey: {} }}", anybody.public_key()).unwrap();
        let account = account.trim_end().strip_suffix(']').unwrap();
        let config = format!("{variables}\naccounts: {{ a: {{\n{account}{more}]\n}} }}");
        Self {
            server: start(&config).await,
            users,
            anybody: (anybody, None),
        }
    }

    /// The account and the users as JWTs, each user signed by the key of its role.
    async fn signed(contract: &Contract, parties: &[Party<'_>]) -> Self {
        let files = deployment(contract).unwrap();
        let claims: Value = serde_json::from_str(files.get("account.claims.json").unwrap()).unwrap();
        let (operator, system, account) = (KeyPair::new_operator(), KeyPair::new_account(), KeyPair::new_account());
        let entries = claims["nats"]["signing_keys"].as_array().unwrap();
        let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().trim_start_matches('$').to_owned();
        let roles: HashMap<String, KeyPair> = entries
            .iter()
            .map(|entry| (text(entry, "role"), KeyPair::new_account()))
            .collect();
        let by_variable: HashMap<String, String> = entries
            .iter()
            .map(|entry| (text(entry, "key"), roles[&text(entry, "role")].public_key()))
            .collect();
        let (system_id, account_id) = (system.public_key(), account.public_key());
        let operator_jwt = credentials::operator(&operator, "test", &system_id).unwrap();
        let system_jwt = credentials::system_account(&operator, &system_id).unwrap();
        let account_jwt =
            credentials::account(&operator, &account_id, &claims, &|name| by_variable.get(name).cloned()).unwrap();
        let users = parties.iter().map(|party| {
            let key = KeyPair::new_user();
            let own: Vec<(&str, &str)> = party
                .own
                .iter()
                .map(|(token, value)| (token.as_str(), value.as_str()))
                .collect();
            let user = credentials::User {
                name: party.name(),
                key: &key.public_key(),
                account: &account_id,
                own: &own,
                expires: None,
            };
            let jwt = credentials::user(&roles[party.name()], user).unwrap();
            (key, Some(jwt))
        });
        let users = users.collect();
        let (anybody, all) = (KeyPair::new_user(), json!({ "allow": [">"] }));
        let rights =
            json!({ "pub": all, "sub": all, "subs": -1, "data": -1, "payload": -1, "type": "user", "version": 2 });
        let anybodys_jwt = credentials::signed(&account, &anybody.public_key(), "anybody", rights, None).unwrap();
        let server = start(&format!(
            "operator: {operator_jwt}\nsystem_account: {system_id}\nresolver: MEMORY\n\
             resolver_preload: {{\n{system_id}: {system_jwt}\n{account_id}: {account_jwt}\n}}"
        ))
        .await;
        Self {
            server,
            users,
            anybody: (anybody, Some(anybodys_jwt)),
        }
    }
}

/// A server with more room than any contract asks for, of which nothing is used.
async fn start(config: &str) -> Server {
    let server = Server::builder().config(format!(
        "jetstream: {{ max_file_store: 1TiB, max_memory_store: 1TiB }}\n{config}"
    ));
    server.start().await.unwrap_or_else(|error| panic!("{error}"))
}

/// Every contract of the repository, and those of tests that have what these have not.
fn contracts() -> Vec<(PathBuf, Contract)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders: Vec<PathBuf> = root
        .join("schema")
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.retain(|path| path.is_dir());
    let of_tests = [
        "codegen/tests/fixtures/all-kinds",
        "codegen/tests/fixtures/shop",
        "tests/fixtures/depot",
    ];
    folders.extend(of_tests.map(|folder| root.join(folder)));
    folders.sort();
    let checked = folders.into_iter().map(|folder| {
        let checked = check(&folder);
        assert!(!checked.report.has_errors(), "{}", folder.display());
        (folder, checked.contract.unwrap())
    });
    checked.collect()
}

/// Each role, in the identity of the tokens' examples first, then in others: with one token of its own changed, then all.
fn parties(contract: &Contract) -> Vec<Party<'_>> {
    let example = |token: &str| {
        let token = &contract.tokens[token];
        let member = token.members.as_ref().map(|members| members.value[0].value.clone());
        let given = token.example.as_ref().map(|example| example.value.clone());
        given.or(member).unwrap_or_else(|| token.name.value.clone())
    };
    let mut parties = Vec::new();
    for role in contract.roles.values() {
        let names: Vec<&str> = role.own.iter().map(|own| own.value.as_str()).collect();
        let first: BTreeMap<String, String> = names.iter().map(|name| ((*name).to_owned(), example(name))).collect();
        let mut identities = vec![first.clone()];
        for name in &names {
            let mut other = first.clone();
            other.insert((*name).to_owned(), format!("other_{name}"));
            identities.push(other);
        }
        if names.len() > 1 {
            identities.push(
                names
                    .iter()
                    .map(|name| ((*name).to_owned(), format!("other_{name}")))
                    .collect(),
            );
        }
        parties.extend(identities.into_iter().map(|own| Party::new(contract, Some(role), own)));
    }
    if contract.has_assets() {
        parties.push(Party::new(contract, None, BTreeMap::new()));
    }
    parties
}

/// How much was tried.
#[derive(Default)]
struct Count {
    allowed: usize,
    denied: usize,
}

impl Count {
    fn add(&mut self, wanted: bool) {
        if wanted {
            self.allowed += 1;
        } else {
            self.denied += 1;
        }
    }
}

/// Tries everything as every party, and returns where the server does not agree with the contract.
fn judge(contract: &Contract, parties: &[Party<'_>], stage: &Stage, by_jwt: bool, count: &mut Count) -> Vec<String> {
    let mut faults = Vec::new();
    let base = cases::subjects(contract, parties);
    let mut groups: BTreeSet<&str> = ["q", "another"].into();
    groups.extend(
        contract
            .subjects
            .values()
            .filter_map(|subject| subject.queue_group.as_ref())
            .map(|group| group.value.as_str()),
    );
    groups.extend(
        contract
            .subscriptions
            .values()
            .filter_map(|set| set.queue_group.as_ref())
            .map(|group| group.value.as_str()),
    );
    for (index, party) in parties.iter().enumerate() {
        let who = format!("{} {:?}", party.name(), party.own.values().collect::<Vec<_>>());
        let mut subjects = base.clone();
        for subject in base.iter().filter(|subject| party.sends(subject)) {
            subjects.extend(cases::neighbours(subject));
        }
        let refused = stage
            .connect(index)
            .refused_to_publish(subjects.iter().map(String::as_str));
        for subject in &subjects {
            let (wanted, found) = (party.sends(subject), !refused.contains(subject));
            count.add(wanted);
            if wanted != found {
                faults.push(format!("{who}: {} publish to {subject}", verdict(wanted)));
            }
        }

        let mut filters = cases::filters(contract, &base);
        let heard: Vec<String> = filters
            .iter()
            .filter(|filter| party.hears(filter, None))
            .cloned()
            .collect();
        filters.extend(heard.iter().flat_map(|filter| cases::neighbours(filter)));
        // The server refuses those for another reason.
        filters.retain(|filter| check_filter(filter).is_ok());
        let tried: Vec<(&str, Option<&str>)> = filters
            .iter()
            .flat_map(|filter| {
                std::iter::once((filter.as_str(), None))
                    .chain(groups.iter().map(|group| (filter.as_str(), Some(*group))))
            })
            .collect();
        let mut wire = stage.connect(index);
        let refused = wire.refused_to_subscribe(tried.iter().copied());
        // Templates of JWTs know no queue groups: where a role has an identity, its members may also hear alone.
        let knows_groups = !by_jwt || party.own.is_empty();
        for (filter, group) in tried {
            let wanted = party.hears(filter, group);
            let found = !refused.contains(&(filter.to_owned(), group.map(str::to_owned)));
            count.add(wanted);
            // The server takes a last `>` where `*` is allowed: what is then heard is looked at below.
            let shorter = filter.strip_suffix(".>").map(|start| format!("{start}.*"));
            let nearly = |group| {
                party.hears(filter, group) || shorter.as_ref().is_some_and(|shorter| party.hears(shorter, group))
            };
            let with_others = !knows_groups && groups.iter().any(|group| nearly(Some(group)));
            let excused = found && (nearly(group) || with_others);
            if wanted != found && !excused {
                let group = group
                    .map(|group| format!(" in the queue group {group}"))
                    .unwrap_or_default();
                faults.push(format!("{who}: {} subscribe to {filter}{group}", verdict(wanted)));
            }
        }
        let overheard = overheard(party, stage, &mut wire, &filters, &subjects, count);
        faults.extend(overheard.into_iter().map(|fault| format!("{who}: {fault}")));
    }
    faults
}

/// Subscribes to every wildcard that the server lets the party subscribe to, has somebody send to every subject, and returns
/// what was heard that must not be.
fn overheard(
    party: &Party<'_>,
    stage: &Stage,
    wire: &mut Wire,
    filters: &BTreeSet<String>,
    subjects: &BTreeSet<String>,
    count: &mut Count,
) -> Vec<String> {
    for filter in filters.iter().filter(|filter| filter.ends_with('>')) {
        wire.subscribe(filter, None);
    }
    let sent = subjects.iter().filter(|subject| !subject.contains(['*', '>']));
    stage
        .connect_as(&stage.anybody)
        .refused_to_publish(sent.map(String::as_str));
    let heard: BTreeSet<String> = wire.heard().into_iter().map(|(subject, _)| subject).collect();
    for subject in subjects {
        count.add(party.may_hear(subject));
    }
    let too_much = heard.into_iter().filter(|subject| !party.may_hear(subject));
    too_much
        .map(|subject| format!("must not, and does, hear {subject}"))
        .collect()
}

fn verdict(wanted: bool) -> &'static str {
    if wanted {
        "has to, and cannot,"
    } else {
        "must not, and can,"
    }
}

async fn proven(by_jwt: bool) {
    let (mut faults, mut count) = (Vec::new(), Count::default());
    for (_, contract) in contracts() {
        let parties = parties(&contract);
        let stage = if by_jwt {
            Stage::signed(&contract, &parties).await
        } else {
            Stage::configured(&contract, &parties).await
        };
        let mut own = Count::default();
        let found = judge(&contract, &parties, &stage, by_jwt, &mut own);
        println!(
            "{}: {} parties, {} cases allowed, {} denied",
            contract.name.value,
            parties.len(),
            own.allowed,
            own.denied
        );
        count.allowed += own.allowed;
        count.denied += own.denied;
        faults.extend(
            found
                .into_iter()
                .map(|fault| format!("{}: {fault}", contract.name.value)),
        );
    }
    println!("all: {} cases allowed, {} denied", count.allowed, count.denied);
    assert!(count.allowed > 1_000 && count.denied > 10_000, "the cases are found");
    assert!(
        faults.is_empty(),
        "{} faults, such as\n{}",
        faults.len(),
        faults[..faults.len().min(60)].join("\n")
    );
}

#[tokio::test]
async fn as_configuration_they_allow_what_the_contract_says_and_nothing_else() {
    proven(false).await;
}

#[tokio::test]
async fn as_jwts_they_allow_what_the_contract_says_and_nothing_else() {
    proven(true).await;
}

/// Who answers may send to the reply subject of a request that it heard, as often as an answer needs, and to no other.
#[tokio::test]
async fn who_answers_may_respond_to_what_it_heard_and_to_nothing_else() {
    let mut answered = 0;
    for (_, contract) in contracts() {
        let parties = parties(&contract);
        for by_jwt in [false, true] {
            let stage = if by_jwt {
                Stage::signed(&contract, &parties).await
            } else {
                Stage::configured(&contract, &parties).await
            };
            let mut anybody = stage.connect_as(&stage.anybody);
            for (index, party) in parties.iter().enumerate() {
                let streams = party.streams();
                for (subject, group) in party.answered() {
                    let who = format!("{}: {} on {subject}", contract.name.value, party.name());
                    let mut wire = stage.connect(index);
                    assert!(!wire.publish("_INBOX_asker.1", None), "{who}: before anybody has asked");
                    assert!(wire.subscribe(&subject, group), "{who}");
                    assert!(anybody.publish(&subject, Some("_INBOX_asker.1")));
                    let heard = wire.heard();
                    assert_eq!(heard, [(subject.clone(), Some("_INBOX_asker.1".to_owned()))], "{who}");
                    assert!(wire.publish("_INBOX_asker.1", None), "{who}: the answer");
                    assert_eq!(wire.publish("_INBOX_asker.1", None), streams, "{who}: once more");
                    assert!(!wire.publish("_INBOX_asker.2", None), "{who}: to somebody else");
                    answered += 1;
                }
            }
            let is_told = stage.server.log().contains("Violation");
            assert!(is_told || contract.subjects.values().all(|subject| !subject.is_request()));
        }
    }
    assert!(answered > 10, "the requests are found: {answered}");
}

/// The checked-in configuration is one that a server reads as it is, once its variables have values.
#[test]
fn the_generated_configuration_is_one_that_a_server_reads() {
    let binary = natsmith_runtime::testing::server_binary().unwrap_or_else(|error| panic!("{error}"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../generated");
    let mut read = 0;
    for entry in root.read_dir().unwrap() {
        let folder = entry.unwrap().path().join("deploy");
        let account = std::fs::read_to_string(folder.join("account.conf")).unwrap();
        let variables = account.lines().filter_map(|line| line.trim().strip_prefix("nkey: $"));
        let check = |variables: &[&str]| {
            let mut command = std::process::Command::new(&binary);
            command.arg("-t").arg("--config").arg(folder.join("nats-server.conf"));
            let keys = variables.iter().map(|name| (*name, KeyPair::new_user().public_key()));
            command.envs(keys).output().unwrap()
        };
        let variables: Vec<&str> = variables.collect();
        let checked = check(&variables);
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
        assert!(
            !check(&variables[1..]).status.success(),
            "a user without a key is nobody"
        );
        read += 1;
    }
    assert!(read > 4, "the files are found: {read}");
}
