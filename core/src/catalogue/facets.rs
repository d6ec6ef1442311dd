//! Facets: how many rows each value would leave, if of its group it alone were asked for.

use std::collections::BTreeMap;
use std::num::NonZeroU8;

use super::Catalogue;
use super::columns::Cells;
use super::query::{Group, Search};
use crate::Protocol;
use crate::geo::{Country, Region};
use crate::proxy::{Network, Security};
use crate::score::{Level, SecurityIssue};

/// Counts per filter value: the rows that would match if of its group that value alone were asked for. All
/// else of the query stays, also what excludes other values of the group; what excludes the value itself is
/// lifted. A value that no row has is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// Rows that match the whole query.
    pub total: usize,
    /// Rows per protocol.
    pub protocols: BTreeMap<Protocol, usize>,
    /// Rows per way to carry bytes, by its key.
    pub networks: BTreeMap<&'static str, usize>,
    /// Rows per TLS, by its key; `none` without.
    pub tls: BTreeMap<&'static str, usize>,
    /// Rows per level of security.
    pub security: BTreeMap<Level, usize>,
    /// Rows per security issue; a row may have several.
    pub issues: BTreeMap<SecurityIssue, usize>,
    /// Rows by whether their last test reached the judge; `None` when never tested.
    pub working: BTreeMap<Option<bool>, usize>,
    /// Rows that each browser reaches by itself, by its name.
    pub connectable: BTreeMap<&'static str, usize>,
    /// Rows by whether the user marked them.
    pub favourites: BTreeMap<bool, usize>,
    /// Rows per country.
    pub countries: BTreeMap<Country, usize>,
    /// Rows per region.
    pub regions: BTreeMap<Region, usize>,
    /// Rows per city.
    pub cities: BTreeMap<String, usize>,
    /// Rows per source; a row may have several.
    pub sources: BTreeMap<String, usize>,
    /// Rows per port.
    pub ports: BTreeMap<u16, usize>,
}

impl Search<'_> {
    /// Counts the rows of each filter value: one pass, since each row says what it fails.
    pub fn facets(&self) -> Facets {
        let mut facets = Facets { total: self.count(), ..Facets::default() };
        let (kinds, countries) = self.alike_counts();
        for ((kind, fails), rows) in self.catalogue.kinds().all.iter().zip(&self.kinds).zip(kinds) {
            facets.add_kind(kind, *fails, rows as usize, &self.query.not.issues);
        }
        for ((place, fails), rows) in (0..=u8::MAX).zip(&self.places).zip(countries) {
            facets.add_place(place, *fails, rows as usize);
        }
        facets.cities = self.cities_counts();
        facets.sources = self.sources_counts();
        facets.ports = self.ports_counts();
        facets
    }

    /// For each kind and for each country, the rows that fail nothing else.
    fn alike_counts(&self) -> (Vec<u32>, Vec<u32>) {
        let (mut kinds, mut countries) = (vec![0; self.kinds.len()], vec![0; self.places.len()]);
        let columns = self.fails.iter().zip(&self.catalogue.kinds().of).zip(&self.catalogue.columns.country);
        for ((fails, kind), place) in columns {
            let (kind, place) = (*kind as usize, usize::from(*place));
            let is = |own: &[u16], at: usize| u32::from(own.get(at) == Some(fails));
            kinds.get_mut(kind).into_iter().for_each(|count| *count += is(&self.kinds, kind));
            countries.get_mut(place).into_iter().for_each(|count| *count += is(&self.places, place));
        }
        (kinds, countries)
    }

    fn cities_counts(&self) -> BTreeMap<String, usize> {
        let (cities, mark) = (&self.catalogue.cities.all, Group::City.mark());
        let mut counts = vec![0_u32; cities.len() + 1];
        if !cities.is_empty() {
            for (fails, city) in self.fails.iter().zip(&self.catalogue.columns.city) {
                let is = u32::from(*fails == 0) | u32::from(*fails == mark);
                counts.get_mut(*city as usize).into_iter().for_each(|count| *count += is);
            }
        }
        named(cities.iter().zip(counts.into_iter().skip(1)))
    }

    fn sources_counts(&self) -> BTreeMap<String, usize> {
        let (Catalogue { lists, sources, columns, .. }, mark) = (self.catalogue, Group::Source.mark());
        let mut counts = vec![0_u32; sources.all.len()];
        let excluded = self.catalogue.are_named(&self.query.not.sources);
        let is_excluded = |source: u32| excluded.get(source as usize) == Some(&true);
        for (fails, span) in self.fails.iter().zip(&columns.sources) {
            if *fails == 0 || *fails == mark {
                let list = lists.get(*span).unwrap_or_default();
                // A row that passes has none that is excluded.
                let out =
                    if *fails == 0 { 0 } else { list.iter().filter(|source| is_excluded(**source)).count() };
                for source in list.iter().filter(|source| out == 0 || (out == 1 && is_excluded(**source))) {
                    counts.get_mut(*source as usize).into_iter().for_each(|count| *count += 1);
                }
            }
        }
        named(sources.all.iter().zip(counts))
    }

    fn ports_counts(&self) -> BTreeMap<u16, usize> {
        let mut counts = vec![0_u32; usize::from(u16::MAX) + 1];
        for (fails, port) in self.fails.iter().zip(&self.catalogue.columns.port) {
            let is = u32::from(*fails == 0) | u32::from(*fails == Group::Port.mark());
            counts.get_mut(usize::from(*port)).into_iter().for_each(|count| *count += is);
        }
        let rows = (0..=u16::MAX).zip(counts).filter(|(_, rows)| *rows > 0);
        rows.map(|(port, rows)| (port, rows as usize)).collect()
    }
}

