//! How likely proxies are to answer their next test: a model, and the history that it is asked with.
//!
//! A history is built in one way, whoever asks: tests count to the hour in which they were made, and a
//! proxy that is tested was listed then. `train` learns from a database in the same way.

use std::path::Path;

use configstream_core::score::Share;
use configstream_core::score::model::{Basis, History, Model, Prediction, Subject, reliability};
use configstream_core::{Proxy, Timestamp};

use crate::geo::Geo;
use crate::probe::order::{Expected, can_probe};

/// The name of the model that comes with the program.
pub const SHIPPED: &str = "shipped";
/// The name that asks for no model.
pub const NONE: &str = "none";

/// Tests within this many milliseconds ran together: an hour.
pub(crate) const TOGETHER: u64 = 3_600_000;

/// Published chances are whole percents. More would be false precision; and as each test moves the rate of
/// all, every patch would hold every row.
const STEP: f64 = 10.0;

/// A model and the history that it is asked with.
#[derive(Clone, Debug, Default)]
pub struct Predictor {
    /// `None` to go by smoothed rates alone.
    pub model: Option<Model>,
    /// What it is asked with.
    pub history: History,
}

/// The model of a name: `shipped`, `none`, or a file that `train` wrote. The message of an error says what to
/// do.
pub fn model(name: &str) -> Result<Option<Model>, String> {
    match name {
        NONE => Ok(None),
        SHIPPED => Model::shipped().map(Some).map_err(|bad| bad.to_string()),
        file => {
            let text = std::fs::read_to_string(Path::new(file)).map_err(|error| error.to_string())?;
            Model::read(&text).map(Some).map_err(|bad| bad.to_string())
        }
    }
}

/// A proxy as the history knows it. Its country is that of its address: where its exit is, is known only of
/// those that worked.
pub fn subject(id: &str, host: &str, port: u16, geo: &Geo) -> Subject {
    Subject::new(id, host, port, geo.country_of_host(host))
}

/// When the hour of a test began.
pub(crate) fn hour(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(at.millis() - at.millis() % TOGETHER)
}

impl Predictor {
    /// With nothing known yet.
    pub fn new(model: Option<Model>) -> Self {
        Self { model, history: History::default() }
    }

    /// Takes in a test; the tests of an hour in any order, the hours in theirs.
    pub fn note(&mut self, subject: &Subject, worked: bool, at: Timestamp) {
        self.history.listed(subject, hour(at));
        self.history.tested(subject, worked, hour(at));
    }

    /// The chance that a proxy answers its next test.
    pub fn predict(&self, subject: &Subject, now: Timestamp) -> Prediction {
        reliability(self.model.as_ref(), &self.history, subject, now)
    }

    /// What a probe may expect.
    pub fn expected(&self, subject: &Subject, now: Timestamp) -> Expected {
        let is_new = self.history.last(subject).is_none();
        Expected { chance: Share::new(self.predict(subject, now).chance), is_new }
    }

