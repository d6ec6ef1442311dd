//! What this user saw: which proxies worked, how fast, and on which network.
//!
//! It is the most private thing that the product knows, so it never leaves the device: nothing here has a wire
//! form. What is kept are numbers: of proxies, of the networks that they are in (for IPv4 the first three
//! bytes of the address), of protocols and sources, and when each was last used. It holds no site that was
//! visited, but who has it and the list can tell which proxies were used.
//!
//! Each connection counts for the proxy, for the network of its address, for its protocol and for the sources
//! that list it, both on the user's network of that moment and on all. A proxy that was never used borrows
//! from its network, that from the protocol, that from the sources; what was seen on the same network of the
//! user counts after, and so more than, what was seen elsewhere. Everything halves with age.
//!
//! ```
//! use configstream_core::experience::{Experience, Local, Outcome, Subject};
//! use configstream_core::{Timestamp, link};
//!
//! let (seen, later) = (Timestamp::from_millis(0), Timestamp::from_millis(60_000));
//! let [used, neighbour] = ["socks5://8.8.8.8:1080", "http://8.8.8.9:8080"].map(|link| link::parse(link).unwrap());
//! let mut experience = Experience::default();
//! experience.record(&Subject::of(&used, &[]), Local::of("wifi"), Outcome::Worked { latency: Some(90) }, seen);
//! let own = experience.own(&Subject::of(&neighbour, &[]), Local::of("wifi"), later).unwrap();
//! assert!(own.share.get() > 0.5 && !own.was_used);
//! ```

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};

use crate::proxy::Hash;
use crate::score::{Own, Share};
use crate::seed::Chance;
use crate::{Fingerprint, Protocol, Proxy, Timestamp};

mod stored;

pub use stored::BadExperience;

/// A network of the user, by a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Local(u64);

impl Local {
    /// All of them; also where the network is not known.
    pub const ALL: Self = Self(0);

    /// The network of a key that the caller has for it: `wifi`, `cellular`, a hash.
    pub fn of(key: &str) -> Self {
        Self(Hash::of(key).max(1))
    }
}

/// A source, by a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceKey(u64);

impl SourceKey {
    /// The key of a source's address.
    pub fn of(address: &str) -> Self {
        Self(Hash::of(address))
    }
}

/// The part of the internet in which a proxy listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Neighbourhood(u64);

impl Neighbourhood {
    /// The autonomous system where it is known; else the /24 of an IPv4 or the /48 of an IPv6 address; `None`
    /// of a host name.
    pub fn of(host: &str, system: Option<u32>) -> Option<Self> {
        let tagged = |tag: u64, bits: u64| Some(Self(tag << 56 | bits));
        match (system, host.parse().map(|address: IpAddr| address.to_canonical())) {
            (Some(number), _) => tagged(1, u64::from(number)),
            (None, Ok(IpAddr::V4(address))) => tagged(2, u64::from(u32::from(address) >> 8)),
            (None, Ok(IpAddr::V6(address))) => tagged(3, prefix(address)),
            (None, Err(_)) => None,
        }
    }
}

/// The first 48 bits.
fn prefix(address: Ipv6Addr) -> u64 {
    (u128::from(address) >> 80) as u64
}

/// A proxy, as far as experience goes.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Its identity.
    pub id: Fingerprint,
    /// Where it listens, if known.
    pub network: Option<Neighbourhood>,
    /// What it speaks.
    pub protocol: Protocol,
    /// Who lists it; the first eight count.
    pub sources: &'a [SourceKey],
}

impl<'a> Subject<'a> {
    /// How many sources count.
    pub const SOURCES: usize = 8;

    /// A proxy whose autonomous system is not known.
    pub fn of(proxy: &Proxy, sources: &'a [SourceKey]) -> Self {
        Self {
            id: proxy.fingerprint(),
            network: Neighbourhood::of(&proxy.endpoint.host, None),
            protocol: proxy.protocol,
            sources,
        }
    }

    /// The things it is part of, from the widest to itself.
    fn things(&self) -> impl Iterator<Item = Thing> {
        let sources = self.sources.iter().take(Self::SOURCES).map(|source| Thing(Level::Source, source.0));
        let network = self.network.map(|network| Thing(Level::Network, network.0));
        sources
            .chain([Thing(Level::Protocol, Hash::of(self.protocol.key()))])
            .chain(network)
            .chain([Thing(Level::Proxy, self.id.bits())])
    }
}

/// How a connection went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The exit was proven.
    Worked {
        /// Milliseconds from request to whole answer.
        latency: Option<u32>,
    },
    /// No answer.
    Unreachable,
    /// The proxy refused the user name or password. It says nothing of its network or protocol.
    Refused,
    /// Something on the way, or the proxy, replaced the answer.
    Tampered,
    /// The user had no network; the proxy is not to blame, and nothing is recorded.
    Offline,
}

