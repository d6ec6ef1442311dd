//! Which rows have the words of a text: what few rows differ in is asked once for each value, and of the
//! texts of rows only those are read that have the letters.

use std::cmp::Reverse;
use std::num::NonZeroU8;
use std::sync::Arc;

use memchr::memmem::Finder;

use super::super::Catalogue;
use super::super::columns::Cells;
use super::super::pool::Span;
use super::fold::fold;
use super::near::{Near, allowed};
use super::texts::{Texts, is_own};
use super::token::{tokens, unquoted};
use crate::geo::Country;

/// Words beyond these are not searched for: what is pasted by mistake costs no more than a long sentence.
const MOST: usize = 32;

/// A word or phrase, folded, that is searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    text: String,
    /// It must not occur.
    not: bool,
}

impl Word {
    /// The words of a text.
    pub(super) fn all(text: &str) -> Vec<Self> {
        tokens(text).map(Self::of).filter(|word| !word.text.is_empty()).take(MOST).collect()
    }

    fn of(token: &str) -> Self {
        let rest = token.strip_prefix('-').filter(|rest| !rest.is_empty());
        let text = fold(&unquoted(rest.unwrap_or(token))).trim().to_owned();
        Self { text, not: rest.is_some() }
    }
}

/// The rows that have the words of a text: one bit each.
pub(in crate::catalogue) struct Matches {
    words: Vec<Word>,
    pub(super) rows: Vec<u64>,
    /// Whether no row has the words, and these rows have nearly them.
    pub(super) is_near: bool,
}

impl Matches {
    /// The rows of words; where none has them, those that have nearly them.
    pub(super) fn of(catalogue: &Catalogue, words: Vec<Word>) -> Arc<Self> {
        let last = catalogue.derived.last();
        if let Some(same) = last.as_ref().filter(|last| last.words == words) {
            return same.clone();
        }
        let wider = last.filter(|last| is_narrower(&words, last));
        let all = || vec![u64::MAX; catalogue.len().div_ceil(64)];
        // Where fewer words were nearly found only, more are not found as they are.
        let was_near = wider.as_ref().is_some_and(|wider| wider.is_near);
        let within = wider.map_or_else(all, |wider| wider.rows.clone());
        let mut rows = found(catalogue, &words, within, was_near);
        let is_near = was_near || are_none(&rows);
        if is_near && !was_near {
            rows = found(catalogue, &words, all(), true);
        }
        let matches = Arc::new(Self { words, is_near: is_near && !are_none(&rows), rows });
        catalogue.derived.set_last(&matches);
        matches
    }
}

fn are_none(rows: &[u64]) -> bool {
    rows.iter().all(|block| *block == 0)
}

/// Whether rows that have `words` are among those of `before`. A code or a port is found as a whole only, so
/// rows may have it without having a part of it; and a long word may have more errors than a part of it.
fn is_narrower(words: &[Word], before: &Matches) -> bool {
    let is_whole = |text: &str| text.parse::<u16>().is_ok() || Country::from_code(text).is_some();
    let errors = |word: &Word| if before.is_near { allowed(word.text.chars().count()) } else { 0 };
    let has = |word: &Word, old: &Word| {
        !word.not
            && !old.not
            && !is_whole(&word.text)
            && word.text.contains(&old.text)
            && errors(word) <= errors(old)
    };
    before.words.iter().all(|old| words.iter().any(|word| word == old || has(word, old)))
}

/// Those of `rows` that have every word and none of those that must not be.
fn found(catalogue: &Catalogue, words: &[Word], mut rows: Vec<u64>, is_near: bool) -> Vec<u64> {
    let errors = |word: &Word| if is_near { allowed(word.text.chars().count()) } else { 0 };
    let mut words: Vec<&Word> = words.iter().collect();
    // What leaves few rows soon, at little cost.
    words.sort_by_key(|word| (errors(word), Reverse(word.text.len())));
    for word in words {
        if are_none(&rows) {
            break;
        }
        let wanted = Wanted::of(&word.text, is_near && !word.not);
        let hits = Values::of(catalogue, &wanted).hits(catalogue, &wanted, &rows);
        for (block, hits) in rows.iter_mut().zip(hits) {
            *block &= if word.not { !hits } else { hits };
        }
    }
    // The last block may be longer than the rows are.
    if let (Some(block), over @ 1..) = (rows.last_mut(), catalogue.len() % 64) {
        *block &= (1 << over) - 1;
    }
    rows
}

/// A word, ready to be found in many texts.
struct Wanted<'a> {
    text: &'a str,
    finder: Finder<'a>,
    near: Option<Near>,
}

impl<'a> Wanted<'a> {
    fn of(text: &'a str, is_near: bool) -> Self {
        let near = if is_near { Near::new(text).filter(|near| near.errors > 0) } else { None };
        Self { text, finder: Finder::new(text), near }
    }

    fn is_in(&self, text: &str) -> bool {
        match &self.near {
            Some(near) => near.is_in(text),
            None => self.finder.find(text.as_bytes()).is_some(),
        }
    }

    /// Whether the signs of a text say it all.
    fn is_letter(&self) -> bool {
        self.near.is_none() && is_own(self.text)
    }

    /// Those of `rows` whose texts may have the word, by their signs.
    fn maybe(&self, texts: &Texts, rows: &[u64]) -> Vec<u64> {
        match &self.near {
            Some(near) => texts.nearly_having(self.text, near.errors, rows),
            None => texts.having(self.text, rows),
        }
    }
}

