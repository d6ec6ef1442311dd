//! One proxy, in the terms that every link and document is read into and printed from.

use std::fmt;

use serde::{Deserialize, Serialize};
use thin_vec::ThinVec;

use crate::Secret;

pub(crate) mod param;

pub use param::{Kind, Param};

/// A text of a proxy: two words, with up to 16 bytes in place (8 in WebAssembly), and one piece of the heap
/// for a longer one, which clones share. Most texts are empty or short, and lists have millions.
pub type Text = lean_string::LeanStr;

/// What a proxy speaks to its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Protocol {
    /// HTTP proxy (RFC 9110, absolute-form and CONNECT).
    Http,
    /// HTTP proxy reached over TLS.
    Https,
    /// SOCKS 4 and 4a.
    Socks4,
    /// SOCKS 5 (RFC 1928, RFC 1929).
    Socks5,
    /// Shadowsocks, AEAD, stream and 2022 ciphers.
    Shadowsocks,
    /// `VMess`.
    Vmess,
    /// VLESS.
    Vless,
    /// Trojan.
    Trojan,
    /// `ShadowsocksR`.
    ShadowsocksR,
    /// Hysteria 1.
    Hysteria,
    /// Hysteria 2.
    Hysteria2,
    /// TUIC, version 5, or 4 with a token.
    Tuic,
    /// `WireGuard`, also `AmneziaWG` and WARP.
    WireGuard,
    /// `AnyTLS`.
    AnyTls,
    /// naive: HTTP/2 or QUIC behind a browser's TLS.
    Naive,
    /// Juicity.
    Juicity,
    /// Snell.
    Snell,
    /// mieru.
    Mieru,
    /// SSH, by its forwarding of ports.
    Ssh,
    /// Brook.
    Brook,
    /// `OpenVPN`.
    OpenVpn,
    /// What a document names and nobody here knows more of: see [`Param::Type`].
    Other,
}

impl Protocol {
    /// Every protocol, in the order in which people meet them.
    pub const ALL: [Self; 22] = [
        Self::Http,
        Self::Https,
        Self::Socks4,
        Self::Socks5,
        Self::Shadowsocks,
        Self::Vmess,
        Self::Vless,
        Self::Trojan,
        Self::ShadowsocksR,
        Self::Hysteria,
        Self::Hysteria2,
        Self::Tuic,
        Self::WireGuard,
        Self::AnyTls,
        Self::Naive,
        Self::Juicity,
        Self::Snell,
        Self::Mieru,
        Self::Ssh,
        Self::Brook,
        Self::OpenVpn,
        Self::Other,
    ];

