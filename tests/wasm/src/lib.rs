//! The reading of links and documents as WebAssembly, so that the end-to-end tests can compare it,
//! case by case, with the same reading on the tester's machine.

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
