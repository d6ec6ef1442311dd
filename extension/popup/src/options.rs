//! The options page.

use configstream_core::message::{Fault, OwnSource, Refresh, Reply, Request, Settings, Theme};
use configstream_ui::part::icon::{Icon, Mark, path};
use configstream_ui::part::toggle::Toggle;
use configstream_ui::theme;
use configstream_ui::view::words;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser;

pub mod experience;
pub mod sources;

/// The settings as they stand in the form.
#[derive(Clone, Copy)]
pub struct Form {
    api: RwSignal<String>,
    judge: RwSignal<String>,
    sources: RwSignal<Vec<OwnSource>>,
    theme: RwSignal<Theme>,
    kill_switch: RwSignal<bool>,
    guard_webrtc: RwSignal<bool>,
    /// The settings are in the form; before, a save would put defaults in their place.
    loaded: RwSignal<bool>,
    /// What came of the last save.
    saved: RwSignal<String>,
    /// What came of the last refresh.
    refresh: RwSignal<Outcome>,
}

/// What came of a refresh.
#[derive(Clone, PartialEq)]
enum Outcome {
    None,
    Running,
    Done(Refresh),
    Failed(String),
}

impl Form {
    fn new() -> Self {
        let form = Self {
            api: RwSignal::default(),
            judge: RwSignal::default(),
            sources: RwSignal::default(),
            theme: RwSignal::new(theme::kept()),
            kill_switch: RwSignal::new(true),
            guard_webrtc: RwSignal::new(true),
            loaded: RwSignal::new(false),
            saved: RwSignal::new("Reading the settings…".to_owned()),
            refresh: RwSignal::new(Outcome::None),
        };
        spawn_local(form.load());
        form
    }

    async fn load(self) {
        match browser::ask(Request::Settings).await {
            Ok(Reply::Settings { settings }) => self.fill(settings),
            Ok(Reply::Refused { fault }) | Err(fault) => self.saved.set(fault.message),
            Ok(_) => {}
        }
    }

    fn fill(self, settings: Settings) {
        self.api.set(settings.api);
        self.judge.set(settings.judge);
        self.sources.set(settings.sources);
        self.theme.set(settings.theme);
        self.kill_switch.set(settings.kill_switch);
        self.guard_webrtc.set(settings.guard_webrtc);
        self.saved.set(String::new());
        self.loaded.set(true);
    }

    fn settings(self) -> Settings {
        Settings {
            api: self.api.get_untracked().trim().trim_end_matches('/').to_owned(),
            judge: self.judge.get_untracked().trim().to_owned(),
            sources: self.sources.get_untracked(),
            theme: self.theme.get_untracked(),
            kill_switch: self.kill_switch.get_untracked(),
            guard_webrtc: self.guard_webrtc.get_untracked(),
        }
    }

    async fn save(self) -> Result<(), Fault> {
        let settings = self.settings();
        theme::apply(settings.theme);
        match browser::ask(Request::SaveSettings { settings }).await? {
            Reply::Refused { fault } => Err(fault),
            _ => Ok(()),
        }
    }

    fn save_and_say(self) {
        self.saved.set("Saving…".to_owned());
        spawn_local(async move {
            match self.save().await {
                Ok(()) => self.saved.set("Saved.".to_owned()),
                Err(fault) => self.saved.set(["Not saved: ", &fault.message].concat()),
            }
        });
    }

    /// Fetches with what is in the form: it is saved first.
    fn refresh(self) {
        self.refresh.set(Outcome::Running);
        spawn_local(async move {
            let saved = self.save().await;
            let reply = match saved {
                Ok(()) => browser::ask(Request::Refresh).await,
                Err(fault) => Err(fault),
            };
            self.refresh.set(match reply {
                Ok(Reply::Refreshed { refresh }) => Outcome::Done(refresh),
                Ok(Reply::Refused { fault }) | Err(fault) => Outcome::Failed(fault.message),
                Ok(_) => Outcome::None,
            });
        });
    }
}

/// The page.
#[component]
pub fn Options() -> impl IntoView {
    let form = Form::new();
    view! {
        <div class="options">
            <header class="bar">
                <Mark />
                <h1>"ConfigStream settings"</h1>
            </header>
            <Show when=move || form.loaded.get() fallback=move || view! { <p role="status">{form.saved}</p> }>
                <Fields form />
            </Show>
        </div>
    }
}

