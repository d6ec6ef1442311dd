//! A whole configuration: groups to choose by hand, by latency and by country, name servers over HTTPS,
//! and rules that send all but private networks through the proxies.

use std::collections::HashSet;

use super::super::groups::{self, TEST, countries, label, private_rules};
use super::super::yaml::write_text;
use super::dialect::Dialect;
use crate::Proxy;

/// Names go to the proxy as they are; only those of the proxies are asked for, over HTTPS.
const HEAD: &str = "\
mixed-port: 7890
allow-lan: false
mode: rule
log-level: warning
dns:
  enable: true
  enhanced-mode: fake-ip
  fake-ip-range: 198.18.0.1/16
  fake-ip-filter: ['*.lan', '*.local', '*.localhost']
  default-nameserver: [1.1.1.1, 9.9.9.9]
  nameserver: ['https://1.1.1.1/dns-query', 'https://9.9.9.9/dns-query']
";

/// mihomo asks through the proxies, but for the names of the proxies themselves.
const MIHOMO_HEAD: &str = "\
mixed-port: 7890
allow-lan: false
mode: rule
log-level: warning
ipv6: true
unified-delay: true
profile: {store-selected: true}
dns:
  enable: true
  ipv6: true
  enhanced-mode: fake-ip
  fake-ip-range: 198.18.0.1/16
  fake-ip-filter: ['*.lan', '*.local', '*.localhost']
  default-nameserver: ['tls://1.1.1.1:853', 'tls://9.9.9.9:853']
  nameserver: ['https://1.1.1.1/dns-query#GROUP', 'https://9.9.9.9/dns-query#GROUP']
  proxy-server-nameserver: ['https://1.1.1.1/dns-query', 'https://9.9.9.9/dns-query']
";

const RULES: &str = "\
rules:
  - DOMAIN-SUFFIX,lan,DIRECT
  - DOMAIN-SUFFIX,local,DIRECT
  - DOMAIN-SUFFIX,localhost,DIRECT
";

/// The rules for private networks.
fn private() -> String {
    let rule = |kind: &str, network: &str| format!("  - {kind},{network},DIRECT,no-resolve\n");
    private_rules(["IP-CIDR", "IP-CIDR6"], rule).concat()
}

/// The configuration of a written list.
pub(super) fn write(proxies: &[Proxy], list: &str, dialect: &Dialect) -> String {
    let names: Vec<&str> = proxies.iter().map(|proxy| proxy.name.as_str()).collect();
    let taken: HashSet<&str> = names.iter().copied().collect();
    let free = |name: &str| groups::free(name, |count| "+".repeat(count), |name| taken.contains(name));
    let (choice, automatic) = (free("Proxy"), free("Automatic"));
    let mut groups = Vec::new();
    let mut members = Vec::new();
    if !names.is_empty() {
        groups.push(measured(&automatic, &names));
        members.push(automatic);
    }
    for (country, of) in countries(names.iter().copied()) {
        let name = free(&label(country));
        groups.push(measured(&name, &of));
        members.push(name);
    }
    members.extend(names.iter().map(|name| (*name).to_owned()));
    if members.is_empty() {
        // Nothing goes around proxies that are not there.
        members.push("REJECT".to_owned());
    }
    groups.insert(
        0,
        format!("  - {{name: {}, type: select, proxies: {}}}\n", write_text(&choice), all(&members)),
    );
    let head = if dialect.name == "mihomo" { MIHOMO_HEAD.replace("GROUP", &choice) } else { HEAD.to_owned() };
    format!(
        "{head}{list}proxy-groups:\n{}{RULES}{}  - {}\n",
        groups.concat(),
        private(),
        write_text(&format!("MATCH,{choice}"))
    )
}

/// A group that takes the fastest.
fn measured(name: &str, of: &[&str]) -> String {
    let name = write_text(name);
    format!(
        "  - {{name: {name}, type: url-test, url: \"{TEST}\", interval: 300, tolerance: 50, proxies: {}}}\n",
        all(of)
    )
}

fn all<T: AsRef<str>>(names: &[T]) -> String {
    let names: Vec<_> = names.iter().map(|name| write_text(name.as_ref())).collect();
    format!("[{}]", names.join(", "))
}
