//! The difference between two snapshots as bytes: what went, what changed, what came.
//!
//! The head is that of a snapshot with other letters: `C5 'P' 'A' 'T'`, version 1. Then follow the revisions
//! it goes from and to, the time of the later, the digests of the rows of both, the rows that went, for
//! each measured column the rows that changed and their values, and the rows that came as a table.
//!
//! Rows that stay are named by their place in the order of identities, which both sides can make: rows lie
//! in another order on each side, and an identity takes eight bytes where a place takes less than one.
//!
//! The digest of a catalogue is the sum of those of its rows, whatever their order. It is checked before
//! and after, so that a patch gives exactly what it was made from, or nothing.

use std::collections::HashMap;

use super::form::{Broken, Read, Reader, read_numbers, write_number, write_numbers, write_text};
use super::snapshot::{open, seal};
use super::table::{self, MEASURED};
use super::{BadSnapshot, Catalogue, Row, Snapshot, digest};
use crate::Timestamp;

/// A difference between two snapshots.
///
/// ```
/// use configstream_core::Timestamp;
/// use configstream_core::catalogue::{Catalogue, Entry, Measured, Patch, Snapshot};
/// # use configstream_core::link;
///
/// let proxy = link::parse("socks5://192.0.2.1:1080#Berlin").unwrap();
/// let entry = Entry::new(&proxy, vec!["lists.example".into()], Measured::default(), Timestamp::default());
/// let old = Snapshot { revision: 1, ..Snapshot::default() };
/// let new = Snapshot { revision: 2, catalogue: Catalogue::new(vec![entry]), ..old.clone() };
/// let bytes = Patch::between(&old, &new).encode().to_vec();
/// assert_eq!(Patch::decode(&bytes).unwrap().apply(old), Ok(new));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    from: u64,
    to: u64,
    bytes: Vec<u8>,
}

/// Why a patch is none, or cannot be applied. The whole snapshot is to be fetched then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPatch {
    /// Not what was written, or written by a newer version.
    #[error(transparent)]
    Form(#[from] BadSnapshot),
    /// It starts from another revision.
    #[error("the change is one of revision {from}, the list here has revision {have}; fetch the whole list")]
    Base {
        /// The revision that it starts from.
        from: u64,
        /// The revision that it was to be applied to.
        have: u64,
    },
    /// It starts from other rows of the same revision, or does not arrive where it says.
    #[error("the change is one of another list of revision {0}; fetch the whole list")]
    Rows(u64),
}

impl From<Broken> for BadPatch {
    fn from(broken: Broken) -> Self {
        Self::Form(broken.into())
    }
}

/// What a patch says before its rows.
struct Head {
    from: u64,
    to: u64,
    published_at: Timestamp,
    before: u64,
    after: u64,
}

impl Patch {
    /// The version of the form.
    pub const VERSION: u32 = 1;

    /// What its bytes begin with.
    pub const MAGIC: [u8; 4] = *b"\xC5PAT";

    /// What makes `new` of `old`. Marks of the user are not looked at.
    pub fn between(old: &Snapshot, new: &Snapshot) -> Self {
        let head = Head {
            from: old.revision,
            to: new.revision,
            published_at: new.published_at,
            before: sum(&old.catalogue),
            after: sum(&new.catalogue),
        };
        let mut body = Vec::new();
        head.write(&mut body);
        Changes::between(&old.catalogue, &new.catalogue).write(&mut body, &new.catalogue);
        Self { from: head.from, to: head.to, bytes: seal(Self::MAGIC, Self::VERSION, &body) }
    }

    /// The revision that it starts from.
    pub fn from(&self) -> u64 {
        self.from
    }

    /// The revision that it arrives at.
    pub fn to(&self) -> u64 {
        self.to
    }

    /// Its bytes, made so that they compress well.
    pub fn encode(&self) -> &[u8] {
        &self.bytes
    }

    /// Reads what [`encode`](Self::encode) gave. What it changes is read when it is applied.
    pub fn decode(bytes: &[u8]) -> Result<Self, BadPatch> {
        let head = Head::read(&mut open(Self::MAGIC, Self::VERSION, bytes)?)?;
        Ok(Self { from: head.from, to: head.to, bytes: bytes.to_vec() })
    }

    /// Makes the later snapshot of the earlier. Marks of the user stay on the rows that stay.
    pub fn apply(&self, base: Snapshot) -> Result<Snapshot, BadPatch> {
        let mut from = open(Self::MAGIC, Self::VERSION, &self.bytes)?;
        let head = Head::read(&mut from)?;
        if head.from != base.revision {
            return Err(BadPatch::Base { from: head.from, have: base.revision });
        }
        let mut catalogue = base.catalogue;
        if sum(&catalogue) != head.before {
            return Err(BadPatch::Rows(head.from));
        }
        change(&mut catalogue, from)?;
        if sum(&catalogue) != head.after {
            return Err(BadPatch::Rows(head.to));
        }
        Ok(Snapshot { revision: head.to, published_at: head.published_at, catalogue })
    }
}

impl Head {
    fn write(&self, out: &mut Vec<u8>) {
        let numbers = [self.from, self.to, self.published_at.millis(), self.before, self.after];
        for number in numbers {
            write_number(out, number);
        }
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        Ok(Self {
            from: from.number()?,
            to: from.number()?,
            published_at: Timestamp::from_millis(from.number()?),
            before: from.number()?,
            after: from.number()?,
        })
    }
}

