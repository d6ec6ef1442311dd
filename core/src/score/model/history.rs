//! What is known of proxies up to a moment: who was listed, who was tested, and what came of it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::exact;
use crate::Timestamp;
use crate::geo::Country;

const DAY: f64 = 86_400_000.0;
/// Days after which a test counts half.
const HALF_LIFE: f64 = 30.0;
/// Days after which a listing counts half, for "listed of late".
const LISTED_HALF_LIFE: f64 = 10.0;

/// What a list claims of a proxy, where it claims anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// How much it hides of its user.
    pub anonymity: Option<Anonymity>,
    /// Whether Google answered through it.
    pub google: Option<bool>,
    /// Whether the world sees another address than the one to dial.
    pub other_exit: Option<bool>,
}

/// How much an HTTP proxy hides of its user, as lists have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anonymity {
    /// It tells the user's address.
    None,
    /// It says that it is a proxy.
    Anonymous,
    /// It says nothing.
    High,
}

/// A proxy as the history knows it: by what it shares with others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Each group that it is in, by [`Group`].
    keys: [Option<u64>; Group::ALL.len()],
    claims: Claims,
}

/// Proxies that fail and work together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    /// All with this port.
    Port,
    /// All in this country.
    Country,
    /// All with this port in this country.
    PortInCountry,
    /// The /16 of IPv4, the /32 of IPv6.
    Wide,
    /// The /24 of IPv4, the /48 of IPv6.
    Near,
    /// The proxy itself.
    Own,
}

impl Group {
    pub(super) const ALL: [Self; 6] =
        [Self::Port, Self::Country, Self::PortInCountry, Self::Wide, Self::Near, Self::Own];
}

impl Subject {
    /// A proxy by its identity (its fingerprint, or `host:port` where nothing else is known), its
    /// endpoint, and the country it is in.
    ///
    /// A host that is no address has no network.
    pub fn new(id: &str, host: &str, port: u16, country: Option<Country>) -> Self {
        let networks = networks(host);
        let near_port = country.map(|country| format!("{port} {}", country.code()));
        let keys = [
            Some(u64::from(port)),
            country.map(|country| hash(country.code().as_bytes())),
            near_port.map(|text| hash(text.as_bytes())),
            networks.map(|(wide, _)| wide),
            networks.map(|(_, near)| near),
            Some(hash(id.as_bytes())),
        ];
        Self { keys, claims: Claims::default() }
    }

    /// The same proxy with what a list claims of it.
    #[must_use]
    pub const fn with_claims(mut self, claims: Claims) -> Self {
        self.claims = claims;
        self
    }

    pub(super) const fn claims(&self) -> Claims {
        self.claims
    }

    /// Whether it is in a group of this kind at all.
    pub(super) fn is_in(&self, group: Group) -> bool {
        self.keys[group as usize].is_some()
    }

    fn own(&self) -> Option<u64> {
        self.keys[Group::Own as usize]
    }

    fn groups(&self) -> impl Iterator<Item = (Group, u64)> {
        Group::ALL.into_iter().zip(self.keys).filter_map(|(group, key)| Some((group, key?)))
    }
}

/// The wide and the near network of an address.
fn networks(host: &str) -> Option<(u64, u64)> {
    Some(match host.parse().ok()? {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            (hash(&[a, b]), hash(&[a, b, c]))
        }
        IpAddr::V6(address) => {
            let bits = address.to_bits();
            (hash(&(bits >> 96).to_be_bytes()), hash(&(bits >> 80).to_be_bytes()))
        }
    })
}

/// FNV-1a, 64 bits.
fn hash(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

/// How many tests, and how many of them worked, each counting less as it ages.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) tests: f64,
    pub(super) worked: f64,
    at: Timestamp,
}

impl Tally {
    /// The tally as it is worth at `now`.
    fn faded(self, now: Timestamp, half_life: f64) -> Self {
        let factor = exact::exp(-core::f64::consts::LN_2 * days(now, self.at) / half_life);
        Self { tests: self.tests * factor, worked: self.worked * factor, at: now.max(self.at) }
    }

    fn with(self, worked: bool, now: Timestamp, half_life: f64) -> Self {
        let faded = self.faded(now, half_life);
        Self { tests: faded.tests + 1.0, worked: faded.worked + f64::from(worked), at: faded.at }
    }

