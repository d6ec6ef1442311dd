//! Quantumult X: `shadowsocks=host:port, method=…, password=…, tag=name` under `[server_local]`. What
//! carries the bytes is `obfs`, and TLS is part of that word.
//!
//! Specification: <https://github.com/crossutility/Quantumult-X/blob/master/sample.conf>
//!
//! # Differences between programs
//!
//! - There are no quotes: a comma in a password is part of it, since what follows it is no option.
//! - `http` over TLS is an HTTPS proxy, and `shadowsocks` with `ssr-protocol` is `ShadowsocksR`.
//! - `obfs=over-tls` takes the server name from `obfs-host`, all else from `tls-host`.
//! - `tls-alpn` is ALPN as TLS writes it, in hexadecimal.

use super::ciphers::{AEAD, BLAKE3, Families, OLDER, STREAM};
use super::client::{Client, Written};
use super::dialect::{
    Dialect, EITHER, Kind, Names, PLAIN, Part, TCP, TLS, Way, kind, lacks, unknown, way_of,
};
use super::groups::{TEST, groups, private_rules};
use super::policy::{Line, Options, Table, read_lines, truth};
use super::whose::Program;
use super::{Reader, Reading, Shape};
use crate::link::{self, Reason};
use crate::proxy::{Param, Protocol, Security};
use crate::{Proxy, Text};

pub(super) struct QuantumultX;

const CIPHERS: Families =
    &[AEAD, BLAKE3, STREAM, OLDER, &["none", "rc4-md5-6", "cast5-cfb", "des-cfb", "rc2-cfb"]];

const CIPHER: &[(Part, Names)] = &[(Part::Method, &["method"]), (Part::Password, &["password"])];
const LOGIN: &[(Part, Names)] = &[(Part::Username, &["username"]), (Part::Password, &["password"])];
const PASSWORD: &[(Part, Names)] = &[(Part::Password, &["password"])];
const VMESS: &[(Part, Names)] =
    &[(Part::Method, &["method"]), (Part::Id, &["password"]), (Part::Aead, &["aead"])];
const VLESS: &[(Part, Names)] = &[(Part::Id, &["password"]), (Part::Flow, &["vless-flow"])];

const SSR: &Table = &[
    (Param::SsrProtocol, &["ssr-protocol"]),
    (Param::ProtocolParam, &["ssr-protocol-param"]),
    (Param::Obfs, &["obfs"]),
    (Param::ObfsParam, &["obfs-host"]),
];

const WEB: &[Way] = &[Way::Tcp, Way::Ws, Way::Header];
const KEYED: &[Option<Security>] = &[Some(Security::Tls), Some(Security::Reality)];
const OPEN: &[Option<Security>] = &[Some(Security::Tls), None];
const ANY: &[Option<Security>] = super::dialect::ANY;

/// HTTP and `ShadowsocksR` have no words of their own.
const KINDS: &[Kind] = &[
    kind(&["shadowsocks"], Protocol::Shadowsocks, CIPHER, &[], TCP, EITHER),
    kind(&["vmess"], Protocol::Vmess, VMESS, &[], WEB, EITHER),
    kind(&["vless"], Protocol::Vless, VLESS, &[], WEB, ANY),
    kind(&["trojan"], Protocol::Trojan, PASSWORD, &[], &[Way::Tcp, Way::Ws], OPEN),
    kind(&["http"], Protocol::Http, LOGIN, &[], TCP, PLAIN),
    kind(&["socks5"], Protocol::Socks5, LOGIN, &[], TCP, EITHER),
    kind(&["anytls"], Protocol::AnyTls, PASSWORD, &[], TCP, KEYED),
    kind(&["http"], Protocol::Https, LOGIN, &[], TCP, TLS),
    kind(&["shadowsocks"], Protocol::ShadowsocksR, CIPHER, SSR, TCP, PLAIN),
];

