//! SOCKS links: `socks5://user:password@host:port#name`.
//!
//! Specification: RFC 1928 and RFC 1929 for the protocol; the link is a plain RFC 3986 URI.

use super::parts::{decode, encode, endpoint, split};
use super::{Reason, Scheme};
use crate::proxy::{Credentials, Protocol, Proxy};

pub(super) struct Socks;

impl Scheme for Socks {
    fn names(&self) -> &'static [&'static str] {
        &["socks5", "socks5h", "socks", "socks4", "socks4a"]
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
        let four = parts.scheme.to_ascii_lowercase().starts_with("socks4");
        let at = endpoint(parts.host, Some(1080))?;
        let mut proxy = Proxy::new(if four { Protocol::Socks4 } else { Protocol::Socks5 }, at.host, at.port);
        proxy.credentials = parts.user.map_or(Credentials::None, login);
        proxy.name = decode(parts.fragment);
        Ok(proxy)
    }

    fn print(&self, proxy: &Proxy) -> String {
        print(proxy.protocol.key(), proxy)
    }
}

/// User info as `user:password`.
pub(super) fn login(user: &str) -> Credentials {
    let (username, password) = user.split_once(':').unwrap_or((user, ""));
    Credentials::Login { username: decode(username), password: decode(password).into() }
}

/// Prints `scheme://user:password@host:port#name`.
pub(super) fn print(scheme: &str, proxy: &Proxy) -> String {
    let user = match &proxy.credentials {
        Credentials::Login { username, password } => {
            format!("{}:{}@", encode(username), encode(password.expose()))
        }
        _ => String::new(),
    };
    let name = if proxy.name.is_empty() { String::new() } else { format!("#{}", encode(&proxy.name)) };
    format!("{scheme}://{user}{}{name}", proxy.endpoint)
}
