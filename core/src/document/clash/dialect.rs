//! What each program of this format can use, and what it calls otherwise.

use super::super::ciphers::{AEAD, BLAKE3, Families, STREAM, fits_key, has};
use super::super::singbox::cut_early_data;
use super::super::tree::{Tree, is_number, is_ports, is_range};
use super::super::values::fits_tunnel;
use super::types::{self, Secured};
use super::{FORMAT, plugin};
use crate::proxy::{Credentials, Network, Param, Protocol, Security, Tls};
use crate::{Proxy, Text, link};

/// A program.
pub(super) struct Dialect {
    pub(super) name: &'static str,
    pub(super) specification: &'static str,
    protocols: &'static [Protocol],
    no_protocol: &'static str,
    /// The networks that a protocol may be carried by; all others have plain TCP.
    networks: &'static [(Protocol, &'static [Network])],
    /// The ciphers of Shadowsocks that it has besides the old ones.
    ciphers: Families,
    user_ciphers: &'static [&'static str],
    plugins: &'static [&'static str],
    /// The protocols that may have REALITY.
    reality: &'static [Protocol],
    newest_snell: u16,
    /// The parameters that it does not know.
    without: &'static [Param],
    /// Other names for what is written: of the types named, or of all.
    renames: &'static [(&'static [&'static str], &'static str, &'static str)],
}

const USER_CIPHERS: &[&str] = &["auto", "none", "aes-128-gcm", "chacha20-poly1305"];

/// `AmneziaWG`, which changes each packet: nothing works without.
const AMNEZIA: &[Param] = &[
    Param::Jc,
    Param::Jmin,
    Param::Jmax,
    Param::S1,
    Param::S2,
    Param::S3,
    Param::S4,
    Param::H1,
    Param::H2,
    Param::H3,
    Param::H4,
    Param::I1,
    Param::I2,
    Param::I3,
    Param::I4,
    Param::I5,
];

pub(super) static CLASH: Dialect = Dialect {
    name: "clash",
    specification: "https://en.clash.wiki/configuration/outbound.html",
    protocols: &[
        Protocol::Shadowsocks,
        Protocol::ShadowsocksR,
        Protocol::Vmess,
        Protocol::Trojan,
        Protocol::Socks5,
        Protocol::Http,
        Protocol::Https,
        Protocol::Snell,
        Protocol::WireGuard,
    ],
    no_protocol: "Clash does not speak this protocol",
    networks: &[
        (Protocol::Vmess, &[Network::Tcp, Network::Ws, Network::H2, Network::Grpc]),
        (Protocol::Trojan, &[Network::Tcp, Network::Ws, Network::Grpc]),
    ],
    ciphers: &[],
    user_ciphers: USER_CIPHERS,
    plugins: &["obfs", "v2ray-plugin"],
    reality: &[],
    newest_snell: 3,
    without: &[
        Param::CertSha256,
        Param::Ech,
        Param::VerifyCertName,
        Param::PacketEncoding,
        Param::UdpOverTcp,
        Param::ShadowLayer,
        Param::FastOpen,
        Param::Reuse,
    ],
    renames: &[(&["wireguard"], "pre-shared-key", "preshared-key")],
};

pub(super) static MIHOMO: Dialect = Dialect {
    name: "mihomo",
    specification: "https://wiki.metacubex.one/en/config/proxies/",
    protocols: &[
        Protocol::Shadowsocks,
        Protocol::ShadowsocksR,
        Protocol::Vmess,
        Protocol::Vless,
        Protocol::Trojan,
        Protocol::Socks5,
        Protocol::Http,
        Protocol::Https,
        Protocol::Snell,
        Protocol::Hysteria,
        Protocol::Hysteria2,
        Protocol::Tuic,
        Protocol::WireGuard,
        Protocol::AnyTls,
        Protocol::Ssh,
        Protocol::Mieru,
        Protocol::OpenVpn,
        Protocol::Other,
    ],
    no_protocol: "mihomo does not speak this protocol",
    networks: &[
        (
            Protocol::Vless,
            &[Network::Tcp, Network::Ws, Network::H2, Network::Grpc, Network::HttpUpgrade, Network::Xhttp],
        ),
        (
            Protocol::Vmess,
            &[Network::Tcp, Network::Ws, Network::H2, Network::Grpc, Network::HttpUpgrade, Network::Kcp],
        ),
        (Protocol::Trojan, &[Network::Tcp, Network::Ws, Network::Grpc, Network::HttpUpgrade]),
    ],
    ciphers: &[BLAKE3, CIPHERS],
    user_ciphers: &["auto", "none", "zero", "aes-128-gcm", "chacha20-poly1305"],
    plugins: &["obfs", "v2ray-plugin", "gost-plugin", "shadow-tls", "restls", "kcptun"],
    reality: &[Protocol::Vless, Protocol::Vmess, Protocol::Trojan],
    newest_snell: 5,
    without: &[],
    renames: &[],
};

