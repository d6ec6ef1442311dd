//! Share links: one proxy as one URI. One file per scheme, parse and print side by side, and one
//! table, [`SCHEMES`], from which help, fuzz seeds and tests are made.

mod anytls;
pub(crate) mod base64;
mod bean;
mod brook;
mod http;
mod hysteria;
mod hysteria2;
mod install;
mod juicity;
mod mieru;
mod naive;
mod own;
mod params;
mod parts;
pub mod plugin;
mod quantumult;
mod shadowrocket;
mod shadowsocks;
mod snell;
mod socks;
mod ssh;
mod ssr;
mod stream;
mod telegram;
mod trojan;
mod tuic;
mod vless;
mod vmess;
mod wireguard;

use std::sync::LazyLock;

use crate::proxy::Origin;
use crate::proxy::param::mark;
use crate::{Protocol, Proxy};

pub(crate) use hysteria2::{hopping, print_hopping};
pub(crate) use install::several;
pub use install::source;
pub(crate) use params::{flag, hexadecimal};
pub(crate) use parts::{encode, endpoint, host, port, trim};
pub(crate) use shadowrocket::host as header_host;
pub(crate) use shadowsocks::{cipher, is_uuid};
pub(crate) use vmess::from_line as quantumult_line;
pub(crate) use wireguard::reserved;

/// How one scheme is read and printed.
pub trait Scheme: Sync {
    /// The schemes it reads, in lower case and without `://`; the first is the one that it prints.
    fn names(&self) -> &'static [&'static str];
    /// The protocols whose proxies it prints; none where its links are printed as those of another.
    fn protocols(&self) -> &'static [Protocol];
    /// Where the link's form is described.
    fn specification(&self) -> &'static str;
    /// A link that reads, and prints back as it is where this scheme prints any.
    fn example(&self) -> &'static str;
    /// Reads a link; `link` is the whole of it, without blanks around it.
    fn parse(&self, link: &str) -> Result<Proxy, Reason>;
    /// Reads a link that may be of several proxies; most schemes have one a link.
    fn parse_all(&self, link: &str) -> Result<Vec<Proxy>, Reason> {
        self.parse(link).map(|proxy| vec![proxy])
    }
    /// Prints a proxy of one of [`protocols`](Self::protocols).
    fn print(&self, proxy: &Proxy) -> String;
}

/// Every scheme.
pub static SCHEMES: &[&dyn Scheme] = &[
    &vless::Vless,
    &vmess::Vmess,
    &trojan::Trojan,
    &shadowsocks::Shadowsocks,
    &socks::Socks,
    &http::Http,
    &ssr::Ssr,
    &hysteria2::Hysteria2,
    &hysteria::Hysteria,
    &tuic::Tuic,
    &wireguard::WireGuard,
    &anytls::AnyTls,
    &naive::Naive,
    &juicity::Juicity,
    &snell::Snell,
    &mieru::Mieru,
    &ssh::Ssh,
    &brook::Brook,
    &telegram::Telegram,
    &bean::Bean,
    &own::Own,
    &install::Install,
];

/// The longest link, in bytes. The longest of real lists, with XHTTP's settings and an ECH list in
/// it, has a tenth of this.
const LONGEST: usize = 64 * 1024;

