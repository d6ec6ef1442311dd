//! Documents that age encrypted: opened with a secret key (X25519) or a passphrase (scrypt).
//!
//! Specification: <https://age-encryption.org/v1>
//!
//! # Incomplete support
//!
//! Nothing is encrypted here. Keys of SSH, of plugins and the post-quantum ones (`AGE-SECRET-KEY-PQ-1`) are
//! not read: whoever has such a key decrypts with `age` first.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::{hkdf, hmac};
use x25519_dalek::{X25519_BASEPOINT_BYTES, x25519};

/// The bytes of one chunk of the payload, with its tag.
const CHUNK: usize = 64 * 1024 + 16;
/// The largest work factor, as a power of two: 1 GiB of memory. age itself writes 18.
const MOST_WORK: u8 = 20;
/// The most recipients that are tried.
const MOST_STANZAS: usize = 1000;

/// Why a document stays closed. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Closed {
    /// The file of the key holds none.
    #[error("the key file holds no key: expected a line AGE-SECRET-KEY-1… or one line with a passphrase")]
    NoKey,
    /// A line that looks like a key and is none.
    #[error("line {0} of the key file is no key: expected AGE-SECRET-KEY-1… as age-keygen writes it")]
    BadKey(usize),
    /// The document is no such file, or was cut or changed.
    #[error("the encrypted document is damaged: {0}")]
    Damaged(&'static str),
    /// It was encrypted for others.
    #[error("none of the keys opens the document")]
    NotForUs,
    /// Its passphrase costs more than a machine has.
    #[error("its passphrase needs more memory than 1 GiB")]
    TooMuchWork,
}

/// What opens documents.
pub enum Key {
    /// The secret of an X25519 key.
    Secret([u8; 32]),
    /// A passphrase.
    Passphrase(String),
}

/// The keys of a file: one a line, with comments as `age-keygen` writes them; or one passphrase.
pub fn keys(file: &str) -> Result<Vec<Key>, Closed> {
    let lines = file.lines().map(str::trim).enumerate();
    let lines: Vec<_> = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).collect();
    match lines.as_slice() {
        [] => Err(Closed::NoKey),
        [(_, phrase)] if !phrase.to_ascii_uppercase().starts_with("AGE-SECRET-KEY-") => {
            Ok(vec![Key::Passphrase((*phrase).to_owned())])
        }
        lines => {
            let read =
                |(at, line): &(usize, &str)| secret(line).map(Key::Secret).ok_or(Closed::BadKey(at + 1));
            lines.iter().map(read).collect()
        }
    }
}

/// The bytes of a secret key: Bech32 (BIP 173) of 32 bytes under `age-secret-key-`.
fn secret(line: &str) -> Option<[u8; 32]> {
    const HEAD: &str = "age-secret-key-";
    let lower = line.to_ascii_lowercase();
    let data = lower.strip_prefix(HEAD)?.strip_prefix('1')?;
    let values: Vec<u8> = data.chars().map(value).collect::<Option<_>>()?;
    let high = HEAD.bytes().map(|byte| byte >> 5);
    let low = HEAD.bytes().map(|byte| byte & 31);
    if checksum(high.chain([0]).chain(low).chain(values.iter().copied())) != 1 {
        return None;
    }
    bytes(values.get(..values.len().checked_sub(6)?)?).try_into().ok()
}

fn value(char: char) -> Option<u8> {
    let at = "qpzry9x8gf2tvdw0s3jn54khce6mua7l".find(char)?;
    u8::try_from(at).ok()
}

fn checksum(values: impl Iterator<Item = u8>) -> u32 {
    const GENERATORS: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    values.fold(1, |sum, value| {
        let sums = GENERATORS.iter().enumerate().filter(|(bit, _)| sum >> (25 + bit) & 1 == 1);
        sums.fold((sum & 0x01ff_ffff) << 5 ^ u32::from(value), |sum, (_, generator)| sum ^ generator)
    })
}

