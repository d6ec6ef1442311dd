//! The help sheet, made from the tables of shortcuts and of filters.

use configstream_core::catalogue::FILTERS;
use leptos::html;
use leptos::prelude::*;

use crate::keys::KEYS;
use crate::part::icon::{Icon, path};
use crate::state::use_app;

/// A dialog with every shortcut and every filter that can be typed. The browser keeps the focus inside and gives it back.
#[component]
pub fn Help() -> impl IntoView {
    let app = use_app();
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let (open, Some(dialog)) = (app.help.get(), dialog.get()) else { return };
        if open && !dialog.open() {
            _ = dialog.show_modal();
        } else if !open {
            dialog.close();
        }
    });
    let rows = KEYS.iter().map(|key| view! { <dt><kbd>{key.cap}</kbd></dt><dd>{key.does}</dd> });
    let filters =
        FILTERS.iter().map(|filter| view! { <dt><kbd>{filter.example}</kbd></dt><dd>{filter.help}</dd> });
    view! {
        <dialog id="help" class="help" node_ref=dialog aria-label="Help" on:close=move |_| app.help.set(false)>
            <div class="detail-head">
                <h2>"Shortcuts"</h2>
                <button class="tool" aria-label="Close" on:click=move |_| app.help.set(false)>
                    <Icon d=path::CLOSE />
                </button>
            </div>
            <dl class="facts keys">{rows.collect::<Vec<_>>()}</dl>
            <h2>"In the search field"</h2>
            <dl class="facts keys">{filters.collect::<Vec<_>>()}</dl>
        </dialog>
    }
}
