//! The client of Hysteria 1.
//!
//! Specification: <https://v1.hysteria.network/docs/advanced-usage/>
//!
//! # Differences between programs
//!
//! `obfs` is the secret of the obfuscation, whose mode is always `xplus`; `auth` is base64.

use super::{
    Param, Program, Protocol, Proxy, Reason, Table, Text, Tree, megabits, password, password_of, put_tls,
    speaks, take_tls,
};
use crate::link::{base64, hopping, print_hopping};

pub(in super::super) static HYSTERIA: Program = Program {
    name: "hysteria",
    specification: "https://v1.hysteria.network/docs/advanced-usage/",
    is_yaml: false,
    example: r#"{"server": "192.0.2.1:443", "auth_str": "secret", "up_mbps": 10, "down_mbps": 50, "server_name": "example.com", "socks5": {"listen": "127.0.0.1:1080"}}"#,
    has: &["server"],
    has_any: &["up_mbps", "up", "auth_str", "recv_window_conn"],
    has_not: &["server_port", "port", "type", "outbounds", "proxies"],
    read: |object| vec![read(object)],
    fits,
    write,
};

const TABLE: &Table = &[
    (Param::Carrier, &["protocol"]),
    (Param::ObfsPassword, &["obfs"]),
    (Param::HopInterval, &["hop_interval"]),
    (Param::FastOpen, &["fast_open"]),
];

/// The bandwidth as a number, and as a text with its unit.
const SPEEDS: [(Param, [&str; 2]); 2] =
    [(Param::Up, ["up_mbps", "up"]), (Param::Down, ["down_mbps", "down"])];

const TLS: [&[&str]; 3] = [&["server_name"], &["insecure"], &["alpn"]];
const LISTEN: &str = "socks5.listen";

fn read(mut object: Tree) -> Result<Proxy, Reason> {
    let server = object.take(&["server"]);
    let (at, ports) = hopping(&server)?;
    let mut proxy = Proxy::new(Protocol::Hysteria, at.host, at.port);
    proxy.set(Param::Ports, ports);
    proxy.tls = Some(take_tls(&mut object, TLS));
    let auth = match object.take_as_is(&["auth_str"]) {
        auth if auth.is_empty() => auth_of(&mut object),
        auth => auth,
    };
    proxy.credentials = password(auth);
    object.give(&mut proxy, TABLE);
    for (param, names) in SPEEDS {
        let speed = megabits(&object.take(&names));
        proxy.set(param, speed);
    }
    if proxy.param(Param::ObfsPassword).is_some() {
        proxy.set(Param::Obfs, "xplus");
    }
    object.take(&[LISTEN]);
    object.keep("hysteria", &mut proxy);
    Ok(proxy)
}

/// Takes `auth`, which is base64; what is no base64 of a text is left.
fn auth_of(object: &mut Tree) -> Text {
    let encoded = object.take(&["auth"]);
    let decoded = base64::decode_text(&encoded);
    if decoded.is_none() {
        object.put_some("auth", &encoded);
    }
    decoded.unwrap_or_default().into()
}

fn fits(proxy: &Proxy) -> Result<(), &'static str> {
    speaks(proxy, Protocol::Hysteria)?;
    if proxy.param(Param::Up).is_none() || proxy.param(Param::Down).is_none() {
        return Err("Hysteria 1 does not run without a bandwidth");
    }
    let plain = proxy.param(Param::Obfs).is_none_or(|obfs| obfs == "xplus");
    if plain { Ok(()) } else { Err("Hysteria 1 has no obfuscation but xplus") }
}

fn write(proxy: &Proxy, object: &mut Tree) {
    let mut rest = proxy.clone();
    object.put("server", print_hopping(&mut rest));
    object.put_some("auth_str", password_of(proxy));
    object.put_params(proxy, TABLE);
    for (param, [number, text]) in SPEEDS {
        let speed = proxy.param(param).unwrap_or_default();
        object.put_number(if speed.bytes().all(|byte| byte.is_ascii_digit()) { number } else { text }, speed);
    }
    if let Some(tls) = &proxy.tls {
        put_tls(object, tls, [TLS[0], TLS[1], &[]]);
        object.put_some("alpn", &tls.alpn.join(","));
    }
    object.put(LISTEN, "127.0.0.1:1080");
}
