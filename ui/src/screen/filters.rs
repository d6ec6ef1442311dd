//! Search, chips and order.

use configstream_core::catalogue::{Doubt, Query, Sort};
use leptos::prelude::*;

use super::chips::ChipList;
use super::more::{MoreButton, MoreFilters};
use super::ranking::RankingButton;
use crate::part::icon::{Icon, path};
use crate::state::{focus, use_app};
use crate::view::choice::{sort_label, sort_of};
use crate::view::filters::Group;
use crate::view::text::{age, count};

/// Countries that are offered before "More".
const COUNTRIES: usize = 24;

/// The search field, the order, and how much of the list is shown.
#[component]
pub fn SearchLine() -> impl IntoView {
    let app = use_app();
    let to_list = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "ArrowDown" {
            event.prevent_default();
            focus("list");
        }
    };
    let options = Sort::ALL.map(|sort| {
        let chosen = move || app.query.with(|query| query.sort == sort);
        view! { <option value=sort.key() prop:selected=chosen>{sort_label(sort)}</option> }
    });
    view! {
        <div class="search-line" role="search">
            <Icon d=path::SEARCH />
            <input
                id="search"
                type="search"
                placeholder="Search name, country, protocol"
                aria-label="Search"
                aria-controls="list"
                autocomplete="off"
                spellcheck="false"
                prop:value=move || app.query.with(|query| query.text.clone())
                on:input:target=move |event| app.type_text(event.target().value())
                on:keydown=to_list
            />
            <select
                id="sort"
                aria-label="Sort by"
                on:change:target=move |event| app.sort(sort_of(&event.target().value()))
            >
                {options}
            </select>
            <RankingButton />
        </div>
        <Count />
        <Hints />
    }
}

/// What is to be known of the text that is searched for: that nothing has it, or that a filter is none.
#[component]
fn Hints() -> impl IntoView {
    let app = use_app();
    let doubt = Memo::new(move |_| app.query.with(|query| Query::diagnose(&query.text)).into_iter().next());
    let near = Memo::new(move |_| app.found.read().is_near);
    view! {
        <div class="hints" role="status">
            {move || near.get().then(|| view! { <p id="near">"No proxy has these words; here is what comes near."</p> })}
            {move || doubt.get().map(|doubt| view! { <Doubted doubt /> })}
        </div>
    }
}

#[component]
fn Doubted(doubt: Doubt) -> impl IntoView {
    let app = use_app();
    let Doubt { at, found, expected, meant } = doubt;
    let mend = meant.map(|meant| {
        let label = ["Search for ", &meant].concat();
        let mend = move |_| app.replace_text(at.clone(), &meant);
        view! { <button id="mend" class="link" on:click=mend>{label}</button> }
    });
    view! { <p id="doubt"><bdi>{found}</bdi>": expected "{expected}". "{mend}</p> }
}

#[component]
fn Count() -> impl IntoView {
    let app = use_app();
    let total = move || app.list.with(|list| list.ready().map(|loaded| loaded.catalogue.len()));
    let text = move || total().map(|total| count(app.found.read().rows.len(), total)).unwrap_or_default();
    let published = move || app.list.with(|list| list.ready().map(|loaded| loaded.published_at));
    let filtered = Memo::new(move |_| app.query.with(|query| !query.is_empty()));
    view! {
        <div class="count-line">
            <span id="count" role="status" dir="auto">{text}</span>
            <Show when=move || filtered.get()>
                <button id="clear" class="link" on:click=move |_| app.clear()>"Clear filters"</button>
            </Show>
            <span class="dim age">
                {move || published().map(|at| ["Updated ", &age(at, app.now.get())].concat())}
            </span>
        </div>
    }
}

/// The chips of quick choices, protocols and countries, and more filters.
#[component]
pub fn Chips() -> impl IntoView {
    view! {
        <div class="chips" role="group" aria-label="Filters and protocols">
            <MoreButton />
            <ChipList group=Group::Quick />
            <ChipList group=Group::Protocol />
        </div>
        <MoreFilters />
        <div class="chips" role="group" aria-label="Countries">
            <ChipList group=Group::Country first=COUNTRIES />
        </div>
    }
}
