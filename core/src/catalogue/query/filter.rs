//! The table of filters: the names, values and help of each, in both forms of a query.

use super::{Order, Ports, Query, Sort};
use crate::geo::{Country, Region};
use crate::proxy::{Network, Security};
use crate::route::Engine;
use crate::score::{Level, SecurityIssue};
use crate::{Protocol, link};

/// How a filter restricts, and so how it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any of several values, `country:de,nl`; with `-` before it, none of them.
    AnyOf,
    /// No more than a number, `latency:<200`.
    AtMost,
    /// No less than a number, `score:>60`.
    AtLeast,
    /// One value, `working:yes`.
    One,
}

/// In which form a value was written. A person may write more freely than a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Url,
    Text,
}

/// Reads one value into a query; `true` when it must not be. `None`: it is no such value.
type Read = fn(&mut Query, &str, bool, Form) -> Option<()>;
/// The values of a query, as the URL form has them; `true` for those that must not be.
type Write = fn(&Query, bool) -> Vec<String>;

/// One filter.
pub struct Filter {
    /// The name of its parameter in a URL.
    pub name: &'static str,
    /// The name of the parameter of values that a row must not have; empty when there is none.
    pub not: &'static str,
    /// What a person types before `:`, the usual name first.
    pub typed: &'static [&'static str],
    /// How it restricts.
    pub kind: Kind,
    /// What it does, in a few words.
    pub help: &'static str,
    /// What is typed, for example.
    pub example: &'static str,
    /// What it takes, in words.
    pub expected: fn() -> String,
    /// The names of its values, where they are few.
    pub(super) values: fn() -> Vec<&'static str>,
    pub(super) read: Read,
    pub(super) write: Write,
}

impl Filter {
    /// Whether its values are of a closed set or numbers, and not names that others gave.
    pub(super) fn is_of_ours(&self) -> bool {
        !matches!(self.name, "city" | "source" | "q")
    }
}

impl std::fmt::Debug for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Filter({})", self.name)
    }
}

/// What may be around a connection, and its name.
const TLS: [(Option<Security>, &str); 4] = [
    (Some(Security::Tls), "tls"),
    (Some(Security::Reality), "reality"),
    (Some(Security::Xtls), "xtls"),
    (None, "none"),
];

/// The two lists of a filter: what may be and what must not.
macro_rules! any_of {
    ($field:ident, $read:expr, $write:expr) => {
        (
            |query: &mut Query, word: &str, not: bool, form: Form| {
                let list = if not { &mut query.not.$field } else { &mut query.$field };
                list.push($read(word, form)?);
                Some(())
            },
            |query: &Query, not: bool| {
                let list = if not { &query.not.$field } else { &query.$field };
                list.iter().map($write).collect()
            },
        )
    };
}

/// The one value of a filter.
macro_rules! one {
    ($field:ident, $read:expr, $write:expr) => {
        (
            |query: &mut Query, word: &str, _: bool, form: Form| {
                query.$field = Some($read(word, form)?);
                Some(())
            },
            |query: &Query, _: bool| query.$field.iter().map($write).collect(),
        )
    };
}

/// One row of the table: names, kind, help, example, what it takes, names of values, read and write.
macro_rules! filters {
    ($($name:literal $not:literal $typed:expr, $kind:ident, $help:literal, $example:literal,
       $expected:expr, $values:expr, $access:expr;)*) => {
        /// Every filter, in the order in which both forms are written.
        pub static FILTERS: [Filter; filters!(@count $($name)*)] = [$({
            const ACCESS: (Read, Write) = $access;
            Filter {
                name: $name,
                not: $not,
                typed: &$typed,
                kind: Kind::$kind,
                help: $help,
                example: $example,
                expected: $expected,
                values: $values,
                read: ACCESS.0,
                write: ACCESS.1,
            }
        }),*];
    };
    (@count $($name:literal)*) => { [$($name),*].len() };
}

