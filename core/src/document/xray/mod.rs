//! The configuration of Xray and `V2Ray`: an object with `outbounds`, a list of such objects, each with
//! its `remarks`, as v2rayNG and panels send it, or outbounds alone.
//!
//! Specification: <https://xtls.github.io/config/>
//!
//! # Differences between programs
//!
//! - Servers and users stand in lists (`vnext`, `servers`, `users`), or, in Xray since 2025, flat in
//!   `settings`. `V2Ray` knows the lists only: those are written. A list of several is several proxies.
//! - `raw` is `tcp`, `splithttp` is `xhttp`, `gun` is `grpc`, `method` is `network`; REALITY's key is
//!   `publicKey` or `password`; the host of WebSocket is `host` or a header. What `V2Ray` 4 and Xray 26
//!   both understand is written.
//! - Xray 26 leaves no certificate unchecked (`allowInsecure`), and one such outbound costs the whole
//!   file: it is not written, and named as a loss. It has no HTTP/2 and no QUIC any more either.
//! - `outbound` and `outboundDetour` are `V2Ray`'s before version 4.
//! - A proxy that dials through a `freedom` outbound with a `fragment` has the fragment itself.
//!
//! # Incomplete support
//!
//! - Rules, balancers, name servers and inbounds are not read; `maxSplit` of a fragment neither.
//! - Xray 26 reads header and seed of mKCP, which older ones need, but does not use them.

mod configuration;
mod outbound;
mod stream;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Format, Places, Reader, Reading, Shape, Writer, is_json, jsonc, tree};
use crate::Proxy;
use crate::link::Reason;
pub(super) use stream::tls_name;

/// The name under which the rest of an outbound is kept.
const NAME: &str = "xray";

pub(super) struct Xray;

impl Format for Xray {
    fn name(&self) -> &'static str {
        NAME
    }

    fn specification(&self) -> &'static str {
        "https://xtls.github.io/config/"
    }

    fn example(&self) -> &'static str {
        r#"{"outbounds": [{"tag": "Berlin", "protocol": "socks", "settings": {"servers": [{"address": "192.0.2.1", "port": 1080}]}}]}"#
    }
}

impl Reader for Xray {
    fn detect(&self, text: &str) -> bool {
        is_json(text)
            && text.contains("\"protocol\"")
            && ["\"settings\"", "\"streamSettings\""].iter().any(|name| text.contains(name))
    }

    fn read(&self, text: &str, reading: &mut Reading) {
        let mut places = Places::of(text);
        let configs = configs(&jsonc::plain(text));
        if configs.is_empty() {
            reading.refuse(Reason::Malformed("no outbounds: expected an object with a list of outbounds"));
        }
        for config in configs {
            config.read(&mut places, reading);
        }
    }
}

impl Writer for Xray {
    fn reader(&self) -> &'static dyn Reader {
        &Xray
    }

    fn fits(&self, proxy: &Proxy) -> Result<(), &'static str> {
        outbound::fits(proxy)
    }

    fn has_configuration(&self) -> bool {
        true
    }

    fn write(&self, proxies: &[Proxy], shape: Shape) -> String {
        let config = match shape {
            Shape::List => json!({ "outbounds": outbound::write(proxies, &configuration::mark(proxies)) }),
            Shape::Configuration => configuration::write(proxies),
        };
        format!("{config:#}\n")
    }
}

/// One configuration: its name and its outbounds with the bytes at which they stand.
#[derive(Default)]
struct Config {
    remarks: String,
    outbounds: Vec<(usize, Result<Value, Reason>)>,
}

/// What a configuration has besides its lists of outbounds.
#[derive(Default, Deserialize)]
struct Head {
    #[serde(default)]
    remarks: Value,
    #[serde(default)]
    outbound: Value,
}

/// The names of the lists of outbounds.
const LISTS: &[&str] = &["outbounds", "outboundDetour"];

