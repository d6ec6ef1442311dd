//! The API's announcements: a new snapshot is fetched as soon as it is there. While the page is out
//! of sight nothing is followed.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::document;
use leptos::task::spawn_local;
use leptos::web_sys::EventSource;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

use crate::host::{Page, is_hidden};

/// Where the API announces.
const STREAM: &str = "/api/v1/stream";
/// The first wait before following again, in milliseconds; each failure doubles it.
const WAIT: u32 = 2_000;
/// The longest wait, in milliseconds.
const LONGEST: u32 = 120_000;

/// Follows the stream for as long as the page lives.
pub(crate) fn follow(page: Page) {
    let stream = Rc::new(Stream { page, source: RefCell::default(), failures: Cell::new(0) });
    let seen = stream.clone();
    let visible = Closure::<dyn Fn()>::new(move || {
        if is_hidden() {
            seen.close();
        } else {
            seen.clone().open();
        }
    });
    _ = document().add_event_listener_with_callback("visibilitychange", visible.as_ref().unchecked_ref());
    visible.forget();
    stream.open();
}

struct Stream {
    page: Page,
    source: RefCell<Option<Followed>>,
    failures: Cell<u32>,
}

/// An open stream and the closures that hear it.
struct Followed {
    source: EventSource,
    _hear: [Closure<dyn Fn()>; 3],
}

impl Drop for Followed {
    fn drop(&mut self) {
        self.source.set_onopen(None);
        self.source.set_onerror(None);
        self.source.close();
    }
}

impl Stream {
    fn open(self: Rc<Self>) {
        if is_hidden() || self.source.borrow().is_some() {
            return;
        }
        let Ok(source) = EventSource::new(STREAM) else { return };
        let (opened, news, failed) = (self.clone(), self.clone(), self.clone());
        let hear = [
            Closure::<dyn Fn()>::new(move || opened.failures.set(0)),
            Closure::<dyn Fn()>::new(move || news.fetch()),
            Closure::<dyn Fn()>::new(move || failed.clone().wait()),
        ];
        source.set_onopen(Some(hear[0].as_ref().unchecked_ref()));
        _ = source.add_event_listener_with_callback("snapshot", hear[1].as_ref().unchecked_ref());
        source.set_onerror(Some(hear[2].as_ref().unchecked_ref()));
        *self.source.borrow_mut() = Some(Followed { source, _hear: hear });
    }

    fn close(&self) {
        // The closures may be running: they are dropped in a later turn.
        if let Some(followed) = self.source.borrow_mut().take() {
            followed.source.close();
            spawn_local(async move {
                TimeoutFuture::new(0).await;
                drop(followed);
            });
        }
    }

    fn fetch(&self) {
        let page = self.page.clone();
        spawn_local(async move { _ = page.fetch().await });
    }

    /// Follows again after a while; each failure doubles it, and a third is left to chance so that
    /// not all pages return at once.
    fn wait(self: Rc<Self>) {
        self.close();
        let failures = self.failures.get();
        self.failures.set(failures.saturating_add(1));
        let wait = WAIT.saturating_mul(1 << failures.min(6)).min(LONGEST);
        let chance = (f64::from(wait) / 3.0 * js_sys::Math::random()) as u32;
        spawn_local(async move {
            TimeoutFuture::new(wait + chance).await;
            self.open();
        });
    }
}
