//! Quantumult, before its X: `name = vmess, host, port, cipher, "id", over-tls=true, …` under `[SERVER]`. The
//! same line in base64 is one of the forms of `vmess://`.
//!
//! Specification: <https://github.com/crossutility/Quantumult>
//!
//! # Differences between programs
//!
//! `http` and `socks` name their place, as <https://github.com/tindy2013/subconverter> and
//! <https://github.com/surgioproject/surgio> write it, and HTTPS is `http` with `over-tls=true`.
//!
//! # Incomplete support
//!
//! It is not written: the program is sold no more.

use super::Reading;
use super::client::Client;
use super::dialect::{Dialect, EITHER, Kind, Names, PLAIN, Part, TCP, TLS, kind};
use super::policy::{Line, Options, Table, read_lines};
use super::whose::Program;
use crate::Proxy;
use crate::link::{self, Reason};
use crate::proxy::{Param, Protocol};

pub(super) struct Quantumult;

const CIPHER: &[(Part, Names)] = &[(Part::Method, &["method"]), (Part::Password, &["password"])];
const LOGIN: &[(Part, Names)] = &[
    (Part::Username, &["upstream-proxy-username", "username"]),
    (Part::Password, &["upstream-proxy-password", "password"]),
];
const GROUP: &Table = &[(Param::Group, &["group"])];
const SSR: &Table = &[
    (Param::SsrProtocol, &["protocol"]),
    (Param::ProtocolParam, &["protocol_param"]),
    (Param::Obfs, &["obfs"]),
    (Param::ObfsParam, &["obfs_param"]),
    (Param::Group, &["group"]),
];

const KINDS: &[Kind] = &[
    kind(&["shadowsocks"], Protocol::Shadowsocks, CIPHER, GROUP, TCP, PLAIN),
    kind(&["shadowsocksr"], Protocol::ShadowsocksR, CIPHER, SSR, TCP, PLAIN),
    kind(&["http"], Protocol::Http, LOGIN, GROUP, TCP, PLAIN),
    kind(&["https"], Protocol::Https, LOGIN, GROUP, TCP, TLS),
    kind(&["socks", "socks5"], Protocol::Socks5, LOGIN, GROUP, TCP, EITHER),
];

/// Quantumult's language, but for `VMess`, whose line is read as that of a link.
pub(super) static DIALECT: Dialect = Dialect {
    name: "quantumult",
    kinds: KINDS,
    params: &[],
    tls: &[(Part::On, &["over-tls"]), (Part::ServerName, &["tls-host"]), (Part::Verified, &["certificate"])],
    ..super::surfboard::BASE
};

impl Client for Quantumult {
    const PROGRAM: Program = Program::Quantumult;
    const NAME: &'static str = "quantumult";
    const SPECIFICATION: &'static str = "https://github.com/crossutility/Quantumult";
    const EXAMPLE: &'static str =
        "[SERVER]\nBerlin = shadowsocks, 192.0.2.1, 8388, aes-128-cfb, \"secret\", group=one\n";

    fn read_file(text: &str, reading: &mut Reading) {
        read_lines(text, "server", reading, |line| read_line(line).map(Some));
    }
}

fn read_line(line: &Line<'_>) -> Result<Proxy, Reason> {
    if let Some(read) = link::quantumult_line(line.text) {
        return read;
    }
    let (name, word, options) = line.entry()?;
    let is_secure = word.eq_ignore_ascii_case("http") && options.says("over-tls", "true");
    let mut proxy = read_entry(if is_secure { "https" } else { &word }, options)?;
    proxy.name = name.into();
    Ok(proxy)
}

/// Reads what is behind a type: the place by its names, or else the one that stands next.
fn read_entry(word: &str, mut options: Options) -> Result<Proxy, Reason> {
    let host = options.take(&["upstream-proxy-address"]);
    let kind = DIALECT.kind(word).filter(|_| !host.is_empty());
    let Some(kind) = kind else { return DIALECT.read_entry(word, options) };
    let port = options.take_if(&["upstream-proxy-port"], |port| !port.is_empty()).ok_or(Reason::NoPort)?;
    let has_login = options.has(&["upstream-proxy-username"]);
    options.take_if(&["upstream-proxy-auth"], |said| link::flag(said) == Some(has_login));
    DIALECT.read(kind, (link::host(&host)?, link::port(&port)?), options)
}
