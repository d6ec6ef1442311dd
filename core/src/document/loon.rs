//! Loon: `name = Shadowsocks,host,port,cipher,"password",…`: cipher, id and password stand in their places,
//! and secrets in quotes. A `WireGuard` tunnel is one line with its peers in brackets.
//!
//! Specification: <https://github.com/Loon0x00/LoonManual/blob/master/docs/cn/node.md>
//!
//! # Differences between programs
//!
//! - Older files have `tls-name` for `sni`, `ws=true` with `ws-path` for a transport, `transport:ws` with a
//!   colon, and the obfuscation of Shadowsocks in two places.
//! - Trojan over `http` is Trojan over WebSocket.
//! - Ports to hop over have a colon between their ends.
//!
//! # Incomplete support
//!
//! A `custom` proxy is one by a script, and refused.

use super::ciphers::{AEAD, BLAKE3, CAMELLIA, Families, OLDER, RARE, STREAM};
use super::client::{Client, Written};
use super::dialect::{
    ANY, Dialect, EITHER, Kind, Names, PLAIN, Part, TCP, TLS, Way, addresses, is_tunnel, joined, kind, lacks,
    networks, other_peers, read_networks, reserved, way_of,
};
use super::groups::profile;
use super::policy::{Line, Options, Table, is_in, is_one_of, read_lines, truth};
use super::whose::Program;
use super::{Reader, Reading, Shape};
use crate::link::{self, Reason};
use crate::proxy::{Credentials, Network, Param, Protocol, Security};
use crate::{Proxy, Text};

pub(super) struct Loon;

const CIPHERS: Families = &[AEAD, BLAKE3, STREAM, OLDER, CAMELLIA, RARE, &["rc4"]];

const OLD_CIPHERS: Families = &[STREAM, OLDER, CAMELLIA, &["none", "rc4", "rc4-md5-6"]];

const CIPHER: &[(Part, Names)] = &[(Part::Method, &[""]), (Part::Password, &["\""])];
const LOGIN: &[(Part, Names)] = &[(Part::Username, &[""]), (Part::Password, &["\""])];
const PASSWORD: &[(Part, Names)] = &[(Part::Password, &["\""])];
const VMESS: &[(Part, Names)] = &[(Part::Method, &[""]), (Part::Id, &["\""]), (Part::AlterId, &["alterId"])];
const VLESS: &[(Part, Names)] = &[(Part::Id, &["\""]), (Part::Flow, &["flow"])];

const SSR: &Table = &[
    (Param::SsrProtocol, &["protocol"]),
    (Param::ProtocolParam, &["protocol-param"]),
    (Param::Obfs, &["obfs"]),
    (Param::ObfsParam, &["obfs-param"]),
];
const HYSTERIA: &Table = &[
    (Param::Ports, &["server-ports"]),
    (Param::HopInterval, &["hop-interval"]),
    (Param::Down, &["download-bandwidth"]),
    (Param::ObfsPassword, &["salamander-password"]),
];
const ANYTLS: &Table = &[
    (Param::IdleCheck, &["idle-session-check-interval"]),
    (Param::IdleTimeout, &["idle-session-timeout"]),
    (Param::MinIdle, &["min-idle-session"]),
];

const WEB: &[Way] = &[Way::Tcp, Way::Ws, Way::Header];
const KEYED: &[Option<Security>] = &[Some(Security::Tls), Some(Security::Reality)];
const UOT: &Table = &[(Param::UdpOverTcp, &["udp-over-tcp"])];

const KINDS: &[Kind] = &[
    kind(&["Shadowsocks", "ss"], Protocol::Shadowsocks, CIPHER, UOT, TCP, PLAIN),
    kind(&["ShadowsocksR", "ssr"], Protocol::ShadowsocksR, CIPHER, SSR, TCP, PLAIN),
    kind(&["VMess"], Protocol::Vmess, VMESS, &[], WEB, ANY),
    kind(&["VLESS"], Protocol::Vless, VLESS, &[], WEB, ANY),
    kind(&["Trojan"], Protocol::Trojan, PASSWORD, &[], &[Way::Tcp, Way::Ws], KEYED),
    kind(&["http"], Protocol::Http, LOGIN, &[], TCP, PLAIN),
    kind(&["https"], Protocol::Https, LOGIN, &[], TCP, TLS),
    kind(&["socks5"], Protocol::Socks5, LOGIN, &[], TCP, EITHER),
    kind(&["Hysteria2"], Protocol::Hysteria2, PASSWORD, HYSTERIA, TCP, TLS),
    kind(&["AnyTLS"], Protocol::AnyTls, PASSWORD, ANYTLS, TCP, KEYED),
    kind(&["WireGuard"], Protocol::WireGuard, &[], &[], TCP, PLAIN),
];

