//! From sources to a published list: fetch, read, merge, place, probe, predict, score, store, publish. And
//! again, for as long as the program runs.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use configstream_core::api::Stats;
use configstream_core::catalogue::{Catalogue, Entry, Listed, Measured, Merge, Snapshot};
use configstream_core::document::Facts;
use configstream_core::proxy::Fingerprint;
use configstream_core::score::model::{Model, Subject};
use configstream_core::score::quality::TOP;
use configstream_core::{Proxy, Timestamp, link};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::{debug, error, info, warn};

use crate::clock;
use crate::events::Kind;
use crate::geo::Geo;
use crate::http::App;
use crate::probe::judge::Judges;
use crate::probe::order::order;
use crate::probe::{self, Limits, Outcome, Progress, Settled};
use crate::publish::Published;
use crate::reliability::{self, Predictor};
use crate::source::fetch::Fetcher;
use crate::source::standing::{self, Known};
use crate::source::{self, Answer, Listing, Memory, Source, config, files};
use crate::store::{Counts, Probed, StoredProxy};

/// From the second failure in a row on a source is asked less often; this is the most.
const LONGEST_REST: Duration = Duration::from_hours(24);

/// While proxies are probed the list is published at most this often: each time it is encoded whole,
/// which is 54 MB for a hundred thousand, and every client fetches it again.
const PUBLISH_EVERY: Duration = Duration::from_mins(1);

/// How many of the last tests predictions rest on. When they have doubled the history is read anew, so that
/// it is bounded however long the program runs and however many proxies come and go.
const REMEMBERED: u32 = 300_000;

/// What the pipeline runs with.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Files, folders and addresses.
    pub sources: Vec<Source>,
    /// Time between fetches.
    pub refresh: Duration,
    /// How to probe; `None` to leave it.
    pub probe: Option<Probing>,
    /// What predicts how likely proxies are to answer; `None` for smoothed rates alone.
    pub model: Option<Model>,
}

/// How to probe.
#[derive(Clone, Debug)]
pub struct Probing {
    /// Whom probes talk to.
    pub judges: Judges,
    /// How many at one time.
    pub parallel: usize,
    /// How long one may take.
    pub timeout: Duration,
}

/// The pipeline and what it holds between runs.
#[derive(Debug)]
pub struct Pipeline {
    app: App,
    plan: Plan,
    fetcher: Fetcher,
    listed: Vec<Listed>,
    measured: HashMap<Fingerprint, Measured>,
    /// What is known of tests; published rows and the order of probes are made with it.
    predictor: Arc<Predictor>,
    /// The sources as they were when they were last asked.
    sources: Vec<Source>,
    /// What was last said of a source: the same trouble is not logged every hour.
    said: HashMap<String, String>,
    /// The names of those that are pruned, as it was said.
    pruned: HashSet<String>,
    /// Whether it was said that some are fetched first.
    said_turns: bool,
}

/// A run of probes.
#[derive(Debug, Default)]
struct Round {
    pace: Pace,
    /// Where each proxy is in the list.
    places: HashMap<Fingerprint, usize>,
    /// The names of sources of which a proxy was tested, and whether one answered.
    seen: HashMap<String, bool>,
}

/// Says when the list is to be published again: at once the first time.
#[derive(Debug, Default)]
struct Pace {
    last: Option<Instant>,
    /// Whether something has changed since.
    owes: bool,
}

/// What `stats-update` tells.
#[derive(Debug, Serialize)]
struct StatsUpdate<'a> {
    #[serde(flatten)]
    stats: &'a Stats,
    probing: Option<Progress>,
}

/// What `snapshot` tells.
#[derive(Debug, Serialize)]
struct SnapshotUpdate {
    revision: u64,
    proxies: usize,
}

/// What `proxy-update` tells of each proxy.
#[derive(Debug, Serialize)]
struct ProxyUpdate {
    id: String,
    is_working: bool,
    latency: Option<u32>,
    tested_at: Timestamp,
}

