//! A whole configuration that runs as it is: groups, name servers that do not leak, rules.
//!
//! A name that is proxied is asked for where the proxy is. All others are asked for over HTTPS, at addresses
//! that need no name themselves: through the proxy, but for the proxies' own names. Egern refuses a file with
//! a value of a wrong type: lists stay lists.
//!
//! Specification: <https://egernapp.com/docs/configuration/policy_groups>, with `dns` and `rules` beside it. What
//! is said here is said the same way by profiles that others publish and by programs that write them.

use serde_json::{Value, json};

use super::super::groups::{Group, TEST, groups, private, private_rules};
use super::super::yaml::{self, write};
use crate::Proxy;

/// The configuration of a written list.
pub(super) fn whole(proxies: &[Proxy], list: &str) -> String {
    let groups = groups(proxies);
    let select = groups.first().map_or("", |group| group.name.as_str());
    let head = head().map(|(name, value)| format!("{name}: {}\n", write(&value, &[]))).concat();
    let lines = |values: Vec<Value>| values.into_iter().map(|value| write(&value, &["name", "match"]));
    let groups = yaml::list("policy_groups", lines(groups.iter().map(group).collect()));
    format!("{head}{list}{groups}{}", yaml::list("rules", lines(rules(select))))
}

/// What is no list of objects.
fn head() -> [(&'static str, Value); 5] {
    let servers = ["https://1.1.1.1/dns-query", "https://9.9.9.9/dns-query"];
    let local = ["localhost", "*.local", "*.lan"];
    let dns = json!({
        "bootstrap": ["1.1.1.1", "9.9.9.9"],
        "upstreams": { "doh": servers },
        "forward": [{ "domain_wildcard": { "match": "*", "value": "doh" } }],
        "proxy_nameservers": servers,
    });
    [
        ("proxy_latency_test_url", TEST.into()),
        ("bypass_tunnel_proxy", [&local[..], &private()].concat().into()),
        ("real_ip_domains", json!(local)),
        ("hijack_dns", json!(["*"])),
        ("dns", dns),
    ]
}

fn group(group: &Group) -> Value {
    let (name, members) = (&group.name, &group.members);
    if group.is_automatic {
        json!({ "auto_test": { "name": name, "policies": members, "interval": 600, "tolerance": 50 } })
    } else {
        json!({ "select": { "name": name, "policies": members } })
    }
}

/// Private networks go direct, without asking for the address of a name; all the rest is proxied.
fn rules(select: &str) -> Vec<Value> {
    let name = |kind: &str, name: &str| json!({ kind: { "match": name, "policy": "DIRECT" } });
    let network = |kind: &str, network: &str| json!({ kind: { "match": network, "policy": "DIRECT", "no_resolve": true } });
    let mut rules =
        vec![name("domain", "localhost"), name("domain_suffix", "local"), name("domain_suffix", "lan")];
    rules.extend(private_rules(["ip_cidr", "ip_cidr6"], network));
    rules.push(json!({ "default": { "policy": select } }));
    rules
}

#[cfg(test)]
mod tests {
    use super::super::{FORMAT, yaml};
    use super::*;
    use crate::document::{self, Shape, write};
    use crate::link;

    /// What is written of links, and the same as a value.
    fn written(links: &[&str]) -> (String, Value) {
        let proxies: Vec<_> = links.iter().map(|link| link::parse(link).unwrap()).collect();
        let text = write(FORMAT, &proxies, Shape::Configuration).unwrap().text;
        let value = yaml::value(&text).unwrap();
        (text, value)
    }

    #[test]
    fn a_configuration_has_groups_by_hand_by_latency_and_by_country() {
        let (text, value) = written(&["http://192.0.2.1:1#\u{1f1e9}\u{1f1ea} a", "http://192.0.2.2:1#Auto"]);
        let countries = json!(["\u{1f1e9}\u{1f1ea} a"]);
        let all = json!(["\u{1f1e9}\u{1f1ea} a", "Auto"]);
        let of = |name: &str, policies: &Value| json!({ "auto_test": { "name": name, "policies": policies, "interval": 600, "tolerance": 50 } });
        let germany = "\u{1f1e9}\u{1f1ea} Germany";
        let choices = json!(["Auto group", germany, "\u{1f1e9}\u{1f1ea} a", "Auto"]);
        let select = json!({ "select": { "name": "Select", "policies": choices } });
        assert_eq!(value["policy_groups"], json!([select, of("Auto group", &all), of(germany, &countries)]));
        let reading = document::read(text.as_bytes());
        assert_eq!((reading.format, reading.proxies.len(), reading.rejected), (FORMAT, 2, Vec::new()));
    }

    #[test]
    fn only_private_networks_go_direct_and_no_name_is_asked_for_to_know_it() {
        let (_, value) = written(&["http://192.0.2.1:1#a"]);
        let rules = value["rules"].as_array().unwrap();
        let networks = rules.iter().filter_map(|rule| rule.get("ip_cidr").or(rule.get("ip_cidr6")));
        assert!(networks.clone().all(|rule| rule["no_resolve"] == true && rule["policy"] == "DIRECT"));
        assert_eq!(networks.count(), private().len());
        assert_eq!(rules.last(), Some(&json!({ "default": { "policy": "Select" } })));
    }

    #[test]
    fn every_name_is_asked_for_over_https_at_an_address() {
        let (_, value) = written(&["http://192.0.2.1:1#a"]);
        let dns = &value["dns"];
        assert_eq!(dns["forward"], json!([{ "domain_wildcard": { "match": "*", "value": "doh" } }]));
        for servers in [&dns["upstreams"]["doh"], &dns["proxy_nameservers"]] {
            assert_eq!(*servers, json!(["https://1.1.1.1/dns-query", "https://9.9.9.9/dns-query"]));
        }
        assert_eq!(dns["bootstrap"], json!(["1.1.1.1", "9.9.9.9"]));
        assert_eq!(value["hijack_dns"], json!(["*"]));
    }

    #[test]
    fn a_configuration_without_a_proxy_rejects() {
        let (_, value) = written(&[]);
        assert_eq!(value["proxies"], json!([]));
        assert_eq!(
            value["policy_groups"],
            json!([{ "select": { "name": "Select", "policies": ["REJECT"] } }])
        );
    }
}