/// Loon's language.
pub(super) static DIALECT: Dialect = Dialect {
    name: "loon",
    kinds: KINDS,
    params: &[
        (Param::FastOpen, &["fast-open"]),
        (Param::Udp, &["udp"]),
        (Param::CertSha256, &["tls-cert-sha256"]),
    ],
    tls: &[
        (Part::On, &["over-tls", "tls"]),
        (Part::ServerName, &["sni", "tls-name"]),
        (Part::Insecure, &["skip-cert-verify"]),
        (Part::Browser, &["tls-profile"]),
        (Part::Alpn, &["alpn"]),
        (Part::PublicKey, &["public-key"]),
        (Part::ShortId, &["short-id"]),
    ],
    carried: [&["transport"], &["path"], &["host"]],
    put_transport,
    put_on: |proxy, is_usual, options| {
        if !is_usual && proxy.protocol != Protocol::Trojan && proxy.protocol != Protocol::AnyTls {
            options.put("over-tls", truth(proxy.tls.is_some()));
        }
    },
    ciphers: CIPHERS,
    old_ciphers: OLD_CIPHERS,
    methods: &[
        ("auto", "auto"),
        ("none", "none"),
        ("zero", "none"),
        ("aes-128-cfb", "aes-128-cfb"),
        ("aes-128-gcm", "aes-128-gcm"),
        ("chacha20-poly1305", "chacha20-ietf-poly1305"),
    ],
    plugins: &["obfs-local", "shadow-tls"],
    obfs: "obfs-name",
    disguises: &["salamander"],
    alter_id: 0,
    flags: ["false", "true"],
    sni_off: false,
    browsers: &["chrome"],
    alpn: |protocol| matches!(protocol, Protocol::Trojan | Protocol::Hysteria2),
    ports: |ports| ports.replace('-', ":"),
    lacks: lacks!("Loon": Tuic "TUIC" Snell "Snell" Ssh "SSH" Socks4 "SOCKS4" Hysteria "Hysteria 1"
        Naive "naive" Juicity "Juicity" Mieru "mieru" Brook "Brook" OpenVpn "OpenVPN"),
};

fn put_transport(proxy: &Proxy, options: &mut Options) {
    let word = match way_of(&proxy.transport) {
        Some(Way::Ws) => "ws",
        Some(Way::Header) => "http",
        _ => "tcp",
    };
    options.put("transport", word);
    options.put_some("path", &proxy.transport.path);
    options.put_some("host", &proxy.transport.host);
}

/// Names are asked for over HTTPS.
const GENERAL: &str = "\
skip-proxy = {private}, localhost, *.local
dns-server = 1.1.1.1,9.9.9.9
doh-server = https://1.1.1.1/dns-query,https://9.9.9.9/dns-query
proxy-test-url = {test}
udp-fallback-mode = REJECT
";

impl Client for Loon {
    const PROGRAM: Program = Program::Loon;
    const NAME: &'static str = "loon";
    const SPECIFICATION: &'static str = "https://github.com/Loon0x00/LoonManual/blob/master/docs/cn/node.md";
    const EXAMPLE: &'static str =
        "[Proxy]\nBerlin = Shadowsocks,192.0.2.1,8388,aes-128-gcm,\"secret\",udp=true\n";

    fn read_file(text: &str, reading: &mut Reading) {
        read_lines(text, "proxy", reading, |line| read_line(line).map(Some));
    }
}

impl Written for Loon {
    const READER: &'static dyn Reader = &Loon;

    fn takes(proxy: &Proxy) -> Result<(), &'static str> {
        let lacks = &DIALECT.lacks;
        DIALECT.fits(proxy)?;
        match proxy.protocol {
            Protocol::WireGuard if !is_tunnel(proxy) => Err(lacks.feature),
            _ => Ok(()),
        }
    }

    fn file(proxies: &[Proxy], shape: Shape) -> String {
        let list: String = proxies.iter().map(write_line).collect();
        match shape {
            Shape::List => list,
            Shape::Configuration => profile(GENERAL, &list, "", proxies),
        }
    }
}

/// The options that older files write with a colon.
const COLONS: Names =
    &["transport", "path", "host", "over-tls", "tls-name", "alterId", "skip-cert-verify", "fast-open", "udp"];

fn read_line(line: &Line<'_>) -> Result<Proxy, Reason> {
    let (name, word, mut options) = line.entry()?;
    if word.eq_ignore_ascii_case("custom") {
        return Err(Reason::Foreign("a proxy by a script, which only Loon can run"));
    }
    let mut proxy = if word.eq_ignore_ascii_case("wireguard") {
        read_tunnel(options)?
    } else {
        options.cut_colons(COLONS);
        DIALECT.read_entry(&word, options)?
    };
    if proxy.protocol == Protocol::Trojan && proxy.transport.header == "http" {
        proxy.transport.header = Text::new();
        proxy.transport.network = Network::Ws;
    }
    proxy.name = name.into();
    Ok(proxy)
}

