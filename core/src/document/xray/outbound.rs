//! Outbounds: one proxy each, or as many as its lists of servers and users have.
//!
//! Specification: <https://xtls.github.io/config/outbound.html>

use std::collections::HashMap;
use std::net::IpAddr;

use serde_json::{Map, Value, json};

use super::super::kept::{Kept, Ways, is_any};
use super::super::tree::{self, Table, Tree};
use super::super::values::{fits_tunnel, one_of};
use super::{NAME, stream};
use crate::link::Reason;
use crate::proxy::{Credentials, Endpoint, Network, Param, Protocol, Tls};
use crate::{Proxy, Text, link};

/// Outbounds that are no proxies by design.
const NONE: [&str; 8] = ["freedom", "direct", "blackhole", "block", "dns", "loopback", "reverse", "tun"];

/// The most proxies that one outbound is read as: each is a copy of it.
const MOST: usize = 16;

/// What Xray calls its protocols, and the list in which their servers stand.
const PROTOCOLS: &[(Protocol, &str, &str)] = &[
    (Protocol::Vmess, "vmess", "settings.vnext"),
    (Protocol::Vless, "vless", "settings.vnext"),
    (Protocol::Trojan, "trojan", "settings.servers"),
    (Protocol::Shadowsocks, "shadowsocks", "settings.servers"),
    (Protocol::Socks5, "socks", "settings.servers"),
    (Protocol::Http, "http", "settings.servers"),
    (Protocol::Https, "http", "settings.servers"),
    (Protocol::WireGuard, "wireguard", "settings.peers"),
    (Protocol::Hysteria2, "hysteria", "settings"),
    (Protocol::Hysteria2, "hysteria2", "settings.servers"),
];

const HOST: &[&str] = &["settings.vnext.address", "settings.servers.address", "settings.address"];
const PORT: &[&str] = &["settings.vnext.port", "settings.servers.port", "settings.port"];
const ID: &[&str] = &["settings.vnext.users.id", "settings.id"];
const CIPHER: &[&str] = &["settings.vnext.users.security", "settings.security"];
const ALTER_ID: &[&str] = &["settings.vnext.users.alterId", "settings.alterId"];
const ENCRYPTION: &[&str] = &["settings.vnext.users.encryption", "settings.encryption"];
const FLOW: &[&str] = &["settings.vnext.users.flow", "settings.flow"];
const METHOD: &[&str] = &["settings.servers.method", "settings.method"];
const PASSWORD: &[&str] = &["settings.servers.password", "settings.password"];
const USER: &[&str] = &["settings.servers.users.user", "settings.user"];
const PASS: &[&str] = &["settings.servers.users.pass", "settings.pass"];
const SECRET_KEY: &str = "settings.secretKey";
const SHARED_KEY: &str = "settings.peers.preSharedKey";
const PEER: &str = "settings.peers.endpoint";
const DIALER: &str = "streamSettings.sockopt.dialerProxy";

/// The parameters in `settings`; those of the second table are lists.
const TABLE: &Table = &[
    (Param::UdpOverTcp, &["settings.servers.uot", "settings.uot"]),
    (Param::PeerPublicKey, &["settings.peers.publicKey"]),
    (Param::Keepalive, &["settings.peers.keepAlive"]),
    (Param::Mtu, &["settings.mtu"]),
];
const LISTS: &Table = &[
    (Param::AllowedIps, &["settings.peers.allowedIPs"]),
    (Param::LocalAddress, &["settings.address"]),
    (Param::Reserved, &["settings.reserved"]),
];

/// The `freedom` outbounds by which proxies may dial, and how they cut packets, if they do.
pub(super) struct Dialers(HashMap<String, Option<String>>);

impl Dialers {
    pub(super) fn of<'a>(outbounds: impl Iterator<Item = &'a Value>) -> Self {
        let direct =
            outbounds.filter(|value| matches!(value["protocol"].as_str(), Some("freedom" | "direct")));
        Self(direct.map(|value| (tree::text(&value["tag"]), fragment(value))).collect())
    }

    /// Takes the dialer of an outbound where it is none of the proxies.
    fn take(&self, outbound: &mut Tree, proxy: &mut Proxy) {
        let tag = outbound.take(&[DIALER]);
        match self.0.get(tag.as_str()) {
            Some(fragment) => proxy.set(Param::Fragment, fragment.clone().unwrap_or_default()),
            None => outbound.put_some(DIALER, &tag),
        }
    }
}

