//! Rows as bytes, column after column: the body of a snapshot, and what a patch adds.
//!
//! Host, port and name are most often in the link as they are, and are read out of it then, so that they
//! cost nothing.

use std::borrow::Cow;
use std::num::NonZeroU8;

use percent_encoding::percent_decode_str;

use super::columns::{Columns, UNKNOWN_RELIABILITY};
use super::form::{
    Broken, Read, Reader, Stored, read_numbers, read_texts, read_words, write_number, write_numbers,
    write_texts, write_words,
};
use super::pool::{Pool, Span};
use super::{Catalogue, Row};
use crate::Text;
use crate::geo::Country;

/// Host and port as most links have them: `scheme://user@host:port/…`.
fn authority(link: &str) -> Option<(&str, u16)> {
    let (_, rest) = link.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (host, port) = authority.rsplit('@').next()?.rsplit_once(':')?;
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    Some((bare.unwrap_or(host), port.parse().ok()?))
}

/// The name as most links have it: `#name` at the end.
fn name(link: &str) -> Cow<'_, str> {
    match link.rsplit_once('#') {
        Some((_, name)) if name.contains('%') => percent_decode_str(name).decode_utf8_lossy(),
        Some((_, name)) => Cow::Borrowed(name),
        None => Cow::Borrowed(""),
    }
}

