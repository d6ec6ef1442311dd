//! Fuzzers of core: what holds for any bytes, tried on bytes that libFuzzer makes up. `cargo xtask fuzz`
//! builds and runs them.
//!
//! The properties lie with core's tests, which try them on every input that ever broke one.

#[path = "../../core/tests/crashes/properties.rs"]
mod properties;
pub mod seeds;

/// See [`properties::links`].
pub fn links(bytes: &[u8]) {
    properties::links(bytes);
}

/// See [`properties::documents`].
pub fn documents(bytes: &[u8]) {
    properties::documents(bytes);
}

/// See [`properties::roundtrip`].
pub fn roundtrip(bytes: &[u8]) {
    properties::roundtrip(bytes);
}

/// See [`properties::catalogue`].
pub fn catalogue(bytes: &[u8]) {
    properties::catalogue(bytes);
}
