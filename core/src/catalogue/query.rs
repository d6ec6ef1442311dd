//! A query: which rows, in which order; and its URL form, which is also the API's.

use std::cmp::Ordering;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{Catalogue, Row};
use crate::geo::{Country, Region};
use crate::score::Safety;
use crate::{Protocol, link};

/// By what rows are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Best score first.
    #[default]
    Score,
    /// Fastest first, unknown last.
    Latency,
    /// By country name, unknown last.
    Country,
    /// By protocol.
    Protocol,
    /// Last tested first.
    TestedAt,
    /// By name.
    Name,
}

impl Sort {
    /// Every sort key.
    pub const ALL: [Self; 6] =
        [Self::Score, Self::Latency, Self::Country, Self::Protocol, Self::TestedAt, Self::Name];

    /// The name in a URL.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Score => "score",
            Self::Latency => "latency",
            Self::Country => "country",
            Self::Protocol => "protocol",
            Self::TestedAt => "tested_at",
            Self::Name => "name",
        }
    }
}

/// Which way a sort goes. Each key has its usual way: scores fall, the others rise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The usual way of the key.
    #[default]
    Usual,
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// Which rows, in which order. Empty lists and `None` do not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Any of these protocols.
    pub protocols: Vec<Protocol>,
    /// Any of these countries.
    pub countries: Vec<Country>,
    /// Any of these regions.
    pub regions: Vec<Region>,
    /// Any of these: how much of the traffic is hidden on the way to the proxy.
    pub security: Vec<Safety>,
    /// At most this latency, in milliseconds; a row without a latency does not match.
    pub max_latency: Option<u32>,
    /// At least this score.
    pub min_score: Option<u8>,
    /// Whether its last test reached the judge.
    pub working: Option<bool>,
    /// Any of these sources.
    pub sources: Vec<String>,
    /// Every word of this text occurs in name, host, protocol, network or country, case apart.
    pub text: String,
    /// By what rows are sorted.
    pub sort: Sort,
    /// Which way.
    pub order: Order,
}

/// A parameter that a query does not take, or takes otherwise.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: expected {expected}")]
pub struct BadParameter {
    /// The parameter.
    pub name: String,
    /// What it takes.
    pub expected: String,
}

impl Query {
    /// The parameters of the URL form, in the order in which [`to_url`](Self::to_url) writes them.
    pub const PARAMETERS: [&str; 11] = [
        "protocol",
        "country",
        "region",
        "security",
        "max_latency",
        "min_score",
        "working",
        "source",
        "q",
        "sort_by",
        "order",
    ];

    /// Whether every row matches.
    pub fn is_empty(&self) -> bool {
        Self { sort: Sort::default(), order: Order::default(), ..self.clone() } == Self::default()
    }

    /// The query's filters, made ready to be asked of many rows.
    pub(super) fn matcher(&self) -> Matcher<'_> {
        Matcher { query: self, words: self.text.split_whitespace().map(str::to_lowercase).collect() }
    }

    /// The numbers of the rows that match, sorted. Equal rows keep their order.
    pub(super) fn run(&self, catalogue: &Catalogue) -> Vec<u32> {
        let matcher = self.matcher();
        let mut rows: Vec<Row<'_>> = catalogue.rows().filter(|row| matcher.matches(row)).collect();
        rows.sort_by(|a, b| self.compare(a, b));
        rows.iter().map(Row::number).collect()
    }

    fn compare(&self, a: &Row<'_>, b: &Row<'_>) -> Ordering {
        let falls = match self.order {
            Order::Usual => matches!(self.sort, Sort::Score | Sort::TestedAt),
            Order::Ascending => false,
            Order::Descending => true,
        };
        match self.sort {
            Sort::Score => way(falls, a.score().cmp(&b.score())),
            Sort::Latency => known_first(falls, a.latency(), b.latency()),
            Sort::Country => known_first(falls, a.country().map(|c| c.name()), b.country().map(|c| c.name())),
            Sort::Protocol => way(falls, a.protocol().cmp(&b.protocol())),
            Sort::TestedAt => known_first(falls, a.tested_at(), b.tested_at()),
            Sort::Name => way(falls, a.name().cmp(b.name())),
        }
    }

    /// The URL form, `protocol=vless&country=DE`, without `?`; empty for the default query.
    ///
    /// ```
    /// use configstream_core::catalogue::Query;
    /// let query = Query::from_url("protocol=vless,trojan&country=de&q=berlin+fast").unwrap();
    /// assert_eq!(query.to_url(), "protocol=vless,trojan&country=DE&q=berlin%20fast");
    /// ```
    pub fn to_url(&self) -> String {
        let list = |keys: Vec<&str>| keys.join(",");
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let sources: Vec<String> = self.sources.iter().map(|source| encode(source)).collect();
        let values = [
            list(self.protocols.iter().map(|p| p.key()).collect()),
            list(self.countries.iter().map(Country::code).collect()),
            list(self.regions.iter().map(|r| r.key()).collect()),
            list(self.security.iter().map(|s| security_key(*s)).collect()),
            self.max_latency.map(|ms| ms.to_string()).unwrap_or_default(),
            self.min_score.map(|score| score.to_string()).unwrap_or_default(),
            self.working.map(|working| working.to_string()).unwrap_or_default(),
            sources.join(","),
            encode(&self.text),
            if self.sort == Sort::default() { String::new() } else { self.sort.key().to_owned() },
            self.order.key().to_owned(),
        ];
        let given = Self::PARAMETERS.iter().zip(&values).filter(|(_, value)| !value.is_empty());
        given.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    }

    /// Reads the URL form. Unknown parameters are not the query's and are passed over; a parameter
    /// of the query with a value that it does not take is an error.
    pub fn from_url(text: &str) -> Result<Self, BadParameter> {
        let mut query = Self::default();
        for pair in text.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            query.set(name, value)?;
        }
        Ok(query)
    }

    fn set(&mut self, name: &str, raw: &str) -> Result<(), BadParameter> {
        let value = decode(raw);
        if value.is_empty() {
            return Ok(());
        }
        match name {
            "protocol" => self.protocols.extend(list(name, &value, link::protocol)?),
            "country" => self.countries.extend(list(name, &value, Country::from_code)?),
            "region" => self.regions.extend(list(name, &value, Region::from_key)?),
            "security" => self.security.extend(list(name, &value, security)?),
            "source" => self.sources.extend(raw.split(',').map(decode)),
            "max_latency" => self.max_latency = Some(number(name, &value)?),
            "min_score" => self.min_score = Some(number(name, &value)?),
            "working" => self.working = Some(number(name, &value)?),
            "q" => self.text = value,
            "sort_by" => self.sort = one_of(name, &value, Sort::ALL, Sort::key)?,
            "order" => self.order = one_of(name, &value, [Order::Ascending, Order::Descending], Order::key)?,
            _ => {}
        }
        Ok(())
    }
}

