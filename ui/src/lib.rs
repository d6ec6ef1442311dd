//! The screens, shared by the extension's popup and the PWA.
//!
//! ```text
//! host     what the screens ask of the program around them (trait Host)
//! state    App: what is on screen, and the named ways to change it
//! keys     the table of shortcuts; the help sheet is made from it
//! view/    pure functions: rows in view, words, numbers, choices. Tested natively
//! part/    small components that know no proxy: virtual list, icons, switch, meter
//! screen/  components that wire parts to state: status, filters, list, detail, help
//! style/   tokens.css has every colour; the other files use them
//! ```
//!
//! A program builds a [`Host`](host::Host), calls [`start`] and is on screen. This crate knows core,
//! but neither `chrome.*` nor `fetch` nor `IndexedDB`.

#![allow(
    clippy::large_types_passed_by_value,
    reason = "App is a handful of signals, passed as Leptos passes signals"
)]

pub mod clipboard;
pub mod fatal;
pub mod host;
pub mod keys;
pub mod part;
pub mod screen;
pub mod snapshot;
pub mod state;
pub mod theme;
pub mod view;
pub mod wire;

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Replaces the skeleton in `#app` by `screen`.
pub fn start<V: IntoView + 'static>(screen: impl FnOnce() -> V + 'static) {
    fatal::watch();
    part::flag::look_for_flags();
    let Some(root) = document().get_element_by_id("app") else { return };
    let Ok(root) = root.dyn_into::<leptos::web_sys::HtmlElement>() else { return };
    root.set_text_content(None);
    leptos::mount::mount_to(root, screen).forget();
}
