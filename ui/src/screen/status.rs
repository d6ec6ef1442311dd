//! The status card: the power switch and what is true of the connection now.

use configstream_core::guard::Exit;
use configstream_core::message::{Chosen, Fault};
use leptos::either::Either;
use leptos::prelude::*;

use super::home::tone;
use crate::host::Bridge;
use crate::part::flag::Flag;
use crate::part::icon::{Icon, path};
use crate::state::use_app;
use crate::view::words;

/// The power switch, the phase in words, the exit, the proxy, and a fault with its one button.
#[component]
pub fn StatusCard() -> impl IntoView {
    let app = use_app();
    let status = app.status;
    let on = move || status.with(words::is_on);
    let exit = Memo::new(move |_| status.with(|status| status.exit.clone()));
    let proxy = Memo::new(move |_| status.with(|status| status.proxy.clone()));
    let about = move || match proxy.get() {
        Some(proxy) => Either::Left(view! { <ProxyLine proxy /> }),
        None => Either::Right(view! { <p class="dim">{words::meaning(app.phase(), app.bridge.get())}</p> }),
    };
    let fault = Memo::new(move |_| status.with(|status| status.fault.clone()));
    view! {
        <section class="card status-card" data-tone=move || tone(app.phase()) aria-label="Connection">
            <button
                id="power"
                class="power"
                role="switch"
                aria-checked=move || on().to_string()
                aria-label="Connection"
                title=move || if on() { "Disconnect" } else { "Connect to the fastest" }
                prop:disabled=move || app.bridge.get() != Bridge::Here
                on:click=move |_| app.power()
            >
                <Icon d=path::POWER />
            </button>
            <div id="status" class="status" aria-live="polite" data-phase=move || words::phase_key(app.phase())>
                <p class="headline">{move || words::headline(app.phase())}</p>
                {move || exit.get().map(|exit| view! { <ExitLine exit /> })}
                {about}
                {move || status.with(words::cautions).map(|text| view! { <p class="dim note">{text}</p> }).collect_view()}
            </div>
            {move || fault.get().map(|fault| view! { <FaultLine fault /> })}
        </section>
    }
}

#[component]
fn ExitLine(exit: Exit) -> impl IntoView {
    let country = exit.country.map(|country| {
        view! {
            <Flag code=country.code() flag=country.flag() />
            <span>{country.name()}</span>
        }
    });
    view! {
        <p id="exit" class="exit">
            <bdi dir="ltr" class="address">{exit.address.to_string()}</bdi>
            {country}
        </p>
    }
}

/// The proxy in use; its name opens its details.
#[component]
fn ProxyLine(proxy: Chosen) -> impl IntoView {
    let app = use_app();
    let id = proxy.id.parse().ok();
    view! {
        <p class="dim via">
            <button class="link" title="Show the details" on:click=move |_| app.selected.set(id)>
                <bdi>{proxy.name}</bdi>
            </button>
            <span class="badge">{proxy.protocol.label()}</span>
        </p>
    }
}

#[component]
fn FaultLine(fault: Fault) -> impl IntoView {
    let app = use_app();
    let action = fault.action;
    let button = words::action_label(action).map(|label| {
        view! { <button id="fault-action" class="button" on:click=move |_| app.act(action)>{label}</button> }
    });
    view! {
        <div id="fault" class="fault" role="alert">
            <Icon d=path::WARNING />
            <p>{fault.message}</p>
            {button}
        </div>
    }
}
