//! `streamSettings`: how an outbound's bytes travel.
//!
//! Specification: <https://xtls.github.io/config/transport.html>

use serde_json::{Value, json};

use super::super::tree::{self, Table, Tree};
use crate::link::Reason;
use crate::proxy::{Network, Param, Protocol, Security, Tls, Transport};
use crate::{Proxy, Text, link};

/// The names of a network's own settings, the written one first, and of the fields in them.
#[derive(Clone, Copy, Default)]
struct Fields {
    own: &'static [&'static str],
    host: &'static [&'static str],
    path: &'static [&'static str],
    mode: &'static [&'static str],
    authority: &'static [&'static str],
    /// Whether host and path are lists.
    lists: bool,
}

const HEADER: &str = "header.type";

fn fields(network: Network, header: &str) -> Fields {
    let none = Fields::default();
    let web = Fields { host: &["host", "headers.Host"], path: &["path"], ..none };
    match network {
        Network::Tcp if !header.eq_ignore_ascii_case("http") => {
            Fields { own: &["tcpSettings", "rawSettings"], ..none }
        }
        Network::Tcp => Fields {
            own: &["tcpSettings", "rawSettings"],
            host: &["header.request.headers.Host"],
            path: &["header.request.path"],
            lists: true,
            ..none
        },
        // V2Ray knows the header alone.
        Network::Ws => Fields { own: &["wsSettings"], host: &["headers.Host", "host"], ..web },
        Network::Grpc => Fields {
            own: &["grpcSettings", "gunSettings"],
            path: &["serviceName"],
            authority: &["authority"],
            ..none
        },
        Network::H2 => Fields { own: &["httpSettings"], lists: true, ..web },
        Network::HttpUpgrade => Fields { own: &["httpupgradeSettings"], ..web },
        Network::Xhttp => Fields { own: &["xhttpSettings", "splithttpSettings"], mode: &["mode"], ..web },
        Network::Kcp => Fields { own: &["kcpSettings"], path: &["seed"], ..none },
        Network::Quic => Fields { own: &["quicSettings"], host: &["security"], path: &["key"], ..none },
    }
}

/// The parameters of WebSocket's own settings.
const EARLY: &Table =
    &[(Param::EarlyData, &["maxEarlyData"]), (Param::EarlyDataHeader, &["earlyDataHeaderName"])];

const SOCKET: &Table = &[(Param::FastOpen, &["streamSettings.sockopt.tcpFastOpen"])];

const TLS: &Table = &[
    (Param::CertSha256, &["pinnedPeerCertSha256"]),
    (Param::VerifyCertName, &["verifyPeerCertByName", "verifyPeerCertInNames", "serverNameToVerify"]),
    (Param::Ech, &["echConfigList"]),
];

const CHAIN: &str = "pinnedPeerCertificateChainSha256";

const REALITY: &Table = &[(Param::Mldsa65, &["mldsa65Verify"])];

/// Takes transport and security of an outbound.
pub(super) fn read(outbound: &mut Tree, proxy: &mut Proxy) -> Result<(), Reason> {
    let network = outbound.take(&["streamSettings.network", "streamSettings.method"]);
    if proxy.protocol != Protocol::Hysteria2 {
        let network = Network::from_key(&network);
        let network = network.ok_or(Reason::Malformed("the network is none that Xray or V2Ray has"))?;
        proxy.transport = transport(outbound, network, proxy);
        let masks = outbound.take_tree("streamSettings.finalmask").map(Tree::value);
        proxy.set(Param::Finalmask, masks.map(|masks| masks.to_string()).unwrap_or_default());
    }
    proxy.tls = security(outbound, proxy)?;
    outbound.give(proxy, SOCKET);
    Ok(())
}

fn transport(outbound: &mut Tree, network: Network, proxy: &mut Proxy) -> Transport {
    let own = fields(network, "").own;
    let mut rest = own.iter().find_map(|name| outbound.take_tree(&stream(name))).unwrap_or_default();
    let mut header = rest.take(&[HEADER]);
    if header.eq_ignore_ascii_case("none") {
        header = Text::new();
    }
    let names = fields(network, &header);
    let take_all = |rest: &mut Tree, paths| Text::from(rest.take_list(paths).join(","));
    let transport = Transport {
        network,
        host: host(&mut rest, network, &names),
        path: if names.lists { take_all(&mut rest, names.path) } else { rest.take_as_is(names.path) },
        mode: mode(&mut rest, network, &names),
        authority: rest.take(names.authority),
        header,
    };
    if network == Network::Ws {
        rest.give(proxy, EARLY);
    }
    if network == Network::Xhttp {
        proxy.set(Param::XhttpExtra, extra(&mut rest));
    }
    outbound.give_back(&stream(own.first().copied().unwrap_or_default()), rest);
    transport
}

