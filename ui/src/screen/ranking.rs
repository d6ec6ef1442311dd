//! The ranking sheet: how much each part of a score counts.

use configstream_core::score::Weights;
use leptos::prelude::*;

use super::over::Over;
use crate::host::Face;
use crate::part::icon::{Icon, path};
use crate::state::{Sheet, use_app};
use crate::view::weights::{PARTS, Part};

/// The button that opens it, marked while the weights are the user's own.
#[component]
pub fn RankingButton() -> impl IntoView {
    let app = use_app();
    let own = move || app.weights.get() != Weights::default();
    view! {
        <button
            id="ranking-button"
            class="tool"
            title="Ranking: what counts in a score"
            aria-label=move || if own() { "Ranking: your own weights" } else { "Ranking" }
            aria-haspopup="dialog"
            data-set=move || own().to_string()
            on:click=move |_| app.toggle_sheet(Sheet::Ranking)
        >
            <Icon d=path::WEIGHTS />
        </button>
    }
}

/// A slider for each part.
#[component]
pub fn Ranking() -> impl IntoView {
    let app = use_app();
    let elsewhere = (app.face == Face::Page)
        .then_some("Your own experience is known to the extension alone: here it is the same for all.");
    view! {
        <Over id="ranking" title="Ranking" sheet=Sheet::Ranking>
            <p class="dim">"What counts in a score, and how much. The points always add up to 100."</p>
            <div class="weights">
                {PARTS.into_iter().enumerate().map(|(at, part)| view! { <Slider at part /> }).collect::<Vec<_>>()}
            </div>
            <p class="dim">{elsewhere}</p>
            <div class="buttons">
                <button
                    id="reset-weights"
                    class="button quiet"
                    prop:disabled=move || app.weights.get() == Weights::default()
                    on:click=move |_| app.reset_weights()
                >
                    "Reset"
                </button>
            </div>
        </Over>
    }
}

#[component]
fn Slider(at: usize, part: Part) -> impl IntoView {
    let app = use_app();
    let id = ["weight-", part.key].concat();
    let points = move || app.weights.get().points().get(at).copied().unwrap_or_default();
    let weigh =
        move |value: String| app.weigh(|weights| (part.set)(weights, value.parse().unwrap_or_default()));
    view! {
        <div class="weight">
            <label for=id.clone()>{part.label}<span class="dim">{part.sentence}</span></label>
            <output class="points" for=id.clone()>{points}</output>
            <input
                id=id
                type="range"
                min="0"
                max="100"
                step="5"
                aria-valuetext=move || format!("{} of 100 points", points())
                prop:value=move || (part.get)(&app.weights.get()).to_string()
                on:input:target=move |event| weigh(event.target().value())
                on:change=move |_| app.keep_weights()
            />
        </div>
    }
}
