//! Picking: which proxies to try, best first.
//!
//! A [`Picker`] balances trying and trusting by Thompson sampling: it takes the few from which most is to be
//! expected, draws for each, from what is believed of it, whether it will work and how fast, and ranks them by
//! what was drawn. Who is surely good comes first most of the time; who is little known comes first now and
//! then, and so becomes known.
//!
//! It is a few because lists are long and users connect seldom: of thousands of little-known candidates one
//! always draws better than the best known, and nothing would ever be trusted (Bayati, Hamidi, Johari,
//! Khosravi: *Unreasonable effectiveness of greedy algorithms in multi-armed bandit with many arms*, 2020).

use std::cmp::Ordering;
use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{Catalogue, Row};
use crate::Proxy;
use crate::experience::{Belief, Experience, Local, SourceKey, Subject};
use crate::geo::Country;
use crate::link;
use crate::message::Chosen;
use crate::route::{Engine, Unusable};
use crate::score::{Evidence, Reliability, Safety, Share, Weights};
use crate::seed::Chance;
use crate::session::Target;
use crate::{Fingerprint, Timestamp};

impl Row<'_> {
    /// How `engine` reaches this proxy, or why it cannot. All of it is read from the link; a row that shows
    /// another proxy than its link is refused, so that what is connected to is what was shown.
    pub fn target(&self, engine: Engine) -> Result<Target, Unusable> {
        let proxy = link::parse_for_browser(self.link()).map_err(|_| Unusable::Protocol(self.protocol()))?;
        if !self.shows(&proxy) {
            return Err(Unusable::NotAsShown);
        }
        let server = engine.server(&proxy)?;
        let endpoint = proxy.endpoint.to_string();
        let name = if self.name().is_empty() { endpoint.clone() } else { self.name().to_owned() };
        let leaks_dns = engine.leaks_dns(self.protocol());
        let chosen =
            Chosen { id: self.id().to_string(), name, protocol: self.protocol(), endpoint, leaks_dns };
        Ok(Target { chosen, server })
    }

    /// Whether the row shows this proxy: identity, protocol, endpoint, and how the way to it is secured. A
    /// snapshot has these beside the link, since its reader has no time to read every link. What is wrong with
    /// it is not compared: another version may know more of that.
    pub fn shows(&self, proxy: &Proxy) -> bool {
        let shown = (self.id(), self.protocol(), self.host(), self.port(), self.network());
        let is = (
            proxy.fingerprint(),
            proxy.protocol,
            proxy.endpoint.host.as_str(),
            proxy.endpoint.port,
            proxy.transport.network,
        );
        let security = proxy.tls.as_ref().map(|tls| tls.security);
        shown == is && (self.security(), self.safety()) == (security, Safety::of(proxy))
    }
}

impl Catalogue {
    /// At most `most` ways for `engine` to proxies among these rows, in the order in which to try them; scores
    /// are by these weights. Those that would leak names are left out, and those that failed their last test
    /// unless all did.
    pub fn pick(
        &self,
        rows: &[u32],
        engine: Engine,
        picker: &Picker<'_>,
        weights: Weights,
        most: usize,
    ) -> Vec<Target> {
        let can = rows.iter().filter_map(|row| self.row(*row)).filter(|row| row.engines().has(engine));
        let can = can.filter(|row| !engine.leaks_dns(row.protocol()));
        let (hopeful, failed): (Vec<_>, Vec<_>) = can.partition(|row| row.working() != Some(false));
        let rows = if hopeful.is_empty() { failed } else { hopeful };
        let keys: Vec<Vec<SourceKey>> = rows.iter().map(|row| row.source_keys().collect()).collect();
        let candidates = rows.iter().zip(&keys).map(|(row, keys)| row.candidate(keys, weights, picker.now));
        // What a snapshot says of a row may not be what its link is.
        let ranked = picker.rank(candidates, most.saturating_mul(4)).into_iter();
        let targets = ranked.filter_map(|id| self.find(id)?.target(engine).ok());
        targets.take(most).collect()
    }
}

