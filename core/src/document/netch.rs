//! Netch: `settings.json` with a list `Server`, and its links, `Netch://` and the base64 of one of
//! those objects. Such a link may also stand among others.
//!
//! Specification: <https://github.com/netchx/netch>

use serde_json::Value;

use super::tree::{Table, Tree};
use super::{Format, Hint, Reader, Reading, is_json, lines, shadowsocks, sip008, tree, trim};
use crate::link::{Reason, Scheme, base64, plugin};
use crate::proxy::{Credentials, Network, Param, Protocol, Security, Tls, Transport};
use crate::{Proxy, Text, link};

const NAME: &str = "netch";
const SCHEME: &str = "netch://";
const SPECIFICATION: &str = "https://github.com/netchx/netch";

pub(crate) struct Netch;

/// What Netch calls its protocols.
const TYPES: &[(&str, Protocol)] = &[
    ("SS", Protocol::Shadowsocks),
    ("SSR", Protocol::ShadowsocksR),
    ("Socks5", Protocol::Socks5),
    ("SOCKS", Protocol::Socks5),
    ("VMess", Protocol::Vmess),
    ("VLESS", Protocol::Vless),
    ("Trojan", Protocol::Trojan),
    ("Snell", Protocol::Snell),
];

const TABLE: &Table = &[
    (Param::SsrProtocol, &["Protocol"]),
    (Param::ProtocolParam, &["ProtocolParam"]),
    (Param::Obfs, &["OBFS"]),
    (Param::ObfsParam, &["OBFSParam"]),
    (Param::PacketEncoding, &["PacketEncoding"]),
    (Param::Version, &["Version"]),
];

impl Format for Netch {
    fn name(&self) -> &'static str {
        NAME
    }

    fn specification(&self) -> &'static str {
        SPECIFICATION
    }

    fn example(&self) -> &'static str {
        "Netch://eyJUeXBlIjoiU1MiLCJSZW1hcmsiOiJCZXJsaW4iLCJIb3N0bmFtZSI6IjE5Mi4wLjIuMSIsIlBvcnQiOjgzODgsIkVuY3J5cHRNZXRob2QiOiJhZXMtMjU2LWdjbSIsIlBhc3N3b3JkIjoic2VjcmV0In0"
    }
}

impl Reader for Netch {
    fn detect(&self, text: &str) -> bool {
        is_link(trim(text))
            || is_json(text)
                && ["\"Server\"", "\"Hostname\"", "\"Remark\""].iter().all(|name| text.contains(name))
    }

    fn read(&self, text: &str, reading: &mut Reading) {
        if is_json(text) {
            return sip008::read_list(text, &["Server"], reading, |value| vec![entry(value)]);
        }
        lines::read(text, Hint::default(), reading);
    }
}

impl Scheme for Netch {
    fn names(&self) -> &'static [&'static str] {
        &[NAME]
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[]
    }

    fn specification(&self) -> &'static str {
        SPECIFICATION
    }

    fn example(&self) -> &'static str {
        "netch://eyJUeXBlIjoiU1MiLCJSZW1hcmsiOiJCZXJsaW4iLCJIb3N0bmFtZSI6IjE5Mi4wLjIuMSIsIlBvcnQiOjgzODgsIkVuY3J5cHRNZXRob2QiOiJhZXMtMjU2LWdjbSIsIlBhc3N3b3JkIjoic2VjcmV0In0"
    }

    fn parse(&self, link: &str) -> Result<Proxy, Reason> {
        const EXPECTED: Reason =
            Reason::Malformed("not the base64 of a JSON object with Type, Hostname and Port");
        let json = link.get(SCHEME.len()..).and_then(base64::decode_text).ok_or(EXPECTED)?;
        entry(serde_json::from_str(&json).map_err(|_| EXPECTED)?)
    }

    fn print(&self, _proxy: &Proxy) -> String {
        String::new()
    }
}

fn is_link(text: &str) -> bool {
    text.get(..SCHEME.len()).is_some_and(|start| start.eq_ignore_ascii_case(SCHEME))
}