/// Where a field of `streamSettings` is.
fn stream(name: &str) -> String {
    format!("streamSettings.{name}")
}

/// Takes the host. One in WebSocket's headers says nothing where another stands beside them.
fn host(rest: &mut Tree, network: Network, names: &Fields) -> Text {
    let beside = if network == Network::Ws { rest.take(&["host"]) } else { Text::new() };
    let host = rest.take_list(names.host).join(",");
    if beside.is_empty() { host.into() } else { beside }
}

/// Takes the mode: gRPC says it by a flag.
fn mode(rest: &mut Tree, network: Network, names: &Fields) -> Text {
    if network != Network::Grpc {
        return rest.take(names.mode);
    }
    rest.take_flag(&["multiMode"]).map_or("", |multi| if multi { "multi" } else { "gun" }).into()
}

/// Takes XHTTP's `extra`. Without one, all its other settings mean the same.
fn extra(rest: &mut Tree) -> String {
    match rest.take_value(&["extra"]) {
        Some(Value::String(text)) => text,
        Some(extra) => extra.to_string(),
        None => match std::mem::take(rest).value() {
            Value::Object(own) if own.is_empty() => String::new(),
            own => own.to_string(),
        },
    }
}

fn security(outbound: &mut Tree, proxy: &mut Proxy) -> Result<Option<Tls>, Reason> {
    let said = outbound.take(&["streamSettings.security"]).to_ascii_lowercase();
    let security = match said.as_str() {
        "" | "none" => return Ok(None),
        "tls" | "utls" => Security::Tls,
        "reality" => Security::Reality,
        "xtls" => Security::Xtls,
        _ => return Err(Reason::Malformed("the security is none of none, tls, reality and xtls")),
    };
    let path = stream(&format!("{}Settings", security.key()));
    let mut rest = outbound.take_tree(&path).unwrap_or_default();
    let tls = tls(&mut rest, security, proxy);
    outbound.give_back(&path, rest);
    Ok(Some(tls))
}

fn tls(rest: &mut Tree, security: Security, proxy: &mut Proxy) -> Tls {
    let mut tls = Tls {
        security,
        server_name: rest.take(&["serverName"]),
        client_fingerprint: rest.take(&["fingerprint"]),
        ..Tls::default()
    };
    if security == Security::Reality {
        tls.public_key = rest.take(&["publicKey", "password"]);
        tls.short_id = rest.take(&["shortId"]);
        tls.spider_x = rest.take(&["spiderX"]);
        rest.give(proxy, REALITY);
        return tls;
    }
    tls.alpn = rest.take_list(&["alpn"]);
    tls.insecure = rest.take_flag(&["allowInsecure"]).unwrap_or_default();
    rest.give(proxy, TLS);
    let pin = proxy.param(Param::CertSha256).map(|pin| pin.replace(':', "").to_ascii_lowercase());
    if let Some(pin) = pin.filter(|pin| is_pin(pin)) {
        proxy.set(Param::CertSha256, pin);
    }
    proxy.set(Param::CertChainSha256, rest.take_list(&[CHAIN]).join(","));
    tls
}

