//! One outbound or endpoint: a table of types, each with what it has, and what no table can say.
//!
//! Specification: <https://sing-box.sagernet.org/configuration/outbound/> and
//! <https://sing-box.sagernet.org/configuration/endpoint/wireguard/>

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::super::kept::Kept;
use super::super::tree::{Table, Tree, cut, text};
use super::{NAME, SECTIONS, Wrappers, query, stream};
use crate::link::{self, Reason, base64, plugin};
use crate::proxy::{Credentials, Param, Protocol, Tls};
use crate::{Proxy, Text};

/// A type of outbound.
pub(super) struct Kind {
    /// Its name.
    name: &'static str,
    /// Whose proxies it holds; the first unless something says otherwise.
    protocols: &'static [Protocol],
    /// How it calls parameters.
    table: &'static Table,
    /// Parameters that are durations: the path, and the milliseconds of one unit of the parameter.
    durations: &'static [(Param, &'static str, u64)],
    /// What of the rest is put back where it was kept.
    fields: &'static [&'static [&'static str]],
}

/// What every outbound has to say how it dials. Names of resolvers are not among them, since a list has
/// none.
const DIAL: &[&str] = &[
    "bind_address_no_port",
    "bind_interface",
    "connect_timeout",
    "disable_tcp_keep_alive",
    "fallback_delay",
    "fallback_network_type",
    "inet4_bind_address",
    "inet6_bind_address",
    "netns",
    "network_strategy",
    "network_type",
    "protect_path",
    "reuse_addr",
    "routing_mark",
    "tcp_fast_open",
    "tcp_keep_alive",
    "tcp_keep_alive_interval",
    "tcp_multi_path",
    "udp_fragment",
];

const NETWORK: &[&str] = &["network"];
const MULTIPLEX: &[&str] = &["multiplex"];
const TCP: &Table = &[(Param::FastOpen, &["tcp_fast_open"])];
const HOP: (Param, &str, u64) = (Param::HopInterval, "hop_interval", 1000);

/// Every type that is a proxy, but for those that are only read into [`Protocol::Other`].
pub(super) static KINDS: &[Kind] = &[
    Kind {
        name: "socks",
        protocols: &[Protocol::Socks5, Protocol::Socks4],
        table: TCP,
        durations: &[],
        fields: &[DIAL, NETWORK, &["version", "udp_over_tcp.version"]],
    },
    Kind {
        name: "http",
        protocols: &[Protocol::Http, Protocol::Https],
        table: TCP,
        durations: &[],
        fields: &[DIAL, stream::TLS, stream::NO_TLS, &["path", "headers"]],
    },
    Kind {
        name: "shadowsocks",
        protocols: &[Protocol::Shadowsocks],
        table: TCP,
        durations: &[],
        fields: &[DIAL, NETWORK, MULTIPLEX, &["udp_over_tcp.version"]],
    },
    Kind {
        name: "vmess",
        protocols: &[Protocol::Vmess],
        table: TCP,
        durations: &[],
        fields: &[
            DIAL,
            NETWORK,
            MULTIPLEX,
            stream::TLS,
            stream::NO_TLS,
            stream::TRANSPORT,
            &["authenticated_length", "global_padding"],
        ],
    },
    Kind {
        name: "vless",
        protocols: &[Protocol::Vless],
        table: TCP,
        durations: &[],
        fields: &[DIAL, NETWORK, MULTIPLEX, stream::TLS, stream::NO_TLS, stream::TRANSPORT],
    },
    Kind {
        name: "trojan",
        protocols: &[Protocol::Trojan],
        table: TCP,
        durations: &[],
        fields: &[DIAL, NETWORK, MULTIPLEX, stream::TLS, stream::NO_TLS, stream::TRANSPORT],
    },
    Kind {
        name: "naive",
        protocols: &[Protocol::Naive],
        table: &[
            (Param::Concurrency, &["insecure_concurrency"]),
            (Param::Congestion, &["quic_congestion_control"]),
            (Param::FastOpen, &["tcp_fast_open"]),
        ],
        durations: &[],
        fields: &[DIAL, stream::NAIVE_TLS, &["udp_over_tcp.version"]],
    },
    Kind {
        name: "hysteria",
        protocols: &[Protocol::Hysteria],
        table: &[],
        durations: &[HOP],
        fields: &[
            DIAL,
            NETWORK,
            stream::TLS,
            &["up", "down", "recv_window_conn", "recv_window", "disable_mtu_discovery"],
        ],
    },
    Kind {
        name: "hysteria2",
        protocols: &[Protocol::Hysteria2],
        table: &[],
        durations: &[HOP],
        fields: &[DIAL, NETWORK, stream::TLS, &["brutal_debug"]],
    },
    Kind {
        name: "tuic",
        protocols: &[Protocol::Tuic],
        table: &[
            (Param::Congestion, &["congestion_control"]),
            (Param::UdpRelayMode, &["udp_relay_mode"]),
            (Param::UdpOverStream, &["udp_over_stream"]),
            (Param::ReduceRtt, &["zero_rtt_handshake"]),
        ],
        durations: &[(Param::Heartbeat, "heartbeat", 1)],
        fields: &[DIAL, NETWORK, stream::TLS],
    },
    Kind {
        name: "anytls",
        protocols: &[Protocol::AnyTls],
        table: &[(Param::MinIdle, &["min_idle_session"]), (Param::FastOpen, &["tcp_fast_open"])],
        durations: &[
            (Param::IdleCheck, "idle_session_check_interval", 1000),
            (Param::IdleTimeout, "idle_session_timeout", 1000),
        ],
        fields: &[DIAL, stream::TLS],
    },
    Kind {
        name: "ssh",
        protocols: &[Protocol::Ssh],
        table: &[(Param::Passphrase, &["private_key_passphrase"]), (Param::FastOpen, &["tcp_fast_open"])],
        durations: &[],
        fields: &[DIAL, &["client_version", "host_key_algorithms", "private_key_path"]],
    },
    Kind {
        name: "wireguard",
        protocols: &[Protocol::WireGuard],
        table: &[(Param::Mtu, &["mtu"])],
        durations: &[],
        fields: &[DIAL, &["listen_port", "name", "system", "udp_timeout", "workers"]],
    },
    Kind {
        name: "shadowsocksr",
        protocols: &[Protocol::ShadowsocksR],
        table: &[
            (Param::Obfs, &["obfs"]),
            (Param::ObfsParam, &["obfs_param"]),
            (Param::SsrProtocol, &["protocol"]),
            (Param::ProtocolParam, &["protocol_param"]),
            (Param::FastOpen, &["tcp_fast_open"]),
        ],
        durations: &[],
        fields: &[],
    },
    Kind {
        name: "snell",
        protocols: &[Protocol::Snell],
        table: &[
            (Param::Version, &["version"]),
            (Param::Obfs, &["obfs_mode", "obfs"]),
            (Param::ObfsParam, &["obfs_host"]),
            (Param::Reuse, &["reuse"]),
        ],
        durations: &[],
        fields: &[],
    },
];

