//! Interleaved rounds, and the table that they make.

use std::fmt;
use std::future::Future;

use crate::Fault;
use crate::clock::Taken;

/// A way to send or receive messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Bytes that were made before, on a subject that was made before, or bytes that nobody reads.
    Raw,
    /// serde's derive, which checks nothing of the schema.
    Serde,
    /// `jsonschema` over a `Value`.
    Schema,
    /// The generated client, which checks everything.
    Natsmith,
    /// The generated client with payloads that stay in their documents.
    Borrowed,
}

impl Way {
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "async-nats, bytes",
            Self::Serde => "async-nats + serde derive, no validation",
            Self::Schema => "async-nats + jsonschema + serde",
            Self::Natsmith => "**natsmith**, validated",
            Self::Borrowed => "natsmith, validated, borrowed",
        }
    }
}

/// Runs every way once a round, beginning with another one each time, so that whatever else the machine does hits all of
/// them alike. The first round warms up and does not count.
pub async fn rounds<F: Future<Output = Result<Taken, Fault>>>(
    ways: &[Way],
    rounds: usize,
    run: impl Fn(Way) -> F,
) -> Result<Vec<Vec<Taken>>, Fault> {
    let mut taken = vec![Vec::with_capacity(rounds); ways.len()];
    for way in ways {
        run(*way).await?;
    }
    for round in 0..rounds {
        for turn in 0..ways.len() {
            let index = (round + turn) % ways.len();
            taken[index].push(run(ways[index]).await?);
        }
    }
    Ok(taken)
}

/// Several ways with several payloads.
pub struct Section {
    title: &'static str,
    columns: Vec<Column>,
}

struct Column {
    label: String,
    messages: usize,
    ways: Vec<Way>,
    taken: Vec<Vec<Taken>>,
}

impl Section {
    pub fn new(title: &'static str) -> Self {
        Self {
            title,
            columns: Vec::new(),
        }
    }

    pub fn add(&mut self, label: String, messages: usize, ways: &[Way], taken: Vec<Vec<Taken>>) {
        self.columns.push(Column {
            label,
            messages,
            ways: ways.to_vec(),
            taken,
        });
    }
}

impl Column {
    fn of(&self, way: Way) -> Option<&[Taken]> {
        let index = self.ways.iter().position(|other| *other == way)?;
        self.taken.get(index).map(Vec::as_slice)
    }

    /// The median of the rounds' ratios between the raw way and this one: how many messages this one manages while the
    /// raw one manages one.
    fn ratio(&self, way: Way, time: impl Fn(&Taken) -> f64) -> Option<f64> {
        let pairs = self.of(Way::Raw)?.iter().zip(self.of(way)?);
        Some(median(pairs.map(|(raw, this)| time(raw) / time(this)).collect()))
    }

    /// Nanoseconds a message.
    fn mean(&self, way: Way, time: impl Fn(&Taken) -> f64) -> Option<f64> {
        let taken = self.of(way)?;
        let sum: f64 = taken.iter().map(time).sum();
        Some(sum * 1e9 / taken.len() as f64 / self.messages as f64)
    }

    fn cell(&self, way: Way) -> Option<String> {
        let own = |taken: &Taken| taken.own.as_secs_f64();
        let wall = self.of(way)?.iter().map(|taken| taken.wall.as_secs_f64());
        Some(format!(
            "{:.2} / {:.2} ({:.0} k/s, {:.0} + {:.0} ns)",
            self.ratio(way, |taken| taken.wall.as_secs_f64())?,
            self.ratio(way, own)?,
            self.messages as f64 / median(wall.collect()) / 1000.0,
            self.mean(way, own)?,
            self.mean(way, |taken| taken.server.as_secs_f64())?,
        ))
    }
}

/// The number in the middle.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A table in Markdown. A cell: the rate relative to raw bytes, the same by processor time of this program; the rate, the
/// processor time of this program and of the server a message.
impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| {} |", self.title)?;
        for column in &self.columns {
            write!(f, " {} |", column.label)?;
        }
        write!(f, "\n|---|")?;
        for _ in &self.columns {
            write!(f, "---:|")?;
        }
        writeln!(f)?;
        for way in [Way::Raw, Way::Serde, Way::Schema, Way::Natsmith, Way::Borrowed] {
            let cells: Vec<Option<String>> = self.columns.iter().map(|column| column.cell(way)).collect();
            if cells.iter().all(Option::is_none) {
                continue;
            }
            write!(f, "| {} |", way.name())?;
            for cell in cells {
                write!(f, " {} |", cell.unwrap_or_else(|| "-".to_owned()))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
