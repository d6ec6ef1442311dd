//! The reliability model: the chance that a proxy answers its next test.
//!
//! A logistic regression over what the history has shown: rates of the proxy, its networks, its port
//! and its country, each beyond what the wider one explains, how it was listed, and what its list
//! claims. `configstream train` writes the model; this reads it, asks it and says why.
//!
//! ```
//! use configstream_core::{Timestamp, score::model::{Basis, History, Subject, reliability}};
//!
//! let history = History::default();
//! let proxy = Subject::new("192.0.2.1:80", "192.0.2.1", 80, None);
//! let guess = reliability(None, &history, &proxy, Timestamp::default());
//! assert_eq!((guess.chance, guess.basis), (0.4, Basis::Rates));
//! ```
//!
//! # Differences between programs
//!
//! None: only operations that IEEE 754 fixes are used, so that native code and wasm give the same bits.

mod exact;
mod features;
mod history;

use serde::{Deserialize, Serialize};

pub use features::{COUNT, Feature, Features};
pub use history::{Anonymity, Claims, History, Subject};

use crate::Timestamp;
use exact::{chance, log_odds};

/// The only kind of model there is.
const KIND: &str = "logistic";
/// The version of the file that this program writes and reads.
const VERSION: u32 = 1;
/// Tests that a history must hold before a model is asked: with fewer, its rates are mostly prior.
const LITTLE: u64 = 200;
/// How many tests of a proxy's own a model's chance is worth. A model learns how much a proxy's tests say from
/// the pace of its training, one a day; where they come faster, they soon say more than it reckons. After a day
/// of hourly tests they count for six sevenths, and one or two of them for little beside the model.
pub const MODEL_WORTH: f64 = 4.0;

/// A number with the interval that holds it in 95 of 100 resamplings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The number.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// How well a model did on tests later than all it learned from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// How many tests it was measured on.
    pub tests: u64,
    /// The share of them that worked.
    pub base_rate: f64,
    /// The chance that of a working and a failed one the working is ranked higher.
    pub auc: Interval,
    /// The mean square of what was said less what came; 0 is best.
    pub brier: Interval,
    /// The mean distance of chance and share over ten bins of equal size.
    pub calibration_error: f64,
    /// [`auc`](Self::auc) over proxies that had never been tested.
    pub auc_unseen: Interval,
}

/// What a model learned from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Data {
    /// What it was, in words.
    pub source: String,
    /// When its first test ran.
    pub from: Timestamp,
    /// When its last test ran.
    pub to: Timestamp,
    /// How many tests it learned from.
    pub tests: u64,
    /// How many proxies they were of.
    pub proxies: u64,
}

/// What one feature weighs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weight {
    /// The feature's [key](Feature::key).
    pub feature: String,
    /// Its mean in training: a proxy just there gains and loses nothing by it.
    pub mean: f64,
    /// Log-odds for each unit above the mean.
    pub weight: f64,
}

/// A model as its file has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    kind: String,
    version: u32,
    /// When it was trained.
    pub trained_at: Timestamp,
    /// What it learned from.
    pub data: Data,
    /// How well it did on what came after.
    pub quality: Quality,
    /// The share that worked in training.
    pub base_rate: f64,
    /// The log-odds of a proxy whose features are all at their means.
    pub intercept: f64,
    weights: Vec<Weight>,
}

/// Why a text is no model. The message says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadModel {
    /// It is not JSON, or something is missing in it.
    #[error("this is no model: {0}; write one with `configstream train`")]
    Unreadable(String),
    /// Another kind or version.
    #[error("expected a model of kind {KIND} and version {VERSION}, found {kind} {version}; train it again")]
    Other {
        /// The kind found.
        kind: String,
        /// The version found.
        version: u32,
    },
    /// A feature that this program does not have there, or a number that is none.
    #[error(
        "weight {place} of the model: expected {expected:?} with usable numbers, found {found:?}; train it again"
    )]
    Weight {
        /// Which weight, from 1.
        place: usize,
        /// The feature that belongs there.
        expected: String,
        /// The feature found.
        found: String,
    },
}

/// Where a chance comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// A model, and the proxy's own tests where it has any.
    Model,
    /// The proxy's own smoothed rate: there is no model, or little history.
    Rates,
}

/// The chance that a proxy answers its next test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// 0 to 1.
    pub chance: f64,
    /// Where it comes from.
    pub basis: Basis,
}

/// What one feature did to a prediction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contribution {
    /// The feature; `None` for how often proxies work at all in this history, against the training's.
    pub feature: Option<Feature>,
    /// Its value; `None` when not known, and then it did nothing.
    pub value: Option<f64>,
    /// The log-odds that it added.
    pub log_odds: f64,
}

impl Contribution {
    /// What it is, for people.
    pub fn words(&self) -> &'static str {
        self.feature.map_or("how often proxies work in this history", Feature::words)
    }

    /// By how much it multiplied the odds: 2 means that the odds of an answer doubled.
    pub fn factor(&self) -> f64 {
        exact::exp(self.log_odds)
    }
}

