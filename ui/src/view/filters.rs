//! The filters that screens offer: values with a count, single choices, and steps of numbers.

use std::cmp::Reverse;

use configstream_core::catalogue::{Facets, Query};
use configstream_core::geo::Region;
use configstream_core::proxy::Network;
use configstream_core::route::Engine;
use configstream_core::score::{Safety, SecurityIssue};

use super::text::capital;

/// The levels of security as a query has them, the best first, and what they are called.
const LEVELS: [(Safety, &str); 3] =
    [(Safety::Verified, "High"), (Safety::Unverified, "Medium"), (Safety::Open, "Low")];

/// What a query says of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Nothing.
    Any,
    /// Only rows that have it, or another that is marked so.
    Only,
    /// No row that has it.
    Without,
}

impl Mark {
    /// The value of `aria-pressed`.
    pub const fn pressed(self) -> &'static str {
        match self {
            Self::Any => "false",
            Self::Only => "true",
            Self::Without => "mixed",
        }
    }

    fn of<T: PartialEq>(value: &T, only: &[T], not: &[T]) -> Self {
        if only.contains(value) {
            Self::Only
        } else if not.contains(value) {
            Self::Without
        } else {
            Self::Any
        }
    }
}

/// Any, only, without, and any again.
fn turn<T: PartialEq + Clone>(value: &T, only: &mut Vec<T>, not: &mut Vec<T>) {
    match Mark::of(value, only, not) {
        Mark::Any => only.push(value.clone()),
        Mark::Only => {
            only.retain(|known| known != value);
            not.push(value.clone());
        }
        Mark::Without => not.retain(|known| known != value),
    }
}

/// A value that rows may be asked to have, or not to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// How secure the way to the proxy is.
    Level(Safety),
    /// What is wrong with it.
    Issue(SecurityIssue),
    /// How bytes are carried.
    Network(Network),
    /// The part of the world.
    Region(Region),
    /// Who lists it.
    Source(String),
}

impl Value {
    /// What it is called.
    pub fn label(&self) -> String {
        match self {
            Self::Level(level) => {
                LEVELS.iter().find(|(known, _)| known == level).map_or("", |(_, name)| name).to_owned()
            }
            Self::Issue(issue) => capital(issue.words()),
            Self::Network(network) => network.key().to_owned(),
            Self::Region(region) => capital(region.key()),
            Self::Source(source) => source.clone(),
        }
    }

    /// What the query says of it.
    pub fn mark(&self, query: &Query) -> Mark {
        let not = &query.not;
        match self {
            Self::Level(level) => Mark::of(level, &query.security, &not.security),
            Self::Issue(issue) => Mark::of(issue, &query.issues, &not.issues),
            Self::Network(network) => Mark::of(network, &query.networks, &not.networks),
            Self::Region(region) => Mark::of(region, &query.regions, &not.regions),
            Self::Source(source) => Mark::of(source, &query.sources, &not.sources),
        }
    }

    /// Has the query say the next of it: only, then without, then nothing.
    pub fn turn(&self, query: &mut Query) {
        let not = &mut query.not;
        match self {
            Self::Level(level) => turn(level, &mut query.security, &mut not.security),
            Self::Issue(issue) => turn(issue, &mut query.issues, &mut not.issues),
            Self::Network(network) => turn(network, &mut query.networks, &mut not.networks),
            Self::Region(region) => turn(region, &mut query.regions, &mut not.regions),
            Self::Source(source) => turn(source, &mut query.sources, &mut not.sources),
        }
    }

    /// How many rows have it, whatever the query says of its group.
    pub fn count(&self, facets: &Facets) -> usize {
        let count = match self {
            Self::Level(level) => facets.security.get(level),
            Self::Issue(issue) => facets.issues.get(issue),
            Self::Network(network) => facets.networks.get(network.key()),
            Self::Region(region) => facets.regions.get(region),
            Self::Source(source) => facets.sources.get(source),
        };
        count.copied().unwrap_or_default()
    }
}

/// Values of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Levels of security.
    Security,
    /// What is wrong.
    Issue,
    /// Ways to carry bytes.
    Network,
    /// Parts of the world.
    Region,
    /// Who lists it.
    Source,
}

impl Group {
    /// Every group, in the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::Security, Self::Issue, Self::Network, Self::Region, Self::Source];

