//! `WireGuard` links: `wireguard://privatekey@host:port?publickey=…&address=…&reserved=1,2,3&mtu=1280`;
//! `awg://` and `wg://` are the same, with the parameters of `AmneziaWG` where they are given.
//!
//! Specification: <https://github.com/2dust/v2rayN/wiki> names none; the form is that of v2rayN, and of
//! <https://github.com/hiddify/ray2sing> for `awg`.
//!
//! # Incomplete support
//!
//! `warp://` is refused: it holds no key.
//!
//! # Differences between programs
//!
//! - The private key may be percent-encoded, or a parameter (`pk`, `privatekey`, `private_key`). A `+`
//!   in a key is a digit even where it should have been encoded.
//! - The reserved bytes come as `1,2,3`, `[1, 2, 3]` or as base64.

use super::params::{Params, Printed, Table, close, names, secret};
use super::parts::{encode, endpoint, fragment, split};
use super::{Reason, Scheme, base64};
use crate::proxy::{Credentials, Param, Protocol, Proxy};

pub(super) struct WireGuard;

const TABLE: &Table = &[
    (Param::PeerPublicKey, names!["publickey", "peer_public_key", "peer_pub", "pub"]),
    (Param::LocalAddress, names!["address", "ip", "local_address"]),
    (Param::Reserved, names!["reserved"]),
    (Param::AllowedIps, names!["allowedips"]),
    (Param::Mtu, names!["mtu"]),
    (Param::Keepalive, names!["keepalive", "persistent_keepalive"]),
    (Param::Dns, names!["dns"]),
];

impl Scheme for WireGuard {
    fn names(&self) -> &'static [&'static str] {
        &["wireguard", "wg", "awg", "warp"]
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[Protocol::WireGuard]
    }

    fn specification(&self) -> &'static str {
        "https://github.com/2dust/v2rayN/wiki"
    }

    fn example(&self) -> &'static str {
        "wireguard://QA9tXp3mpp1GVAmE1wFaKAI4vTapj6QaLaY4Lt1sXV0%3D@192.0.2.1:51820?mtu=1280&publickey=bmXOCaF1FxEMF9dyiK2H5a1SUtzH0JuVo51h2wPfgyo%3D&reserved=1%2C2%2C3&address=172.16.0.2%2F32#Berlin"
    }

    fn parse(&self, link: &str) -> Result<Proxy, Reason> {
        let parts = split(link)?;
        let at = endpoint(parts.host, Some(51_820))?;
        let mut params = Params::read(parts.query);
        let private_key =
            secret(&parts, &mut params, names!["pk", "privatekey", "secretkey"]).replace(' ', "+");
        let is_key = base64::decode(&private_key).is_some_and(|key| key.len() == 32);
        if parts.scheme.eq_ignore_ascii_case("warp") && !is_key {
            return Err(Reason::Foreign(
                "a WARP link without a private key: Hiddify has Cloudflare make one when it connects",
            ));
        }
        if private_key.is_empty() {
            return Err(Reason::Malformed("the private key is missing: expected key@host:port"));
        }
        let mut proxy = Proxy::new(Protocol::WireGuard, at.host, at.port);
        // What reads as a blank was a digit of base64.
        let pre_shared_key = params.take(names!["presharedkey", "psk"]).replace(' ', "+");
        proxy.credentials =
            Credentials::Keys { private_key: private_key.into(), pre_shared_key: pre_shared_key.into() };
        let mut proxy = close(proxy, &parts, params, TABLE);
        amend(&mut proxy);
        Ok(proxy)
    }

    fn print(&self, proxy: &Proxy) -> String {
        let mut query = Printed::default();
        let mut user = String::new();
        if let Credentials::Keys { private_key, pre_shared_key } = &proxy.credentials {
            user = encode(private_key.expose());
            query.add_some("presharedkey", pre_shared_key.expose());
        }
        query.add_rest(proxy, TABLE);
        format!("wireguard://{user}@{}{}{}", proxy.endpoint, query.finish(), fragment(&proxy.name))
    }
}

fn amend(proxy: &mut Proxy) {
    if let Some(key) = proxy.param(Param::PeerPublicKey).map(|key| key.replace(' ', "+")) {
        proxy.set(Param::PeerPublicKey, key);
    }
    if let Some(bytes) = proxy.param(Param::Reserved).and_then(reserved) {
        proxy.set(Param::Reserved, bytes);
    }
}

/// The reserved bytes as `1,2,3`; `None` where they are something else, which is kept.
pub(crate) fn reserved(text: &str) -> Option<String> {
    let numbers = text.trim_matches(['[', ']']).split(',').map(|number| number.trim().parse::<u8>());
    let bytes = match numbers.collect::<Result<Vec<_>, _>>() {
        Ok(bytes) => bytes,
        Err(_) => base64::decode(&text.replace(' ', "+"))?,
    };
    (bytes.len() == 3).then(|| bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(","))
}
