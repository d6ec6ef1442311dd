//! More filters: beside the list where there is room, else a sheet over it.

use leptos::prelude::*;

use crate::part::chip::ChipText;
use crate::part::icon::{Icon, path};
use crate::state::use_app;
use crate::view::filters::{self, Bound, Group, Mark, Value};
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
                <p class="dim">"Press once for only these, twice for none of these."</p>
                <div class="bounds">{Bound::ALL.map(|bound| view! { <BoundField bound /> })}</div>
                {Group::ALL.map(|group| view! { <Values group /> })}
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
    let app = use_app();
    let all = RwSignal::new(false);
    let values = Memo::new(move |_| {
        app.query.with(|query| app.found.with(|found| group.values(&found.facets, query)))
    });
    let offered = move || {
        let most = if all.get() { usize::MAX } else { FIRST };
        values.get().into_iter().take(most).collect::<Vec<_>>()
    };
    let title = [group.key(), "-values"].concat();
    view! {
        <Show when=move || !values.read().is_empty()>
            <h3 id=title.clone()>{group.title()}</h3>
            <div class="values" role="group" data-group=group.key() aria-labelledby=title.clone()>
                <For each=offered key=Value::label children=|value| view! { <ValueChip value /> } />
                <Show when=move || { values.read().len() > FIRST }>
                    <button class="link" aria-expanded=move || all.get().to_string() on:click=move |_| all.update(|all| *all = !*all)>
                        {move || if all.get() { "Fewer" } else { "More" }}
                    </button>
                </Show>
            </div>
        </Show>
    }
}

#[component]
fn ValueChip(value: Value) -> impl IntoView {
    let app = use_app();
    let (marked, counted, name) = (value.clone(), value.clone(), value.label());
    let label = name.clone();
    let mark = Memo::new(move |_| app.query.with(|query| marked.mark(query)));
    let count = Signal::derive(move || app.found.with(|found| counted.count(&found.facets)));
    view! {
        <button
            class="chip"
            data-value=name
            aria-pressed=move || mark.get().pressed()
            on:click=move |_| app.turn_value(&value)
        >
            {move || (mark.get() == Mark::Without).then(|| view! { <span class="without">"without"</span> })}
            <ChipText label=label count=count />
        </button>
    }
}
