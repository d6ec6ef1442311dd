//! Outbounds that are a link's parameters in disguise: an aggregator of 2025 put all that it had read of a
//! link into one object, so that the link's `type` took the place of the outbound's, and the user that of
//! `uuid`. They are made the link again that they were.
//!
//! - a network as `type`, with `encryption` or a UUID: VLESS;
//! - the same with lists of one text: Trojan, its password in `uuid`;
//! - `hysteria2` with `uuid`: its password;
//! - `add`, `id` and `net`: the JSON of a `VMess` link.

use serde_json::Value;

use super::super::tree::{Tree, text};
use crate::Proxy;
use crate::link::{self, Reason, encode};
use crate::proxy::Network;

/// What is no parameter of the link.
const OUTSIDE: &[&str] = &["tag", "server", "server_port", "uuid"];

/// Reads such an object; `None` where it is none.
pub(super) fn read(tree: &Tree) -> Option<Result<Proxy, Reason>> {
    let Value::Object(map) = tree.clone().value() else { return None };
    let kind = map.get("type")?;
    let is_listed = kind.is_array();
    let kind = first(kind);
    if ["add", "id", "net", "port"].iter().all(|name| map.contains_key(*name)) {
        let is_header =
            matches!(kind.as_str(), "http" | "srtp" | "utp" | "wechat-video" | "dtls" | "wireguard");
        let mut json = map.clone();
        json.retain(|name, _| !OUTSIDE.contains(&name.as_str()) && (name != "type" || is_header));
        return Some(link::parse(&format!("vmess://{}", Value::Object(json))));
    }
    let user = map.get("uuid").map(first)?;
    let is_network = Network::from_key(&kind).is_some() && kind != "http";
    let scheme = match (kind.as_str(), is_listed) {
        ("hysteria2", false) if map.get("sni").is_some() && !map.contains_key("tls") => "hysteria2",
        (_, true) if is_network => "trojan",
        (_, false) if is_network && (map.contains_key("encryption") || link::is_uuid(&user)) => "vless",
        _ => return None,
    };
    let place = Tree::of(Value::Object(map.clone()))?.take_host(&["server"]);
    let host = match place {
        Ok(host) if host.contains(':') => format!("[{host}]"),
        Ok(host) => host.to_string(),
        Err(reason) => return Some(Err(reason)),
    };
    let port = map.get("server_port").map(first).unwrap_or_default();
    let query = map.iter().filter(|(name, _)| !OUTSIDE.contains(&name.as_str()));
    let query = query.filter(|(name, _)| scheme != "hysteria2" || *name != "type");
    let query: Vec<_> =
        query.map(|(name, value)| format!("{}={}", encode(name), encode(&first(value)))).collect();
    let name = encode(&map.get("tag").map(first).unwrap_or_default());
    Some(link::parse(&format!("{scheme}://{}@{host}:{port}?{}#{name}", encode(&user), query.join("&"))))
}

/// A value as text; of a list of texts the first.
fn first(value: &Value) -> String {
    match value {
        Value::Array(items) => items.first().map(text).unwrap_or_default(),
        value => text(value),
    }
}