/// The values of columns that have a word. Empty where none has.
struct Values {
    kinds: Vec<bool>,
    countries: Vec<bool>,
    cities: Vec<bool>,
    sources: Vec<bool>,
    port: Option<u16>,
}

impl Values {
    fn of(catalogue: &Catalogue, wanted: &Wanted) -> Self {
        let is_in = |text: &str| wanted.is_in(&fold(text));
        let city = |place: usize| {
            place.checked_sub(1).and_then(|at| catalogue.cities.all.get(at)).is_some_and(|city| is_in(city))
        };
        let source =
            |source: &crate::Text| is_in(source.split_once("://").map_or(source.as_str(), |(_, rest)| rest));
        Self {
            kinds: some(catalogue.kinds().all.iter().map(|kind| in_kind(kind, wanted)).collect()),
            countries: some((0..=u8::MAX).map(|place| in_country(place, wanted)).collect()),
            cities: some((0..=catalogue.cities.all.len()).map(city).collect()),
            sources: some(catalogue.sources.all.iter().map(source).collect()),
            port: wanted.text.parse().ok(),
        }
    }

    /// Those of `rows` that have the word.
    fn hits(&self, catalogue: &Catalogue, wanted: &Wanted, rows: &[u64]) -> Vec<u64> {
        let (columns, texts) = (&catalogue.columns, catalogue.texts());
        let mut hits = wanted.maybe(texts, rows);
        let mut sure = vec![0; rows.len()];
        let mut add = |more: Vec<u64>| sure.iter_mut().zip(more).for_each(|(sure, more)| *sure |= more);
        if !self.kinds.is_empty() {
            add(blocks(&catalogue.kinds().of, rows, |kind| has(&self.kinds, kind as usize)));
        }
        if !self.countries.is_empty() {
            add(blocks(&columns.country, rows, |place| has(&self.countries, usize::from(place))));
        }
        if !self.cities.is_empty() {
            add(blocks(&columns.city, rows, |place| has(&self.cities, place as usize)));
        }
        if let Some(port) = self.port {
            add(blocks(&columns.port, rows, |known| known == port));
        }
        if !self.sources.is_empty() {
            add(self.listed(catalogue, rows));
        }
        for (at, (hits, sure)) in hits.iter_mut().zip(sure).enumerate() {
            let maybe = *hits & !sure;
            let read = |bit: u32| wanted.is_letter() || wanted.is_in(texts.get(at * 64 + bit as usize));
            *hits = bits(maybe).filter(|bit| read(*bit)).fold(sure, |hits, bit| hits | 1 << bit);
        }
        hits
    }

    /// Those of `rows` that a source lists which has the word.
    fn listed(&self, catalogue: &Catalogue, rows: &[u64]) -> Vec<u64> {
        let lists = &catalogue.lists;
        // One bit for each place in a list: to look at a few bits costs less than to walk lists of all lengths.
        let block = |sources: &[u32]| {
            sources
                .iter()
                .rev()
                .fold(0, |bits, source| bits << 1 | u64::from(has(&self.sources, *source as usize)))
        };
        let bits: Vec<u64> = lists.all.chunks(64).map(block).chain([0, 0]).collect();
        let is_of = |span: Span| {
            let (at, shift) = (span.start as usize / 64, span.start % 64);
            let first = bits.get(at).copied().unwrap_or_default() >> shift;
            let next = bits.get(at + 1).copied().unwrap_or_default() << 1 << (63 - shift);
            match span.len {
                0 => false,
                1..=64 => (first | next) << (64 - span.len) != 0,
                _ => lists
                    .get(span)
                    .unwrap_or_default()
                    .iter()
                    .any(|source| has(&self.sources, *source as usize)),
            }
        };
        blocks(&catalogue.columns.sources, rows, is_of)
    }
}

/// A list of which some is true, else an empty one.
fn some(values: Vec<bool>) -> Vec<bool> {
    if values.contains(&true) { values } else { Vec::new() }
}

fn has(values: &[bool], at: usize) -> bool {
    values.get(at).copied().unwrap_or(false)
}

/// The places of the bits that are set.
pub(super) fn bits(mut block: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let at = (block != 0).then(|| block.trailing_zeros())?;
        block &= block - 1;
        Some(at)
    })
}

/// One bit for each of `rows` whose value is as wanted.
fn blocks<T: Copy>(column: &[T], rows: &[u64], is_wanted: impl Fn(T) -> bool) -> Vec<u64> {
    let block = |(values, rows): (&[T], &u64)| match rows {
        0 => 0,
        rows => rows & values.iter().rev().fold(0, |bits, value| bits << 1 | u64::from(is_wanted(*value))),
    };
    column.chunks(64).zip(rows).map(block).collect()
}

fn in_kind(kind: &Cells, wanted: &Wanted) -> bool {
    let security = kind.security.map_or("", |security| security.key());
    let texts = [kind.protocol.key(), kind.protocol.label(), kind.network.key(), security];
    texts.iter().any(|text| wanted.is_in(&fold(text)))
}

fn in_country(place: u8, wanted: &Wanted) -> bool {
    let Some(country) = NonZeroU8::new(place).and_then(Country::at) else { return false };
    let region = country.region().map_or("", |region| region.key());
    country.code().eq_ignore_ascii_case(wanted.text)
        || wanted.is_in(&fold(country.name()))
        || wanted.is_in(region)
}
