//! How good a source is: 0 to 100, with the reasons that add up to it.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;

use super::{Reason, Share, quickness};
use crate::{Fingerprint, Timestamp};

/// The parts: how often its proxies answer, how fast, how much of the time it has one that does, what it has
/// that others have not, and how often it can be fetched.
const SUCCESS: u8 = 40;
const LATENCY: u8 = 20;
const UPTIME: u8 = 15;
const UNIQUENESS: u8 = 15;
const FETCHING: u8 = 10;

/// A source below this score is pruned when it also fails often.
const POOR: u8 = 30;

/// More failed fetches than these make it so.
const FAILURES: u32 = 5;

/// How many sources come first where nobody says otherwise.
pub const TOP: usize = 50;

/// What is known of a source, over whatever time the caller looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceHistory {
    /// Tests of its proxies.
    pub tests: u32,
    /// Those that were answered.
    pub answered: u32,
    /// Median of the latencies of its proxies, milliseconds.
    pub latency: Option<u32>,
    /// Rounds of tests in which at least one proxy of it was tested.
    pub rounds: u32,
    /// Rounds in which at least one answered.
    pub rounds_up: u32,
    /// What it has that others have not: see [`uniqueness`].
    pub unique: Unique,
    /// Attempts to fetch it.
    pub fetches: u32,
    /// Attempts that failed.
    pub failures: u32,
}

/// What a source has that others have not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unique {
    /// Its proxies that answered at least once, each counted once.
    pub proxies: u32,
    /// Those of them that it alone listed first.
    pub own: u32,
}

/// One line of one source's list, as far as uniqueness goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The number of the source.
    pub source: usize,
    /// The proxy.
    pub id: Fingerprint,
    /// When the source first listed it.
    pub since: Timestamp,
}

/// What each of `sources` sources has that others have not, from the listings of proxies that answered at
/// least once.
///
/// A proxy is the own of a source which listed it before all others, alone; it stays so when others copy it.
/// Who repeats what others have has nothing of his own, however much he repeats; and it is the share that
/// counts, so more of the same lowers it. Proxies that never answered are left out by the caller, so that
/// addresses made up at random count for nothing. Listings of sources from `sources` on are passed over.
///
/// Takes time and memory in proportion to the listings.
pub fn uniqueness(sources: usize, listings: impl IntoIterator<Item = Listing>) -> Vec<Unique> {
    let mut since: HashMap<(Fingerprint, usize), Timestamp> = HashMap::new();
    for listing in listings.into_iter().filter(|listing| listing.source < sources) {
        let first = since.entry((listing.id, listing.source)).or_insert(listing.since);
        *first = listing.since.min(*first);
    }
    let mut found = vec![Unique::default(); sources];
    let mut firsts: HashMap<Fingerprint, First> = HashMap::new();
    for ((id, source), at) in since {
        if let Some(unique) = found.get_mut(source) {
            unique.proxies += 1;
        }
        meet(&mut firsts, id, First { source: Some(source), at });
    }
    for source in firsts.into_values().filter_map(|first| first.source) {
        if let Some(unique) = found.get_mut(source) {
            unique.own += 1;
        }
    }
    found
}

/// Who listed a proxy first; nobody when several did.
struct First {
    source: Option<usize>,
    at: Timestamp,
}

fn meet(firsts: &mut HashMap<Fingerprint, First>, id: Fingerprint, new: First) {
    match firsts.entry(id) {
        Slot::Vacant(slot) => _ = slot.insert(new),
        Slot::Occupied(mut slot) if new.at < slot.get().at => _ = slot.insert(new),
        Slot::Occupied(mut slot) if new.at == slot.get().at => slot.get_mut().source = None,
        Slot::Occupied(_) => {}
    }
}

/// The quality of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quality {
    /// 0 to 100; the sum of the points.
    pub score: u8,
    /// Whether it is no longer worth fetching.
    pub is_pruned: bool,
    /// Why.
    pub reasons: Vec<Reason>,
}

impl SourceHistory {
    /// How good the source is. What is not known yet counts half in shares, and nothing for latency and
    /// uniqueness.
    ///
    /// ```
    /// use configstream_core::score::quality::SourceHistory;
    /// let good = SourceHistory { tests: 100, answered: 60, latency: Some(300), ..SourceHistory::default() };
    /// assert!(good.quality().score > SourceHistory::default().quality().score);
    /// ```
    pub fn quality(&self) -> Quality {
        let parts = [
            (self.success(), SUCCESS),
            (self.quickness(), LATENCY),
            (self.uptime(), UPTIME),
            (self.own(), UNIQUENESS),
            (self.fetching(), FETCHING),
        ];
        let reasons = parts.map(|((what, share), of)| Reason::new(what, share, of)).to_vec();
        let score = reasons.iter().map(|reason| reason.points).sum();
        Quality { score, is_pruned: score < POOR && self.failures > FAILURES, reasons }
    }

    fn success(&self) -> (String, f64) {
        share_of(self.answered, self.tests, "tests answered")
    }

    fn quickness(&self) -> (String, f64) {
        match self.latency {
            Some(ms) => (format!("{ms} ms at the median"), quickness(ms)),
            None => ("latency unknown".to_owned(), 0.0),
        }
    }

    fn uptime(&self) -> (String, f64) {
        share_of(self.rounds_up, self.rounds, "rounds with a proxy that answers")
    }

    fn own(&self) -> (String, f64) {
        let Unique { proxies, own } = self.unique;
        let share = Share::of(own.min(proxies), proxies).map_or(0.0, Share::get);
        (format!("{own} of {proxies} proxies that answer listed first and alone"), share)
    }

    fn fetching(&self) -> (String, f64) {
        share_of(self.fetches.saturating_sub(self.failures), self.fetches, "fetches done")
    }
}

fn share_of(part: u32, whole: u32, what: &str) -> (String, f64) {
    let part = part.min(whole);
    (format!("{part} of {whole} {what}"), Share::smoothed(part, whole).get())
}

/// The numbers of the `most` best sources that are not pruned, the best first, of equals the earlier.
pub fn best(qualities: &[Quality], most: usize) -> Vec<usize> {
    let mut kept: Vec<usize> =
        qualities.iter().enumerate().filter(|(_, quality)| !quality.is_pruned).map(|(at, _)| at).collect();
    kept.sort_by_key(|at| std::cmp::Reverse(qualities.get(*at).map(|quality| quality.score)));
    kept.truncate(most);
    kept
}
