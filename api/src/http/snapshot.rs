//! `/snapshot`: the whole catalogue at once, or what changed of it.

use axum::extract::{RawQuery, State};
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderName};
use axum::response::Response;

use super::App;
use super::answer::{Keep, has, tagged};
use super::problem::Fault;
use crate::coding::{Coded, Coding};

/// The whole catalogue in the compact form that clients store; or, where the caller has a revision that is not
/// long gone, a patch that makes the current one of it. Their first four bytes tell them apart.
#[utoipa::path(get, path = "/api/v1/snapshot", tag = "catalogue",
    params(("since" = Option<u64>, Query, description = "the revision that the caller has")),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
              (status = 304, description = "the caller has it already")))]
pub async fn snapshot(
    State(app): State<App>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let published = app.shelf.current();
    let patch = match since(&raw.unwrap_or_default())? {
        Some(since) => published.patch(since).await,
        None => None,
    };
    answer(&headers, &published.tag(), patch.unwrap_or(&published.coded)).await
}

/// The revision that a caller has already.
fn since(raw: &str) -> Result<Option<u64>, Fault> {
    let given = url::form_urlencoded::parse(raw.as_bytes()).find(|(name, _)| name == "since");
    let bad = || Fault::bad_parameter("since: expected the revision of a snapshot, a number from 0");
    given.map(|(_, value)| value.parse().map_err(|_| bad())).transpose()
}

async fn answer(headers: &HeaderMap, tag: &str, body: &Coded) -> Result<Response, Fault> {
    let field = |name: HeaderName, value: &str| (name, value.to_owned());
    let mut fields =
        vec![field(VARY, ACCEPT_ENCODING.as_str()), field(CONTENT_TYPE, "application/octet-stream")];
    let Some(coding) = Coding::wanted(headers).filter(|_| !has(headers, tag)) else {
        return Ok(tagged(headers, tag, Keep::Ask, &fields, || body.plain()));
    };
    let body = body.coded(coding).await.ok_or_else(Fault::interrupted)?;
    fields.push(field(CONTENT_ENCODING, coding.key()));
    Ok(tagged(headers, tag, Keep::Ask, &fields, || body))
}
