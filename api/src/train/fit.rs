//! What is learned: rows of what was known before each test, and models fitted to them.

use std::collections::HashMap;

use configstream_core::Timestamp;
use configstream_core::score::model::{COUNT, Claims, Feature, Features, History, Subject};
use smartcore::ensemble::random_forest_regressor::{RandomForestRegressor, RandomForestRegressorParameters};
use smartcore::linalg::basic::arrays::Array as _;
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::linear::logistic_regression::{LogisticRegression, LogisticRegressionParameters};
use smartcore::xgboost::{XGRegressor, XGRegressorParameters};

use super::records::{Listing, Named, Records, Test};

/// How hard weights of standardized features are pulled to nothing, for each test learned from.
const RIDGE: f64 = 0.015;
/// A list counts as what a batch was taken from when it is younger than this many milliseconds: a day.
const DAY: u64 = 86_400_000;

/// What was known before one test, and what came of it.
#[derive(Clone, Debug)]
pub struct Row {
    /// Which batch, from 0.
    pub batch: usize,
    /// Which proxy, from 0.
    pub proxy: usize,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// Whether it worked.
    pub worked: bool,
    /// What the model sees.
    pub features: Features,
    /// The share of all that worked.
    pub base_rate: f64,
    /// The proxy's smoothed rate.
    pub smoothed: f64,
    /// Its last test; `None` when it was never tested.
    pub last: Option<bool>,
    /// What the classic forest sees: last result, mean of all, tests, failures in a row, hours since the
    /// last test, port, and the country's number.
    classic: [f64; 7],
}

/// Why nothing was learned. The message says what is missing.
#[derive(Debug, thiserror::Error)]
pub enum NotFitted {
    /// Too few tests, or only one kind of result.
    #[error("{0} tests to learn from: at least {MIN} are needed, of which some worked and some failed")]
    Little(usize),
    /// The library gave up.
    #[error("no weights fit: {0}")]
    Library(String),
}

/// Tests that training needs.
const MIN: usize = 500;

/// Counts that only the classic forest wants.
#[derive(Clone, Copy, Default)]
struct Plain {
    tests: f64,
    worked: f64,
    failures: f64,
    at: Timestamp,
    last: Option<bool>,
}

impl Plain {
    fn add(&mut self, worked: bool, at: Timestamp) {
        self.tests += 1.0;
        self.worked += f64::from(worked);
        self.failures = if worked { 0.0 } else { self.failures + 1.0 };
        (self.at, self.last) = (at, Some(worked));
    }

    fn features(self, listing: &Listing, now: Timestamp) -> [f64; 7] {
        let country = listing.country.map_or(0.0, |country| {
            country.code().bytes().fold(0.0, |number, letter| number * 32.0 + f64::from(letter % 32))
        });
        [
            self.last.map_or(0.5, f64::from),
            if self.tests > 0.0 { self.worked / self.tests } else { 0.5 },
            self.tests,
            self.failures,
            if self.tests > 0.0 { now.since(self.at) as f64 / 3_600_000.0 } else { -1.0 },
            f64::from(listing.proxy.port),
            country,
        ]
    }
}

/// A walk through the records in the order of time, which knows no more than was known.
#[derive(Default)]
struct Walk {
    history: History,
    plain: Vec<Plain>,
    numbers: HashMap<String, usize>,
    listed: HashMap<String, Listing>,
    last_list: Option<Timestamp>,
    now: Timestamp,
    rows: Vec<Row>,
}

/// A row for each test.
///
/// The time that counts is when a batch was asked for, and not when it was done: failures are slow, so
/// the time of the end tells how many there were.
pub fn rows(records: &Records) -> Vec<Row> {
    walk(records).rows
}

/// All that the records tell, for a model to be asked with.
pub fn history(records: &Records) -> History {
    walk(records).history
}

fn walk(records: &Records) -> Walk {
    let mut walk = Walk::default();
    let mut lists = records.lists.iter().peekable();
    for (number, (done_at, tests)) in records.batches.iter().enumerate() {
        while let Some((at, list)) = lists.next_if(|(at, _)| at < done_at) {
            walk.list(list, *at);
        }
        walk.batch(number, tests, *done_at);
    }
    lists.for_each(|(at, list)| walk.list(list, *at));
    walk
}

impl Walk {
    fn list(&mut self, list: &[Listing], at: Timestamp) {
        for listing in list {
            self.history.listed(&listing.subject(), at);
            self.listed.insert(listing.proxy.id.clone(), listing.clone());
        }
        self.last_list = Some(at);
    }

