//! The extension's popup and its options page: one program, told apart by the page's path.
//!
//! ```text
//! browser   chrome.runtime, chrome.storage, chrome.permissions: the one door to them
//! host      ui's Host over messages to the background and the stored snapshot
//! options   the options page
//! ```

mod browser;
mod host;
pub mod options;

use configstream_ui::screen::Home;
use configstream_ui::state::App;
use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by `boot.js`' `init`.
#[wasm_bindgen(start)]
pub fn main() {
    let path = window().location().pathname().unwrap_or_default();
    if path.ends_with("/options.html") {
        configstream_ui::start(|| view! { <options::Options /> });
    } else {
        configstream_ui::start(|| view! { <Popup /> });
    }
}

#[component]
fn Popup() -> impl IntoView {
    App::provide(host::Popup::default());
    view! { <Home /> }
}
