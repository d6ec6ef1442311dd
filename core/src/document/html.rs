//! Web pages, which servers send instead of a list: a login, an error, an advertisement. They are
//! recognised and refused by their title, so that nobody wonders about a thousand bad lines.
//!
//! Specification: <https://html.spec.whatwg.org/multipage/syntax.html>

use super::{Format, Reader, Reading, trim};
use crate::link::Reason;

pub(super) struct Html;

/// How far into a text its first tag and its title are looked for, in bytes.
const NEAR: usize = 16 * 1024;
/// The longest title that is shown, in characters.
const TITLE: usize = 80;

impl Format for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn specification(&self) -> &'static str {
        "https://html.spec.whatwg.org/multipage/syntax.html"
    }

    fn example(&self) -> &'static str {
        "<!doctype html><html><head><title>Sign in</title></head></html>"
    }
}

impl Reader for Html {
    fn detect(&self, text: &str) -> bool {
        let start = start(text);
        let tags = ["<!doctype html", "<html", "<head", "<body"];
        start.starts_with('<') && tags.iter().any(|tag| start.contains(tag))
    }

    fn read(&self, text: &str, reading: &mut Reading) {
        reading.refuse(Reason::Page { title: title(text) });
    }
}

/// The start of a text in lower case; only ASCII is lowered, so that bytes stay where they are.
fn start(text: &str) -> String {
    let text = trim(text);
    text.get(..text.floor_char_boundary(NEAR)).unwrap_or_default().to_ascii_lowercase()
}

/// The title on one line, cut to its first characters; empty where there is none.
fn title(text: &str) -> String {
    let text = trim(text);
    let low = start(text);
    let inner = low.find("<title").and_then(|tag| {
        let from = tag + low.get(tag..)?.find('>')? + 1;
        let to = from + low.get(from..)?.find('<')?;
        text.get(from..to)
    });
    let words: Vec<_> = inner.unwrap_or_default().split_whitespace().collect();
    words.join(" ").chars().take(TITLE).collect()
}