    fn batch(&mut self, number: usize, tests: &[Test], done_at: Timestamp) {
        // Never earlier than before: a history goes forward.
        self.now = self.now.max(asked_at(self.last_list, done_at));
        let subjects: Vec<_> = tests.iter().map(|test| self.subject(&test.proxy)).collect();
        for ((listing, proxy), test) in subjects.iter().zip(tests) {
            let row = self.row(number, *proxy, listing, test.worked);
            self.rows.push(row);
        }
        for ((listing, proxy), test) in subjects.iter().zip(tests) {
            self.history.tested(&listing.subject(), test.worked, self.now);
            self.plain[*proxy].add(test.worked, self.now);
        }
    }

    fn subject(&mut self, named: &Named) -> (Listing, usize) {
        let unlisted = || Listing { proxy: named.clone(), country: None, claims: Claims::default() };
        let listing = self.listed.get(&named.id).cloned().unwrap_or_else(unlisted);
        let next = self.numbers.len();
        let number = *self.numbers.entry(named.id.clone()).or_insert(next);
        if number == self.plain.len() {
            self.plain.push(Plain::default());
        }
        (listing, number)
    }

    fn row(&self, batch: usize, proxy: usize, listing: &Listing, worked: bool) -> Row {
        let subject: Subject = listing.subject();
        Row {
            batch,
            proxy,
            asked_at: self.now,
            worked,
            features: Features::of(&self.history, &subject, self.now),
            base_rate: self.history.base_rate(self.now),
            smoothed: self.history.smoothed_rate(&subject, self.now),
            last: self.history.last(&subject),
            classic: self.plain[proxy].features(listing, self.now),
        }
    }
}

/// When a batch was asked for: with the list it was taken from, or at the start of its day.
fn asked_at(list: Option<Timestamp>, done_at: Timestamp) -> Timestamp {
    let midnight = Timestamp::from_millis(done_at.millis() - done_at.millis() % DAY);
    list.filter(|list| done_at.since(*list) < DAY).unwrap_or(midnight)
}

/// Intercept and, for each feature, mean and weight.
pub type Weights = (f64, [(f64, f64); COUNT]);

/// Fits a logistic regression; features that are not known stand at their means.
pub fn logistic(rows: &[&Row]) -> Result<Weights, NotFitted> {
    check(rows)?;
    let scales = scales(rows);
    let matrix = standardized(rows, &scales)?;
    let results: Vec<i32> = rows.iter().map(|row| i32::from(row.worked)).collect();
    let parameters = LogisticRegressionParameters::default().with_alpha(RIDGE * rows.len() as f64);
    let fitted = LogisticRegression::fit(&matrix, &results, parameters).map_err(|error| library(&error))?;
    let mut weights = [(0.0, 0.0); COUNT];
    for (place, (weight, (mean, spread))) in weights.iter_mut().zip(&scales).enumerate() {
        *weight = (rounded(*mean), rounded(fitted.coefficients().get((0, place)) / spread));
    }
    Ok((rounded(*fitted.intercept().get((0, 0))), weights))
}

/// The features of each row in spreads from their means; what is not known stands at the mean.
fn standardized(rows: &[&Row], scales: &[(f64, f64)]) -> Result<DenseMatrix<f64>, NotFitted> {
    let value = |(value, (mean, spread)): (&Option<f64>, &(f64, f64))| {
        value.map_or(0.0, |value| (value - mean) / spread)
    };
    let row = |row: &&Row| row.features.values().iter().zip(scales).map(value).collect();
    matrix(&rows.iter().map(row).collect::<Vec<_>>())
}

/// To a millionth: what comes after is noise, and the file is shorter.
fn rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

