//! `/snapshot`: the whole catalogue at once.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::App;
use super::answer::{Keep, tagged};

/// The whole catalogue in the form that clients store.
#[utoipa::path(get, path = "/api/v1/snapshot", tag = "catalogue",
    responses((status = 200, body = configstream_core::api::Snapshot),
              (status = 304, description = "the caller has it already")))]
pub async fn snapshot(State(app): State<App>, headers: HeaderMap) -> Response {
    let published = app.shelf.current();
    tagged(&headers, &published.tag(), Keep::Ask, &[], || published.snapshot.clone())
}
