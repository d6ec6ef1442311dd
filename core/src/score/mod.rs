//! Scores, 0 to 100, with the reasons that add up to them.
//!
//! Whatever the [`Weights`], a score is the sum of the points that are shown, so the order never contradicts
//! the reasons: who is no worse in any reason is no worse in all.

pub mod model;
pub mod quality;
mod safety;
mod share;
mod weights;

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
    /// How many connections to this very proxy that rests on, older ones counting for less; 0 where it is
    /// known by its network, protocol or source alone.
    pub tries: u32,
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
    fn new((what, share): (String, f64), of: u8) -> Self {
        Self { what, points: (share.clamp(0.0, 1.0) * f64::from(of)).round() as u8, of }
    }
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
        let parts = [
            reliability(evidence),
            latency(evidence),
            age(evidence, now),
            security(evidence),
            sources(evidence),
            experience(evidence),
        ];
        let counts = parts.into_iter().zip(self.points()).filter(|(_, of)| *of > 0);
        let reasons: Vec<_> = counts.map(|(part, of)| Reason::new(part, of)).collect();
        (reasons.iter().map(|reason| reason.points).sum(), reasons)
    }
}

/// What is said, and the share of the points that it gives.
type Part = (String, f64);

fn part(what: impl Into<String>, share: f64) -> Part {
    (what.into(), share)
}

/// The last test alone, where nothing else is known; else it counts a third.
fn reliability(evidence: &Evidence) -> Part {
    let (what, last) = match evidence.working {
        Some(true) => ("answered its last test", 1.0),
        Some(false) => ("failed its last test", 0.0),
        None => ("never tested", 1.0 / 3.0),
    };
    match evidence.reliability {
        None => part(what, last),
        Some(known) => {
            let share = (2.0 * known.share().get() + last) / 3.0;
            part(format!("{what}, {}", known.words()), share)
        }
    }
}

fn latency(evidence: &Evidence) -> Part {
    match evidence.latency.filter(|_| evidence.working == Some(true)) {
        Some(ms) => part(format!("{ms} ms"), quickness(ms)),
        None => part("latency unknown", 0.0),
    }
}

/// 1 up to 100 ms, 0 from 3 s on, linear in the logarithm between.
fn quickness(ms: u32) -> f64 {
    let share = 1.0 - (f64::from(ms.max(100)) / 100.0).ln() / 30_f64.ln();
    share.max(0.0)
}

/// Halves every six hours.
fn age(evidence: &Evidence, now: Timestamp) -> Part {
    let Some(at) = evidence.tested_at else { return part("no test to go by", 0.0) };
    let minutes = now.since(at) / 60_000;
    let what = match minutes {
        0..120 => format!("tested {minutes} min ago"),
        120..2_880 => format!("tested {} h ago", minutes / 60),
        _ => format!("tested {} days ago", minutes / 1_440),
    };
    part(what, 0.5_f64.powf(minutes as f64 / 360.0))
}

/// The share of the worst that is known; all of it is named.
fn security(evidence: &Evidence) -> Part {
    let share = match evidence.level() {
        Level::High => 1.0,
        Level::Medium => 1.0 / 3.0,
        Level::Low => 0.0,
    };
    let named: Vec<_> = evidence.issues.iter().map(SecurityIssue::words).collect();
    match evidence.safety {
        _ if !named.is_empty() => part(named.join(", "), share),
        Safety::Verified => part("encrypted to a verified proxy", share),
        Safety::Unverified => part("encrypted, peer not verified", share),
        Safety::Open => part(SecurityIssue::NoEncryption.words(), share),
    }
}

/// Full from five sources on.
fn sources(evidence: &Evidence) -> Part {
    let what = match evidence.sources {
        1 => "listed by 1 source".to_owned(),
        many => format!("listed by {many} sources"),
    };
    part(what, evidence.sources.min(5) as f64 / 5.0)
}

/// Half while nothing is known, so that a bad experience costs and a good one gains.
fn experience(evidence: &Evidence) -> Part {
    match evidence.own {
        None => part("no experience of your own yet", 0.5),
        Some(Own { share, tries: 0 }) => {
            part(format!("not used yet, {share} expected from what is like it"), share.get())
        }
        Some(Own { share, tries: 1 }) => part(format!("used once, {share} expected to work"), share.get()),
        Some(Own { share, tries }) => {
            part(format!("used {tries} times, {share} expected to work"), share.get())
        }
    }
}
