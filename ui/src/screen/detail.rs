//! All that is known of one proxy, and what can be done with it.

use configstream_core::catalogue::Entry;
use configstream_core::route::Unusable;
use configstream_core::score::Reason;
use configstream_core::{Fingerprint, Protocol};
use leptos::prelude::*;

use crate::host::Bridge;
use crate::part::flag::Flag;
use crate::part::icon::{Icon, path};
use crate::part::meter::Meter;
use crate::state::{App, use_app};
use crate::view::text::{age, capital, grade};
use crate::view::words;

/// The details of the selected proxy; on a wide screen, an invitation while none is selected.
#[component]
pub fn Detail() -> impl IntoView {
    let app = use_app();
    // Without its score: another one is no reason to draw the buttons anew, which would lose their focus.
    let chosen = Memo::new(move |_| {
        let id = app.selected.get()?;
        app.list.with(|list| Some(Entry { score: 0, ..list.ready()?.catalogue.find(id)?.to_entry() }))
    });
    move || match chosen.get() {
        Some(entry) => view! { <Sheet entry /> }.into_any(),
        None => view! {
            <aside class="detail-none dim"><p>"Choose a proxy to see what is known of it."</p></aside>
        }
        .into_any(),
    }
}

#[component]
fn Sheet(entry: Entry) -> impl IntoView {
    let app = use_app();
    let obstacle = app.obstacle(&entry);
    let country = entry.measured.country;
    let flag = country.map(|country| view! { <Flag code=country.code() flag=country.flag() /> });
    view! {
        <aside id="detail" class="detail" aria-label="Details">
            <div class="detail-head">
                {flag}
                <h2><bdi>{words::name(&entry)}</bdi></h2>
                <Star id=entry.id />
                <button class="tool" title="Close" aria-label="Close the details" on:click=move |_| _ = app.back()>
                    <Icon d=path::CLOSE />
                </button>
            </div>
            <Buttons entry=entry.clone() obstacle />
            <Cautions protocol=entry.protocol obstacle />
            <Score id=entry.id />
            <dl class="facts">{facts(app, &entry)}</dl>
        </aside>
    }
}

#[component]
fn Star(id: Fingerprint) -> impl IntoView {
    let app = use_app();
    let on = move || app.is_favourite(id);
    view! {
        <button
            id="star"
            class="tool star"
            title=move || if on() { "Remove from your favourites" } else { "Add to your favourites" }
            aria-label="Favourite"
            aria-pressed=move || on().to_string()
            data-on=move || on().to_string()
            on:click=move |_| app.star(id)
        >
            <Icon d=path::STAR />
        </button>
    }
}

#[component]
fn Buttons(entry: Entry, obstacle: Option<Unusable>) -> impl IntoView {
    let app = use_app();
    let id = entry.id.to_string();
    let off = move || obstacle.is_some() || app.bridge.get() != Bridge::Here;
    view! {
        <div class="buttons">
            <button id="connect" class="button" prop:disabled=off on:click=move |_| app.connect(&id)>"Connect"</button>
            <button id="copy" class="button quiet copy" on:click=move |_| app.copy(&entry)>
                <Icon d=path::COPY />
                "Copy link"
            </button>
        </div>
    }
}

#[component]
fn Cautions(protocol: Protocol, obstacle: Option<Unusable>) -> impl IntoView {
    let app = use_app();
    let dns = app
        .engine
        .leaks_dns(protocol)
        .then_some("With SOCKS4 the browser resolves names itself: your resolver sees where you go.");
    let lines = [obstacle.map(|obstacle| sentence(&obstacle.to_string())), dns.map(str::to_owned)];
    let absent = move || {
        (obstacle.is_none() && app.bridge.get() == Bridge::Absent)
            .then(|| view! { <p class="caution"><Icon d=path::INFO />"Connecting needs the extension."</p> })
    };
    let caution = |text| view! { <p class="caution"><Icon d=path::INFO />{text}</p> };
    view! { {lines.into_iter().flatten().map(caution).collect::<Vec<_>>()} {absent} }
}

/// A reason as a sentence: the first letter large, a stop at the end.
fn sentence(reason: &str) -> String {
    [&capital(reason), "."].concat()
}

#[component]
fn Score(id: Fingerprint) -> impl IntoView {
    let app = use_app();
    move || {
        app.list.with(|list| {
            let loaded = list.ready()?;
            let row = loaded.catalogue.find(id)?;
            let reasons = loaded.ranking.reasons(row, loaded.published_at).1;
            Some(view! { <Points score=row.score() reasons /> })
        })
    }
}

#[component]
fn Points(score: u8, reasons: Vec<Reason>) -> impl IntoView {
    let line = |reason: Reason| {
        view! {
            <li>
                <span>{reason.what}</span>
                <span class="points">{reason.points.to_string()}" / "{reason.of.to_string()}</span>
                <Meter part=reason.points whole=reason.of />
            </li>
        }
    };
    view! {
        <h3>"Score " <span class="row-score" data-grade=grade(score)>{score.to_string()}</span> " of 100"</h3>
        <ul class="reasons">{reasons.into_iter().map(line).collect::<Vec<_>>()}</ul>
    }
}

/// Name and value of each fact; addresses and names keep their own direction.
fn facts(app: App, entry: &Entry) -> impl IntoView + use<> {
    let measured = entry.measured.clone();
    let country = measured.country.map_or("Unknown", |country| country.name());
    let latency = measured.latency.map_or("Unknown".to_owned(), |ms| format!("{ms} ms"));
    let tested = move || {
        let when = measured.tested_at.map(|at| [", ", &age(at, app.now.get())].concat());
        [words::tested(measured.working), &when.unwrap_or_default()].concat()
    };
    let seen = move || measured.first_seen.map_or("Unknown".to_owned(), |at| age(at, app.now.get()));
    let sources = entry.sources.join(", ");
    let security = [&capital(entry.evidence().level().key()), ": ", words::safety(entry.safety)].concat();
    view! {
        <dt>"Protocol"</dt><dd>{words::stack(entry)}</dd>
        <dt>"Address"</dt><dd><bdi dir="ltr">{words::endpoint(entry)}</bdi></dd>
        <dt>"Country"</dt><dd>{country}</dd>
        <dt>"Latency"</dt><dd>{latency}</dd>
        <dt>"Last test"</dt><dd>{tested}</dd>
        <dt>"Security"</dt><dd>{security}</dd>
        <dt>"First seen"</dt><dd>{seen}</dd>
        <dt>"Sources"</dt><dd><bdi>{sources}</bdi></dd>
        <dt>"Identity"</dt><dd><bdi dir="ltr" class="mono">{entry.id.to_string()}</bdi></dd>
    }
}
