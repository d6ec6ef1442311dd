//! What holds for the picker, and how it does: over worlds of known truth, and, when asked for, over a real
//! history.
//!
//! The history is `history/status.csv.gz` below `CONFIGSTREAM_CORPUS`, with the columns `commit_time`, `proxy`
//! and `status`: `cargo test -p configstream-core --test picking -- --ignored --nocapture`.

use std::collections::HashMap;

use configstream_core::catalogue::{Candidate, Goal, Picker};
use configstream_core::experience::{Experience, Local, Neighbourhood, Outcome, Subject};
use configstream_core::geo::Country;
use configstream_core::score::{Evidence, Reliability, Safety};
use configstream_core::seed::Chance;
use configstream_core::{Fingerprint, Protocol, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn id(number: usize) -> Fingerprint {
    format!("{number:016x}").parse().unwrap()
}

fn subject(number: usize) -> Subject<'static> {
    let network = Neighbourhood::of(&format!("9.{}.{}.1", number / 250, number % 250), None);
    Subject { id: id(number), network, protocol: Protocol::Socks5, sources: &[] }
}

fn candidate(number: usize) -> Candidate<'static> {
    Candidate { subject: subject(number), country: None, evidence: Evidence::default(), score: 50 }
}

fn picker(goal: Goal, seed: u64, experience: &Experience) -> Picker<'_> {
    Picker { goal, seed, now: START, experience, local: Local::ALL, present: None, failed: &[] }
}

fn country(code: &str) -> Country {
    Country::from_code(code).unwrap()
}

fn goals() -> impl Strategy<Value = Goal> {
    select(vec![Goal::Fastest, Goal::Safest, Goal::Country(country("DE")), Goal::Next, Goal::Random])
}

prop_compose! {
    fn candidates()(list in prop::collection::vec(
        (
            prop::option::of(select(["DE", "FR"].as_slice())),
            any::<Option<bool>>(),
            prop::option::of(1..5_000_u32),
            select([Safety::Open, Safety::Unverified, Safety::Verified].as_slice()),
            0..100_u8,
        ),
        0..30,
    )) -> Vec<Candidate<'static>> {
        list.into_iter().enumerate().map(|(number, (code, working, latency, safety, score))| Candidate {
            country: code.map(country),
            evidence: Evidence { working, latency, safety, ..Evidence::default() },
            score,
            ..candidate(number)
        }).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_seed_ranks_the_same_in_whatever_order_the_candidates_come(
        goal in goals(), seed in any::<u64>(), candidates in candidates(), most in 0..40_usize,
    ) {
        let experience = Experience::default();
        let picker = picker(goal, seed, &experience);
        let ranked = picker.rank(candidates.iter().copied(), most);
        prop_assert_eq!(&picker.rank(candidates.iter().rev().copied(), most), &ranked);
        let all = picker.rank(candidates.iter().copied(), usize::MAX);
        prop_assert_eq!(&all[..all.len().min(most)], &ranked[..]);
        prop_assert_eq!(picker.pick(candidates.iter().copied()), all.first().copied());
    }

    #[test]
    fn a_rank_is_of_allowed_candidates_each_once(
        goal in goals(), seed in any::<u64>(), candidates in candidates(), present in 0..30_usize,
        failed in prop::collection::vec(0..30_usize, 0..5),
    ) {
        let experience = Experience::default();
        let failed: Vec<_> = failed.into_iter().map(id).collect();
        let picker =
            Picker { present: Some(id(present)), failed: &failed, ..picker(goal, seed, &experience) };
        let mut ranked = picker.rank(candidates.iter().copied(), usize::MAX);
        ranked.sort_unstable();
        let moves_on = matches!(goal, Goal::Next | Goal::Random);
        let allowed = candidates.iter().filter(|candidate| {
            let is_passed = failed.contains(&candidate.subject.id) || moves_on && candidate.subject.id == id(present);
            let is_elsewhere = matches!(goal, Goal::Country(_)) && candidate.country != Some(country("DE"));
            !is_passed && !is_elsewhere
        });
        prop_assert_eq!(ranked, allowed.map(|candidate| candidate.subject.id).collect::<Vec<_>>());
    }

    #[test]
    fn the_safest_is_never_less_safe_than_another(seed in any::<u64>(), candidates in candidates()) {
        let experience = Experience::default();
        let ranked = picker(Goal::Safest, seed, &experience).rank(candidates.iter().copied(), usize::MAX);
        let levels: Vec<_> = ranked.iter().map(|id| {
            candidates.iter().find(|candidate| candidate.subject.id == *id).unwrap().evidence.level()
        }).collect();
        prop_assert!(levels.is_sorted_by(|a, b| a >= b));
    }
}

