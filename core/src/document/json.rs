//! A flat JSON list: one object per proxy, with one plain name for each field. It is written for
//! programs and for tests, which compare it across platforms.
//!
//! Empty fields are left out, but for the name. Secrets are in it.
//!
//! # Incomplete support
//!
//! It is not read: links are the form that goes both ways.

use serde_json::{Map, Value, json};

use super::{Format, Reading};
use crate::link::Reason;
use crate::proxy::{Credentials, Network, Protocol, Tls, Transport};
use crate::{Proxy, link};

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

    fn detect(&self, _text: &str) -> bool {
        false
    }

    fn read(&self, _text: &str, reading: &mut Reading) {
        reading.refuse(Reason::OnlyWritten("json"));
    }

    fn write(&self, proxies: &[Proxy]) -> Option<String> {
        let list = Value::Array(proxies.iter().map(object).collect());
        Some(format!("{list:#}\n"))
    }
}

/// Parameters that are kept without being understood, and their plain names.
const KEPT: &[(&str, &str)] = &[
    ("plugin", "plugin_raw"),
    ("vcn", "verify_cert_name"),
    ("ech", "ech"),
    ("pcs", "cert_sha256"),
    ("packetEncoding", "packet_encoding"),
];

/// One proxy as a flat object.
pub fn object(proxy: &Proxy) -> Value {
    let mut fields = Fields::default();
    let https = proxy.protocol == Protocol::Https;
    fields.set("protocol", if https { "http" } else { proxy.protocol.key() });
    fields.set("address", &proxy.endpoint.host);
    fields.0.insert("port".into(), proxy.endpoint.port.into());
    fields.0.insert("name".into(), proxy.name.as_str().into());
    fields.set("fingerprint", &proxy.fingerprint().to_string());
    fields.credentials(&proxy.credentials);
    fields.transport(&proxy.transport);
    fields.0.insert("tls".into(), (https || proxy.tls.is_some()).into());
    let security = proxy.tls.as_ref().map_or(if https { "tls" } else { "none" }, |tls| tls.security.key());
    fields.set("security", security);
    proxy.tls.iter().for_each(|tls| fields.tls(tls));
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

    fn credentials(&mut self, credentials: &Credentials) {
        match credentials {
            Credentials::None => {}
            Credentials::Login { username, password } => {
                self.set("username", username);
                self.set("password", password.expose());
            }
            Credentials::Password(password) => self.set("password", password.expose()),
            Credentials::Cipher { method, password } => {
                self.set("method", method);
                self.set("password", password.expose());
            }
            Credentials::Vmess { id, cipher, alter_id } => {
                self.set("uuid", id.expose());
                self.set("method", cipher);
                self.0.insert("alter_id".to_owned(), (*alter_id).into());
            }
            Credentials::Vless { id, encryption, flow } => {
                self.set("uuid", id.expose());
                self.set("encryption", encryption);
                self.set("flow", flow);
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
            self.0.insert("alpn".to_owned(), tls.alpn.clone().into());
        }
    }

    /// Sets `extra`; a name that is there twice has a list.
    fn extra(&mut self, extra: &[(String, String)]) {
        let mut object = Map::new();
        for (name, value) in extra {
            match object.get_mut(name) {
                None => {
                    object.insert(name.clone(), value.as_str().into());
                }
                Some(Value::Array(values)) => values.push(value.as_str().into()),
                Some(one) => *one = json!([one, value]),
            }
            let kept = KEPT.iter().find(|(known, _)| known == name);
            if let Some((_, plain)) = kept {
                self.set(plain, value);
            }
        }
        if !object.is_empty() {
            self.0.insert("extra".to_owned(), Value::Object(object));
        }
    }
}