    /// The name on the wire: lower case, stable.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Socks4 => "socks4",
            Self::Socks5 => "socks5",
            Self::Shadowsocks => "shadowsocks",
            Self::Vmess => "vmess",
            Self::Vless => "vless",
            Self::Trojan => "trojan",
            Self::ShadowsocksR => "shadowsocksr",
            Self::Hysteria => "hysteria",
            Self::Hysteria2 => "hysteria2",
            Self::Tuic => "tuic",
            Self::WireGuard => "wireguard",
            Self::AnyTls => "anytls",
            Self::Naive => "naive",
            Self::Juicity => "juicity",
            Self::Snell => "snell",
            Self::Mieru => "mieru",
            Self::Ssh => "ssh",
            Self::Brook => "brook",
            Self::OpenVpn => "openvpn",
            Self::Other => "other",
        }
    }

    /// The name as the field writes it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Http => "HTTP",
            Self::Https => "HTTPS",
            Self::Socks4 => "SOCKS4",
            Self::Socks5 => "SOCKS5",
            Self::Shadowsocks => "Shadowsocks",
            Self::Vmess => "VMess",
            Self::Vless => "VLESS",
            Self::Trojan => "Trojan",
            Self::ShadowsocksR => "ShadowsocksR",
            Self::Hysteria => "Hysteria",
            Self::Hysteria2 => "Hysteria 2",
            Self::Tuic => "TUIC",
            Self::WireGuard => "WireGuard",
            Self::AnyTls => "AnyTLS",
            Self::Naive => "NaïveProxy",
            Self::Juicity => "Juicity",
            Self::Snell => "Snell",
            Self::Mieru => "mieru",
            Self::Ssh => "SSH",
            Self::Brook => "Brook",
            Self::OpenVpn => "OpenVPN",
            Self::Other => "Other",
        }
    }

    /// Whether it runs over UDP by itself, so that a proxy of it has no transport to choose.
    pub const fn is_datagram(self) -> bool {
        matches!(self, Self::Hysteria | Self::Hysteria2 | Self::Tuic | Self::WireGuard | Self::Juicity)
    }

    /// The protocol of a [`key`](Self::key), whatever its case.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.key().eq_ignore_ascii_case(key))
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// Where a proxy listens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// A host name or an IP address; IPv6 without brackets.
    pub host: Text,
    /// 1 to 65535.
    pub port: u16,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// As whom a proxy is used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Credentials {
    /// Nobody in particular.
    #[default]
    None,
    /// HTTP, SOCKS, naive, mieru: a user name and a password (SOCKS4: a user id and an empty password).
    Login {
        /// The user name.
        username: Text,
        /// The password, often empty.
        password: Secret,
    },
    /// A password, key or token alone: Trojan, Hysteria, `AnyTLS`, Snell, Brook, TUIC 4.
    Password(Secret),
    /// TUIC 5 and Juicity.
    User {
        /// The user's id, a UUID.
        id: Secret,
        /// The password.
        password: Secret,
    },
    /// `WireGuard`.
    Keys {
        /// The client's private key, base64.
        private_key: Secret,
        /// The key that both sides share besides, base64; often empty.
        pre_shared_key: Secret,
    },
    /// SSH.
    Ssh {
        /// The user name.
        username: Text,
        /// The password; empty where a key is used.
        password: Secret,
        /// The private key, in PEM or its base64 alone; empty where a password is used.
        private_key: Secret,
    },
    /// Shadowsocks and `ShadowsocksR`.
    Cipher {
        /// The cipher, in lower case.
        method: Text,
        /// The password; `key1:key2` where identity headers are used.
        password: Secret,
    },
    /// `VMess`.
    Vmess {
        /// The user's id, a UUID or a text that clients map to one.
        id: Secret,
        /// `auto`, `none`, `zero`, `aes-128-gcm` or `chacha20-poly1305`.
        cipher: Text,
        /// 0 for AEAD headers; above 0 for the legacy MD5 header.
        alter_id: u16,
    },
    /// VLESS.
    Vless {
        /// The user's id, a UUID or a text that clients map to one.
        id: Secret,
        /// `none`, or a post-quantum encryption string.
        encryption: Text,
        /// Empty, or for example `xtls-rprx-vision`.
        flow: Text,
    },
}

/// How the bytes are carried between client and proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Network {
    /// Plain TCP (`tcp`, `raw`), maybe with an HTTP header in front.
    #[default]
    Tcp,
    /// WebSocket.
    Ws,
    /// gRPC.
    Grpc,
    /// HTTP/2.
    H2,
    /// HTTP Upgrade.
    HttpUpgrade,
    /// XHTTP, formerly `SplitHTTP`.
    Xhttp,
    /// mKCP.
    Kcp,
    /// QUIC.
    Quic,
}

impl Network {
    /// Every network.
    pub const ALL: [Self; 8] =
        [Self::Tcp, Self::Ws, Self::Grpc, Self::H2, Self::HttpUpgrade, Self::Xhttp, Self::Kcp, Self::Quic];

    /// The name in links and on the wire.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Ws => "ws",
            Self::Grpc => "grpc",
            Self::H2 => "h2",
            Self::HttpUpgrade => "httpupgrade",
            Self::Xhttp => "xhttp",
            Self::Kcp => "kcp",
            Self::Quic => "quic",
        }
    }

    /// The network of a link's `type`, in every spelling that lists use.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::SPELLINGS.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)).map(|(_, network)| *network)
    }

    /// Every spelling.
    const SPELLINGS: [(&str, Self); 15] = [
        ("", Self::Tcp),
        ("tcp", Self::Tcp),
        ("raw", Self::Tcp),
        ("ws", Self::Ws),
        ("websocket", Self::Ws),
        ("grpc", Self::Grpc),
        ("gun", Self::Grpc),
        ("h2", Self::H2),
        ("http", Self::H2),
        ("httpupgrade", Self::HttpUpgrade),
        ("xhttp", Self::Xhttp),
        ("splithttp", Self::Xhttp),
        ("kcp", Self::Kcp),
        ("mkcp", Self::Kcp),
        ("quic", Self::Quic),
    ];
}

