//! Egern: a list of objects, each under the name of its type.
//!
//! ```yaml
//! proxies:
//!   - shadowsocks: {name: Berlin, server: 192.0.2.1, port: 8388, method: aes-128-gcm, password: secret}
//! ```
//!
//! Specification: <https://egernapp.com/docs/configuration/proxies>
//!
//! # Differences between programs
//!
//! Egern calls `chacha20-ietf-poly1305` `chacha20-poly1305`, and WebSocket in TLS `wss`.
//!
//! # Incomplete support
//!
//! Policies and rules are not read. Types beyond those of the table are read with all their fields kept, and
//! not written.

mod configuration;

use serde_json::Value;

use super::ciphers::{BLAKE3, CAMELLIA, Families, OLDER, RARE, STREAM, has};
use super::kept::{Kept, Ways, is_any};
use super::tree::{Table, Tree, cut, is_ports};
use super::yaml;
use super::{Format, Reader, Reading, Shape, Writer, trim};
use crate::link::Reason;
use crate::proxy::{Credentials, Network, Param, Protocol, Security, Tls};
use crate::{Proxy, Text, link};

/// The format.
pub(super) struct Egern;

const FORMAT: &str = "egern";

const LISTS: &[&yaml::Path] = &[&["proxies"]];

/// Each type with its protocol.
const TYPES: &[(&str, Protocol)] = &[
    ("shadowsocks", Protocol::Shadowsocks),
    ("trojan", Protocol::Trojan),
    ("vmess", Protocol::Vmess),
    ("vless", Protocol::Vless),
    ("hysteria2", Protocol::Hysteria2),
    ("tuic", Protocol::Tuic),
    ("http", Protocol::Http),
    ("https", Protocol::Https),
    ("socks5", Protocol::Socks5),
    ("socks5_tls", Protocol::Socks5),
];

/// Types that are read, and whose fields are kept.
const OTHERS: &[&str] = &["snell", "wireguard", "anytls", "ssh", "hysteria", "juicity", "naive"];

const TABLE: &Table = &[
    (Param::Udp, &["udp_relay"]),
    (Param::FastOpen, &["tfo"]),
    (Param::Ports, &["port_hopping"]),
    (Param::HopInterval, &["port_hopping_interval"]),
];

const HYSTERIA2: &Table = &[(Param::Obfs, &["obfs"]), (Param::ObfsPassword, &["obfs_password"])];

const CIPHERS: Families = &[
    BLAKE3,
    STREAM,
    OLDER,
    CAMELLIA,
    RARE,
    &["chacha20-ietf-poly1305", "aes-256-gcm", "aes-128-gcm", "none", "table", "rc4"],
];

impl Format for Egern {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn specification(&self) -> &'static str {
        "https://egernapp.com/docs/configuration/proxies"
    }

    fn example(&self) -> &'static str {
        "proxies:\n  - shadowsocks: {name: Berlin, server: 192.0.2.1, port: 8388, method: aes-128-gcm, password: secret}\n"
    }
}

impl Reader for Egern {
    fn detect(&self, text: &str) -> bool {
        let is_type = |line: &str| {
            let item = line.trim_start().strip_prefix('-').map(str::trim_start);
            let pair = item.and_then(|item| item.split_once(':'));
            pair.is_some_and(|(name, fields)| is_known(name.trim()) && is_object(fields.trim()))
        };
        !trim(text).starts_with('{')
            && text.lines().any(|line| line.starts_with("proxies:"))
            && text.lines().any(is_type)
    }

    fn read(&self, text: &str, reading: &mut Reading) {
        for (place, value) in yaml::entries(text, LISTS) {
            reading.take(place, value.and_then(read));
        }
        if reading.proxies.is_empty() && reading.rejected.is_empty() {
            reading.refuse(Reason::Empty);
        }
    }
}

/// Whether what follows a name may be an object, here or on the next lines.
fn is_object(fields: &str) -> bool {
    fields.is_empty() || fields.starts_with(['{', '#'])
}

fn is_known(name: &str) -> bool {
    TYPES.iter().any(|(known, _)| *known == name) || OTHERS.contains(&name)
}