/// What a `shadowtls` outbound has.
const WRAPPER: &[&[&str]] = &[DIAL, stream::TLS, &["tls.utls", "tls.alpn", "tls.disable_sni"]];

/// The same outbound where it stands alone, all of it kept.
const ALONE: &[&[&str]] = &[DIAL, &["detour", "version", "password", "tls"]];

/// The name of `shadowtls` outbounds, and under which their part of a pair is kept.
const SHADOW_TLS: &str = "shadowtls";
const KEPT_WRAPPER: &str = "singbox-shadowtls";

/// What stands among outbounds and is no proxy.
const PASSED: &[&str] = &[
    "direct",
    "block",
    "dns",
    "selector",
    "urltest",
    "fallback",
    "loadbalance",
    "balancer",
    "tor",
    "tailscale",
    "bridge",
    "bond",
];

/// The networks of a peer that names none. It is written in this order to tell it from one that does.
const EVERYWHERE: [&str; 2] = ["::/0", "0.0.0.0/0"];

/// Reads an outbound or endpoint.
pub(super) fn read(mut tree: Tree, wrappers: &Wrappers) -> Vec<Result<Proxy, Reason>> {
    if let Some(read) = query::read(&tree) {
        return vec![read];
    }
    let name = tree.take(&["type"]).to_ascii_lowercase();
    let kind = KINDS.iter().find(|kind| kind.name == name);
    match (kind, name.as_str()) {
        (None, "") if SECTIONS.iter().any(|section| tree.has(section)) => Vec::new(),
        (None, "") => vec![Err(Reason::Malformed("the type is missing: expected an outbound with a type"))],
        (None, passed) if PASSED.contains(&passed) => Vec::new(),
        (None, SHADOW_TLS) if wrappers.used.contains(tree.clone().take_as_is(&["tag"]).as_str()) => {
            Vec::new()
        }
        (None, other) => vec![read_other(tree, other)],
        (Some(kind), "wireguard") => read_peers(tree, kind),
        (Some(kind), _) => vec![read_kind(tree, kind, wrappers)],
    }
}

/// A proxy of a type that nobody here knows, where it says where it listens.
fn read_other(mut tree: Tree, name: &str) -> Result<Proxy, Reason> {
    let (host, port) = (tree.take_host(&["server"]), tree.take_port(&["server_port"]));
    let (Ok(host), Ok(port)) = (host, port) else {
        return Err(Reason::UnknownType(name.chars().take(40).collect()));
    };
    let mut proxy = Proxy::new(Protocol::Other, host, port);
    proxy.set(Param::Type, name);
    proxy.name = tree.take(&["tag"]);
    tree.keep(NAME, &mut proxy);
    Ok(proxy)
}

