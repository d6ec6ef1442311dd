//! Picking: which proxies to try, best first.

use super::{Catalogue, Entry, Query};
use crate::link;
use crate::message::Chosen;
use crate::route::{Engine, Unusable};
use crate::session::Target;

impl Entry {
    /// How `engine` reaches this proxy, or why it cannot.
    pub fn target(&self, engine: Engine) -> Result<Target, Unusable> {
        let proxy = link::parse(&self.link).map_err(|_| Unusable::Protocol(self.protocol))?;
        let server = engine.server(&proxy)?;
        let endpoint = proxy.endpoint.to_string();
        let name = if self.name.is_empty() { endpoint.clone() } else { self.name.clone() };
        let leaks_dns = engine.leaks_dns(&server);
        let chosen = Chosen { id: self.id.to_string(), name, protocol: self.protocol, endpoint, leaks_dns };
        Ok(Target { chosen, server })
    }
}

impl Catalogue {
    /// At most `most` proxies that `engine` can reach without leaking names and that did not fail
    /// their last test, best score first.
    pub fn best(&self, engine: Engine, most: usize) -> Vec<Target> {
        let rows = self.query(&Query::default());
        let entries = rows.into_iter().filter_map(|row| self.get(row));
        let hopeful = entries.filter(|entry| entry.measured.working != Some(false));
        let targets = hopeful.filter_map(|entry| entry.target(engine).ok());
        targets.filter(|target| !target.chosen.leaks_dns).take(most).collect()
    }
}
