//! The JSON of sing-box: its `outbounds` and `endpoints`. Read in every schema from its first version to
//! 1.14, written in that of 1.12 and 1.13.
//!
//! Specification: <https://sing-box.sagernet.org/configuration/>
//!
//! # Differences between programs
//!
//! - Lists have comments (`//profile-title`, `#`), commas too many, several configurations one after the
//!   other, a bare list of outbounds, one outbound alone, or a text that is cut off.
//! - `WireGuard` is an outbound (`local_address`, `peer_public_key`) up to 1.10 and an endpoint (`address`,
//!   `peers`) since. A proxy is one peer; where a peer must name its networks and the proxy names none,
//!   `::/0` stands before `0.0.0.0/0`, which is otherwise written the other way round.
//! - A `shadowtls` outbound that a Shadowsocks outbound goes through is one proxy with the plugin
//!   `shadow-tls`, as mihomo has it, and is written as two again.
//! - Xray asks for early data with `?ed=2048` in the path, and sends it in `Sec-WebSocket-Protocol`. Here
//!   it is `max_early_data` with that header, and a path that sing-box sends as it is; what has exactly that
//!   header is read with `?ed=` in the path, so that each link of it works in Xray's programs too.
//! - Without TLS, `http` is the HTTP header of plain TCP; with TLS it is HTTP/2.
//! - An empty `packet_encoding` says that there is none; any other empty text says nothing.
//! - `certificate_public_key_sha256` is the hash of a key, not of a certificate as in links: it is kept
//!   under its own name.
//! - `flow` is `xtls-rprx-vision` also where Xray's `-udp443` asks for it, gRPC is always Xray's `gun`, and
//!   Hysteria 1 needs its speeds: 100 Mbit/s where nobody says.
//! - A program of 2025 wrote links with the parameter `type` for the type of the outbound: see [`query`].
//!
//! # Incomplete support
//!
//! - What this version of sing-box does not know is read and kept, but not written, since it would refuse
//!   the whole file. `domain_strategy` and `domain_resolver` are of that kind: they name what is no part of
//!   a list of proxies.
//! - naive and `certificate_public_key_sha256` need 1.13; all else is written as 1.12 has it too.
//! - Hysteria 2 in a realm, its obfuscation `gecko` and Snell, which came with 1.14, are read only.

mod configuration;
mod fits;
mod outbound;
mod query;
mod stream;

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::kept::Ways;
use super::tree::Tree;
use super::{Format, Places, Reader, Reading, Shape, Writer, is_json, jsonc};
use crate::Proxy;
use crate::link::Reason;
pub(super) use stream::cut_early_data;

/// The format.
pub(super) struct SingBox;

/// The name under which is kept what nobody understood.
const NAME: &str = "singbox";

/// The lists of a configuration that hold proxies.
const LISTS: &[&str] = &["outbounds", "endpoints"];

/// What an object has that is a configuration without proxies.
const SECTIONS: &[&str] = &["outbounds", "endpoints", "inbounds", "log", "dns", "route", "experimental"];

impl Format for SingBox {
    fn name(&self) -> &'static str {
        NAME
    }

    fn specification(&self) -> &'static str {
        "https://sing-box.sagernet.org/configuration/"
    }

    fn example(&self) -> &'static str {
        "{\"outbounds\": [{\"type\": \"socks\", \"tag\": \"Berlin\", \"server\": \"192.0.2.1\", \"server_port\": 1080}]}"
    }
}

impl Reader for SingBox {
    fn detect(&self, text: &str) -> bool {
        let has = |name: &str| text.contains(name);
        let has_list = has("\"outbounds\"") || has("\"endpoints\"");
        let is_xray = has("\"settings\"") || has("\"streamSettings\"") || has("\"vnext\"");
        is_json(text) && has("\"type\"") && (has("\"server_port\"") || has_list && !is_xray)
    }