impl Pipeline {
    /// A pipeline that has not run.
    pub fn new(app: App, plan: Plan, fetcher: Fetcher) -> Self {
        let predictor = Arc::new(Predictor::new(plan.model.clone()));
        let (listed, measured, sources, said, pruned, said_turns) = Default::default();
        Self { app, plan, fetcher, listed, measured, predictor, sources, said, pruned, said_turns }
    }

    /// Publishes what the database has, before anything is fetched.
    pub async fn restore(&mut self) {
        self.sources = config::unique(files::expand(self.plan.sources.clone()));
        match self.app.store.proxies().await {
            Ok(stored) => self.hold(stored),
            Err(error) => error!("the stored list cannot be read and will be fetched again: {error}"),
        }
        self.judge_sources().await;
        if !self.listed.is_empty() {
            self.learn().await;
            info!("{} proxies from the database", self.listed.len());
            self.publish().await;
        }
    }

    /// Runs for as long as it is let.
    pub async fn run(mut self) {
        loop {
            let next = Instant::now() + self.plan.refresh;
            self.refresh().await;
            self.probe(next).await;
            if let Err(error) = self.app.store.prune(clock::now()).await {
                error!("old probes cannot be removed from the database: {error}");
            }
            if self.predictor.history.tests() > 2 * u64::from(REMEMBERED) {
                self.learn().await;
            }
            tokio::time::sleep_until(next).await;
        }
    }

    fn hold(&mut self, stored: Vec<StoredProxy>) {
        for row in stored {
            let (Some(proxy), Some(id)) = (row.proxy, row.id) else { continue };
            self.measured.insert(id, row.measured);
            self.listed.push(Listed { proxy, id, sources: row.sources, names: Vec::new() });
        }
    }

    /// Fills the history with the last tests that the database has of what is listed.
    async fn learn(&mut self) {
        let geo = &self.app.geo;
        let subjects: HashMap<Fingerprint, Subject> =
            self.listed.iter().map(|listed| (listed.id, subject(listed, geo))).collect();
        let mut learned = Predictor::new(self.plan.model.clone());
        let read = self.app.store.each_probe(REMEMBERED, clock::now(), |id, at, worked| {
            subjects.get(&id).into_iter().for_each(|subject| learned.note(subject, worked, at));
        });
        if let Err(error) = read.await {
            error!("earlier tests cannot be read, and predictions begin anew: {error}");
        }
        self.predictor = Arc::new(learned);
    }

    /// Fetches every source, those first that are good, and publishes what they list.
    async fn refresh(&mut self) {
        self.sources = config::unique(files::expand(self.plan.sources.clone()));
        let mut memories = self.app.store.memories().await.unwrap_or_default();
        let memory = |source: &Source| memories.remove(&source.name).unwrap_or_default();
        let before: Vec<Memory> = self.sources.iter().map(memory).collect();
        let now = clock::now();
        let answers = self.ask(&before, now).await;
        self.say(&answers, &before);
        self.count_fetches(&answers, now).await;
        let mut merge = Merge::default();
        let mut after = Vec::new();
        for ((source, answer), memory) in answers.into_iter().zip(before) {
            let memory = self.take(&mut merge, &source, answer, memory, now).await;
            after.push((source, memory));
        }
        self.keep(after, merge.finish(), now).await;
    }

    /// Asks the sources by their turns; the answers are in the order of the sources.
    async fn ask(&mut self, memories: &[Memory], now: Timestamp) -> Vec<(Source, Answer)> {
        let standings = self.app.standings.current();
        let count = self.sources.len();
        if count > TOP && !std::mem::replace(&mut self.said_turns, true) {
            info!(
                "of {count} sources the best {TOP} are fetched first; /api/v1/sources tells the rank of each"
            );
        }
        let turns = standing::turns(&self.sources, &standings);
        let asked = turns.iter().filter_map(|at| {
            let (source, memory) = (self.sources.get(*at)?, memories.get(*at)?);
            Some((source.clone(), standing::resting(memory.clone(), standings.get(&source.name))))
        });
        let answers = source::ask_all(&self.fetcher, asked.collect(), now).await;
        let mut answers: Vec<_> = turns.into_iter().zip(answers).collect();
        answers.sort_unstable_by_key(|(at, _)| *at);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }

