//! `/sources`: who lists proxies, what came of asking them, and how good they are.

use axum::extract::State;
use axum::response::Response;
use configstream_core::api::SourceReport;

use super::App;
use super::answer::{HEALTH, json};
use super::problem::Fault;
use crate::source::standing;
use crate::store::SourceRow;

/// Every source, in the order in which they count.
#[utoipa::path(get, path = "/api/v1/sources", tag = "totals",
    responses((status = 200, body = [SourceReport])))]
pub async fn sources(State(app): State<App>) -> Result<Response, Fault> {
    let rows = app.store.sources().await.map_err(|error| Fault::store(&error))?;
    let standings = app.standings.current();
    let report = |SourceRow { name, memory }| standing::report(&name, memory, standings.get(&name));
    let reports: Vec<_> = rows.into_iter().map(report).collect();
    Ok(json(HEALTH, &reports))
}