    fn read(&self, text: &str, reading: &mut Reading) {
        let plain = jsonc::plain(text);
        let mut places = Places::of(text);
        let groups = groups(&plain);
        if groups.is_empty() {
            reading.refuse(Reason::Malformed("no JSON: expected an object with outbounds"));
        }
        for entries in groups {
            let wrappers = Wrappers::of(&entries);
            for (at, entry) in entries {
                let place = places.at(at);
                for read in read_entry(entry, &wrappers) {
                    reading.take(place, read);
                }
            }
        }
    }
}

impl Writer for SingBox {
    fn reader(&self) -> &'static dyn Reader {
        &SingBox
    }

    fn fits(&self, proxy: &Proxy) -> Result<(), &'static str> {
        fits::fits(proxy)
    }

    fn has_configuration(&self) -> bool {
        true
    }

    fn write(&self, proxies: &[Proxy], shape: Shape) -> String {
        let written = Written::of(proxies);
        let value = match shape {
            Shape::List => written.list(),
            Shape::Configuration => configuration::write(proxies, written),
        };
        format!("{value:#}\n")
    }
}

/// The entries that belong together, those of one configuration, with the bytes at which they start.
fn groups(text: &str) -> Vec<Vec<(usize, &str)>> {
    let (mut groups, mut bare) = (Vec::new(), Vec::new());
    let values = jsonc::values(text).into_iter().flat_map(|(at, value)| {
        if value.starts_with('[') { within(at, value, &[""]) } else { vec![(at, value)] }
    });
    for (at, value) in values {
        let entries = within(at, value, LISTS);
        if entries.iter().any(|(_, entry)| entry.starts_with('{')) {
            groups.push(std::mem::take(&mut bare));
            groups.push(entries);
        } else {
            bare.push((at, value));
        }
    }
    groups.push(bare);
    groups.retain(|group| !group.is_empty());
    groups
}

/// The entries of the lists within a value that starts at a byte.
fn within<'a>(start: usize, value: &'a str, names: &[&str]) -> Vec<(usize, &'a str)> {
    jsonc::entries(value, names).into_iter().map(|(at, entry)| (start + at, entry)).collect()
}

/// Reads an entry: one proxy, one for each peer of `WireGuard`, or none by design.
fn read_entry(entry: &str, wrappers: &Wrappers) -> Vec<Result<Proxy, Reason>> {
    let tree = match jsonc::value(entry).map(Tree::of) {
        Ok(Some(tree)) => tree,
        Ok(None) => return vec![Err(Reason::Malformed("no object: expected an outbound with a type"))],
        Err(reason) => return vec![Err(reason)],
    };
    outbound::read(tree, wrappers)
}

/// Bytes of an outbound of such a pair. Each Shadowsocks proxy has a copy of its `shadowtls`.
const LONGEST_WRAPPED: usize = 4096;

/// The `shadowtls` outbounds of a configuration by their tags.
#[derive(Default)]
struct Wrappers {
    wrappers: HashMap<String, Tree>,
    /// Those that a Shadowsocks outbound goes through: they are no proxies of their own.
    used: HashSet<String>,
}

impl Wrappers {
    /// Finds them; most configurations have none, and are not read twice.
    fn of(entries: &[(usize, &str)]) -> Self {
        let read = |words: &'static [&'static str]| {
            let entries = entries.iter().filter(move |(_, entry)| {
                entry.len() <= LONGEST_WRAPPED && words.iter().all(|word| entry.contains(word))
            });
            entries.filter_map(|(_, entry)| Tree::of(jsonc::value(entry).ok()?))
        };
        let mut found = Self::default();
        for mut tree in read(&["\"shadowtls\""]).filter(|tree| tree.clone().take(&["type"]) == "shadowtls") {
            found.wrappers.insert(tree.take_as_is(&["tag"]).to_string(), tree);
        }
        if !found.wrappers.is_empty() {
            let users = read(&["\"shadowsocks\"", "\"detour\""]);
            let users = users.filter(|tree| tree.clone().take(&["type"]) == "shadowsocks");
            found.used = users.filter_map(|tree| found.of_outbound(&tree)).map(|(tag, _)| tag).collect();
        }
        found
    }

    /// The wrapper that a Shadowsocks outbound goes through, and its tag.
    fn of_outbound(&self, outbound: &Tree) -> Option<(String, Tree)> {
        let mut outbound = outbound.clone();
        let tag = outbound.take_as_is(&["detour"]).to_string();
        let wrapper = self.wrappers.get(&tag).filter(|_| outbound.take(&["plugin"]).is_empty())?;
        Some((tag, wrapper.clone()))
    }
}

