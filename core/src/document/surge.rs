//! Surge: `name = ss, host, port, encrypt-method=…, password=…` under `[Proxy]`. A `WireGuard` tunnel has a
//! section of its own, which its line names.
//!
//! Specification: <https://manual.nssurge.com/policies/overview.html>
//!
//! # Differences between programs
//!
//! - Older files give name and password of HTTP and SOCKS in their places, and Shadowsocks as `custom`
//!   with the address of a module behind it, which says nothing of the proxy and is dropped.
//! - `VMess` without `vmess-aead` has the older header here.
//! - One generator of lists glues `tls=true` to the value before it.
//!
//! # Incomplete support
//!
//! The key of an SSH policy stands in Surge's keystore, so that only its name is kept. An `external` policy
//! is a program of its own computer and refused.

use std::collections::HashMap;

use super::ciphers::{AEAD, BLAKE3, CAMELLIA, Families, OLDER, RARE, STREAM};
use super::client::{Client, Written};
use super::dialect::{
    ANY, Dialect, EITHER, Kind, Names, PLAIN, Part, TCP, TLS, Way, addresses, has_breaks, is_tunnel, joined,
    kind, lacks, networks, other_peers, put_flags, read_networks, reserved,
};
use super::groups::profile;
use super::policy::{Line, Options, Table, breaks, is_in, is_one_of, lines, read_lines, truth};
use super::whose::Program;
use super::{Reader, Reading, Shape};
use crate::Proxy;
use crate::link::{self, Reason};
use crate::proxy::{Credentials, Network, Param, Protocol, Security};

pub(super) struct Surge;

/// All ciphers of Shadowsocks that Surge has.
const CIPHERS: Families = &[AEAD, BLAKE3, STREAM, OLDER, CAMELLIA, RARE, &["none", "rc4"]];

/// A password under the name that most protocols have for it.
pub(super) const PASSWORD: &[(Part, Names)] = &[(Part::Password, &["password"])];
const LOGIN: &[(Part, Names)] = &[(Part::Username, &["username"]), (Part::Password, &["password"])];
/// Shadowsocks.
pub(super) const CIPHER: &[(Part, Names)] =
    &[(Part::Method, &["encrypt-method", "method"]), (Part::Password, &["password"])];
/// `VMess`.
pub(super) const VMESS: &[(Part, Names)] =
    &[(Part::Id, &["username"]), (Part::Method, &["encrypt-method"]), (Part::Aead, &["vmess-aead"])];
const VLESS: &[(Part, Names)] = &[(Part::Id, &["username"]), (Part::Flow, &["flow"])];
/// TUIC 5.
pub(super) const USER: &[(Part, Names)] = &[(Part::Id, &["uuid"]), (Part::Password, &["password"])];
/// Snell.
pub(super) const KEY: &[(Part, Names)] = &[(Part::Password, &["psk"])];

/// The parameters of Snell.
pub(super) const SNELL: &Table = &[
    (Param::Version, &["version"]),
    (Param::Obfs, &["obfs"]),
    (Param::ObfsParam, &["obfs-host"]),
    (Param::Reuse, &["reuse"]),
];
/// The parameters of protocols that hop.
pub(super) const HOPS: &Table =
    &[(Param::Ports, &["port-hopping"]), (Param::HopInterval, &["port-hopping-interval"])];
/// The parameters of Hysteria 2.
pub(super) const HYSTERIA: &Table = &[
    (Param::Ports, &["port-hopping"]),
    (Param::HopInterval, &["port-hopping-interval"]),
    (Param::Down, &["download-bandwidth"]),
    (Param::ObfsPassword, &["salamander-password"]),
];
/// The parameters of `AnyTLS`.
pub(super) const REUSE: &Table = &[(Param::Reuse, &["reuse"])];

const WS: &[Way] = &[Way::Tcp, Way::Ws];

const KINDS: &[Kind] = &[
    kind(&["ss", "shadowsocks", "custom"], Protocol::Shadowsocks, CIPHER, &[], TCP, PLAIN),
    kind(&["vmess"], Protocol::Vmess, VMESS, &[], WS, EITHER),
    kind(&["vless"], Protocol::Vless, VLESS, &[], &[Way::Tcp, Way::Ws, Way::Grpc], ANY),
    kind(&["trojan"], Protocol::Trojan, PASSWORD, &[], WS, TLS),
    kind(&["http"], Protocol::Http, LOGIN, &[], TCP, PLAIN),
    kind(&["https"], Protocol::Https, LOGIN, &[], TCP, TLS),
    kind(&["socks5"], Protocol::Socks5, LOGIN, &[], TCP, PLAIN),
    kind(&["socks5-tls"], Protocol::Socks5, LOGIN, &[], TCP, TLS),
    kind(&["snell"], Protocol::Snell, KEY, SNELL, TCP, PLAIN),
    kind(&["tuic"], Protocol::Tuic, &[(Part::Password, &["token"])], HOPS, TCP, TLS),
    kind(&["tuic-v5"], Protocol::Tuic, USER, HOPS, TCP, TLS),
    kind(&["hysteria2"], Protocol::Hysteria2, PASSWORD, HYSTERIA, TCP, TLS),
    kind(&["anytls"], Protocol::AnyTls, PASSWORD, REUSE, TCP, TLS),
    kind(&["ssh"], Protocol::Ssh, LOGIN, &[], TCP, PLAIN),
    kind(&["wireguard"], Protocol::WireGuard, &[], &[], TCP, PLAIN),
];

