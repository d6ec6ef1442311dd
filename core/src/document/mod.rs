//! Whole files: one file per format, read and write side by side, and one table, [`FORMATS`].
//!
//! Reading a document never fails as a whole: it gives proxies and rejected lines, each with its
//! place and its reason. One bad line never costs another.

mod lines;

use crate::Proxy;
use crate::link::Reason;

/// How one format is read and written.
pub trait Format: Sync {
    /// The name on the command line and in the API: lower case, stable.
    fn name(&self) -> &'static str;
    /// Where the format is described.
    fn specification(&self) -> &'static str;
    /// A document that reads.
    fn example(&self) -> &'static str;
    /// Whether `text` looks like this format. Formats are asked in the order of [`FORMATS`].
    fn detect(&self, text: &str) -> bool;
    /// Reads `text`, whose first byte is at `start` of the whole document.
    fn read(&self, text: &str, reading: &mut Reading);
    /// Writes proxies; `None` when the format is only read.
    fn write(&self, proxies: &[Proxy]) -> Option<String>;
}

/// Every format, the most particular first; the last one takes what is left.
pub static FORMATS: &[&dyn Format] = &[&lines::Lines];

/// Where in a document something stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The byte of the document at which the line starts, from 0.
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
    /// What was no proxy, in order.
    pub rejected: Vec<Rejected>,
}

/// Reads a document of any known format. Bytes that are no UTF-8 are replaced, not refused.
pub fn read(bytes: &[u8]) -> Reading {
    let text = String::from_utf8_lossy(bytes);
    let mut reading = Reading::default();
    if let Some(format) = FORMATS.iter().find(|format| format.detect(&text)) {
        reading.format = format.name();
        format.read(&text, &mut reading);
    }
    reading
}
