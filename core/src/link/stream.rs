//! How bytes travel, as the query of `vless://`, `trojan://`, `vmess://` and some `ss://` links says
//! it: `type=ws&security=tls&sni=…&path=…`.
//!
//! Specification: <https://github.com/XTLS/Xray-core/discussions/716>
//!
//! # Differences between programs
//!
//! - `raw` is `tcp`, `splithttp` is `xhttp`, `gun` is `grpc`, and `h2` is printed as `http`, which
//!   is what most programs read.
//! - `peer` is `sni`, and `allowInsecure` has half a dozen spellings.
//! - A REALITY key (`pbk`) without a `security` means REALITY; Shadowrocket writes `tls=1`.
//! - `?ed=2048` in a path stays in the path.
//!
//! # Incomplete support
//!
//! A field that the network does not use, such as the `host` of plain TCP, is kept, not understood:
//! it changes nothing, and is no part of a proxy's identity.

use super::Reason;
use super::params::{Name, Names, Params, Printed, Table, flag, names};
use super::parts::trim;
use crate::proxy::{Network, Param, Security, Tls, Transport};
use crate::{Proxy, Text};

/// The parameters of every link that says how bytes travel.
pub(super) const TABLE: &Table = &[
    (Param::Ech, names!["ech"]),
    (Param::CertSha256, names!["pcs", "pinSHA256"]),
    (Param::VerifyCertName, names!["vcn"]),
    (Param::Mldsa65, names!["pqv"]),
    (Param::PacketEncoding, names!["packetEncoding"]),
    (Param::EarlyData, names!["ed"]),
    (Param::EarlyDataHeader, names!["eh"]),
    (Param::XhttpExtra, names!["extra"]),
    (Param::Finalmask, names!["fm"]),
    (Param::Fragment, names!["fragment"]),
    (Param::FastOpen, names!["tfo", "fastopen"]),
    (Param::UdpOverTcp, names!["uot"]),
    (Param::ShadowLayer, names!["encryption"]),
];

const SNI: Names = names!["sni", "peer", "servername"];
const INSECURE: Names = names!["allowInsecure", "insecure", "skip-cert-verify"];

/// Takes the transport and the security from a query; `usual` is the security of a link that says
/// nothing of it.
pub(super) fn read(params: &mut Params, usual: Option<Security>) -> Result<(Transport, Option<Tls>), Reason> {
    let network = network(&params.take(names!["type"]))?;
    let security = match params.take(names!["security"]).as_str() {
        "" => unsaid(params, usual),
        said => security(said)?,
    };
    Ok((transport(params, network, &Spelling::QUERY), security.map(|security| tls(params, security))))
}

/// The network of a `type` or `net`.
pub(super) fn network(key: &str) -> Result<Network, Reason> {
    Network::from_key(key).ok_or(Reason::Malformed(
        "the transport is none of tcp, ws, grpc, http, httpupgrade, xhttp, kcp and quic",
    ))
}

/// The security of a `security` or `tls`; `None` is no security.
pub(super) fn security(said: &str) -> Result<Option<Security>, Reason> {
    let all = [Security::Tls, Security::Reality, Security::Xtls];
    let known = all.into_iter().find(|security| security.key().eq_ignore_ascii_case(said));
    match (known, flag(said)) {
        (Some(security), _) => Ok(Some(security)),
        (None, Some(yes)) => Ok(yes.then_some(Security::Tls)),
        (None, None) if said.eq_ignore_ascii_case("none") => Ok(None),
        _ => Err(Reason::Malformed("the security is none of none, tls, reality and xtls")),
    }
}

/// What is meant where `security` is missing.
fn unsaid(params: &mut Params, usual: Option<Security>) -> Option<Security> {
    if !params.peek(names!["pbk"]).is_empty() {
        return Some(Security::Reality);
    }
    params.take_if(names!["tls"], |said| security(trim(said)).ok().flatten()).or(usual)
}

/// Takes the fields that the network uses.
pub(super) fn transport(params: &mut Params, network: Network, names: &Spelling) -> Transport {
    let header = header(params, names.header, network);
    let names = (names.of)(network, &header);
    Transport {
        network,
        host: params.take(names.host),
        path: params.take_as_is(names.path),
        mode: mode(params, names.mode),
        authority: params.take(names.authority),
        header,
    }
}

/// Takes the mode: v2rayN writes `none` for nothing.
fn mode(params: &mut Params, names: Names) -> Text {
    params.drop(names, |said| said.eq_ignore_ascii_case("none"));
    params.take(names)
}

/// Takes the header obfuscation, where the network has one. `none` says nothing and is dropped.
fn header(params: &mut Params, names: Names, network: Network) -> Text {
    params.drop(names, |said| said.eq_ignore_ascii_case("none"));
    if has_header(network) { params.take(names) } else { Text::new() }
}

fn has_header(network: Network) -> bool {
    matches!(network, Network::Tcp | Network::Kcp | Network::Quic)
}

/// How a kind of link calls the fields of a transport.
pub(super) struct Spelling {
    header: Names,
    of: fn(Network, &str) -> Fields,
}

