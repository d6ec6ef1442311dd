use std::cmp::Ordering;
use super::super::Entry;
use super::{Order,Query,Sort};
impl Query {
    /// The query's filters, made ready to be asked of many rows.
    pub(in crate::catalogue) fn matcher(&self) -> Matcher<'_> {
        Matcher { query: self, words: self.text.split_whitespace().map(str::to_lowercase).collect() }
    }

    /// The numbers of the rows that match, sorted. Equal rows keep their order.
    pub(in crate::catalogue) fn run(&self, entries: &[Entry]) -> Vec<u32> {
        let matcher = self.matcher();
        let rows = entries.iter().enumerate().filter(|(_, entry)| matcher.matches(entry));
        let mut rows: Vec<(u32, &Entry)> = rows.map(|(row, entry)| (row as u32, entry)).collect();
        rows.sort_by(|(_, a), (_, b)| self.compare(a, b));
        rows.into_iter().map(|(row, _)| row).collect()
    }

    fn compare(&self, a: &Entry, b: &Entry) -> Ordering {
        let falls = match self.order {
            Order::Usual => matches!(self.sort, Sort::Score | Sort::TestedAt),
            Order::Ascending => false,
            Order::Descending => true,
        };
        match self.sort {
            Sort::Score => way(falls, a.score.cmp(&b.score)),
            Sort::Latency => known_first(falls, a.measured.latency, b.measured.latency),
            Sort::Country => {
                known_first(falls, a.measured.country.map(|c| c.name()), b.measured.country.map(|c| c.name()))
            }
            Sort::Protocol => way(falls, a.protocol.cmp(&b.protocol)),
            Sort::TestedAt => known_first(falls, a.measured.tested_at, b.measured.tested_at),
            Sort::Name => way(falls, a.name.cmp(&b.name)),
        }
    }

}
/// A query's filters with the text cut into words.
pub(in crate::catalogue) struct Matcher<'a> {
    query: &'a Query,
    words: Vec<String>,
}

impl Matcher<'_> {
    pub(in crate::catalogue) fn matches(&self, entry: &Entry) -> bool {
        let query = self.query;
        let measured = &entry.measured;
        any_of(&query.protocols, Some(&entry.protocol))
            && any_of(&query.countries, measured.country.as_ref())
            && any_of(&query.regions, measured.country.and_then(|country| country.region()).as_ref())
            && any_of(&query.security, Some(&entry.safety))
            && query.max_latency.is_none_or(|most| measured.latency.is_some_and(|ms| ms <= most))
            && query.min_score.is_none_or(|least| entry.score >= least)
            && query.working.is_none_or(|working| measured.working == Some(working))
            && (query.sources.is_empty() || query.sources.iter().any(|source| entry.sources.contains(source)))
            && self.words.iter().all(|word| has_word(entry, word))
    }
}

fn any_of<T: PartialEq>(allowed: &[T], value: Option<&T>) -> bool {
    allowed.is_empty() || value.is_some_and(|value| allowed.contains(value))
}

fn has_word(entry: &Entry, word: &str) -> bool {
    let country = entry.measured.country;
    contains(&entry.name, word)
        || contains(&entry.host, word)
        || contains(entry.protocol.key(), word)
        || contains(entry.network.key(), word)
        || entry.security.is_some_and(|security| contains(security.key(), word))
        || country.is_some_and(|country| {
            contains(country.name(), word) || country.code().eq_ignore_ascii_case(word)
        })
}

/// Whether `text` contains `word`, which is in lower case.
fn contains(text: &str, word: &str) -> bool {
    if text.is_ascii() {
        let (text, word) = (text.as_bytes(), word.as_bytes());
        return text.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    }
    text.to_lowercase().contains(word)
}

fn way(falls: bool, ordering: Ordering) -> Ordering {
    if falls { ordering.reverse() } else { ordering }
}

/// Known values in the wanted way, unknown ones after them whichever way that is.
fn known_first<T: Ord>(falls: bool, a: Option<T>, b: Option<T>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => way(falls, a.cmp(&b)),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

