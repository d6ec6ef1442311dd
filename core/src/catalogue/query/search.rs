//! The rows that match: each filter is one pass over one column, which notes for each row whether it
//! fails; so one result says which rows match, and which would if one filter were not.

use super::super::columns::{Cells, UNKNOWN_LATENCY, UNKNOWN_RELIABILITY, UNKNOWN_TIME};
use super::super::pool::Span;
use super::super::{Catalogue, Row};
use super::fold::fold;
use super::matches::{Matches, Word, bits};
use super::{Ports, Query, Sort};
use crate::geo::{Country, Region};
use crate::{Text, Timestamp};
use std::num::NonZeroU8;

/// What a row may fail, together with what excludes values of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::catalogue) enum Group {
    Protocol = 1,
    Network,
    Tls,
    Security,
    Issue,
    Working,
    Connectable,
    Favourite,
    Country,
    Region,
    City,
    Source,
    Port,
    Latency,
    Score,
    Reliability,
    Age,
    Text,
}

impl Group {
    /// What is added to a row that fails it: one failure, and which; the sum says which only when it is
    /// the only one.
    pub(in crate::catalogue) const fn mark(self) -> u16 {
        1 << 8 | self as u16
    }

    fn if_not(self, passes: bool) -> u16 {
        u16::from(!passes) * self.mark()
    }
}

/// The rows of a [`Catalogue`] that match a [`Query`].
pub struct Search<'a> {
    pub(in crate::catalogue) catalogue: &'a Catalogue,
    pub(in crate::catalogue) query: &'a Query,
    /// What each row fails.
    pub(in crate::catalogue) fails: Vec<u16>,
    /// What of that each kind fails.
    pub(in crate::catalogue) kinds: Vec<u16>,
    /// What of that each country fails.
    pub(in crate::catalogue) places: Vec<u16>,
    is_near: bool,
}

impl<'a> Search<'a> {
    pub(in crate::catalogue) fn new(catalogue: &'a Catalogue, query: &'a Query, now: Timestamp) -> Self {
        let kinds: Vec<u16> = catalogue.kinds().all.iter().map(|kind| query.fails_kind(kind)).collect();
        let places = (0..=u8::MAX).map(|place| query.fails_place(place)).collect();
        let mut search = Self { catalogue, query, fails: Vec::new(), kinds, places, is_near: false };
        search.fails = search.alike();
        search.cities();
        search.sources();
        search.ports();
        search.ranges(now);
        search.text();
        search
    }

    /// Whether no row has the words of the text, and rows were searched that have nearly them: one typing
    /// error in words of four letters or more, two in those of eight.
    pub fn is_near(&self) -> bool {
        self.is_near
    }

    /// How many rows match.
    pub fn count(&self) -> usize {
        self.fails.iter().filter(|fails| **fails == 0).count()
    }

    /// The numbers of the rows that match, sorted. Equal rows keep their order.
    pub fn rows(&self) -> Vec<u32> {
        let mut sorts = self.query.sorts();
        let (sort, order) = sorts.pop().unwrap_or_default();
        let mut rows = self.sorted(sort, order.falls(sort));
        for (sort, order) in sorts.into_iter().rev() {
            if let Some(ranks) = self.catalogue.ranks(sort) {
                rows = ranks.sorted(rows, order.falls(sort));
            }
        }
        rows
    }

