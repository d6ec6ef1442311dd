//! `/sources`: who lists proxies, and what came of asking them.

use axum::extract::State;
use axum::response::Response;
use configstream_core::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::answer::{HEALTH, json};
use super::problem::Fault;
use crate::source::Memory;

/// One source. Its address is not told: it may hold a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SourceReport {
    /// Its name, as in a proxy's `sources`.
    pub name: String,
    /// How many proxies it lists.
    pub proxies: usize,
    /// How many of its lines were no proxy.
    pub rejected: usize,
    /// When it was last asked.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub fetched_at: Option<Timestamp>,
    /// What was wrong the last time; its older list is kept meanwhile.
    pub error: Option<String>,
}

impl SourceReport {
    /// What callers may know of a source.
    pub fn new(name: &str, memory: &Memory) -> Self {
        let Memory { proxies, rejected, fetched_at, error, .. } = memory.clone();
        Self { name: name.to_owned(), proxies, rejected, fetched_at, error }
    }
}

/// Every source, in the order in which they count.
#[utoipa::path(get, path = "/api/v1/sources", tag = "totals",
    responses((status = 200, body = [SourceReport])))]
pub async fn sources(State(app): State<App>) -> Result<Response, Fault> {
    let rows = app.store.sources().await.map_err(|error| Fault::store(&error))?;
    let reports: Vec<_> = rows.iter().map(|row| SourceReport::new(&row.name, &row.memory)).collect();
    Ok(json(HEALTH, &reports))
}
