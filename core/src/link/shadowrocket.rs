//! What Shadowrocket and Kitsunebi write for `VMess` and VLESS: `base64(cipher:id@host:port)?obfs=…`,
//! with names of their own for the transport. They are read, and printed as everybody writes them.
//!
//! Specification: none is published; the names are those of
//! <https://github.com/sub-store-org/Sub-Store> and <https://github.com/tindy2013/subconverter>

use serde_json::Value;

use super::params::{Params, flag, same};
use super::parts::{endpoint, trim};
use super::{Reason, base64};
use crate::proxy::Endpoint;

/// Their names, and everybody's.
const NAMES: &[(&str, &str)] = &[
    ("obfs", "type"),
    ("network", "type"),
    ("obfsParam", "host"),
    ("obfs-host", "host"),
    ("wsHost", "host"),
    ("ws.host", "host"),
    ("h2Host", "host"),
    ("http.host", "host"),
    ("obfs-path", "path"),
    ("wsPath", "path"),
    ("ws.path", "path"),
    ("h2Path", "path"),
    ("http.path", "path"),
    ("kcpHeader", "headerType"),
    ("kcp.header", "headerType"),
    ("tlsServerName", "sni"),
    ("tls.servername", "sni"),
    ("tlsAllowInsecure", "allowInsecure"),
    ("tls.allowinsecure", "allowInsecure"),
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
    for (name, value) in &mut params.0 {
        if let Some((_, usual)) = NAMES.iter().find(|(theirs, _)| same(theirs, name)) {
            (*usual).clone_into(name);
        }
        match name.as_str() {
            "type" => *value = network(value).to_owned(),
            "host" => *value = host(value),
            _ => {}
        }
    }
    if params.peek(&["type"]) == "+header" {
        params.take(&["type"]);
        params.0.insert(0, ("headerType".to_owned(), "http".to_owned()));
    }
    if params.peek(&["type"]) == "grpc" && params.peek(&["serviceName"]).is_empty() {
        let service = params.take_as_is(&["path"]);
        params.0.push(("serviceName".to_owned(), service));
    }
    xtls(params);
    if !params.peek(&["pbk"]).is_empty() {
        // REALITY says it too.
        params.drop(&["tls"], |said| flag(said) == Some(true));
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
    let flow = match params.peek(&["xtls"]) {
        "1" => "xtls-rprx-direct",
        "2" => "xtls-rprx-vision",
        _ => return,
    };
    params.take(&["xtls"]);
    params.0.push(("flow".to_owned(), flow.to_owned()));
}