fn read_kind(mut tree: Tree, kind: &Kind, wrappers: &Wrappers) -> Result<Proxy, Reason> {
    let wrapper = wrappers.of_outbound(&tree).filter(|_| kind.name == "shadowsocks");
    let protocol = kind.protocols.first().copied().unwrap_or(Protocol::Other);
    let ports = ports(&tree.take_list(&["server_ports"]));
    let mut proxy = match wrapper {
        Some((_, wrapper)) => wrapped(wrapper, &mut tree)?,
        None => Proxy::new(protocol, tree.take_host(&["server"])?, port(&mut tree, &ports)?),
    };
    proxy.set(Param::Ports, ports);
    proxy.name = tree.take(&["tag"]);
    finish(tree, proxy, kind)
}

/// The proxy of what is left after its place was read.
fn finish(mut tree: Tree, mut proxy: Proxy, kind: &Kind) -> Result<Proxy, Reason> {
    read_packet_encoding(&mut tree, &mut proxy);
    let mut tree = tree.without_empty();
    stream::read_tls(&mut tree, &mut proxy);
    stream::read_transport(&mut tree, &mut proxy)?;
    take_more(&mut tree, &mut proxy);
    proxy.credentials = credentials(&mut tree, proxy.protocol)?;
    for (param, path, unit) in kind.durations {
        let said = tree.take(&[path]);
        match millis(&said).filter(|millis| millis % unit == 0) {
            Some(millis) => proxy.set(*param, (millis / unit).to_string()),
            None => tree.put_some(path, &said),
        }
    }
    tree.give(&mut proxy, kind.table);
    tree.keep(NAME, &mut proxy);
    Ok(proxy)
}

/// The port, or the first of those that are hopped over.
fn port(tree: &mut Tree, ports: &str) -> Result<u16, Reason> {
    let said = tree.take(&["server_port"]);
    match (said.as_str(), ports) {
        ("" | "0", "") => Err(if said.is_empty() { Reason::NoPort } else { Reason::BadPort }),
        ("" | "0", ports) => link::port(ports.split(['-', ',']).next().unwrap_or_default()),
        (digits, _) => link::port(digits),
    }
}

/// Reads `a:b` as `a-b`, and `a:a` as `a`.
fn ports(ranges: &[impl AsRef<str>]) -> String {
    let range = |range: &str| match range.split_once(':') {
        Some((from, to)) if from == to => from.to_owned(),
        Some((from, "")) => format!("{from}-65535"),
        Some(("", to)) => format!("1-{to}"),
        Some((from, to)) => format!("{from}-{to}"),
        None => range.to_owned(),
    };
    ranges.iter().map(|text| range(text.as_ref())).collect::<Vec<_>>().join(",")
}

/// Writes what [`ports`] reads; nothing where any of it is no range.
fn ranges(ports: &str) -> Vec<String> {
    let range = |range: &str| {
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        (link::port(from).is_ok() && link::port(to).is_ok()).then(|| format!("{from}:{to}"))
    };
    cut(ports).iter().map(|part| range(part)).collect::<Option<_>>().unwrap_or_default()
}

/// The milliseconds of a duration as Go writes it: `1m30s`. A bare number counts seconds.
fn millis(said: &str) -> Option<u64> {
    if let Ok(seconds) = said.parse::<u64>() {
        return seconds.checked_mul(1000);
    }
    let (mut rest, mut sum) = (said, None::<u64>);
    while !rest.is_empty() {
        let digits = rest.find(|char: char| !char.is_ascii_digit())?;
        let (number, after) = rest.split_at_checked(digits)?;
        let letters = after.find(|char: char| char.is_ascii_digit()).unwrap_or(after.len());
        let (unit, next) = after.split_at_checked(letters)?;
        let unit = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)]
            .into_iter()
            .find_map(|(name, millis)| (name == unit).then_some(millis))?;
        sum = Some(sum.unwrap_or(0).checked_add(number.parse::<u64>().ok()?.checked_mul(unit)?)?);
        rest = next;
    }
    sum
}

/// Takes what names a user.
fn credentials(tree: &mut Tree, protocol: Protocol) -> Result<Credentials, Reason> {
    let id = |tree: &mut Tree| match tree.take(&["uuid"]) {
        id if id.is_empty() => Err(Reason::Malformed("the id is missing: expected uuid")),
        id => Ok(id.into()),
    };
    Ok(match protocol {
        Protocol::Vmess => Credentials::Vmess {
            id: id(tree)?,
            cipher: Some(tree.take(&["security"])).filter(|said| !said.is_empty()).unwrap_or("auto".into()),
            alter_id: tree.take(&["alter_id"]).parse().unwrap_or_default(),
        },
        Protocol::Vless => {
            Credentials::Vless { id: id(tree)?, encryption: encryption(tree), flow: tree.take(&["flow"]) }
        }
        Protocol::Tuic => {
            Credentials::User { id: id(tree)?, password: tree.take_as_is(&["password"]).into() }
        }
        Protocol::Shadowsocks | Protocol::ShadowsocksR => match tree.take(&["method"]).to_ascii_lowercase() {
            method if method.is_empty() => {
                return Err(Reason::Malformed("the cipher is missing: expected method"));
            }
            method => Credentials::Cipher { method, password: tree.take_as_is(&["password"]).into() },
        },
        Protocol::Ssh => Credentials::Ssh {
            username: tree.take(&["user"]),
            password: tree.take_as_is(&["password"]).into(),
            private_key: lines(tree, "private_key").into(),
        },
        Protocol::WireGuard => Credentials::Keys {
            private_key: tree.take(&["private_key"]).into(),
            pre_shared_key: tree.take(&["pre_shared_key"]).into(),
        },
        Protocol::Hysteria | Protocol::Hysteria2 | Protocol::Snell => match password(tree) {
            password if password.is_empty() => Credentials::None,
            password => Credentials::Password(password.into()),
        },
        Protocol::Trojan | Protocol::AnyTls => match password(tree) {
            password if password.is_empty() => return Err(Reason::Malformed("the password is missing")),
            password => Credentials::Password(password.into()),
        },
        _ => match (tree.take_as_is(&["username"]), tree.take_as_is(&["password"])) {
            (username, password) if username.is_empty() && password.is_empty() => Credentials::None,
            (username, password) => Credentials::Login { username, password: password.into() },
        },
    })
}

