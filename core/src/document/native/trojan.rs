//! The clients of Trojan and Trojan-Go.
//!
//! Specification: <https://trojan-gfw.github.io/trojan/config> and
//! <https://github.com/p4gefau1t/trojan-go/blob/master/docs/content/basic/full-config.md>
//!
//! # Differences between programs
//!
//! Trojan-Go has WebSocket, a Shadowsocks layer and imitated browsers besides. Of several passwords,
//! which a server has, a client uses the first.

use super::{
    Network, Param, Program, Protocol, Proxy, Reason, Security, Table, Transport, Tree, Value, password,
    password_of, put_tls, speaks, take_tls,
};

pub(in super::super) static TROJAN: Program = Program {
    name: "trojan",
    specification: "https://trojan-gfw.github.io/trojan/config",
    is_yaml: false,
    example: r#"{"run_type": "client", "local_addr": "127.0.0.1", "local_port": 1080, "remote_addr": "192.0.2.1", "remote_port": 443, "password": ["secret"], "ssl": {"sni": "example.com"}}"#,
    has: &["remote_addr", "remote_port", "password"],
    has_any: &[],
    has_not: &["websocket", "shadowsocks", "mux", "router", "transport_plugin", "disable_http_check"],
    read: |object| vec![read(object, "trojan")],
    fits: |proxy| {
        speaks(proxy, Protocol::Trojan)?;
        let plain = proxy.transport == Transport::default() && layer(proxy).is_none();
        if plain { is_tls(proxy) } else { Err("Trojan has neither transports nor a Shadowsocks layer") }
    },
    write: |proxy, object| write(proxy, object),
};

pub(in super::super) static TROJAN_GO: Program = Program {
    name: "trojan-go",
    specification: "https://github.com/p4gefau1t/trojan-go/blob/master/docs/content/basic/full-config.md",
    is_yaml: false,
    example: r#"{"run_type": "client", "local_addr": "127.0.0.1", "local_port": 1080, "remote_addr": "192.0.2.1", "remote_port": 443, "password": ["secret"], "websocket": {"enabled": true, "path": "/ws", "host": "example.com"}}"#,
    has: &["remote_addr", "remote_port", "password"],
    has_any: &["websocket", "shadowsocks", "mux", "router", "transport_plugin", "disable_http_check"],
    has_not: &[],
    read: |object| vec![read(object, "trojan-go")],
    fits: |proxy| {
        speaks(proxy, Protocol::Trojan)?;
        let plain = matches!(proxy.transport.network, Network::Tcp | Network::Ws)
            && proxy.transport.header.is_empty();
        if plain { is_tls(proxy) } else { Err("Trojan-Go has no transport but TCP and WebSocket") }
    },
    write: |proxy, object| {
        write(proxy, object);
        write_go(proxy, object);
    },
};

const TLS: [&[&str]; 3] = [&["ssl.sni"], &[], &["ssl.alpn"]];
const TABLE: &Table = &[(Param::FastOpen, &["tcp.fast_open"])];

fn is_tls(proxy: &Proxy) -> Result<(), &'static str> {
    match &proxy.tls {
        Some(tls) if tls.security == Security::Tls => Ok(()),
        _ => Err("Trojan runs over TLS only"),
    }
}

fn read(mut object: Tree, format: &str) -> Result<Proxy, Reason> {
    let (host, port) = (object.take_host(&["remote_addr"])?, object.take_port(&["remote_port"])?);
    let mut proxy = Proxy::new(Protocol::Trojan, host, port);
    let words = object.take_list(&["password"]);
    let word = words.into_iter().next().ok_or(Reason::Malformed("the password is missing"))?;
    proxy.credentials = password(word);
    let mut tls = take_tls(&mut object, TLS);
    tls.insecure = object.take_flag(&["ssl.verify"]) == Some(false);
    tls.client_fingerprint = object.take(&["ssl.fingerprint"]);
    proxy.tls = Some(tls);
    object.give(&mut proxy, TABLE);
    if object.take_flag(&["websocket.enabled"]) == Some(true) {
        proxy.transport.network = Network::Ws;
        proxy.transport.path = object.take_as_is(&["websocket.path"]);
        proxy.transport.host = object.take(&["websocket.host"]);
    }
    if object.take_flag(&["shadowsocks.enabled"]) == Some(true) {
        let (method, word) =
            (object.take(&["shadowsocks.method"]), object.take_as_is(&["shadowsocks.password"]));
        proxy.set(Param::ShadowLayer, format!("ss;{method}:{word}"));
    }
    object.take(&["run_type"]);
    object.take(&["local_addr"]);
    object.take(&["local_port"]);
    object.keep(format, &mut proxy);
    Ok(proxy)
}

/// Method and password of the Shadowsocks layer.
fn layer(proxy: &Proxy) -> Option<(&str, &str)> {
    proxy.param(Param::ShadowLayer)?.strip_prefix("ss;")?.split_once(':')
}

fn write(proxy: &Proxy, object: &mut Tree) {
    object.put("run_type", "client");
    object.put("local_addr", "127.0.0.1");
    object.put("local_port", 1080);
    object.put("remote_addr", proxy.endpoint.host.as_str());
    object.put("remote_port", proxy.endpoint.port);
    object.put("password", vec![Value::from(password_of(proxy))]);
    if let Some(tls) = &proxy.tls {
        put_tls(object, tls, [TLS[0], &["ssl.verify"], TLS[2]]);
        object.put("ssl.verify", !tls.insecure);
    }
    object.put_params(proxy, TABLE);
}

fn write_go(proxy: &Proxy, object: &mut Tree) {
    let web = proxy.transport.network == Network::Ws;
    object.put("websocket.enabled", web);
    if web {
        object.put_some("websocket.path", &proxy.transport.path);
        object.put_some("websocket.host", &proxy.transport.host);
    }
    object.put_some("ssl.fingerprint", proxy.tls.as_ref().map_or("", |tls| &tls.client_fingerprint));
    if let Some((method, word)) = layer(proxy) {
        object.put("shadowsocks.enabled", true);
        object.put_some("shadowsocks.method", method);
        object.put_some("shadowsocks.password", word);
    }
}
