//! Cloudflare WARP: what its registration answers, with the private key that the client adds. A
//! configuration of warp-plus has no server in it: it registers and finds one by itself.
//!
//! Specification: <https://github.com/ViRb3/wgcf>
//!
//! # Incomplete support
//!
//! It is not written: a `WireGuard` file holds the same.

use super::{Credentials, Param, Program, Protocol, Proxy, Reason, Text, Tree, Value};
use crate::link::{self, base64};

pub(in super::super) static WARP: Program = Program {
    name: "warp",
    specification: "https://github.com/ViRb3/wgcf",
    is_yaml: false,
    example: r#"{"private_key": "YAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=", "config": {"client_id": "AQID", "peers": [{"public_key": "bmXOC+F1FxEMF9dyiK2H5/1SUtzH0JuVo51h2wPfgyo=", "endpoint": {"host": "engage.cloudflareclient.com:2408"}}], "interface": {"addresses": {"v4": "172.16.0.2", "v6": "2001:db8::1"}}}}"#,
    has: &[],
    has_any: &["private_key", "gool", "cfon"],
    has_not: &["outbounds", "proxies", "type", "server"],
    read: |object| vec![read(object)],
    fits: |_| Err("WARP is only read"),
    write: |_, _| {},
};

fn read(mut object: Tree) -> Result<Proxy, Reason> {
    let key = object.take(&["private_key"]);
    if key.is_empty() {
        return Err(Reason::Foreign(
            "warp-plus registers and finds its server by itself: there is none in it",
        ));
    }
    let mut config = object.take_tree("config").unwrap_or(object);
    let peers = match config.take_value(&["peers"]) {
        Some(Value::Array(peers)) => peers,
        _ => Vec::new(),
    };
    let peer = peers.into_iter().find_map(Tree::of);
    let mut peer = peer.ok_or(Reason::Malformed("no peer: expected what WARP's registration answers"))?;
    let at = link::endpoint(&peer.take(&["endpoint.host", "endpoint"]), Some(2408))?;
    let mut proxy = Proxy::new(Protocol::WireGuard, at.host, at.port);
    proxy.credentials = Credentials::Keys { private_key: key.into(), pre_shared_key: Text::new().into() };
    proxy.set(Param::PeerPublicKey, peer.take(&["public_key"]));
    let addresses = ["v4", "v6"].map(|kind| config.take(&[&format!("interface.addresses.{kind}")]));
    proxy.set(
        Param::LocalAddress,
        addresses.into_iter().filter(|at| !at.is_empty()).collect::<Vec<_>>().join(","),
    );
    let client = base64::decode(&config.take(&["client_id"])).filter(|bytes| bytes.len() == 3);
    let reserved = client.unwrap_or_default().iter().map(u8::to_string).collect::<Vec<_>>();
    proxy.set(Param::Reserved, reserved.join(","));
    config.keep("warp", &mut proxy);
    Ok(proxy)
}
