//! The PWA: the same screens as the popup, over the API that serves it.
//!
//! ```text
//! host      ui's Host: the API's snapshot, its copy in IndexedDB, the address' query
//! bridge    messages to the extension, where there is one
//! stream    the API's announcements of a new snapshot
//! history   how the list was over time, below the statistics
//! install   the browser's offer to install, and a new version that waits
//! notices   what only a page has to say: offline, no extension, install, new version
//! ```

mod bridge;
pub mod history;
mod host;
mod install;
pub mod notices;
mod stream;

use configstream_ui::screen::Home;
use configstream_ui::screen::statistics::Addition;
use configstream_ui::state::App;
use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by `boot.js`' `init`.
#[wasm_bindgen(start)]
pub fn main() {
    configstream_ui::start(|| view! { <Page /> });
}

#[component]
fn Page() -> impl IntoView {
    App::provide(host::Page::default());
    provide_context(Addition(|| view! { <history::OverTime /> }.into_any()));
    view! {
        <Home>
            <notices::Notices />
        </Home>
    }
}
