//! Which proxies sing-box 1.12 can use: it refuses a whole file for one value that it does not know.

use super::super::ciphers::{AEAD, BLAKE3, Families, STREAM, fits_key, has};
use super::super::tree::cut;
use super::super::values::{fits_ech, fits_path, fits_tunnel, one_of};
use super::outbound::cipher;
use crate::Proxy;
use crate::link::{base64, is_uuid, plugin};
use crate::proxy::{Credentials, Network, Param, Protocol, Security, Tls};

/// The ciphers of Shadowsocks.
const CIPHERS: Families = &[AEAD, BLAKE3, STREAM, &["none", "2022-blake3-chacha20-poly1305", "xchacha20"]];

/// What changes the bytes on their way, and sing-box does not have.
const LACKING: &[(Param, &str)] = &[
    (Param::Finalmask, "sing-box has no final mask"),
    (Param::Realm, "sing-box has no realms for Hysteria 2 before 1.14"),
    (Param::ShadowLayer, "sing-box has no Shadowsocks layer for Trojan"),
    (Param::S1, AMNEZIA),
    (Param::S2, AMNEZIA),
    (Param::S3, AMNEZIA),
    (Param::S4, AMNEZIA),
    (Param::H1, AMNEZIA),
    (Param::H2, AMNEZIA),
    (Param::H3, AMNEZIA),
    (Param::H4, AMNEZIA),
];

const AMNEZIA: &str = "sing-box has no AmneziaWG";

type Fits = Result<(), &'static str>;

/// Whether sing-box can use a proxy.
pub(super) fn fits(proxy: &Proxy) -> Fits {
    let lacks = LACKING.iter().find(|(param, _)| proxy.param(*param).is_some());
    lacks.map_or(Ok(()), |(_, reason)| Err(*reason))?;
    protocol(proxy)?;
    transport(proxy)?;
    proxy.tls.as_ref().map_or(Ok(()), |tls| security(proxy, tls))?;
    fits_path(proxy)?;
    fits_ech(proxy)?;
    credentials(proxy)
}

/// An error unless something is so.
fn needs(so: bool, reason: &'static str) -> Fits {
    if so { Ok(()) } else { Err(reason) }
}

fn protocol(proxy: &Proxy) -> Fits {
    let has = |param| proxy.param(param).is_some();
    match proxy.protocol {
        Protocol::ShadowsocksR => Err("sing-box has no ShadowsocksR since 1.6"),
        Protocol::Juicity => Err("sing-box has no Juicity"),
        Protocol::Snell => Err("sing-box has no Snell before 1.14"),
        Protocol::Mieru => Err("sing-box has no mieru"),
        Protocol::Brook => Err("sing-box has no Brook"),
        Protocol::OpenVpn => Err("sing-box has no OpenVPN before 1.14"),
        Protocol::Other if proxy.param(Param::Type) != Some("shadowtls") => {
            Err("sing-box does not know this type")
        }
        Protocol::AnyTls | Protocol::Naive => {
            needs(proxy.tls.is_some(), "sing-box has it with TLS only")?;
            let known = ["bbr", "bbr2", "cubic", "reno"];
            one_of(proxy, Param::Congestion, &known, "sing-box does not know the congestion control of naive")
        }
        Protocol::Socks4 | Protocol::Socks5 => needs(proxy.tls.is_none(), "sing-box has no SOCKS over TLS"),
        Protocol::Hysteria => needs(
            matches!(proxy.param(Param::Carrier), None | Some("udp")),
            "sing-box has Hysteria over plain UDP only",
        ),
        Protocol::Hysteria2 => needs(
            matches!(proxy.param(Param::Obfs), None | Some("salamander")),
            "sing-box has no obfuscation of Hysteria 2 but salamander before 1.14",
        ),
        Protocol::WireGuard => {
            needs(has(Param::LocalAddress), "sing-box needs an address within the tunnel")?;
            let key = proxy.param(Param::PeerPublicKey).unwrap_or_default();
            needs(bytes(key) == 32, "sing-box needs the peer's key, 32 bytes in base64")?;
            fits_tunnel(proxy)
        }
        Protocol::Shadowsocks => shadowsocks(proxy),
        Protocol::Ssh => {
            let keys = cut(proxy.param(Param::HostKey).unwrap_or_default());
            needs(keys.iter().all(|key| is_host_key(key)), "a key of the SSH server is none")
        }
        _ => Ok(()),
    }
}

fn shadowsocks(proxy: &Proxy) -> Fits {
    needs(proxy.tls.is_none(), "sing-box has no Shadowsocks over TLS without a plugin")?;
    match proxy.param(Param::Plugin) {
        None => Ok(()),
        Some(name @ ("obfs-local" | "v2ray-plugin")) => options(name, proxy),
        Some("shadow-tls") => {
            let options = plugin::options(proxy.param(Param::PluginOpts).unwrap_or_default());
            let says = |name: &str| options.iter().find(|(option, _)| option == name).map(|(_, value)| value);
            let known = matches!(says("version").map(String::as_str), Some("1" | "2" | "3") | None);
            needs(
                known && says("host").is_some(),
                "sing-box needs the host and a version up to 3 of shadow-tls",
            )
        }
        Some(_) => Err("sing-box has no plugin of Shadowsocks but obfs-local, v2ray-plugin and shadow-tls"),
    }
}

/// Whether the options of a plugin are known: one that is not costs the whole file.
fn options(name: &str, proxy: &Proxy) -> Fits {
    let options = plugin::options(proxy.param(Param::PluginOpts).unwrap_or_default());
    let fits = options.iter().all(|(option, value)| match (name, option.as_str()) {
        ("obfs-local", "obfs") => matches!(value.as_str(), "http" | "tls"),
        ("v2ray-plugin", "mode") => matches!(value.as_str(), "websocket" | "quic"),
        ("v2ray-plugin", "mux") => value.parse::<u16>().is_ok(),
        _ => true,
    });
    needs(fits, "sing-box does not know this option of the plugin")
}