/// Reads one entry: an object with one member.
fn read(entry: Value) -> Result<Proxy, Reason> {
    const EXPECTED: Reason = Reason::Malformed("no proxy: expected an object under the name of its type");
    let Value::Object(entry) = entry else { return Err(EXPECTED) };
    let (name, fields) = entry.into_iter().next().ok_or(EXPECTED)?;
    let mut tree = Tree::of(fields).ok_or(EXPECTED)?;
    let known = TYPES.iter().find(|(known, _)| *known == name).map(|(_, protocol)| *protocol);
    let host = tree.take_host(&["server"])?;
    let mut proxy = Proxy::new(known.unwrap_or(Protocol::Other), host, tree.take_port(&["port"])?);
    proxy.name = tree.take(&["name"]);
    proxy.credentials = credentials(proxy.protocol, &mut tree)?;
    if known.is_none() {
        proxy.set(Param::Type, name.as_str());
    }
    tree.give(&mut proxy, TABLE);
    match proxy.protocol {
        Protocol::Shadowsocks => obfuscation(&mut tree, &mut proxy),
        Protocol::Vmess | Protocol::Vless => transport(&mut tree, &mut proxy),
        Protocol::Trojan => websocket(&mut tree, &mut proxy),
        Protocol::Hysteria2 => tree.give(&mut proxy, HYSTERIA2),
        _ => {}
    }
    secure(&name, &mut tree, &mut proxy);
    tree.keep(FORMAT, &mut proxy);
    Ok(proxy)
}

fn credentials(protocol: Protocol, tree: &mut Tree) -> Result<Credentials, Reason> {
    Ok(match protocol {
        Protocol::Shadowsocks => {
            let said = tree.take(&["method"]);
            let method = if said == "chacha20-poly1305" { "chacha20-ietf-poly1305" } else { &said };
            link::cipher(method, &tree.take_as_is(&["password"]))?
        }
        Protocol::Trojan => Credentials::Password(needed(tree, "password")?.into()),
        Protocol::Hysteria2 => match tree.take_as_is(&["auth", "password"]) {
            auth if auth.is_empty() => Credentials::None,
            auth => Credentials::Password(auth.into()),
        },
        Protocol::Tuic => Credentials::User {
            id: needed(tree, "uuid")?.into(),
            password: tree.take_as_is(&["password"]).into(),
        },
        Protocol::Vmess => {
            let id = needed(tree, "user_id")?.into();
            let cipher = tree.take(&["security"]);
            let cipher = if cipher.is_empty() { "auto".into() } else { cipher };
            Credentials::Vmess { id, cipher, alter_id: u16::from(tree.take_flag(&["legacy"]) == Some(true)) }
        }
        Protocol::Vless => {
            let flow = tree.take(&["flow"]);
            Credentials::Vless { id: needed(tree, "user_id")?.into(), encryption: "none".into(), flow }
        }
        Protocol::Other => Credentials::None,
        _ => {
            let (username, password) = (tree.take_as_is(&["username"]), tree.take_as_is(&["password"]));
            if username.is_empty() && password.is_empty() {
                Credentials::None
            } else {
                Credentials::Login { username, password: password.into() }
            }
        }
    })
}

fn needed(tree: &mut Tree, name: &'static str) -> Result<Text, Reason> {
    match tree.take_as_is(&[name]) {
        text if text.is_empty() => Err(Reason::Malformed("the password or the user's id is missing")),
        text => Ok(text),
    }
}

/// Reads the obfuscation of Shadowsocks.
fn obfuscation(tree: &mut Tree, proxy: &mut Proxy) {
    let mut options = vec![("obfs".to_owned(), tree.take(&["obfs"]).to_string())];
    for (name, path) in [("obfs-host", "obfs_host"), ("obfs-uri", "obfs_uri")] {
        options.push((name.to_owned(), tree.take(&[path]).to_string()));
    }
    options.retain(|(_, value)| !value.is_empty());
    if !options.is_empty() {
        proxy.set(Param::Plugin, "obfs-local");
        proxy.set(Param::PluginOpts, link::plugin::write(&options));
    }
}

