//! What protocols understand beyond their credentials, transport and TLS: one closed vocabulary, one
//! name for each meaning. Every link and document maps its own spellings to it by a table.

/// What the value of a parameter is. It is always kept as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A whole number; formats that have numbers write one where the text is one.
    Number,
    /// `1` for yes, `0` for no.
    Flag,
}

/// What hangs on a parameter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// How well, not where.
    Manner,
    /// Where bytes go or as whom.
    Place,
    /// The same, and not to be shown.
    Key,
    /// How well, and not to be shown: it may hold a password among other things.
    Hidden,
}

use Kind::{Flag, Number, Text};
use Role::{Hidden, Key, Manner, Place};

macro_rules! params {
    ($($(#[$doc:meta])* $name:ident $key:literal $kind:ident $role:ident;)+) => {
        /// A parameter that some protocol understands. The order is that in which a proxy keeps them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Param { $($(#[$doc])* $name,)+ }

        impl Param {
            /// Every parameter, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            const fn facts(self) -> (&'static str, Kind, Role) {
                match self { $(Self::$name => ($key, $kind, $role),)+ }
            }
        }
    };
}

params! {
    /// What a proxy of no known protocol is called where it was found: `sudoku`, `masque`.
    Type "type" Text Place;
    /// All ports of a server that hops, as `443,5000-6000`.
    Ports "ports" Text Place;
    /// Seconds between hops, or a range of them as `15-30`.
    HopInterval "hop_interval" Number Manner;
    /// Bandwidth to the proxy: a number of Mbit/s, or a text with its unit.
    Up "up" Text Manner;
    /// Bandwidth from the proxy, as [`Up`](Self::Up).
    Down "down" Text Manner;
    /// The obfuscation: Hysteria `xplus`, Hysteria 2 `salamander`, Snell `http`, `ShadowsocksR` `plain`.
    Obfs "obfs" Text Place;
    /// The secret of the obfuscation.
    ObfsPassword "obfs_password" Text Key;
    /// What else the obfuscation needs: for `ShadowsocksR` and Snell the host that it pretends.
    ObfsParam "obfs_param" Text Place;
    /// The protocol of `ShadowsocksR`: `origin`, `auth_aes128_md5` …
    SsrProtocol "ssr_protocol" Text Place;
    /// What it needs, often `user:password`.
    ProtocolParam "protocol_param" Text Key;
    /// What the protocol rides on, where it has the choice: Hysteria `udp`, `wechat-video`, `faketcp`;
    /// mieru `UDP` where it is not TCP; naive `quic`; a realm `http`; `OpenVPN` `udp`, `tcp`, `udp4` ….
    Carrier "carrier" Text Place;
    /// Congestion control: `bbr`, `cubic`, `new_reno`.
    Congestion "congestion" Text Manner;
    /// TUIC: `native` or `quic`.
    UdpRelayMode "udp_relay_mode" Text Manner;
    /// UDP goes over a stream.
    UdpOverStream "udp_over_stream" Flag Manner;
    /// Shadowsocks and SOCKS: UDP goes over TCP, `SagerNet`'s way.
    UdpOverTcp "udp_over_tcp" Flag Manner;
    /// Whether UDP may be used at all.
    Udp "udp" Flag Manner;
    /// TCP fast open, or its like in QUIC.
    FastOpen "tcp_fast_open" Flag Manner;
    /// TUIC: 0-RTT handshake.
    ReduceRtt "reduce_rtt" Flag Manner;
    /// No server name is sent.
    DisableSni "disable_sni" Flag Manner;
    /// Milliseconds between heartbeats.
    Heartbeat "heartbeat_interval" Number Manner;
    /// Bytes of the largest packet.
    Mtu "mtu" Number Manner;
    /// `WireGuard`: the peer's public key, base64.
    PeerPublicKey "peer_public_key" Text Place;
    /// `WireGuard`: the three reserved bytes, as `1,2,3`; WARP knows its client by them.
    Reserved "reserved" Text Place;
    /// `WireGuard`: the client's addresses within the tunnel, cut by commas.
    LocalAddress "local_address" Text Manner;
    /// `WireGuard`: the networks that go through the tunnel, cut by commas.
    AllowedIps "allowed_ips" Text Manner;
    /// Name servers within the tunnel, cut by commas.
    Dns "dns" Text Manner;
    /// Seconds between packets that keep the way open.
    Keepalive "keepalive" Number Manner;
    /// `AmneziaWG`: how many junk packets.
    Jc "jc" Number Place;
    /// `AmneziaWG`: bytes of the smallest junk packet.
    Jmin "jmin" Number Place;
    /// `AmneziaWG`: bytes of the largest junk packet.
    Jmax "jmax" Number Place;
    /// `AmneziaWG`: junk before the initiation, bytes.
    S1 "s1" Number Place;
    /// `AmneziaWG`: junk before the response, bytes.
    S2 "s2" Number Place;
    /// `AmneziaWG`: junk before the cookie, bytes.
    S3 "s3" Number Place;
    /// `AmneziaWG`: junk before transport packets, bytes.
    S4 "s4" Number Place;
    /// `AmneziaWG`: type of the initiation, a number or a range.
    H1 "h1" Number Place;
    /// `AmneziaWG`: type of the response.
    H2 "h2" Number Place;
    /// `AmneziaWG`: type of the cookie.
    H3 "h3" Number Place;
    /// `AmneziaWG`: type of transport packets.
    H4 "h4" Number Place;
    /// `AmneziaWG`: first signature packet.
    I1 "i1" Text Place;
    /// `AmneziaWG`: second signature packet.
    I2 "i2" Text Place;
    /// `AmneziaWG`: third signature packet.
    I3 "i3" Text Place;
    /// `AmneziaWG`: fourth signature packet.
    I4 "i4" Text Place;
    /// `AmneziaWG`: fifth signature packet.
    I5 "i5" Text Place;
    /// `OpenVPN`: certificates of whom the server's must be signed by, PEM.
    CaCertificate "ca_certificate" Text Place;
    /// `OpenVPN`: the client's certificate, PEM.
    ClientCertificate "client_certificate" Text Place;
    /// `OpenVPN`: the key of the client's certificate, PEM.
    ClientKey "client_key" Text Key;
    /// `OpenVPN`: the static key that signs packets of the control channel.
    TlsAuth "tls_auth" Text Key;
    /// `OpenVPN`: the static key that encrypts the control channel.
    TlsCrypt "tls_crypt" Text Key;
    /// `OpenVPN`: the client's own key that encrypts the control channel.
    TlsCryptV2 "tls_crypt_v2" Text Key;
    /// `OpenVPN`: which half of a static key the client uses, `0` or `1`.
    KeyDirection "key_direction" Number Place;
    /// `OpenVPN`: the cipher of servers that do not negotiate one.
    TunnelCipher "tunnel_cipher" Text Place;
    /// `OpenVPN`: the ciphers to negotiate, cut by colons, the preferred first.
    TunnelCiphers "tunnel_ciphers" Text Manner;
    /// `OpenVPN`: the digest that signs packets: `SHA1`, `SHA512`.
    TunnelDigest "tunnel_digest" Text Place;
    /// The version of the protocol (Snell).
    Version "version" Number Place;
    /// Connections are used again (Snell).
    Reuse "reuse" Flag Manner;
    /// A plugin's name (SIP003): `obfs-local`, `v2ray-plugin`, `shadow-tls` …
    Plugin "plugin" Text Place;
    /// A plugin's options as SIP003 writes them, escapes and all; often with a password.
    PluginOpts "plugin_opts" Text Key;
    /// Trojan-Go: the Shadowsocks layer, as `ss;aes-256-gcm:password`.
    ShadowLayer "ss_encryption" Text Key;
    /// SHA-256 of the certificate that the server must show: hexadecimal without colons, or base64.
    CertSha256 "cert_sha256" Text Place;
    /// SHA-256 of the whole chain (Juicity).
    CertChainSha256 "cert_chain_sha256" Text Place;
    /// Names that the certificate must hold instead of the server name, cut by commas.
    VerifyCertName "verify_cert_name" Text Place;
    /// Encrypted Client Hello: a configuration list or where to ask for it.
    Ech "ech" Text Manner;
    /// REALITY: the ML-DSA-65 key of the server's signature.
    Mldsa65 "mldsa65_verify" Text Place;
    /// UDP over VLESS and `VMess`: `xudp`, `packetaddr`, `none`.
    PacketEncoding "packet_encoding" Text Manner;
    /// WebSocket: bytes of early data, where the path does not say it.
    EarlyData "early_data" Number Manner;
    /// WebSocket: the header that carries them.
    EarlyDataHeader "early_data_header" Text Manner;
    /// XHTTP: Xray's `extra`, a JSON object.
    XhttpExtra "xhttp_extra" Text Hidden;
    /// Xray's final mask, a JSON object.
    Finalmask "finalmask" Text Key;
    /// How the first packets are cut, as `1,40-60,30-50,tlshello`.
    Fragment "fragment" Text Manner;
    /// Hysteria 2: the id of the realm in which the server is found.
    Realm "realm" Text Place;
    /// Hysteria 2: the token of the realm's server.
    RealmToken "realm_token" Text Key;
    /// STUN servers, cut by commas.
    Stun "stun" Text Manner;
    /// mieru: `MULTIPLEXING_OFF` to `MULTIPLEXING_HIGH`.
    Multiplexing "multiplexing" Text Manner;
    /// mieru: `HANDSHAKE_STANDARD` or `HANDSHAKE_NO_WAIT`.
    HandshakeMode "handshake_mode" Text Manner;
    /// mieru: the name of the profile; `ShadowsocksR`: of the group.
    Group "group" Text Manner;
    /// naive: headers of the tunnel's requests, as `Name: value` lines.
    ExtraHeaders "extra_headers" Text Hidden;
    /// naive: how many tunnels at once.
    Concurrency "insecure_concurrency" Number Manner;
    /// SSH: the server's public keys, cut by commas.
    HostKey "host_key" Text Place;
    /// SSH: what opens the private key.
    Passphrase "passphrase" Text Key;
    /// `AnyTLS`: seconds between looks for idle sessions.
    IdleCheck "idle_session_check_interval" Number Manner;
    /// `AnyTLS`: seconds after which a session is idle.
    IdleTimeout "idle_session_timeout" Number Manner;
    /// `AnyTLS`: idle sessions that are kept.
    MinIdle "min_idle_session" Number Manner;
}

impl Param {
    /// The one name of this meaning: lower case, stable.
    pub const fn key(self) -> &'static str {
        self.facts().0
    }

    /// What its value is.
    pub const fn kind(self) -> Kind {
        self.facts().1
    }

    /// Whether its value must not be shown.
    pub const fn is_secret(self) -> bool {
        matches!(self.facts().2, Key | Hidden)
    }

    /// Whether it changes where bytes go or as whom, so that it is part of a proxy's identity.
    pub const fn is_identity(self) -> bool {
        matches!(self.facts().2, Place | Key)
    }

    /// The parameter of a [`key`](Self::key), whatever its case and with `-` for `_` or neither.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::of(mark(key), key)
    }

    /// [`from_key`](Self::from_key) for a key whose [`mark`] is known.
    pub(crate) fn of(known: u32, key: &str) -> Option<Self> {
        const MARKS: [u32; Param::ALL.len()] = marks();
        const KNOWN: [u64; WORDS] = bits(&MARKS);
        let (word, bit) = place(known);
        if KNOWN[word] & bit == 0 {
            return None;
        }
        let marked =
            Self::ALL.iter().zip(MARKS).find(|(param, mark)| *mark == known && same(param.key(), key));
        marked.map(|(param, _)| *param)
    }
}