impl Row<'_> {
    /// The row as one that may be picked. What the user saw counts as the picker's belief, not in the score too.
    fn candidate<'k>(&self, sources: &'k [SourceKey], weights: Weights, now: Timestamp) -> Candidate<'k> {
        let evidence = self.evidence();
        let score = weights.total(&evidence, now);
        Candidate { subject: self.subject(sources), country: self.country(), evidence, score }
    }
}

/// What a picker is to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Goal {
    /// The least time until a connection works, failed attempts included.
    Fastest,
    /// The highest level of security, and of one level the most likely to work.
    Safest,
    /// The best that has its exit in a country.
    Country(Country),
    /// The best that is not the present one.
    Next,
    /// Any that is not the present one, each as likely.
    Random,
}

/// A proxy that may be picked.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// What it is, and what it is part of.
    pub subject: Subject<'a>,
    /// Where its exit is, if known.
    pub country: Option<Country>,
    /// What tests have shown.
    pub evidence: Evidence,
    /// 0 to 100, by whatever weights the user has.
    pub score: u8,
}

/// Picks from candidates. The same seed picks the same, in whatever order the candidates come.
#[derive(Clone, Copy, Debug)]
pub struct Picker<'a> {
    /// What to look for.
    pub goal: Goal,
    /// What chance is drawn from; a new one for each pick.
    pub seed: u64,
    /// The time.
    pub now: Timestamp,
    /// What the user saw.
    pub experience: &'a Experience,
    /// The network that the user is on.
    pub local: Local,
    /// The proxy in use; [`Goal::Next`] and [`Goal::Random`] pass it over.
    pub present: Option<Fingerprint>,
    /// What failed just now, and is passed over.
    pub failed: &'a [Fingerprint],
}

/// How good a candidate is: first the tier, then the value, then whoever chance prefers.
#[derive(Clone, Copy)]
struct Worth {
    tier: u8,
    value: f64,
    chance: u64,
}

impl Worth {
    fn best_first(&self, other: &Self) -> Ordering {
        let order = self.tier.cmp(&other.tier).then(self.value.total_cmp(&other.value));
        order.then(self.chance.cmp(&other.chance)).reverse()
    }
}

/// A candidate of which something is believed.
struct Contender<'a> {
    candidate: Candidate<'a>,
    belief: Belief,
    worth: Worth,
}

