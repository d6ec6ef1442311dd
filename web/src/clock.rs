//! The clock and the dice: what core is given as arguments.

use configstream_core::Timestamp;

/// The time now.
pub fn now() -> Timestamp {
    Timestamp::from_millis(js_sys::Date::now() as u64)
}
