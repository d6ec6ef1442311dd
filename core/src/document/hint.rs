//! What a list does not say itself: what its addresses speak.

use crate::Protocol;

/// What is known of a document besides its text: what a bare `host:port` of it speaks.
///
/// ```
/// use configstream_core::Protocol;
/// use configstream_core::document::Hint;
/// assert_eq!(Hint::of_name("lists/socks5.txt"), Hint::from(Protocol::Socks5));
/// assert_eq!(Hint::of_name("https://example.com/http/all.txt"), Hint::from(Protocol::Http));
/// assert_eq!(Hint::of_name("proxies.txt"), Hint::default());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hint(Option<Protocol>);

/// What lists call the protocols that need no more than an address. `https` names those that pass TLS on,
/// which is every HTTP proxy that is of use.
const NAMES: &[(&str, Protocol)] = &[
    ("socks5", Protocol::Socks5),
    ("socks5h", Protocol::Socks5),
    ("socks4", Protocol::Socks4),
    ("socks4a", Protocol::Socks4),
    ("socks", Protocol::Socks5),
    ("http", Protocol::Http),
    ("https", Protocol::Http),
    ("ssl", Protocol::Http),
];

impl From<Protocol> for Hint {
    fn from(protocol: Protocol) -> Self {
        Self(Some(protocol))
    }
}

impl From<Option<Protocol>> for Hint {
    fn from(protocol: Option<Protocol>) -> Self {
        Self(protocol)
    }
}

impl Hint {
    /// What the name or the address of a file says: its last word that is a protocol. The scheme of an
    /// address says nothing.
    pub fn of_name(name: &str) -> Self {
        let path = name.split_once("://").map_or(name, |(_, path)| path);
        let words = path.split(|char: char| !char.is_ascii_alphanumeric());
        Self(words.filter_map(singular).next_back())
    }

    /// This, or the other where this says nothing.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0.or(other.0))
    }

    /// What a bare address speaks.
    pub(super) fn protocol(self) -> Option<Protocol> {
        self.0
    }
}

/// What a word says, be it one of many: `socks5_proxies` has the one, `https` another.
fn singular(word: &str) -> Option<Protocol> {
    named(word).or_else(|| named(word.strip_suffix(['s', 'S'])?))
}

/// The protocol that lists call so.
pub(super) fn named(word: &str) -> Option<Protocol> {
    NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, protocol)| *protocol)
}
