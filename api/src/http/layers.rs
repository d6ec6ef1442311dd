//! What surrounds every call: request ids, cross-origin rules, security headers, compression, a
//! timeout.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::header::{CONTENT_SECURITY_POLICY, ETAG, LINK, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue, Method, Request, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};
use tower_http::request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

use super::audience::{self, Audience};
use super::problem;
use crate::clock;
use crate::coding::QUALITY;

/// Names the request in answers, problems and logs.
pub(super) static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// How many rows match, of which an answer may hold a part.
pub(super) static TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");
/// `true` where no row has the words that were asked for, and those are given that nearly have them.
pub(super) static NEAR_MATCH: HeaderName = HeaderName::from_static("x-near-match");

/// How long a call may take; a stream counts until it begins.
const TIMEOUT: Duration = Duration::from_secs(30);

/// For the PWA and the documentation. WebAssembly needs `wasm-unsafe-eval`; the PWA may be pointed
/// at an API or a judge anywhere, and the documentation's pages carry styles of their own.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; \
    connect-src 'self' http: https:; manifest-src 'self'; worker-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The router with everything around it.
pub(super) fn around(router: Router, audience: &Audience) -> Router {
    let fixed = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    router.layer(
        ServiceBuilder::new()
            .layer(SetRequestIdLayer::new(REQUEST_ID.clone(), Numbered))
            .layer(PropagateRequestIdLayer::new(REQUEST_ID.clone()))
            .layer(fixed(X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .layer(fixed(REFERRER_POLICY, "no-referrer"))
            .layer(fixed(CONTENT_SECURITY_POLICY, POLICY))
            .layer(fixed(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
            .layer(from_fn(problem::with_body))
            .layer(from_fn_with_state(audience.clone(), audience::admit))
            .layer(cross_origin(audience.clone()))
            .layer(CompressionLayer::new().quality(QUALITY))
            .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, TIMEOUT)),
    )
}

/// Which pages may read: any of them where everybody may, for nothing depends on who asks.
fn cross_origin(audience: Audience) -> CorsLayer {
    let origin = match audience {
        Audience::Everybody => AllowOrigin::any(),
        this_machine @ Audience::ThisMachine { .. } => AllowOrigin::predicate(move |origin, request| {
            this_machine.may_read(origin, &request.uri, &request.headers)
        }),
    };
    CorsLayer::new()
        .allow_origin(origin)
        .allow_methods([Method::GET, Method::HEAD])
        .allow_headers(AllowHeaders::any())
        .expose_headers([ETAG, LINK, TOTAL_COUNT.clone(), NEAR_MATCH.clone(), REQUEST_ID.clone()])
        .max_age(Duration::from_hours(1))
}

/// The moment and a number: unique on one server, and in order.
#[derive(Clone, Copy, Debug)]
struct Numbered;

impl MakeRequestId for Numbered {
    fn make_request_id<B>(&mut self, _: &Request<B>) -> Option<RequestId> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let text = format!("{:x}-{number:x}", clock::now().millis());
        HeaderValue::try_from(text).ok().map(RequestId::new)
    }
}