    /// The share that worked, pulled to `prior` as if `weight` more tests had given just that.
    pub(super) fn rate(self, prior: f64, weight: f64) -> f64 {
        (self.worked + prior * weight) / (self.tests + weight)
    }
}

/// Days from `earlier` to `now`; 0 when it is later.
fn days(now: Timestamp, earlier: Timestamp) -> f64 {
    now.since(earlier) as f64 / DAY
}

/// How one proxy was listed and tested.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Life {
    first_listed: Option<Timestamp>,
    last_listed: Timestamp,
    late: Tally,
    /// Of the listings that say so, how many said that Google answered.
    google: (u32, u32),
    /// How often it was listed.
    pub(super) listings: u32,
    /// Days between its last two listings; 0 when there were not two.
    pub(super) absence: f64,
    /// What its last test gave.
    pub(super) last: Option<bool>,
    /// How many tests in a row gave that.
    pub(super) run: u32,
}

impl Life {
    fn list(&mut self, claims: Claims, at: Timestamp) {
        if self.listings > 0 && at <= self.last_listed {
            return;
        }
        self.absence = if self.listings > 0 { days(at, self.last_listed) } else { 0.0 };
        self.first_listed.get_or_insert(at);
        self.last_listed = at;
        self.late = self.late.with(true, at, LISTED_HALF_LIFE);
        self.listings = self.listings.saturating_add(1);
        if let Some(passed) = claims.google {
            self.google.0 = self.google.0.saturating_add(u32::from(passed));
            self.google.1 = self.google.1.saturating_add(1);
        }
    }

    fn test(&mut self, worked: bool) {
        self.run = if self.last == Some(worked) { self.run.saturating_add(1) } else { 1 };
        self.last = Some(worked);
    }

    /// Days since it was first listed.
    pub(super) fn age(&self, now: Timestamp) -> f64 {
        self.first_listed.map_or(0.0, |first| days(now, first))
    }

    /// The share of its listings that said that Google answered; `None` when none said anything.
    pub(super) fn google_share(&self) -> Option<f64> {
        let (passed, said) = self.google;
        (said > 0).then(|| (f64::from(passed) + 0.3) / (f64::from(said) + 1.0))
    }

    /// How often it was listed of late, each listing fading.
    pub(super) fn listed_lately(&self, now: Timestamp) -> f64 {
        self.late.faded(now, LISTED_HALF_LIFE).tests
    }
}

/// All that was known up to now. What is added must be in the order of time.
///
/// Tests that ran together know nothing of each other: ask for their features first, then add them.
///
/// ```
/// use configstream_core::{Timestamp, score::model::{History, Subject}};
///
/// let (mut history, now) = (History::default(), Timestamp::from_millis(0));
/// let proxy = Subject::new("192.0.2.1:80", "192.0.2.1", 80, None);
/// let before = history.smoothed_rate(&proxy, now);
/// history.tested(&proxy, true, now);
/// assert!(history.smoothed_rate(&proxy, now) > before);
/// ```
#[derive(Clone, Debug, Default)]
pub struct History {
    all: Tally,
    tests: u64,
    tallies: BTreeMap<(Group, u64), Tally>,
    lives: BTreeMap<u64, Life>,
}

/// The share of working proxies before anything is known, and how many tests it is worth.
const PRIOR: (f64, f64) = (0.4, 10.0);
/// How many tests the rate of all is worth for one proxy's rate.
const SMOOTHING: f64 = 2.0;

impl History {
    /// The proxy was on a list at that moment. The same moment twice counts once.
    pub fn listed(&mut self, subject: &Subject, at: Timestamp) {
        if let Some(own) = subject.own() {
            self.lives.entry(own).or_default().list(subject.claims, at);
        }
    }

    /// The proxy was tested at that moment.
    pub fn tested(&mut self, subject: &Subject, worked: bool, at: Timestamp) {
        self.tests = self.tests.saturating_add(1);
        self.all = self.all.with(worked, at, HALF_LIFE);
        for key in subject.groups() {
            let tally = self.tallies.entry(key).or_default();
            *tally = tally.with(worked, at, HALF_LIFE);
        }
        if let Some(own) = subject.own() {
            self.lives.entry(own).or_default().test(worked);
        }
    }

    /// How many tests it has seen.
    pub fn tests(&self) -> u64 {
        self.tests
    }

    /// What the last test of a proxy gave; `None` when it was never tested.
    pub fn last(&self, subject: &Subject) -> Option<bool> {
        self.life(subject).last
    }

