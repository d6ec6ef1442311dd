//! `/snapshot`: the whole catalogue at once.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, VARY};
use axum::response::Response;

use super::App;
use super::answer::{Keep, has, tagged};
use super::problem::Fault;
use crate::coding::Coding;

/// The whole catalogue in the form that clients store.
#[utoipa::path(get, path = "/api/v1/snapshot", tag = "catalogue",
    responses((status = 200, body = configstream_core::api::Snapshot),
              (status = 304, description = "the caller has it already")))]
pub async fn snapshot(State(app): State<App>, headers: HeaderMap) -> Result<Response, Fault> {
    let published = app.shelf.current();
    let tag = published.tag();
    let vary = (VARY, ACCEPT_ENCODING.to_string());
    let Some(coding) = Coding::wanted(&headers).filter(|_| !has(&headers, &tag)) else {
        return Ok(tagged(&headers, &tag, Keep::Ask, &[vary], || published.snapshot.plain()));
    };
    let body = published.snapshot.coded(coding).await.ok_or_else(Fault::interrupted)?;
    let fields = [vary, (CONTENT_ENCODING, coding.key().to_owned())];
    Ok(tagged(&headers, &tag, Keep::Ask, &fields, || body))
}
