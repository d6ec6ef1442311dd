//! How the catalogue was, day by day, as the API tells it: a list of `configstream_core::api::Period`. Of each
//! only four fields are read, by the browser, since its own reader of JSON weighs nothing.

use configstream_core::catalogue::Tally;
use configstream_ui::screen::statistics::Table;
use configstream_ui::view::statistics::Line;
use configstream_web::fetch;
use js_sys::{Array, Date, JSON, Object, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};

/// The last thirty days.
const HISTORY: &str = "/api/v1/history?bucket=day&days=30";
/// How large an answer may be, and how long it may take.
const LIMITS: fetch::Limits = fetch::Limits { bytes: 1_000_000, millis: 15_000 };

/// What is known of the days.
#[derive(Clone)]
enum Stand {
    Reading,
    Silent,
    Days(Vec<Line>),
}

/// A table of days below the statistics, the last one first.
#[component]
pub fn OverTime() -> impl IntoView {
    let stand = RwSignal::new(Stand::Reading);
    spawn_local(async move {
        _ = stand.try_set(read().await.map_or(Stand::Silent, Stand::Days));
    });
    move || match stand.get() {
        Stand::Reading => line("Reading how it was over time…"),
        Stand::Silent => line("The API did not tell how it was over time."),
        Stand::Days(lines) if lines.is_empty() => line("How it was over time is not known yet."),
        Stand::Days(lines) => {
            view! { <Table key="days" title="Over time, of the whole list" says="Success" lines /> }
                .into_any()
        }
    }
}

fn line(text: &'static str) -> AnyView {
    view! { <p class="dim">{text}</p> }.into_any()
}

async fn read() -> Option<Vec<Line>> {
    let url = window().location().origin().ok()? + HISTORY;
    let answer = fetch::get(&url, LIMITS, None).await.ok().filter(|answer| answer.status == 200)?;
    let days: Array = JSON::parse(&String::from_utf8(answer.body).ok()?).ok()?.dyn_into().ok()?;
    days.iter().rev().map(|period| day(&period)).collect()
}

fn day(period: &JsValue) -> Option<Line> {
    let field = |name: &str| Reflect::get(period, &name.into()).ok();
    let count = |name: &str| field(name)?.as_f64().map(|count| count as usize);
    let tally = Tally { total: count("total")?, tested: count("tested")?, working: count("working")? };
    Some(Line::of(None, date(&field("from")?), tally))
}

/// A day of UTC, as `3 May`.
fn date(from: &JsValue) -> String {
    let options = Object::new();
    for (name, value) in [("day", "numeric"), ("month", "short"), ("timeZone", "UTC")] {
        _ = Reflect::set(&options, &name.into(), &value.into());
    }
    Date::new(from).to_locale_date_string("en-GB", &options).into()
}
