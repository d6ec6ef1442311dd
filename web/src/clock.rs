//! The clock, which core is given as an argument.

use configstream_core::Timestamp;

/// The time now.
pub fn now() -> Timestamp {
    Timestamp::from_millis(js_sys::Date::now() as u64)
}
