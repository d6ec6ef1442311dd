//! JSON lists of proxies: a list, an object with a list in it, or one object a line.
//!
//! Written is one flat object for each proxy, with one plain name for each field: for programs, and for
//! tests, which compare it across platforms. It holds all of a proxy, secrets too, and reads back as
//! the same. Empty fields are left out, but for the name. What a link or document kept stands in
//! `extra`; the order of its names, where it is not theirs in the alphabet, in `extra_order`.
//!
//! Specification: <https://www.rfc-editor.org/rfc/rfc8259>
//!
//! # Differences between programs
//!
//! Free lists are read in their own names: see [`rows`](super::rows).
//!
//! # Incomplete support
//!
//! A list of links as texts is read as [links](super::lines).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use thin_vec::ThinVec;

use super::hint::named;
use super::list::Talk;
use super::rows::{self, is_row};
use super::{Format, Hint, Places, Reader, Reading, Shape, Writer, jsonc};
use crate::link::{Reason, flag};
use crate::proxy::{Credentials, Kind, Network, Param, Protocol, Security, Tls, Transport};
use crate::{Proxy, Text, link};

/// The format.
pub(super) struct Json;

/// What lists are called that stand in an object.
const LISTS: &[&str] =
    &["proxies", "data", "items", "results", "list", "nodes", "servers", "proxy_list", "proxylist"];

/// How much of a text tells whether it is such a list, in bytes.
const NEAR: usize = 64 * 1024;

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
    fn detect(&self, text: &str) -> bool {
        let near = text.get(..text.floor_char_boundary(NEAR)).unwrap_or_default();
        if !super::trim(near).starts_with(['[', '{', '/', '#']) || text.contains("\"outbounds\"") {
            return false;
        }
        let plain = jsonc::plain(near);
        entries(&plain).first().is_some_and(|entry| match jsonc::value(entry.text) {
            Ok(Value::Object(map)) => is_row(&map),
            Ok(Value::String(text)) => !text.contains("://") && address(&text, Protocol::Http.into()).is_ok(),
            _ => false,
        })
    }

    fn read(&self, text: &str, reading: &mut Reading) {
        self.read_hinted(text, Hint::default(), reading);
    }

    fn read_hinted(&self, text: &str, hint: Hint, reading: &mut Reading) {
        let plain = jsonc::plain(text);
        let entries = entries(&plain);
        if entries.is_empty() {
            reading.refuse(Reason::Malformed("expected a list of proxies"));
        }
        let mut places = Places::of(&plain);
        for entry in entries {
            let place = places.at(entry.byte);
            for read in read_entry(&entry, hint) {
                reading.take(place, read);
            }
        }
    }
}

/// One entry of a list.
struct Entry<'a> {
    byte: usize,
    text: &'a str,
    /// What the name of its list says.
    hint: Hint,
}

/// The entries of a text, in order: its lines where each is an object, the lists in it, or itself.
fn entries(text: &str) -> Vec<Entry<'_>> {
    let start = super::trim(text);
    let found = |names: &[&str], hint| {
        let found = jsonc::entries(text, names).into_iter();
        found.map(move |(byte, text)| Entry { byte, text, hint }).collect::<Vec<_>>()
    };
    if start.starts_with('[') {
        return found(&[""], Hint::default());
    }
    let mut lines = start.lines();
    let whole = lines.next().is_some_and(|line| jsonc::value(line).is_ok());
    if whole
        && lines.find(|line| !line.trim().is_empty()).is_some_and(|line| line.trim_start().starts_with('{'))
    {
        return by_line(text);
    }
    let mut entries = found(LISTS, Hint::default());
    if entries.is_empty() {
        let names = ["http", "https", "socks4", "socks5"];
        entries = names.into_iter().flat_map(|name| found(&[name], named(name).into())).collect();
        entries.sort_by_key(|entry| entry.byte);
    }
    if entries.is_empty() && start.starts_with('{') {
        entries.push(Entry { byte: text.find('{').unwrap_or_default(), text: start, hint: Hint::default() });
    }
    entries
}

fn by_line(text: &str) -> Vec<Entry<'_>> {
    let lines = super::lines::places(text).filter(|(_, line)| line.starts_with('{'));
    lines.map(|(place, text)| Entry { byte: place.byte, text, hint: Hint::default() }).collect()
}

