//! The ciphers of Shadowsocks in the families in which programs have them.

use crate::link::base64;

/// Some families; a program has every cipher of each.
pub(super) type Families = &'static [&'static [&'static str]];

/// Authenticated ciphers.
pub(super) const AEAD: &[&str] =
    &["aes-128-gcm", "aes-192-gcm", "aes-256-gcm", "chacha20-ietf-poly1305", "xchacha20-ietf-poly1305"];

/// Those of 2022 that most programs have.
pub(super) const BLAKE3: &[&str] = &["2022-blake3-aes-128-gcm", "2022-blake3-aes-256-gcm"];

/// Stream ciphers that every program has, Clash too.
pub(super) const STREAM: &[&str] = &[
    "rc4-md5",
    "aes-128-cfb",
    "aes-192-cfb",
    "aes-256-cfb",
    "aes-128-ctr",
    "aes-192-ctr",
    "aes-256-ctr",
    "chacha20-ietf",
];

/// Stream ciphers that the programs of phones have.
pub(super) const OLDER: &[&str] = &["bf-cfb", "salsa20", "chacha20"];

/// Stream ciphers that many have.
pub(super) const CAMELLIA: &[&str] = &["camellia-128-cfb", "camellia-192-cfb", "camellia-256-cfb"];

/// Stream ciphers that few have.
pub(super) const RARE: &[&str] = &["cast5-cfb", "des-cfb", "idea-cfb", "rc2-cfb", "seed-cfb"];

/// Whether a password is what a cipher of 2022 needs: keys of its length, in the one alphabet and with the
/// padding that programs take. Other ciphers take any.
pub(super) fn fits_key(cipher: &str, password: &str) -> bool {
    let length = if cipher == "2022-blake3-aes-128-gcm" { 16 } else { 32 };
    let is_key = |key: &str| {
        key.len().is_multiple_of(4)
            && !key.contains(['-', '_'])
            && base64::decode(key).is_some_and(|bytes| bytes.len() == length)
    };
    !cipher.starts_with("2022-") || password.split(':').all(is_key)
}

/// Whether a cipher is of one of the families.
pub(super) fn has(families: Families, cipher: &str) -> bool {
    families.iter().any(|family| family.contains(&cipher))
}
