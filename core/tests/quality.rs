//! What holds for the quality of sources.

use configstream_core::score::quality::{Listing, SourceHistory, TOP, Unique, best, uniqueness};
use configstream_core::{Fingerprint, Timestamp};
use proptest::prelude::*;

fn id(number: u64) -> Fingerprint {
    format!("{number:016x}").parse().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_quality_is_the_sum_of_its_reasons_and_better_never_lowers_it(
        tests in 0..500_u32, answered in 0..500_u32, latency in prop::option::of(0..4_000_u32), rounds in 0..50_u32,
        rounds_up in 0..50_u32, proxies in 0..500_u32, own in 0..500_u32, fetches in 0..50_u32, failures in 0..50_u32,
    ) {
        let unique = Unique { proxies, own: own.min(proxies) };
        let known = SourceHistory {
            tests, answered: answered.min(tests), latency, rounds, rounds_up: rounds_up.min(rounds), unique, fetches,
            failures: failures.min(fetches),
        };
        let quality = known.quality();
        let points: u32 = quality.reasons.iter().map(|reason| u32::from(reason.points)).sum();
        prop_assert_eq!(points, u32::from(quality.score));
        let most: Vec<_> = quality.reasons.iter().map(|reason| reason.of).collect();
        prop_assert_eq!(most, [40, 20, 15, 15, 10]);
        prop_assert_eq!(quality.is_pruned, quality.score < 30 && known.failures > 5);
        for better in [
            SourceHistory { tests: tests + 1, answered: known.answered + 1, ..known },
            SourceHistory { latency: latency.map(|ms| ms / 2), ..known },
            SourceHistory { rounds: rounds + 1, rounds_up: known.rounds_up + 1, ..known },
            SourceHistory { unique: Unique { proxies: proxies + 1, own: unique.own + 1 }, ..known },
            SourceHistory { fetches: fetches + 1, ..known },
        ] {
            prop_assert!(better.quality().score >= quality.score, "{:?} {:?}", better, known);
        }
    }

    #[test]
    fn a_source_that_repeats_what_all_others_have_has_nothing_of_its_own_and_takes_nothing_from_them(
        lists in prop::collection::vec(prop::collection::btree_map(0..40_u64, 0..9_u64, 0..20), 1..6),
        late in 1..5_u64,
    ) {
        let listing = |source, (proxy, since): (&u64, &u64)| {
            Listing { source, id: id(*proxy), since: Timestamp::from_millis(*since) }
        };
        let honest: Vec<_> =
            lists.iter().enumerate().flat_map(|(at, list)| list.iter().map(move |line| listing(at, line))).collect();
        let copies = honest.iter().map(|line| Listing { source: lists.len(), since: line.since.plus(late), ..*line });
        let all: Vec<_> = honest.iter().copied().chain(copies).collect();
        let (before, after) = (uniqueness(lists.len(), honest), uniqueness(lists.len() + 1, all));
        prop_assert_eq!(&after[..lists.len()], &before[..]);
        prop_assert_eq!(after[lists.len()].own, 0);
        let quality = |unique| SourceHistory { unique, ..SourceHistory::default() }.quality().score;
        prop_assert!(before.iter().all(|unique| quality(*unique) >= quality(after[lists.len()])));
    }

    #[test]
    fn uniqueness_is_as_counting_says(
        lists in prop::collection::vec((0..4_usize, 0..12_u64, 0..4_u64), 0..60),
    ) {
        let listings = lists.iter().map(|(source, proxy, since)| {
            Listing { source: *source, id: id(*proxy), since: Timestamp::from_millis(*since) }
        });
        let first = |source, proxy| {
            lists.iter().filter(|line| (line.0, line.1) == (source, proxy)).map(|line| line.2).min()
        };
        let counted: Vec<_> = (0..4).map(|source| {
            let has = (0..12).filter(|proxy| first(source, *proxy).is_some());
            let own = |proxy: &u64| (0..4).filter(|other| *other != source).all(|other| {
                first(other, *proxy).is_none_or(|theirs| theirs > first(source, *proxy).unwrap())
            });
            Unique { proxies: has.clone().count() as u32, own: has.filter(own).count() as u32 }
        }).collect();
        prop_assert_eq!(uniqueness(4, listings), counted);
    }
}

#[test]
fn the_best_sources_come_first_and_pruned_ones_not_at_all() {
    let good = SourceHistory { tests: 100, answered: 90, latency: Some(100), ..SourceHistory::default() };
    let bad = SourceHistory { tests: 100, fetches: 9, failures: 6, ..SourceHistory::default() };
    let young = SourceHistory { fetches: 5, failures: 5, ..bad };
    let qualities = [bad, young, good, young].map(|history| history.quality());
    assert_eq!(best(&qualities, TOP), [2, 1, 3]);
    assert_eq!(best(&qualities, 2), [2, 1]);
}