fn read_entry(entry: &Entry<'_>, hint: Hint) -> Vec<Result<Proxy, Reason>> {
    let hint = entry.hint.or(hint);
    match jsonc::value(entry.text) {
        Err(reason) => vec![Err(reason)],
        Ok(Value::Object(map)) if map.contains_key("fingerprint") => vec![flat(map, "json")],
        Ok(Value::Object(map)) => rows::read(map, "json", hint),
        Ok(Value::String(text)) if text.contains("://") => vec![link::parse(&text)],
        Ok(Value::String(text)) => vec![address(&text, hint)],
        Ok(_) => vec![Err(Reason::Malformed("expected an object, or a text with an address"))],
    }
}

fn address(text: &str, hint: Hint) -> Result<Proxy, Reason> {
    Talk::of("", hint).read(text)
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
        let [host, path, mode] = transport_names(transport.network);
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
                (Kind::Number, Ok(number)) if number.to_string() == *text => number.into(),
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
        if object.is_empty() {
            return;
        }
        if extra != ordered(&object, &[]).as_slice() {
            let order: Vec<_> = extra.iter().map(|(name, _)| name.as_str()).collect();
            self.0.insert("extra_order".to_owned(), order.into());
        }
        self.0.insert("extra".to_owned(), Value::Object(object));
    }
}

/// What the host, the path and the mode of a transport are called.
fn transport_names(network: Network) -> [&'static str; 3] {
    match network {
        Network::Grpc => ["host", "service_name", "grpc_mode"],
        Network::Kcp => ["host", "seed", "mode"],
        Network::Quic => ["quic_security", "quic_key", "mode"],
        Network::Xhttp => ["host", "path", "xhttp_mode"],
        _ => ["host", "path", "mode"],
    }
}

/// What `extra` holds, in the given order of its names; those that it does not name come last.
fn ordered(object: &Map<String, Value>, order: &[Value]) -> ThinVec<(Text, Text)> {
    let texts = |value: &Value| match value {
        Value::Array(values) => values.iter().map(text).collect(),
        value => vec![text(value)],
    };
    let mut left: BTreeMap<_, _> =
        object.iter().map(|(name, value)| (name.as_str(), texts(value).into_iter())).collect();
    let turn = |name: &str| Some((name.into(), left.get_mut(name)?.next()?));
    let mut all: ThinVec<_> = order.iter().filter_map(Value::as_str).filter_map(turn).collect();
    all.extend(left.into_iter().flat_map(|(name, texts)| texts.map(move |text| (name.into(), text))));
    all
}

/// A text, number or truth value as text.
fn text(value: &Value) -> Text {
    super::tree::text(value).into()
}

/// Reads what [`object`] writes. What nobody knows is kept under the format's name.
pub(super) fn flat(mut map: Map<String, Value>, format: &str) -> Result<Proxy, Reason> {
    let mut fields = Taken(&mut map);
    let key = fields.take("protocol");
    let protocol =
        Protocol::from_key(&key).ok_or_else(|| Reason::UnknownType(key.chars().take(40).collect()))?;
    let host = link::host(&fields.take("address"))?;
    let port = match fields.take("port").as_str() {
        "" => return Err(Reason::NoPort),
        digits => link::port(digits)?,
    };
    let secure = fields.secure(protocol);
    let https = protocol == Protocol::Http && secure;
    let mut proxy = Proxy::new(if https { Protocol::Https } else { protocol }, host, port);
    proxy.name = fields.take("name");
    let plugin = fields.take("plugin_raw");
    fields.take("fingerprint");
    proxy.credentials = fields.credentials(protocol);
    if !protocol.is_datagram() {
        proxy.transport = fields.transport();
    }
    proxy.tls = fields.tls(secure, https);
    fields.params(&mut proxy);
    if proxy.param(Param::Plugin).is_none() && !plugin.is_empty() {
        link::plugin::give(&mut proxy, &plugin);
    }
    fields.extra(&mut proxy);
    super::tree::Tree::of(Value::Object(map)).unwrap_or_default().keep(format, &mut proxy);
    Ok(proxy)
}

/// The fields of a flat object that nobody took yet.
struct Taken<'a>(&'a mut Map<String, Value>);

