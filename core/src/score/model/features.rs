//! A history as numbers: what a model is trained on and what it is asked with, by the same code.

use super::exact::{chance, ln, log_odds};
use super::history::{Anonymity, Group, History, Life, Subject, Tally};
use crate::Timestamp;

/// What a number tells. The order is that of a model's weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Feature {
    /// Log-odds of the proxies on its port, beyond those of all.
    Port,
    /// Log-odds of the proxies in its country, beyond those of all.
    Country,
    /// Log-odds of its port in its country, beyond what the two give.
    PortInCountry,
    /// Log-odds of its /16 (IPv6: /32), beyond those before.
    Wide,
    /// Log-odds of its /24 (IPv6: /48), beyond those of its /16.
    Near,
    /// Log-odds of its own tests, beyond those of its networks.
    Own,
    /// 0.5 when its last test worked, −0.5 when it failed.
    Last,
    /// ln(1 + failures in a row).
    Failures,
    /// ln(1 + listings).
    Listings,
    /// ln(1 + days since it was first listed).
    Age,
    /// ln(1 + listings of late), a listing counting half after ten days.
    ListedLately,
    /// ln(1 + days between its last two listings).
    Absence,
    /// 1 when it was listed once only.
    New,
    /// 1 when its list says that it is anonymous but shows that it is a proxy.
    Anonymous,
    /// 1 when its list says that it hides that it is a proxy.
    HighlyAnonymous,
    /// 1 when its list says that Google answered through it.
    Google,
    /// The share of its listings that said so.
    GoogleShare,
    /// 1 when its list says that the world sees another address than the one to dial.
    OtherExit,
}

/// Key, and words for people, of each feature in the order of a model's weights.
const NAMES: [(Feature, &str, &str); COUNT] = [
    (Feature::Port, "port", "how often its port works"),
    (Feature::Country, "country", "how often its country works"),
    (Feature::PortInCountry, "port_in_country", "how often its port works in its country"),
    (Feature::Wide, "wide_network", "how often its wider network (/16) works"),
    (Feature::Near, "near_network", "how often its network (/24) works"),
    (Feature::Own, "own_tests", "how often it worked itself"),
    (Feature::Last, "last_test", "its last test"),
    (Feature::Failures, "failures_in_a_row", "failures in a row"),
    (Feature::Listings, "listings", "how often it was listed"),
    (Feature::Age, "age", "how long it has been known"),
    (Feature::ListedLately, "listed_lately", "how often it was listed of late"),
    (Feature::Absence, "absence", "how long it was absent before its last listing"),
    (Feature::New, "new", "whether it is listed for the first time"),
    (Feature::Anonymous, "anonymous", "listed as anonymous"),
    (Feature::HighlyAnonymous, "highly_anonymous", "listed as highly anonymous"),
    (Feature::Google, "google", "listed as reaching Google"),
    (Feature::GoogleShare, "google_share", "how often it was listed as reaching Google"),
    (Feature::OtherExit, "other_exit", "listed with another exit"),
];

/// How many features there are.
pub const COUNT: usize = 18;

/// How many tests the rate above it is worth for the rate of a group, a wide and a near network and a
/// proxy: the smaller the group, the less is asked of it.
const WEIGHT_GROUP: f64 = 10.0;
const WEIGHT_WIDE: f64 = 5.0;
const WEIGHT_NEAR: f64 = 3.0;
const WEIGHT_OWN: f64 = 3.0;

impl Feature {
    /// All of them, in the order of a model's weights.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        NAMES.iter().map(|(feature, ..)| *feature)
    }

    /// Its name in a model's file.
    pub fn key(self) -> &'static str {
        NAMES.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// What it is, for people.
    pub fn words(self) -> &'static str {
        NAMES.iter().find(|row| row.0 == self).map_or("", |row| row.2)
    }
}

/// The numbers of one proxy at one moment, in the order of [`Feature::all`]; `None` is not known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Features([Option<f64>; COUNT]);

impl Features {
    /// What is known of a proxy at `now`: nothing but what was added to the history before.
    pub fn of(history: &History, subject: &Subject, now: Timestamp) -> Self {
        let life = history.life(subject);
        let mut values = [None; COUNT];
        let known =
            rates(history, subject, now).into_iter().chain(listed(&life, now)).chain(claimed(subject, &life));
        for (value, known) in values.iter_mut().zip(known) {
            *value = known;
        }
        Self(values)
    }

