//! One Shadowsocks or `ShadowsocksR` server as a JSON object: what SIP008, the clients' own files, SSD
//! and their kin have in common.

use serde_json::Value;

use super::tree::{self, Table, Tree};
use crate::link::{Reason, base64, plugin};
use crate::proxy::{Credentials, Param, Protocol};
use crate::{Proxy, Text, link};

const HOST: &[&str] = &["server", "address", "hostname"];
const PORT: &[&str] = &["server_port", "port"];
const METHOD: &[&str] = &["method", "encryption", "encrypt_method"];
const PASSWORD: &[&str] = &["password"];
const PLUGIN: &[&str] = &["plugin"];
const OPTIONS: &[&str] = &["plugin_opts", "plugin_options", "plugin_option"];
const NAME: &[&str] = &["remarks", "remark", "name", "tag"];

/// What `ShadowsocksR` has besides.
const SSR: &Table = &[
    (Param::ProtocolParam, &["protocolparam"]),
    (Param::Obfs, &["obfs"]),
    (Param::ObfsParam, &["obfsparam"]),
    (Param::UdpOverTcp, &["udp_over_tcp"]),
    (Param::Group, &["group"]),
];

/// The proxies of an object: one, or one for each of its addresses. What nobody takes is kept under
/// the format's name.
pub(super) fn read(value: Value, format: &str) -> Vec<Result<Proxy, Reason>> {
    let Some(mut object) = Tree::of(value) else {
        return vec![Err(Reason::Malformed("no object: expected one with server, server_port and method"))];
    };
    match object.take_value(&["server"]) {
        Some(Value::Array(hosts)) => {
            let one = |host| {
                let mut object = object.clone();
                object.put("server", host);
                entry(object, format)
            };
            hosts.into_iter().take(16).map(one).collect()
        }
        Some(server) => {
            object.put("server", server);
            vec![entry(object, format)]
        }
        None => vec![entry(object, format)],
    }
}

fn entry(object: Tree, format: &str) -> Result<Proxy, Reason> {
    let mut value = object.value();
    tree::prune(&mut value);
    let mut object = Tree::of(value).unwrap_or_default();
    let (host, port) = (object.take_host(HOST)?, object.take_port(PORT)?);
    let mut proxy = Proxy::new(Protocol::Shadowsocks, host, port);
    let (method, password) = (object.take(METHOD), object.take_as_is(PASSWORD));
    let protocol = object.take(&["protocol"]);
    if protocol.is_empty() {
        proxy.credentials = link::cipher(&method, &password)?;
        plugin::give(&mut proxy, &[object.take(PLUGIN), object.take(OPTIONS)].join(";"));
    } else {
        object.give(&mut proxy, SSR);
        proxy.set(Param::SsrProtocol, protocol);
        proxy.protocol = Protocol::ShadowsocksR;
        proxy.credentials =
            Credentials::Cipher { method: method.to_ascii_lowercase(), password: password.into() };
        usual(&mut proxy);
    }
    proxy.name = name(&mut object);
    object.keep(format, &mut proxy);
    Ok(proxy)
}

/// The obfuscation that is meant where none is said; the protocol in lower case, as links have it.
pub(super) fn usual(proxy: &mut Proxy) {
    for (param, usual) in [(Param::SsrProtocol, "origin"), (Param::Obfs, "plain")] {
        let said = proxy.param(param).unwrap_or(usual).to_ascii_lowercase();
        proxy.set(param, said);
    }
}

/// Takes the name; `ShadowsocksR` writes it twice.
fn name(object: &mut Tree) -> Text {
    let encoded = base64::decode_text(&object.take(&["remarks_base64"])).unwrap_or_default();
    match object.take(NAME) {
        name if name.is_empty() => encoded.into(),
        name => name,
    }
}

/// Puts what [`read`] takes of a Shadowsocks proxy, under the first of its names.
pub(super) fn write(proxy: &Proxy, format: &str) -> Tree {
    let mut object = Tree::default();
    object.put_kept(format, proxy);
    object.put_some("remarks", &proxy.name);
    object.put("server", proxy.endpoint.host.as_str());
    object.put("server_port", proxy.endpoint.port);
    if let Credentials::Cipher { method, password } = &proxy.credentials {
        object.put("method", method.as_str());
        object.put("password", password.expose());
    }
    object.put_some("plugin", proxy.param(Param::Plugin).unwrap_or_default());
    object.put_some("plugin_opts", proxy.param(Param::PluginOpts).unwrap_or_default());
    object
}
