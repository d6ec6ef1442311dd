//! SOCKS links: `socks5://user:password@host:port#name`; the user info may be base64.
//!
//! Specification: RFC 1928 and RFC 1929 for the protocol; the link is a plain RFC 3986 URI.
//!
//! # Differences between programs
//!
//! `socks5h` and `socks4a` ask the proxy to resolve names. Every way through this program does so:
//! the spelling is kept as the first of `extra`, and printed again. `socks5+tls` and
//! `socks4+tls` are SOCKS in TLS.

use super::params::{Params, Printed, Table, close};
use super::parts::{decode, encode, endpoint, fragment, split};
use super::{Reason, Scheme, base64, stream};
use crate::Text;
use crate::proxy::{Credentials, Protocol, Proxy, Security};

pub(super) struct Socks;

/// The name under which a spelling is kept, and those that are.
const SPELLING: &str = "scheme";
const SPELLINGS: [(Protocol, &str); 2] = [(Protocol::Socks5, "socks5h"), (Protocol::Socks4, "socks4a")];

impl Scheme for Socks {
    fn names(&self) -> &'static [&'static str] {
        &["socks5", "socks5h", "socks", "socks4", "socks4a", "socks5+tls", "socks+tls", "socks4+tls"]
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[Protocol::Socks5, Protocol::Socks4]
    }

    fn specification(&self) -> &'static str {
        "https://www.rfc-editor.org/rfc/rfc1928"
    }

    fn example(&self) -> &'static str {
        "socks5://user:secret@192.0.2.1:1080#Berlin"
    }

    fn parse(&self, link: &str) -> Result<Proxy, Reason> {
        let parts = split(link)?;
        let scheme = parts.scheme.to_ascii_lowercase();
        let four = scheme.starts_with("socks4");
        let at = endpoint(parts.host, Some(1080))?;
        let mut proxy = Proxy::new(if four { Protocol::Socks4 } else { Protocol::Socks5 }, at.host, at.port);
        proxy.credentials = login(parts.user);
        let mut params = Params::read(parts.query);
        proxy.tls = scheme.ends_with("+tls").then(|| stream::tls(&mut params, Security::Tls));
        let mut proxy = close(proxy, &parts, params, &[]);
        if SPELLINGS.iter().any(|(_, spelling)| *spelling == scheme) {
            proxy.extra.insert(0, (SPELLING.into(), scheme.into()));
        }
        Ok(proxy)
    }

    fn print(&self, proxy: &Proxy) -> String {
        if proxy.tls.is_some() {
            let four = proxy.protocol == Protocol::Socks4;
            return print(if four { "socks4+tls" } else { "socks5+tls" }, proxy);
        }
        match spelling(proxy) {
            Some(scheme) => {
                let mut plain = proxy.clone();
                plain.extra.remove(0);
                print(scheme, &plain)
            }
            None => print(proxy.protocol.key(), proxy),
        }
    }
}

/// The spelling that a proxy was read from, where it is an unusual one.
fn spelling(proxy: &Proxy) -> Option<&str> {
    let (name, scheme) = proxy.extra.first()?;
    (name == SPELLING && SPELLINGS.contains(&(proxy.protocol, scheme))).then_some(scheme)
}

/// User info as `user:password`, plain or in base64; a user alone is a user.
pub(super) fn login(user: Option<&str>) -> Credentials {
    let user = user.unwrap_or_default();
    let (username, password) = match user.split_once(':') {
        Some((username, password)) => (decode(username).into(), decode(password).into()),
        None => from_base64(&decode(user)).unwrap_or_else(|| (decode(user).into(), Text::new())),
    };
    if username.is_empty() && password.is_empty() {
        return Credentials::None;
    }
    Credentials::Login { username, password: password.into() }
}

/// `user:password` in base64: it has the colon, and nothing that cannot be typed.
fn from_base64(user: &str) -> Option<(Text, Text)> {
    let text = base64::decode_text(user).filter(|text| !text.chars().any(char::is_control))?;
    let (username, password) = text.split_once(':')?;
    Some((username.into(), password.into()))
}

/// Prints `scheme://user:password@host:port?query#name`.
pub(super) fn print(scheme: &str, proxy: &Proxy) -> String {
    print_with(scheme, proxy, &[])
}

/// [`print`] with the names of a table.
pub(super) fn print_with(scheme: &str, proxy: &Proxy, table: &Table) -> String {
    let user = match &proxy.credentials {
        Credentials::Login { username, password } => {
            format!("{}:{}@", encode(username), encode(password.expose()))
        }
        _ => String::new(),
    };
    let mut query = Printed::default();
    query.add_tls(proxy, ["sni", "allowInsecure"]);
    query.add_rest(proxy, table);
    format!("{scheme}://{user}{}{}{}", proxy.endpoint, query.finish(), fragment(&proxy.name))
}
