//! The types of proxies, by one table: how each is called, where its parameters stand, and as whom it is
//! used.

use serde_json::Value;

use super::super::kept::{Kept, is_any};
use super::super::tree::{Table, Tree, cut, is_range};
use super::{FORMAT, plugin, stream};
use crate::link::Reason;
use crate::proxy::{Credentials, Param, Protocol, Tls};
use crate::{Proxy, Text, link};

/// One type.
pub(super) struct Type {
    /// Its names; the first is written.
    pub(super) names: &'static [&'static str],
    pub(super) protocol: Protocol,
    /// Where its parameters stand.
    table: &'static Table,
    pub(super) secured: Secured,
    /// Whether it has a transport to choose.
    has_transport: bool,
}

/// Whether a type has TLS.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Secured {
    Always,
    /// Where `tls` says so; the server is called `sni`, or `servername`.
    Asked(&'static str),
    Never,
}

const SNI: Secured = Secured::Asked("sni");
const SERVER_NAME: Secured = Secured::Asked("servername");

const SHADOWSOCKS: &Table = &[(Param::UdpOverTcp, &["udp-over-tcp"])];

const SHADOWSOCKS_R: &Table = &[
    (Param::Obfs, &["obfs"]),
    (Param::ObfsParam, &["obfs-param"]),
    (Param::SsrProtocol, &["protocol"]),
    (Param::ProtocolParam, &["protocol-param"]),
];

const USER: &Table = &[(Param::PacketEncoding, &["packet-encoding"])];

const SNELL: &Table = &[
    (Param::Version, &["version"]),
    (Param::Obfs, &["obfs-opts.mode"]),
    (Param::ObfsParam, &["obfs-opts.host"]),
    (Param::Reuse, &["reuse"]),
];

const HYSTERIA: &Table = &[
    (Param::Ports, &["ports"]),
    (Param::HopInterval, &["hop-interval"]),
    (Param::Up, &["up", "up-speed"]),
    (Param::Down, &["down", "down-speed"]),
    // The secret; what it is a secret of has no choice.
    (Param::ObfsPassword, &["obfs"]),
    (Param::Carrier, &["protocol", "obfs-protocol"]),
];

const HYSTERIA2: &Table = &[
    (Param::Ports, &["ports"]),
    (Param::HopInterval, &["hop-interval"]),
    (Param::Up, &["up", "up-speed"]),
    (Param::Down, &["down", "down-speed"]),
    (Param::Obfs, &["obfs"]),
    (Param::ObfsPassword, &["obfs-password"]),
    (Param::Realm, &["realm-opts.realm-id"]),
    (Param::RealmToken, &["realm-opts.token"]),
    (Param::Stun, &["realm-opts.stun-servers"]),
];

const TUIC: &Table = &[
    (Param::Congestion, &["congestion-controller"]),
    (Param::UdpRelayMode, &["udp-relay-mode"]),
    (Param::UdpOverStream, &["udp-over-stream"]),
    (Param::ReduceRtt, &["reduce-rtt"]),
    (Param::DisableSni, &["disable-sni"]),
    (Param::Heartbeat, &["heartbeat-interval"]),
];

const JUICITY: &Table = &[
    (Param::Congestion, &["congestion-controller"]),
    (Param::CertChainSha256, &["pinned-certchain-sha256"]),
];