/// Trojan's WebSocket.
fn websocket(tree: &mut Tree, proxy: &mut Proxy) {
    if let Some(mut fields) = tree.take_tree("websocket") {
        proxy.transport.network = Network::Ws;
        proxy.transport.path = fields.take_as_is(&["path"]);
        proxy.transport.host = fields.take_as_is(&["host"]);
        tree.give_back("websocket", fields);
    }
}

/// The transports by name: the network, the header, and whether there is TLS.
const TRANSPORTS: &[(&str, Network, &str, bool)] = &[
    ("tcp", Network::Tcp, "", false),
    ("tls", Network::Tcp, "", true),
    ("ws", Network::Ws, "", false),
    ("wss", Network::Ws, "", true),
    ("http1", Network::Tcp, "http", false),
    ("http2", Network::H2, "", true),
    ("grpc", Network::Grpc, "", true),
];

/// Reads the transport of `VMess` and VLESS, and TLS with it.
fn transport(tree: &mut Tree, proxy: &mut Proxy) {
    for (name, network, header, secured) in TRANSPORTS {
        let path = format!("transport.{name}");
        let Some(mut fields) = tree.take_tree(&path) else { continue };
        proxy.transport.network = *network;
        proxy.transport.header = (*header).into();
        proxy.transport.path = fields.take_as_is(&["path", "service_name"]);
        proxy.transport.host = fields.take_as_is(&["headers.Host"]);
        if *secured {
            proxy.tls = Some(tls(&mut fields));
        }
        return tree.give_back(&path, fields);
    }
}

fn tls(tree: &mut Tree) -> Tls {
    let mut tls = Tls {
        server_name: tree.take(&["sni"]),
        alpn: tree.take_list(&["alpn"]),
        insecure: tree.take_flag(&["skip_tls_verify"]) == Some(true),
        public_key: tree.take(&["reality.public_key"]),
        ..Tls::default()
    };
    if !tls.public_key.is_empty() {
        tls.security = Security::Reality;
        tls.short_id = tree.take(&["reality.short_id"]);
    }
    tls
}

/// Gives TLS to those types whose fields of it stand beside all others.
fn secure(name: &str, tree: &mut Tree, proxy: &mut Proxy) {
    match name {
        "trojan" | "hysteria2" | "tuic" | "socks5_tls" => proxy.tls = Some(tls(tree)),
        "https" => proxy.tls = Some(tls(tree)).filter(|tls| *tls != Tls::default()),
        _ => {}
    }
}

impl Writer for Egern {
    fn reader(&self) -> &'static dyn Reader {
        &Egern
    }

    fn fits(&self, proxy: &Proxy) -> Result<(), &'static str> {
        let known = TYPES.iter().any(|(_, protocol)| *protocol == proxy.protocol);
        require(known, "Egern does not speak this protocol")?;
        require(fits_network(proxy), "Egern cannot carry this protocol over this network")?;
        fits_tls(proxy)?;
        fits_user(proxy)?;
        let plugin = proxy.param(Param::Plugin);
        require(matches!(plugin, None | Some("obfs-local")), "Egern does not have this plugin")?;
        let obfs = proxy.param(Param::Obfs);
        require(matches!(obfs, None | Some("salamander")), "Egern does not have this obfuscation")?;
        require(proxy.param(Param::Realm).is_none(), "Egern has no realms of Hysteria 2")
    }

    fn name_of(&self, name: &str) -> String {
        let name = name.trim();
        let is_own = TAKEN.iter().any(|taken| taken.eq_ignore_ascii_case(name));
        if is_own { format!("{name} 1") } else { name.to_owned() }
    }

    fn has_configuration(&self) -> bool {
        true
    }

    fn write(&self, proxies: &[Proxy], shape: Shape) -> String {
        let ways = Ways::of(proxies, "egern:prev_hop");
        let entries = proxies.iter().map(|proxy| {
            let fields =
                yaml::write(&entry(proxy, ways.reaches(&proxy.name)).value(), &["name", "server", "port"]);
            format!("{}: {fields}", kind(proxy))
        });
        let list = yaml::list("proxies", entries);
        match shape {
            Shape::List => list,
            Shape::Configuration => configuration::whole(proxies, &list),
        }
    }
}