fn entry(mut value: Value) -> Result<Proxy, Reason> {
    tree::prune(&mut value);
    let mut object = Tree::of(value).ok_or(Reason::Malformed("no object with Type, Hostname and Port"))?;
    let kind = object.take(&["Type"]);
    let known = TYPES.iter().find(|(name, _)| name.eq_ignore_ascii_case(&kind));
    let (_, protocol) = known.ok_or_else(|| Reason::UnknownType(kind.chars().take(40).collect()))?;
    let mut proxy = Proxy::new(*protocol, object.take_host(&["Hostname"])?, object.take_port(&["Port"])?);
    proxy.credentials = credentials(&mut object, *protocol)?;
    object.give(&mut proxy, TABLE);
    plugin::give(&mut proxy, &[object.take(&["Plugin"]), object.take(&["PluginOption"])].join(";"));
    if *protocol == Protocol::ShadowsocksR {
        shadowsocks::usual(&mut proxy);
    }
    proxy.transport = transport(&mut object)?;
    proxy.tls = tls(&mut object, *protocol);
    proxy.name = object.take(&["Remark"]);
    proxy.set(Param::Group, object.take(&["Group"]).strip_prefix("None").map_or("", |rest| rest));
    object.keep(NAME, &mut proxy);
    Ok(proxy)
}

fn credentials(object: &mut Tree, protocol: Protocol) -> Result<Credentials, Reason> {
    let id = object.take(&["UserID"]);
    let (username, password) = (object.take_as_is(&["Username"]), object.take_as_is(&["Password"]));
    let method = object.take(&["EncryptMethod"]).to_ascii_lowercase();
    Ok(match protocol {
        Protocol::Shadowsocks => link::cipher(&method, &password)?,
        Protocol::ShadowsocksR => Credentials::Cipher { method, password: password.into() },
        Protocol::Vmess | Protocol::Vless if id.is_empty() => {
            return Err(Reason::Malformed("the user's id is missing"));
        }
        Protocol::Vmess => Credentials::Vmess {
            id: id.into(),
            cipher: (if method.is_empty() { "auto" } else { &method }).into(),
            alter_id: object.take(&["AlterID"]).parse().unwrap_or_default(),
        },
        Protocol::Vless => Credentials::Vless {
            id: id.into(),
            encryption: (if method.is_empty() { "none" } else { &method }).into(),
            flow: object.take(&["Flow"]),
        },
        Protocol::Socks5 if username.is_empty() => Credentials::None,
        Protocol::Socks5 => Credentials::Login { username, password: password.into() },
        _ if password.is_empty() => return Err(Reason::Malformed("the password is missing")),
        _ => Credentials::Password(password.into()),
    })
}

fn transport(object: &mut Tree) -> Result<Transport, Reason> {
    let network = Network::from_key(&object.take(&["TransferProtocol"]));
    let network = network.ok_or(Reason::Malformed("the transport is none that is known"))?;
    let header = object.take(&["FakeType"]);
    let plain = network == Network::Tcp && !header.eq_ignore_ascii_case("http");
    let (host, path) = match network {
        Network::Quic => (object.take(&["QUICSecure"]), object.take(&["QUICSecret"])),
        _ if plain => (Text::new(), Text::new()),
        _ => (object.take(&["Host"]), object.take_as_is(&["Path"])),
    };
    let header = if header.eq_ignore_ascii_case("none") { Text::new() } else { header };
    Ok(Transport { network, header, host, path, ..Transport::default() })
}

fn tls(object: &mut Tree, protocol: Protocol) -> Option<Tls> {
    let security = match object.take(&["TLSSecureType"]).as_str() {
        "tls" => Some(Security::Tls),
        "xtls" => Some(Security::Xtls),
        "" if protocol == Protocol::Trojan => Some(Security::Tls),
        _ => None,
    };
    let server_name = if security.is_some() { object.take(&["ServerName", "Host"]) } else { Text::new() };
    security.map(|security| Tls { security, server_name, ..Tls::default() })
}
