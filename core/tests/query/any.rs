//! Any query at all.

use configstream_core::Protocol;
use configstream_core::catalogue::{Order, Ports, Query, Sort, Without};
use configstream_core::geo::{Country, Region};
use configstream_core::proxy::{Network, Security};
use configstream_core::route::Engine;
use configstream_core::score::{Level, SecurityIssue};
use proptest::prelude::*;
use proptest::sample::select;

pub(crate) const TLS: [Option<Security>; 3] = [None, Some(Security::Tls), Some(Security::Reality)];
pub(crate) const PROTOCOLS: [Protocol; 5] =
    [Protocol::Http, Protocol::Https, Protocol::Socks5, Protocol::Vless, Protocol::Trojan];
pub(crate) const NETWORKS: [Network; 3] = [Network::Tcp, Network::Ws, Network::Grpc];
pub(crate) const COUNTRIES: [&str; 5] = ["DE", "FR", "US", "JP", "IR"];
pub(crate) const CITIES: [&str; 4] = ["Berlin", "New York", "Zürich", "تهران"];
pub(crate) const SOURCES: [&str; 4] = ["a", "b", "https://one.example/list,1", "say \"hi\""];

/// Few of some values, none more often than not.
fn few<T: std::fmt::Debug + Clone + 'static>(values: Vec<T>) -> impl Strategy<Value = Vec<T>> {
    prop_oneof![4 => Just(Vec::new()), 1 => prop::collection::vec(select(values), 1..3)]
}

fn maybe<T: std::fmt::Debug + Clone>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    prop_oneof![6 => Just(None), 1 => value.prop_map(Some)]
}

fn ports() -> impl Strategy<Value = Vec<Ports>> {
    let all = [(443, 443), (80, 81), (8_000, 9_000), (0, 65_535)];
    few(all.map(|(first, last)| Ports { first, last }).to_vec())
}

fn strings(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

/// The lists that a query can have twice: what may be, and what must not.
fn lists() -> impl Strategy<Value = Without> {
    let countries = COUNTRIES.iter().filter_map(|code| Country::from_code(code)).collect();
    let one = (few(PROTOCOLS.to_vec()), few(NETWORKS.to_vec()), few(TLS.to_vec()), few(Level::ALL.to_vec()));
    let two = (few(SecurityIssue::ALL.to_vec()), few(countries), few(Region::ALL.to_vec()));
    let three = (few(strings(&CITIES)), few(strings(&SOURCES)), ports());
    (one, two, three).prop_map(|(one, two, three)| Without {
        protocols: one.0,
        networks: one.1,
        tls: one.2,
        security: one.3,
        issues: two.0,
        countries: two.1,
        regions: two.2,
        cities: three.0,
        sources: three.1,
        ports: three.2,
    })
}

fn sort() -> impl Strategy<Value = (Sort, Order)> {
    let orders = [Order::Usual, Order::Ascending, Order::Descending];
    (select(Sort::ALL.to_vec()), select(orders.to_vec()))
}

/// Any query with such a text.
pub(crate) fn query(text: impl Strategy<Value = String>) -> impl Strategy<Value = Query> {
    let latency = (maybe(0..400_u32), maybe(0..400_u32), maybe(1..=100_u8));
    let scores = (maybe(0..100_u8), maybe(0..=100_u8), maybe(0..=100_u8));
    let tests = (maybe(any::<bool>()), maybe(0..90_000_u64), maybe(0..90_000_u64));
    let user = (maybe(select(vec![Engine::Chrome, Engine::Firefox])), maybe(any::<bool>()));
    let sorts = (sort(), prop::collection::vec(sort(), 0..3));
    (lists(), lists(), latency, scores, tests, user, text, sorts).prop_map(
        |(any, not, latency, scores, tests, user, text, ((sort, order), then))| Query {
            protocols: any.protocols,
            networks: any.networks,
            tls: any.tls,
            security: any.security,
            issues: any.issues,
            countries: any.countries,
            regions: any.regions,
            cities: any.cities,
            sources: any.sources,
            ports: any.ports,
            min_latency: latency.0,
            max_latency: latency.1,
            fastest: latency.2,
            min_score: scores.0,
            max_score: scores.1,
            min_reliability: scores.2,
            working: tests.0,
            min_age: tests.1,
            max_age: tests.2,
            connectable: user.0,
            favourite: user.1,
            not,
            text,
            sort,
            order,
            then,
        },
    )
}
