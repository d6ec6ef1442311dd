//! Rows as bytes, column after column: the body of a snapshot, and what a patch adds.
//!
//! Host, port and name are most often in the link as they are, and are read out of it then, so that they
//! cost nothing.

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

/// Where the host is in the link, best where the port follows it.
fn host_at(row: &Row<'_>) -> Option<usize> {
    let (link, host) = (row.link(), row.host());
    let places = || link.match_indices(host).map(|(at, _)| at);
    let best = places().find(|at| port_at(link, at + host.len()) == Some(row.port()));
    best.or_else(|| places().next())
}

/// The port at a place of the link, as in `host:443` and `[host]:443`.
fn port_at(link: &str, at: usize) -> Option<u16> {
    let rest = link.get(at..)?;
    let rest = rest.strip_prefix(']').unwrap_or(rest).strip_prefix(':')?;
    let end = rest.bytes().take(6).position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..end)?.parse().ok()
}

/// How long the end of the link is that is the name, percent-encoded.
fn name_at_end(row: &Row<'_>) -> Option<usize> {
    let end = row.link().rsplit_once('#').map_or("", |(_, name)| name);
    percent_decode_str(end).eq(row.name().bytes()).then_some(end.len())
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
    write_endpoints(out, rows_of);
    let ends: Vec<_> = rows_of().map(|row| name_at_end(&row)).collect();
    write_texts(out, rows_of().zip(&ends).map(|(row, end)| end.is_none().then(|| row.name())));
    write_numbers(out, ends.iter().map(|end| end.unwrap_or_default() as u64).collect());
    for column in &MEASURED {
        (column.write)(out, catalogue, rows);
    }
}

/// Hosts that are not in their links; where those are that are; ports that do not follow them.
fn write_endpoints<'a, R: Iterator<Item = Row<'a>>>(out: &mut Vec<u8>, rows: impl Fn() -> R) {
    let places: Vec<_> = rows().map(|row| host_at(&row)).collect();
    let with_place = || rows().zip(&places);
    write_texts(out, with_place().map(|(row, at)| at.is_none().then(|| row.host())));
    write_numbers(out, places.iter().map(|at| at.unwrap_or_default() as u64).collect());
    let length = |(row, at): (Row<'a>, &Option<usize>)| at.map_or(0, |_| row.host().len() as u64);
    write_numbers(out, with_place().map(length).collect());
    let port = |(row, at): (Row<'a>, &Option<usize>)| {
        let follows = at.and_then(|at| port_at(row.link(), at + row.host().len()));
        if follows == Some(row.port()) { 0 } else { u64::from(row.port()) + 1 }
    };
    write_numbers(out, with_place().map(port).collect());
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
    let rows = catalogue.len();
    let texts = read_texts(from, rows)?;
    let (places, lengths, ports) =
        (read_numbers(from, rows)?, read_numbers(from, rows)?, read_numbers(from, rows)?);
    let Catalogue { columns, links, hosts, .. } = catalogue;
    let cells = columns.link.iter().zip(columns.host.iter_mut().zip(&mut columns.port));
    let stored = texts.iter().zip(places.iter().zip(lengths.iter()).zip(ports.iter()));
    for ((link, (host, port)), (text, ((start, length), number))) in cells.zip(stored) {
        let link = links.get(*link).unwrap_or_default();
        let end = start.saturating_add(length) as usize;
        let shown = text?.or_else(|| link.get(start as usize..end)).ok_or(Broken::Damaged)?;
        *host = hosts.add(shown).ok_or(Broken::Damaged)?;
        *port = match number.checked_sub(1) {
            Some(number) => u16::try_from(number).map_err(|_| Broken::Damaged)?,
            None => port_at(link, end).ok_or(Broken::Damaged)?,
        };
    }
    Ok(())
}

fn read_names(from: &mut Reader<'_>, catalogue: &mut Catalogue) -> Read<()> {
    let texts = read_texts(from, catalogue.len())?;
    let lengths = read_numbers(from, catalogue.len())?;
    let Catalogue { columns, links, names, .. } = catalogue;
    let mut decoded = Vec::new();
    for ((link, cell), (text, length)) in
        columns.link.iter().zip(&mut columns.name).zip(texts.iter().zip(lengths.iter()))
    {
        let link = links.get(*link).unwrap_or_default();
        let end = || link.get(link.len().checked_sub(length as usize)?..);
        let shown = match text? {
            Some(text) => text,
            None => decode(end().ok_or(Broken::Damaged)?, &mut decoded)?,
        };
        *cell = names.add(shown).ok_or(Broken::Damaged)?;
    }
    Ok(())
}

fn decode<'a>(text: &'a str, into: &'a mut Vec<u8>) -> Read<&'a str> {
    if !text.as_bytes().contains(&b'%') {
        return Ok(text);
    }
    into.clear();
    into.extend(percent_decode_str(text));
    std::str::from_utf8(into).map_err(|_| Broken::Damaged)
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
    let sum =
        counts.iter().try_fold(0_u64, |sum: u64, count| sum.checked_add(count)).ok_or(Broken::Damaged)?;
    let words = read_words(from, from.room_for(sum)?)?;
    let Catalogue { columns, sources, lists, .. } = catalogue;
    let numbers = words.meaning(|source| Ok(sources.number(&Text::from(source))))?;
    let mut rest = numbers.as_slice();
    for (row, count) in rows.iter().zip(counts.iter()) {
        let (list, after) = rest.split_at_checked(count as usize).ok_or(Broken::Damaged)?;
        if let Some(cell) = columns.sources.get_mut(*row as usize) {
            *cell = lists.replace(*cell, list).ok_or(Broken::Damaged)?;
        }
        rest = after;
    }
    Ok(())
}
