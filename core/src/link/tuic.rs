//! TUIC links: `tuic://uuid:password@host:port?congestion_control=bbr&udp_relay_mode=native&sni=…`;
//! version 4 has a token alone before the host. Juicity's links are the same but for the name.
//!
//! Specification: <https://github.com/daeuniverse/dae/discussions/182>
//!
//! # Differences between programs
//!
//! The colon between id and password may be percent-encoded; the token may be a parameter.

use super::params::{Params, Printed, Table, close, names, secret};
use super::parts::{Parts, decode, encode, endpoint, fragment, split};
use super::{Reason, Scheme, shadowsocks, stream};
use crate::Text;
use crate::proxy::{Credentials, Param, Protocol, Proxy, Security};

pub(super) struct Tuic;

const TABLE: &Table = &[
    (Param::Congestion, names!["congestion_control", "congestion-controller", "congestion"]),
    (Param::UdpRelayMode, names!["udp_relay_mode"]),
    (Param::UdpOverStream, names!["udp_over_stream"]),
    (Param::ReduceRtt, names!["reduce_rtt", "zero_rtt_handshake", "zero_rtt"]),
    (Param::DisableSni, names!["disable_sni"]),
    (Param::Heartbeat, names!["heartbeat_interval", "heartbeat"]),
    (Param::FastOpen, names!["fast_open", "tfo"]),
    (Param::Ech, names!["ech"]),
];

impl Scheme for Tuic {
    fn names(&self) -> &'static [&'static str] {
        &["tuic"]
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[Protocol::Tuic]
    }

    fn specification(&self) -> &'static str {
        "https://github.com/daeuniverse/dae/discussions/182"
    }

    fn example(&self) -> &'static str {
        "tuic://b831381d-6324-4d53-ad4f-8cda48b30811:secret@192.0.2.1:443?sni=example.com&alpn=h3&congestion_control=bbr&udp_relay_mode=native#Berlin"
    }

    fn parse(&self, link: &str) -> Result<Proxy, Reason> {
        parse(link, Protocol::Tuic, TABLE)
    }

    fn print(&self, proxy: &Proxy) -> String {
        print("tuic", proxy, TABLE)
    }
}

/// Reads `scheme://id:password@host:port?…`.
pub(super) fn parse(link: &str, protocol: Protocol, table: &Table) -> Result<Proxy, Reason> {
    let parts = split(link)?;
    let at = endpoint(parts.host, Some(443))?;
    let mut params = Params::read(parts.query);
    let mut proxy = Proxy::new(protocol, at.host, at.port);
    proxy.tls = Some(stream::tls(&mut params, Security::Tls));
    proxy.credentials = user(&parts, &mut params)?;
    Ok(close(proxy, &parts, params, table))
}

fn user(parts: &Parts<'_>, params: &mut Params) -> Result<Credentials, Reason> {
    let user = parts.user.unwrap_or_default();
    let (id, password) = match user.split_once(':') {
        Some((id, password)) => (decode(id).into(), decode(password).into()),
        None => match decode(user).split_once(':') {
            Some((id, password)) => (id.into(), password.into()),
            None => (Text::from(decode(user)), Text::new()),
        },
    };
    if user.contains(':') || !password.is_empty() || shadowsocks::is_uuid(&id) {
        return Ok(Credentials::User { id: id.into(), password: password.into() });
    }
    match secret(parts, params, names!["token"]) {
        token if token.is_empty() => {
            Err(Reason::Malformed("the user is missing: expected uuid:password@host:port, or a token"))
        }
        token => Ok(Credentials::Password(token.into())),
    }
}

/// Prints what [`parse`] reads.
pub(super) fn print(scheme: &str, proxy: &Proxy, table: &Table) -> String {
    let mut query = Printed::default();
    let user = match &proxy.credentials {
        Credentials::User { id, password } => {
            format!("{}:{}@", encode(id.expose()), encode(password.expose()))
        }
        Credentials::Password(token) if is_plain(token.expose()) => format!("{}@", encode(token.expose())),
        Credentials::Password(token) => {
            query.add("token", token.expose());
            String::new()
        }
        _ => String::new(),
    };
    query.add_tls(proxy, ["sni", "allow_insecure"]);
    query.add_rest(proxy, table);
    format!("{scheme}://{user}{}{}{}", proxy.endpoint, query.finish(), fragment(&proxy.name))
}

/// Whether a token would not be taken for an id with or without its password.
fn is_plain(token: &str) -> bool {
    !token.contains(':') && !shadowsocks::is_uuid(token)
}
