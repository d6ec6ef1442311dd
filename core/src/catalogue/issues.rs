//! What is wrong with the security of a proxy, and which browsers can use it: small sets, one number each.

use crate::Proxy;
use crate::proxy::{Credentials, Protocol, Security};
use crate::route::Engine;
use crate::score::Safety;

/// One thing that is wrong with the security of a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Issue {
    /// Everybody on the way to the proxy can read what passes.
    NoEncryption,
    /// Encrypted to a peer whose certificate or host key nobody checks.
    CertificateNotChecked,
    /// A cipher without authentication: what passes can be changed on the way, and the server found.
    OldCipher,
    /// `VMess` with its legacy MD5 header, which can be replayed.
    OldHeader,
    /// XTLS in its first form, which tells itself from TLS.
    OldXtls,
}

impl Issue {
    /// Every issue, the worst first.
    pub const ALL: [Self; 5] =
        [Self::NoEncryption, Self::CertificateNotChecked, Self::OldCipher, Self::OldHeader, Self::OldXtls];

    /// The name on the wire: lower case, stable.
    pub const fn key(self) -> &'static str {
        match self {
            Self::NoEncryption => "no-encryption",
            Self::CertificateNotChecked => "certificate-not-checked",
            Self::OldCipher => "old-cipher",
            Self::OldHeader => "old-header",
            Self::OldXtls => "old-xtls",
        }
    }

    /// The issue of a [`key`](Self::key), whatever its case.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|issue| issue.key().eq_ignore_ascii_case(key))
    }

    fn is_of(self, proxy: &Proxy) -> bool {
        match self {
            Self::NoEncryption => Safety::of(proxy) == Safety::Open,
            Self::CertificateNotChecked => Safety::of(proxy) == Safety::Unverified,
            Self::OldCipher => has_old_cipher(proxy),
            Self::OldHeader => {
                matches!(proxy.credentials, Credentials::Vmess { alter_id, .. } if alter_id > 0)
            }
            Self::OldXtls => proxy.tls.as_ref().is_some_and(|tls| tls.security == Security::Xtls),
        }
    }
}

fn has_old_cipher(proxy: &Proxy) -> bool {
    let Credentials::Cipher { method, .. } = &proxy.credentials else { return false };
    let authenticates = ["-gcm", "-ccm", "-siv", "poly1305"].iter().any(|end| method.ends_with(end));
    let is_none = matches!(method.as_str(), "none" | "plain" | "table");
    proxy.protocol == Protocol::ShadowsocksR || !authenticates && !is_none
}

macro_rules! set {
    ($(#[$doc:meta])* $set:ident of $item:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $set(u8);

        impl $set {
            /// Whether it is one of them.
            pub const fn has(self, item: $item) -> bool {
                self.0 & (1 << item as u8) != 0
            }

            /// Whether there is none.
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// Each of them, in the order of `ALL`.
            pub fn iter(self) -> impl Iterator<Item = $item> {
                $item::ALL.into_iter().filter(move |item| self.has(*item))
            }

            /// The set as a number: bit n for the n-th of `ALL`.
            pub(super) const fn bits(self) -> u8 {
                self.0
            }

            /// The set of a number; bits that mean nothing are passed over.
            pub(super) fn from_bits(bits: u8) -> Self {
                Self(bits & (((1_u16 << $item::ALL.len()) - 1) as u8))
            }
        }

        impl FromIterator<$item> for $set {
            fn from_iter<I: IntoIterator<Item = $item>>(items: I) -> Self {
                Self(items.into_iter().fold(0, |bits, item| bits | 1 << item as u8))
            }
        }
    };
}

set! {
    /// What is wrong with the security of a proxy.
    Issues of Issue
}

set! {
    /// The browsers that can use a proxy by themselves.
    Engines of Engine
}

impl Issues {
    /// What is wrong with the security of `proxy`.
    pub fn of(proxy: &Proxy) -> Self {
        Issue::ALL.into_iter().filter(|issue| issue.is_of(proxy)).collect()
    }
}

impl Engines {
    /// The browsers that can use `proxy`.
    pub fn of(proxy: &Proxy) -> Self {
        Engine::ALL.into_iter().filter(|engine| engine.server(proxy).is_ok()).collect()
    }
}
