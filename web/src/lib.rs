//! The doors to the browser that extension and PWA share: fetching with limits, and the stored
//! catalogue. Nothing here knows Leptos or `chrome.*`.
#![deny(missing_docs)]

pub mod clock;
pub mod fetch;
pub mod store;
