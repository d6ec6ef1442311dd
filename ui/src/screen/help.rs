//! The help sheet, made from the tables of shortcuts and of filters.

use configstream_core::catalogue::FILTERS;
use leptos::prelude::*;

use super::over::Over;
use crate::keys::KEYS;
use crate::state::Sheet;

/// Every shortcut, and every filter that can be typed.
#[component]
pub fn Help() -> impl IntoView {
    view! {
        <Over id="help" title="Shortcuts" sheet=Sheet::Help>
            <dl class="facts keys">
                {KEYS.iter().map(|key| view! { <dt><kbd>{key.cap}</kbd></dt><dd>{key.does}</dd> }).collect::<Vec<_>>()}
            </dl>
            <h2>"In the search field"</h2>
            <dl class="facts keys">
                {FILTERS
                    .iter()
                    .map(|filter| view! { <dt><kbd>{filter.example}</kbd></dt><dd>{filter.help}</dd> })
                    .collect::<Vec<_>>()}
            </dl>
        </Over>
    }
}
