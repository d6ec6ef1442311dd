//! `/`: the PWA for a browser, the index of calls for a program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::extract::Request;
use axum::http::header::{ACCEPT, CACHE_CONTROL, VARY};
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tower::ServiceExt;
use tower_http::services::{ServeDir, ServeFile};

use super::answer::{LIST, json};
use super::{ROUTES, problem};

/// What a program gets at `/`.
#[derive(Debug, Serialize)]
struct Index {
    name: &'static str,
    version: &'static str,
    documentation: &'static str,
    endpoints: BTreeMap<&'static str, &'static str>,
}

/// The handler of `/`.
pub(super) fn index(
    pwa: Option<&Path>,
) -> impl Fn(Request) -> std::pin::Pin<Box<dyn Future<Output = Response> + Send>> + Clone + Send + Sync + 'static
{
    let page: Option<PathBuf> = pwa.map(|folder| folder.join("index.html"));
    move |request| {
        let page = page.clone();
        Box::pin(async move { root(page, request).await })
    }
}

async fn root(page: Option<PathBuf>, request: Request) -> Response {
    let Some(page) = page.filter(|_| !wants_json(request.headers())) else {
        let endpoints = ROUTES.iter().map(|route| (route.path, route.about)).collect();
        let (name, version) = ("ConfigStream", env!("CARGO_PKG_VERSION"));
        return varied(json(LIST, &Index { name, version, documentation: "/api/docs", endpoints }));
    };
    let Ok(response) = ServeFile::new(page).oneshot(request).await;
    varied(fresh(response.into_response()))
}

/// A program asks for JSON and not for HTML; a browser asks for HTML.
fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.contains("application/json") && !accept.contains("text/html")
}

fn varied(mut response: Response) -> Response {
    response.headers_mut().append(VARY, HeaderValue::from_static("accept"));
    response
}

/// Names of files do not change with their content, so a browser must ask each time.
fn fresh(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// The router with the PWA's files behind it.
pub(super) fn behind(router: Router, pwa: Option<&Path>) -> Router {
    let Some(folder) = pwa else { return router.fallback(no_such_file) };
    let files = ServeDir::new(folder).append_index_html_on_directories(true);
    let files = Router::new()
        .fallback_service(files.fallback(axum::handler::HandlerWithoutStateExt::into_service(no_such_file)));
    let files = files.layer(from_fn(|request: Request, next: Next| async { fresh(next.run(request).await) }));
    router.fallback_service(files)
}

async fn no_such_file(uri: Uri) -> problem::Fault {
    problem::no_such_call(uri).await
}