    /// Whether any proxy of its networks (/24 and /16, IPv6: /48 and /32) was tested; itself too.
    pub fn knows_network(&self, subject: &Subject) -> bool {
        let known = |group| subject.keys[group as usize].map(|key| self.tallies.contains_key(&(group, key)));
        [Group::Near, Group::Wide].into_iter().any(|group| known(group) == Some(true))
    }

    /// The share of all tests that worked, the newer counting more; 0 to 1, never just that.
    pub fn base_rate(&self, now: Timestamp) -> f64 {
        self.all.faded(now, HALF_LIFE).rate(PRIOR.0, PRIOR.1)
    }

    /// The share of a proxy's own tests that worked, pulled to that of all; 0 to 1, never just that.
    pub fn smoothed_rate(&self, subject: &Subject, now: Timestamp) -> f64 {
        self.tally(subject, Group::Own, now).rate(self.base_rate(now), SMOOTHING)
    }

    /// How many of a proxy's own tests worked, and how many there were, each counting half after 30 days.
    pub fn own_tests(&self, subject: &Subject, now: Timestamp) -> (f64, f64) {
        let own = self.tally(subject, Group::Own, now);
        (own.worked, own.tests)
    }

    /// The share of a proxy's own tests that worked, pulled to the chance that a model gives it.
    pub(super) fn own_rate(&self, subject: &Subject, modelled: f64, now: Timestamp) -> f64 {
        self.tally(subject, Group::Own, now).rate(modelled, super::MODEL_WORTH)
    }

    pub(super) fn tally(&self, subject: &Subject, group: Group, now: Timestamp) -> Tally {
        let found = subject.keys[group as usize].and_then(|key| self.tallies.get(&(group, key)));
        found.map_or_else(Tally::default, |tally| tally.faded(now, HALF_LIFE))
    }

    pub(super) fn life(&self, subject: &Subject) -> Life {
        subject.own().and_then(|own| self.lives.get(&own)).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(days: u64) -> Timestamp {
        Timestamp::from_millis(days * 86_400_000)
    }

    #[test]
    fn a_test_fades_to_half_in_a_half_life() {
        let tally = Tally::default().with(true, at(0), HALF_LIFE).faded(at(30), HALF_LIFE);
        assert!((tally.tests - 0.5).abs() < 1e-12 && (tally.worked - 0.5).abs() < 1e-12);
    }

    #[test]
    fn neighbours_share_networks_and_names_have_none() {
        let subject = |host: &str| Subject::new(host, host, 80, None);
        let (near, wide) = (Group::Near as usize, Group::Wide as usize);
        let first = subject("192.0.2.1");
        assert_eq!(first.keys[near], subject("192.0.2.200").keys[near]);
        assert_eq!(first.keys[wide], subject("192.0.7.1").keys[wide]);
        assert_ne!(first.keys[near], subject("192.0.7.1").keys[near]);
        assert_eq!(subject("proxy.example").keys[wide], None);
        assert_eq!(subject("2001:db8:1::1").keys[near], subject("2001:db8:1:2::1").keys[near]);
    }

    #[test]
    fn a_network_is_known_by_any_test_in_it_and_a_name_has_none() {
        let (mut history, subject) = (History::default(), |host: &str| Subject::new(host, host, 80, None));
        history.tested(&subject("192.0.2.1"), false, at(1));
        history.tested(&subject("proxy.example"), true, at(1));
        let hosts = ["192.0.2.9", "192.0.7.9", "198.51.100.1", "proxy.example"];
        assert_eq!(hosts.map(|host| history.knows_network(&subject(host))), [true, true, false, false]);
    }

    #[test]
    fn the_same_list_read_twice_is_one_listing() {
        let (mut history, subject) = (History::default(), Subject::new("a", "a", 1, None));
        for day in [1, 1, 4] {
            history.listed(&subject, at(day));
        }
        let life = history.life(&subject);
        assert_eq!((life.listings, life.absence, life.age(at(5))), (2, 3.0, 4.0));
    }

    #[test]
    fn a_run_ends_when_the_result_changes() {
        let (mut history, subject) = (History::default(), Subject::new("a", "a", 1, None));
        for worked in [true, false, false] {
            history.tested(&subject, worked, at(1));
        }
        assert_eq!((history.last(&subject), history.life(&subject).run), (Some(false), 2));
    }
}