/// What a patch can change in a row that stays: all that is not read from the link.
pub(super) struct Column {
    pub(super) differs: fn(&Row<'_>, &Row<'_>) -> bool,
    /// Writes the values of these rows.
    pub(super) write: fn(&mut Vec<u8>, &Catalogue, &[u32]),
    /// Reads values into these rows.
    pub(super) read: fn(&mut Reader<'_>, &mut Catalogue, &[u32]) -> Read<()>,
}

macro_rules! plain {
    ($name:ident) => {
        Column {
            differs: |a, b| a.cells.$name != b.cells.$name,
            write: |out, catalogue, rows| {
                let cell = |row: &u32| catalogue.columns.$name.get(*row as usize).copied();
                Stored::write(out, rows.iter().filter_map(cell));
            },
            read: |from, catalogue, rows| {
                let values = Stored::read(from, rows.len())?;
                put(&mut catalogue.columns.$name, rows, values);
                Ok(())
            },
        }
    };
}

/// The columns that rows have beside their links, in the order in which they are written. It is part of the
/// form: what is new goes to the end, and raises the version.
pub(super) const MEASURED: [Column; 9] = [
    Column { differs: |a, b| a.country() != b.country(), write: write_countries, read: read_countries },
    Column { differs: |a, b| a.city() != b.city(), write: write_cities, read: read_cities },
    plain!(latency),
    plain!(working),
    plain!(tested_at),
    plain!(first_seen),
    plain!(reliability),
    plain!(score),
    Column { differs: |a, b| !a.sources().eq(b.sources()), write: write_sources, read: read_sources },
];

/// The columns that say again what the link says, so that nobody must read all links to query them.
const FACTS: [Column; 6] =
    [plain!(protocol), plain!(network), plain!(security), plain!(safety), plain!(issues), plain!(engines)];

/// Whether two rows of one identity say the same of the link and what is in it.
pub(super) fn is_one_link(a: &Row<'_>, b: &Row<'_>) -> bool {
    (a.link(), a.name(), a.host(), a.port()) == (b.link(), b.name(), b.host(), b.port())
        && FACTS.iter().all(|column| !(column.differs)(a, b))
}

fn put<T>(column: &mut [T], rows: &[u32], values: Vec<T>) {
    for (row, value) in rows.iter().zip(values) {
        if let Some(cell) = column.get_mut(*row as usize) {
            *cell = value;
        }
    }
}

fn rows_of<'a>(catalogue: &'a Catalogue, rows: &'a [u32]) -> impl Iterator<Item = Row<'a>> {
    rows.iter().filter_map(|row| catalogue.row(*row))
}

/// Writes these rows of a catalogue.
pub(super) fn write(out: &mut Vec<u8>, catalogue: &Catalogue, rows: &[u32]) {
    write_number(out, rows.len() as u64);
    rows_of(catalogue, rows).for_each(|row| out.extend_from_slice(&row.cells.id.to_le_bytes()));
    for column in &FACTS {
        (column.write)(out, catalogue, rows);
    }
    let rows_of = || rows_of(catalogue, rows);
    write_texts(out, rows_of().map(|row| Some(row.link())));
    let host = |row: &Row<'_>| authority(row.link()).is_none_or(|(host, _)| host != row.host());
    write_texts(out, rows_of().map(|row| host(&row).then(|| row.host())));
    let port = |row: &Row<'_>| authority(row.link()).is_none_or(|(_, port)| port != row.port());
    let port = |row: Row<'_>| if port(&row) { u64::from(row.port()) + 1 } else { 0 };
    write_numbers(out, rows_of().map(port).collect());
    write_texts(out, rows_of().map(|row| (name(row.link()) != row.name()).then(|| row.name())));
    for column in &MEASURED {
        (column.write)(out, catalogue, rows);
    }
}

/// Reads what [`write`] wrote: a catalogue of these rows, in their order.
pub(super) fn read(from: &mut Reader<'_>) -> Read<Catalogue> {
    let count = from.count()?;
    let mut catalogue = Catalogue::default();
    catalogue.columns.id = read_ids(from, count)?;
    catalogue.columns.blank();
    let rows: Vec<u32> = (0..).zip(&catalogue.columns.id).map(|(row, _)| row).collect();
    FACTS.iter().try_for_each(|column| (column.read)(from, &mut catalogue, &rows))?;
    read_links(from, &mut catalogue)?;
    read_endpoints(from, &mut catalogue)?;
    read_names(from, &mut catalogue)?;
    MEASURED.iter().try_for_each(|column| (column.read)(from, &mut catalogue, &rows))?;
    if are_sound(&catalogue.columns) { Ok(catalogue) } else { Err(Broken::Damaged) }
}

/// Identities are eight bytes each, which nothing makes smaller. They come first, so that no more rows are
/// made than there are bytes for.
fn read_ids(from: &mut Reader<'_>, count: usize) -> Read<Vec<u64>> {
    let bytes = from.take(count.checked_mul(8).ok_or(Broken::Damaged)?)?;
    let ids: Vec<u64> = bytes.as_chunks::<8>().0.iter().map(|id| u64::from_le_bytes(*id)).collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    if sorted.is_sorted_by(|a, b| a < b) { Ok(ids) } else { Err(Broken::Damaged) }
}

fn read_links(from: &mut Reader<'_>, catalogue: &mut Catalogue) -> Read<()> {
    let texts = read_texts(from, catalogue.len())?;
    catalogue.links = Pool::of(texts.all.to_owned());
    let mut start = 0;
    for (cell, text) in catalogue.columns.link.iter_mut().zip(texts.iter()) {
        let len = u32::try_from(text?.ok_or(Broken::Damaged)?.len()).map_err(|_| Broken::Damaged)?;
        *cell = Span { start, len };
        start = start.checked_add(len).ok_or(Broken::Damaged)?;
    }
    Ok(())
}

fn read_endpoints(from: &mut Reader<'_>, catalogue: &mut Catalogue) -> Read<()> {
    let texts = read_texts(from, catalogue.len())?;
    let ports = read_numbers(from, catalogue.len())?;
    let Catalogue { columns, links, hosts, .. } = catalogue;
    let cells = columns.link.iter().zip(columns.host.iter_mut().zip(&mut columns.port));
    for ((link, (host, port)), (text, number)) in cells.zip(texts.iter().zip(ports)) {
        let in_link = authority(links.get(*link).unwrap_or_default());
        let shown = text?.or(in_link.map(|(host, _)| host)).ok_or(Broken::Damaged)?;
        *host = hosts.add(shown).ok_or(Broken::Damaged)?;
        let number = number.checked_sub(1).and_then(|number| u16::try_from(number).ok());
        *port = number.or(in_link.map(|(_, port)| port)).ok_or(Broken::Damaged)?;
    }
    Ok(())
}

fn read_names(from: &mut Reader<'_>, catalogue: &mut Catalogue) -> Read<()> {
    let texts = read_texts(from, catalogue.len())?;
    let Catalogue { columns, links, names, .. } = catalogue;
    for ((link, cell), text) in columns.link.iter().zip(&mut columns.name).zip(texts.iter()) {
        let shown = text?.map_or_else(|| name(links.get(*link).unwrap_or_default()), Cow::Borrowed);
        *cell = names.add(&shown).ok_or(Broken::Damaged)?;
    }
    Ok(())
}

/// Whether no value is beyond its range.
pub(super) fn are_sound(columns: &Columns) -> bool {
    columns.score.iter().all(|score| *score <= 100)
        && columns.reliability.iter().all(|share| *share <= 1000 || *share == UNKNOWN_RELIABILITY)
}

fn write_countries(out: &mut Vec<u8>, catalogue: &Catalogue, rows: &[u32]) {
    let codes: Vec<_> = rows_of(catalogue, rows).map(|row| row.country()).collect();
    write_words(out, codes.iter().map(|country| country.as_ref().map_or("", Country::code)));
}

/// A country that is not known here is none: the next version of a list of countries breaks nothing.
fn read_countries(from: &mut Reader<'_>, catalogue: &mut Catalogue, rows: &[u32]) -> Read<()> {
    let place = |code: &str| Country::from_code(code).and_then(Country::place).map_or(0, NonZeroU8::get);
    let values = read_words(from, rows.len())?.meaning(|code| Ok(place(code)))?;
    put(&mut catalogue.columns.country, rows, values);
    Ok(())
}

fn write_cities(out: &mut Vec<u8>, catalogue: &Catalogue, rows: &[u32]) {
    write_words(out, rows_of(catalogue, rows).map(|row| row.city().unwrap_or_default()));
}

fn read_cities(from: &mut Reader<'_>, catalogue: &mut Catalogue, rows: &[u32]) -> Read<()> {
    let cities = &mut catalogue.cities;
    let mut number = |city: &str| if city.is_empty() { 0 } else { cities.number(&Text::from(city)) + 1 };
    let values = read_words(from, rows.len())?.meaning(|city| Ok(number(city)))?;
    put(&mut catalogue.columns.city, rows, values);
    Ok(())
}

fn write_sources(out: &mut Vec<u8>, catalogue: &Catalogue, rows: &[u32]) {
    write_numbers(out, rows_of(catalogue, rows).map(|row| row.listed() as u64).collect());
    write_words(out, rows_of(catalogue, rows).flat_map(|row| row.sources()));
}

fn read_sources(from: &mut Reader<'_>, catalogue: &mut Catalogue, rows: &[u32]) -> Read<()> {
    let counts = read_numbers(from, rows.len())?;
    let sum = counts.iter().try_fold(0_u64, |sum, count| sum.checked_add(*count)).ok_or(Broken::Damaged)?;
    let words = read_words(from, from.room_for(sum)?)?;
    let Catalogue { columns, sources, lists, .. } = catalogue;
    let numbers = words.meaning(|source| Ok(sources.number(&Text::from(source))))?;
    let mut rest = numbers.as_slice();
    for (row, count) in rows.iter().zip(counts) {
        let (list, after) = rest.split_at_checked(count as usize).ok_or(Broken::Damaged)?;
        if let Some(cell) = columns.sources.get_mut(*row as usize) {
            *cell = lists.replace(*cell, list).ok_or(Broken::Damaged)?;
        }
        rest = after;
    }
    Ok(())
}
