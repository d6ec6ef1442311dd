//! The popup's answers to the screens: messages to the background, the snapshot in `IndexedDB`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use configstream_core::experience::Experience;
use configstream_core::message::{Fault, Reply, Request, Settings};
use configstream_core::route::Engine;
use configstream_core::score::Ranking;
use configstream_ui::host::{Bridge, Change, Face, Host, Later, Listener, Loaded, Shelf};
use configstream_ui::state::unreadable;
use configstream_ui::view::echoes::Echoes;
use configstream_ui::{snapshot, theme, wire};
use configstream_web::{network, store};
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

use crate::browser::{self, Area};

/// Where the background keeps what the user saw.
const EXPERIENCE: &str = "experience";

/// The extension's popup.
#[derive(Clone, Default)]
pub(crate) struct Popup {
    favourites: Arc<Mutex<Echoes>>,
    weights: Arc<Mutex<Echoes>>,
}

impl Popup {
    /// The echoes of a shelf whose changes are heard of.
    fn echoes(&self, place: Shelf) -> Option<MutexGuard<'_, Echoes>> {
        let echoes = match place {
            Shelf::View => return None,
            Shelf::Favourites => &self.favourites,
            Shelf::Weights => &self.weights,
        };
        Some(echoes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn hear_kept(&self, listener: &Listener, place: Shelf, text: String) {
        if !self.echoes(place).is_some_and(|mut echoes| echoes.is_own(&text)) {
            listener(Change::Kept(place, text));
        }
    }
}

impl Host for Popup {
    fn face(&self) -> Face {
        Face::Popup
    }

    fn engine(&self) -> Engine {
        if browser::is_firefox() { Engine::Firefox } else { Engine::Chrome }
    }

    fn load(&self) -> Later<Result<Option<Loaded>, Fault>> {
        Box::pin(async {
            let Some(bytes) = store::load().await.map_err(|error| unreadable(&error))? else {
                return Ok(None);
            };
            let mut loaded = snapshot::read(&bytes).map_err(|error| unreadable(&error))?;
            loaded.ranking = Arc::new(ranking().await);
            Ok(Some(loaded))
        })
    }

    fn ask(&self, request: Request) -> Later<Result<Reply, Fault>> {
        Box::pin(browser::ask(request))
    }

    fn subscribe(&self, listener: Listener) {
        listener(Change::Bridge(Bridge::Here));
        let popup = self.clone();
        browser::on_storage_change(move |key, value| match Shelf::shared(key) {
            Some(place) => popup.hear_kept(&listener, place, value.as_string().unwrap_or_default()),
            None => hear(&listener, key, &value),
        });
    }

    fn grant(&self) -> Later<bool> {
        Box::pin(browser::grant())
    }

    fn open_options(&self) {
        spawn_local(browser::open_options());
    }

    fn kept(&self, place: Shelf) -> Later<String> {
        Box::pin(browser::kept(area(place), place.key()))
    }

    fn keep(&self, place: Shelf, text: &str) {
        if let Some(mut echoes) = self.echoes(place) {
            echoes.write(text);
        }
        spawn_local(browser::keep(area(place), place.key(), text.to_owned()));
    }
}

/// A view is of the moment; the rest lasts.
const fn area(shelf: Shelf) -> Area {
    match shelf {
        Shelf::View => Area::Session,
        Shelf::Favourites | Shelf::Weights => Area::Local,
    }
}

/// What the user saw, as the background keeps it.
async fn ranking() -> Ranking {
    let experience = seen(&browser::kept(Area::Local, EXPERIENCE).await);
    Ranking { experience, local: network::local(), ..Ranking::default() }
}

/// One that does not read is none.
fn seen(text: &str) -> Experience {
    Experience::from_text(text).unwrap_or_default()
}

fn hear(listener: &Listener, key: &str, value: &JsValue) {
    match key {
        "revision" => listener(Change::Catalogue),
        EXPERIENCE => listener(Change::Experience(seen(&value.as_string().unwrap_or_default()))),
        "status" => {
            if let Some(status) = wire::from_js(value) {
                listener(Change::Status(Box::new(status)));
            }
        }
        "settings" => {
            if let Some(settings) = wire::from_js::<Settings>(value) {
                theme::apply(settings.theme);
            }
        }
        _ => {}
    }
}
