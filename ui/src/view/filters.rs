//! The filters that screens offer: values with a count, and steps of numbers.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use configstream_core::Protocol;
use configstream_core::catalogue::{Facets, Query};
use configstream_core::geo::{Country, Region};
use configstream_core::proxy::Network;
use configstream_core::route::Engine;
use configstream_core::score::{Level, SecurityIssue};

use super::choice::with_typed_filters;
use super::text::capital;

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

/// Any, only and any again.
fn turn_two<T: PartialEq + Clone>(value: &T, only: &mut Vec<T>, not: &mut Vec<T>) {
    match Mark::of(value, only, not) {
        Mark::Any => only.push(value.clone()),
        Mark::Only => only.retain(|known| known != value),
        Mark::Without => not.retain(|known| known != value),
    }
}

/// Any, only, without, and any again.
fn turn_three<T: PartialEq + Clone>(value: &T, only: &mut Vec<T>, not: &mut Vec<T>) {
    if only.contains(value) {
        not.push(value.clone());
    }
    turn_two(value, only, not);
}

/// Yes, or nothing, which no becomes too.
fn turn_yes(wanted: &mut Option<bool>) {
    *wanted = if wanted.is_some() { None } else { Some(true) };
}

/// One value, or none.
fn turn_one<T: PartialEq>(value: T, wanted: &mut Option<T>) {
    *wanted = if wanted.as_ref() == Some(&value) { None } else { Some(value) };
}

/// A value that rows may be asked to have, or not to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// This browser reaches it by itself.
    Connectable(Engine),
    /// It answered its last test.
    Working,
    /// The user marked it.
    Favourite,
    /// What it speaks.
    Protocol(Protocol),
    /// Where it comes out.
    Country(Country),
    /// How secure the way to the proxy is.
    Level(Level),
    /// What is wrong with it.
    Issue(SecurityIssue),
    /// How bytes are carried.
    Network(Network),
    /// The part of the world.
    Region(Region),
    /// The city.
    City(String),
    /// Who lists it.
    Source(String),
}

impl Value {
    /// What it is called.
    pub fn label(&self) -> String {
        match self {
            Self::Connectable(_) => "Connectable".to_owned(),
            Self::Working => "Answering".to_owned(),
            Self::Favourite => "Favourites".to_owned(),
            Self::Protocol(protocol) => protocol.label().to_owned(),
            Self::Country(country) => country.name().to_owned(),
            Self::Level(level) => capital(level.key()),
            Self::Issue(issue) => capital(issue.words()),
            Self::Network(network) => network.key().to_owned(),
            Self::Region(region) => capital(region.key()),
            Self::City(name) | Self::Source(name) => name.clone(),
        }
    }

    /// The name of its element: as in queries where that is not what it is called.
    pub fn key(&self) -> String {
        match self {
            Self::Protocol(protocol) => protocol.key().to_owned(),
            Self::Country(country) => country.code().to_owned(),
            other => other.label(),
        }
    }