/// How a `freedom` outbound cuts packets, in the order of links: length, interval, packets.
fn fragment(freedom: &Value) -> Option<String> {
    let field = |name: &str| tree::text(&freedom["settings"]["fragment"][name]);
    let fields = ["length", "interval", "packets"].map(field);
    fields.iter().all(|field| !field.is_empty()).then(|| format!("1,{}", fields.join(",")))
}

/// The settings of [`fragment`], of three fields with or without a 1 before them; packets may be first.
fn cut_packets(fragment: &str) -> Option<Value> {
    let fields = tree::cut(fragment);
    let fields = fields.strip_prefix(&["1".to_owned()][..]).filter(|rest| rest.len() == 3).unwrap_or(&fields);
    let [a, b, c] = fields else { return None };
    let named = |text: &str| text.eq_ignore_ascii_case("tlshello");
    let (length, interval, packets) = if named(a) { (b, c, a) } else { (a, b, c) };
    let fits = is_range(length) && is_range(interval) && (named(packets) || is_range(packets));
    fits.then(|| json!({ "packets": packets, "length": length, "interval": interval }))
}

fn is_range(text: &str) -> bool {
    text.split('-').count() <= 2
        && text.split('-').all(|number| number.parse::<u32>().is_ok_and(|number| number > 0))
}

/// Reads an outbound; none where it is no proxy by design.
pub(super) fn read(mut outbound: Value, dialers: &Dialers) -> Vec<Result<Proxy, Reason>> {
    let kind = tree::text(&outbound["protocol"]).to_ascii_lowercase();
    if NONE.contains(&kind.as_str()) {
        return Vec::new();
    }
    tree::prune(&mut outbound);
    let mut read: Vec<_> =
        unfold(outbound, MOST + 1).into_iter().map(|one| proxy(one, &kind, dialers)).collect();
    if read.len() > MOST {
        read.truncate(MOST);
        read.push(Err(Reason::Malformed("more than 16 servers in one outbound")));
    }
    read
}

/// The outbounds of one server and one user each, without the lists around them.
fn unfold(outbound: Value, most: usize) -> Vec<Value> {
    let list = ["vnext", "servers", "peers"].into_iter().find(|name| outbound["settings"][name].is_array());
    let Some(list) = list else { return vec![outbound] };
    let mut rest = outbound;
    let servers = rest["settings"][list].take();
    let servers = items(servers).flat_map(|mut server| {
        let users = server.get_mut("users").map(Value::take);
        match users {
            None => vec![server],
            Some(users) => items(users).take(most).map(|user| with(&server, "users", user)).collect(),
        }
    });
    servers
        .take(most)
        .map(|server| {
            let mut one = rest.clone();
            one["settings"][list] = server;
            one
        })
        .collect()
}

/// The objects of a list; one empty object where it has none.
fn items(list: Value) -> impl Iterator<Item = Value> {
    let items = match list {
        Value::Array(items) if !items.is_empty() => items,
        other => vec![other],
    };
    items.into_iter().map(|item| if item.is_object() { item } else { Value::Object(Map::new()) })
}

fn with(server: &Value, name: &str, value: Value) -> Value {
    let mut server = server.clone();
    server[name] = value;
    server
}

fn proxy(outbound: Value, kind: &str, dialers: &Dialers) -> Result<Proxy, Reason> {
    let mut outbound = Tree::of(outbound).ok_or(Reason::Malformed("an outbound is no object"))?;
    let known = PROTOCOLS.iter().find(|(_, name, _)| *name == kind);
    let protocol = known.map_or(Protocol::Other, |(protocol, _, _)| *protocol);
    let at = endpoint(&mut outbound, protocol, kind)?;
    let mut proxy = Proxy::new(protocol, at.host, at.port);
    outbound.take(&["protocol"]);
    if protocol == Protocol::Other {
        proxy.set(Param::Type, kind);
    } else {
        proxy.credentials = credentials(&mut outbound, &mut proxy)?;
        outbound.give(&mut proxy, TABLE);
        if protocol == Protocol::WireGuard {
            outbound.give(&mut proxy, LISTS);
            take_usual(&mut outbound, USERSPACE, true);
        }
        stream::read(&mut outbound, &mut proxy)?;
        secure(&mut proxy);
    }
    dialers.take(&mut outbound, &mut proxy);
    proxy.name = outbound.take(&["tag"]);
    // One that is off says nothing; clients write it everywhere.
    match outbound.take_flag(&["mux.enabled"]) {
        Some(true) => outbound.put("mux.enabled", true),
        Some(false) => drop(outbound.take_tree("mux")),
        None => {}
    }
    outbound.keep(NAME, &mut proxy);
    Ok(proxy)
}

