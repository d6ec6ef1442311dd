//! Telegram's proxy links: `tg://socks?server=…&port=…&user=…&pass=…`, `tg://http?…`, and the same
//! behind `https://t.me/`. They are printed as `socks5://` and `http://`.
//!
//! Specification: <https://core.telegram.org/api/links#socks5-proxy-links>
//!
//! # Incomplete support
//!
//! `tg://proxy` is an `MTProto` proxy, which carries Telegram's traffic and nothing else.

use super::params::{Params, close, names};
use super::parts::{Parts, endpoint, split};
use super::{Reason, Scheme};
use crate::proxy::{Credentials, Protocol, Proxy};

pub(super) struct Telegram;

impl Scheme for Telegram {
    fn names(&self) -> &'static [&'static str] {
        &["tg"]
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[]
    }

    fn specification(&self) -> &'static str {
        "https://core.telegram.org/api/links#socks5-proxy-links"
    }

    fn example(&self) -> &'static str {
        "tg://socks?server=192.0.2.1&port=1080&user=user&pass=secret#Berlin"
    }

    fn parse(&self, link: &str) -> Result<Proxy, Reason> {
        let parts = split(link)?;
        read(parts.host, &parts)
    }

    fn print(&self, _proxy: &Proxy) -> String {
        String::new()
    }
}

/// Reads `https://t.me/socks?…`; `None` where the link is none of Telegram's.
pub(super) fn web(parts: &Parts<'_>) -> Option<Result<Proxy, Reason>> {
    let ours =
        ["t.me", "telegram.me", "telegram.dog"].iter().any(|host| parts.host.eq_ignore_ascii_case(host));
    let path = parts.path.trim_matches('/');
    (ours && matches!(path, "socks" | "http" | "proxy")).then(|| read(path, parts))
}

fn read(kind: &str, parts: &Parts<'_>) -> Result<Proxy, Reason> {
    let protocol = match kind {
        "socks" => Protocol::Socks5,
        "http" => Protocol::Http,
        "proxy" => return Err(Reason::Foreign("an MTProto proxy: only Telegram can use it")),
        _ => return Err(Reason::Foreign("a link into Telegram, not to a proxy")),
    };
    let mut params = Params::read(parts.query);
    let (host, port) = (params.take(names!["server"]), params.take(names!["port"]));
    let at = endpoint(
        &if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") },
        None,
    )?;
    let mut proxy = Proxy::new(protocol, at.host, at.port);
    let (username, password) = (params.take(names!["user"]), params.take(names!["pass"]));
    if !username.is_empty() || !password.is_empty() {
        proxy.credentials = Credentials::Login { username, password: password.into() };
    }
    // What is left, if anything, is about the click, not about the proxy.
    Ok(close(proxy, parts, Params::default(), &[]))
}
