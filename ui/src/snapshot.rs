//! From stored bytes to rows.

use std::sync::Arc;

use configstream_core::catalogue::{BadSnapshot, Snapshot};

use crate::host::Loaded;

/// Reads a snapshot: 100,000 rows take less than a frame or two.
pub fn read(bytes: &[u8]) -> Result<Loaded, BadSnapshot> {
    let Snapshot { catalogue, revision, published_at } = Snapshot::decode_binary(bytes)?;
    Ok(Loaded { catalogue: Arc::new(catalogue), revision, published_at, ranking: Arc::default() })
}