/// Surge's language.
pub(super) static DIALECT: Dialect = Dialect {
    name: "surge",
    kinds: KINDS,
    params: &[
        (Param::FastOpen, &["tfo", "fast-open"]),
        (Param::Udp, &["udp-relay"]),
        (Param::CertSha256, &["server-cert-fingerprint-sha256"]),
        (Param::VerifyCertName, &["server-cert-verify-name"]),
    ],
    tls: &[
        (Part::On, &["tls"]),
        (Part::ServerName, &["sni"]),
        (Part::Insecure, &["skip-cert-verify", "skip-common-name-verify"]),
        (Part::Alpn, &["alpn"]),
        (Part::PublicKey, &["reality-public-key"]),
        (Part::ShortId, &["reality-short-id"]),
    ],
    put_transport: |proxy, options| put_flags(proxy, "surge", options),
    ciphers: CIPHERS,
    plugins: &["obfs-local", "shadow-tls"],
    alter_id: 1,
    sni_off: true,
    alpn: |_| true,
    lacks: lacks!("Surge": Socks4 "SOCKS4" ShadowsocksR "ShadowsocksR" Hysteria "Hysteria 1" Naive "naive"
        Juicity "Juicity" Mieru "mieru" Brook "Brook" OpenVpn "OpenVPN"),
    ..super::surfboard::BASE
};

/// The ciphers of `VMess`: without a word the client chooses.
pub(super) const METHODS: &[(&str, &str)] =
    &[("aes-128-gcm", "aes-128-gcm"), ("chacha20-poly1305", "chacha20-ietf-poly1305")];

/// Puts `tls=true` where it is not meant anyway. A REALITY key says it by itself.
pub(super) fn put_on(proxy: &Proxy, is_usual: bool, options: &mut Options) {
    if !is_usual && proxy.tls.as_ref().is_some_and(|tls| tls.security == Security::Tls) {
        options.put("tls", truth(true));
    }
}

impl Client for Surge {
    const PROGRAM: Program = Program::Surge;
    const NAME: &'static str = "surge";
    const SPECIFICATION: &'static str = "https://manual.nssurge.com/policies/overview.html";
    const EXAMPLE: &'static str = "[Proxy]\nBerlin = ss, 192.0.2.1, 8388, encrypt-method=aes-128-gcm, password=secret, udp-relay=true\n";

    fn read_file(text: &str, reading: &mut Reading) {
        read(&DIALECT, text, reading);
    }
}

impl Written for Surge {
    const READER: &'static dyn Reader = &Surge;

    fn takes(proxy: &Proxy) -> Result<(), &'static str> {
        fits(&DIALECT, proxy)
    }

    fn file(proxies: &[Proxy], shape: Shape) -> String {
        write(&DIALECT, GENERAL, proxies, shape)
    }
}

/// Names are asked for over HTTPS, and of those that are proxied nobody is asked.
const GENERAL: &str = "\
loglevel = notify
skip-proxy = {private}, localhost, *.local
dns-server = 1.1.1.1, 9.9.9.9
encrypted-dns-server = https://1.1.1.1/dns-query, https://9.9.9.9/dns-query
internet-test-url = {test}
proxy-test-url = {test}
udp-policy-not-supported-behaviour = REJECT
";

/// Types of Surge that the model does not know, and keeps whole.
const OTHERS: &[&str] = &["h2-connect", "trust-tunnel"];

