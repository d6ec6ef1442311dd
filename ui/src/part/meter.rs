//! A bar that shows a part of a whole. The number beside it says the same in text.

use leptos::prelude::*;

/// A bar filled to `part` of `whole`.
#[component]
pub fn Meter(
    /// How much of it is filled.
    part: u8,
    /// The full length.
    whole: u8,
) -> impl IntoView {
    let percent = u32::from(part) * 100 / u32::from(whole.max(1));
    view! {
        <span class="meter" aria-hidden="true">
            <span class="meter-fill" style:inline-size=format!("{percent}%")></span>
        </span>
    }
}