/// Quantumult X's language.
pub(super) static DIALECT: Dialect = Dialect {
    name: "quantumultx",
    kinds: KINDS,
    params: &[
        (Param::FastOpen, &["fast-open"]),
        (Param::Udp, &["udp-relay"]),
        (Param::CertSha256, &["tls-cert-sha256"]),
    ],
    tls: &[
        (Part::On, &["over-tls"]),
        (Part::ServerName, &["tls-host"]),
        (Part::Verified, &["tls-verification"]),
        (Part::AlpnBytes, &["tls-alpn"]),
        (Part::PublicKey, &["reality-base64-pubkey"]),
        (Part::ShortId, &["reality-hex-shortid"]),
    ],
    carried: [&["obfs"], &["obfs-uri"], &["obfs-host"]],
    put_transport,
    put_on,
    ciphers: CIPHERS,
    old_ciphers: CIPHERS,
    methods: &[
        // It has no word for the client's choice.
        ("auto", "chacha20-poly1305"),
        ("none", "none"),
        ("zero", "none"),
        ("aes-128-gcm", "aes-128-gcm"),
        ("chacha20-poly1305", "chacha20-poly1305"),
    ],
    plugins: &["obfs-local", "v2ray-plugin"],
    obfs: "obfs",
    disguises: &[],
    alter_id: 0,
    flags: ["false", "true"],
    sni_off: false,
    browsers: &[],
    alpn: |_| true,
    ports: str::to_owned,
    lacks: lacks!("Quantumult X": Hysteria2 "Hysteria 2" WireGuard "WireGuard" Tuic "TUIC" Snell "Snell"
        Ssh "SSH" Socks4 "SOCKS4" Hysteria "Hysteria 1" Naive "naive" Juicity "Juicity" Mieru "mieru"
        Brook "Brook" OpenVpn "OpenVPN"),
};

fn put_transport(proxy: &Proxy, options: &mut Options) {
    let word = match (way_of(&proxy.transport), proxy.tls.is_some()) {
        (Some(Way::Ws), true) => "wss",
        (Some(Way::Ws), false) => "ws",
        (Some(Way::Header), _) => "http",
        _ => return,
    };
    options.put("obfs", word);
    options.put_some("obfs-host", &proxy.transport.host);
    options.put_some("obfs-uri", &proxy.transport.path);
}

/// Puts TLS where the transport has not said it.
fn put_on(proxy: &Proxy, _is_usual: bool, options: &mut Options) {
    let is_secure = proxy.tls.is_some() || proxy.protocol == Protocol::Https;
    match proxy.protocol {
        _ if options.says("obfs", "wss") => {}
        Protocol::Vmess | Protocol::Vless | Protocol::Shadowsocks if is_secure => {
            options.put("obfs", "over-tls");
            let name = proxy.tls.as_ref().map_or("", |tls| tls.server_name.as_str());
            options.put_some("obfs-host", name);
        }
        Protocol::Vmess | Protocol::Vless | Protocol::Shadowsocks => {}
        Protocol::Trojan => options.put("over-tls", truth(is_secure)),
        _ if is_secure => options.put("over-tls", truth(true)),
        _ => {}
    }
}

impl Client for QuantumultX {
    const PROGRAM: Program = Program::QuantumultX;
    const NAME: &'static str = "quantumultx";
    const SPECIFICATION: &'static str =
        "https://github.com/crossutility/Quantumult-X/blob/master/sample.conf";
    const EXAMPLE: &'static str =
        "[server_local]\nshadowsocks=192.0.2.1:8388, method=aes-128-gcm, password=secret, tag=Berlin\n";

    fn read_file(text: &str, reading: &mut Reading) {
        read_lines(text, "server_local", reading, |line| read_line(line).map(Some));
    }
}

impl Written for QuantumultX {
    const READER: &'static dyn Reader = &QuantumultX;

    fn takes(proxy: &Proxy) -> Result<(), &'static str> {
        DIALECT.fits(proxy)?;
        if way_of(&proxy.transport) == Some(Way::Header) && proxy.tls.is_some() {
            return Err(DIALECT.lacks.transport);
        }
        // A disguise of Shadowsocks takes the place of TLS.
        if proxy.protocol == Protocol::Shadowsocks
            && proxy.tls.is_some()
            && proxy.param(Param::Plugin).is_some()
        {
            return Err(DIALECT.lacks.security);
        }
        if !is_bare(proxy) {
            return Err("Quantumult X has no quotes, and a value needs them");
        }
        Ok(())
    }

    fn file(proxies: &[Proxy], shape: Shape) -> String {
        let list: String = proxies.iter().map(write_line).collect();
        match shape {
            Shape::List => list,
            Shape::Configuration => whole(&list, proxies),
        }
    }
}

