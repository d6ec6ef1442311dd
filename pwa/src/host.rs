//! The page's answers to the screens.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use configstream_core::message::{Action, Fault, FaultCode, Refresh, Reply, Request};
use configstream_core::route::Engine;
use configstream_ui::host::{Change, Face, Host, Later, Listener, Loaded, Shelf};
use configstream_ui::state::unreadable;
use configstream_ui::view::words;
use configstream_ui::{snapshot, theme};
use configstream_web::feed::{self, Fetched, Known};
use configstream_web::{fetch, store};
use leptos::prelude::{document, window};
use leptos::task::spawn_local;
use leptos::web_sys::StorageEvent;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};

use crate::{bridge, stream};

/// Where the revision and the entity tag of the stored list are kept, for all pages.
const ETAG: &str = "etag";
/// How large a list may be, and how long it may take.
const LIMITS: fetch::Limits = fetch::Limits { bytes: 256_000_000, millis: 60_000 };

/// The page.
#[derive(Clone, Default)]
pub(crate) struct Page {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// The bytes that were fetched last and not yet read, with their entity tag: they need no way over the
    /// store.
    fresh: Option<(Vec<u8>, Option<String>)>,
    /// How many proxies are on screen; `None` before the first list.
    total: Option<usize>,
    /// Its revision and entity tag, not those of a list that another page fetched.
    known: Option<Known>,
    listener: Option<Listener>,
}

impl Page {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, change: Change) {
        let listener = self.state().listener.clone();
        if let Some(listener) = listener {
            listener(change);
        }
    }

    async fn read(self) -> Result<Option<Loaded>, Fault> {
        let fresh = self.state().fresh.take();
        let is_stored = fresh.is_none();
        let (bytes, etag) = match fresh {
            Some((bytes, etag)) => (Some(bytes), etag),
            None => (store::load().await.map_err(|error| unreadable(&error))?, None),
        };
        let Some(bytes) = bytes else { return Ok(None) };
        let loaded = snapshot::read(&bytes).map_err(|error| {
            keep_text(ETAG, None);
            unreadable(&error)
        })?;
        let revision = loaded.revision;
        let etag = if is_stored { kept_tag(revision) } else { keep_tag(revision, etag) };
        let known = etag.map(|etag| Known { etag, revision });
        let mut state = self.state();
        (state.total, state.known) = (Some(loaded.catalogue.len()), known);
        drop(state);
        Ok(Some(loaded))
    }

    /// Fetches the list where it is another one than that on screen: what changed of it, if the API knows
    /// that, else all of it.
    pub(crate) async fn fetch(self) -> Result<Reply, Fault> {
        let known = self.state().known.clone();
        let kept = async || store::load().await.ok().flatten();
        let origin = window().location().origin().unwrap_or_default();
        let fetched = feed::get(&origin, LIMITS, known.as_ref(), kept).await;
        let is_offline = fetched.is_err() && self.state().total.is_some();
        self.tell(Change::Offline(is_offline));
        match fetched.map_err(|error| unfetched(&error.to_string()))? {
            Fetched::Unchanged => {}
            Fetched::New { bytes, etag } => self.take(bytes, etag).await,
            Fetched::Status(503) => return Err(unfetched("it is still gathering its first list")),
            Fetched::Status(code) => {
                return Err(unfetched(&["it answered with status ", &code.to_string()].concat()));
            }
        }
        let total = self.state().total.unwrap_or_default();
        Ok(Reply::Refreshed { refresh: Refresh { total, ..Refresh::default() } })
    }

    /// Stores a list and tells of it. A browser that stores nothing (a private window) still shows it.
    async fn take(&self, bytes: Vec<u8>, etag: Option<String>) {
        _ = store::save(&bytes).await;
        self.state().fresh = Some((bytes, etag));
        self.tell(Change::Catalogue);
    }
}

fn kept_tag(revision: u64) -> Option<String> {
    tag_of(&read_kept(ETAG)?, revision)
}

