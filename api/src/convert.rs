//! `configstream convert`: documents in, one document out, or a file for each proxy.

mod flags;
mod help;
mod output;

use std::process::ExitCode;

use configstream_core::Proxy;
use configstream_core::curate::{Curated, Known};
use configstream_core::document::{self, Facts, Loss, Shape};

pub use flags::{ConvertArgs, FlagsArg, ListArgs, OnOff, ShapeArg, Switch};

use crate::ending::{self, Failure};

/// Converts. The exit status is 0 when at least one proxy is left, 1 when none, 2 for wrong usage.
pub fn run(args: &ConvertArgs) -> ExitCode {
    ending::status(convert(args))
}

/// Converts; how many proxies are left.
fn convert(args: &ConvertArgs) -> Result<usize, Failure> {
    let known = document::write(&args.to, &[], Shape::List);
    known.map_err(|error| Failure::Usage(format!("--to: {error}")))?;
    let mut lists = args.input.lists()?;
    eprint!("{}", lists.summary());
    if let Some(path) = &args.rejected {
        output::json(path, &lists.rejected)?;
    }
    let (files, proxies): (Vec<_>, Vec<_>) = lists.all.into_iter().unzip();
    let named = files.iter().map(String::as_str).zip(proxies);
    let curated = args.list.curation().apply(named, &Known::default());
    lists.facts.add(&curated.facts);
    eprint!("{}", around(&curated, &lists.facts));
    let proxies: Vec<_> = curated.listed.into_iter().map(|listed| listed.proxy).collect();
    let losses = write(args, &proxies)?;
    eprint!("{}", output::summary(&losses));
    Ok(proxies.len())
}

/// Writes what is left, and says what the format could not hold.
fn write(args: &ConvertArgs, proxies: &[Proxy]) -> Result<Vec<Loss>, Failure> {
    let shape = args.shape.into();
    let losses = match &args.split {
        _ if proxies.is_empty() => Vec::new(),
        Some(folder) => output::split(&args.to, proxies, shape, folder)?,
        None => output::one(&args.to, proxies, shape)?,
    };
    if let Some(path) = &args.losses {
        output::losses(path, &losses, proxies)?;
    }
    Ok(losses)
}

/// What happened around the list, and what the lists say of themselves; empty where nothing did.
fn around(curated: &Curated, facts: &Facts) -> String {
    let report = curated.report.to_string();
    let left =
        if report.is_empty() { String::new() } else { format!("{} left\n{report}", curated.listed.len()) };
    let facts = facts.to_string();
    let said = facts.lines().flat_map(|line| ["         ", line, "\n"]);
    let title = if facts.is_empty() { "" } else { "the lists say of themselves\n" };
    left + title + &said.collect::<String>()
}
