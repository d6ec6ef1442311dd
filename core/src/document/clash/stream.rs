//! How bytes travel: the transport with its `…-opts`, TLS and REALITY.
//!
//! XHTTP's settings have Xray's names in the model and others here: the table is [`EXTRA`].

use serde_json::{Map, Value};

use super::super::tree::{Table, Tree, cut, is_number};
use super::types::Secured;
use crate::link::Reason;
use crate::proxy::{Network, Param, Protocol, Security, Tls};
use crate::{Proxy, Text, link};

const WS: &Table = &[
    (Param::EarlyData, &["ws-opts.max-early-data"]),
    (Param::EarlyDataHeader, &["ws-opts.early-data-header-name"]),
];

const TLS: &Table = &[(Param::VerifyCertName, &["name-cert-verify"])];

/// Takes a text, or a list of them put together with commas.
fn one(tree: &mut Tree, paths: &[&str]) -> Text {
    match tree.take_as_is(paths) {
        text if text.is_empty() => tree.take_list(paths).join(",").into(),
        text => text,
    }
}

/// Takes the transport.
pub(super) fn read(tree: &mut Tree, proxy: &mut Proxy) -> Result<(), Reason> {
    let said = tree.take_list(&["network"]).join(",").to_ascii_lowercase();
    let transport = &mut proxy.transport;
    transport.network = match said.as_str() {
        "http" | "none" => Network::Tcp,
        said => Network::from_key(said).ok_or(Reason::Malformed(
            "the network is none of tcp, ws, http, h2, grpc, xhttp, httpupgrade, kcp and quic",
        ))?,
    };
    match transport.network {
        Network::Tcp if said == "http" => {
            transport.header = "http".into();
            transport.path = one(tree, &["http-opts.path"]);
            transport.host = one(tree, &["http-opts.headers.Host"]);
        }
        Network::Ws | Network::HttpUpgrade => read_ws(tree, proxy),
        Network::H2 => {
            transport.path = one(tree, &["h2-opts.path"]);
            transport.host = one(tree, &["h2-opts.host", "h2-opts.headers.Host"]);
        }
        Network::Grpc => transport.path = one(tree, &["grpc-opts.grpc-service-name"]),
        Network::Xhttp => read_xhttp(tree, proxy),
        Network::Kcp => {
            transport.path = one(tree, &["mkcp-opts.seed"]);
            transport.header = tree.take(&["mkcp-opts.header", "mkcp-opts.header.type"]);
        }
        _ => {}
    }
    Ok(())
}

fn read_ws(tree: &mut Tree, proxy: &mut Proxy) {
    proxy.transport.path = one(tree, &["ws-opts.path", "ws-path"]);
    proxy.transport.host = one(tree, &["ws-opts.headers.Host", "ws-headers.Host"]);
    match tree.take_flag(&["ws-opts.v2ray-http-upgrade"]) {
        Some(true) => proxy.transport.network = Network::HttpUpgrade,
        Some(false) => tree.put("ws-opts.v2ray-http-upgrade", false),
        None => {}
    }
    if proxy.transport.network == Network::Ws {
        tree.give(proxy, WS);
    }
}

fn read_xhttp(tree: &mut Tree, proxy: &mut Proxy) {
    let transport = &mut proxy.transport;
    transport.path = one(tree, &["xhttp-opts.path"]);
    transport.host = one(tree, &["xhttp-opts.host"]);
    transport.mode = tree.take(&["xhttp-opts.mode"]);
    let Some(Value::Object(mut rest)) = tree.take_value(&["xhttp-opts"]) else { return };
    let extra = renamed(&mut rest, EXTRA, |(xray, own)| (own, xray));
    if !extra.is_empty() {
        proxy.set(Param::XhttpExtra, Value::Object(extra).to_string());
    }
    tree.give_back("xhttp-opts", Tree::of(Value::Object(rest)).unwrap_or_default());
}

/// Writes the transport.
pub(super) fn write(proxy: &Proxy, tree: &mut Tree) {
    let transport = &proxy.transport;
    let hosts = cut(&transport.host);
    tree.put_some("network", network(proxy));
    match transport.network {
        Network::Tcp if transport.header.eq_ignore_ascii_case("http") => {
            tree.put_list("http-opts.path", &cut(&transport.path));
            tree.put_list("http-opts.headers.Host", &hosts);
        }
        Network::Ws | Network::HttpUpgrade => {
            tree.put_some("ws-opts.path", &transport.path);
            tree.put_some("ws-opts.headers.Host", &transport.host);
            if transport.network == Network::Ws {
                tree.put_strict(proxy, WS);
            } else {
                tree.put("ws-opts.v2ray-http-upgrade", true);
                // What a link says as bytes of early data is yes or no here.
                let is_early =
                    proxy.param(Param::EarlyData).is_some_and(|bytes| is_number(bytes) && bytes != "0");
                tree.put_yes("ws-opts.v2ray-http-upgrade-fast-open", is_early);
            }
        }
        Network::H2 => {
            tree.put_some("h2-opts.path", &transport.path);
            tree.put_list("h2-opts.host", &hosts);
        }
        Network::Grpc => tree.put_some("grpc-opts.grpc-service-name", &transport.path),
        Network::Xhttp => write_xhttp(proxy, tree),
        Network::Kcp => {
            tree.put_some("mkcp-opts.seed", &transport.path);
            tree.put_some("mkcp-opts.header", &transport.header);
        }
        _ => {}
    }
}