/// Mean and spread of each feature where it is known; 1 where it never varies.
fn scales(rows: &[&Row]) -> Vec<(f64, f64)> {
    let scale = |feature: Feature| {
        let values = || rows.iter().filter_map(move |row| row.features.values()[feature as usize]);
        let count = (values().count() as f64).max(1.0);
        let mean = values().sum::<f64>() / count;
        let spread = (values().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
        (mean, if spread > 1e-9 { spread } else { 1.0 })
    };
    Feature::all().map(scale).collect()
}

/// The chances that the classic random forest on seven features gives to the later rows: 100 trees,
/// each split among two of the features, grown until leaves are pure.
pub fn classic_forest(earlier: &[&Row], later: &[&Row]) -> Result<Vec<f64>, NotFitted> {
    check(earlier)?;
    let seen = |rows: &[&Row]| matrix(&rows.iter().map(|row| row.classic.to_vec()).collect::<Vec<_>>());
    let results = results(earlier);
    let parameters = RandomForestRegressorParameters::default().with_n_trees(100).with_m(2).with_seed(1);
    let forest =
        RandomForestRegressor::fit(&seen(earlier)?, &results, parameters).map_err(|error| library(&error))?;
    forest.predict(&seen(later)?).map_err(|error| library(&error))
}

/// The chances that gradient boosting gives to the later rows: 40 trees of depth 3 on the features that
/// the model sees, each tree counting a tenth, no leaf of fewer than 50 tests. As the model's, they follow
/// how often proxies work at the time.
pub fn boosted_trees(earlier: &[&Row], later: &[&Row]) -> Result<Vec<f64>, NotFitted> {
    check(earlier)?;
    let (scales, results) = (scales(earlier), results(earlier));
    let share = results.iter().sum::<f64>() / results.len() as f64;
    let parameters = XGRegressorParameters::default().with_n_estimators(40).with_max_depth(3);
    let parameters = parameters.with_learning_rate(0.1).with_min_child_weight(50).with_base_score(share);
    let (learned, asked) = (standardized(earlier, &scales)?, standardized(later, &scales)?);
    let chances = XGRegressor::fit(&learned, &results, parameters).and_then(|trees| trees.predict(&asked));
    let base = earlier.iter().map(|row| row.base_rate).sum::<f64>() / earlier.len() as f64;
    let moved = |(chance, row): (f64, &&Row)| (chance + row.base_rate - base).clamp(0.001, 0.999);
    Ok(chances.map_err(|error| library(&error))?.into_iter().zip(later).map(moved).collect())
}

fn results(rows: &[&Row]) -> Vec<f64> {
    rows.iter().map(|row| f64::from(row.worked)).collect()
}

fn check(rows: &[&Row]) -> Result<(), NotFitted> {
    let worked = rows.iter().filter(|row| row.worked).count();
    let both = worked > 0 && worked < rows.len();
    if rows.len() >= MIN && both { Ok(()) } else { Err(NotFitted::Little(rows.len())) }
}

fn matrix(rows: &[Vec<f64>]) -> Result<DenseMatrix<f64>, NotFitted> {
    DenseMatrix::new(rows.len(), rows.first().map_or(0, Vec::len), rows.concat(), false)
        .map_err(|error| library(&error))
}

fn library(error: &smartcore::error::Failed) -> NotFitted {
    NotFitted::Library(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::synthetic;
    use super::*;

    fn last<'a>(rows: &'a [Row], id: &str, records: &Records) -> &'a Row {
        let (_, tests) = records.batches.last().unwrap();
        let place = tests.iter().position(|test| test.proxy.id == id).unwrap();
        &rows[rows.len() - tests.len() + place]
    }

    #[test]
    fn a_row_knows_nothing_of_its_own_batch_or_later() {
        let records = synthetic::records(12, 7);
        let mut changed = records.clone();
        for (_, tests) in &mut changed.batches[8..] {
            for test in tests {
                test.worked = !test.worked;
            }
        }
        let known = |records: &Records| {
            let rows = rows(records).into_iter().filter(|row| row.batch <= 8);
            rows.map(|row| (row.features, row.base_rate.to_bits(), row.classic)).collect::<Vec<_>>()
        };
        assert_eq!(known(&records), known(&changed));
    }

    #[test]
    fn when_a_batch_was_done_changes_nothing() {
        let records = synthetic::records(12, 7);
        let mut late = records.clone();
        for (number, (done_at, _)) in late.batches.iter_mut().enumerate() {
            *done_at = done_at.plus(number as u64 * 300_000);
        }
        let known =
            |records| rows(records).into_iter().map(|row| (row.features, row.classic)).collect::<Vec<_>>();
        assert_eq!(known(&records), known(&late));
    }

    #[test]
    fn without_lists_a_batch_is_asked_for_at_the_start_of_its_day() {
        let done = Timestamp::from_millis(5 * DAY + 1_234_567);
        assert_eq!(asked_at(None, done), Timestamp::from_millis(5 * DAY));
        assert_eq!(asked_at(Some(Timestamp::from_millis(2 * DAY)), done), Timestamp::from_millis(5 * DAY));
        let list = Timestamp::from_millis(5 * DAY + 1_000_000);
        assert_eq!(asked_at(Some(list), done), list);
    }

    #[test]
    fn too_little_is_refused() {
        let rows = rows(&synthetic::records(3, 7));
        let few: Vec<&Row> = rows.iter().take(MIN - 1).collect();
        assert!(logistic(&few).unwrap_err().to_string().contains("at least 500"));
    }

    #[test]
    fn what_a_proxy_did_is_what_its_row_holds() {
        let records = synthetic::records(12, 7);
        let rows = rows(&records);
        let row = last(&rows, "192.0.0.1:80", &records);
        let earlier = records.batches.iter().rev().skip(1);
        let before = earlier.flat_map(|(_, tests)| tests).find(|test| test.proxy.id == "192.0.0.1:80");
        assert_eq!(row.last, before.map(|test| test.worked));
    }
}
