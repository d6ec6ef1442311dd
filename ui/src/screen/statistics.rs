//! Statistics over what is on screen.

use configstream_core::Protocol;
use configstream_core::catalogue::{Percentiles, Statistics as Totals, Tally};
use configstream_core::geo::{Country, Region};
use leptos::either::Either;
use leptos::prelude::*;

use super::over::Over;
use crate::part::flag::Flag;
use crate::part::meter::Meter;
use crate::state::{Sheet, use_app};
use crate::view::statistics::{columns, fullest, percent, percent_text, percentiles};
use crate::view::text::{capital, grouped};

/// Rows of each table.
const MOST: usize = 10;

/// The sheet.
#[component]
pub fn Statistics() -> impl IntoView {
    let app = use_app();
    view! {
        <Over id="statistics" title="Statistics" sheet=Sheet::Statistics>
            {move || match app.statistics() {
                Some(totals) if totals.all.total > 0 => Either::Left(view! { <Figures totals /> }),
                _ => Either::Right(view! { <p class="dim">"Nothing is shown, so there is nothing to count."</p> }),
            }}
        </Over>
    }
}

#[component]
fn Figures(totals: Totals) -> impl IntoView {
    let protocols = tallied(&totals.protocols, |protocol: &Protocol| (None, protocol.label().to_owned()));
    let countries =
        tallied(&totals.countries, |country: &Country| (Some(*country), country.name().to_owned()));
    let regions = tallied(&totals.regions, |region: &Region| (None, capital(region.key())));
    let sources = tallied(&totals.sources, |source: &String| (None, source.clone()));
    view! {
        <p class="dim">"Over what is shown. Of 100 that were tested, so many answered their last test."</p>
        <Summary all=totals.all />
        <Latencies latencies=totals.latencies.to_vec() percentiles=totals.percentiles />
        <Table key="protocols" title="Protocols" rows=protocols />
        <Table key="countries" title="Countries" rows=countries />
        <Table key="regions" title="Regions" rows=regions />
        <Table key="sources" title="Sources" rows=sources />
    }
}

#[component]
fn Summary(all: Tally) -> impl IntoView {
    let figures = [
        ("total", "Proxies", grouped(all.total)),
        ("tested", "Tested", grouped(all.tested)),
        ("working", "Answering", grouped(all.working)),
        ("rate", "Success", percent_text(all)),
    ];
    let figure = |(key, name, value)| view! { <div><dt>{name}</dt><dd data-figure=key>{value}</dd></div> };
    view! { <dl class="figures">{figures.map(figure)}</dl> }
}

/// How fast those are that answer: percentiles, a picture, and its numbers.
#[component]
fn Latencies(latencies: Vec<usize>, percentiles: Option<Percentiles>) -> impl IntoView {
    let known = percentiles.map(|known| view! { <Histogram latencies=latencies.clone() known /> });
    let unknown = percentiles
        .is_none()
        .then(|| view! { <p class="dim">"Of none that answers the latency is known."</p> });
    view! { <h3>"Latency of those that answer"</h3> {known} {unknown} }
}

#[component]
fn Histogram(latencies: Vec<usize>, known: Percentiles) -> impl IntoView {
    let columns = columns(&latencies);
    let figure = |(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> };
    let ends = [columns.first(), columns.last()].map(|column| column.map(|column| column.label.clone()));
    let bars = columns
        .iter()
        .map(|column| {
            let title = [&column.label, ": ", &grouped(column.rows)].concat();
            view! { <i title=title style:block-size=format!("{}%", column.height)></i> }
        })
        .collect::<Vec<_>>();
    let rows = columns
        .into_iter()
        .map(|column| view! { <tr><th scope="row">{column.label}</th><td>{grouped(column.rows)}</td></tr> })
        .collect::<Vec<_>>();
    view! {
        <dl class="figures">{percentiles(known).map(figure)}</dl>
        <div class="histogram" aria-hidden="true">{bars}</div>
        <p class="histogram-ends dim" aria-hidden="true">{ends.map(|end| view! { <span>{end}</span> })}</p>
        <details>
            <summary>"As a table"</summary>
            <table class="tallies">
                <thead><tr><th scope="col">"Latency"</th><th scope="col">"Proxies"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </details>
    }
}

/// A row of a table: the flag's country, the name, and what is counted.
type Line = (Option<Country>, String, Tally);

fn tallied<K: Clone>(
    tallies: &std::collections::BTreeMap<K, Tally>,
    name: fn(&K) -> (Option<Country>, String),
) -> Vec<Line> {
    let named = fullest(tallies, MOST).into_iter().map(|(key, tally)| (name(&key), tally));
    named.map(|((flag, name), tally)| (flag, name, tally)).collect()
}

#[component]
fn Table(key: &'static str, title: &'static str, rows: Vec<Line>) -> impl IntoView {
    let line = |(country, name, tally): Line| {
        let flag = country.map(|country| view! { <Flag code=country.code() flag=country.flag() /> });
        view! {
            <tr>
                <th scope="row">{flag}<bdi>{name}</bdi></th>
                <td>{grouped(tally.total)}</td>
                <td class="rate">
                    <div>
                        <Meter part=percent(tally).unwrap_or_default() whole=100 />
                        <span>{percent_text(tally)}</span>
                    </div>
                </td>
            </tr>
        }
    };
    (!rows.is_empty()).then(|| {
        view! {
            <table class="tallies" data-table=key>
                <caption>{title}</caption>
                <thead class="unseen">
                    <tr><th scope="col">"Name"</th><th scope="col">"Proxies"</th><th scope="col">"Success"</th></tr>
                </thead>
                <tbody>{rows.into_iter().map(line).collect::<Vec<_>>()}</tbody>
            </table>
        }
    })
}