/// Takes a password. Hysteria's may be in base64.
fn password(tree: &mut Tree) -> Text {
    let said = tree.take_as_is(&["password", "auth_str", "psk"]);
    if !said.is_empty() {
        return said;
    }
    let encoded = tree.take(&["auth"]);
    let decoded = base64::decode_text(&encoded);
    if decoded.is_none() {
        tree.put_some("auth", &encoded);
    }
    decoded.unwrap_or_default().into()
}

/// Takes the encryption that forks have; there is none otherwise.
fn encryption(tree: &mut Tree) -> Text {
    Some(tree.take(&["encryption"])).filter(|said| !said.is_empty()).unwrap_or("none".into())
}

/// Takes a text that may be a list of its lines.
fn lines(tree: &mut Tree, path: &str) -> String {
    match tree.take_value(&[path]) {
        Some(Value::Array(items)) => items.iter().map(text).collect::<Vec<_>>().join("\n"),
        Some(value) => text(&value),
        None => String::new(),
    }
}

/// Takes how UDP is packed. No text at all is the usual way, an empty one is none.
fn read_packet_encoding(tree: &mut Tree, proxy: &mut Proxy) {
    match tree.take_value(&["packet_encoding"]) {
        Some(Value::String(said)) if said.is_empty() => proxy.set(Param::PacketEncoding, "none"),
        Some(value) => proxy.set(Param::PacketEncoding, text(&value)),
        None => {}
    }
}

/// Takes what no table can say.
fn take_more(tree: &mut Tree, proxy: &mut Proxy) {
    read_network(tree, proxy);
    if let Some(yes) = tree.take_flag(&["udp_over_tcp", "udp_over_tcp.enabled"]) {
        proxy.set(Param::UdpOverTcp, if yes { "1" } else { "0" });
    }
    match proxy.protocol {
        Protocol::Socks5 => read_version(tree, proxy),
        Protocol::Http => read_https(proxy),
        Protocol::Shadowsocks if proxy.param(Param::Plugin).is_none() => {
            proxy.set(Param::PluginOpts, tree.take_as_is(&["plugin_opts"]));
            let name = tree.take(&["plugin"]);
            let options = proxy.param(Param::PluginOpts).unwrap_or_default();
            let joined = format!("{name};{options}");
            plugin::give(proxy, &joined);
        }
        Protocol::Ssh => proxy.set(Param::HostKey, tree.take_list(&["host_key"]).join(",")),
        Protocol::Naive => read_naive(tree, proxy),
        Protocol::Hysteria => {
            let secret = tree.take_as_is(&["obfs"]);
            proxy.set(Param::Obfs, if secret.is_empty() { "" } else { "xplus" });
            proxy.set(Param::ObfsPassword, secret);
            read_speeds(tree, proxy);
        }
        Protocol::Hysteria2 => {
            proxy.set(Param::Obfs, tree.take(&["obfs.type"]));
            proxy.set(Param::ObfsPassword, tree.take_as_is(&["obfs.password"]));
            read_speeds(tree, proxy);
        }
        _ => {}
    }
}

/// Takes the networks that may be used, if UDP is said to be one of them or not.
fn read_network(tree: &mut Tree, proxy: &mut Proxy) {
    let networks = tree.clone().take_list(&["network"]);
    let has = |name: &str| networks.iter().any(|network| network == name);
    if has("tcp") {
        tree.take_value(&["network"]);
        proxy.set(Param::Udp, if has("udp") { "1" } else { "0" });
    }
}

fn read_version(tree: &mut Tree, proxy: &mut Proxy) {
    match tree.take(&["version"]).as_str() {
        "4" => proxy.protocol = Protocol::Socks4,
        version @ "4a" => {
            proxy.protocol = Protocol::Socks4;
            tree.put("version", version);
        }
        "" | "5" => {}
        other => tree.put("version", other),
    }
}

fn read_https(proxy: &mut Proxy) {
    if let Some(tls) = proxy.tls.take() {
        proxy.protocol = Protocol::Https;
        proxy.tls = Some(tls).filter(|tls| *tls != Tls::default());
    }
}

