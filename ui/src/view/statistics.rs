//! Statistics as people read them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use configstream_core::catalogue::{LATENCY_BINS, Percentiles, Tally};
use configstream_core::geo::Country;

use super::text::grouped;

/// A line of a table: a name, a number, and a bar with what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Whose flag stands before the name.
    pub flag: Option<Country>,
    /// What is counted.
    pub name: String,
    /// How many.
    pub rows: usize,
    /// The length of the bar, 0 to 100.
    pub bar: u8,
    /// What the bar says.
    pub says: String,
}

impl Line {
    /// The line of a tally; the bar is how many of the tested answered.
    pub fn of(flag: Option<Country>, name: String, tally: Tally) -> Self {
        Self { flag, name, rows: tally.total, bar: percent(tally).unwrap_or_default(), says: success(tally) }
    }
}

/// A line for each of these, at most `most`, the fullest first.
pub fn fullest<K>(
    tallies: &BTreeMap<K, Tally>,
    most: usize,
    name: fn(&K) -> (Option<Country>, String),
) -> Vec<Line> {
    let line = |(key, tally): (&K, &Tally)| {
        let (flag, name) = name(key);
        Line::of(flag, name, *tally)
    };
    let mut lines: Vec<Line> = tallies.iter().map(line).collect();
    lines.sort_by_key(|line| Reverse(line.rows));
    lines.truncate(most);
    lines
}

/// How many of a hundred tested answered; `None` where none was tested.
fn percent(tally: Tally) -> Option<u8> {
    tally.success_rate().map(|rate| (rate * 100.0).round() as u8)
}

/// The same in words.
pub fn success(tally: Tally) -> String {
    percent(tally).map_or_else(|| "–".to_owned(), |percent| [&percent.to_string(), " %"].concat())
}

/// What is called how of the percentiles.
pub fn percentiles(percentiles: Percentiles) -> [(&'static str, String); 4] {
    let Percentiles { p10, p50, p90, p99 } = percentiles;
    [("One of ten", p10), ("Half", p50), ("Nine of ten", p90), ("99 of 100", p99)]
        .map(|(name, ms)| (name, ["≤ ", &millis(ms)].concat()))
}

fn millis(ms: u32) -> String {
    [&grouped(ms as usize), " ms"].concat()
}

/// The histogram, a line for each bin but the empty ones at its end; the longest bar is full, and what is not
/// empty can be seen.
pub fn histogram(latencies: &[usize]) -> Vec<Line> {
    let most = latencies.iter().copied().max().unwrap_or_default().max(1);
    let all = latencies.iter().sum::<usize>().max(1);
    let last = latencies.iter().rposition(|rows| *rows > 0).map_or(0, |last| last + 1);
    let starts = std::iter::once(0).chain(LATENCY_BINS);
    let bins = latencies.iter().zip(starts.zip(LATENCY_BINS)).take(last);
    let line = |(rows, (start, end)): (&usize, (u32, u32))| Line {
        flag: None,
        name: label(start, end),
        rows: *rows,
        bar: (*rows * 100).div_ceil(most) as u8,
        says: [&((*rows * 100 + all / 2) / all).to_string(), " %"].concat(),
    };
    bins.map(line).collect()
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
        let all = [("a", tally(1, 0, 0)), ("b", tally(9, 8, 7)), ("c", tally(4, 4, 4))].into();
        let lines = fullest(&all, 2, |name| (None, (*name).to_owned()));
        let seen: Vec<_> = lines.iter().map(|line| (line.name.as_str(), line.bar)).collect();
        assert_eq!(seen, [("b", 88), ("c", 100)]);
    }

    #[test]
    fn what_was_never_tested_has_no_rate() {
        assert_eq!(success(tally(9, 0, 0)), "–");
        assert_eq!(success(tally(9, 8, 7)), "88 %");
    }

    #[test]
    fn the_bar_of_a_tally_is_its_success() {
        let line = Line::of(None, "1 May".to_owned(), tally(7, 4, 3));
        assert_eq!((line.rows, line.bar, line.says.as_str()), (7, 75, "75 %"));
        assert_eq!(Line::of(None, String::new(), tally(7, 0, 0)).bar, 0);
    }

    #[test]
    fn a_bar_that_is_not_empty_can_be_seen_and_the_longest_is_full() {
        let mut latencies = [0; LATENCY_BINS.len()];
        (latencies[0], latencies[4], latencies[19]) = (1_000, 1, 500);
        let lines = histogram(&latencies);
        let seen: Vec<_> = lines.iter().map(|line| line.bar).filter(|bar| *bar > 0).collect();
        assert_eq!(seen, [100, 1, 50]);
        let line = |at: usize| (lines[at].name.as_str(), lines[at].says.as_str());
        assert_eq!(line(0), ("0–25 ms", "67 %"));
        assert_eq!(line(4), ("100–150 ms", "0 %"));
        assert_eq!(line(19), ("5,000 ms or more", "33 %"));
    }

    #[test]
    fn empty_bins_at_the_end_are_left_out() {
        let mut latencies = [0; LATENCY_BINS.len()];
        assert_eq!(histogram(&latencies), []);
        latencies[2] = 3;
        assert_eq!(histogram(&latencies).len(), 3);
    }

    #[test]
    fn percentiles_are_bounds() {
        let named = percentiles(Percentiles { p10: 9, p50: 1_200, p90: 2_000, p99: 3_000 });
        assert_eq!(named[1], ("Half", "≤ 1,200 ms".to_owned()));
    }
}
