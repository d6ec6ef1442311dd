//! The ciphers of Shadowsocks in the families in which programs have them.

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

/// Whether a cipher is of one of the families.
pub(super) fn has(families: Families, cipher: &str) -> bool {
    families.iter().any(|family| family.contains(&cipher))
}
