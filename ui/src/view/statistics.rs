//! Statistics as people read them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use configstream_core::catalogue::{LATENCY_BINS, Percentiles, Tally};

use super::text::grouped;

/// At most `most` of these, the fullest first.
pub fn fullest<K: Clone>(tallies: &BTreeMap<K, Tally>, most: usize) -> Vec<(K, Tally)> {
    let mut all: Vec<_> = tallies.iter().collect();
    all.sort_by_key(|(_, tally)| Reverse(tally.total));
    all.into_iter().take(most).map(|(key, tally)| (key.clone(), *tally)).collect()
}

/// A share of a whole in percent, 0 to 100; `None` where there is no whole.
pub fn percent(tally: Tally) -> Option<u8> {
    tally.success_rate().map(|rate| (rate * 100.0).round() as u8)
}

/// The same in words.
pub fn percent_text(tally: Tally) -> String {
    percent(tally).map_or_else(|| "–".to_owned(), |percent| format!("{percent} %"))
}

/// What is called how of the percentiles.
pub fn percentiles(percentiles: Percentiles) -> [(&'static str, String); 4] {
    let Percentiles { p10, p50, p90, p99 } = percentiles;
    let names = ["Fastest tenth", "Half", "Nine of ten", "99 of 100"];
    let mut times = [p10, p50, p90, p99].into_iter();
    names.map(|name| (name, ["≤ ", &times.next().map(millis).unwrap_or_default()].concat()))
}

fn millis(ms: u32) -> String {
    [&grouped(ms as usize), " ms"].concat()
}

/// A column of the histogram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its latencies, in words.
    pub label: String,
    /// Its rows.
    pub rows: usize,
    /// Its height in percent of the highest; what is not empty can be seen.
    pub height: usize,
}

/// The columns of a histogram, without the empty ones at its end.
pub fn columns(latencies: &[usize]) -> Vec<Column> {
    let most = latencies.iter().copied().max().unwrap_or_default().max(1);
    let last = latencies.iter().rposition(|rows| *rows > 0).map_or(0, |last| last + 1);
    let starts = std::iter::once(0).chain(LATENCY_BINS);
    let bins = latencies.iter().zip(starts.zip(LATENCY_BINS)).take(last);
    let height = |rows: usize| if rows == 0 { 0 } else { (rows * 100 / most).max(2) };
    bins.map(|(rows, (start, end))| Column { label: label(start, end), rows: *rows, height: height(*rows) })
        .collect()
}

fn label(start: u32, end: u32) -> String {
    if end == u32::MAX {
        return [&millis(start), " or more"].concat();
    }
    [&grouped(start as usize), "–", &millis(end)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(total: usize, tested: usize, working: usize) -> Tally {
        Tally { total, tested, working }
    }

    #[test]
    fn the_fullest_come_first_and_no_more_than_asked_for() {
        let all = [("a", tally(1, 0, 0)), ("b", tally(9, 0, 0)), ("c", tally(4, 0, 0))].into();
        let names: Vec<_> = fullest(&all, 2).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["b", "c"]);
    }

    #[test]
    fn what_was_never_tested_has_no_rate() {
        assert_eq!(percent_text(tally(9, 0, 0)), "–");
        assert_eq!(percent_text(tally(9, 8, 7)), "88 %");
        assert_eq!(percent(tally(9, 9, 9)), Some(100));
    }

    #[test]
    fn a_column_that_is_not_empty_can_be_seen_and_the_highest_is_full() {
        let mut latencies = [0; LATENCY_BINS.len()];
        (latencies[0], latencies[4], latencies[19]) = (1_000, 1, 500);
        let columns = columns(&latencies);
        let seen: Vec<_> = columns.iter().map(|column| column.height).filter(|height| *height > 0).collect();
        assert_eq!(seen, [100, 2, 50]);
        let label = |at: usize| columns[at].label.as_str();
        assert_eq!((label(0), label(4), label(19)), ("0–25 ms", "100–150 ms", "5,000 ms or more"));
    }

    #[test]
    fn empty_columns_at_the_end_are_left_out() {
        let mut latencies = [0; LATENCY_BINS.len()];
        assert_eq!(columns(&latencies), []);
        latencies[2] = 3;
        assert_eq!(columns(&latencies).len(), 3);
    }

    #[test]
    fn percentiles_are_bounds() {
        let named = percentiles(Percentiles { p10: 9, p50: 1_200, p90: 2_000, p99: 3_000 });
        assert_eq!(named[1], ("Half", "≤ 1,200 ms".to_owned()));
    }
}
