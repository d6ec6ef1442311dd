//! Queries said as plainly as can be, over rows of structs.

use std::cmp::Ordering;

use configstream_core::Timestamp;
use configstream_core::catalogue::{Entry, Order, Ports, Query, Sort};
use configstream_core::route::Engine;
use configstream_core::score::{Level, Safety};

/// A row and whether the user marked it.
pub(crate) type Marked = (Entry, bool);

/// A word of a text, and whether it must not occur.
pub(crate) type Word = (String, bool);

fn wanted<T: PartialEq>(any: &[T], not: &[T], value: Option<&T>) -> bool {
    (any.is_empty() || value.is_some_and(|value| any.contains(value)))
        && !value.is_some_and(|value| not.contains(value))
}

fn share_of_fastest(rows: &[Marked], share: u8) -> Option<u32> {
    let mut all: Vec<u32> = rows.iter().filter_map(|(entry, _)| entry.measured.latency).collect();
    all.sort_unstable();
    let last = (all.len() * usize::from(share)).div_ceil(100).checked_sub(1)?;
    all.get(last).copied()
}

/// The level of security: nothing may be wrong that is worse.
fn level(entry: &Entry) -> Level {
    let way = match entry.safety {
        Safety::Verified => Level::High,
        Safety::Unverified => Level::Medium,
        Safety::Open => Level::Low,
    };
    entry.issues.iter().fold(way, |level, issue| level.min(issue.level()))
}

/// Whether a row matches all of a query but its text.
fn matches(rows: &[Marked], (entry, marked): &Marked, query: &Query, now: Timestamp) -> bool {
    let (measured, not) = (&entry.measured, &query.not);
    let city = measured.city.as_ref().map(|city| fold(city));
    let folded = |list: &[String]| list.iter().map(|city| fold(city)).collect::<Vec<_>>();
    let listed = |list: &[String]| entry.sources.iter().any(|source| list.contains(source));
    let ports =
        |list: &[Ports]| list.iter().any(|ports| ports.first <= entry.port && entry.port <= ports.last);
    let issues = |list: &[_]| list.iter().any(|issue| entry.issues.has(*issue));
    let region = measured.country.and_then(|country| country.region());
    let age = measured.tested_at.map(|at| now.millis().saturating_sub(at.millis()));
    wanted(&query.protocols, &not.protocols, Some(&entry.protocol))
        && wanted(&query.networks, &not.networks, Some(&entry.network))
        && wanted(&query.tls, &not.tls, Some(&entry.security))
        && wanted(&query.security, &not.security, Some(&level(entry)))
        && (query.issues.is_empty() || issues(&query.issues))
        && !issues(&not.issues)
        && wanted(&query.countries, &not.countries, measured.country.as_ref())
        && wanted(&query.regions, &not.regions, region.as_ref())
        && wanted(&folded(&query.cities), &folded(&not.cities), city.as_ref())
        && (query.sources.is_empty() || listed(&query.sources))
        && !listed(&not.sources)
        && (query.ports.is_empty() || ports(&query.ports))
        && !ports(&not.ports)
        && query.min_latency.is_none_or(|least| measured.latency.is_some_and(|ms| ms >= least))
        && query.max_latency.is_none_or(|most| measured.latency.is_some_and(|ms| ms <= most))
        && query.fastest.is_none_or(|share| {
            let most = share_of_fastest(rows, share);
            measured.latency.is_some_and(|ms| most.is_some_and(|most| ms <= most))
        })
        && query.min_score.is_none_or(|least| entry.score >= least)
        && query.max_score.is_none_or(|most| entry.score <= most)
        && query
            .min_reliability
            .is_none_or(|least| measured.reliability.is_some_and(|is| is >= u16::from(least) * 10))
        && query.working.is_none_or(|working| measured.working == Some(working))
        && query.min_age.is_none_or(|least| age.is_some_and(|age| age >= least * 1_000))
        && query.max_age.is_none_or(|most| age.is_some_and(|age| age <= most * 1_000))
        && query.connectable.is_none_or(|engine: Engine| entry.engines.has(engine))
        && query.favourite.is_none_or(|wanted| *marked == wanted)
}

