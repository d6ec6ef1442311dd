//! The reading of links and documents as WebAssembly, so that the end-to-end tests can compare it,
//! case by case, with the same reading on the tester's machine.

use configstream_core::document::json;
use wasm_bindgen::prelude::wasm_bindgen;

/// What [`json::case`] gives for a `link` or a `document`.
#[wasm_bindgen]
pub fn run(kind: &str, input: &str) -> String {
    json::case(kind, input)
}