/// The configurations of a document. Outbounds that stand alone beside each other are one.
fn configs(text: &str) -> Vec<Config> {
    let mut configs = Vec::new();
    let mut alone = Config::default();
    for (byte, one) in values(text) {
        let head: Head = serde_json::from_str(one).unwrap_or_default();
        let lists = jsonc::entries(one, LISTS);
        if lists.is_empty() && head.outbound.is_null() {
            alone.outbounds.push((byte, jsonc::value(one)));
            continue;
        }
        configs.extend(alone.take());
        let first = Some(head.outbound).filter(Value::is_object).map(|value| (byte, Ok(value)));
        let listed = lists.into_iter().map(|(at, entry)| (byte + at, jsonc::value(entry)));
        let outbounds = first.into_iter().chain(listed).collect();
        configs.push(Config { remarks: tree::text(&head.remarks), outbounds });
    }
    configs.extend(alone.take());
    configs
}

/// The values of a document, one after the other or in a list.
fn values(text: &str) -> Vec<(usize, &str)> {
    let of_list = |(byte, value): (usize, _)| {
        jsonc::entries(value, &[""]).into_iter().map(move |(at, entry)| (byte + at, entry))
    };
    let values = jsonc::values(text).into_iter();
    let is_list = |value: &str| value.starts_with('[');
    values.flat_map(|value| if is_list(value.1) { of_list(value).collect() } else { vec![value] }).collect()
}

impl Config {
    /// The outbounds so far, if there are any.
    fn take(&mut self) -> Option<Self> {
        Some(std::mem::take(self)).filter(|config| !config.outbounds.is_empty())
    }

    fn read(self, places: &mut Places<'_>, reading: &mut Reading) {
        let values = self.outbounds.iter().filter_map(|(_, value)| value.as_ref().ok());
        let dialers = outbound::Dialers::of(values);
        let before = reading.proxies.len();
        for (byte, value) in self.outbounds {
            let place = places.at(byte);
            let proxies =
                value.map_or_else(|reason| vec![Err(reason)], |value| outbound::read(value, &dialers));
            for read in proxies {
                reading.take(place, read);
            }
        }
        name(reading.proxies.get_mut(before..).unwrap_or_default(), self.remarks.trim());
    }
}

