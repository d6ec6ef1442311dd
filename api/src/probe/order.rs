//! In which order proxies are probed: those that worked, then new ones, then those that failed,
//! and within each never one host's proxies in a row.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use configstream_core::catalogue::{Listed, Measured};
use configstream_core::proxy::{Credentials, Fingerprint};
use configstream_core::{Protocol, Proxy};
use url::Host;

/// The proxies that can be probed, in the order in which to do it. A list from elsewhere must not
/// make this machine knock on its own network: a proxy in there is probed only when one of `local`,
/// the sources that are files, lists it.
pub fn order(
    listed: &[Listed],
    measured: &HashMap<Fingerprint, Measured, impl BuildHasher>,
    local: &HashSet<String, impl BuildHasher>,
) -> Vec<(Fingerprint, Proxy)> {
    let mut of_host: HashMap<&str, usize> = HashMap::new();
    let may = |listed: &Listed| {
        is_public(&listed.proxy.endpoint.host) || listed.sources.iter().any(|source| local.contains(source))
    };
    let can = listed.iter().filter(|listed| can_probe(&listed.proxy) && may(listed));
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

/// Whether a host is no address of this machine or of its network, however it is written: `127.1`
/// and `0x7f000001` are what the resolver takes for 127.0.0.1. Names are not looked up.
fn is_public(host: &str) -> bool {
    if let Ok(address) = host.parse() {
        return is_public_address(address);
    }
    match Host::parse(host) {
        Ok(Host::Domain(name)) => !matches!(name.trim_end_matches('.').rsplit('.').next(), Some("localhost")),
        Ok(Host::Ipv4(address)) => is_public_address(address.into()),
        Ok(Host::Ipv6(address)) => is_public_address(address.into()),
        Err(_) => false,
    }
}

fn is_public_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => address.to_ipv4().map_or_else(|| is_public_v6(address), is_public_v4),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    let this_network = first == 0;
    // RFC 6598: 100.64.0.0/10, behind a carrier's NAT.
    let carrier = first == 100 && (64..128).contains(&second);
    !(this_network
        || carrier
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    !(address.is_unspecified()
        || address.is_loopback()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || address.is_multicast())
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

    /// The order where all sources are elsewhere.
    fn ordered(listed: &[Listed], measured: &HashMap<Fingerprint, Measured>) -> Vec<(Fingerprint, Proxy)> {
        order(listed, measured, &HashSet::<String>::new())
    }

    #[test]
    fn one_hosts_proxies_never_come_in_a_row() {
        let links = ["http://192.0.2.1:1", "http://192.0.2.1:2", "http://192.0.2.2:1", "http://192.0.2.2:2"];
        let hosts: Vec<_> =
            ordered(&listed(&links), &none()).into_iter().map(|(_, proxy)| proxy.endpoint.host).collect();
        assert_ne!(hosts[0], hosts[1]);
        assert_ne!(hosts[2], hosts[3]);
    }

    #[test]
    fn what_worked_comes_first_and_what_failed_last() {
        let listed = listed(&["http://192.0.2.1:1", "http://192.0.2.2:1", "http://192.0.2.3:1"]);
        let was = |working| Measured { working: Some(working), ..Measured::default() };
        let measured = HashMap::from([(listed[0].id, was(false)), (listed[2].id, was(true))]);
        let ids: Vec<_> = ordered(&listed, &measured).into_iter().map(|(id, _)| id).collect();
        assert_eq!(ids, [listed[2].id, listed[1].id, listed[0].id]);
    }

    #[test]
    fn what_cannot_be_spoken_is_not_probed() {
        assert!(ordered(&listed(&["socks4://someone@192.0.2.1:1080"]), &none()).is_empty());
    }

    #[test]
    fn this_machine_and_its_network_are_not_public_however_they_are_written() {
        let own = [
            "127.0.0.1",
            "127.9.9.9",
            "127.1",
            "0x7f000001",
            "2130706433",
            "0177.0.0.1",
            "localhost",
            "LOCALHOST.",
            "api.localhost",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.255.255",
            "0.0.0.0",
            "0",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "fe80::1%eth0",
            "127.0.0.1 ",
        ];
        for host in own {
            assert!(!is_public(host), "{host}");
        }
        let public =
            ["192.0.2.1", "172.32.0.1", "100.128.0.1", "2001:db8::1", "proxy.example", "localhost.example"];
        for host in public {
            assert!(is_public(host), "{host}");
        }
    }

    #[test]
    fn a_proxy_in_the_own_network_is_probed_when_a_local_source_lists_it() {
        let proxy = || [link::parse("http://192.168.1.1:3128").unwrap()];
        let mut merge = Merge::default();
        merge.add("elsewhere", proxy());
        let elsewhere = merge.finish();
        let mut merge = Merge::default();
        merge.add("elsewhere", proxy());
        merge.add("mine.txt", proxy());
        let both = merge.finish();
        let local = HashSet::from(["mine.txt".to_owned()]);
        assert!(order(&elsewhere, &none(), &local).is_empty());
        assert_eq!(order(&both, &none(), &local).len(), 1);
    }
}
