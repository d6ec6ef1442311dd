//! A configuration that runs as it is: SOCKS and HTTP on this machine, the proxy of the least latency,
//! names asked through it, private networks direct.

use serde_json::{Value, json};

use super::super::groups::{TEST, private};
use super::outbound;
use crate::Proxy;

/// The tags of outbounds that are no proxies.
const DIRECT: &str = "direct";
const DNS: &str = "dns-out";
const BLOCK: &str = "block";

/// Writes a configuration of proxies.
pub(super) fn write(proxies: &[Proxy]) -> Value {
    let mark = mark(proxies);
    let [direct, dns, block] = [DIRECT, DNS, BLOCK].map(|tag| format!("{mark}{tag}"));
    let mut names: Vec<_> = proxies.iter().map(|proxy| proxy.name.as_str()).collect();
    if names.is_empty() {
        // Nothing goes around proxies that are not there, and no balancer may be of nobody.
        names.push(&block);
    }
    let mut outbounds = outbound::write(proxies, &mark);
    outbounds.push(json!({ "tag": block, "protocol": "blackhole" }));
    outbounds.push(json!({ "tag": direct, "protocol": "freedom", "settings": {} }));
    outbounds.push(json!({ "tag": dns, "protocol": "dns" }));
    json!({
        "log": { "loglevel": "warning" },
        "dns": {
            "tag": "dns",
            "servers": ["https://1.1.1.1/dns-query", "https://8.8.8.8/dns-query"],
        },
        "inbounds": [inbound("socks", 10808), inbound("http", 10809)],
        "outbounds": outbounds,
        "observatory": {
            "subjectSelector": names,
            "probeURL": TEST,
            "probeInterval": "5m",
            "enableConcurrency": true,
        },
        "routing": routing(&names, &direct, &dns),
    })
}

fn inbound(protocol: &str, port: u16) -> Value {
    let settings = if protocol == "socks" { json!({ "auth": "noauth", "udp": true }) } else { json!({}) };
    json!({
        "tag": protocol,
        "listen": "127.0.0.1",
        "port": port,
        "protocol": protocol,
        "settings": settings,
        "sniffing": { "enabled": true, "destOverride": ["http", "tls"] },
    })
}

/// The rules. Where no proxy has answered yet the first one is used: nothing goes around the proxies.
fn routing(names: &[&str], direct: &str, dns: &str) -> Value {
    let balancer = json!({
        "tag": "automatic",
        "selector": names,
        "strategy": { "type": "leastPing" },
        "fallbackTag": names.first(),
    });
    json!({
        "domainStrategy": "AsIs",
        "balancers": [balancer],
        "rules": [
            { "type": "field", "inboundTag": ["dns"], "balancerTag": "automatic" },
            { "type": "field", "port": "53", "outboundTag": dns },
            { "type": "field", "ip": (private()), "outboundTag": direct },
            { "type": "field", "domain": ["full:localhost"], "outboundTag": direct },
            { "type": "field", "network": "tcp,udp", "balancerTag": "automatic" },
        ],
    })
}

/// What stands before the tags of other outbounds, so that no proxy's name is the start of one: a
/// balancer takes all outbounds whose tags start with one of its selectors.
pub(super) fn mark(proxies: &[Proxy]) -> String {
    let meets = |tag: &str, name: &str| tag.starts_with(name) || name.starts_with(tag);
    let free = |mark: &String| {
        let tags = [DIRECT, DNS, BLOCK, outbound::FRAGMENT].map(|tag| format!("{mark}{tag}"));
        !proxies.iter().any(|proxy| tags.iter().any(|tag| meets(tag, &proxy.name)))
    };
    let marks = std::iter::once(String::new()).chain(('~'..=char::MAX).map(String::from));
    marks.into_iter().find(free).unwrap_or_default()
}
