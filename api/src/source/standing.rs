//! How each source stands: how good it is, when it is its turn, and whether it is pruned.
//!
//! The best [`TOP`] are fetched first. One that is pruned is asked once a day, for another chance; meanwhile
//! its older list is kept, as that of a source that fails. Files of the user are never pruned.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::time::Duration;

use configstream_core::api::SourceReport;
use configstream_core::score::quality::{self, Listing, Quality, SourceHistory, TOP, best, uniqueness};
use tokio::sync::watch;

use super::{Memory, Source};
use crate::store::{Answered, Counts};

/// How long a pruned source is left alone.
const REST: Duration = Duration::from_hours(24);

/// How a source stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How good it is, and why.
    pub quality: Quality,
    /// Which it is of those that are not pruned, from 1.
    pub rank: Option<usize>,
}

/// What is known of all sources.
#[derive(Debug, Default)]
pub struct Known {
    /// What happened to each, by its address.
    pub counts: HashMap<String, Counts>,
    /// Proxies that answered once.
    pub answered: Vec<Answered>,
    /// The latencies of the working proxies of each, by its name.
    pub latencies: HashMap<String, Vec<u32>>,
}

/// How the sources stand, by their names. Readers keep what they took for as long as they need it.
#[derive(Debug)]
pub struct Standings(watch::Sender<Arc<HashMap<String, Standing>>>);

impl Default for Standings {
    fn default() -> Self {
        Self(watch::Sender::new(Arc::default()))
    }
}

impl Standings {
    /// How they stand now; nothing of those that were not looked at yet.
    pub fn current(&self) -> Arc<HashMap<String, Standing>> {
        self.0.borrow().clone()
    }

    /// Replaces them.
    pub fn put(&self, standings: HashMap<String, Standing>) {
        self.0.send_replace(Arc::new(standings));
    }
}

impl Known {
    /// How these sources stand, by name.
    pub fn standings(mut self, sources: &[Source]) -> HashMap<String, Standing> {
        let unique = self.unique(sources);
        let quality = |(source, unique): (&Source, quality::Unique)| {
            let mut quality = SourceHistory { unique, ..self.history(source) }.quality();
            quality.is_pruned &= !source.is_local();
            quality
        };
        let qualities: Vec<Quality> = sources.iter().zip(unique).map(quality).collect();
        let mut ranks = vec![None; sources.len()];
        for (rank, at) in (1..).zip(best(&qualities, usize::MAX)) {
            ranks[at] = Some(rank);
        }
        let standings = qualities.into_iter().zip(ranks).map(|(quality, rank)| Standing { quality, rank });
        sources.iter().map(|source| source.name.clone()).zip(standings).collect()
    }

    fn history(&mut self, source: &Source) -> SourceHistory {
        let Counts { tests, answered, rounds, rounds_up, fetches, failures } =
            self.counts.get(&source.address()).copied().unwrap_or_default();
        let latency = self.latencies.get_mut(&source.name).and_then(|all| median(all));
        let unique = quality::Unique::default();
        SourceHistory { tests, answered, latency, rounds, rounds_up, unique, fetches, failures }
    }

    fn unique(&self, sources: &[Source]) -> Vec<quality::Unique> {
        let numbers: HashMap<&str, usize> =
            sources.iter().enumerate().map(|(at, source)| (source.name.as_str(), at)).collect();
        let listing = |answered: &Answered| {
            let source = *numbers.get(answered.source.as_str())?;
            Some(Listing { source, id: answered.id, since: answered.since })
        };
        uniqueness(sources.len(), self.answered.iter().filter_map(listing))
    }
}

fn median(all: &mut [u32]) -> Option<u32> {
    let middle = all.len().checked_sub(1)? / 2;
    Some(*all.select_nth_unstable(middle).1)
}

/// In which order to ask: the best [`TOP`], then the others as they are given.
pub fn turns(sources: &[Source], standings: &HashMap<String, Standing, impl BuildHasher>) -> Vec<usize> {
    let rank = |at: &usize| {
        let standing = sources.get(*at).and_then(|source| standings.get(&source.name));
        standing.and_then(|standing| standing.rank).filter(|rank| *rank <= TOP).unwrap_or(usize::MAX)
    };
    let mut turns: Vec<usize> = (0..sources.len()).collect();
    turns.sort_by_key(rank);
    turns
}

/// What is remembered of a source, and until when it rests if it is pruned.
pub fn resting(memory: Memory, standing: Option<&Standing>) -> Memory {
    let pruned = standing.is_some_and(|standing| standing.quality.is_pruned);
    let rests = memory.fetched_at.filter(|_| pruned).map(|at| at.plus(REST.as_millis() as u64));
    Memory { retry_at: memory.retry_at.max(rests), ..memory }
}

/// What callers may know of a source.
pub fn report(name: &str, memory: Memory, standing: Option<&Standing>) -> SourceReport {
    let Memory { proxies, rejected, fetched_at, retry_at, error, .. } = resting(memory, standing);
    let quality = standing.map(|standing| &standing.quality);
    let reasons = quality.map(|quality| quality.reasons.clone()).unwrap_or_default();
    SourceReport {
        name: name.to_owned(),
        proxies,
        rejected,
        fetched_at,
        retry_at,
        error,
        score: quality.map(|quality| quality.score),
        reasons: reasons.into_iter().map(Into::into).collect(),
        rank: standing.and_then(|standing| standing.rank),
        is_pruned: quality.is_some_and(|quality| quality.is_pruned),
    }
}