    /// The chance to publish, per mille in whole percents; `None` where it would rest on nothing: for a proxy
    /// that this program cannot test, and for one that was never tested, unless a model knows others of its
    /// network.
    pub fn published(&self, proxy: &Proxy, subject: &Subject, now: Timestamp) -> Option<u16> {
        if !can_probe(proxy) {
            return None;
        }
        let Prediction { chance, basis } = self.predict(subject, now);
        let tested = self.history.last(subject).is_some();
        let known = tested || basis == Basis::Model && self.history.knows_network(subject);
        known.then(|| ((chance * 1_000.0 / STEP).round() * STEP) as u16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{self, Probed};
    use crate::train::{HistoryArgs, fit};
    use configstream_core::catalogue::Merge;
    use configstream_core::link;
    use configstream_core::score::model::Features;

    const HOUR: u64 = TOGETHER;

    fn proxy(text: &str) -> (Proxy, Subject) {
        let proxy = link::parse(text).unwrap();
        let (id, host) = (proxy.fingerprint().to_string(), proxy.endpoint.host.to_string());
        let subject = Subject::new(&id, &host, proxy.endpoint.port, None);
        (proxy, subject)
    }

    /// Knows `tests` tests of the network 192.0.2.0/24, every second one answered.
    fn knowing(model: Option<Model>, tests: u64) -> Predictor {
        let mut predictor = Predictor::new(model);
        for number in 0..tests {
            let (_, subject) = proxy(&format!("http://192.0.2.{}:80", number % 100));
            predictor.note(&subject, number.is_multiple_of(2), Timestamp::from_millis(number * HOUR / 4));
        }
        predictor
    }

    fn published(predictor: &Predictor, text: &str) -> Option<u16> {
        let (proxy, subject) = proxy(text);
        predictor.published(&proxy, &subject, Timestamp::from_millis(100 * HOUR))
    }

    #[test]
    fn what_nothing_is_known_of_is_not_predicted() {
        let shipped = model(SHIPPED).unwrap();
        let empty = Predictor::new(shipped.clone());
        assert_eq!(published(&empty, "http://192.0.2.1:80"), None);
        let model = knowing(shipped, 300);
        assert!(published(&model, "http://192.0.2.1:80").is_some(), "tested");
        assert!(published(&model, "http://192.0.2.200:80").is_some(), "a neighbour was tested");
        assert_eq!(published(&model, "http://198.51.100.1:80"), None, "nobody near it was");
        assert_eq!(published(&model, "http://proxy.example:80"), None, "a name has no network");
        assert_eq!(published(&model, "trojan://secret@192.0.2.1:443"), None, "cannot be tested");
    }

    #[test]
    fn who_was_never_tested_is_new_to_a_probe_and_expected_to_do_as_its_network_does() {
        let predictor = knowing(model(SHIPPED).unwrap(), 300);
        let expected = |text| predictor.expected(&proxy(text).1, Timestamp::from_millis(100 * HOUR));
        let [answered, never] = ["http://192.0.2.2:80", "http://192.0.2.200:80"].map(expected);
        assert!(!answered.is_new && never.is_new && answered.chance > never.chance);
    }

    #[test]
    fn a_rate_is_told_only_of_those_that_were_tested_themselves() {
        for rates in [knowing(None, 300), knowing(model(SHIPPED).unwrap(), 150)] {
            assert!(published(&rates, "http://192.0.2.1:80").is_some());
            assert_eq!(published(&rates, "http://192.0.2.200:80"), None);
        }
    }

    #[test]
    fn whoever_answered_is_likelier_to_answer_again_and_percents_are_whole() {
        for model in [None, model(SHIPPED).unwrap()] {
            let predictor = knowing(model, 400);
            let [good, bad] =
                ["http://192.0.2.2:80", "http://192.0.2.1:80"].map(|text| published(&predictor, text));
            assert!(good > bad && good.unwrap() % 10 == 0 && good.unwrap() <= 1000, "{good:?} {bad:?}");
        }
    }

    /// Three hours of tests of ten proxies, in a database.
    async fn tested(folder: &Path) -> (Vec<Subject>, Predictor) {
        let store = store::open(folder).await.unwrap().store;
        let (mut merge, now) = (Merge::default(), crate::clock::now());
        merge.add("a", (1..11).map(|last| proxy(&format!("http://192.0.2.{last}:80")).0));
        let listed = merge.finish();
        let source = crate::source::config::sources(&["a".to_owned()], false).0.swap_remove(0);
        store.keep_list(&[(source, crate::source::Memory::default())], &listed, now).await.unwrap();
        let probe = |number: u64| Probed {
            proxy: listed[number as usize % 10].id.to_string(),
            at: (hour(now).millis() - (number + 1) * HOUR / 10).cast_signed(),
            working: i64::from(number.is_multiple_of(3)),
            latency: None,
            exit: None,
            country: None,
        };
        store.keep_probes(&(0..30).map(probe).collect::<Vec<_>>()).await.unwrap();
        let subject = |text: String| proxy(&text).1;
        let subjects: Vec<_> = (1..11).map(|last| subject(format!("http://192.0.2.{last}:80"))).collect();
        let mut learned = Predictor::new(None);
        let place = |id| listed.iter().position(|listed| listed.id == id).unwrap();
        let take = |id, at, worked| learned.note(&subjects[place(id)], worked, at);
        store.each_probe(20, now, take).await.unwrap();
        assert_eq!(learned.history.tests(), 20, "the last ones alone");
        let mut learned = Predictor::new(None);
        let take = |id, at, worked| learned.note(&subjects[place(id)], worked, at);
        store.each_probe(1000, now, take).await.unwrap();
        store.close().await;
        (subjects, learned)
    }

    #[test]
    fn what_is_asked_is_the_history_that_train_learns_from() {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (subjects, learned) = runtime.block_on(tested(folder.path()));
        let args = HistoryArgs { database: Some(folder.path().to_owned()), ..HistoryArgs::default() };
        let trained = fit::history(&args.records().unwrap());
        assert_eq!((trained.tests(), learned.history.tests()), (30, 30));
        let now = crate::clock::now();
        for subject in &subjects {
            let features = |history| Features::of(history, subject, now);
            assert_eq!(features(&trained), features(&learned.history));
        }
    }

    /// Proxies that answer always just as often as their kind does, tested each hour. Their networks hold all
    /// kinds. Gives the mean square error that remains of predictions, of smoothed rates and of the model alone.
    fn steady_world(hours: u64) -> [f64; 3] {
        let shipped = model(SHIPPED).unwrap().unwrap();
        let mut predictor = Predictor::new(Some(shipped.clone()));
        let proxies: Vec<_> = (0..300_u64)
            .map(|number| {
                let host = format!("192.0.{}.{}", number % 10, number / 10);
                (Subject::new(&host, &host, 80, None), [0.95, 0.6, 0.3, 0.02][(number / 10 % 4) as usize])
            })
            .collect();
        let mut state = 7_u64;
        let mut draw = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / f64::from(1_u32 << 31)
        };
        for hour in 0..hours {
            for (subject, truth) in &proxies {
                predictor.note(subject, draw() < *truth, Timestamp::from_millis(hour * HOUR));
            }
        }
        let (now, history) = (Timestamp::from_millis(hours * HOUR), &predictor.history);
        let brier = |said: &dyn Fn(&Subject) -> f64| {
            let expected = |chance: f64, truth: f64| truth * (1.0 - truth) + (chance - truth).powi(2);
            proxies.iter().map(|(subject, truth)| expected(said(subject), *truth)).sum::<f64>() / 300.0
        };
        let alone =
            |subject: &Subject| shipped.chance(&Features::of(history, subject, now), history.base_rate(now));
        let predicted = |subject: &Subject| predictor.predict(subject, now).chance;
        [brier(&predicted), brier(&|subject| history.smoothed_rate(subject, now)), brier(&alone)]
    }

    #[test]
    fn where_proxies_are_steady_their_own_tests_soon_outweigh_the_model() {
        for hours in [24, 48, 72] {
            let [predicted, rates, alone] = steady_world(hours);
            println!("{hours} hours: {predicted:.4}, rates {rates:.4}, model alone {alone:.4}");
            assert!(predicted < rates + 0.002 && predicted < alone, "{hours}: {predicted} {rates} {alone}");
        }
    }

    #[test]
    fn a_name_that_is_no_model_is_an_error() {
        assert_eq!(model(NONE), Ok(None));
        assert!(model("/nowhere").unwrap_err().contains("No such file"));
        assert!(model(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap_err().contains("no model"));
    }
}