impl Outcome {
    /// How often it counts as a success and as a failure. What does not pass by itself counts twice.
    const fn weight(self) -> (f32, f32) {
        match self {
            Self::Worked { .. } => (1.0, 0.0),
            Self::Unreachable => (0.0, 1.0),
            Self::Refused | Self::Tampered => (0.0, 2.0),
            Self::Offline => (0.0, 0.0),
        }
    }

    const fn concerns(self, level: Level) -> bool {
        !matches!((self, level), (Self::Refused, Level::Network | Level::Protocol) | (Self::Offline, _))
    }
}

/// What a tally is of. The number is part of the stored form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Source,
    Protocol,
    Network,
    Proxy,
}

impl Level {
    const ALL: [Self; 4] = [Self::Source, Self::Protocol, Self::Network, Self::Proxy];
}

/// One thing that can be known well or badly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Thing(Level, u64);

/// What was seen of one thing on one network; sums that fade.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Tally {
    worked: f32,
    failed: f32,
    /// Sum of the natural logarithms of milliseconds.
    ln_ms: f32,
    /// How many of them.
    timed: f32,
    /// When it was last added to, in minutes since 1970.
    at: u32,
}

impl Tally {
    /// The most that any sum can be.
    const MOST: f32 = 1e6;

    fn faded(self, half_life: f64, now: u32) -> Self {
        let days = f64::from(now.saturating_sub(self.at)) / 1_440.0;
        self.scaled(0.5_f64.powf(days / half_life) as f32)
    }

    fn scaled(self, by: f32) -> Self {
        let Self { worked, failed, ln_ms, timed, at } = self;
        Self { worked: worked * by, failed: failed * by, ln_ms: ln_ms * by, timed: timed * by, at }
    }

    fn add(&mut self, outcome: Outcome) {
        let (worked, failed) = outcome.weight();
        self.worked = (self.worked + worked).min(Self::MOST);
        self.failed = (self.failed + failed).min(Self::MOST);
        if let Outcome::Worked { latency: Some(ms) } = outcome
            && self.timed < Self::MOST / 32.0
        {
            self.ln_ms += ln(ms) as f32;
            self.timed += 1.0;
        }
    }
}

fn ln(ms: u32) -> f64 {
    f64::from(ms.max(1)).ln()
}

fn minutes(at: Timestamp) -> u32 {
    u32::try_from(at.millis() / 60_000).unwrap_or(u32::MAX)
}

/// All that this user saw, of bounded size: when it is full, what was not seen for longest is forgotten.
#[derive(Clone, Debug, PartialEq)]
pub struct Experience {
    half_life: f64,
    tallies: BTreeMap<(Local, Thing), Tally>,
}

impl Default for Experience {
    fn default() -> Self {
        Self::new(Self::HALF_LIFE)
    }
}

impl Experience {
    /// Days after which something counts half, where nobody says otherwise.
    pub const HALF_LIFE: f64 = 14.0;

    /// The most tallies that are kept: about four for each proxy used, on each network.
    pub const MOST: usize = 2_048;

    /// None yet. `half_life` is in days; what is below a minute or no number counts as a minute.
    pub fn new(half_life: f64) -> Self {
        Self { half_life: half_life.max(1.0 / 1_440.0), tallies: BTreeMap::new() }
    }

    /// Whether nothing was seen yet.
    pub fn is_empty(&self) -> bool {
        self.tallies.is_empty()
    }

    /// How many tallies there are.
    pub fn len(&self) -> usize {
        self.tallies.len()
    }

    /// Adds how a connection through a proxy went on a network of the user.
    pub fn record(&mut self, subject: &Subject<'_>, local: Local, outcome: Outcome, now: Timestamp) {
        let now = minutes(now);
        for thing in subject.things().filter(|thing| outcome.concerns(thing.0)) {
            self.add((Local::ALL, thing), outcome, now);
            if local != Local::ALL {
                self.add((local, thing), outcome, now);
            }
        }
        if self.tallies.len() > Self::MOST {
            self.forget_oldest();
        }
    }

    fn add(&mut self, key: (Local, Thing), outcome: Outcome, now: u32) {
        let half_life = self.half_life;
        let tally = self.tallies.entry(key).or_insert(Tally { at: now, ..Tally::default() });
        *tally = tally.faded(half_life, now);
        // A clock that was set back does not make what was seen older.
        tally.at = tally.at.max(now);
        tally.add(outcome);
    }

