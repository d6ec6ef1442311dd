//! `/stats`, `/protocols`, `/countries`: totals of the published catalogue.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;

use super::App;
use super::answer::{COUNTS, Keep, STATISTICS, tagged};

fn of(headers: &HeaderMap, tag: &str, keep: Keep, value: &impl Serialize) -> Response {
    tagged(headers, tag, keep, &[], || serde_json::to_vec(value).unwrap_or_default().into())
}

/// Totals over the catalogue.
#[utoipa::path(get, path = "/api/v1/stats", tag = "totals",
    responses((status = 200, body = configstream_core::api::Stats)))]
pub async fn stats(State(app): State<App>, headers: HeaderMap) -> Response {
    let published = app.shelf.current();
    of(&headers, &published.tag(), STATISTICS, &published.stats)
}

/// How many proxies speak each protocol, the most frequent first.
#[utoipa::path(get, path = "/api/v1/protocols", tag = "totals",
    responses((status = 200, body = [configstream_core::api::Count])))]
pub async fn protocols(State(app): State<App>, headers: HeaderMap) -> Response {
    let published = app.shelf.current();
    of(&headers, &published.tag(), COUNTS, &published.protocols)
}

/// How many proxies each country has, the largest first.
#[utoipa::path(get, path = "/api/v1/countries", tag = "totals",
    responses((status = 200, body = [configstream_core::api::Count])))]
pub async fn countries(State(app): State<App>, headers: HeaderMap) -> Response {
    let published = app.shelf.current();
    of(&headers, &published.tag(), COUNTS, &published.countries)
}