/// Rows by place in the order of identities.
fn in_order(catalogue: &Catalogue) -> Vec<u32> {
    let mut rows: Vec<(u64, u32)> = catalogue.columns.id.iter().copied().zip(0..).collect();
    rows.sort_unstable();
    rows.into_iter().map(|(_, row)| row).collect()
}

#[derive(Default)]
struct Changes {
    /// Places of rows that went.
    removed: Vec<u64>,
    /// For each measured column, places of rows that changed and their rows in the new catalogue.
    changed: [(Vec<u64>, Vec<u32>); MEASURED.len()],
    /// Rows of the new catalogue that came, or say something else of their links.
    added: Vec<u32>,
}

impl Changes {
    fn between(old: &Catalogue, new: &Catalogue) -> Self {
        let mut changes = Self::default();
        let mut rows: HashMap<u64, u32> = new.columns.id.iter().copied().zip(0..).collect();
        for (row, place) in in_order(old).into_iter().zip(0..) {
            let Some(before) = old.row(row) else { continue };
            match rows.remove(&before.cells.id).and_then(|row| new.row(row)) {
                Some(after) => changes.compare(place, &before, &after),
                None => changes.removed.push(place),
            }
        }
        changes.added.extend(rows.into_values());
        changes.added.sort_unstable();
        changes
    }

    fn compare(&mut self, place: u64, before: &Row<'_>, after: &Row<'_>) {
        if !table::is_one_link(before, after) {
            return self.added.push(after.number());
        }
        for (column, (places, rows)) in MEASURED.iter().zip(&mut self.changed) {
            if (column.differs)(before, after) {
                places.push(place);
                rows.push(after.number());
            }
        }
    }

    fn write(&self, out: &mut Vec<u8>, new: &Catalogue) {
        write_places(out, &self.removed);
        for (column, (places, rows)) in MEASURED.iter().zip(&self.changed) {
            write_places(out, places);
            (column.write)(out, new, rows);
        }
        table::write(out, new, &self.added);
    }
}

/// Places that rise, as steps.
fn write_places(out: &mut Vec<u8>, places: &[u64]) {
    write_number(out, places.len() as u64);
    let before = std::iter::once(0).chain(places.iter().map(|place| place + 1));
    write_numbers(out, places.iter().zip(before).map(|(place, before)| place - before).collect());
}

/// The rows at places that rise.
fn read_places(from: &mut Reader<'_>, order: &[u32]) -> Read<Vec<u32>> {
    let count = usize::try_from(from.number()?).ok().filter(|count| *count <= order.len());
    let steps = read_numbers(from, count.ok_or(Broken::Damaged)?)?;
    let mut next = 0_u64;
    let row = |step: u64| {
        let place = next.checked_add(step).ok_or(Broken::Damaged)?;
        next = place.saturating_add(1);
        usize::try_from(place).ok().and_then(|place| order.get(place)).copied().ok_or(Broken::Damaged)
    };
    steps.iter().map(row).collect()
}

fn change(catalogue: &mut Catalogue, mut from: Reader<'_>) -> Read<()> {
    let order = in_order(catalogue);
    let mut removed = read_places(&mut from, &order)?;
    for column in &MEASURED {
        let rows = read_places(&mut from, &order)?;
        (column.read)(&mut from, catalogue, &rows)?;
    }
    let added = table::read(&mut from)?;
    from.end()?;
    // From the last: the row that takes the place of one that goes is none that is still to go.
    removed.sort_unstable_by(|a, b| b.cmp(a));
    for row in removed {
        catalogue.take(row);
    }
    catalogue.extend(added.rows().map(|row| row.to_entry()));
    catalogue.tidy();
    if table::are_sound(&catalogue.columns) { Ok(()) } else { Err(Broken::Damaged) }
}

/// The digest of all rows, whatever their order.
fn sum(catalogue: &Catalogue) -> u64 {
    let mut bytes = Vec::new();
    catalogue.rows().fold(0, |sum: u64, row| {
        bytes.clear();
        write_row(&mut bytes, &row);
        sum.wrapping_add(digest::digest(&bytes, 0))
    })
}

/// All values of a row, none of them by a number that another program may give otherwise.
fn write_row(out: &mut Vec<u8>, row: &Row<'_>) {
    let cells = row.cells;
    let security = row.security().map_or("", |security| security.key());
    let country = row.country();
    let country = country.as_ref().map_or("", |country| country.code());
    let texts = [row.link(), row.name(), row.host(), row.protocol().key(), row.network().key(), security];
    texts.into_iter().chain([country, row.city().unwrap_or_default()]).for_each(|text| write_text(out, text));
    let working = row.working().map_or(0, |working| 1 + u64::from(working));
    let small = [row.safety() as u64, cells.issues.bits().into(), cells.engines.bits().into(), working];
    let numbers = [cells.port.into(), cells.latency.into(), cells.reliability.into(), cells.score.into()];
    let large = [cells.id, cells.tested_at, cells.first_seen, row.listed() as u64];
    let all = small.into_iter().chain(numbers).chain(large);
    all.for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
    row.sources().for_each(|source| write_text(out, source));
}
