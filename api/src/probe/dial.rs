//! One request to a judge: through a proxy, or directly.

use std::time::{Duration, Instant};

use configstream_core::guard::{self, Exit, NoExit};
use configstream_core::proxy::{Credentials, Endpoint};
use configstream_core::{Protocol, Proxy};
use futures_util::StreamExt;
use reqwest::{Client, ClientBuilder, redirect};

use crate::tls;

/// The most of an answer that is read, in bytes: a judge's is under two thousand.
const MOST: usize = 64 * 1024;

/// Milliseconds and exit of a request through `proxy`. The next judge is asked only when one
/// answered with an error status: the proxy reached it, so the fault may be the judge's.
pub(super) async fn probe(proxy: &Proxy, judges: Vec<String>, timeout: Duration) -> Option<(u32, Exit)> {
    let client = client(timeout).proxy(via(proxy)?).build().ok()?;
    for judge in judges {
        let start = Instant::now();
        match ask(&client, &judge).await? {
            Ok(exit) => return Some((u32::try_from(start.elapsed().as_millis()).unwrap_or(u32::MAX), exit)),
            Err(NoExit::Status(_)) if judge.starts_with("https://") => {}
            Err(_) => return None,
        }
    }
    None
}

/// Whether a judge answers when it is asked without a proxy.
pub(super) async fn direct(judge: &str, timeout: Duration) -> bool {
    let Ok(client) = client(timeout).no_proxy().build() else { return false };
    matches!(ask(&client, judge).await, Some(Ok(_)))
}

/// A client for one request. It follows no redirect: a judge sends none, a captive portal does.
fn client(timeout: Duration) -> ClientBuilder {
    Client::builder()
        .tls_backend_preconfigured(tls::client_config())
        .user_agent(concat!("configstream/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .http1_only()
        .pool_max_idle_per_host(0)
        .timeout(timeout)
}

/// The whole answer, or `None` when there is none.
async fn ask(client: &Client, judge: &str) -> Option<Result<Exit, NoExit>> {
    let response = client.get(judge).send().await.ok()?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        body.extend_from_slice(&chunk.ok()?);
        if body.len() > MOST {
            return None;
        }
    }
    Some(guard::exit(status, &String::from_utf8_lossy(&body)))
}

/// How the client reaches a proxy. Names are resolved by the proxy, as a browser has it.
fn via(proxy: &Proxy) -> Option<reqwest::Proxy> {
    let scheme = match proxy.protocol {
        Protocol::Http if proxy.tls.is_none() => "http",
        Protocol::Http | Protocol::Https => "https",
        Protocol::Socks4 => "socks4a",
        Protocol::Socks5 => "socks5h",
        _ => return None,
    };
    let Endpoint { host, port } = &proxy.endpoint;
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_string() };
    let via = reqwest::Proxy::all(format!("{scheme}://{host}:{port}")).ok()?;
    Some(match &proxy.credentials {
        Credentials::Login { username, password } => via.basic_auth(username, password.expose()),
        _ => via,
    })
}
