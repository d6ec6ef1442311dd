//! Whole files: one file per format, read and write side by side, and two tables, [`READERS`] and
//! [`WRITERS`].
//!
//! Reading a document never fails as a whole: it gives proxies and rejected lines, each with its
//! place and its reason. One bad line never costs another. Writing says what the format could not
//! hold: see [`Loss`].
//!
//! There are two tables and not one, so that a program which only reads carries nothing that writes.

mod age;
mod base64;
mod ciphers;
mod clash;
mod client;
mod csv;
mod dialect;
mod egern;
mod facts;
mod groups;
mod hint;
mod html;
pub mod json;
mod jsonc;
mod kept;
mod lines;
mod list;
mod loon;
mod native;
mod netch;
mod openvpn;
mod policy;
mod quantumult;
mod quantumultx;
mod rows;
mod shadowrocket;
mod shadowsocks;
mod singbox;
mod sip008;
mod ssd;
mod ssr_json;
mod stream;
mod surfboard;
mod surge;
mod tree;
mod values;
mod whose;
mod wireguard;
mod written;
mod xray;
mod yaml;

pub use hint::Hint;
pub use stream::{Ended, Item, Stream};
pub(crate) use written::name_for;

pub use age::is_age;
pub use facts::Facts;
pub use written::{Loss, Lost, Shape, Written, write};

use std::borrow::Cow;

use crate::Proxy;
use crate::link::{self, Reason, Scheme};

/// What a format is called and where it is described.
pub trait Format: Sync {
    /// The name on the command line and in the API: lower case, stable.
    fn name(&self) -> &'static str;
    /// Where the format is described.
    fn specification(&self) -> &'static str;
    /// A document of this format.
    fn example(&self) -> &'static str;
}

/// How one format is read.
pub trait Reader: Format {
    /// Whether `text` looks like this format. Formats are asked in the order of [`READERS`].
    fn detect(&self, text: &str) -> bool;
    /// Reads `text`; places count from its start.
    fn read(&self, text: &str, reading: &mut Reading);
    /// [`read`](Self::read), with what is known of the text besides: formats with addresses that say
    /// nothing of themselves need it.
    fn read_hinted(&self, text: &str, _hint: Hint, reading: &mut Reading) {
        self.read(text, reading);
    }
    /// What becomes of a document where no proxy is read from it, in the words of the README.
    fn instead(&self) -> &'static str {
        "recognised and refused with a reason"
    }
}

/// How one format is written.
pub trait Writer: Format {
    /// What reads it again: that is how [`write`] knows what was lost.
    fn reader(&self) -> &'static dyn Reader;
    /// Whether programs of this format can use a proxy at all, and if not, why not.
    fn fits(&self, proxy: &Proxy) -> Result<(), &'static str>;
    /// A name as this format can hold it; two that come out the same are made different.
    fn name_of(&self, name: &str) -> String {
        name.to_owned()
    }
    /// Whether each proxy needs a name of its own.
    fn has_unique_names(&self) -> bool {
        true
    }
    /// Whether what a link says under the name of this format may be written: only where each field that can
    /// be is known to harm nobody.
    fn keeps_of_links(&self) -> bool {
        false
    }
    /// Whether it has more than a list to offer: see [`Shape::Configuration`].
    fn has_configuration(&self) -> bool {
        false
    }
    /// Whether a document holds one proxy only; several are written one after the other.
    fn holds_one(&self) -> bool {
        false
    }
    /// The ending of a file that holds one document, without its dot.
    fn extension(&self) -> &'static str {
        "txt"
    }
    /// Writes proxies that all [fit](Self::fits), in order, each of them.
    fn write(&self, proxies: &[Proxy], shape: Shape) -> String;
}

/// Every format that is read, the most particular first; the last one takes what is left.
pub static READERS: &[&dyn Reader] = &[
    &age::Age,
    &html::Html,
    &ssr_json::SsrJson,
    &singbox::SingBox,
    &xray::Xray,
    &sip008::Sip008,
    &netch::Netch,
    &ssd::Ssd,
    &native::TROJAN_GO,
    &native::TROJAN,
    &native::TUIC,
    &native::JUICITY,
    &native::HYSTERIA,
    &native::HYSTERIA2,
    &native::NAIVE,
    &native::MIERU,
    &native::WARP,
    &egern::Egern,
    &clash::Clash,
    &quantumultx::QuantumultX,
    &quantumult::Quantumult,
    &loon::Loon,
    &shadowrocket::Shadowrocket,
    &surfboard::Surfboard,
    &surge::Surge,
    &openvpn::OpenVpn,
    &wireguard::WireGuard,
    &json::Json,
    &csv::Csv,
    &base64::Base64,
    &list::List,
    &lines::Lines,
];

/// Links that hold a whole document. They stand among others, but the formats in them are known here only.
static BUNDLES: &[&dyn Scheme] = &[&ssd::Ssd, &netch::Netch];

/// Reads a link of one proxy or of several, or one that holds a document.
fn parse_all(link: &str) -> Result<Vec<Proxy>, Reason> {
    let name = trim(link).split("://").next().unwrap_or_default();
    let is = |scheme: &&&dyn Scheme| scheme.names().iter().any(|known| known.eq_ignore_ascii_case(name));
    match BUNDLES.iter().find(is) {
        Some(scheme) => scheme.parse_all(trim(link)),
        None => link::parse_all(link),
    }
}

