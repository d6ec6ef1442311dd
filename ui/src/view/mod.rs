//! What screens show, as pure functions: no browser, no signals, tested with `cargo test`.

pub mod choice;
pub mod echoes;
pub mod favourites;
pub mod filters;
pub mod statistics;
pub mod text;
pub mod weights;
pub mod window;
pub mod words;

#[cfg(test)]
mod contrast;
