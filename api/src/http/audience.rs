//! Who may read the answers: everybody, or this machine.
//!
//! An API that listens on a loopback address has the user's own lists in it, and every page that the
//! user opens can send requests to it. So it answers only requests that name it by a loopback
//! address, which no other site can do (a name that its owner points at 127.0.0.1 is refused: DNS
//! rebinding), and that come from no page, from one of its own, or from a browser's extension.
//!
//! `/exit` is apart: a judge is asked by whatever name a proxy reaches it, and tells its caller
//! nothing but what the caller sent.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use url::Url;

use super::problem::Fault;

/// The one call that answers whoever asks.
const JUDGE: &str = "/api/v1/exit";

/// The schemes of pages that are parts of an extension.
const EXTENSIONS: [&str; 2] = ["chrome-extension://", "moz-extension://"];

/// Who may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Any page and any program: this is a feed.
    Everybody,
    /// Programs on this machine, the API's own pages, and extensions.
    ThisMachine {
        /// Names besides `localhost` by which this machine calls the API, in lower case.
        names: Vec<String>,
    },
}

impl Audience {
    /// The audience of an API at this address. A public address makes it a feed, wherever it
    /// listens; a judge that is this API's call names the API as well.
    pub fn of(listen: SocketAddr, public_url: Option<&Url>, judges: &[Url]) -> Self {
        if public_url.is_some() || !listen.ip().is_loopback() {
            return Self::Everybody;
        }
        let own = judges.iter().filter(|judge| judge.path() == JUDGE);
        let names = own.filter_map(|judge| judge.host_str().map(str::to_ascii_lowercase));
        Self::ThisMachine { names: names.collect() }
    }

    /// Whether a page of this origin may read what a request to `uri` is answered.
    pub(super) fn may_read(&self, origin: &HeaderValue, uri: &Uri, headers: &HeaderMap) -> bool {
        let Ok(origin) = origin.to_str() else { return false };
        let own = || {
            let (scheme, rest) = origin.split_once("://")?;
            Some(
                matches!(scheme, "http" | "https") && rest.parse::<Authority>().ok()? == asked(uri, headers)?,
            )
        };
        *self == Self::Everybody
            || EXTENSIONS.iter().any(|scheme| origin.starts_with(scheme))
            || own().unwrap_or(false)
    }

    /// Whether the request calls the API by a name that is its own.
    fn knows(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let Self::ThisMachine { names } = self else { return true };
        asked(uri, headers).is_some_and(|authority| {
            let host = authority.host().to_ascii_lowercase();
            let address = host.trim_start_matches('[').trim_end_matches(']').parse();
            host == "localhost" || names.contains(&host) || address.is_ok_and(|ip: IpAddr| ip.is_loopback())
        })
    }
}

/// Whom the request asks: the authority of its target before its Host field (RFC 9112, section
/// 3.2.2); `None` where it does not say, or says it twice.
fn asked(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    if let Some(authority) = uri.authority() {
        return Some(authority.clone());
    }
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next().filter(|_| hosts.next().is_none())?;
    host.to_str().ok()?.parse().ok()
}

/// Refuses those who are not of the audience.
pub(super) async fn admit(State(audience): State<Audience>, request: Request, next: Next) -> Response {
    let (uri, headers) = (request.uri(), request.headers());
    if uri.path() == JUDGE {
        return next.run(request).await;
    }
    if !audience.knows(uri, headers) {
        let host =
            headers.get(HOST).map_or("nothing".into(), |host| String::from_utf8_lossy(host.as_bytes()));
        return Fault::forbidden(format!(
            "Host: expected 127.0.0.1, [::1] or localhost, found {host}. This API listens for this machine \
             only; to serve others by a name, start it with --public-url"
        ))
        .into_response();
    }
    if let Some(origin) = headers.get(ORIGIN).filter(|origin| !audience.may_read(origin, uri, headers)) {
        let origin = String::from_utf8_lossy(origin.as_bytes());
        return Fault::forbidden(format!(
            "Origin: {origin} may not read this API. It listens for this machine only; to let every page \
             read it, start it with --public-url"
        ))
        .into_response();
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(judges: &[&str]) -> Audience {
        let judges: Vec<Url> = judges.iter().map(|judge| judge.parse().unwrap()).collect();
        Audience::of(([127, 0, 0, 1], 8080).into(), None, &judges)
    }

    fn knows(audience: &Audience, host: &str) -> bool {
        let headers = HeaderMap::from_iter([(HOST, host.parse().unwrap())]);
        audience.knows(&"/".parse().unwrap(), &headers)
    }

    #[test]
    fn only_a_loopback_address_without_a_public_name_is_for_this_machine() {
        let public: Url = "https://feed.example".parse().unwrap();
        let of = |listen: &str, public: Option<&Url>| Audience::of(listen.parse().unwrap(), public, &[]);
        assert_eq!(of("0.0.0.0:8080", None), Audience::Everybody);
        assert_eq!(of("127.0.0.1:8080", Some(&public)), Audience::Everybody);
        assert_ne!(of("127.0.0.1:8080", None), Audience::Everybody);
        assert_ne!(of("[::1]:8080", None), Audience::Everybody);
    }

    #[test]
    fn this_machine_has_the_names_that_no_other_site_can_have() {
        let audience = local(&["http://judge.test:8080/api/v1/exit", "https://ipinfo.example/json"]);
        for host in ["127.0.0.1", "127.0.0.1:9", "LocalHost:8080", "[::1]:8080", "127.0.0.2:1", "judge.test"]
        {
            assert!(knows(&audience, host), "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example:8080", "192.0.2.1", "", "ipinfo.example"] {
            assert!(!knows(&audience, host), "{host}");
        }
        assert!(!audience.knows(&"/".parse().unwrap(), &HeaderMap::new()));
    }

    #[test]
    fn the_target_of_a_request_counts_before_its_host() {
        let headers = HeaderMap::from_iter([(HOST, "localhost".parse().unwrap())]);
        assert!(!local(&[]).knows(&"http://evil.example/".parse().unwrap(), &headers));
    }

    #[test]
    fn own_pages_and_extensions_may_read_and_no_other_page() {
        let may_read = |origin: &str| {
            let headers = HeaderMap::from_iter([(HOST, "127.0.0.1:8080".parse().unwrap())]);
            local(&[]).may_read(&origin.parse().unwrap(), &"/".parse().unwrap(), &headers)
        };
        for origin in ["http://127.0.0.1:8080", "chrome-extension://abcdefgh", "moz-extension://0-1-2"] {
            assert!(may_read(origin), "{origin}");
        }
        for origin in ["https://evil.example", "http://127.0.0.1:8081", "http://localhost:8080", "null"] {
            assert!(!may_read(origin), "{origin}");
        }
    }
}