/// The network's name: plain TCP has none, and TCP behind an HTTP header is `http`.
fn network(proxy: &Proxy) -> &'static str {
    match proxy.transport.network {
        Network::Tcp if proxy.transport.header.eq_ignore_ascii_case("http") => "http",
        Network::Tcp => "",
        Network::HttpUpgrade => "ws",
        Network::Kcp => "mkcp",
        network => network.key(),
    }
}

fn write_xhttp(proxy: &Proxy, tree: &mut Tree) {
    let transport = &proxy.transport;
    tree.put_some("xhttp-opts.path", &transport.path);
    tree.put_some("xhttp-opts.host", &transport.host);
    tree.put_some("xhttp-opts.mode", &transport.mode);
    let extra = proxy.param(Param::XhttpExtra).and_then(|extra| serde_json::from_str(extra).ok());
    if let Some(Value::Object(mut extra)) = extra {
        for (name, value) in renamed(&mut extra, EXTRA, |pair| pair) {
            tree.put(&format!("xhttp-opts.{name}"), value);
        }
    }
}

/// Xray's names of XHTTP's settings, and those here.
const EXTRA: &[(&str, &str)] = &[
    ("headers", "headers"),
    ("noGRPCHeader", "no-grpc-header"),
    ("xPaddingBytes", "x-padding-bytes"),
    ("xPaddingObfsMode", "x-padding-obfs-mode"),
    ("xPaddingKey", "x-padding-key"),
    ("xPaddingHeader", "x-padding-header"),
    ("xPaddingPlacement", "x-padding-placement"),
    ("xPaddingMethod", "x-padding-method"),
    ("uplinkHTTPMethod", "uplink-http-method"),
    ("sessionPlacement", "session-placement"),
    ("sessionKey", "session-key"),
    ("seqPlacement", "seq-placement"),
    ("seqKey", "seq-key"),
    ("uplinkDataPlacement", "uplink-data-placement"),
    ("uplinkDataKey", "uplink-data-key"),
    ("uplinkChunkSize", "uplink-chunk-size"),
    ("scMaxEachPostBytes", "sc-max-each-post-bytes"),
    ("scMinPostsIntervalMs", "sc-min-posts-interval-ms"),
    ("xmux", "reuse-settings"),
];

/// The same of the settings by which connections are used again.
const XMUX: &[(&str, &str)] = &[
    ("maxConcurrency", "max-concurrency"),
    ("maxConnections", "max-connections"),
    ("cMaxReuseTimes", "c-max-reuse-times"),
    ("hMaxRequestTimes", "h-max-request-times"),
    ("hMaxReusableSecs", "h-max-reusable-secs"),
    ("hKeepAlivePeriod", "h-keep-alive-period"),
];

type Pair = (&'static str, &'static str);

/// Takes the values that a table names out of an object, under their other names. Settings whose inner
/// names are not all known stay where they are.
fn renamed(map: &mut Map<String, Value>, table: &[Pair], way: fn(Pair) -> Pair) -> Map<String, Value> {
    let mut other = Map::new();
    for (from, to) in table.iter().copied().map(way) {
        let Some(value) = map.remove(from) else { continue };
        match value {
            Value::Object(mut inner) if matches!(from, "xmux" | "reuse-settings") => {
                let known = renamed(&mut inner, XMUX, way);
                other.insert(to.to_owned(), Value::Object(known));
                if !inner.is_empty() {
                    map.insert(from.to_owned(), Value::Object(inner));
                }
            }
            value => {
                other.insert(to.to_owned(), value);
            }
        }
    }
    other
}

/// Takes TLS or REALITY, where there is one.
pub(super) fn read_tls(tree: &mut Tree, proxy: &mut Proxy, secured: Secured) {
    let said = tree.take(&["tls"]);
    let asked = if said.eq_ignore_ascii_case("tls") { Some(true) } else { link::flag(&said) };
    if said.is_empty() || asked.is_none() || secured == Secured::Always && asked == Some(false) {
        tree.put_some("tls", &said);
    }
    let said_no = asked == Some(false) && !said.is_empty();
    let keyed = tree.take(&["reality-opts.public-key"]);
    let is_reality = !keyed.is_empty() && (secured == Secured::Always || !said_no);
    if !is_reality {
        tree.put_some("reality-opts.public-key", &keyed);
    }
    if secured == Secured::Always || asked == Some(true) || is_reality {
        proxy.tls = Some(tls(tree, if is_reality { keyed } else { Text::new() }, secured));
        tree.give(proxy, TLS);
        read_pin(tree, proxy);
        read_ech(tree, proxy);
    }
}