    /// Counts who could be fetched. Where every address fails alike it is this machine that is offline.
    async fn count_fetches(&self, answers: &[(Source, Answer)], now: Timestamp) {
        let alike = all_alike(answers);
        let mut counted: HashMap<String, Counts> = HashMap::new();
        for (source, answer) in answers {
            let failures = u32::from(matches!(answer, Answer::Failed(_)));
            let asked = !matches!(answer, Answer::Waiting(_)) && (source.is_local() || !alike);
            if asked {
                counted.insert(source.address(), Counts { fetches: 1, failures, ..Counts::default() });
            }
        }
        self.count(&counted, now).await;
    }

    async fn count(&self, counted: &HashMap<String, Counts>, now: Timestamp) {
        if let Err(error) = self.app.store.count_sources(counted, now).await {
            error!("what is known of sources cannot be stored: {error}");
        }
    }

    /// Adds what a source lists, or listed last, and gives what to remember of it.
    async fn take(
        &self,
        merge: &mut Merge<'_>,
        source: &Source,
        answer: Answer,
        memory: Memory,
        now: Timestamp,
    ) -> Memory {
        let waits = self.plan.refresh;
        match answer {
            Answer::Listed(Listing { proxies, rejected, validators, facts }) => {
                tell(source, &facts);
                let count = proxies.len();
                merge.add(&source.name, proxies);
                let memory = Memory { validators, rejected, proxies: count, ..Memory::default() };
                Memory { address: source.address(), fetched_at: Some(now), ..memory }
            }
            other => {
                let links = self.app.store.links_of(&source.name).await.unwrap_or_default();
                merge.add(&source.name, links.iter().filter_map(|text| link::parse(text).ok()));
                remembered(other, memory, now, waits)
            }
        }
    }

    /// One line for each source that fails anew or otherwise than before; one line for all of them
    /// where every address fails in the same way, as they do while this machine is offline.
    fn say(&mut self, answers: &[(Source, Answer)], memories: &[Memory]) {
        let alike = all_alike(answers);
        let mut untold = Vec::new();
        for ((source, answer), memory) in answers.iter().zip(memories) {
            let Some(text) = self.news(source, answer) else { continue };
            let text = format!(
                "source {}: {text}; {} proxies of its last list are kept",
                source.shown(),
                memory.proxies
            );
            if alike && !source.is_local() {
                debug!("{text}");
                untold.push(text);
            } else {
                warn!("{text}");
            }
        }
        match untold.as_slice() {
            [] => {}
            [only] => warn!("{only}"),
            [first, others @ ..] => {
                warn!("{first}. {} more addresses fail alike; /api/v1/sources names each", others.len());
            }
        }
    }

    /// What is wrong with a source, unless that was said the last time too.
    fn news(&mut self, source: &Source, answer: &Answer) -> Option<String> {
        let Answer::Failed(error) = answer else {
            if matches!(answer, Answer::Listed(_) | Answer::Unchanged) {
                self.said.remove(&source.name);
            }
            return None;
        };
        let text = error.to_string();
        let before = self.said.insert(source.name.clone(), text.clone());
        (before.as_ref() != Some(&text)).then_some(text)
    }