/// A tunnel in the program instead of one in the kernel, for which it would have to be root.
const USERSPACE: &str = "settings.noKernelTun";

/// Takes a flag that says what is written where nothing is said.
fn take_usual(outbound: &mut Tree, path: &str, usual: bool) {
    if let Some(said) = outbound.take_flag(&[path]).filter(|said| *said != usual) {
        outbound.put(path, said);
    }
}

/// Where a proxy is; `WireGuard` says it in one text.
fn endpoint(outbound: &mut Tree, protocol: Protocol, kind: &str) -> Result<Endpoint, Reason> {
    if protocol == Protocol::WireGuard {
        return link::endpoint(&outbound.take(&[PEER]), None);
    }
    let unknown = || Reason::UnknownType(kind.chars().take(40).collect());
    let (host, port) = (outbound.take_host(HOST), outbound.take_port(PORT));
    match (host, port) {
        (Err(Reason::NoHost), _) | (_, Err(Reason::NoPort)) if protocol == Protocol::Other => Err(unknown()),
        (host, port) => Ok(Endpoint { host: host?, port: port? }),
    }
}

/// What the protocol makes of its TLS: an HTTP proxy behind it is another, Hysteria 2 always has it.
fn secure(proxy: &mut Proxy) {
    match proxy.protocol {
        Protocol::Http if proxy.tls.is_some() => {
            proxy.protocol = Protocol::Https;
            proxy.tls = proxy.tls.take().filter(|tls| *tls != Tls::default());
        }
        Protocol::Hysteria2 => drop(proxy.tls.get_or_insert_default()),
        _ => {}
    }
}

fn credentials(outbound: &mut Tree, proxy: &mut Proxy) -> Result<Credentials, Reason> {
    let id = |outbound: &mut Tree| match outbound.take(ID) {
        id if id.is_empty() => Err(Reason::Malformed("the user's id is missing")),
        id => Ok(id.into()),
    };
    Ok(match proxy.protocol {
        Protocol::Vmess => Credentials::Vmess {
            id: id(outbound)?,
            cipher: or(outbound.take(CIPHER), "auto"),
            alter_id: outbound.take(ALTER_ID).parse().unwrap_or_default(),
        },
        Protocol::Vless => Credentials::Vless {
            id: id(outbound)?,
            encryption: or(outbound.take(ENCRYPTION), "none"),
            flow: outbound.take(FLOW),
        },
        Protocol::Shadowsocks => link::cipher(&outbound.take(METHOD), &outbound.take_as_is(PASSWORD))?,
        Protocol::Trojan => match outbound.take_as_is(PASSWORD) {
            password if password.is_empty() => return Err(Reason::Malformed("the password is missing")),
            password => Credentials::Password(password.into()),
        },
        Protocol::WireGuard => Credentials::Keys {
            private_key: outbound.take(&[SECRET_KEY]).into(),
            pre_shared_key: outbound.take(&[SHARED_KEY]).into(),
        },
        Protocol::Hysteria2 => hysteria(outbound, proxy)?,
        _ => login(outbound, proxy),
    })
}

fn or(text: Text, usual: &str) -> Text {
    if text.is_empty() { usual.into() } else { text }
}

fn hysteria(outbound: &mut Tree, proxy: &mut Proxy) -> Result<Credentials, Reason> {
    if !matches!(outbound.take(&["settings.version"]).as_str(), "" | "2") {
        return Err(Reason::Malformed("a version of Hysteria that Xray does not have: expected 2"));
    }
    let auth = stream::read_hysteria(outbound, proxy);
    Ok(if auth.is_empty() { Credentials::None } else { Credentials::Password(auth.into()) })
}

/// User and password of SOCKS and HTTP; `V2Ray`'s SOCKS may be of version 4.
fn login(outbound: &mut Tree, proxy: &mut Proxy) -> Credentials {
    if proxy.protocol == Protocol::Socks5 {
        let version = outbound.take(&["settings.version"]);
        if version.starts_with('4') {
            proxy.protocol = Protocol::Socks4;
        }
    }
    let (username, password) = (outbound.take_as_is(USER), outbound.take_as_is(PASS));
    if username.is_empty() && password.is_empty() {
        return Credentials::None;
    }
    Credentials::Login { username, password: password.into() }
}

