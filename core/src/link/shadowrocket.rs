//! What Shadowrocket and Kitsunebi write for `VMess` and VLESS: `base64(cipher:id@host:port)?obfs=…`,
//! with names of their own for the transport. They are read, and printed as everybody writes them.
//!
//! Specification: none is published; the names are those of
//! <https://github.com/sub-store-org/Sub-Store> and <https://github.com/tindy2013/subconverter>

use serde_json::Value;

use super::params::{Name, Params, flag, names};
use super::parts::{endpoint, trim};
use super::{Reason, base64};
use crate::proxy::Endpoint;

/// Their names, and everybody's.
const NAMES: &[(Name, &str)] = &[
    (Name::new("obfs"), "type"),
    (Name::new("network"), "type"),
    (Name::new("obfsParam"), "host"),
    (Name::new("obfs-host"), "host"),
    (Name::new("wsHost"), "host"),
    (Name::new("ws.host"), "host"),
    (Name::new("h2Host"), "host"),
    (Name::new("http.host"), "host"),
    (Name::new("obfs-path"), "path"),
    (Name::new("wsPath"), "path"),
    (Name::new("ws.path"), "path"),
    (Name::new("h2Path"), "path"),
    (Name::new("http.path"), "path"),
    (Name::new("kcpHeader"), "headerType"),
    (Name::new("kcp.header"), "headerType"),
    (Name::new("tlsServerName"), "sni"),
    (Name::new("tls.servername"), "sni"),
    (Name::new("tlsAllowInsecure"), "allowInsecure"),
    (Name::new("tls.allowinsecure"), "allowInsecure"),
];

/// Cipher, id and endpoint of a body; `None` where it is no base64 of them.
pub(super) fn user(body: &str) -> Option<(String, String, Result<Endpoint, Reason>)> {
    let text = base64::decode_text(body)?;
    let (user, place) = text.rsplit_once('@')?;
    let (cipher, id) = user.split_once(':')?;
    Some((trim(cipher).to_owned(), trim(id).to_owned(), endpoint(trim(place), None)))
}

/// Gives parameters everybody's names and values.
pub(super) fn translate(params: &mut Params) {
    params.change(|name, value| {
        if let Some((_, usual)) = NAMES.iter().find(|(theirs, _)| theirs.is(name)) {
            *name = (*usual).into();
        }
        match name.as_str() {
            "type" => *value = network(value).into(),
            "host" => *value = host(value).into(),
            _ => {}
        }
    });
    if params.peek(names!["type"]) == "+header" {
        params.take(names!["type"]);
        params.put_first("headerType", "http");
    }
    if params.peek(names!["type"]) == "grpc" && params.peek(names!["serviceName"]).is_empty() {
        let service = params.take_as_is(names!["path"]);
        params.put("serviceName", service);
    }
    xtls(params);
    if !params.peek(names!["pbk"]).is_empty() {
        // REALITY says it too.
        params.drop(names!["tls"], |said| flag(said) == Some(true));
    }
}

/// Their `none` is plain TCP, and their `http` is a header in front of it.
fn network(theirs: &str) -> &str {
    match trim(theirs) {
        "none" => "",
        "http" => "+header",
        usual => usual,
    }
}

/// A host may be an object of headers, or lines of them with their names.
pub(crate) fn host(text: &str) -> String {
    let object = serde_json::from_str::<Value>(text).ok();
    if let Some(host) = object.as_ref().and_then(|object| object.get("Host")?.as_str()) {
        return host.to_owned();
    }
    let line = text.split(['\r', '\n']).map(trim).find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("host").then(|| trim(value).to_owned())
    });
    line.unwrap_or_else(|| text.to_owned())
}

/// `xtls=1` and `xtls=2` are flows, and mean TLS.
fn xtls(params: &mut Params) {
    let flow = match params.peek(names!["xtls"]) {
        "1" => "xtls-rprx-direct",
        "2" => "xtls-rprx-vision",
        _ => return,
    };
    params.take(names!["xtls"]);
    params.put("flow", flow);
}
