//! Hysteria 2 links: `hysteria2://password@host:443,5000-6000/?obfs=salamander&obfs-password=…&sni=…`.
//! A server that is found in a realm has the realm's server as its host: `hysteria2+realm://…`.
//!
//! Specification: <https://v2.hysteria.network/docs/developers/URI-Scheme/>
//!
//! # Differences between programs
//!
//! - Ports to hop over stand behind the host, in `mport` or in `ports`.
//! - `user:password` is one secret. Lists write it with a raw `#`, and the secret of the obfuscation
//!   with a raw `&`.
//! - `pinSHA256` comes with colons and without.
//! - `+http` behind `+realm` is a realm without TLS; `stun` repeats.

use std::borrow::Cow;

use super::params::{Params, Printed, Table, close, items, names, secret};
use super::parts::{Parts, decode, encode, endpoint, fragment, split};
use super::{Reason, Scheme, stream};
use crate::Text;
use crate::proxy::{Credentials, Endpoint, Param, Protocol, Proxy, Security};

pub(super) struct Hysteria2;

const TABLE: &Table = &[
    (Param::Ports, names!["mport", "ports"]),
    (Param::HopInterval, names!["hop-interval", "hopInterval", "mportHopInt"]),
    (Param::Up, names!["up", "upmbps"]),
    (Param::Down, names!["down", "downmbps"]),
    (Param::Obfs, names!["obfs"]),
    (Param::ObfsPassword, names!["obfs-password"]),
    (Param::CertSha256, names!["pinSHA256"]),
    (Param::FastOpen, names!["fastopen"]),
    (Param::Realm, names!["realm-id"]),
    (Param::RealmToken, names!["realm-token"]),
];

impl Scheme for Hysteria2 {
    fn names(&self) -> &'static [&'static str] {
        &["hysteria2", "hy2", "hysteria2+realm", "hysteria2+realm+http", "hy2+realm", "hy2+realm+http"]
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[Protocol::Hysteria2]
    }

    fn specification(&self) -> &'static str {
        "https://v2.hysteria.network/docs/developers/URI-Scheme/"
    }

    fn example(&self) -> &'static str {
        "hysteria2://secret@192.0.2.1:443,5000-6000?sni=example.com&insecure=1&obfs=salamander&obfs-password=other#Berlin"
    }

    fn parse(&self, link: &str) -> Result<Proxy, Reason> {
        let link = escape_user(link);
        let parts = split(&link)?;
        let mut params = Params::read(&join_secret(parts.query));
        let (at, hops) = hopping(parts.host)?;
        let mut proxy = Proxy::new(Protocol::Hysteria2, at.host, at.port);
        proxy.set(Param::Ports, hops);
        proxy.tls = Some(stream::tls(&mut params, Security::Tls));
        params.drop(names!["security"], |said| said.eq_ignore_ascii_case("tls"));
        params.drop(names!["obfs"], |said| said.eq_ignore_ascii_case("none"));
        let auth = auth(&parts, &mut params, &mut proxy)?;
        if !auth.is_empty() {
            proxy.credentials = Credentials::Password(auth.into());
        }
        proxy.set(Param::Stun, stun(&mut params));
        let proxy = close(proxy, &parts, params, TABLE);
        if proxy.param(Param::Obfs).is_some() && proxy.param(Param::ObfsPassword).is_none() {
            return Err(Reason::Malformed(
                "the obfuscation has no secret: expected obfs-password beside obfs",
            ));
        }
        Ok(proxy)
    }

    fn print(&self, proxy: &Proxy) -> String {
        let mut rest = proxy.clone();
        let mut query = Printed::default();
        let auth = match &proxy.credentials {
            Credentials::Password(password) => password.expose(),
            _ => "",
        };
        let place = if let Some(realm) = proxy.param(Param::Realm) {
            print_realm(realm, auth, &mut rest, &mut query)
        } else {
            let user = if auth.is_empty() { String::new() } else { format!("{}@", encode(auth)) };
            format!("hysteria2://{user}{}", print_hopping(&mut rest))
        };
        query.add_tls(proxy, ["sni", "insecure"]);
        query.add_rest(&rest, TABLE);
        format!("{place}{}{}", query.finish(), fragment(&proxy.name))
    }
}

