//! The client of mieru. Each binding of each server of each profile is a proxy.
//!
//! Specification: <https://github.com/enfein/mieru/blob/main/docs/client-install.md>
//!
//! # Incomplete support
//!
//! Of a profile only what is here is read: `activeProfile` and the client's own ports are not.

use super::{Credentials, Param, Program, Protocol, Proxy, Reason, Table, Tree, Value, speaks};
use crate::link;

pub(in super::super) static MIERU: Program = Program {
    name: "mieru",
    specification: "https://github.com/enfein/mieru/blob/main/docs/client-install.md",
    is_yaml: false,
    example: r#"{"profiles": [{"profileName": "default", "user": {"name": "user", "password": "secret"}, "servers": [{"ipAddress": "192.0.2.1", "portBindings": [{"port": 6666, "protocol": "TCP"}]}]}], "activeProfile": "default", "socks5Port": 1080}"#,
    has: &["profiles"],
    has_any: &["activeProfile", "socks5Port", "rpcPort"],
    has_not: &["outbounds", "proxies"],
    read,
    fits: |proxy| speaks(proxy, Protocol::Mieru),
    write,
};

const TABLE: &Table = &[
    (Param::Group, &["profileName"]),
    (Param::Mtu, &["mtu"]),
    (Param::Multiplexing, &["multiplexing.level"]),
    (Param::HandshakeMode, &["handshakeMode"]),
];

/// The most bindings that are read: each is a copy of its profile.
const MOST: usize = 64;

fn read(mut object: Tree) -> Vec<Result<Proxy, Reason>> {
    let mut proxies = Vec::new();
    for mut profile in objects(object.take_value(&["profiles"])) {
        let user = profile.take_tree("user").unwrap_or_default();
        let servers = objects(profile.take_value(&["servers"]));
        for mut server in servers {
            for binding in objects(server.take_value(&["portBindings"])) {
                if proxies.len() < MOST {
                    proxies.push(one(profile.clone(), user.clone(), server.clone(), binding));
                }
            }
        }
    }
    if proxies.is_empty() {
        proxies.push(Err(Reason::Malformed("no profile has a server with a port")));
    }
    proxies
}

fn objects(list: Option<Value>) -> Vec<Tree> {
    match list {
        Some(Value::Array(items)) => items.into_iter().filter_map(Tree::of).collect(),
        _ => Vec::new(),
    }
}

fn one(mut profile: Tree, mut user: Tree, mut server: Tree, mut binding: Tree) -> Result<Proxy, Reason> {
    let host = server.take_host(&["ipAddress", "domainName"])?;
    let range = binding.take(&["portRange"]);
    let port = match range.split('-').next() {
        Some(first) if !first.is_empty() => link::port(first)?,
        _ => binding.take_port(&["port"])?,
    };
    let mut proxy = Proxy::new(Protocol::Mieru, host, port);
    let (username, password) = (user.take_as_is(&["name"]), user.take_as_is(&["password"]));
    proxy.credentials = Credentials::Login { username, password: password.into() };
    proxy.set(Param::Ports, range);
    let carrier = binding.take(&["protocol"]);
    proxy.set(Param::Carrier, if carrier.eq_ignore_ascii_case("TCP") { "" } else { &carrier });
    profile.give(&mut proxy, TABLE);
    profile.keep("mieru", &mut proxy);
    Ok(proxy)
}

fn write(proxy: &Proxy, object: &mut Tree) {
    let mut profile = std::mem::take(object);
    if let Credentials::Login { username, password } = &proxy.credentials {
        profile.put("user.name", username.as_str());
        profile.put("user.password", password.expose());
    }
    profile.put_params(proxy, TABLE);
    let mut binding = Tree::default();
    match proxy.param(Param::Ports) {
        Some(range) => binding.put("portRange", range),
        None => binding.put("port", proxy.endpoint.port),
    }
    binding.put("protocol", proxy.param(Param::Carrier).unwrap_or("TCP"));
    let mut server = Tree::default();
    let is_address = proxy.endpoint.host.parse::<std::net::IpAddr>().is_ok();
    server.put(if is_address { "ipAddress" } else { "domainName" }, proxy.endpoint.host.as_str());
    server.put("portBindings", vec![binding.value()]);
    profile.put("servers", vec![server.value()]);
    object.put_some("activeProfile", proxy.param(Param::Group).unwrap_or_default());
    object.put("profiles", vec![profile.value()]);
    object.put("socks5Port", 1080);
    object.put("rpcPort", 1081);
}