impl Order {
    const fn key(self) -> &'static str {
        match self {
            Self::Usual => "",
            Self::Ascending => "asc",
            Self::Descending => "desc",
        }
    }
}

/// A query's filters with the text cut into words.
pub(super) struct Matcher<'a> {
    query: &'a Query,
    words: Vec<String>,
}

impl Matcher<'_> {
    pub(super) fn matches(&self, row: &Row<'_>) -> bool {
        let query = self.query;
        any_of(&query.protocols, Some(&row.protocol()))
            && any_of(&query.countries, row.country().as_ref())
            && any_of(&query.regions, row.country().and_then(|country| country.region()).as_ref())
            && any_of(&query.security, Some(&row.safety()))
            && query.max_latency.is_none_or(|most| row.latency().is_some_and(|ms| ms <= most))
            && query.min_score.is_none_or(|least| row.score() >= least)
            && query.working.is_none_or(|working| row.working() == Some(working))
            && (query.sources.is_empty()
                || row.sources().any(|source| query.sources.iter().any(|s| s == source)))
            && self.words.iter().all(|word| has_word(row, word))
    }
}

fn any_of<T: PartialEq>(allowed: &[T], value: Option<&T>) -> bool {
    allowed.is_empty() || value.is_some_and(|value| allowed.contains(value))
}

fn has_word(row: &Row<'_>, word: &str) -> bool {
    contains(row.name(), word)
        || contains(row.host(), word)
        || contains(row.protocol().key(), word)
        || contains(row.network().key(), word)
        || row.security().is_some_and(|security| contains(security.key(), word))
        || row.country().is_some_and(|country| {
            contains(country.name(), word) || country.code().eq_ignore_ascii_case(word)
        })
}

/// Whether `text` contains `word`, which is in lower case.
fn contains(text: &str, word: &str) -> bool {
    if text.is_ascii() {
        let (text, word) = (text.as_bytes(), word.as_bytes());
        return text.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    }
    text.to_lowercase().contains(word)
}

fn way(falls: bool, ordering: Ordering) -> Ordering {
    if falls { ordering.reverse() } else { ordering }
}

/// Known values in the wanted way, unknown ones after them whichever way that is.
fn known_first<T: Ord>(falls: bool, a: Option<T>, b: Option<T>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => way(falls, a.cmp(&b)),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

fn bad(name: &str, expected: impl Into<String>) -> BadParameter {
    BadParameter { name: name.to_owned(), expected: expected.into() }
}

/// Every safety, the safest first, and its name in a URL.
const SECURITY: [(Safety, &str); 3] =
    [(Safety::Verified, "high"), (Safety::Unverified, "medium"), (Safety::Open, "low")];

fn security_key(safety: Safety) -> &'static str {
    SECURITY.iter().find(|(known, _)| *known == safety).map_or("", |(_, key)| key)
}

fn security(key: &str) -> Option<Safety> {
    SECURITY.iter().find(|(_, known)| known.eq_ignore_ascii_case(key)).map(|(safety, _)| *safety)
}

/// What a parameter takes, in words.
fn expected(name: &str) -> String {
    match name {
        "protocol" => any_name(&Protocol::ALL.map(Protocol::key)),
        "country" => "country codes such as DE".to_owned(),
        "region" => any_name(&Region::ALL.map(Region::key)),
        "security" => any_name(&SECURITY.map(|(_, key)| key)),
        "max_latency" => "milliseconds".to_owned(),
        "min_score" => "a number from 0 to 100".to_owned(),
        _ => "true or false".to_owned(),
    }
}

fn any_name(names: &[&str]) -> String {
    format!("any of {}", names.join(", "))
}

fn list<T>(name: &str, value: &str, read: fn(&str) -> Option<T>) -> Result<Vec<T>, BadParameter> {
    value.split(',').map(|word| read(word.trim()).ok_or_else(|| bad(name, expected(name)))).collect()
}

fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, BadParameter> {
    value.parse().map_err(|_| bad(name, expected(name)))
}

fn one_of<T: Copy, const N: usize>(
    name: &str,
    value: &str,
    all: [T; N],
    key: fn(T) -> &'static str,
) -> Result<T, BadParameter> {
    let keys = || all.map(key).join(" or ");
    all.into_iter().find(|item| key(*item) == value).ok_or_else(|| bad(name, keys()))
}
