//! The set: proxies merged from many sources, searched, filtered, sorted and counted.

mod facets;
mod merge;
mod pick;
mod query;

pub use facets::{Facets, facets};
pub use merge::{Listed, Merge, Sameness, Score, says};
pub use pick::{Candidate, Goal, Picker};
pub use query::{Order, Query, Sort};

use crate::geo::Country;
use crate::proxy::{Fingerprint, Network, Protocol, Security};
use crate::score::{self, Evidence, Safety};
use crate::{Proxy, Timestamp, link};

/// What tests have shown of a proxy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Country of the exit where a test saw it, else of the proxy's address.
    pub country: Option<Country>,
    /// Milliseconds from request to whole answer.
    pub latency: Option<u32>,
    /// Whether the last test reached the judge; `None` when never tested.
    pub working: Option<bool>,
    /// When it was last tested.
    pub tested_at: Option<Timestamp>,
    /// When a source first listed it.
    pub first_seen: Option<Timestamp>,
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
            ..Evidence::default()
        }
    }
}

/// The set. A query yields row numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    entries: Vec<Entry>,
}

impl Catalogue {
    /// A catalogue of these rows.
    pub fn new(entries: Vec<Entry>) -> Self {
        Self { entries }
    }

    /// Every row.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// One row.
    pub fn get(&self, row: u32) -> Option<&Entry> {
        self.entries.get(row as usize)
    }

    /// The row of an identity.
    pub fn find(&self, id: Fingerprint) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The rows that match, in the query's order.
    pub fn query(&self, query: &Query) -> Vec<u32> {
        query.run(&self.entries)
    }
}