/// The transport: the network and the fields that a network uses. Unused fields are empty. Its [`Debug`]
/// shows no secret.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Transport {
    /// The network.
    pub network: Network,
    /// Header obfuscation: `none`, `http` (TCP), `srtp`, `utp` … (mKCP, QUIC). Empty when not given.
    pub header: Text,
    /// Host header (ws, httpupgrade, xhttp, h2, TCP with HTTP header); QUIC: security.
    pub host: Text,
    /// Path (ws, httpupgrade, xhttp, h2); gRPC: service name; mKCP: seed; QUIC: key.
    pub path: Text,
    /// gRPC: `gun` or `multi`; XHTTP: `auto`, `packet-up`, `stream-up`, `stream-one`.
    pub mode: Text,
    /// gRPC: authority.
    pub authority: Text,
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The seed of mKCP and the key of QUIC are secrets.
        let is_key = matches!(self.network, Network::Kcp | Network::Quic) && !self.path.is_empty();
        f.debug_struct("Transport")
            .field("network", &self.network)
            .field("header", &self.header)
            .field("host", &self.host)
            .field("path", if is_key { &"•••" } else { &self.path })
            .field("mode", &self.mode)
            .field("authority", &self.authority)
            .finish()
    }
}

/// How the way to the proxy is secured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Security {
    /// TLS.
    #[default]
    Tls,
    /// REALITY.
    Reality,
    /// XTLS in its first form: obsolete, kept as read.
    Xtls,
}

impl Security {
    /// The name in links and on the wire.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Tls => "tls",
            Self::Reality => "reality",
            Self::Xtls => "xtls",
        }
    }
}

/// TLS or REALITY between client and proxy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tls {
    /// Which of them.
    pub security: Security,
    /// Server name indication; empty when not given.
    pub server_name: Text,
    /// ALPN protocols in order; empty when not given.
    pub alpn: ThinVec<Text>,
    /// The browser whose `ClientHello` is imitated; empty when not given.
    pub client_fingerprint: Text,
    /// The certificate is not checked.
    pub insecure: bool,
    /// REALITY public key; empty otherwise.
    pub public_key: Text,
    /// REALITY short id, hexadecimal text; empty otherwise.
    pub short_id: Text,
    /// REALITY spider path; empty otherwise.
    pub spider_x: Text,
}

/// One proxy. Its [`Debug`] shows no secret, and of [`extra`](Self::extra) only the names.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Proxy {
    /// What it speaks.
    pub protocol: Protocol,
    /// Where it listens.
    pub endpoint: Endpoint,
    /// As whom it is used.
    pub credentials: Credentials,
    /// How bytes are carried.
    pub transport: Transport,
    /// TLS to the proxy, if any.
    pub tls: Option<Tls>,
    /// The name that its list gives it. No part of its identity.
    pub name: Text,
    /// What its protocol understands besides, each once, in the order of [`Param`]: see
    /// [`set`](Self::set).
    pub params: ThinVec<(Param, Text)>,
    /// Parameters that were read but not understood, in order, printed again as they were.
    pub extra: ThinVec<(Text, Text)>,
    /// Where it was read.
    pub origin: Origin,
}

/// Where a proxy was read. Anybody can write a link and send it to somebody, so that what it says under the
/// name of a format, `surge:exec=…`, is printed as a link again and written into no such document. No part of
/// what a proxy is: any two are equal.
#[derive(Clone, Copy, Debug, Default)]
pub enum Origin {
    /// In a document that has its fields.
    #[default]
    Document,
    /// In a link.
    Link,
}

