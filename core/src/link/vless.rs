//! VLESS links: `vless://id@host:port?type=ws&security=tls&…#name`.
//!
//! Specification: <https://github.com/XTLS/Xray-core/discussions/716>
//!
//! # Differences between programs
//!
//! An id that is no UUID is kept: Xray and mihomo map any short text to one, libXray refuses it.
//! `encryption` may be a post-quantum string and is kept as it is; where it is `none` with an
//! advertisement behind, it is `none`, and the whole is kept beside it.

use super::params::{Params, Printed, close};
use super::parts::{decode, encode, endpoint, fragment, split, trim};
use super::{Reason, Scheme, stream};
use crate::proxy::{Credentials, Protocol, Proxy};

pub(super) struct Vless;

impl Scheme for Vless {
    fn names(&self) -> &'static [&'static str] {
        &["vless"]
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[Protocol::Vless]
    }

    fn specification(&self) -> &'static str {
        "https://github.com/XTLS/Xray-core/discussions/716"
    }

    fn example(&self) -> &'static str {
        "vless://b831381d-6324-4d53-ad4f-8cda48b30811@192.0.2.1:443?encryption=none&type=ws&security=tls&host=example.com&path=%2Fws&sni=example.com#Berlin"
    }

    fn parse(&self, link: &str) -> Result<Proxy, Reason> {
        let parts = split(link)?;
        let id = id(&decode(parts.user.unwrap_or_default()))?;
        let at = endpoint(parts.host, Some(443))?;
        let mut params = Params::read(parts.query);
        let mut proxy = Proxy::new(Protocol::Vless, at.host, at.port);
        (proxy.transport, proxy.tls) = stream::read(&mut params, None)?;
        let (flow, encryption) = (params.take(&["flow"]), encryption(&mut params));
        proxy.credentials = Credentials::Vless { id: id.into(), encryption, flow };
        Ok(close(proxy, &parts, params, stream::TABLE))
    }

    fn print(&self, proxy: &Proxy) -> String {
        let mut query = Printed::default();
        let mut user = String::new();
        if let Credentials::Vless { id, encryption, flow } = &proxy.credentials {
            user = encode(id.expose());
            query.add("encryption", if encryption.is_empty() { "none" } else { encryption });
            query.add_some("flow", flow);
        }
        stream::print(proxy, &mut query, stream::TABLE);
        format!("vless://{user}@{}{}{}", proxy.endpoint, query.finish(), fragment(&proxy.name))
    }
}

/// A user's id: any text but none.
pub(super) fn id(text: &str) -> Result<String, Reason> {
    match trim(text) {
        "" => Err(Reason::Malformed("the user's id is missing: expected id@host:port")),
        id => Ok(id.to_owned()),
    }
}

fn encryption(params: &mut Params) -> String {
    let said = params.take_if(&["encryption"], |said| {
        let advert = trim(said).strip_prefix("none").and_then(|advert| advert.chars().next());
        advert.is_none_or(char::is_alphanumeric).then(|| trim(said).to_owned())
    });
    said.unwrap_or_else(|| "none".to_owned())
}