/// Bytes of eight bits from values of five; what is left over at the end is padding.
fn bytes(values: &[u8]) -> Vec<u8> {
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for value in values {
        bits = bits << 5 & 0xffff | u32::from(*value);
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

/// Opens a document, armoured or not.
pub fn open(document: &[u8], keys: &[Key]) -> Result<Vec<u8>, Closed> {
    let bare = unarmored(document)?;
    let header = Header::read(&bare)?;
    let file_key = header.file_key(keys)?;
    let mac = hmac::Key::new(hmac::HMAC_SHA256, &derive(&file_key, &[], b"header"));
    hmac::verify(&mac, header.signed, &header.mac).map_err(|_| Closed::Damaged("its header was changed"))?;
    let (nonce, chunks) = header.payload.split_at_checked(16).ok_or(Closed::Damaged("it was cut"))?;
    payload(&derive(&file_key, nonce, b"payload"), chunks)
}

/// What armour holds: base64 between two lines (RFC 7468).
fn unarmored(document: &[u8]) -> Result<Vec<u8>, Closed> {
    let bad = Closed::Damaged("its armour is not whole");
    let Ok(text) = std::str::from_utf8(document) else { return Ok(document.to_vec()) };
    let Some(inner) = text.trim_start().strip_prefix("-----BEGIN AGE ENCRYPTED FILE-----") else {
        return Ok(document.to_vec());
    };
    let (inner, _) = inner.split_once("-----END AGE ENCRYPTED FILE-----").ok_or(bad.clone())?;
    STANDARD.decode(inner.split_whitespace().collect::<String>()).map_err(|_| bad)
}

/// One way to the key of the file: what it is, its arguments, and the wrapped key.
struct Stanza<'a> {
    words: Vec<&'a str>,
    body: Vec<u8>,
}

struct Header<'a> {
    stanzas: Vec<Stanza<'a>>,
    /// What the code signs: all up to `---`.
    signed: &'a [u8],
    mac: Vec<u8>,
    payload: &'a [u8],
}

impl<'a> Header<'a> {
    fn read(file: &'a [u8]) -> Result<Self, Closed> {
        let bad = Closed::Damaged("its header is not whole");
        let end = file.windows(5).position(|part| part == b"\n--- ").ok_or(bad.clone())?;
        let (signed, rest) = file.split_at_checked(end + 4).ok_or(bad.clone())?;
        let line = rest.iter().position(|byte| *byte == b'\n').ok_or(bad.clone())?;
        let (mac, payload) = rest.split_at_checked(line + 1).ok_or(bad.clone())?;
        let mac = std::str::from_utf8(mac).ok().and_then(|mac| decode(mac.trim())).ok_or(bad.clone())?;
        let text = std::str::from_utf8(signed).map_err(|_| bad.clone())?;
        let stanzas = text.strip_prefix("age-encryption.org/v1\n").and_then(stanzas).ok_or(bad)?;
        Ok(Self { stanzas, signed, mac, payload })
    }

    /// The key of the file, by the first stanza that one of these keys opens.
    fn file_key(&self, keys: &[Key]) -> Result<Vec<u8>, Closed> {
        for stanza in self.stanzas.iter().take(MOST_STANZAS) {
            for key in keys {
                if let Some(file_key) = stanza.open(key)? {
                    return Ok(file_key);
                }
            }
        }
        Err(Closed::NotForUs)
    }
}

fn stanzas(text: &str) -> Option<Vec<Stanza<'_>>> {
    let ways = text.split("-> ").skip(1);
    let read = ways.map(|way| {
        let (head, body) = way.split_once('\n')?;
        let body = body.strip_suffix("---").unwrap_or(body);
        Some(Stanza { words: head.split(' ').collect(), body: decode(&body.replace('\n', ""))? })
    });
    read.collect()
}

fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD_NO_PAD.decode(text).ok()
}

impl Stanza<'_> {
    /// The key of the file, if this key opens this stanza.
    fn open(&self, key: &Key) -> Result<Option<Vec<u8>>, Closed> {
        let wrap = match (key, self.words.as_slice()) {
            (Key::Secret(secret), ["X25519", share]) => {
                decode(share).and_then(|share| agreed(*secret, &share))
            }
            (Key::Passphrase(phrase), ["scrypt", salt, work]) => match (decode(salt), work.parse()) {
                (Some(_), Ok(work)) if work > MOST_WORK => return Err(Closed::TooMuchWork),
                (Some(salt), Ok(work)) => stretched(phrase, &salt, work),
                _ => None,
            },
            _ => None,
        };
        Ok(wrap.and_then(|wrap| unsealed(&wrap, [0; 12], &self.body)).filter(|key| key.len() == 16))
    }
}

/// What both sides of an X25519 stanza know (the specification's section *X25519 recipient stanza*).
fn agreed(secret: [u8; 32], share: &[u8]) -> Option<[u8; 32]> {
    let shared = x25519(secret, share.try_into().ok()?);
    let own = x25519(secret, X25519_BASEPOINT_BYTES);
    let salt = [share, &own].concat();
    (shared != [0; 32]).then(|| derive(&shared, &salt, b"age-encryption.org/v1/X25519"))
}

/// What a passphrase comes to (section *scrypt recipient stanza*).
fn stretched(phrase: &str, salt: &[u8], work: u8) -> Option<[u8; 32]> {
    let params = scrypt::Params::new(work, 8, 1).ok()?;
    let salt = [b"age-encryption.org/v1/scrypt", salt].concat();
    let mut key = [0; 32];
    scrypt::scrypt(phrase.as_bytes(), &salt, &params, &mut key).ok()?;
    Some(key)
}

/// HKDF-SHA-256 (RFC 5869).
fn derive(secret: &[u8], salt: &[u8], purpose: &[u8]) -> [u8; 32] {
    let key = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret);
    let mut out = [0; 32];
    let purpose = [purpose];
    let filled = key.expand(&purpose, hkdf::HKDF_SHA256).and_then(|okm| okm.fill(&mut out));
    debug_assert!(filled.is_ok(), "32 bytes are what SHA-256 gives");
    out
}

