//! What the browser offers around the page: to install it, and a new version that waits.

use js_sys::{Function, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::web_sys::{ServiceWorker, ServiceWorkerContainer, ServiceWorkerRegistration};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Where `boot.js` puts the browser's offer, which comes before this program is loaded.
const OFFER: &str = "installOffer";

/// Whether the browser offers to install the page.
pub(crate) fn offered() -> RwSignal<bool> {
    let offered = RwSignal::new(offer().is_some());
    for name in ["installoffer", "appinstalled"] {
        let hear = Closure::<dyn Fn()>::new(move || offered.set(name == "installoffer" && offer().is_some()));
        _ = window().add_event_listener_with_callback(name, hear.as_ref().unchecked_ref());
        hear.forget();
    }
    offered
}

fn offer() -> Option<JsValue> {
    Reflect::get(&window(), &OFFER.into()).ok().filter(JsValue::is_object)
}

/// Shows the browser's own question. An offer holds once.
pub(crate) fn install() {
    let Some(offer) = offer() else { return };
    if let Ok(prompt) = Reflect::get(&offer, &"prompt".into()).and_then(JsCast::dyn_into::<Function>) {
        _ = prompt.call0(&offer);
    }
    _ = Reflect::set(&window(), &OFFER.into(), &JsValue::NULL);
}

/// Registers the service worker; the signal holds a new version that waits to take over.
pub(crate) fn updates() -> RwSignal<Option<ServiceWorker>, LocalStorage> {
    let waiting = RwSignal::new_local(None);
    if let Some(workers) = workers() {
        spawn_local(async move {
            let registered = JsFuture::from(workers.register("sw.js")).await;
            if let Ok(registration) = registered {
                watch(&registration.unchecked_into(), waiting);
            }
        });
    }
    waiting
}

/// The browser's service workers; pages without HTTPS have none.
fn workers() -> Option<ServiceWorkerContainer> {
    let workers = Reflect::get(&window().navigator(), &"serviceWorker".into()).ok()?;
    workers.is_object().then(|| workers.unchecked_into())
}

fn watch(registration: &ServiceWorkerRegistration, waiting: RwSignal<Option<ServiceWorker>, LocalStorage>) {
    waiting.set(registration.waiting());
    let of = registration.clone();
    let found = Closure::<dyn Fn()>::new(move || {
        let Some(worker) = of.installing() else { return };
        let of = of.clone();
        let changed = Closure::<dyn Fn()>::new(move || {
            // Without a controller this is the first version, not a new one.
            if workers().is_some_and(|workers| workers.controller().is_some()) {
                waiting.set(of.waiting());
            }
        });
        worker.set_onstatechange(Some(changed.as_ref().unchecked_ref()));
        changed.forget();
    });
    registration.set_onupdatefound(Some(found.as_ref().unchecked_ref()));
    found.forget();
}

/// Lets the new version take over, and shows it.
pub(crate) fn take_over(worker: &ServiceWorker) {
    let Some(workers) = workers() else { return };
    let reload = Closure::<dyn Fn()>::new(|| _ = window().location().reload());
    workers.set_oncontrollerchange(Some(reload.as_ref().unchecked_ref()));
    reload.forget();
    _ = worker.post_message(&"take-over".into());
}
