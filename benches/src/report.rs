//! The table that a run prints.

use std::fmt;
use std::ops::Range;

/// Times of several contenders on several payloads.
pub struct Section {
    title: &'static str,
    /// The contender that the others are divided by.
    baseline: &'static str,
    payloads: Vec<Payload>,
    mean_over: Range<usize>,
    transposed: bool,
    factors: bool,
}

struct Payload {
    label: String,
    times: Vec<(&'static str, f64)>,
}

impl Section {
    pub fn new(title: &'static str, baseline: &'static str) -> Self {
        Self {
            title,
            baseline,
            payloads: Vec::new(),
            mean_over: 0..usize::MAX,
            transposed: false,
            factors: false,
        }
    }

    /// The payloads whose ratios make the mean.
    pub fn mean_over(self, mean_over: Range<usize>) -> Self {
        Self { mean_over, ..self }
    }

    /// Payloads as lines, contenders as columns.
    pub fn transposed(self) -> Self {
        Self {
            transposed: true,
            ..self
        }
    }

    /// How many times faster than the baseline, for what is very much faster.
    #[allow(dead_code, reason = "one of the programs asks for it")]
    pub fn factors(self) -> Self {
        Self { factors: true, ..self }
    }

    pub fn add(&mut self, label: String, times: Vec<(&'static str, f64)>) {
        self.payloads.push(Payload { label, times });
    }

    fn contenders(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        for (name, _) in self.payloads.iter().flat_map(|payload| &payload.times) {
            if !names.contains(name) {
                names.push(name);
            }
        }
        names
    }

    /// The geometric mean of a contender's ratios, if it took part everywhere.
    fn mean(&self, contender: &str) -> Option<f64> {
        let counted = |index: &usize| self.mean_over.contains(index);
        let ratios: Option<Vec<f64>> = (0..self.payloads.len())
            .filter(counted)
            .map(|index| self.payloads[index].ratio(contender, self.baseline))
            .collect();
        let ratios = ratios?;
        let logarithms: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
        Some((logarithms / ratios.len() as f64).exp())
    }

    fn lines(&self) -> Vec<Vec<String>> {
        let mut head = vec![self.title.to_owned()];
        head.extend(self.payloads.iter().map(|payload| payload.label.clone()));
        head.push("mean".to_owned());
        let mut lines = vec![head];
        for contender in self.contenders() {
            let mut line = vec![contender.to_owned()];
            line.extend(
                self.payloads
                    .iter()
                    .map(|payload| payload.cell(contender, self.baseline, self.factors)),
            );
            line.push(self.mean(contender).map_or("-".to_owned(), |mean| format!("{mean:.2}")));
            lines.push(line);
        }
        if self.transposed {
            let width = lines[0].len();
            lines = (0..width)
                .map(|column| lines.iter().map(|line| line[column].clone()).collect())
                .collect();
        }
        lines
    }
}

impl Payload {
    fn time(&self, contender: &str) -> Option<f64> {
        let found = self.times.iter().find(|(name, _)| *name == contender);
        found.map(|(_, time)| *time)
    }

    fn ratio(&self, contender: &str, baseline: &str) -> Option<f64> {
        Some(self.time(contender)? / self.time(baseline)?)
    }

    fn cell(&self, contender: &str, baseline: &str, factors: bool) -> String {
        match (self.time(contender), self.ratio(contender, baseline)) {
            (Some(time), Some(ratio)) if factors => format!("{:.1} times ({time:.0})", 1.0 / ratio),
            (Some(time), Some(ratio)) => format!("{ratio:.2} ({time:.0})"),
            _ => "-".to_owned(),
        }
    }
}

/// A table in Markdown: ratios to the baseline, with the nanoseconds of this machine in parentheses.
impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.lines();
        let width = |column: usize| lines.iter().map(|line| line[column].len()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..lines[0].len()).map(width).collect();
        for (index, line) in lines.iter().enumerate() {
            for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
                if column == 0 {
                    write!(f, "| {cell:<width$} ")?;
                } else {
                    write!(f, "| {cell:>width$} ")?;
                }
            }
            writeln!(f, "|")?;
            if index == 0 {
                for (column, width) in widths.iter().enumerate() {
                    let dashes = "-".repeat(width + 1);
                    write!(f, "|{dashes}{}", if column == 0 { "-" } else { ":" })?;
                }
                writeln!(f, "|")?;
            }
        }
        Ok(())
    }
}
