//! Training and measuring: split by time, against what is simpler.

use std::collections::HashSet;

use configstream_core::Timestamp;
use configstream_core::score::model::{Data, Interval, Model, Quality};

use super::fit::{NotFitted, Row, boosted_trees, classic_forest, logistic};
use super::measure::{
    Said, auc_gain, auc_interval, brier_interval, calibration_error, mean_interval, tests_needed,
    tests_needed_at_random,
};

/// The share of batches that only fill the history: before, every rate is its prior.
const WARM_UP: f64 = 0.2;
/// The share of batches, the warm-up among them, that are learned from; the rest measures.
const LEARNED: f64 = 0.7;
/// The tenths of the batches that are also measured one by one, each by a model of all before it.
const PERIODS: std::ops::Range<u8> = 3..10;
/// The shares of working proxies to be found.
pub const SHARES: [f64; 4] = [0.25, 0.8, 0.9, 0.95];

/// How one way to guess did.
#[derive(Clone, Debug)]
pub struct Measured {
    /// What it is called.
    pub name: &'static str,
    /// Over all later tests.
    pub auc: Interval,
    /// The error of its chances.
    pub brier: Interval,
    /// How far chances and shares are apart.
    pub calibration_error: f64,
    /// Over the later tests of proxies never tested before.
    pub auc_unseen: Interval,
    /// The same for [`brier`](Self::brier).
    pub brier_unseen: Interval,
    /// By how much the model's ranking is better than this one's, on the same tests.
    pub behind_model: Interval,
    /// The share of tests needed to find each of the shares of working proxies.
    pub needed: [Interval; SHARES.len()],
}

/// A tenth of the batches, and how a model did there that had learned from all before it.
#[derive(Clone, Debug)]
pub struct Period {
    /// When its first batch was asked for.
    pub from: Timestamp,
    /// How many tests it has.
    pub tests: usize,
    /// The share of them that worked.
    pub worked: f64,
    /// The model first, then the smoothed rate, the last status and the base rate.
    pub measured: Vec<Measured>,
}

/// A trained model, and how it did against what is simpler.
#[derive(Clone, Debug)]
pub struct Trained {
    /// The model, with its quality.
    pub model: Model,
    /// It first, then the rest.
    pub measured: Vec<Measured>,
    /// The share of tests needed in a random order.
    pub random: [Interval; SHARES.len()],
    /// How many later tests were of proxies never tested before.
    pub unseen: usize,
    /// The later part of the history, period by period; one with too little before it is left out.
    pub periods: Vec<Period>,
}

