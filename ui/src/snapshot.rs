//! From stored bytes to rows, a slice at a time: 100,000 links take longer than a frame.

use std::sync::Arc;

use configstream_core::api::{BadSnapshot, Proxy, Snapshot};
use configstream_core::catalogue::{Catalogue, Entry};
use gloo_timers::future::TimeoutFuture;

use crate::host::Loaded;

/// Records that are read between two turns of the browser.
const SLICE: usize = 2_000;

/// Reads a snapshot. A record whose link does not read is left out.
pub async fn read(bytes: Vec<u8>) -> Result<Loaded, BadSnapshot> {
    let snapshot = Snapshot::decode(&bytes)?;
    drop(bytes);
    let mut entries: Vec<Entry> = Vec::with_capacity(snapshot.proxies.len());
    for slice in snapshot.proxies.chunks(SLICE) {
        entries.extend(slice.iter().filter_map(Proxy::entry));
        TimeoutFuture::new(0).await;
    }
    let catalogue = Arc::new(Catalogue::new(entries));
    Ok(Loaded { catalogue, published_at: snapshot.published_at })
}