/// Whether a program of this family can use a proxy.
pub(super) fn fits(dialect: &Dialect, proxy: &Proxy) -> Result<(), &'static str> {
    let lacks = Err(dialect.lacks.feature);
    match proxy.protocol {
        Protocol::Other => {
            let is_known = OTHERS.contains(&proxy.param(Param::Type).unwrap_or_default());
            let is_broken = || has_breaks(proxy) || proxy.extra.iter().any(|(_, value)| breaks(value));
            match is_known {
                true if is_broken() => lacks,
                true => Ok(()),
                false => Err((dialect.lacks.protocol)(Protocol::Other)),
            }
        }
        Protocol::WireGuard if !is_tunnel(proxy) => lacks,
        _ if proxy.transport.network == Network::Grpc && proxy.tls.is_none() => Err(dialect.lacks.transport),
        // It parts one header from the next.
        _ if proxy.transport.network == Network::Ws && proxy.transport.host.contains('|') => lacks,
        _ => dialect.fits(proxy),
    }
}

/// Types that are no proxies: they send requests nowhere, or where they would go anyway.
fn is_built_in(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    word.starts_with("direct") || word.starts_with("reject") || word == "pass"
}

/// The sections of tunnels by their names.
type Tunnels<'a> = HashMap<&'a str, Vec<(&'a str, &'a str)>>;

/// Reads the lines of a program of this family.
pub(super) fn read(dialect: &Dialect, text: &str, reading: &mut Reading) {
    let tunnels = tunnels(text);
    read_lines(text, "proxy", reading, |line| read_line(dialect, line, &tunnels));
}

/// Reads one line; `None` where it is none of a proxy.
fn read_line(dialect: &Dialect, line: &Line<'_>, tunnels: &Tunnels<'_>) -> Result<Option<Proxy>, Reason> {
    let (name, word, options) = line.entry()?;
    if is_built_in(&word) {
        return Ok(None);
    }
    let mut proxy = read_named(dialect, &word, options, tunnels)?;
    proxy.name = name.into();
    Ok(Some(proxy))
}

fn read_named(
    dialect: &Dialect,
    word: &str,
    mut options: Options,
    tunnels: &Tunnels<'_>,
) -> Result<Proxy, Reason> {
    let kind = dialect.kind(word);
    if kind.is_some_and(|kind| kind.protocol == Protocol::WireGuard) {
        return read_tunnel(dialect, options, tunnels);
    }
    if word.eq_ignore_ascii_case("external") {
        return Err(Reason::Foreign("an external program, which only its own computer can start"));
    }
    options.drop_bare(|value| value.ends_with(".module"));
    dialect.read_entry(word, options)
}

fn tunnels(text: &str) -> Tunnels<'_> {
    let mut tunnels = Tunnels::new();
    for line in lines(text) {
        let Some(name) = line.section.get(10..).filter(|_| is_tunnel_section(line.section)) else { continue };
        if let Some((key, value)) = line.text.split_once('=') {
            let pair = (link::trim(key), link::trim(value));
            tunnels.entry(link::trim(name)).or_default().push(pair);
        }
    }
    tunnels
}

fn is_tunnel_section(section: &str) -> bool {
    section.get(..10).is_some_and(|kind| kind.eq_ignore_ascii_case("wireguard "))
}

/// The fields of the tunnel's section beside its keys and addresses.
const TUNNEL: &Table = &[(Param::Dns, &["dns-server"]), (Param::Mtu, &["mtu"])];
/// The others.
const SECTION: Names = &["private-key", "self-ip", "self-ip-v6", "peer"];
/// The others of a peer.
const PEERS: Names = &["endpoint", "allowed-ips", "preshared-key", "client-id"];
/// The fields of a peer beside its place and keys.
const PEER: &Table = &[(Param::PeerPublicKey, &["public-key"]), (Param::Keepalive, &["keepalive"])];

/// Reads a tunnel by its section. Of several peers the first is the proxy's, the others are kept.
fn read_tunnel(dialect: &Dialect, mut options: Options, tunnels: &Tunnels<'_>) -> Result<Proxy, Reason> {
    let name = options.take(&["section-name"]);
    let section = tunnels.get(name.as_str());
    let section =
        section.ok_or(Reason::Malformed("the section of its keys is missing: expected [WireGuard name]"))?;
    let mut fields = Options::default();
    for (name, value) in section.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("peer")) {
        fields.put(name, super::policy::unquote(value));
    }
    let peers = section.iter().filter(|(name, _)| name.eq_ignore_ascii_case("peer"));
    let mut peers = Options::of(&peers.map(|(_, value)| *value).collect::<Vec<_>>().join(", "));
    let first = peers.next().unwrap_or_default();
    let mut peer = Options::of(first.trim_matches(['(', ')']));
    let at = link::endpoint(&peer.take(&["endpoint"]), None)?;
    let mut proxy = Proxy::new(Protocol::WireGuard, at.host, at.port);
    let private_key = fields.take(&["private-key"]);
    if private_key.is_empty() {
        return Err(Reason::Malformed("the private key is missing"));
    }
    let pre_shared_key = peer.take(&["preshared-key"]).into();
    proxy.credentials = Credentials::Keys { private_key: private_key.into(), pre_shared_key };
    let addresses = [fields.take(&["self-ip"]), fields.take(&["self-ip-v6"])];
    proxy.set(Param::LocalAddress, joined(&addresses));
    let id = peer.take_if(&["client-id"], |id| link::reserved(&id.replace('/', ",")).is_some());
    proxy.set(Param::Reserved, id.and_then(|id| link::reserved(&id.replace('/', ","))).unwrap_or_default());
    let list = |_, text: &str| text.replace(' ', "").into();
    proxy.set(Param::AllowedIps, read_networks(&peer.take(&["allowed-ips"])));
    peer.give(&mut proxy, PEER, list);
    fields.give(&mut proxy, TUNNEL, list);
    options.give(&mut proxy, dialect.params, |_, text| text.into());
    options.keep(dialect.name, &mut proxy);
    fields.keep(&format!("{}:section", dialect.name), &mut proxy);
    peer.keep(&format!("{}:peer", dialect.name), &mut proxy);
    peers.keep(&format!("{}:peers", dialect.name), &mut proxy);
    Ok(proxy)
}

