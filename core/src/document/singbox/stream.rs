//! How an outbound's bytes travel: its `tls` and its `transport`.
//!
//! Specification: <https://sing-box.sagernet.org/configuration/shared/tls/#outbound> and
//! <https://sing-box.sagernet.org/configuration/shared/v2ray-transport/>

use serde_json::Value;

use super::super::tree::{Table, Tree};
use super::super::xray::tls_name;
use crate::Proxy;
use crate::link::{Reason, base64};
use crate::proxy::{Network, Param, Protocol, Security, Tls, Transport};

/// What is kept of `tls` and put back.
pub(super) const TLS: &[&str] = &[
    "tls.certificate",
    "tls.certificate_path",
    "tls.certificate_public_key_sha256",
    "tls.ech.config",
    "tls.ech.config_path",
    "tls.ech.enabled",
    "tls.ech.query_server_name",
    "tls.cipher_suites",
    "tls.client_certificate",
    "tls.client_certificate_path",
    "tls.client_key",
    "tls.client_key_path",
    "tls.curve_preferences",
    "tls.fragment",
    "tls.fragment_fallback_delay",
    "tls.kernel_rx",
    "tls.kernel_tx",
    "tls.max_version",
    "tls.min_version",
    "tls.reality",
    "tls.record_fragment",
    "tls.utls",
];

/// What naive has of it.
pub(super) const NAIVE_TLS: &[&str] = &[
    "tls.certificate",
    "tls.certificate_path",
    "tls.certificate_public_key_sha256",
    "tls.ech.config",
    "tls.ech.config_path",
    "tls.ech.enabled",
];

/// What is kept of `tls` where it is not enabled.
pub(super) const NO_TLS: &[&str] = &["tls.enabled", "tls.server_name", "tls.insecure", "tls.alpn"];

/// What is kept of `transport`.
pub(super) const TRANSPORT: &[&str] = &[
    "transport.headers",
    "transport.idle_timeout",
    "transport.method",
    "transport.permit_without_stream",
    "transport.ping_timeout",
];

const TABLE: &Table = &[(Param::DisableSni, &["disable_sni"])];

/// The browsers that uTLS can imitate.
const FINGERPRINTS: &[&str] =
    &["chrome", "firefox", "edge", "safari", "360", "qq", "ios", "android", "random", "randomized"];

/// The header in which Xray sends early data.
const XRAY_HEADER: &str = "Sec-WebSocket-Protocol";

/// What stands around an ECH configuration list.
const ECH: [&str; 2] = ["-----BEGIN ECH CONFIGS-----", "-----END ECH CONFIGS-----"];

/// Whether a protocol always has TLS, whatever is said.
pub(super) fn is_always_secure(protocol: Protocol) -> bool {
    use Protocol::{AnyTls, Hysteria, Hysteria2, Juicity, Naive, Tuic};
    matches!(protocol, AnyTls | Hysteria | Hysteria2 | Juicity | Naive | Tuic)
}

/// Takes `tls`.
pub(super) fn read_tls(tree: &mut Tree, proxy: &mut Proxy) {
    let always = is_always_secure(proxy.protocol);
    let inner = tree.take_tree("tls");
    let Some(mut inner) = inner.or_else(|| always.then(Tree::default)) else { return };
    let enabled = inner.take_flag(&["enabled"]);
    if enabled == Some(true) || always {
        proxy.tls = Some(tls(&mut inner));
        proxy.set(Param::Ech, ech(&mut inner));
        inner.give(proxy, TABLE);
    } else if !inner.is_empty() {
        inner.put("enabled", false);
    }
    tree.give_back("tls", inner);
}

fn tls(tree: &mut Tree) -> Tls {
    let mut tls = Tls {
        server_name: tree.take(&["server_name"]),
        alpn: tree.take_list(&["alpn"]),
        insecure: tree.take_flag(&["insecure"]) == Some(true),
        ..Tls::default()
    };
    if let Some(mut reality) = enabled(tree, "reality") {
        tls.security = Security::Reality;
        tls.public_key = reality.take(&["public_key"]);
        tls.short_id = reality.take(&["short_id"]);
        tree.give_back("reality", reality);
    }
    if let Some(mut utls) = enabled(tree, "utls") {
        let usual = if tls.security == Security::Reality { "" } else { "chrome" };
        let said = utls.take(&["fingerprint"]);
        tls.client_fingerprint = if said.is_empty() { usual.into() } else { said };
        tree.give_back("utls", utls);
    }
    tls
}

