//! A labelled switch with a sentence on what it does.

use leptos::prelude::*;

/// A checkbox that looks like a switch.
#[component]
pub fn Toggle(
    /// The element's id.
    id: &'static str,
    /// What it is called.
    label: &'static str,
    /// What it does and what it cannot do.
    sentence: &'static str,
    /// Whether it is on.
    on: RwSignal<bool>,
) -> impl IntoView {
    let described = [id, "-sentence"].concat();
    view! {
        <div class="toggle">
            <input
                id=id
                type="checkbox"
                role="switch"
                aria-describedby=described.clone()
                prop:checked=on
                on:change:target=move |event| on.set(event.target().checked())
            />
            <label for=id>{label}</label>
            <p id=described class="dim">{sentence}</p>
        </div>
    }
}
