//! How one user ranks a whole list, and what is picked from it.

use std::collections::{HashMap, HashSet};

use configstream_core::Fingerprint;
use configstream_core::catalogue::{Catalogue, Entry, Goal, Picker, Query, Row, Sort};
use configstream_core::experience::{Local, Outcome};
use configstream_core::route::Engine;
use configstream_core::score::{Ranking, Weights};
use proptest::prelude::*;
use proptest::sample::select;

#[allow(dead_code)]
#[path = "../benches/rows/mod.rs"]
mod rows;
use rows::NOW;

fn catalogue(seed: u64) -> Catalogue {
    Catalogue::new(rows::rows(600, seed))
}

/// A ranking of a user who connected to some rows of a catalogue.
fn ranking(catalogue: &Catalogue, weights: [u8; 6], used: &[(usize, bool)]) -> Ranking {
    let [reliability, latency, age, security, sources, experience] = weights;
    let weights = Weights { reliability, latency, age, security, sources, experience };
    let mut ranking = Ranking { weights, local: Local::of("wifi"), ..Ranking::default() };
    for (number, worked) in used {
        let row = catalogue.row((number % catalogue.len()) as u32).unwrap();
        let outcome = if *worked { Outcome::Worked { latency: Some(90) } } else { Outcome::Unreachable };
        let sources: Vec<_> = row.source_keys().collect();
        ranking.experience.record(&row.subject(&sources), ranking.local, outcome, NOW);
    }
    ranking
}

fn all(catalogue: &Catalogue) -> Vec<u32> {
    (0..catalogue.len() as u32).collect()
}

fn picked(catalogue: &Catalogue, rows: &[u32], engine: Engine, picker: &Picker<'_>) -> Vec<Fingerprint> {
    let targets = catalogue.pick(rows, engine, picker, Weights::default(), 5);
    targets.iter().map(|target| target.chosen.id.parse().unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_list_that_is_scored_anew_has_the_score_that_its_reasons_add_up_to(
        seed in 0..20_u64, weights in any::<[u8; 6]>(), used in prop::collection::vec(any::<(usize, bool)>(), 0..30),
    ) {
        let mut catalogue = catalogue(seed);
        let ranking = ranking(&catalogue, weights, &used);
        // What is computed from scores before must not outlive them.
        drop(catalogue.query(&Query { sort: Sort::Score, ..Query::default() }, NOW));
        catalogue.rescore(&ranking, NOW);
        for row in catalogue.rows() {
            let (score, reasons) = ranking.reasons(row, NOW);
            prop_assert_eq!(row.score(), score);
            prop_assert_eq!(reasons.iter().map(|reason| reason.points).sum::<u8>(), score);
        }
        let ordered = catalogue.query(&Query { sort: Sort::Score, ..Query::default() }, NOW);
        let scores: Vec<_> = ordered.iter().map(|row| catalogue.row(*row).unwrap().score()).collect();
        prop_assert!(scores.is_sorted_by(|a, b| a >= b));
    }

    #[test]
    fn a_pick_is_among_the_given_rows_usable_and_leaks_no_names(
        seed in 0..20_u64, chance in any::<u64>(), part in 1..40_usize,
        engine in select(Engine::ALL.to_vec()),
        goal in select(vec![Goal::Fastest, Goal::Safest, Goal::Next, Goal::Random]),
    ) {
        let catalogue = catalogue(seed);
        let rows: Vec<u32> = all(&catalogue).into_iter().step_by(part).collect();
        let ranking = Ranking::default();
        let targets = catalogue.pick(&rows, engine, &ranking.picker(goal, chance, NOW), ranking.weights, 5);
        let can = |row: &Row<'_>| row.target(engine).is_ok_and(|target| !target.chosen.leaks_dns);
        let usable: Vec<_> = rows.iter().filter_map(|row| catalogue.row(*row)).filter(can).collect();
        let all_failed = usable.iter().all(|row| row.working() == Some(false));
        let allowed = usable.into_iter().filter(|row| all_failed || row.working() != Some(false));
        let allowed: HashMap<_, _> = allowed.map(|row| (row.id(), row)).collect();
        let mut seen = HashSet::new();
        for target in &targets {
            let id = target.chosen.id.parse().unwrap();
            prop_assert!(seen.insert(id));
            prop_assert_eq!(&allowed[&id].target(engine).unwrap(), target);
        }
        prop_assert_eq!(targets.len(), allowed.len().min(5));
    }
}

#[test]
fn where_all_failed_their_last_test_one_of_them_is_tried() {
    let failed = |mut entry: Entry| {
        entry.measured.working = Some(false);
        entry
    };
    let catalogue = Catalogue::new(rows::rows(600, 1).into_iter().map(failed).collect());
    let ranking = Ranking::default();
    let picker = ranking.picker(Goal::Fastest, 1, NOW);
    assert_eq!(picked(&catalogue, &all(&catalogue), Engine::Firefox, &picker).len(), 5);
}

#[test]
fn next_passes_over_the_one_in_use_and_a_country_keeps_to_it() {
    let catalogue = catalogue(1);
    let ranking = Ranking::default();
    let rows = all(&catalogue);
    let next = ranking.picker(Goal::Next, 1, NOW);
    let first = picked(&catalogue, &rows, Engine::Firefox, &next)[0];
    let passed = Picker { present: Some(first), ..next };
    assert!(!picked(&catalogue, &rows, Engine::Firefox, &passed).contains(&first));
    let country = catalogue.find(first).unwrap().country().unwrap();
    let there = ranking.picker(Goal::Country(country), 1, NOW);
    let found = picked(&catalogue, &rows, Engine::Firefox, &there);
    assert!(!found.is_empty());
    assert!(found.iter().all(|id| catalogue.find(*id).unwrap().country() == Some(country)));
}

#[test]
fn only_weights_and_what_was_seen_make_a_ranking_ones_own() {
    let catalogue = catalogue(1);
    let default = Weights::default();
    assert!(Ranking { local: Local::of("wifi"), ..Ranking::default() }.is_default());
    assert!(!Ranking { weights: Weights { age: 90, ..default }, ..Ranking::default() }.is_default());
    assert!(!ranking(&catalogue, [30, 25, 10, 15, 5, 15], &[(1, true)]).is_default());
    let mut same = catalogue.clone();
    same.rescore(&Ranking::default(), NOW);
    let published = catalogue.rows().map(|row| row.score());
    assert!(published.eq(same.rows().map(|row| row.score())), "the rows are scored at the same moment");
}