#[test]
fn random_picks_each_about_as_often() {
    let experience = Experience::default();
    let mut picked = [0; 8];
    for seed in 0..4_000 {
        let best = picker(Goal::Random, seed, &experience).pick((0..8).map(candidate)).unwrap();
        picked[(0..8).position(|number| id(number) == best).unwrap()] += 1;
    }
    assert!(picked.iter().all(|count| (400..600).contains(count)), "{picked:?}");
}

#[test]
fn what_works_for_this_user_is_preferred_on_the_network_where_it_did() {
    let mut experience = Experience::default();
    let (wifi, cellular) = (Local::of("wifi"), Local::of("cellular"));
    for _ in 0..10 {
        experience.record(&subject(3), wifi, Outcome::Worked { latency: Some(150) }, START);
        experience.record(&subject(3), cellular, Outcome::Unreachable, START);
    }
    let share = |local| {
        let picks = |seed: &u64| {
            let picker = Picker { local, ..picker(Goal::Fastest, *seed, &experience) };
            picker.pick((0..8).map(candidate)) == Some(id(3))
        };
        (0..200).filter(picks).count()
    };
    assert!(share(wifi) > 120 && share(cellular) < 25, "{} {}", share(wifi), share(cellular));
}

/// A world whose truth is known: how likely each proxy works and how fast it is.
struct World {
    share: Vec<f64>,
    latency: Vec<f64>,
}

impl World {
    /// Most are bad, one in five is good.
    fn new(proxies: usize, chance: &mut Chance) -> Self {
        let share = (0..proxies)
            .map(|number| {
                let unit = chance.unit();
                if number % 5 == 0 { 0.5 + 0.45 * unit } else { 0.3 * unit }
            })
            .collect();
        let latency = (0..proxies).map(|_| 100.0 * (2.5 * chance.unit()).exp()).collect();
        Self { share, latency }
    }

    fn best(&self) -> f64 {
        self.share.iter().copied().fold(0.0, f64::max)
    }

    /// Milliseconds until a connection works that is tried again until it does.
    fn cost(&self, number: usize) -> f64 {
        self.latency[number] + (1.0 - self.share[number]) / self.share[number] * 5_000.0
    }

    fn best_cost(&self) -> f64 {
        (0..self.share.len()).map(|number| self.cost(number)).fold(f64::MAX, f64::min)
    }

    fn mean_cost(&self, picked: &[usize]) -> f64 {
        picked.iter().map(|number| self.cost(*number)).sum::<f64>() / picked.len() as f64
    }

    /// The one of lowest latency.
    fn lowest(&self, of: impl IntoIterator<Item = usize>) -> Option<usize> {
        of.into_iter().min_by(|a, b| self.latency[*a].total_cmp(&self.latency[*b]))
    }

    /// The one of lowest latency of those that answer a check of all.
    fn lowest_that_answers(&self, chance: &mut Chance) -> Option<usize> {
        self.lowest((0..self.share.len()).filter(|number| chance.unit() < self.share[*number]))
    }

    fn outcome(&self, number: usize, chance: &mut Chance) -> Outcome {
        if chance.unit() < self.share[number] {
            let latency = self.latency[number] * (0.3 * chance.normal()).exp();
            Outcome::Worked { latency: Some(latency as u32) }
        } else {
            Outcome::Unreachable
        }
    }
}

/// Which proxy was picked at each of `steps` steps, ten minutes apart.
fn live(world: &World, goal: Goal, steps: u64, seed: u64, experience: &mut Experience) -> Vec<usize> {
    let mut chance = Chance::of(seed, 1);
    let mut picked = Vec::new();
    for _ in 0..steps {
        let now = START.plus(600_000 * picked.len() as u64);
        let draws = Picker { now, ..picker(goal, chance.bits(), experience) };
        let best = draws.pick((0..world.share.len()).map(candidate)).unwrap();
        let number = (0..world.share.len()).find(|number| id(*number) == best).unwrap();
        experience.record(&subject(number), Local::ALL, world.outcome(number, &mut chance), now);
        picked.push(number);
    }
    picked
}

const SEEDS: u64 = 8;
const STEPS: u64 = 1_200;