    /// The name of its element.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::Issue => "issue",
            Self::Network => "transport",
            Self::Region => "region",
            Self::Source => "source",
        }
    }

    /// What it is called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Security => "Security",
            Self::Issue => "What is wrong",
            Self::Network => "Transport",
            Self::Region => "Region",
            Self::Source => "Source",
        }
    }

    /// The values to offer: those that rows have, and those that the query speaks of. Sources come the
    /// fullest first, all others in their own order.
    pub fn values(self, facets: &Facets, query: &Query) -> Vec<Value> {
        let all = match self {
            Self::Security => LEVELS.map(|(level, _)| Value::Level(level)).to_vec(),
            Self::Issue => SecurityIssue::ALL.map(Value::Issue).to_vec(),
            Self::Network => Network::ALL.map(Value::Network).to_vec(),
            Self::Region => Region::ALL.map(Value::Region).to_vec(),
            Self::Source => sources(facets, query),
        };
        all.into_iter().filter(|value| value.count(facets) > 0 || value.mark(query) != Mark::Any).collect()
    }
}

fn sources(facets: &Facets, query: &Query) -> Vec<Value> {
    let mut counted: Vec<(&String, usize)> =
        facets.sources.iter().map(|(name, rows)| (name, *rows)).collect();
    counted.sort_by_key(|(_, rows)| Reverse(*rows));
    let spoken_of = query.sources.iter().chain(&query.not.sources);
    let missing = spoken_of.filter(|name| !facets.sources.contains_key(*name));
    counted.into_iter().map(|(name, _)| name).chain(missing).cloned().map(Value::Source).collect()
}

/// A single choice, on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quick {
    /// This browser reaches it by itself.
    Connectable,
    /// It answered its last test.
    Working,
    /// The user marked it.
    Favourite,
}

impl Quick {
    /// Every choice, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Connectable, Self::Working, Self::Favourite];

    /// The name of its element.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Connectable => "connectable",
            Self::Working => "working",
            Self::Favourite => "favourite",
        }
    }

    /// What it is called.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Connectable => "Connectable",
            Self::Working => "Answering",
            Self::Favourite => "Favourites",
        }
    }

    /// What it leaves.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Connectable => "Only what this browser can connect to by itself",
            Self::Working => "Only what answered its last test",
            Self::Favourite => "Only what you marked with a star",
        }
    }

    /// Whether the query asks for it.
    pub fn is_on(self, query: &Query) -> bool {
        match self {
            Self::Connectable => query.connectable.is_some(),
            Self::Working => query.working == Some(true),
            Self::Favourite => query.favourite == Some(true),
        }
    }

    /// Asks for it, or asks no more.
    pub fn turn(self, query: &mut Query, engine: Engine) {
        let on = !self.is_on(query);
        match self {
            Self::Connectable => query.connectable = on.then_some(engine),
            Self::Working => query.working = on.then_some(true),
            Self::Favourite => query.favourite = on.then_some(true),
        }
    }

    /// How many rows it would leave.
    pub fn count(self, facets: &Facets, engine: Engine) -> usize {
        let count = match self {
            Self::Connectable => facets.connectable.get(engine.key()),
            Self::Working => facets.working.get(&Some(true)),
            Self::Favourite => facets.favourites.get(&true),
        };
        count.copied().unwrap_or_default()
    }
}

/// A bound of a number, offered in steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// At least this score.
    Score,
    /// At most so many milliseconds.
    Latency,
    /// Tested at most so many seconds ago.
    Age,
}

impl Bound {
    /// Every bound, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Score, Self::Latency, Self::Age];

    /// The id of its element.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Score => "min-score",
            Self::Latency => "max-latency",
            Self::Age => "max-age",
        }
    }

    /// What it is called.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Score => "Score at least",
            Self::Latency => "Latency at most",
            Self::Age => "Tested within",
        }
    }

    /// The numbers to offer, and the one that the query has, if it is another.
    pub fn steps(self, query: &Query) -> Vec<u64> {
        let mut steps = match self {
            Self::Score => vec![20, 40, 60, 80, 90],
            Self::Latency => vec![200, 500, 1_000, 2_000],
            Self::Age => vec![3_600, 86_400, 604_800],
        };
        let own = self.get(query).filter(|own| !steps.contains(own));
        steps.extend(own);
        steps.sort_unstable();
        steps
    }

    /// A number in words.
    pub fn words(self, number: u64) -> String {
        let (number, unit) = match (self, number) {
            (Self::Score, _) => return number.to_string(),
            (Self::Latency, _) => (number, " ms"),
            (Self::Age, 3_600) => (1, " hour"),
            (Self::Age, 86_400) => (1, " day"),
            (Self::Age, days) if days % 86_400 == 0 => (days / 86_400, " days"),
            (Self::Age, minutes) => (minutes / 60, " minutes"),
        };
        [&number.to_string(), unit].concat()
    }

    /// What the query has.
    pub fn get(self, query: &Query) -> Option<u64> {
        match self {
            Self::Score => query.min_score.map(u64::from),
            Self::Latency => query.max_latency.map(u64::from),
            Self::Age => query.max_age,
        }
    }

    /// Has the query ask for it, or for nothing; what is no such number is nothing.
    pub fn set(self, query: &mut Query, number: Option<u64>) {
        match self {
            Self::Score => query.min_score = number.and_then(|number| u8::try_from(number).ok()),
            Self::Latency => query.max_latency = number.and_then(|number| u32::try_from(number).ok()),
            Self::Age => query.max_age = number,
        }
    }
}