impl Proxy {
    /// The same as if a document had said it, with whatever it keeps for its format.
    #[must_use]
    pub fn of_document(self) -> Self {
        Self { origin: Origin::Document, ..self }
    }
}

impl PartialEq for Origin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Origin {}

impl std::hash::Hash for Origin {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

impl Proxy {
    /// A proxy of `protocol` at `host` and `port`, with nothing else set.
    pub fn new(protocol: Protocol, host: impl Into<Text>, port: u16) -> Self {
        Self {
            protocol,
            endpoint: Endpoint { host: host.into(), port },
            credentials: Credentials::None,
            transport: Transport::default(),
            tls: None,
            name: Text::new(),
            params: ThinVec::new(),
            extra: ThinVec::new(),
            origin: Origin::default(),
        }
    }

    /// The value of a parameter, if it is set.
    pub fn param(&self, param: Param) -> Option<&str> {
        let at = self.params.binary_search_by_key(&param, |(known, _)| *known).ok()?;
        self.params.get(at).map(|(_, value)| value.as_str())
    }

    /// Whether a [flag](Kind::Flag) is set to yes.
    pub fn has(&self, param: Param) -> bool {
        self.param(param) == Some("1")
    }

    /// Sets a parameter, in its place among the others; an empty value takes it away.
    ///
    /// ```
    /// use configstream_core::proxy::{Param, Protocol, Proxy};
    /// let mut proxy = Proxy::new(Protocol::WireGuard, "192.0.2.1", 51820);
    /// proxy.set(Param::Mtu, "1280");
    /// assert_eq!(proxy.param(Param::Mtu), Some("1280"));
    /// ```
    pub fn set(&mut self, param: Param, value: impl Into<Text>) {
        let value = value.into();
        match self.params.binary_search_by_key(&param, |(known, _)| *known) {
            Ok(at) => drop(self.params.remove(at)),
            Err(_) if value.is_empty() => return,
            Err(_) => self.params.reserve_exact(1),
        }
        if !value.is_empty() {
            let at = self.params.partition_point(|(known, _)| *known < param);
            self.params.insert(at, (param, value));
        }
    }

