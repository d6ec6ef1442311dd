//! Tables with a header line, cut by commas, `;`, tabs or `|`: what spreadsheets open, and how free lists
//! are published. Each row has an address and a protocol, or a link: see [`rows`].
//!
//! Specification: <https://www.rfc-editor.org/rfc/rfc4180>
//!
//! Written are the fields of the [flat list](super::json), one a column, and at last `link`, which holds
//! all of a proxy.
//!
//! # Differences between programs
//!
//! - A cell that starts with `=`, `+`, `-`, `@`, a tab or a line end is a formula to a spreadsheet, which
//!   may send what it likes where it likes. Such cells have an apostrophe before them, which is taken
//!   off again when they are read.
//! - Some write `sep=;` as the first line. Tables of Markdown have `|` around each row and dashes below
//!   the header.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::rows::{self, is_header};
use super::{Format, Hint, Places, Reader, Reading, Shape, Writer, json, tree};
use crate::Proxy;
use crate::link::{self, Reason};

pub(super) struct Csv;

/// The longest cell in quotes, in bytes: what is never closed must not take all that follows.
const LONGEST: usize = 64 * 1024;

/// The columns that come first.
const FIRST: &[&str] = &["name", "protocol", "address", "port", "username", "password", "uuid", "method"];

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn specification(&self) -> &'static str {
        "https://www.rfc-editor.org/rfc/rfc4180"
    }

    fn example(&self) -> &'static str {
        "ip,port,protocol,country\n192.0.2.1,1080,socks5,DE\n"
    }
}

impl Reader for Csv {
    fn detect(&self, text: &str) -> bool {
        Table::of(text).is_some()
    }

    fn read(&self, text: &str, reading: &mut Reading) {
        self.read_hinted(text, Hint::default(), reading);
    }

    fn read_hinted(&self, text: &str, hint: Hint, reading: &mut Reading) {
        let Some(table) = Table::of(text) else {
            reading.refuse(Reason::Malformed("expected a header with ip and port, or with link"));
            return;
        };
        let mut places = Places::of(text);
        let mut byte = table.start;
        while let Some((cells, end)) =
            text.get(byte..).filter(|rest| !rest.is_empty()).map(|rest| row(rest, table.mark))
        {
            let place = places.at(byte);
            byte += end;
            if cells.iter().any(|cell| !cell.trim_matches([' ', '-', ':']).is_empty()) {
                let map = table.names.iter().cloned().zip(cells.iter().map(|cell| plain(cell).into()));
                for read in rows::read(map.collect(), "csv", hint) {
                    reading.take(place, read);
                }
            }
        }
    }
}

impl Writer for Csv {
    fn reader(&self) -> &'static dyn Reader {
        &Csv
    }

    fn fits(&self, _proxy: &Proxy) -> Result<(), &'static str> {
        Ok(())
    }

    fn has_unique_names(&self) -> bool {
        false
    }

    fn write(&self, proxies: &[Proxy], _shape: Shape) -> String {
        let rows: Vec<_> = proxies.iter().map(fields).collect();
        let names: BTreeSet<&str> = rows.iter().flat_map(Map::keys).map(String::as_str).collect();
        let first = FIRST.iter().copied().filter(|name| names.contains(name));
        let rest = names.iter().copied().filter(|name| !FIRST.contains(name) && *name != "link");
        let names: Vec<&str> = first.chain(rest).chain(["link"]).collect();
        let header = names.join(",");
        let lines = rows.iter().map(|row| {
            let cells = names.iter().map(|name| cell(row.get(*name)));
            cells.collect::<Vec<_>>().join(",")
        });
        std::iter::once(header).chain(lines).map(|line| line + "\n").collect()
    }
}

/// The fields of a proxy that are columns. What else there is, its link has.
fn fields(proxy: &Proxy) -> Map<String, Value> {
    let Value::Object(mut fields) = json::object(proxy) else { return Map::new() };
    fields.retain(|name, _| !matches!(name.as_str(), "extra" | "extra_order"));
    fields.insert("link".to_owned(), link::print(proxy).into());
    fields
}

