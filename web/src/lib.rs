//! ConfigStream.