#[test]
fn regret_grows_ever_slower_and_stays_below_a_tenth_of_the_steps() {
    let quarter = STEPS as usize / 4;
    let mut lost = [0.0; 4];
    for seed in 0..SEEDS {
        let world = World::new(25, &mut Chance::new(seed));
        let picked = live(&world, Goal::Safest, STEPS, seed, &mut Experience::default());
        for (lost, part) in lost.iter_mut().zip(picked.chunks(quarter)) {
            *lost +=
                part.iter().map(|number| world.best() - world.share[*number]).sum::<f64>() / SEEDS as f64;
        }
    }
    let regret: f64 = lost.iter().sum();
    println!("regret of {STEPS} steps: {regret:.1}, by quarters {lost:.1?}");
    assert!(regret < STEPS as f64 / 10.0, "{lost:?}");
    assert!(lost[3] < lost[0] / 3.0, "{lost:?}");
}

#[test]
fn the_fastest_comes_to_cost_little_more_than_the_best() {
    let (mut best, mut last, mut by_chance) = (0.0, 0.0, 0.0);
    for seed in 0..SEEDS {
        let world = World::new(25, &mut Chance::new(seed));
        let picked = live(&world, Goal::Fastest, STEPS, seed, &mut Experience::default());
        let median = |mut costs: Vec<f64>| {
            costs.sort_by(f64::total_cmp);
            costs[costs.len() / 2]
        };
        best += world.best_cost() / SEEDS as f64;
        by_chance += median((0..25).map(|number| world.cost(number)).collect()) / SEEDS as f64;
        last += world.mean_cost(&picked[picked.len() * 3 / 4..]) / SEEDS as f64;
    }
    println!("milliseconds: best {best:.0}, picked {last:.0}, the median proxy {by_chance:.0}");
    assert!(last < 1.75 * best && last < by_chance / 4.0, "{best} {last} {by_chance}");
}

#[test]
fn the_fastest_costs_less_than_lowest_latency_first() {
    let (mut told, mut checked, mut picked) = (Vec::new(), Vec::new(), Vec::new());
    for seed in 0..SEEDS {
        let world = World::new(25, &mut Chance::new(seed));
        let regret = |numbers: &[usize]| world.mean_cost(numbers) - world.best_cost();
        let mut chance = Chance::of(seed, 3);
        let after_checks: Vec<_> =
            (0..STEPS).filter_map(|_| world.lowest_that_answers(&mut chance)).collect();
        told.push(regret(&[world.lowest(0..25).unwrap()]));
        checked.push(regret(&after_checks));
        picked.push(regret(&live(&world, Goal::Fastest, STEPS, seed, &mut Experience::default())));
    }
    for (name, regrets) in
        [("lowest latency", &told), ("of those that answer", &checked), ("picker", &picked)]
    {
        let (mean, reach) = mean(regrets);
        println!("{name:<21} {mean:>7.0} ± {reach:<5.0} milliseconds a connection more than the best");
    }
    assert!(mean(&picked).0 < mean(&checked).0 / 2.0, "{picked:?} {checked:?}");
}

#[test]
fn when_the_best_dies_another_is_found() {
    for seed in 0..SEEDS {
        let mut world = World::new(25, &mut Chance::new(seed));
        let mut experience = Experience::default();
        live(&world, Goal::Safest, 400, seed, &mut experience);
        let best = (0..25).max_by(|a, b| world.share[*a].total_cmp(&world.share[*b])).unwrap();
        world.share[best] = 0.0;
        let after = live(&world, Goal::Safest, 400, seed + 100, &mut experience);
        let still = after[200..].iter().filter(|number| **number == best).count();
        assert!(still < 20, "{still} of 200 with seed {seed}");
    }
}

/// One test of the history: which proxy, and whether it answered.
type Test = (usize, bool);

/// What was tested at each moment, in the order of the file.
struct History {
    moments: Vec<(Timestamp, Vec<Test>)>,
    subjects: Vec<Subject<'static>>,
}

/// The text of a gzip file without optional fields but a name.
fn gunzip(bytes: &[u8]) -> String {
    let name = bytes[3] & 8 != 0;
    let start = if name { 11 + bytes[10..].iter().position(|byte| *byte == 0).unwrap() } else { 10 };
    String::from_utf8(miniz_oxide::inflate::decompress_to_vec(&bytes[start..]).unwrap()).unwrap()
}