    async fn keep(&mut self, sources: Vec<(Source, Memory)>, listed: Vec<Listed>, now: Timestamp) {
        if let Err(error) = self.app.store.keep_list(&sources, &listed, now).await {
            error!("the list cannot be stored and will be lost on restart: {error}");
        }
        let mut known = std::mem::take(&mut self.measured);
        let first = Measured { first_seen: Some(now), ..Measured::default() };
        let measured = |listed: &Listed| (listed.id, known.remove(&listed.id).unwrap_or(first.clone()));
        self.measured = listed.iter().map(measured).collect();
        self.listed = listed;
        self.judge_sources().await;
        let standings = self.app.standings.current();
        let failed = sources.iter().filter(|(_, memory)| memory.error.is_some()).count();
        for (Source { name, .. }, memory) in &sources {
            let report = standing::report(name, memory.clone(), standings.get(name));
            self.app.events.tell(Kind::Source, &report);
        }
        self.publish().await;
        info!("{} proxies from {} sources, {failed} of which failed", self.listed.len(), sources.len());
    }

    /// Finds how good the sources are, and says which are pruned from now on and which no more.
    async fn judge_sources(&mut self) {
        let store = &self.app.store;
        let (counts, answered) = match tokio::join!(store.source_counts(clock::now()), store.answered()) {
            (Ok(counts), Ok(answered)) => (counts, answered),
            (Err(error), _) | (_, Err(error)) => {
                error!("what is known of sources cannot be read: {error}");
                return;
            }
        };
        let standings = Known { counts, answered, latencies: self.latencies() }.standings(&self.sources);
        for source in &self.sources {
            let Some(standing) = standings.get(&source.name) else { continue };
            let quality = &standing.quality;
            if quality.is_pruned && self.pruned.insert(source.name.clone()) {
                warn!("{}", standing::pruned(source, quality));
            } else if !quality.is_pruned && self.pruned.remove(&source.name) {
                info!("source {}: pruned no more, its score is {} of 100", source.shown(), quality.score);
            }
        }
        self.app.standings.put(standings);
    }

    /// The latencies of the working proxies of each source, by its name.
    fn latencies(&self) -> HashMap<String, Vec<u32>> {
        let mut latencies: HashMap<String, Vec<u32>> = HashMap::new();
        for listed in &self.listed {
            let latency = self.measured.get(&listed.id).and_then(|measured| measured.latency);
            let Some(latency) = latency else { continue };
            for source in &listed.sources {
                latencies.entry(source.clone()).or_default().push(latency);
            }
        }
        latencies
    }

    /// Publishes the list as it is now, unless it is as it was.
    async fn publish(&mut self) {
        let now = clock::now();
        let (listed, measured, geo) = (self.listed.clone(), self.measured.clone(), self.app.geo.clone());
        let predictor = Arc::clone(&self.predictor);
        let rows = move || {
            let row = |listed: Listed| {
                let mut measured = measured.get(&listed.id).cloned().unwrap_or_default();
                let subject = subject(&listed, &geo);
                measured.reliability = predictor.published(&listed.proxy, &subject, now);
                measured.country =
                    measured.country.or_else(|| geo.country_of_host(&listed.proxy.endpoint.host));
                Entry::new(&listed.proxy, listed.sources, measured, now)
            };
            Catalogue::new(listed.into_iter().map(row).collect())
        };
        let Ok(catalogue) = tokio::task::spawn_blocking(rows).await else { return };
        let current = self.app.shelf.current();
        if current.revision() > 0 && *current.catalogue() == catalogue {
            return self.keep_hour((0, 0)).await;
        }
        let revision = self.app.store.next_revision().await.unwrap_or_else(|error| {
            error!("the revision cannot be stored: {error}");
            current.revision() + 1
        });
        let snapshot = Snapshot { revision, published_at: now, catalogue };
        let made = tokio::task::spawn_blocking(move || Published::new(snapshot, &current)).await;
        if let Ok(published) = made {
            let update = SnapshotUpdate { revision, proxies: published.catalogue().len() };
            self.app.shelf.put(published);
            self.app.events.tell(Kind::Snapshot, &update);
        }
        self.keep_hour((0, 0)).await;
    }