const fn marks() -> [u32; Param::ALL.len()] {
    let mut marks = [0; Param::ALL.len()];
    let mut at = 0;
    while at < marks.len() {
        marks[at] = mark(Param::ALL[at].key());
        at += 1;
    }
    marks
}

/// The words of a set of [`mark`]s with a bit for each: most names that are looked up are none of a
/// parameter, and four in five of them are known by it.
const WORDS: usize = 8;

const fn bits(marks: &[u32]) -> [u64; WORDS] {
    let (mut bits, mut at) = ([0; WORDS], 0);
    while at < marks.len() {
        let (word, bit) = place(marks[at]);
        bits[word] |= bit;
        at += 1;
    }
    bits
}

/// The word and the bit of a mark.
const fn place(mark: u32) -> (usize, u64) {
    ((mark / 64) as usize % WORDS, 1 << (mark % 64))
}

/// A number that two names share when they are the [`same`], and hardly ever when they are not: each name
/// of a link is compared with dozens.
pub(crate) const fn mark(name: &str) -> u32 {
    let bytes = name.as_bytes();
    let (mut mark, mut at) = (0_u32, 0);
    while at < bytes.len() {
        if !matches!(bytes[at], b'_' | b'-') {
            // Capitals become small letters; what else becomes something else, `same` tells apart.
            mark = mark.rotate_left(5) ^ (bytes[at] | 0x20) as u32;
        }
        at += 1;
    }
    // Names that differ in their first letters alone must differ in the low bits too.
    mark ^ mark >> 15
}

/// Whether two names are the same but for case, `_` and `-`.
pub(crate) fn same(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    // Most names differ at once, and each is compared with dozens.
    let first = |text: &str| text.bytes().next().map(|byte| byte.to_ascii_lowercase());
    let letters = |text| str::bytes(text).filter(|byte| !matches!(byte, b'_' | b'-'));
    let low = |byte: u8| byte.to_ascii_lowercase();
    first(a) == first(b) && letters(a).map(low).eq(letters(b).map(low))
}
