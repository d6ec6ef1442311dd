//! The parts that most links share: `scheme://user@host:port/path?query#name`.

use std::net::Ipv6Addr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::Reason;
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

/// Cuts a link. The first `#` starts the name, the first `?` before it the query; the last `@`
/// before both ends the user, since lists write passwords with a raw `@`.
pub(super) fn split(link: &str) -> Result<Parts<'_>, Reason> {
    let (scheme, rest) = link.split_once("://").ok_or(Reason::NoScheme)?;
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (body, query) = rest.split_once('?').unwrap_or((rest, ""));
    let body = trim(body);
    let (user, place) = match body.rsplit_once('@') {
        Some((user, place)) => (Some(user), place),
        None => (None, body),
    };
    let (host, path) = place.split_once('/').unwrap_or((place, ""));
    Ok(Parts { scheme, body, user, host: trim(host), path: trim(path), query: trim(query), fragment })
}

/// Cuts blanks off, and the zero-width and direction marks that lists carry around.
pub(crate) fn trim(text: &str) -> &str {
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
    Ok(match text.rsplit_once(':') {
        // All eight groups and no port, as in `2001:db8:0:0:0:0:0:1`.
        Some((host, _)) if host.matches(':').count() == 6 && text.parse::<Ipv6Addr>().is_ok() => (text, ""),
        Some((host, digits)) => (host, trim(digits)),
        None => (text, ""),
    })
}

/// Reads a host: a name, an IPv4 address, or an IPv6 address, which is given in its shortest form.
pub(crate) fn host(text: &str) -> Result<String, Reason> {
    let text = trim(text);
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    if bare.is_empty() {
        return Err(Reason::NoHost);
    }
    if bare.contains(':') {
        let address: Ipv6Addr =
            bare.parse().map_err(|_| Reason::Malformed("the host has a colon but is no IPv6 address"))?;
        return Ok(address.to_string());
    }
    let name = decode(bare);
    if name.chars().all(|char| char.is_alphanumeric() || matches!(char, '.' | '-' | '_')) {
        Ok(name)
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
pub(super) fn decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes: Vec<u8> = percent_decode_str(text).collect();
    let mut decoded = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        decoded.push_str(chunk.valid());
        for byte in chunk.invalid() {
            decoded.push_str(percent_encoding::percent_encode_byte(*byte));
        }
    }
    decoded
}

/// Percent-encodes all but unreserved characters.
pub(super) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Prints `#name`, or nothing.
pub(super) fn fragment(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!("#{}", encode(name)) }
}
