//! Messages to and from JavaScript: plain objects, by way of JSON, whose reader and writer are
//! linked for the snapshot anyway.

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

/// `value` as a plain object; `undefined` when it has no JSON form.
pub fn to_js(value: &impl Serialize) -> JsValue {
    let text = serde_json::to_string(value).ok();
    text.and_then(|text| js_sys::JSON::parse(&text).ok()).unwrap_or(JsValue::UNDEFINED)
}

/// Reads a plain object; `None` when it is something else.
pub fn from_js<T: DeserializeOwned>(value: &JsValue) -> Option<T> {
    let text: String = js_sys::JSON::stringify(value).ok()?.into();
    serde_json::from_str(&text).ok()
}