    /// What it leaves, where its name does not say that.
    pub const fn sentence(&self) -> Option<&'static str> {
        match self {
            Self::Connectable(_) => Some("Only what this browser can connect to by itself"),
            Self::Working => Some("Only what answered its last test"),
            Self::Favourite => Some("Only what you marked with a star"),
            _ => None,
        }
    }

    /// What the query says of it.
    pub fn mark(&self, query: &Query) -> Mark {
        let not = &query.not;
        let yes = |wanted| match wanted {
            Some(true) => Mark::Only,
            Some(false) => Mark::Without,
            None => Mark::Any,
        };
        match self {
            Self::Connectable(engine) => yes((query.connectable == Some(*engine)).then_some(true)),
            Self::Working => yes(query.working),
            Self::Favourite => yes(query.favourite),
            Self::Protocol(protocol) => Mark::of(protocol, &query.protocols, &not.protocols),
            Self::Country(country) => Mark::of(country, &query.countries, &not.countries),
            Self::Level(level) => Mark::of(level, &query.security, &not.security),
            Self::Issue(issue) => Mark::of(issue, &query.issues, &not.issues),
            Self::Network(network) => Mark::of(network, &query.networks, &not.networks),
            Self::Region(region) => Mark::of(region, &query.regions, &not.regions),
            Self::City(city) => Mark::of(city, &query.cities, &not.cities),
            Self::Source(source) => Mark::of(source, &query.sources, &not.sources),
        }
    }

    /// Has the query say the next of it: only, then without where that is offered, then nothing.
    pub fn turn(&self, query: &mut Query) {
        let not = &mut query.not;
        match self {
            Self::Connectable(engine) => turn_one(*engine, &mut query.connectable),
            Self::Working => turn_yes(&mut query.working),
            Self::Favourite => turn_yes(&mut query.favourite),
            Self::Protocol(protocol) => turn_two(protocol, &mut query.protocols, &mut not.protocols),
            Self::Country(country) => turn_two(country, &mut query.countries, &mut not.countries),
            Self::Level(level) => turn_three(level, &mut query.security, &mut not.security),
            Self::Issue(issue) => turn_three(issue, &mut query.issues, &mut not.issues),
            Self::Network(network) => turn_three(network, &mut query.networks, &mut not.networks),
            Self::Region(region) => turn_three(region, &mut query.regions, &mut not.regions),
            Self::City(city) => turn_three(city, &mut query.cities, &mut not.cities),
            Self::Source(source) => turn_three(source, &mut query.sources, &mut not.sources),
        }
    }

    /// The same, for a query of which a part may be typed. Where that part speaks of the value, all filters
    /// become text, so that none is out of sight.
    pub fn turn_typed(&self, query: &mut Query) {
        let mut asked = with_typed_filters(query);
        if self.mark(&asked) == self.mark(query) {
            return self.turn(query);
        }
        self.turn(&mut asked);
        let sort = std::mem::take(&mut asked.sort);
        let order = std::mem::take(&mut asked.order);
        let then = std::mem::take(&mut asked.then);
        *query = Query { text: asked.to_text(), sort, order, then, ..Query::default() };
    }

    /// How many rows have it, whatever the query asks for of its group.
    pub fn count(&self, facets: &Facets) -> usize {
        let count = match self {
            Self::Connectable(engine) => facets.connectable.get(engine.key()),
            Self::Working => facets.working.get(&Some(true)),
            Self::Favourite => facets.favourites.get(&true),
            Self::Protocol(protocol) => facets.protocols.get(protocol),
            Self::Country(country) => facets.countries.get(country),
            Self::Level(level) => facets.security.get(level),
            Self::Issue(issue) => facets.issues.get(issue),
            Self::Network(network) => facets.networks.get(network.key()),
            Self::Region(region) => facets.regions.get(region),
            Self::City(city) => facets.cities.get(city),
            Self::Source(source) => facets.sources.get(source),
        };
        count.copied().unwrap_or_default()
    }
}

/// Values of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Single choices, which are always offered.
    Quick,
    /// What it speaks.
    Protocol,
    /// Where it comes out.
    Country,
    /// Levels of security.
    Security,
    /// What is wrong.
    Issue,
    /// Ways to carry bytes.
    Network,
    /// Parts of the world.
    Region,
    /// Cities.
    City,
    /// Who lists it.
    Source,
}

impl Group {
    /// Those among more filters, in the order in which they are offered.
    pub const MORE: [Self; 6] =
        [Self::Security, Self::Issue, Self::Network, Self::Region, Self::City, Self::Source];