const WIRE_GUARD: &Table = &[
    (Param::PeerPublicKey, &["public-key"]),
    (Param::AllowedIps, &["allowed-ips"]),
    (Param::Dns, &["dns"]),
    (Param::Mtu, &["mtu"]),
    (Param::Keepalive, &["persistent-keepalive", "keepalive"]),
    (Param::Jc, &["amnezia-wg-option.jc"]),
    (Param::Jmin, &["amnezia-wg-option.jmin"]),
    (Param::Jmax, &["amnezia-wg-option.jmax"]),
    (Param::S1, &["amnezia-wg-option.s1"]),
    (Param::S2, &["amnezia-wg-option.s2"]),
    (Param::S3, &["amnezia-wg-option.s3"]),
    (Param::S4, &["amnezia-wg-option.s4"]),
    (Param::H1, &["amnezia-wg-option.h1"]),
    (Param::H2, &["amnezia-wg-option.h2"]),
    (Param::H3, &["amnezia-wg-option.h3"]),
    (Param::H4, &["amnezia-wg-option.h4"]),
    (Param::I1, &["amnezia-wg-option.i1"]),
    (Param::I2, &["amnezia-wg-option.i2"]),
    (Param::I3, &["amnezia-wg-option.i3"]),
    (Param::I4, &["amnezia-wg-option.i4"]),
    (Param::I5, &["amnezia-wg-option.i5"]),
];

const SSH: &Table = &[(Param::HostKey, &["host-key"]), (Param::Passphrase, &["private-key-passphrase"])];

const ANY_TLS: &Table = &[
    (Param::IdleCheck, &["idle-session-check-interval"]),
    (Param::IdleTimeout, &["idle-session-timeout"]),
    (Param::MinIdle, &["min-idle-session"]),
];

const MIERU: &Table = &[
    (Param::Ports, &["port-range", "ports"]),
    (Param::Carrier, &["transport"]),
    (Param::Multiplexing, &["multiplexing"]),
    (Param::HandshakeMode, &["handshake-mode"]),
];

const DIAL: &Table = &[(Param::Udp, &["udp"]), (Param::FastOpen, &["tfo", "fast-open"])];
/// The same of what runs over QUIC: `tfo` is of TCP there.
const DIAL_QUIC: &Table = &[(Param::Udp, &["udp"]), (Param::FastOpen, &["fast-open"])];

/// Those parameters that are written as lists.
const LISTS: &[Param] = &[Param::AllowedIps, Param::Dns, Param::HostKey, Param::Stun];

const fn plain(names: &'static [&'static str], protocol: Protocol, table: &'static Table) -> Type {
    Type { names, protocol, table, secured: Secured::Never, has_transport: false }
}

const fn secured(names: &'static [&'static str], protocol: Protocol, table: &'static Table) -> Type {
    Type { secured: Secured::Always, ..plain(names, protocol, table) }
}

const fn carried(names: &'static [&'static str], protocol: Protocol, secured: Secured) -> Type {
    Type { secured, has_transport: true, ..plain(names, protocol, USER) }
}

const fn asked(names: &'static [&'static str], protocol: Protocol) -> Type {
    Type { secured: SNI, ..plain(names, protocol, &[]) }
}

/// Every type that this program knows more of.
const TYPES: &[Type] = &[
    plain(&["ss", "shadowsocks"], Protocol::Shadowsocks, SHADOWSOCKS),
    plain(&["ssr", "shadowsocksr"], Protocol::ShadowsocksR, SHADOWSOCKS_R),
    carried(&["vmess"], Protocol::Vmess, SERVER_NAME),
    carried(&["vless"], Protocol::Vless, SERVER_NAME),
    carried(&["trojan"], Protocol::Trojan, Secured::Always),
    asked(&["http", "https"], Protocol::Http),
    asked(&["socks5", "socks"], Protocol::Socks5),
    asked(&["socks4", "socks4a"], Protocol::Socks4),
    plain(&["snell"], Protocol::Snell, SNELL),
    secured(&["hysteria"], Protocol::Hysteria, HYSTERIA),
    secured(&["hysteria2", "hy2"], Protocol::Hysteria2, HYSTERIA2),
    secured(&["tuic"], Protocol::Tuic, TUIC),
    secured(&["juicity"], Protocol::Juicity, JUICITY),
    secured(&["anytls"], Protocol::AnyTls, ANY_TLS),
    plain(&["wireguard", "wg"], Protocol::WireGuard, WIRE_GUARD),
    plain(&["ssh"], Protocol::Ssh, SSH),
    plain(&["mieru"], Protocol::Mieru, MIERU),
];