/// Every format that is written.
pub static WRITERS: &[&dyn Writer] = &[
    &lines::Lines,
    &base64::Base64,
    &json::Json,
    &csv::Csv,
    &clash::Mihomo,
    &clash::Clash,
    &clash::Stash,
    &singbox::SingBox,
    &egern::Egern,
    &surge::Surge,
    &surfboard::Surfboard,
    &loon::Loon,
    &quantumultx::QuantumultX,
    &shadowrocket::Shadowrocket,
    &xray::Xray,
    &sip008::Sip008,
    &native::TROJAN,
    &native::TROJAN_GO,
    &native::TUIC,
    &native::JUICITY,
    &native::HYSTERIA,
    &native::HYSTERIA2,
    &native::NAIVE,
    &native::MIERU,
    &openvpn::OpenVpn,
    &wireguard::WireGuard,
];

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
    /// What the document says of itself.
    pub facts: Facts,
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

    /// Takes what was read at a place: a proxy, or why there is none.
    fn take(&mut self, place: Place, read: Result<Proxy, Reason>) {
        match read {
            Ok(proxy) => self.proxies.push(proxy),
            Err(reason) => self.reject(place, reason),
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
    read_hinted(bytes, Hint::default())
}

/// [`read`], with what a list's own text does not say.
///
/// ```
/// use configstream_core::document::{self, Hint};
/// let reading = document::read_hinted(b"192.0.2.1:1080", Hint::of_name("https://example.com/socks5.txt"));
/// assert_eq!(reading.proxies[0].protocol.key(), "socks5");
/// assert_eq!(document::read(b"192.0.2.1:1080").proxies, []);
/// ```
pub fn read_hinted(bytes: &[u8], hint: Hint) -> Reading {
    let text = text(bytes);
    let mut reading = Reading::default();
    if let Some(format) = detect(&text) {
        read_with(format, &text, hint, &mut reading);
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
    read_as_hinted(name, bytes, Hint::default())
}

/// [`read_as`], with what a list's own text does not say.
pub fn read_as_hinted(name: &str, bytes: &[u8], hint: Hint) -> Result<Reading, UnknownFormat> {
    let format = READERS.iter().find(|format| is_named(format.name(), name));
    let format = format.ok_or_else(|| unknown(name, READERS.iter().map(|format| format.name())))?;
    let mut reading = Reading::default();
    read_with(*format, &text(bytes), hint, &mut reading);
    Ok(reading)
}

/// Far faster than to replace at once what is no UTF-8, since nearly all is.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// Whether a format is read, and not only recognised and refused with a reason.
pub fn gives_proxies(format: &dyn Reader) -> bool {
    let mut reading = Reading::default();
    read_with(format, format.example(), Hint::default(), &mut reading);
    !reading.proxies.is_empty()
}

fn read_with(format: &dyn Reader, text: &str, hint: Hint, reading: &mut Reading) {
    reading.format = format.name();
    reading.facts.hear_lines(text);
    if trim(text).is_empty() {
        reading.refuse(Reason::Empty);
        return;
    }
    format.read_hinted(text, hint, reading);
}

fn detect(text: &str) -> Option<&'static dyn Reader> {
    READERS.iter().find(|format| format.detect(text)).copied()
}

fn is_named(format: &str, name: &str) -> bool {
    format.eq_ignore_ascii_case(name)
}

fn unknown(name: &str, expected: impl Iterator<Item = &'static str>) -> UnknownFormat {
    let expected = expected.collect::<Vec<_>>().join(", ");
    UnknownFormat { name: name.chars().take(40).collect(), expected }
}

/// Finds the places of bytes that come in order.
struct Places<'a> {
    text: &'a str,
    seen: Place,
}

impl<'a> Places<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, seen: Place { line: 1, byte: 0 } }
    }

    /// The place of a byte that is not before the last one asked for.
    fn at(&mut self, byte: usize) -> Place {
        let between = self.text.as_bytes().get(self.seen.byte..byte).unwrap_or_default();
        let lines = between.split(|byte| *byte == b'\n').count() - 1;
        self.seen = Place { line: self.seen.line + lines, byte };
        self.seen
    }
}

/// How often a part of a text may be copied into proxies, by the bytes of the part and of all that it
/// stands in: a short text must not fill the memory.
fn most_copies(part: usize, whole: usize) -> usize {
    whole.saturating_mul(64) / part.max(1)
}

/// Whether the first thing that is no comment opens an object or a list.
fn is_json(text: &str) -> bool {
    let mut rest = trim(text);
    loop {
        let end = if rest.starts_with('#') || rest.starts_with("//") {
            "\n"
        } else if rest.starts_with("/*") {
            "*/"
        } else {
            return rest.starts_with(['{', '[']);
        };
        rest = rest.split_once(end).map_or("", |(_, rest)| trim(rest));
    }
}

/// Whether a character ends a line for some program, or is not to be seen in one.
fn is_break(char: char) -> bool {
    char.is_control() || matches!(char, '\u{2028}' | '\u{2029}')
}

/// A text without blanks around it and the mark that Windows puts at its start.
fn trim(text: &str) -> &str {
    text.trim_matches(is_blank)
}

/// A text without blanks before it, and how many bytes those were.
fn trim_start(text: &str) -> (&str, usize) {
    let rest = text.trim_start_matches(is_blank);
    (rest, text.len() - rest.len())
}

fn is_blank(char: char) -> bool {
    char.is_whitespace() || char == '\u{feff}'
}
