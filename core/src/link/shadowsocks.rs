//! Shadowsocks links: `ss://base64(method:password)@host:port?plugin=…#name`, the same with plain
//! user info (always so for 2022 ciphers), and the older `ss://base64(method:password@host:port)`.
//!
//! Specification: <https://shadowsocks.org/doc/sip002.html>, <https://shadowsocks.org/doc/sip022.html>
//!
//! # Differences between programs
//!
//! - In the older form the password is not percent-encoded; the last `@` ends it.
//! - `key1:key2` of 2022 ciphers is one password: only the first colon cuts.
//! - Xray's `type=ws&security=tls` is read as for VLESS.
//!
//! - Shadowrocket writes a plugin as a parameter of the plugin's name with base64 of a JSON object.

use serde_json::Value;

use super::params::{Names, Params, Printed, close, names};
use super::parts::{Parts, cut, decode, encode, endpoint, fragment, split, trim};
use super::{Reason, Scheme, base64, plugin, stream};
use crate::proxy::{Credentials, Endpoint, Param, Protocol, Proxy};

pub(super) struct Shadowsocks;

/// AEAD 2022, AEAD, and the obsolete stream ciphers that servers still run.
const METHODS: &[&str] = &[
    "2022-blake3-aes-128-gcm",
    "2022-blake3-aes-256-gcm",
    "2022-blake3-aes-128-ccm",
    "2022-blake3-aes-256-ccm",
    "2022-blake3-chacha20-poly1305",
    "2022-blake3-chacha8-poly1305",
    "aes-128-gcm",
    "aes-192-gcm",
    "aes-256-gcm",
    "aes-128-ccm",
    "aes-192-ccm",
    "aes-256-ccm",
    "aes-128-gcm-siv",
    "aes-256-gcm-siv",
    "chacha20-ietf-poly1305",
    "chacha20-poly1305",
    "chacha8-ietf-poly1305",
    "xchacha20-ietf-poly1305",
    "xchacha20-poly1305",
    "xchacha8-ietf-poly1305",
    "sm4-gcm",
    "sm4-ccm",
    "aegis-128l",
    "aegis-256",
    "aez-384",
    "deoxys-ii-256-128",
    "rabbit128-poly1305",
    "ascon128",
    "ascon128a",
    "lea-128-gcm",
    "lea-192-gcm",
    "lea-256-gcm",
    "none",
    "plain",
    "dummy",
    "table",
    "rc4",
    "rc4-md5",
    "rc4-md5-6",
    "aes-128-cfb",
    "aes-192-cfb",
    "aes-256-cfb",
    "aes-128-cfb1",
    "aes-192-cfb1",
    "aes-256-cfb1",
    "aes-128-cfb8",
    "aes-192-cfb8",
    "aes-256-cfb8",
    "aes-128-cfb128",
    "aes-192-cfb128",
    "aes-256-cfb128",
    "aes-128-ctr",
    "aes-192-ctr",
    "aes-256-ctr",
    "aes-128-ofb",
    "aes-192-ofb",
    "aes-256-ofb",
    "camellia-128-cfb",
    "camellia-192-cfb",
    "camellia-256-cfb",
    "camellia-128-ctr",
    "camellia-192-ctr",
    "camellia-256-ctr",
    "bf-cfb",
    "cast5-cfb",
    "des-cfb",
    "idea-cfb",
    "rc2-cfb",
    "seed-cfb",
    "salsa20",
    "salsa20-ctr",
    "chacha20",
    "chacha20-ietf",
    "xchacha20",
];

impl Scheme for Shadowsocks {
    fn names(&self) -> &'static [&'static str] {
        &["ss"]
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[Protocol::Shadowsocks]
    }

    fn specification(&self) -> &'static str {
        "https://shadowsocks.org/doc/sip002.html"
    }

    fn example(&self) -> &'static str {
        "ss://YWVzLTEyOC1nY206dGVzdA@192.0.2.1:8888?plugin=obfs-local%3Bobfs%3Dhttp#Berlin"
    }

    fn parse(&self, link: &str) -> Result<Proxy, Reason> {
        let parts = split(link)?;
        let (credentials, at) = match parts.user {
            Some(user) => (user_info(user)?, endpoint(parts.host, None)?),
            None => whole(&parts)?,
        };
        let mut params = Params::read(parts.query);
        let mut proxy = Proxy::new(Protocol::Shadowsocks, at.host, at.port);
        proxy.credentials = credentials;
        (proxy.transport, proxy.tls) = stream::read(&mut params, None)?;
        give_plugin(&mut params, &mut proxy);
        Ok(close(proxy, &parts, params, stream::TABLE))
    }

    fn print(&self, proxy: &Proxy) -> String {
        let user = match &proxy.credentials {
            Credentials::Cipher { method, password } => print_user(method, password.expose()),
            _ => String::new(),
        };
        let mut query = Printed::default();
        let mut proxy = proxy.clone();
        if let Some(plugin) = plugin::join(&proxy) {
            query.add("plugin", &plugin);
            proxy.set(Param::Plugin, "");
            proxy.set(Param::PluginOpts, "");
        }
        stream::print_unusual(&proxy, None, &mut query, stream::TABLE);
        format!("ss://{user}@{}{}{}", proxy.endpoint, query.finish(), fragment(&proxy.name))
    }
}

