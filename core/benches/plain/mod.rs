//! What a catalogue is asked, and the answers of the baseline: a list of structs, a filter that asks each row,
//! a sort that compares rows, texts in lower case by row.

use std::collections::BTreeMap;

use configstream_core::catalogue::{Entry, Query, Sort};
use configstream_core::score::Level;

/// What filters and sorts.
pub(crate) const FILTERS: [&str; 6] = [
    "",
    "proto:vless,trojan country:de,nl <1500ms sort:latency",
    "working:yes score:>40 sort:country,latency",
    "-country:ir,ru security:high port:443,8000-9000 sort:tested_at",
    "region:europe net:ws -issue:broken-cipher sort:name",
    "fastest:10% browser:firefox sort:protocol,score",
];

/// What is typed, letter by letter; some of it with errors, where the baseline finds nothing.
pub(crate) const TYPED: [&str; 6] =
    ["frankfurt", "de vless", "پروکسی سرور", "443 workers", "amstredam 12", "1.2.3.4"];

/// The queries of [`FILTERS`], and those of each letter of [`TYPED`].
pub(crate) fn questions() -> (Vec<Query>, Vec<Query>) {
    let filters = FILTERS.iter().map(|text| Query::from_text(text)).collect();
    (filters, TYPED.iter().flat_map(|text| keystrokes(text)).collect())
}

/// The queries of a text that grows by a letter.
pub(crate) fn keystrokes(text: &str) -> Vec<Query> {
    let ends = text.char_indices().map(|(at, letter)| at + letter.len_utf8());
    ends.map(|end| Query { text: text[..end].to_owned(), ..Query::default() }).collect()
}

fn any<T: PartialEq>(any: &[T], not: &[T], value: Option<&T>) -> bool {
    (any.is_empty() || value.is_some_and(|value| any.contains(value)))
        && !value.is_some_and(|value| not.contains(value))
}

fn plain_match(entry: &Entry, query: &Query, words: &[String], fastest: Option<u32>) -> bool {
    let measured = &entry.measured;
    let region = measured.country.and_then(|country| country.region());
    any(&query.protocols, &query.not.protocols, Some(&entry.protocol))
        && any(&query.networks, &query.not.networks, Some(&entry.network))
        && any(&query.security, &query.not.security, Some(&Level::of(entry.safety, entry.issues)))
        && any(&query.countries, &query.not.countries, measured.country.as_ref())
        && any(&query.regions, &query.not.regions, region.as_ref())
        && (query.ports.is_empty() || query.ports.iter().any(|ports| ports.contains(entry.port)))
        && !query.not.issues.iter().any(|issue| entry.issues.has(*issue))
        && query.max_latency.is_none_or(|most| measured.latency.is_some_and(|ms| ms <= most))
        && fastest.is_none_or(|most| measured.latency.is_some_and(|ms| ms <= most))
        && query.min_score.is_none_or(|least| entry.score >= least)
        && query.working.is_none_or(|working| measured.working == Some(working))
        && query.connectable.is_none_or(|engine| entry.engines.has(engine))
        && words.iter().all(|word| plain_word(entry, word))
}

fn plain_word(entry: &Entry, word: &str) -> bool {
    let country = entry.measured.country;
    entry.name.to_lowercase().contains(word)
        || entry.host.to_lowercase().contains(word)
        || entry.protocol.key().contains(word)
        || entry.network.key().contains(word)
        || entry.security.is_some_and(|security| security.key().contains(word))
        || entry.measured.city.as_ref().is_some_and(|city| city.to_lowercase().contains(word))
        || country
            .is_some_and(|it| it.name().to_lowercase().contains(word) || it.code().eq_ignore_ascii_case(word))
        || entry.sources.iter().any(|source| source.contains(word))
        || word.parse() == Ok(entry.port)
}

fn plain_filter<'a>(entries: &'a [Entry], query: &Query) -> Vec<(u32, &'a Entry)> {
    let words: Vec<String> = query.text.split_whitespace().map(str::to_lowercase).collect();
    let fastest = query.fastest.and_then(|share| {
        let mut all: Vec<u32> = entries.iter().filter_map(|entry| entry.measured.latency).collect();
        all.sort_unstable();
        all.get((all.len() * usize::from(share)).div_ceil(100).checked_sub(1)?).copied()
    });
    (0..).zip(entries).filter(|(_, entry)| plain_match(entry, query, &words, fastest)).collect()
}

pub(crate) fn plain_rows(entries: &[Entry], query: &Query) -> Vec<u32> {
    let mut rows = plain_filter(entries, query);
    let sorts = query.sorts();
    rows.sort_by(|(_, a), (_, b)| {
        let by = |sort: Sort| match sort {
            Sort::Score => b.score.cmp(&a.score),
            Sort::Latency => {
                let last = |entry: &Entry| entry.measured.latency.unwrap_or(u32::MAX);
                last(a).cmp(&last(b))
            }
            Sort::Country => {
                let name = |entry: &Entry| entry.measured.country.map_or("~", |country| country.name());
                name(a).cmp(name(b))
            }
            Sort::Protocol => a.protocol.cmp(&b.protocol),
            Sort::TestedAt => b.measured.tested_at.cmp(&a.measured.tested_at),
            Sort::Name => a.name.cmp(&b.name),
        };
        sorts.iter().fold(std::cmp::Ordering::Equal, |so_far, (sort, _)| so_far.then_with(|| by(*sort)))
    });
    rows.into_iter().map(|(row, _)| row).collect()
}

/// Protocols, countries and sources only: three of fourteen.
pub(crate) fn plain_facets(entries: &[Entry], query: &Query) -> [BTreeMap<String, usize>; 3] {
    let mut without = [query.clone(), query.clone(), query.clone()];
    (without[0].protocols, without[0].not.protocols) = (Vec::new(), Vec::new());
    (without[1].countries, without[1].not.countries) = (Vec::new(), Vec::new());
    (without[2].sources, without[2].not.sources) = (Vec::new(), Vec::new());
    let mut counts: [BTreeMap<String, usize>; 3] = Default::default();
    for (at, query) in without.iter().enumerate() {
        for (_, entry) in plain_filter(entries, query) {
            let keys = match at {
                0 => vec![entry.protocol.key().to_owned()],
                1 => entry.measured.country.iter().map(|country| country.code().to_owned()).collect(),
                _ => entry.sources.clone(),
            };
            for key in keys {
                *counts[at].entry(key).or_default() += 1;
            }
        }
    }
    counts
}

pub(crate) type PlainStatistics = (BTreeMap<String, (usize, usize)>, Vec<u32>);

pub(crate) fn plain_statistics(entries: &[Entry], query: &Query) -> PlainStatistics {
    let (mut counts, mut latencies) = (BTreeMap::new(), Vec::new());
    for (_, entry) in plain_filter(entries, query) {
        let measured = &entry.measured;
        let working = measured.working == Some(true);
        let country = measured.country.map(|country| country.code().to_owned());
        let keys = std::iter::once(entry.protocol.key().to_owned()).chain(country);
        for key in keys.chain(entry.sources.iter().cloned()) {
            let count: &mut (usize, usize) = counts.entry(key).or_default();
            *count = (count.0 + 1, count.1 + usize::from(working));
        }
        latencies.extend(measured.latency.filter(|_| working));
    }
    latencies.sort_unstable();
    (counts, latencies)
}