impl History {
    fn read() -> Option<Self> {
        let folder = std::env::var_os("CONFIGSTREAM_CORPUS")?;
        let path = std::path::Path::new(&folder).join("history/status.csv.gz");
        let text = gunzip(&std::fs::read(path).unwrap());
        let mut numbers = HashMap::new();
        let mut history = Self { moments: Vec::new(), subjects: Vec::new() };
        for line in text.lines().skip(1) {
            let fields: Vec<_> = line.split(',').collect();
            let at = fields[0].parse().unwrap();
            let number = *numbers.entry(fields[1].to_owned()).or_insert(history.subjects.len());
            if number == history.subjects.len() {
                let host = fields[1].rsplit_once(':').unwrap().0;
                let network = Neighbourhood::of(host, None);
                history.subjects.push(Subject {
                    id: id(number),
                    network,
                    protocol: Protocol::Http,
                    sources: &[],
                });
            }
            if history.moments.last().is_none_or(|last| last.0 != at) {
                history.moments.push((at, Vec::new()));
            }
            history.moments.last_mut().unwrap().1.push((number, fields[2] == "success"));
        }
        Some(history)
    }

    /// How often a user would have connected who knew, from the start, how often each will answer when listed,
    /// and took the best of those listed.
    fn best_order(&self) -> usize {
        let mut answered = vec![(0, 0); self.subjects.len()];
        for (number, answers) in self.moments.iter().flat_map(|moment| &moment.1) {
            answered[*number].0 += usize::from(*answers);
            answered[*number].1 += 1;
        }
        let rate = |test: &&Test| {
            let (answered, tests) = answered[test.0];
            (answered + 1) * 1_000_000 / (tests + 2)
        };
        let best = |moment: &(Timestamp, Vec<Test>)| usize::from(moment.1.iter().max_by_key(rate).unwrap().1);
        self.moments.iter().map(best).sum()
    }

    /// How often the proxy answered that answered most often.
    fn best_fixed(&self) -> usize {
        let mut answered = vec![0; self.subjects.len()];
        for (number, answers) in self.moments.iter().flat_map(|moment| &moment.1) {
            answered[*number] += usize::from(*answers);
        }
        answered.into_iter().max().unwrap()
    }
}

/// What has been published of a proxy: last answer, its time, answers, tests.
type Published = HashMap<usize, (bool, Timestamp, u32, u32)>;

/// How a user picks one of those listed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Policy {
    AtRandom,
    ListOrder,
    LastStatusFirst,
    BestRateFirst,
    StayUntilItFails,
    PickerOwn(Goal),
    PickerPublished(Goal),
}

/// A user who connects once at each moment, and what he knows.
struct User<'a> {
    history: &'a History,
    policy: Policy,
    experience: Experience,
    published: Published,
    present: Option<usize>,
    chance: Chance,
}

impl User<'_> {
    fn new(history: &History, policy: Policy, seed: u64) -> User<'_> {
        let chance = Chance::of(seed, 2);
        let (experience, published) = (Experience::default(), HashMap::new());
        User { history, policy, experience, published, present: None, chance }
    }

    /// How many connections worked.
    fn live(mut self) -> f64 {
        let history = self.history;
        let mut worked = 0.0;
        for (now, tests) in &history.moments {
            let picked = self.pick(*now, tests);
            let answers = tests.iter().find(|test| test.0 == picked).unwrap().1;
            worked += f64::from(u8::from(answers));
            let outcome = if answers { Outcome::Worked { latency: None } } else { Outcome::Unreachable };
            self.experience.record(&history.subjects[picked], Local::ALL, outcome, *now);
            self.present = answers.then_some(picked);
            for (number, answers) in tests {
                let known = self.published.entry(*number).or_insert((*answers, *now, 0, 0));
                *known = (*answers, *now, known.2 + u32::from(*answers), known.3 + 1);
            }
        }
        worked
    }

    fn pick(&mut self, now: Timestamp, tests: &[Test]) -> usize {
        let by = |value: &dyn Fn(usize) -> f64, chance: &mut Chance| {
            let valued = tests.iter().map(|test| (value(test.0) + 1e-6 * chance.unit(), test.0));
            valued.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap().1
        };
        let known = &self.published;
        let rate =
            |number: usize| known.get(&number).map_or(0.5, |k| f64::from(k.2 + 1) / f64::from(k.3 + 2));
        let last = |number: usize| known.get(&number).map_or(0.5, |k| f64::from(u8::from(k.0)));
        let stays = self.present.filter(|present| tests.iter().any(|test| test.0 == *present));
        match (self.policy, stays) {
            (Policy::ListOrder, _) => tests[0].0,
            (Policy::LastStatusFirst, _) => by(&last, &mut self.chance),
            (Policy::BestRateFirst, _) => by(&rate, &mut self.chance),
            (Policy::StayUntilItFails, Some(present)) => present,
            (Policy::AtRandom | Policy::StayUntilItFails, _) => by(&|_| 0.0, &mut self.chance),
            (Policy::PickerOwn(goal) | Policy::PickerPublished(goal), _) => self.by_picker(goal, now, tests),
        }
    }

    fn by_picker(&mut self, goal: Goal, now: Timestamp, tests: &[Test]) -> usize {
        let seed = self.chance.bits();
        let candidates = tests.iter().map(|(number, _)| Candidate {
            subject: self.history.subjects[*number],
            evidence: self.evidence(*number),
            ..candidate(*number)
        });
        let picker = Picker { now, ..picker(goal, seed, &self.experience) };
        let best = picker.pick(candidates).unwrap();
        tests.iter().find(|test| id(test.0) == best).unwrap().0
    }

    fn evidence(&self, number: usize) -> Evidence {
        let reads = matches!(self.policy, Policy::PickerPublished(_));
        let known = self.published.get(&number).filter(|_| reads);
        known.map_or(Evidence::default(), |(last, at, answered, tests)| Evidence {
            working: Some(*last),
            tested_at: Some(*at),
            reliability: Some(Reliability::Measured { answered: *answered, tests: *tests }),
            ..Evidence::default()
        })
    }
}

