//! Why there is no subscription.

use crate::error::Error;

/// Why a subscription could not be made or ended.
pub type SubscribeError = Error<SubscribeErrorKind>;

/// The kinds of [`SubscribeError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SubscribeErrorKind {
    /// The filter would leave the endpoint's scope.
    OutsideScope,
    /// The client refuses the filter or queue group.
    Refused,
    /// The connection is closed.
    Closed,
}

impl std::fmt::Display for SubscribeErrorKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::OutsideScope => "the filter leaves the scope of this endpoint",
            Self::Refused => "the subscription was refused",
            Self::Closed => "the connection is closed",
        })
    }
}

impl From<async_nats::SubscribeError> for SubscribeError {
    fn from(error: async_nats::SubscribeError) -> Self {
        let kind = match error.kind() {
            async_nats::SubscribeErrorKind::Other => SubscribeErrorKind::Closed,
            _ => SubscribeErrorKind::Refused,
        };
        Self::with_source(kind, error)
    }
}
