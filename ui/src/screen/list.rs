//! The list, and what stands in its place while there is none.

use std::hash::{DefaultHasher, Hash, Hasher};

use configstream_core::Fingerprint;
use configstream_core::catalogue::Entry;
use configstream_core::message::Fault;
use configstream_core::route::Unusable;
use leptos::prelude::*;

use crate::host::Face;
use crate::part::flag::Flag;
use crate::part::icon::{Icon, path};
use crate::part::list::{VirtualList, offset};
use crate::state::{self, App, use_app};
use crate::view::text::{bars, grade};
use crate::view::words;

/// Which of the states of the list is on screen.
#[derive(Clone, PartialEq)]
enum Stand {
    Loading,
    Empty,
    NoMatch,
    Failed(Fault),
    Rows,
}

fn stand(app: App) -> Stand {
    app.list.with(|list| match list {
        state::List::Loading => Stand::Loading,
        state::List::Empty => nothing(app),
        state::List::Failed(fault) => Stand::Failed(fault.clone()),
        state::List::Ready(loaded) if loaded.catalogue.is_empty() => nothing(app),
        state::List::Ready(_) if app.found.read().rows.is_empty() => Stand::NoMatch,
        state::List::Ready(_) => Stand::Rows,
    })
}

/// No proxy at all: because nothing was fetched yet, or because fetching failed.
fn nothing(app: App) -> Stand {
    app.trouble.get().map_or(Stand::Empty, Stand::Failed)
}

/// The list or what stands in its place.
#[component]
pub fn List() -> impl IntoView {
    let app = use_app();
    let stand = Memo::new(move |_| stand(app));
    move || match stand.get() {
        Stand::Loading => view! { <Skeleton /> }.into_any(),
        Stand::Empty => view! { <Empty /> }.into_any(),
        Stand::NoMatch => view! { <NoMatch /> }.into_any(),
        Stand::Failed(fault) => view! { <Trouble fault /> }.into_any(),
        Stand::Rows => view! { <Rows /> }.into_any(),
    }
}

#[component]
fn Rows() -> impl IntoView {
    let app = use_app();
    let len = Signal::derive(move || app.found.read().rows.len());
    view! {
        <VirtualList
            id="list"
            label="Proxies"
            len=len
            active=app.active
            key=move |place| key(app, place)
            row=move |place| view! { <Row place /> }
            on_open=Callback::new(move |place| app.open(place))
            on_select=Callback::new(move |place| app.select(place))
        />
    }
}

/// A number for what a place shows: a newer list redraws only the rows of which it shows something else.
fn key(app: App, place: usize) -> u64 {
    let row = app.found.read().rows.get(place).copied().unwrap_or(u32::MAX);
    app.list.with_untracked(|list| {
        let row = list.ready().and_then(|loaded| loaded.catalogue.row(row));
        row.map_or(0, |row| {
            let known = (row.id(), row.name(), row.country(), row.latency(), row.score(), row.engines());
            let mut hasher = DefaultHasher::new();
            known.hash(&mut hasher);
            hasher.finish()
        })
    })
}

#[component]
fn Row(place: usize) -> impl IntoView {
    let app = use_app();
    let entry = app.at(place)?;
    let id = entry.id;
    let obstacle = app.obstacle(&entry);
    let title = title(app.face, obstacle);
    let in_use = move || {
        app.status.with(|status| status.proxy.as_ref().is_some_and(|proxy| proxy.id == id.to_string()))
    };
    let label = words::row_label(&entry, obstacle);
    let label = move || [label.as_str(), if app.is_favourite(id) { ", favourite" } else { "" }].concat();
    Some(view! {
        <div
            id=format!("row-{place}")
            class="row"
            role="option"
            data-id=id.to_string()
            data-usable=obstacle.is_none().to_string()
            title=title
            aria-label=label
            aria-posinset=(place + 1).to_string()
            aria-setsize=move || app.found.read().rows.len().to_string()
            aria-selected=move || (app.selected.get() == Some(id)).to_string()
            class:active=move || app.active.get() == place
            class:in-use=in_use
            style:transform=offset(place)
            on:click=move |_| app.open(place)
            on:contextmenu=move |event| {
                event.prevent_default();
                app.select(place);
            }
        >
            <Cells entry=&entry usable=obstacle.is_none() />
            <Star id />
        </div>
    })
}

