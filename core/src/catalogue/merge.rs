//! Merge: many readings become one list, each proxy once, with all who list it.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;

use crate::Proxy;
use crate::proxy::Fingerprint;

/// A proxy and the sources that list it, in the order in which they were added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The proxy as its first source has it.
    pub proxy: Proxy,
    /// Its identity.
    pub id: Fingerprint,
    /// Who lists it.
    pub sources: Vec<String>,
}

/// A merge in progress.
#[derive(Debug, Default)]
pub struct Merge {
    listed: Vec<Listed>,
    rows: HashMap<Fingerprint, usize>,
}

impl Merge {
    /// Adds what one source lists. A proxy that is there already gains the source; a name is kept
    /// from the first list that has one.
    pub fn add(&mut self, source: &str, proxies: impl IntoIterator<Item = Proxy>) {
        for proxy in proxies {
            self.add_one(source, proxy);
        }
    }

    fn add_one(&mut self, source: &str, proxy: Proxy) {
        let id = proxy.fingerprint();
        match self.rows.entry(id) {
            Slot::Vacant(slot) => {
                slot.insert(self.listed.len());
                self.listed.push(Listed { proxy, id, sources: vec![source.to_owned()] });
            }
            Slot::Occupied(slot) => {
                if let Some(listed) = self.listed.get_mut(*slot.get()) {
                    listed.gain(source, proxy);
                }
            }
        }
    }

    /// Each proxy once, in the order in which it was first added.
    pub fn finish(self) -> Vec<Listed> {
        self.listed
    }
}

impl Listed {
    fn gain(&mut self, source: &str, again: Proxy) {
        if self.proxy.name.is_empty() {
            self.proxy.name = again.name;
        }
        if !self.sources.iter().any(|known| known == source) {
            self.sources.push(source.to_owned());
        }
    }
}