/// What the tags of outbounds through which proxies dial start with.
pub(super) const FRAGMENT: &str = "fragment-";

/// Writes proxies as outbounds, and behind them the ones through which some dial; the tags of those
/// start with a mark.
pub(super) fn write(proxies: &[Proxy], mark: &str) -> Vec<Value> {
    let mut dialers = Vec::new();
    let mut tags = HashMap::new();
    let ways = WAYS.map(|path| Ways::of(proxies, &format!("{NAME}:{path}")));
    let mut outbounds = Vec::with_capacity(proxies.len());
    for proxy in proxies {
        let text = proxy.param(Param::Fragment).unwrap_or_default();
        let known = tags.entry(text).or_insert_with(|| {
            let tag = format!("{mark}{FRAGMENT}{}", dialers.len() + 1);
            let fragment = cut_packets(text)?;
            let settings = json!({ "fragment": fragment });
            dialers.push(json!({ "tag": tag, "protocol": "freedom", "settings": settings }));
            Some(tag)
        });
        let goes_on = |path: &str| {
            let way = WAYS.iter().zip(&ways).find(|(name, _)| **name == path);
            way.is_some_and(|(_, ways)| ways.reaches(&proxy.name))
        };
        outbounds.push(outbound(proxy, known.as_deref(), goes_on));
    }
    outbounds.extend(dialers);
    outbounds
}

fn outbound(proxy: &Proxy, dialer: Option<&str>, goes_on: impl Fn(&str) -> bool) -> Value {
    let known = PROTOCOLS.iter().find(|(protocol, _, _)| *protocol == proxy.protocol);
    let (_, kind, list) = known.copied().unwrap_or((Protocol::Other, proxy.protocol.key(), "settings"));
    let mut outbound = Tree::default();
    if proxy.protocol == Protocol::WireGuard {
        outbound.put(USERSPACE, true);
    }
    outbound.put("protocol", kind);
    outbound.put_some("tag", &proxy.name);
    if proxy.protocol == Protocol::WireGuard {
        outbound.put(PEER, proxy.endpoint.to_string());
    } else {
        outbound.put(&format!("{list}.address"), proxy.endpoint.host.as_str());
        outbound.put(&format!("{list}.port"), proxy.endpoint.port);
    }
    write_credentials(proxy, &mut outbound);
    write_params(proxy, &mut outbound);
    if !matches!(proxy.protocol, Protocol::WireGuard) {
        stream::write(proxy, &mut outbound);
    }
    if proxy.protocol == Protocol::Https {
        outbound.put("streamSettings.security", "tls");
    }
    outbound.put_some(DIALER, dialer.unwrap_or_default());
    let none = Dialers(HashMap::new());
    let read = |tree: Tree| self::proxy(tree.value(), kind, &none).ok();
    let wanted = |path: &str| WAYS.contains(&path) && goes_on(path) || !is_any(path, FORBIDDEN);
    fold(Kept::of(NAME, proxy, wanted).under(outbound, read).value())
}

/// Where the outbound is named that another goes through.
const WAYS: [&str; 2] = [DIALER, "proxySettings.tag"];

/// What no kept field may say: where the proxy is and as whom, in the form of Xray that is not written,
/// other names of what is, and outbounds to go through.
const FORBIDDEN: &[&str] = &[
    DIALER,
    "proxySettings.tag",
    "settings.address",
    "settings.port",
    "settings.id",
    "settings.security",
    "settings.alterId",
    "settings.encryption",
    "settings.flow",
    "settings.method",
    "settings.password",
    "settings.user",
    "settings.pass",
    "settings.uot",
    "settings.peers.endpoint",
    "streamSettings.method",
    "streamSettings.rawSettings",
    "streamSettings.splithttpSettings",
    "streamSettings.gunSettings",
];

fn write_params(proxy: &Proxy, outbound: &mut Tree) {
    outbound.put_strict(proxy, TABLE);
    if let Some(reserved) = proxy.param(Param::Reserved) {
        let bytes: Vec<u8> = reserved.split(',').filter_map(|byte| byte.trim().parse().ok()).collect();
        if bytes.len() == 3 {
            outbound.put("settings.reserved", bytes);
        }
    }
    for (param, paths) in LISTS.iter().filter(|(param, _)| *param != Param::Reserved) {
        let list = tree::cut(proxy.param(*param).unwrap_or_default());
        paths.first().into_iter().for_each(|path| outbound.put_list(path, &list));
    }
}