impl Taken<'_> {
    /// Takes a text as it is; empty where there is none.
    fn take(&mut self, name: &str) -> Text {
        if self.0.get(name).is_some_and(|value| value.is_object() || value.is_array()) {
            return Text::new();
        }
        self.0.remove(name).as_ref().map(text).unwrap_or_default()
    }

    /// Whether there is TLS: said by lists of this program, and else seen by what goes with it.
    fn secure(&mut self, protocol: Protocol) -> bool {
        use Protocol::{AnyTls, Hysteria, Hysteria2, Juicity, Naive, Trojan, Tuic};
        let always = matches!(protocol, AnyTls | Hysteria | Hysteria2 | Juicity | Naive | Trojan | Tuic);
        if self.has("tls") { self.yes("tls") } else { always || self.has("sni") || self.has("pbk") }
    }

    fn yes(&mut self, name: &str) -> bool {
        flag(&self.take(name)) == Some(true)
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn credentials(&mut self, protocol: Protocol) -> Credentials {
        use Protocol::{
            AnyTls, Brook, Hysteria, Hysteria2, Juicity, Shadowsocks, ShadowsocksR, Snell, Ssh, Trojan, Tuic,
            Vless, Vmess, WireGuard,
        };
        match protocol {
            Trojan | AnyTls | Brook | Hysteria | Hysteria2 => self.password("password"),
            Snell => self.password("psk"),
            Tuic | Juicity if !self.has("uuid") => self.password("password"),
            Tuic | Juicity => {
                Credentials::User { id: self.take("uuid").into(), password: self.take("password").into() }
            }
            WireGuard => Credentials::Keys {
                private_key: self.take("private_key").into(),
                pre_shared_key: self.take("pre_shared_key").into(),
            },
            Ssh => Credentials::Ssh {
                username: self.take("username"),
                password: self.take("password").into(),
                private_key: self.take("private_key").into(),
            },
            Shadowsocks | ShadowsocksR => {
                Credentials::Cipher { method: self.take("method"), password: self.take("password").into() }
            }
            Vmess => Credentials::Vmess {
                id: self.take("uuid").into(),
                cipher: self.take("method"),
                alter_id: self.take("alter_id").parse().unwrap_or_default(),
            },
            Vless => Credentials::Vless {
                id: self.take("uuid").into(),
                encryption: self.take("encryption"),
                flow: self.take("flow"),
            },
            _ => self.login(),
        }
    }

    fn password(&mut self, name: &str) -> Credentials {
        if self.has(name) { Credentials::Password(self.take(name).into()) } else { Credentials::None }
    }

    fn login(&mut self) -> Credentials {
        if !self.has("username") && !self.has("password") {
            return Credentials::None;
        }
        Credentials::Login { username: self.take("username"), password: self.take("password").into() }
    }

    fn transport(&mut self) -> Transport {
        let network = Network::from_key(&self.take("network")).unwrap_or_default();
        let [host, path, mode] = transport_names(network);
        Transport {
            network,
            header: self.take("header_type"),
            host: self.take(host),
            path: self.take(path),
            mode: self.take(mode),
            authority: self.take("authority"),
        }
    }

    /// An HTTP proxy over TLS has fields of TLS only where it has any.
    fn tls(&mut self, secure: bool, https: bool) -> Option<Tls> {
        let security = match self.take("security").as_str() {
            "reality" => Security::Reality,
            "xtls" => Security::Xtls,
            _ => Security::Tls,
        };
        let said = !https || ["insecure", "sni", "alpn", "fp"].iter().any(|name| self.has(name));
        (secure && said).then(|| Tls {
            security,
            server_name: self.take("sni"),
            alpn: self.alpn(),
            client_fingerprint: self.take("fp"),
            insecure: self.yes("insecure"),
            public_key: self.take("pbk"),
            short_id: self.take("sid"),
            spider_x: self.take("spx"),
        })
    }

    fn alpn(&mut self) -> ThinVec<Text> {
        match self.0.remove("alpn") {
            Some(Value::Array(items)) => items.iter().map(text).collect(),
            Some(value) => super::tree::cut(&text(&value)).into_iter().map(Text::from).collect(),
            None => ThinVec::new(),
        }
    }

    fn params(&mut self, proxy: &mut Proxy) {
        for param in Param::ALL {
            let said = self.0.get(param.key()).map(text).unwrap_or_default();
            let said = match param.kind() {
                Kind::Flag if !said.is_empty() => {
                    flag(&said).map_or("", |yes| if yes { "1" } else { "0" }).into()
                }
                _ => said,
            };
            if !said.is_empty() {
                self.0.remove(param.key());
                proxy.set(*param, said);
            }
        }
    }

    fn extra(&mut self, proxy: &mut Proxy) {
        let order = self.0.remove("extra_order");
        if let Some(Value::Object(extra)) = self.0.remove("extra") {
            proxy.extra =
                ordered(&extra, order.as_ref().and_then(Value::as_array).map_or(&[], Vec::as_slice));
        }
    }
}
