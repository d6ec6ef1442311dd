//! Clash and the programs that took its form over: mihomo (Clash.Meta), Stash, and the files of their
//! providers.
//!
//! ```yaml
//! proxies:
//!   - {name: Berlin, type: ss, server: 192.0.2.1, port: 8388, cipher: aes-128-gcm, password: secret}
//! ```
//!
//! Specification: <https://wiki.metacubex.one/en/config/proxies/>, <https://stash.wiki/en/proxy-protocols/proxy-types>
//!
//! # Differences between programs
//!
//! - The same file may be JSON. Providers call the list `payload`, and files of before 2019 `Proxy`.
//! - WebSocket's path and headers stood in `ws-path` and `ws-headers`.
//! - `fingerprint` is the certificate's, and `client-fingerprint` the imitated browser.
//! - mihomo relays no UDP unless `udp` says so: it is written where the proxy does not say no.
//! - Stash calls bandwidths `up-speed`, Hysteria 2's password `auth`, and pins `server-cert-fingerprint`.
//! - Some exporters write the parameters of a link as they are, with the transport as the type.
//!
//! # Incomplete support
//!
//! - Groups, rules and name servers are not read.
//! - Of XHTTP's settings, those for another way down are not translated.
//! - Types that only mihomo has (sudoku, masque …) are read and written, but not understood.

mod configuration;
mod dialect;
mod loose;
mod plugin;
mod stream;
mod types;

use serde_json::Value;

use super::kept::Ways;
use super::tree::Tree;
use super::yaml::{self, Entry};
use super::{Format, Places, Reader, Reading, Shape, Writer, jsonc, trim};
use crate::link::Reason;
use crate::{Proxy, link};
use dialect::{CLASH, Dialect, MIHOMO, STASH};

/// The format that is read, and what Clash itself can use of it.
pub(super) struct Clash;
/// What mihomo can use of it.
pub(super) struct Mihomo;
/// What Stash can use of it.
pub(super) struct Stash;

/// The name under which the fields are kept that nobody here understands, whoever wrote them.
const FORMAT: &str = "clash";

const EXAMPLE: &str = "proxies:\n  - {name: Berlin, type: ss, server: 192.0.2.1, port: 8388, cipher: aes-128-gcm, password: secret}\n";

/// Where lists of proxies stand.
const LISTS: &[&yaml::Path] =
    &[&[], &["proxies"], &["Proxy"], &["payload"], &["proxy-providers", "*", "payload"]];

/// What stands among proxies and is none.
const NO_PROXIES: &[&str] = &[
    "direct",
    "dns",
    "reject",
    "reject-drop",
    "pass",
    "compatible",
    "relay",
    "select",
    "url-test",
    "fallback",
    "load-balance",
    "rematch",
];

impl Reader for Clash {
    fn detect(&self, text: &str) -> bool {
        let text = trim(text);
        if text.starts_with(['{', '[']) {
            return is_json(text);
        }
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let first = lines.clone().find(|line| *line != "---").unwrap_or_default();
        lines.any(is_list) || is_item(first) && text.lines().all(is_of_list)
    }

    fn read(&self, text: &str, reading: &mut Reading) {
        let entries = from_json(text).unwrap_or_else(|| yaml::entries(text, LISTS));
        for (place, value) in entries {
            if let Some(read) = value.map_or_else(|reason| Some(Err(reason)), read) {
                reading.take(place, read);
            }
        }
        if reading.proxies.is_empty() && reading.rejected.is_empty() {
            reading.refuse(Reason::Empty);
        }
    }
}

/// Whether a line is the name of a list of proxies.
fn is_list(line: &str) -> bool {
    ["proxies:", "Proxy:", "payload:", "proxy-providers:"].iter().any(|name| line.starts_with(name))
}

/// Whether a line starts a list of objects as proxies are.
fn is_item(line: &str) -> bool {
    let Some(item) = line.strip_prefix('-').map(str::trim_start) else { return false };
    let has = |name: &str| item.contains(&format!("{name}:")) || item.contains(&format!("\"{name}\":"));
    if item.starts_with('{') {
        return has("type") && has("server");
    }
    ["name:", "type:", "server:"].iter().any(|name| item.starts_with(name))
}

/// Whether a line may belong to a list that is the whole document, and not to lines of links.
fn is_of_list(line: &str) -> bool {
    line.trim().is_empty() || line.starts_with(['-', ' ', '\t', '#', '.'])
}

