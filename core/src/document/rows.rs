//! What free lists say of a proxy in named fields, be they of a JSON object or of columns: an address, a
//! protocol or several, a login, or a link that says all of it.
//!
//! A link counts alone: what stands beside it says the same again. Without one, what is measured or found
//! out of an address (latency, uptime, anonymity, where it is) is passed over, since it was true for
//! somebody else and some time ago; only the country stays, as a flag in the name of what has no name.

use serde_json::{Map, Value};

use super::hint::named;
use super::tree::text;
use super::{Hint, json};
use crate::geo::Country;
use crate::link::{self, Reason, flag};
use crate::proxy::param::same;
use crate::proxy::{Protocol, Proxy};

/// What stands for a link.
const LINKS: &[&str] = &["link", "config", "url", "uri", "share_link", "raw"];
const HOSTS: &[&str] = &[
    "ip",
    "host",
    "address",
    "server",
    "addr",
    "ip_address",
    "hostname",
    "proxy_address",
    "proxy",
    "ip:port",
];
const PORTS: &[&str] = &["port", "proxy_port"];
const PROTOCOLS: &[&str] = &["protocol", "protocols", "type", "scheme", "proxy_type", "kind"];
const USERS: &[&str] = &["username", "user", "login"];
const PASSWORDS: &[&str] = &["password", "pass", "pwd"];
const NAMES: &[&str] = &["name", "remarks", "remark", "ps", "tag", "title"];
/// Where a country's code stands.
const COUNTRIES: &[&str] = &["country_code", "country", "cc", "code", "geo", "iso_code"];

/// What is measured or found out of an address.
const MEASURED: &[&str] = &[
    "age",
    "age_seconds",
    "alive",
    "anonymity",
    "anonymity_level",
    "anonymous",
    "asn",
    "average_ping",
    "average_timeout",
    "checked",
    "checked_at",
    "city",
    "cc",
    "code",
    "continent",
    "country",
    "country_code",
    "country_name",
    "created",
    "created_at",
    "date",
    "details",
    "dns_over_https_ok",
    "exit_ip",
    "export_address",
    "first_seen",
    "from",
    "geo",
    "geolocation",
    "google",
    "hostnames",
    "https",
    "http",
    "id",
    "ip_data",
    "is_alive",
    "is_secure",
    "is_working",
    "iso_code",
    "isp",
    "lastchecked",
    "last_check",
    "last_checked",
    "last_seen",
    "last_update",
    "last_updated",
    "latency",
    "latitude",
    "location",
    "longitude",
    "org",
    "organization",
    "ping",
    "region",
    "region_name",
    "response_time",
    "responsetime",
    "score",
    "scores",
    "security_issues",
    "socks4",
    "socks5",
    "source",
    "speed",
    "ssl",
    "stale",
    "state",
    "status",
    "tested_at",
    "throughput_kbps",
    "time",
    "times_alive",
    "times_dead",
    "timeout",
    "timestamp",
    "timezone",
    "updated",
    "updated_at",
    "uptime",
    "uptime_try_count",
    "uptime_success_count",
    "working",
    "working_percent",
];

/// Whether an object is such a list's proxy. Clash's proxies, and those of SIP008, have other names.
pub(super) fn is_row(map: &Map<String, Value>) -> bool {
    let said = |name: &str| find(map, name).map(text).filter(|text| !text.is_empty());
    let first = |names: &[&str]| names.iter().find_map(|name| said(name));
    let is_clash = ["server", "type", "name"].iter().all(|name| said(name).is_some());
    let has_link = first(LINKS).is_some_and(|link| link.contains("://"));
    // Hysteria's own files have both in `server`.
    let both = || HOSTS.iter().filter(|name| **name != "server").find_map(|name| said(name));
    let has_place = first(HOSTS).is_some() && first(PORTS).is_some()
        || both().is_some_and(|host| link::endpoint(&host, None).is_ok());
    !is_clash && said("server_port").is_none() && (has_link || has_place)
}

/// Reads the proxies of one row: one for each protocol. What is left is kept under the format's name.
pub(super) fn read(mut map: Map<String, Value>, format: &str, hint: Hint) -> Vec<Result<Proxy, Reason>> {
    map.retain(|_, value| !value.is_null() && value.as_str() != Some(""));
    let name = named_by(&mut map);
    if let Some(link) = linked(&map) {
        return match link::parse_all(&link) {
            Ok(proxies) => proxies.into_iter().map(|proxy| Ok(called(proxy, &name))).collect(),
            Err(reason) => vec![Err(reason)],
        };
    }
    let protocols = match protocols(&mut map, hint) {
        Ok(protocols) => protocols,
        Err(reason) => return vec![Err(reason)],
    };
    if let Err(reason) = place(&mut map) {
        return vec![Err(reason)];
    }
    move_to(&mut map, "username", USERS);
    move_to(&mut map, "password", PASSWORDS);
    map.retain(|name, _| !MEASURED.iter().any(|measured| same(measured, name)));
    let one = |protocol: Protocol| {
        let mut map = map.clone();
        map.insert("protocol".to_owned(), protocol.key().into());
        complete(called(json::flat(map, format)?, &name))
    };
    protocols.into_iter().map(one).collect()
}