/// Whether each value reads back without quotes. A comma in a password does.
fn is_bare(proxy: &Proxy) -> bool {
    let Some(kind) = kind_of(proxy) else { return true };
    let options = DIALECT.options(kind, proxy);
    let printed = options.print_bare();
    let mut again = Options::of_bare(printed.strip_prefix(", ").unwrap_or_default()).joined();
    if printed.is_empty() {
        again = Options::default();
    }
    again == options && options.iter().all(|(name, value)| name == "password" || !value.contains(','))
}

fn kind_of(proxy: &Proxy) -> Option<&'static Kind> {
    DIALECT.kind_of(proxy)
}

fn read_line(line: &Line<'_>) -> Result<Proxy, Reason> {
    const EXPECTED: Reason = Reason::Malformed("no line of a proxy: expected type=host:port, …, tag=name");
    let (word, rest) = line.named().ok_or(EXPECTED)?;
    let mut options = Options::of_bare(rest);
    let place = options.next().ok_or(EXPECTED)?;
    let mut options = options.joined();
    let kind = read_kind(&options, word);
    let at = endpoint(&place).map_err(|reason| if kind.is_some() { reason } else { unknown(word) })?;
    let name = options.take(&["tag"]);
    if kind.is_some_and(|kind| kind.protocol == Protocol::Vless) {
        options.take_if(&["method"], |method| link::trim(method).eq_ignore_ascii_case("none"));
    }
    let mut proxy = match kind {
        Some(kind) => DIALECT.read(kind, at, options)?,
        None => DIALECT.other(word, at, options),
    };
    proxy.name = name;
    Ok(proxy)
}

/// The kind of a word, which for two words depends on what follows.
fn read_kind(options: &Options, word: &str) -> Option<&'static Kind> {
    let kind = DIALECT.kind(word)?;
    let other = match kind.protocol {
        Protocol::Http if options.says("over-tls", "true") => Protocol::Https,
        Protocol::Shadowsocks if options.has(&["ssr-protocol"]) => Protocol::ShadowsocksR,
        _ => return Some(kind),
    };
    KINDS.iter().find(|kind| kind.protocol == other)
}

/// A place; of IPv6 without brackets the last colon is the port's.
fn endpoint(text: &str) -> Result<(Text, u16), Reason> {
    let (host, port) = text.rsplit_once(':').ok_or(Reason::NoPort)?;
    Ok((link::host(host)?, link::port(port)?))
}

fn write_line(proxy: &Proxy) -> String {
    let Some(kind) = kind_of(proxy) else { return String::new() };
    let word = kind.words.first().copied().unwrap_or_default();
    let method = if proxy.protocol == Protocol::Vless { ", method=none" } else { "" };
    let options = DIALECT.options(kind, proxy).print_bare();
    format!("{word}={}{method}{options}, tag={}\n", proxy.endpoint, proxy.name)
}

/// Names are asked for over HTTPS, and of those that are proxied nobody is asked.
fn whole(list: &str, proxies: &[Proxy]) -> String {
    let groups = groups(proxies);
    let select = groups.first().map_or("", |group| group.name.as_str()).to_owned();
    let policies = groups.iter().map(|group| {
        let of_program = |name: &String| if name == "REJECT" { "reject".to_owned() } else { name.clone() };
        let members = group.members.iter().map(of_program).collect::<Vec<_>>().join(", ");
        if group.is_automatic {
            format!("url-latency-benchmark={}, {members}, check-interval=600, tolerance=50\n", group.name)
        } else {
            format!("static={}, {members}\n", group.name)
        }
    });
    let policies: String = policies.collect();
    let rule = |kind: &str, network: &str| format!("{kind}, {network}, direct\n");
    let networks = private_rules(["ip-cidr", "ip6-cidr"], rule).concat();
    format!(
        "[general]\nserver_check_url={TEST}\nfallback_udp_policy=reject\n\n\
         [dns]\nno-system\nserver=1.1.1.1\ndoh-server=https://1.1.1.1/dns-query, https://9.9.9.9/dns-query\n\n\
         [policy]\n{policies}\n[server_local]\n{list}\n\
         [filter_local]\nhost, localhost, direct\nhost-suffix, local, direct\n{networks}final, {select}\n"
    )
}