/// Whether a text is what Xray takes for the hashes of certificates.
fn is_pin(text: &str) -> bool {
    text.split(',').all(|pin| pin.len() == 64 && pin.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Puts what [`read`] takes.
pub(super) fn write(proxy: &Proxy, outbound: &mut Tree) {
    if proxy.protocol != Protocol::Hysteria2 {
        write_transport(proxy, outbound);
        if let Some(masks) = object(proxy, Param::Finalmask) {
            outbound.put("streamSettings.finalmask", masks);
        }
    }
    if let Some(tls) = &proxy.tls {
        write_tls(proxy, tls, outbound);
    }
    outbound.put_strict(proxy, SOCKET);
}

fn write_transport(proxy: &Proxy, outbound: &mut Tree) {
    let transport = &proxy.transport;
    let names = fields(transport.network, &transport.header);
    let Some(own) = names.own.first() else { return };
    let path = |name: &str| format!("streamSettings.{own}.{name}");
    outbound.put("streamSettings.network", transport.network.key());
    if is_header(transport) {
        outbound.put_some(&path(HEADER), &transport.header);
    }
    let fields = [
        (names.host, &transport.host),
        (names.path, &transport.path),
        (names.mode, &transport.mode),
        (names.authority, &transport.authority),
    ];
    for (paths, value) in fields {
        match paths.first() {
            Some(name) if names.lists => outbound.put_list(&path(name), &tree::cut(value)),
            Some(name) => outbound.put_some(&path(name), value),
            None => {}
        }
    }
    if transport.network == Network::Grpc && !transport.mode.is_empty() {
        outbound.put(&path("multiMode"), transport.mode == "multi");
    }
    write_params(proxy, outbound, own);
}

/// Whether Xray knows a header; it refuses a file that names another.
fn is_header(transport: &Transport) -> bool {
    let known: &[_] = match transport.network {
        Network::Tcp => &["http"],
        _ => &["srtp", "utp", "wechat-video", "dtls", "wireguard", "dns"],
    };
    known.iter().any(|header| header.eq_ignore_ascii_case(&transport.header))
}

/// Puts the parameters of a network's own settings.
fn write_params(proxy: &Proxy, outbound: &mut Tree, own: &str) {
    if let Some(extra) = object(proxy, Param::XhttpExtra).filter(|_| own == "xhttpSettings") {
        outbound.put("streamSettings.xhttpSettings.extra", extra);
    }
    if own == "wsSettings" {
        let mut early = Tree::default();
        early.put_strict(proxy, EARLY);
        if let Value::Object(fields) = early.value() {
            fields
                .into_iter()
                .for_each(|(name, value)| outbound.put(&stream(&format!("{own}.{name}")), value));
        }
    }
}

/// The object that a parameter holds.
fn object(proxy: &Proxy, param: Param) -> Option<Value> {
    serde_json::from_str(proxy.param(param)?).ok().filter(Value::is_object)
}

fn write_tls(proxy: &Proxy, tls: &Tls, outbound: &mut Tree) {
    outbound.put("streamSettings.security", tls.security.key());
    let path = stream(&format!("{}Settings", tls.security.key()));
    let mut rest = outbound.take_tree(&path).unwrap_or_default();
    rest.put_some("serverName", tls_name(proxy, tls));
    if is_fingerprint(&tls.client_fingerprint) {
        rest.put_some("fingerprint", &tls.client_fingerprint);
    }
    if tls.security == Security::Reality {
        rest.put_some("publicKey", &tls.public_key);
        rest.put_some("shortId", &tls.short_id);
        if tls.spider_x.starts_with('/') {
            rest.put_some("spiderX", &tls.spider_x);
        }
        rest.put_strict(proxy, REALITY);
    } else {
        rest.put_list("alpn", &tls.alpn);
        rest.put_strict(
            proxy,
            if proxy.param(Param::CertSha256).is_none_or(is_pin) { TLS } else { TLS_UNPINNED },
        );
        rest.put_list(CHAIN, &tree::cut(proxy.param(Param::CertChainSha256).unwrap_or_default()));
    }
    outbound.give_back(&path, rest);
}

/// The name that TLS asks for. Where none is said and a web transport has a host, programs ask for that.
pub(in crate::document) fn tls_name<'a>(proxy: &'a Proxy, tls: &'a Tls) -> &'a str {
    let is_web =
        matches!(proxy.transport.network, Network::Ws | Network::HttpUpgrade | Network::H2 | Network::Xhttp);
    let asks = tls.server_name.is_empty() && tls.security == Security::Tls && is_web;
    if !asks || proxy.param(Param::DisableSni) == Some("1") {
        return &tls.server_name;
    }
    let first = proxy.transport.host.split(',').next().unwrap_or_default();
    let host = first.split(':').next().unwrap_or_default().trim();
    if host == proxy.endpoint.host { "" } else { host }
}

/// [`TLS`] without a hash that Xray would stumble over.
const TLS_UNPINNED: &Table = match TLS {
    [_, rest @ ..] => rest,
    [] => &[],
};

/// The browsers that Xray imitates; it refuses a file that names another.
const BROWSERS: [&str; 11] = [
    "chrome",
    "firefox",
    "safari",
    "ios",
    "android",
    "edge",
    "360",
    "qq",
    "random",
    "randomized",
    "randomizednoalpn",
];

fn is_fingerprint(name: &str) -> bool {
    BROWSERS.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Why Xray cannot use a transport and its security, if so: it refuses the whole file.
pub(super) fn fits(proxy: &Proxy) -> Result<(), &'static str> {
    match (proxy.transport.network, &proxy.tls) {
        (Network::H2, _) => Err("Xray has no HTTP/2 transport any more: XHTTP took its place"),
        (Network::Quic, _) => Err("Xray has no QUIC transport any more: XHTTP took its place"),
        (network, Some(tls)) if tls.security == Security::Reality => reality(network, tls),
        (_, Some(tls)) if tls.security == Security::Xtls => {
            Err("Xray has no XTLS in its first form any more")
        }
        _ => Ok(()),
    }
    .and_then(|()| xhttp(proxy))
}

fn xhttp(proxy: &Proxy) -> Result<(), &'static str> {
    let mode = proxy.transport.mode.as_str();
    let known = ["", "auto", "packet-up", "stream-up", "stream-one"];
    if proxy.transport.network == Network::Xhttp && !known.contains(&mode) {
        return Err("Xray does not know this mode of XHTTP");
    }
    let said = |param| proxy.param(param).and_then(|text| serde_json::from_str::<Value>(text).ok());
    if said(Param::XhttpExtra).is_some_and(|extra| !is_extra(&extra)) {
        return Err("what XHTTP has in `extra` is not of the types that Xray reads");
    }
    if said(Param::Finalmask).is_some_and(|masks| !are_masks(&masks)) {
        return Err("what is in `finalmask` is not of the types that Xray reads");
    }
    let verify = proxy.param(Param::Mldsa65);
    if verify.is_some_and(|key| link::base64::decode(key).is_none_or(|key| key.len() != 1952)) {
        return Err("the ML-DSA-65 key is not 1952 bytes in base64");
    }
    Ok(())
}

/// Whether each field of `extra` is of the type that it has in
/// [Xray](https://github.com/XTLS/Xray-core/discussions/4113), as far as it is known here.
fn is_extra(extra: &Value) -> bool {
    let fits = |(name, value): (&String, &Value)| match name.as_str() {
        "headers" | "xmux" | "downloadSettings" => value.is_object(),
        "noGRPCHeader" | "noSSEHeader" => value.is_boolean(),
        "xPaddingBytes" | "scMaxEachPostBytes" | "scMinPostsIntervalMs" | "scStreamUpServerSecs" => {
            is_range(value)
        }
        "scMaxBufferedPosts" => value.is_number(),
        _ => true,
    };
    extra.as_object().is_some_and(|extra| extra.iter().all(fits))
}

/// A number, or a text of one or of two with `-` between.
fn is_range(value: &Value) -> bool {
    let digits = |part: &str| part.parse::<u32>().is_ok();
    value.is_number() || value.as_str().is_some_and(|text| text.splitn(2, '-').all(digits))
}

fn are_masks(masks: &Value) -> bool {
    let fits = |(name, value): (&String, &Value)| match name.as_str() {
        "tcp" | "udp" => value.is_array(),
        "quicParams" => value.is_object(),
        _ => true,
    };
    masks.as_object().is_some_and(|masks| masks.iter().all(fits))
}

fn reality(network: Network, tls: &Tls) -> Result<(), &'static str> {
    let hexadecimal = tls.short_id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !matches!(network, Network::Tcp | Network::Xhttp | Network::Grpc) {
        Err("REALITY runs over TCP, XHTTP and gRPC only")
    } else if !is_key(&tls.public_key, 43) {
        Err("the REALITY key is no X25519 key")
    } else if !hexadecimal || !tls.short_id.len().is_multiple_of(2) || tls.short_id.len() > 16 {
        Err("the REALITY short id is no hexadecimal text of up to 16 digits")
    } else {
        Ok(())
    }
}