    /// Each number, in the order of [`Feature::all`].
    pub fn values(&self) -> &[Option<f64>; COUNT] {
        &self.0
    }
}

/// What tests have shown, each group beyond what the one above it explains.
fn rates(history: &History, subject: &Subject, now: Timestamp) -> [Option<f64>; 8] {
    let tally = |group| history.tally(subject, group, now);
    let only = |group, value| subject.is_in(group).then_some(value);
    let base = history.base_rate(now);
    let port = beyond(tally(Group::Port), base, WEIGHT_GROUP);
    let country = beyond(tally(Group::Country), base, WEIGHT_GROUP);
    let expected = chance(log_odds(base) + port.0 + country.0);
    let both = beyond(tally(Group::PortInCountry), expected, WEIGHT_GROUP);
    let wide = beyond(tally(Group::Wide), both.1, WEIGHT_WIDE);
    let near = beyond(tally(Group::Near), wide.1, WEIGHT_NEAR);
    let own = beyond(tally(Group::Own), near.1, WEIGHT_OWN);
    let life = history.life(subject);
    let failures = if life.last == Some(false) { f64::from(life.run) } else { 0.0 };
    [
        Some(port.0),
        only(Group::Country, country.0),
        only(Group::PortInCountry, both.0),
        only(Group::Wide, wide.0),
        only(Group::Near, near.0),
        Some(own.0),
        Some(life.last.map_or(0.0, |worked| f64::from(worked) - 0.5)),
        Some(ln(1.0 + failures)),
    ]
}

/// The log-odds of a group beyond those of `prior`, and its rate.
fn beyond(tally: Tally, prior: f64, weight: f64) -> (f64, f64) {
    let rate = tally.rate(prior, weight);
    (log_odds(rate) - log_odds(prior), rate)
}

/// What lists have shown; nothing when it was on none.
fn listed(life: &Life, now: Timestamp) -> [Option<f64>; 5] {
    if life.listings == 0 {
        return [None; 5];
    }
    let grows = |value: f64| Some(ln(1.0 + value));
    [
        grows(f64::from(life.listings)),
        grows(life.age(now)),
        grows(life.listed_lately(now)),
        grows(life.absence),
        Some(f64::from(life.listings == 1)),
    ]
}

/// What its list claims.
fn claimed(subject: &Subject, life: &Life) -> [Option<f64>; 5] {
    let claims = subject.claims();
    let is = |kind| claims.anonymity.map(|claimed| f64::from(claimed == kind));
    [
        is(Anonymity::Anonymous),
        is(Anonymity::High),
        claims.google.map(f64::from),
        life.google_share(),
        claims.other_exit.map(f64::from),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_feature_stands_where_its_weight_stands() {
        for (place, (feature, key, words)) in NAMES.iter().enumerate() {
            assert_eq!(*feature as usize, place, "{key}");
            assert_eq!((feature.key(), feature.words()), (*key, *words));
        }
    }

    #[test]
    fn what_is_not_known_is_none_and_not_nothing() {
        let subject = Subject::new("a", "proxy.example", 80, None);
        let features = Features::of(&History::default(), &subject, Timestamp::default());
        let known = |feature: Feature| features.values()[feature as usize].is_some();
        assert!(known(Feature::Port) && known(Feature::Own));
        for feature in [Feature::Country, Feature::Near, Feature::Age, Feature::Google] {
            assert!(!known(feature), "{feature:?}");
        }
    }

    #[test]
    fn neighbours_that_fail_are_told_from_a_proxy_that_fails() {
        let mut history = History::default();
        let now = Timestamp::default();
        for last in 1..20 {
            let host = format!("192.0.2.{last}");
            history.tested(&Subject::new(&host, &host, 80, None), false, now);
        }
        let near = Features::of(&history, &Subject::new("x", "192.0.2.99", 81, None), now);
        let far = Features::of(&history, &Subject::new("y", "198.51.100.1", 81, None), now);
        let wide = Feature::Wide as usize;
        assert!(near.values()[wide] < far.values()[wide]);
        assert_eq!(near.values()[Feature::Own as usize], Some(0.0));
    }
}