fn read_naive(tree: &mut Tree, proxy: &mut Proxy) {
    if tree.take_flag(&["quic"]) == Some(true) {
        proxy.set(Param::Carrier, "quic");
    }
    let Some(headers) = tree.take_tree("extra_headers") else { return };
    let Value::Object(headers) = headers.value() else { return };
    let mut said = String::new();
    for (name, value) in headers {
        let values = if let Value::Array(values) = value { values } else { vec![value] };
        for value in values {
            let _ = writeln!(said, "{name}: {}", text(&value));
        }
    }
    proxy.set(Param::ExtraHeaders, said.trim_end());
}

fn read_speeds(tree: &mut Tree, proxy: &mut Proxy) {
    for (param, number, said) in SPEEDS {
        let number = tree.take(&[number]);
        let said = if number.is_empty() && tree.says_text(said) { tree.take(&[said]) } else { number };
        proxy.set(param, mbps(&said).map_or(said, |mbps| mbps.to_string().into()));
    }
}

const SPEEDS: [(Param, &str, &str); 2] = [(Param::Up, "up_mbps", "up"), (Param::Down, "down_mbps", "down")];

/// Whole Mbit/s of a number, or of a text with its unit.
fn mbps(said: &str) -> Option<u64> {
    let digits = said.find(|char: char| !char.is_ascii_digit()).unwrap_or(said.len());
    let (number, unit) = said.split_at_checked(digits)?;
    let scale = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "mbps" | "m" | "mb" | "mbit" | "mbit/s" | "mb/s" => 1,
        "gbps" | "g" | "gb" => 1000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(scale).filter(|mbps| *mbps <= 1_000_000)
}

/// A Shadowsocks proxy that goes through a `shadowtls` outbound: it listens where that one does, and where
/// it says itself does nothing.
fn wrapped(mut wrapper: Tree, tree: &mut Tree) -> Result<Proxy, Reason> {
    for place in ["detour", "server", "server_port"] {
        tree.take_value(&[place]);
    }
    let at = (wrapper.take_host(&["server"])?, wrapper.take_port(&["server_port"])?);
    let mut proxy = Proxy::new(Protocol::Shadowsocks, at.0, at.1);
    let mut options = Vec::new();
    wrapper.take_value(&["type"]);
    wrapper.take_value(&["tag"]);
    wrapper.take_flag(&["tls.enabled"]);
    for (option, path) in OPTIONS {
        let said = wrapper.take_as_is(&[path]);
        options.extend((!said.is_empty()).then(|| (option.to_owned(), said.to_string())));
    }
    if !options.iter().any(|(name, _)| name == "version") {
        options.push(("version".to_owned(), "1".to_owned()));
    }
    plugin::give(&mut proxy, &format!("shadow-tls;{}", plugin::write(&options)));
    wrapper.without_empty().keep(KEPT_WRAPPER, &mut proxy);
    Ok(proxy)
}

/// The options of the plugin, as mihomo calls them, and where they are.
const OPTIONS: [(&str, &str); 3] =
    [("host", "tls.server_name"), ("password", "password"), ("version", "version")];

/// The `shadowtls` outbound that a Shadowsocks proxy goes through, if its plugin is that; without a tag.
pub(super) fn wrapper(proxy: &Proxy) -> Option<Tree> {
    proxy.param(Param::Plugin).filter(|name| *name == "shadow-tls")?;
    let options = plugin::options(proxy.param(Param::PluginOpts).unwrap_or_default());
    let mut tree = Tree::default();
    tree.put_kept_where(KEPT_WRAPPER, proxy, |path| is_among(path, WRAPPER));
    tree.put("type", SHADOW_TLS);
    tree.put("server", proxy.endpoint.host.as_str());
    tree.put("server_port", proxy.endpoint.port);
    tree.put("tls.enabled", true);
    for (name, value) in &options {
        match OPTIONS.iter().find(|(option, _)| option == name) {
            Some((_, path @ "version")) => tree.put_number(path, value),
            Some((_, path)) => tree.put_some(path, value),
            None => {}
        }
    }
    Some(tree)
}

/// Whether one of these lists has a path or an object on its way.
fn is_among(path: &str, fields: &[&[&str]]) -> bool {
    let holds =
        |field: &&str| path.strip_prefix(*field).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    fields.iter().any(|fields| fields.iter().any(holds))
}

/// More peers than this are a network of machines. Each has a copy of what stands beside them.
const MOST_PEERS: usize = 64;

/// Bytes of what stands beside several peers.
const LONGEST_SHARED: usize = 64 * 1024;

