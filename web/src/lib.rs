//! The doors to the browser that extension and PWA share: the clock, the network, fetching with limits, the
//! API's list and the stored catalogue. Nothing here knows Leptos or `chrome.*`.
#![deny(missing_docs)]

pub mod clock;
pub mod feed;
pub mod fetch;
pub mod network;
pub mod store;
