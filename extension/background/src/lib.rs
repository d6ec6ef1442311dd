//! The background of the extension: it runs core's session and touches the browser. It decides
//! nothing that core can decide.
//!
//! `shell.js` hands it one [`event::Happening`] at a time; what comes of it is kept in the browser's
//! storage, because the background may end at any moment.

mod browser;
mod event;
mod feed;
mod memory;
mod session;
mod show;

use wasm_bindgen::prelude::*;

/// Takes one event of the browser; gives the answer to a message, or nothing.
#[wasm_bindgen]
pub async fn handle(happening: JsValue) -> JsValue {
    match serde_wasm_bindgen::from_value(happening) {
        Ok(happening) => event::handle(happening).await,
        Err(_) => browser::to_js(&event::malformed()),
    }
}
