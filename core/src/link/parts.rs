//! The parts that most links share: `scheme://user@host:port/path?query#name`.

use std::borrow::Cow;
use std::net::Ipv6Addr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Reason;
use crate::Text;
use crate::proxy::Endpoint;

/// All but the unreserved characters of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A link cut into its parts, nothing decoded yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    pub(super) scheme: &'a str,
    /// All between `://` and the query or the name: some schemes write base64 here.
    pub(super) body: &'a str,
    /// Before the last `@` of the body.
    pub(super) user: Option<&'a str>,
    /// `host:port`.
    pub(super) host: &'a str,
    /// After the host's first `/`.
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) fragment: &'a str,
}

/// `split_once` at an ASCII character.
pub(super) fn cut(text: &str, at: u8) -> Option<(&str, &str)> {
    around(text, memchr::memchr(at, text.as_bytes())?)
}

/// `rsplit_once` at an ASCII character.
pub(super) fn cut_last(text: &str, at: u8) -> Option<(&str, &str)> {
    around(text, memchr::memrchr(at, text.as_bytes())?)
}

fn around(text: &str, at: usize) -> Option<(&str, &str)> {
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Cuts `scheme://` off; a scheme has no colon.
pub(super) fn cut_scheme(link: &str) -> Option<(&str, &str)> {
    // It is short: to look at its bytes is faster than to search.
    let (scheme, rest) = around(link, link.bytes().position(|byte| byte == b':')?)?;
    Some((scheme, rest.strip_prefix("//")?))
}

/// Cuts a link. The first `#` starts the name, the first `?` before it the query; the last `@`
/// before both ends the user, since lists write passwords with a raw `@`.
pub(super) fn split(link: &str) -> Result<Parts<'_>, Reason> {
    let (scheme, rest) = cut_scheme(link).ok_or(Reason::NoScheme)?;
    let (rest, fragment) = cut(rest, b'#').unwrap_or((rest, ""));
    let (body, query) = cut(rest, b'?').unwrap_or((rest, ""));
    let body = trim(body);
    let (user, place) = match cut_last(body, b'@') {
        Some((user, place)) => (Some(user), place),
        None => (None, body),
    };
    let (host, path) = cut(place, b'/').unwrap_or((place, ""));
    Ok(Parts { scheme, body, user, host: trim(host), path: trim(path), query: trim(query), fragment })
}

/// Cuts blanks off, and the zero-width and direction marks that lists carry around.
pub(crate) fn trim(text: &str) -> &str {
    let is_plain = |end: Option<&u8>| end.is_none_or(u8::is_ascii_graphic);
    if is_plain(text.as_bytes().first()) && is_plain(text.as_bytes().last()) {
        return text;
    }
    text.trim_matches(is_blank)
}

fn is_blank(char: char) -> bool {
    char.is_whitespace()
        || matches!(char, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Reads `host:port`; IPv6 with or without brackets.
pub(crate) fn endpoint(text: &str, usual_port: Option<u16>) -> Result<Endpoint, Reason> {
    let (name, digits) = cut_port(text)?;
    let host = host(name)?;
    let port = match digits {
        "" => usual_port.ok_or(Reason::NoPort)?,
        digits => port(digits)?,
    };
    Ok(Endpoint { host, port })
}

/// Cuts `host:port` apart; the port is empty where there is none.
fn cut_port(text: &str) -> Result<(&str, &str), Reason> {
    if let Some(rest) = text.strip_prefix('[') {
        let (host, after) =
            rest.split_once(']').ok_or(Reason::Malformed("the bracket of the IPv6 address is not closed"))?;
        return match after.strip_prefix(':') {
            Some(digits) => Ok((host, trim(digits))),
            None if after.is_empty() => Ok((host, "")),
            None => Err(Reason::BadPort),
        };
    }
    Ok(match cut_last(text, b':') {
        // All eight groups and no port, as in `2001:db8:0:0:0:0:0:1`.
        Some((host, _))
            if cut(host, b':').is_some()
                && host.matches(':').count() == 6
                && text.parse::<Ipv6Addr>().is_ok() =>
        {
            (text, "")
        }
        Some((host, digits)) => (host, trim(digits)),
        None => (text, ""),
    })
}

/// Reads a host: a name, an IPv4 address, or an IPv6 address, which is given in its shortest form.
pub(crate) fn host(text: &str) -> Result<Text, Reason> {
    let text = trim(text);
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    if bare.is_empty() {
        return Err(Reason::NoHost);
    }
    if bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')) {
        return Ok(bare.into());
    }
    if cut(bare, b':').is_some() {
        let address: Ipv6Addr =
            bare.parse().map_err(|_| Reason::Malformed("the host has a colon but is no IPv6 address"))?;
        return Ok(address.to_string().into());
    }
    let name = decode(bare);
    if name.chars().all(|char| char.is_alphanumeric() || matches!(char, '.' | '-' | '_')) {
        Ok(name.into())
    } else {
        Err(Reason::Malformed("the host has a character that no host name has"))
    }
}

/// Reads a port; 0 is what decoys carry, and no port.
pub(crate) fn port(text: &str) -> Result<u16, Reason> {
    trim(text).parse().ok().filter(|port| *port > 0).ok_or(Reason::BadPort)
}

/// Percent-decodes. A sequence that is cut, no hexadecimal or no UTF-8 stays as it is, so that
/// nothing is lost.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'%', text.as_bytes()).is_some() {
        Cow::Owned(decoded(text, '+'))
    } else {
        Cow::Borrowed(text)
    }
}

/// [`decode`] where `+` is a blank.
pub(super) fn decode_query(text: &str) -> Text {
    if escape(text, 0).is_some() { decoded(text, ' ').into() } else { text.into() }
}

/// Where the first character after a place is that [`decode_query`] changes.
pub(super) fn escape(query: &str, from: usize) -> Option<usize> {
    memchr::memchr2(b'%', b'+', query.as_bytes().get(from..)?).map(|at| from + at)
}

/// `plus` is what a `+` means.
fn decoded(text: &str, plus: char) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        match (first, behind) {
            (b'%', [high, low, behind @ ..]) if let Some(byte) = hexadecimal(*high, *low) => {
                decoded.push(byte);
                rest = behind;
            }
            (b'+', _) => decoded.push(plus as u8),
            _ => decoded.push(*first),
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|broken| encode_broken(broken.as_bytes()))
}

fn hexadecimal(high: u8, low: u8) -> Option<u8> {
    // Names of proxies are full of them.
    let (high, low) = (DIGITS[usize::from(high)], DIGITS[usize::from(low)]);
    ((high | low) < 16).then_some(high << 4 | low)
}

/// The value of each byte as a hexadecimal digit, and 16 for what is none.
const DIGITS: [u8; 256] = digits();

const fn digits() -> [u8; 256] {
    let mut digits = [16; 256];
    let mut byte = 0;
    while byte < digits.len() {
        if let Some(digit) = (byte as u8 as char).to_digit(16) {
            digits[byte] = digit as u8;
        }
        byte += 1;
    }
    digits
}

/// A text of bytes of which some are no UTF-8.
fn encode_broken(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(percent_encoding::percent_encode_byte(*byte));
        }
    }
    text
}

/// Percent-encodes all but unreserved characters.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Prints `#name`, or nothing.
pub(super) fn fragment(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!("#{}", encode(name)) }
}
