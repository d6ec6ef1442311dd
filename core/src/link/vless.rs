//! VLESS links: `vless://id@host:port?type=ws&security=tls&…#name`.
//!
//! Specification: <https://github.com/XTLS/Xray-core/discussions/716>
//!
//! # Differences between programs
//!
//! An id that is no UUID is kept: Xray and mihomo map any short text to one, libXray refuses it.
//! `encryption` may be a post-quantum string and is kept as it is; where it is `none` with an
//! advertisement behind, it is `none`, and the whole is kept beside it. Shadowrocket writes id and host in
//! base64.

use super::params::{Params, Printed, close, names};
use super::parts::{Parts, decode, encode, endpoint, fragment, split, trim};
use super::{Reason, Scheme, shadowrocket, stream};
use crate::Text;
use crate::proxy::{Credentials, Endpoint, Protocol, Proxy};

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
        let mut params = Params::read(parts.query);
        let (id, at) = match parts.user {
            Some(user) => (id(&decode(user))?, endpoint(parts.host, Some(443))?),
            None => from_shadowrocket(&parts, &mut params)?,
        };
        let mut proxy = Proxy::new(Protocol::Vless, at.host, at.port);
        (proxy.transport, proxy.tls) = stream::read(&mut params, None)?;
        let (flow, encryption) = (params.take(names!["flow"]), encryption(&mut params));
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

/// Shadowrocket's `base64(auto:id@host:port)`.
fn from_shadowrocket(parts: &Parts<'_>, params: &mut Params) -> Result<(Text, Endpoint), Reason> {
    let (_, text, at) = shadowrocket::user(&decode(parts.body))
        .ok_or(Reason::Malformed("the user's id is missing: expected id@host:port"))?;
    shadowrocket::translate(params);
    Ok((id(&text)?, at?))
}

/// A user's id: any text but none.
pub(super) fn id(text: &str) -> Result<Text, Reason> {
    match trim(text) {
        "" => Err(Reason::Malformed("the user's id is missing: expected id@host:port")),
        id => Ok(id.into()),
    }
}

fn encryption(params: &mut Params) -> Text {
    let said = params.take_if(names!["encryption"], |said| {
        let advert = trim(said).strip_prefix("none").and_then(|advert| advert.chars().next());
        advert.is_none_or(char::is_alphanumeric).then(|| trim(said).into())
    });
    said.unwrap_or_else(|| "none".into())
}