/// Why a text is no link to a proxy. Says what was expected and what to do, and holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The text has no `scheme://`.
    #[error("no link: expected something like vless://… or socks5://…")]
    NoScheme,
    /// `host:port` alone, as lists of one protocol write it.
    #[error("an address without a protocol: put for example socks5:// before it")]
    NoProtocol,
    /// The scheme is not in the table.
    #[error("unknown scheme {0}://")]
    UnknownScheme(String),
    /// The address of a list, not of a proxy.
    #[error("the address of a page or a list, not of a proxy: add it as a source")]
    Subscription,
    /// The host is missing.
    #[error("the host is missing")]
    NoHost,
    /// The port is missing, and the scheme has no usual one.
    #[error("the port is missing")]
    NoPort,
    /// The port is no number from 1 to 65535.
    #[error("the port is no number from 1 to 65535")]
    BadPort,
    /// Longer than any link.
    #[error("longer than 64 KiB, which no link is")]
    TooLong,
    /// Longer than any line: see [`Stream::LINE`](crate::document::Stream::LINE).
    #[error("a line of more than 1 MiB: expected a link on each line")]
    LongLine,
    /// Too long for a format that is not read line by line: see
    /// [`Stream::WHOLE`](crate::document::Stream::WHOLE).
    #[error("a document of more than 32 MiB that is no list of links on lines")]
    LongDocument,
    /// A needed part is missing or malformed; the text names it and what was expected.
    #[error("{0}")]
    Malformed(&'static str),
    /// A link that is understood, and that nothing but its own program can use; the text says which.
    #[error("{0}")]
    Foreign(&'static str),
    /// The document names a type that is none.
    #[error("no proxy: its type is {0}")]
    UnknownType(String),
    /// The document holds nothing.
    #[error("the document is empty")]
    Empty,
    /// The document is a web page, not a list.
    #[error("a web page, not a list of proxies{}", page(title))]
    Page {
        /// The page's title, cut to 80 characters; empty when it has none.
        title: String,
    },
    /// The document is encrypted.
    #[error("encrypted with age: give its key")]
    Encrypted,
}

fn page(title: &str) -> String {
    if title.is_empty() { String::new() } else { format!(": it is titled “{title}”") }
}

/// Reads one link.
///
/// ```
/// let proxy = configstream_core::link::parse("socks5://user:pass@192.0.2.1:1080#Berlin").unwrap();
/// assert_eq!((proxy.endpoint.port, proxy.name.as_str()), (1080, "Berlin"));
/// ```
pub fn parse(text: &str) -> Result<Proxy, Reason> {
    let (scheme, link) = find(text)?;
    scheme.parse(link).map(of_link)
}

fn of_link(mut proxy: Proxy) -> Proxy {
    proxy.origin = Origin::Link;
    proxy
}

/// Reads one link with all of its proxies: `mierus://` has one for each port.
///
/// ```
/// let link = "mierus://user:secret@192.0.2.1?port=6666&port=7777&protocol=TCP&protocol=UDP";
/// assert_eq!(configstream_core::link::parse_all(link).unwrap().len(), 2);
/// ```
pub fn parse_all(text: &str) -> Result<Vec<Proxy>, Reason> {
    let (scheme, link) = find(text)?;
    Ok(scheme.parse_all(link)?.into_iter().map(of_link).collect())
}

/// The schemes of what browsers speak by themselves.
static OF_BROWSERS: [&dyn Scheme; 2] = [&socks::Socks, &http::Http];

/// [`parse`] for a program that connects a browser and does nothing else with a proxy: it needs no other
/// scheme, and does not carry them.
pub fn parse_for_browser(text: &str) -> Result<Proxy, Reason> {
    let has =
        |scheme: &dyn Scheme, name: &str| scheme.names().iter().any(|own| own.eq_ignore_ascii_case(name));
    let (scheme, link) = find_by(text, |name| OF_BROWSERS.iter().copied().find(|scheme| has(*scheme, name)))?;
    scheme.parse(link).map(of_link)
}

/// The scheme of a link, and the link without blanks around it.
fn find(text: &str) -> Result<(&'static dyn Scheme, &str), Reason> {
    find_by(text, scheme)
}

fn find_by(
    text: &str,
    scheme: impl Fn(&str) -> Option<&'static dyn Scheme>,
) -> Result<(&'static dyn Scheme, &str), Reason> {
    let link = parts::trim(text);
    let (name, _) = parts::cut_scheme(link).ok_or(Reason::NoScheme)?;
    if !is_scheme(name) {
        return Err(Reason::NoScheme);
    }
    let scheme = scheme(name).ok_or_else(|| Reason::UnknownScheme(name.to_ascii_lowercase()))?;
    if link.len() > LONGEST { Err(Reason::TooLong) } else { Ok((scheme, link)) }
}

/// The scheme of a name, whatever its case.
pub(crate) fn scheme(name: &str) -> Option<&'static dyn Scheme> {
    let wanted = mark(name);
    let same = |known: &str| known == name || known.eq_ignore_ascii_case(name);
    let is = |(mark, known, _): &&Named| *mark == wanted && same(known);
    NAMES.iter().find(is).map(|(_, _, scheme)| *scheme)
}

/// A name of a scheme, and its [`mark`].
type Named = (u32, &'static str, &'static dyn Scheme);

/// The names of every scheme: each line is looked up among them.
static NAMES: LazyLock<Vec<Named>> = LazyLock::new(|| {
    let names =
        |scheme: &'static dyn Scheme| scheme.names().iter().map(move |name| (mark(name), *name, scheme));
    SCHEMES.iter().copied().flat_map(names).collect()
});

/// The protocol of a key, or of a scheme that links use: `ss`, `socks5h`.
///
/// ```
/// use configstream_core::{Protocol, link};
/// assert_eq!(link::protocol("ss"), Some(Protocol::Shadowsocks));
/// ```
pub fn protocol(name: &str) -> Option<Protocol> {
    let alias = || ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name));
    Protocol::from_key(name).or_else(|| alias().map(|(_, protocol)| *protocol))
}

/// The names of schemes that are no key of a protocol. They stand here once more, so that who only knows
/// protocols by name carries no scheme.
const ALIASES: [(&str, Protocol); 22] = [
    ("vmess1", Protocol::Vmess),
    ("trojan-go", Protocol::Trojan),
    ("ss", Protocol::Shadowsocks),
    ("socks5h", Protocol::Socks5),
    ("socks", Protocol::Socks5),
    ("socks4a", Protocol::Socks4),
    ("socks5+tls", Protocol::Socks5),
    ("socks+tls", Protocol::Socks5),
    ("socks4+tls", Protocol::Socks4),
    ("ssr", Protocol::ShadowsocksR),
    ("hy2", Protocol::Hysteria2),
    ("hysteria2+realm", Protocol::Hysteria2),
    ("hysteria2+realm+http", Protocol::Hysteria2),
    ("hy2+realm", Protocol::Hysteria2),
    ("hy2+realm+http", Protocol::Hysteria2),
    ("hy", Protocol::Hysteria),
    ("wg", Protocol::WireGuard),
    ("awg", Protocol::WireGuard),
    ("warp", Protocol::WireGuard),
    ("naive+https", Protocol::Naive),
    ("naive+quic", Protocol::Naive),
    ("mierus", Protocol::Mieru),
];

/// Whether a text may stand before `://`: RFC 3986, section 3.1, and no longer than any scheme.
pub(crate) fn is_scheme(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    name.len() <= 24
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(allowed)
}

/// Prints a proxy as a link.
pub fn print(proxy: &Proxy) -> String {
    let scheme = SCHEMES.iter().find(|scheme| scheme.protocols().contains(&proxy.protocol));
    scheme.map(|scheme| scheme.print(proxy)).unwrap_or_default()
}