impl Model {
    /// A model from what training found: means and weights in the order of [`Feature::all`].
    pub fn new(
        trained_at: Timestamp,
        data: Data,
        base_rate: f64,
        intercept: f64,
        weights: &[(f64, f64); COUNT],
    ) -> Self {
        let weight = |(feature, (mean, weight)): (Feature, &(f64, f64))| Weight {
            feature: feature.key().to_owned(),
            mean: *mean,
            weight: *weight,
        };
        let weights = Feature::all().zip(weights).map(weight).collect();
        let (kind, quality) = (KIND.to_owned(), Quality::default());
        Self { kind, version: VERSION, trained_at, data, quality, base_rate, intercept, weights }
    }

    /// The model that comes with the program: trained on HTTP proxies of 2021 that public lists named and
    /// one place tested once a day. For other proxies its order is a guess; its chances follow the
    /// history that it is asked with.
    pub fn shipped() -> Result<Self, BadModel> {
        Self::read(include_str!("model/shipped.json"))
    }

    /// The model in the text of a file.
    pub fn read(text: &str) -> Result<Self, BadModel> {
        let unreadable = |error: serde_json::Error| BadModel::Unreadable(error.to_string());
        let head: Head = serde_json::from_str(text).map_err(unreadable)?;
        if (head.kind.as_str(), head.version) != (KIND, VERSION) {
            return Err(BadModel::Other { kind: head.kind, version: head.version });
        }
        serde_json::from_str::<Self>(text).map_err(unreadable)?.checked()
    }

    /// The text of its file: JSON, the same for the same model.
    pub fn write(&self) -> String {
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        text + "\n"
    }

    fn checked(self) -> Result<Self, BadModel> {
        let usable = |number: f64| number.abs() < 1e6;
        let rate = self.base_rate > 0.0 && self.base_rate < 1.0;
        if !rate || !usable(self.intercept) || self.weights.len() != COUNT {
            let what = format!("base rate, intercept or the number of weights ({COUNT}) is wrong");
            return Err(BadModel::Unreadable(what));
        }
        let wrong = |(feature, weight): &(Feature, &Weight)| {
            feature.key() != weight.feature || !usable(weight.mean) || !usable(weight.weight)
        };
        match Feature::all().zip(&self.weights).enumerate().find(|(_, pair)| wrong(pair)) {
            Some((place, (feature, weight))) => Err(BadModel::Weight {
                place: place + 1,
                expected: feature.key().to_owned(),
                found: weight.feature.clone(),
            }),
            None => Ok(self),
        }
    }

    /// The chance that a proxy with these features answers, where `base_rate` of all do.
    pub fn chance(&self, features: &Features, base_rate: f64) -> f64 {
        let added = self.contributions(features, base_rate).map(|part| part.log_odds);
        chance(added.fold(self.intercept, |sum, part| sum + part))
    }

    /// What each feature did, the strongest first. With the [intercept](Self::intercept) they add up
    /// to the log-odds of [`chance`](Self::chance).
    pub fn explain(&self, features: &Features, base_rate: f64) -> Vec<Contribution> {
        let mut parts: Vec<_> = self.contributions(features, base_rate).collect();
        parts.sort_by(|a, b| b.log_odds.abs().total_cmp(&a.log_odds.abs()));
        parts
    }

    fn contributions(&self, features: &Features, base_rate: f64) -> impl Iterator<Item = Contribution> {
        let shift = log_odds(base_rate.clamp(0.001, 0.999)) - log_odds(self.base_rate);
        let base = Contribution { feature: None, value: Some(base_rate), log_odds: shift };
        let part = |((feature, weight), value): ((Feature, &Weight), &Option<f64>)| Contribution {
            feature: Some(feature),
            value: *value,
            log_odds: value.map_or(0.0, |value| (value - weight.mean) * weight.weight),
        };
        let values = features.values().to_owned();
        let parts = Feature::all().zip(&self.weights).zip(values);
        std::iter::once(base).chain(parts.map(move |(weighed, value)| part((weighed, &value))))
    }
}

/// What every version of the file begins with.
#[derive(Deserialize)]
struct Head {
    kind: String,
    version: u32,
}

