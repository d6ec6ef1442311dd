//! The texts of rows, folded, one after the other, with what lets most rows be passed over unread.

use super::super::Catalogue;
use super::fold::fold_into;

/// Name and host of every row, folded, a line each.
pub(in crate::catalogue) struct Texts {
    all: String,
    /// Where the text of each row ends.
    ends: Vec<usize>,
    /// Which letters a row's text has, see [`letters`].
    pub(super) letters: Vec<u64>,
    /// Which pairs of letters a row's text has, see [`pairs`].
    pub(super) pairs: Vec<u64>,
}

impl Texts {
    pub(in crate::catalogue) fn of(catalogue: &Catalogue) -> Self {
        let (columns, rows) = (&catalogue.columns, catalogue.len());
        let mut texts = Self {
            all: String::with_capacity(catalogue.names.all.len() + catalogue.hosts.all.len() + 2 * rows),
            ends: Vec::with_capacity(rows),
            letters: Vec::with_capacity(rows),
            pairs: Vec::with_capacity(rows),
        };
        for (name, host) in columns.name.iter().zip(&columns.host) {
            let start = texts.all.len();
            for text in [catalogue.names.get(*name), catalogue.hosts.get(*host)] {
                fold_into(&mut texts.all, text.unwrap_or_default());
                texts.all.push('\n');
            }
            let text = texts.all.get(start..).unwrap_or_default();
            texts.letters.push(letters(text));
            texts.pairs.push(pairs(text));
            texts.ends.push(texts.all.len());
        }
        texts
    }

    /// The lines of a row.
    pub(super) fn get(&self, row: usize) -> &str {
        let start = row.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        let end = self.ends.get(row).copied().unwrap_or_default();
        self.all.get(start..end).unwrap_or_default()
    }
}

/// How many bits are of one letter only: those of ASCII, and digits.
const OWN: u64 = 36;

/// One bit for each letter of a text: ASCII letters and digits have one of their own, all other bytes
/// share the rest.
pub(super) fn letters(text: &str) -> u64 {
    text.bytes().fold(0, |bits, byte| bits | 1 << place(byte))
}

/// Whether a text is one letter that has a bit of its own.
pub(super) fn is_own(text: &str) -> bool {
    text.len() == 1 && text.bytes().all(|byte| place(byte) < OWN)
}

fn place(byte: u8) -> u64 {
    match byte {
        b'a'..=b'z' => u64::from(byte - b'a'),
        b'0'..=b'9' => 26 + u64::from(byte - b'0'),
        _ => OWN + u64::from(byte.wrapping_mul(57) >> 2) % (64 - OWN),
    }
}

/// One of 64 bits for each pair of bytes of a text.
pub(super) fn pairs(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let pairs = bytes.iter().zip(bytes.iter().skip(1));
    pairs.fold(0, |bits, (one, two)| {
        let pair = u32::from(*one) << 8 | u32::from(*two);
        bits | 1 << (pair.wrapping_mul(0x9e37_79b1) >> 26)
    })
}
