//! How safe the way to a proxy is, and what is wrong with it.
//!
//! What is judged is the way from the user to the proxy alone: whoever runs a proxy sees what is not
//! encrypted beyond it.

use crate::curate::is_decoy;
use crate::proxy::{Credentials, Param, Protocol, Security};
use crate::{Proxy, Text};

/// How much of the traffic is hidden on the way to the proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Safety {
    /// Everybody on the way can read it: HTTP, SOCKS, a cipher `none`.
    #[default]
    Open,
    /// Encrypted, but the peer is not verified.
    Unverified,
    /// Encrypted to a verified peer.
    Verified,
}

impl Safety {
    /// The safety of the way to `proxy`.
    pub fn of(proxy: &Proxy) -> Self {
        match &proxy.tls {
            Some(tls) if tls.insecure && !is_pinned(proxy) => Self::Unverified,
            Some(_) => Self::Verified,
            None if trusts_any_host_key(proxy) => Self::Unverified,
            None if encrypts_by_itself(proxy) => Self::Verified,
            None => Self::Open,
        }
    }

    /// The level of a way of which nothing else is known.
    pub const fn level(self) -> Level {
        match self {
            Self::Open => Level::Low,
            Self::Unverified => Level::Medium,
            Self::Verified => Level::High,
        }
    }
}

/// Whether the certificate is known beforehand, so that leaving it unchecked otherwise costs nothing.
fn is_pinned(proxy: &Proxy) -> bool {
    proxy.param(Param::CertSha256).or(proxy.param(Param::CertChainSha256)).is_some()
}

fn trusts_any_host_key(proxy: &Proxy) -> bool {
    proxy.protocol == Protocol::Ssh && proxy.param(Param::HostKey).is_none()
}

/// Whether the protocol hides what it carries without TLS around it.
fn encrypts_by_itself(proxy: &Proxy) -> bool {
    use Protocol::{Brook, Https, Mieru, OpenVpn, Snell, Ssh, WireGuard};
    match &proxy.credentials {
        Credentials::Cipher { method, .. } => !matches!(method.as_str(), "none" | "plain" | "table"),
        Credentials::Vmess { cipher, .. } => !matches!(cipher.as_str(), "none" | "zero"),
        Credentials::Vless { encryption, .. } => encryption != "none",
        _ if proxy.protocol == OpenVpn => !cipher(proxy).eq_ignore_ascii_case("none"),
        _ => matches!(proxy.protocol, Https | WireGuard | Snell | Mieru | Ssh | Brook),
    }
}

/// The cipher that a proxy names; empty where it names none.
fn cipher(proxy: &Proxy) -> &str {
    match &proxy.credentials {
        Credentials::Cipher { method, .. } => method,
        _ => proxy.param(Param::TunnelCipher).unwrap_or_default(),
    }
}

/// A level of security, as people choose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Others can read along, or nearly.
    Low,
    /// Somebody who takes pains can read along, or lead astray.
    Medium,
    /// Nothing is known to be wrong.
    High,
}

impl Level {
    /// Every level, the best first.
    pub const ALL: [Self; 3] = [Self::High, Self::Medium, Self::Low];

    /// The level of a way that is so safe and has these issues: the lower of what each leaves.
    pub fn of(safety: Safety, issues: Issues) -> Self {
        safety.level().min(issues.level())
    }

    /// The name on the wire: lower case, stable.
    pub const fn key(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }

    /// The level of a [`key`](Self::key), whatever its case.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.key().eq_ignore_ascii_case(key))
    }
}

