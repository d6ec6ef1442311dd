//! A list of any length of which only the rows in view are in the document.
//!
//! Rows have one fixed height. Browsers stop at elements of about 16 million pixels; a million rows
//! of 52 pixels would be 52 million, so longer lists than [`LONGEST`] are cut, and the count above
//! the list says how many there are.

use std::ops::Range;

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

use crate::view::window::{reveal, rows_in_view, step};

/// The height of a row in CSS pixels, as `--row` in `tokens.css` has it.
pub const ROW: f64 = 52.0;
/// Rows drawn outside of the view on each side.
const OVERSCAN: usize = 6;
/// The longest list that browsers can scroll, in rows.
pub const LONGEST: usize = (16_000_000.0 / ROW) as usize;

/// A row's place, and what it shows; the row is drawn anew when either changes.
type Slot = (usize, u64);

/// The list. `row` draws the element of a place: it must have `role=option`, the id `row-{place}`
/// and be moved to [`offset`].
#[component]
pub fn VirtualList<K, R, V>(
    /// The element's id.
    id: &'static str,
    /// What the list holds, for screen readers.
    label: &'static str,
    /// How many rows there are.
    #[prop(into)]
    len: Signal<usize>,
    /// The place that keys move.
    active: RwSignal<usize>,
    /// What a place shows now, as a number: another number is another row.
    key: K,
    /// Draws a row.
    row: R,
    /// Enter was pressed.
    on_open: Callback<usize>,
    /// Space was pressed.
    on_select: Callback<usize>,
) -> impl IntoView
where
    K: Fn(usize) -> u64 + Send + Sync + 'static,
    R: Fn(usize) -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let element = NodeRef::<html::Div>::new();
    let len = Memo::new(move |_| len.get().min(LONGEST));
    let (top, height) = (RwSignal::new(0.0), RwSignal::new(0.0));
    let rows = Memo::new(move |_| rows_in_view(top.get(), height.get(), ROW, OVERSCAN, len.get()));
    let slots = move || {
        drawn(rows.get(), active.get(), len.get()).map(|place| (place, key(place))).collect::<Vec<Slot>>()
    };
    let move_to = move |place: usize| {
        active.set(place);
        let to = reveal(top.get_untracked(), height.get_untracked(), ROW, place);
        if let Some(element) = element.get_untracked() {
            element.set_scroll_top(to as i32);
            top.set(to);
        }
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let page = (height.get_untracked() / ROW) as usize;
        let (key, place) = (event.key(), active.get_untracked());
        match key.as_str() {
            "Enter" => on_open.run(place),
            " " => on_select.run(place),
            key => match step(key, place, page, len.get_untracked()) {
                Some(next) => move_to(next),
                None => return,
            },
        }
        event.prevent_default();
    };
    watch_height(element, height);
    view! {
        <div
            node_ref=element
            id=id
            class="rows"
            role="listbox"
            tabindex="0"
            aria-label=label
            aria-activedescendant=move || format!("row-{}", active.get())
            on:scroll:target=move |event| top.set(f64::from(event.target().scroll_top()))
            on:keydown=on_key
        >
            <div class="rows-track" role="presentation" style:height=move || format!("{}px", len.get() * ROW as usize)>
                <For each=slots key=|slot| *slot children=move |(place, _)| row(place) />
            </div>
        </div>
    }
}

/// The rows in view, and the active one wherever it is: `aria-activedescendant` must name an element.
fn drawn(rows: Range<usize>, active: usize, len: usize) -> impl Iterator<Item = usize> {
    let outside = (active < len && !rows.contains(&active)).then_some(active);
    rows.chain(outside)
}

/// The transform that puts a row in its place.
pub fn offset(place: usize) -> String {
    format!("translateY({}px)", place * ROW as usize)
}

/// Keeps `height` that of the element, for as long as it is there.
fn watch_height(element: NodeRef<html::Div>, height: RwSignal<f64>) {
    let watch = StoredValue::new_local(None::<Watch>);
    Effect::new(move |_| {
        let Some(element) = element.get() else { return };
        height.set(f64::from(element.client_height()));
        watch.set_value(Watch::new(&element, height));
    });
}

/// An observer that ends with its owner.
struct Watch {
    observer: web_sys::ResizeObserver,
    _closure: Closure<dyn Fn()>,
}

impl Watch {
    fn new(element: &web_sys::Element, height: RwSignal<f64>) -> Option<Self> {
        let seen = element.clone();
        let closure = Closure::<dyn Fn()>::new(move || {
            if height.try_get_untracked().is_some() {
                height.set(f64::from(seen.client_height()));
            }
        });
        let observer = web_sys::ResizeObserver::new(closure.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self { observer, _closure: closure })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
