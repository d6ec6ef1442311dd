//! Quantumult, before its X: `name = vmess, host, port, cipher, "id", over-tls=true, …` under `[SERVER]`. The
//! same line in base64 is one of the forms of `vmess://`.
//!
//! Specification: <https://github.com/crossutility/Quantumult>
//!
//! # Incomplete support
//!
//! It is not written: the program is sold no more.

use super::dialect::{Dialect, EITHER, Kind, Names, PLAIN, Part, TCP};
use super::policy::{Line, Options, Table, lines};
use super::surge::{read_link, uncommented};
use super::whose::{Program, is_of};
use super::{Format, Reader, Reading};
use crate::Proxy;
use crate::link::{self, Reason};
use crate::proxy::{Param, Protocol, Security};

pub(super) struct Quantumult;

const CIPHER: &[(Part, Names)] = &[(Part::Method, &["method"]), (Part::Password, &["password"])];
const LOGIN: &[(Part, Names)] = &[(Part::Username, &["username"]), (Part::Password, &["password"])];
const GROUP: &Table = &[(Param::Group, &["group"])];
const SSR: &Table = &[
    (Param::SsrProtocol, &["protocol"]),
    (Param::ProtocolParam, &["protocol_param"]),
    (Param::Obfs, &["obfs"]),
    (Param::ObfsParam, &["obfs_param"]),
    (Param::Group, &["group"]),
];

const fn kind(
    words: Names,
    protocol: Protocol,
    parts: &'static [(Part, Names)],
    params: &'static Table,
    security: &'static [Option<Security>],
) -> Kind {
    Kind { words, protocol, parts, params, ways: TCP, security }
}

const KINDS: &[Kind] = &[
    kind(&["shadowsocks"], Protocol::Shadowsocks, CIPHER, GROUP, PLAIN),
    kind(&["shadowsocksr"], Protocol::ShadowsocksR, CIPHER, SSR, PLAIN),
    kind(&["http"], Protocol::Http, LOGIN, GROUP, PLAIN),
    kind(&["https"], Protocol::Https, LOGIN, GROUP, super::dialect::TLS),
    kind(&["socks"], Protocol::Socks5, LOGIN, GROUP, EITHER),
];

/// Quantumult's language, but for `VMess`, whose line is read as that of a link.
pub(super) static DIALECT: Dialect = Dialect {
    name: "quantumult",
    kinds: KINDS,
    params: &[],
    tls: &[(Part::On, &["over-tls"]), (Part::ServerName, &["tls-host"]), (Part::Verified, &["certificate"])],
    ..super::surfboard::BASE
};

impl Format for Quantumult {
    fn name(&self) -> &'static str {
        "quantumult"
    }

    fn specification(&self) -> &'static str {
        "https://github.com/crossutility/Quantumult"
    }

    fn example(&self) -> &'static str {
        "[SERVER]\nBerlin = shadowsocks, 192.0.2.1, 8388, aes-128-cfb, \"secret\", group=one\n"
    }
}

impl Reader for Quantumult {
    fn detect(&self, text: &str) -> bool {
        is_of(Program::Quantumult, text)
    }

    fn read(&self, text: &str, reading: &mut Reading) {
        for line in lines(text).filter(|line| line.is_in("server")) {
            match read_link(&line) {
                Some(Ok(proxies)) => reading.proxies.extend(proxies),
                Some(Err(reason)) => reading.reject(line.place, reason),
                None => reading.take(line.place, read_line(&line)),
            }
        }
        if reading.proxies.is_empty() && reading.rejected.is_empty() {
            reading.refuse(Reason::Empty);
        }
    }
}

fn read_line(line: &Line<'_>) -> Result<Proxy, Reason> {
    const EXPECTED: Reason = Reason::Malformed("no line of a proxy: expected name = type, host, port");
    if let Some(read) = link::quantumult_line(line.text) {
        return read;
    }
    let (name, rest) = line.named().ok_or(EXPECTED)?;
    let mut options = Options::of(uncommented(rest));
    let word = options.next().filter(|word| !word.is_empty()).ok_or(EXPECTED)?;
    let kind = DIALECT.kind(&word).ok_or_else(|| Reason::UnknownType(word.chars().take(40).collect()))?;
    let host = link::host(&options.next().ok_or(Reason::NoHost)?)?;
    let port = options.port()?;
    let mut proxy = DIALECT.read(kind, (host, port), options)?;
    name.clone_into(&mut proxy.name);
    Ok(proxy)
}
