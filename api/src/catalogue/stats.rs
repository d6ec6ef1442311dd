//! `configstream stats`: totals over the rows that match; or over time, as the database of `serve` has
//! them.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use configstream_core::Timestamp;
use configstream_core::api::{LatencyBin, Period, Stats};
use configstream_core::catalogue::{Statistics, Tally};
use serde::Serialize;

use super::table::Side::{Left, Right};
use super::table::{Column, harmless, table};
use super::{RowsArgs, filters, say_matches, typed};
use crate::ending::{self, Failure, print};
use crate::http::history::USUAL_DAYS;
use crate::publish;
use crate::store::{self, Bucket, KEEP_HOURS};

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
    /// The folder of the database that `serve` keeps: print how its catalogue was, by the hour or by the day.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["query", "snapshot", "files", "from", "age_key"])]
    pub database: Option<PathBuf>,
    /// How much time a line stands for [default: hour].
    #[arg(long, requires = "database")]
    pub bucket: Option<Bucket>,
    /// How many days back, 1 to 90 [default: 7].
    #[arg(long, value_name = "DAYS", requires = "database",
          value_parser = clap::value_parser!(u64).range(1..=KEEP_HOURS))]
    pub days: Option<u64>,
    /// Print the totals as `/api/v1/stats` has them, and `listed`: proxies per source; with --database, as
    /// `/api/v1/history` has them.
    #[arg(long)]
    pub json: bool,
}

/// Prints totals. The exit status is 0 when there was anything to count, 1 when not, 2 for wrong usage.
pub fn run(args: &StatsArgs) -> ExitCode {
    ending::status(match &args.database {
        Some(folder) => over_time(args, folder),
        None => totals(args),
    })
}

fn over_time(args: &StatsArgs, folder: &Path) -> Result<usize, Failure> {
    let (bucket, days) = (args.bucket.unwrap_or_default(), args.days.unwrap_or(USUAL_DAYS));
    let now = args.rows.now();
    let periods = store::ask(folder, async |store| store.periods(bucket, days, now).await);
    let periods = periods.map_err(|why| Failure::Usage(format!("--database {}: {why}", folder.display())))?;
    print(&if args.json { pretty(&periods) } else { periods_table(bucket, &periods) })?;
    Ok(periods.len())
}

fn periods_table(bucket: Bucket, periods: &[Period]) -> String {
    let title = match bucket {
        Bucket::Hour => "hour (UTC)",
        Bucket::Day => "day (UTC)",
    };
    let row = |period: &Period| {
        [
            began(bucket, period.from),
            period.total.to_string(),
            period.tested.to_string(),
            period.working.to_string(),
            percent(period.success_rate),
            period.median_latency.map_or_else(|| "-".to_owned(), |ms| format!("{ms} ms")),
            period.tests.to_string(),
            period.answered.to_string(),
        ]
    };
    let columns: [Column; 8] = [
        (title, Left),
        ("proxies", Right),
        ("tested", Right),
        ("working", Right),
        ("success", Right),
        ("median", Right),
        ("tests made", Right),
        ("answered", Right),
    ];
    let rows: Vec<_> = periods.iter().map(row).collect();
    if rows.is_empty() { String::new() } else { table(columns, &rows) }
}

/// `2026-11-20 10:00`, of a day without the hour.
fn began(bucket: Bucket, from: Timestamp) -> String {
    let letters = match bucket {
        Bucket::Hour => 16,
        Bucket::Day => 10,
    };
    from.to_string().chars().take(letters).map(|letter| if letter == 'T' { ' ' } else { letter }).collect()
}

fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
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
    pretty(&Totals { stats: publish::stats(statistics), listed })
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
    percent(tally.success_rate())
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |rate| format!("{:.1} %", rate * 100.0))
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
