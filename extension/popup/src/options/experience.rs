//! What is remembered of how connections went, and forgetting it.

use configstream_core::message::{Reply, Request};
use configstream_ui::view::text::grouped;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser;

/// What the screen knows of it.
#[derive(Clone, Copy, PartialEq)]
enum Stand {
    Reading,
    Silent,
    /// So much is remembered.
    Known(usize),
    /// The same, and the user is asked whether to forget it.
    Asked(usize),
}

fn ask(stand: RwSignal<Stand>, request: Request) {
    spawn_local(async move {
        stand.set(match browser::ask(request).await {
            Ok(Reply::Experience { tallies }) => Stand::Known(tallies),
            _ => Stand::Silent,
        });
    });
}

fn words(stand: Stand) -> String {
    match stand {
        Stand::Reading => "Reading what is remembered…".to_owned(),
        Stand::Silent => "The extension's background does not answer; reload the extension.".to_owned(),
        Stand::Known(0) => "Nothing is remembered yet.".to_owned(),
        Stand::Known(tallies) | Stand::Asked(tallies) => {
            [&grouped(tallies), " notes are remembered."].concat()
        }
    }
}

/// What is remembered, in a sentence, and a button that forgets it when it is pressed twice.
#[component]
pub fn Experience() -> impl IntoView {
    let stand = RwSignal::new(Stand::Reading);
    ask(stand, Request::Experience);
    let press = move |_| match stand.get_untracked() {
        Stand::Known(tallies) => stand.set(Stand::Asked(tallies)),
        Stand::Asked(_) => ask(stand, Request::ForgetExperience),
        Stand::Reading | Stand::Silent => {}
    };
    let label = move || if matches!(stand.get(), Stand::Asked(_)) { "Forget it for good?" } else { "Forget" };
    let nothing = move || !matches!(stand.get(), Stand::Known(1..) | Stand::Asked(_));
    view! {
        <section class="card">
            <h2>"Experience"</h2>
            <p class="dim">
                "Which proxies, networks, protocols and sources worked for you, when and how fast, counts in the order \
                 of the list. It is kept as numbers, fades within weeks, and never leaves this device. It holds no \
                 site that you visited; who has this device can tell which proxies you used."
            </p>
            <div class="buttons">
                <button id="forget" class="button quiet" type="button" prop:disabled=nothing on:click=press>{label}</button>
                <span id="experience" role="status">{move || words(stand.get())}</span>
            </div>
        </section>
    }
}
