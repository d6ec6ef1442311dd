//! The product from end to end: the real extension in real Chromium and real Firefox, against real
//! proxies and the real API.
//!
//! A claim about where a request went is checked where it arrived, at the origin and in the proxy's log,
//! never by what a screen says.
//!
//! - [`scenarios`]: what is tested, one table for both browsers;
//! - [`report`]: runs the table, prints a line for each and the count;
//! - [`world`]: what a scenario has in its hands: a browser, an origin, proxies, the API;
//! - [`browser`]: one interface to both browsers, over [`chromium`] and [`firefox`], which speak
//!   [`wire`];
//! - [`peers`], [`origin`], [`process`]: the servers; [`listing`]: what an API would list;
//! - [`outcome`]: failures, and waiting for a condition.

pub mod browser;
pub mod chromium;
pub mod firefox;
pub mod listing;
pub mod origin;
pub mod outcome;
pub mod peers;
pub mod process;
pub mod report;
pub mod scenarios;
pub mod wire;
pub mod world;
