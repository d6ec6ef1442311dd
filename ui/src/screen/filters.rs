//! Search, chips and order.

use configstream_core::Protocol;
use configstream_core::catalogue::{Doubt, Query, Sort};
use configstream_core::geo::Country;
use leptos::prelude::*;

use super::more::{MoreButton, MoreFilters};
use super::ranking::RankingButton;
use crate::part::chip::ChipText;
use crate::part::flag::Flag;
use crate::part::icon::{Icon, path};
use crate::state::{focus, use_app};
use crate::view::choice::{self, sort_label, sort_of};
use crate::view::filters::Quick;
use crate::view::text::{age, count};

/// Countries that are offered before "More".
const FIRST: usize = 24;

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
    let app = use_app();
    let more = RwSignal::new(false);
    let protocols = Memo::new(move |_| {
        app.query.with(|query| app.found.with(|found| choice::protocols(&found.facets, &query.protocols)))
    });
    let countries = Memo::new(move |_| {
        app.query.with(|query| app.found.with(|found| choice::countries(&found.facets, &query.countries)))
    });
    let offered = move || {
        let most = if more.get() { usize::MAX } else { FIRST };
        countries.get().into_iter().take(most).collect::<Vec<_>>()
    };
    view! {
        <div class="chips" role="group" aria-label="Filters and protocols">
            <MoreButton />
            {Quick::ALL.map(|quick| view! { <QuickChip quick /> })}
            <For each=move || protocols.get() key=|protocol| *protocol children=|protocol| view! { <ProtocolChip protocol /> } />
        </div>
        <div class="chips" role="group" aria-label="Countries">
            <For each=offered key=|country| *country children=|country| view! { <CountryChip country /> } />
            <Show when=move || { countries.read().len() > FIRST }>
                <button class="link" aria-expanded=move || more.get().to_string() on:click=move |_| more.update(|more| *more = !*more)>
                    {move || if more.get() { "Fewer" } else { "More" }}
                </button>
            </Show>
        </div>
        <MoreFilters />
    }
}

#[component]
fn QuickChip(quick: Quick) -> impl IntoView {
    let app = use_app();
    let pressed = move || app.query.with(|query| quick.is_on(query));
    let count = Signal::derive(move || app.found.with(|found| quick.count(&found.facets, app.engine)));
    view! {
        <button
            class="chip quick"
            data-quick=quick.key()
            title=quick.sentence()
            aria-pressed=move || pressed().to_string()
            on:click=move |_| app.turn_quick(quick)
        >
            <ChipText label=quick.label() count=count />
        </button>
    }
}

#[component]
fn ProtocolChip(protocol: Protocol) -> impl IntoView {
    let app = use_app();
    let pressed = move || app.query.with(|query| query.protocols.contains(&protocol));
    let count =
        Signal::derive(move || app.found.with(|found| *found.facets.protocols.get(&protocol).unwrap_or(&0)));
    view! {
        <button
            class="chip"
            data-protocol=protocol.key()
            aria-pressed=move || pressed().to_string()
            on:click=move |_| app.toggle_protocol(protocol)
        >
            <ChipText label=protocol.label() count=count />
        </button>
    }
}

#[component]
fn CountryChip(country: Country) -> impl IntoView {
    let app = use_app();
    let pressed = move || app.query.with(|query| query.countries.contains(&country));
    let count =
        Signal::derive(move || app.found.with(|found| *found.facets.countries.get(&country).unwrap_or(&0)));
    let flag = view! { <Flag code=country.code() flag=country.flag() /> }.into_any();
    view! {
        <button
            class="chip"
            data-country=country.code().to_owned()
            aria-pressed=move || pressed().to_string()
            on:click=move |_| app.toggle_country(country)
        >
            <ChipText flag=flag label=country.name() count=count />
        </button>
    }
}