/// A type whose fields are all kept.
const OPEN_VPN: Type = plain(&["openvpn"], Protocol::OpenVpn, &[]);
const OTHER: Type = plain(&[], Protocol::Other, &[]);

/// The type of a name, whatever its case.
pub(super) fn named(name: &str) -> Option<&'static Type> {
    let is = |known: &&str| known.eq_ignore_ascii_case(name);
    TYPES.iter().chain([&OPEN_VPN]).find(|kind| kind.names.iter().any(is))
}

/// The type of a protocol.
pub(super) fn of(protocol: Protocol) -> &'static Type {
    let protocol = if protocol == Protocol::Https { Protocol::Http } else { protocol };
    TYPES.iter().chain([&OPEN_VPN]).find(|kind| kind.protocol == protocol).unwrap_or(&OTHER)
}

impl Type {
    /// Reads a proxy of this type.
    pub(super) fn read(&self, mut tree: Tree) -> Result<Proxy, Reason> {
        flatten_peers(&mut tree);
        let host = tree.take_host(&["server"])?;
        let port = port(&mut tree)?;
        let mut proxy = Proxy::new(self.protocol, host, port);
        proxy.name = tree.take(&["name"]);
        proxy.credentials = credentials(self.protocol, &mut tree)?;
        if self.secured != Secured::Never {
            self.read_tls(&mut tree, &mut proxy);
        }
        if self.has_transport {
            stream::read(&mut tree, &mut proxy)?;
        }
        tree.give(&mut proxy, self.dial());
        packet_encoding(&mut tree);
        tree.give(&mut proxy, self.table);
        self.amend(&mut tree, &mut proxy);
        tree.keep(FORMAT, &mut proxy);
        Ok(proxy)
    }

