//! `gui-config.json` of the `ShadowsocksR` and Shadowsocks clients for Windows, and `SSTap`'s list:
//! `{"configs": […]}`.
//!
//! Specification: <https://github.com/shadowsocksrr/shadowsocksr-csharp>
//!
//! # Differences between programs
//!
//! - `ShadowsocksR` has `protocol` and `obfs`, Shadowsocks `plugin`.
//! - `SSTap` says a `type`: 5 is SOCKS 5, 6 is either of the two.

use serde_json::Value;

use super::{Format, Reader, Reading, is_json, shadowsocks, sip008, tree};
use crate::Proxy;
use crate::link::Reason;
use crate::proxy::{Credentials, Protocol};

const NAME: &str = "ssr-json";

pub(super) struct SsrJson;

impl Format for SsrJson {
    fn name(&self) -> &'static str {
        NAME
    }

    fn specification(&self) -> &'static str {
        "https://github.com/shadowsocksrr/shadowsocksr-csharp"
    }

    fn example(&self) -> &'static str {
        r#"{"configs": [{"remarks": "Berlin", "server": "192.0.2.1", "server_port": 8388, "password": "secret", "method": "aes-256-cfb", "protocol": "auth_aes128_md5", "obfs": "http_simple"}]}"#
    }
}

impl Reader for SsrJson {
    fn detect(&self, text: &str) -> bool {
        let has = |name: &str| text.contains(&format!("\"{name}\""));
        is_json(text) && has("configs") && has("server_port") && !has("outbounds") && !has("endpoints")
    }

    fn read(&self, text: &str, reading: &mut Reading) {
        sip008::read_list(text, &["configs"], reading, entry);
    }
}

fn entry(mut value: Value) -> Vec<Result<Proxy, Reason>> {
    let kind = value.get_mut("type").map(Value::take);
    match kind.as_ref().map(tree::text).as_deref() {
        Some("5") => vec![socks(value)],
        None | Some("6" | "") => shadowsocks::read(value, NAME),
        Some(other) => vec![Err(Reason::UnknownType(other.chars().take(40).collect()))],
    }
}

fn socks(value: Value) -> Result<Proxy, Reason> {
    let mut object = tree::Tree::of(value).unwrap_or_default();
    let (host, port) = (object.take_host(&["server"])?, object.take_port(&["server_port"])?);
    let mut proxy = Proxy::new(Protocol::Socks5, host, port);
    let (username, password) = (object.take_as_is(&["username"]), object.take_as_is(&["password"]));
    if !username.is_empty() {
        proxy.credentials = Credentials::Login { username, password: password.into() };
    }
    proxy.name = object.take(&["remarks"]);
    object.keep(NAME, &mut proxy);
    Ok(proxy)
}
