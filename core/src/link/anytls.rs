//! `AnyTLS` links: `anytls://password@host:port/?sni=…&insecure=1#name`. Port 443 where none is said.
//!
//! Specification: <https://github.com/anytls/anytls-go/blob/main/docs/uri_scheme.md>
//!
//! # Differences between programs
//!
//! REALITY and the other parameters of VLESS are read too, as Sub-Store does.

use super::params::{Params, Printed, close};
use super::parts::{decode, encode, endpoint, fragment, split};
use super::{Reason, Scheme, stream};
use crate::proxy::{Credentials, Protocol, Proxy, Security};

pub(super) struct AnyTls;

impl Scheme for AnyTls {
    fn names(&self) -> &'static [&'static str] {
        &["anytls"]
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[Protocol::AnyTls]
    }

    fn specification(&self) -> &'static str {
        "https://github.com/anytls/anytls-go/blob/main/docs/uri_scheme.md"
    }

    fn example(&self) -> &'static str {
        "anytls://secret@192.0.2.1:443?sni=example.com&insecure=1#Berlin"
    }

    fn parse(&self, link: &str) -> Result<Proxy, Reason> {
        let parts = split(link)?;
        let password = decode(parts.user.unwrap_or_default());
        if password.is_empty() {
            return Err(Reason::Malformed("the password is missing: expected password@host:port"));
        }
        let at = endpoint(parts.host, Some(443))?;
        let mut params = Params::read(parts.query);
        let mut proxy = Proxy::new(Protocol::AnyTls, at.host, at.port);
        (proxy.transport, proxy.tls) = stream::read(&mut params, Some(Security::Tls))?;
        proxy.credentials = Credentials::Password(password.into());
        Ok(close(proxy, &parts, params, stream::TABLE))
    }

    fn print(&self, proxy: &Proxy) -> String {
        let user = match &proxy.credentials {
            Credentials::Password(password) => encode(password.expose()),
            _ => String::new(),
        };
        let mut query = Printed::default();
        stream::print_unusual(proxy, Some(Security::Tls), &mut query, stream::TABLE);
        format!("anytls://{user}@{}{}{}", proxy.endpoint, query.finish(), fragment(&proxy.name))
    }
}