/// Whether a text is base64 of 32 bytes in so many digits.
pub(super) fn is_key(text: &str, digits: usize) -> bool {
    text.len() == digits && link::base64::decode(text).is_some_and(|bytes| bytes.len() == 32)
}

/// What Hysteria 2 has in `finalmask` and, in Xray of 2025, in its own settings.
const QUIC: &Table = &[
    (Param::Congestion, &["finalmask.quicParams.congestion", "hysteriaSettings.congestion"]),
    (Param::Ports, &["finalmask.quicParams.udpHop.ports", "hysteriaSettings.udphop.port"]),
    (Param::HopInterval, &["finalmask.quicParams.udpHop.interval", "hysteriaSettings.udphop.interval"]),
    (Param::Up, &["finalmask.quicParams.brutalUp", "hysteriaSettings.up"]),
    (Param::Down, &["finalmask.quicParams.brutalDown", "hysteriaSettings.down"]),
];

/// Takes the password, the obfuscation and the bandwidth of Hysteria 2.
pub(super) fn read_hysteria(outbound: &mut Tree, proxy: &mut Proxy) -> Text {
    let mut rest = outbound.take_tree("streamSettings").unwrap_or_default();
    rest.take(&["hysteriaSettings.version"]);
    let auth = rest.take_as_is(&["hysteriaSettings.auth", "hy2Settings.password"]);
    rest.give(proxy, QUIC);
    for param in [Param::Up, Param::Down] {
        let speed = proxy.param(param).map(megabits).unwrap_or_default();
        proxy.set(param, speed);
    }
    if let Some(Value::Array(masks)) = rest.take_value(&["finalmask.udp"]) {
        let others: Vec<_> = masks.into_iter().filter_map(|mask| read_mask(mask, proxy)).collect();
        if !others.is_empty() {
            rest.put("finalmask.udp", others);
        }
    }
    let masks = rest.take_tree("finalmask").map(Tree::value);
    proxy.set(Param::Finalmask, masks.map(|masks| masks.to_string()).unwrap_or_default());
    outbound.give_back("streamSettings", rest);
    auth
}