/// The proxy, unless it lacks what its protocol needs: then its link does not read.
fn complete(proxy: Proxy) -> Result<Proxy, Reason> {
    use Protocol::{Http, Socks4, Socks5};
    if matches!(proxy.protocol, Http | Socks4 | Socks5) {
        return Ok(proxy);
    }
    link::parse(&link::print(&proxy)).map(|_| proxy)
}

/// The proxy with a name, if it has none.
fn called(mut proxy: Proxy, name: &str) -> Proxy {
    if proxy.name.is_empty() {
        proxy.name = name.into();
    }
    proxy
}

/// The link of a row.
fn linked(map: &Map<String, Value>) -> Option<String> {
    let links = LINKS.iter().filter_map(|name| find(map, name)).map(text);
    links.into_iter().find(|link| link.contains("://") && link::parse(link) != Err(Reason::Subscription))
}

fn find<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    map.iter().find(|(known, _)| same(known, name)).map(|(_, value)| value)
}

/// Takes the value of the first of these names that says something, as text.
fn take(map: &mut Map<String, Value>, names: &[&str]) -> String {
    let says = |name: &&str| map.iter().find(|(known, value)| same(known, name) && !text(value).is_empty());
    let Some(key) = names.iter().find_map(says).map(|(key, _)| key.clone()) else {
        return String::new();
    };
    map.remove(&key).as_ref().map(text).unwrap_or_default()
}

/// Gives the value of the first of these names the one name that counts.
fn move_to(map: &mut Map<String, Value>, to: &str, names: &[&str]) {
    let value = take(map, names);
    if !value.is_empty() {
        map.insert(to.to_owned(), value.into());
    }
}

/// Takes the name of a row: its own, or the flag and the code of its country.
fn named_by(map: &mut Map<String, Value>) -> String {
    let name = take(map, NAMES);
    if !name.is_empty() {
        return name;
    }
    let stated = COUNTRIES.iter().filter_map(|name| find(map, name)).find_map(country);
    let found = stated.or_else(|| country(map.get("geolocation")?.get("country")?));
    found.map(|country| format!("{} {country}", country.flag())).unwrap_or_default()
}

/// A country by its code, or by the code in an object.
fn country(value: &Value) -> Option<Country> {
    let code = value.get("iso_code").or_else(|| value.get("code")).unwrap_or(value);
    Country::from_code(&text(code))
}

/// Takes host and port apart, and gives them the names that count.
fn place(map: &mut Map<String, Value>) -> Result<(), Reason> {
    let (host, port) = (take(map, HOSTS), take(map, PORTS));
    let (host, port) = match port.as_str() {
        "" => {
            let at = link::endpoint(&host, None)?;
            (at.host, at.port.to_string())
        }
        // Tables that people made hold `8080.0`.
        port => (host.into(), port.trim_end_matches(".0").to_owned()),
    };
    map.insert("address".to_owned(), host.as_str().into());
    map.insert("port".to_owned(), port.into());
    Ok(())
}

/// Takes the protocols of a row: those that it names, those whose columns say yes, or that of the hint.
/// A column of that `https` alone is one of HTTP proxies.
fn protocols(map: &mut Map<String, Value>, hint: Hint) -> Result<Vec<Protocol>, Reason> {
    let said = PROTOCOLS.iter().find_map(|name| find(map, name)).map(words).unwrap_or_default();
    map.retain(|name, _| !PROTOCOLS.iter().any(|known| same(known, name)));
    let mut protocols = Vec::new();
    for word in &said {
        let protocol = protocol(word).ok_or_else(|| Reason::UnknownType(word.chars().take(40).collect()))?;
        if !protocols.contains(&protocol) {
            protocols.push(protocol);
        }
    }
    if protocols.is_empty() {
        let yes = |name: &&&str| find(map, name).is_some_and(|value| flag(&text(value)) == Some(true));
        protocols = ["http", "socks4", "socks5"].iter().filter(yes).filter_map(|name| named(name)).collect();
    }
    if protocols.is_empty() {
        let http = || find(map, "https").map(|_| Protocol::Http);
        protocols.extend(hint.protocol().or_else(http));
    }
    if protocols.is_empty() { Err(Reason::NoProtocol) } else { Ok(protocols) }
}

/// The words of a text, or of a list of texts.
fn words(value: &Value) -> Vec<String> {
    let texts = value.as_array().map_or_else(|| vec![text(value)], |list| list.iter().map(text).collect());
    let cut = |text: &String| {
        let words =
            text.split(|char: char| char.is_whitespace() || matches!(char, ',' | '/' | '|' | ';' | '&'));
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    texts.iter().flat_map(cut).collect()
}

/// The protocol of a word: as lists say it, by its key, or as links call it.
fn protocol(word: &str) -> Option<Protocol> {
    let linked = || link::scheme(&word.to_ascii_lowercase())?.protocols().first().copied();
    named(word).or_else(|| Protocol::from_key(word)).or_else(linked)
}

/// Whether names are those of a table of proxies.
pub(super) fn is_header(names: &[String]) -> bool {
    let has = |known: &[&str]| names.iter().any(|name| known.iter().any(|known| same(known, name)));
    has(LINKS) && names.len() > 1 || has(HOSTS) && has(PORTS) || has(&["ip:port"])
}
