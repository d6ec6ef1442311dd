//! A query: which rows, in which order. It has a form that a person types and one for URLs, which is also
//! the hosted API's; one table of filters, [`FILTERS`], drives both and the help.
//!
//! ```
//! use configstream_core::catalogue::Query;
//! let query = Query::from_text("proto:vless country:de,nl <200ms reality \"berlin\" -port:80 sort:latency");
//! assert_eq!(query.to_url(), "protocol=vless&country=DE,NL&not_port=80&max_latency=200&q=reality%20%22berlin%22&sort_by=latency");
//! assert_eq!(Query::from_url(&query.to_url()), Ok(query));
//! ```

mod filter;
mod fold;
mod matches;
mod near;
mod order;
mod search;
mod text;
mod texts;
mod token;
mod url;

pub use filter::{FILTERS, Filter, Kind};
pub(super) use matches::Matches;
pub(super) use order::Ranks;
pub(super) use search::Group;
pub use search::Search;
pub use text::Doubt;
pub(super) use texts::Texts;
pub use url::BadParameter;

use crate::Protocol;
use crate::geo::{Country, Region};
use crate::proxy::{Network, Security};
use crate::route::Engine;
use crate::score::{Level, SecurityIssue};

/// By what rows are sorted. Rows of which it is unknown come last, whichever way the sort goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Best score first.
    #[default]
    Score,
    /// Fastest first.
    Latency,
    /// By country name.
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

    fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.key() == key)
    }
}

/// Which way a sort goes. Each key has its usual way: scores and times fall, the others rise.
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

impl Order {
    const fn key(self) -> &'static str {
        match self {
            Self::Usual => "",
            Self::Ascending => "asc",
            Self::Descending => "desc",
        }
    }

    fn from_key(key: &str) -> Option<Self> {
        [Self::Ascending, Self::Descending].into_iter().find(|order| order.key() == key)
    }

    /// Whether the largest values of `sort` come first.
    pub const fn falls(self, sort: Sort) -> bool {
        match self {
            Self::Usual => matches!(sort, Sort::Score | Sort::TestedAt),
            Self::Ascending => false,
            Self::Descending => true,
        }
    }
}

/// Ports from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// The first.
    pub first: u16,
    /// The last, not before the first.
    pub last: u16,
}

impl Ports {
    /// Whether a port is among them.
    pub const fn contains(self, port: u16) -> bool {
        self.first <= port && port <= self.last
    }
}

/// Values that a row must not have. Empty lists do not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Without {
    /// None of these protocols.
    pub protocols: Vec<Protocol>,
    /// None of these networks.
    pub networks: Vec<Network>,
    /// None of these; `None` is a proxy without TLS.
    pub tls: Vec<Option<Security>>,
    /// None of these levels.
    pub security: Vec<Level>,
    /// None of these issues.
    pub issues: Vec<SecurityIssue>,
    /// None of these countries; rows of unknown country stay.
    pub countries: Vec<Country>,
    /// None of these regions; rows of unknown region stay.
    pub regions: Vec<Region>,
    /// None of these cities, case and accents apart; rows of unknown city stay.
    pub cities: Vec<String>,
    /// Listed by none of these sources.
    pub sources: Vec<String>,
    /// None of these ports.
    pub ports: Vec<Ports>,
}

/// Which rows, in which order. Empty lists and `None` do not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Any of these protocols.
    pub protocols: Vec<Protocol>,
    /// Any of these ways to carry bytes.
    pub networks: Vec<Network>,
    /// Any of these; `None` is a proxy without TLS.
    pub tls: Vec<Option<Security>>,
    /// Any of these: how secure the way to the proxy is, all issues counted.
    pub security: Vec<Level>,
    /// Any of these: what is wrong with its security.
    pub issues: Vec<SecurityIssue>,
    /// Any of these countries.
    pub countries: Vec<Country>,
    /// Any of these regions.
    pub regions: Vec<Region>,
    /// Any of these cities, case and accents apart.
    pub cities: Vec<String>,
    /// Any of these sources.
    pub sources: Vec<String>,
    /// Any of these ports.
    pub ports: Vec<Ports>,
    /// At least this latency, in milliseconds; a row without a latency does not match.
    pub min_latency: Option<u32>,
    /// At most this latency, in milliseconds; a row without a latency does not match.
    pub max_latency: Option<u32>,
    /// Among the fastest so many of a hundred of the rows whose latency is known, whatever else the query
    /// says: 1 to 100.
    pub fastest: Option<u8>,
    /// At least this score.
    pub min_score: Option<u8>,
    /// At most this score.
    pub max_score: Option<u8>,
    /// At least this reliability, in percent; a row without one does not match.
    pub min_reliability: Option<u8>,
    /// Whether its last test reached the judge.
    pub working: Option<bool>,
    /// Last tested at least so many seconds ago; a row that was never tested does not match.
    pub min_age: Option<u64>,
    /// Last tested at most so many seconds ago; a row that was never tested does not match.
    pub max_age: Option<u64>,
    /// This browser reaches it by itself.
    pub connectable: Option<Engine>,
    /// Whether the user marked it.
    pub favourite: Option<bool>,
    /// Values that a row must not have.
    pub not: Without,
    /// Every word and `"phrase"` of this text occurs in name, host, city, protocol, network, security,
    /// country, region or source, or is the country's code or the port; case and accents apart. One with `-`
    /// before it does not occur.
    pub text: String,
    /// By what rows are sorted.
    pub sort: Sort,
    /// Which way.
    pub order: Order,
    /// By what rows are sorted that are equal so far, and which way. Rows equal in all keep their order.
    pub then: Vec<(Sort, Order)>,
}

impl Query {
    /// Whether every row matches.
    pub fn is_empty(&self) -> bool {
        let unsorted =
            Self { sort: Sort::default(), order: Order::default(), then: Vec::new(), ..self.clone() };
        unsorted == Self::default()
    }

    /// By what rows are sorted and which way, the first the most; at most one for each key, since what is
    /// equal stays so.
    pub fn sorts(&self) -> Vec<(Sort, Order)> {
        let mut sorts = vec![(self.sort, self.order)];
        for (sort, order) in &self.then {
            if !sorts.iter().any(|(known, _)| known == sort) {
                sorts.push((*sort, *order));
            }
        }
        sorts
    }
}
