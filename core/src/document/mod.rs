//! Whole files: one file per format, read and write side by side, and one table, [`FORMATS`].
//!
//! Reading a document never fails as a whole: it gives proxies and rejected lines, each with its
//! place and its reason. One bad line never costs another.

mod base64;
mod html;
pub mod json;
mod lines;

use crate::Proxy;
use crate::link::Reason;

/// How one format is read and written.
pub trait Format: Sync {
    /// The name on the command line and in the API: lower case, stable.
    fn name(&self) -> &'static str;
    /// Where the format is described.
    fn specification(&self) -> &'static str;
    /// A document of this format.
    fn example(&self) -> &'static str;
    /// Whether `text` looks like this format. Formats are asked in the order of [`FORMATS`].
    fn detect(&self, text: &str) -> bool;
    /// Reads `text`; places count from its start.
    fn read(&self, text: &str, reading: &mut Reading);
    /// Writes proxies; `None` when the format is only read.
    fn write(&self, proxies: &[Proxy]) -> Option<String>;
}

/// Every format, the most particular first; the last one takes what is left.
pub static FORMATS: &[&dyn Format] = &[&html::Html, &json::Json, &base64::Base64, &lines::Lines];

/// Where in a document something stands.
///
/// Within base64 it is the place in the decoded text; within a line that is base64 among others, the
/// place of that line. Bytes count after what is no UTF-8 was replaced (by U+FFFD, 3 bytes).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The byte of the document at which the line or the link in it starts, from 0.
    pub byte: usize,
}

/// A line that is no proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Where it stands.
    pub place: Place,
    /// Why.
    pub reason: Reason,
}

/// What a document held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The name of the format that was read.
    pub format: &'static str,
    /// The proxies, in order.
    pub proxies: Vec<Proxy>,
    /// What was no proxy, in order; no more than [`Reading::MOST_REJECTED`].
    pub rejected: Vec<Rejected>,
    /// How many more were no proxy: those that `rejected` does not name.
    pub unnamed: usize,
}

impl Reading {
    /// How many rejected lines are named. A file of the wrong kind has a million, and nobody reads
    /// them.
    pub const MOST_REJECTED: usize = 10_000;

    /// Notes what was no proxy.
    fn reject(&mut self, place: Place, reason: Reason) {
        if self.rejected.len() < Self::MOST_REJECTED {
            self.rejected.push(Rejected { place, reason });
        } else {
            self.unnamed += 1;
        }
    }

    /// Refuses the document as a whole.
    fn refuse(&mut self, reason: Reason) {
        self.reject(Place { line: 1, byte: 0 }, reason);
    }
}

/// A name that no format has, or one that cannot do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no format {name}: expected one of {expected}")]
pub struct UnknownFormat {
    /// What was asked for, cut to 40 characters.
    pub name: String,
    /// The names that would do, with commas.
    pub expected: String,
}

/// Reads a document of any known format. Bytes that are no UTF-8 are replaced, not refused.
pub fn read(bytes: &[u8]) -> Reading {
    let text = String::from_utf8_lossy(bytes);
    let mut reading = Reading::default();
    if let Some(format) = detect(&text) {
        read_with(format, &text, &mut reading);
    }
    reading
}

/// Reads a document of a named format, whatever it looks like.
///
/// ```
/// use configstream_core::document;
/// let reading = document::read_as("links", b"socks5://192.0.2.1:1080").unwrap();
/// assert_eq!(reading.proxies.len(), 1);
/// ```
pub fn read_as(name: &str, bytes: &[u8]) -> Result<Reading, UnknownFormat> {
    let format = named(name).ok_or_else(|| unknown(name, names(FORMATS.iter())))?;
    let mut reading = Reading::default();
    read_with(format, &String::from_utf8_lossy(bytes), &mut reading);
    Ok(reading)
}

/// Writes proxies in a named format.
///
/// ```
/// use configstream_core::{document, link};
/// let proxy = link::parse("socks5://192.0.2.1:1080").unwrap();
/// assert_eq!(document::write("links", &[proxy]).unwrap(), "socks5://192.0.2.1:1080\n");
/// assert!(document::write("nonsense", &[]).unwrap_err().expected.contains("base64"));
/// ```
pub fn write(name: &str, proxies: &[Proxy]) -> Result<String, UnknownFormat> {
    let written = named(name).and_then(|format| format.write(proxies));
    written.ok_or_else(|| unknown(name, names(FORMATS.iter().filter(|format| format.write(&[]).is_some()))))
}

fn read_with(format: &dyn Format, text: &str, reading: &mut Reading) {
    reading.format = format.name();
    if trim(text).is_empty() {
        reading.refuse(Reason::Empty);
        return;
    }
    format.read(text, reading);
}

fn detect(text: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().find(|format| format.detect(text)).copied()
}

fn named(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().find(|format| format.name().eq_ignore_ascii_case(name)).copied()
}

fn names<'a>(formats: impl Iterator<Item = &'a &'static dyn Format>) -> String {
    formats.map(|format| format.name()).collect::<Vec<_>>().join(", ")
}

fn unknown(name: &str, expected: String) -> UnknownFormat {
    UnknownFormat { name: name.chars().take(40).collect(), expected }
}

/// A text without blanks around it and the mark that Windows puts at its start.
fn trim(text: &str) -> &str {
    text.trim_matches(|char: char| char.is_whitespace() || char == '\u{feff}')
}