/// A cell as it is written.
fn cell(value: Option<&Value>) -> String {
    let text = match value {
        Some(Value::Array(items)) => items.iter().map(tree::text).collect::<Vec<_>>().join(","),
        value => value.map(tree::text).unwrap_or_default(),
    };
    let text = if is_formula(&text) { format!("'{text}") } else { text };
    if text.contains([',', '"', '\n', '\r', ';', '\t', '|']) || text.trim() != text {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// Whether a spreadsheet would take it for a formula, or reading for one that was guarded.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r', '\n'])
}

/// A cell without the apostrophe that guards it.
fn plain(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|inner| is_formula(inner)).unwrap_or(cell)
}

/// The header of a table.
struct Table {
    /// What cuts cells.
    mark: char,
    names: Vec<String>,
    /// Where the rows start.
    start: usize,
}

impl Table {
    fn of(text: &str) -> Option<Self> {
        let mut start = text.len()
            - text.trim_start_matches(|char: char| char.is_whitespace() || char == '\u{feff}').len();
        let mut line = text.get(start..)?.lines().next()?;
        if line.to_ascii_lowercase().starts_with("sep=") {
            start += text.get(start..)?.find('\n')? + 1;
            line = text.get(start..)?.lines().next()?;
        }
        if line.contains("://") || line.len() > LONGEST {
            return None;
        }
        [',', ';', '\t', '|'].into_iter().find_map(|mark| {
            let (cells, end) = row(text.get(start..)?, mark);
            let names: Vec<_> = cells.iter().map(|cell| cell.trim().replace(' ', "_")).collect();
            is_header(&names).then_some(Self { mark, names, start: start + end })
        })
    }
}

/// The cells of the first row, and where the next one starts.
fn row(text: &str, mark: char) -> (Vec<String>, usize) {
    let (mut cells, mut at) = (Vec::new(), 0);
    // Markdown's rows begin and end with the mark.
    let framed = mark == '|' && text.starts_with('|');
    at += usize::from(framed);
    loop {
        let (cell, length) = one(text.get(at..).unwrap_or_default(), mark);
        cells.push(cell);
        at += length;
        match text.get(at..).and_then(|rest| rest.chars().next()) {
            Some(char) if char == mark => at += char.len_utf8(),
            Some(_) => return (cells, at + 1),
            None => return (cells, at),
        }
    }
}

/// The first cell, and the bytes up to the mark or the line's end after it.
fn one(text: &str, mark: char) -> (String, usize) {
    let end = |text: &str| text.find([mark, '\n']).unwrap_or(text.len());
    let blanks = text.len() - text.trim_start_matches(' ').len();
    if let Some(inner) = text.get(blanks..).and_then(|text| text.strip_prefix('"'))
        && let Some((cell, length)) = quoted(inner)
    {
        let rest = inner.get(length..).unwrap_or_default();
        return (cell, blanks + 1 + length + end(rest));
    }
    let length = end(text);
    (text.get(..length).unwrap_or_default().trim().to_owned(), length)
}

/// What stands before the closing quote, and the bytes with it; two quotes are one that is meant.
fn quoted(text: &str) -> Option<(String, usize)> {
    let near = text.get(..text.floor_char_boundary(LONGEST))?;
    let mut cell = String::new();
    let mut at = 0;
    loop {
        let (before, after) = near.get(at..)?.split_once('"')?;
        cell.push_str(before);
        at += before.len() + 1;
        if !after.starts_with('"') {
            return Some((cell, at));
        }
        cell.push('"');
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Protocol;
    use crate::document;

    #[test]
    fn no_cell_starts_a_formula_and_each_reads_as_it_was() {
        for name in ["=1+1", "+a", "-a", "@a", "'=1", "''@a", "'a", "a,\"b\"\r\n;c", " =1"] {
            let mut proxy = Proxy::new(Protocol::Socks5, "192.0.2.1", 1080);
            proxy.name = name.into();
            let text = Csv.write(&[proxy], Shape::List);
            assert!(
                !text.contains(",=") && !text.lines().any(|line| line.starts_with(['=', '+', '-', '@'])),
                "{text}"
            );
            let (_, start) = row(&text, ',');
            let (cells, _) = row(&text[start..], ',');
            assert_eq!(plain(&cells[0]), name);
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_takes_its_line_alone() {
        let text = "ip,port,type\n\"192.0.2.1,1080,socks5\n192.0.2.2,1080,socks5\n";
        let reading = document::read(text.as_bytes());
        assert_eq!((reading.format, reading.proxies.len(), reading.rejected.len()), ("csv", 1, 1));
    }
}
