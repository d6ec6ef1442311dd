//! The whole of the product's thinking: reading proxies, ranking them, and running a connection.
//!
//! Nothing here does I/O, reads a clock, draws a random number or knows a browser. Time and seeds
//! are arguments, so that every rule of the product can be tested and replayed.
//!
//! ```
//! use configstream_core::{catalogue::Query, document};
//!
//! let reading = document::read(b"socks5://192.0.2.1:1080#Berlin\nnot a proxy");
//! assert_eq!(reading.proxies.len(), 1);
//! assert_eq!(reading.rejected[0].place.line, 2);
//! assert!(Query::default().is_empty());
//! ```
#![deny(missing_docs)]

pub mod api;
pub mod catalogue;
pub mod curate;
pub mod document;
pub mod experience;
pub mod geo;
pub mod guard;
pub mod link;
pub mod message;
pub mod proxy;
pub mod route;
pub mod score;
pub mod secret;
pub mod seed;
pub mod session;
pub mod time;

pub use proxy::{Fingerprint, Protocol, Proxy, Text};
pub use secret::Secret;
pub use time::Timestamp;
