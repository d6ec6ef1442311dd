//! Brook links: `brook://server?server=192.0.2.1%3A9999&password=…`; `wsserver`, `wssserver` and
//! `quicserver` have an address with a scheme, and a path.
//!
//! Specification: <https://www.txthinking.com/talks/articles/brook-link-en.article>
//!
//! `brook://socks5` is a SOCKS proxy: it is read as that, and printed as `socks5://`.

use super::params::{Name, Params, Printed, close, names};
use super::parts::{Parts, decode, encode, endpoint, fragment, split, trim};
use super::{Reason, Scheme, stream};
use crate::proxy::{Credentials, Network, Protocol, Proxy, Security};

pub(super) struct Brook;

/// The kinds of server: the name, the scheme of its address, its network and whether TLS is around it.
const KINDS: [(Name, &str, Network, bool); 4] = [
    (Name::new("server"), "", Network::Tcp, false),
    (Name::new("wsserver"), "ws", Network::Ws, false),
    (Name::new("wssserver"), "wss", Network::Ws, true),
    (Name::new("quicserver"), "quic", Network::Quic, true),
];

impl Scheme for Brook {
    fn names(&self) -> &'static [&'static str] {
        &["brook"]
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[Protocol::Brook]
    }

    fn specification(&self) -> &'static str {
        "https://www.txthinking.com/talks/articles/brook-link-en.article"
    }

    fn example(&self) -> &'static str {
        "brook://wssserver?wssserver=wss%3A%2F%2F192.0.2.1%3A443%2Fws&password=secret&sni=example.com#Berlin"
    }

    fn parse(&self, link: &str) -> Result<Proxy, Reason> {
        let parts = split(link)?;
        if parts.host.eq_ignore_ascii_case("socks5") {
            return socks(&parts);
        }
        let kind = KINDS.into_iter().find(|(kind, ..)| parts.host.eq_ignore_ascii_case(kind.text()));
        let (kind, _, network, secure) = kind.ok_or(Reason::Malformed(
            "the server is none of server, wsserver, wssserver, quicserver and socks5",
        ))?;
        let mut params = Params::read(parts.query);
        let address = params.take(&[kind]);
        let place = address.split_once("://").map_or(address.as_str(), |(_, place)| place);
        let (host, path) = place.split_at(place.find('/').unwrap_or(place.len()));
        let usual = if secure { 443 } else { 80 };
        let at = endpoint(host, (network != Network::Tcp).then_some(usual))?;
        let mut proxy = Proxy::new(Protocol::Brook, at.host, at.port);
        proxy.transport.path = path.into();
        proxy.transport.network = network;
        proxy.tls = secure.then(|| stream::tls(&mut params, Security::Tls));
        let password = params.take_as_is(names!["password"]);
        if password.is_empty() {
            return Err(Reason::Malformed("the password is missing: expected the parameter password"));
        }
        proxy.credentials = Credentials::Password(password.into());
        Ok(named(proxy, &parts, params))
    }

    fn print(&self, proxy: &Proxy) -> String {
        let network = proxy.transport.network;
        let is = |(_, _, known, secure): &&(Name, &str, Network, bool)| {
            *known == network && (*secure == proxy.tls.is_some() || network != Network::Ws)
        };
        let (kind, scheme, ..) = KINDS.iter().find(is).copied().unwrap_or(KINDS[0]);
        let mark = if scheme.is_empty() { "" } else { "://" };
        let mut query = Printed::default();
        query.add(kind.text(), &format!("{scheme}{mark}{}{}", proxy.endpoint, proxy.transport.path));
        if let Credentials::Password(password) = &proxy.credentials {
            query.add("password", password.expose());
        }
        query.add_tls(proxy, ["sni", "insecure"]);
        query.add_rest(proxy, &[]);
        format!("brook://{}{}{}", kind.text(), query.finish(), fragment(&proxy.name))
    }
}

/// Reads `brook://socks5?socks5=socks5://192.0.2.1:1080&username=…&password=…`.
fn socks(parts: &Parts<'_>) -> Result<Proxy, Reason> {
    let mut params = Params::read(parts.query);
    let address = params.take(names!["socks5"]);
    let place = address.split_once("://").map_or(address.as_str(), |(_, place)| place);
    let at = endpoint(place.trim_end_matches('/'), Some(1080))?;
    let mut proxy = Proxy::new(Protocol::Socks5, at.host, at.port);
    let (username, password) = (params.take_as_is(names!["username"]), params.take_as_is(names!["password"]));
    if !username.is_empty() || !password.is_empty() {
        proxy.credentials = Credentials::Login { username, password: password.into() };
    }
    Ok(named(proxy, parts, params))
}

/// Closes a link whose name is a parameter where nothing stands behind its `#`.
fn named(proxy: Proxy, parts: &Parts<'_>, mut params: Params) -> Proxy {
    if !trim(&decode(parts.fragment)).is_empty() {
        return close(proxy, parts, params, &[]);
    }
    let name = encode(&params.take(names!["name"]));
    close(proxy, &Parts { fragment: &name, ..*parts }, params, &[])
}
