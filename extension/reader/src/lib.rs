//! Reads the documents of every format for the background, as a program of its own: a list comes once in a
//! while, but the background starts at every event, and must be light.

use configstream_core::message::Found;
use configstream_core::{document, link};
use serde_wasm_bindgen::to_value;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Reads a document; gives a [`Found`].
#[wasm_bindgen]
pub fn read(bytes: &[u8]) -> JsValue {
    let reading = document::read(bytes);
    let links: Vec<_> = reading.proxies.iter().map(link::print).collect();
    let first = reading.rejected.first().filter(|_| links.is_empty());
    let found = Found {
        reason: first.map(|rejected| rejected.reason.to_string()),
        rejected: reading.rejected.len() + reading.unnamed,
        links: links.join("\n"),
    };
    to_value(&found).unwrap_or(JsValue::NULL)
}