/// Escapes a raw `#` in the user info: one before any `@`, where what follows the next `@` is a host
/// with a port.
fn escape_user(link: &str) -> Cow<'_, str> {
    let escaped = || {
        let (scheme, rest) = link.split_once("://")?;
        let (before, after) = rest.split_once('#')?;
        let (more, place) = after.split_once('@')?;
        let host = place.split(['/', '?', '#']).next()?;
        let is_host = before.contains(['@', '/', '?', '.', ':']) || !host.contains(':');
        (!is_host && hopping(host).is_ok())
            .then(|| format!("{scheme}://{before}%23{}@{place}", more.replace('#', "%23")))
    };
    escaped().map_or(Cow::Borrowed(link), Cow::Owned)
}

/// Puts a secret together that a raw `&` has cut: what follows it has no `=`.
fn join_secret(query: &str) -> Cow<'_, str> {
    if !query.contains("obfs-password=") {
        return Cow::Borrowed(query);
    }
    let mut pieces: Vec<String> = Vec::new();
    for piece in query.split('&') {
        match pieces.last_mut().filter(|last| last.starts_with("obfs-password=")) {
            Some(last) if !piece.is_empty() && !piece.contains('=') => last.extend(["%26", piece]),
            _ => pieces.push(piece.to_owned()),
        }
    }
    Cow::Owned(pieces.join("&"))
}

/// Reads `host:443,5000-6000`: the first port is the endpoint's, and all of them are the ports.
pub(crate) fn hopping(text: &str) -> Result<(Endpoint, &str), Reason> {
    let of_ports = |byte: u8| byte.is_ascii_digit() || matches!(byte, b',' | b'-');
    let (host, ports) = text.rsplit_once(':').unwrap_or((text, ""));
    if !ports.contains([',', '-']) || !ports.bytes().all(of_ports) {
        return Ok((endpoint(text, Some(443))?, ""));
    }
    let first = ports.split([',', '-']).next().unwrap_or_default();
    Ok((endpoint(&format!("{host}:{first}"), None)?, ports))
}

/// Prints what [`hopping`] reads, and takes the ports away where they stand behind the host.
pub(crate) fn print_hopping(proxy: &mut Proxy) -> String {
    let place = proxy.endpoint.to_string();
    let Some(ports) = proxy.param(Param::Ports) else { return place };
    let host = place.rsplit_once(':').map_or("", |(host, _)| host);
    let hopping_place = format!("{host}:{ports}");
    if hopping(&hopping_place).is_ok_and(|(at, found)| at == proxy.endpoint && found == ports) {
        proxy.set(Param::Ports, "");
        return hopping_place;
    }
    place
}

/// The secret. In a realm the user info is the realm's token, and the path its id.
fn auth(parts: &Parts<'_>, params: &mut Params, proxy: &mut Proxy) -> Result<Text, Reason> {
    let scheme = parts.scheme.to_ascii_lowercase();
    if !scheme.contains("+realm") {
        return Ok(secret(parts, params, names!["auth"]));
    }
    let token = decode(parts.user.unwrap_or_default());
    let realm = decode(parts.path.trim_matches('/')).trim().to_owned();
    if realm.is_empty() {
        return Err(Reason::Malformed("the realm's id is missing: expected token@host/id"));
    }
    proxy.set(Param::Realm, realm);
    proxy.set(Param::RealmToken, token.trim());
    proxy.set(Param::Carrier, if scheme.ends_with("+http") { "http" } else { "" });
    Ok(params.take(names!["auth"]))
}

/// Takes every STUN server.
fn stun(params: &mut Params) -> String {
    let lists = params.take_every(names!["stun"]);
    lists.iter().flat_map(|list| items(list)).collect::<Vec<_>>().join(",")
}

/// Prints a link into a realm, and takes away what it says.
fn print_realm(realm: &str, auth: &str, rest: &mut Proxy, query: &mut Printed) -> String {
    let token = rest.param(Param::RealmToken).map_or(String::new(), |token| format!("{}@", encode(token)));
    let plain = rest.param(Param::Carrier) == Some("http");
    query.add_some("auth", auth);
    for server in rest.param(Param::Stun).unwrap_or_default().split(',') {
        query.add_some("stun", server);
    }
    let said = [Param::Realm, Param::RealmToken, Param::Stun];
    for param in said.into_iter().chain(plain.then_some(Param::Carrier)) {
        rest.set(param, "");
    }
    let scheme = if plain { "hysteria2+realm+http" } else { "hysteria2+realm" };
    format!("{scheme}://{token}{}/{}", rest.endpoint, encode(realm))
}
