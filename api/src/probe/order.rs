//! In which order proxies are probed: the likeliest to answer first, every third turn a new one, and never
//! one host's proxies in a row.
//!
//! A run may end before all had their turn. By expectation alone, new proxies would wait behind every one
//! that is known to be mediocre, and what is never tried is never found: so they have a share of the turns for
//! themselves. Those that keep failing sink, and come up again as their tests fade or are forgotten.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::BuildHasher;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use configstream_core::catalogue::Listed;
use configstream_core::proxy::{Credentials, Fingerprint};
use configstream_core::score::Share;
use configstream_core::{Protocol, Proxy};
use url::Host;

/// Of so many turns one is a new proxy's, as long as there are both.
const NEW_EVERY: usize = 3;

/// After one of a host's proxies so many of others come first, as long as there are any: hosts with many
/// ports are not flooded.
const APART: usize = 16;

/// What is expected of a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The chance that it answers.
    pub chance: Share,
    /// Whether no test of it is remembered.
    pub is_new: bool,
}

/// The proxies that can be probed, in the order in which to do it. A list from elsewhere must not
/// make this machine knock on its own network: a proxy in there is probed only when one of `local`,
/// the sources that are files, lists it.
pub fn order(
    listed: &[Listed],
    local: &HashSet<String, impl BuildHasher>,
    expected: impl Fn(&Listed) -> Expected,
) -> Vec<(Fingerprint, Proxy)> {
    let is_local = |listed: &Listed| listed.sources.iter().any(|source| local.contains(source));
    let may = |listed: &Listed| is_public(&listed.proxy.endpoint.host) || is_local(listed);
    let can = listed.iter().filter(|listed| can_probe(&listed.proxy) && may(listed));
    let mut ordered: Vec<_> = can.map(|listed| (expected(listed), listed)).collect();
    // Of equal ones a fingerprint is as good as chance, and the same in every run.
    ordered.sort_unstable_by_key(|(expected, listed)| (Reverse(expected.chance), listed.id));
    let (new, known) = ordered.into_iter().partition::<Vec<_>, _>(|(expected, _)| expected.is_new);
    let without = |list: Vec<(Expected, _)>| list.into_iter().map(|(_, listed)| listed).collect();
    let turns = apart(interleaved(without(known), without(new)));
    turns.into_iter().map(|listed| (listed.id, listed.proxy.clone())).collect()
}

/// Both lists in their order, and of [`NEW_EVERY`] turns one for the new.
fn interleaved<T>(known: Vec<T>, new: Vec<T>) -> Vec<T> {
    let mut all = Vec::with_capacity(known.len() + new.len());
    let (mut known, mut new) = (known.into_iter(), new.into_iter());
    while known.len() > 0 || new.len() > 0 {
        all.extend(known.by_ref().take(NEW_EVERY - 1));
        all.extend(new.next());
    }
    all
}

/// The same proxies, each put off until [`APART`] of other hosts have come since the last of its own.
fn apart(turns: Vec<&Listed>) -> Vec<&Listed> {
    let mut line = Line::default();
    for listed in turns {
        while line.go_on() {}
        line.come(listed);
    }
    while line.go_on() || line.go_on_anyway() {}
    line.gone
}

/// Proxies whose turn it is, and those that are put off.
#[derive(Default)]
struct Line<'a> {
    gone: Vec<&'a Listed>,
    /// The hosts of the last ones that went, each once, the last at the end.
    recent: VecDeque<&'a str>,
    /// Those that are put off, by host.
    put_off: HashMap<&'a str, VecDeque<&'a Listed>>,
    /// Hosts that have such, and are recent no more.
    ready: VecDeque<&'a str>,
}

impl<'a> Line<'a> {
    fn come(&mut self, listed: &'a Listed) {
        let host = listed.proxy.endpoint.host.as_str();
        if self.recent.contains(&host) {
            self.put_off.entry(host).or_default().push_back(listed);
        } else {
            self.go(host, listed);
        }
    }

    /// Lets one go that was put off and need not wait any longer, if there is one.
    fn go_on(&mut self) -> bool {
        let next = self.ready.pop_front();
        next.is_some_and(|host| self.let_go(host))
    }

    /// Lets one go of the host that has waited longest, for there is nothing else.
    fn go_on_anyway(&mut self) -> bool {
        let next = self.recent.iter().copied().find(|host| self.put_off.contains_key(host));
        next.is_some_and(|host| self.let_go(host))
    }

    fn let_go(&mut self, host: &'a str) -> bool {
        let Some(waiting) = self.put_off.get_mut(host) else { return false };
        let next = waiting.pop_front();
        if waiting.is_empty() {
            self.put_off.remove(host);
        }
        next.map(|listed| self.go(host, listed)).is_some()
    }

