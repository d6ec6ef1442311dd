//! What may be open over the screen, one at a time.

use leptos::prelude::*;

use crate::part::dialog::Dialog;
use crate::state::{Sheet, use_app};

/// A dialog that is open while the state says so.
#[component]
pub fn Over(
    /// The element's id.
    id: &'static str,
    /// What it is called.
    title: &'static str,
    /// Which of them it is.
    sheet: Sheet,
    /// What is inside.
    children: ChildrenFn,
) -> impl IntoView {
    let app = use_app();
    let open = Signal::derive(move || app.sheet.get() == Some(sheet));
    view! {
        <Dialog id=id title=title open=open on_close=Callback::new(move |()| app.close_sheet(sheet))>
            {children()}
        </Dialog>
    }
}
