//! HTTP proxy links: `http://user:password@host:port#name`, `https://…` for a proxy behind TLS.
//!
//! Specification: RFC 9110, section 9.3.6 for the protocol; the link is a plain RFC 3986 URI.

use super::parts::{decode, endpoint, split};
use super::{Reason, Scheme, socks};
use crate::proxy::{Credentials, Protocol, Proxy};

pub(super) struct Http;

impl Scheme for Http {
    fn names(&self) -> &'static [&'static str] {
        &["http", "https"]
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[Protocol::Http, Protocol::Https]
    }

    fn specification(&self) -> &'static str {
        "https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6"
    }

    fn example(&self) -> &'static str {
        "http://user:secret@192.0.2.1:8080#Berlin"
    }

    fn parse(&self, link: &str) -> Result<Proxy, Reason> {
        let parts = split(link)?;
        let secure = parts.scheme.eq_ignore_ascii_case("https");
        let at = endpoint(parts.host, None)?;
        let mut proxy = Proxy::new(if secure { Protocol::Https } else { Protocol::Http }, at.host, at.port);
        proxy.credentials = parts.user.map_or(Credentials::None, socks::login);
        proxy.name = decode(parts.fragment);
        Ok(proxy)
    }

    fn print(&self, proxy: &Proxy) -> String {
        socks::print(proxy.protocol.key(), proxy)
    }
}