fn is_json(text: &str) -> bool {
    let has = |name: &str| text.contains(&format!("\"{name}\""));
    if text.starts_with('{') {
        return (has("proxies") || text.contains("proxies:")) && text.contains("server");
    }
    has("type")
        && has("server")
        && has("port")
        && !text.contains("\"outbounds\"")
        && !text.contains("\"server_port\"")
}

/// The entries of a document that is JSON.
fn from_json(text: &str) -> Option<Vec<Entry>> {
    if !trim(text).starts_with(['{', '[']) {
        return None;
    }
    let plain = jsonc::plain(text);
    let mut places = Places::of(text);
    let found = jsonc::entries(&plain, &["", "proxies", "Proxy", "payload"]).into_iter();
    let entries: Vec<_> = found.map(|(byte, entry)| (places.at(byte), jsonc::value(entry))).collect();
    entries.iter().any(|(_, value)| value.is_ok()).then_some(entries)
}

/// Reads a line that is one proxy, as `{type: ss, …}` with or without a dash before it; `None` where it is
/// something else.
pub(super) fn read_line(line: &str) -> Option<Result<Proxy, Reason>> {
    let object = line.strip_prefix('-').map_or(line, str::trim_start).trim_end_matches(',');
    if !object.starts_with('{') {
        return None;
    }
    let is_proxy = |value: &Value| value.get("type").is_some() && value.get("server").is_some();
    let plain = yaml::value(object).ok().filter(is_proxy);
    let value = plain.or_else(|| yaml::value(&loose::spaced(object)).ok().filter(is_proxy))?;
    read(value)
}

/// Reads one entry; `None` where it is known to be no proxy.
fn read(value: Value) -> Option<Result<Proxy, Reason>> {
    if let Value::String(link) = &value {
        return link.contains("://").then(|| link::parse(link));
    }
    if let Some(link) = loose::link(&value) {
        return Some(link::parse(&link));
    }
    let mut tree = Tree::of(value)?;
    let name = tree.take_list(&["type"]).join(",").to_ascii_lowercase();
    if NO_PROXIES.contains(&name.as_str()) {
        return None;
    }
    if name == "https" {
        tree.put("tls", true);
    }
    Some(match types::named(&name) {
        Some(kind) => kind.read(tree),
        None if name.is_empty() => Err(Reason::Malformed("the type is missing: expected one as ss or vless")),
        None => {
            types::read_other(&name, tree).map_err(|_| Reason::UnknownType(name.chars().take(40).collect()))
        }
    })
}

macro_rules! writers {
    ($($writer:ident $dialect:ident;)+) => { $(
        impl Format for $writer {
            fn name(&self) -> &'static str {
                $dialect.name
            }

            fn specification(&self) -> &'static str {
                $dialect.specification
            }

            fn example(&self) -> &'static str {
                EXAMPLE
            }
        }

        impl Writer for $writer {
            fn reader(&self) -> &'static dyn Reader {
                &Clash
            }

            fn fits(&self, proxy: &Proxy) -> Result<(), &'static str> {
                $dialect.fits(proxy)
            }

            fn name_of(&self, name: &str) -> String {
                dialect::name(name)
            }

            fn has_configuration(&self) -> bool {
                true
            }

            fn write(&self, proxies: &[Proxy], shape: Shape) -> String {
                write(proxies, shape, &$dialect)
            }
        }
    )+ };
}

writers! {
    Clash CLASH;
    Mihomo MIHOMO;
    Stash STASH;
}

/// The members that come first in an entry.
const FIRST: &[&str] = &["name", "type", "server", "port"];

