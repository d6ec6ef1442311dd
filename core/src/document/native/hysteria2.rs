//! The client of Hysteria 2. Its file is YAML, which JSON is too; JSON is written.
//!
//! Specification: <https://v2.hysteria.network/docs/advanced/Full-Client-Config/>
//!
//! # Differences between programs
//!
//! `server` may be a link, which says all.

use super::{
    Param, Program, Protocol, Proxy, Reason, Table, Tls, Tree, megabits, password, password_of, put_tls,
    speaks, take_tls,
};
use crate::link::{self, hopping, print_hopping};

pub(in super::super) static HYSTERIA2: Program = Program {
    name: "hysteria2",
    specification: "https://v2.hysteria.network/docs/advanced/Full-Client-Config/",
    is_yaml: true,
    example: r#"{"server": "192.0.2.1:443", "auth": "secret", "tls": {"sni": "example.com"}, "socks5": {"listen": "127.0.0.1:1080"}}"#,
    has: &["server"],
    has_any: &["auth", "tls", "obfs", "transport", "bandwidth", "quic", "lazy", "fastOpen"],
    has_not: &[
        "server_port",
        "port",
        "type",
        "method",
        "password",
        "uuid",
        "up",
        "up_mbps",
        "auth_str",
        "outbounds",
    ],
    read: |object| vec![read(object)],
    fits,
    write,
};

const TABLE: &Table = &[
    (Param::Obfs, &["obfs.type"]),
    (Param::ObfsPassword, &["obfs.salamander.password", "obfs.password"]),
    (Param::CertSha256, &["tls.pinSHA256"]),
    (Param::FastOpen, &["fastOpen"]),
    (Param::Congestion, &["congestion.type"]),
];

const SPEEDS: [(Param, &str); 2] = [(Param::Up, "bandwidth.up"), (Param::Down, "bandwidth.down")];
const TLS: [&[&str]; 3] = [&["tls.sni"], &["tls.insecure"], &[]];
const HOP: &str = "transport.udp.hopInterval";
const LISTEN: &str = "socks5.listen";

fn read(mut object: Tree) -> Result<Proxy, Reason> {
    let server = object.take(&["server"]);
    let whole = if server.contains("://") { link::parse(&server)?.of_document() } else { plain(&server)? };
    let mut proxy = whole.clone();
    let auth = object.take_as_is(&["auth"]);
    if !auth.is_empty() {
        proxy.credentials = password(auth);
    }
    proxy.tls = Some(tls(&mut object, whole.tls.unwrap_or_default()));
    object.give(&mut proxy, TABLE);
    for (param, path) in SPEEDS {
        let speed = megabits(&object.take(&[path]));
        proxy.set(param, speed);
    }
    let hop = object.take(&[HOP]);
    proxy.set(Param::HopInterval, hop.strip_suffix('s').unwrap_or(&hop));
    for (param, said) in whole.params {
        if proxy.param(param).is_none() {
            proxy.set(param, said);
        }
    }
    object.take(&["transport.type"]);
    object.take(&[LISTEN]);
    object.keep("hysteria2", &mut proxy);
    Ok(proxy)
}

/// TLS as the object says it, and else as the link does.
fn tls(object: &mut Tree, of_link: Tls) -> Tls {
    let said = take_tls(object, TLS);
    let server_name =
        if said.server_name.is_empty() { of_link.server_name.clone() } else { said.server_name };
    Tls { server_name, insecure: said.insecure || of_link.insecure, ..of_link }
}

fn plain(server: &str) -> Result<Proxy, Reason> {
    let (at, ports) = hopping(server)?;
    let mut proxy = Proxy::new(Protocol::Hysteria2, at.host, at.port);
    proxy.set(Param::Ports, ports);
    Ok(proxy)
}

fn fits(proxy: &Proxy) -> Result<(), &'static str> {
    speaks(proxy, Protocol::Hysteria2)?;
    if proxy.param(Param::Realm).is_some() {
        return Err("a server in a realm is written as a link");
    }
    let plain = proxy.param(Param::Obfs).is_none_or(|obfs| obfs == "salamander");
    if plain { Ok(()) } else { Err("an obfuscation that Hysteria 2 does not have") }
}

fn write(proxy: &Proxy, object: &mut Tree) {
    let mut rest = proxy.clone();
    object.put("server", print_hopping(&mut rest));
    object.put_some("auth", password_of(proxy));
    if let Some(tls) = &proxy.tls {
        put_tls(object, tls, TLS);
    }
    object.put_params(proxy, TABLE);
    for (param, path) in SPEEDS {
        let speed = proxy.param(param).unwrap_or_default();
        let bare = !speed.is_empty() && speed.bytes().all(|byte| byte.is_ascii_digit());
        object.put_some(path, &if bare { format!("{speed} mbps") } else { speed.to_owned() });
    }
    if let Some(hop) = proxy.param(Param::HopInterval) {
        object.put("transport.type", "udp");
        // Of a range the least: the program takes one time.
        let seconds = hop.split('-').next().unwrap_or_default();
        object.put(HOP, format!("{seconds}s"));
    }
    object.put(LISTEN, "127.0.0.1:1080");
}
