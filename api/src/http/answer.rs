//! Answers that callers may keep: `ETag`, 304 and Cache-Control in one place.

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// How long an answer may be used again without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Not at all.
    Never,
    /// Ask each time whether it changed.
    Ask,
    /// So many seconds.
    Seconds(u32),
}

/// Lists: five minutes.
pub const LIST: Keep = Keep::Seconds(300);
/// Statistics: a quarter of an hour.
pub const STATISTICS: Keep = Keep::Seconds(900);
/// Countries and protocols: an hour.
pub const COUNTS: Keep = Keep::Seconds(3600);
/// Health: half a minute.
pub const HEALTH: Keep = Keep::Seconds(30);

impl Keep {
    fn header(self) -> HeaderValue {
        match self {
            Self::Never => HeaderValue::from_static("no-store"),
            Self::Ask => HeaderValue::from_static("no-cache"),
            Self::Seconds(seconds) => HeaderValue::try_from(format!("public, max-age={seconds}"))
                .unwrap_or(HeaderValue::from_static("no-cache")),
        }
    }
}

/// JSON that may be kept.
pub fn json(keep: Keep, value: &impl Serialize) -> Response {
    with_cache(keep, serde_json::to_vec(value).unwrap_or_default().into())
}

fn with_cache(keep: Keep, body: Bytes) -> Response {
    let json = HeaderValue::from_static("application/json");
    ([(CACHE_CONTROL, keep.header()), (CONTENT_TYPE, json)], body).into_response()
}

/// JSON of a certain version: 304 when the caller has that one. `make` is called only when not.
pub fn tagged(
    request: &HeaderMap,
    tag: &str,
    keep: Keep,
    fields: &[(HeaderName, String)],
    make: impl FnOnce() -> Bytes,
) -> Response {
    let unchanged = has(request, tag);
    let mut response = with_cache(keep, if unchanged { Bytes::new() } else { make() });
    let headers = response.headers_mut();
    let given = fields.iter().map(|(name, value)| (name.clone(), value.as_str()));
    for (name, value) in given.chain([(ETAG, tag)]) {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    if unchanged {
        headers.remove(CONTENT_TYPE);
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::empty();
    }
    response
}

/// Whether If-None-Match names this tag; weak and strong count as one (RFC 9110, section 13.1.2).
pub(super) fn has(request: &HeaderMap, tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let given = request.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    given.flat_map(|value| value.split(',')).any(|one| one.trim() == "*" || bare(one) == bare(tag))
}