    /// Each row that matches, sorted.
    pub fn iter(&self) -> impl Iterator<Item = Row<'a>> {
        let catalogue = self.catalogue;
        self.rows().into_iter().filter_map(|row| catalogue.row(row))
    }

    /// The rows that match by one key.
    pub(in crate::catalogue) fn sorted(&self, sort: Sort, falls: bool) -> Vec<u32> {
        let blocks: Vec<u64> = self.fails.chunks(64).map(passing).collect();
        let count: usize = blocks.iter().map(|block| block.count_ones() as usize).sum();
        if count * 16 < self.fails.len() {
            let row = |(at, block): (u32, u64)| bits(block).map(move |bit| at * 64 + bit);
            let rows = (0..).zip(blocks).flat_map(row);
            return self.catalogue.ranks(sort).map(|ranks| ranks.sorted(rows, falls)).unwrap_or_default();
        }
        let (mut rows, mut next) = (vec![0; count + 1], 0);
        for row in self.catalogue.ordered(sort, falls) {
            let block = blocks.get(*row as usize / 64).copied().unwrap_or_default();
            // Written whether it passes or not, and kept if so: no branch to guess.
            rows.get_mut(next).into_iter().for_each(|slot| *slot = *row);
            next += (block >> (row % 64) & 1) as usize;
        }
        rows.truncate(count);
        rows
    }

    /// What each row fails by its kind and its country.
    fn alike(&self) -> Vec<u16> {
        let (kinds, countries) = (&self.catalogue.kinds().of, &self.catalogue.columns.country);
        let kind = |kind: &u32| self.kinds.get(*kind as usize).copied().unwrap_or_default();
        let place = |place: &u8| self.places.get(usize::from(*place)).copied().unwrap_or_default();
        match (self.kinds.iter().any(|fails| *fails != 0), self.places.iter().any(|fails| *fails != 0)) {
            (false, false) => vec![0; kinds.len()],
            (true, false) => kinds.iter().map(kind).collect(),
            (false, true) => countries.iter().map(place).collect(),
            (true, true) => kinds.iter().zip(countries).map(|(a, b)| kind(a) + place(b)).collect(),
        }
    }

    /// Marks the rows whose value does not pass.
    fn mark<T: Copy>(&mut self, group: Group, column: &[T], passes: impl Fn(T) -> bool) {
        for (fails, value) in self.fails.iter_mut().zip(column) {
            *fails += group.if_not(passes(*value));
        }
    }

    fn cities(&mut self) {
        let query = self.query;
        if query.cities.is_empty() && query.not.cities.is_empty() {
            return;
        }
        let folded = |list: &[String]| list.iter().map(|city| fold(city)).collect::<Vec<_>>();
        let (any, not) = (folded(&query.cities), folded(&query.not.cities));
        let all = self.catalogue.cities.all.iter().map(|city| Some(fold(city)));
        let passes = std::iter::once(None).chain(all).map(|city| is_wanted(&any, &not, city.as_ref()));
        let passes: Vec<bool> = passes.collect();
        self.mark(Group::City, &self.catalogue.columns.city, |city| passes.get(city as usize) == Some(&true));
    }

    fn sources(&mut self) {
        let (catalogue, query) = (self.catalogue, self.query);
        if query.sources.is_empty() && query.not.sources.is_empty() {
            return;
        }
        let (any, not) = (catalogue.are_named(&query.sources), catalogue.are_named(&query.not.sources));
        let is_any = query.sources.is_empty();
        self.mark(Group::Source, &catalogue.columns.sources, |span: Span| {
            let list = catalogue.lists.get(span).unwrap_or_default();
            let among = |known: &[bool]| list.iter().any(|number| known.get(*number as usize) == Some(&true));
            (is_any || among(&any)) && !among(&not)
        });
    }

    fn ports(&mut self) {
        let (any, not) = (&self.query.ports, &self.query.not.ports);
        if any.is_empty() && not.is_empty() {
            return;
        }
        let among = |ports: &[Ports], port| ports.iter().any(|ports| ports.contains(port));
        let passes = |port| (any.is_empty() || among(any, port)) && !among(not, port);
        let passes: Vec<bool> = (0..=u16::MAX).map(passes).collect();
        self.mark(Group::Port, &self.catalogue.columns.port, |port| {
            passes.get(usize::from(port)) == Some(&true)
        });
    }

    fn ranges(&mut self, now: Timestamp) {
        let (query, columns) = (self.query, &self.catalogue.columns);
        if query.min_latency.is_some() || query.max_latency.is_some() || query.fastest.is_some() {
            let fastest = query.fastest.map(|share| self.catalogue.fastest(share));
            let most = query.max_latency.into_iter().chain(fastest).fold(UNKNOWN_LATENCY - 1, u32::min);
            let least = query.min_latency.unwrap_or_default();
            self.mark(Group::Latency, &columns.latency, |ms| least <= ms && ms <= most);
        }
        if query.min_score.is_some() || query.max_score.is_some() {
            let (least, most) = (query.min_score.unwrap_or_default(), query.max_score.unwrap_or(u8::MAX));
            self.mark(Group::Score, &columns.score, |score| least <= score && score <= most);
        }
        if let Some(percent) = query.min_reliability {
            let least = u16::from(percent) * 10;
            self.mark(Group::Reliability, &columns.reliability, |share| {
                least <= share && share < UNKNOWN_RELIABILITY
            });
        }
        if query.min_age.is_some() || query.max_age.is_some() {
            let (first, last) = tested(query, now);
            self.mark(Group::Age, &columns.tested_at, |at| first <= at && at < last);
        }
    }

    fn text(&mut self) {
        let words = Word::all(&self.query.text);
        if words.is_empty() {
            return;
        }
        let matches = Matches::of(self.catalogue, words);
        self.is_near = matches.is_near;
        for (fails, block) in self.fails.chunks_mut(64).zip(&matches.rows) {
            for (bit, fails) in fails.iter_mut().enumerate() {
                *fails += Group::Text.if_not(block >> bit & 1 == 1);
            }
        }
    }
}