pub(super) static STASH: Dialect = Dialect {
    name: "stash",
    specification: "https://stash.wiki/en/proxy-protocols/proxy-types",
    protocols: &[
        Protocol::Shadowsocks,
        Protocol::ShadowsocksR,
        Protocol::Vmess,
        Protocol::Vless,
        Protocol::Trojan,
        Protocol::Socks5,
        Protocol::Http,
        Protocol::Https,
        Protocol::Snell,
        Protocol::Hysteria,
        Protocol::Hysteria2,
        Protocol::Tuic,
        Protocol::Juicity,
        Protocol::WireGuard,
        Protocol::AnyTls,
        Protocol::Ssh,
    ],
    no_protocol: "Stash does not speak this protocol",
    networks: &[
        (Protocol::Vless, &[Network::Tcp, Network::Ws, Network::H2, Network::Grpc]),
        (Protocol::Vmess, &[Network::Tcp, Network::Ws, Network::H2, Network::Grpc]),
        (Protocol::Trojan, &[Network::Tcp, Network::Ws, Network::Grpc]),
    ],
    ciphers: &[BLAKE3],
    user_ciphers: USER_CIPHERS,
    plugins: &["obfs", "v2ray-plugin", "shadow-tls"],
    reality: &[Protocol::Vless],
    newest_snell: 3,
    without: &[
        Param::Ech,
        Param::VerifyCertName,
        Param::PacketEncoding,
        Param::UdpOverTcp,
        Param::ShadowLayer,
        Param::Reuse,
        Param::Realm,
        Param::RealmToken,
        Param::Stun,
    ],
    renames: &[
        (&[], "fingerprint", "server-cert-fingerprint"),
        (&["wireguard"], "pre-shared-key", "preshared-key"),
        (&["wireguard"], "persistent-keepalive", "keepalive"),
        (&["hysteria2"], "password", "auth"),
        (&["hysteria", "hysteria2"], "up", "up-speed"),
        (&["hysteria", "hysteria2"], "down", "down-speed"),
    ],
};

/// What every program of this format has.
const OLD_CIPHERS: Families = &[AEAD, STREAM, &["xchacha20"]];

/// What mihomo has besides [`OLD_CIPHERS`].
const CIPHERS: &[&str] = &[
    "none",
    "2022-blake3-chacha20-poly1305",
    "aes-128-ccm",
    "aes-192-ccm",
    "aes-256-ccm",
    "aes-128-gcm-siv",
    "aes-256-gcm-siv",
    "chacha20",
    "chacha8-ietf-poly1305",
    "xchacha8-ietf-poly1305",
    "rabbit128-poly1305",
    "aegis-128l",
    "aegis-256",
    "aez-384",
    "deoxys-ii-256-128",
    "lea-128-gcm",
    "lea-192-gcm",
    "lea-256-gcm",
    "ascon128",
    "ascon128a",
];

/// The ciphers, protocols and obfuscations of `ShadowsocksR`.
const SSR_CIPHERS: Families = &[STREAM, &["none", "chacha20", "xchacha20"]];
const SSR_PROTOCOLS: &[&str] =
    &["origin", "auth_sha1_v4", "auth_aes128_md5", "auth_aes128_sha1", "auth_chain_a", "auth_chain_b"];
const SSR_OBFS: &[&str] =
    &["plain", "http_simple", "http_post", "random_head", "tls1.2_ticket_auth", "tls1.2_ticket_fastauth"];

/// Types of mihomo's own, which are kept as they were read.
const OTHERS: &[&str] = &["sudoku", "masque", "trusttunnel", "tailscale", "gost-relay", "shadowquic"];

/// Names that the programs have for themselves.
const TAKEN: &[&str] = &["DIRECT", "REJECT", "REJECT-DROP", "PASS", "COMPATIBLE", "GLOBAL"];

