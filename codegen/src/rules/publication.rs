//! Findings about publications.

use super::rules;

rules! {
    /// A publication of which the subjects cannot be published on at once.
    error SUBJECTS = "publications/subjects";
    /// A publication whose subjects carry different payloads.
    error PAYLOAD = "publications/payload";
    /// A role that sends a publication and may not publish on all of its subjects.
    error PUBLISHER = "publications/publisher";
}
