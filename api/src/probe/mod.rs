//! Probes: a real request through each proxy to a judge that says from where it came.
//!
//! A judge is asked directly before each run and again before failures are believed, so that a judge
//! that is down never makes proxies look dead. Each result is returned by the task that made it,
//! with the identity that it was made for: nothing is shared between probes.

pub mod dial;
pub mod judge;
pub mod order;

use std::sync::Arc;
use std::time::Duration;

use configstream_core::guard::Exit;
use configstream_core::proxy::Fingerprint;
use configstream_core::{Proxy, Timestamp};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use crate::clock;
use judge::{Judges, Panel};

/// How often results are handed on, and the judge asked again.
const SETTLE: Duration = Duration::from_secs(10);

/// How probes are made.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How many at one time.
    pub parallel: usize,
    /// How long one may take.
    pub timeout: Duration,
    /// When the run ends, whatever is left.
    pub until: Instant,
}

/// What one probe showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Which proxy.
    pub id: Fingerprint,
    /// When the probe ended.
    pub at: Timestamp,
    /// Milliseconds and exit; `None` when the judge was not reached.
    pub reached: Option<(u32, Exit)>,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Progress {
    /// Probes made.
    pub done: usize,
    /// Probes to make.
    pub total: usize,
    /// Those that reached the judge.
    pub working: usize,
}

/// Results that can be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The results.
    pub outcomes: Vec<Outcome>,
    /// How far the run is.
    pub progress: Progress,
}

/// Why a run ended early. Nothing was marked as failing because of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the run of probes was aborted: no judge answers ({0}). No proxy was marked as failing. \
     Set one that this machine can reach with --judge, or this API's own address with --public-url"
)]
pub struct NoJudge(pub String);

/// Probes proxies, those first that are first, and hands on what is settled. Dropping the future
/// ends every probe that is under way.
pub async fn run(
    proxies: Vec<(Fingerprint, Proxy)>,
    judges: &Judges,
    limits: &Limits,
    settled: mpsc::Sender<Settled>,
) -> Result<Progress, NoJudge> {
    let panel = Arc::new(Panel::ask(judges, proxies.iter().map(|(_, proxy)| proxy)).await);
    let (covered, rest): (Vec<_>, Vec<_>) = proxies.into_iter().partition(|(_, proxy)| panel.covers(proxy));
    if !rest.is_empty() {
        let silent = NoJudge(asked_in_vain(judges, &rest));
        if covered.is_empty() {
            return Err(silent);
        }
        tracing::warn!("{} proxies were not tested: no judge answers ({})", rest.len(), silent.0);
    }
    let mut run = Run {
        progress: Progress { total: covered.len(), ..Progress::default() },
        waiting: covered.into_iter(),
        under_way: JoinSet::new(),
        unsettled: Vec::new(),
        panel,
        settled,
    };
    run.go(limits).await
}

fn asked_in_vain(judges: &Judges, rest: &[(Fingerprint, Proxy)]) -> String {
    let here = rest.iter().any(|(_, proxy)| judge::is_here(proxy));
    if here { judges.for_here() } else { judges.for_away() }.join(", ")
}

/// A run of probes under way.
struct Run {
    waiting: std::vec::IntoIter<(Fingerprint, Proxy)>,
    under_way: JoinSet<Outcome>,
    unsettled: Vec<Outcome>,
    progress: Progress,
    panel: Arc<Panel>,
    settled: mpsc::Sender<Settled>,
}

impl Run {
    async fn go(&mut self, limits: &Limits) -> Result<Progress, NoJudge> {
        let mut tick = tokio::time::interval_at(Instant::now() + SETTLE, SETTLE);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.fill(limits);
            tokio::select! {
                done = self.under_way.join_next() => match done {
                    Some(Ok(outcome)) => self.note(outcome),
                    Some(Err(_)) => self.progress.done += 1,
                    None => break,
                },
                _ = tick.tick() => self.settle().await?,
                () = tokio::time::sleep_until(limits.until) => break,
            }
        }
        self.under_way.abort_all();
        self.settle().await?;
        Ok(self.progress)
    }

    /// Starts probes until as many are under way as may be.
    fn fill(&mut self, limits: &Limits) {
        while self.under_way.len() < limits.parallel {
            let Some((id, proxy)) = self.waiting.next() else { return };
            let (panel, timeout) = (Arc::clone(&self.panel), limits.timeout);
            self.under_way.spawn(async move {
                let reached = dial::probe(&proxy, panel.judges_of(&proxy, id), timeout).await;
                Outcome { id, at: clock::now(), reached }
            });
        }
    }

    fn note(&mut self, outcome: Outcome) {
        self.progress.done += 1;
        self.progress.working += usize::from(outcome.reached.is_some());
        self.unsettled.push(outcome);
    }

    /// Hands results on. Failures count only while the judges still answer.
    async fn settle(&mut self) -> Result<(), NoJudge> {
        let mut outcomes = std::mem::take(&mut self.unsettled);
        let failed = outcomes.iter().any(|outcome| outcome.reached.is_none());
        let verdict = if failed { self.panel.ask_again().await } else { Ok(()) };
        if verdict.is_err() {
            outcomes.retain(|outcome| outcome.reached.is_some());
        }
        if !outcomes.is_empty() {
            self.settled.send(Settled { outcomes, progress: self.progress }).await.ok();
        }
        verdict
    }
}
