//! More filters: beside the list where there is room, else a sheet over it.

use leptos::prelude::*;

use super::chips::ChipList;
use crate::part::icon::{Icon, path};
use crate::state::use_app;
use crate::view::filters::{self, Bound, Group};
use crate::view::text::grouped;

/// Values of a group that are offered before "More".
const FIRST: usize = 12;

/// The button that shows them, with how many are set.
#[component]
pub fn MoreButton() -> impl IntoView {
    let app = use_app();
    let set = Memo::new(move |_| app.query.with(filters::set));
    let count =
        move || (set.get() > 0).then(|| view! { <span class="chip-count">{grouped(set.get())}</span> });
    let label = move || match set.get() {
        0 => "More filters".to_owned(),
        set => format!("More filters, {set} set"),
    };
    view! {
        <button
            id="more"
            class="chip more-button"
            aria-controls="filters"
            aria-expanded=move || app.more.get().to_string()
            aria-label=label
            data-set=move || (set.get() > 0).to_string()
            on:click=move |_| app.toggle_more()
        >
            <Icon d=path::FILTER />
            <span>"Filters"</span>
            {count}
        </button>
    }
}

/// The filters, while they are shown.
#[component]
pub fn MoreFilters() -> impl IntoView {
    let app = use_app();
    let left = move || grouped(app.found.read().rows.len());
    view! {
        <section id="filters" class="more" aria-label="More filters" hidden=move || !app.more.get()>
            <Show when=move || app.more.get()>
                <div class="detail-head">
                    <h2>"More filters"</h2>
                    <span class="dim">{left}" left"</span>
                    <button class="tool" title="Close" aria-label="Close the filters" on:click=move |_| app.close_more()>
                        <Icon d=path::CLOSE />
                    </button>
                </div>
                <p class="dim">"Press once for only these, twice for none of these. A number counts those that have it, all other filters kept."</p>
                <div class="bounds">{Bound::ALL.map(|bound| view! { <BoundField bound /> })}</div>
                {Group::MORE.map(|group| view! { <Values group /> })}
            </Show>
        </section>
    }
}

#[component]
fn BoundField(bound: Bound) -> impl IntoView {
    let app = use_app();
    let steps = Memo::new(move |_| app.query.with(|query| bound.steps(query)));
    let option = move |step: u64| {
        let chosen = move || app.query.with(|query| bound.get(query) == Some(step));
        view! { <option value=step.to_string() prop:selected=chosen>{bound.words(step)}</option> }
    };
    view! {
        <label class="bound">
            <span>{bound.label()}</span>
            <select id=bound.key() on:change:target=move |event| app.set_bound(bound, event.target().value().parse().ok())>
                <option value="" prop:selected=move || app.query.with(|query| bound.get(query).is_none())>"Any"</option>
                {move || steps.get().into_iter().map(option).collect::<Vec<_>>()}
            </select>
        </label>
    }
}

#[component]
fn Values(group: Group) -> impl IntoView {
    let title = [group.key(), "-values"].concat();
    view! {
        <div class="values" role="group" aria-labelledby=title.clone()>
            <h3 id=title.clone()>{group.title()}</h3>
            <ChipList group first=FIRST />
        </div>
    }
}
