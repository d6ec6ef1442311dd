//! What cannot be a public proxy: lists carry such entries to show a text, or to lead astray.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::proxy::Endpoint;

/// Whether no public proxy can listen there: an address of this machine, of a private network, of
/// documentation or of nobody, a name that only such a network knows, port 1.
///
/// ```
/// use configstream_core::{curate::is_decoy, link};
/// let at = |link| link::parse(link).unwrap().endpoint;
/// assert!(is_decoy(&at("socks5://127.0.0.1:1080")) && is_decoy(&at("trojan://x@8.8.8.8:1")));
/// assert!(!is_decoy(&at("socks5://8.8.8.8:1080")) && !is_decoy(&at("socks5://a.dev:1080")));
/// ```
pub fn is_decoy(endpoint: &Endpoint) -> bool {
    let nowhere = match endpoint.host.parse() {
        Ok(IpAddr::V4(address)) => is_reserved_v4(address),
        Ok(IpAddr::V6(address)) => is_reserved_v6(address),
        Err(_) => is_reserved_name(&endpoint.host),
    };
    endpoint.port <= 1 || nowhere
}

/// The special-purpose registry of IPv4 (RFC 6890 and what followed it).
fn is_reserved_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    matches!((a, b, c), (0 | 10 | 127 | 224.., ..) | (100, 64..=127, _) | (169, 254, _) | (172, 16..=31, _))
        || matches!(
            (a, b, c),
            (192, 168, _) | (192, 0, 0 | 2) | (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113)
        )
}

/// That of IPv6. Addresses that carry one of IPv4 are as that one.
fn is_reserved_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_reserved_v4(inner);
    }
    let [first, second, ..] = address.segments();
    address.is_loopback()
        || address.is_unspecified()
        || matches!(first, 0xfc00..=0xfdff | 0xfe80..=0xfebf | 0xff00..)
        || (first, second) == (0x2001, 0x0db8)
        || first == 0x3fff && second < 0x1000
}

/// RFC 2606, RFC 6761, RFC 6762: names that the public name system does not have. One without a dot is
/// of a local network, too.
fn is_reserved_name(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let ends =
        |end: &&str| host.strip_suffix(*end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let reserved = [
        "localhost",
        "local",
        "internal",
        "test",
        "example",
        "invalid",
        "example.com",
        "example.net",
        "example.org",
    ];
    !host.contains('.') || reserved.iter().any(ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoy(host: &str) -> bool {
        is_decoy(&Endpoint { host: host.into(), port: 443 })
    }

    #[test]
    fn addresses_of_nobody_are_decoys() {
        for host in [
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.31.0.1",
            "192.168.1.1",
            "169.254.1.1",
            "192.0.2.1",
            "198.51.100.7",
            "203.0.113.9",
            "198.18.0.1",
            "100.64.0.1",
            "255.255.255.255",
            "224.0.0.1",
            "::1",
            "::",
            "fd00::1",
            "fe80::1",
            "2001:db8::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "localhost",
            "a.localhost",
            "printer",
            "vpn.example.com.",
            "x.local",
        ] {
            assert!(decoy(host), "{host}");
        }
    }

    #[test]
    fn addresses_of_the_world_are_none() {
        for host in [
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "192.0.1.1",
            "2606:4700::1111",
            "myexample.com",
            "a.test.dev",
        ] {
            assert!(!decoy(host), "{host}");
        }
    }
}
