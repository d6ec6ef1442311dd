//! Trojan links: `trojan://password@host:port?sni=…#name`. Port 443 and TLS where nothing is said.
//! `trojan-go://` is the same with a Shadowsocks layer to choose, and is printed as `trojan://`.
//!
//! Specification: <https://github.com/p4gefau1t/trojan-go/blob/master/docs/content/developer/url.md>
//! and, for the query, <https://github.com/XTLS/Xray-core/discussions/716>
//!
//! # Differences between programs
//!
//! Trojan-Go writes `type=original` for plain TCP and `encryption=ss;method:password` for its layer.

use super::params::{Params, Printed, close, names};
use super::parts::{decode, encode, endpoint, fragment, split};
use super::{Reason, Scheme, stream};
use crate::proxy::{Credentials, Protocol, Proxy, Security};

pub(super) struct Trojan;

impl Scheme for Trojan {
    fn names(&self) -> &'static [&'static str] {
        &["trojan", "trojan-go"]
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
        params.drop(names!["type"], |said| said.eq_ignore_ascii_case("original"));
        let mut proxy = Proxy::new(Protocol::Trojan, at.host, at.port);
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
        stream::print(proxy, &mut query, stream::TABLE);
        format!("trojan://{user}@{}{}{}", proxy.endpoint, query.finish(), fragment(&proxy.name))
    }
}