/// Takes an object that is enabled, without saying so. Of one that is not, what else it says is left.
fn enabled(tree: &mut Tree, path: &str) -> Option<Tree> {
    let mut inner = tree.take_tree(path)?;
    if inner.take_flag(&["enabled"]) == Some(true) {
        return Some(inner);
    }
    if !inner.is_empty() {
        inner.put("enabled", false);
        tree.give_back(path, inner);
    }
    None
}

/// Takes the ECH configuration list, lines of PEM, as base64; leaves what is none.
fn ech(tree: &mut Tree) -> String {
    let Some(mut ech) = enabled(tree, "ech") else { return String::new() };
    let lines = ech.clone().take_list(&["config"]);
    let lines = lines.iter().flat_map(|line| line.lines()).filter(|line| !line.starts_with("-----"));
    let list: String = lines.collect();
    if !list.is_empty() && base64::decode(&list).is_some() {
        ech.take_value(&["config"]);
        tree.give_back("ech", ech);
        return list;
    }
    ech.put("enabled", true);
    tree.give_back("ech", ech);
    String::new()
}

/// Puts `tls`, as much of it as a protocol has.
pub(super) fn write_tls(proxy: &Proxy, tree: &mut Tree) {
    let usual = Tls::default();
    let Some(tls) = proxy.tls.as_ref().or((proxy.protocol == Protocol::Https).then_some(&usual)) else {
        return;
    };
    tree.put("tls.enabled", true);
    tree.put_some("tls.server_name", tls_name(proxy, tls));
    if let Some(list) = proxy.param(Param::Ech) {
        tree.put("tls.ech.enabled", true);
        if base64::decode(list).is_some_and(|bytes| !bytes.is_empty()) {
            tree.put("tls.ech.config", vec![ECH[0], list, ECH[1]]);
        }
    }
    if proxy.protocol == Protocol::Naive {
        return;
    }
    tree.put_yes("tls.insecure", tls.insecure);
    tree.put_list("tls.alpn", &tls.alpn);
    if let Some(said) = proxy.param(Param::DisableSni) {
        tree.put("tls.disable_sni", said == "1");
    }
    write_imitation(proxy, tls, tree);
}

/// Puts REALITY, and whom the client imitates: over QUIC there is no imitation, and REALITY needs one.
fn write_imitation(proxy: &Proxy, tls: &Tls, tree: &mut Tree) {
    let is_reality = tls.security == Security::Reality;
    let is_known = FINGERPRINTS.contains(&tls.client_fingerprint.as_str());
    let is_quic = proxy.protocol.is_datagram() || proxy.transport.network == Network::Quic;
    if (is_known || is_reality) && !is_quic {
        tree.put("tls.utls.enabled", true);
        tree.put_some("tls.utls.fingerprint", if is_known { &tls.client_fingerprint } else { "" });
    }
    if is_reality {
        tree.put("tls.reality.enabled", true);
        tree.put("tls.reality.public_key", tls.public_key.as_str());
        tree.put_some("tls.reality.short_id", &tls.short_id);
    }
}

/// Takes `transport`; `tls` was taken before.
pub(super) fn read_transport(tree: &mut Tree, proxy: &mut Proxy) -> Result<(), Reason> {
    let Some(mut inner) = tree.take_tree("transport") else { return Ok(()) };
    let network = Network::from_key(&inner.take(&["type"]))
        .ok_or(Reason::Malformed("the transport is none of http, ws, quic, grpc and httpupgrade"))?;
    proxy.transport = match network {
        Network::H2 if proxy.tls.is_none() => {
            Transport { network: Network::Tcp, header: "http".into(), ..web(&mut inner) }
        }
        Network::Ws | Network::H2 | Network::HttpUpgrade => Transport { network, ..web(&mut inner) },
        Network::Xhttp => Transport { network, mode: inner.take(&["mode"]), ..web(&mut inner) },
        Network::Grpc => {
            Transport { network, path: inner.take_as_is(&["service_name"]), ..Transport::default() }
        }
        network => Transport { network, ..Transport::default() },
    };
    if network == Network::Ws {
        read_early_data(&mut inner, proxy);
    }
    tree.give_back("transport", inner);
    Ok(())
}

