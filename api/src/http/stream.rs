//! `/stream`: what happens, as server-sent events. `Last-Event-ID` resumes.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{self, KeepAlive, Sse};
use futures_util::{Stream, StreamExt, stream as streams};
use serde::Serialize;
use tokio_stream::wrappers::BroadcastStream;

use super::App;
use crate::events::{Event, Kind};

/// Well below the minute after which proxies on the way close an idle connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What a listener gets that does not know where it stands.
#[derive(Serialize)]
struct Now {
    revision: u64,
    proxies: usize,
}

/// `snapshot`, `stats-update`, `source-update` and `proxy-update` events. A new listener, and one
/// that was away for too long, first gets a `snapshot` event with the current revision.
#[utoipa::path(get, path = "/api/v1/stream", tag = "catalogue",
    params(("Last-Event-ID" = Option<String>, Header, description = "the last event that the caller had")),
    responses((status = 200, description = "server-sent events", content_type = "text/event-stream", body = String)))]
pub async fn stream(
    State(app): State<App>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<sse::Event, Infallible>>> {
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.trim().parse().ok());
    let heard = app.events.listen(last);
    let begin = match heard.missed {
        Some(missed) => missed,
        None => vec![Arc::new(current(&app, heard.last))],
    };
    let fallen_behind = app.clone();
    let live = BroadcastStream::new(heard.live).map(move |event| match event {
        Ok(event) => event,
        Err(_) => Arc::new(current(&fallen_behind, fallen_behind.events.listen(None).last)),
    });
    let mut stopped = app.stopped.clone();
    let end = async move {
        stopped.wait_for(|stop| *stop).await.ok();
    };
    let events = streams::iter(begin).chain(live).map(|event| Ok(on_the_wire(&event)));
    Sse::new(events.take_until(Box::pin(end))).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

fn current(app: &App, id: u64) -> Event {
    let published = app.shelf.current();
    let now = Now { revision: published.revision(), proxies: published.catalogue().len() };
    Event { id, kind: Kind::Snapshot, data: serde_json::to_string(&now).unwrap_or_default() }
}

fn on_the_wire(event: &Event) -> sse::Event {
    sse::Event::default().id(event.id.to_string()).event(event.kind.key()).data(&event.data)
}
