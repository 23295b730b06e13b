//! Metrics, kept where a test can look at them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use metrics::{Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, SharedString, Unit};

/// A recorder of the facade `metrics` that a test can read.
///
/// A process has one recorder, so tests that run at once in one process count together: tell them apart by their subjects,
/// or give them a test binary of their own.
///
/// ```
/// use natsmith_runtime::testing::Recorder;
///
/// let recorder = Recorder::install();
/// assert_eq!(recorder.value("natsmith_sent_total", &[("subject", "agents.{agent_id}.status")]), 0.0);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    series: Arc<Mutex<HashMap<Key, Series>>>,
}

/// What was told of one name with one set of labels.
#[derive(Clone, Debug)]
enum Series {
    Counter(Arc<AtomicU64>),
    /// The bits of a float.
    Gauge(Arc<AtomicU64>),
    Histogram(Arc<Values>),
}

#[derive(Debug, Default)]
struct Values(Mutex<Vec<f64>>);

impl HistogramFn for Values {
    fn record(&self, value: f64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(value);
    }
}

impl Recorder {
    /// The recorder of this process, installed when it is first asked for.
    #[must_use]
    pub fn install() -> Self {
        static INSTALLED: OnceLock<Recorder> = OnceLock::new();
        let recorder = INSTALLED.get_or_init(|| {
            let recorder = Self::default();
            // Refused where the program has installed one of its own; this one then stays empty.
            let _ = metrics::set_global_recorder(recorder.clone());
            recorder
        });
        recorder.clone()
    }

    /// The sum over all counters and gauges of this name that have these labels, whatever others they have.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "no test counts beyond 2^52")]
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let values = self.matching(name, labels).into_iter().map(|series| match series {
            Series::Counter(count) => count.load(Ordering::Relaxed) as f64,
            Series::Gauge(bits) => f64::from_bits(bits.load(Ordering::Relaxed)),
            Series::Histogram(_) => 0.0,
        });
        // Not `sum`: that of nothing is -0.
        values.fold(0.0, |sum, value| sum + value)
    }

    /// What was recorded in the histograms of this name that have these labels.
    #[must_use]
    pub fn values(&self, name: &str, labels: &[(&str, &str)]) -> Vec<f64> {
        let mut all = Vec::new();
        for series in self.matching(name, labels) {
            if let Series::Histogram(values) = series {
                all.extend_from_slice(&values.0.lock().unwrap_or_else(PoisonError::into_inner));
            }
        }
        all
    }

    /// Every value that a label has had, in any metric.
    #[must_use]
    pub fn label_values(&self, label: &str) -> Vec<String> {
        let series = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        let labels = series.keys().flat_map(Key::labels);
        let mut values: Vec<String> = labels
            .filter(|found| found.key() == label)
            .map(|found| found.value().to_owned())
            .collect();
        values.sort();
        values.dedup();
        values
    }

    /// Every metric that was told of, by name.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let series = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        let mut names: Vec<String> = series.keys().map(|key| key.name().to_owned()).collect();
        names.sort();
        names.dedup();
        names
    }

    fn matching(&self, name: &str, labels: &[(&str, &str)]) -> Vec<Series> {
        let series = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        let has = |key: &Key, (name, value): &(&str, &str)| {
            key.labels()
                .any(|label| label.key() == *name && label.value() == *value)
        };
        series
            .iter()
            .filter(|(key, _)| key.name() == name && labels.iter().all(|label| has(key, label)))
            .map(|(_, series)| series.clone())
            .collect()
    }

    fn series(&self, key: &Key, new: impl FnOnce() -> Series) -> Series {
        let mut series = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        series.entry(key.clone()).or_insert_with(new).clone()
    }
}

impl metrics::Recorder for Recorder {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        match self.series(key, || Series::Counter(Arc::default())) {
            Series::Counter(count) => Counter::from_arc(count),
            _ => Counter::noop(),
        }
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        match self.series(key, || Series::Gauge(Arc::default())) {
            Series::Gauge(bits) => Gauge::from_arc(bits),
            _ => Gauge::noop(),
        }
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        match self.series(key, || Series::Histogram(Arc::default())) {
            Series::Histogram(values) => Histogram::from_arc(values),
            _ => Histogram::noop(),
        }
    }
}
