//! Reads the documents of every format for the background, as a program of its own: a list comes once in a
//! while, but the background starts at every event, and must be light. So it alone knows all schemes of links.

use configstream_core::catalogue::{Catalogue, Entry, Listed, Measured, Merge, Snapshot};
use configstream_core::document::{self, Reading};
use configstream_core::message::Found;
use configstream_core::{Proxy, Timestamp};
use serde_wasm_bindgen::to_value;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Reads the document of a source at a time, in milliseconds since 1970; gives a [`Found`].
#[wasm_bindgen]
pub fn read(bytes: &[u8], source: &str, now: f64) -> JsValue {
    let Reading { proxies, rejected, unnamed, .. } = document::read(bytes);
    let first = rejected.first().filter(|_| proxies.is_empty());
    let found = Found {
        reason: first.map(|rejected| rejected.reason.to_string()),
        rejected: rejected.len() + unnamed,
        snapshot: snapshot(proxies, source, Timestamp::from_millis(now as u64)).encode(),
    };
    to_value(&found).unwrap_or(JsValue::NULL)
}

/// The proxies of a source, each once and not yet tested.
fn snapshot(proxies: Vec<Proxy>, source: &str, now: Timestamp) -> Snapshot {
    let mut merge = Merge::default();
    merge.add(source, proxies);
    let measured = Measured { first_seen: Some(now), ..Measured::default() };
    let entry = |listed: Listed| Entry::new(&listed.proxy, listed.sources, measured.clone(), now);
    let catalogue = Catalogue::new(merge.finish().into_iter().map(entry).collect());
    Snapshot { published_at: now, catalogue, ..Snapshot::default() }
}
