//! Shadowrocket's files: Surge's sections, with names in the `[Proxy]` lines that its links have too:
//! `name = vmess, host, port, password=id, obfs=websocket, path=…, peer=…`.
//!
//! Specification: <https://github.com/LOWERTOP/Shadowrocket>; the lines are nowhere described, and are those
//! of <https://github.com/sub-store-org/Sub-Store>
//!
//! # Differences between programs
//!
//! It reads Surge's lines too, so that the names of both are read.
//!
//! # Incomplete support
//!
//! REALITY, flows, plugins of Shadowsocks, Trojan over WebSocket and ports to hop over are read as its links
//! have them, and not written: that the lines have them is said nowhere.

use super::ciphers::{AEAD, BLAKE3, CAMELLIA, Families, OLDER, RARE, STREAM};
use super::client::{Client, Written};
use super::dialect::{
    ANY, Dialect, EITHER, Kind, Names, PLAIN, Part, TCP, TLS, Way, addresses, is_tunnel, joined, kind, lacks,
    reserved, way_of,
};
use super::groups::profile;
use super::policy::{Line, Options, Table, read_lines, truth};
use super::whose::Program;
use super::{Reader, Reading, Shape};
use crate::Proxy;
use crate::link::{self, Reason};
use crate::proxy::{Credentials, Param, Protocol, Security};

pub(super) struct Shadowrocket;

const CIPHERS: Families = &[
    AEAD,
    BLAKE3,
    STREAM,
    OLDER,
    CAMELLIA,
    RARE,
    &["none", "rc4", "chacha20-poly1305", "2022-blake3-chacha20-poly1305"],
];

const CIPHER: &[(Part, Names)] =
    &[(Part::Method, &["method", "encrypt-method"]), (Part::Password, &["password"])];
const LOGIN: &[(Part, Names)] = &[(Part::Username, &["", "username"]), (Part::Password, &["", "password"])];
const PASSWORD: &[(Part, Names)] = &[(Part::Password, &["password"])];
const VMESS: &[(Part, Names)] = &[
    (Part::Id, &["password", "username", "uuid"]),
    (Part::AlterId, &["alterId"]),
    (Part::Method, &["method", "encrypt-method"]),
];
const VLESS: &[(Part, Names)] = &[(Part::Id, &["password", "username", "uuid"]), (Part::Flow, &["flow"])];
const USER: &[(Part, Names)] = &[(Part::Password, &["password"]), (Part::Id, &["user", "uuid"])];
const AUTH: &[(Part, Names)] = &[(Part::Password, &["auth", "password"])];

const HYSTERIA: &Table = &[
    (Param::ObfsPassword, &["obfsParam"]),
    (Param::Carrier, &["protocol"]),
    (Param::Up, &["upmbps"]),
    (Param::Down, &["downmbps"]),
];
const HYSTERIA2: &Table = &[(Param::ObfsPassword, &["obfsParam", "obfs-password", "salamander-password"])];
const SNELL: &Table =
    &[(Param::Obfs, &["obfs"]), (Param::ObfsParam, &["obfs-host"]), (Param::Version, &["", "version"])];
const TUNNEL: &Table = &[
    (Param::PeerPublicKey, &["publicKey"]),
    (Param::Dns, &["dns"]),
    (Param::Mtu, &["mtu"]),
    (Param::Keepalive, &["keepalive"]),
];

const WS: &[Way] = &[Way::Tcp, Way::Ws];
const OPEN: &[Option<Security>] = &[Some(Security::Tls), Some(Security::Reality)];

