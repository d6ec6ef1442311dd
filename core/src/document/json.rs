//! A flat JSON list: one object per proxy, with one plain name for each field. It is written for
//! programs and for tests, which compare it across platforms.
//!
//! Empty fields are left out, but for the name. Secrets are in it.
//!
//! # Incomplete support
//!
//! It is not read: links are the form that goes both ways.

use serde_json::{Map, Value, json};

use super::{Format, Reader, Reading, Shape, Writer};
use crate::link::Reason;
use crate::proxy::{Credentials, Kind, Network, Protocol, Tls, Transport};
use crate::{Proxy, Text, link};

/// The format.
pub(super) struct Json;

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn specification(&self) -> &'static str {
        "https://www.rfc-editor.org/rfc/rfc8259"
    }

    fn example(&self) -> &'static str {
        "[{\"protocol\": \"socks5\", \"address\": \"192.0.2.1\", \"port\": 1080, \"name\": \"Berlin\"}]"
    }
}

impl Reader for Json {
    fn detect(&self, _text: &str) -> bool {
        false
    }

    fn read(&self, _text: &str, reading: &mut Reading) {
        reading.refuse(Reason::OnlyWritten("json"));
    }
}

impl Writer for Json {
    fn reader(&self) -> &'static dyn Reader {
        &Json
    }

    fn fits(&self, _proxy: &Proxy) -> Result<(), &'static str> {
        Ok(())
    }

    fn has_unique_names(&self) -> bool {
        false
    }

    fn write(&self, proxies: &[Proxy], _shape: Shape) -> String {
        let list = Value::Array(proxies.iter().map(object).collect());
        format!("{list:#}\n")
    }
}

/// One proxy as a flat object.
pub fn object(proxy: &Proxy) -> Value {
    let mut fields = Fields::default();
    let https = proxy.protocol == Protocol::Https;
    fields.set("protocol", if https { "http" } else { proxy.protocol.key() });
    fields.set("address", &proxy.endpoint.host);
    fields.0.insert("port".into(), proxy.endpoint.port.into());
    fields.0.insert("name".into(), proxy.name.as_str().into());
    fields.set("fingerprint", &proxy.fingerprint().to_string());
    fields.credentials(proxy);
    if !proxy.protocol.is_datagram() {
        fields.transport(&proxy.transport);
    }
    fields.0.insert("tls".into(), (https || proxy.tls.is_some()).into());
    let security = proxy.tls.as_ref().map_or(if https { "tls" } else { "none" }, |tls| tls.security.key());
    fields.set("security", security);
    proxy.tls.iter().for_each(|tls| fields.tls(tls));
    fields.params(proxy);
    fields.extra(&proxy.extra);
    Value::Object(fields.0)
}

/// What one case of the tests gives: for a `link`, its [`object`]; for a `document`, its format, the
/// objects and the rejected lines; else, and for a link that does not read, `rejected` with the
/// reason. The same on every platform.
///
/// ```
/// use configstream_core::document::json::case;
/// assert_eq!(case("link", "nonsense"), r#"{"rejected":"no link: expected something like vless://… or socks5://…"}"#);
/// ```
pub fn case(kind: &str, input: &str) -> String {
    let value = match kind {
        "link" => match link::parse(input) {
            Ok(proxy) => object(&proxy),
            Err(reason) => json!({ "rejected": reason.to_string() }),
        },
        "document" => reading(&super::read(input.as_bytes())),
        _ => json!({ "rejected": "expected the kind link or document" }),
    };
    value.to_string()
}

fn reading(reading: &Reading) -> Value {
    let rejected = reading.rejected.iter().map(
        |line| json!({ "line": line.place.line, "byte": line.place.byte, "reason": line.reason.to_string() }),
    );
    json!({
        "format": reading.format,
        "proxies": reading.proxies.iter().map(object).collect::<Vec<_>>(),
        "rejected": rejected.collect::<Vec<_>>(),
        "unnamed": reading.unnamed,
    })
}

