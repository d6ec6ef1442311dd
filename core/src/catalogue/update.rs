//! Changes of a catalogue: each costs what it changes, and nothing is made anew.

use std::collections::{HashMap, HashSet};

use super::columns::{Cells, UNKNOWN_LATENCY, UNKNOWN_RELIABILITY, UNKNOWN_TIME};
use super::pool::Span;
use super::{Catalogue, Entry};
use crate::geo::Country;
use crate::proxy::Fingerprint;
use crate::score::Ranking;
use crate::{Text, Timestamp};

/// A catalogue that has no room for one more row: places in its texts are of 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a catalogue holds at most 4 GiB of links, names or hosts; leave a source out")]
pub struct Full;

impl Catalogue {
    /// Adds a row, or puts it in the place of the one with its identity, and gives its number. A mark of
    /// the user stays.
    pub fn upsert(&mut self, entry: &Entry) -> Result<u32, Full> {
        let row = self.number_of(entry.id);
        self.put(row, entry)
    }

    /// Adds many rows, or puts them in place, for less than one after the other. Those without room are
    /// left out.
    pub fn extend(&mut self, entries: impl IntoIterator<Item = Entry>) {
        let mut rows: HashMap<u64, u32> = (0..).zip(&self.columns.id).map(|(row, id)| (*id, row)).collect();
        for entry in entries {
            let id = entry.id.bits();
            if let Ok(row) = self.put(rows.get(&id).copied(), &entry) {
                rows.insert(id, row);
            }
        }
    }

    /// Takes a row out, and says whether there was one. The last row gets its number.
    pub fn remove(&mut self, id: Fingerprint) -> bool {
        self.number_of(id).is_some_and(|row| self.take(row))
    }

    /// Marks these proxies as the user's favourites, and no others.
    pub fn set_favourites(&mut self, favourites: &HashSet<Fingerprint>) {
        for (id, favourite) in self.columns.id.iter().zip(&mut self.columns.favourite) {
            *favourite = favourites.contains(&Fingerprint::from_number(*id));
        }
        self.derived.forget_kinds();
    }

    /// Scores every row anew, as this user ranks.
    pub fn rescore(&mut self, ranking: &Ranking, now: Timestamp) {
        let scores: Vec<u8> = self.rows().map(|row| ranking.score(row, now)).collect();
        self.columns.score = scores;
        self.derived.forget();
    }

    /// Takes the row of a number out; the last row gets the number.
    pub(super) fn take(&mut self, row: u32) -> bool {
        let Some(cells) = self.columns.remove(row) else { return false };
        self.derived.forget();
        self.links.release(cells.link);
        self.names.release(cells.name);
        self.hosts.release(cells.host);
        self.lists.release(cells.sources);
        self.tidy();
        true
    }

    /// Puts a row in the place of another, or at the end.
    pub(super) fn put(&mut self, row: Option<u32>, entry: &Entry) -> Result<u32, Full> {
        if !self.has_room(entry) {
            return Err(Full);
        }
        self.derived.forget();
        let old = row.and_then(|row| Some((row, self.columns.get(row)?)));
        let cells = self.cells(entry, old.map(|(_, cells)| cells)).ok_or(Full)?;
        let Some((row, _)) = old else {
            self.columns.push(cells);
            return Ok(self.columns.len() as u32 - 1);
        };
        self.columns.set(row, cells);
        self.tidy();
        Ok(row)
    }

    fn has_room(&self, entry: &Entry) -> bool {
        self.links.has_room(&entry.link)
            && self.names.has_room(&entry.name)
            && self.hosts.has_room(&entry.host)
            && u32::try_from(self.lists.all.len() + entry.sources.len()).is_ok()
    }

    /// The values of a row, with what has no fixed size put where it belongs.
    fn cells(&mut self, entry: &Entry, old: Option<Cells>) -> Option<Cells> {
        let measured = &entry.measured;
        let place = |span: fn(&Cells) -> Span| old.as_ref().map(span).unwrap_or_default();
        let sources: Vec<u32> =
            entry.sources.iter().map(|source| self.sources.number(&Text::from(source.as_str()))).collect();
        Some(Cells {
            id: entry.id.bits(),
            protocol: entry.protocol,
            network: entry.network,
            security: entry.security,
            safety: entry.safety,
            issues: entry.issues,
            engines: entry.engines,
            port: entry.port,
            country: measured.country.and_then(Country::place).map_or(0, Into::into),
            city: measured.city.as_ref().map_or(0, |city| self.cities.number(city) + 1),
            latency: measured.latency.map_or(UNKNOWN_LATENCY, |ms| ms.min(UNKNOWN_LATENCY - 1)),
            working: measured.working,
            tested_at: time(measured.tested_at),
            first_seen: time(measured.first_seen),
            reliability: measured.reliability.map_or(UNKNOWN_RELIABILITY, |share| share.min(1000)),
            score: entry.score.min(100),
            favourite: old.is_some_and(|old| old.favourite),
            link: self.links.replace(place(|old| old.link), &entry.link)?,
            name: self.names.replace(place(|old| old.name), &entry.name)?,
            host: self.hosts.replace(place(|old| old.host), &entry.host)?,
            sources: self.lists.replace(place(|old| old.sources), &sources)?,
        })
    }

    /// Gives back what dead texts take, where it is much.
    pub(super) fn tidy(&mut self) {
        self.links.tidy(&mut self.columns.link);
        self.names.tidy(&mut self.columns.name);
        self.hosts.tidy(&mut self.columns.host);
        self.lists.tidy(&mut self.columns.sources);
    }
}

fn time(time: Option<Timestamp>) -> u64 {
    time.map_or(UNKNOWN_TIME, |time| time.millis().min(UNKNOWN_TIME - 1))
}
