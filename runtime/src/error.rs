//! One error type for the whole crate: a kind to match on, and the cause where there is one.

use std::error::Error as StdError;
use std::fmt;

/// Any error, boxed.
pub type BoxError = Box<dyn StdError + Send + Sync + 'static>;

/// An error of a certain kind, shaped like the one of async-nats.
///
/// [`kind`](Error::kind) is what a program decides by; [`source`](StdError::source) leads to the cause;
/// the printed text is the kind followed by the cause, on one line, for a person to act on.
///
/// ```
/// use natsmith_runtime::error::Error;
/// let error = Error::with_source("request timed out", "no answer within 5s");
/// assert_eq!(error.kind(), "request timed out");
/// assert_eq!(error.to_string(), "request timed out: no answer within 5s");
/// ```
#[derive(Debug)]
pub struct Error<Kind> {
    kind: Kind,
    source: Option<BoxError>,
}

impl<Kind> Error<Kind> {
    /// An error without a further cause.
    pub fn new(kind: Kind) -> Self {
        Self { kind, source: None }
    }

    /// An error and what led to it.
    pub fn with_source(kind: Kind, source: impl Into<BoxError>) -> Self {
        Self {
            kind,
            source: Some(source.into()),
        }
    }

    /// What went wrong, to be matched on.
    pub fn kind(&self) -> Kind
    where
        Kind: Clone,
    {
        self.kind.clone()
    }

    /// The cause, where it is of type `T`.
    pub(crate) fn cause<T: StdError + 'static>(&self) -> Option<&T> {
        self.source.as_deref()?.downcast_ref()
    }
}

impl<Kind: fmt::Display> fmt::Display for Error<Kind> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Some(source) => write!(f, "{}: {source}", self.kind),
            None => write!(f, "{}", self.kind),
        }
    }
}

impl<Kind: fmt::Debug + fmt::Display> StdError for Error<Kind> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_ref()
            .map(|source| source.as_ref() as &(dyn StdError + 'static))
    }
}

impl<Kind> From<Kind> for Error<Kind> {
    fn from(kind: Kind) -> Self {
        Self::new(kind)
    }
}