/// How many values and bounds of these groups the query has.
pub fn set(query: &Query) -> usize {
    let not = &query.not;
    let lists = [
        query.security.len() + not.security.len(),
        query.issues.len() + not.issues.len(),
        query.networks.len() + not.networks.len(),
        query.regions.len() + not.regions.len(),
        query.sources.len() + not.sources.len(),
    ];
    lists.iter().sum::<usize>() + Bound::ALL.iter().filter(|bound| bound.get(query).is_some()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_value() -> Vec<Value> {
        let sources = ["a", "b"].map(|name| Value::Source(name.to_owned()));
        let full = Facets {
            security: LEVELS.map(|(level, _)| (level, 1)).into(),
            issues: SecurityIssue::ALL.map(|issue| (issue, 1)).into(),
            networks: Network::ALL.map(|network| (network.key(), 1)).into(),
            regions: Region::ALL.map(|region| (region, 1)).into(),
            ..Facets::default()
        };
        let others = Group::ALL.iter().flat_map(|group| group.values(&full, &Query::default()));
        others.chain(sources).collect()
    }

    #[test]
    fn a_value_is_asked_for_then_excluded_then_left_alone() {
        for value in every_value() {
            let mut query = Query::default();
            for mark in [Mark::Only, Mark::Without, Mark::Any] {
                value.turn(&mut query);
                assert_eq!(value.mark(&query), mark, "{value:?}");
                assert_eq!(set(&query), usize::from(mark != Mark::Any), "{value:?}");
            }
            assert_eq!(query, Query::default());
        }
    }

    #[test]
    fn every_value_has_a_name_of_its_own() {
        let mut names: Vec<String> = every_value().iter().map(Value::label).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(names.iter().all(|name| !name.is_empty()));
    }

    #[test]
    fn what_no_row_has_is_offered_only_while_the_query_speaks_of_it() {
        let mut query = Query::default();
        assert_eq!(Group::Region.values(&Facets::default(), &query), []);
        query.not.regions = vec![Region::Asia];
        assert_eq!(Group::Region.values(&Facets::default(), &query), [Value::Region(Region::Asia)]);
        query.sources = vec!["gone".to_owned()];
        assert_eq!(Group::Source.values(&Facets::default(), &query), [Value::Source("gone".to_owned())]);
    }

    #[test]
    fn the_fullest_source_comes_first() {
        let rows = [("few", 1), ("many", 9), ("some", 3)].map(|(name, rows)| (name.to_owned(), rows));
        let facets = Facets { sources: rows.into(), ..Facets::default() };
        let names: Vec<_> =
            Group::Source.values(&facets, &Query::default()).iter().map(Value::label).collect();
        assert_eq!(names, ["many", "some", "few"]);
    }

    #[test]
    fn a_single_choice_is_on_or_off() {
        for quick in Quick::ALL {
            let mut query = Query::default();
            quick.turn(&mut query, Engine::Firefox);
            assert!(quick.is_on(&query) && query != Query::default(), "{quick:?}");
            quick.turn(&mut query, Engine::Firefox);
            assert_eq!(query, Query::default(), "{quick:?}");
        }
    }

    #[test]
    fn a_bound_that_came_from_elsewhere_is_one_of_the_steps() {
        for bound in Bound::ALL {
            let mut query = Query::default();
            let usual = bound.steps(&query);
            bound.set(&mut query, Some(77));
            assert_eq!((bound.get(&query), set(&query)), (Some(77), 1));
            assert!(bound.steps(&query).contains(&77) && bound.steps(&query).len() == usual.len() + 1);
            bound.set(&mut query, None);
            assert_eq!(query, Query::default());
        }
    }

    #[test]
    fn steps_are_read_as_people_say_them() {
        let cases = [
            (Bound::Score, 60, "60"),
            (Bound::Latency, 500, "500 ms"),
            (Bound::Age, 3_600, "1 hour"),
            (Bound::Age, 86_400, "1 day"),
            (Bound::Age, 604_800, "7 days"),
            (Bound::Age, 1_800, "30 minutes"),
        ];
        for (bound, number, words) in cases {
            assert_eq!(bound.words(number), words);
        }
    }
}