/// A name that is nobody else's.
pub(super) fn name(name: &str) -> String {
    let name = name.trim();
    if TAKEN.contains(&name) { format!("{name} 1") } else { name.to_owned() }
}

type Fits = Result<(), &'static str>;

impl Dialect {
    /// The entry of a proxy. `goes_on` is whether the proxy is there that it goes through.
    pub(super) fn entry(&self, proxy: &Proxy, goes_on: bool) -> Tree {
        let mut proxy = proxy.clone();
        for param in self.without {
            proxy.set(*param, "");
        }
        self.amend(&mut proxy);
        if self.name == CLASH.name
            && let Some(tls) = &mut proxy.tls
        {
            tls.client_fingerprint = Tls::default().client_fingerprint;
        }
        let kind = types::of(proxy.protocol);
        let mut tree = kind.write(&proxy, goes_on);
        if relays_udp(&proxy) && proxy.param(Param::Udp).is_none() {
            tree.put("udp", true);
        }
        if self.name == STASH.name && matches!(proxy.credentials, Credentials::User { .. }) {
            tree.put("version", 5);
        }
        for (types, own, other) in self.renames {
            let is_meant = types.is_empty() || kind.names.first().is_some_and(|name| types.contains(name));
            if let Some(value) = is_meant.then(|| tree.take_value(&[own])).flatten() {
                tree.put(other, value);
            }
        }
        tree
    }

    /// Takes away what the program would refuse, and says early data as it understands them.
    fn amend(&self, proxy: &mut Proxy) {
        let is_stash = self.name == STASH.name;
        for param in [Param::Up, Param::Down] {
            let said = proxy.param(param).and_then(speed).filter(|said| !is_stash || is_number(said));
            proxy.set(param, said.unwrap_or_default());
        }
        let hop = proxy.param(Param::HopInterval).unwrap_or_default();
        if !is_number(hop) && (is_stash || proxy.protocol != Protocol::Hysteria2 || !is_range(hop)) {
            proxy.set(Param::HopInterval, "");
        }
        if !proxy.param(Param::Ports).is_some_and(is_ports) {
            proxy.set(Param::Ports, "");
        }
        if self.name != MIHOMO.name
            && proxy.transport.network == Network::Ws
            && let Some((path, bytes)) = cut_early_data(&proxy.transport.path)
        {
            proxy.transport.path = path.into();
            proxy.set(Param::EarlyData, bytes.to_string());
            proxy.set(Param::EarlyDataHeader, "Sec-WebSocket-Protocol");
        }
    }

    /// Whether the program can use a proxy, and would not refuse the whole file for it.
    pub(super) fn fits(&self, proxy: &Proxy) -> Fits {
        require(self.protocols.contains(&proxy.protocol), self.no_protocol)?;
        self.fits_network(proxy)?;
        self.fits_tls(proxy)?;
        match proxy.protocol {
            Protocol::Shadowsocks => self.fits_shadowsocks(proxy),
            Protocol::ShadowsocksR => fits_shadowsocks_r(proxy),
            Protocol::Vmess => self.fits_vmess(proxy),
            Protocol::Vless => self.fits_vless(proxy),
            Protocol::Trojan => {
                let layer = proxy.param(Param::ShadowLayer).is_some_and(|layer| layer.starts_with("ss;"));
                require(!layer || self.name == MIHOMO.name, "it has no Shadowsocks layer in Trojan")
            }
            Protocol::Snell => self.fits_snell(proxy),
            Protocol::Hysteria => fits_hysteria(proxy),
            Protocol::Hysteria2 => self.fits_hysteria2(proxy),
            Protocol::WireGuard => self.fits_wire_guard(proxy),
            Protocol::Mieru => fits_mieru(proxy),
            Protocol::Ssh => require(proxy.credentials != Credentials::None, "SSH needs a user"),
            Protocol::OpenVpn | Protocol::Other => fits_other(proxy),
            _ => Ok(()),
        }
    }

    fn fits_network(&self, proxy: &Proxy) -> Fits {
        let transport = &proxy.transport;
        let known = self.networks.iter().find(|(protocol, _)| *protocol == proxy.protocol);
        let fits =
            known.map_or(transport.network == Network::Tcp, |(_, known)| known.contains(&transport.network));
        require(fits, "it cannot carry this protocol over this network")?;
        let has_header = transport.network == Network::Tcp && transport.header.eq_ignore_ascii_case("http");
        let may = matches!(proxy.protocol, Protocol::Vmess | Protocol::Vless);
        require(!has_header || may, "it cannot put an HTTP header before this protocol")
    }

