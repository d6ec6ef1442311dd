//! `configstream query`: the rows that match, as a table, as records or as links.

use std::num::NonZeroUsize;
use std::process::ExitCode;

use clap::Parser;
use configstream_core::api::Proxy;
use configstream_core::catalogue::Row;

use super::table::Side::{Left, Right};
use super::table::{Column, endpoint, harmless, table};
use super::{RowsArgs, filters, say_matches, typed};
use crate::ending::{self, Failure, print};

/// The flags of `query`.
#[derive(Clone, Debug, Parser)]
#[command(after_help = filters())]
pub struct QueryArgs {
    /// What is searched for, as in the search field: `proto:vless country:de <200ms berlin`. Empty, it is every
    /// row; one that begins with `-` stands after `--`.
    pub text: Option<String>,
    /// What is read.
    #[command(flatten)]
    pub rows: RowsArgs,
    /// Print no more than this many.
    #[arg(long, value_name = "COUNT")]
    pub limit: Option<NonZeroUsize>,
    /// Print records as `/api/v1/proxies` has them.
    #[arg(long, conflicts_with = "links")]
    pub json: bool,
    /// Print links, one a line.
    #[arg(long)]
    pub links: bool,
}

/// Prints the rows that match. The exit status is 0 when any did, 1 when none, 2 for wrong usage.
pub fn run(args: &QueryArgs) -> ExitCode {
    ending::status(matches(args))
}

fn matches(args: &QueryArgs) -> Result<usize, Failure> {
    let query = typed(args.text.as_deref())?;
    let catalogue = args.rows.catalogue()?;
    let search = catalogue.search(&query, args.rows.now());
    let count = say_matches(&search, catalogue.len());
    let limit = args.limit.map_or(usize::MAX, NonZeroUsize::get);
    print(&args.shown(search.iter().take(limit)))?;
    Ok(count)
}

impl QueryArgs {
    fn shown<'a>(&self, rows: impl Iterator<Item = Row<'a>>) -> String {
        if self.json {
            let proxies: Vec<Proxy> = rows.map(Proxy::from).collect();
            return serde_json::to_string_pretty(&proxies).unwrap_or_default() + "\n";
        }
        if self.links {
            return rows.flat_map(|row| [row.link(), "\n"]).collect();
        }
        let rows: Vec<_> = rows.map(|row| cells(&row)).collect();
        if rows.is_empty() { String::new() } else { table(COLUMNS, &rows) }
    }
}

const COLUMNS: [Column; 7] = [
    ("score", Right),
    ("works", Left),
    ("latency", Right),
    ("country", Left),
    ("protocol", Left),
    ("endpoint", Left),
    ("name", Left),
];

fn cells(row: &Row<'_>) -> [String; 7] {
    let works = match row.working() {
        Some(true) => "yes",
        Some(false) => "no",
        None => "untested",
    };
    [
        row.score().to_string(),
        works.to_owned(),
        row.latency().map_or_else(|| "-".to_owned(), |ms| format!("{ms} ms")),
        row.country().map_or_else(|| "-".to_owned(), |country| country.code().to_owned()),
        row.protocol().key().to_owned(),
        endpoint(row),
        harmless(row.name()),
    ]
}
