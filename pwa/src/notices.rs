//! What only a page has to say, between the bar and the status.

use configstream_ui::host::Bridge;
use configstream_ui::part::icon::{Icon, path};
use configstream_ui::state::use_app;
use configstream_ui::view::text::age;
use leptos::prelude::*;

use crate::install;

/// Offline, no extension, install, new version; each only while it holds.
#[component]
pub fn Notices() -> impl IntoView {
    let app = use_app();
    let bridge = app.bridge;
    view! {
        <div class="notices">
            <Update />
            <Show when=move || app.offline.get()>
                <Offline />
            </Show>
            <Show when=move || bridge.get() == Bridge::Absent>
                <NoExtension />
            </Show>
            <Install />
        </div>
    }
}

/// The list on screen is the one that was kept; how old it is says how far to trust it.
#[component]
fn Offline() -> impl IntoView {
    let app = use_app();
    let published = move || app.list.with(|list| list.ready().map(|loaded| loaded.published_at));
    let old = move || published().map(|at| age(at, app.now.get())).unwrap_or_default();
    view! {
        <p id="offline" class="notice" role="status">
            <Icon d=path::INFO />
            <span>"Offline. This list is from " {old} "."</span>
        </p>
    }
}

#[component]
fn NoExtension() -> impl IntoView {
    view! {
        <details id="no-extension" class="notice">
            <summary>
                <Icon d=path::SHIELD />
                "No extension: browse and copy only."
            </summary>
            <p>
                "Chrome, Edge, Brave: open "<code>"chrome://extensions"</code>
                ", turn on Developer mode, choose “Load unpacked” and the folder "<code>"dist/chrome"</code>"."
            </p>
            <p>
                "Firefox: open "<code>"about:debugging"</code>", choose “This Firefox”, “Load Temporary Add-on” and "
                <code>"dist/firefox/manifest.json"</code>"."
            </p>
            <p class="dim">"Both folders come from “cargo xtask build”. Reload this page afterwards."</p>
        </details>
    }
}

#[component]
fn Install() -> impl IntoView {
    let offered = install::offered();
    let accept = move |_| {
        install::install();
        offered.set(false);
    };
    view! {
        <Show when=move || offered.get()>
            <p class="notice">
                <Icon d=path::INSTALL />
                <span>"As an app it opens offline."</span>
                <button id="install" class="button quiet" on:click=accept>"Install"</button>
            </p>
        </Show>
    }
}

#[component]
fn Update() -> impl IntoView {
    let waiting = install::updates();
    let reload = move |_| {
        if let Some(worker) = waiting.get_untracked() {
            install::take_over(&worker);
        }
    };
    move || {
        waiting.get().map(|_| {
            view! {
                <p id="update" class="notice" role="status">
                    <Icon d=path::REFRESH />
                    <span>"A new version is ready."</span>
                    <button class="button quiet" on:click=reload>"Reload"</button>
                </p>
            }
        })
    }
}
