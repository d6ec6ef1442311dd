//! `VMess` links: `vmess://base64({"add":…,"port":…,"id":…})` as v2rayN writes them, and
//! `vmess://id@host:port?…` as Xray proposed.
//!
//! Specification: <https://github.com/2dust/v2rayN/wiki/Description-of-VMess-share-link> and
//! <https://github.com/XTLS/Xray-core/discussions/716>
//!
//! # Differences between programs
//!
//! - Numbers come as numbers or as text, with blanks and line breaks; `tls` as `"tls"`, `true`, `1`,
//!   `"none"` or nothing; `null` and an empty text are nothing, and are dropped.
//! - `host`, `path` and `type` mean what the network makes of them: for gRPC authority, service name
//!   and mode; for mKCP nothing, seed and header; for QUIC security, key and header.
//! - A `#name` after the base64 counts more than the `ps` within.
//!
//! - Shadowrocket, Quantumult and Kitsunebi have other texts in the base64, `vmess1://` another query,
//!   and old links `ws+tls:id-aid` before the host. All are printed as v2rayN's.

use std::fmt;

use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::Value;

use super::params::{Params, Printed, close, name, same};
use super::parts::{Parts, decode, encode, endpoint, fragment, host, port, split, trim};
use super::stream::Names;
use super::{Reason, Scheme, base64, quantumult, shadowrocket, stream, vless};
use crate::proxy::{Credentials, Endpoint, Protocol, Proxy};

pub(super) struct Vmess;

const CIPHERS: [&str; 6] = ["auto", "none", "zero", "aes-128-gcm", "chacha20-poly1305", "aes-128-cfb"];
const ALTER_ID: &[&str] = &["aid", "alterId"];

impl Scheme for Vmess {
    fn names(&self) -> &'static [&'static str] {
        &["vmess", "vmess1"]
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[Protocol::Vmess]
    }

    fn specification(&self) -> &'static str {
        "https://github.com/2dust/v2rayN/wiki/Description-of-VMess-share-link"
    }

    fn example(&self) -> &'static str {
        "vmess://eyJ2IjoiMiIsInBzIjoiQmVybGluIiwiYWRkIjoiMTkyLjAuMi4xIiwicG9ydCI6IjQ0MyIsImlkIjoiYjgzMTM4MWQtNjMyNC00ZDUzLWFkNGYtOGNkYTQ4YjMwODExIiwiYWlkIjoiMCIsInNjeSI6ImF1dG8iLCJuZXQiOiJ0Y3AiLCJ0bHMiOiJub25lIn0="
    }

    fn parse(&self, link: &str) -> Result<Proxy, Reason> {
        let parts = split(link)?;
        if parts.body.starts_with('{') {
            let (_, json) = link.split_once("://").ok_or(Reason::NoScheme)?;
            return from_json(json, &Parts { query: "", fragment: "", ..parts });
        }
        let bytes = base64::decode_start(&decode(parts.body)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let is_json = trim(&text).starts_with('{');
        if parts.user.is_none() && !is_json {
            let other = from_shadowrocket(&parts).or_else(|| from_quantumult(&text, &parts));
            return other.unwrap_or_else(|| from_json(&text, &parts));
        }
        // An advertisement behind the base64 may have an @ too.
        match is_json.then(|| from_json(&text, &parts)) {
            Some(Err(reason)) if parts.user.is_some() => from_url(&parts).map_err(|_| reason),
            Some(read) => read,
            None => from_url(&parts),
        }
    }

    /// Prints JSON, which every program reads, and a URL where that would not read back the same.
    fn print(&self, proxy: &Proxy) -> String {
        let json = to_json(proxy);
        if self.parse(&json).as_ref() == Ok(proxy) { json } else { to_url(proxy) }
    }
}

fn from_url(parts: &Parts<'_>) -> Result<Proxy, Reason> {
    let user = parts.user.unwrap_or_default();
    let at = endpoint(parts.host, None)?;
    let mut params = Params::read(parts.query);
    if parts.scheme.eq_ignore_ascii_case("vmess1") {
        shadowrocket::translate(&mut params);
        params.0.push(("path".to_owned(), format!("/{}", parts.path)));
    }
    let id = quantumult::user(user, &mut params).unwrap_or_else(|| decode(user));
    finish(parts, &id, at, params)
}

/// Shadowrocket's `base64(cipher:id@host:port)`.
fn from_shadowrocket(parts: &Parts<'_>) -> Option<Result<Proxy, Reason>> {
    let (cipher, id, at) = shadowrocket::user(&decode(parts.body))?;
    let mut params = Params::read(parts.query);
    shadowrocket::translate(&mut params);
    params.0.push(("scy".to_owned(), cipher));
    Some(at.and_then(|at| finish(parts, &id, at, params)))
}

/// Quantumult's line, as a file of that program has it.
pub(crate) fn from_line(text: &str) -> Option<Result<Proxy, Reason>> {
    let parts = Parts { scheme: "vmess", body: "", user: None, host: "", path: "", query: "", fragment: "" };
    from_quantumult(text, &parts)
}

/// Quantumult's line.
fn from_quantumult(text: &str, parts: &Parts<'_>) -> Option<Result<Proxy, Reason>> {
    let mut line = quantumult::line(text)?;
    line.params.0.push(("remarks".to_owned(), line.name));
    let at = host(&line.host).and_then(|host| Ok(Endpoint { host, port: port(&line.port)? }));
    Some(at.and_then(|at| finish(parts, &line.id, at, line.params)))
}

