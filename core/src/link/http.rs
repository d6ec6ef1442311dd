//! HTTP proxy links: `http://user:password@host:port#name`, `https://…` for a proxy behind TLS.
//!
//! Specification: RFC 9110, section 9.3.6 for the protocol; the link is a plain RFC 3986 URI.
//!
//! # Differences between programs
//!
//! The same text may be the address of a list of proxies. It is one where it has a path, no port and
//! no user, or a query that is not about TLS.

use super::params::{Names, Params, close, names};
use super::parts::{Parts, endpoint, split};
use super::{Reason, Scheme, socks, stream, telegram};
use crate::proxy::{Param, Protocol, Proxy, Security, Tls};

pub(super) struct Http;

/// The parameters that a proxy's link may have without a user.
const TLS: Names = names![
    "sni",
    "peer",
    "servername",
    "alpn",
    "fp",
    "allowInsecure",
    "insecure",
    "skip-cert-verify",
    "remarks",
    "remark"
];

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
        if let Some(telegram) = telegram::web(&parts) {
            return telegram;
        }
        let mut params = Params::read(parts.query);
        let secure = parts.scheme.eq_ignore_ascii_case("https");
        let user = parts.user.filter(|user| !user.is_empty());
        if !parts.path.is_empty() || user.is_none() && params.names().any(|name| !is_tls(name)) {
            return Err(Reason::Subscription);
        }
        let usual = if secure { 443 } else { 80 };
        let at = endpoint(parts.host, user.map(|_| usual)).map_err(|reason| no_proxy(reason, &parts))?;
        let mut proxy = Proxy::new(if secure { Protocol::Https } else { Protocol::Http }, at.host, at.port);
        proxy.credentials = socks::login(parts.user);
        proxy.tls =
            secure.then(|| stream::tls(&mut params, Security::Tls)).filter(|tls| *tls != Tls::default());
        Ok(close(proxy, &parts, params, &[]))
    }

    fn print(&self, proxy: &Proxy) -> String {
        socks::print(proxy.protocol.key(), proxy)
    }
}

/// A host without a port and a user is the address of a page.
fn no_proxy(reason: Reason, parts: &Parts<'_>) -> Reason {
    if reason == Reason::NoPort && parts.host.contains('.') { Reason::Subscription } else { reason }
}

fn is_tls(name: &str) -> bool {
    // What a document keeps has the document's name and a colon before it.
    TLS.iter().any(|known| known.is(name)) || Param::from_key(name).is_some() || name.contains(':')
}