    fn dial(&self) -> &'static Table {
        if self.protocol.is_datagram() && self.protocol != Protocol::WireGuard { DIAL_QUIC } else { DIAL }
    }

    fn read_tls(&self, tree: &mut Tree, proxy: &mut Proxy) {
        stream::read_tls(tree, proxy, self.secured);
        if self.protocol == Protocol::Http && proxy.tls.is_some() {
            proxy.protocol = Protocol::Https;
            proxy.tls = proxy.tls.take().filter(|tls| *tls != Tls::default());
        }
    }

    /// Reads what no table says.
    fn amend(&self, tree: &mut Tree, proxy: &mut Proxy) {
        match self.protocol {
            Protocol::Shadowsocks => plugin::read(tree, proxy),
            Protocol::ShadowsocksR => {
                for (param, usual) in [(Param::SsrProtocol, "origin"), (Param::Obfs, "plain")] {
                    let said = proxy.param(param).unwrap_or(usual).to_ascii_lowercase();
                    proxy.set(param, said);
                }
            }
            Protocol::Trojan => shadow_layer(tree, proxy),
            Protocol::Hysteria | Protocol::Hysteria2 => hysteria(tree, proxy),
            Protocol::Tuic => version(tree, proxy),
            Protocol::WireGuard => addresses(tree, proxy),
            Protocol::Mieru if proxy.param(Param::Carrier) == Some("TCP") => proxy.set(Param::Carrier, ""),
            _ => {}
        }
    }

    /// Writes a proxy of this type. `goes_on` is whether the proxy is there that it goes through.
    pub(super) fn write(&self, proxy: &Proxy, goes_on: bool) -> Tree {
        let mut tree = Tree::default();
        tree.put("name", proxy.name.as_str());
        tree.put("type", self.names.first().copied().or(proxy.param(Param::Type)).unwrap_or_default());
        tree.put("server", proxy.endpoint.host.as_str());
        tree.put("port", proxy.endpoint.port);
        put_credentials(proxy, &mut tree);
        stream::write_tls(proxy, self.secured, &mut tree);
        if self.has_transport {
            stream::write(proxy, &mut tree);
        }
        tree.put_strict(proxy, self.dial());
        tree.put_strict(proxy, self.table);
        self.put_lists(proxy, &mut tree);
        self.put_rest(proxy, &mut tree);
        let wanted = |path: &str| goes_on && path == DIALER || !is_any(path, &[DIALER, "underlying-proxy"]);
        Kept::of(FORMAT, proxy, wanted).under(tree, |tree| self.read(tree).ok())
    }

    fn put_lists(&self, proxy: &Proxy, tree: &mut Tree) {
        for (param, paths) in self.table.iter().filter(|(param, _)| LISTS.contains(param)) {
            let (Some(list), Some(path)) = (proxy.param(*param), paths.first()) else { continue };
            tree.put_list(path, &cut(list));
        }
    }

    /// Writes what [`amend`](Self::amend) reads.
    fn put_rest(&self, proxy: &Proxy, tree: &mut Tree) {
        match self.protocol {
            Protocol::Shadowsocks => plugin::write(proxy, tree),
            Protocol::Trojan => put_shadow_layer(proxy, tree),
            Protocol::Hysteria | Protocol::Hysteria2 => {
                for (param, path) in [(Param::Up, "up"), (Param::Down, "down")] {
                    tree.put_number(path, proxy.param(param).unwrap_or_default());
                }
                // A text, since it may be a range.
                let hop = proxy.param(Param::HopInterval).unwrap_or_default();
                tree.put_number("hop-interval", hop);
                put_realm(proxy, tree);
            }
            Protocol::WireGuard => {
                tree.put_some("public-key", &padded(proxy.param(Param::PeerPublicKey).unwrap_or_default()));
                put_addresses(proxy, tree);
                // Texts, since they may be ranges.
                for (param, name) in
                    [(Param::H1, "h1"), (Param::H2, "h2"), (Param::H3, "h3"), (Param::H4, "h4")]
                {
                    let said = proxy.param(param).filter(|said| is_range(said)).unwrap_or_default();
                    tree.put_some(&format!("amnezia-wg-option.{name}"), said);
                }
            }
            Protocol::Mieru => {
                tree.put("transport", proxy.param(Param::Carrier).unwrap_or("TCP"));
                if proxy.param(Param::Ports).is_some() {
                    tree.take_value(&["port"]);
                }
            }
            _ => {}
        }
    }
}

/// Where the proxy is named that another goes through.
const DIALER: &str = "dialer-proxy";

/// Reads a proxy of a type that nobody here knows more of: all but name and place is kept.
pub(super) fn read_other(name: &str, tree: Tree) -> Result<Proxy, Reason> {
    let mut proxy = OTHER.read(tree)?;
    proxy.set(Param::Type, name);
    Ok(proxy)
}

/// Puts the first of the peers of `WireGuard` to where a single one stands. A list of several stays.
fn flatten_peers(tree: &mut Tree) {
    let Some(Value::Array(mut peers)) = tree.take_value(&["peers"]) else { return };
    if peers.len() > 1 {
        tree.put("peers", peers.clone());
    }
    peers.drain(1.min(peers.len())..);
    peers.into_iter().filter_map(Tree::of).for_each(|peer| tree.fill(peer));
}

/// Takes the port; where there are only `ports` or a `port-range`, the first of them.
fn port(tree: &mut Tree) -> Result<u16, Reason> {
    let said = tree.take(&["port"]);
    tree.put_some(if said.contains(['-', ',']) { "port-range" } else { "port" }, &said);
    let ports = tree.take(&["ports", "port-range"]);
    match tree.take_port(&["port"]) {
        Err(Reason::NoPort) if !ports.is_empty() => {
            let first = link::port(ports.split(['-', ',']).next().unwrap_or_default());
            tree.put_some("ports", &ports);
            first
        }
        port => {
            tree.put_some("ports", &ports);
            port
        }
    }
}