/// Reads `WireGuard`, outbound or endpoint: one proxy for each peer.
fn read_peers(mut tree: Tree, kind: &Kind) -> Vec<Result<Proxy, Reason>> {
    tree.rename("system_interface", "system");
    tree.rename("interface_name", "name");
    let peers = match tree.take_value(&["peers"]) {
        Some(Value::Array(peers)) if !peers.is_empty() => peers,
        _ => return vec![read_peer(tree, Tree::default(), kind)],
    };
    if peers.len() > MOST_PEERS || peers.len() > 1 && tree.clone().value().to_string().len() > LONGEST_SHARED
    {
        return vec![Err(Reason::Malformed("a network of many peers, not a proxy"))];
    }
    let peers =
        peers.into_iter().map(|peer| read_peer(tree.clone(), Tree::of(peer).unwrap_or_default(), kind));
    peers.collect()
}

/// Reads `WireGuard` with one of its peers; what the peer does not say may be beside it.
fn read_peer(mut tree: Tree, peer: Tree, kind: &Kind) -> Result<Proxy, Reason> {
    let mut peer = peer.without_empty();
    let host = peer.take(&["address", "server"]);
    let host = if host.is_empty() { tree.take(&["server"]) } else { host };
    let digits = peer.take(&["port", "server_port"]);
    let digits = if digits.is_empty() { tree.take(&["server_port"]) } else { digits };
    let port = if digits.is_empty() { Err(Reason::NoPort) } else { link::port(&digits) };
    let mut proxy = Proxy::new(Protocol::WireGuard, link::host(&host)?, port?);
    let key = [peer.take(&["public_key"]), tree.take(&["peer_public_key"])];
    proxy.set(Param::PeerPublicKey, key.into_iter().find(|key| !key.is_empty()).unwrap_or_default());
    let networks = peer.take_list(&["allowed_ips"]);
    proxy.set(Param::AllowedIps, if networks == EVERYWHERE { String::new() } else { networks.join(",") });
    proxy.set(Param::Keepalive, peer.take(&["persistent_keepalive_interval"]));
    for part in [&mut peer, &mut tree] {
        let said = part.take_list(&["reserved"]).join(",");
        let read = link::reserved(&said).unwrap_or(said);
        if proxy.param(Param::Reserved).is_none() {
            proxy.set(Param::Reserved, read);
        }
    }
    let shared = peer.take(&["pre_shared_key"]);
    if !shared.is_empty() {
        tree.put("pre_shared_key", shared.as_str());
    }
    proxy.set(Param::LocalAddress, tree.take_list(&["address", "local_address"]).join(","));
    proxy.name = tree.take(&["tag"]);
    finish(tree, proxy, kind)
}

/// The type that holds the proxies of a protocol.
fn kind_of(protocol: Protocol) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.protocols.contains(&protocol))
}

/// Writes a proxy that fits. `goes_on` is whether the outbound is there that it goes through.
pub(super) fn write(proxy: &Proxy, goes_on: bool) -> Tree {
    let mut tree = Tree::default();
    let Some(kind) = kind_of(proxy.protocol) else { return write_other(proxy, tree) };
    tree.put("type", kind.name);
    tree.put("tag", proxy.name.as_str());
    write_credentials(proxy, &mut tree);
    tree.put_strict(proxy, kind.table);
    for (param, path, unit) in kind.durations {
        write_duration(proxy.param(*param), path, *unit, &mut tree);
    }
    put_more(proxy, &mut tree);
    stream::write_tls(proxy, &mut tree);
    stream::write_transport(proxy, &mut tree);
    if proxy.protocol == Protocol::WireGuard {
        write_peer(proxy, &mut tree);
    } else if proxy.param(Param::Plugin) != Some("shadow-tls") {
        tree.put("server", proxy.endpoint.host.as_str());
        tree.put("server_port", proxy.endpoint.port);
        tree.put_list("server_ports", &ranges(proxy.param(Param::Ports).unwrap_or_default()));
    }
    let wanted = |path: &str| is_among(path, kind.fields) || path == "detour" && goes_on;
    Kept::of(NAME, proxy, wanted).under(tree, |tree| again(tree, proxy, kind))
}

/// Reads what was written, also where only the outbound that it goes through says where it is.
fn again(mut tree: Tree, proxy: &Proxy, kind: &Kind) -> Option<Proxy> {
    tree.put("server", proxy.endpoint.host.as_str());
    tree.put("server_port", proxy.endpoint.port);
    let read = match kind.name {
        "wireguard" => read_peers(tree, kind).into_iter().next()?,
        _ => read_kind(tree, kind, &Wrappers::default()),
    };
    read.ok()
}

/// Writes a `shadowtls` outbound that stands alone.
fn write_other(proxy: &Proxy, mut tree: Tree) -> Tree {
    tree.put_kept_where(NAME, proxy, |path| is_among(path, ALONE));
    tree.put("type", SHADOW_TLS);
    tree.put("tag", proxy.name.as_str());
    tree.put("server", proxy.endpoint.host.as_str());
    tree.put("server_port", proxy.endpoint.port);
    tree
}

/// Puts a duration; of a range, which came with 1.14, its start.
fn write_duration(said: Option<&str>, path: &str, unit: u64, tree: &mut Tree) {
    let number = said.map(|said| said.split('-').next().unwrap_or_default());
    if let Some(number) = number.and_then(|number| number.parse::<u64>().ok()) {
        tree.put(path, format!("{number}{}", if unit == 1 { "ms" } else { "s" }));
    }
}