    /// Keeps how the published list is in this hour, and how many tests were made and answered.
    async fn keep_hour(&self, made: (usize, usize)) {
        let current = self.app.shelf.current();
        if let Err(error) = self.app.store.keep_hour(&current.stats, made, clock::now()).await {
            error!("the totals of this hour cannot be stored: {error}");
        }
    }

    /// Probes what can be probed, until the next fetch is due.
    async fn probe(&mut self, until: Instant) {
        let Some(probing) = self.plan.probe.clone() else { return };
        let proxies = self.order().await;
        if proxies.is_empty() {
            return;
        }
        info!("testing {} proxies", proxies.len());
        let limits = Limits { parallel: probing.parallel, timeout: probing.timeout, until };
        let (sender, mut settled) = mpsc::channel(1);
        let run = probe::run(proxies, &probing.judges, &limits, sender);
        let take = async {
            let places = self.listed.iter().enumerate().map(|(at, listed)| (listed.id, at)).collect();
            let mut round = Round { places, ..Round::default() };
            while let Some(settled) = settled.recv().await {
                self.settle(settled, &mut round).await;
            }
            if round.pace.owes {
                self.publish().await;
            }
        };
        match tokio::join!(run, take).0 {
            Ok(progress) => info!("tested {} proxies, {} work", progress.done, progress.working),
            Err(no_judge) => error!("{no_judge}"),
        }
        self.judge_sources().await;
        self.tell_stats(None);
    }

    /// What is probed, in its order; nothing when the program stops.
    async fn order(&self) -> Vec<(Fingerprint, Proxy)> {
        let local = self.sources.iter().filter(|source| source.is_local());
        let local: HashSet<String> = local.map(|source| source.name.clone()).collect();
        let (listed, geo, predictor) =
            (self.listed.clone(), self.app.geo.clone(), Arc::clone(&self.predictor));
        let now = clock::now();
        let ordered = tokio::task::spawn_blocking(move || {
            order(&listed, &local, |listed| predictor.expected(&subject(listed, &geo), now))
        });
        ordered.await.unwrap_or_default()
    }

    /// Keeps results, tells them, and publishes the list when it is time to.
    async fn settle(&mut self, Settled { outcomes, progress }: Settled, round: &mut Round) {
        for outcome in &outcomes {
            self.measure(outcome);
            self.remember(outcome, round);
        }
        let probed: Vec<Probed> = outcomes.iter().map(|outcome| self.probed(outcome)).collect();
        if let Err(error) = self.app.store.keep_probes(&probed).await {
            error!("results of probes cannot be stored and will be lost on restart: {error}");
        }
        self.count(&self.counted(&outcomes, round), clock::now()).await;
        if round.pace.is_due(Instant::now()) {
            self.publish().await;
        }
        let answered = outcomes.iter().filter(|outcome| outcome.reached.is_some()).count();
        self.keep_hour((outcomes.len(), answered)).await;
        info!("tested {} of {} proxies, {} work", progress.done, progress.total, progress.working);
        let updates: Vec<ProxyUpdate> = outcomes.iter().map(ProxyUpdate::from).collect();
        self.app.events.tell(Kind::Proxy, &updates);
        self.tell_stats(Some(progress));
    }

    fn measure(&mut self, outcome: &Outcome) {
        let country = self.exit_country(outcome);
        let Some(measured) = self.measured.get_mut(&outcome.id) else { return };
        measured.working = Some(outcome.reached.is_some());
        measured.latency = outcome.reached.as_ref().map(|(latency, _)| *latency);
        measured.tested_at = Some(outcome.at);
        measured.country = country.or(measured.country);
    }

    /// Takes a result into the history.
    fn remember(&mut self, outcome: &Outcome, round: &Round) {
        let listed = round.places.get(&outcome.id).and_then(|at| self.listed.get(*at));
        let Some(subject) = listed.map(|listed| subject(listed, &self.app.geo)) else { return };
        Arc::make_mut(&mut self.predictor).note(&subject, outcome.reached.is_some(), outcome.at);
    }