const KINDS: &[Kind] = &[
    kind(&["ss", "shadowsocks"], Protocol::Shadowsocks, CIPHER, &[], TCP, PLAIN),
    kind(&["vmess"], Protocol::Vmess, VMESS, &[], WS, EITHER),
    kind(&["vless"], Protocol::Vless, VLESS, &[], WS, ANY),
    kind(&["trojan"], Protocol::Trojan, PASSWORD, &[], WS, OPEN),
    kind(&["http"], Protocol::Http, LOGIN, &[], TCP, PLAIN),
    kind(&["https"], Protocol::Https, LOGIN, &[], TCP, TLS),
    kind(&["socks5"], Protocol::Socks5, LOGIN, &[], TCP, PLAIN),
    kind(&["socks5-tls"], Protocol::Socks5, LOGIN, &[], TCP, TLS),
    kind(&["snell"], Protocol::Snell, &[(Part::Password, &["password", "psk"])], SNELL, TCP, PLAIN),
    kind(&["hysteria2"], Protocol::Hysteria2, AUTH, HYSTERIA2, TCP, TLS),
    kind(&["hysteria"], Protocol::Hysteria, AUTH, HYSTERIA, TCP, TLS),
    kind(&["tuic", "tuic-v5"], Protocol::Tuic, USER, &[], TCP, TLS),
    kind(&["juicity"], Protocol::Juicity, USER, &[], TCP, TLS),
    kind(&["anytls"], Protocol::AnyTls, PASSWORD, &[], TCP, OPEN),
    kind(&["wireguard"], Protocol::WireGuard, &[], TUNNEL, TCP, PLAIN),
];

/// Shadowrocket's language.
pub(super) static DIALECT: Dialect = Dialect {
    name: "shadowrocket",
    kinds: KINDS,
    params: &[(Param::FastOpen, &["tfo", "fast-open"]), (Param::Udp, &["udp", "udp-relay"])],
    tls: &[
        (Part::On, &["tls", "over-tls"]),
        (Part::ServerName, &["peer", "sni", "tls-host", "tls-name"]),
        (Part::Insecure, &["allowInsecure", "skip-cert-verify", "skip-common-name-verify"]),
        (Part::Verified, &["", "tls-verification"]),
        (Part::Alpn, &["alpn"]),
        (Part::PublicKey, &["", "pbk", "reality-public-key", "public-key"]),
        (Part::ShortId, &["", "sid", "reality-short-id", "short-id"]),
    ],
    carried: [&["obfs", "transport"], &["path", "obfs-uri"], &["obfsParam", "obfs-host", "host"]],
    put_transport,
    put_on: |proxy, is_usual, options| {
        if !is_usual {
            options.put("tls", truth(proxy.tls.is_some()));
        }
    },
    ciphers: CIPHERS,
    old_ciphers: &[],
    methods: &[
        ("auto", "auto"),
        ("none", "none"),
        ("zero", "none"),
        ("aes-128-cfb", "aes-128-cfb"),
        ("aes-128-gcm", "aes-128-gcm"),
        ("chacha20-poly1305", "chacha20-poly1305"),
    ],
    plugins: &[],
    obfs: "obfs",
    disguises: &["salamander"],
    alter_id: 0,
    flags: ["0", "1"],
    sni_off: false,
    browsers: &[],
    alpn: Protocol::is_datagram,
    ports: str::to_owned,
    lacks: lacks!("Shadowrocket": ShadowsocksR "lines of ShadowsocksR" Socks4 "SOCKS4" Ssh "lines of SSH"
        Naive "naive" Mieru "lines of mieru" Brook "lines of Brook" OpenVpn "OpenVPN" AnyTls "lines of AnyTLS"),
};

fn put_transport(proxy: &Proxy, options: &mut Options) {
    if way_of(&proxy.transport) == Some(Way::Ws) {
        options.put("obfs", "websocket");
        options.put_some("path", &proxy.transport.path);
        options.put_some("obfsParam", &proxy.transport.host);
    }
}

/// Names are asked for over HTTPS.
const GENERAL: &str = "\
bypass-system = true
skip-proxy = {private}, localhost, *.local
dns-server = https://1.1.1.1/dns-query, https://9.9.9.9/dns-query
fallback-dns-server = https://8.8.8.8/dns-query
dns-direct-system = false
private-ip-answer = true
udp-policy-not-supported-behaviour = REJECT
";

impl Client for Shadowrocket {
    const PROGRAM: Program = Program::Shadowrocket;
    const NAME: &'static str = "shadowrocket";
    const SPECIFICATION: &'static str = "https://github.com/LOWERTOP/Shadowrocket";
    const EXAMPLE: &'static str =
        "[Proxy]\nBerlin = trojan, 192.0.2.1, 443, password=secret, peer=example.com\n";

    fn read_file(text: &str, reading: &mut Reading) {
        read_lines(text, "proxy", reading, read_line);
    }
}

impl Written for Shadowrocket {
    const READER: &'static dyn Reader = &Shadowrocket;