    /// The name of its element.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Protocol => "protocol",
            Self::Country => "country",
            Self::Security => "security",
            Self::Issue => "issue",
            Self::Network => "transport",
            Self::Region => "region",
            Self::City => "city",
            Self::Source => "source",
        }
    }

    /// What it is called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Quick => "Choices",
            Self::Protocol => "Protocols",
            Self::Country => "Countries",
            Self::Security => "Security",
            Self::Issue => "What is wrong",
            Self::Network => "Transport",
            Self::Region => "Region",
            Self::City => "City",
            Self::Source => "Source",
        }
    }

    /// The values to offer: those that rows have, and those that the query speaks of. Countries, cities and
    /// sources come the fullest first, all others in their own order.
    pub fn values(self, facets: &Facets, query: &Query, engine: Engine) -> Vec<Value> {
        let mut values = self.all(facets, query, engine);
        if self == Self::Quick {
            return values;
        }
        values.retain(|value| value.count(facets) > 0 || value.mark(query) != Mark::Any);
        if matches!(self, Self::Country | Self::City | Self::Source) {
            values.sort_by_key(|value| Reverse(value.count(facets)));
        }
        values
    }

    fn all(self, facets: &Facets, query: &Query, engine: Engine) -> Vec<Value> {
        let not = &query.not;
        match self {
            Self::Quick => vec![Value::Connectable(engine), Value::Working, Value::Favourite],
            Self::Protocol => Protocol::ALL.map(Value::Protocol).to_vec(),
            Self::Security => Level::ALL.map(Value::Level).to_vec(),
            Self::Issue => SecurityIssue::ALL.map(Value::Issue).to_vec(),
            Self::Network => Network::ALL.map(Value::Network).to_vec(),
            Self::Region => Region::ALL.map(Value::Region).to_vec(),
            Self::Country => named(&facets.countries, &query.countries, &not.countries, Value::Country),
            Self::City => named(&facets.cities, &query.cities, &not.cities, Value::City),
            Self::Source => named(&facets.sources, &query.sources, &not.sources, Value::Source),
        }
    }
}

/// What rows have, and what the query speaks of beside that.
fn named<T: Ord + Clone>(
    rows: &BTreeMap<T, usize>,
    only: &[T],
    not: &[T],
    value: fn(T) -> Value,
) -> Vec<Value> {
    let missing = only.iter().chain(not).filter(|name| !rows.contains_key(*name));
    rows.keys().chain(missing).cloned().map(value).collect()
}

/// A bound of a number, offered in steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// At least this score.
    Score,
    /// At least this reliability, in percent.
    Reliability,
    /// At most so many milliseconds.
    Latency,
    /// Tested at most so many seconds ago.
    Age,
}

impl Bound {
    /// Every bound, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Score, Self::Reliability, Self::Latency, Self::Age];

    /// The id of its element.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Score => "min-score",
            Self::Reliability => "min-reliability",
            Self::Latency => "max-latency",
            Self::Age => "max-age",
        }
    }

    /// What it is called.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Score => "Score at least",
            Self::Reliability => "Reliability at least",
            Self::Latency => "Latency at most",
            Self::Age => "Tested within",
        }
    }

    /// The numbers to offer, and the one that the query has, if it is another.
    pub fn steps(self, query: &Query) -> Vec<u64> {
        let mut steps = match self {
            Self::Score => vec![20, 40, 60, 80, 90],
            Self::Reliability => vec![25, 50, 75, 90],
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
            (Self::Reliability, _) => (number, " %"),
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
            Self::Reliability => query.min_reliability.map(u64::from),
            Self::Latency => query.max_latency.map(u64::from),
            Self::Age => query.max_age,
        }
    }

    /// Has the query ask for it, or for nothing; what is no such number is nothing.
    pub fn set(self, query: &mut Query, number: Option<u64>) {
        let small = number.and_then(|number| u8::try_from(number).ok());
        match self {
            Self::Score => query.min_score = small,
            Self::Reliability => query.min_reliability = small,
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
        query.cities.len() + not.cities.len(),
        query.sources.len() + not.sources.len(),
    ];
    lists.iter().sum::<usize>() + Bound::ALL.iter().filter(|bound| bound.get(query).is_some()).count()
}

#[cfg(test)]
mod tests {
    use configstream_core::catalogue::Sort;

