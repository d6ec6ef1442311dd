//! A dialog: a sheet over all else, closed by its button, by Escape or by who opened it.

use leptos::html;
use leptos::prelude::*;

use super::icon::{Icon, path};

/// The browser keeps the focus inside and gives it back. What is inside is made when it opens.
#[component]
pub fn Dialog(
    /// The element's id.
    id: &'static str,
    /// What it is called.
    title: &'static str,
    /// Whether it is open.
    #[prop(into)]
    open: Signal<bool>,
    /// It was closed, or is to be.
    on_close: Callback<()>,
    /// What is inside.
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let (open, Some(dialog)) = (open.get(), dialog.get()) else { return };
        if open && !dialog.open() {
            _ = dialog.show_modal();
        } else if !open {
            dialog.close();
        }
    });
    view! {
        <dialog id=id class="sheet" node_ref=dialog aria-label=title on:close=move |_| on_close.run(())>
            <div class="detail-head">
                <h2>{title}</h2>
                <button class="tool" title="Close" aria-label="Close" on:click=move |_| on_close.run(())>
                    <Icon d=path::CLOSE />
                </button>
            </div>
            <Show when=move || open.get()>{children()}</Show>
        </dialog>
    }
}
