//! What happens, told to everybody who listens on `/api/v1/stream`. The last 256 events are kept,
//! so that a client that was away for a moment misses nothing.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use tokio::sync::broadcast;

use crate::clock;

/// How many events are kept for clients that return.
pub const KEPT: usize = 256;

/// The names of events on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A new snapshot was published.
    Snapshot,
    /// Totals changed, or a run of probes went on.
    Stats,
    /// A source was asked.
    Source,
    /// Proxies were tested.
    Proxy,
}

impl Kind {
    /// The name on the wire.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Stats => "stats-update",
            Self::Source => "source-update",
            Self::Proxy => "proxy-update",
        }
    }
}

/// One event.
#[derive(Debug, PartialEq, Eq)]
pub struct Event {
    /// Grows by one, and across restarts: the first is the time of the start in milliseconds.
    pub id: u64,
    /// What it is about.
    pub kind: Kind,
    /// JSON.
    pub data: String,
}

/// Where events are told.
#[derive(Debug)]
pub struct Events {
    ring: Mutex<Ring>,
    live: broadcast::Sender<Arc<Event>>,
}

#[derive(Debug)]
struct Ring {
    next: u64,
    kept: VecDeque<Arc<Event>>,
}

/// What a new listener gets.
#[derive(Debug)]
pub struct Subscription {
    /// What it missed, in order; `None` when that is no longer known.
    pub missed: Option<Vec<Arc<Event>>>,
    /// The last event so far.
    pub last: u64,
    /// What comes.
    pub live: broadcast::Receiver<Arc<Event>>,
}

impl Default for Events {
    fn default() -> Self {
        let ring = Ring { next: clock::now().millis(), kept: VecDeque::with_capacity(KEPT) };
        Self { ring: Mutex::new(ring), live: broadcast::channel(KEPT).0 }
    }
}

impl Events {
    /// Tells an event.
    pub fn tell(&self, kind: Kind, data: &impl Serialize) {
        let Ok(data) = serde_json::to_string(data) else { return };
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let event = Arc::new(Event { id: ring.next, kind, data });
        ring.next += 1;
        if ring.kept.len() == KEPT {
            ring.kept.pop_front();
        }
        ring.kept.push_back(Arc::clone(&event));
        // Nobody listening is no fault. Sent under the lock: a new listener sees each event once.
        self.live.send(event).ok();
    }

    /// Listens; `last` is the last event that the listener had.
    pub fn listen(&self, last: Option<u64>) -> Subscription {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let missed = last.and_then(|last| ring.since(last));
        Subscription { missed, last: ring.next.saturating_sub(1), live: self.live.subscribe() }
    }
}

impl Ring {
    /// The events after `last`, unless some of them are gone.
    fn since(&self, last: u64) -> Option<Vec<Arc<Event>>> {
        let oldest = self.kept.front().map_or(self.next, |event| event.id);
        let known = last + 1 >= oldest && last < self.next;
        known.then(|| self.kept.iter().filter(|event| event.id > last).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(missed: Option<Vec<Arc<Event>>>) -> Option<Vec<u64>> {
        missed.map(|events| events.iter().map(|event| event.id).collect())
    }

    #[test]
    fn a_listener_that_returns_gets_what_it_missed() {
        let events = Events::default();
        let start = events.listen(None).last;
        (0..3).for_each(|number| events.tell(Kind::Stats, &number));
        assert_eq!(ids(events.listen(Some(start + 1)).missed), Some(vec![start + 2, start + 3]));
        assert_eq!(ids(events.listen(Some(start + 3)).missed), Some(vec![]));
    }

    #[test]
    fn what_is_no_longer_kept_is_said_to_be_unknown() {
        let events = Events::default();
        let start = events.listen(None).last;
        (0..=KEPT).for_each(|number| events.tell(Kind::Stats, &number));
        assert_eq!(ids(events.listen(Some(start)).missed), None);
        assert_eq!(ids(events.listen(Some(start + 9999)).missed), None);
        assert_eq!(ids(events.listen(Some(start + 1)).missed).map(|ids| ids.len()), Some(KEPT));
    }
}