/// The proxy of an id, an endpoint and the parameters that everybody writes.
fn finish(parts: &Parts<'_>, id: &str, at: Endpoint, mut params: Params) -> Result<Proxy, Reason> {
    let id = vless::id(id)?;
    let mut proxy = Proxy::new(Protocol::Vmess, at.host, at.port);
    (proxy.transport, proxy.tls) = stream::read(&mut params, None)?;
    proxy.credentials = credentials(id, &mut params, &["encryption", "scy"]);
    Ok(close(proxy, parts, params, stream::TABLE))
}

fn from_json(text: &str, parts: &Parts<'_>) -> Result<Proxy, Reason> {
    let mut params = members(text)?;
    let id = vless::id(&params.take(&["id", "uuid"]))?;
    let (address, digits) = (params.take(&["add", "address", "server"]), params.take(&["port"]));
    let port = if digits.is_empty() { Err(Reason::NoPort) } else { port(&digits) };
    let mut proxy = Proxy::new(Protocol::Vmess, host(&address)?, port?);
    params.take(&["v"]);
    let network = stream::network(&params.take(&["net", "network"]))?;
    proxy.transport = stream::transport(&mut params, network, &Names::JSON);
    let security = stream::security(&params.take(&["tls"]))?;
    proxy.tls = security.map(|security| stream::tls(&mut params, security));
    proxy.credentials = credentials(id, &mut params, &["scy", "security", "cipher"]);
    let name = params.take(&["ps", "remarks", "remark"]);
    if !name.is_empty() {
        params.0.insert(0, ("remarks".to_owned(), name));
    }
    params.0.append(&mut Params::read(parts.query).0);
    Ok(close(proxy, parts, params, stream::TABLE))
}

/// The id with cipher and alter id. An unknown cipher is kept, and means `auto`.
fn credentials(id: String, params: &mut Params, names: &[&str]) -> Credentials {
    let known = |said: &str| CIPHERS.into_iter().find(|cipher| cipher.eq_ignore_ascii_case(trim(said)));
    Credentials::Vmess {
        id: id.into(),
        cipher: params.take_if(names, known).unwrap_or("auto").to_owned(),
        alter_id: params.take_if(ALTER_ID, |said| trim(said).parse().ok()).unwrap_or_default(),
    }
}

/// The members of the object at the start of a text, in order; what follows the object is junk.
/// Line breaks within strings, which JSON forbids and lists have, count as blanks.
fn members(text: &str) -> Result<Params, Reason> {
    let text = text.replace(char::is_control, " ");
    let mut json = serde_json::Deserializer::from_str(trim(&text));
    let members = json.deserialize_map(Members).map_err(|_| {
        Reason::Malformed("neither id@host:port nor the base64 of a JSON object with add, port and id")
    })?;
    let said = members.into_iter().filter(|(_, value)| !trim(value).is_empty());
    Ok(Params(said.map(plain_host).collect()))
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, String)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            members.push((name, text(value)));
        }
        Ok(members)
    }
}

/// A value as text; a list is cut by commas.
fn text(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        Value::Array(items) => items.into_iter().map(text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// Shadowrocket writes the host as `{"Host":"example.com"}`.
fn plain_host((name, value): (String, String)) -> (String, String) {
    let inner = ((same(&name, "host") || same(&name, "authority")) && value.starts_with('{'))
        .then(|| serde_json::from_str::<Value>(&value).ok())
        .flatten()
        .and_then(|object| object.get("Host")?.as_str().map(str::to_owned));
    (name, inner.unwrap_or(value))
}

fn to_json(proxy: &Proxy) -> String {
    let (id, cipher, alter_id) = user(proxy);
    let mut members = vec![
        ("v", "2".to_owned()),
        ("ps", proxy.name.clone()),
        ("add", proxy.endpoint.host.clone()),
        ("port", proxy.endpoint.port.to_string()),
        ("id", id.to_owned()),
        ("aid", alter_id.to_string()),
        ("scy", cipher.to_owned()),
        ("net", proxy.transport.network.key().to_owned()),
    ];
    members.extend(stream::transport_fields(&proxy.transport, &Names::JSON));
    members.push(("tls", proxy.tls.as_ref().map_or("none", |tls| tls.security.key()).to_owned()));
    members.extend(proxy.tls.iter().flat_map(stream::fields));
    let params = proxy.params.iter().map(|(param, value)| (name(stream::TABLE, *param), value.clone()));
    let extra = proxy.extra.iter().map(|(name, value)| (name.as_str(), value.clone()));
    let given = members.into_iter().filter(|(_, value)| !value.is_empty()).chain(params).chain(extra);
    let quote = |text: &str| Value::from(text).to_string();
    let members: Vec<_> = given.map(|(name, value)| format!("{}:{}", quote(name), quote(&value))).collect();
    format!("vmess://{}", base64::encode(&format!("{{{}}}", members.join(","))))
}

fn to_url(proxy: &Proxy) -> String {
    let (id, cipher, alter_id) = user(proxy);
    let mut query = Printed::default();
    query.add("encryption", cipher);
    query.add("aid", &alter_id.to_string());
    stream::print(proxy, &mut query, stream::TABLE);
    format!("vmess://{}@{}{}{}", encode(id), proxy.endpoint, query.finish(), fragment(&proxy.name))
}

fn user(proxy: &Proxy) -> (&str, &str, u16) {
    match &proxy.credentials {
        Credentials::Vmess { id, cipher, alter_id } => (id.expose(), cipher, *alter_id),
        _ => ("", "auto", 0),
    }
}
