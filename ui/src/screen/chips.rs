//! Chips: values that the list is filtered by, each with the number of rows that have it under all other
//! filters: what pressing it leaves, or adds where others of its group are pressed, or brings back where it
//! is left out.

use leptos::prelude::*;

use crate::part::flag::Flag;
use crate::state::use_app;
use crate::view::filters::{Group, Mark, Value};
use crate::view::text::grouped;

/// The chips of a group: the first of them, and all on demand.
#[component]
pub fn ChipList(
    /// What they are values of.
    group: Group,
    /// How many are offered before "More".
    #[prop(default = usize::MAX)]
    first: usize,
) -> impl IntoView {
    let app = use_app();
    let all = RwSignal::new(false);
    let values =
        Memo::new(move |_| app.found.with(|found| group.values(&found.facets, &found.asked, app.engine)));
    let offered = move || {
        let most = if all.get() { usize::MAX } else { first };
        values.get().into_iter().take(most).collect::<Vec<_>>()
    };
    view! {
        <For each=offered key=Value::key children=move |value| view! { <Chip group value /> } />
        <Show when=move || { values.read().len() > first }>
            <button class="link" aria-expanded=move || all.get().to_string() on:click=move |_| all.update(|all| *all = !*all)>
                {move || if all.get() { "Fewer" } else { "More" }}
            </button>
        </Show>
    }
}

#[component]
fn Chip(group: Group, value: Value) -> impl IntoView {
    let app = use_app();
    let (marked, counted) = (value.clone(), value.clone());
    let mark = Memo::new(move |_| app.found.with(|found| marked.mark(&found.asked)));
    let count = move || grouped(app.found.with(|found| counted.count(&found.facets)));
    let flag = match &value {
        Value::Country(country) => Some(view! { <Flag code=country.code() flag=country.flag() /> }),
        _ => None,
    };
    view! {
        <button
            class="chip"
            data-group=group.key()
            data-value=value.key()
            title=value.sentence()
            aria-pressed=move || mark.get().pressed()
            on:click={
                let value = value.clone();
                move |_| app.turn_value(&value)
            }
        >
            <span class="without">{move || (mark.get() == Mark::Without).then_some("without")}</span>
            {flag}
            <bdi>{value.label()}</bdi>
            <span class="chip-count">{count}</span>
        </button>
    }
}