/// A speed in Mbit/s without its unit; any other as it is.
fn megabits(speed: &str) -> String {
    let number = speed.strip_suffix("mbps").map(str::trim_end);
    number.filter(|number| number.parse::<u64>().is_ok()).unwrap_or(speed).to_owned()
}

/// Gives a proxy what a mask says, and gives one back that says something else.
fn read_mask(mask: Value, proxy: &mut Proxy) -> Option<Value> {
    let field = |name: &str| tree::text(&mask["settings"][name]);
    match (mask["type"].as_str(), mask["settings"].as_object().map(serde_json::Map::len)) {
        (Some("salamander"), Some(1)) => {
            proxy.set(Param::Obfs, "salamander");
            proxy.set(Param::ObfsPassword, field("password"));
        }
        (Some("udphop"), Some(2 | 3)) if mask["settings"]["mode"] == HOP => {
            proxy.set(Param::Ports, field("remotePorts"));
            proxy.set(Param::HopInterval, field("interval"));
        }
        _ => return Some(mask),
    }
    None
}

/// The mode of a mask that changes the server's port in intervals.
const HOP: &str = "intervalRemote";

/// Puts what [`read_hysteria`] takes.
pub(super) fn write_hysteria(proxy: &Proxy, auth: &str, outbound: &mut Tree) {
    outbound.put("streamSettings.network", "hysteria");
    outbound.put("streamSettings.hysteriaSettings.version", 2);
    outbound.put_some("streamSettings.hysteriaSettings.auth", auth);
    let mut finalmask = object(proxy, Param::Finalmask).and_then(Tree::of).unwrap_or_default();
    let mut masks = match finalmask.take_value(&["udp"]) {
        Some(Value::Array(masks)) => masks,
        _ => Vec::new(),
    };
    masks.extend(hop(proxy));
    if let Some(password) = proxy.param(Param::ObfsPassword) {
        masks.push(json!({ "type": "salamander", "settings": { "password": password } }));
    }
    if !masks.is_empty() {
        finalmask.put("udp", masks);
    }
    finalmask.put_some("quicParams.congestion", proxy.param(Param::Congestion).unwrap_or_default());
    for (param, path) in [(Param::Up, "quicParams.brutalUp"), (Param::Down, "quicParams.brutalDown")] {
        finalmask.put_some(path, &speed(proxy.param(param).unwrap_or_default()));
    }
    outbound.give_back("streamSettings.finalmask", finalmask);
}

fn hop(proxy: &Proxy) -> Option<Value> {
    let mut mask = Tree::default();
    mask.put("type", "udphop");
    mask.put("settings.mode", HOP);
    mask.put("settings.remotePorts", proxy.param(Param::Ports).filter(|ports| tree::is_ports(ports))?);
    let interval = proxy.param(Param::HopInterval).filter(|said| tree::is_range(said));
    mask.put_number("settings.interval", interval.unwrap_or_default());
    Some(mask.value())
}

/// Whether a text is a speed with a unit that Xray knows.
fn is_speed(text: &str) -> bool {
    let unit = text.trim_start_matches(|char: char| char.is_ascii_digit());
    let (name, scale) = (unit.trim().to_ascii_lowercase(), ["k", "m", "g", "t"]);
    let is_scaled = |rest: &str| matches!(rest, "" | "b" | "bps");
    unit.len() < text.len()
        && (is_scaled(&name) || scale.iter().filter_map(|scale| name.strip_prefix(scale)).any(is_scaled))
}

/// A speed with its unit: Xray takes a bare number for bits.
fn speed(text: &str) -> String {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("{text} mbps")
    } else if is_speed(text) {
        text.to_owned()
    } else {
        String::new()
    }
}
