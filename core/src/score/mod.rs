//! Scores, 0 to 100, with the reasons that add up to them.

pub mod model;

use crate::proxy::{Credentials, Param, Protocol};
use crate::{Proxy, Timestamp};

/// What is known of a proxy when it is scored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Whether the last test reached the judge; `None` when never tested.
    pub working: Option<bool>,
    /// Milliseconds from request to whole answer.
    pub latency: Option<u32>,
    /// When it was last tested.
    pub tested_at: Option<Timestamp>,
    /// How many sources list it.
    pub sources: usize,
    /// How the way to the proxy is secured, and by what protocol.
    pub safety: Safety,
}

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
            None if proxy.protocol == Protocol::Ssh && proxy.param(Param::HostKey).is_none() => {
                Self::Unverified
            }
            None if encrypts_by_itself(proxy) => Self::Verified,
            None => Self::Open,
        }
    }
}

/// Whether the certificate is known beforehand, so that leaving it unchecked otherwise costs nothing.
fn is_pinned(proxy: &Proxy) -> bool {
    proxy.param(Param::CertSha256).or(proxy.param(Param::CertChainSha256)).is_some()
}

/// Whether the protocol hides what it carries without TLS around it.
fn encrypts_by_itself(proxy: &Proxy) -> bool {
    use Protocol::{Brook, Https, Mieru, Snell, Ssh, WireGuard};
    match &proxy.credentials {
        Credentials::Cipher { method, .. } => !matches!(method.as_str(), "none" | "plain" | "table"),
        Credentials::Vmess { cipher, .. } => !matches!(cipher.as_str(), "none" | "zero"),
        Credentials::Vless { encryption, .. } => encryption != "none",
        _ => matches!(proxy.protocol, Https | WireGuard | Snell | Mieru | Ssh | Brook),
    }
}

/// One part of a score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What counted, in words.
    pub what: String,
    /// What it gave, of `of`.
    pub points: u8,
    /// The most it can give.
    pub of: u8,
}

/// The weights; they add up to 100.
const WORKING: u8 = 35;
const LATENCY: u8 = 30;
const FRESH: u8 = 15;
const SAFETY: u8 = 15;
const LISTED: u8 = 5;

/// The score, and why. The score is the sum of the points, so the order never contradicts the
/// reasons.
///
/// ```
/// use configstream_core::{Timestamp, score::{Evidence, score}};
/// let now = Timestamp::from_millis(1_000);
/// let tested = Evidence { working: Some(true), latency: Some(80), tested_at: Some(now), ..Evidence::default() };
/// assert!(score(&tested, now).0 > score(&Evidence::default(), now).0);
/// ```
pub fn score(evidence: &Evidence, now: Timestamp) -> (u8, Vec<Reason>) {
    let reasons =
        vec![working(evidence), latency(evidence), fresh(evidence, now), safety(evidence), listed(evidence)];
    (reasons.iter().map(|reason| reason.points).sum(), reasons)
}

fn reason(what: impl Into<String>, points: u8, of: u8) -> Reason {
    Reason { what: what.into(), points: points.min(of), of }
}

fn working(evidence: &Evidence) -> Reason {
    match evidence.working {
        Some(true) => reason("answered its last test", WORKING, WORKING),
        Some(false) => reason("failed its last test", 0, WORKING),
        None => reason("never tested", WORKING / 3, WORKING),
    }
}

/// Full points up to 100 ms, none from 3 s on, linear in the logarithm between.
fn latency(evidence: &Evidence) -> Reason {
    match evidence.latency.filter(|_| evidence.working == Some(true)) {
        Some(ms) => {
            let share = 1.0 - (f64::from(ms.max(100)) / 100.0).ln() / 30_f64.ln();
            reason(format!("{ms} ms"), (f64::from(LATENCY) * share.max(0.0)).round() as u8, LATENCY)
        }
        None => reason("latency unknown", 0, LATENCY),
    }
}

/// Halves every six hours.
fn fresh(evidence: &Evidence, now: Timestamp) -> Reason {
    match evidence.tested_at {
        Some(at) => {
            let minutes = now.since(at) / 60_000;
            let share = 0.5_f64.powf(minutes as f64 / 360.0);
            reason(age(minutes), (f64::from(FRESH) * share).round() as u8, FRESH)
        }
        None => reason("no test to go by", 0, FRESH),
    }
}

fn age(minutes: u64) -> String {
    match minutes {
        0..120 => format!("tested {minutes} min ago"),
        120..2_880 => format!("tested {} h ago", minutes / 60),
        _ => format!("tested {} days ago", minutes / 1_440),
    }
}

fn safety(evidence: &Evidence) -> Reason {
    match evidence.safety {
        Safety::Verified => reason("encrypted to a verified proxy", SAFETY, SAFETY),
        Safety::Unverified => reason("encrypted, certificate not checked", SAFETY / 3, SAFETY),
        Safety::Open => reason("not encrypted on the way to the proxy", 0, SAFETY),
    }
}

fn listed(evidence: &Evidence) -> Reason {
    let points = u8::try_from(evidence.sources).unwrap_or(u8::MAX);
    let what = if evidence.sources == 1 {
        "listed by 1 source".to_owned()
    } else {
        format!("listed by {} sources", evidence.sources)
    };
    reason(what, points, LISTED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link;

    #[test]
    fn only_what_hides_its_traffic_counts_as_safe() {
        let safety = |text: &str| Safety::of(&link::parse(text).unwrap());
        let id = "b831381d-6324-4d53-ad4f-8cda48b30811";
        assert_eq!(safety("http://192.0.2.1:80"), Safety::Open);
        assert_eq!(safety("https://proxy.example:443"), Safety::Verified);
        assert_eq!(safety("ss://bm9uZTpw@192.0.2.1:1"), Safety::Open);
        assert_eq!(safety("ss://YWVzLTI1Ni1nY206cA@192.0.2.1:1"), Safety::Verified);
        assert_eq!(safety(&format!("vless://{id}@192.0.2.1:1?encryption=none")), Safety::Open);
        assert_eq!(
            safety(&format!("vless://{id}@192.0.2.1:1?security=tls&allowInsecure=1")),
            Safety::Unverified
        );
        assert_eq!(safety(&format!("vless://{id}@192.0.2.1:1?security=reality&pbk=k")), Safety::Verified);
    }
}