fn unsealed(key: &[u8; 32], nonce: [u8; 12], sealed: &[u8]) -> Option<Vec<u8>> {
    let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key).ok()?);
    let mut sealed = sealed.to_vec();
    let nonce = Nonce::assume_unique_for_key(nonce);
    let length = key.open_in_place(nonce, Aad::empty(), &mut sealed).ok()?.len();
    sealed.truncate(length);
    Some(sealed)
}

/// The chunks of the payload, each under its number; the last one says that it is (section *Payload*).
fn payload(key: &[u8; 32], sealed: &[u8]) -> Result<Vec<u8>, Closed> {
    let count = sealed.len().div_ceil(CHUNK).max(1);
    let mut text = Vec::with_capacity(sealed.len());
    for number in 0..count {
        let rest = sealed.get(number * CHUNK..).unwrap_or_default();
        let chunk = rest.get(..CHUNK).unwrap_or(rest);
        let mut nonce = [0; 12];
        nonce[3..11].copy_from_slice(&(number as u64).to_be_bytes());
        nonce[11] = u8::from(number + 1 == count);
        text.extend(unsealed(key, nonce, chunk).ok_or(Closed::Damaged("it was cut or changed"))?);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = include_str!("../tests/it/age/key.txt");
    const DOCUMENT: &[u8] = include_bytes!("../tests/it/age/key.age");
    const LIST: &[u8] = b"socks5://8.8.8.8:1080#one\nsocks5://8.8.4.4:1080#two\n";

    fn opened(document: &[u8]) -> Result<Vec<u8>, Closed> {
        open(document, &keys(KEY).unwrap())
    }

    #[test]
    fn what_age_encrypted_is_opened_in_armour_and_without() {
        assert_eq!(opened(DOCUMENT).unwrap(), LIST);
        assert_eq!(opened(&unarmored(DOCUMENT).unwrap()).unwrap(), LIST);
    }

    #[test]
    fn one_bit_that_is_changed_anywhere_closes_a_document() {
        let bare = unarmored(DOCUMENT).unwrap();
        for at in 0..bare.len() {
            let mut changed = bare.clone();
            changed[at] ^= 1;
            assert!(opened(&changed).is_err(), "byte {at}");
        }
    }

    #[test]
    fn one_byte_that_is_missing_anywhere_closes_a_document() {
        let bare = unarmored(DOCUMENT).unwrap();
        for at in 0..bare.len() {
            assert!(opened(&bare[..at]).is_err(), "the first {at} bytes");
        }
    }

    #[test]
    fn a_key_with_one_letter_changed_is_no_key() {
        let line = KEY.lines().last().unwrap();
        assert!(secret(line).is_some() && secret(&line.to_lowercase()).is_some());
        let changed = line.replace("GVY5", "GVY6");
        assert_ne!(changed, line);
        assert_eq!(keys(&changed).err(), Some(Closed::BadKey(1)));
        assert_eq!(keys("# nothing\n").err(), Some(Closed::NoKey));
        assert_eq!(keys("# two\na\nb\n").err(), Some(Closed::BadKey(2)));
    }

    #[test]
    fn a_passphrase_that_would_take_all_memory_is_refused_before_it_is_tried() {
        let salt = STANDARD_NO_PAD.encode([0; 16]);
        let header = format!("age-encryption.org/v1\n-> scrypt {salt} 30\nAAAA\n--- AAAA\n");
        assert_eq!(open(header.as_bytes(), &keys("words").unwrap()), Err(Closed::TooMuchWork));
    }

    /// Chunks as age seals them; that they are read as age writes them is what its own file shows.
    #[test]
    fn chunks_are_opened_in_their_order_and_the_last_one_must_be_there() {
        let key = [7; 32];
        let seal = |number: u64, last: bool, text: &[u8]| {
            let mut nonce = [0; 12];
            nonce[3..11].copy_from_slice(&number.to_be_bytes());
            nonce[11] = u8::from(last);
            let mut sealed = text.to_vec();
            let with = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &key).unwrap());
            let nonce = Nonce::assume_unique_for_key(nonce);
            with.seal_in_place_append_tag(nonce, Aad::empty(), &mut sealed).unwrap();
            sealed
        };
        let text = vec![b'x'; 64 * 1024];
        let whole = [seal(0, false, &text), seal(1, true, b"end")].concat();
        assert_eq!(payload(&key, &whole).unwrap(), [&text[..], b"end"].concat());
        assert!(payload(&key, &whole[..CHUNK]).is_err());
        assert!(payload(&key, &[seal(1, false, &text), seal(0, true, b"end")].concat()).is_err());
        assert_eq!(payload(&key, &seal(0, true, b"")).unwrap(), b"");
    }
}