/// Host and path. `WebSocket` has its host among the headers.
fn web(tree: &mut Tree) -> Transport {
    Transport {
        host: tree.take_list(&["host", "headers.Host"]).join(",").into(),
        path: tree.take_as_is(&["path"]),
        ..Transport::default()
    }
}

/// Takes early data: what Xray would do is in the path as Xray writes it.
fn read_early_data(tree: &mut Tree, proxy: &mut Proxy) {
    let bytes = tree.take(&["max_early_data"]);
    let header = tree.take(&["early_data_header_name"]);
    let is_number = bytes.parse::<u32>().is_ok_and(|number| number > 0);
    let path = &proxy.transport.path;
    if is_number && header == XRAY_HEADER && cut_early_data(path).is_none() {
        let mark = if path.contains('?') { '&' } else { '?' };
        proxy.transport.path = format!("{path}{mark}ed={bytes}").into();
    } else {
        proxy.set(Param::EarlyData, bytes);
        proxy.set(Param::EarlyDataHeader, header);
    }
}

/// A path without its `ed`, and the number of that.
pub(in crate::document) fn cut_early_data(path: &str) -> Option<(String, u32)> {
    let (path, query) = path.split_once('?')?;
    let number = |pair: &str| pair.strip_prefix("ed=")?.parse().ok().filter(|number| *number > 0);
    let bytes = query.split('&').find_map(number)?;
    let rest: Vec<_> = query.split('&').filter(|pair| number(pair).is_none()).collect();
    let rest = rest.join("&");
    Some((if rest.is_empty() { path.to_owned() } else { format!("{path}?{rest}") }, bytes))
}

/// Puts `transport`; plain TCP has none.
pub(super) fn write_transport(proxy: &Proxy, tree: &mut Tree) {
    let transport = &proxy.transport;
    let cut = cut_early_data(&transport.path);
    let path = cut.as_ref().map_or(transport.path.as_str(), |(path, _)| path);
    let hosts: Vec<_> = super::super::tree::cut(&transport.host);
    match transport.network {
        Network::Ws => {
            tree.put("transport.type", "ws");
            tree.put_some("transport.headers.Host", &transport.host);
            tree.put_some("transport.path", path);
            write_early_data(proxy, cut.as_ref().map(|(_, bytes)| *bytes), tree);
        }
        Network::HttpUpgrade => {
            tree.put("transport.type", "httpupgrade");
            tree.put_some("transport.host", &transport.host);
            tree.put_some("transport.path", path);
        }
        Network::Grpc => {
            tree.put("transport.type", "grpc");
            tree.put_some("transport.service_name", &transport.path);
        }
        Network::Quic => tree.put("transport.type", "quic"),
        Network::H2 | Network::Tcp if transport.network == Network::H2 || !transport.header.is_empty() => {
            tree.put("transport.type", "http");
            tree.put_list("transport.host", &hosts);
            tree.put_some("transport.path", &transport.path);
        }
        _ => {}
    }
}

fn write_early_data(proxy: &Proxy, in_path: Option<u32>, tree: &mut Tree) {
    let said = proxy.param(Param::EarlyData).and_then(|bytes| bytes.parse::<u32>().ok());
    if let Some(bytes) = in_path.or(said) {
        tree.put("transport.max_early_data", Value::from(bytes));
    }
    let usual = if in_path.is_some() { XRAY_HEADER } else { "" };
    let header = proxy.param(Param::EarlyDataHeader).unwrap_or(usual);
    tree.put_some("transport.early_data_header_name", header);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn early_data_is_cut_out_of_a_path_wherever_it_stands() {
        let cut = |path| cut_early_data(path).unwrap_or_default();
        assert_eq!(cut("/a?ed=2048"), ("/a".to_owned(), 2048));
        assert_eq!(cut("/a?b=c&ed=1"), ("/a?b=c".to_owned(), 1));
        assert_eq!(cut("/?ed=2560&b"), ("/?b".to_owned(), 2560));
        for path in ["/a", "/a?ed", "/a?ed=0", "/a?ed=2048foo", "/a?x?ed=1"] {
            assert_eq!(cut_early_data(path), None, "{path}");
        }
    }
}
