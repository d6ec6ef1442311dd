//! Documents that are encrypted with age, in its own form or in armour. They are recognised and refused
//! with what is missing: a key. Nothing here decrypts.
//!
//! Specification: <https://age-encryption.org/v1>

use super::{Format, Reader, Reading, trim};
use crate::link::Reason;

pub(super) struct Age;

/// With what a file begins (the specification's section *age file format*).
const HEADER: &str = "age-encryption.org/v1\n";
/// With what armour begins (section *ASCII armor*).
const ARMOR: &str = "-----BEGIN AGE ENCRYPTED FILE-----";

/// Whether bytes are a file that age encrypted.
///
/// ```
/// use configstream_core::document::is_age;
/// assert!(is_age(b"age-encryption.org/v1\n-> X25519 ..."));
/// assert!(!is_age(b"vless://age-encryption.org/v1"));
/// ```
pub fn is_age(bytes: &[u8]) -> bool {
    bytes.starts_with(HEADER.as_bytes()) || bytes.trim_ascii_start().starts_with(ARMOR.as_bytes())
}

impl Format for Age {
    fn name(&self) -> &'static str {
        "age"
    }

    fn specification(&self) -> &'static str {
        "https://age-encryption.org/v1"
    }

    fn example(&self) -> &'static str {
        "-----BEGIN AGE ENCRYPTED FILE-----\nYWdlLWVuY3J5cHRpb24ub3JnL3YxCg==\n-----END AGE ENCRYPTED FILE-----\n"
    }
}

impl Reader for Age {
    fn detect(&self, text: &str) -> bool {
        is_age(trim(text).as_bytes())
    }

    fn read(&self, _text: &str, reading: &mut Reading) {
        reading.refuse(Reason::Encrypted);
    }

    fn instead(&self) -> &'static str {
        "opened by `convert` with its key, else refused"
    }
}
