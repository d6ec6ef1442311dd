//! One row, borrowed: what a list shows of a proxy, without a copy of it.

use std::num::NonZeroU8;

use super::columns::{Cells, UNKNOWN_LATENCY, UNKNOWN_RELIABILITY, UNKNOWN_TIME};
use super::pool::Span;
use super::{Catalogue, Engines, Entry, Measured};
use crate::experience::{Neighbourhood, SourceKey, Subject};
use crate::geo::Country;
use crate::proxy::{Fingerprint, Network, Protocol, Security};
use crate::score::{Evidence, Issues, Safety};
use crate::{Text, Timestamp};

/// One row of a [`Catalogue`]. It is a handle: copied freely, and gone before the catalogue changes.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    catalogue: &'a Catalogue,
    number: u32,
    pub(super) cells: Cells,
}

impl<'a> Row<'a> {
    pub(super) fn of(catalogue: &'a Catalogue, number: u32) -> Option<Self> {
        Some(Self { catalogue, number, cells: catalogue.columns.get(number)? })
    }

    /// Its number, good until the next removal.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Its identity.
    pub fn id(&self) -> Fingerprint {
        Fingerprint::from_number(self.cells.id)
    }

    /// The whole proxy as a link.
    pub fn link(&self) -> &'a str {
        self.catalogue.links.get(self.cells.link).unwrap_or_default()
    }

    /// What it speaks.
    pub fn protocol(&self) -> Protocol {
        self.cells.protocol
    }

    /// Host name or address, IPv6 without brackets.
    pub fn host(&self) -> &'a str {
        self.catalogue.hosts.get(self.cells.host).unwrap_or_default()
    }

    /// 1 to 65535.
    pub fn port(&self) -> u16 {
        self.cells.port
    }

    /// The name that its first list gives it.
    pub fn name(&self) -> &'a str {
        self.catalogue.names.get(self.cells.name).unwrap_or_default()
    }

    /// How bytes are carried.
    pub fn network(&self) -> Network {
        self.cells.network
    }

    /// TLS or REALITY to the proxy, if any.
    pub fn security(&self) -> Option<Security> {
        self.cells.security
    }

    /// How much of the traffic is hidden on the way to the proxy.
    pub fn safety(&self) -> Safety {
        self.cells.safety
    }

    /// What is wrong with its security.
    pub fn issues(&self) -> Issues {
        self.cells.issues
    }

    /// The browsers that can use it by themselves.
    pub fn engines(&self) -> Engines {
        self.cells.engines
    }

    /// Who lists it, in the order in which they were added.
    pub fn sources(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let sources = &self.catalogue.sources;
        let numbers = self.catalogue.lists.get(self.cells.sources).unwrap_or_default();
        numbers.iter().filter_map(|number| sources.get(*number)).map(Text::as_str)
    }

    /// The keys of those who list it, as far as experience goes by them.
    pub fn source_keys(&self) -> impl Iterator<Item = SourceKey> + use<'a> {
        self.sources().take(Subject::SOURCES).map(SourceKey::of)
    }

    /// The proxy as far as experience goes; `sources` are its [`source_keys`](Self::source_keys).
    pub fn subject<'s>(&self, sources: &'s [SourceKey]) -> Subject<'s> {
        let network = Neighbourhood::of(self.host(), None);
        Subject { id: self.id(), network, protocol: self.protocol(), sources }
    }

    /// How many list it.
    pub fn listed(&self) -> usize {
        self.cells.sources.len as usize
    }

    /// Country of the exit where a test saw it, else of the proxy's address.
    pub fn country(&self) -> Option<Country> {
        NonZeroU8::new(self.cells.country).and_then(Country::at)
    }

    /// The city, where known.
    pub fn city(&self) -> Option<&'a str> {
        self.catalogue.cities.get(self.cells.city.checked_sub(1)?).map(Text::as_str)
    }

    /// Milliseconds from request to whole answer.
    pub fn latency(&self) -> Option<u32> {
        Some(self.cells.latency).filter(|ms| *ms != UNKNOWN_LATENCY)
    }

    /// Whether the last test reached the judge; `None` when never tested.
    pub fn working(&self) -> Option<bool> {
        self.cells.working
    }

    /// When it was last tested.
    pub fn tested_at(&self) -> Option<Timestamp> {
        time(self.cells.tested_at)
    }

    /// When a source first listed it.
    pub fn first_seen(&self) -> Option<Timestamp> {
        time(self.cells.first_seen)
    }

    /// The chance that it works when it is next tried, per mille.
    pub fn reliability(&self) -> Option<u16> {
        Some(self.cells.reliability).filter(|share| *share != UNKNOWN_RELIABILITY)
    }

    /// 0 to 100.
    pub fn score(&self) -> u8 {
        self.cells.score
    }

    /// Whether the user marked it.
    pub fn is_favourite(&self) -> bool {
        self.cells.favourite
    }

    /// What tests have shown.
    pub fn measured(&self) -> Measured {
        Measured {
            country: self.country(),
            city: self.city().map(Text::from),
            latency: self.latency(),
            working: self.working(),
            tested_at: self.tested_at(),
            first_seen: self.first_seen(),
            reliability: self.reliability(),
        }
    }

    /// What its score is made from.
    pub fn evidence(&self) -> Evidence {
        Evidence {
            working: self.working(),
            latency: self.latency(),
            tested_at: self.tested_at(),
            sources: self.listed(),
            safety: self.safety(),
            issues: self.issues(),
            reliability: self.reliability().map(super::predicted),
            own: None,
        }
    }

    /// The row as an owned one.
    pub fn to_entry(&self) -> Entry {
        Entry {
            id: self.id(),
            link: self.link().to_owned(),
            protocol: self.protocol(),
            host: self.host().to_owned(),
            port: self.port(),
            name: self.name().to_owned(),
            network: self.network(),
            security: self.security(),
            safety: self.safety(),
            issues: self.issues(),
            engines: self.engines(),
            sources: self.sources().map(str::to_owned).collect(),
            measured: self.measured(),
            score: self.score(),
        }
    }

    /// Its values that lie in the row itself.
    pub(super) fn plain(&self) -> Cells {
        let none = Span::default();
        Cells { link: none, name: none, host: none, sources: none, city: 0, ..self.cells }
    }
}

/// Two rows are equal when all their values are, wherever these lie.
impl PartialEq for Row<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.plain() == other.plain()
            && (self.link(), self.name(), self.host()) == (other.link(), other.name(), other.host())
            && self.city() == other.city()
            && self.sources().eq(other.sources())
    }
}

impl Eq for Row<'_> {}

fn time(millis: u64) -> Option<Timestamp> {
    Some(millis).filter(|millis| *millis != UNKNOWN_TIME).map(Timestamp::from_millis)
}