/// Takes a text that must be there.
fn needed(tree: &mut Tree, paths: &[&str], missing: &'static str) -> Result<Text, Reason> {
    match tree.take_as_is(paths) {
        text if text.trim().is_empty() => Err(Reason::Malformed(missing)),
        text => Ok(text),
    }
}

const NO_ID: &str = "the user's id is missing: expected uuid";
const NO_PASSWORD: &str = "the password is missing";

fn credentials(protocol: Protocol, tree: &mut Tree) -> Result<Credentials, Reason> {
    Ok(match protocol {
        Protocol::Shadowsocks => {
            link::cipher(&method(&tree.take(&["cipher", "method"])), &tree.take_as_is(&["password"]))?
        }
        Protocol::ShadowsocksR => {
            let said = tree.take(&["cipher", "method"]).to_ascii_lowercase();
            let method = if matches!(said.as_str(), "" | "dummy") { "none".into() } else { said };
            Credentials::Cipher { method, password: tree.take_as_is(&["password"]).into() }
        }
        Protocol::Vmess => vmess(tree)?,
        Protocol::Vless => {
            let id = needed(tree, &["uuid"], NO_ID)?.trim().to_owned().into();
            let encryption = tree.take(&["encryption"]);
            let encryption = if encryption.is_empty() { "none".into() } else { encryption };
            Credentials::Vless { id, encryption, flow: tree.take(&["flow"]) }
        }
        Protocol::Trojan | Protocol::AnyTls => {
            Credentials::Password(needed(tree, &["password"], NO_PASSWORD)?.into())
        }
        Protocol::Snell => Credentials::Password(
            needed(tree, &["psk", "password"], "the key is missing: expected psk")?.into(),
        ),
        Protocol::Hysteria | Protocol::Hysteria2 => auth(tree, protocol),
        Protocol::Tuic => tuic(tree)?,
        Protocol::Juicity => user(tree)?,
        Protocol::WireGuard => keys(tree)?,
        Protocol::Ssh => ssh(tree)?,
        Protocol::Http | Protocol::Socks5 | Protocol::Socks4 | Protocol::Mieru => login(tree),
        _ => Credentials::None,
    })
}

/// The name of a cipher; go-shadowsocks2 calls them `AEAD_AES_256_GCM` and the like.
fn method(said: &str) -> String {
    let said = said.to_ascii_lowercase();
    match said.strip_prefix("aead_") {
        Some("chacha20_poly1305") => "chacha20-ietf-poly1305".into(),
        Some(name) => name.replace('_', "-"),
        None => said,
    }
}

fn vmess(tree: &mut Tree) -> Result<Credentials, Reason> {
    let id = needed(tree, &["uuid"], NO_ID)?.trim().to_owned().into();
    let said = tree.take(&["cipher"]);
    let known = ["auto", "none", "zero", "aes-128-gcm", "chacha20-poly1305"];
    let cipher = known.into_iter().find(|cipher| cipher.eq_ignore_ascii_case(&said));
    if cipher.is_none() {
        tree.put_some("cipher", &said);
    }
    let alter_id = tree.take(&["alterId"]).parse().unwrap_or_default();
    Ok(Credentials::Vmess { id, cipher: cipher.unwrap_or("auto").into(), alter_id })
}

/// The secret of Hysteria. Version 1 has it in base64 as `auth`, and as it is as `auth-str`.
fn auth(tree: &mut Tree, protocol: Protocol) -> Credentials {
    let names: &[_] = if protocol == Protocol::Hysteria2 { &["password", "auth"] } else { &["auth-str"] };
    let plain = tree.take_as_is(names);
    if !plain.is_empty() {
        // Lists write it twice, as `auth-str` and as `auth_str`.
        let again = tree.take_as_is(names);
        tree.put_some("auth_str", if again == plain { "" } else { &again });
        return Credentials::Password(plain.into());
    }
    let encoded = tree.take(&["auth"]);
    if let Some(text) = link::base64::decode_text(&encoded).filter(|text| !text.is_empty()) {
        return Credentials::Password(text.into());
    }
    tree.put_some("auth", &encoded);
    Credentials::None
}