/// Why a row cannot be connected to, else what a click does where that is not plain.
fn title(face: Face, obstacle: Option<Unusable>) -> Option<String> {
    match (obstacle, face) {
        (Some(obstacle), _) => Some(obstacle.to_string()),
        (None, Face::Popup) => Some("Connect. Right-click: details".to_owned()),
        (None, Face::Page) => None,
    }
}

/// The mark, for the mouse: an option of a list may hold no button. The key and the details have it too.
#[component]
fn Star(id: Fingerprint) -> impl IntoView {
    let app = use_app();
    view! {
        <span
            class="star"
            aria-hidden="true"
            data-on=move || app.is_favourite(id).to_string()
            title=move || if app.is_favourite(id) { "Remove from your favourites" } else { "Add to your favourites" }
            on:click=move |event| {
                event.stop_propagation();
                app.star(id);
            }
        >
            <Icon d=path::STAR />
        </span>
    }
}

#[component]
fn Cells<'a>(entry: &'a Entry, usable: bool) -> impl IntoView + use<> {
    let measured = &entry.measured;
    let country = measured.country.map_or("Unknown country", |country| country.name());
    let code = measured.country.map(|country| country.code().to_owned()).unwrap_or_default();
    let flag = measured.country.map_or_else(|| "🏳".to_owned(), |country| country.flag());
    let latency = measured.latency.map_or_else(|| "–".to_owned(), |ms| format!("{ms} ms"));
    let copy_only = (!usable).then(|| view! { <span class="badge copy-only">"copy only"</span> });
    view! {
        <Flag code flag />
        <span class="row-name"><bdi>{words::name(entry)}</bdi></span>
        <span class="row-about">
            <span class="badge">{entry.protocol.label()}</span>
            {copy_only}
            <span class="row-country">{country}</span>
        </span>
        <span class="row-latency" data-bars=bars(measured.latency).to_string()>
            <span class="bars" aria-hidden="true"><i></i><i></i><i></i></span>
            {latency}
        </span>
        <span class="row-score" data-grade=grade(entry.score) title="Score of 100">{entry.score.to_string()}</span>
    }
}

#[component]
fn Skeleton() -> impl IntoView {
    let row = |_| view! { <div class="ghost"><i></i><i></i><i></i></div> };
    view! {
        <div class="skeleton" aria-busy="true">
            <p class="unseen" role="status">"Reading the list…"</p>
            {(0..8).map(row).collect::<Vec<_>>()}
        </div>
    }
}

#[component]
fn Empty() -> impl IntoView {
    let app = use_app();
    let settings = (app.face == Face::Popup).then(|| {
        view! { <button class="button quiet" on:click=move |_| app.open_options()>"Add your own lists"</button> }
    });
    view! {
        <div class="place" id="empty">
            <Icon d=path::INSTALL />
            <h2>"No proxies yet"</h2>
            <p class="dim">"Fetch the list from the API. It is kept on this device."</p>
            <button class="button" on:click=move |_| app.refresh()>"Fetch the list"</button>
            {settings}
        </div>
    }
}

#[component]
fn NoMatch() -> impl IntoView {
    let app = use_app();
    view! {
        <div class="place" id="no-match">
            <Icon d=path::SEARCH />
            <h2>"Nothing matches"</h2>
            <p class="dim">"No proxy has all of what you chose."</p>
            <button class="button" on:click=move |_| app.clear()>"Clear filters"</button>
        </div>
    }
}

#[component]
fn Trouble(fault: Fault) -> impl IntoView {
    let app = use_app();
    let settings = (app.face == Face::Popup).then(|| {
        view! { <button class="button quiet" on:click=move |_| app.open_options()>"Open settings"</button> }
    });
    view! {
        <div class="place" id="trouble" role="alert">
            <Icon d=path::WARNING />
            <h2>"The list could not be fetched"</h2>
            <p class="dim">{fault.message}</p>
            <button id="retry" class="button" on:click=move |_| app.refresh()>"Retry"</button>
            {settings}
        </div>
    }
}
