//! The one door to the extension's own browser interfaces. Chrome and Firefox both answer to
//! `chrome` with promises.

use configstream_core::message::{Action, Fault, FaultCode, Reply, Request};
use configstream_ui::view::words;
use configstream_ui::wire;
use js_sys::{Array, Object, Promise, Reflect};
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["chrome", "runtime"], js_name = sendMessage, catch)]
    async fn send_message(message: JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["chrome", "runtime"], js_name = openOptionsPage, catch)]
    async fn open_options_page() -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["chrome", "storage", "session"], js_name = get, catch)]
    async fn session_get(key: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["chrome", "storage", "session"], js_name = set, catch)]
    async fn session_set(items: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["chrome", "storage", "local"], js_name = get, catch)]
    async fn local_get(key: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["chrome", "storage", "local"], js_name = set, catch)]
    async fn local_set(items: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["chrome", "storage", "onChanged"], js_name = addListener)]
    fn add_change_listener(listener: &JsValue);

    #[wasm_bindgen(js_namespace = ["chrome", "permissions"], js_name = request, catch)]
    fn request_permissions(permissions: &JsValue) -> Result<Promise, JsValue>;
}

/// Asks the background.
pub(crate) async fn ask(request: Request) -> Result<Reply, Fault> {
    let answer = send_message(wire::to_js(&request)).await.map_err(|_| silent())?;
    wire::from_js(&answer).ok_or_else(silent)
}

fn silent() -> Fault {
    words::fault(
        FaultCode::Browser,
        "The extension's background does not answer; reload the extension.",
        Action::Retry,
    )
}

/// Opens the options page.
pub(crate) async fn open_options() {
    _ = open_options_page().await;
}

/// For how long something is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Area {
    /// Until the browser ends.
    Session,
    /// Until the extension is removed.
    Local,
}

/// A kept text; empty when there is none.
pub(crate) async fn kept(area: Area, key: &str) -> String {
    let items = match area {
        Area::Session => session_get(key).await,
        Area::Local => local_get(key).await,
    };
    let value = Reflect::get(&items.unwrap_or_default(), &key.into());
    value.ok().and_then(|value| value.as_string()).unwrap_or_default()
}

/// Keeps a text.
pub(crate) async fn keep(area: Area, key: &str, text: String) {
    let items = Object::new();
    _ = Reflect::set(&items, &key.into(), &text.into());
    _ = match area {
        Area::Session => session_set(&items).await,
        Area::Local => local_set(&items).await,
    };
}

/// Calls `hear` with each storage key that changes and its new value.
pub(crate) fn on_storage_change(hear: impl Fn(&str, JsValue) + 'static) {
    let listener = Closure::<dyn Fn(JsValue)>::new(move |changes: JsValue| {
        for pair in Object::entries(changes.unchecked_ref()).iter() {
            let pair: Array = pair.unchecked_into();
            let value = Reflect::get(&pair.get(1), &"newValue".into()).unwrap_or_default();
            hear(&pair.get(0).as_string().unwrap_or_default(), value);
        }
    });
    add_change_listener(listener.as_ref());
    listener.forget();
}

/// Asks for access to all sites, which setting a proxy needs. The browser must be asked in the turn
/// of the click, so the question is put here and only the answer is awaited.
pub(crate) fn grant() -> impl Future<Output = bool> {
    let permissions = Object::new();
    let origins = Array::of1(&"<all_urls>".into());
    _ = Reflect::set(&permissions, &"origins".into(), &origins);
    let asked = request_permissions(&permissions);
    async move {
        let Ok(promise) = asked else { return false };
        JsFuture::from(promise).await.is_ok_and(|granted| granted.is_truthy())
    }
}

/// Whether this is Firefox, whose engine can send SOCKS5 passwords.
pub(crate) fn is_firefox() -> bool {
    leptos::prelude::window().navigator().user_agent().is_ok_and(|agent| agent.contains("Firefox/"))
}
