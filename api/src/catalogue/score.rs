//! `configstream score`: the score of each row by weights of one's own, and the reasons that add up to it.

use std::cmp::Reverse;
use std::num::NonZeroUsize;
use std::process::ExitCode;

use clap::{ArgGroup, Parser};
use configstream_core::Timestamp;
use configstream_core::catalogue::{Row, Search};
use configstream_core::score::{Reason, Weights};
use serde_json::{Map, Value};

use super::model::{ModelArgs, Predictor};
use super::table::{endpoint, harmless};
use super::{RowsArgs, filters, say_matches, typed};
use crate::ending::{self, Failure, print};

/// The flags of `score`.
#[derive(Clone, Debug, Parser)]
#[command(after_help = filters())]
#[command(group(ArgGroup::new("tests").args(["history", "database"]).requires("model")))]
pub struct ScoreArgs {
    /// Which rows, as in the search field: `proto:vless country:de <200ms berlin`. Empty, it is every row; one
    /// that begins with `-` stands after `--`.
    pub text: Option<String>,
    /// What is read.
    #[command(flatten)]
    pub rows: RowsArgs,
    /// Say why: what each part gave, and the most that it can give.
    #[arg(long)]
    pub explain: bool,
    /// How much each part counts, 0 to 100: reliability, latency, age, security, sources and experience, as
    /// `reliability=30,latency=25`. What is left out has its default; only the ratio matters.
    #[arg(long, value_name = "PART=WEIGHT,…", value_parser = weights, default_value = "", hide_default_value = true)]
    pub weights: Weights,
    /// What predicts how likely they are to answer.
    #[command(flatten)]
    pub model: ModelArgs,
    /// Print no more than this many, the best first.
    #[arg(long, value_name = "COUNT")]
    pub limit: Option<NonZeroUsize>,
}

/// Prints scores, the best first. The exit status is 0 when any row matched, 1 when none, 2 for wrong usage.
pub fn run(args: &ScoreArgs) -> ExitCode {
    ending::status(scores(args))
}

fn scores(args: &ScoreArgs) -> Result<usize, Failure> {
    let query = typed(args.text.as_deref())?;
    let predictor = args.model.predictor()?;
    let catalogue = args.rows.catalogue()?;
    let now = args.rows.now();
    let search = catalogue.search(&query, now);
    let count = say_matches(&search, catalogue.len());
    let limit = args.limit.map_or(usize::MAX, NonZeroUsize::get);
    let scorer = Scorer { weights: args.weights, predictor, now };
    let best = scorer.best(&search).into_iter().take(limit);
    print(&best.map(|row| scorer.shown(&row, args.explain)).collect::<String>())?;
    Ok(count)
}

/// What scores are made with.
struct Scorer {
    weights: Weights,
    predictor: Option<Predictor>,
    now: Timestamp,
}

impl Scorer {
    /// The rows that match, the best first; equal ones as the query has them.
    fn best<'a>(&self, search: &Search<'a>) -> Vec<Row<'a>> {
        let mut rows: Vec<_> = search.iter().collect();
        rows.sort_by_cached_key(|row| Reverse(self.score(row).0));
        rows
    }

    fn score(&self, row: &Row<'_>) -> (u8, Vec<Reason>) {
        let predicted = self.predictor.as_ref().map(|predictor| predictor.evidence(row, self.now));
        self.weights.score(&predicted.unwrap_or_else(|| row.evidence()), self.now)
    }

    fn shown(&self, row: &Row<'_>, explain: bool) -> String {
        let (score, reasons) = self.score(row);
        let protocol = row.protocol().key();
        let head = format!("{score:>3}  {protocol} {}  {}", endpoint(row), harmless(row.name()));
        let head = head.trim_end().to_owned() + "\n";
        if !explain {
            return head;
        }
        let predictor = self.predictor.as_ref();
        let predicted = predictor.map(|predictor| predictor.explained(row, self.now)).unwrap_or_default();
        head + &reasons.iter().map(line).collect::<String>() + &predicted
    }
}

fn line(reason: &Reason) -> String {
    format!("     {:>3} of {:<3} {}\n", reason.points, reason.of, reason.what)
}

/// Reads `latency=100,age=0`.
fn weights(text: &str) -> Result<Weights, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let parts = parts.map(weight).collect::<Result<Map<_, _>, _>>()?;
    serde_json::from_value(Value::Object(parts)).map_err(|error| error.to_string())
}

fn weight(part: &str) -> Result<(String, Value), String> {
    let (name, value) = part.split_once('=').unwrap_or((part, ""));
    if !Weights::NAMES.contains(&name) {
        return Err(format!("{part}: expected one of {}, then = and a weight", Weights::NAMES.join(", ")));
    }
    let value = value.parse::<u8>().ok().filter(|weight| *weight <= 100);
    let value = value.ok_or_else(|| format!("{part}: expected a weight from 0 to 100, as {name}=30"))?;
    Ok((name.to_owned(), value.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_that_are_left_out_have_their_default() {
        let default = Weights::default();
        assert_eq!(weights(""), Ok(default));
        assert_eq!(weights("latency=100, age=0"), Ok(Weights { latency: 100, age: 0, ..default }));
    }

    #[test]
    fn a_wrong_weight_says_what_belongs_there() {
        assert!(weights("speed=3").unwrap_err().contains("expected one of reliability, latency"));
        assert!(weights("latency").unwrap_err().contains("expected a weight from 0 to 100, as latency=30"));
        assert!(weights("latency=101").unwrap_err().starts_with("latency=101: "));
        assert!(weights("latency=-1").is_err());
    }
}
