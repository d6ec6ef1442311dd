//! `/exit`: the judge. It says from where it was called, so that a client behind a proxy learns the
//! address that the world sees.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use axum::response::Response;
use configstream_core::api::ExitReport;

use super::App;
use super::answer::{Keep, json};

/// The caller's address, its country, and the request's header fields as received.
#[utoipa::path(get, path = "/api/v1/exit", tag = "service",
    responses((status = 200, body = ExitReport)))]
pub async fn exit(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    let address = caller(peer.ip().to_canonical(), &headers, &app.trusted);
    let country = app.geo.country(address);
    let report = ExitReport {
        address: address.to_string(),
        country: country.map(|country| country.name().to_owned()),
        country_code: country,
        asn: app.geo.asn(address),
        headers: received(&headers),
    };
    json(Keep::Never, &report)
}

/// The address that called: the peer's, or where the peer is a trusted proxy the last one in
/// X-Forwarded-For that is not. Whoever calls may write the addresses before that one.
fn caller(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let given = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let path: Vec<&str> = given.flat_map(|value| value.split(',')).map(str::trim).collect();
    let mut caller = peer;
    for hop in path.iter().rev() {
        if !trusted.contains(&caller) {
            break;
        }
        let Ok(before) = hop.parse::<IpAddr>() else { break };
        caller = before.to_canonical();
    }
    caller
}

/// Fields of one name become one, as RFC 9110, section 5.3 joins them. Our own request id is no
/// field that was received.
fn received(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut received: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers.iter().filter(|(name, _)| **name != super::layers::REQUEST_ID) {
        let value = String::from_utf8_lossy(value.as_bytes());
        let joined = received.entry(name.as_str().to_owned()).or_default();
        if !joined.is_empty() {
            joined.push_str(", ");
        }
        joined.push_str(&value);
    }
    received
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(peer: &str, forwarded: &str, trusted: &[&str]) -> String {
        let headers =
            HeaderMap::from_iter([("x-forwarded-for".parse().unwrap(), forwarded.parse().unwrap())]);
        let trusted: Vec<IpAddr> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        caller(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_its_address() {
        assert_eq!(called("192.0.2.9", "198.51.100.1", &[]), "192.0.2.9");
        assert_eq!(called("10.0.0.1", "203.0.113.5, 198.51.100.1", &["10.0.0.1"]), "198.51.100.1");
    }

    #[test]
    fn a_chain_of_trusted_proxies_is_followed() {
        let trusted = ["10.0.0.1", "10.0.0.2"];
        assert_eq!(called("10.0.0.1", "198.51.100.1, 10.0.0.2", &trusted), "198.51.100.1");
        assert_eq!(called("10.0.0.1", "nonsense", &trusted), "10.0.0.1");
    }
}
