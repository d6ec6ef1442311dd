//! What is wrong with the security of a proxy, by name.

use crate::score::Safety;

/// What is wrong with the security of the way to a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Issue {
    /// Everybody on the way can read the traffic.
    NoEncryption,
    /// It is encrypted, but to nobody knows whom.
    CertificateNotChecked,
}

impl Issue {
    /// Every issue, the gravest first.
    pub const ALL: [Self; 2] = [Self::NoEncryption, Self::CertificateNotChecked];

    /// The name on the wire: lower case, stable.
    pub const fn key(self) -> &'static str {
        match self {
            Self::NoEncryption => "no-encryption",
            Self::CertificateNotChecked => "certificate-not-checked",
        }
    }

    /// The issue of a [`key`](Self::key), whatever its case.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|issue| issue.key().eq_ignore_ascii_case(key))
    }

    /// Whether a proxy of this safety has the issue.
    pub const fn is_of(self, safety: Safety) -> bool {
        match self {
            Self::NoEncryption => matches!(safety, Safety::Open),
            Self::CertificateNotChecked => matches!(safety, Safety::Unverified),
        }
    }
}