fn write_credentials(proxy: &Proxy, tree: &mut Tree) {
    match &proxy.credentials {
        Credentials::None => {}
        Credentials::Login { username, password } => {
            tree.put_some("username", username);
            tree.put_some("password", password.expose());
        }
        Credentials::Password(password) => {
            let is_first = proxy.protocol == Protocol::Hysteria;
            tree.put_some(if is_first { "auth_str" } else { "password" }, password.expose());
        }
        Credentials::User { id, password } => {
            tree.put("uuid", id.expose());
            tree.put_some("password", password.expose());
        }
        Credentials::Keys { private_key, .. } => tree.put("private_key", private_key.expose()),
        Credentials::Ssh { username, password, private_key } => {
            tree.put_some("user", username);
            tree.put_some("password", password.expose());
            tree.put_some("private_key", &pem(private_key.expose()));
        }
        Credentials::Cipher { method, password } => {
            tree.put("method", cipher(method));
            tree.put("password", password.expose());
        }
        Credentials::Vmess { id, cipher, alter_id } => {
            tree.put("uuid", id.expose());
            tree.put("security", cipher.as_str());
            if *alter_id > 0 {
                tree.put("alter_id", *alter_id);
            }
        }
        Credentials::Vless { id, flow, .. } => {
            tree.put("uuid", id.expose());
            // Xray's way to let QUIC through is its client's own affair.
            tree.put_some("flow", flow.strip_suffix("-udp443").unwrap_or(flow));
        }
    }
}

/// A cipher by the name that it has here.
pub(super) fn cipher(method: &str) -> &str {
    match method {
        "chacha20-poly1305" => "chacha20-ietf-poly1305",
        "xchacha20-poly1305" => "xchacha20-ietf-poly1305",
        "plain" | "dummy" => "none",
        method => method,
    }
}

/// A private key in PEM: that is what OpenSSH puts around the base64.
fn pem(key: &str) -> String {
    if key.is_empty() || key.contains("-----BEGIN") {
        return key.to_owned();
    }
    format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{key}\n-----END OPENSSH PRIVATE KEY-----")
}

/// Puts what [`take_more`] takes.
fn put_more(proxy: &Proxy, tree: &mut Tree) {
    use Protocol::{
        Hysteria, Hysteria2, Naive, Shadowsocks, Socks4, Socks5, Ssh, Trojan, Tuic, Vless, Vmess,
    };
    let protocol = proxy.protocol;
    if matches!(
        protocol,
        Hysteria | Hysteria2 | Shadowsocks | Socks4 | Socks5 | Trojan | Tuic | Vless | Vmess
    ) {
        write_network(proxy, tree);
    }
    match protocol {
        Socks4 => {
            let says = |name: &str, value: &str| proxy.extra.contains(&(name.into(), value.into()));
            let is_4a = says("scheme", "socks4a") || says("singbox:version", "4a");
            tree.put("version", if is_4a { "4a" } else { "4" });
        }
        Vmess | Vless => match proxy.param(Param::PacketEncoding) {
            Some(said @ ("xudp" | "packetaddr")) => tree.put("packet_encoding", said),
            Some("none") => tree.put("packet_encoding", ""),
            _ => {}
        },
        Ssh => tree.put_list("host_key", &cut(proxy.param(Param::HostKey).unwrap_or_default())),
        Naive => write_naive(proxy, tree),
        Tuic => amend_tuic(tree),
        Hysteria => {
            tree.put_some("obfs", proxy.param(Param::ObfsPassword).unwrap_or_default());
            write_speeds(proxy, tree);
        }
        Hysteria2 => {
            if let Some(obfs) = proxy.param(Param::Obfs) {
                tree.put("obfs.type", obfs);
                tree.put("obfs.password", proxy.param(Param::ObfsPassword).unwrap_or_default());
            }
            write_speeds(proxy, tree);
        }
        Shadowsocks => match proxy.param(Param::Plugin) {
            None | Some("shadow-tls") => {}
            Some(name) => {
                tree.put("plugin", name);
                tree.put_some("plugin_opts", proxy.param(Param::PluginOpts).unwrap_or_default());
            }
        },
        _ => {}
    }
    if matches!(protocol, Shadowsocks | Socks5 | Naive) {
        write_udp_over_tcp(proxy, tree);
    }
}

fn write_network(proxy: &Proxy, tree: &mut Tree) {
    match proxy.param(Param::Udp) {
        Some("0") => tree.put("network", "tcp"),
        Some(_) => tree.put("network", vec!["tcp", "udp"]),
        None => {}
    }
}

fn write_udp_over_tcp(proxy: &Proxy, tree: &mut Tree) {
    let Some(said) = proxy.param(Param::UdpOverTcp) else { return };
    let is_object = proxy.extra.iter().any(|(name, _)| name.starts_with("singbox:udp_over_tcp."));
    let path = if is_object { "udp_over_tcp.enabled" } else { "udp_over_tcp" };
    tree.put(path, said == "1");
}

