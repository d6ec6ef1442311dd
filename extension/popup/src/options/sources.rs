//! The user's own lists: add, edit, remove, undo.

use configstream_core::link;
use configstream_core::message::OwnSource;
use configstream_ui::part::icon::{Icon, path};
use leptos::prelude::*;

use super::Form;

/// The fields of one list, and which one they change.
#[derive(Clone, Copy)]
struct Draft {
    form: Form,
    name: RwSignal<String>,
    url: RwSignal<String>,
    text: RwSignal<String>,
    /// The place of the list that is edited; `None` adds one.
    editing: RwSignal<Option<usize>>,
    problem: RwSignal<&'static str>,
    removed: RwSignal<Option<(usize, OwnSource)>>,
}

impl Draft {
    fn new(form: Form) -> Self {
        Self {
            form,
            name: RwSignal::default(),
            url: RwSignal::default(),
            text: RwSignal::default(),
            editing: RwSignal::new(None),
            problem: RwSignal::new(""),
            removed: RwSignal::new(None),
        }
    }

    fn fill(self, source: OwnSource) {
        self.name.set(source.name);
        self.url.set(source.url);
        self.text.set(source.text);
    }

    fn source(self) -> Result<OwnSource, &'static str> {
        let trimmed = |field: RwSignal<String>| field.with_untracked(|text| text.trim().to_owned());
        let source = OwnSource { name: trimmed(self.name), url: trimmed(self.url), text: trimmed(self.text) };
        check(source)
    }

    /// Adds the list, or puts it in the place of the one that is edited.
    fn put(self) {
        let source = match self.source() {
            Ok(source) => source,
            Err(problem) => return self.problem.set(problem),
        };
        let place = self.editing.get_untracked();
        self.form.sources.update(|sources| match place.and_then(|place| sources.get_mut(place)) {
            Some(known) => *known = source,
            None => sources.push(source),
        });
        self.end();
        self.unsaved();
    }

    fn edit(self, place: usize) {
        if let Some(source) = self.form.sources.with_untracked(|sources| sources.get(place).cloned()) {
            self.fill(source);
            self.editing.set(Some(place));
            configstream_ui::state::focus("source-name");
        }
    }

    fn remove(self, place: usize) {
        let sources = self.form.sources;
        if sources.with_untracked(|sources| place < sources.len()) {
            sources.update(|sources| self.removed.set(Some((place, sources.remove(place)))));
        }
        self.end();
        self.unsaved();
    }

    fn undo(self) {
        if let Some((place, source)) = self.removed.get_untracked() {
            self.form.sources.update(|sources| sources.insert(place.min(sources.len()), source));
            self.removed.set(None);
        }
    }

    fn end(self) {
        self.fill(OwnSource::default());
        self.editing.set(None);
        self.problem.set("");
    }

    fn unsaved(self) {
        self.form.saved.set("Not saved yet.".to_owned());
    }
}

/// A list needs an address or a text; without a name it takes the address' host. Of a link that opens a
/// program the address in it is taken.
fn check(mut source: OwnSource) -> Result<OwnSource, &'static str> {
    source.url = link::source(&source.url).unwrap_or(source.url);
    if source.url.is_empty() && source.text.is_empty() {
        return Err("Give an address, or paste the list.");
    }
    let rest = source.url.strip_prefix("https://").or_else(|| source.url.strip_prefix("http://"));
    if !source.url.is_empty() && rest.is_none_or(str::is_empty) {
        return Err("An address begins with https:// or http://.");
    }
    if source.name.is_empty() {
        let host = host(&source.url);
        source.name = if host.is_empty() { "Pasted list".to_owned() } else { host.to_owned() };
    }
    Ok(source)
}

/// The lists and the fields for one.
#[component]
pub fn Sources(form: Form) -> impl IntoView {
    let draft = Draft::new(form);
    let rows = move || {
        let sources = form.sources.get();
        sources
            .into_iter()
            .enumerate()
            .map(|(place, source)| view! { <Source draft place source /> })
            .collect::<Vec<_>>()
    };
    view! {
        <section class="card">
            <h2>"Your own lists"</h2>
            <ul id="sources" class="sources">{rows}</ul>
            <Show when=move || draft.removed.read().is_some()>
                <p class="undo" role="status">
                    {move || draft.removed.with(|removed| removed.as_ref().map(|(_, source)| format!("Removed {}.", source.name)))}
                    <button class="link" type="button" on:click=move |_| draft.undo()>"Undo"</button>
                </p>
            </Show>
            <Fields draft />
        </section>
    }
}

#[component]
fn Source(draft: Draft, place: usize, source: OwnSource) -> impl IntoView {
    let about = if source.url.is_empty() {
        format!("{} pasted lines", source.text.lines().count())
    } else {
        without_secrets(&source.url)
    };
    let (edit, remove) = (format!("Edit {}", source.name), format!("Remove {}", source.name));
    view! {
        <li>
            <span class="source-name"><bdi>{source.name}</bdi><bdi dir="ltr" class="dim">{about}</bdi></span>
            <button class="tool" type="button" title="Edit" aria-label=edit on:click=move |_| draft.edit(place)>
                <Icon d=path::EDIT />
            </button>
            <button class="tool" type="button" title="Remove" aria-label=remove on:click=move |_| draft.remove(place)>
                <Icon d=path::REMOVE />
            </button>
        </li>
    }
}

/// The address as it may be shown: its path, its query and what stands before `@` may be tokens.
fn without_secrets(url: &str) -> String {
    [host(url), "/…"].concat()
}

/// The host of an address, with its port.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

#[component]
fn Fields(draft: Draft) -> impl IntoView {
    let editing = move || draft.editing.get().is_some();
    view! {
        <fieldset class="draft">
            <legend>{move || if editing() { "Edit the list" } else { "Add a list" }}</legend>
            <Line id="source-name" label="Name" draft=draft.name />
            <Line id="source-url" label="Subscription address" draft=draft.url />
            <div class="field">
                <label for="source-text">"Or paste links or a whole subscription"</label>
                <textarea
                    id="source-text"
                    rows="4"
                    dir="ltr"
                    spellcheck="false"
                    prop:value=draft.text
                    on:input:target=move |event| draft.text.set(event.target().value())
                ></textarea>
            </div>
            <p class="error" role="alert">{move || draft.problem.get()}</p>
            <div class="buttons">
                <button id="add-source" class="button quiet" type="button" on:click=move |_| draft.put()>
                    {move || if editing() { "Keep the change" } else { "Add the list" }}
                </button>
                <Show when=editing>
                    <button class="link" type="button" on:click=move |_| draft.end()>"Cancel"</button>
                </Show>
            </div>
        </fieldset>
    }
}

#[component]
fn Line(id: &'static str, label: &'static str, draft: RwSignal<String>) -> impl IntoView {
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input
                id=id
                type="text"
                autocomplete="off"
                spellcheck="false"
                prop:value=draft
                on:input:target=move |event| draft.set(event.target().value())
            />
        </div>
    }
}
