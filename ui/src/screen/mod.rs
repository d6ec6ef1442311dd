//! Components that wire parts to the state.

pub mod chips;
pub mod detail;
pub mod filters;
pub mod help;
pub mod home;
pub mod list;
pub mod more;
pub mod over;
pub mod picks;
pub mod ranking;
pub mod statistics;
pub mod status;

pub use home::Home;
