//! Statistics over what is on screen.

use configstream_core::catalogue::{Statistics as Totals, Tally};
use leptos::prelude::*;

use super::over::Over;
use crate::part::flag::Flag;
use crate::part::meter::Meter;
use crate::state::{Sheet, use_app};
use crate::view::statistics::{Line, fullest, histogram, percentiles, success};
use crate::view::text::{capital, grouped};

/// Lines of each table but the histogram.
const MOST: usize = 10;

/// What a program has to add, given by context.
#[derive(Clone, Copy, Debug)]
pub struct Addition(pub fn() -> AnyView);

/// The sheet.
#[component]
pub fn Statistics() -> impl IntoView {
    let app = use_app();
    let addition = use_context::<Addition>();
    view! {
        <Over id="statistics" title="Statistics" sheet=Sheet::Statistics>
            {move || match app.statistics() {
                Some(totals) if totals.all.total > 0 => view! { <Figures totals /> }.into_any(),
                _ => view! { <p class="dim">"Nothing is shown, so there is nothing to count."</p> }.into_any(),
            }}
            {addition.map(|Addition(view)| view())}
        </Over>
    }
}

#[component]
fn Figures(totals: Totals) -> impl IntoView {
    let known = totals.percentiles.map(|known| view! { <Row figures=percentiles(known) /> });
    let unknown = totals.percentiles.is_none().then_some("Of none that answers the latency is known.");
    let protocols = fullest(&totals.protocols, MOST, |protocol| (None, protocol.label().to_owned()));
    let countries = fullest(&totals.countries, MOST, |country| (Some(*country), country.name().to_owned()));
    let regions = fullest(&totals.regions, MOST, |region| (None, capital(region.key())));
    let sources = fullest(&totals.sources, MOST, |source| (None, source.clone()));
    let tables = [
        ("latency", "Latency of those that answer", "Share", histogram(&totals.latencies)),
        ("protocols", "Protocols", "Success", protocols),
        ("countries", "Countries", "Success", countries),
        ("regions", "Regions", "Success", regions),
        ("sources", "Sources", "Success", sources),
    ];
    let table = |(key, title, says, lines)| view! { <Table key title says lines /> };
    view! {
        <p class="dim">"Over what is shown. Success: how many of the tested answered their last test."</p>
        <Row figures=summary(totals.all) />
        {known}
        <p class="dim">{unknown}</p>
        {tables.map(table)}
    }
}

fn summary(all: Tally) -> [(&'static str, String); 4] {
    [
        ("Proxies", grouped(all.total)),
        ("Tested", grouped(all.tested)),
        ("Answering", grouped(all.working)),
        ("Success", success(all)),
    ]
}

#[component]
fn Row(figures: [(&'static str, String); 4]) -> impl IntoView {
    let figure = |(name, value)| view! { <div data-figure=name><dt>{name}</dt><dd>{value}</dd></div> };
    view! { <dl class="figures">{figures.map(figure)}</dl> }
}

/// A table with bars; without lines it is left out.
#[component]
pub fn Table(
    /// The name of its element.
    key: &'static str,
    /// What it is called.
    title: &'static str,
    /// What its bars say.
    says: &'static str,
    /// Its lines.
    lines: Vec<Line>,
) -> impl IntoView {
    let row = |line: Line| {
        let flag = line.flag.map(|country| view! { <Flag code=country.code() flag=country.flag() /> });
        view! {
            <tr>
                <th scope="row">{flag}<bdi>{line.name}</bdi></th>
                <td>{grouped(line.rows)}</td>
                <td class="bar-cell"><Meter part=line.bar whole=100 /><span>{line.says}</span></td>
            </tr>
        }
    };
    let none = lines.is_empty();
    view! {
        <table class="tallies" data-table=key hidden=none>
            <caption>{title}</caption>
            <thead class="unseen">
                <tr><th scope="col">"Name"</th><th scope="col">"Proxies"</th><th scope="col">{says}</th></tr>
            </thead>
            <tbody>{lines.into_iter().map(row).collect::<Vec<_>>()}</tbody>
        </table>
    }
}