#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    /// Sets a field unless it is empty.
    fn set(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.0.insert(name.to_owned(), value.into());
        }
    }

    /// Sets texts, all that are not empty.
    fn set_all<const N: usize>(&mut self, fields: [(&str, &str); N]) {
        for (name, value) in fields {
            self.set(name, value);
        }
    }

    fn credentials(&mut self, proxy: &Proxy) {
        match &proxy.credentials {
            Credentials::None => {}
            Credentials::Login { username, password } => {
                self.set_all([("username", username), ("password", password.expose())]);
            }
            Credentials::Password(password) => {
                let name = if proxy.protocol == Protocol::Snell { "psk" } else { "password" };
                self.set(name, password.expose());
            }
            Credentials::User { id, password } => {
                self.set_all([("uuid", id.expose()), ("password", password.expose())]);
            }
            Credentials::Keys { private_key, pre_shared_key } => {
                let keys = [("private_key", private_key), ("pre_shared_key", pre_shared_key)];
                self.set_all(keys.map(|(name, key)| (name, key.expose())));
            }
            Credentials::Ssh { username, password, private_key } => {
                self.set_all([("username", username), ("password", password.expose())]);
                self.set("private_key", private_key.expose());
            }
            Credentials::Cipher { method, password } => {
                self.set_all([("method", method), ("password", password.expose())]);
            }
            Credentials::Vmess { id, cipher, alter_id } => {
                self.set("uuid", id.expose());
                self.set("method", cipher);
                self.0.insert("alter_id".to_owned(), (*alter_id).into());
            }
            Credentials::Vless { id, encryption, flow } => {
                self.set_all([("uuid", id.expose()), ("encryption", encryption), ("flow", flow)]);
            }
        }
    }

    fn transport(&mut self, transport: &Transport) {
        let (host, path, mode) = match transport.network {
            Network::Grpc => ("", "service_name", "grpc_mode"),
            Network::Kcp => ("", "seed", ""),
            Network::Quic => ("quic_security", "quic_key", ""),
            Network::Xhttp => ("host", "path", "xhttp_mode"),
            _ => ("host", "path", "mode"),
        };
        self.set("network", transport.network.key());
        self.set("header_type", &transport.header);
        self.set("authority", &transport.authority);
        for (name, value) in [(host, &transport.host), (path, &transport.path), (mode, &transport.mode)] {
            self.set(name, value);
        }
    }

    fn tls(&mut self, tls: &Tls) {
        self.set("sni", &tls.server_name);
        self.set("fp", &tls.client_fingerprint);
        self.set("pbk", &tls.public_key);
        self.set("sid", &tls.short_id);
        self.set("spx", &tls.spider_x);
        self.0.insert("insecure".to_owned(), tls.insecure.into());
        if !tls.alpn.is_empty() {
            self.0.insert("alpn".to_owned(), tls.alpn.iter().map(Text::as_str).collect());
        }
    }

    /// Sets parameters under their keys: flags as booleans, numbers as numbers where they are some.
    fn params(&mut self, proxy: &Proxy) {
        for (param, text) in &proxy.params {
            let value = match (param.kind(), text.parse::<u64>()) {
                (Kind::Flag, _) => (text == "1").into(),
                (Kind::Number, Ok(number)) => number.into(),
                _ => text.as_str().into(),
            };
            self.0.insert(param.key().to_owned(), value);
        }
        if let Some(plugin) = link::plugin::join(proxy) {
            self.set("plugin_raw", &plugin);
        }
    }

    /// Sets `extra`; a name that is there twice has a list.
    fn extra(&mut self, extra: &[(Text, Text)]) {
        let mut object = Map::new();
        for (name, value) in extra {
            match object.get_mut(name.as_str()) {
                None => {
                    object.insert(name.as_str().to_owned(), value.as_str().into());
                }
                Some(Value::Array(values)) => values.push(value.as_str().into()),
                Some(one) => *one = json!([one, value]),
            }
        }
        if !object.is_empty() {
            self.0.insert("extra".to_owned(), Value::Object(object));
        }
    }
}
