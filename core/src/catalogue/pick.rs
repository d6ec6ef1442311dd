//! Picking: which proxies to try, best first.

use super::{Catalogue, Engines, Issues, Row, Sort};
use crate::Proxy;
use crate::link;
use crate::message::Chosen;
use crate::route::{Engine, Unusable};
use crate::score::Safety;
use crate::session::Target;

impl Row<'_> {
    /// How `engine` reaches this proxy, or why it cannot. All of it is read from the link; a row that shows
    /// another proxy than its link is refused, so that what is connected to is what was shown.
    pub fn target(&self, engine: Engine) -> Result<Target, Unusable> {
        let proxy = link::parse(self.link()).map_err(|_| Unusable::Protocol(self.protocol()))?;
        if !self.shows(&proxy) {
            return Err(Unusable::NotAsShown);
        }
        let server = engine.server(&proxy)?;
        let endpoint = proxy.endpoint.to_string();
        let name = if self.name().is_empty() { endpoint.clone() } else { self.name().to_owned() };
        let leaks_dns = engine.leaks_dns(&server);
        let chosen =
            Chosen { id: self.id().to_string(), name, protocol: self.protocol(), endpoint, leaks_dns };
        Ok(Target { chosen, server })
    }

    /// Whether the row shows this proxy: identity, protocol, endpoint, and how the way to it is secured. A
    /// snapshot has these beside the link, since its reader has no time to read every link.
    pub fn shows(&self, proxy: &Proxy) -> bool {
        let shown = (self.id(), self.protocol(), self.host(), self.port(), self.network());
        let is = (
            proxy.fingerprint(),
            proxy.protocol,
            proxy.endpoint.host.as_str(),
            proxy.endpoint.port,
            proxy.transport.network,
        );
        let secured = (self.security(), self.safety(), self.issues(), self.engines());
        let security = proxy.tls.as_ref().map(|tls| tls.security);
        shown == is && secured == (security, Safety::of(proxy), Issues::of(proxy), Engines::of(proxy))
    }
}

impl Catalogue {
    /// At most `most` proxies that `engine` can reach without leaking names and that did not fail
    /// their last test, best score first.
    pub fn best(&self, engine: Engine, most: usize) -> Vec<Target> {
        let rows = self.ordered(Sort::Score, true).iter().filter_map(|row| self.row(*row));
        let hopeful = rows.filter(|row| row.working() != Some(false) && row.engines().has(engine));
        let targets = hopeful.filter_map(|row| row.target(engine).ok());
        targets.filter(|target| !target.chosen.leaks_dns).take(most).collect()
    }
}