fn tuic(tree: &mut Tree) -> Result<Credentials, Reason> {
    let token = tree.take(&["token"]);
    if token.is_empty() { user(tree) } else { Ok(Credentials::Password(token.into())) }
}

fn user(tree: &mut Tree) -> Result<Credentials, Reason> {
    let id = needed(tree, &["uuid"], "the user is missing: expected uuid and password")?.into();
    Ok(Credentials::User { id, password: tree.take_as_is(&["password"]).into() })
}

fn keys(tree: &mut Tree) -> Result<Credentials, Reason> {
    let private_key = needed(tree, &["private-key"], "the private key is missing")?.into();
    let pre_shared_key = tree.take(&["pre-shared-key", "preshared-key"]).into();
    Ok(Credentials::Keys { private_key, pre_shared_key })
}

fn ssh(tree: &mut Tree) -> Result<Credentials, Reason> {
    Ok(Credentials::Ssh {
        username: needed(tree, &["username"], "the user is missing: expected username")?,
        password: tree.take_as_is(&["password"]).into(),
        private_key: tree.take_as_is(&["private-key"]).into(),
    })
}

fn login(tree: &mut Tree) -> Credentials {
    let (username, password) = (tree.take_as_is(&["username"]), tree.take_as_is(&["password"]));
    if username.is_empty() && password.is_empty() {
        return Credentials::None;
    }
    Credentials::Login { username, password: password.into() }
}

fn put_credentials(proxy: &Proxy, tree: &mut Tree) {
    match &proxy.credentials {
        Credentials::None => {}
        Credentials::Login { username, password } => {
            tree.put_some("username", username);
            tree.put_some("password", password.expose());
        }
        Credentials::Password(secret) => tree.put(secret_name(proxy.protocol), secret.expose()),
        Credentials::User { id, password } => {
            tree.put("uuid", id.expose());
            tree.put("password", password.expose());
        }
        Credentials::Keys { private_key, pre_shared_key } => {
            tree.put("private-key", padded(private_key.expose()));
            tree.put_some("pre-shared-key", &padded(pre_shared_key.expose()));
        }
        Credentials::Ssh { username, password, private_key } => {
            tree.put("username", username.as_str());
            tree.put_some("password", password.expose());
            tree.put_some("private-key", private_key.expose());
        }
        Credentials::Cipher { method, password } => {
            let is_none = proxy.protocol == Protocol::ShadowsocksR && method == "none";
            tree.put("cipher", if is_none { "dummy" } else { cipher(method) });
            tree.put("password", password.expose());
        }
        Credentials::Vmess { id, cipher, alter_id } => {
            tree.put("uuid", id.expose());
            tree.put("alterId", *alter_id);
            tree.put("cipher", cipher.as_str());
        }
        Credentials::Vless { id, encryption, flow } => {
            tree.put("uuid", id.expose());
            tree.put_some("encryption", if encryption == "none" { "" } else { encryption });
            tree.put_some("flow", flow);
        }
    }
}

/// A cipher's name here: some programs leave the `ietf` out that all of them mean.
pub(super) fn cipher(method: &str) -> &str {
    if method == "chacha20-poly1305" { "chacha20-ietf-poly1305" } else { method }
}

/// A key in the one alphabet of base64 that programs take here, with its padding.
fn padded(key: &str) -> String {
    let digits = key.trim_end_matches('=').replace('-', "+").replace('_', "/");
    let padding = "=".repeat(digits.len().wrapping_neg() % 4);
    digits + &padding
}

fn secret_name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Snell => "psk",
        Protocol::Hysteria => "auth-str",
        Protocol::Tuic => "token",
        _ => "password",
    }
}

