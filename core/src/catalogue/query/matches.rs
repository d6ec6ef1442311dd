//! Which rows have the words of a text: what few rows differ in is asked once for each value, and of the
//! texts of rows only those are read that have the letters.

use std::num::NonZeroU8;
use std::sync::Arc;

use memchr::memmem::Finder;

use super::super::Catalogue;
use super::super::columns::Cells;
use super::fold::fold;
use super::near::{Near, allowed};
use super::texts::{is_own, letters, pairs};
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
        let narrower = last.filter(|last| !last.is_near && is_narrower(&words, &last.words));
        let all = || vec![u64::MAX; catalogue.len().div_ceil(64)];
        let exact = found(catalogue, &words, narrower.map_or_else(all, |last| last.rows.clone()), false);
        let is_near = exact.iter().all(|block| *block == 0);
        let rows = if is_near { found(catalogue, &words, all(), true) } else { exact };
        let is_near = is_near && rows.iter().any(|block| *block != 0);
        let matches = Arc::new(Self { words, rows, is_near });
        catalogue.derived.set_last(&matches);
        matches
    }
}

/// Whether rows that have `words` have `before` too. A code or a port is found as a whole only, so rows may
/// have it without having a part of it.
fn is_narrower(words: &[Word], before: &[Word]) -> bool {
    let is_whole = |text: &str| text.parse::<u16>().is_ok() || Country::from_code(text).is_some();
    let implies = |word: &Word, old: &Word| {
        word == old || !word.not && !old.not && !is_whole(&word.text) && word.text.contains(&old.text)
    };
    before.iter().all(|old| words.iter().any(|word| implies(word, old)))
}

/// Those of `rows` that have every word and none of those that must not be.
fn found(catalogue: &Catalogue, words: &[Word], mut rows: Vec<u64>, is_near: bool) -> Vec<u64> {
    for word in words {
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
    letters: Lacking,
    pairs: Lacking,
}

/// Letters or pairs of a word, and how many of these a text may lack that has the word.
#[derive(Clone, Copy)]
struct Lacking {
    of: u64,
    most: u32,
}

impl Lacking {
    fn may(self, has: u64) -> bool {
        let lacks = self.of & !has;
        if self.most == 0 { lacks == 0 } else { lacks.count_ones() <= self.most }
    }
}

impl<'a> Wanted<'a> {
    fn of(text: &'a str, is_near: bool) -> Self {
        let errors = if is_near { allowed(text.chars().count()) as u32 } else { 0 };
        let near = if errors > 0 { Near::new(text) } else { None };
        // An error changes one letter, which is some bytes, and with it the pairs that these are in.
        let errors = if near.is_some() { errors } else { 0 };
        let bytes = text.chars().map(char::len_utf8).max().unwrap_or_default() as u32;
        let letters = Lacking { of: letters(text), most: errors * bytes };
        let pairs = Lacking { of: pairs(text), most: errors * (bytes + 1) };
        Self { text, finder: Finder::new(text), near, letters, pairs }
    }

    fn is_in(&self, text: &str) -> bool {
        match &self.near {
            Some(near) => near.is_in(text),
            None => self.finder.find(text.as_bytes()).is_some(),
        }
    }

    /// Whether the letters alone say it all.
    fn is_letter(&self) -> bool {
        self.near.is_none() && is_own(self.text)
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
        let mut hits = blocks(&texts.letters, rows, |letters| wanted.letters.may(letters));
        if !wanted.is_letter() {
            hits = blocks(&texts.pairs, &hits, |pairs| wanted.pairs.may(pairs));
        }
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
            let list = |span| catalogue.lists.get(span).unwrap_or_default();
            let is_of = |span| list(span).iter().any(|source| has(&self.sources, *source as usize));
            add(blocks(&columns.sources, rows, is_of));
        }
        for (at, (hits, sure)) in hits.iter_mut().zip(sure).enumerate() {
            let maybe = *hits & !sure;
            let read = |bit: u32| wanted.is_letter() || wanted.is_in(texts.get(at * 64 + bit as usize));
            *hits = bits(maybe).filter(|bit| read(*bit)).fold(sure, |hits, bit| hits | 1 << bit);
        }
        hits
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
