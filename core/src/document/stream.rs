//! A document that comes in pieces, as from a network or a large file: lines, and base64 of lines, are read
//! as they come, and never held.
//!
//! ```
//! use configstream_core::document::{Item, Stream};
//! let (mut stream, mut names) = (Stream::new(), Vec::new());
//! let mut each = |item: Item| names.extend(item.map(|proxy| proxy.name));
//! for piece in ["socks5://192.0.2.1:1080#Ber", "lin\nhttp://192.0.2.2:8080#Paris"] {
//!     stream.push(piece.as_bytes(), &mut each);
//! }
//! assert_eq!(stream.finish(&mut each).format, "links");
//! assert_eq!(names, ["Berlin", "Paris"]);
//! ```
//!
//! # Incomplete support
//!
//! Every other format is one text to its reader: it is held until it ends, up to [`Stream::WHOLE`] bytes.
//! What the format is, and what bare addresses speak, shows in the first [`Stream::START`] bytes; in a shorter document all is as in
//! [`read`](super::read). A line of lines ends after [`Stream::LINE`] bytes.

use super::list::Talk;
use super::{Place, READERS, Reading, Rejected, base64, lines};
use crate::Proxy;
use crate::link::Reason;
use crate::link::base64::Decoder;

/// What a document holds, in order: a proxy, or what is none; each of these is named, however many there are.
pub type Item = Result<Proxy, Rejected>;

/// What was read in the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// The name of the format.
    pub format: &'static str,
    /// How many more lines were no proxy: see [`Reading::unnamed`].
    pub unnamed: usize,
}

/// A document that is being read.
#[derive(Debug)]
pub struct Stream {
    state: State,
    /// How many layers of base64 are around it.
    depth: usize,
}

#[derive(Debug)]
enum State {
    /// Too little came to know the format.
    Start(Vec<u8>),
    /// Some other format.
    Whole(Vec<u8>),
    Lines(Box<Lines>),
    Base64(Layer),
    /// It was refused.
    Over,
}

impl Default for Stream {
    fn default() -> Self {
        Self::new()
    }
}

impl Stream {
    /// How much shows what the format is, in bytes.
    pub const START: usize = 64 * 1024;
    /// The longest document of a format that is no list of lines, in bytes.
    pub const WHOLE: usize = 32 * 1024 * 1024;
    /// The longest line, in bytes: sixteen of the longest links.
    pub const LINE: usize = 1024 * 1024;
    /// How much is looked at at once, however long the pieces are.
    const PART: usize = 64 * 1024;

    /// A document of which nothing came yet.
    pub fn new() -> Self {
        Self { state: State::Start(Vec::new()), depth: 0 }
    }

    /// Reads on; `each` gets what the piece completes.
    pub fn push(&mut self, piece: &[u8], each: &mut impl FnMut(Item)) {
        piece.chunks(Self::PART).for_each(|part| self.push_part(part, each));
    }

    /// Reads what is left where the document ends.
    pub fn finish(self, each: &mut impl FnMut(Item)) -> Ended {
        match self.state {
            State::Start(bytes) | State::Whole(bytes) => {
                let mut reading = super::read(&bytes);
                give(&mut reading, each);
                Ended { format: reading.format, unnamed: reading.unnamed }
            }
            State::Lines(lines) => lines.finish(each),
            State::Base64(layer) => Ended { format: "base64", ..layer.inner.finish_any(each) },
            State::Over => Ended::default(),
        }
    }

    /// [`finish`](Self::finish) as an inner document: its closure is behind a pointer, or its type would have
    /// no end.
    fn finish_any(self, mut each: &mut dyn FnMut(Item)) -> Ended {
        self.finish(&mut each)
    }

    fn push_any(&mut self, piece: &[u8], mut each: &mut dyn FnMut(Item)) {
        self.push(piece, &mut each);
    }

    /// Bytes that are held.
    pub fn held(&self) -> usize {
        match &self.state {
            State::Start(bytes) | State::Whole(bytes) => bytes.capacity(),
            State::Lines(lines) => lines.rest.capacity(),
            State::Base64(layer) => layer.bytes.capacity() + layer.inner.held(),
            State::Over => 0,
        }
    }

    fn push_part(&mut self, part: &[u8], each: &mut impl FnMut(Item)) {
        match &mut self.state {
            State::Start(bytes) => {
                bytes.extend_from_slice(part);
                if bytes.len() >= Self::START {
                    let bytes = std::mem::take(bytes);
                    self.start(bytes, each);
                }
            }
            State::Whole(bytes) if bytes.len() + part.len() > Self::WHOLE => {
                self.state = State::Over;
                reject(Place { line: 1, byte: 0 }, Reason::LongDocument, each);
            }
            State::Whole(bytes) => bytes.extend_from_slice(part),
            State::Lines(lines) => lines.push(part, each),
            State::Base64(layer) => layer.push(part, each),
            State::Over => {}
        }
    }

    /// Goes on with what the start shows.
    fn start(&mut self, start: Vec<u8>, each: &mut impl FnMut(Item)) {
        match self.streaming(&super::text(&start)) {
            Some(state) => self.state = state,
            None => return self.state = State::Whole(start),
        }
        self.push(&start, each);
    }

