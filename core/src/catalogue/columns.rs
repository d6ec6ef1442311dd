//! The columns: one value per row in each, all of one length, so that a query runs over a few arrays and
//! not over objects.
//!
//! What a row may lack has a value of its own that is largest, so that it sorts last as it is:
//! [`UNKNOWN_LATENCY`], [`UNKNOWN_TIME`], [`UNKNOWN_RELIABILITY`]; countries and cities have 0 for it, since
//! they count in arrays.

use super::engines::Engines;
use super::pool::Span;
use crate::proxy::{Network, Protocol, Security};
use crate::score::{Issues, Level, Safety};

/// No latency; a known one is at most one less.
pub(super) const UNKNOWN_LATENCY: u32 = u32::MAX;
/// No time; a known one is at most one less.
pub(super) const UNKNOWN_TIME: u64 = u64::MAX;
/// No reliability; a known one is at most 1000.
pub(super) const UNKNOWN_RELIABILITY: u16 = u16::MAX;

macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident: $type:ty,)+) => {
        /// All columns.
        #[derive(Clone, Debug, Default)]
        pub(super) struct Columns {
            $($(#[$doc])* pub(super) $name: Vec<$type>,)+
        }

        /// One value of each column: a row.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) struct Cells {
            $($(#[$doc])* pub(super) $name: $type,)+
        }

        impl Columns {
            /// The row, if there is one of that number.
            pub(super) fn get(&self, row: u32) -> Option<Cells> {
                let row = row as usize;
                Some(Cells { $($name: *self.$name.get(row)?,)+ })
            }

            pub(super) fn push(&mut self, cells: Cells) {
                $(self.$name.push(cells.$name);)+
            }

            pub(super) fn set(&mut self, row: u32, cells: Cells) {
                let row = row as usize;
                $(self.$name.get_mut(row).into_iter().for_each(|cell| *cell = cells.$name);)+
            }

            /// Takes a row out; the last one gets its number.
            pub(super) fn remove(&mut self, row: u32) -> Option<Cells> {
                let cells = self.get(row)?;
                $(self.$name.swap_remove(row as usize);)+
                Some(cells)
            }

            /// Makes every column as long as that of identities; the others get `cells`.
            fn fill(&mut self, cells: Cells) {
                let rows = self.len();
                $(self.$name.resize(rows, cells.$name);)+
            }

            pub(super) fn reserve(&mut self, rows: usize) {
                $(self.$name.reserve_exact(rows);)+
            }
        }
    };
}

columns! {
    /// The identity: the number of a [`Fingerprint`](crate::Fingerprint).
    id: u64,
    protocol: Protocol,
    network: Network,
    security: Option<Security>,
    safety: Safety,
    issues: Issues,
    /// Which browsers can use it.
    engines: Engines,
    port: u16,
    /// 0, or the place of the country in the table of them: see [`Country::at`](crate::geo::Country).
    country: u8,
    /// 0, or one more than the number of the city in [`Catalogue::cities`](super::Catalogue).
    city: u32,
    /// Milliseconds, or [`UNKNOWN_LATENCY`].
    latency: u32,
    working: Option<bool>,
    /// Milliseconds of a [`Timestamp`](crate::Timestamp), or [`UNKNOWN_TIME`].
    tested_at: u64,
    /// Milliseconds of a [`Timestamp`](crate::Timestamp), or [`UNKNOWN_TIME`].
    first_seen: u64,
    /// Per mille, or [`UNKNOWN_RELIABILITY`].
    reliability: u16,
    /// 0 to 100.
    score: u8,
    /// Whether this user marked it. No snapshot has it.
    favourite: bool,
    /// Where in the texts of links.
    link: Span,
    /// Where in the texts of names.
    name: Span,
    /// Where in the texts of hosts.
    host: Span,
    /// Where in the lists of sources.
    sources: Span,
}

impl Cells {
    /// The level of security of the way to the proxy.
    pub(super) fn level(self) -> Level {
        Level::of(self.safety, self.issues)
    }
}

impl Columns {
    pub(super) fn len(&self) -> usize {
        self.id.len()
    }

    /// Makes rows of the identities, of which nothing else is known.
    pub(super) fn blank(&mut self) {
        let none = Span::default();
        self.fill(Cells {
            id: 0,
            protocol: Protocol::Other,
            network: Network::Tcp,
            security: None,
            safety: Safety::Open,
            issues: Issues::default(),
            engines: Engines::default(),
            port: 0,
            country: 0,
            city: 0,
            latency: UNKNOWN_LATENCY,
            working: None,
            tested_at: UNKNOWN_TIME,
            first_seen: UNKNOWN_TIME,
            reliability: UNKNOWN_RELIABILITY,
            score: 0,
            favourite: false,
            link: none,
            name: none,
            host: none,
            sources: none,
        });
    }
}
