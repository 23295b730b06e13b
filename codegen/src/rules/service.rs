//! Findings about discoverable services.

use super::rules;

rules! {
    /// A service without endpoints, or with one that is no request.
    error ENDPOINT = "services/endpoint";
    /// A role that provides a service and does not answer its requests.
    error PROVIDER = "services/provider";
}