/// What a way to guess says of each later test.
type Guess = (&'static str, Vec<f64>);

/// Trains on the earlier batches and measures on the later.
pub fn train(rows: &[Row], source: &str, trained_at: Timestamp) -> Result<Trained, NotFitted> {
    let (earlier, later) = (between(rows, WARM_UP, LEARNED), between(rows, LEARNED, 1.0));
    let mut model = fitted(&earlier, source, trained_at)?;
    let mut guesses = simple(&model, &earlier, &later);
    guesses.push(("classic forest", classic_forest(&earlier, &later)?));
    guesses.push(("boosted trees", boosted_trees(&earlier, &later)?));
    let measured = compared(&guesses, &later);
    model.quality = quality(&measured[0], &later);
    let modelled = said(&later, &guesses[0].1);
    let random = SHARES.map(|share| mean_interval(&tests_needed_at_random(&modelled, share)));
    let unseen = later.iter().filter(|row| row.last.is_none()).count();
    Ok(Trained { model, measured, random, unseen, periods: periods(rows) })
}

/// The rows of the batches from one share of all batches to another.
fn between(rows: &[Row], from: f64, to: f64) -> Vec<&Row> {
    let batches = rows.last().map_or(0, |row| row.batch + 1) as f64;
    let range = (batches * from) as usize..(batches * to) as usize;
    rows.iter().filter(|row| range.contains(&row.batch)).collect()
}

fn fitted(earlier: &[&Row], source: &str, trained_at: Timestamp) -> Result<Model, NotFitted> {
    let (intercept, weights) = logistic(earlier)?;
    let base = earlier.iter().map(|row| row.base_rate).sum::<f64>() / earlier.len() as f64;
    let base = (base * 1e6).round() / 1e6;
    Ok(Model::new(trained_at, data(earlier, source), base, intercept, &weights))
}

fn periods(rows: &[Row]) -> Vec<Period> {
    PERIODS.filter_map(|tenth| period(rows, f64::from(tenth) / 10.0, f64::from(tenth + 1) / 10.0)).collect()
}

fn period(rows: &[Row], from: f64, to: f64) -> Option<Period> {
    let (earlier, later) = (between(rows, WARM_UP, from), between(rows, from, to));
    let model = fitted(&earlier, "", Timestamp::default()).ok()?;
    Some(Period {
        from: later.first()?.asked_at,
        tests: later.len(),
        worked: worked(&later),
        measured: compared(&simple(&model, &earlier, &later), &later),
    })
}

/// The share that worked.
fn worked(rows: &[&Row]) -> f64 {
    rows.iter().filter(|row| row.worked).count() as f64 / rows.len().max(1) as f64
}

/// The model, and what needs no training.
fn simple(model: &Model, earlier: &[&Row], later: &[&Row]) -> Vec<Guess> {
    let share = |rows: &[&Row]| worked(rows).clamp(0.001, 0.999);
    let after = |last: Option<bool>| {
        share(&earlier.iter().copied().filter(|row| row.last == last).collect::<Vec<_>>())
    };
    let base = share(earlier);
    let by_last = [Some(true), Some(false), None].map(|last| (last, after(last)));
    let last =
        |row: &&Row| by_last.iter().find(|(last, _)| *last == row.last).map_or(base, |(_, share)| *share);
    vec![
        ("model", later.iter().map(|row| model.chance(&row.features, row.base_rate)).collect()),
        ("smoothed rate", later.iter().map(|row| row.smoothed).collect()),
        ("last status", later.iter().map(last).collect()),
        ("base rate", vec![base; later.len()]),
    ]
}

/// How each did; the first is the model.
fn compared(guesses: &[Guess], later: &[&Row]) -> Vec<Measured> {
    let said: Vec<Vec<Said>> = guesses.iter().map(|(_, chances)| said(later, chances)).collect();
    let names = guesses.iter().map(|(name, _)| *name);
    names.zip(&said).map(|(name, one)| measure(name, one, &said[0], later)).collect()
}

fn said(rows: &[&Row], chances: &[f64]) -> Vec<Said> {
    let said = |(row, chance): (&&Row, &f64)| Said {
        chance: *chance,
        worked: row.worked,
        proxy: row.proxy,
        batch: row.batch,
    };
    rows.iter().zip(chances).map(said).collect()
}

fn measure(name: &'static str, said: &[Said], model: &[Said], rows: &[&Row]) -> Measured {
    let unseen: Vec<Said> =
        said.iter().zip(rows).filter(|(_, row)| row.last.is_none()).map(|(said, _)| *said).collect();
    Measured {
        name,
        auc: auc_interval(said),
        brier: brier_interval(said),
        calibration_error: calibration_error(said),
        auc_unseen: auc_interval(&unseen),
        brier_unseen: brier_interval(&unseen),
        behind_model: auc_gain(model, said),
        needed: SHARES.map(|share| mean_interval(&tests_needed(said, share))),
    }
}

fn quality(measured: &Measured, later: &[&Row]) -> Quality {
    Quality {
        tests: later.len() as u64,
        base_rate: short(worked(later)),
        auc: shortened(measured.auc),
        brier: shortened(measured.brier),
        calibration_error: short(measured.calibration_error),
        auc_unseen: shortened(measured.auc_unseen),
    }
}

/// To four places: an interval is wider than that.
fn short(number: f64) -> f64 {
    (number * 1e4).round() / 1e4
}

fn shortened(interval: Interval) -> Interval {
    Interval { value: short(interval.value), low: short(interval.low), high: short(interval.high) }
}

fn data(rows: &[&Row], source: &str) -> Data {
    let proxies: HashSet<usize> = rows.iter().map(|row| row.proxy).collect();
    Data {
        source: source.to_owned(),
        from: rows.first().map(|row| row.asked_at).unwrap_or_default(),
        to: rows.last().map(|row| row.asked_at).unwrap_or_default(),
        tests: rows.len() as u64,
        proxies: proxies.len() as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{fit, synthetic};
    use super::*;

    fn trained() -> Trained {
        let rows = fit::rows(&synthetic::records(30, 3));
        train(&rows, "a synthetic history", Timestamp::from_millis(0)).unwrap()
    }

    #[test]
    fn it_comes_near_the_best_that_can_be_said_of_a_known_truth() {
        let trained = trained();
        // Knowing the chances 0.9, 0.5 and 0.1 gives an area of 0.8733 and an error of 0.1433.
        let model = &trained.measured[0];
        assert!((0.84..0.90).contains(&model.auc.value), "{:?}", model.auc);
        assert!(model.brier.value < 0.16, "{:?}", model.brier);
        assert!(model.calibration_error < 0.06, "{}", model.calibration_error);
    }

    #[test]
    fn proxies_never_tested_are_known_by_their_neighbours() {
        let trained = trained();
        let [model, smoothed, ..] = trained.measured.as_slice() else { panic!("no measures") };
        assert!(trained.unseen > 100, "{}", trained.unseen);
        assert!(model.auc_unseen.value > 0.8, "{:?}", model.auc_unseen);
        assert!(smoothed.auc_unseen.value < 0.6, "{:?}", smoothed.auc_unseen);
    }

    #[test]
    fn the_working_ones_are_found_in_fewer_tests_than_at_random() {
        let trained = trained();
        for (needed, random) in trained.measured[0].needed.iter().zip(&trained.random) {
            assert!(needed.value < random.value, "{needed:?} {random:?}");
        }
    }

    #[test]
    fn each_period_is_measured_by_a_model_of_what_was_before() {
        let rows = fit::rows(&synthetic::records(30, 3));
        let periods = periods(&rows);
        assert!(periods.is_sorted_by(|a, b| a.from < b.from));
        assert_eq!(periods.len(), PERIODS.len());
        let late = between(&rows, 0.3, 1.0).len();
        assert_eq!(periods.iter().map(|period| period.tests).sum::<usize>(), late);
        let mut flipped = rows.clone();
        let last = between(&rows, 0.9, 1.0).len();
        let first_of_last = flipped.len() - last;
        flipped[first_of_last..].iter_mut().for_each(|row| row.worked = !row.worked);
        let area = |rows: &[Row]| period(rows, 0.9, 1.0).unwrap().measured[0].auc.value;
        assert!((area(&flipped) - (1.0 - area(&rows))).abs() < 1e-12);
    }

    #[test]
    fn training_twice_writes_the_same_file() {
        assert_eq!(trained().model.write(), trained().model.write());
    }
}