/// Writes proxies as lines, and the sections of their tunnels.
pub(super) fn write(dialect: &Dialect, general: &str, proxies: &[Proxy], shape: Shape) -> String {
    let (mut list, mut sections) = (String::new(), String::new());
    for (index, proxy) in proxies.iter().enumerate() {
        let (line, section) = write_line(dialect, proxy, index + 1);
        list.push_str(&line);
        sections.push_str(&section);
    }
    match shape {
        Shape::Configuration => profile(general, &list, &sections, proxies),
        Shape::List if sections.is_empty() => list,
        Shape::List => format!("[Proxy]\n{list}{sections}"),
    }
}

fn write_line(dialect: &Dialect, proxy: &Proxy, number: usize) -> (String, String) {
    let (name, at) = (proxy.name.as_str(), &proxy.endpoint);
    if proxy.protocol == Protocol::WireGuard {
        return write_tunnel(dialect, proxy, number);
    }
    let (word, options) = if let Some(kind) = dialect.kind_of(proxy) {
        (kind.words.first().copied().unwrap_or_default(), dialect.options(kind, proxy))
    } else {
        let mut options = Options::default();
        options.put_kept(dialect.name, proxy, |_| false);
        (proxy.param(Param::Type).unwrap_or_default(), options)
    };
    (format!("{name} = {word}, {}, {}{}\n", at.host, at.port, options.print(", ")), String::new())
}

fn write_tunnel(dialect: &Dialect, proxy: &Proxy, number: usize) -> (String, String) {
    let keep = |value: &str| Some(value.to_owned());
    let mut line = Options::default();
    line.put("section-name", format!("wg{number}"));
    line.put_params(proxy, dialect.params, dialect.flags, |_, value| keep(value));
    line.put_kept(dialect.name, proxy, |name| is_in(name, dialect.params));
    let Credentials::Keys { private_key, pre_shared_key } = &proxy.credentials else { return <_>::default() };
    let mut section = Options::default();
    let [four, six] = addresses(proxy);
    section.put("private-key", private_key.expose());
    section.put_some("self-ip", &four);
    section.put_some("self-ip-v6", &six);
    section.put_params(proxy, TUNNEL, dialect.flags, |_, value| keep(value));
    let known = |name: &str| is_in(name, TUNNEL) || is_one_of(name, SECTION);
    section.put_kept(&format!("{}:section", dialect.name), proxy, known);
    let mut peer = Options::default();
    peer.put_params(proxy, PEER, dialect.flags, |_, value| keep(value));
    peer.put("allowed-ips\"", networks(proxy));
    peer.put("endpoint", proxy.endpoint.to_string());
    peer.put_some("preshared-key", pre_shared_key.expose());
    peer.put_some("client-id", &reserved(proxy).unwrap_or_default().replace(',', "/"));
    let known = |name: &str| is_in(name, PEER) || is_one_of(name, PEERS);
    peer.put_kept(&format!("{}:peer", dialect.name), proxy, known);
    let others = format!("{}:peers", dialect.name);
    let others: String = other_peers(&others, proxy, ['(', ')']).flat_map(|peer| [", ", peer]).collect();
    let fields: String = section.iter().flat_map(|(name, value)| [name, " = ", value, "\n"]).collect();
    let peer = peer.print(", ");
    let peer = peer.strip_prefix(", ").unwrap_or(&peer);
    let section = format!("\n[WireGuard wg{number}]\n{fields}peer = ({peer}){others}\n");
    (format!("{} = wireguard{}\n", proxy.name, line.print(", ")), section)
}
