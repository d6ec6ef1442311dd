//! The texts of rows, folded, one after the other, with what lets most rows be passed over unread.

use super::super::Catalogue;
use super::fold::fold_into;

/// Name and host of every row, folded, a line each.
pub(in crate::catalogue) struct Texts {
    all: String,
    /// Where the text of each row ends.
    ends: Vec<usize>,
    /// For each of the [`SIGNS`] the rows whose texts have it, one bit each: a word reads those of its own.
    planes: Vec<Vec<u64>>,
}

impl Texts {
    pub(in crate::catalogue) fn of(catalogue: &Catalogue) -> Self {
        let (columns, rows) = (&catalogue.columns, catalogue.len());
        let mut texts = Self {
            all: String::with_capacity(catalogue.names.all.len() + catalogue.hosts.all.len() + 2 * rows),
            ends: Vec::with_capacity(rows),
            planes: (0..SIGNS).map(|_| Vec::with_capacity(rows.div_ceil(64))).collect(),
        };
        for (names, hosts) in columns.name.chunks(64).zip(columns.host.chunks(64)) {
            let mut block = [0; SIGNS];
            for (row, (name, host)) in names.iter().zip(hosts).enumerate() {
                let start = texts.all.len();
                for text in [catalogue.names.get(*name), catalogue.hosts.get(*host)] {
                    fold_into(&mut texts.all, text.unwrap_or_default());
                    texts.all.push('\n');
                }
                let text = texts.all.get(start..).unwrap_or_default();
                signs(text).for_each(|sign| {
                    block.get_mut(usize::from(sign)).into_iter().for_each(|rows| *rows |= 1 << row);
                });
                texts.ends.push(texts.all.len());
            }
            texts.planes.iter_mut().zip(block).for_each(|(plane, rows)| plane.push(rows));
        }
        texts
    }

    /// The lines of a row.
    pub(super) fn get(&self, row: usize) -> &str {
        let start = row.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        let end = self.ends.get(row).copied().unwrap_or_default();
        self.all.get(start..end).unwrap_or_default()
    }

    /// Those of `rows` whose texts may have a word, by their signs.
    pub(super) fn having(&self, word: &str, rows: &[u64]) -> Vec<u64> {
        let mut having = rows.to_vec();
        let mut signs: Vec<u8> = signs(word).collect();
        signs.sort_unstable();
        signs.dedup();
        for sign in signs {
            having.iter_mut().zip(self.plane(sign)).for_each(|(rows, has)| *rows &= has);
        }
        having
    }

    /// Those of `rows` whose texts may have a word with so many errors. Each error is in one letter, or before
    /// it; of the others each must be there, and with the one before it, if that is another.
    pub(super) fn nearly_having(&self, word: &str, errors: usize, rows: &[u64]) -> Vec<u64> {
        let letters = self.letters(word);
        let mut ways = vec![Ways::default(); errors + 1];
        let block = |(at, rows): (usize, &u64)| {
            ways.fill(Ways::default());
            ways.first_mut().into_iter().for_each(|none| none.wrong = *rows);
            for letter in &letters {
                let of = |planes: &[&[u64]]| {
                    planes.iter().filter_map(|plane| plane.get(at)).fold(*rows, |a, b| a & b)
                };
                let (own, joint) = (of(&letter.own), of(&letter.joint));
                let mut fewer = 0;
                for ways in &mut ways {
                    let any = ways.right | ways.wrong;
                    ways.right = own & (ways.right & joint | ways.wrong);
                    ways.wrong = std::mem::replace(&mut fewer, any);
                }
            }
            ways.iter().fold(0, |rows, ways| rows | ways.right | ways.wrong)
        };
        rows.iter().enumerate().map(block).collect()
    }

    fn letters(&self, word: &str) -> Vec<Letter<'_>> {
        let mut before = None;
        let letter = |letter: char| {
            let mut bytes = [0; 4];
            let text: &str = letter.encode_utf8(&mut bytes);
            let planes = |signs: &mut dyn Iterator<Item = u8>| signs.map(|sign| self.plane(sign)).collect();
            let joint = before.zip(text.bytes().next()).map(|(one, two)| pair(one, two));
            before = text.bytes().last();
            Letter { own: planes(&mut signs(text)), joint: planes(&mut joint.into_iter()) }
        };
        word.chars().map(letter).collect()
    }

    fn plane(&self, sign: u8) -> &[u64] {
        self.planes.get(usize::from(sign)).map_or(&[], Vec::as_slice)
    }
}

/// What rows need to have for a letter of a word.
struct Letter<'a> {
    /// The letter.
    own: Vec<&'a [u64]>,
    /// The letter after the one before it.
    joint: Vec<&'a [u64]>,
}

/// The rows that have the letters so far, by whether the last of them is right.
#[derive(Clone, Copy, Default)]
struct Ways {
    right: u64,
    wrong: u64,
}

/// How many signs there are: what a text can have, each of its letters and each pair of them, by few numbers.
const SIGNS: usize = 256;
/// How many signs are of letters.
const LETTERS: u8 = 64;
/// How many signs are of one letter only: those of ASCII, and digits.
const OWN: u8 = 36;

/// The signs of a text.
fn signs(text: &str) -> impl Iterator<Item = u8> {
    let bytes = text.as_bytes();
    let pairs = bytes.iter().zip(bytes.iter().skip(1)).map(|(one, two)| pair(*one, *two));
    text.bytes().map(letter).chain(pairs)
}

/// Whether a text is one letter that has a sign of its own.
pub(super) fn is_own(text: &str) -> bool {
    text.len() == 1 && text.bytes().all(|byte| letter(byte) < OWN)
}

fn letter(byte: u8) -> u8 {
    LETTER.get(usize::from(byte)).copied().unwrap_or_default()
}

/// The sign of each byte.
const LETTER: [u8; 256] = {
    let (mut signs, mut byte) = ([0; 256], 0);
    while byte < 256 {
        signs[byte] = sign(byte as u8);
        byte += 1;
    }
    signs
};

/// ASCII letters and digits have a sign of their own, all other bytes share the rest.
const fn sign(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => byte - b'a',
        b'0'..=b'9' => 26 + byte - b'0',
        _ => OWN + (byte.wrapping_mul(57) >> 2) % (LETTERS - OWN),
    }
}

fn pair(one: u8, two: u8) -> u8 {
    let pair = u32::from(one) << 8 | u32::from(two);
    let hash = pair.wrapping_mul(0x9e37_79b1) >> 16;
    LETTERS + ((hash * (SIGNS as u32 - u32::from(LETTERS))) >> 16) as u8
}
