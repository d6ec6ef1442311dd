//! `configstream query`, `stats` and `score`: the rows of documents or of a snapshot, searched, counted and
//! explained.
//!
//! ```text
//! files ── input ──> lists ── merge ──┐
//!                                     ├──> Catalogue ── Query ──> query · stats · score
//! --snapshot ── Snapshot::decode ─────┘
//! ```
//!
//! A document says nothing of tests, so its rows are untested; their countries are those of their
//! addresses, by the database that is part of the program. A snapshot says what the tests of whoever
//! published it have shown.

pub mod model;
pub mod query;
pub mod score;
pub mod stats;
mod table;

use std::path::{Path, PathBuf};

use clap::Args;
use configstream_core::Timestamp;
use configstream_core::catalogue::{
    BadSnapshot, Catalogue, Entry, Listed, Measured, Merge, Patch, Query, Search, Snapshot,
};

use crate::clock;
use crate::ending::Failure;
use crate::geo::Geo;
use crate::input::{self, InputArgs, Lists};

/// Where the rows come from.
#[derive(Clone, Debug, Args)]
pub struct RowsArgs {
    /// The documents.
    #[command(flatten)]
    pub input: InputArgs,
    /// Read a snapshot, as `/api/v1/snapshot` gives it, and no documents; `-` is standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["files", "from", "age_key"])]
    pub snapshot: Option<PathBuf>,
    /// The moment that ages are counted to, such as 2026-11-20T10:00:00Z [default: now].
    #[arg(long, value_name = "TIME")]
    pub at: Option<Timestamp>,
}

impl RowsArgs {
    fn now(&self) -> Timestamp {
        self.at.unwrap_or_else(clock::now)
    }

    /// All rows; says on standard error what was read of documents.
    fn catalogue(&self) -> Result<Catalogue, Failure> {
        if let Some(path) = &self.snapshot {
            return snapshot(path)
                .map_err(|why| Failure::Usage(format!("--snapshot {}: {why}", path.display())));
        }
        let lists = self.input.lists()?;
        eprint!("{}", lists.summary());
        Ok(merged(lists, self.now()))
    }
}

fn merged(lists: Lists, now: Timestamp) -> Catalogue {
    let mut merge = Merge::default();
    for (file, proxies) in lists.all {
        merge.add(&file, proxies);
    }
    let geo = Geo::open();
    let row = |listed: Listed| {
        let country = geo.country_of_host(&listed.proxy.endpoint.host);
        let measured = Measured { country, ..Measured::default() };
        Entry::new(&listed.proxy, listed.sources, measured, now)
    };
    Catalogue::new(merge.finish().into_iter().map(row).collect())
}

fn snapshot(path: &Path) -> Result<Catalogue, String> {
    let bytes = input::bytes(path).map_err(|error| error.to_string())?;
    let why = |bad| match bad {
        BadSnapshot::Damaged => damaged(&bytes).to_owned(),
        other => other.to_string(),
    };
    Snapshot::decode(&bytes).map(|snapshot| snapshot.catalogue).map_err(why)
}

/// What bytes are that are no snapshot, and what to do.
fn damaged(bytes: &[u8]) -> &'static str {
    const GZIP: [u8; 2] = [0x1f, 0x8b];
    if bytes.starts_with(&Patch::MAGIC) {
        "this is a patch; fetch /api/v1/snapshot without `since`"
    } else if bytes.starts_with(&GZIP) {
        "this is compressed; inflate it with gzip -d first"
    } else {
        "this is no snapshot, or a damaged one; fetch /api/v1/snapshot again, or give a document without --snapshot"
    }
}

/// Reads a typed query, and says what in it looks like a filter and is none.
fn typed(text: Option<&str>) -> Result<Query, Failure> {
    let text = text.unwrap_or_default();
    if Path::new(text).is_file() {
        return Err(Failure::Usage(format!(
            "{text} is a file, and stands where the query does: write '' before it for every row, or \
             text:{text} to search for the word"
        )));
    }
    for doubt in Query::diagnose(text) {
        eprintln!("configstream: {doubt}; it is searched for as text");
    }
    Ok(Query::from_text(text))
}

/// How many rows match, of how many; and whether they only come near. Said on standard error.
fn say_matches(search: &Search<'_>, all: usize) -> usize {
    let count = search.count();
    if search.is_near() && count > 0 {
        eprintln!("configstream: no row has these words; these have nearly the same");
    }
    eprintln!("{count} of {all} match");
    count
}

/// What of the help tells how a query is typed: made from the table of filters.
fn filters() -> String {
    let lines = Query::help();
    let lines = lines.lines().map(|line| format!("  {line}\n"));
    format!("What TEXT may hold, beside words:\n{}", lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_snapshot_is_told_apart() {
        assert!(damaged(b"\xC5PAT1234").contains("patch"));
        assert!(damaged(b"\x1f\x8b").contains("gzip"));
        assert!(damaged(b"vless://").contains("no snapshot"));
    }

    #[test]
    fn a_proxy_that_two_files_list_is_one_row_with_two_sources() {
        let proxies = || configstream_core::document::read(b"socks5://8.8.8.8:1080").proxies;
        let all = vec![("a".to_owned(), proxies()), ("b".to_owned(), proxies())];
        let catalogue = merged(Lists { all, ..Lists::default() }, Timestamp::default());
        let row = catalogue.row(0).unwrap();
        assert_eq!((catalogue.len(), row.listed()), (1, 2));
        assert_eq!(row.country().unwrap().code(), "US");
    }
}
