//! What outlives the background: settings, the session, the catalogue, what the user saw.

use std::cell::RefCell;
use std::rc::Rc;

use configstream_core::catalogue::{Catalogue, Snapshot};
use configstream_core::experience::Experience;
use configstream_core::message::Settings;
use configstream_core::score::Ranking;
use configstream_core::session::State;
use configstream_web::feed::Known;
use configstream_web::{clock, network, store};
use serde::{Deserialize, Serialize};

use crate::browser;

thread_local! {
    static CATALOGUE: RefCell<Option<Rc<Catalogue>>> = const { RefCell::new(None) };
    static EXPERIENCE: RefCell<Option<Experience>> = const { RefCell::new(None) };
}

/// The user's settings.
pub(crate) async fn settings() -> Settings {
    browser::stored("settings").await.unwrap_or_default()
}

pub(crate) async fn keep_settings(settings: &Settings) {
    browser::store("settings", settings).await;
}

/// What the user saw. One that does not read starts anew; `None` while storage fails, so that nothing is
/// written over what is there.
pub(crate) async fn experience() -> Option<Experience> {
    if EXPERIENCE.with_borrow(Option::is_none) {
        let kept = match browser::stored_value("experience").await {
            None => Experience::default(),
            Some(kept) if kept.is_null() => return None,
            Some(kept) => {
                kept.as_string().and_then(|text| Experience::from_text(&text).ok()).unwrap_or_default()
            }
        };
        EXPERIENCE.with_borrow_mut(|experience| _ = experience.get_or_insert(kept));
    }
    EXPERIENCE.with_borrow(Clone::clone)
}

/// Changes what the user saw, and keeps it. What is changed in one turn is stored in that turn, so that of two
/// changes the later one is kept.
pub(crate) async fn change_experience(change: impl FnOnce(&mut Experience)) {
    if experience().await.is_none() {
        return;
    }
    let text = EXPERIENCE.with_borrow_mut(|experience| {
        let experience = experience.get_or_insert_default();
        change(experience);
        experience.to_text()
    });
    browser::store("experience", &text).await;
}

/// How this user ranks: the screens keep the weights.
pub(crate) async fn ranking() -> Ranking {
    let weights = browser::stored_json("weights").await.unwrap_or_default();
    Ranking { weights, experience: experience().await.unwrap_or_default(), local: network::local() }
}

/// What is known of the API's list that is kept, and of which API it is.
#[derive(Serialize, Deserialize)]
pub(crate) struct Feed {
    pub(crate) api: String,
    pub(crate) etag: Option<String>,
    pub(crate) revision: u64,
}

impl Feed {
    pub(crate) fn known(self) -> Option<Known> {
        Some(Known { etag: self.etag?, revision: self.revision })
    }
}

/// What is known of the list of `api`, if it is the one that is kept.
pub(crate) async fn feed(api: &str) -> Option<Feed> {
    browser::stored("feed").await.filter(|feed: &Feed| feed.api == api)
}

pub(crate) async fn keep_feed(feed: &Feed) {
    browser::store("feed", feed).await;
}

/// The session as it was kept last. One that does not read, because another version wrote it, lets
/// nothing out rather than pass for "off".
pub(crate) async fn session() -> State {
    match browser::stored_value("session").await {
        Some(kept) => serde_wasm_bindgen::from_value(kept).unwrap_or_else(|_| State::unreadable()),
        None => State::default(),
    }
}

pub(crate) async fn keep_session(state: &State) {
    browser::store("session", state).await;
}

/// The stored catalogue; empty when nothing that reads is stored.
pub(crate) async fn catalogue() -> Rc<Catalogue> {
    if let Some(known) = CATALOGUE.with_borrow(Clone::clone) {
        return known;
    }
    let bytes = store::load().await.ok().flatten().unwrap_or_default();
    let catalogue =
        Rc::new(Snapshot::decode_binary(&bytes).map(|snapshot| snapshot.catalogue).unwrap_or_default());
    CATALOGUE.replace(Some(Rc::clone(&catalogue)));
    catalogue
}

/// Stores a new catalogue and tells the screens.
pub(crate) async fn keep_catalogue(snapshot: &Snapshot) -> Result<(), store::StoreError> {
    store::save(&snapshot.encode()).await?;
    CATALOGUE.replace(None);
    browser::store("revision", &clock::now().millis()).await;
    Ok(())
}
