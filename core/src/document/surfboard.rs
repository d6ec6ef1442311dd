//! Surfboard: Surge's lines on Android, with fewer protocols.
//!
//! Specification: <https://getsurfboard.com/docs/profile-format/overview>
//!
//! # Differences between programs
//!
//! - Name and password of HTTP and SOCKS stand in their places.
//! - `VMess` without `vmess-aead` has the newer header here, and in Surge the older one.
//! - Nothing in a file says whose it is, but for a comment, an address, or `doh-server` under `[General]`.

use super::ciphers::{AEAD, BLAKE3, CAMELLIA, Families, OLDER, STREAM};
use super::client::{Client, Written};
use super::dialect::{Dialect, EITHER, Kind, Names, PLAIN, Part, TCP, TLS, Way, kind, lacks, put_flags};
use super::surge::{self, CIPHER, HOPS, HYSTERIA, KEY, METHODS, PASSWORD, REUSE, SNELL, USER, VMESS, put_on};
use super::whose::Program;
use super::{Reader, Reading, Shape};
use crate::Proxy;
use crate::proxy::{Credentials, Param, Protocol};

pub(super) struct Surfboard;

const CIPHERS: Families = &[AEAD, BLAKE3, STREAM, OLDER, CAMELLIA, &["rc4"]];

const LOGIN: &[(Part, Names)] = &[(Part::Username, &["", "username"]), (Part::Password, &["", "password"])];

const WS: &[Way] = &[Way::Tcp, Way::Ws];

const KINDS: &[Kind] = &[
    kind(&["ss", "custom"], Protocol::Shadowsocks, CIPHER, &[], TCP, PLAIN),
    kind(&["vmess"], Protocol::Vmess, VMESS, &[], WS, EITHER),
    kind(&["trojan"], Protocol::Trojan, PASSWORD, &[], WS, TLS),
    kind(&["http"], Protocol::Http, LOGIN, &[], TCP, PLAIN),
    kind(&["https"], Protocol::Https, LOGIN, &[], TCP, TLS),
    kind(&["socks5"], Protocol::Socks5, LOGIN, &[], TCP, PLAIN),
    kind(&["socks5-tls"], Protocol::Socks5, LOGIN, &[], TCP, TLS),
    kind(&["snell"], Protocol::Snell, KEY, SNELL, TCP, PLAIN),
    kind(&["tuic-v5"], Protocol::Tuic, USER, HOPS, TCP, TLS),
    kind(&["hysteria2"], Protocol::Hysteria2, PASSWORD, HYSTERIA, TCP, TLS),
    kind(&["anytls"], Protocol::AnyTls, PASSWORD, REUSE, TCP, TLS),
    kind(&["wireguard"], Protocol::WireGuard, &[], &[], TCP, PLAIN),
];

/// Surfboard's language.
pub(super) static DIALECT: Dialect = BASE;

/// The same, from which that of another program differs.
pub(super) const BASE: Dialect = Dialect {
    name: "surfboard",
    kinds: KINDS,
    params: &[(Param::FastOpen, &["tfo"]), (Param::Udp, &["udp-relay"])],
    tls: &[
        (Part::On, &["tls"]),
        (Part::ServerName, &["sni"]),
        (Part::Insecure, &["skip-cert-verify"]),
        (Part::Alpn, &["alpn"]),
    ],
    carried: [&[], &[], &[]],
    put_transport: |proxy, options| put_flags(proxy, "surfboard", options),
    put_on,
    ciphers: CIPHERS,
    old_ciphers: &[],
    methods: METHODS,
    plugins: &["obfs-local"],
    obfs: "obfs",
    disguises: &["salamander", "gecko"],
    alter_id: 0,
    flags: ["false", "true"],
    sni_off: false,
    browsers: &[],
    alpn: |protocol| protocol == Protocol::Tuic,
    ports: |ports| ports.replace(',', ";"),
    lacks: lacks!("Surfboard": Vless "VLESS" Ssh "SSH" Socks4 "SOCKS4" ShadowsocksR "ShadowsocksR"
        Hysteria "Hysteria 1" Naive "naive" Juicity "Juicity" Mieru "mieru" Brook "Brook" OpenVpn "OpenVPN"),
};

/// Names are asked for over HTTPS.
const GENERAL: &str = "\
loglevel = notify
skip-proxy = {private}, localhost, *.local
dns-server = 1.1.1.1, 9.9.9.9
doh-server = https://1.1.1.1/dns-query, https://9.9.9.9/dns-query
internet-test-url = {test}
proxy-test-url = {test}
udp-policy-not-supported-behaviour = REJECT
";

impl Client for Surfboard {
    const PROGRAM: Program = Program::Surfboard;
    const NAME: &'static str = "surfboard";
    const SPECIFICATION: &'static str = "https://getsurfboard.com/docs/profile-format/overview";
    const EXAMPLE: &'static str = "[General]\ndoh-server = https://1.1.1.1/dns-query\n[Proxy]\nBerlin = socks5, 192.0.2.1, 1080, user, secret\n";

    fn read_file(text: &str, reading: &mut Reading) {
        surge::read(&DIALECT, text, reading);
    }
}

impl Written for Surfboard {
    const READER: &'static dyn Reader = &Surfboard;

    fn takes(proxy: &Proxy) -> Result<(), &'static str> {
        if proxy.protocol == Protocol::Other {
            return Err((DIALECT.lacks.protocol)(Protocol::Other));
        }
        if proxy.protocol == Protocol::Tuic && !matches!(proxy.credentials, Credentials::User { .. }) {
            return Err("Surfboard has TUIC 5 only");
        }
        surge::fits(&DIALECT, proxy)
    }

    fn file(proxies: &[Proxy], shape: Shape) -> String {
        surge::write(&DIALECT, GENERAL, proxies, shape)
    }
}
