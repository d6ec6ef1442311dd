//! Trojan links: `trojan://password@host:port?sni=…#name`. Port 443 and TLS where nothing is said.
//!
//! Specification: <https://github.com/p4gefau1t/trojan-go/blob/master/docs/content/developer/url.md>
//! and, for the query, <https://github.com/XTLS/Xray-core/discussions/716>

use super::params::{Params, Printed, close};
use super::parts::{decode, encode, endpoint, fragment, split};
use super::{Reason, Scheme, stream};
use crate::proxy::{Credentials, Protocol, Proxy, Security};

pub(super) struct Trojan;

impl Scheme for Trojan {
    fn names(&self) -> &'static [&'static str] {
        &["trojan"]
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[Protocol::Trojan]
    }

    fn specification(&self) -> &'static str {
        "https://github.com/p4gefau1t/trojan-go/blob/master/docs/content/developer/url.md"
    }

    fn example(&self) -> &'static str {
        "trojan://secret@192.0.2.1:443?type=tcp&security=tls&sni=example.com#Berlin"
    }

    fn parse(&self, link: &str) -> Result<Proxy, Reason> {
        let parts = split(link)?;
        let password = decode(parts.user.unwrap_or_default());
        if password.is_empty() {
            return Err(Reason::Malformed("the password is missing: expected password@host:port"));
        }
        let at = endpoint(parts.host, Some(443))?;
        let mut params = Params::read(parts.query);
        let mut proxy = Proxy::new(Protocol::Trojan, at.host, at.port);
        (proxy.transport, proxy.tls) = stream::read(&mut params, Some(Security::Tls))?;
        proxy.credentials = Credentials::Password(password.into());
        Ok(close(proxy, &parts, params))
    }

    fn print(&self, proxy: &Proxy) -> String {
        let user = match &proxy.credentials {
            Credentials::Password(password) => encode(password.expose()),
            _ => String::new(),
        };
        let mut query = Printed::default();
        stream::print(proxy, &mut query);
        format!("trojan://{user}@{}{}{}", proxy.endpoint, query.finish(), fragment(&proxy.name))
    }
}