/// Puts texts to the first of the paths of each.
fn put_all<const N: usize>(outbound: &mut Tree, fields: [(&[&str], &str); N]) {
    for (paths, value) in fields {
        paths.first().into_iter().for_each(|path| outbound.put_some(path, value));
    }
}

fn write_credentials(proxy: &Proxy, outbound: &mut Tree) {
    match &proxy.credentials {
        Credentials::Vmess { id, cipher, alter_id } => {
            put_all(outbound, [(ID, id.expose()), (CIPHER, cipher)]);
            ALTER_ID.first().into_iter().for_each(|path| outbound.put(path, *alter_id));
        }
        Credentials::Vless { id, encryption, flow } => {
            let encryption = if is_encryption(encryption) { encryption.as_str() } else { "none" };
            put_all(outbound, [(ID, id.expose()), (ENCRYPTION, encryption), (FLOW, flow)]);
        }
        Credentials::Cipher { method, password } => {
            put_all(outbound, [(METHOD, method), (PASSWORD, password.expose())]);
        }
        Credentials::Login { username, password } => {
            put_all(outbound, [(USER, username), (PASS, password.expose())]);
        }
        Credentials::Keys { private_key, pre_shared_key } => {
            put_all(
                outbound,
                [(&[SECRET_KEY], private_key.expose()), (&[SHARED_KEY], pre_shared_key.expose())],
            );
        }
        Credentials::Password(password) if proxy.protocol == Protocol::Trojan => {
            put_all(outbound, [(PASSWORD, password.expose())]);
        }
        _ => {}
    }
    if proxy.protocol == Protocol::Hysteria2 {
        outbound.put("settings.version", 2);
        let auth = match &proxy.credentials {
            Credentials::Password(auth) => auth.expose(),
            _ => "",
        };
        stream::write_hysteria(proxy, auth, outbound);
    }
}

/// Whether Xray knows an encryption; links carry advertisements there.
fn is_encryption(text: &str) -> bool {
    text == "none" || text.starts_with("mlkem768x25519plus.")
}

/// Puts the lists of one back that [`unfold`] takes away.
fn fold(mut outbound: Value) -> Value {
    if let Some(settings) = outbound.get_mut("settings").and_then(Value::as_object_mut) {
        for list in ["vnext", "servers", "peers"] {
            let Some(server) = settings.get_mut(list).filter(|server| server.is_object()) else { continue };
            if let Some(users) = server.get_mut("users").filter(|users| users.is_object()) {
                *users = Value::Array(vec![users.take()]);
            }
            *server = Value::Array(vec![server.take()]);
        }
    }
    outbound
}

/// The ciphers that Xray has.
const METHODS: [&str; 9] = [
    "aes-128-gcm",
    "aes-256-gcm",
    "chacha20-poly1305",
    "chacha20-ietf-poly1305",
    "xchacha20-poly1305",
    "xchacha20-ietf-poly1305",
    "2022-blake3-aes-128-gcm",
    "2022-blake3-aes-256-gcm",
    "2022-blake3-chacha20-poly1305",
];

/// Why Xray cannot use a proxy at all, if so: it refuses the whole file.
pub(super) fn fits(proxy: &Proxy) -> Result<(), &'static str> {
    match (proxy.protocol, &proxy.credentials) {
        (Protocol::Vmess, Credentials::Vmess { id, .. }) => is_id(id.expose()),
        (Protocol::Vless, Credentials::Vless { id, flow, encryption }) => {
            let open = encryption == "none" || !is_encryption(encryption);
            let carried = flow.is_empty() || !open || proxy.transport.network == Network::Tcp;
            let carried = if carried { Ok(()) } else { Err("Xray has Vision over plain TCP only") };
            is_id(id.expose()).and(is_flow(flow)).and(carried).and(if open {
                is_secret(proxy)
            } else {
                Ok(())
            })
        }
        (Protocol::Shadowsocks, Credentials::Cipher { method, password }) => {
            is_method(method, password.expose()).and(has_no_plugin(proxy))
        }
        (Protocol::WireGuard, Credentials::Keys { private_key, pre_shared_key }) => {
            are_keys(proxy, private_key.expose(), pre_shared_key.expose())
        }
        (Protocol::Hysteria2, _) => is_plain_hysteria(proxy),
        (Protocol::Trojan, _) => has_no_layer(proxy).and(is_secret(proxy)),
        (Protocol::Socks5 | Protocol::Http | Protocol::Https, _) => Ok(()),
        _ => Err("Xray does not speak this protocol"),
    }
    .and_then(|()| if proxy.protocol.is_datagram() { Ok(()) } else { stream::fits(proxy) })
}

