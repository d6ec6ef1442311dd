//! The published snapshot: immutable, swapped whole, with everything that many callers ask for
//! made beforehand.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use configstream_core::api::{Count, Proxy, Snapshot, Stats};
use configstream_core::catalogue::{Catalogue, Entry};
use configstream_core::{Protocol, Timestamp, geo::Country};
use tokio::sync::watch;

use crate::coding::Coded;

/// One published catalogue.
#[derive(Debug, Default)]
pub struct Published {
    /// Grows with each one; 0 before the first.
    pub revision: u64,
    /// When it was published.
    pub at: Timestamp,
    /// The rows.
    pub catalogue: Catalogue,
    /// Its wire form.
    pub snapshot: Coded,
    /// Totals.
    pub stats: Stats,
    /// Proxies per protocol, the largest first.
    pub protocols: Vec<Count>,
    /// Proxies per country, the largest first.
    pub countries: Vec<Count>,
}

impl Published {
    /// Makes everything ready. Takes a second for a hundred thousand rows: not for a thread that
    /// serves requests.
    pub fn new(revision: u64, at: Timestamp, catalogue: Catalogue) -> Self {
        let entries = catalogue.entries();
        let proxies = entries.iter().map(Proxy::from).collect();
        let snapshot = Snapshot { version: Snapshot::VERSION, revision, published_at: at, proxies };
        let protocols = counts(entries, |entry| Some(entry.protocol), |p: &Protocol| (p.key(), p.label()));
        let countries = counts(entries, |entry| entry.measured.country, |c: &Country| (c.code(), c.name()));
        let mut stats = stats(entries, &protocols, &countries);
        (stats.revision, stats.published_at) = (revision, Some(at));
        let snapshot = Coded::new(snapshot.encode().into());
        Self { revision, at, catalogue, snapshot, stats, protocols, countries }
    }

    /// Changes with each publication, also when a database is lost and revisions begin again.
    pub fn tag(&self) -> String {
        format!("W/\"{}-{}\"", self.revision, self.at.millis())
    }
}

fn counts<K: Copy + Ord>(
    entries: &[Entry],
    key: impl Fn(&Entry) -> Option<K>,
    words: impl Fn(&K) -> (&str, &str),
) -> Vec<Count> {
    let mut groups: BTreeMap<K, (usize, usize)> = BTreeMap::new();
    for entry in entries {
        if let Some(key) = key(entry) {
            let (total, working) = groups.entry(key).or_default();
            *total += 1;
            *working += usize::from(entry.measured.working == Some(true));
        }
    }
    let count = |(key, (total, working))| {
        let (key, name) = words(&key);
        Count { key: key.to_owned(), name: name.to_owned(), total, working }
    };
    let mut counts: Vec<Count> = groups.into_iter().map(count).collect();
    counts.sort_by_key(|count| std::cmp::Reverse(count.total));
    counts
}

fn stats(entries: &[Entry], protocols: &[Count], countries: &[Count]) -> Stats {
    let is = |wanted: Option<bool>| entries.iter().filter(|entry| entry.measured.working == wanted).count();
    let (working, tested) = (is(Some(true)), entries.len() - is(None));
    let sources: HashSet<&String> = entries.iter().flat_map(|entry| &entry.sources).collect();
    let totals = |counts: &[Count]| counts.iter().map(|count| (count.key.clone(), count.total)).collect();
    Stats {
        total: entries.len(),
        tested,
        working,
        success_rate: (tested > 0).then(|| working as f64 / tested as f64),
        median_latency: median(entries),
        sources: sources.len(),
        protocols: totals(protocols),
        countries: totals(countries),
        ..Stats::default()
    }
}

/// The middle latency of the working rows; the lower one of two.
fn median(entries: &[Entry]) -> Option<u32> {
    let working = entries.iter().filter(|entry| entry.measured.working == Some(true));
    let mut latencies: Vec<u32> = working.filter_map(|entry| entry.measured.latency).collect();
    latencies.sort_unstable();
    latencies.get(latencies.len().checked_sub(1)? / 2).copied()
}

/// Where the current snapshot is. Readers keep the one that they took for as long as they need it.
#[derive(Debug)]
pub struct Shelf(watch::Sender<Arc<Published>>);

impl Default for Shelf {
    fn default() -> Self {
        Self(watch::Sender::new(Arc::default()))
    }
}

impl Shelf {
    /// The current snapshot.
    pub fn current(&self) -> Arc<Published> {
        self.0.borrow().clone()
    }

    /// Replaces it.
    pub fn put(&self, published: Published) {
        self.0.send_replace(Arc::new(published));
    }
}
