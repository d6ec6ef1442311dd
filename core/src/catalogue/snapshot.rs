//! The whole catalogue as bytes: what is published and what is stored.
//!
//! ```text
//! C5 'C' 'A' 'T'   what it is; no text begins so
//! u32              the version of the form: 2
//! u64              how many bytes follow the checksum
//! u64              their XXH64, seeded with that of the 16 bytes before
//! revision, time, and the table of rows: column after column
//! ```
//!
//! Numbers are little-endian. Every later version keeps the first 24 bytes as they are, so that a damaged
//! one is told from a newer one. Version 1 is the JSON of [`api::Snapshot`], and is still read.
//!
//! # What is believed
//!
//! The checksum says that the bytes are those that were written, not that who wrote them is honest. A row
//! has protocol, endpoint, identity and security beside its link, since reading 100,000 links takes longer
//! than everything else; nothing of that is connected to. [`Row::target`](super::Row::target) reads the
//! link of the row that was chosen, and refuses it where [`Row::shows`](super::Row::shows) finds that it is
//! another proxy. Every value is checked for its range, and every text to be text.

use super::form::{Broken, Read, Reader, write_number};
use super::{Catalogue, digest, table};
use crate::{Timestamp, api};

/// A catalogue as it was published at one moment. Marks of the user are not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Grows with each published snapshot.
    pub revision: u64,
    /// When it was published.
    pub published_at: Timestamp,
    /// Every proxy.
    pub catalogue: Catalogue,
}

/// Why bytes are no snapshot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSnapshot {
    /// Not what was written.
    #[error("the stored list is damaged; it will be fetched again")]
    Damaged,
    /// Written by a newer version.
    #[error(
        "the stored list has form {0}, this program reads forms up to 2; update it, or fetch the list again"
    )]
    Version(u32),
    /// Written by a version that knows more of the world.
    #[error(
        "the stored list says \"{0}\", which this program does not know; update it, or fetch the list again"
    )]
    Word(String),
}

impl From<Broken> for BadSnapshot {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Damaged => Self::Damaged,
            Broken::Word(word) => Self::Word(word),
        }
    }
}

impl Snapshot {
    /// The version of the form that this program writes.
    pub const VERSION: u32 = 2;

    /// What its bytes begin with.
    pub const MAGIC: [u8; 4] = *b"\xC5CAT";

    /// The bytes of the snapshot: the same for the same rows in the same order. They are not compressed,
    /// and made so that they compress well.
    pub fn encode(&self) -> Vec<u8> {
        let mut body = Vec::new();
        write_number(&mut body, self.revision);
        write_number(&mut body, self.published_at.millis());
        let rows: Vec<u32> = self.catalogue.rows().map(|row| row.number()).collect();
        table::write(&mut body, &self.catalogue, &rows);
        seal(Self::MAGIC, Self::VERSION, &body)
    }

    /// Reads what [`encode`](Self::encode) wrote, and version 1. Damaged bytes and newer versions are
    /// refused whole.
    pub fn decode(bytes: &[u8]) -> Result<Self, BadSnapshot> {
        if bytes.starts_with(b"{") {
            let old = api::Snapshot::decode(bytes)?;
            return Ok(Self {
                revision: old.revision,
                published_at: old.published_at,
                catalogue: old.catalogue(),
            });
        }
        Self::decode_binary(bytes)
    }

    /// Reads version 2 alone: for a program that has no room for a reader of JSON.
    pub fn decode_binary(bytes: &[u8]) -> Result<Self, BadSnapshot> {
        Ok(Self::read(open(Self::MAGIC, Self::VERSION, bytes)?)?)
    }

    fn read(mut from: Reader<'_>) -> Read<Self> {
        let revision = from.number()?;
        let published_at = Timestamp::from_millis(from.number()?);
        let catalogue = table::read(&mut from)?;
        from.end()?;
        Ok(Self { revision, published_at, catalogue })
    }
}

/// How long everything before the checksum is.
const HEAD: usize = 16;

/// Puts the head of a form before its body, with its length and checksum: what makes any body one that is
/// read. It is for who makes bodies otherwise, as tests and fuzzers do.
pub fn seal(magic: [u8; 4], version: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD + 8 + body.len());
    bytes.extend_from_slice(&magic);
    bytes.extend_from_slice(&version.to_le_bytes());
    bytes.extend_from_slice(&(body.len() as u64).to_le_bytes());
    let sum = checksum(&bytes, body);
    bytes.extend_from_slice(&sum.to_le_bytes());
    bytes.extend_from_slice(body);
    bytes
}

/// What a head is before, if nothing was changed since it was sealed.
pub(super) fn open(magic: [u8; 4], version: u32, bytes: &[u8]) -> Result<Reader<'_>, BadSnapshot> {
    let (head, rest) = bytes.split_at_checked(HEAD).ok_or(BadSnapshot::Damaged)?;
    let (sum, body) = rest.split_first_chunk().ok_or(BadSnapshot::Damaged)?;
    let (is, written) = match head.as_chunks().0 {
        [is, written, ..] => (*is, u32::from_le_bytes(*written)),
        _ => return Err(BadSnapshot::Damaged),
    };
    let length = head.last_chunk().map(|length| u64::from_le_bytes(*length));
    let is_whole = length == Some(body.len() as u64) && u64::from_le_bytes(*sum) == checksum(head, body);
    match (is == magic && is_whole, written == version) {
        (true, true) => Ok(Reader::new(body)),
        (true, false) => Err(BadSnapshot::Version(written)),
        (false, _) => Err(BadSnapshot::Damaged),
    }
}

fn checksum(head: &[u8], body: &[u8]) -> u64 {
    digest::digest(body, digest::digest(head, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_version_is_told_from_a_damaged_one() {
        let newer = seal(Snapshot::MAGIC, 3, b"whatever it says");
        let refused = Snapshot::decode(&newer).unwrap_err();
        assert_eq!(refused, BadSnapshot::Version(3));
        assert!(refused.to_string().starts_with("the stored list has form 3"), "{refused}");
        let mut damaged = newer;
        damaged[4] = 2;
        assert_eq!(Snapshot::decode(&damaged), Err(BadSnapshot::Damaged));
    }
}