/// Takes away what sing-box refuses: other names of algorithms, and two ways for UDP at once.
fn amend_tuic(tree: &mut Tree) {
    let known: [(&str, &[&str]); 2] =
        [("congestion_control", &["cubic", "new_reno", "bbr"]), ("udp_relay_mode", &["native", "quic"])];
    let streams = tree.clone().take_flag(&["udp_over_stream"]) == Some(true);
    for (path, names) in known {
        let said = tree.take(&[path]);
        let clashes = streams && path == "udp_relay_mode";
        tree.put_some(path, if names.contains(&said.as_str()) && !clashes { &said } else { "" });
    }
}

fn write_naive(proxy: &Proxy, tree: &mut Tree) {
    if proxy.param(Param::Carrier) == Some("quic") {
        tree.put("quic", true);
        tree.take_value(&["insecure_concurrency"]);
    } else {
        tree.take_value(&["quic_congestion_control"]);
    }
    let mut headers = Map::new();
    for line in proxy.param(Param::ExtraHeaders).unwrap_or_default().lines() {
        let Some((name, value)) = line.split_once(':') else { continue };
        let values = headers.entry(name.trim()).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(values) = values {
            values.push(value.trim().into());
        }
    }
    if !headers.is_empty() {
        tree.put("extra_headers", Value::Object(headers));
    }
}

/// Puts the speeds. Hysteria 1 needs some.
fn write_speeds(proxy: &Proxy, tree: &mut Tree) {
    let is_first = proxy.protocol == Protocol::Hysteria;
    for (param, number, said) in SPEEDS {
        let speed = proxy.param(param).unwrap_or_default();
        match mbps(speed) {
            Some(mbps) if mbps > 0 => tree.put(number, mbps),
            _ if is_first && is_speed(speed) => tree.put(said, speed),
            _ if is_first => tree.put(number, USUAL_SPEED),
            _ => {}
        }
    }
}

/// Mbit/s where nobody says how many.
const USUAL_SPEED: u64 = 100;

/// Whether a text is a number with a unit that sing-box knows.
fn is_speed(text: &str) -> bool {
    let digits = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits).unwrap_or_default();
    !number.is_empty()
        && ["bps", "Bps", "kbps", "KBps", "Kbps", "MBps", "GBps", "Tbps"].contains(&unit.trim())
}

/// Puts a peer, and what its client is called within the tunnel.
fn write_peer(proxy: &Proxy, tree: &mut Tree) {
    let param = |param| proxy.param(param).unwrap_or_default();
    let mut peer = Tree::default();
    peer.put("address", proxy.endpoint.host.as_str());
    peer.put("port", proxy.endpoint.port);
    peer.put("public_key", param(Param::PeerPublicKey));
    if let Credentials::Keys { pre_shared_key, .. } = &proxy.credentials {
        peer.put_some("pre_shared_key", pre_shared_key.expose());
    }
    let networks: Vec<_> = cut(param(Param::AllowedIps)).iter().map(|network| prefix(network)).collect();
    peer.put("allowed_ips", EVERYWHERE.to_vec());
    peer.put_list("allowed_ips", &networks);
    if let Ok(seconds) = param(Param::Keepalive).parse::<u16>() {
        peer.put("persistent_keepalive_interval", seconds);
    }
    let reserved: Result<Vec<u8>, _> = param(Param::Reserved).split(',').map(str::parse).collect();
    if let Ok(reserved) = reserved.map(Value::from) {
        peer.put("reserved", reserved);
    }
    let addresses: Vec<_> = cut(param(Param::LocalAddress)).iter().map(|address| prefix(address)).collect();
    tree.put_list("address", &addresses);
    tree.put("peers", vec![peer.value()]);
}

/// An address with the length of its prefix.
fn prefix(address: &str) -> String {
    let length = if address.contains(':') { 128 } else { 32 };
    if address.contains('/') { address.to_owned() } else { format!("{address}/{length}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_writes_them() {
        let cases = [("30s", 30_000), ("1m0s", 60_000), ("1h2m", 3_720_000), ("500ms", 500), ("10", 10_000)];
        for (said, expected) in cases {
            assert_eq!(millis(said), Some(expected), "{said}");
        }
        for said in ["", "s", "1.5s", "10 s", "5x", "99999999999999999999s", "1h2"] {
            assert_eq!(millis(said), None, "{said}");
        }
    }

    #[test]
    fn ports_are_the_same_both_ways() {
        let said = "443,5000-6000";
        assert_eq!(ranges(said), ["443:443", "5000:6000"]);
        assert_eq!(ports(&ranges(said)), said);
        assert_eq!(ranges("443,x"), [""; 0]);
        assert_eq!(ports(&["5000:", ":80"]), "5000-65535,1-80");
    }

    #[test]
    fn speeds_are_whole_megabits() {
        let found = ["100", "100 Mbps", "1Gbps", "5 kbps", "fast"].map(mbps);
        assert_eq!(found, [Some(100), Some(100), Some(1000), None, None]);
    }
}