    /// What results tell of the sources, by their addresses. A round counts once for each.
    fn counted(&self, outcomes: &[Outcome], round: &mut Round) -> HashMap<String, Counts> {
        let mut counted: HashMap<&str, Counts> = HashMap::new();
        for outcome in outcomes {
            let listed = round.places.get(&outcome.id).and_then(|at| self.listed.get(*at));
            for source in listed.iter().flat_map(|listed| &listed.sources) {
                round.count(counted.entry(source).or_default(), source, outcome.reached.is_some());
            }
        }
        let addresses = self.sources.iter().filter_map(|source| {
            let counts = counted.get(source.name.as_str())?;
            Some((source.address(), *counts))
        });
        addresses.collect()
    }

    /// The country of the exit: ours where the database knows the address, else the judge's word.
    fn exit_country(&self, outcome: &Outcome) -> Option<configstream_core::geo::Country> {
        let (_, exit) = outcome.reached.as_ref()?;
        self.app.geo.country(exit.address).or(exit.country)
    }

    fn probed(&self, outcome: &Outcome) -> Probed {
        let reached = outcome.reached.as_ref();
        Probed {
            proxy: outcome.id.to_string(),
            at: i64::try_from(outcome.at.millis()).unwrap_or(i64::MAX),
            working: i64::from(reached.is_some()),
            latency: reached.map(|(latency, _)| *latency),
            exit: reached.map(|(_, exit)| exit.address.to_string()),
            country: self.exit_country(outcome).map(|country| country.code().to_owned()),
        }
    }

    fn tell_stats(&self, probing: Option<Progress>) {
        let current = self.app.shelf.current();
        self.app.events.tell(Kind::Stats, &StatsUpdate { stats: &current.stats, probing });
    }
}

impl Round {
    /// Counts a test of a proxy that a source lists.
    fn count(&mut self, counts: &mut Counts, source: &str, answered: bool) {
        counts.tests += 1;
        counts.answered += u32::from(answered);
        let before = self.seen.get(source).copied();
        if before.is_none() || answered && before == Some(false) {
            self.seen.insert(source.to_owned(), answered);
            counts.rounds += u32::from(before.is_none());
            counts.rounds_up += u32::from(answered);
        }
    }
}

impl Pace {
    fn is_due(&mut self, now: Instant) -> bool {
        let due = self.last.is_none_or(|last| now.duration_since(last) >= PUBLISH_EVERY);
        if due {
            self.last = Some(now);
        }
        self.owes = !due;
        due
    }
}

/// A proxy as the history knows it.
fn subject(listed: &Listed, geo: &Geo) -> Subject {
    let endpoint = &listed.proxy.endpoint;
    reliability::subject(&listed.id.to_string(), &endpoint.host, endpoint.port, geo)
}

/// Tells what a source says of its volume and its end. Its pages may hold tokens, and are not told.
fn tell(source: &Source, facts: &Facts) {
    let facts = Facts {
        title: String::new(),
        web_page: String::new(),
        support: String::new(),
        announcements: Vec::new(),
        ..facts.clone()
    };
    if !facts.is_empty() {
        debug!("source {}: {}", source.shown(), facts.to_string().trim_end().replace('\n', ", "));
    }
}

/// Whether there are several addresses and all that were asked fail for the same kind of reason.
fn all_alike(answers: &[(Source, Answer)]) -> bool {
    let mut kinds = HashSet::new();
    let asked =
        answers.iter().filter(|(source, answer)| !source.is_local() && !matches!(answer, Answer::Waiting(_)));
    let failed = asked.map(|(_, answer)| match answer {
        Answer::Failed(error) => Some(error.kind()),
        _ => None,
    });
    let count = failed.inspect(|kind| _ = kinds.insert(*kind)).count();
    count > 1 && kinds.len() == 1 && !kinds.contains(&None)
}

