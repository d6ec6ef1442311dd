//! The reading of links and documents as WebAssembly, so that the end-to-end tests can compare it,
//! case by case, with the same reading on the tester's machine; and a catalogue, to be measured.

use configstream_core::catalogue::{Query, Snapshot};
use configstream_core::document::json;
use configstream_core::link;
use wasm_bindgen::prelude::wasm_bindgen;

/// What [`json::case`] gives for a `link` or a `document`.
#[wasm_bindgen]
pub fn run(kind: &str, input: &str) -> String {
    json::case(kind, input)
}

/// Reads each line of a text as a link, as often as is said, and says how many there were: what
/// `cargo xtask bench` does natively, for measuring both.
#[wasm_bindgen]
pub fn parse(text: &str, times: usize) -> usize {
    let pass = || text.lines().filter(|line| link::parse(line).is_ok()).count();
    (0..times).map(|_| pass()).sum()
}

/// A catalogue as a page has it, asked by what a person types.
#[wasm_bindgen]
pub struct Page(Snapshot);

#[wasm_bindgen]
impl Page {
    /// Reads a snapshot.
    pub fn decode(bytes: &[u8]) -> Option<Page> {
        Snapshot::decode_binary(bytes).ok().map(Page)
    }

    /// The rows that match, in order.
    pub fn rows(&self, text: &str) -> Vec<u32> {
        self.0.catalogue.query(&Query::from_text(text), self.0.published_at)
    }

    /// Counts every facet; gives how many rows match.
    pub fn facets(&self, text: &str) -> usize {
        self.0.catalogue.search(&Query::from_text(text), self.0.published_at).facets().total
    }

    /// Makes the statistics; gives how many rows match.
    pub fn statistics(&self, text: &str) -> usize {
        self.0.catalogue.search(&Query::from_text(text), self.0.published_at).statistics().all.total
    }
}
