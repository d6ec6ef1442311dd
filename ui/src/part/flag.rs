//! A country's flag, for the eye only. Where the system has no flags (Windows, many Linux desktops)
//! the style shows the country's letters in its place.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// A flag, or the two letters of `code`.
#[component]
pub fn Flag(
    /// The two letters; empty where the country is unknown.
    #[prop(into)]
    code: String,
    /// The flag as two regional indicator symbols.
    #[prop(into)]
    flag: String,
) -> impl IntoView {
    let code = if code.is_empty() { "–".to_owned() } else { code };
    view! {
        <span class="flag" aria-hidden="true" data-code=code>
            {flag}
        </span>
    }
}

/// Marks the root element where the system draws two letters instead of one flag: the pair is then
/// as wide as its halves together.
pub fn look_for_flags() {
    if let (Some(pair), Some(half)) = (width("🇩🇪"), width("🇩"))
        && f64::from(pair) > f64::from(half) * 1.5
        && let Some(root) = document().document_element()
    {
        _ = root.set_attribute("data-flags", "none");
    }
}

/// The width of `text` as it is drawn, in CSS pixels.
fn width(text: &str) -> Option<i32> {
    let body = document().body()?;
    let probe = document().create_element("span").ok()?;
    probe.set_class_name("flag-probe");
    probe.set_text_content(Some(text));
    body.append_child(&probe).ok()?;
    let width = probe.dyn_ref::<web_sys::HtmlElement>()?.offset_width();
    probe.remove();
    Some(width)
}