/// What is not encrypted goes to private networks only, since Xray 26.7.
fn is_secret(proxy: &Proxy) -> Result<(), &'static str> {
    let private = match proxy.endpoint.host.parse() {
        Ok(IpAddr::V4(at)) => {
            at.is_private() || at.is_loopback() || at.is_link_local() || at.is_documentation()
        }
        Ok(IpAddr::V6(at)) => at.is_unique_local() || at.is_loopback() || at.is_unicast_link_local(),
        Err(_) => proxy.endpoint.host == "localhost",
    };
    if proxy.tls.is_some() || private {
        Ok(())
    } else {
        Err("Xray sends VLESS and Trojan without TLS to private networks only")
    }
}

fn is_id(id: &str) -> Result<(), &'static str> {
    let digits = id.bytes().filter(u8::is_ascii_hexdigit).count();
    let is_uuid = digits == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let is_short = (1..=30).contains(&id.len());
    if is_uuid || is_short { Ok(()) } else { Err("the id is neither a UUID nor a text of up to 30 bytes") }
}

fn is_flow(flow: &str) -> Result<(), &'static str> {
    let known = matches!(flow, "" | "xtls-rprx-vision" | "xtls-rprx-vision-udp443");
    if known { Ok(()) } else { Err("Xray has no flow but xtls-rprx-vision any more") }
}

fn is_method(method: &str, password: &str) -> Result<(), &'static str> {
    if !METHODS.contains(&method) {
        return Err("Xray does not have this cipher");
    }
    let bytes: usize = match method {
        "2022-blake3-aes-128-gcm" => 16,
        _ if method.starts_with("2022-") => 32,
        _ => return Ok(()),
    };
    let is_key = |key: &str| {
        key.len() == bytes.div_ceil(3) * 4 && link::base64::decode(key).is_some_and(|key| key.len() == bytes)
    };
    if password.split(':').all(is_key) {
        Ok(())
    } else {
        Err("the password is no key of this cipher's length")
    }
}

fn has_no_plugin(proxy: &Proxy) -> Result<(), &'static str> {
    if proxy.param(Param::Plugin).is_none() { Ok(()) } else { Err("Xray has no plugins for Shadowsocks") }
}

fn has_no_layer(proxy: &Proxy) -> Result<(), &'static str> {
    let none = proxy.param(Param::ShadowLayer).is_none_or(|layer| layer == "none");
    if none { Ok(()) } else { Err("Xray has no Shadowsocks layer for Trojan") }
}

fn are_keys(proxy: &Proxy, private: &str, shared: &str) -> Result<(), &'static str> {
    let keys = [private, proxy.param(Param::PeerPublicKey).unwrap_or_default()];
    let is_key = |key: &str| stream::is_key(key, 44);
    if !keys.into_iter().all(is_key) || !(shared.is_empty() || is_key(shared)) {
        return Err("a key is no base64 of 32 bytes");
    }
    let small = proxy.param(Param::Mtu).and_then(|mtu| mtu.parse::<u32>().ok()).is_some_and(|mtu| mtu < 1280);
    if small && proxy.param(Param::LocalAddress).is_some_and(|addresses| addresses.contains(':')) {
        return Err("Xray has no IPv6 in a tunnel of packets below 1280 bytes");
    }
    let amnezia = proxy.params.iter().any(|(param, _)| (Param::Jc..=Param::I5).contains(param));
    if amnezia { Err("Xray has no AmneziaWG") } else { fits_tunnel(proxy) }
}

fn is_plain_hysteria(proxy: &Proxy) -> Result<(), &'static str> {
    if proxy.param(Param::Obfs).is_some_and(|obfs| obfs != "salamander") {
        return Err("Xray has no obfuscation of Hysteria 2 but salamander");
    }
    if proxy.param(Param::Realm).is_some() {
        return Err("Xray finds no Hysteria 2 server in a realm");
    }
    let hops = proxy.param(Param::HopInterval).into_iter().flat_map(|interval| interval.split('-'));
    if hops.map(str::parse::<u32>).any(|seconds| seconds.is_ok_and(|seconds| seconds < 5)) {
        return Err("Xray hops every five seconds at most");
    }
    let known = ["", "reno", "bbr", "brutal", "force-brutal"];
    one_of(proxy, Param::Congestion, &known, "Xray does not know this congestion control")
}
