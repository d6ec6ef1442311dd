//! Scores, 0 to 100, with the reasons that add up to them.
//!
//! Whatever the [`Weights`], a score is the sum of the points that are shown, so the order never contradicts
//! the reasons: who is no worse in any reason is no worse in all.

pub mod model;
pub mod quality;
mod ranking;
mod safety;
mod share;
mod weights;

pub use ranking::Ranking;
pub use safety::{Issues, Level, Safety, SecurityIssue};
pub use share::Share;
pub use weights::Weights;

use crate::Timestamp;

/// What is known of a proxy when it is scored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Whether the last test reached the judge; `None` when never tested.
    pub working: Option<bool>,
    /// Milliseconds from request to whole answer.
    pub latency: Option<u32>,
    /// When it was last tested.
    pub tested_at: Option<Timestamp>,
    /// How many sources list it.
    pub sources: usize,
    /// How the way to the proxy is secured, and by what protocol.
    pub safety: Safety,
    /// What else is wrong with that way; what follows from `safety` may be left out.
    pub issues: Issues,
    /// How often it answers, where that is known.
    pub reliability: Option<Reliability>,
    /// What this user saw of it, or of what is like it.
    pub own: Option<Own>,
}

impl Evidence {
    /// The level of security of the way to the proxy.
    pub fn level(&self) -> Level {
        Level::of(self.safety, self.issues)
    }
}

/// How often a proxy answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reliability {
    /// By its history.
    Measured {
        /// How many tests it answered.
        answered: u32,
        /// How many there were.
        tests: u32,
    },
    /// By a model.
    Predicted(Share),
}

impl Reliability {
    /// The share of tests to be expected; a short history is smoothed.
    pub fn share(self) -> Share {
        match self {
            Self::Measured { answered, tests } => Share::smoothed(answered.min(tests), tests),
            Self::Predicted(share) => share,
        }
    }

    fn words(self) -> String {
        match self {
            Self::Measured { answered, tests } => format!("answered {answered} of {tests} tests"),
            Self::Predicted(share) => format!("predicted to answer {share} of tests"),
        }
    }
}

/// What a user saw: see [`Experience`](crate::experience::Experience).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Own {
    /// The share of connections that worked, smoothed.
    pub share: Share,
    /// Whether this very proxy was used; else it is known by its network, protocol or source alone.
    pub was_used: bool,
}

/// One part of a score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What counted, in words and numbers.
    pub what: String,
    /// What it gave, of `of`.
    pub points: u8,
    /// The most it can give.
    pub of: u8,
}

impl Reason {
    fn new(what: String, share: f64, of: u8) -> Self {
        Self { what, points: points(share, of), of }
    }
}

/// What a share of `of` points is.
fn points(share: f64, of: u8) -> u8 {
    (share.clamp(0.0, 1.0) * f64::from(of)).round() as u8
}

/// The score by the default [`Weights`], and why.
///
/// ```
/// use configstream_core::{Timestamp, score::{Evidence, score}};
/// let now = Timestamp::from_millis(1_000);
/// let tested = Evidence { working: Some(true), latency: Some(80), tested_at: Some(now), ..Evidence::default() };
/// assert!(score(&tested, now).0 > score(&Evidence::default(), now).0);
/// ```
pub fn score(evidence: &Evidence, now: Timestamp) -> (u8, Vec<Reason>) {
    Weights::default().score(evidence, now)
}

impl Weights {
    /// The score by these weights, and why: it is the sum of the points. A part that counts nothing is left
    /// out.
    pub fn score(self, evidence: &Evidence, now: Timestamp) -> (u8, Vec<Reason>) {
        let parts = PARTS.iter().zip(self.points()).filter(|(_, of)| *of > 0);
        let reason = |(part, of): (&Part, u8)| {
            Reason::new((part.words)(evidence, now), (part.share)(evidence, now), of)
        };
        let reasons: Vec<_> = parts.map(reason).collect();
        (reasons.iter().map(|reason| reason.points).sum(), reasons)
    }

    /// The score alone, without the words.
    pub fn total(self, evidence: &Evidence, now: Timestamp) -> u8 {
        let parts = PARTS.iter().zip(self.points());
        parts.map(|(part, of)| points((part.share)(evidence, now), of)).sum()
    }
}

/// One part of a score: the share of its points that it gives, 0 to 1, and what is said of it.
struct Part {
    share: fn(&Evidence, Timestamp) -> f64,
    words: fn(&Evidence, Timestamp) -> String,
}

