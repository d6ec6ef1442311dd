//! Merge: many readings become one list, each proxy once, with all who list it.

use std::collections::hash_map::Entry as Slot;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::Proxy;
use crate::proxy::{Credentials, Fingerprint};

/// A proxy and the sources that list it, in the order in which they were added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The proxy as its first source has it, or the best of those that are the same.
    pub proxy: Proxy,
    /// Its identity.
    pub id: Fingerprint,
    /// Who lists it.
    pub sources: Vec<String>,
    /// Every name that lists give it, each once; empty where the merge does not keep them.
    pub names: Vec<String>,
}

/// What makes two proxies the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sameness {
    /// Bytes go to one place as one user: see [`Fingerprint`].
    #[default]
    Fingerprint,
    /// One host and port, whatever is spoken there and as whom.
    Endpoint,
    /// One host, port, protocol and user, whatever the transport.
    User,
    /// All but the name.
    All,
}

impl Sameness {
    /// Every one, the usual first.
    pub const ALL: [Self; 4] = [Self::Fingerprint, Self::Endpoint, Self::User, Self::All];

    /// The name on the command line: lower case, stable.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Fingerprint => "fingerprint",
            Self::Endpoint => "endpoint",
            Self::User => "user",
            Self::All => "all",
        }
    }

    /// A number that two proxies share when they are the same, and else with a chance of 1 in 2⁶⁴.
    fn of(self, proxy: &Proxy) -> u64 {
        let mut hash = DefaultHasher::new();
        match self {
            Self::Fingerprint => proxy.fingerprint().hash(&mut hash),
            Self::Endpoint => place(proxy, &mut hash),
            Self::User => {
                place(proxy, &mut hash);
                proxy.protocol.hash(&mut hash);
                user(&proxy.credentials, &mut hash);
            }
            Self::All => {
                place(proxy, &mut hash);
                (proxy.protocol, &proxy.credentials, &proxy.transport, &proxy.tls).hash(&mut hash);
                (&proxy.params, &proxy.extra).hash(&mut hash);
            }
        }
        hash.finish()
    }
}

fn place(proxy: &Proxy, hash: &mut DefaultHasher) {
    (proxy.endpoint.host.to_ascii_lowercase(), proxy.endpoint.port).hash(hash);
}

/// As whom, without how: a cipher or a flow is no other user.
fn user(credentials: &Credentials, hash: &mut DefaultHasher) {
    match credentials {
        Credentials::None => {}
        Credentials::Cipher { password, .. } => password.hash(hash),
        Credentials::Vmess { id, .. } | Credentials::Vless { id, .. } => id.hash(hash),
        all => all.hash(hash),
    }
}

/// How good a proxy is, to be compared with others that are the same.
pub type Score = dyn Fn(&Proxy) -> u32 + Sync;

/// How much a proxy says of itself: of two that are the same, what one leaves out the other may need.
pub fn says(proxy: &Proxy) -> u32 {
    let transport = &proxy.transport;
    let mut said = vec![&transport.header, &transport.host, &transport.path, &transport.mode];
    let tls = proxy.tls.as_ref();
    said.extend(tls.into_iter().flat_map(|tls| [&tls.server_name, &tls.client_fingerprint, &tls.short_id]));
    let alpn = tls.is_some_and(|tls| !tls.alpn.is_empty());
    let texts = said.iter().filter(|text| !text.is_empty()).count();
    (texts + usize::from(alpn) + proxy.params.len()) as u32
}

/// A merge in progress.
pub struct Merge<'a> {
    listed: Vec<Listed>,
    rows: HashMap<u64, usize>,
    /// `None`: no two are the same.
    sameness: Option<Sameness>,
    /// `None`: the first is the best.
    best: Option<&'a Score>,
    /// The names that rows have, by row; `None` where they are not kept.
    names: Option<HashSet<(usize, u64)>>,
}

impl Default for Merge<'_> {
    /// By identity; the first is kept, and no name but its own.
    fn default() -> Self {
        Self {
            listed: Vec::new(),
            rows: HashMap::new(),
            sameness: Some(Sameness::Fingerprint),
            best: None,
            names: None,
        }
    }
}

impl<'a> Merge<'a> {
    /// A merge that keeps the best of those that are the same, in the place of the first, and every name;
    /// `None` keeps all.
    pub fn by(sameness: Option<Sameness>, best: &'a Score) -> Self {
        Self { sameness, best: Some(best), names: Some(HashSet::new()), ..Self::default() }
    }

    /// Adds what one source lists. A proxy that is there already gains the source; a name is kept
    /// from the first list that has one.
    pub fn add(&mut self, source: &str, proxies: impl IntoIterator<Item = Proxy>) {
        for proxy in proxies {
            self.add_one(source, proxy);
        }
    }

    fn add_one(&mut self, source: &str, proxy: Proxy) {
        let next = self.listed.len();
        let row = match self.sameness.map(|sameness| self.rows.entry(sameness.of(&proxy))) {
            None => next,
            Some(Slot::Occupied(slot)) => *slot.get(),
            Some(Slot::Vacant(slot)) => *slot.insert(next),
        };
        let name = self.new_name(row, &proxy);
        if let Some(listed) = self.listed.get_mut(row) {
            listed.gain(source, proxy, self.best);
            listed.names.extend(name);
        } else {
            let id = proxy.fingerprint();
            let (sources, names) = (vec![source.to_owned()], name.into_iter().collect());
            self.listed.push(Listed { proxy, id, sources, names });
        }
    }

    /// The name of a proxy, where names are kept and its row has it not yet.
    fn new_name(&mut self, row: usize, proxy: &Proxy) -> Option<String> {
        let mut hash = DefaultHasher::new();
        proxy.name.hash(&mut hash);
        let new = !proxy.name.is_empty() && self.names.as_mut()?.insert((row, hash.finish()));
        new.then(|| proxy.name.to_string())
    }

    /// Each proxy once, in the order in which it was first added.
    pub fn finish(self) -> Vec<Listed> {
        self.listed
    }
}

impl Listed {
    fn gain(&mut self, source: &str, mut again: Proxy, best: Option<&Score>) {
        if best.is_some_and(|score| score(&again) > score(&self.proxy)) {
            std::mem::swap(&mut self.proxy, &mut again);
            self.id = self.proxy.fingerprint();
        }
        if self.proxy.name.is_empty() {
            self.proxy.name = again.name;
        }
        if !self.sources.iter().rev().any(|known| known == source) {
            self.sources.push(source.to_owned());
        }
    }
}