/// Something that is wrong with the way to a proxy, as far as the proxy itself tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecurityIssue {
    /// Nothing is encrypted on the way to the proxy (RFC 1928, RFC 9110, a cipher `none`).
    NoEncryption,
    /// The user name and the password are sent as they are (RFC 1929, section 3; RFC 7617, section 4).
    PlaintextCredentials,
    /// RC4 (RFC 7465), or blocks of 64 bits (CVE-2016-2183, <https://sweet32.info>).
    BrokenCipher,
    /// A stream cipher that nothing authenticates: who is on the way can change what is carried, and by
    /// sending a record of it to the proxy have it decrypted (<https://github.com/edwardzpeng/shadowsocks>).
    UnauthenticatedCipher,
    /// Any certificate is taken, so anybody on the way may pretend to be the proxy (RFC 9525).
    CertificateNotChecked,
    /// No host key is given, so anybody on the way may pretend to be the proxy (RFC 4251, section 4.1).
    HostKeyNotChecked,
    /// What its makers gave up: `VMess` with the MD5 header
    /// (<https://www.v2fly.org/config/protocols/vmess.html>), XTLS in its first form, `ShadowsocksR`.
    OutdatedProtocol,
    /// No public proxy can listen there (see [`is_decoy`]): requests go into the user's own network, or
    /// nowhere.
    DecoyAddress,
}

impl SecurityIssue {
    /// Every issue, the gravest first.
    pub const ALL: [Self; 8] = [
        Self::NoEncryption,
        Self::PlaintextCredentials,
        Self::BrokenCipher,
        Self::UnauthenticatedCipher,
        Self::CertificateNotChecked,
        Self::HostKeyNotChecked,
        Self::OutdatedProtocol,
        Self::DecoyAddress,
    ];

    const fn facts(self) -> (&'static str, Level, &'static str) {
        use Level::{Low, Medium};
        match self {
            Self::NoEncryption => ("no-encryption", Low, "not encrypted on the way to the proxy"),
            Self::PlaintextCredentials => ("plaintext-credentials", Low, "the password is sent in the open"),
            Self::BrokenCipher => ("broken-cipher", Low, "the cipher is broken"),
            Self::UnauthenticatedCipher => {
                ("unauthenticated-cipher", Medium, "the cipher does not notice changes on the way")
            }
            Self::CertificateNotChecked => {
                ("certificate-not-checked", Medium, "encrypted, certificate not checked")
            }
            Self::HostKeyNotChecked => ("host-key-not-checked", Medium, "encrypted, host key not checked"),
            Self::OutdatedProtocol => ("outdated-protocol", Medium, "the protocol is outdated"),
            Self::DecoyAddress => ("decoy-address", Medium, "no public proxy can have this address"),
        }
    }

