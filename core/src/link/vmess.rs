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

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::params::{Names, Params, Printed, close, name, names};
use super::parts::{Parts, cut_scheme, decode, encode, endpoint, fragment, host, port, split, trim};
use super::stream::Spelling;
use super::{Reason, Scheme, base64, quantumult, shadowrocket, stream, vless};
use crate::Text;
use crate::proxy::{Credentials, Endpoint, Protocol, Proxy};

pub(super) struct Vmess;

const CIPHERS: [&str; 6] = ["auto", "none", "zero", "aes-128-gcm", "chacha20-poly1305", "aes-128-cfb"];
const ALTER_ID: Names = names!["aid", "alterId"];

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
            let (_, json) = cut_scheme(link).ok_or(Reason::NoScheme)?;
            return from_json(json, &Parts { query: "", fragment: "", ..parts });
        }
        let bytes = base64::decode_start(&decode(parts.body));
        // Far faster than to look for what is broken at once.
        let text = String::from_utf8(bytes)
            .unwrap_or_else(|broken| String::from_utf8_lossy(broken.as_bytes()).into_owned());
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
        params.put("path", format!("/{}", parts.path));
    }
    let id = quantumult::user(user, &mut params).map_or_else(|| decode(user), Cow::Owned);
    finish(parts, &id, at, params)
}

/// Shadowrocket's `base64(cipher:id@host:port)`.
fn from_shadowrocket(parts: &Parts<'_>) -> Option<Result<Proxy, Reason>> {
    let (cipher, id, at) = shadowrocket::user(&decode(parts.body))?;
    let mut params = Params::read(parts.query);
    shadowrocket::translate(&mut params);
    params.put("scy", cipher);
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
    line.params.put("remarks", line.name);
    let at = host(&line.host).and_then(|host| Ok(Endpoint { host, port: port(&line.port)? }));
    Some(at.and_then(|at| finish(parts, &line.id, at, line.params)))
}

/// The proxy of an id, an endpoint and the parameters that everybody writes.
fn finish(parts: &Parts<'_>, id: &str, at: Endpoint, mut params: Params) -> Result<Proxy, Reason> {
    let id = vless::id(id)?;
    let mut proxy = Proxy::new(Protocol::Vmess, at.host, at.port);
    (proxy.transport, proxy.tls) = stream::read(&mut params, None)?;
    proxy.credentials = credentials(id, &mut params, names!["encryption", "scy"]);
    Ok(close(proxy, parts, params, stream::TABLE))
}

fn from_json(text: &str, parts: &Parts<'_>) -> Result<Proxy, Reason> {
    let mut params = members(text)?;
    let id = vless::id(&params.take(names!["id", "uuid"]))?;
    let (address, digits) = (params.take(names!["add", "address", "server"]), params.take(names!["port"]));
    let port = if digits.is_empty() { Err(Reason::NoPort) } else { port(&digits) };
    let mut proxy = Proxy::new(Protocol::Vmess, host(&address)?, port?);
    params.take(names!["v"]);
    let network = stream::network(&params.take(names!["net", "network"]))?;
    proxy.transport = stream::transport(&mut params, network, &Spelling::JSON);
    let security = stream::security(&params.take(names!["tls"]))?;
    proxy.tls = security.map(|security| stream::tls(&mut params, security));
    proxy.credentials = credentials(id, &mut params, names!["scy", "security", "cipher"]);
    let name = params.take(names!["ps", "remarks", "remark"]);
    if !name.is_empty() {
        params.put_first("remarks", name);
    }
    params.add(parts.query);
    Ok(close(proxy, parts, params, stream::TABLE))
}

/// The id with cipher and alter id. An unknown cipher is kept, and means `auto`.
fn credentials(id: Text, params: &mut Params, names: Names) -> Credentials {
    let known = |said: &str| CIPHERS.into_iter().find(|cipher| cipher.eq_ignore_ascii_case(trim(said)));
    Credentials::Vmess {
        id: id.into(),
        cipher: params.take_if(names, known).unwrap_or("auto").into(),
        alter_id: params.take_if(ALTER_ID, |said| trim(said).parse().ok()).unwrap_or_default(),
    }
}

/// The members of the object at the start of a text, in order; what follows the object is junk.
/// Line breaks within strings, which JSON forbids and lists have, count as blanks.
fn members(text: &str) -> Result<Params, Reason> {
    let controls = |byte: u8| byte.is_ascii_control() || byte == 0xc2;
    // To look at all of them is faster than to stop at the first.
    let text = if text.bytes().fold(false, |any, byte| any | controls(byte)) {
        Cow::Owned(text.replace(char::is_control, " "))
    } else {
        Cow::Borrowed(text)
    };
    let mut json = serde_json::Deserializer::from_str(trim(&text));
    json.deserialize_map(Members).map_err(|_| {
        Reason::Malformed("neither id@host:port nor the base64 of a JSON object with add, port and id")
    })
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Params;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Params::default();
        while let Some((Said(name), Said(value))) = map.next_entry()? {
            if !trim(&value).is_empty() {
                let value = plain_host(&name, value);
                members.put(name, value);
            }
        }
        Ok(members)
    }
}

/// A name, or a value as text. A text, which nearly all are, becomes one at once.
struct Said(Text);

impl<'de> Deserialize<'de> for Said {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Said(Text::new()))
    }
}

impl<'de> Visitor<'de> for Said {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self, E> {
        Ok(Self(text.into()))
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, yes: bool) -> Result<Self, E> {
        Ok(Self(text(yes.into()).into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self, E> {
        Ok(Self(text(number.into()).into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self, E> {
        Ok(Self(text(number.into()).into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self, E> {
        Ok(Self(text(number.into()).into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self, A::Error> {
        Ok(Self(text(Value::deserialize(SeqAccessDeserializer::new(items))?).into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self, A::Error> {
        Ok(Self(text(Value::deserialize(MapAccessDeserializer::new(members))?).into()))
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
fn plain_host(name: &str, value: Text) -> Text {
    let is_host = value.starts_with('{') && names!["host", "authority"].iter().any(|known| known.is(name));
    let object = is_host.then(|| serde_json::from_str::<Value>(&value).ok()).flatten();
    let inner = object.as_ref().and_then(|object| object.get("Host")?.as_str());
    inner.map_or(value, Text::from)
}

fn to_json(proxy: &Proxy) -> String {
    let (id, cipher, alter_id) = user(proxy);
    let mut members = vec![
        ("v", Text::from("2")),
        ("ps", proxy.name.clone()),
        ("add", proxy.endpoint.host.clone()),
        ("port", proxy.endpoint.port.to_string().into()),
        ("id", id.into()),
        ("aid", alter_id.to_string().into()),
        ("scy", cipher.into()),
        ("net", proxy.transport.network.key().into()),
    ];
    members.extend(stream::transport_fields(&proxy.transport, &Spelling::JSON));
    members.push(("tls", proxy.tls.as_ref().map_or("none", |tls| tls.security.key()).into()));
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