/// What was written: outbounds and endpoints apart.
#[derive(Default)]
struct Written {
    outbounds: Vec<Value>,
    endpoints: Vec<Value>,
}

impl Written {
    fn of(proxies: &[Proxy]) -> Self {
        let mut tags = Ways::of(proxies, "singbox:detour");
        let mut written = Self::default();
        for proxy in proxies {
            let is_endpoint = proxy.protocol == crate::Protocol::WireGuard;
            let list = if is_endpoint { &mut written.endpoints } else { &mut written.outbounds };
            let mut tree = outbound::write(proxy, tags.reaches(&proxy.name));
            let wrapper = outbound::wrapper(proxy).map(|mut wrapper| {
                let tag = free(&format!("{} shadow-tls", proxy.name), |tag| tags.has(tag));
                tree.put("detour", tag.as_str());
                wrapper.put("tag", tag.as_str());
                tags.add(tag);
                wrapper.value()
            });
            list.push(tree.value());
            list.extend(wrapper);
        }
        written
    }

    /// The document with nothing else in it.
    fn list(self) -> Value {
        if self.endpoints.is_empty() {
            json!({ "outbounds": self.outbounds })
        } else {
            json!({ "outbounds": self.outbounds, "endpoints": self.endpoints })
        }
    }
}

/// A tag that nobody has: this one, or with a number behind it.
fn free(tag: &str, is_taken: impl Fn(&str) -> bool) -> String {
    super::groups::free(tag, |count| format!(" {}", count + 1), is_taken)
}

#[cfg(test)]
mod tests {
    use super::super::{Lost, read, write};
    use super::*;

    /// A document written again in a shape, as JSON, and what was lost.
    fn again(document: &str, shape: Shape) -> (Value, Vec<Lost>) {
        let written = write(NAME, &read(document.as_bytes()).proxies, shape).unwrap();
        let lost = written.losses.into_iter().map(|loss| loss.lost).collect();
        (serde_json::from_str(&written.text).unwrap(), lost)
    }

