//! What a worker has finished, so that a message which comes again is not worked on twice.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Mutex as AsyncMutex;

/// What has become of a message; locked while somebody works on it.
pub(super) type Place = Arc<AsyncMutex<Fate>>;

/// What has become of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is still to be worked on.
    #[default]
    Open,
    /// It was handled.
    Handled,
    /// It was given up under this sequence number. Under another one it was sent out once more.
    GivenUp(u64),
}

/// A bounded memory of messages by their identity. The oldest are forgotten first.
pub(super) struct Finished {
    most: usize,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    places: HashMap<String, Place>,
    /// Oldest first.
    order: VecDeque<String>,
}

impl Finished {
    pub(super) fn keeping(most: usize) -> Self {
        Self {
            most,
            memory: Mutex::default(),
        }
    }

    /// The place of a message.
    pub(super) fn place(&self, identity: String) -> Place {
        if self.most == 0 {
            return Place::default();
        }
        // A panic leaves the maps as they are between two statements, which is good enough for a memory.
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = memory.places.get(&identity) {
            return place.clone();
        }
        let place = Place::default();
        memory.places.insert(identity.clone(), place.clone());
        memory.order.push_back(identity);
        if memory.order.len() > self.most
            && let Some(oldest) = memory.order.pop_front()
        {
            memory.places.remove(&oldest);
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten_first() {
        let finished = Finished::keeping(2);
        let finish = |identity: &str| *finished.place(identity.to_owned()).try_lock().unwrap() = Fate::Handled;
        let fate = |finished: &Finished, identity: &str| *finished.place(identity.to_owned()).try_lock().unwrap();
        let is_finished = |identity: &str| fate(&finished, identity) == Fate::Handled;
        finish("a");
        finish("b");
        assert!(is_finished("a") && is_finished("b"));
        finish("c");
        assert!(is_finished("b") && is_finished("c"));
        assert!(!is_finished("a"), "forgotten, and remembered as new");
        assert_eq!(fate(&Finished::keeping(0), "a"), Fate::Open);
    }
}
