//! Share links: one proxy as one URI. One file per scheme, parse and print side by side, and one
//! table, [`SCHEMES`], from which help, fuzz seeds and tests are made.

mod http;
mod parts;
mod socks;

use crate::{Protocol, Proxy};

/// How one scheme is read and printed.
pub trait Scheme: Sync {
    /// The schemes it reads, in lower case and without `://`; the first is the one that it prints.
    fn names(&self) -> &'static [&'static str];
    /// The protocols whose proxies it prints.
    fn protocols(&self) -> &'static [Protocol];
    /// Where the link's form is described.
    fn specification(&self) -> &'static str;
    /// A link that reads, and prints back as it is.
    fn example(&self) -> &'static str;
    /// Reads a link; `link` is the whole of it, without blanks around it.
    fn parse(&self, link: &str) -> Result<Proxy, Reason>;
    /// Prints a proxy of one of [`protocols`](Self::protocols).
    fn print(&self, proxy: &Proxy) -> String;
}

/// Every scheme.
pub static SCHEMES: &[&dyn Scheme] = &[&http::Http, &socks::Socks];

/// Why a text is no link to a proxy. Says what was expected and what to do, and holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The text has no `scheme://`.
    #[error("no link: expected something like vless://… or socks5://…")]
    NoScheme,
    /// The scheme is not in the table.
    #[error("unknown scheme {0}://")]
    UnknownScheme(String),
    /// The host is missing.
    #[error("the host is missing")]
    NoHost,
    /// The port is missing, and the scheme has no usual one.
    #[error("the port is missing")]
    NoPort,
    /// The port is no number from 1 to 65535.
    #[error("the port is no number from 1 to 65535")]
    BadPort,
    /// A needed part is missing or malformed; the text names it and what was expected.
    #[error("{0}")]
    Malformed(&'static str),
}

/// Reads one link.
///
/// ```
/// let proxy = configstream_core::link::parse("socks5://user:pass@192.0.2.1:1080#Berlin").unwrap();
/// assert_eq!((proxy.endpoint.port, proxy.name.as_str()), (1080, "Berlin"));
/// ```
pub fn parse(text: &str) -> Result<Proxy, Reason> {
    let link = text.trim();
    let (name, _) = link.split_once("://").ok_or(Reason::NoScheme)?;
    let name = name.to_ascii_lowercase();
    let known = SCHEMES.iter().find(|scheme| scheme.names().contains(&name.as_str()));
    known.ok_or(Reason::UnknownScheme(name))?.parse(link)
}

/// Prints a proxy as a link.
pub fn print(proxy: &Proxy) -> String {
    let scheme = SCHEMES.iter().find(|scheme| scheme.protocols().contains(&proxy.protocol));
    scheme.map(|scheme| scheme.print(proxy)).unwrap_or_default()
}
