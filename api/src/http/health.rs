//! `/health`: whether the API is well.

use axum::extract::State;
use axum::response::Response;
use configstream_core::api::Health;

use super::App;
use super::answer::{HEALTH, Keep, json};

/// Whether the API is well; `starting` before the first snapshot.
#[utoipa::path(get, path = "/api/v1/health", tag = "service",
    responses((status = 200, body = Health)))]
pub async fn health(State(app): State<App>) -> Response {
    let published = app.shelf.current();
    let starting = published.revision() == 0;
    let health = Health {
        status: if starting { "starting" } else { "ok" }.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        uptime: app.started.elapsed().as_secs(),
        revision: published.revision(),
        proxies: published.catalogue().len(),
    };
    json(if starting { Keep::Never } else { HEALTH }, &health)
}
