//! A whole configuration that runs as it is: groups, name servers that do not leak, rules.
//!
//! Names are asked for through the proxy, over HTTPS, at an address that needs no name itself. The system's
//! name server is asked for the proxies' own names only.
//!
//! Specification: <https://sing-box.sagernet.org/configuration/>

use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, json};

use super::super::groups::{TEST, countries, label, private};
use super::{Written, free};
use crate::Proxy;
use crate::geo::Country;

/// Where the program that uses the proxies finds sing-box.
const PORT: u16 = 2080;

/// Writes what was written as a configuration; that of an empty list lets nothing through.
pub(super) fn write(proxies: &[Proxy], written: Written) -> Value {
    if proxies.is_empty() {
        return json!({
            "inbounds": [{ "type": "mixed", "tag": "mixed-in", "listen": "127.0.0.1", "listen_port": PORT }],
            "outbounds": [],
            "route": { "rules": [{ "action": "reject" }] },
        });
    }
    let tags = Tags::of(proxies, &written);
    let mut outbounds = groups(proxies, &tags);
    outbounds.extend(written.outbounds);
    outbounds.push(json!({ "type": "direct", "tag": tags.direct }));
    let mut config = json!({
        "log": { "level": "warn", "timestamp": true },
        "dns": dns(&tags),
        "inbounds": [{ "type": "mixed", "tag": "mixed-in", "listen": "127.0.0.1", "listen_port": PORT }],
        "outbounds": outbounds,
        "route": route(&tags),
    });
    if !written.endpoints.is_empty()
        && let Value::Object(config) = &mut config
    {
        config.insert("endpoints".to_owned(), written.endpoints.into());
    }
    config
}

/// The tags of what is no proxy, none of them a proxy's.
struct Tags {
    choice: String,
    fastest: String,
    direct: String,
    countries: BTreeMap<Country, String>,
}

impl Tags {
    fn of(proxies: &[Proxy], written: &Written) -> Self {
        let tags = written.outbounds.iter().chain(&written.endpoints);
        let tags = tags.filter_map(|outbound| outbound.get("tag")?.as_str());
        let mut taken: HashSet<_> = tags.map(str::to_owned).collect();
        let mut own = |tag: &str| {
            let tag = free(tag, |tag| taken.contains(tag));
            taken.insert(tag.clone());
            tag
        };
        let (choice, fastest, direct) = (own("proxy"), own("auto"), own("direct"));
        let mut countries = BTreeMap::new();
        for country in proxies.iter().filter_map(|proxy| Country::named_in(&proxy.name)) {
            countries.entry(country).or_insert_with(|| own(&label(country)));
        }
        Self { choice, fastest, direct, countries }
    }
}

/// One group to choose by hand, one that chooses by latency, one of that kind for each country.
fn groups(proxies: &[Proxy], tags: &Tags) -> Vec<Value> {
    let names: Vec<_> = proxies.iter().map(|proxy| proxy.name.as_str()).collect();
    let members = countries(names.iter().copied());
    let groups = std::iter::once(tags.fastest.as_str()).chain(tags.countries.values().map(String::as_str));
    let choices: Vec<_> = groups.chain(names.iter().copied()).collect();
    let choice = json!({
        "type": "selector",
        "tag": tags.choice,
        "outbounds": choices,
        "default": tags.fastest,
        "interrupt_exist_connections": true,
    });
    let of_countries =
        members.iter().filter_map(|(country, names)| Some((tags.countries.get(country)?, names)));
    let fastest = std::iter::once((&tags.fastest, &names)).chain(of_countries);
    std::iter::once(choice).chain(fastest.map(|(tag, names)| fastest_of(tag, names))).collect()
}

fn fastest_of(tag: &str, names: &[&str]) -> Value {
    json!({
        "type": "urltest",
        "tag": tag,
        "outbounds": names,
        "url": TEST,
        "interval": "3m",
        "tolerance": 50,
        "interrupt_exist_connections": true,
    })
}

fn dns(tags: &Tags) -> Value {
    json!({
        "servers": [
            { "type": "https", "tag": "dns-proxy", "server": "1.1.1.1", "detour": tags.choice },
            { "type": "local", "tag": "dns-local" },
        ],
        "final": "dns-proxy",
        "strategy": "prefer_ipv4",
    })
}

fn route(tags: &Tags) -> Value {
    json!({
        "rules": [
            { "action": "sniff" },
            { "protocol": "dns", "action": "hijack-dns" },
            { "ip_is_private": true, "ip_cidr": (private()), "outbound": tags.direct },
        ],
        "final": tags.choice,
        "default_domain_resolver": "dns-local",
        "auto_detect_interface": true,
    })
}