    fn socks(name: &str, rest: &str) -> String {
        format!(r#"{{"type": "socks", "tag": "{name}", "server": "192.0.2.1", "server_port": 1080{rest}}}"#)
    }

    #[test]
    fn what_sing_box_does_not_know_is_kept_but_not_written() {
        let entry = socks("a", r#", "note": "x", "domain_resolver": "local", "reuse_addr": true"#);
        let (written, lost) = again(&entry, Shape::List);
        let fields = written["outbounds"][0].as_object().unwrap();
        assert_eq!(fields.keys().collect::<Vec<_>>(), ["reuse_addr", "server", "server_port", "tag", "type"]);
        assert_eq!(lost.len(), 2, "{lost:?}");
    }

    #[test]
    fn what_is_kept_says_nothing_that_is_known() {
        let kept = "tls.insecure=true&singbox%3Atls.reality.enabled=true&singbox%3Aserver=evil.example\
            &singbox%3Anetwork=tcp&singbox%3Adetour=direct&singbox%3Atls.min_version=%221.3%22";
        let link = format!("trojan://a@192.0.2.1:443?singbox%3A{kept}#a");
        let written = write(NAME, &[crate::link::parse(&link).unwrap().of_document()], Shape::List).unwrap();
        let written: Value = serde_json::from_str(&written.text).unwrap();
        let expected = json!({ "type": "trojan", "tag": "a", "server": "192.0.2.1", "server_port": 443,
            "password": "a", "tls": { "enabled": true, "min_version": "1.3" } });
        assert_eq!(written["outbounds"][0], expected);
    }

    #[test]
    fn a_way_through_others_is_written_where_it_ends() {
        let on = |name, next: &str| socks(name, &format!(r#", "detour": "{next}""#));
        let list = [on("a", "b"), socks("b", ""), on("c", "d"), on("d", "c"), on("e", "gone")].join(",");
        let (written, _) = again(&format!("[{list}]"), Shape::List);
        let detours: Vec<_> = (0..5).map(|at| written["outbounds"][at].get("detour").cloned()).collect();
        assert_eq!(detours, [Some("b".into()), None, None, None, None]);
    }

    #[test]
    fn no_two_tags_of_a_configuration_are_the_same() {
        let names = ["proxy", "auto", "direct", "🇩🇪 Germany", "🇩🇪 2", "none"];
        let list = names.map(|name| socks(name, "")).join(",");
        let (written, _) = again(&format!("[{list}]"), Shape::Configuration);
        let outbounds = written["outbounds"].as_array().unwrap();
        let tags: HashSet<_> = outbounds.iter().map(|outbound| outbound["tag"].as_str().unwrap()).collect();
        assert_eq!((tags.len(), outbounds.len()), (10, 10));
        assert_eq!(outbounds[2]["outbounds"], json!(["🇩🇪 Germany", "🇩🇪 2"]));
        assert_eq!(written["route"]["final"], outbounds[0]["tag"]);
    }

    #[test]
    fn endpoints_and_outbounds_keep_their_order_among_each_other() {
        let key = "bmXOCaF1FxEMF9dyiK2H5a1SUtzH0JuVo51h2wPfgyo=";
        let wireguard = format!(
            r#"{{"type": "wireguard", "tag": "w", "server": "192.0.2.1", "server_port": 1, "local_address": "10.0.0.2",
            "private_key": "{key}", "peer_public_key": "{key}"}}"#
        );
        let (_, lost) = again(&format!("[{wireguard}, {}]", socks("s", "")), Shape::List);
        assert_eq!(lost, [Lost::Field("local_address".to_owned())]);
    }

    #[test]
    fn only_what_has_outbounds_of_its_own_kind_is_detected() {
        let xray = r#"{"outbounds": [{"protocol": "vless", "settings": {}}], "routing": {"type": "field"}}"#;
        let sip008 = r#"{"servers": [{"server": "192.0.2.1", "server_port": 8388}]}"#;
        for other in [xray, sip008, "# text\nsocks5://192.0.2.1:1080#\"server_port\" \"type\""] {
            assert!(!SingBox.detect(other), "{other}");
        }
        assert!(SingBox.detect(&format!("// text\n/* more */ # and more\n{}", socks("a", ""))));
    }

    fn of_link(link: &str) -> Value {
        let written = write(NAME, &[crate::link::parse(link).unwrap()], Shape::List).unwrap();
        serde_json::from_str(&written.text).unwrap()
    }

    #[test]
    fn tls_without_a_name_asks_for_the_host_of_its_transport() {
        let written = of_link("trojan://p@192.0.2.1:443?type=ws&host=a.example");
        assert_eq!(written["outbounds"][0]["tls"]["server_name"], "a.example");
        let written = of_link("trojan://p@192.0.2.1:443?type=ws&host=a.example&sni=b.example");
        assert_eq!(written["outbounds"][0]["tls"]["server_name"], "b.example");
    }

    #[test]
    fn vision_is_over_plain_tcp_only() {
        let link =
            "vless://b831381d-6324-4d53-ad4f-8cda48b30811@192.0.2.1:443?security=tls&flow=xtls-rprx-vision";
        assert!(of_link(link)["outbounds"][0].is_object());
        assert_eq!(of_link(&format!("{link}&type=ws")), json!({ "outbounds": [] }));
    }

    #[test]
    fn a_configuration_of_nobody_lets_nothing_through() {
        let written = write(NAME, &[], Shape::Configuration).unwrap();
        let written: Value = serde_json::from_str(&written.text).unwrap();
        assert_eq!(written["route"]["rules"], json!([{ "action": "reject" }]));
    }
}