/// The chance that a proxy answers its next test: the share of its own tests that worked, pulled to the model's
/// chance as if that were [`MODEL_WORTH`] more tests, when there is a model and the history holds enough; else
/// the proxy's smoothed rate.
pub fn reliability(
    model: Option<&Model>,
    history: &History,
    subject: &Subject,
    now: Timestamp,
) -> Prediction {
    match model.filter(|_| history.tests() >= LITTLE) {
        Some(model) => {
            let features = Features::of(history, subject, now);
            let modelled = model.chance(&features, history.base_rate(now));
            Prediction { chance: history.own_rate(subject, modelled, now), basis: Basis::Model }
        }
        None => Prediction { chance: history.smoothed_rate(subject, now), basis: Basis::Rates },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> Model {
        let mut weights = [(0.0, 0.0); COUNT];
        weights[Feature::Own as usize] = (0.1, 0.7);
        weights[Feature::Near as usize] = (-0.2, 0.9);
        weights[Feature::Google as usize] = (0.3, 0.4);
        Model::new(Timestamp::from_millis(1), Data::default(), 0.4, -0.5, &weights)
    }

    fn history(tests: u64) -> (History, Subject) {
        let mut history = History::default();
        for number in 0..tests {
            let host = format!("192.0.{}.{}", number % 7, number % 5);
            let subject = Subject::new(&host, &host, 80 + (number % 3) as u16, None);
            history.tested(&subject, number % 5 < 2, Timestamp::from_millis(number * 3_600_000));
        }
        (history, Subject::new("192.0.1.1", "192.0.1.1", 80, None))
    }

    #[test]
    fn a_model_is_read_as_it_was_written() {
        assert_eq!(Model::read(&model().write()), Ok(model()));
    }

    #[test]
    fn the_shipped_model_reads_and_says_how_good_it_is() {
        let shipped = Model::shipped().unwrap();
        assert_eq!(shipped.write(), include_str!("model/shipped.json"));
        assert!(shipped.quality.auc.low > 0.6 && shipped.quality.auc_unseen.low > 0.55);
        assert!(shipped.data.source.contains("HTTP") && shipped.data.to < shipped.trained_at);
    }

    #[test]
    fn another_version_or_other_features_are_refused_with_a_reason() {
        let text = model().write();
        let says = |text: String| Model::read(&text).unwrap_err().to_string();
        assert!(says(text.replace("\"version\": 1", "\"version\": 2")).contains("found logistic 2"));
        assert!(says(text.replace("near_network", "far")).contains("expected \"near_network\""));
        assert!(says(text.replace("\"base_rate\": 0.4", "\"base_rate\": 1.0")).contains("base rate"));
        assert!(says("{}".to_owned()).contains("no model"));
    }

    #[test]
    fn the_contributions_add_up_to_the_chance() {
        let (history, subject) = history(300);
        let now = Timestamp::from_millis(300 * 3_600_000);
        let (model, base) = (model(), history.base_rate(now));
        let features = Features::of(&history, &subject, now);
        let parts = model.explain(&features, base);
        let sum = parts.iter().map(|part| part.log_odds).sum::<f64>() + model.intercept;
        assert!((chance(sum) - model.chance(&features, base)).abs() < 1e-12);
        assert!(parts.is_sorted_by(|a, b| a.log_odds.abs() >= b.log_odds.abs()));
        assert_eq!(parts.len(), COUNT + 1);
    }

    #[test]
    fn with_little_history_the_smoothed_rate_stands_in() {
        let now = Timestamp::from_millis(2_000 * 3_600_000);
        let (few, subject) = history(LITTLE - 1);
        let guess = reliability(Some(&model()), &few, &subject, now);
        assert_eq!((guess.chance, guess.basis), (few.smoothed_rate(&subject, now), Basis::Rates));
        let (enough, subject) = history(LITTLE);
        assert_eq!(reliability(Some(&model()), &enough, &subject, now).basis, Basis::Model);
        assert_eq!(reliability(None, &enough, &subject, now).basis, Basis::Rates);
    }

    #[test]
    fn who_was_never_tested_has_the_chance_of_the_model_and_the_others_are_pulled_to_it() {
        let (mut history, tested) = history(300);
        let (model, now) = (model(), Timestamp::from_millis(300 * 3_600_000));
        let never = Subject::new("192.0.1.99", "192.0.1.99", 80, None);
        let modelled = |history: &History, subject: &Subject| {
            model.chance(&Features::of(history, subject, now), history.base_rate(now))
        };
        let predicted =
            |history: &History, subject: &Subject| reliability(Some(&model), history, subject, now);
        assert_eq!(predicted(&history, &never).chance.to_bits(), modelled(&history, &never).to_bits());
        let (answered, tests) = history.own_tests(&tested, now);
        let pulled = (answered + MODEL_WORTH * modelled(&history, &tested)) / (tests + MODEL_WORTH);
        assert!((predicted(&history, &tested).chance - pulled).abs() < 1e-12);
        (0..100).for_each(|_| history.tested(&tested, true, now));
        assert!(predicted(&history, &tested).chance > 0.9);
    }

    #[test]
    fn the_same_history_gives_the_same_bits_everywhere() {
        let (history, subject) = history(300);
        let (model, now) = (model(), Timestamp::from_millis(1_200_000_000));
        let modelled = model.chance(&Features::of(&history, &subject, now), history.base_rate(now));
        assert_eq!(modelled.to_bits(), 0x3fe7_9e58_6f8b_f21a, "{:#x}", modelled.to_bits());
        let guess = reliability(Some(&model), &history, &subject, now);
        assert_eq!(guess.chance.to_bits(), 0x3fed_1624_ed66_9cdb, "{:#x}", guess.chance.to_bits());
    }
}