    fn fits_tls(&self, proxy: &Proxy) -> Fits {
        let kind = types::of(proxy.protocol);
        let Some(tls) = &proxy.tls else {
            return require(kind.secured != Secured::Always, "it has this protocol only with TLS");
        };
        require(kind.secured != Secured::Never, "it has this protocol only without TLS")?;
        match tls.security {
            Security::Tls => Ok(()),
            Security::Xtls => Err("the first XTLS is obsolete: no newer program speaks it"),
            Security::Reality => {
                require(self.reality.contains(&proxy.protocol), "it has no REALITY for this protocol")?;
                let is_web = matches!(proxy.transport.network, Network::Ws | Network::HttpUpgrade);
                require(!is_web, "REALITY does not run over WebSocket")?;
                require(
                    is_key(&tls.public_key),
                    "REALITY's public key is none: expected 32 bytes in base64",
                )?;
                require(
                    is_short_id(&tls.short_id),
                    "REALITY's short id is none: expected up to 16 hexadecimal digits",
                )
            }
        }
    }

    fn fits_shadowsocks(&self, proxy: &Proxy) -> Fits {
        let Credentials::Cipher { method, password } = &proxy.credentials else {
            return Err("the cipher is missing");
        };
        let cipher = types::cipher(method);
        let known = has(OLD_CIPHERS, cipher) || has(self.ciphers, cipher);
        require(known, "it does not have this cipher")?;
        require(
            fits_key(method, password.expose()),
            "the key of a 2022 cipher is base64 of its length, and this is not",
        )?;
        let Some(sip) = proxy.param(Param::Plugin) else { return Ok(()) };
        let known = plugin::name(sip).is_some_and(|name| self.plugins.contains(&name));
        require(known, "it does not have this plugin")?;
        let options = link::plugin::options(proxy.param(Param::PluginOpts).unwrap_or_default());
        let is_web = matches!(sip, "v2ray-plugin" | "gost-plugin");
        let is_other = |(name, mode): &(String, String)| name == "mode" && mode != "websocket";
        require(!(is_web && options.iter().any(is_other)), "it has this plugin only with WebSocket")
    }

    fn fits_vmess(&self, proxy: &Proxy) -> Fits {
        let Credentials::Vmess { cipher, .. } = &proxy.credentials else {
            return Err("the user's id is missing");
        };
        require(self.user_ciphers.contains(&cipher.as_str()), "it does not have this cipher")
    }

    fn fits_vless(&self, proxy: &Proxy) -> Fits {
        let Credentials::Vless { encryption, flow, .. } = &proxy.credentials else {
            return Err("the user's id is missing");
        };
        let is_plain = matches!(encryption.as_str(), "" | "none");
        let is_post_quantum = self.name == MIHOMO.name && encryption.starts_with("mlkem768x25519plus.");
        require(is_plain || is_post_quantum, "it does not have this encryption of VLESS")?;
        let is_vision = matches!(flow.as_str(), "" | "xtls-rprx-vision" | "xtls-rprx-vision-udp443");
        require(is_vision, "it does not have this flow: only Vision is left of XTLS")
    }

    fn fits_snell(&self, proxy: &Proxy) -> Fits {
        let version = proxy.param(Param::Version).map_or(Ok(1), str::parse::<u16>);
        let fits = version.is_ok_and(|version| (1..=self.newest_snell).contains(&version));
        require(fits, "it does not have this version of Snell")?;
        require(
            matches!(proxy.param(Param::Obfs), None | Some("http" | "tls")),
            "it does not have this obfuscation",
        )
    }

    fn fits_hysteria2(&self, proxy: &Proxy) -> Fits {
        let obfs = proxy.param(Param::Obfs);
        let is_known = obfs == Some("salamander") || self.name == MIHOMO.name && obfs == Some("gecko");
        require(obfs.is_none() || is_known, "it does not have this obfuscation")?;
        require(
            proxy.param(Param::Realm).is_none() || self.name == MIHOMO.name,
            "it has no realms of Hysteria 2",
        )
    }

