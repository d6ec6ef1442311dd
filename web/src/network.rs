//! What the browser says of the network that the user is on.

use configstream_core::experience::Local;
use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// The kind of network (`wifi`, `cellular`), where the browser says it: Chrome on phones and Chromebooks
/// does. It is all that tells one network of the user from another.
pub fn local() -> Local {
    let kind =
        of_navigator("connection").and_then(|connection| Reflect::get(&connection, &"type".into()).ok());
    kind.and_then(|kind| kind.as_string()).map_or(Local::ALL, |kind| Local::of(&kind))
}

/// Whether there is a network at all, as far as the browser knows.
pub fn is_online() -> bool {
    of_navigator("onLine").is_none_or(|online| online.is_truthy())
}

/// A property of `navigator`, which pages and workers have; `None` where there is none.
fn of_navigator(name: &str) -> Option<JsValue> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    Reflect::get(&navigator, &name.into()).ok().filter(|value| !value.is_undefined())
}