/// Lower case, without the marks that the tests' texts have, blanks as one.
pub(crate) fn fold(text: &str) -> String {
    let lower: String = text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let plain = |letter| match letter {
        'ü' => 'u',
        'é' => 'e',
        'ё' => 'е',
        'ي' => 'ی',
        letter => letter,
    };
    lower.chars().map(plain).collect()
}

fn fields(entry: &Entry) -> Vec<String> {
    let measured = &entry.measured;
    let mut fields = vec![entry.name.clone(), entry.host.clone()];
    fields.extend([entry.protocol.key(), entry.protocol.label(), entry.network.key()].map(str::to_owned));
    fields.extend(entry.security.map(|security| security.key().to_owned()));
    fields.extend(measured.city.as_ref().map(ToString::to_string));
    if let Some(country) = measured.country {
        fields.push(country.name().to_owned());
        fields.extend(country.region().map(|region| region.key().to_owned()));
    }
    fields.extend(entry.sources.iter().map(|source| source.trim_start_matches("https://").to_owned()));
    fields.iter().map(|field| fold(field)).collect()
}

/// The least errors of any part of `text`.
fn errors(word: &[char], text: &str) -> usize {
    let mut column: Vec<usize> = (0..=word.len()).collect();
    let mut least = word.len();
    for letter in text.chars() {
        let mut next = vec![0];
        for i in 0..word.len() {
            let same = column[i] + usize::from(word[i] != letter);
            next.push(same.min(column[i + 1] + 1).min(next[i] + 1));
        }
        column = next;
        least = least.min(column[word.len()]);
    }
    least
}

fn has_word(entry: &Entry, word: &str, is_near: bool) -> bool {
    let letters: Vec<char> = word.chars().collect();
    let most = if is_near {
        [0, 1, 2][usize::from(letters.len() >= 4) + usize::from(letters.len() >= 8)]
    } else {
        0
    };
    let code = entry.measured.country.map(|country| country.code().to_lowercase());
    let is_in = |field: &String| !field.is_empty() && errors(&letters, field) <= most;
    code.as_deref() == Some(word) || word.parse() == Ok(entry.port) || fields(entry).iter().any(is_in)
}

fn has_words(entry: &Entry, words: &[Word], is_near: bool) -> bool {
    words.iter().all(|(word, not)| has_word(entry, &fold(word), is_near && !not) != *not)
}

fn compare(a: &Entry, b: &Entry, sort: Sort, order: Order) -> Ordering {
    let falls = match order {
        Order::Usual => matches!(sort, Sort::Score | Sort::TestedAt),
        order => order == Order::Descending,
    };
    let way = |ordering: Ordering| if falls { ordering.reverse() } else { ordering };
    let country = |entry: &Entry| entry.measured.country.map(|country| country.name());
    let protocol = |entry: &Entry| entry.protocol;
    match sort {
        Sort::Score => way(a.score.cmp(&b.score)),
        Sort::Protocol => way(protocol(a).cmp(&protocol(b))),
        Sort::Name => way(a.name.cmp(&b.name)),
        Sort::Latency => known_first(a.measured.latency, b.measured.latency, falls),
        Sort::Country => known_first(country(a), country(b), falls),
        Sort::TestedAt => known_first(a.measured.tested_at, b.measured.tested_at, falls),
    }
}

fn known_first<T: Ord>(a: Option<T>, b: Option<T>, falls: bool) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) if falls => b.cmp(&a),
        (Some(a), Some(b)) => a.cmp(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

/// The numbers of the rows that match, sorted.
pub(crate) fn rows(all: &[Marked], query: &Query, words: &[Word], now: Timestamp) -> Vec<u32> {
    let is_near = !all.iter().any(|(entry, _)| has_words(entry, words, false));
    let has = |row: &Marked| words.is_empty() || has_words(&row.0, words, is_near);
    let rows = (0..).zip(all).filter(|(_, row)| matches(all, row, query, now) && has(row));
    let mut rows: Vec<(u32, &Entry)> = rows.map(|(number, row)| (number, &row.0)).collect();
    rows.sort_by(|(_, a), (_, b)| {
        let then = query.then.iter().map(|(sort, order)| compare(a, b, *sort, *order));
        then.fold(compare(a, b, query.sort, query.order), Ordering::then)
    });
    rows.into_iter().map(|(number, _)| number).collect()
}
