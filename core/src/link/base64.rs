//! Base64 as lists write it: either alphabet or both, padded or not, wrapped, with the padding
//! percent-encoded, with junk behind.
//!
//! Specification: <https://www.rfc-editor.org/rfc/rfc4648>

use ::base64::Engine;
use ::base64::engine::general_purpose;

/// Decodes a text that is base64 up to its end or its padding; what follows the padding is junk.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let (bytes, end) = start(text);
    let rest = text.get(end..)?;
    let is_padding = ["=", "%3D", "%3d"].iter().any(|mark| rest.starts_with(mark));
    (rest.is_empty() || is_padding).then_some(bytes)
}

/// Decodes as much of the start of a text as is base64.
pub(crate) fn decode_start(text: &str) -> Vec<u8> {
    start(text).0
}

/// [`decode`] where the result is UTF-8.
pub(crate) fn decode_text(text: &str) -> Option<String> {
    String::from_utf8(decode(text)?).ok()
}

/// Encodes with padding in the standard alphabet.
pub(crate) fn encode(text: &str) -> String {
    general_purpose::STANDARD.encode(text)
}

/// Encodes without padding in the URL-safe alphabet.
pub(crate) fn encode_url_safe(text: &str) -> String {
    general_purpose::URL_SAFE_NO_PAD.encode(text)
}

/// What the digits at the start of a text hold, and where they end.
fn start(text: &str) -> (Vec<u8>, usize) {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let end = Decoder::default().push(text.as_bytes(), &mut bytes);
    (bytes, end)
}

/// What is neither a digit nor a blank.
const END: u8 = 0xff;
/// A blank between digits.
const BLANK: u8 = 0xfe;

/// The value of each byte as a digit of either alphabet.
const VALUES: [u8; 256] = values();

const fn values() -> [u8; 256] {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut values = [END; 256];
    let mut digit = 0;
    while digit < DIGITS.len() {
        values[DIGITS[digit] as usize] = digit as u8;
        digit += 1;
    }
    (values[b'-' as usize], values[b'_' as usize]) = (62, 63);
    let blanks = b" \t\r\n\x0c";
    let mut blank = 0;
    while blank < blanks.len() {
        values[blanks[blank] as usize] = BLANK;
        blank += 1;
    }
    values
}

/// Base64 that comes in pieces. A single digit at the end holds no byte and is left out.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Decoder {
    /// The bits of digits that made no byte yet, the last ones lowest.
    bits: u32,
    /// How many they are: fewer than 8.
    left: u32,
}

impl Decoder {
    /// Decodes a piece up to what is neither a digit nor a blank, and says where that is.
    pub(crate) fn push(&mut self, piece: &[u8], bytes: &mut Vec<u8>) -> usize {
        let mut at = 0;
        loop {
            at += self.push_fours(piece.get(at..).unwrap_or_default(), bytes);
            let Some(byte) = piece.get(at) else { return at };
            match VALUES[usize::from(*byte)] {
                END => return at,
                BLANK => {}
                digit => self.push_digit(digit, bytes),
            }
            at += 1;
        }
    }

    /// Decodes whole groups of four digits, which is nearly all there is, and says how much that was.
    fn push_fours(self, piece: &[u8], bytes: &mut Vec<u8>) -> usize {
        if self.left > 0 {
            return 0;
        }
        let (fours, _) = piece.as_chunks();
        let mut read = 0;
        for block in fours.chunks(BLOCK) {
            let whole = push_block(block, bytes);
            read += whole;
            if whole < block.len() {
                break;
            }
        }
        read * 4
    }

    fn push_digit(&mut self, digit: u8, bytes: &mut Vec<u8>) {
        self.bits = self.bits << 6 | u32::from(digit);
        self.left += 6;
        if self.left >= 8 {
            self.left -= 8;
            bytes.push((self.bits >> self.left) as u8);
            self.bits &= (1 << self.left) - 1;
        }
    }
}

/// How many groups of four digits get their room at once. Not all, since they may end at any of them.
const BLOCK: usize = 64;

/// Decodes groups of four digits up to one that is none, and says how many they were.
fn push_block(fours: &[[u8; 4]], bytes: &mut Vec<u8>) -> usize {
    let start = bytes.len();
    bytes.resize(start + 3 * fours.len(), 0);
    let (threes, _) = bytes.get_mut(start..).unwrap_or_default().as_chunks_mut();
    let is_over = |(four, three): (&[u8; 4], &mut [u8; 3])| match bits_of(*four) {
        Some(bits) => {
            [_, three[0], three[1], three[2]] = bits.to_be_bytes();
            false
        }
        None => true,
    };
    let read = fours.iter().zip(threes).position(is_over).unwrap_or(fours.len());
    bytes.truncate(start + 3 * read);
    read
}

/// The bits of four digits, the lowest 24.
fn bits_of([a, b, c, d]: [u8; 4]) -> Option<u32> {
    let value = |byte: u8| u32::from(VALUES[usize::from(byte)]);
    let (a, b, c, d) = (value(a), value(b), value(c), value(d));
    ((a | b | c | d) < 64).then_some(a << 18 | b << 12 | c << 6 | d)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_decodes_whatever_its_length_and_wherever_it_is_wrapped_or_ends() {
        let bytes: Vec<u8> = (0..600_u32).map(|at| (at * 7 % 251) as u8).collect();
        for length in 0..bytes.len() {
            let (bytes, width) = (&bytes[..length], length % 90 + 1);
            let text = general_purpose::STANDARD.encode(bytes);
            let lines: Vec<_> = text.as_bytes().chunks(width).map(String::from_utf8_lossy).collect();
            for text in [&text, &lines.join("\n"), text.trim_end_matches('='), &format!("{text}=junk")] {
                assert_eq!(decode_start(text), bytes, "{text}");
            }
        }
    }
}
