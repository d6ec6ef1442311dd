//! Values that programs read into numbers and addresses, and for which they refuse a whole file if they are none:
//! a link may say anything.

use std::net::IpAddr;

use crate::Proxy;
use crate::link::base64;
use crate::proxy::param::Kind;
use crate::proxy::{Network, Param};

/// Whether a program can use a proxy, and if not, why not.
type Fits = Result<(), &'static str>;

/// Whether what a proxy says of its tunnel is what it should be.
pub(super) fn fits_tunnel(proxy: &Proxy) -> Fits {
    let said = |param| proxy.param(param).unwrap_or_default();
    let is_number =
        |(param, value): &(Param, crate::Text)| param.kind() != Kind::Number || value.parse::<u16>().is_ok();
    if !are_networks(said(Param::LocalAddress)) {
        Err("an address within the tunnel is none")
    } else if !are_networks(said(Param::AllowedIps)) {
        Err("a network behind the tunnel is none")
    } else if !matches!(said(Param::Reserved), "" | "0,0,0") && !are_three_bytes(said(Param::Reserved)) {
        Err("the reserved bytes are not three numbers below 256")
    } else if proxy.params.iter().all(is_number) {
        Ok(())
    } else {
        Err("a number of the tunnel is none, or above 65535")
    }
}

/// Whether each of a list is an address, alone or with the length of its network.
fn are_networks(list: &str) -> bool {
    list.split(',').map(str::trim).filter(|item| !item.is_empty()).all(is_network)
}

fn is_network(text: &str) -> bool {
    let (address, length) =
        text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let most = if address.is_ipv4() { 32 } else { 128 };
    length.is_none_or(|length| length.parse::<u8>().is_ok_and(|length| length <= most))
}

fn are_three_bytes(list: &str) -> bool {
    list.split(',').filter(|item| item.trim().parse::<u8>().is_ok()).count() == 3
        && list.matches(',').count() == 2
}

/// Whether the path of a transport that makes a URL of it is one: after each `%` stand two digits.
pub(super) fn fits_path(proxy: &Proxy) -> Fits {
    let is_url = matches!(proxy.transport.network, Network::Ws | Network::HttpUpgrade | Network::H2);
    let is_digit = |at: usize| proxy.transport.path.as_bytes().get(at).is_some_and(u8::is_ascii_hexdigit);
    let escapes = proxy.transport.path.match_indices('%');
    if is_url && !escapes.clone().all(|(at, _)| is_digit(at + 1) && is_digit(at + 2)) {
        return Err("the path has a % without two digits after it");
    }
    Ok(())
}

/// Whether what stands for ECH is a list of configurations in base64, which begins with its length.
pub(super) fn fits_ech(proxy: &Proxy) -> Fits {
    let Some(ech) = proxy.param(Param::Ech) else { return Ok(()) };
    let is_list = |bytes: &[u8]| match bytes {
        [high, low, rest @ ..] => {
            usize::from(u16::from_be_bytes([*high, *low])) == rest.len() && !rest.is_empty()
        }
        _ => false,
    };
    let is_name = ech.contains(['.', ':']);
    if is_name || base64::decode(ech).is_some_and(|bytes| is_list(&bytes)) {
        return Ok(());
    }
    Err("the ECH configuration is none: expected its list in base64")
}

/// Whether a parameter, if it is said, is one of these.
pub(super) fn one_of(proxy: &Proxy, param: Param, known: &[&str], reason: &'static str) -> Fits {
    if proxy.param(param).is_none_or(|said| known.contains(&said)) { Ok(()) } else { Err(reason) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_addresses_with_or_without_a_length() {
        for list in ["10.0.0.2", "10.0.0.2/32, fd00::2/128", "::/0,0.0.0.0/0"] {
            assert!(are_networks(list), "{list}");
        }
        for list in ["foo", "10.0.0.2/99", "fe80::1%eth0", "10.0.0.2/", "1.2.3.4/-1"] {
            assert!(!are_networks(list), "{list}");
        }
        assert!(are_three_bytes("1,2,3") && !are_three_bytes("1,2") && !are_three_bytes("300,2,1"));
    }
}
