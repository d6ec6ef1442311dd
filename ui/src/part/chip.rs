//! A chip: a filter that is on or off, with the number of rows it would leave.

use leptos::prelude::*;

use crate::view::text::grouped;

/// What is inside a chip.
#[component]
pub fn ChipText(
    /// A flag or nothing, for the eye only.
    #[prop(optional)]
    flag: Option<AnyView>,
    /// The words.
    #[prop(into)]
    label: String,
    /// The rows it would leave; `None` shows none.
    #[prop(optional, into)]
    count: Option<Signal<usize>>,
) -> impl IntoView {
    view! {
        {flag}
        <span>{label}</span>
        {count.map(|count| view! { <span class="chip-count">{move || grouped(count.get())}</span> })}
    }
}