    use super::*;

    const CHROME: Engine = Engine::Chrome;

    fn every_value() -> Vec<Value> {
        let named = [Value::City("a".to_owned()), Value::Source("b".to_owned())];
        let full = Facets {
            security: Level::ALL.map(|level| (level, 1)).into(),
            issues: SecurityIssue::ALL.map(|issue| (issue, 1)).into(),
            networks: Network::ALL.map(|network| (network.key(), 1)).into(),
            regions: Region::ALL.map(|region| (region, 1)).into(),
            ..Facets::default()
        };
        let others = Group::MORE.iter().flat_map(|group| group.values(&full, &Query::default(), CHROME));
        others.chain(named).collect()
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
    fn a_value_that_is_typed_turns_in_the_text_and_nothing_is_put_out_of_sight() {
        let typed =
            Query { text: "country:de berlin -port:80".to_owned(), sort: Sort::Name, ..Query::default() };
        let germany = Value::Country(country("DE"));
        let mut query = typed.clone();
        assert_eq!(germany.mark(&with_typed_filters(&query)), Mark::Only);
        germany.turn_typed(&mut query);
        assert_eq!(query, Query { text: "-port:80 berlin".to_owned(), ..typed.clone() });
        germany.turn_typed(&mut query);
        let chosen = Query { countries: vec![country("DE")], text: "-port:80 berlin".to_owned(), ..typed };
        assert_eq!(query, chosen);
    }

    #[test]
    fn what_is_typed_not_to_be_is_without_and_then_any() {
        let mut query = Query { text: "working:no".to_owned(), ..Query::default() };
        assert_eq!(Value::Working.mark(&with_typed_filters(&query)), Mark::Without);
        Value::Working.turn_typed(&mut query);
        assert_eq!(query, Query::default());
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
        assert_eq!(Group::Region.values(&Facets::default(), &query, CHROME), []);
        query.not.regions = vec![Region::Asia];
        assert_eq!(Group::Region.values(&Facets::default(), &query, CHROME), [Value::Region(Region::Asia)]);
        query.sources = vec!["gone".to_owned()];
        assert_eq!(
            Group::Source.values(&Facets::default(), &query, CHROME),
            [Value::Source("gone".to_owned())]
        );
    }

    #[test]
    fn the_fullest_source_comes_first() {
        let rows = [("few", 1), ("many", 9), ("some", 3)].map(|(name, rows)| (name.to_owned(), rows));
        let facets = Facets { sources: rows.into(), ..Facets::default() };
        let names: Vec<_> =
            Group::Source.values(&facets, &Query::default(), CHROME).iter().map(Value::label).collect();
        assert_eq!(names, ["many", "some", "few"]);
    }

    #[test]
    fn a_chip_beside_the_list_is_on_or_off() {
        let chosen = [Value::Protocol(Protocol::Vless), Value::Country(country("DE"))];
        let quick = Group::Quick.values(&Facets::default(), &Query::default(), CHROME);
        for value in quick.into_iter().chain(chosen) {
            let mut query = Query::default();
            value.turn(&mut query);
            assert_eq!(value.mark(&query), Mark::Only, "{value:?}");
            value.turn(&mut query);
            assert_eq!(query, Query::default(), "{value:?}");
        }
    }

    #[test]
    fn the_fullest_country_comes_first_and_a_chosen_empty_one_stays() {
        let rows = [("DE", 2), ("FR", 9)].map(|(code, rows)| (country(code), rows));
        let facets = Facets { countries: rows.into(), ..Facets::default() };
        let query = Query { countries: vec![country("US")], ..Query::default() };
        let keys: Vec<_> = Group::Country.values(&facets, &query, CHROME).iter().map(Value::key).collect();
        assert_eq!(keys, ["FR", "DE", "US"]);
    }

    fn country(code: &str) -> Country {
        Country::from_code(code).expect("a code")
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
            (Bound::Reliability, 75, "75 %"),
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
