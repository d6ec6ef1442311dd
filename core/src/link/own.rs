//! Links for what has none: `configstream://openvpn@192.0.2.1:1194?carrier=udp#Berlin`. All stands in
//! the query, under the names of the parameters; they are this program's own, so that a proxy which only
//! documents know can be kept and sent as one line.
//!
//! Specification: <https://www.rfc-editor.org/rfc/rfc3986>
//!
//! # Differences between programs
//!
//! No other program reads them.

use super::params::{Params, Printed, close, names};
use super::parts::{decode, endpoint, fragment, split};
use super::{Reason, Scheme};
use crate::proxy::{Credentials, Protocol, Proxy};

pub(super) struct Own;

const PROTOCOLS: &[Protocol] = &[Protocol::OpenVpn, Protocol::Other];

impl Scheme for Own {
    fn names(&self) -> &'static [&'static str] {
        &["configstream"]
    }

    fn protocols(&self) -> &'static [Protocol] {
        PROTOCOLS
    }

    fn specification(&self) -> &'static str {
        "https://www.rfc-editor.org/rfc/rfc3986"
    }

    fn example(&self) -> &'static str {
        "configstream://openvpn@192.0.2.1:1194?username=user&password=secret&carrier=udp#Berlin"
    }

    fn parse(&self, link: &str) -> Result<Proxy, Reason> {
        let parts = split(link)?;
        let key = decode(parts.user.unwrap_or_default());
        let protocol = PROTOCOLS.iter().find(|protocol| protocol.key().eq_ignore_ascii_case(&key));
        let protocol = protocol.ok_or(Reason::Malformed("expected openvpn@ or other@ before the host"))?;
        let at = endpoint(parts.host, None)?;
        let mut params = Params::read(parts.query);
        let mut proxy = Proxy::new(*protocol, at.host, at.port);
        let (username, password) =
            (params.take_as_is(names!["username"]), params.take_as_is(names!["password"]));
        if !username.is_empty() || !password.is_empty() {
            proxy.credentials = Credentials::Login { username, password: password.into() };
        }
        Ok(close(proxy, &parts, params, &[]))
    }

    fn print(&self, proxy: &Proxy) -> String {
        let mut query = Printed::default();
        if let Credentials::Login { username, password } = &proxy.credentials {
            query.add_some("username", username);
            query.add_some("password", password.expose());
        }
        query.add_rest(proxy, &[]);
        format!(
            "configstream://{}@{}{}{}",
            proxy.protocol.key(),
            proxy.endpoint,
            query.finish(),
            fragment(&proxy.name)
        )
    }
}
