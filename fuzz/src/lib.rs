//! Fuzzers of core: what holds for any bytes, tried on bytes that libFuzzer makes up. `cargo xtask fuzz`
//! builds and runs them.
//!
//! The properties lie with core's tests, which try them on every input that ever broke one.

#[path = "../../core/tests/crashes/properties.rs"]
pub mod properties;
pub mod seeds;