impl Spelling {
    /// In a query.
    const QUERY: Self = Self { header: names!["headerType"], of: in_query };
    /// In the JSON of a `VMess` link, where `host`, `path` and `type` are what the network makes of
    /// them.
    pub(super) const JSON: Self = Self { header: names!["type", "headerType"], of: in_json };
}

/// The names of the fields that a network uses; none where it does not use the field.
#[derive(Clone, Copy, Default)]
struct Fields {
    host: Names,
    path: Names,
    mode: Names,
    authority: Names,
}

/// Those of networks that look like the web.
const WEB: Fields = Fields { host: names!["host"], path: names!["path"], mode: &[], authority: &[] };

fn in_query(network: Network, header: &str) -> Fields {
    let none = Fields::default();
    match network {
        Network::Tcp if !header.eq_ignore_ascii_case("http") => none,
        Network::Tcp | Network::Ws | Network::H2 | Network::HttpUpgrade => WEB,
        Network::Xhttp => Fields { mode: names!["mode"], ..WEB },
        Network::Grpc => Fields {
            path: names!["serviceName"],
            mode: names!["mode"],
            authority: names!["authority"],
            ..none
        },
        Network::Kcp => Fields { path: names!["seed"], ..none },
        Network::Quic => Fields { host: names!["quicSecurity"], path: names!["key"], ..none },
    }
}

fn in_json(network: Network, header: &str) -> Fields {
    let none = Fields::default();
    let mode = names!["type", "mode"];
    match network {
        Network::Grpc => Fields {
            path: names!["path", "serviceName"],
            mode,
            authority: names!["host", "authority"],
            ..none
        },
        Network::Xhttp => Fields { mode, ..WEB },
        Network::Kcp => Fields { path: names!["path", "seed"], ..none },
        Network::Quic => Fields { host: names!["host", "quicSecurity"], path: names!["path", "key"], ..none },
        _ => in_query(network, header),
    }
}

/// The fields of a transport with their names, some of them empty.
pub(super) fn transport_fields(
    transport: &Transport,
    names: &Spelling,
) -> impl Iterator<Item = (&'static str, Text)> {
    let fields = (names.of)(transport.network, &transport.header);
    let pairs = [
        (names.header, &transport.header),
        (fields.host, &transport.host),
        (fields.path, &transport.path),
        (fields.mode, &transport.mode),
        (fields.authority, &transport.authority),
    ];
    pairs.map(|(names, value)| (names.first().map_or("", Name::text), value.clone())).into_iter()
}

/// Takes the fields of TLS or REALITY.
pub(super) fn tls(params: &mut Params, security: Security) -> Tls {
    let mut tls = Tls {
        security,
        server_name: params.take(SNI),
        alpn: params.take_list(names!["alpn"]),
        client_fingerprint: params.take(names!["fp"]),
        insecure: params.take_flag(INSECURE),
        ..Tls::default()
    };
    if security == Security::Reality {
        tls.public_key = params.take(names!["pbk"]);
        tls.short_id = params.take(names!["sid"]);
        tls.spider_x = params.take(names!["spx"]);
    }
    tls
}

/// Prints what [`read`] takes, and then the rest by the names of a table.
pub(super) fn print(proxy: &Proxy, printed: &mut Printed, table: &Table) {
    print_transport(proxy, printed);
    for (name, value) in proxy.tls.iter().flat_map(fields) {
        printed.add_some(name, &value);
    }
    printed.add_rest(proxy, table);
}

/// [`print`] without the transport and the security where they are plain TCP and the usual one.
pub(super) fn print_unusual(proxy: &Proxy, usual: Option<Security>, printed: &mut Printed, table: &Table) {
    let said = names!["type", "security", "tls", "pbk"];
    let repeated = proxy.extra.iter().any(|(name, _)| said.iter().any(|known| known.is(name)))
        || proxy.param(Param::Type).is_some();
    let security = proxy.tls.as_ref().map(|tls| tls.security);
    if proxy.transport != Transport::default() || security != usual || repeated {
        print(proxy, printed, table);
    } else {
        printed.add_tls(proxy, ["sni", "insecure"]);
        printed.add_rest(proxy, table);
    }
}

fn print_transport(proxy: &Proxy, printed: &mut Printed) {
    let transport = &proxy.transport;
    printed.add("type", if transport.network == Network::H2 { "http" } else { transport.network.key() });
    printed.add("security", proxy.tls.as_ref().map_or("none", |tls| tls.security.key()));
    for (name, value) in transport_fields(transport, &Spelling::QUERY) {
        printed.add_some(name, &value);
    }
}

/// The fields of TLS or REALITY with their names, some of them empty.
pub(super) fn fields(tls: &Tls) -> [(&'static str, Text); 7] {
    [
        ("sni", tls.server_name.clone()),
        ("alpn", tls.alpn.join(",").into()),
        ("fp", tls.client_fingerprint.clone()),
        ("pbk", tls.public_key.clone()),
        ("sid", tls.short_id.clone()),
        ("spx", tls.spider_x.clone()),
        ("allowInsecure", if tls.insecure { "1" } else { "" }.into()),
    ]
}
