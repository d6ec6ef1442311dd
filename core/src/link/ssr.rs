//! `ShadowsocksR` links: base64 of `host:port:protocol:method:obfs:base64(password)/?obfsparam=…`,
//! where the values of the query are base64 too.
//!
//! Specification: <https://github.com/shadowsocksrr/shadowsocks-rss/wiki/SSR-QRcode-scheme>
//!
//! # Differences between programs
//!
//! - The host may be IPv6 without brackets: the parts are counted from the right.
//! - The query, or its `/`, may be missing; values may be `(null)`, percent-encoded after base64, or
//!   no base64 at all.

use super::params::{Params, Printed, Table, close, name, names, names_of};
use super::parts::{Parts, decode, endpoint, split, trim};
use super::{Reason, Scheme, base64};
use crate::proxy::{Credentials, Param, Protocol, Proxy};

pub(super) struct Ssr;

const TABLE: &Table = &[
    (Param::ObfsParam, names!["obfsparam"]),
    (Param::ProtocolParam, names!["protoparam"]),
    (Param::Group, names!["group"]),
    (Param::UdpOverTcp, names!["uot"]),
];

/// The parameters whose values are base64.
const ENCODED: [Param; 3] = [Param::ObfsParam, Param::ProtocolParam, Param::Group];

impl Scheme for Ssr {
    fn names(&self) -> &'static [&'static str] {
        &["ssr"]
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[Protocol::ShadowsocksR]
    }

    fn specification(&self) -> &'static str {
        "https://github.com/shadowsocksrr/shadowsocks-rss/wiki/SSR-QRcode-scheme"
    }

    fn example(&self) -> &'static str {
        "ssr://MTkyLjAuMi4xOjg4ODg6YXV0aF9hZXMxMjhfbWQ1OmFlcy0xMjgtY3RyOmh0dHBfc2ltcGxlOmMyVmpjbVYwLz9vYmZzcGFyYW09WVM1bGVHRnRjR3hsJnByb3RvcGFyYW09TVRwNCZncm91cD1aWGhoYlhCc1pRJnJlbWFya3M9UW1WeWJHbHU"
    }

    fn parse(&self, link: &str) -> Result<Proxy, Reason> {
        const EXPECTED: Reason =
            Reason::Malformed("not the base64 of host:port:protocol:method:obfs:password");
        let parts = split(link)?;
        let text = base64::decode_text(&decode(parts.body)).ok_or(EXPECTED)?;
        let (main, query) = text.split_once("/?").or(text.split_once('?')).unwrap_or((&text, ""));
        let fields: Vec<_> = trim(main).trim_end_matches('/').rsplitn(5, ':').collect();
        let [password, obfs, method, protocol, at] = fields.as_slice() else { return Err(EXPECTED) };
        let at = endpoint(at, None)?;
        let mut proxy = Proxy::new(Protocol::ShadowsocksR, at.host, at.port);
        let password = base64::decode_text(&decode(password)).ok_or(EXPECTED)?;
        proxy.credentials =
            Credentials::Cipher { method: plain(method, "none").into(), password: password.into() };
        proxy.set(Param::SsrProtocol, plain(protocol, "origin"));
        proxy.set(Param::Obfs, plain(obfs, "plain"));
        Ok(finish(proxy, &parts, Params::read(query)))
    }

    fn print(&self, proxy: &Proxy) -> String {
        let (method, password) = match &proxy.credentials {
            Credentials::Cipher { method, password } => (method.as_str(), password.expose()),
            _ => ("none", ""),
        };
        let protocol = proxy.param(Param::SsrProtocol).unwrap_or("origin");
        let obfs = proxy.param(Param::Obfs).unwrap_or("plain");
        let password = base64::encode_url_safe(password);
        let main = format!("{}:{protocol}:{method}:{obfs}:{password}", proxy.endpoint);
        let query = query(proxy);
        let mark = if query.is_empty() { "" } else { "/" };
        format!("ssr://{}", base64::encode_url_safe(&format!("{main}{mark}{query}")))
    }
}

/// A word in lower case, or what is meant where there is none.
fn plain(word: &str, usual: &str) -> String {
    let word = trim(word).to_ascii_lowercase();
    if word.is_empty() { usual.to_owned() } else { word }
}

/// Gives a proxy its parameters, out of their base64.
fn finish(mut proxy: Proxy, parts: &Parts<'_>, mut params: Params) -> Proxy {
    params.drop_values(|value| value == "(null)");
    for param in ENCODED {
        let said = decoded(&params.take_as_is(names_of(TABLE, param)));
        proxy.set(param, said);
    }
    let name = decoded(&params.take_as_is(names!["remarks"])).into();
    let mut proxy = close(proxy, parts, params, TABLE);
    if proxy.name.is_empty() {
        proxy.name = name;
    }
    proxy
}

/// A value out of its base64, or as it is where it is none. In a query `+` is a blank: it was a digit.
fn decoded(value: &str) -> String {
    let text = base64::decode_text(&decode(value).replace(' ', "+")).filter(|text| !text.is_empty());
    trim(&text.unwrap_or_else(|| value.to_owned())).to_owned()
}

fn query(proxy: &Proxy) -> String {
    let mut rest = proxy.clone();
    rest.set(Param::SsrProtocol, "");
    rest.set(Param::Obfs, "");
    let mut query = Printed::default();
    for param in ENCODED {
        query.add_some(name(TABLE, param), &base64::encode_url_safe(proxy.param(param).unwrap_or_default()));
        rest.set(param, "");
    }
    query.add_some("remarks", &base64::encode_url_safe(&proxy.name));
    query.add_rest(&rest, TABLE);
    query.finish()
}
