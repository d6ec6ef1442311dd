//! The HTTP interface: one file per group of calls, and one table of them, [`ROUTES`].

pub mod answer;
pub mod audience;
pub mod exit;
pub mod health;
pub mod history;
pub mod layers;
pub mod openapi;
pub mod problem;
pub mod proxies;
pub mod site;
pub mod snapshot;
pub mod sources;
pub mod stats;
pub mod stream;

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::routing::{MethodRouter, get};
use tokio::sync::watch;

use crate::events::Events;
use crate::geo::Geo;
use crate::publish::Shelf;
use crate::source::standing::Standings;
use crate::store::Store;
use audience::Audience;

/// What every call can reach. Cloning shares it.
#[derive(Clone, Debug)]
pub struct App(Arc<Inner>);

/// The parts of [`App`].
#[derive(Debug)]
pub struct Inner {
    /// The published snapshot.
    pub shelf: Shelf,
    /// What happens.
    pub events: Events,
    /// The database.
    pub store: Store,
    /// How good the sources are.
    pub standings: Standings,
    /// Countries of addresses.
    pub geo: Geo,
    /// Whose X-Forwarded-For is believed.
    pub trusted: Vec<IpAddr>,
    /// When the program started.
    pub started: Instant,
    /// Turns true when the program stops.
    pub stopped: watch::Receiver<bool>,
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    /// Everything in one, nothing published yet.
    pub fn new(store: Store, geo: Geo, trusted: Vec<IpAddr>, stopped: watch::Receiver<bool>) -> Self {
        let (shelf, events, standings) = Default::default();
        let started = Instant::now();
        Self(Arc::new(Inner { shelf, events, store, standings, geo, trusted, started, stopped }))
    }
}

/// One call: its path, what it is for, and what answers it.
pub struct Route {
    /// The path, parameters in braces.
    pub path: &'static str,
    /// What it answers, in a few words.
    pub about: &'static str,
    handler: fn() -> MethodRouter<App>,
}

/// Every call of the API. The router and the index at `/` are made from it; a test holds the
/// `OpenAPI` document against it.
pub static ROUTES: &[Route] = &[
    Route { path: "/api/v1/proxies", about: "the list, filtered and sorted", handler: || get(proxies::list) },
    Route {
        path: "/api/v1/proxies/{id}",
        about: "one proxy, its score and its tests",
        handler: || get(proxies::one),
    },
    Route { path: "/api/v1/snapshot", about: "the whole catalogue", handler: || get(snapshot::snapshot) },
    Route { path: "/api/v1/stats", about: "totals", handler: || get(stats::stats) },
    Route { path: "/api/v1/protocols", about: "proxies per protocol", handler: || get(stats::protocols) },
    Route { path: "/api/v1/countries", about: "proxies per country", handler: || get(stats::countries) },
    Route { path: "/api/v1/sources", about: "who lists proxies", handler: || get(sources::sources) },
    Route {
        path: "/api/v1/history",
        about: "totals, hour by hour or day by day",
        handler: || get(history::history),
    },
    Route { path: "/api/v1/stream", about: "what happens, as it happens", handler: || get(stream::stream) },
    Route { path: "/api/v1/exit", about: "the caller's address: the judge", handler: || get(exit::exit) },
    Route { path: "/api/v1/health", about: "whether the API is well", handler: || get(health::health) },
];

/// The whole interface, for this audience; `pwa` is the folder that is served at `/`.
pub fn router(app: App, pwa: Option<&Path>, audience: &Audience) -> Router {
    let calls =
        ROUTES.iter().fold(Router::new(), |router, route| router.route(route.path, (route.handler)()));
    let calls = calls
        .route("/", get(site::index(pwa)))
        .route("/api/{*rest}", axum::routing::any(problem::no_such_call))
        .method_not_allowed_fallback(problem::wrong_method)
        .with_state(app)
        .merge(openapi::docs());
    layers::around(site::behind(calls, pwa), audience)
}