/// Mean, and how far the 95 % interval of the mean reaches to either side.
fn mean(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (mean, 1.96 * (variance / count).sqrt())
}

/// What the history cannot show, printed with what it shows.
const LIMITS: &str = "\
The history says whether a proxy answered, once at each moment, and nothing of latency: lowest latency first
cannot be tried on it (worlds of known truth do that), so the fastest here is the one that answers. It does
not say whether a proxy that was not listed would have answered: the best fixed choice fails then.";

/// Every way to pick, what needs no experience first.
const POLICIES: [Policy; 9] = [
    Policy::AtRandom,
    Policy::ListOrder,
    Policy::LastStatusFirst,
    Policy::BestRateFirst,
    Policy::StayUntilItFails,
    Policy::PickerOwn(Goal::Safest),
    Policy::PickerOwn(Goal::Fastest),
    Policy::PickerPublished(Goal::Safest),
    Policy::PickerPublished(Goal::Fastest),
];

/// By how much each of the first falls short of its peer among the others, as text.
fn regret(worked: &[f64], others: &[f64]) -> String {
    let short: Vec<f64> = worked.iter().zip(others).map(|(worked, other)| other - worked).collect();
    let (mean, reach) = mean(&short);
    format!("{mean:>6.1} ± {reach:<4.1}")
}

#[test]
#[ignore = "needs the history in CONFIGSTREAM_CORPUS"]
fn a_user_over_the_history() {
    let Some(history) = History::read() else { return println!("CONFIGSTREAM_CORPUS is not set") };
    let seeds = 200;
    let lived = |policy| (0..seeds).map(|seed| User::new(&history, policy, seed).live()).collect::<Vec<_>>();
    let worked = POLICIES.map(lived);
    let of = |policy| &worked[POLICIES.iter().position(|known| *known == policy).unwrap()];
    let fixed = vec![history.best_fixed() as f64; seeds as usize];
    let [random, last, rate] =
        [Policy::AtRandom, Policy::LastStatusFirst, Policy::BestRateFirst].map(|policy| of(policy).clone());
    println!("{LIMITS}\n{} moments, {seeds} seeds, ± 95 % of the mean", history.moments.len());
    println!(
        "the best fixed choice worked {} times, the best fixed order {}",
        fixed[0],
        history.best_order()
    );
    println!("{:<25} {:<14} regret to best fixed, best rate, last status, random", "policy", "worked");
    for (policy, worked) in POLICIES.iter().zip(&worked) {
        let (mean, reach) = mean(worked);
        let regrets = [&fixed, &rate, &last, &random].map(|other| regret(worked, other)).join("  ");
        println!("{:<25} {mean:>6.1} ± {reach:<4.1}  {regrets}", format!("{policy:?}"));
    }
    let mean_of = |policy| mean(of(policy)).0;
    assert!(mean_of(Policy::PickerOwn(Goal::Safest)) > mean(&random).0);
    assert!(mean_of(Policy::PickerPublished(Goal::Safest)) > mean(&last).0);
}
