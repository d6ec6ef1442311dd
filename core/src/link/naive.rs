//! naive links: `naive+https://user:password@host:port?extra-headers=…#name`, `naive+quic://` for QUIC.
//!
//! Specification: <https://gist.github.com/DuckSoft/ca03913b0a26fc77a1da4d01cc6ab2f1>
//!
//! # Differences between programs
//!
//! `naive://` is `naive+https://`.

use super::params::{Params, Table, close, names};
use super::parts::{endpoint, split};
use super::{Reason, Scheme, socks, stream};
use crate::proxy::{Param, Protocol, Proxy, Security};

pub(super) struct Naive;

const TABLE: &Table =
    &[(Param::ExtraHeaders, names!["extra-headers"]), (Param::Concurrency, names!["insecure-concurrency"])];

impl Scheme for Naive {
    fn names(&self) -> &'static [&'static str] {
        &["naive+https", "naive+quic", "naive"]
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[Protocol::Naive]
    }

    fn specification(&self) -> &'static str {
        "https://gist.github.com/DuckSoft/ca03913b0a26fc77a1da4d01cc6ab2f1"
    }

    fn example(&self) -> &'static str {
        "naive+https://user:secret@192.0.2.1:443?sni=example.com&extra-headers=X-Name%3A%20value#Berlin"
    }

    fn parse(&self, link: &str) -> Result<Proxy, Reason> {
        let parts = split(link)?;
        let at = endpoint(parts.host, Some(443))?;
        let mut params = Params::read(parts.query);
        let mut proxy = Proxy::new(Protocol::Naive, at.host, at.port);
        proxy.credentials = socks::login(parts.user);
        proxy.tls = Some(stream::tls(&mut params, Security::Tls));
        if parts.scheme.to_ascii_lowercase().ends_with("+quic") {
            proxy.set(Param::Carrier, "quic");
        }
        Ok(close(proxy, &parts, params, TABLE))
    }

    fn print(&self, proxy: &Proxy) -> String {
        let mut proxy = proxy.clone();
        let quic = proxy.param(Param::Carrier) == Some("quic");
        if quic {
            proxy.set(Param::Carrier, "");
        }
        let scheme = if quic { "naive+quic" } else { "naive+https" };
        socks::print_with(scheme, &proxy, TABLE)
    }
}
