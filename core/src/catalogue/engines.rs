//! Which browsers can use a proxy: a small set, one number.

use crate::Proxy;
use crate::route::Engine;

/// The browsers that can use a proxy by themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Engines(u8);

impl Engines {
    /// The browsers that can use `proxy`.
    pub fn of(proxy: &Proxy) -> Self {
        Engine::ALL.into_iter().filter(|engine| engine.server(proxy).is_ok()).collect()
    }

    /// Whether it is one of them.
    pub const fn has(self, engine: Engine) -> bool {
        self.0 & (1 << engine as u8) != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each of them, in the order of [`Engine::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Engine> {
        Engine::ALL.into_iter().filter(move |engine| self.has(*engine))
    }

    /// The set as a number: bit n for the n-th of [`Engine::ALL`].
    pub(super) const fn bits(self) -> u8 {
        self.0
    }

    /// The set of a number; bits that mean nothing are passed over.
    pub(super) fn from_bits(bits: u8) -> Self {
        Self(bits & (((1_u16 << Engine::ALL.len()) - 1) as u8))
    }
}

impl FromIterator<Engine> for Engines {
    fn from_iter<I: IntoIterator<Item = Engine>>(engines: I) -> Self {
        Self(engines.into_iter().fold(0, |bits, engine| bits | 1 << engine as u8))
    }
}