impl Facets {
    fn add_kind(&mut self, kind: &Cells, fails: u16, rows: usize, not: &[SecurityIssue]) {
        let counts = |group: Group| rows > 0 && (fails == 0 || fails == group.mark());
        let security = kind.security.map_or("none", Security::key);
        add(&mut self.protocols, counts(Group::Protocol), kind.protocol, rows);
        add(&mut self.networks, counts(Group::Network), Network::key(kind.network), rows);
        add(&mut self.tls, counts(Group::Tls), security, rows);
        add(&mut self.security, counts(Group::Security), kind.level(), rows);
        for issue in kind.issues.iter() {
            let is_free = !not.iter().any(|other| *other != issue && kind.issues.has(*other));
            add(&mut self.issues, is_free && counts(Group::Issue), issue, rows);
        }
        add(&mut self.working, counts(Group::Working), kind.working, rows);
        for engine in kind.engines.iter() {
            add(&mut self.connectable, counts(Group::Connectable), engine.key(), rows);
        }
        add(&mut self.favourites, counts(Group::Favourite), kind.favourite, rows);
    }

    fn add_place(&mut self, place: u8, fails: u16, rows: usize) {
        let counts = |group: Group| rows > 0 && (fails == 0 || fails == group.mark());
        let Some(country) = NonZeroU8::new(place).and_then(Country::at) else { return };
        add(&mut self.countries, counts(Group::Country), country, rows);
        if let Some(region) = country.region() {
            add(&mut self.regions, counts(Group::Region), region, rows);
        }
    }
}

fn add<K: Ord>(counts: &mut BTreeMap<K, usize>, does: bool, value: K, rows: usize) {
    if does {
        *counts.entry(value).or_default() += rows;
    }
}

/// Those that any row has, by name.
fn named<'a>(counts: impl Iterator<Item = (&'a crate::Text, u32)>) -> BTreeMap<String, usize> {
    counts
        .filter(|(_, rows)| *rows > 0)
        .map(|(name, rows)| (name.as_str().to_owned(), rows as usize))
        .collect()
}