#[component]
fn Fields(form: Form) -> impl IntoView {
    view! {
        <form on:submit=move |event| {
            event.prevent_default();
            form.save_and_say();
        }>
            <Protection form />
            <Lists form />
            <sources::Sources form />
            <experience::Experience />
            <Look form />
            <div class="save-line">
                <button id="save" class="button" type="submit">"Save"</button>
                <span id="saved" role="status">{move || form.saved.get()}</span>
            </div>
        </form>
    }
}

#[component]
fn Protection(form: Form) -> impl IntoView {
    view! {
        <section class="card">
            <h2>"Protection"</h2>
            <Toggle
                id="kill-switch"
                label="Kill switch"
                sentence="When the proxy fails, nothing leaves this browser until you choose. It cannot hold back other programs, \
                    nor the browser while this extension is off, updating or being removed."
                on=form.kill_switch
            />
            <Toggle
                id="guard-webrtc"
                label="WebRTC guard"
                sentence="While connected, calls and peer connections may only use the proxy, so they do not reveal your address. \
                    Many calls do not work over a proxy at all."
                on=form.guard_webrtc
            />
        </section>
    }
}

#[component]
fn Lists(form: Form) -> impl IntoView {
    let running = move || form.refresh.get() == Outcome::Running;
    view! {
        <section class="card">
            <h2>"List"</h2>
            <Field id="api" label="API address" sentence="Where the ranked list comes from. Leave empty to use only your own lists." value=form.api />
            <details>
                <summary>"Advanced"</summary>
                <Field
                    id="judge"
                    label="Judge address"
                    sentence="Answers with the address it was called from; this proves the exit. Leave empty for the API's own, \
                        and public ones where the API is on this machine."
                    value=form.judge
                />
            </details>
            <div class="buttons">
                <button id="refresh" class="button quiet" type="button" prop:disabled=running on:click=move |_| form.refresh()>
                    <Icon d=path::REFRESH />
                    "Save and fetch now"
                </button>
            </div>
            <div id="refreshed" role="status">{move || outcome(form.refresh.get())}</div>
        </section>
    }
}

/// What came of a refresh: the total, then each source.
fn outcome(outcome: Outcome) -> AnyView {
    match outcome {
        Outcome::None => ().into_any(),
        Outcome::Running => view! { <p class="dim">"Fetching…"</p> }.into_any(),
        Outcome::Failed(message) => view! { <p class="error">{message}</p> }.into_any(),
        Outcome::Done(refresh) => {
            let rejected =
                (refresh.rejected > 0).then(|| format!("; {} lines were no proxy", refresh.rejected));
            let line = [words::refreshed(&refresh), rejected.unwrap_or_default(), ".".to_owned()].concat();
            let source = |source: configstream_core::message::SourceReport| {
                let error = source.error.map(|error| view! { <span class="error">{error}</span> });
                view! { <li><bdi>{source.name}</bdi><span>{source.proxies}</span>{error}</li> }
            };
            view! {
                <p>{line}</p>
                <ul class="reports">{refresh.sources.into_iter().map(source).collect::<Vec<_>>()}</ul>
            }
            .into_any()
        }
    }
}

#[component]
fn Look(form: Form) -> impl IntoView {
    let option = |theme: Theme, value: &'static str, label: &'static str| {
        view! { <option value=value prop:selected=move || form.theme.get() == theme>{label}</option> }
    };
    view! {
        <section class="card">
            <h2>"Look"</h2>
            <div class="field">
                <label for="theme">"Theme"</label>
                <select id="theme" on:change:target=move |event| form.theme.set(theme_of(&event.target().value()))>
                    {option(Theme::System, "system", "As the system has it")}
                    {option(Theme::Light, "light", "Light")}
                    {option(Theme::Dark, "dark", "Dark")}
                </select>
            </div>
        </section>
    }
}

fn theme_of(value: &str) -> Theme {
    match value {
        "light" => Theme::Light,
        "dark" => Theme::Dark,
        _ => Theme::System,
    }
}

/// An address with a sentence on what it is for.
#[component]
fn Field(
    id: &'static str,
    label: &'static str,
    sentence: &'static str,
    value: RwSignal<String>,
) -> impl IntoView {
    let described = [id, "-sentence"].concat();
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input
                id=id
                type="url"
                inputmode="url"
                dir="ltr"
                spellcheck="false"
                autocomplete="off"
                aria-describedby=described.clone()
                prop:value=value
                on:input:target=move |event| value.set(event.target().value())
            />
            <p id=described class="dim">{sentence}</p>
        </div>
    }
}
