//! The clock, read in one place; core is always given the time.

use std::time::{SystemTime, UNIX_EPOCH};

use configstream_core::Timestamp;

/// This moment; 1970 on a machine whose clock stands before it.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
