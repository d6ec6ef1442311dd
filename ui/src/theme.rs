//! Light, dark, or as the system has it: one attribute on the root element. `theme.js` sets it
//! before the first paint from what is kept here.

use configstream_core::message::Theme;
use leptos::prelude::*;

/// Where `theme.js` looks.
const KEY: &str = "theme";

/// Shows `theme`, now and when the page opens again.
pub fn apply(theme: Theme) {
    let Some(root) = document().document_element() else { return };
    let storage = window().local_storage().ok().flatten();
    if let Some(name) = name(theme) {
        _ = root.set_attribute("data-theme", name);
        _ = storage.map(|storage| storage.set_item(KEY, name));
    } else {
        _ = root.remove_attribute("data-theme");
        _ = storage.map(|storage| storage.remove_item(KEY));
    }
}

/// The theme that was last applied.
pub fn kept() -> Theme {
    let name =
        window().local_storage().ok().flatten().and_then(|storage| storage.get_item(KEY).ok().flatten());
    match name.as_deref() {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        _ => Theme::System,
    }
}

const fn name(theme: Theme) -> Option<&'static str> {
    match theme {
        Theme::System => None,
        Theme::Light => Some("light"),
        Theme::Dark => Some("dark"),
    }
}
