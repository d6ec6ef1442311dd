//! `/api/docs`: the `OpenAPI` document, made from the wire types, and pages to read it. All of it is
//! part of the program: nothing is loaded from elsewhere.

use axum::Router;
use utoipa::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::{exit, health, history, proxies, snapshot, sources, stats, stream};

/// The document.
#[derive(Debug, OpenApi)]
#[openapi(
    info(title = "ConfigStream", description = "Proxies from many sources: merged, tested and ranked."),
    paths(
        proxies::list,
        proxies::one,
        snapshot::snapshot,
        stats::stats,
        stats::protocols,
        stats::countries,
        sources::sources,
        history::history,
        stream::stream,
        exit::exit,
        health::health,
    ),
    tags(
        (name = "catalogue", description = "The proxies"),
        (name = "totals", description = "How many there are"),
        (name = "service", description = "The API itself"),
    )
)]
pub struct Document;

/// The document at `/api/openapi.json` and its pages at `/api/docs`.
pub(super) fn docs() -> Router {
    let config = Config::new(["/api/openapi.json"]).validator_url("none");
    SwaggerUi::new("/api/docs").url("/api/openapi.json", Document::openapi()).config(config).into()
}