    /// An eighth at once, so that a full one is not gone through at each connection.
    fn forget_oldest(&mut self) {
        let mut ages: Vec<_> = self.tallies.iter().map(|(key, tally)| (tally.at, *key)).collect();
        ages.sort_unstable();
        ages.truncate(ages.len().saturating_sub(Self::MOST - Self::MOST / 8));
        for (_, key) in ages {
            self.tallies.remove(&key);
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.tallies.clear();
    }

    /// What to expect of a proxy on a network of the user, given what was expected before.
    pub fn belief(&self, subject: &Subject<'_>, local: Local, prior: Belief, now: Timestamp) -> Belief {
        let mut belief = prior;
        if self.is_empty() {
            return belief;
        }
        let everywhere = Some(Local::ALL).filter(|all| *all != local);
        for place in everywhere.into_iter().chain([local]) {
            for thing in subject.things() {
                if let Some(tally) = self.tallies.get(&(place, thing)) {
                    belief.learn(thing.0, &tally.faded(self.half_life, minutes(now)));
                }
            }
        }
        belief
    }

    /// What a score takes from this; `None` where nothing is known of the proxy or of what is like it.
    pub fn own(&self, subject: &Subject<'_>, local: Local, now: Timestamp) -> Option<Own> {
        let unknown = Belief::of(Share::new(0.5), 2.0, None);
        let belief = self.belief(subject, local, unknown, now);
        let was_used = self.tallies.contains_key(&(Local::ALL, Thing(Level::Proxy, subject.id.bits())));
        (belief != unknown).then(|| Own { share: belief.share(), was_used })
    }
}

/// What is expected of a proxy: a Beta distribution of whether it works, a log-normal one of how fast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Belief {
    worked: f64,
    failed: f64,
    /// Mean of the natural logarithm of milliseconds.
    ln_ms: f64,
    /// How many measurements that rests on.
    timed: f64,
}

impl Belief {
    /// How much of what is expected of the wider counts for the narrower, in connections.
    const INHERITED: f64 = 4.0;

    /// The most that one thing which is not the proxy itself counts, in connections.
    const POOLED: f64 = 8.0;

    /// Where no latency is known: the median, in milliseconds.
    const USUAL_MS: f64 = 1_000.0;

    /// Deviation of the logarithm from one measurement to the next: two in three within a factor of 1.8.
    const SPREAD: f64 = 0.6;

    /// An expectation that counts as much as `strength` connections.
    pub fn of(share: Share, strength: f64, latency: Option<u32>) -> Self {
        // Never quite certain, so that there is something to learn.
        let share = share.get().clamp(0.005, 0.995);
        let strength = if strength > 0.1 { strength.min(1e6) } else { 0.1 };
        let (ln_ms, timed) = latency.map_or((Self::USUAL_MS.ln(), 0.25), |ms| (ln(ms), 1.0));
        Self { worked: share * strength, failed: (1.0 - share) * strength, ln_ms, timed }
    }

    /// The share of connections that will work.
    pub fn share(&self) -> Share {
        Share::new(self.worked / (self.worked + self.failed))
    }

    /// The median of the latency to come, milliseconds.
    pub fn latency(&self) -> f64 {
        self.ln_ms.exp()
    }

    /// A share drawn from what is possible.
    pub fn draw_share(&self, chance: &mut Chance) -> f64 {
        chance.beta(self.worked, self.failed)
    }

    /// A latency drawn from what is possible, milliseconds.
    pub fn draw_latency(&self, chance: &mut Chance) -> f64 {
        (self.ln_ms + chance.normal() * Self::SPREAD / self.timed.sqrt()).exp()
    }

    fn learn(&mut self, level: Level, tally: &Tally) {
        let itself = level == Level::Proxy;
        let (worked, failed) = (f64::from(tally.worked), f64::from(tally.failed));
        let kept = at_most(Self::INHERITED, self.worked + self.failed);
        let by = if itself { 1.0 } else { at_most(Self::POOLED, worked + failed) };
        self.worked = self.worked * kept + worked * by;
        self.failed = self.failed * kept + failed * by;
        // How fast a protocol or a source is on the whole says little of one proxy.
        if level >= Level::Network && tally.timed > 0.0 {
            self.learn_latency(itself, tally);
        }
    }

    fn learn_latency(&mut self, itself: bool, tally: &Tally) {
        let timed = f64::from(tally.timed);
        let mean = f64::from(tally.ln_ms) / timed;
        let new = if itself { timed } else { timed.min(Self::POOLED) };
        let kept = self.timed.min(Self::INHERITED);
        self.ln_ms = (self.ln_ms * kept + mean * new) / (kept + new);
        self.timed = kept + new;
    }
}

/// By what to scale a sum so that it is at most `most`.
fn at_most(most: f64, sum: f64) -> f64 {
    if sum > most { most / sum } else { 1.0 }
}