filters! {
    "protocol" "not_protocol" ["proto", "protocol"], AnyOf, "what it speaks", "proto:vless,trojan",
        || any(&Protocol::ALL.map(Protocol::key)), || Protocol::ALL.map(Protocol::key).to_vec(),
        any_of!(protocols, |word: &str, _| link::protocol(word), |it| it.key().to_owned());
    "transport" "not_transport" ["net", "transport", "network"], AnyOf, "how bytes are carried", "net:ws,grpc",
        || any(&Network::ALL.map(Network::key)), || Network::ALL.map(Network::key).to_vec(),
        any_of!(networks, |word: &str, _| Network::from_key(word), |it| it.key().to_owned());
    "tls" "not_tls" ["tls"], AnyOf, "what is around the connection", "tls:reality",
        || any(&TLS.map(|tls| tls.1)), || TLS.map(|tls| tls.1).to_vec(),
        any_of!(tls, |word: &str, _| value(&TLS, word), |it| name(&TLS, it));
    "country" "not_country" ["country"], AnyOf, "where it comes out", "country:de,nl",
        || "country codes such as DE".to_owned(), Vec::new,
        any_of!(countries, country, |it| it.code().to_owned());
    "region" "not_region" ["region"], AnyOf, "in which part of the world", "region:europe",
        || any(&Region::ALL.map(Region::key)), || Region::ALL.map(Region::key).to_vec(),
        any_of!(regions, |word: &str, _| Region::from_key(word), |it| it.key().to_owned());
    "city" "not_city" ["city"], AnyOf, "in which city", "city:\"New York\"",
        || "names of cities".to_owned(), Vec::new,
        any_of!(cities, |word: &str, _| Some(word.to_owned()), |it: &String| it.clone());
    "security" "not_security" ["security", "sec"], AnyOf, "how secure the way to it is", "security:high",
        || any(&Level::ALL.map(Level::key)), || Level::ALL.map(Level::key).to_vec(),
        any_of!(security, |word: &str, _| Level::from_key(word), |it| it.key().to_owned());
    "issue" "not_issue" ["issue"], AnyOf, "what is wrong with its security", "-issue:no-encryption",
        || any(&SecurityIssue::ALL.map(SecurityIssue::key)), || SecurityIssue::ALL.map(SecurityIssue::key).to_vec(),
        any_of!(issues, |word: &str, _| SecurityIssue::from_key(word), |it| it.key().to_owned());
    "port" "not_port" ["port"], AnyOf, "on which port", "port:443,8000-9000",
        || "ports such as 443 or 8000-9000".to_owned(), Vec::new,
        any_of!(ports, |word: &str, _| ports(word), |it| range(*it));
    "max_latency" "" ["latency"], AtMost, "the slowest", "<200ms",
        || "milliseconds".to_owned(), Vec::new, one!(max_latency, millis, ToString::to_string);
    "min_latency" "" ["latency"], AtLeast, "the fastest", "latency:>20",
        || "milliseconds".to_owned(), Vec::new, one!(min_latency, millis, ToString::to_string);
    "fastest" "" ["fastest"], One, "among the fastest so many of a hundred", "fastest:10%",
        || "a number from 1 to 100".to_owned(), Vec::new,
        one!(fastest, |word, form| percent(word, form).filter(|share| *share > 0), ToString::to_string);
    "min_score" "" ["score"], AtLeast, "the least score", "score:>60",
        || "a number from 0 to 100".to_owned(), Vec::new, one!(min_score, number::<u8>, ToString::to_string);
    "max_score" "" ["score"], AtMost, "the highest score", "score:<90",
        || "a number from 0 to 100".to_owned(), Vec::new, one!(max_score, number::<u8>, ToString::to_string);
    "min_reliability" "" ["reliability", "reliable"], AtLeast, "how likely it works, in percent", "reliability:>80",
        || "a number from 0 to 100".to_owned(), Vec::new, one!(min_reliability, percent, ToString::to_string);
    "working" "" ["working"], One, "whether its last test reached the judge", "working:yes",
        || "true or false".to_owned(), || vec!["yes", "no"], one!(working, truth, ToString::to_string);
    "max_age" "" ["age", "tested"], AtMost, "tested no longer ago", "age:<1h",
        || "seconds".to_owned(), Vec::new, one!(max_age, seconds, ToString::to_string);
    "min_age" "" ["age", "tested"], AtLeast, "tested no later", "age:>7d",
        || "seconds".to_owned(), Vec::new, one!(min_age, seconds, ToString::to_string);
    "connectable" "" ["connectable", "browser"], One, "whether this browser reaches it by itself", "browser:firefox",
        || any(&Engine::ALL.map(Engine::key)), || Engine::ALL.map(Engine::key).to_vec(),
        one!(connectable, |word: &str, _| Engine::from_key(word), |it: &Engine| it.key().to_owned());
    "favourite" "" ["favourite", "fav", "favorite"], One, "whether you marked it", "fav:yes",
        || "true or false".to_owned(), || vec!["yes", "no"], one!(favourite, truth, ToString::to_string);
    "source" "not_source" ["source"], AnyOf, "who lists it", "source:one,\"my list\"",
        || "names of sources".to_owned(), Vec::new,
        any_of!(sources, |word: &str, _| Some(word.to_owned()), |it: &String| it.clone());
    "q" "" ["text"], One, "words and \"phrases\" in any field; -word for none", "berlin \"data center\" -test",
        || "words".to_owned(), Vec::new,
        (|query, word, _, _| { word.clone_into(&mut query.text); Some(()) },
         |query, _| Some(query.text.clone()).into_iter().filter(|text| !text.is_empty()).collect());
    "sort_by" "" ["sort"], One, "what comes first; several keys one after the other", "sort:country,latency:desc",
        || Sort::ALL.map(Sort::key).join(" or "), || Sort::ALL.map(Sort::key).to_vec(), (sort, sorted);
    "order" "" ["order"], One, "which way the first key goes", "order:desc",
        || "asc or desc".to_owned(), || vec!["asc", "desc"],
        (|query, word, _, _| { query.order = Order::from_key(word)?; Some(()) },
         |query, _| Some(query.order.key().to_owned()).into_iter().filter(|key| !key.is_empty()).collect());
}

