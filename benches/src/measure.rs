//! Interleaved rounds and medians.
//!
//! Every round runs each contender once over all documents, beginning with another one each time, so that whatever
//! else the machine does hits all of them alike. `criterion` and `divan` measure one contender after the other, which
//! on a shared machine compares two moments rather than two programs.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Something that is measured.
pub struct Contender {
    pub name: &'static str,
    /// Works once through all that there is to work through.
    run: Box<dyn Fn()>,
    /// How many things that is.
    size: usize,
}

impl Contender {
    /// Measures what is done to each item; dropping the outcome is part of it.
    pub fn new<I: 'static, O>(name: &'static str, items: &Arc<[I]>, work: impl Fn(&I) -> O + 'static) -> Self {
        let items = Arc::clone(items);
        Self {
            name,
            size: items.len(),
            run: Box::new(move || {
                for item in items.iter() {
                    black_box(work(black_box(item)));
                }
            }),
        }
    }

    fn time(&self, repeat: u32) -> f64 {
        let start = Instant::now();
        for _ in 0..repeat {
            (self.run)();
        }
        start.elapsed().as_secs_f64() * 1e9 / f64::from(repeat) / self.size as f64
    }
}

/// The medians of all contenders in nanoseconds an item.
pub fn medians(contenders: &[Contender], rounds: usize) -> Vec<(&'static str, f64)> {
    let repeats: Vec<u32> = contenders.iter().map(repeats).collect();
    let mut times = vec![Vec::with_capacity(rounds); contenders.len()];
    for round in 0..rounds {
        for turn in 0..contenders.len() {
            let index = (round + turn) % contenders.len();
            times[index].push(contenders[index].time(repeats[index]));
        }
    }
    let names = contenders.iter().map(|contender| contender.name);
    names.zip(times.iter_mut().map(|times| median(times))).collect()
}

/// How often a contender works through its items in one round: for a fifth of a millisecond or so.
fn repeats(contender: &Contender) -> u32 {
    let start = Instant::now();
    (contender.run)();
    let once = start.elapsed().max(Duration::from_nanos(100));
    let repeats = Duration::from_micros(200).as_nanos() / once.as_nanos();
    u32::try_from(repeats).unwrap_or(1).max(1)
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}
