//! How fast messages travel: raw bytes through async-nats, what people write by hand, and the generated client.
//!
//! `cargo bench --manifest-path benches/wire/Cargo.toml --bench throughput` prints one table a section; `-- --rounds 5`
//! makes it quicker, `-- publish` or the name of another section restricts it. Everything runs in one process, next to
//! one server on the loopback address, and every round runs every way once.
//!
//! `--rounds 0 --ways natsmith --payloads status --messages 20000` sends that many messages one way and no others, for a
//! profiler: under `valgrind --tool=callgrind` the instructions of two numbers of messages, subtracted, are those of the
//! messages between them.

mod case;
mod clock;
#[path = "../../../src/documents.rs"]
#[allow(dead_code, reason = "not every payload travels here")]
mod documents;
mod events;
mod jetstream;
mod measure;
#[path = "../../../src/plain.rs"]
#[allow(dead_code, reason = "not every payload travels here")]
mod plain;
#[path = "../../../src/random.rs"]
mod random;
mod requests;

use natsmith_runtime::testing::Server;

use crate::case::{AgentCommand, AgentHeartbeat, AgentStatus, Bench, Case};
use crate::measure::{Section, Way};

/// Any error ends the run.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;

/// What the command line asks for.
pub struct Options {
    sections: Vec<String>,
    /// Only the ways with these words in their names; all where there are none.
    ways: Vec<String>,
    /// Only these payloads; all where there are none.
    payloads: Vec<String>,
    pub rounds: usize,
    /// How many messages one way sends or receives in one round.
    pub messages: usize,
}

impl Options {
    fn read() -> Self {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let number = |name: &str| {
            let mut values = arguments.iter().skip_while(|argument| *argument != name).skip(1);
            values.next().and_then(|value| value.parse().ok())
        };
        let lists = |name: &str| -> Vec<String> {
            let mut values = arguments.iter().skip_while(|argument| *argument != name).skip(1);
            let values = values.next().into_iter().flat_map(|list| list.split(','));
            values.map(ToOwned::to_owned).collect()
        };
        let named = arguments
            .iter()
            .filter(|argument| SECTIONS.contains(&argument.as_str()));
        Self {
            sections: named.cloned().collect(),
            ways: lists("--ways"),
            payloads: lists("--payloads"),
            rounds: number("--rounds").unwrap_or(31),
            messages: number("--messages").unwrap_or(20_000),
        }
    }

    fn wants(&self, section: &str) -> bool {
        self.sections.is_empty() || self.sections.iter().any(|name| name == section)
    }

    /// Whether a payload is to travel.
    pub fn carries<C: Case>(&self) -> bool {
        self.payloads.is_empty() || self.payloads.iter().any(|name| name == C::NAME)
    }

    /// Those of the ways that are asked for.
    pub fn of(&self, ways: &[Way]) -> Vec<Way> {
        let wanted = |way: &Way| self.ways.is_empty() || self.ways.iter().any(|word| way.name().contains(word));
        ways.iter().copied().filter(wanted).collect()
    }
}

const SECTIONS: &[&str] = &["publish", "subscribe", "end-to-end", "persist", "pull", "request"];

#[tokio::main]
async fn main() -> Result<(), Fault> {
    let options = Options::read();
    let server = Server::start().await?;
    let heartbeat = Bench::<AgentHeartbeat>::new(&server).await?;
    let status = Bench::<AgentStatus>::new(&server).await?;
    let command = Bench::<AgentCommand>::new(&server).await?;
    if options.wants("publish") {
        let mut section = Section::new("Publish");
        events::publish(&heartbeat, &options, &mut section).await?;
        events::publish(&status, &options, &mut section).await?;
        events::publish(&command, &options, &mut section).await?;
        println!("{section}");
    }
    if options.wants("subscribe") {
        let mut section = Section::new("Subscribe");
        events::subscribe(&heartbeat, &options, &mut section).await?;
        events::subscribe(&status, &options, &mut section).await?;
        events::subscribe(&command, &options, &mut section).await?;
        println!("{section}");
    }
    if options.wants("end-to-end") {
        let mut section = Section::new("End to end");
        events::end_to_end(&heartbeat, &options, &mut section).await?;
        events::end_to_end(&status, &options, &mut section).await?;
        events::end_to_end(&command, &options, &mut section).await?;
        println!("{section}");
    }
    jetstream::provision(&status).await?;
    if options.wants("persist") {
        let mut section = Section::new("JetStream publish, 512 acknowledgements in flight");
        jetstream::persist(&heartbeat, &options, &mut section).await?;
        jetstream::persist(&status, &options, &mut section).await?;
        println!("{section}");
    }
    if options.wants("pull") {
        let mut section = Section::new("Pull and acknowledge");
        jetstream::pull(&heartbeat, &options, &mut section).await?;
        jetstream::pull(&status, &options, &mut section).await?;
        println!("{section}");
    }
    if options.wants("request") {
        println!("{}", requests::request(&server, &options).await?);
    }
    Ok(())
}