/// Says by its newer name what `xudp` and `packet-addr` say.
fn packet_encoding(tree: &mut Tree) {
    let said = tree.take(&["packet-encoding"]);
    if !said.is_empty() {
        return tree.put("packet-encoding", if said == "packet" { "packetaddr" } else { said.as_str() });
    }
    for (flag, name) in [("xudp", "xudp"), ("packet-addr", "packetaddr")] {
        match tree.take_flag(&[flag]) {
            Some(true) => return tree.put("packet-encoding", name),
            Some(false) => tree.put(flag, false),
            None => {}
        }
    }
}

/// Reads the Shadowsocks layer of Trojan-Go.
fn shadow_layer(tree: &mut Tree, proxy: &mut Proxy) {
    if tree.take_flag(&["ss-opts.enabled"]) == Some(true) {
        let method = tree.take(&["ss-opts.method"]).to_ascii_lowercase();
        let password = tree.take_as_is(&["ss-opts.password"]);
        let method = if method.is_empty() { "aes-128-gcm" } else { &method };
        proxy.set(Param::ShadowLayer, format!("ss;{method}:{password}"));
    }
}

fn put_shadow_layer(proxy: &Proxy, tree: &mut Tree) {
    let layer = proxy.param(Param::ShadowLayer).and_then(|layer| layer.strip_prefix("ss;"));
    if let Some((method, password)) = layer.and_then(|layer| layer.split_once(':')) {
        tree.put("ss-opts.enabled", true);
        tree.put("ss-opts.method", method);
        tree.put("ss-opts.password", password);
    }
}

/// Names the obfuscation of version 1, and reads the realm of version 2.
fn hysteria(tree: &mut Tree, proxy: &mut Proxy) {
    if proxy.protocol == Protocol::Hysteria && proxy.param(Param::ObfsPassword).is_some() {
        proxy.set(Param::Obfs, "xplus");
    }
    let url = tree.take(&["realm-opts.server-url"]);
    if proxy.param(Param::Realm).is_none() || url.is_empty() {
        return tree.put_some("realm-opts.server-url", &url);
    }
    tree.take_flag(&["realm-opts.enable"]);
    if url.starts_with("http://") {
        proxy.set(Param::Carrier, "http");
    }
}

fn put_realm(proxy: &Proxy, tree: &mut Tree) {
    if proxy.param(Param::Realm).is_some() {
        let scheme = proxy.param(Param::Carrier).unwrap_or("https");
        tree.put("realm-opts.enable", true);
        tree.put("realm-opts.server-url", format!("{scheme}://{}", proxy.endpoint));
    }
}

/// Takes the version that Stash wants where the user says it already.
fn version(tree: &mut Tree, proxy: &Proxy) {
    let said = tree.take(&["version"]);
    let known = if matches!(proxy.credentials, Credentials::Password(_)) { "4" } else { "5" };
    if said != known {
        tree.put_some("version", &said);
    }
}

/// Reads the addresses within the tunnel and the reserved bytes.
fn addresses(tree: &mut Tree, proxy: &mut Proxy) {
    let mut addresses = tree.take_list(&["ip", "address"]);
    addresses.extend(tree.take_list(&["ipv6"]));
    proxy.set(Param::LocalAddress, addresses.join(","));
    let said = tree.take_list(&["reserved"]).join(",");
    match link::reserved(&said).filter(|_| !said.is_empty()) {
        Some(bytes) => proxy.set(Param::Reserved, bytes),
        None => tree.put_some("reserved", &said),
    }
}

fn put_addresses(proxy: &Proxy, tree: &mut Tree) {
    let addresses = cut(proxy.param(Param::LocalAddress).unwrap_or_default());
    for (name, is_six) in [("ip", false), ("ipv6", true)] {
        let first = addresses.iter().find(|address| address.contains(':') == is_six);
        tree.put_some(name, first.map_or("", String::as_str));
    }
    let bytes: Result<Vec<u8>, _> =
        proxy.param(Param::Reserved).unwrap_or_default().split(',').map(str::parse).collect();
    if let Ok(bytes) = bytes {
        tree.put("reserved", bytes);
    }
}
