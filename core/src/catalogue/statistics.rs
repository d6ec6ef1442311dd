//! Statistics over the rows that match a query.

use std::collections::BTreeMap;
use std::num::NonZeroU8;

use super::columns::UNKNOWN_LATENCY;
use super::query::{Search, Sort};
use crate::Protocol;
use crate::geo::{Country, Region};

/// Rows, and what their last tests have shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them.
    pub total: usize,
    /// Those that were ever tested.
    pub tested: usize,
    /// Those that answered their last test.
    pub working: usize,
}

impl Tally {
    /// `working` of `tested`, 0 to 1; `None` when none was tested.
    pub fn success_rate(&self) -> Option<f64> {
        (self.tested > 0).then(|| self.working as f64 / self.tested as f64)
    }

    fn add(&mut self, working: Option<bool>, rows: usize) {
        self.total += rows;
        self.tested += rows * usize::from(working.is_some());
        self.working += rows * usize::from(working == Some(true));
    }
}

/// Where the bins of the latency histogram end, in milliseconds: each holds what is less than its end and
/// no less than the end before; the last holds all the rest.
pub const LATENCY_BINS: [u32; 20] = [
    25,
    50,
    75,
    100,
    150,
    200,
    250,
    300,
    400,
    500,
    600,
    800,
    1_000,
    1_250,
    1_500,
    2_000,
    2_500,
    3_000,
    5_000,
    u32::MAX,
];

/// Latencies, in milliseconds, that so many of a hundred working rows are not slower than (nearest rank).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Percentiles {
    /// 10 of 100.
    pub p10: u32,
    /// Half of them: the median.
    pub p50: u32,
    /// 90 of 100.
    pub p90: u32,
    /// 99 of 100.
    pub p99: u32,
}

/// Totals over some rows. Latencies are those of the working rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// All rows.
    pub all: Tally,
    /// Per protocol.
    pub protocols: BTreeMap<Protocol, Tally>,
    /// Per country.
    pub countries: BTreeMap<Country, Tally>,
    /// Per region.
    pub regions: BTreeMap<Region, Tally>,
    /// Per source; a row may have several.
    pub sources: BTreeMap<String, Tally>,
    /// Working rows per latency: see [`LATENCY_BINS`].
    pub latencies: [usize; 20],
    /// `None` when there is no latency.
    pub percentiles: Option<Percentiles>,
}

/// What a test has shown, as a place in an array of three.
const SHOWN: [Option<bool>; 3] = [None, Some(false), Some(true)];

fn shown(working: Option<bool>) -> usize {
    working.map_or(0, |working| 1 + usize::from(working))
}

impl Search<'_> {
    /// Totals over the rows that match.
    pub fn statistics(&self) -> Statistics {
        let mut statistics = Statistics { sources: self.tallies_of_sources(), ..Statistics::default() };
        let (kinds, places) = self.matching();
        for (kind, rows) in self.catalogue.kinds().all.iter().zip(kinds).filter(|(_, rows)| *rows > 0) {
            statistics.all.add(kind.working, rows as usize);
            statistics.protocols.entry(kind.protocol).or_default().add(kind.working, rows as usize);
        }
        for (place, rows) in (0..=u8::MAX).zip(places) {
            statistics.add_place(place, rows);
        }
        statistics.set_latencies(&self.latencies());
        statistics
    }

    /// Rows that match per kind, and per country by what their tests have shown.
    fn matching(&self) -> (Vec<u32>, Vec<[u32; 3]>) {
        let (mut kinds, mut places) = (vec![0; self.kinds.len()], vec![[0; 3]; self.places.len()]);
        let columns = &self.catalogue.columns;
        let rows =
            self.fails.iter().zip(&self.catalogue.kinds().of).zip(&columns.country).zip(&columns.working);
        for (((fails, kind), place), working) in rows {
            let is = u32::from(*fails == 0);
            kinds.get_mut(*kind as usize).into_iter().for_each(|count| *count += is);
            let place = places.get_mut(usize::from(*place)).and_then(|place| place.get_mut(shown(*working)));
            if let Some(count) = place {
                *count += is;
            }
        }
        (kinds, places)
    }

    fn tallies_of_sources(&self) -> BTreeMap<String, Tally> {
        let catalogue = self.catalogue;
        let mut tallies = vec![Tally::default(); catalogue.sources.all.len()];
        let rows = self.fails.iter().zip(&catalogue.columns.sources).zip(&catalogue.columns.working);
        for ((_, span), working) in rows.filter(|((fails, _), _)| **fails == 0) {
            for source in catalogue.lists.get(*span).unwrap_or_default() {
                tallies.get_mut(*source as usize).into_iter().for_each(|tally| tally.add(*working, 1));
            }
        }
        let named = catalogue.sources.all.iter().zip(tallies).filter(|(_, tally)| tally.total > 0);
        named.map(|(source, tally)| (source.as_str().to_owned(), tally)).collect()
    }

    /// The latencies of the working rows that match and have one, the least first.
    fn latencies(&self) -> Vec<u32> {
        let columns = &self.catalogue.columns;
        let rows = self.sorted(Sort::Latency, false).into_iter();
        let cells = rows
            .filter_map(|row| Some((columns.latency.get(row as usize)?, columns.working.get(row as usize)?)));
        let known = cells
            .take_while(|(ms, _)| **ms != UNKNOWN_LATENCY)
            .filter(|(_, working)| **working == Some(true));
        known.map(|(ms, _)| *ms).collect()
    }
}

impl Statistics {
    fn add_place(&mut self, place: u8, rows: [u32; 3]) {
        let Some(country) = NonZeroU8::new(place).and_then(Country::at) else { return };
        if rows == [0; 3] {
            return;
        }
        for (working, rows) in SHOWN.into_iter().zip(rows) {
            self.countries.entry(country).or_default().add(working, rows as usize);
            if let Some(region) = country.region() {
                self.regions.entry(region).or_default().add(working, rows as usize);
            }
        }
    }

    fn set_latencies(&mut self, sorted: &[u32]) {
        let mut before = 0;
        for (bin, end) in self.latencies.iter_mut().zip(LATENCY_BINS) {
            let upto = if end == u32::MAX { sorted.len() } else { sorted.partition_point(|ms| *ms < end) };
            *bin = upto - before;
            before = upto;
        }
        let percentile = |share: usize| {
            let last = (sorted.len() * share).div_ceil(100).checked_sub(1)?;
            sorted.get(last).copied()
        };
        self.percentiles = (|| {
            Some(Percentiles {
                p10: percentile(10)?,
                p50: percentile(50)?,
                p90: percentile(90)?,
                p99: percentile(99)?,
            })
        })();
    }
}
