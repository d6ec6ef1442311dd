//! Sorting: where each row stands by a key is computed once; then each sort is a few passes over numbers.

use super::super::Catalogue;
use super::super::columns::{UNKNOWN_LATENCY, UNKNOWN_TIME};
use super::Sort;
use crate::geo::Country;
use std::num::NonZeroU8;

/// The rank of a row of which the key is unknown.
const UNKNOWN: u32 = u32::MAX;

/// Where each row stands by a key: equal rows have equal ranks, and smaller ones smaller.
pub(in crate::catalogue) struct Ranks {
    of: Vec<u32>,
    /// The largest that is known.
    most: u32,
}

impl Ranks {
    pub(in crate::catalogue) fn of(catalogue: &Catalogue, sort: Sort) -> Self {
        let columns = &catalogue.columns;
        let of: Vec<u32> = match sort {
            Sort::Score => columns.score.iter().map(|score| u32::from(*score)).collect(),
            Sort::Protocol => columns.protocol.iter().map(|protocol| *protocol as u32).collect(),
            Sort::Latency => {
                columns.latency.iter().map(|ms| if *ms == UNKNOWN_LATENCY { UNKNOWN } else { *ms }).collect()
            }
            Sort::Country => countries(&columns.country),
            Sort::TestedAt => dense(&columns.tested_at, |at| *at == UNKNOWN_TIME),
            Sort::Name => {
                let names = columns.name.iter().map(|span| catalogue.names.get(*span).unwrap_or_default());
                dense(&names.collect::<Vec<_>>(), |_| false)
            }
        };
        let most = of.iter().copied().filter(|rank| *rank != UNKNOWN).max().unwrap_or_default();
        Self { of, most }
    }

    /// What a row is sorted by, and the largest of these.
    fn key(&self, row: u32, falls: bool) -> u32 {
        match self.of.get(row as usize) {
            None | Some(&UNKNOWN) => self.last(),
            Some(rank) if falls => self.most - rank,
            Some(rank) => *rank,
        }
    }

    fn last(&self) -> u32 {
        self.most.saturating_add(1)
    }

    /// Every row in order.
    pub(in crate::catalogue) fn ordered(&self, falls: bool) -> Vec<u32> {
        self.sorted(0..self.of.len() as u32, falls)
    }

    /// These rows in order; equal ones keep theirs.
    pub(super) fn sorted(&self, rows: impl IntoIterator<Item = u32>, falls: bool) -> Vec<u32> {
        let keyed = |row: u32| u64::from(self.key(row, falls)) << 32 | u64::from(row);
        let keyed = rows.into_iter().map(keyed).collect();
        radix(keyed, self.last()).into_iter().map(|keyed| keyed as u32).collect()
    }

    /// How many rows are known.
    pub(super) fn known(&self) -> usize {
        self.of.iter().filter(|rank| **rank != UNKNOWN).count()
    }
}

/// Ranks by name; no country has no rank.
fn countries(column: &[u8]) -> Vec<u32> {
    let name = |place: u8| NonZeroU8::new(place).and_then(Country::at).map(|country| country.name());
    let mut names: Vec<&str> = (0..=u8::MAX).filter_map(name).collect();
    names.sort_unstable();
    let rank = |name: &str| names.partition_point(|known| *known < name) as u32;
    let ranks: Vec<u32> = (0..=u8::MAX).map(|place| name(place).map_or(UNKNOWN, rank)).collect();
    column.iter().map(|place| ranks.get(usize::from(*place)).copied().unwrap_or(UNKNOWN)).collect()
}

/// Ranks without gaps of values that are too large, or no numbers.
fn dense<T: Ord>(values: &[T], is_unknown: impl Fn(&T) -> bool) -> Vec<u32> {
    let mut rows: Vec<(&T, u32)> = values.iter().zip(0..).filter(|(value, _)| !is_unknown(value)).collect();
    rows.sort_unstable();
    let (mut ranks, mut rank, mut before) = (vec![UNKNOWN; values.len()], 0, None);
    for (value, row) in rows {
        rank += u32::from(before.is_some_and(|before| before != value));
        before = Some(value);
        ranks.get_mut(row as usize).into_iter().for_each(|place| *place = rank);
    }
    ranks
}

/// Bits that one pass sorts by.
const DIGIT: u32 = 11;

/// Sorts by the upper halves, of which `most` is the largest; equal ones keep their order.
fn radix(mut all: Vec<u64>, most: u32) -> Vec<u64> {
    let mut next = vec![0; all.len()];
    for pass in 0..(u32::BITS - most.leading_zeros()).div_ceil(DIGIT) {
        let digit = |keyed: u64| (keyed >> (32 + pass * DIGIT)) as usize & ((1 << DIGIT) - 1);
        let mut places = [0_u32; 1 << DIGIT];
        for keyed in &all {
            places.get_mut(digit(*keyed)).into_iter().for_each(|count| *count += 1);
        }
        let mut sum = 0;
        for place in &mut places {
            sum += std::mem::replace(place, sum);
        }
        for keyed in &all {
            if let Some(place) = places.get_mut(digit(*keyed)) {
                next.get_mut(*place as usize).into_iter().for_each(|slot| *slot = *keyed);
                *place += 1;
            }
        }
        std::mem::swap(&mut all, &mut next);
    }
    all
}