fn tls(tree: &mut Tree, public_key: Text, secured: Secured) -> Tls {
    let mut tls = Tls {
        server_name: server_name(tree, secured),
        alpn: tree.take_list(&["alpn"]),
        client_fingerprint: tree.take(&["client-fingerprint"]),
        insecure: tree.take_flag(&["skip-cert-verify"]) == Some(true),
        ..Tls::default()
    };
    if !public_key.is_empty() {
        tls.security = Security::Reality;
        tls.public_key = public_key;
        tls.short_id = tree.take(&["reality-opts.short-id"]);
        tls.spider_x = tree.take(&["reality-opts.spider-x"]);
    }
    tls
}

/// Takes the server's name, and its other spelling where that says the same.
fn server_name(tree: &mut Tree, secured: Secured) -> Text {
    let (own, other) =
        if secured == Secured::Asked("servername") { ("servername", "sni") } else { ("sni", "servername") };
    let name = tree.take(&[own, other]);
    let again = tree.take(&[other]);
    if again != name {
        tree.put_some(other, &again);
    }
    name
}

/// Reads the pin of a certificate. Where the imitated browser stands instead, it is kept.
fn read_pin(tree: &mut Tree, proxy: &mut Proxy) {
    let said = tree.take(&["fingerprint", "server-cert-fingerprint"]);
    let hex = said.replace(':', "").to_ascii_lowercase();
    match &mut proxy.tls {
        _ if is_sha256(&hex) => proxy.set(Param::CertSha256, hex),
        // Before it was the pin, it was what `client-fingerprint` is now.
        Some(tls) if tls.client_fingerprint.is_empty() && BROWSERS.contains(&said.as_str()) => {
            tls.client_fingerprint = said;
        }
        _ => tree.put_some("fingerprint", &said),
    }
}

/// What `client-fingerprint` may be.
const BROWSERS: &[&str] =
    &["chrome", "firefox", "safari", "ios", "android", "edge", "360", "qq", "random", "randomized"];

fn is_sha256(hex: &str) -> bool {
    hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The pin as programs of this format want it: hexadecimal.
fn pin(said: &str) -> Option<String> {
    let hex = said.replace(':', "").to_ascii_lowercase();
    if is_sha256(&hex) {
        return Some(hex);
    }
    let bytes = link::base64::decode(said).filter(|bytes| bytes.len() == 32)?;
    Some(
        bytes
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .filter_map(|digit| char::from_digit(digit.into(), 16))
            .collect(),
    )
}

/// Reads Encrypted Client Hello: a configuration, or the name to ask for one.
fn read_ech(tree: &mut Tree, proxy: &mut Proxy) {
    match tree.take_flag(&["ech-opts.enable"]) {
        Some(true) => {
            let said = tree.take(&["ech-opts.config", "ech-opts.query-server-name"]);
            if said.is_empty() {
                tree.put("ech-opts.enable", true);
            }
            proxy.set(Param::Ech, said);
        }
        Some(false) => tree.put("ech-opts.enable", false),
        None => {}
    }
}

fn write_ech(said: &str, tree: &mut Tree) {
    tree.put("ech-opts.enable", true);
    if !said.contains(['.', ':']) && link::base64::decode(said).is_some() {
        return tree.put("ech-opts.config", said);
    }
    // Xray writes the name to ask for, then a plus and whom to ask.
    let name = said.split('+').next().filter(|name| !name.contains(['/', ':']));
    tree.put_some("ech-opts.query-server-name", name.unwrap_or_default());
}

/// Writes TLS or REALITY.
pub(super) fn write_tls(proxy: &Proxy, secured: Secured, tree: &mut Tree) {
    let is_https = proxy.protocol == Protocol::Https;
    let name = if let Secured::Asked(name) = secured {
        tree.put_yes("tls", is_https || proxy.tls.is_some());
        name
    } else {
        "sni"
    };
    let Some(tls) = &proxy.tls else { return };
    tree.put_some(name, &tls.server_name);
    tree.put_list("alpn", &tls.alpn);
    tree.put_some("client-fingerprint", &tls.client_fingerprint);
    tree.put_yes("skip-cert-verify", tls.insecure);
    if tls.security == Security::Reality {
        // Programs take the URL-safe alphabet alone, without padding.
        let key = tls.public_key.trim_end_matches('=').replace('+', "-").replace('/', "_");
        tree.put_some("reality-opts.public-key", &key);
        tree.put_some("reality-opts.short-id", &tls.short_id);
    }
    tree.put_strict(proxy, TLS);
    if let Some(pin) = proxy.param(Param::CertSha256).and_then(pin) {
        tree.put("fingerprint", pin);
    }
    if let Some(ech) = proxy.param(Param::Ech) {
        write_ech(ech, tree);
    }
}
