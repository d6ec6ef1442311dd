//! What a whole configuration has besides its proxies: groups to choose from, name servers and rules, for
//! the programs whose files have sections.
//!
//! Specification: <https://manual.nssurge.com/policy-group/group.html>

use std::collections::{BTreeMap, HashSet};

use crate::Proxy;
use crate::geo::Country;

use super::policy::plain_name;

/// What latency is measured by.
pub(super) const TEST: &str = "http://www.gstatic.com/generate_204";

/// Networks that are nobody else's: what goes there goes direct.
pub(super) const PRIVATE: &[&str] = &[
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/4",
];

/// The same of IPv6.
pub(super) const PRIVATE_6: &[&str] = &["::1/128", "fc00::/7", "fe80::/10"];

/// Both.
pub(super) fn private() -> Vec<&'static str> {
    [PRIVATE, PRIVATE_6].concat()
}

/// A rule for each of them; those of IPv6 are of another kind.
pub(super) fn private_rules<T>(kinds: [&str; 2], rule: impl Fn(&str, &str) -> T) -> Vec<T> {
    let [four, six] = kinds;
    let four = PRIVATE.iter().map(|network| rule(four, network));
    four.chain(PRIVATE_6.iter().map(|network| rule(six, network))).collect()
}

/// Proxies under one name.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) members: Vec<String>,
    /// Whether the fastest is taken, and not the one that was chosen.
    pub(super) is_automatic: bool,
}

/// The groups of some proxies: the first is chosen from by hand and gets all that the rules do not send
/// elsewhere, the second takes the fastest, and then there is one for each country.
pub(super) fn groups(proxies: &[Proxy]) -> Vec<Group> {
    let names: Vec<_> = proxies.iter().map(|proxy| proxy.name.to_string()).collect();
    if names.is_empty() {
        return vec![Group { name: "Select".into(), members: vec!["REJECT".into()], is_automatic: false }];
    }
    let mut countries: Vec<_> = countries(names.iter().map(String::as_str)).into_iter().collect();
    countries.sort_by_key(|(country, _)| country.name());
    let taken: HashSet<_> = names.iter().map(String::as_str).collect();
    let free = |name: &str| free(name, |count| " group".repeat(count), |name| taken.contains(name));
    let of_country = |(country, members): (Country, Vec<&str>)| {
        let members = members.into_iter().map(str::to_owned).collect();
        Group { name: free(&plain_name(&label(country))), members, is_automatic: true }
    };
    let auto = Group { name: free("Auto"), members: names.clone(), is_automatic: true };
    let automatic: Vec<_> = std::iter::once(auto).chain(countries.into_iter().map(of_country)).collect();
    let members = automatic.iter().map(|group| group.name.clone()).chain(names.iter().cloned()).collect();
    let select = Group { name: free("Select"), members, is_automatic: false };
    std::iter::once(select).chain(automatic).collect()
}

/// The names by the country whose flag they have.
pub(super) fn countries<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeMap<Country, Vec<&'a str>> {
    let mut countries = BTreeMap::<_, Vec<_>>::new();
    for name in names {
        if let Some(country) = Country::named_in(name) {
            countries.entry(country).or_default().push(name);
        }
    }
    countries
}

/// What the group of a country is called.
pub(super) fn label(country: Country) -> String {
    format!("{} {}", country.flag(), country.name())
}

/// A name that nobody has: this one, or with as many marks behind it as it takes.
pub(super) fn free(name: &str, mark: impl Fn(usize) -> String, is_taken: impl Fn(&str) -> bool) -> String {
    let marked = (1..).map(|count| format!("{name}{}", mark(count)));
    std::iter::once(name.to_owned()).chain(marked).find(|name| !is_taken(name)).unwrap_or_default()
}

/// A configuration as Surge writes it, with these lines under `[General]`, in which `{private}` stands for the
/// networks and `{test}` for the address above; `tunnels` is what follows.
pub(super) fn profile(general: &str, list: &str, tunnels: &str, proxies: &[Proxy]) -> String {
    let groups = groups(proxies);
    let select = groups.first().map_or("", |group| group.name.as_str());
    let groups: String = groups.iter().map(line).collect();
    let rules = rules(select);
    let general = general.replace("{private}", &PRIVATE.join(", ")).replace("{test}", TEST);
    format!("[General]\n{general}\n[Proxy]\n{list}\n[Proxy Group]\n{groups}\n[Rule]\n{rules}{tunnels}")
}

fn line(group: &Group) -> String {
    let members = group.members.join(", ");
    if group.is_automatic {
        format!("{} = url-test, {members}, url={TEST}, interval=600, tolerance=50\n", group.name)
    } else {
        format!("{} = select, {members}\n", group.name)
    }
}

/// Private networks go direct, without asking for the address of a name; all the rest is proxied.
fn rules(select: &str) -> String {
    let rule = |kind: &str, network: &str| format!("{kind},{network},DIRECT,no-resolve\n");
    let rules = private_rules(["IP-CIDR", "IP-CIDR6"], rule).concat();
    format!("DOMAIN,localhost,DIRECT\nDOMAIN-SUFFIX,local,DIRECT\n{rules}FINAL,{select}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Protocol;

    fn named(name: &str) -> Proxy {
        Proxy { name: name.into(), ..Proxy::new(Protocol::Trojan, "192.0.2.1", 443) }
    }

    #[test]
    fn there_is_a_group_to_choose_one_that_is_fast_and_one_for_each_country() {
        let groups = groups(&["🇩🇪 1", "Auto", "🇩🇪 2"].map(named));
        let names: Vec<_> = groups.iter().map(|group| group.name.as_str()).collect();
        assert_eq!(names, ["Select", "Auto group", "🇩🇪 Germany"]);
        assert_eq!(groups[2].members, ["🇩🇪 1", "🇩🇪 2"]);
        assert_eq!(groups[0].members.len(), 5);
    }
}
