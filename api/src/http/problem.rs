//! Errors, as RFC 9457 has them.

use axum::extract::Request;
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use configstream_core::api::Problem;

use super::layers::REQUEST_ID;

/// What a handler refuses with. [`with_body`] writes the body, which names the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    status: StatusCode,
    code: &'static str,
    detail: String,
}

impl Fault {
    /// A parameter with a value that it does not take.
    pub fn bad_parameter(detail: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: "bad-parameter", detail: detail.into() }
    }

    /// There is no such thing.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, code: "not-found", detail: detail.into() }
    }

    /// The caller is not of those whom this API answers.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self { status: StatusCode::FORBIDDEN, code: "forbidden", detail: detail.into() }
    }

    /// The database did not answer.
    pub fn store(error: &sqlx::Error) -> Self {
        tracing::error!("the database did not answer: {error}");
        let detail = "the database did not answer; try again".to_owned();
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, code: "store", detail }
    }

    /// A task was interrupted.
    pub fn interrupted() -> Self {
        let detail = "the server is stopping; try again".to_owned();
        Self { status: StatusCode::SERVICE_UNAVAILABLE, code: "stopping", detail }
    }

    /// For answers that have a status and no body, such as a timeout's.
    fn of_status(status: StatusCode) -> Option<Self> {
        let (code, detail) = match status {
            StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => {
                ("timeout", "the answer took too long; ask for less")
            }
            _ => return None,
        };
        Some(Self { status, code, detail: detail.to_owned() })
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Nothing is called by this path.
pub(super) async fn no_such_call(uri: Uri) -> Fault {
    Fault::not_found(format!("there is no {}; see /api/docs", uri.path()))
}

/// The path is right, the method is not.
pub(super) async fn wrong_method(method: Method, uri: Uri) -> Response {
    let detail = format!("{} takes GET, not {method}", uri.path());
    let fault = Fault { status: StatusCode::METHOD_NOT_ALLOWED, code: "method-not-allowed", detail };
    let mut response = fault.into_response();
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}

/// Gives each refusal its body.
pub(super) async fn with_body(request: Request, next: Next) -> Response {
    let id = request.headers().get(&REQUEST_ID).and_then(|id| id.to_str().ok()).map(str::to_owned);
    let mut response = next.run(request).await;
    let status = response.status();
    let fault = response.extensions_mut().remove::<Fault>().or_else(|| Fault::of_status(status));
    let Some(fault) = fault else { return response };
    let problem = Problem {
        kind: "about:blank".to_owned(),
        title: fault.status.canonical_reason().unwrap_or_default().to_owned(),
        status: fault.status.as_u16(),
        code: fault.code.to_owned(),
        detail: fault.detail,
        request_id: id,
    };
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let (mut parts, _) = response.into_parts();
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    parts.headers.remove(axum::http::header::CONTENT_LENGTH);
    Response::from_parts(parts, body.into())
}
