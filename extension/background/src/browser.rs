//! The doors to the extension APIs, one for each.

use configstream_core::Timestamp;
use configstream_core::message::Found;
use configstream_core::route::{Engine, Route};
use configstream_core::session::Refusal;
use js_sys::{JSON, Object, Promise, Reflect, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = configstream, js_name = applyRoute)]
    async fn apply_route(route: JsValue) -> JsValue;
    #[wasm_bindgen(catch, js_namespace = configstream, js_name = readDocument)]
    async fn read_bytes(bytes: Uint8Array, source: &str, now: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(thread_local_v2, js_namespace = configstream, js_name = engine)]
    static ENGINE: String;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "storage", "local"], js_name = get)]
    async fn local_get(key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "storage", "local"], js_name = set)]
    async fn local_set(items: &Object) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "storage", "session"], js_name = set)]
    async fn session_set(items: &Object) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "extension"], js_name = isAllowedIncognitoAccess)]
    async fn is_allowed_incognito() -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "privacy", "network", "webRTCIPHandlingPolicy"], js_name = set)]
    fn webrtc_set(details: &Object) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "privacy", "network", "webRTCIPHandlingPolicy"], js_name = clear)]
    fn webrtc_clear(details: &Object) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "privacy", "network", "networkPredictionEnabled"], js_name = set)]
    fn prediction_set(details: &Object) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "privacy", "network", "networkPredictionEnabled"], js_name = clear)]
    fn prediction_clear(details: &Object) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "alarms"], js_name = create)]
    fn alarm_create(name: &str, details: &Object) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "alarms"], js_name = clear)]
    async fn alarm_clear(name: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "alarms"], js_name = get)]
    async fn alarm_get(name: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "action"], js_name = setBadgeText)]
    async fn set_badge_text(details: &Object) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "action"], js_name = setBadgeBackgroundColor)]
    async fn set_badge_colour(details: &Object) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "action"], js_name = setTitle)]
    async fn set_title(details: &Object) -> Result<JsValue, JsValue>;

    type URL;
    #[wasm_bindgen(catch, constructor)]
    fn new(url: &str) -> Result<URL, JsValue>;
    #[wasm_bindgen(method, getter)]
    fn origin(this: &URL) -> String;
    #[wasm_bindgen(method, getter)]
    fn protocol(this: &URL) -> String;
    #[wasm_bindgen(method, getter)]
    fn host(this: &URL) -> String;
}

/// A value as the plain objects that messages and storage take.
pub(crate) fn to_js(value: &impl Serialize) -> JsValue {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or_default()
}

/// Which browser this is.
pub(crate) fn engine() -> Engine {
    if ENGINE.with(|engine| engine == "firefox") { Engine::Firefox } else { Engine::Chrome }
}

/// Puts a route in force.
pub(crate) async fn set_route(route: &Route) -> Result<(), Refusal> {
    match apply_route(to_js(route)).await.as_string().as_deref() {
        Some("") => Ok(()),
        Some("not-in-control") => Err(Refusal::NotInControl),
        Some("permission") => Err(Refusal::Permission),
        _ => Err(Refusal::Browser),
    }
}

/// Lets WebRTC and prediction use only the proxy, or as the browser has it.
pub(crate) async fn guard_webrtc(on: bool) {
    let calls = if on {
        let quiet = details(&[("value", JsValue::FALSE)]);
        [webrtc_set(&details(&[("value", "disable_non_proxied_udp".into())])), prediction_set(&quiet)]
    } else {
        let none = Object::new();
        [webrtc_clear(&none), prediction_clear(&none)]
    };
    // A browser without one of these settings has nothing to guard there.
    for promise in calls.into_iter().flatten() {
        drop(JsFuture::from(promise).await);
    }
}

/// Rings `name` every so many minutes, or no more. One that rings already is left to.
pub(crate) async fn alarm(name: &str, minutes: Option<u32>) {
    let Some(minutes) = minutes else {
        drop(alarm_clear(name).await);
        return;
    };
    if alarm_get(name).await.is_ok_and(|alarm| alarm.is_object()) {
        return;
    }
    drop(alarm_create(name, &details(&[("periodInMinutes", minutes.into())])));
}

/// What is stored under `key` for good.
pub(crate) async fn stored<T: DeserializeOwned>(key: &str) -> Option<T> {
    serde_wasm_bindgen::from_value(stored_value(key).await?).ok()
}

/// What a screen stored under `key` as JSON text.
pub(crate) async fn stored_json<T: DeserializeOwned>(key: &str) -> Option<T> {
    let text = stored_value(key).await?.as_string()?;
    serde_wasm_bindgen::from_value(JSON::parse(&text).ok()?).ok()
}

/// The same as it is; `None` when nothing is stored. Storage that fails counts as something that
/// does not read.
pub(crate) async fn stored_value(key: &str) -> Option<JsValue> {
    match local_get(key).await {
        Ok(items) => Reflect::get(&items, &key.into()).ok().filter(|value| !value.is_undefined()),
        Err(_) => Some(JsValue::NULL),
    }
}

/// Whether private windows are covered, which the user grants in the browser's own pages.
pub(crate) async fn covers_private() -> bool {
    is_allowed_incognito().await.is_ok_and(|allowed| allowed.is_truthy())
}

/// Has the reader read the document of a source; `None` where it fails.
pub(crate) async fn read_document(bytes: &[u8], source: &str, now: Timestamp) -> Option<Found> {
    let found = read_bytes(Uint8Array::from(bytes), source, now.millis() as f64).await.ok()?;
    serde_wasm_bindgen::from_value(found).ok()
}

/// Stores `value` under `key` for good.
pub(crate) async fn store(key: &str, value: &impl Serialize) {
    drop(local_set(&details(&[(key, to_js(value))])).await);
}

/// Stores `value` under `key` until the browser closes, where popup and badge look.
pub(crate) async fn publish(key: &str, value: &impl Serialize) {
    drop(session_set(&details(&[(key, to_js(value))])).await);
}

/// What the toolbar shows.
pub(crate) async fn badge(text: &str, colour: &str, title: &str) {
    drop(set_badge_text(&details(&[("text", text.into())])).await);
    drop(set_badge_colour(&details(&[("color", colour.into())])).await);
    drop(set_title(&details(&[("title", title.into())])).await);
}

/// A number by chance, which need not be hard to guess.
pub(crate) fn seed() -> u64 {
    js_sys::Math::random().to_bits()
}

/// The origin of a web address; `None` when it is none.
pub(crate) fn origin(url: &str) -> Option<String> {
    let url = URL::new(url).ok()?;
    matches!(url.protocol().as_str(), "http:" | "https:").then(|| url.origin())
}

/// The host and port of a web address.
pub(crate) fn host(url: &str) -> Option<String> {
    URL::new(url).ok().map(|url| url.host())
}

fn details(fields: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in fields {
        // Setting a field of a fresh object does not fail.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object
}