impl From<&Outcome> for ProxyUpdate {
    fn from(outcome: &Outcome) -> Self {
        let latency = outcome.reached.as_ref().map(|(latency, _)| *latency);
        let is_working = latency.is_some();
        Self { id: outcome.id.to_string(), is_working, latency, tested_at: outcome.at }
    }
}

/// What to remember of a source that gave no new list.
fn remembered(answer: Answer, memory: Memory, now: Timestamp, refresh: Duration) -> Memory {
    match answer {
        Answer::Failed(error) => {
            let failures = memory.failures.saturating_add(1);
            let rest = error.retry_after().or_else(|| rest(failures, refresh));
            let retry_at = rest.map(|rest| now.plus(rest.min(LONGEST_REST).as_millis() as u64));
            let error = Some(error.to_string());
            Memory { fetched_at: Some(now), failures, retry_at, error, ..memory }
        }
        Answer::Unchanged => {
            Memory { fetched_at: Some(now), failures: 0, retry_at: None, error: None, ..memory }
        }
        Answer::Waiting(_) | Answer::Listed(_) => memory,
    }
}

/// How long a source rests after so many failures in a row: the usual time after the first two,
/// then twice as long each time.
fn rest(failures: u32, refresh: Duration) -> Option<Duration> {
    let doublings = failures.checked_sub(2).filter(|doublings| *doublings > 0)?;
    Some(refresh.saturating_mul(2_u32.saturating_pow(doublings.min(16))).min(LONGEST_REST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Place, SourceError};

    #[test]
    fn a_source_that_keeps_failing_rests_longer_each_time_but_not_over_a_day() {
        let hour = Duration::from_hours(1);
        let rests: Vec<_> = (1..=4).map(|failures| rest(failures, hour)).collect();
        assert_eq!(rests, [None, None, Some(2 * hour), Some(4 * hour)]);
        assert_eq!(rest(u32::MAX, hour), Some(LONGEST_REST));
    }

    #[test]
    fn results_are_published_at_once_and_then_once_a_minute() {
        let (start, mut pace) = (Instant::now(), Pace::default());
        let due = |seconds: u64| pace.is_due(start + Duration::from_secs(seconds));
        assert_eq!([10, 20, 69, 70, 80, 129, 130].map(due), [true, false, false, true, false, false, true]);
        assert!(!pace.owes);
        assert!(!pace.is_due(start + Duration::from_secs(140)) && pace.owes);
    }

    #[test]
    fn a_round_counts_once_for_a_source_and_is_up_when_any_of_its_proxies_answers() {
        let (mut round, mut counts) = (Round::default(), Counts::default());
        for answered in [false, true, true, false] {
            round.count(&mut counts, "a", answered);
        }
        let expected = Counts { tests: 4, answered: 2, rounds: 1, rounds_up: 1, ..Counts::default() };
        assert_eq!(counts, expected);
        round.count(&mut counts, "b", false);
        assert_eq!((counts.rounds, counts.rounds_up), (2, 1));
    }

    #[test]
    fn troubles_are_alike_where_every_address_has_the_same_kind() {
        let source = |place| Source { name: String::new(), place, bare: None };
        let address = |answer| (source(Place::Url("http://example.org".parse().unwrap())), answer);
        let file = (source(Place::Path("mine.txt".into())), Answer::Unchanged);
        let unreachable = |why: &str| address(Answer::Failed(SourceError::Unreachable(why.to_owned())));
        let offline =
            [unreachable("no route"), unreachable("no name"), address(Answer::Waiting(clock::now())), file];
        assert!(all_alike(&offline));
        let with = |other| all_alike(&[&offline[..], &[other]].concat());
        assert!(!with(address(Answer::Unchanged)));
        assert!(!with(address(Answer::Failed(SourceError::Empty))));
        assert!(!all_alike(&offline[1..]));
    }
}