    /// The name on the wire: lower case, stable.
    pub const fn key(self) -> &'static str {
        self.facts().0
    }

    /// The best level that a proxy with this issue can have.
    pub const fn level(self) -> Level {
        self.facts().1
    }

    /// What is wrong, in words, without a capital or a stop.
    pub const fn words(self) -> &'static str {
        self.facts().2
    }

    /// The issue of a [`key`](Self::key), whatever its case.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|issue| issue.key().eq_ignore_ascii_case(key))
    }

    /// What of `proxy` the issue is about: the cipher, the protocol, the host. No secret; empty where the
    /// issue says it all.
    ///
    /// ```
    /// use configstream_core::{link, score::{Issues, SecurityIssue}};
    /// let proxy = link::parse("ss://cmM0LW1kNTpwYXNz@8.8.8.8:8388").unwrap();
    /// assert_eq!(Issues::of(&proxy).iter().collect::<Vec<_>>(), [SecurityIssue::BrokenCipher]);
    /// assert_eq!(SecurityIssue::BrokenCipher.culprit(&proxy), "rc4-md5");
    /// ```
    pub fn culprit(self, proxy: &Proxy) -> Text {
        match self {
            Self::BrokenCipher | Self::UnauthenticatedCipher => cipher(proxy).into(),
            Self::OutdatedProtocol => outdated(proxy).unwrap_or_default().into(),
            Self::DecoyAddress => proxy.endpoint.host.clone(),
            _ => Text::new(),
        }
    }

    fn is_of(self, proxy: &Proxy) -> bool {
        let safety = Safety::of(proxy);
        let login = matches!(&proxy.credentials, Credentials::Login { password, .. } if !password.is_empty());
        match self {
            Self::NoEncryption => safety == Safety::Open,
            Self::PlaintextCredentials => safety == Safety::Open && login,
            Self::BrokenCipher => is_broken(cipher(proxy)),
            Self::UnauthenticatedCipher => has_bare_stream_cipher(proxy),
            Self::CertificateNotChecked => safety == Safety::Unverified && proxy.tls.is_some(),
            Self::HostKeyNotChecked => safety == Safety::Unverified && proxy.tls.is_none(),
            Self::OutdatedProtocol => outdated(proxy).is_some(),
            Self::DecoyAddress => is_decoy(&proxy.endpoint),
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// RC4, and the ciphers with blocks of 64 bits, by how their names begin.
const BROKEN: [&str; 6] = ["rc4", "rc2-", "des-", "bf-", "cast5-", "idea-"];

fn is_broken(cipher: &str) -> bool {
    let begins = |start: &&str| cipher.get(..start.len()).is_some_and(|is| is.eq_ignore_ascii_case(start));
    BROKEN.iter().any(begins)
}

/// The stream ciphers of Shadowsocks that are not [`BROKEN`], by how their names end.
const BARE: [&str; 8] = ["-cfb", "-cfb1", "-cfb8", "-ctr", "-ofb", "chacha20", "chacha20-ietf", "salsa20"];

fn has_bare_stream_cipher(proxy: &Proxy) -> bool {
    let Credentials::Cipher { method, .. } = &proxy.credentials else { return false };
    // These protocols of ShadowsocksR sign what the cipher does not.
    let signed = proxy.param(Param::SsrProtocol).is_some_and(|protocol| protocol.starts_with("auth_"));
    !signed && proxy.tls.is_none() && !is_broken(method) && BARE.iter().any(|end| method.ends_with(end))
}

/// The name of what is outdated.
fn outdated(proxy: &Proxy) -> Option<&'static str> {
    match &proxy.credentials {
        Credentials::Vmess { alter_id: 1.., .. } => Some("VMess with the MD5 header"),
        _ if proxy.tls.as_ref().is_some_and(|tls| tls.security == Security::Xtls) => {
            Some("XTLS in its first form")
        }
        _ if proxy.protocol == Protocol::ShadowsocksR => Some("ShadowsocksR"),
        _ => None,
    }
}

/// A set of issues, in one byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Issues(u8);

impl Issues {
    /// None that is known.
    pub const NONE: Self = Self(0);

    /// All that is wrong with `proxy`.
    pub fn of(proxy: &Proxy) -> Self {
        SecurityIssue::ALL.into_iter().filter(|issue| issue.is_of(proxy)).collect()
    }

    /// The set of a byte that [`bits`](Self::bits) gave.
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits)
    }

    /// The set as a byte, the same from version to version.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether an issue is one of them.
    pub const fn has(self, issue: SecurityIssue) -> bool {
        self.0 & issue.bit() != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each, the gravest first.
    pub fn iter(self) -> impl Iterator<Item = SecurityIssue> {
        SecurityIssue::ALL.into_iter().filter(move |issue| self.has(*issue))
    }

    /// The level of security that they leave.
    pub fn level(self) -> Level {
        self.iter().map(SecurityIssue::level).min().unwrap_or(Level::High)
    }
}

