//! The set: proxies merged from many sources, searched, filtered, sorted and counted.
//!
//! A [`Catalogue`] is columns: one array per value, and the texts of all rows in one text per column. An
//! [`Entry`] is what goes in, a [`Row`] is what is looked at.

mod columns;
mod derived;
mod digest;
mod facets;
mod form;
mod issues;
mod merge;
mod patch;
mod pick;
mod pool;
mod query;
mod row;
mod snapshot;
mod statistics;
mod table;
mod update;

pub use facets::Facets;
pub use issues::{Engines, Issue, Issues};
pub use merge::{Listed, Merge, Sameness, Score, says};
pub use patch::{BadPatch, Patch};
pub use query::{BadParameter, Doubt, FILTERS, Filter, Kind, Order, Ports, Query, Search, Sort, Without};
pub use row::Row;
pub use snapshot::{BadSnapshot, Snapshot, seal};
pub use statistics::{LATENCY_BINS, Percentiles, Statistics, Tally};
pub use update::Full;

use columns::Columns;
use derived::Derived;
use pool::{Pool, Shared};

use crate::geo::Country;
use crate::proxy::{Fingerprint, Network, Protocol, Security};
use crate::score::{self, Evidence, Safety};
use crate::{Proxy, Text, Timestamp, link};

/// What tests have shown of a proxy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Country of the exit where a test saw it, else of the proxy's address.
    pub country: Option<Country>,
    /// The city, where known.
    pub city: Option<Text>,
    /// Milliseconds from request to whole answer.
    pub latency: Option<u32>,
    /// Whether the last test reached the judge; `None` when never tested.
    pub working: Option<bool>,
    /// When it was last tested.
    pub tested_at: Option<Timestamp>,
    /// When a source first listed it.
    pub first_seen: Option<Timestamp>,
    /// The chance that it works when it is next tried, per mille: 0 to 1000.
    pub reliability: Option<u16>,
}

/// One row of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its identity.
    pub id: Fingerprint,
    /// The whole proxy as a link.
    pub link: String,
    /// What it speaks.
    pub protocol: Protocol,
    /// Host name or address, IPv6 without brackets.
    pub host: String,
    /// 1 to 65535.
    pub port: u16,
    /// The name that its first list gives it.
    pub name: String,
    /// How bytes are carried.
    pub network: Network,
    /// TLS or REALITY to the proxy, if any.
    pub security: Option<Security>,
    /// How much of the traffic is hidden on the way to the proxy.
    pub safety: Safety,
    /// What is wrong with its security.
    pub issues: Issues,
    /// The browsers that can use it by themselves.
    pub engines: Engines,
    /// Who lists it.
    pub sources: Vec<String>,
    /// What tests have shown.
    pub measured: Measured,
    /// 0 to 100.
    pub score: u8,
}

impl Entry {
    /// A row for a proxy; the score is that of `now`.
    pub fn new(proxy: &Proxy, sources: Vec<String>, measured: Measured, now: Timestamp) -> Self {
        let mut entry = Self {
            id: proxy.fingerprint(),
            link: link::print(proxy),
            protocol: proxy.protocol,
            host: proxy.endpoint.host.as_str().to_owned(),
            port: proxy.endpoint.port,
            name: proxy.name.as_str().to_owned(),
            network: proxy.transport.network,
            security: proxy.tls.as_ref().map(|tls| tls.security),
            safety: Safety::of(proxy),
            issues: Issues::of(proxy),
            engines: Engines::of(proxy),
            sources,
            measured,
            score: 0,
        };
        entry.score = score::score(&entry.evidence(), now).0;
        entry
    }

    /// What its score is made from.
    pub fn evidence(&self) -> Evidence {
        Evidence {
            working: self.measured.working,
            latency: self.measured.latency,
            tested_at: self.measured.tested_at,
            sources: self.sources.len(),
            safety: self.safety,
        }
    }
}

/// The set: each identity once. A query yields row numbers.
///
/// Rows have numbers from 0 without gaps. A number is good until the next removal, which gives the last
/// row the number of the one that went: a change costs what it changes, and columns have no holes to pass
/// over. An update keeps the number.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    columns: Columns,
    links: Pool<String>,
    names: Pool<String>,
    hosts: Pool<String>,
    /// Numbers of sources.
    lists: Pool<Vec<u32>>,
    sources: Shared<Text>,
    cities: Shared<Text>,
    derived: Derived,
}

impl Catalogue {
    /// A catalogue of these rows. Of two with one identity the later one stays, in the place of the
    /// first; rows beyond 4 GiB of text are left out.
    pub fn new(entries: Vec<Entry>) -> Self {
        let mut catalogue = Self::default();
        catalogue.columns.reserve(entries.len());
        catalogue.links.reserve(entries.iter().map(|entry| entry.link.len()).sum());
        catalogue.names.reserve(entries.iter().map(|entry| entry.name.len()).sum());
        catalogue.hosts.reserve(entries.iter().map(|entry| entry.host.len()).sum());
        catalogue.lists.reserve(entries.iter().map(|entry| entry.sources.len()).sum());
        catalogue.extend(entries);
        catalogue
    }

    /// Every row, by number.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = Row<'_>> {
        (0..self.len() as u32).filter_map(|number| self.row(number))
    }

    /// One row.
    pub fn row(&self, number: u32) -> Option<Row<'_>> {
        Row::of(self, number)
    }

    /// The row of an identity: one pass over one column, about 20 µs for 100,000 rows. Who asks for many
    /// makes a map of [`rows`](Self::rows) first.
    pub fn find(&self, id: Fingerprint) -> Option<Row<'_>> {
        self.row(self.number_of(id)?)
    }

    fn number_of(&self, id: Fingerprint) -> Option<u32> {
        self.columns.id.iter().position(|known| *known == id.number()).map(|row| row as u32)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers of the rows that match, in the query's order; ages are those of `now`.
    pub fn query(&self, query: &Query, now: Timestamp) -> Vec<u32> {
        self.search(query, now).rows()
    }

    /// Computes what searches need before the first of them asks: about 25 ms for 100,000 rows. Where nobody
    /// calls it, the first search pays.
    pub fn prepare(&self) {
        self.kinds();
        self.texts();
        self.ordered(Sort::Score, true);
    }

    /// The rows that match a query, to be listed and counted; ages are those of `now`.
    pub fn search<'a>(&'a self, query: &'a Query, now: Timestamp) -> Search<'a> {
        Search::new(self, query, now)
    }
}

/// Two catalogues are equal when their rows are, in their order.
impl PartialEq for Catalogue {
    fn eq(&self, other: &Self) -> bool {
        self.rows().eq(other.rows())
    }
}

impl Eq for Catalogue {}
