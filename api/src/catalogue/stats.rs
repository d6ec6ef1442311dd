//! `configstream stats`: totals over the rows that match.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Parser;
use configstream_core::api::{LatencyBin, Stats};
use configstream_core::catalogue::{Statistics, Tally};
use serde::Serialize;

use super::table::Side::{Left, Right};
use super::table::{Column, harmless, table};
use super::{RowsArgs, filters, say_matches, typed};
use crate::ending::{self, Failure, print};
use crate::publish;

/// The flags of `stats`.
#[derive(Clone, Debug, Parser)]
#[command(after_help = filters())]
pub struct StatsArgs {
    /// Count only the rows that match this, as in the search field.
    #[arg(long, value_name = "TEXT")]
    pub query: Option<String>,
    /// What is read.
    #[command(flatten)]
    pub rows: RowsArgs,
    /// Print the totals as `/api/v1/stats` has them, and `listed`: proxies per source.
    #[arg(long)]
    pub json: bool,
}

/// Prints totals. The exit status is 0 when any row matched, 1 when none, 2 for wrong usage.
pub fn run(args: &StatsArgs) -> ExitCode {
    ending::status(totals(args))
}

fn totals(args: &StatsArgs) -> Result<usize, Failure> {
    let query = typed(args.query.as_deref())?;
    let catalogue = args.rows.catalogue()?;
    let search = catalogue.search(&query, args.rows.now());
    let count = say_matches(&search, catalogue.len());
    let statistics = search.statistics();
    print(&if args.json { json(&statistics) } else { text(&statistics) })?;
    Ok(count)
}

/// What `--json` prints.
#[derive(Serialize)]
struct Totals<'a> {
    #[serde(flatten)]
    stats: Stats,
    listed: BTreeMap<&'a str, usize>,
}

fn json(statistics: &Statistics) -> String {
    let listed = statistics.sources.iter().map(|(source, tally)| (source.as_str(), tally.total)).collect();
    let totals = Totals { stats: publish::stats(statistics), listed };
    serde_json::to_string_pretty(&totals).unwrap_or_default() + "\n"
}

fn text(statistics: &Statistics) -> String {
    let Tally { total, tested, working } = statistics.all;
    let all = format!("{total} proxies, {tested} tested, {working} working ({})\n", rate(&statistics.all));
    let groups = [
        group("protocol", &statistics.protocols, |protocol| protocol.label().to_owned()),
        group("country", &statistics.countries, |country| format!("{} {}", country.code(), country.name())),
        group("region", &statistics.regions, |region| region.key().to_owned()),
        group("source", &statistics.sources, |source| harmless(source)),
        latencies(statistics),
    ];
    let groups = groups.into_iter().filter(|group| !group.is_empty());
    std::iter::once(all).chain(groups).collect::<Vec<_>>().join("\n")
}

fn rate(tally: &Tally) -> String {
    tally.success_rate().map_or_else(|| "-".to_owned(), |rate| format!("{:.1} %", rate * 100.0))
}

/// One table, the largest row first; empty where there is none.
fn group<K>(title: &'static str, tallies: &BTreeMap<K, Tally>, name: impl Fn(&K) -> String) -> String {
    let mut tallies: Vec<_> = tallies.iter().collect();
    tallies.sort_by_key(|(_, tally)| Reverse(tally.total));
    let numbers = |tally: &Tally| [tally.total, tally.tested, tally.working].map(|count| count.to_string());
    let row = |(key, tally): (&K, &Tally)| {
        let [total, tested, working] = numbers(tally);
        [name(key), total, tested, working, rate(tally)]
    };
    let rows: Vec<_> = tallies.into_iter().map(row).collect();
    let right = |title| (title, Right);
    let columns: [Column; 5] =
        [(title, Left), right("proxies"), right("tested"), right("working"), right("success")];
    if rows.is_empty() { String::new() } else { table(columns, &rows) }
}

/// The longest bar, in letters.
const WIDTH: usize = 40;

/// Percentiles and histogram of the working rows; empty where no latency is known.
fn latencies(statistics: &Statistics) -> String {
    let Some(percentiles) = statistics.percentiles else { return String::new() };
    let shares = [
        ("10 %", percentiles.p10),
        ("50 %", percentiles.p50),
        ("90 %", percentiles.p90),
        ("99 %", percentiles.p99),
    ];
    let shares = shares.map(|(share, ms)| format!("{share} within {ms} ms")).join(", ");
    let bins = publish::histogram(statistics);
    let most = bins.iter().map(|bin| bin.working).max().unwrap_or_default().max(1);
    let row = |bin: &LatencyBin| {
        let below = bin.below.map_or_else(|| "more".to_owned(), |ms| format!("< {ms} ms"));
        [below, bin.working.to_string(), "█".repeat((bin.working * WIDTH).div_ceil(most))]
    };
    let rows: Vec<_> = bins.iter().map(row).collect();
    table([("latency", Right), ("working", Right), ("", Left)], &rows) + &shares + "\n"
}