    fn go(&mut self, host: &'a str, listed: &'a Listed) {
        self.gone.push(listed);
        self.recent.retain(|recent| *recent != host);
        self.recent.push_back(host);
        if self.recent.len() > APART {
            let rested = self.recent.pop_front();
            self.ready.extend(rested.filter(|host| self.put_off.contains_key(host)));
        }
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
    use proptest::prelude::*;

    fn listed<T: AsRef<str>>(links: &[T]) -> Vec<Listed> {
        let mut merge = Merge::default();
        merge.add("test", links.iter().map(|text| link::parse(text.as_ref()).unwrap()));
        merge.finish()
    }

    /// What is expected of one that was tested: this chance.
    fn known(chance: f64) -> Expected {
        Expected { chance: Share::new(chance), is_new: false }
    }

    fn alike(_: &Listed) -> Expected {
        known(0.5)
    }

    /// The order where all sources are elsewhere, as ports.
    fn ports(listed: &[Listed], expected: impl Fn(&Listed) -> Expected) -> Vec<u16> {
        let ordered = order(listed, &HashSet::new(), expected);
        ordered.into_iter().map(|(_, proxy)| proxy.endpoint.port).collect()
    }

    /// One proxy for each port, each of a host of its own.
    fn hosts(ports: std::ops::RangeInclusive<u16>) -> Vec<Listed> {
        listed(
            &ports.map(|port| format!("http://8.8.{}.{}:{port}", port / 256, port % 256)).collect::<Vec<_>>(),
        )
    }

    #[test]
    fn the_likeliest_to_answer_come_first() {
        let by_port = |listed: &Listed| known(f64::from(listed.proxy.endpoint.port) / 10.0);
        assert_eq!(ports(&hosts(1..=5), by_port), [5, 4, 3, 2, 1]);
    }

    #[test]
    fn every_third_turn_is_a_new_ones_however_little_is_expected_of_it() {
        let expected = |listed: &Listed| {
            let port = listed.proxy.endpoint.port;
            let is_new = port > 100;
            Expected { chance: Share::new(if is_new { 0.2 } else { 0.9 } - f64::from(port) / 1e4), is_new }
        };
        let mut all = hosts(1..=5);
        all.extend(hosts(101..=104));
        assert_eq!(ports(&all, expected), [1, 2, 101, 3, 4, 102, 5, 103, 104]);
    }

    #[test]
    fn equal_ones_come_in_an_order_that_is_the_same_in_every_run() {
        let all = hosts(1..=50);
        let backwards: Vec<Listed> = all.iter().rev().cloned().collect();
        assert_eq!(ports(&all, alike), ports(&backwards, alike));
    }

    #[test]
    fn one_hosts_proxies_come_in_a_row_only_where_nothing_else_is_left() {
        let mut all = listed(&["http://192.0.2.1:1", "http://192.0.2.1:2", "http://192.0.2.2:1"]);
        assert_eq!(ports(&all[..2], alike).len(), 2);
        let best =
            |listed: &Listed| known(if &*listed.proxy.endpoint.host == "192.0.2.1" { 0.9 } else { 0.1 });
        let order = |all: &[Listed]| {
            let ordered = super::order(all, &HashSet::new(), best);
            ordered.into_iter().map(|(_, proxy)| proxy.endpoint.host).collect::<Vec<_>>()
        };
        assert_eq!(order(&all), ["192.0.2.1", "192.0.2.2", "192.0.2.1"]);
        all.extend(hosts(1..=40));
        let hosts = order(&all);
        let places: Vec<_> = (0..hosts.len()).filter(|at| hosts[*at] == *"192.0.2.1").collect();
        assert_eq!(places, [0, APART + 1]);
    }

    proptest! {
        #[test]
        fn none_is_lost_or_doubled_and_hosts_stay_apart_while_others_wait(
            proxies in prop::collection::hash_map((0_u8..24, 1_u16..40), (0_u8..10, any::<bool>()), 0..200),
        ) {
            let links: Vec<_> =
                proxies.keys().map(|(host, port)| format!("http://8.8.8.{host}:{port}")).collect();
            let all = listed(&links);
            let expected = |listed: &Listed| {
                let (host, port) = (&listed.proxy.endpoint.host, listed.proxy.endpoint.port);
                let host = host.rsplit('.').next().unwrap().parse().unwrap();
                let (chance, is_new) = proxies[&(host, port)];
                Expected { chance: Share::new(f64::from(chance) / 10.0), is_new }
            };
            let ordered = order(&all, &HashSet::new(), expected);
            let mut ids: Vec<_> = ordered.iter().map(|(id, _)| *id).collect();
            ids.sort_unstable();
            let mut given: Vec<_> = all.iter().map(|listed| listed.id).collect();
            given.sort_unstable();
            prop_assert_eq!(ids, given);
            let hosts: Vec<_> = ordered.iter().map(|(_, proxy)| proxy.endpoint.host.as_str()).collect();
            for (at, host) in hosts.iter().enumerate() {
                let recent = &hosts[at.saturating_sub(APART)..at];
                let others = hosts[at..].iter().any(|other| !recent.contains(other));
                prop_assert!(!recent.contains(host) || !others, "{host} at {at} of {hosts:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_spoken_is_not_probed() {
        assert!(ports(&listed(&["socks4://someone@192.0.2.1:1080"]), alike).is_empty());
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
        assert!(order(&elsewhere, &local, alike).is_empty());
        assert_eq!(order(&both, &local, alike).len(), 1);
    }
}
