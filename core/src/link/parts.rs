//! The parts that most links share: `scheme://user@host:port/path?query#name`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::Reason;
use crate::proxy::Endpoint;

/// All but the unreserved characters of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A link cut into its parts, nothing decoded yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    pub(super) scheme: &'a str,
    /// Before the last `@` of the authority.
    pub(super) user: Option<&'a str>,
    /// `host:port`.
    pub(super) host: &'a str,
    pub(super) query: &'a str,
    pub(super) fragment: &'a str,
}

/// Cuts a link. The first `#` starts the name; the last `@` before it ends the user.
pub(super) fn split(link: &str) -> Result<Parts<'_>, Reason> {
    let (scheme, rest) = link.split_once("://").ok_or(Reason::NoScheme)?;
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (user, host) = match rest.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, rest),
    };
    let host = host.trim().trim_end_matches('/');
    Ok(Parts { scheme, user, host, query, fragment })
}

/// Reads `host:port`; IPv6 with or without brackets.
pub(super) fn endpoint(text: &str, usual_port: Option<u16>) -> Result<Endpoint, Reason> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest
                .split_once(']')
                .ok_or(Reason::Malformed("the bracket of the IPv6 address is not closed"))?;
            (host, after.strip_prefix(':'))
        }
        None => match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    if host.is_empty() {
        return Err(Reason::NoHost);
    }
    let port = match port.filter(|port| !port.is_empty()) {
        Some(port) => port.parse().ok().filter(|port| *port > 0).ok_or(Reason::BadPort)?,
        None => usual_port.ok_or(Reason::NoPort)?,
    };
    Ok(Endpoint { host: host.to_owned(), port })
}

/// Percent-decodes; a bad sequence stays as it is.
pub(super) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Percent-encodes all but unreserved characters.
pub(super) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}