impl FromIterator<SecurityIssue> for Issues {
    fn from_iter<I: IntoIterator<Item = SecurityIssue>>(issues: I) -> Self {
        Self(issues.into_iter().fold(0, |bits, issue| bits | issue.bit()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link;

    const ID: &str = "b831381d-6324-4d53-ad4f-8cda48b30811";

    fn read(text: &str) -> Proxy {
        link::parse(&text.replace("ID", ID)).unwrap()
    }

    #[test]
    fn only_what_hides_its_traffic_counts_as_safe() {
        let safety = |text: &str| Safety::of(&read(text));
        assert_eq!(safety("http://192.0.2.1:80"), Safety::Open);
        assert_eq!(safety("https://proxy.example:443"), Safety::Verified);
        assert_eq!(safety("ss://bm9uZTpw@192.0.2.1:1"), Safety::Open);
        assert_eq!(safety("ss://YWVzLTI1Ni1nY206cA@192.0.2.1:1"), Safety::Verified);
        assert_eq!(safety("vless://ID@192.0.2.1:1?encryption=none"), Safety::Open);
        assert_eq!(safety("vless://ID@192.0.2.1:1?security=tls&allowInsecure=1"), Safety::Unverified);
        assert_eq!(safety("vless://ID@192.0.2.1:1?security=reality&pbk=k"), Safety::Verified);
        let mut tunnel = Proxy::new(Protocol::OpenVpn, "192.0.2.1", 1194);
        assert_eq!(Safety::of(&tunnel), Safety::Verified);
        tunnel.set(Param::TunnelCipher, "none");
        assert_eq!(Safety::of(&tunnel), Safety::Open);
    }

    #[test]
    fn what_is_wrong_is_named_with_what_it_is_about() {
        let cases = [
            ("http://8.8.8.8:80", "low no-encryption"),
            ("socks5://u:p@8.8.8.8:80", "low no-encryption plaintext-credentials"),
            ("socks5://u@8.8.8.8:80", "low no-encryption"),
            ("https://u:p@8.8.8.8:443", "high"),
            ("ss://YmYtY2ZiOnA@8.8.8.8:443", "low broken-cipher=bf-cfb"),
            ("ss://YWVzLTI1Ni1jZmI6cA@8.8.8.8:443", "medium unauthenticated-cipher=aes-256-cfb"),
            ("ss://chacha20-ietf-poly1305:p@8.8.8.8:443", "high"),
            ("ss://2022-blake3-aes-128-gcm:p@8.8.8.8:443", "high"),
            ("trojan://p@8.8.8.8:443?allowInsecure=1", "medium certificate-not-checked"),
            ("trojan://p@192.168.1.1:443", "medium decoy-address=192.168.1.1"),
            ("ssh://u:p@8.8.8.8:22", "medium host-key-not-checked"),
            (
                "vless://ID@8.8.8.8:443?security=xtls&flow=xtls-rprx-direct",
                "medium outdated-protocol=XTLS in its first form",
            ),
        ];
        for (text, expected) in cases {
            let proxy = read(text);
            let issues = Issues::of(&proxy);
            let mut found = issues.level().key().to_owned();
            for issue in issues.iter() {
                let about = issue.culprit(&proxy);
                let cut = if about.is_empty() { "" } else { "=" };
                found.push_str(&[" ", issue.key(), cut, &about].concat());
            }
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn old_vmess_and_shadowsocksr_are_outdated_and_signed_streams_are_not_bare() {
        let vmess = |alter_id| Proxy {
            credentials: Credentials::Vmess { id: ID.into(), cipher: "auto".into(), alter_id },
            ..Proxy::new(Protocol::Vmess, "8.8.8.8", 443)
        };
        assert!(Issues::of(&vmess(0)).is_empty());
        assert_eq!(SecurityIssue::OutdatedProtocol.culprit(&vmess(64)), "VMess with the MD5 header");
        let mut ssr = Proxy {
            credentials: Credentials::Cipher { method: "aes-256-ctr".into(), password: "p".into() },
            ..Proxy::new(Protocol::ShadowsocksR, "8.8.8.8", 443)
        };
        assert!(Issues::of(&ssr).has(SecurityIssue::UnauthenticatedCipher));
        ssr.set(Param::SsrProtocol, "auth_aes128_md5");
        assert_eq!(Issues::of(&ssr).iter().collect::<Vec<_>>(), [SecurityIssue::OutdatedProtocol]);
    }

    #[test]
    fn a_set_reads_back_from_its_byte_and_an_issue_from_its_key() {
        for bits in 0..=u8::MAX {
            let issues: Issues = Issues::from_bits(bits).iter().collect();
            assert_eq!(issues.bits(), bits);
        }
        for issue in SecurityIssue::ALL {
            assert_eq!(SecurityIssue::from_key(issue.key()), Some(issue));
            assert!(issue.level() < Level::High);
        }
        assert!(Level::ALL.into_iter().all(|level| Level::from_key(level.key()) == Some(level)));
    }

    #[test]
    fn the_level_of_all_issues_is_never_above_that_of_the_way() {
        for text in ["http://8.8.8.8:80", "ssh://u:p@8.8.8.8:22", "trojan://p@8.8.8.8:443?allowInsecure=1"] {
            let proxy = read(text);
            assert!(Issues::of(&proxy).level() <= Safety::of(&proxy).level(), "{text}");
        }
    }
}
