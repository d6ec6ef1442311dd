//! Base64 as lists write it: either alphabet or both, padded or not, wrapped, with the padding
//! percent-encoded, with junk behind.
//!
//! Specification: <https://www.rfc-editor.org/rfc/rfc4648>

use ::base64::Engine;
use ::base64::alphabet;
use ::base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose};

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Decodes a text that is base64 up to its end or its padding; what follows the padding is junk.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let (digits, rest) = digits(text);
    (rest.is_empty() || rest.starts_with('=') || rest.starts_with("%3D") || rest.starts_with("%3d"))
        .then(|| bytes(digits))?
}

/// Decodes as much of the start of a text as is base64.
pub(crate) fn decode_start(text: &str) -> Option<Vec<u8>> {
    bytes(digits(text).0)
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

/// The digits at the start of a text, in the standard alphabet and without blanks, and the rest.
fn digits(text: &str) -> (Vec<u8>, &str) {
    let mut digits = Vec::with_capacity(text.len());
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'-' => digits.push(b'+'),
            b'_' => digits.push(b'/'),
            b'+' | b'/' => digits.push(byte),
            _ if byte.is_ascii_alphanumeric() => digits.push(byte),
            _ if byte.is_ascii_whitespace() => {}
            _ => return (digits, text.get(at..).unwrap_or_default()),
        }
    }
    (digits, "")
}

/// A single digit at the end holds no byte and is left out.
fn bytes(mut digits: Vec<u8>) -> Option<Vec<u8>> {
    if digits.len() % 4 == 1 {
        digits.pop();
    }
    LENIENT.decode(digits).ok()
}