    /// How a document that starts so is read as it comes, if it can be.
    fn streaming(&self, start: &str) -> Option<State> {
        match READERS.iter().find(|format| format.detect(start))?.name() {
            "base64" if self.depth < base64::DEEPEST => Some(State::Base64(Layer::at(self.depth))),
            "links" if lines::are_links(start) => Some(State::Lines(Box::new(Lines::of("links", start)))),
            "list" => Some(State::Lines(Box::new(Lines::of("list", start)))),
            _ => None,
        }
    }
}

fn reject(place: Place, reason: Reason, each: &mut impl FnMut(Item)) {
    each(Err(Rejected { place, reason }));
}

/// Gives what was read, proxies first, and keeps nothing of it.
fn give(reading: &mut Reading, each: &mut impl FnMut(Item)) {
    reading.proxies.drain(..).map(Ok).for_each(&mut *each);
    reading.rejected.drain(..).map(Err).for_each(each);
}

/// Lines, with what came of the last one.
#[derive(Debug)]
struct Lines {
    /// The name of the format.
    format: &'static str,
    /// What bare addresses speak.
    talk: Talk<'static>,
    rest: Vec<u8>,
    /// Where the line starts; lines count from 0 here.
    at: Place,
    /// The line was refused, and its end did not come yet.
    refused: bool,
    /// Whether there was anything.
    any: bool,
    /// Of one line.
    reading: Reading,
}

impl Lines {
    fn of(format: &'static str, start: &str) -> Self {
        let (at, reading) = (Place::default(), Reading::default());
        let talk = Talk::of_start(start);
        Self { format, talk, rest: Vec::new(), at, refused: false, any: false, reading }
    }

    fn push(&mut self, mut part: &[u8], each: &mut impl FnMut(Item)) {
        while let Some(end) = memchr::memchr(b'\n', part) {
            let (line, behind) = part.split_at(end + 1);
            self.end_line(line, each);
            part = behind;
        }
        self.keep(part, each);
    }

    /// Reads a line of which this is the end.
    fn end_line(&mut self, end: &[u8], each: &mut impl FnMut(Item)) {
        if self.rest.is_empty() && !self.refused {
            self.read(end, each);
        } else {
            self.keep(end, each);
            let mut line = std::mem::take(&mut self.rest);
            self.read(&line, each);
            line.clear();
            self.rest = line;
        }
        self.at.line += 1;
        self.refused = false;
    }

    /// Keeps a part of a line, unless it is longer than any.
    fn keep(&mut self, part: &[u8], each: &mut impl FnMut(Item)) {
        if !self.refused && self.rest.len() + part.len() > Stream::LINE {
            (self.refused, self.any) = (true, true);
            reject(Place { line: self.at.line + 1, ..self.at }, Reason::LongLine, each);
            self.at.byte += std::mem::take(&mut self.rest).len();
        }
        if self.refused {
            self.at.byte += part.len();
        } else {
            self.rest.extend_from_slice(part);
        }
    }

    fn read(&mut self, line: &[u8], each: &mut impl FnMut(Item)) {
        let text = super::text(line);
        lines::read_raw(
            &text,
            Place { line: self.at.line + 1, ..self.at },
            &mut self.talk,
            &mut self.reading,
        );
        self.at.byte += text.len();
        self.any |= !self.reading.proxies.is_empty() || !self.reading.rejected.is_empty();
        give(&mut self.reading, each);
    }

    fn finish(mut self, each: &mut impl FnMut(Item)) -> Ended {
        self.end_line(&[], each);
        if !self.any {
            reject(Place { line: 1, byte: 0 }, Reason::Empty, each);
        }
        Ended { format: self.format, unnamed: self.reading.unnamed }
    }
}

/// A layer of base64 and the document within.
#[derive(Debug)]
struct Layer {
    decoder: Decoder,
    /// What the last part held.
    bytes: Vec<u8>,
    inner: Box<Stream>,
    /// Bytes that came; none is looked at after the padding.
    byte: usize,
    over: bool,
}

impl Layer {
    fn at(depth: usize) -> Self {
        let inner = Box::new(Stream { depth: depth + 1, ..Stream::new() });
        Self { decoder: Decoder::default(), bytes: Vec::new(), inner, byte: 0, over: false }
    }

    fn push(&mut self, part: &[u8], each: &mut impl FnMut(Item)) {
        // The mark that Windows puts at the start of a text is none of its digits.
        let part =
            if self.byte == 0 { part.strip_prefix("\u{feff}".as_bytes()).unwrap_or(part) } else { part };
        if self.over {
            return;
        }
        self.bytes.clear();
        let end = self.decoder.push(part, &mut self.bytes);
        self.inner.push_any(&self.bytes, each);
        if let Some(next) = part.get(end) {
            self.over = true;
            if !matches!(next, b'=' | b'%') {
                let place = Place { line: 1, byte: self.byte + end };
                reject(place, Reason::Malformed("the base64 of the document is broken here"), each);
            }
        }
        self.byte += part.len();
    }
}
