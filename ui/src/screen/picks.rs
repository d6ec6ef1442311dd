//! Picks: one press connects to a proxy that is chosen among those on screen.

use configstream_core::catalogue::Goal;
use configstream_core::geo::Country;
use leptos::prelude::*;

use super::over::Over;
use crate::host::Bridge;
use crate::part::flag::Flag;
use crate::state::{Sheet, use_app};
use crate::view::text::grouped;
use crate::view::words;

/// What is picked, the name of its element, what it is called, and what that means.
const PICKS: [(Goal, &str, &str, &str); 4] = [
    (Goal::Fastest, "fastest", "Fastest", "The least time until a connection works"),
    (Goal::Safest, "safest", "Safest", "The most secure, and of these the most likely to work"),
    (Goal::Next, "next", "Next", "The best other than the present one"),
    (Goal::Random, "random", "Random", "Any other than the present one"),
];

/// The row of picks, and what they are among.
#[component]
pub fn Picks() -> impl IntoView {
    let app = use_app();
    let usable = Memo::new(move |_| app.usable());
    let off = move || app.bridge.get() != Bridge::Here || usable.get() == 0;
    let pick = |(goal, key, label, title): (Goal, &'static str, &'static str, &'static str)| {
        view! {
            <button class="chip" data-goal=key title=title prop:disabled=off on:click=move |_| app.pick(goal)>{label}</button>
        }
    };
    let among = move || words::among(usable.get(), !app.found.read().asked.is_empty(), app.face);
    view! {
        <div class="picks" role="group" aria-label="Connect to" aria-describedby="among">
            {PICKS.map(pick)}
            <button
                class="chip"
                data-goal="country"
                title="The best that comes out in a country"
                aria-haspopup="dialog"
                prop:disabled=off
                on:click=move |_| app.toggle_sheet(Sheet::Countries)
            >
                "Country…"
            </button>
            <p id="among" class="dim">{among}</p>
        </div>
    }
}

/// The countries that a pick may be in.
#[component]
pub fn Countries() -> impl IntoView {
    view! {
        <Over id="countries" title="Connect in a country" sheet=Sheet::Countries>
            <CountryList />
        </Over>
    }
}

#[component]
fn CountryList() -> impl IntoView {
    let app = use_app();
    let countries = app.usable_countries();
    let none = countries
        .is_empty()
        .then(|| view! { <p class="dim">"Of no proxy that is shown the country is known."</p> });
    let line = move |(country, rows): (Country, usize)| {
        let pick = move |_| {
            app.close_sheet(Sheet::Countries);
            app.pick(Goal::Country(country));
        };
        view! {
            <li>
                <button class="choice" data-country=country.code().to_owned() on:click=pick>
                    <Flag code=country.code() flag=country.flag() />
                    <span>{country.name()}</span>
                    <span class="chip-count">{grouped(rows)}</span>
                </button>
            </li>
        }
    };
    view! { {none} <ul class="choices">{countries.into_iter().map(line).collect::<Vec<_>>()}</ul> }
}
