//! A connection that speaks the protocol itself, so that every refusal of the server is heard, and none is passed over.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use natsmith_codegen::credentials::KeyPair;
use serde_json::{Value, json};

/// How many commands are sent before the server is asked whether it has seen them.
const AT_ONCE: usize = 200;

pub(crate) struct Wire {
    reader: BufReader<TcpStream>,
    next_id: u64,
    /// What was heard and nobody has asked for yet: subject, reply subject.
    heard: Vec<(String, Option<String>)>,
}

/// What a connection is refused.
#[derive(Debug, Default)]
pub(crate) struct Refused {
    pub(crate) publish: BTreeSet<String>,
    /// Filter and queue group, if one was named.
    pub(crate) subscribe: BTreeSet<(String, Option<String>)>,
}

impl Wire {
    /// Connects to `127.0.0.1` as the owner of a key, with its JWT where the server goes by these.
    pub(crate) fn connect(port: u16, key: &KeyPair, jwt: Option<&str>) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut wire = Self {
            reader: BufReader::new(stream),
            next_id: 1,
            heard: Vec::new(),
        };
        let info = wire.line();
        let info: Value = serde_json::from_str(info.strip_prefix("INFO ").unwrap()).unwrap();
        let signature = key.sign(info["nonce"].as_str().unwrap().as_bytes()).unwrap();
        let mut connect = json!({
            "verbose": false, "pedantic": false, "protocol": 1, "headers": true, "no_responders": true, "echo": true,
            "sig": BASE64URL_NOPAD.encode(&signature),
        });
        match jwt {
            Some(jwt) => connect["jwt"] = jwt.into(),
            None => connect["nkey"] = key.public_key().into(),
        }
        wire.send(&format!("CONNECT {connect}\r\n"));
        let refused = wire.settle();
        assert!(refused.publish.is_empty() && refused.subscribe.is_empty());
        wire
    }

    /// Which of these subjects the server does not let it send to.
    pub(crate) fn refused_to_publish<'s>(&mut self, subjects: impl Iterator<Item = &'s str>) -> BTreeSet<String> {
        let subjects: Vec<&str> = subjects.collect();
        let mut refused = BTreeSet::new();
        for some in subjects.chunks(AT_ONCE) {
            let commands = some.iter().map(|subject| format!("PUB {subject} 0\r\n\r\n"));
            self.send(&commands.collect::<String>());
            refused.extend(self.settle().publish);
        }
        refused
    }

    /// Which of these filters the server does not let it subscribe to.
    pub(crate) fn refused_to_subscribe<'s>(
        &mut self,
        filters: impl Iterator<Item = (&'s str, Option<&'s str>)>,
    ) -> BTreeSet<(String, Option<String>)> {
        let filters: Vec<_> = filters.collect();
        let mut refused = BTreeSet::new();
        for some in filters.chunks(AT_ONCE) {
            let mut commands = String::new();
            for (filter, group) in some {
                let id = self.next_id;
                self.next_id += 1;
                let group = group.map(|group| format!("{group} ")).unwrap_or_default();
                write!(commands, "SUB {filter} {group}{id}\r\nUNSUB {id}\r\n").unwrap();
            }
            self.send(&commands);
            refused.extend(self.settle().subscribe);
        }
        refused
    }

    /// Subscribes for good; whether the server lets it.
    pub(crate) fn subscribe(&mut self, filter: &str, group: Option<&str>) -> bool {
        let id = self.next_id;
        self.next_id += 1;
        let group = group.map(|group| format!("{group} ")).unwrap_or_default();
        self.send(&format!("SUB {filter} {group}{id}\r\n"));
        self.settle().subscribe.is_empty()
    }

    /// Sends one message; whether the server lets it.
    pub(crate) fn publish(&mut self, subject: &str, reply: Option<&str>) -> bool {
        let reply = reply.map(|reply| format!("{reply} ")).unwrap_or_default();
        self.send(&format!("PUB {subject} {reply}0\r\n\r\n"));
        self.settle().publish.is_empty()
    }

    /// What was heard until now: subjects with their reply subjects.
    pub(crate) fn heard(&mut self) -> Vec<(String, Option<String>)> {
        self.settle();
        std::mem::take(&mut self.heard)
    }

    fn send(&mut self, commands: &str) {
        self.reader.get_mut().write_all(commands.as_bytes()).unwrap();
    }

    /// Waits until the server has seen everything, and returns what it refused.
    fn settle(&mut self) -> Refused {
        self.send("PING\r\n");
        let mut refused = Refused::default();
        loop {
            let line = self.line();
            let words: Vec<&str> = line.split(' ').collect();
            match words.as_slice() {
                ["PONG"] => return refused,
                ["PING"] => self.send("PONG\r\n"),
                ["INFO", ..] => {}
                ["MSG" | "HMSG", subject, _, rest @ .., length] => {
                    let has_headers = line.starts_with("HMSG");
                    let reply = rest.first().filter(|_| rest.len() > usize::from(has_headers));
                    self.heard
                        .push(((*subject).to_owned(), reply.map(|reply| (*reply).to_owned())));
                    let length: usize = length.parse().unwrap();
                    let mut payload = vec![0; length + 2];
                    self.reader.read_exact(&mut payload).unwrap();
                }
                ["-ERR", ..] => note(&line, &mut refused),
                _ => panic!("the server says: {line}"),
            }
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        let read = self.reader.read_line(&mut line).unwrap();
        assert!(read > 0, "the server has closed the connection");
        line.trim_end().to_owned()
    }
}

/// Notes what a line of the server refuses.
fn note(line: &str, refused: &mut Refused) {
    let quoted: Vec<&str> = line.split('"').collect();
    match quoted.as_slice() {
        [verb, subject, ..] if verb.contains("Permissions Violation for Publish to") => {
            refused.publish.insert((*subject).to_owned());
        }
        [verb, filter, rest @ ..] if verb.contains("Permissions Violation for Subscription to") => {
            let group = rest.get(1).map(|group| (*group).to_owned());
            refused.subscribe.insert(((*filter).to_owned(), group));
        }
        _ => panic!("the server says: {line}"),
    }
}
