//! The one screen: status, filters, list, detail.

use configstream_core::catalogue::Goal;
use configstream_core::message::Phase;
use leptos::ev::{KeyboardEvent, keydown};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::detail::Detail;
use super::filters::{Chips, SearchLine};
use super::help::Help;
use super::list::List;
use super::picks::{Countries, Picks};
use super::ranking::Ranking;
use super::statistics::Statistics;
use super::status::StatusCard;
use crate::host::Face;
use crate::keys::{self, Act};
use crate::part::icon::{Icon, Mark, path};
use crate::state::{App, Sheet, focus, use_app};

/// The screen. The children stand between the bar and the status: what only one program has to say.
#[component]
pub fn Home(#[prop(optional)] children: Option<Children>) -> impl IntoView {
    let app = use_app();
    let handle = window_event_listener(keydown, move |event| on_key(app, &event));
    on_cleanup(move || handle.remove());
    let face = if app.face == Face::Popup { "popup" } else { "page" };
    view! {
        <div class="app" data-face=face class:has-detail=move || app.selected.get().is_some()>
            <a class="skip" href="#list">"Skip to the list"</a>
            <Bar />
            {children.map(|children| children())}
            <main class="body">
                <div class="side">
                    <StatusCard />
                    <Picks />
                    <Chips />
                </div>
                <div class="middle">
                    <SearchLine />
                    <List />
                </div>
                <Detail />
            </main>
            <Toast />
            <Help />
            <Ranking />
            <Countries />
            <Statistics />
        </div>
    }
}

#[component]
fn Toast() -> impl IntoView {
    let app = use_app();
    let undo = move || {
        app.unmarked
            .get()
            .map(|id| view! { <button id="undo" class="link" on:click=move |_| app.star(id)>"Undo"</button> })
    };
    view! {
        <div class="toast">
            <p id="toast" role="status" dir="auto">{move || app.toast.get()}</p>
            {undo}
        </div>
    }
}

#[component]
fn Bar() -> impl IntoView {
    let app = use_app();
    let refreshing = app.refreshing;
    let settings = (app.face == Face::Popup).then(|| {
        view! {
            <button id="options" class="tool" title="Settings" aria-label="Settings" on:click=move |_| app.open_options()>
                <Icon d=path::SETTINGS />
            </button>
        }
    });
    view! {
        <header class="bar">
            <Mark />
            <h1>"ConfigStream"</h1>
            <button
                id="reload"
                class="tool"
                title="Fetch the list again"
                aria-label="Fetch the list again"
                aria-busy=move || refreshing.get().to_string()
                on:click=move |_| app.refresh()
            >
                <Icon d=path::REFRESH />
            </button>
            <button id="chart" class="tool" title="Statistics" aria-label="Statistics" aria-haspopup="dialog" on:click=move |_| app.toggle_sheet(Sheet::Statistics)>
                <Icon d=path::CHART />
            </button>
            <button class="tool" title="Shortcuts" aria-label="Shortcuts" on:click=move |_| app.toggle_sheet(Sheet::Help)>
                <Icon d=path::HELP />
            </button>
            {settings}
        </header>
    }
}

fn on_key(app: App, event: &KeyboardEvent) {
    let control = event.ctrl_key() || event.meta_key();
    if control && event.key().eq_ignore_ascii_case("k") {
        event.prevent_default();
        return focus("search");
    }
    if control || event.alt_key() {
        return;
    }
    let Some(act) = keys::act(&event.key(), in_field(event)) else { return };
    if event.repeat() && !act.repeats() {
        return;
    }
    if run(app, act) {
        event.prevent_default();
    }
}

/// Whether there was anything to do; if not, the key keeps its usual meaning (Escape closes a popup).
fn run(app: App, act: Act) -> bool {
    // What is under an open sheet is out of reach.
    if app.sheet.get_untracked().is_some() && !matches!(act, Act::Open(_) | Act::Back) {
        return false;
    }
    match act {
        Act::Search => focus("search"),
        Act::Filters => app.toggle_more(),
        Act::Refresh => app.refresh(),
        Act::Power => app.power(),
        Act::Copy => app.copy_current(),
        Act::Star => app.star_current(),
        Act::Detail => app.toggle_detail(),
        Act::Next => app.pick(Goal::Next),
        Act::Open(sheet) => app.toggle_sheet(sheet),
        Act::Back => return app.back(),
        Act::List => return false,
    }
    true
}

fn in_field(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

/// The colour of the phase.
pub(super) const fn tone(phase: Phase) -> &'static str {
    match phase {
        Phase::Off => "quiet",
        Phase::Connecting => "busy",
        Phase::Connected => "good",
        Phase::Blocked | Phase::Failed => "bad",
    }
}