    fn fits_wire_guard(&self, proxy: &Proxy) -> Fits {
        let Credentials::Keys { private_key, .. } = &proxy.credentials else {
            return Err("the private key is missing");
        };
        let peers = proxy.extra.iter().any(|(name, _)| name == "clash:peers");
        let key = proxy.param(Param::PeerPublicKey).unwrap_or_default();
        require(is_key(private_key.expose()), "the private key is none: expected 32 bytes in base64")?;
        require(peers || is_key(key), "the peer's public key is missing, or not 32 bytes in base64")?;
        require(proxy.param(Param::LocalAddress).is_some(), "the address within the tunnel is missing")?;
        let amnezia = AMNEZIA.iter().any(|param| proxy.param(*param).is_some());
        require(!amnezia || self.name == MIHOMO.name, "it has no AmneziaWG")?;
        fits_tunnel(proxy)
    }
}

fn require(is: bool, reason: &'static str) -> Fits {
    if is { Ok(()) } else { Err(reason) }
}

/// What nobody here understands was kept, and is written where it came from this format.
fn fits_other(proxy: &Proxy) -> Fits {
    let is_own =
        |(name, _): &(Text, Text)| name.strip_prefix(FORMAT).is_some_and(|rest| rest.starts_with(':'));
    let is_known = proxy.protocol == Protocol::OpenVpn
        || proxy.param(Param::Type).is_some_and(|kind| OTHERS.contains(&kind));
    require(is_known && proxy.extra.iter().any(is_own), "mihomo does not know this type")
}

fn fits_shadowsocks_r(proxy: &Proxy) -> Fits {
    let Credentials::Cipher { method, .. } = &proxy.credentials else { return Err("the cipher is missing") };
    let is = |param, known: &[&str]| proxy.param(param).is_none_or(|said| known.contains(&said));
    require(has(SSR_CIPHERS, method), "it does not have this cipher")?;
    require(is(Param::SsrProtocol, SSR_PROTOCOLS), "it does not have this protocol of ShadowsocksR")?;
    require(is(Param::Obfs, SSR_OBFS), "it does not have this obfuscation")
}

fn fits_mieru(proxy: &Proxy) -> Fits {
    let is_whole = matches!(&proxy.credentials, Credentials::Login { username, password } if !username.is_empty() && !password.is_empty());
    require(is_whole, "mieru needs a user and a password")?;
    require(matches!(proxy.param(Param::Carrier), None | Some("UDP")), "mieru rides on TCP or UDP")
}

fn fits_hysteria(proxy: &Proxy) -> Fits {
    let has = |param| proxy.param(param).and_then(speed).is_some();
    require(has(Param::Up) && has(Param::Down), "Hysteria 1 needs its bandwidths, up and down")?;
    require(matches!(proxy.param(Param::Obfs), None | Some("xplus")), "it does not have this obfuscation")
}

/// A speed as mihomo takes it: Mbit/s, or a number with a unit whose prefix is a capital letter.
fn speed(text: &str) -> Option<String> {
    if is_number(text) {
        return Some(text.to_owned());
    }
    let unit = text.trim_start_matches(|char: char| char.is_ascii_digit());
    let number = text.strip_suffix(unit).filter(|number| !number.is_empty())?;
    let blanks = unit.strip_suffix(unit.trim_start()).unwrap_or_default();
    let prefix = unit.trim_start().strip_suffix("bps").or(unit.trim_start().strip_suffix("Bps"))?;
    let bits = unit.trim_start().strip_prefix(prefix)?;
    let prefix = prefix.to_ascii_uppercase();
    matches!(prefix.as_str(), "" | "K" | "M" | "G" | "T").then(|| format!("{number}{blanks}{prefix}{bits}"))
}

/// Whether UDP goes through a proxy only where it is asked for. Snell before 3 has none.
fn relays_udp(proxy: &Proxy) -> bool {
    match proxy.protocol {
        Protocol::Snell => !matches!(proxy.param(Param::Version), None | Some("1" | "2")),
        Protocol::Shadowsocks
        | Protocol::ShadowsocksR
        | Protocol::Vmess
        | Protocol::Vless
        | Protocol::Trojan
        | Protocol::Socks5
        | Protocol::AnyTls
        | Protocol::Mieru
        | Protocol::WireGuard => true,
        _ => false,
    }
}

/// Whether a text is base64 of 32 bytes.
fn is_key(text: &str) -> bool {
    link::base64::decode(text).is_some_and(|bytes| bytes.len() == 32)
}

fn is_short_id(text: &str) -> bool {
    text.len() <= 16 && text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