/// One bit for each row that fails nothing.
fn passing(fails: &[u16]) -> u64 {
    fails.iter().rev().fold(0, |bits, fails| bits << 1 | u64::from(*fails == 0))
}

/// When a row must have been tested: from the first of these moments, before the last. A test that is yet
/// to come is of no age.
fn tested(query: &Query, now: Timestamp) -> (u64, u64) {
    let ago = |seconds: u64| now.millis().checked_sub(seconds.saturating_mul(1_000));
    let first = query.max_age.map_or(0, |seconds| ago(seconds).unwrap_or(0));
    let last = match query.min_age {
        None | Some(0) => UNKNOWN_TIME,
        Some(seconds) => ago(seconds).map_or(0, |last| last.saturating_add(1)),
    };
    (first, last)
}

/// Whether a value is one of those that may be, if any must, and none of those that must not.
fn is_wanted<T: PartialEq>(any: &[T], not: &[T], value: Option<&T>) -> bool {
    (any.is_empty() || value.is_some_and(|value| any.contains(value)))
        && !value.is_some_and(|value| not.contains(value))
}

impl Query {
    /// What of a query rows of a kind fail.
    fn fails_kind(&self, kind: &Cells) -> u16 {
        let not = &self.not;
        let issues = |list: &[_]| list.iter().any(|issue| kind.issues.has(*issue));
        let fails = [
            Group::Protocol.if_not(is_wanted(&self.protocols, &not.protocols, Some(&kind.protocol))),
            Group::Network.if_not(is_wanted(&self.networks, &not.networks, Some(&kind.network))),
            Group::Tls.if_not(is_wanted(&self.tls, &not.tls, Some(&kind.security))),
            Group::Security.if_not(is_wanted(&self.security, &not.security, Some(&kind.level()))),
            Group::Issue.if_not((self.issues.is_empty() || issues(&self.issues)) && !issues(&not.issues)),
            Group::Working.if_not(self.working.is_none() || self.working == kind.working),
            Group::Connectable.if_not(self.connectable.is_none_or(|engine| kind.engines.has(engine))),
            Group::Favourite.if_not(self.favourite.is_none_or(|wanted| wanted == kind.favourite)),
        ];
        fails.iter().sum()
    }

    /// What of a query rows of a country fail.
    fn fails_place(&self, place: u8) -> u16 {
        let country = NonZeroU8::new(place).and_then(Country::at);
        let region: Option<Region> = country.and_then(|country| country.region());
        Group::Country.if_not(is_wanted(&self.countries, &self.not.countries, country.as_ref()))
            + Group::Region.if_not(is_wanted(&self.regions, &self.not.regions, region.as_ref()))
    }
}

impl Catalogue {
    /// Whether each source is one of these names.
    pub(in crate::catalogue) fn are_named(&self, names: &[String]) -> Vec<bool> {
        let mut known = vec![false; self.sources.all.len()];
        for number in names.iter().filter_map(|name| self.sources.find(&Text::from(name.as_str()))) {
            known.get_mut(number as usize).into_iter().for_each(|known| *known = true);
        }
        known
    }

    /// The latency of the slowest among the fastest `share` of a hundred rows.
    fn fastest(&self, share: u8) -> u32 {
        let known = self.ranks(Sort::Latency).map(super::order::Ranks::known).unwrap_or_default();
        let last = (known * usize::from(share.min(100))).div_ceil(100).checked_sub(1);
        let row = last.and_then(|last| self.ordered(Sort::Latency, false).get(last));
        row.and_then(|row| self.columns.latency.get(*row as usize)).copied().unwrap_or_default()
    }
}