/// What to say of a source that is pruned, and was not before.
pub fn pruned(source: &Source, quality: &Quality) -> String {
    let reasons: Vec<&str> = quality.reasons.iter().map(|reason| reason.what.as_str()).collect();
    format!(
        "source {}: pruned, its score is {} of 100 ({}); it is asked once a day, and its last list is kept",
        source.shown(),
        quality.score,
        reasons.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Place;
    use configstream_core::Timestamp;

    fn url(name: &str) -> Source {
        let place = Place::Url(format!("https://example.org/{name}").parse().unwrap());
        Source { name: name.to_owned(), place, bare: None }
    }

    fn counts(tests: u32, answered: u32, failures: u32) -> Counts {
        Counts { tests, answered, rounds: 10, rounds_up: answered.min(10), fetches: 10, failures }
    }

    fn known(all: &[(&Source, Counts)]) -> Known {
        let counts = all.iter().map(|(source, counts)| (source.address(), *counts)).collect();
        Known { counts, ..Known::default() }
    }

    #[test]
    fn who_scores_low_and_fails_often_is_pruned_but_for_the_users_files() {
        let mine = Source { place: Place::Path("mine.txt".into()), ..url("mine.txt") };
        let sources = [url("good"), url("bad"), mine];
        let bad = counts(100, 0, 10);
        let known = known(&[(&sources[0], counts(100, 90, 0)), (&sources[1], bad), (&sources[2], bad)]);
        let standings = known.standings(&sources);
        let shown = sources.clone().map(|source| {
            let standing = &standings[&source.name];
            (standing.quality.is_pruned, standing.rank)
        });
        assert_eq!(shown, [(false, Some(1)), (true, None), (false, Some(2))]);
        let said = pruned(&sources[1], &standings["bad"].quality);
        assert!(said.starts_with("source bad (example.org/bad): pruned, its score is "), "{said}");
        assert!(said.contains("0 of 100 tests answered") && said.ends_with("its last list is kept"));
    }

    #[test]
    fn who_listed_a_proxy_that_answers_first_and_alone_scores_by_it() {
        let sources = [url("first"), url("copy")];
        let answered = |source: &str, since| Answered {
            source: source.to_owned(),
            id: "0123456789abcdef".parse().unwrap(),
            since: Timestamp::from_millis(since),
        };
        let all = vec![answered("first", 1), answered("copy", 2), answered("gone", 0)];
        let latencies = HashMap::from([("first".to_owned(), vec![900, 100, 300])]);
        let standings = Known { answered: all, latencies, ..Known::default() }.standings(&sources);
        let says = |name: &str, what: &str| {
            standings[name].quality.reasons.iter().any(|reason| reason.what.starts_with(what))
        };
        assert!(says("first", "1 of 1 proxies that answer") && says("first", "300 ms"), "{standings:?}");
        assert!(
            says("copy", "0 of 1 proxies that answer") && says("copy", "latency unknown"),
            "{standings:?}"
        );
    }

    #[test]
    fn the_best_fifty_are_asked_first_and_the_others_as_they_are_named() {
        let sources: Vec<Source> = (0..60).map(|number| url(&number.to_string())).collect();
        let counted = |number: u32| counts(100, number, 0);
        let all: Vec<_> = sources.iter().zip((0..60).map(counted)).collect();
        let standings = known(&all).standings(&sources);
        let turns = turns(&sources, &standings);
        let score = |at: &usize| standings[&sources[*at].name].quality.score;
        assert!(turns[..TOP].is_sorted_by_key(|at| std::cmp::Reverse(score(at))));
        let worst = score(&turns[TOP - 1]);
        assert!(turns[TOP..].iter().all(|at| score(at) <= worst) && turns[TOP..].is_sorted());
        assert_eq!((turns.len(), turns[0]), (60, 59));
        assert_eq!(super::turns(&sources, &HashMap::new()), (0..60).collect::<Vec<_>>());
    }

    #[test]
    fn a_pruned_source_rests_for_a_day_after_it_was_asked() {
        let quality = |is_pruned| Quality { score: 10, is_pruned, reasons: Vec::new() };
        let standing = |pruned| Standing { quality: quality(pruned), rank: None };
        let at = Timestamp::from_millis;
        let memory = Memory { fetched_at: Some(at(5)), retry_at: Some(at(100)), ..Memory::default() };
        let until = |pruned| resting(memory.clone(), Some(&standing(pruned))).retry_at;
        assert_eq!((until(true), until(false)), (Some(at(86_400_005)), Some(at(100))));
        let later = Memory { retry_at: Some(at(90_000_000)), ..memory.clone() };
        assert_eq!(resting(later, Some(&standing(true))).retry_at, Some(at(90_000_000)));
        assert_eq!(resting(Memory::default(), Some(&standing(true))).retry_at, None, "never asked");
        let told = report("a", memory.clone(), Some(&standing(true)));
        assert_eq!((told.score, told.is_pruned, told.rank), (Some(10), true, None));
        assert_eq!(report("a", memory, None).score, None);
    }
}
