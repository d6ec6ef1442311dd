//! The last resort: after a panic the program is not to be trusted, so it says so and offers to
//! start again.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

/// Shows `#fatal` on a panic. The message is in the page, static; its button reloads.
pub fn watch() {
    std::panic::set_hook(Box::new(|info| {
        leptos::logging::error!("{info}");
        if let Some(fatal) = document().get_element_by_id("fatal") {
            _ = fatal.remove_attribute("hidden");
        }
    }));
    let reload = Closure::<dyn Fn()>::new(|| _ = window().location().reload());
    if let Some(button) = document().get_element_by_id("fatal-reload") {
        _ = button.add_event_listener_with_callback("click", reload.as_ref().unchecked_ref());
    }
    reload.forget();
}