fn write(proxies: &[Proxy], shape: Shape, dialect: &Dialect) -> String {
    let ways = Ways::of(proxies, "clash:dialer-proxy");
    let entry = |proxy: &Proxy| dialect.entry(proxy, ways.reaches(&proxy.name)).value();
    let entries = proxies.iter().map(|proxy| yaml::write(&entry(proxy), FIRST));
    let list = yaml::list("proxies", entries);
    match shape {
        Shape::List => list,
        Shape::Configuration => configuration::write(proxies, &list, dialect),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::write;

    #[test]
    fn what_is_kept_says_nothing_that_the_writer_says_or_the_reader_would_understand() {
        let kept = "type=direct&Type=direct&type_=direct&clash%3Aname=Zzz&Name=a&skip-cert-verify=true\
            &SKIP_cert-verify=false&server_=evil.example&dialer-proxy=DIRECT&dialer_proxy=DIRECT&network=ws\
            &smux.enabled=true";
        let kept: Vec<_> =
            kept.split('&').map(|pair| format!("clash%3A{}", pair.trim_start_matches("clash%3A"))).collect();
        let link = format!("trojan://p@192.0.2.1:443?sni=example.com&{}#a", kept.join("&"));
        let written = write("mihomo", &[link::parse(&link).unwrap().of_document()], Shape::List).unwrap();
        let expected = "proxies:\n  - {name: a, type: trojan, server: \"192.0.2.1\", port: 443, password: p, \
            smux: {enabled: true}, sni: example.com, udp: true}\n";
        assert_eq!(written.text, expected);
    }

    #[test]
    fn a_proxy_goes_through_another_of_the_same_document_only_and_never_in_a_ring() {
        let through = |name: &str, next: &str| {
            let link = format!("trojan://p@192.0.2.1:443?clash%3Adialer-proxy={next}#{name}");
            link::parse(&link).unwrap().of_document()
        };
        let proxies = [("a", "b"), ("b", ""), ("c", "c"), ("d", "gone")];
        let proxies = proxies.map(|(name, next)| match next {
            "" => link::parse(&format!("trojan://p@192.0.2.1:443#{name}")).unwrap(),
            next => through(name, next),
        });
        let written = write("mihomo", &proxies, Shape::List).unwrap();
        assert_eq!(written.text.matches("dialer-proxy: b").count(), 1);
        assert_eq!(written.text.matches("dialer-proxy").count(), 1, "{}", written.text);
    }

    fn entry(format: &str, link: &str) -> String {
        write(format, &[link::parse(link).unwrap()], Shape::List).unwrap().text
    }

    const ID: &str = "b831381d-6324-4d53-ad4f-8cda48b30811";

    #[test]
    fn numbers_ports_and_speeds_that_are_none_are_not_written() {
        let links = [
            format!("tuic://{ID}:p@192.0.2.1:443?heartbeat_interval=10s"),
            "hysteria2://p@192.0.2.1:443?mport=10s&up=10s&hop_interval=10s".to_owned(),
            format!("vless://{ID}@192.0.2.1:443?security=tls&type=ws&early_data=10s"),
        ];
        for link in links {
            let text = entry("mihomo", &link);
            assert!(text.contains("server") && !text.contains("10s"), "{text}");
        }
        let text =
            entry("mihomo", "hysteria2://p@192.0.2.1:443?mport=443,500-600&hop_interval=15-30&up=5%20mbps");
        assert!(text.contains("443,500-600") && text.contains("15-30") && text.contains("5 Mbps"), "{text}");
    }

    #[test]
    fn early_data_in_the_path_is_said_apart_where_the_program_does_not_read_it_there() {
        let link = format!("vmess://{ID}@192.0.2.1:443?type=ws&path=%2Fws%3Fed%3D2048");
        for format in ["clash", "stash"] {
            let text = entry(format, &link);
            assert!(text.contains("max-early-data: 2048") && text.contains("path: \"/ws\""), "{text}");
        }
        assert!(entry("mihomo", &link).contains("path: \"/ws?ed=2048\""));
        let link = format!("vmess://{ID}@192.0.2.1:443?type=httpupgrade&early_data=2048");
        assert!(entry("mihomo", &link).contains("v2ray-http-upgrade-fast-open: true"));
    }

    #[test]
    fn reality_over_websocket_does_not_fit() {
        let key = "QH2BiceQ0npl6g2HGBwRy_DzHfeFlX4yO9fyBW_n7Cw";
        let link = format!("vless://{ID}@192.0.2.1:443?security=reality&pbk={key}&sni=example.com&type=");
        for format in ["mihomo", "stash", "singbox"] {
            assert!(!entry(format, &format!("{link}ws")).contains("192.0.2.1"));
            assert!(entry(format, &format!("{link}grpc")).contains("192.0.2.1"));
        }
    }

    #[test]
    fn a_configuration_of_nobody_lets_nothing_through() {
        let text = write("clash", &[], Shape::Configuration).unwrap().text;
        assert!(text.contains("{name: Proxy, type: select, proxies: [REJECT]}"), "{text}");
        assert!(text.contains("IP-CIDR,100.64.0.0/10,DIRECT,no-resolve"));
    }
}