/// Names the proxies of a configuration after it; of several each has its own name besides.
fn name(proxies: &mut [Proxy], remarks: &str) {
    match proxies {
        _ if remarks.is_empty() => {}
        [proxy] => proxy.name = remarks.into(),
        proxies => {
            for proxy in proxies {
                proxy.name = format!("{remarks} {}", proxy.name).trim_end().into();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Lost, write};
    use crate::link;

    fn written(link: &str, shape: Shape) -> (Value, Vec<Lost>) {
        let written = write(NAME, &[link::parse(link).unwrap().of_document()], shape).unwrap();
        let losses = written.losses.into_iter().map(|loss| loss.lost).collect();
        (serde_json::from_str(&written.text).unwrap_or_default(), losses)
    }

    #[test]
    fn what_is_kept_says_nothing_that_is_known() {
        let kept = "streamSettings.tlsSettings.allowInsecure=true&xray%3AproxySettings.tag=direct\
            &xray%3Asettings.address=evil.example&xray%3Aprotocol=freedom&xray%3AstreamSettings.method=ws\
            &xray%3Atag=z&xray%3Amux.enabled=true";
        let (config, _) = written(&format!("trojan://a@192.0.2.1:443?xray%3A{kept}#a"), Shape::List);
        let (mut plain, _) = written("trojan://a@192.0.2.1:443#a", Shape::List);
        plain["outbounds"][0]["mux"] = json!({ "enabled": true });
        assert_eq!(config, plain);
    }

    #[test]
    fn a_configuration_of_nobody_lets_nothing_through() {
        let written = write(NAME, &[], Shape::Configuration).unwrap();
        let config: Value = serde_json::from_str(&written.text).unwrap();
        assert_eq!(config["outbounds"][0], json!({ "tag": "block", "protocol": "blackhole" }));
        let balancer = &config["routing"]["balancers"][0];
        assert_eq!((&balancer["fallbackTag"], &balancer["selector"]), (&json!("block"), &json!(["block"])));
    }

    #[test]
    fn what_xray_does_not_take_is_not_written() {
        let (config, _) = written("hysteria2://p@192.0.2.1:443?mport=10s&up=10s#a", Shape::List);
        assert!(!config.to_string().contains("10s"), "{config}");
        let link = "vless://b831381d-6324-4d53-ad4f-8cda48b30811@192.0.2.1:443?security=tls&type=ws";
        let (config, _) = written(&format!("{link}&early_data=10s&host=a.example"), Shape::List);
        let stream = &config["outbounds"][0]["streamSettings"];
        assert_eq!(stream["tlsSettings"]["serverName"], "a.example");
        assert!(!config.to_string().contains("10s"), "{config}");
        let (_, losses) = written(&format!("{link}&flow=xtls-rprx-vision"), Shape::List);
        assert!(matches!(losses.as_slice(), [Lost::Proxy(_)]), "{losses:?}");
    }

    #[test]
    fn a_certificate_that_is_not_checked_is_a_loss() {
        let (config, losses) = written("trojan://a@192.0.2.1:443?allowInsecure=1#a", Shape::List);
        assert_eq!(losses, [Lost::Field("insecure".into())]);
        assert!(!config.to_string().contains("allowInsecure"));
    }

    #[test]
    fn what_would_cost_the_whole_file_does_not_fit() {
        for link in [
            "vless://b831381d-6324-4d53-ad4f-8cda48b30811@example.com:80?type=ws",
            "trojan://a@203.0.114.1:80?security=none",
            "vless://b831381d-6324-4d53-ad4f-8cda48b30811@192.0.2.1:443?security=reality&pbk=short",
            "vless://b831381d-6324-4d53-ad4f-8cda48b30811@192.0.2.1:443?security=tls&flow=xtls-rprx-direct",
            "ss://YWVzLTI1Ni1jZmI6YQ@192.0.2.1:443",
            "ss://2022-blake3-aes-128-gcm:c2hvcnQ%3D@192.0.2.1:443",
            "vmess://b831381d-6324-4d53-ad4f-8cda48b30811@192.0.2.1:443?type=http",
            "tuic://b831381d-6324-4d53-ad4f-8cda48b30811:a@192.0.2.1:443",
        ] {
            let (_, losses) = written(link, Shape::List);
            assert!(matches!(losses.as_slice(), [Lost::Proxy(_)]), "{link}: {losses:?}");
        }
    }

    #[test]
    fn advertisements_and_unknown_browsers_are_losses_and_no_more() {
        let link = "vless://b831381d-6324-4d53-ad4f-8cda48b30811@192.0.2.1:443?security=tls&fp=nobody&encryption=x#a";
        let (config, losses) = written(link, Shape::List);
        assert_eq!(losses, ["encryption", "fp"].map(|field| Lost::Field(field.into())));
        assert_eq!(config["outbounds"][0]["settings"]["vnext"][0]["users"][0]["encryption"], "none");
    }

    #[test]
    fn a_fragment_is_an_outbound_to_dial_through_in_whatever_order_it_is_said() {
        let link = "trojan://a@192.0.2.1:443?fragment=";
        for said in ["1,40-60,30-50,tlshello", "40-60,30-50,tlshello", "tlshello,40-60,30-50"] {
            let (config, _) = written(&format!("{link}{said}#a"), Shape::List);
            let dialer = &config["outbounds"][1];
            assert_eq!(config["outbounds"][0]["streamSettings"]["sockopt"]["dialerProxy"], dialer["tag"]);
            let fragment = json!({ "packets": "tlshello", "length": "40-60", "interval": "30-50" });
            assert_eq!(dialer["settings"]["fragment"], fragment);
        }
        let (config, losses) = written(&format!("{link}nonsense#a"), Shape::List);
        assert_eq!(config["outbounds"].as_array().map(Vec::len), Some(1));
        assert_eq!(losses, [Lost::Field("fragment".into())]);
    }

    #[test]
    fn no_balancer_takes_an_outbound_that_is_no_proxy() {
        for name in ["d", "direct", "dns", "~", "f", "%7Edirect"] {
            let link = format!("trojan://a@192.0.2.1:443?fragment=1,2,3,tlshello#{name}");
            let (config, losses) = written(&link, Shape::Configuration);
            assert_eq!(losses, [], "{name}");
            let selector = config["routing"]["balancers"][0]["selector"][0].as_str().unwrap();
            let tags: Vec<_> =
                config["outbounds"].as_array().unwrap().iter().map(|one| &one["tag"]).collect();
            let taken = tags.iter().filter(|tag| tag.as_str().unwrap().starts_with(selector));
            assert_eq!(taken.count(), 1, "{tags:?}");
        }
    }
}
