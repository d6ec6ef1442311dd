//! What calls itself an entry and is none: the parameters of a share link as an object, and objects of
//! JSON5 on a line.

use serde_json::{Map, Value};

use super::super::tree::text;
use crate::link;

/// The types that are networks, or headers of them, or nothing: `ConfigStream`'s first exporter wrote
/// the `type` of the link.
const NETWORKS: &[&str] =
    &["tcp", "raw", "ws", "grpc", "xhttp", "httpupgrade", "h2", "kcp", "quic", "none", "auto", "---"];

/// The link whose parameters an object holds, if that is what it is.
pub(super) fn link(value: &Value) -> Option<String> {
    let map = value.as_object()?;
    let kind = one(map, "type");
    let is_link = NETWORKS.contains(&kind.as_str()) || kind == "hysteria2" && !map.contains_key("password");
    if !is_link || map.contains_key("network") || one(map, "uuid").is_empty() {
        return None;
    }
    if map.contains_key("net") {
        return Some(vmess(map));
    }
    let scheme = if kind == "hysteria2" { "hysteria2" } else { scheme(map) };
    let params = map.keys().filter(|name| !["uuid", "server", "port", "name"].contains(&name.as_str()));
    let params = params.filter(|name| kind != "hysteria2" || *name != "type");
    let query: Vec<_> =
        params.map(|name| format!("{}={}", link::encode(name), link::encode(&one(map, name)))).collect();
    let [user, host, port, name] = ["uuid", "server", "port", "name"].map(|name| one(map, name));
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    let (user, name, query) = (link::encode(&user), link::encode(&name), query.join("&"));
    Some(format!("{scheme}://{user}@{host}:{port}?{query}#{name}"))
}

/// VLESS says its encryption. Of those that do not, Trojan's parameters were written as lists.
fn scheme(map: &Map<String, Value>) -> &'static str {
    let is_vless = map.contains_key("encryption") || !map.values().any(Value::is_array);
    if is_vless { "vless" } else { "trojan" }
}

/// The link of an object that has the members of a `VMess` link, and some of them by other names too.
fn vmess(map: &Map<String, Value>) -> String {
    let mut members = map.clone();
    for (own, other) in [("add", "server"), ("id", "uuid"), ("ps", "name"), ("scy", "security")] {
        if let Some(value) = members.remove(other) {
            members.entry(own).or_insert(value);
        }
    }
    // The exporter took what the link says of the header for a type.
    if members.get("type").is_some_and(|kind| ["auto", "---"].contains(&text(kind).as_str())) {
        members.remove("type");
    }
    format!("vmess://{}", link::base64::encode(&Value::Object(members).to_string()))
}

/// A text, or the texts of a list put together with commas.
fn one(map: &Map<String, Value>, name: &str) -> String {
    match map.get(name) {
        Some(Value::Array(items)) => items.iter().map(text).collect::<Vec<_>>().join(","),
        Some(value) => text(value),
        None => String::new(),
    }
}

/// JSON5 as YAML wants it: with a blank behind the colon of each name that has no quotes.
pub(super) fn spaced(object: &str) -> String {
    let mut spaced = String::with_capacity(object.len() + 16);
    let (mut quote, mut escaped, mut in_name) = (None, false, false);
    for char in object.chars() {
        spaced.push(char);
        match (quote, char) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if open == char => quote = None,
            (None, '"' | '\'') => quote = Some(char),
            (None, '{' | ',') => in_name = true,
            (None, ':') if in_name => {
                spaced.push(' ');
                in_name = false;
            }
            (None, char) if in_name => in_name = char.is_alphanumeric() || matches!(char, '-' | '_' | ' '),
            _ => {}
        }
    }
    spaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_without_quotes_get_a_blank_behind_their_colon_and_values_do_not() {
        assert_eq!(spaced("{type:'a:b,c:d',x:2001:db8::1}"), "{type: 'a:b,c:d',x: 2001:db8::1}");
    }
}
