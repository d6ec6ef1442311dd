//! Hysteria 1 links: `hysteria://host:port?auth=…&peer=…&upmbps=…&downmbps=…&obfs=xplus&obfsParam=…`.
//!
//! Specification: <https://v1.hysteria.network/docs/uri-scheme/>
//!
//! # Differences between programs
//!
//! `obfs` names the mode and `obfsParam` holds the secret. The password may stand before the host.

use super::params::{Params, Printed, Table, close, names, secret};
use super::parts::{endpoint, fragment, split};
use super::{Reason, Scheme, stream};
use crate::Text;
use crate::proxy::{Credentials, Param, Protocol, Proxy, Security};

pub(super) struct Hysteria;

const TABLE: &Table = &[
    (Param::Carrier, names!["protocol"]),
    (Param::Up, names!["upmbps", "up"]),
    (Param::Down, names!["downmbps", "down"]),
    (Param::Obfs, names!["obfs"]),
    (Param::ObfsPassword, names!["obfsParam", "obfs-password"]),
    (Param::Ports, names!["mport", "ports"]),
    (Param::HopInterval, names!["hop-interval", "hopInterval"]),
    (Param::CertSha256, names!["pinSHA256"]),
    (Param::FastOpen, names!["fastopen", "fast-open"]),
];

impl Scheme for Hysteria {
    fn names(&self) -> &'static [&'static str] {
        &["hysteria", "hy"]
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[Protocol::Hysteria]
    }

    fn specification(&self) -> &'static str {
        "https://v1.hysteria.network/docs/uri-scheme/"
    }

    fn example(&self) -> &'static str {
        "hysteria://192.0.2.1:443?auth=secret&peer=example.com&alpn=hysteria&insecure=1&upmbps=100&downmbps=100#Berlin"
    }

    fn parse(&self, link: &str) -> Result<Proxy, Reason> {
        let parts = split(link)?;
        let at = endpoint(parts.host, Some(443))?;
        let mut params = Params::read(parts.query);
        prefer_peer(&mut params);
        let mut proxy = Proxy::new(Protocol::Hysteria, at.host, at.port);
        proxy.tls = Some(stream::tls(&mut params, Security::Tls));
        let auth = secret(&parts, &mut params, names!["auth", "auth_str"]);
        if !auth.is_empty() {
            proxy.credentials = Credentials::Password(auth.into());
        }
        params.drop(names!["obfs"], |said| said.eq_ignore_ascii_case("none"));
        Ok(close(proxy, &parts, params, TABLE))
    }

    fn print(&self, proxy: &Proxy) -> String {
        let mut query = Printed::default();
        if let Credentials::Password(password) = &proxy.credentials {
            query.add("auth", password.expose());
        }
        query.add_tls(proxy, ["peer", "insecure"]);
        query.add_rest(proxy, TABLE);
        format!("hysteria://{}{}{}", proxy.endpoint, query.finish(), fragment(&proxy.name))
    }
}

/// Puts `peer`, which is the name that is printed, before any other spelling of `sni`.
fn prefer_peer(params: &mut Params) {
    if let Some(peer) = params.take_if(names!["peer"], |said| Some(Text::from(said))) {
        params.put_first("sni", peer);
    }
}