fn transport(proxy: &Proxy) -> Fits {
    use Protocol::{Other, Trojan, Vless, Vmess};
    let transport = &proxy.transport;
    let has_one = matches!(proxy.protocol, Vmess | Vless | Trojan) || proxy.protocol.is_datagram();
    if !has_one && proxy.protocol != Other {
        let plain = transport.network == Network::Tcp && transport.header.is_empty();
        return needs(plain, "sing-box has a transport for VMess, VLESS and Trojan only");
    }
    let secure = proxy.tls.is_some();
    match (transport.network, transport.header.as_str()) {
        (Network::Tcp, "http") => needs(!secure, "sing-box has no HTTP header within TLS"),
        (Network::Xhttp, _) => Err("sing-box has no XHTTP"),
        (Network::Kcp, _) => Err("sing-box has no mKCP"),
        (Network::H2, _) => needs(secure, "sing-box has HTTP/2 over TLS only"),
        (Network::Quic, header) => {
            let plain = transport.path.is_empty() && matches!(transport.host.as_str(), "" | "none");
            needs(
                plain && header.is_empty() && secure,
                "sing-box has QUIC with TLS, without a key and a header only",
            )
        }
        (_, header) => needs(header.is_empty(), "sing-box has no such header"),
    }
}

fn security(proxy: &Proxy, tls: &Tls) -> Fits {
    match tls.security {
        Security::Tls => Ok(()),
        Security::Xtls => Err("sing-box has no XTLS of the first form"),
        Security::Reality => {
            let is_quic = proxy.protocol.is_datagram() || proxy.transport.network == Network::Quic;
            needs(!is_quic && proxy.protocol != Protocol::Naive, "sing-box has no REALITY over QUIC")?;
            let is_web = matches!(proxy.transport.network, Network::Ws | Network::HttpUpgrade);
            needs(!is_web, "REALITY does not run over WebSocket")?;
            let key = &tls.public_key;
            let is_key = key.len() == 43 && !key.contains(['+', '/', '=']) && bytes(key) == 32;
            needs(is_key, "REALITY needs a public key of 32 bytes in base64 for URLs")?;
            let id = &tls.short_id;
            let is_id = id.len() <= 16
                && id.len().is_multiple_of(2)
                && id.bytes().all(|byte| byte.is_ascii_hexdigit());
            needs(is_id, "the short id of REALITY is no hexadecimal text of up to 8 bytes")
        }
    }
}

fn credentials(proxy: &Proxy) -> Fits {
    match &proxy.credentials {
        Credentials::Cipher { method, password } => {
            let method = cipher(method);
            needs(has(CIPHERS, method), "sing-box does not know the cipher")?;
            needs(is_key(method, password.expose()), "the cipher needs a key of its own length in base64")
        }
        Credentials::Vless { encryption, flow, .. } => {
            needs(matches!(encryption.as_str(), "" | "none"), "sing-box has no encryption of VLESS")?;
            let flow = flow.strip_suffix("-udp443").unwrap_or(flow);
            let plain = proxy.transport.network == Network::Tcp && proxy.transport.header.is_empty();
            needs(flow.is_empty() || plain, "sing-box has Vision over plain TCP only")?;
            needs(matches!(flow, "" | "xtls-rprx-vision"), "sing-box has no flow but xtls-rprx-vision")
        }
        Credentials::User { id, .. } => needs(is_uuid(id.expose()), "TUIC needs a UUID"),
        Credentials::Password(_) if proxy.protocol == Protocol::Tuic => Err("sing-box has TUIC 5 only"),
        Credentials::Keys { private_key, pre_shared_key } => {
            let shared = pre_shared_key.expose();
            let fit = bytes(private_key.expose()) == 32 && (shared.is_empty() || bytes(shared) == 32);
            needs(fit, "WireGuard needs keys of 32 bytes in base64")
        }
        Credentials::Ssh { private_key, .. } => needs(
            is_private_key(private_key.expose()),
            "SSH needs a private key in PEM, or that of OpenSSH in base64",
        ),
        Credentials::Login { username, .. } => {
            let is_naive = proxy.protocol == Protocol::Naive;
            needs(!is_naive || !username.is_empty(), "sing-box has naive with a user only")
        }
        Credentials::None if proxy.protocol == Protocol::Naive => Err("sing-box has naive with a user only"),
        _ => Ok(()),
    }
}

/// Whether a cipher can use a password; the last of 2022 has no second key.
fn is_key(method: &str, password: &str) -> bool {
    fits_key(method, password) && !(method == "2022-blake3-chacha20-poly1305" && password.contains(':'))
}

/// Whether a text is `ssh-ed25519 AAAA…`: the base64 names the kind of key again.
fn is_host_key(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let (kind, body) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let bytes = base64::decode(body).unwrap_or_default();
    let rest = bytes.get(4..).and_then(|rest| rest.strip_prefix(kind.as_bytes()));
    rest.is_some_and(|rest| rest.len() > 4)
}

/// Whether a text may be a private key: none at all, one in an older form of PEM, or OpenSSH's own.
fn is_private_key(text: &str) -> bool {
    if text.is_empty() || text.contains("-----BEGIN") && !text.contains("OPENSSH") {
        return true;
    }
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    base64::decode(&body).is_some_and(|bytes| bytes.starts_with(b"openssh-key-v1"))
}

/// How many bytes a text in base64 is of.
fn bytes(text: &str) -> usize {
    base64::decode(text).map_or(0, |bytes| bytes.len())
}