impl Query {
    /// The parameters of the URL form, in the order in which [`to_url`](Self::to_url) writes them.
    pub const PARAMETERS: [&str; COUNT] = parameters();
}

/// How many parameters there are.
const COUNT: usize = {
    let (mut at, mut count) = (0, 0);
    while at < FILTERS.len() {
        count += 1 + !FILTERS[at].not.is_empty() as usize;
        at += 1;
    }
    count
};

const fn parameters() -> [&'static str; COUNT] {
    let (mut names, mut at, mut next) = ([""; COUNT], 0, 0);
    while at < FILTERS.len() {
        names[next] = FILTERS[at].name;
        next += 1;
        if !FILTERS[at].not.is_empty() {
            names[next] = FILTERS[at].not;
            next += 1;
        }
        at += 1;
    }
    names
}

fn any(names: &[&str]) -> String {
    format!("any of {}", names.join(", "))
}

fn value<T: Copy>(all: &[(T, &str)], word: &str) -> Option<T> {
    all.iter().find(|(_, key)| key.eq_ignore_ascii_case(word)).map(|(value, _)| *value)
}

fn name<T: PartialEq>(all: &[(T, &str)], value: &T) -> String {
    all.iter().find(|(known, _)| known == value).map_or("", |(_, key)| key).to_owned()
}

fn country(word: &str, form: Form) -> Option<Country> {
    let by_name = || Country::from_word(word).filter(|_| form == Form::Text);
    Country::from_code(word).or_else(by_name)
}

fn ports(word: &str) -> Option<Ports> {
    let (first, last) = word.split_once('-').unwrap_or((word, word));
    let ports = Ports { first: first.trim().parse().ok()?, last: last.trim().parse().ok()? };
    (ports.first <= ports.last).then_some(ports)
}

fn range(ports: Ports) -> String {
    if ports.first == ports.last {
        ports.first.to_string()
    } else {
        format!("{}-{}", ports.first, ports.last)
    }
}

fn number<T: std::str::FromStr>(word: &str, _: Form) -> Option<T> {
    word.parse().ok()
}

fn percent(word: &str, form: Form) -> Option<u8> {
    let word = if form == Form::Text { word.trim_end_matches('%') } else { word };
    number(word, form).filter(|share| *share <= 100)
}

fn truth(word: &str, form: Form) -> Option<bool> {
    const SAID: [(bool, &str); 4] = [(true, "yes"), (true, "y"), (false, "no"), (false, "n")];
    number(word, form).or_else(|| value(&SAID, word).filter(|_| form == Form::Text))
}

/// A number with a unit, where a person writes it; in a URL it has none.
fn scaled(word: &str, form: Form, units: &[(&str, u64)]) -> Option<u64> {
    let at = word.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(word.len());
    let (digits, unit) = word.split_at(at);
    let scale = if unit.is_empty() { 1 } else { value_of(units, unit).filter(|_| form == Form::Text)? };
    digits.parse::<u64>().ok()?.checked_mul(scale)
}

fn value_of(units: &[(&str, u64)], unit: &str) -> Option<u64> {
    units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)).map(|(_, scale)| *scale)
}

fn millis(word: &str, form: Form) -> Option<u32> {
    u32::try_from(scaled(word, form, &[("ms", 1), ("s", 1_000)])?).ok()
}

fn seconds(word: &str, form: Form) -> Option<u64> {
    scaled(word, form, &[("s", 1), ("m", 60), ("min", 60), ("h", 3_600), ("d", 86_400), ("w", 604_800)])
}

/// A comma-separated list of keys, each maybe with its way after `:`. Each key counts once.
fn sort(query: &mut Query, word: &str, _: bool, _: Form) -> Option<()> {
    let one = |part: &str| {
        let (key, way) = part.trim().split_once(':').unwrap_or((part.trim(), ""));
        let order = if way.is_empty() { Some(Order::Usual) } else { Order::from_key(way) };
        Some((Sort::from_key(key)?, order?))
    };
    let keys = word.split(',').map(one).collect::<Option<Vec<_>>>()?;
    let (first, then) = keys.split_first()?;
    query.sort = first.0;
    if first.1 != Order::Usual {
        query.order = first.1;
    }
    query.then = then.to_vec();
    Some(())
}

fn sorted(query: &Query, _: bool) -> Vec<String> {
    if query.sort == Sort::default() && query.then.is_empty() {
        return Vec::new();
    }
    let then = query.then.iter().map(|(sort, order)| match order {
        Order::Usual => sort.key().to_owned(),
        order => format!("{}:{}", sort.key(), order.key()),
    });
    std::iter::once(query.sort.key().to_owned()).chain(then).collect()
}
