//! The client of TUIC, versions 5 and 4.
//!
//! Specification: <https://github.com/EAimTY/tuic/blob/dev/tuic-client/README.md>
//!
//! # Differences between programs
//!
//! The name in `server` is the server name; `ip` is the address, where it is another. Version 4 has a
//! `port` and a `token`.

use super::{Credentials, Param, Program, Protocol, Proxy, Reason, Table, Tree, put_tls, speaks, take_tls};
use crate::link;

pub(in super::super) static TUIC: Program = Program {
    name: "tuic",
    specification: "https://github.com/EAimTY/tuic/blob/dev/tuic-client/README.md",
    is_yaml: false,
    example: r#"{"relay": {"server": "example.com:443", "uuid": "b831381d-6324-4d53-ad4f-8cda48b30811", "password": "secret", "congestion_control": "bbr"}, "local": {"server": "127.0.0.1:1080"}}"#,
    has: &["relay"],
    has_any: &[],
    has_not: &["outbounds", "proxies"],
    read: |object| vec![read(object)],
    fits: |proxy| {
        speaks(proxy, Protocol::Tuic)?;
        let five = matches!(proxy.credentials, Credentials::User { .. });
        if five { Ok(()) } else { Err("TUIC 5 needs an id and a password") }
    },
    write,
};

const TABLE: &Table = &[
    (Param::Congestion, &["relay.congestion_control", "relay.congestion_controller"]),
    (Param::UdpRelayMode, &["relay.udp_relay_mode"]),
    (Param::ReduceRtt, &["relay.zero_rtt_handshake", "relay.reduce_rtt"]),
    (Param::DisableSni, &["relay.disable_sni"]),
];

const TLS: [&[&str]; 3] = [&["relay.sni"], &["relay.skip_cert_verify", "relay.insecure"], &["relay.alpn"]];
const HEARTBEAT: &[&str] = &["relay.heartbeat", "relay.heartbeat_interval"];
const LISTEN: &[&str] = &["local.server"];

fn read(mut object: Tree) -> Result<Proxy, Reason> {
    let (server, port) = (object.take(&["relay.server"]), object.take(&["relay.port"]));
    let mut at = link::endpoint(&server, Some(443))?;
    if !port.is_empty() {
        at.port = link::port(&port)?;
    }
    let mut tls = take_tls(&mut object, TLS);
    let ip = object.take(&["relay.ip"]);
    if !ip.is_empty() {
        if tls.server_name.is_empty() {
            tls.server_name = std::mem::take(&mut at.host);
        }
        at.host = link::host(&ip)?;
    }
    let mut proxy = Proxy::new(Protocol::Tuic, at.host, at.port);
    proxy.tls = Some(tls);
    proxy.credentials = credentials(&mut object)?;
    object.give(&mut proxy, TABLE);
    heartbeat(&mut object, &mut proxy);
    object.take(LISTEN);
    object.keep("tuic", &mut proxy);
    Ok(proxy)
}

fn credentials(object: &mut Tree) -> Result<Credentials, Reason> {
    let (id, token) = (object.take(&["relay.uuid"]), object.take_as_is(&["relay.token"]));
    if id.is_empty() && token.is_empty() {
        return Err(Reason::Malformed("the user is missing: expected uuid and password, or a token"));
    }
    if id.is_empty() {
        return Ok(Credentials::Password(token.into()));
    }
    Ok(Credentials::User { id: id.into(), password: object.take_as_is(&["relay.password"]).into() })
}

/// Takes the time between heartbeats, which has a unit: here it is milliseconds.
fn heartbeat(object: &mut Tree, proxy: &mut Proxy) {
    let said = object.take(HEARTBEAT);
    let number = |digits: &str| digits.trim_end().parse::<u32>().ok();
    let thousands = said.strip_suffix('s').and_then(number).and_then(|seconds| seconds.checked_mul(1000));
    match said.strip_suffix("ms").and_then(number).or(thousands).or_else(|| number(&said)) {
        Some(time) => proxy.set(Param::Heartbeat, time.to_string()),
        None => object.put_some("relay.heartbeat", &said),
    }
}

fn write(proxy: &Proxy, object: &mut Tree) {
    let mut tls = proxy.tls.clone().unwrap_or_default();
    let mut at = proxy.endpoint.clone();
    if !tls.server_name.is_empty()
        && link::host(&tls.server_name).is_ok()
        && at.host.parse::<std::net::IpAddr>().is_ok()
    {
        object.put("relay.ip", at.host.as_str());
        at.host = std::mem::take(&mut tls.server_name);
    }
    object.put("relay.server", at.to_string());
    if let Credentials::User { id, password } = &proxy.credentials {
        object.put("relay.uuid", id.expose());
        object.put("relay.password", password.expose());
    }
    put_tls(object, &tls, TLS);
    object.put_params(proxy, TABLE);
    if let Some(time) = proxy.param(Param::Heartbeat) {
        object.put("relay.heartbeat", format!("{time}ms"));
    }
    object.put("local.server", "127.0.0.1:1080");
}
