//! Base64 of another document: what subscription servers send. Either alphabet, padded or not,
//! wrapped or not, and sometimes twice.
//!
//! Specification: <https://www.rfc-editor.org/rfc/rfc4648>

use super::{Format, Hint, READERS, Reader, Reading, Shape, Writer, lines, trim};
use crate::Proxy;
use crate::link::{Reason, base64};

pub(super) struct Base64;

/// How many layers are opened. Real lists have two at most.
pub(super) const DEEPEST: usize = 4;

impl Format for Base64 {
    fn name(&self) -> &'static str {
        "base64"
    }

    fn specification(&self) -> &'static str {
        "https://www.rfc-editor.org/rfc/rfc4648"
    }

    fn example(&self) -> &'static str {
        "c29ja3M1Oi8vMTkyLjAuMi4xOjEwODAjQmVybGluCg=="
    }
}

impl Reader for Base64 {
    fn detect(&self, text: &str) -> bool {
        open(text).is_some()
    }

    fn read(&self, text: &str, reading: &mut Reading) {
        self.read_hinted(text, Hint::default(), reading);
    }

    /// Reads what is inside as whatever format it is.
    fn read_hinted(&self, text: &str, hint: Hint, reading: &mut Reading) {
        let Some(inner) = open_all(text) else {
            reading.refuse(Reason::Malformed("the document is not base64 of a text"));
            return;
        };
        reading.facts.hear_lines(&inner);
        let others = READERS.iter().filter(|format| format.name() != self.name());
        if let Some(format) = others.into_iter().find(|format| format.detect(&inner)) {
            format.read_hinted(&inner, hint, reading);
        }
    }
}

impl Writer for Base64 {
    fn reader(&self) -> &'static dyn Reader {
        &Base64
    }

    fn fits(&self, _proxy: &Proxy) -> Result<(), &'static str> {
        Ok(())
    }

    fn has_unique_names(&self) -> bool {
        false
    }

    fn write(&self, proxies: &[Proxy], _shape: Shape) -> String {
        base64::encode(&lines::write(proxies))
    }
}

/// What the innermost layer holds, if the text is base64 at all.
pub(super) fn open_all(text: &str) -> Option<String> {
    let mut inner = open(text)?;
    for _ in 1..DEEPEST {
        match open(&inner) {
            Some(deeper) => inner = deeper,
            None => break,
        }
    }
    Some(inner)
}

/// What one layer holds: it has links, or is text and not one short word that happens to decode.
fn open(text: &str) -> Option<String> {
    let text = trim(text);
    if text.contains("://") {
        return None;
    }
    let inner = String::from_utf8_lossy(&base64::decode(text)?).into_owned();
    (inner.contains("://") || text.len() >= 24 && is_text(&inner)).then_some(inner)
}

fn is_text(text: &str) -> bool {
    let foreign = |char: char| char.is_control() && !char.is_ascii_whitespace() || char == '\u{fffd}';
    !text.chars().any(foreign)
}
