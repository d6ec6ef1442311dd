//! The published snapshot: immutable, swapped whole, with everything that many callers ask for
//! made beforehand.

use std::collections::BTreeMap;
use std::sync::Arc;

use configstream_core::Timestamp;
use configstream_core::api::{Count, LatencyBin, Percentiles, Stats};
use configstream_core::catalogue::{
    self, Catalogue, LATENCY_BINS, Patch, Query, Snapshot, Statistics, Tally,
};
use tokio::sync::{OnceCell, watch};
use tokio::task::spawn_blocking;

use crate::coding::Coded;

/// One published catalogue.
#[derive(Debug, Default)]
pub struct Published {
    /// The rows, with their revision, 0 before the first, and the moment.
    pub snapshot: Arc<Snapshot>,
    /// Its wire form.
    pub coded: Coded,
    /// It and those before it, the last first, with what changed since.
    earlier: Vec<Earlier>,
    /// Totals.
    pub stats: Stats,
    /// Proxies per protocol, the largest first.
    pub protocols: Vec<Count>,
    /// Proxies per country, the largest first.
    pub countries: Vec<Count>,
}

/// A snapshot and the patch that makes the current one of it, once it was asked for.
#[derive(Debug)]
struct Earlier {
    snapshot: Arc<Snapshot>,
    patch: OnceCell<Coded>,
}

/// How many snapshots are kept in memory for their patches.
const KEPT: usize = 4;

impl Published {
    /// Makes everything ready. Takes a second for a hundred thousand rows: not for a thread that
    /// serves requests.
    pub fn new(snapshot: Snapshot, before: &Self) -> Self {
        let statistics = snapshot.catalogue.search(&Query::default(), snapshot.published_at).statistics();
        let protocols = counts(&statistics.protocols, |p| (p.key(), p.label()));
        let countries = counts(&statistics.countries, |c| (c.code(), c.name()));
        let mut stats = stats(&statistics);
        (stats.revision, stats.published_at) = (snapshot.revision, Some(snapshot.published_at));
        let coded = Coded::new(snapshot.encode().into());
        let snapshot = Arc::new(snapshot);
        let kept = [&snapshot].into_iter().chain(before.earlier.iter().map(|one| &one.snapshot)).take(KEPT);
        let earlier = kept.cloned().map(|snapshot| Earlier { snapshot, patch: OnceCell::new() }).collect();
        Self { snapshot, coded, earlier, stats, protocols, countries }
    }

    /// The rows.
    pub fn catalogue(&self) -> &Catalogue {
        &self.snapshot.catalogue
    }

    /// Grows with each one; 0 before the first.
    pub fn revision(&self) -> u64 {
        self.snapshot.revision
    }

    /// When it was published.
    pub fn at(&self) -> Timestamp {
        self.snapshot.published_at
    }

    /// Changes with each publication, also when a database is lost and revisions begin again.
    pub fn tag(&self) -> String {
        format!("W/\"{}-{}\"", self.revision(), self.at().millis())
    }

    /// What changed since a revision, where that is known and a patch is smaller than all. Takes long when
    /// it is asked for first, as [`new`](Self::new) does.
    pub async fn patch(&self, since: u64) -> Option<&Coded> {
        let earlier = self.earlier.iter().find(|one| one.snapshot.revision == since)?;
        let (old, new) = (Arc::clone(&earlier.snapshot), Arc::clone(&self.snapshot));
        let encode = move || Patch::between(&old, &new).encode().to_vec();
        let made = async { spawn_blocking(encode).await.map(|bytes| Coded::new(bytes.into())) };
        let patch = earlier.patch.get_or_try_init(|| made).await.ok()?;
        Some(patch).filter(|patch| patch.plain().len() < self.coded.plain().len())
    }
}

fn counts<K>(groups: &BTreeMap<K, Tally>, words: impl Fn(&K) -> (&str, &str)) -> Vec<Count> {
    let count = |(key, tally): (&K, &Tally)| {
        let (key, name) = words(key);
        Count { key: key.to_owned(), name: name.to_owned(), total: tally.total, working: tally.working }
    };
    let mut counts: Vec<Count> = groups.iter().map(count).collect();
    counts.sort_by_key(|count| std::cmp::Reverse(count.total));
    counts
}

/// Totals as the API tells them; they are of no revision and no moment.
pub fn stats(statistics: &Statistics) -> Stats {
    Stats {
        total: statistics.all.total,
        tested: statistics.all.tested,
        working: statistics.all.working,
        success_rate: statistics.all.success_rate(),
        median_latency: statistics.percentiles.map(|percentiles| percentiles.p50),
        sources: statistics.sources.len(),
        protocols: totals(&statistics.protocols, |protocol| protocol.key()),
        countries: totals(&statistics.countries, |country| country.code()),
        regions: totals(&statistics.regions, |region| region.key()),
        latency_percentiles: statistics.percentiles.map(percentiles),
        latency_histogram: histogram(statistics),
        ..Stats::default()
    }
}

fn totals<K>(groups: &BTreeMap<K, Tally>, key: impl Fn(&K) -> &str) -> BTreeMap<String, usize> {
    groups.iter().map(|(group, tally)| (key(group).to_owned(), tally.total)).collect()
}

fn percentiles(given: catalogue::Percentiles) -> Percentiles {
    let catalogue::Percentiles { p10, p50, p90, p99 } = given;
    Percentiles { p10, p50, p90, p99 }
}

/// The histogram of the working rows' latencies.
pub fn histogram(statistics: &Statistics) -> Vec<LatencyBin> {
    let bin =
        |(end, working): (u32, usize)| LatencyBin { below: Some(end).filter(|ms| *ms < u32::MAX), working };
    LATENCY_BINS.into_iter().zip(statistics.latencies).map(bin).collect()
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

#[cfg(test)]
mod tests {
    use configstream_core::catalogue::{Entry, Measured};
    use configstream_core::link;

    use super::*;

    fn snapshot(revision: u64, ports: std::ops::Range<u16>) -> Snapshot {
        let proxy = |port: u16| link::parse(&format!("http://192.0.2.1:{port}")).unwrap();
        let entry =
            |port| Entry::new(&proxy(port), vec!["a".into()], Measured::default(), Timestamp::default());
        Snapshot { revision, catalogue: Catalogue::new(ports.map(entry).collect()), ..Snapshot::default() }
    }

    #[tokio::test]
    async fn the_last_few_revisions_have_a_patch_and_no_other() {
        let mut published = Published::default();
        for revision in 1..=6 {
            published = Published::new(snapshot(revision, 1..500 + revision as u16), &published);
        }
        for revision in 3..=6 {
            let patch = published.patch(revision).await.expect("a patch").plain();
            let old = snapshot(revision, 1..500 + revision as u16);
            let new = Patch::decode(&patch).unwrap().apply(old).unwrap();
            assert_eq!(new, *published.snapshot);
        }
        for revision in [0, 1, 2, 7] {
            assert!(published.patch(revision).await.is_none(), "{revision}");
        }
    }
}