impl Picker<'_> {
    /// Milliseconds that an attempt costs which fails.
    const FAILURE_MS: f64 = 5_000.0;

    /// Among how many lots are drawn. One alone is never left for a better one; many are never trusted.
    const FEW: usize = 3;

    /// At most `most` of the candidates, in the order in which to try them: the few that were drawn among, then
    /// the others as expected of them. Takes time in proportion to the candidates, and memory to `most`.
    pub fn rank<'c>(
        &self,
        candidates: impl IntoIterator<Item = Candidate<'c>>,
        most: usize,
    ) -> Vec<Fingerprint> {
        let passed = self.passed();
        let allowed = candidates.into_iter().filter(|candidate| {
            let elsewhere = matches!(self.goal, Goal::Country(country) if candidate.country != Some(country));
            !elsewhere && !passed.contains(&candidate.subject.id)
        });
        let keep = most.max(Self::FEW);
        let mut contenders = Vec::new();
        for candidate in allowed {
            contenders.push(self.contender(candidate));
            // At twice as many as are kept, so that each is looked at a few times at most.
            if contenders.len() >= keep.saturating_mul(2) {
                keep_best(&mut contenders, keep);
            }
        }
        keep_best(&mut contenders, keep);
        self.settle(contenders).take(most).collect()
    }

    /// The best first, the few after drawing.
    fn settle(&self, mut contenders: Vec<Contender<'_>>) -> impl Iterator<Item = Fingerprint> {
        contenders.sort_unstable_by(best_first);
        let rest = contenders.split_off(contenders.len().min(Self::FEW));
        for contender in &mut contenders {
            self.draw(contender);
        }
        contenders.sort_unstable_by(best_first);
        contenders.into_iter().chain(rest).map(|contender| contender.candidate.subject.id)
    }

    /// The one to try.
    pub fn pick<'c>(&self, candidates: impl IntoIterator<Item = Candidate<'c>>) -> Option<Fingerprint> {
        self.rank(candidates, 1).into_iter().next()
    }

    fn passed(&self) -> HashSet<Fingerprint> {
        let moves_on = matches!(self.goal, Goal::Next | Goal::Random);
        self.failed.iter().copied().chain(self.present.filter(|_| moves_on)).collect()
    }

    /// A candidate, and what it is worth if all goes as expected.
    fn contender<'c>(&self, candidate: Candidate<'c>) -> Contender<'c> {
        let prior = prior(&candidate.evidence, self.now);
        let belief = self.experience.belief(&candidate.subject, self.local, prior, self.now);
        let worth = self.worth(&candidate, belief.share().get(), belief.latency());
        Contender { candidate, belief, worth }
    }

    /// What it is worth if it goes as drawn.
    fn draw(&self, contender: &mut Contender<'_>) {
        let mut chance = self.chance(&contender.candidate);
        // The first number decided between equals, who would otherwise draw the better for it.
        chance.bits();
        let share = contender.belief.draw_share(&mut chance);
        let latency = contender.belief.draw_latency(&mut chance);
        contender.worth = self.worth(&contender.candidate, share, latency);
    }

    /// Each has its own, so that others do not change what is drawn for it.
    fn chance(&self, candidate: &Candidate<'_>) -> Chance {
        Chance::of(self.seed, candidate.subject.id.bits())
    }

    fn worth(&self, candidate: &Candidate<'_>, share: f64, latency: f64) -> Worth {
        let (tier, value) = match self.goal {
            Goal::Random => (0, 0.0),
            Goal::Safest => (candidate.evidence.level() as u8, share),
            Goal::Country(_) | Goal::Next => (0, share * f64::from(candidate.score)),
            // The time until a connection works, when one that fails is tried again.
            Goal::Fastest => (0, -latency - (1.0 / share.max(1e-6) - 1.0) * Self::FAILURE_MS),
        };
        Worth { tier, value, chance: self.chance(candidate).bits() }
    }
}

fn best_first(a: &Contender<'_>, b: &Contender<'_>) -> Ordering {
    a.worth.best_first(&b.worth)
}

/// The `most` best, in no order.
fn keep_best(contenders: &mut Vec<Contender<'_>>, most: usize) {
    if (1..contenders.len()).contains(&most) {
        contenders.select_nth_unstable_by(most - 1, best_first);
    }
    contenders.truncate(most);
}

/// What tests let expect. The numbers are a start for who has no experience; a dozen connections outweigh
/// them.
fn prior(evidence: &Evidence, now: Timestamp) -> Belief {
    const UNKNOWN: f64 = 0.25;
    /// Days after which half of what the last test said is left.
    const HALF_LIFE: f64 = 10.0;
    let last = match evidence.working {
        Some(true) => 0.5,
        Some(false) => 0.15,
        None => UNKNOWN,
    };
    let days = evidence.tested_at.map_or(0.0, |at| now.since(at) as f64 / 86_400_000.0);
    let share = UNKNOWN + (last - UNKNOWN) * 0.5_f64.powf(days / HALF_LIFE);
    let (share, strength) = match evidence.reliability {
        None => (share, 2.0),
        Some(known) => ((2.0 * known.share().get() + share) / 3.0, strength(known)),
    };
    Belief::of(Share::new(share), strength, evidence.latency)
}

/// How many connections of one's own a reliability is worth.
fn strength(known: Reliability) -> f64 {
    match known {
        Reliability::Measured { tests, .. } => f64::from(tests.min(40)) + 2.0,
        Reliability::Predicted(_) => 4.0,
    }
}