    fn takes(proxy: &Proxy) -> Result<(), &'static str> {
        let lacks = &DIALECT.lacks;
        if matches!(proxy.protocol, Protocol::AnyTls | Protocol::Other) {
            return Err((lacks.protocol)(proxy.protocol));
        }
        DIALECT.fits(proxy)?;
        let has_flow = matches!(&proxy.credentials, Credentials::Vless { flow, .. } if !flow.is_empty());
        let is_token =
            proxy.protocol == Protocol::Tuic && matches!(&proxy.credentials, Credentials::Password(_));
        let is_new =
            proxy.protocol == Protocol::Snell && !matches!(proxy.param(Param::Version), None | Some("2"));
        match proxy.protocol {
            _ if proxy.tls.as_ref().is_some_and(|tls| tls.security == Security::Reality) => {
                Err(lacks.security)
            }
            _ if has_flow => Err(lacks.flow),
            _ if is_token || is_new => Err(lacks.feature),
            Protocol::Trojan if way_of(&proxy.transport) != Some(Way::Tcp) => Err(lacks.transport),
            Protocol::WireGuard if !is_tunnel(proxy) || is_shared(proxy) => Err(lacks.feature),
            _ => Ok(()),
        }
    }

    fn file(proxies: &[Proxy], shape: Shape) -> String {
        let list: String = proxies.iter().map(write_line).collect();
        match shape {
            Shape::List => list,
            Shape::Configuration => profile(GENERAL, &list, "\n[Host]\nlocalhost = 127.0.0.1\n", proxies),
        }
    }
}

/// Whether a tunnel has a second key, which its lines do not hold.
fn is_shared(proxy: &Proxy) -> bool {
    matches!(&proxy.credentials, Credentials::Keys { pre_shared_key, .. } if !pre_shared_key.is_empty())
}

fn read_line(line: &Line<'_>) -> Result<Option<Proxy>, Reason> {
    let (name, word, options) = line.entry()?;
    if ["direct", "reject"].iter().any(|known| word.eq_ignore_ascii_case(known)) {
        return Ok(None);
    }
    let mut proxy = if word.eq_ignore_ascii_case("wireguard") {
        read_tunnel(options)?
    } else {
        DIALECT.read_entry(&word, options)?
    };
    proxy.name = name.into();
    Ok(Some(proxy))
}

fn read_tunnel(mut options: Options) -> Result<Proxy, Reason> {
    let host = link::host(&options.next().ok_or(Reason::NoHost)?)?;
    let port = options.port()?;
    let mut proxy = Proxy::new(Protocol::WireGuard, host, port);
    let private_key = options.take(&["privateKey"]);
    if private_key.is_empty() {
        return Err(Reason::Malformed("the private key is missing"));
    }
    let pre_shared_key = options.take(&["presharedKey"]).into();
    proxy.credentials = Credentials::Keys { private_key: private_key.into(), pre_shared_key };
    proxy.set(Param::LocalAddress, joined(&[options.take(&["ip"]), options.take(&["ipv6"])]));
    let bytes = options.take_if(&["reserved"], |bytes| link::reserved(&bytes.replace('/', ",")).is_some());
    proxy.set(
        Param::Reserved,
        bytes.and_then(|bytes| link::reserved(&bytes.replace('/', ","))).unwrap_or_default(),
    );
    options.give(&mut proxy, TUNNEL, |_, text| text.into());
    options.give(&mut proxy, DIALECT.params, |_, text| text.into());
    options.keep(DIALECT.name, &mut proxy);
    Ok(proxy)
}

fn write_line(proxy: &Proxy) -> String {
    let Some(kind) = DIALECT.kind_of(proxy) else { return String::new() };
    let word = kind.words.first().copied().unwrap_or_default();
    let mut options = Options::default();
    if let Credentials::Keys { private_key, .. } = &proxy.credentials {
        let [four, six] = addresses(proxy);
        options.put("privateKey", private_key.expose());
        options.put_some("ip", if four.is_empty() { &six } else { &four });
        options.put_some("reserved", &reserved(proxy).unwrap_or_default().replace(',', "/"));
    }
    let (first, rest) = (options.print(", "), DIALECT.options(kind, proxy).print(", "));
    format!("{} = {word}, {}, {}{first}{rest}\n", proxy.name, proxy.endpoint.host, proxy.endpoint.port)
}
