//! In which order proxies are probed: those that worked, then new ones, then those that failed,
//! and within each never one host's proxies in a row.

use std::collections::HashMap;
use std::hash::BuildHasher;

use configstream_core::catalogue::{Listed, Measured};
use configstream_core::proxy::{Credentials, Fingerprint};
use configstream_core::{Protocol, Proxy};

/// The proxies that can be probed, in the order in which to do it.
pub fn order(
    listed: &[Listed],
    measured: &HashMap<Fingerprint, Measured, impl BuildHasher>,
) -> Vec<(Fingerprint, Proxy)> {
    let mut of_host: HashMap<&str, usize> = HashMap::new();
    let can = listed.iter().filter(|listed| can_probe(&listed.proxy));
    let mut ordered: Vec<_> = can
        .map(|listed| {
            let turn = of_host.entry(listed.proxy.endpoint.host.as_str()).or_default();
            *turn += 1;
            // A fingerprint is as good as chance, and the same in every run.
            ((rank(measured.get(&listed.id)), *turn, listed.id), listed)
        })
        .collect();
    ordered.sort_unstable_by_key(|(key, _)| *key);
    ordered.into_iter().map(|(_, listed)| (listed.id, listed.proxy.clone())).collect()
}

fn rank(measured: Option<&Measured>) -> u8 {
    match measured.and_then(|measured| measured.working) {
        Some(true) => 0,
        None => 1,
        Some(false) => 2,
    }
}

/// Whether the program speaks a proxy's protocol itself. A SOCKS4 user id is not among what it can
/// send, so such a proxy stays untested rather than be called dead.
pub fn can_probe(proxy: &Proxy) -> bool {
    match proxy.protocol {
        Protocol::Http | Protocol::Https => true,
        Protocol::Socks5 => proxy.tls.is_none(),
        Protocol::Socks4 => proxy.tls.is_none() && proxy.credentials == Credentials::None,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use configstream_core::{catalogue::Merge, link};

    fn listed(links: &[&str]) -> Vec<Listed> {
        let mut merge = Merge::default();
        merge.add("test", links.iter().map(|text| link::parse(text).unwrap()));
        merge.finish()
    }

    fn none() -> HashMap<Fingerprint, Measured> {
        HashMap::new()
    }

    #[test]
    fn one_hosts_proxies_never_come_in_a_row() {
        let links = ["http://192.0.2.1:1", "http://192.0.2.1:2", "http://192.0.2.2:1", "http://192.0.2.2:2"];
        let hosts: Vec<_> =
            order(&listed(&links), &none()).into_iter().map(|(_, proxy)| proxy.endpoint.host).collect();
        assert_ne!(hosts[0], hosts[1]);
        assert_ne!(hosts[2], hosts[3]);
    }

    #[test]
    fn what_worked_comes_first_and_what_failed_last() {
        let listed = listed(&["http://192.0.2.1:1", "http://192.0.2.2:1", "http://192.0.2.3:1"]);
        let was = |working| Measured { working: Some(working), ..Measured::default() };
        let measured = HashMap::from([(listed[0].id, was(false)), (listed[2].id, was(true))]);
        let ids: Vec<_> = order(&listed, &measured).into_iter().map(|(id, _)| id).collect();
        assert_eq!(ids, [listed[2].id, listed[1].id, listed[0].id]);
    }

    #[test]
    fn what_cannot_be_spoken_is_not_probed() {
        assert!(order(&listed(&["socks4://someone@192.0.2.1:1080"]), &none()).is_empty());
    }
}