/// The plugins that Shadowrocket calls by name.
const PLUGINS: [Names; 4] =
    [names!["shadow-tls"], names!["v2ray-plugin"], names!["gost-plugin"], names!["obfs-local"]];

/// Takes the plugin: all of it in `plugin`, or an object under its name.
fn give_plugin(params: &mut Params, proxy: &mut Proxy) {
    let named = |said: &str| Some(trim(said).to_owned()).filter(|said| !said.starts_with(';'));
    if let Some(text) = params.take_if(names!["plugin"], named) {
        return plugin::give(proxy, &text);
    }
    let found =
        PLUGINS.iter().find_map(|names| Some((names.first()?.text(), params.take_if(names, object)?)));
    if let Some((name, options)) = found {
        plugin::give(proxy, &format!("{name};{options}"));
    }
}

/// The options of a plugin from base64 of an object; what is true is a name alone.
fn object(text: &str) -> Option<String> {
    let object: serde_json::Map<String, Value> = serde_json::from_str(&base64::decode_text(text)?).ok()?;
    let option = |(name, value): (String, Value)| match value {
        Value::Bool(true) => Some((name, String::new())),
        Value::Bool(false) | Value::Null => None,
        Value::String(text) => Some((name, text)),
        other => Some((name, other.to_string())),
    };
    Some(plugin::write(&object.into_iter().filter_map(option).collect::<Vec<_>>()))
}

/// `method:password`, plain or in base64.
fn user_info(user: &str) -> Result<Credentials, Reason> {
    if let Some((method, password)) = cut(user, b':') {
        return cipher(&decode(method), &decode(password));
    }
    let plain = decode(user);
    if let Some((method, password)) = cut(&plain, b':') {
        return cipher(method, password);
    }
    let text = base64::decode_text(&plain).ok_or_else(|| neither(&plain))?;
    let (method, password) = cut(&text, b':').ok_or_else(|| neither(&plain))?;
    cipher(method, password)
}

/// Why user info is none. A UUID there is what some lists write for VLESS.
fn neither(user: &str) -> Reason {
    if is_uuid(user) {
        Reason::Malformed("this is a VLESS link that calls itself ss: its user info is a UUID")
    } else {
        Reason::Malformed("the user info is neither method:password nor its base64")
    }
}

pub(crate) fn is_uuid(text: &str) -> bool {
    text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// The older form: all of it in base64.
fn whole(parts: &Parts<'_>) -> Result<(Credentials, Endpoint), Reason> {
    const EXPECTED: Reason =
        Reason::Malformed("neither user@host:port nor the base64 of method:password@host:port");
    let body = decode(parts.body);
    let text = base64::decode_text(&body).ok_or(EXPECTED)?;
    let (user, at) = text.rsplit_once('@').ok_or(EXPECTED)?;
    let (method, password) = user.split_once(':').ok_or(EXPECTED)?;
    Ok((cipher(method, password)?, endpoint(at.trim_end_matches('/'), None)?))
}

/// The credentials of a cipher that Shadowsocks has.
pub(crate) fn cipher(method: &str, password: &str) -> Result<Credentials, Reason> {
    let said = method.trim();
    // Nearly all are written as they are here, and to see that takes far less.
    let as_is = METHODS.iter().find(|known| **known == said);
    let method = as_is.or_else(|| METHODS.iter().find(|known| known.eq_ignore_ascii_case(said)));
    let method = *method.ok_or(Reason::Malformed("the cipher is none that Shadowsocks has"))?;
    if password.is_empty() && !matches!(method, "none" | "plain" | "dummy") {
        return Err(Reason::Malformed("the password is missing"));
    }
    Ok(Credentials::Cipher { method: method.into(), password: password.into() })
}

/// 2022 ciphers are printed plain, as SIP022 wants it, and all others in base64.
fn print_user(method: &str, password: &str) -> String {
    if method.starts_with("2022-") {
        format!("{method}:{}", encode(password))
    } else {
        base64::encode_url_safe(&format!("{method}:{password}"))
    }
}
