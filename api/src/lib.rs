//! The hosted API: fetches sources, merges what they list, probes it, and serves the result.
//!
//! ```text
//! sources ── source ──> pipeline ──> store      (SQLite: history and restart)
//!                          │  ▲
//!                          ▼  └── probe         (real requests to our own judge)
//!                       publish ──> http        (an immutable snapshot, swapped whole)
//! ```
//!
//! The thinking is core's: reading, merging, scoring and querying. This crate does the I/O.

pub mod age;
pub mod args;
pub mod catalogue;
pub mod clock;
pub mod coding;
pub mod convert;
mod ending;
pub mod events;
pub mod geo;
pub mod http;
pub mod input;
pub mod pipeline;
pub mod probe;
pub mod publish;
pub mod reliability;
pub mod serve;
pub mod source;
pub mod store;
pub mod tls;
pub mod train;