fn keep_tag(revision: u64, etag: Option<String>) -> Option<String> {
    let text = etag.as_deref().map(|etag| [&revision.to_string(), " ", etag].concat());
    keep_text(ETAG, text.as_deref());
    etag
}

/// The entity tag that is kept, if it is that of this revision.
fn tag_of(kept: &str, revision: u64) -> Option<String> {
    let (known, etag) = kept.split_once(' ')?;
    (known == revision.to_string()).then(|| etag.to_owned())
}

fn unfetched(cause: &str) -> Fault {
    words::fault(FaultCode::Fetch, &["The API gave no list: ", cause, "."].concat(), Action::Refresh)
}

fn read_kept(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

fn keep_text(key: &str, text: Option<&str>) {
    let Ok(Some(storage)) = window().local_storage() else { return };
    _ = match text {
        Some(text) => storage.set_item(key, text),
        None => storage.remove_item(key),
    };
}

impl Host for Page {
    fn face(&self) -> Face {
        Face::Page
    }

    fn engine(&self) -> Engine {
        let firefox = window().navigator().user_agent().is_ok_and(|agent| agent.contains("Firefox/"));
        if firefox { Engine::Firefox } else { Engine::Chrome }
    }

    fn load(&self) -> Later<Result<Option<Loaded>, Fault>> {
        Box::pin(self.clone().read())
    }

    fn ask(&self, request: Request) -> Later<Result<Reply, Fault>> {
        match request {
            Request::Refresh => Box::pin(self.clone().fetch()),
            request if request.open_to_pages() => {
                Box::pin(
                    async move { bridge::ask(&request, bridge::PATIENCE).await.ok_or_else(bridge::absent) },
                )
            }
            _ => Box::pin(async { Err(bridge::absent()) }),
        }
    }

    fn subscribe(&self, listener: Listener) {
        theme::apply(theme::kept());
        self.state().listener = Some(listener.clone());
        hear_other_pages(listener.clone());
        spawn_local(bridge::watch(listener));
        stream::follow(self.clone());
    }

    fn grant(&self) -> Later<bool> {
        Box::pin(async { false })
    }

    fn open_options(&self) {}

    fn kept(&self, place: Shelf) -> Later<String> {
        let text =
            if place == Shelf::View { window().location().search().ok() } else { read_kept(place.key()) };
        Box::pin(async move { text.unwrap_or_default().trim_start_matches('?').to_owned() })
    }

    fn keep(&self, place: Shelf, text: &str) {
        if place == Shelf::View {
            keep_in_address(text);
        } else {
            keep_text(place.key(), Some(text));
        }
    }
}

fn keep_in_address(view: &str) {
    let path = window().location().pathname().unwrap_or_default();
    let url = if view.is_empty() { path } else { [&path, "?", view].concat() };
    if let Ok(history) = window().history() {
        _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&url));
    }
}

/// Tells `listener` what other pages of this origin keep, for as long as this one lives.
fn hear_other_pages(listener: Listener) {
    let hear = Closure::<dyn Fn(StorageEvent)>::new(move |event: StorageEvent| {
        if let Some(shelf) = event.key().and_then(|key| Shelf::shared(&key)) {
            listener(Change::Kept(shelf, event.new_value().unwrap_or_default()));
        }
    });
    _ = window().add_event_listener_with_callback("storage", hear.as_ref().unchecked_ref());
    hear.forget();
}

/// Whether the page is out of sight.
pub(crate) fn is_hidden() -> bool {
    document().hidden()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_tag_counts_for_the_list_that_it_was_kept_with_alone() {
        assert_eq!(tag_of("7 W/\"a b\"", 7), Some("W/\"a b\"".to_owned()));
        for other in ["8 W/\"a\"", "77 \"a\"", "\"a\"", ""] {
            assert_eq!(tag_of(other, 7), None, "{other}");
        }
    }
}
