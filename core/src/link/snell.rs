//! Snell links: `snell://psk@host:port?version=4&obfs=http&obfs-host=…#name`.
//!
//! Specification: none is published; the parameters are those of Surge's manual,
//! <https://manual.nssurge.com/policy/proxy.html>
//!
//! # Differences between programs
//!
//! The key may be the parameter `psk`.

use super::params::{Params, Printed, Table, close, names, secret};
use super::parts::{encode, endpoint, fragment, split};
use super::{Reason, Scheme};
use crate::proxy::{Credentials, Param, Protocol, Proxy};

pub(super) struct Snell;

const TABLE: &Table = &[
    (Param::Version, names!["version"]),
    (Param::Obfs, names!["obfs"]),
    (Param::ObfsParam, names!["obfs-host"]),
    (Param::Reuse, names!["reuse"]),
    (Param::FastOpen, names!["tfo"]),
];

impl Scheme for Snell {
    fn names(&self) -> &'static [&'static str] {
        &["snell"]
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[Protocol::Snell]
    }

    fn specification(&self) -> &'static str {
        "https://manual.nssurge.com/policy/proxy.html"
    }

    fn example(&self) -> &'static str {
        "snell://secret@192.0.2.1:8388?obfs=http&obfs-host=example.com&version=4#Berlin"
    }

    fn parse(&self, link: &str) -> Result<Proxy, Reason> {
        let parts = split(link)?;
        let at = endpoint(parts.host, None)?;
        let mut params = Params::read(parts.query);
        let key = secret(&parts, &mut params, names!["psk"]);
        if key.is_empty() {
            return Err(Reason::Malformed("the key is missing: expected psk@host:port"));
        }
        let mut proxy = Proxy::new(Protocol::Snell, at.host, at.port);
        proxy.credentials = Credentials::Password(key.into());
        params.drop(names!["obfs"], |said| matches!(said, "none" | "off"));
        Ok(close(proxy, &parts, params, TABLE))
    }

    fn print(&self, proxy: &Proxy) -> String {
        let user = match &proxy.credentials {
            Credentials::Password(key) => encode(key.expose()),
            _ => String::new(),
        };
        let mut query = Printed::default();
        query.add_rest(proxy, TABLE);
        format!("snell://{user}@{}{}{}", proxy.endpoint, query.finish(), fragment(&proxy.name))
    }
}