    /// The identity of this proxy.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hash = Hash::new();
        hash.text(self.protocol.key());
        hash.text(&self.endpoint.host.to_ascii_lowercase());
        hash.bytes(&self.endpoint.port.to_be_bytes());
        hash.credentials(&self.credentials);
        hash.transport(&self.transport);
        if let Some(tls) = &self.tls {
            hash.tls(tls);
        }
        for (param, value) in self.params.iter().filter(|(param, _)| param.is_identity()) {
            hash.texts(&[param.key(), value]);
        }
        if self.protocol == Protocol::Other {
            // What is not understood may be anything, a password too.
            self.extra.iter().for_each(|(name, value)| hash.texts(&[name, value]));
        }
        Fingerprint(hash.0)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = |(param, value): &(Param, Text)| {
            format!("{}={}", param.key(), if param.is_secret() { "•••" } else { value })
        };
        f.debug_struct("Proxy")
            .field("protocol", &self.protocol)
            .field("endpoint", &self.endpoint)
            .field("credentials", &self.credentials)
            .field("transport", &self.transport)
            .field("tls", &self.tls)
            .field("name", &self.name)
            .field("params", &self.params.iter().map(show).collect::<Vec<_>>())
            .field("extra", &self.extra.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("origin", &self.origin)
            .finish()
    }
}

/// The identity of a proxy: it covers all that changes where bytes go and as whom, and nothing
/// else. A name, an ALPN list or an imitated browser is no part of it.
///
/// 64 bits, not cryptographic: among a million proxies two collide with a chance of 1 in 36
/// million.
///
/// ```
/// use configstream_core::link;
/// let a = link::parse("socks5://192.0.2.1:1080#one").unwrap();
/// let b = link::parse("socks5://192.0.2.1:1080#two").unwrap();
/// assert_eq!(a.fingerprint(), b.fingerprint());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// The identity of a number that [`bits`](Self::bits) gave.
    pub(crate) const fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// The identity as a number, as stored forms have it.
    pub const fn bits(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Fingerprint {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}

/// FNV-1a, 64 bits (<http://www.isthe.com/chongo/tech/comp/fnv/>): stable across versions.
pub(crate) struct Hash(u64);

impl Hash {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// The hash of one text.
    pub(crate) fn of(text: &str) -> u64 {
        let mut hash = Self::new();
        hash.text(text);
        hash.0
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// A text and its end, so that `ab`,`c` and `a`,`bc` differ.
    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
        self.bytes(&[0]);
    }

    fn texts(&mut self, texts: &[&str]) {
        for text in texts {
            self.text(text);
        }
    }

    fn credentials(&mut self, credentials: &Credentials) {
        match credentials {
            Credentials::None => {}
            Credentials::Login { username, password } => self.texts(&[username, password.expose()]),
            Credentials::Password(password) => self.text(password.expose()),
            Credentials::User { id, password } => self.texts(&[id.expose(), password.expose()]),
            Credentials::Keys { private_key, pre_shared_key } => {
                self.texts(&[private_key.expose(), pre_shared_key.expose()]);
            }
            Credentials::Ssh { username, password, private_key } => {
                self.texts(&[username, password.expose(), private_key.expose()]);
            }
            Credentials::Cipher { method, password } => self.texts(&[method, password.expose()]),
            Credentials::Vmess { id, .. } => self.text(id.expose()),
            Credentials::Vless { id, encryption, flow } => {
                self.texts(&[id.expose(), flow]);
                // It holds the key of the server, who is another without it.
                if !matches!(encryption.as_str(), "" | "none") {
                    self.texts(&["encryption", encryption]);
                }
            }
        }
    }

    fn transport(&mut self, transport: &Transport) {
        self.texts(&[transport.network.key(), &transport.header, &transport.host, &transport.path]);
        self.texts(&[&transport.mode, &transport.authority]);
    }

    fn tls(&mut self, tls: &Tls) {
        self.texts(&[tls.security.key(), &tls.server_name, &tls.public_key, &tls.short_id]);
        // Whether the peer is verified decides who may be at the other end.
        self.bytes(&[u8::from(tls.insecure)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link;

    fn same(a: &str, b: &str) -> bool {
        link::parse(a).unwrap().fingerprint() == link::parse(b).unwrap().fingerprint()
    }

    const VLESS: &str =
        "vless://b831381d-6324-4d53-ad4f-8cda48b30811@192.0.2.1:443?security=tls&sni=a.example";

    #[test]
    fn what_changes_where_bytes_go_or_as_whom_is_identity() {
        for other in [
            "&allowInsecure=1",
            "&headerType=http",
            "&type=ws",
            "&type=ws&path=/x",
            "&flow=xtls-rprx-vision",
            "&encryption=mlkem768x25519plus.native.0rtt.AAAA",
            "&pcs=00ff",
            "&pqv=AAAA",
        ] {
            assert!(!same(VLESS, &[VLESS, other].concat()), "{other}");
        }
        let xhttp = [VLESS, "&type=xhttp&mode="].concat();
        assert!(!same(&[&xhttp, "packet-up"].concat(), &[&xhttp, "stream-up"].concat()));
        let ss = "ss://YWVzLTI1Ni1nY206cA@192.0.2.1:8388";
        assert!(!same(ss, &[ss, "/?plugin=obfs-local%3Bobfs%3Dhttp"].concat()));
        assert!(!same("socks5://a:b@192.0.2.1:1080", "socks5://a:c@192.0.2.1:1080"));
    }

    #[test]
    fn what_does_not_is_none() {
        for other in ["#name", "&fp=chrome", "&alpn=h2", "&nobody=knows", "&encryption=none"] {
            assert!(same(VLESS, &[VLESS, other].concat()), "{other}");
        }
        assert!(same("socks5://PROXY.example:1080", "socks5://proxy.example:1080"));
    }

    #[test]
    fn a_path_that_is_a_key_is_not_in_the_debug_form() {
        for network in Network::ALL {
            let transport = Transport { network, path: "hunter2".into(), ..Transport::default() };
            let is_key = matches!(network, Network::Kcp | Network::Quic);
            assert_ne!(format!("{transport:?}").contains("hunter2"), is_key, "{network:?}");
        }
    }
}