/// Every part, in the order of [`Weights::NAMES`].
const PARTS: [Part; Weights::PARTS] = [
    Part { share: reliability, words: reliability_words },
    Part { share: latency, words: latency_words },
    Part { share: age, words: age_words },
    Part { share: security, words: security_words },
    Part { share: sources, words: sources_words },
    Part { share: experience, words: experience_words },
];

/// The last test alone, where nothing else is known; else it counts a third.
fn reliability(evidence: &Evidence, _: Timestamp) -> f64 {
    let last = match evidence.working {
        Some(true) => 1.0,
        Some(false) => 0.0,
        None => 1.0 / 3.0,
    };
    evidence.reliability.map_or(last, |known| (2.0 * known.share().get() + last) / 3.0)
}

fn reliability_words(evidence: &Evidence, _: Timestamp) -> String {
    let last = match evidence.working {
        Some(true) => "answered its last test",
        Some(false) => "failed its last test",
        None => "never tested",
    };
    evidence.reliability.map_or(last.to_owned(), |known| format!("{last}, {}", known.words()))
}

/// The latency of what answered its last test.
fn known_latency(evidence: &Evidence) -> Option<u32> {
    evidence.latency.filter(|_| evidence.working == Some(true))
}

fn latency(evidence: &Evidence, _: Timestamp) -> f64 {
    known_latency(evidence).map_or(0.0, quickness)
}

fn latency_words(evidence: &Evidence, _: Timestamp) -> String {
    known_latency(evidence).map_or("latency unknown".to_owned(), |ms| format!("{ms} ms"))
}

/// 1 up to 100 ms, 0 from 3 s on, linear in the logarithm between.
fn quickness(ms: u32) -> f64 {
    let share = 1.0 - (f64::from(ms.max(100)) / 100.0).ln() / 30_f64.ln();
    share.max(0.0)
}

/// Minutes since the last test.
fn minutes(evidence: &Evidence, now: Timestamp) -> Option<u64> {
    evidence.tested_at.map(|at| now.since(at) / 60_000)
}

/// Halves every six hours.
fn age(evidence: &Evidence, now: Timestamp) -> f64 {
    minutes(evidence, now).map_or(0.0, |minutes| 0.5_f64.powf(minutes as f64 / 360.0))
}

fn age_words(evidence: &Evidence, now: Timestamp) -> String {
    match minutes(evidence, now) {
        None => "no test to go by".to_owned(),
        Some(minutes @ 0..120) => format!("tested {minutes} min ago"),
        Some(minutes @ 120..2_880) => format!("tested {} h ago", minutes / 60),
        Some(minutes) => format!("tested {} days ago", minutes / 1_440),
    }
}

/// The share of the worst that is known; all of it is named.
fn security(evidence: &Evidence, _: Timestamp) -> f64 {
    match evidence.level() {
        Level::High => 1.0,
        Level::Medium => 1.0 / 3.0,
        Level::Low => 0.0,
    }
}

fn security_words(evidence: &Evidence, _: Timestamp) -> String {
    let named: Vec<_> = evidence.issues.iter().map(SecurityIssue::words).collect();
    match evidence.safety {
        _ if !named.is_empty() => named.join(", "),
        Safety::Verified => "encrypted to a verified proxy".to_owned(),
        Safety::Unverified => "encrypted, peer not verified".to_owned(),
        Safety::Open => SecurityIssue::NoEncryption.words().to_owned(),
    }
}

/// Full from five sources on.
fn sources(evidence: &Evidence, _: Timestamp) -> f64 {
    evidence.sources.min(5) as f64 / 5.0
}

fn sources_words(evidence: &Evidence, _: Timestamp) -> String {
    match evidence.sources {
        1 => "listed by 1 source".to_owned(),
        many => format!("listed by {many} sources"),
    }
}

/// Half while nothing is known, so that a bad experience costs and a good one gains.
fn experience(evidence: &Evidence, _: Timestamp) -> f64 {
    evidence.own.map_or(0.5, |own| own.share.get())
}

fn experience_words(evidence: &Evidence, _: Timestamp) -> String {
    match evidence.own {
        None => "no experience of your own yet".to_owned(),
        Some(Own { share, was_used: true }) => format!("used before, {share} expected to work"),
        Some(Own { share, .. }) => format!("not used yet, {share} expected from what is like it"),
    }
}
