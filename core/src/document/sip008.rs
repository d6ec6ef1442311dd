//! SIP008, what a Shadowsocks provider delivers online: `{"version": 1, "servers": […]}`. A bare list
//! of such servers and the configuration of one client, `{"server": …, "server_port": …}`, read too.
//!
//! Specification: <https://shadowsocks.org/doc/sip008.html>
//!
//! # Differences between programs
//!
//! - `server` of a client's configuration may be a list: as many proxies.
//! - shadowsocks-rust says `address` and `port`.
//! - An object with `protocol` and `obfs` is a `ShadowsocksR` client's.
//!
//! # Incomplete support
//!
//! Servers are written without an `id` unless they were read with one.

use serde_json::{Value, json};

use super::{Format, Places, Reader, Reading, Shape, Writer, is_json, jsonc, shadowsocks};
use crate::Proxy;
use crate::proxy::{Protocol, Transport};

const NAME: &str = "sip008";

pub(super) struct Sip008;

impl Format for Sip008 {
    fn name(&self) -> &'static str {
        NAME
    }

    fn specification(&self) -> &'static str {
        "https://shadowsocks.org/doc/sip008.html"
    }

    fn example(&self) -> &'static str {
        r#"{"version": 1, "servers": [{"id": "27b8a625-4f4b-4428-9f0f-8a2317db7c79", "remarks": "Berlin", "server": "192.0.2.1", "server_port": 8388, "password": "secret", "method": "aes-256-gcm"}]}"#
    }
}

impl Reader for Sip008 {
    /// sing-box has the same names, and says a `type` besides.
    fn detect(&self, text: &str) -> bool {
        let has = |name: &str| text.contains(&format!("\"{name}\""));
        is_json(text) && has("server_port") && has("method") && !has("type") && !has("outbounds")
    }

    fn read(&self, text: &str, reading: &mut Reading) {
        let (used, left) = (count(text, "bytes_used"), count(text, "bytes_remaining"));
        reading.facts.hear_bytes(used, left);
        read_list(text, &["servers"], reading, |value| shadowsocks::read(value, NAME));
    }
}

/// A number of bytes that the document tells of itself, beside its servers.
fn count(text: &str, name: &str) -> Option<u64> {
    let (_, rest) = text.split_once(&format!("\"{name}\""))?;
    let digits = rest.trim_start().strip_prefix(':')?.trim_start();
    let end = digits.find(|char: char| !char.is_ascii_digit()).unwrap_or(digits.len());
    digits.get(..end)?.parse().ok()
}

/// Reads the entries of a list that stands under one of these names, or is the whole text; where there
/// is none, the objects that the text is.
pub(super) fn read_list(
    text: &str,
    names: &[&str],
    reading: &mut Reading,
    read: impl Fn(Value) -> Vec<Result<Proxy, crate::link::Reason>>,
) {
    let plain = jsonc::plain(text);
    let mut entries = jsonc::entries(&plain, names);
    if entries.is_empty() {
        entries = jsonc::entries(&plain, &[""]);
    }
    if entries.is_empty() {
        entries = jsonc::values(&plain);
    }
    let mut places = Places::of(text);
    for (byte, entry) in entries {
        let place = places.at(byte);
        let proxies = jsonc::value(entry).map_or_else(|reason| vec![Err(reason)], &read);
        for proxy in proxies {
            reading.take(place, proxy);
        }
    }
}

impl Writer for Sip008 {
    fn reader(&self) -> &'static dyn Reader {
        &Sip008
    }

    fn fits(&self, proxy: &Proxy) -> Result<(), &'static str> {
        if proxy.protocol != Protocol::Shadowsocks {
            Err("SIP008 holds Shadowsocks only")
        } else if proxy.tls.is_some() || proxy.transport != Transport::default() {
            Err("SIP008 has neither transport nor TLS")
        } else {
            Ok(())
        }
    }

    fn has_unique_names(&self) -> bool {
        false
    }

    fn write(&self, proxies: &[Proxy], _shape: Shape) -> String {
        let servers: Vec<_> = proxies.iter().map(|proxy| shadowsocks::write(proxy, NAME).value()).collect();
        format!("{:#}\n", json!({ "version": 1, "servers": servers }))
    }
}