/// The fields of a tunnel beside its keys and addresses.
const TUNNEL: &Table = &[(Param::Mtu, &["mtu"]), (Param::Keepalive, &["keepalive", "keeyalive"])];
const PEER: &Table = &[(Param::PeerPublicKey, &["public-key"])];
/// The keys and addresses of a tunnel.
const LINE: Names = &["interface-ip", "interface-ipv6", "private-key", "dns", "dnsv6", "peers"];
/// The place and the other fields of a peer.
const PEERS: Names = &["endpoint", "preshared-key", "allowed-ips", "reserved"];

/// Reads a tunnel. Of several peers the first is the proxy's, the others are kept.
fn read_tunnel(mut options: Options) -> Result<Proxy, Reason> {
    let peers = options.take_as_is(&["peers"]);
    let inner = peers.strip_prefix('[').and_then(|peers| peers.strip_suffix(']')).unwrap_or(&peers);
    let mut peers = Options::of(inner);
    let first = peers.next().unwrap_or_default();
    let mut peer = Options::of(first.trim_matches(['{', '}']));
    let at = link::endpoint(&peer.take(&["endpoint"]), None)?;
    let mut proxy = Proxy::new(Protocol::WireGuard, at.host, at.port);
    let private_key = options.take(&["private-key"]);
    if private_key.is_empty() {
        return Err(Reason::Malformed("the private key is missing"));
    }
    let pre_shared_key = peer.take(&["preshared-key"]).into();
    proxy.credentials = Credentials::Keys { private_key: private_key.into(), pre_shared_key };
    proxy.set(
        Param::LocalAddress,
        joined(&[options.take(&["interface-ip"]), options.take(&["interface-ipv6"])]),
    );
    let servers = [options.take(&["dns"]), options.take(&["dnsv6"])];
    proxy.set(
        Param::Dns,
        servers.iter().filter(|server| !server.is_empty()).cloned().collect::<Vec<_>>().join(","),
    );
    let bytes = peer.take_if(&["reserved"], |bytes| link::reserved(bytes).is_some());
    proxy.set(Param::Reserved, bytes.and_then(|bytes| link::reserved(&bytes)).unwrap_or_default());
    peer.give(&mut proxy, PEER, |_, text| text.into());
    proxy.set(Param::AllowedIps, read_networks(&peer.take(&["allowed-ips"])));
    options.give(&mut proxy, TUNNEL, |_, text| text.into());
    options.give(&mut proxy, DIALECT.params, |_, text| text.into());
    options.keep(DIALECT.name, &mut proxy);
    peer.keep("loon:peer", &mut proxy);
    peers.keep("loon:peers", &mut proxy);
    Ok(proxy)
}

fn write_line(proxy: &Proxy) -> String {
    let at = &proxy.endpoint;
    if proxy.protocol == Protocol::WireGuard {
        return write_tunnel(proxy);
    }
    let Some(kind) = DIALECT.kind_of(proxy) else { return String::new() };
    let word = kind.words.first().copied().unwrap_or_default();
    let options = DIALECT.options(kind, proxy).print(",");
    format!("{} = {word},{},{}{options}\n", proxy.name, at.host, at.port)
}

fn write_tunnel(proxy: &Proxy) -> String {
    let keep = |_: Param, value: &str| Some(value.to_owned());
    let Credentials::Keys { private_key, pre_shared_key } = &proxy.credentials else { return String::new() };
    let mut options = Options::default();
    let [four, six] = addresses(proxy);
    options.put_some("interface-ip", &four);
    options.put_some("interface-ipv6", &six);
    options.put("private-key\"", private_key.expose());
    let servers = proxy.param(Param::Dns).unwrap_or_default().split(',');
    let (six, four): (Vec<_>, Vec<_>) = servers.partition(|server| server.contains(':'));
    options.put_some("dns", four.first().copied().unwrap_or_default());
    options.put_some("dnsv6", six.first().copied().unwrap_or_default());
    options.put_params(proxy, TUNNEL, DIALECT.flags, keep);
    options.put_params(proxy, DIALECT.params, DIALECT.flags, keep);
    let known = |name: &str| is_in(name, TUNNEL) || is_in(name, DIALECT.params) || is_one_of(name, LINE);
    options.put_kept("loon", proxy, known);
    let mut peer = Options::default();
    peer.put("public-key\"", proxy.param(Param::PeerPublicKey).unwrap_or_default());
    peer.put_some("preshared-key\"", pre_shared_key.expose());
    peer.put("allowed-ips\"", networks(proxy));
    peer.put("endpoint", proxy.endpoint.to_string());
    peer.put_kept("loon:peer", proxy, |name| is_in(name, PEER) || is_one_of(name, PEERS));
    let bytes = reserved(proxy).map_or(String::new(), |bytes| format!(",reserved=[{bytes}]"));
    let others: String = other_peers("loon:peers", proxy, ['{', '}']).flat_map(|peer| [",", peer]).collect();
    let (options, peer) = (options.print(","), peer.print(","));
    let peer = peer.strip_prefix(',').unwrap_or(&peer);
    format!("{} = WireGuard{options},peers=[{{{peer}{bytes}}}{others}]\n", proxy.name)
}
