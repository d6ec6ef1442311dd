//! Juicity links: `juicity://uuid:password@host:port?congestion_control=bbr&sni=…&allow_insecure=0`.
//!
//! Specification: <https://github.com/juicity/juicity#link-format>

use super::params::{Table, names};
use super::{Reason, Scheme, tuic};
use crate::proxy::{Param, Protocol, Proxy};

pub(super) struct Juicity;

const TABLE: &Table = &[
    (Param::Congestion, names!["congestion_control"]),
    (Param::CertChainSha256, names!["pinned_certchain_sha256"]),
];

impl Scheme for Juicity {
    fn names(&self) -> &'static [&'static str] {
        &["juicity"]
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[Protocol::Juicity]
    }

    fn specification(&self) -> &'static str {
        "https://github.com/juicity/juicity#link-format"
    }

    fn example(&self) -> &'static str {
        "juicity://b831381d-6324-4d53-ad4f-8cda48b30811:secret@192.0.2.1:443?sni=example.com&congestion_control=bbr#Berlin"
    }

    fn parse(&self, link: &str) -> Result<Proxy, Reason> {
        tuic::parse(link, Protocol::Juicity, TABLE)
    }

    fn print(&self, proxy: &Proxy) -> String {
        tuic::print("juicity", proxy, TABLE)
    }
}
