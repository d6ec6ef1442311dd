//! Older texts of `VMess` links: Quantumult's line in base64, and `ws+tls:id-aid@host:port`. They are
//! read into the parameters that everybody writes.
//!
//! Specification: none is published; the forms are those of <https://github.com/tindy2013/subconverter>
//! and <https://github.com/v2ray/v2ray-core/issues/1569>

use super::params::Params;
use super::parts::trim;
use super::shadowrocket;
use crate::Text;

/// Quantumult's `name = vmess, host, port, cipher, "id", obfs=ws, obfs-path="/x", over-tls=true`.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) host: String,
    pub(super) port: String,
    pub(super) id: String,
    pub(super) params: Params,
}

/// Reads Quantumult's line.
pub(super) fn line(text: &str) -> Option<Line> {
    let (name, rest) = text.split_once('=')?;
    let mut fields = rest.split(',').map(|field| unquote(field).to_owned());
    fields.next().filter(|kind| kind.eq_ignore_ascii_case("vmess"))?;
    let (host, port, cipher, id) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let pairs = fields.filter_map(|field| field.split_once('=').map(pair));
    let mut params = pairs.collect::<Params>();
    params.put("scy", cipher);
    shadowrocket::translate(&mut params);
    Some(Line { name: trim(name).to_owned(), host, port, id, params })
}

fn unquote(text: &str) -> &str {
    trim(text).trim_matches('"')
}

/// One of its fields by everybody's name.
fn pair((name, value): (&str, &str)) -> (Text, Text) {
    let value = unquote(value).replace("[Rr][Nn]", "\n");
    let (name, value) = match trim(name) {
        "over-tls" => ("tls", value),
        "tls-host" => ("sni", value),
        "certificate" => ("allowInsecure", if value == "0" { "1" } else { "0" }.to_owned()),
        "obfs-header" => ("host", shadowrocket::host(&value)),
        other => (other, value),
    };
    (name.into(), value.into())
}

/// Reads the user of `ws+tls:id-aid@…` into the id and the parameters; `None` where it is another.
pub(super) fn user(user: &str, params: &mut Params) -> Option<String> {
    let (network, id) = user.split_once(':')?;
    let (network, tls) = network.strip_suffix("+tls").map_or((network, false), |network| (network, true));
    if !matches!(network, "tcp" | "ws" | "http" | "h2" | "kcp" | "quic" | "grpc") {
        return None;
    }
    params.change(|name, _| match name.as_str() {
        "type" => *name = "headerType".into(),
        "security" => *name = "quicSecurity".into(),
        _ => {}
    });
    shadowrocket::translate(params);
    params.put_first("type", network);
    params.put_first("security", if tls { "tls" } else { "none" });
    let (id, alter_id) =
        id.rsplit_once('-').filter(|(id, _)| id.matches('-').count() >= 4).unwrap_or((id, "0"));
    params.put_first("aid", alter_id);
    Some(id.to_owned())
}