/// Names that Egern has for itself.
const TAKEN: &[&str] = &["DIRECT", "REJECT", "REJECT_DROP", "REJECT_IMG", "REJECT_TINYGIF"];

fn require(is: bool, reason: &'static str) -> Result<(), &'static str> {
    if is { Ok(()) } else { Err(reason) }
}

fn fits_network(proxy: &Proxy) -> bool {
    let transport = &proxy.transport;
    let has_header = transport.header.eq_ignore_ascii_case("http");
    match (proxy.protocol, transport.network) {
        (Protocol::Vmess, Network::Tcp) => !(has_header && proxy.tls.is_some()),
        (Protocol::Vless | Protocol::Trojan, Network::Tcp) => !has_header,
        (Protocol::Vmess | Protocol::Vless | Protocol::Trojan, Network::Ws) => true,
        (_, network) => network == Network::Tcp,
    }
}

fn fits_tls(proxy: &Proxy) -> Result<(), &'static str> {
    match (proxy.protocol, proxy.tls.as_ref().map(|tls| tls.security)) {
        (Protocol::Shadowsocks, Some(_)) => Err("Egern has Shadowsocks only without TLS"),
        (Protocol::Trojan, None) => Err("Egern has Trojan only with TLS"),
        (Protocol::Vless, Some(Security::Reality)) if proxy.transport.network == Network::Tcp => Ok(()),
        (_, Some(Security::Reality)) => Err("Egern has no REALITY for this protocol"),
        (_, Some(Security::Xtls)) => Err("the first XTLS is obsolete: no newer program speaks it"),
        _ => Ok(()),
    }
}

fn fits_user(proxy: &Proxy) -> Result<(), &'static str> {
    match &proxy.credentials {
        Credentials::Cipher { method, .. } => {
            require(has(CIPHERS, method), "Egern does not have this cipher")
        }
        Credentials::Vless { encryption, flow, .. } => {
            require(matches!(encryption.as_str(), "" | "none"), "Egern has no encryption of VLESS")?;
            require(matches!(flow.as_str(), "" | "xtls-rprx-vision"), "Egern does not have this flow")
        }
        Credentials::Password(_) if proxy.protocol == Protocol::Tuic => {
            Err("Egern has only version 5 of TUIC")
        }
        _ => Ok(()),
    }
}

fn kind(proxy: &Proxy) -> &'static str {
    if proxy.protocol == Protocol::Socks5 && proxy.tls.is_some() {
        return "socks5_tls";
    }
    TYPES.iter().find(|(_, protocol)| *protocol == proxy.protocol).map_or("", |(name, _)| name)
}

/// The fields of a proxy. `goes_on` is whether the proxy is there that it goes through.
fn entry(proxy: &Proxy, goes_on: bool) -> Tree {
    let mut tree = Tree::default();
    tree.put("name", proxy.name.as_str());
    tree.put("server", proxy.endpoint.host.as_str());
    tree.put("port", proxy.endpoint.port);
    put_credentials(proxy, &mut tree);
    tree.put_strict(proxy, TABLE);
    if !proxy.param(Param::Ports).is_some_and(is_ports) {
        tree.take_value(&["port_hopping"]);
    }
    match proxy.protocol {
        Protocol::Shadowsocks => put_obfuscation(proxy, &mut tree),
        Protocol::Vmess | Protocol::Vless => put_transport(proxy, &mut tree),
        Protocol::Hysteria2 => tree.put_strict(proxy, HYSTERIA2),
        Protocol::Trojan if proxy.transport.network == Network::Ws => {
            tree.put("websocket.path", proxy.transport.path.as_str());
            tree.put_some("websocket.host", &proxy.transport.host);
        }
        _ => {}
    }
    if !matches!(proxy.protocol, Protocol::Vmess | Protocol::Vless) {
        put_tls(proxy, "", &mut tree);
    }
    let wanted = |path: &str| goes_on && path == DIALER || !is_any(path, &[DIALER]);
    let again = |tree: Tree| read(serde_json::json!({ kind(proxy): tree.value() })).ok();
    Kept::of(FORMAT, proxy, wanted).under(tree, again)
}

