//! Lists of proxies as JSON, one object each, in a list or one a line: what projects publish that check
//! HTTP and SOCKS proxies.
//!
//! Specification: <https://github.com/monosans/proxy-list>
//!
//! # Differences between programs
//!
//! - The protocol is `protocol` or `type`, the address `host`, `ip` or `address`.
//! - A list of other protocols has the link besides, as `config`, `link` or `url`: it says all.
//!
//! # Incomplete support
//!
//! What a list knows about a proxy, its country, latency and owner, is not read: it is no part of it.

use serde_json::Value;

use super::tree::{self, Tree};
use super::{Format, Reader, Reading, is_json, sip008};
use crate::link::Reason;
use crate::proxy::{Credentials, Protocol};
use crate::{Proxy, link};

pub(super) struct ProxyList;

const PROTOCOL: &[&str] = &["protocol", "type"];
const HOST: &[&str] = &["host", "ip", "address"];
const LINK: &[&str] = &["config", "link", "url"];
const NAME: &[&str] = &["remarks", "name"];

impl Format for ProxyList {
    fn name(&self) -> &'static str {
        "proxy-list"
    }

    fn specification(&self) -> &'static str {
        "https://github.com/monosans/proxy-list"
    }

    fn example(&self) -> &'static str {
        r#"[{"protocol": "socks5", "username": null, "password": null, "host": "192.0.2.1", "port": 1080}]"#
    }
}

impl Reader for ProxyList {
    /// By its first object. The flat list that is written here has a `fingerprint`.
    fn detect(&self, text: &str) -> bool {
        is_json(text)
            && first(text).is_some_and(|object| {
                let has = |names: &[&str]| names.iter().any(|name| !object[name].is_null());
                has(PROTOCOL) && has(HOST) && has(&["port"]) && !has(&["fingerprint", "server"])
            })
    }

    fn read(&self, text: &str, reading: &mut Reading) {
        sip008::read_list(text, &["proxies", "data"], reading, |value| vec![entry(value)]);
    }
}

/// The first object of a text.
fn first(text: &str) -> Option<Value> {
    let objects = text.match_indices('{').map(|(at, _)| at);
    let mut found = objects.take(2).filter_map(|at| {
        let rest = text.get(at..)?;
        serde_json::Deserializer::from_str(rest).into_iter::<Value>().next()?.ok()
    });
    found.find(|object| !object["port"].is_null())
}

fn entry(mut value: Value) -> Result<Proxy, Reason> {
    tree::prune(&mut value);
    let mut object = Tree::of(value).ok_or(Reason::Malformed("no object with protocol, host and port"))?;
    let name = object.take(NAME);
    let mut proxy = match object.take(LINK) {
        text if text.contains("://") => link::parse(&text)?,
        _ => plain(&mut object)?,
    };
    if !name.is_empty() {
        proxy.name = name;
    }
    Ok(proxy)
}

fn plain(object: &mut Tree) -> Result<Proxy, Reason> {
    let kind = object.take(PROTOCOL).to_ascii_lowercase();
    let protocol = match kind.as_str() {
        "http" => Protocol::Http,
        "https" => Protocol::Https,
        "socks4" | "socks4a" => Protocol::Socks4,
        "socks" | "socks5" | "socks5h" => Protocol::Socks5,
        _ => return Err(Reason::UnknownType(kind.chars().take(40).collect())),
    };
    let mut proxy = Proxy::new(protocol, object.take_host(HOST)?, object.take_port(&["port"])?);
    let (username, password) = (object.take_as_is(&["username"]), object.take_as_is(&["password"]));
    if !username.is_empty() {
        proxy.credentials = Credentials::Login { username, password: password.into() };
    }
    Ok(proxy)
}