/// Where the proxy is named that another goes through.
const DIALER: &str = "prev_hop";

fn put_credentials(proxy: &Proxy, tree: &mut Tree) {
    match &proxy.credentials {
        Credentials::Cipher { method, password } => {
            let is_ietf = method == "chacha20-ietf-poly1305";
            tree.put("method", if is_ietf { "chacha20-poly1305" } else { method });
            tree.put("password", password.expose());
        }
        Credentials::Password(secret) => {
            tree.put(
                if proxy.protocol == Protocol::Hysteria2 { "auth" } else { "password" },
                secret.expose(),
            );
        }
        Credentials::User { id, password } => {
            tree.put("uuid", id.expose());
            tree.put("password", password.expose());
        }
        Credentials::Login { username, password } => {
            tree.put_some("username", username);
            tree.put_some("password", password.expose());
        }
        Credentials::Vmess { id, cipher, alter_id } => {
            tree.put("user_id", id.expose());
            tree.put("security", cipher.as_str());
            tree.put_yes("legacy", *alter_id > 0);
        }
        Credentials::Vless { id, flow, .. } => {
            tree.put("user_id", id.expose());
            tree.put_some("flow", flow);
        }
        _ => {}
    }
}

fn put_obfuscation(proxy: &Proxy, tree: &mut Tree) {
    let options = link::plugin::options(proxy.param(Param::PluginOpts).unwrap_or_default());
    for (name, value) in options {
        if let "obfs" | "obfs-host" | "obfs-uri" = name.as_str() {
            tree.put_some(&name.replace('-', "_"), &value);
        }
    }
}

fn put_transport(proxy: &Proxy, tree: &mut Tree) {
    let transport = &proxy.transport;
    let header = if transport.header.eq_ignore_ascii_case("http") { "http" } else { "" };
    let is = |(_, network, own, secured): &&(&str, Network, &str, bool)| {
        *network == transport.network && *own == header && *secured == proxy.tls.is_some()
    };
    let Some((name, ..)) = TRANSPORTS.iter().find(is) else { return };
    let path = format!("transport.{name}");
    tree.put(&path, Value::Object(serde_json::Map::new()));
    tree.put_some(&format!("{path}.path"), &transport.path);
    tree.put_some(&format!("{path}.headers.Host"), cut(&transport.host).first().map_or("", String::as_str));
    put_tls(proxy, &format!("{path}."), tree);
}

fn put_tls(proxy: &Proxy, before: &str, tree: &mut Tree) {
    let Some(tls) = &proxy.tls else { return };
    tree.put_some(&format!("{before}sni"), &tls.server_name);
    // Only what runs over QUIC may choose.
    if proxy.protocol == Protocol::Tuic {
        tree.put_list("alpn", &tls.alpn);
    }
    tree.put_yes(&format!("{before}skip_tls_verify"), tls.insecure);
    if tls.security == Security::Reality {
        tree.put_some(&format!("{before}reality.public_key"), &tls.public_key);
        tree.put_some(&format!("{before}reality.short_id"), &tls.short_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::write;

    fn written(link: &str, shape: Shape) -> String {
        write(FORMAT, &[link::parse(link).unwrap().of_document()], shape).unwrap().text
    }

    #[test]
    fn names_of_its_own_are_changed_and_ports_are_ports() {
        let text = written("hysteria2://p@192.0.2.1:443?mport=abc#Direct", Shape::List);
        assert!(text.contains("name: \"Direct 1\"") && !text.contains("abc"), "{text}");
    }

    #[test]
    fn what_is_kept_says_nothing_that_is_known() {
        let link = "trojan://p@192.0.2.1:443?egern%3Askip_tls_verify=true&egern%3AServer=evil.example\
            &egern%3Aprev_hop=DIRECT&egern%3Ablock_quic=true#a";
        let expected = "proxies:\n  - trojan: {name: a, server: \"192.0.2.1\", port: 443, block_quic: true, \
            password: p}\n";
        assert_eq!(written(link, Shape::List), expected);
    }
}
