//! `configstream train`: learns from a history how likely proxies are to answer, and writes a model
//! with its measured quality.
//!
//! ```text
//! records ── fit::rows ──> rows ── evaluate::train ──> model + measures ──> report
//! ```
//!
//! What is learned from is earlier than what measures. No feature holds the time at which tests were
//! done: failures are slow, so it tells how many there were.

pub mod evaluate;
pub mod fit;
pub mod measure;
mod probes;
pub mod records;
pub mod report;
#[cfg(test)]
mod synthetic;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{ArgGroup, Args, Parser};
use configstream_core::Timestamp;

use crate::clock;
use records::Records;

use evaluate::Trained;

/// A history of tests: of files, or of a database.
#[derive(Clone, Debug, Default, Args)]
#[group(skip)]
pub struct HistoryArgs {
    /// Tests as CSV with the columns time, host:port and success or failure; may be gzip.
    #[arg(long, value_name = "FILE", conflicts_with = "database")]
    pub history: Option<PathBuf>,
    /// Lists as CSV with the columns time, host:port, country, anonymity, type and Google; may be gzip.
    #[arg(long, value_name = "FILE", requires = "history")]
    pub listed: Option<PathBuf>,
    /// The folder of the database that `serve` keeps; its last three days of tests are taken.
    #[arg(long, value_name = "DIR")]
    pub database: Option<PathBuf>,
}

/// The flags of `train`.
#[derive(Clone, Debug, Parser)]
#[command(group(ArgGroup::new("tests").args(["history", "database"]).required(true)))]
pub struct TrainArgs {
    /// What is learned from.
    #[command(flatten)]
    pub tests: HistoryArgs,
    /// What the history is, in words; the model keeps it.
    #[arg(long, value_name = "TEXT", default_value = "own history")]
    pub source: String,
    /// When the model is said to be trained, such as 2026-11-20T10:00:00Z [default: now].
    #[arg(long, value_name = "TIME")]
    pub at: Option<Timestamp>,
    /// Where the model goes.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// Trains, prints the measures, and writes the model. The exit status is 0 when it was written, else 1.
pub fn run(args: &TrainArgs) -> ExitCode {
    match train(args) {
        Ok(trained) => {
            print!("{}", report::text(&trained));
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("configstream: {message}");
            ExitCode::FAILURE
        }
    }
}

fn train(args: &TrainArgs) -> Result<Trained, String> {
    let records = args.tests.records()?;
    let rows = fit::rows(&records);
    let at = args.at.unwrap_or_else(clock::now);
    let trained = evaluate::train(&rows, &args.source, at).map_err(|error| error.to_string())?;
    let write = |path: &Path| std::fs::write(path, trained.model.write());
    write(&args.out).map_err(|error| format!("{} cannot be written: {error}", args.out.display()))?;
    Ok(trained)
}

impl HistoryArgs {
    /// What was tested and listed. The message of an error says where it cannot be read.
    pub(crate) fn records(&self) -> Result<Records, String> {
        match (&self.history, &self.database) {
            (Some(history), _) => {
                from_files(history, self.listed.as_deref()).map_err(|error| error.to_string())
            }
            (None, Some(folder)) => probes::read(folder),
            (None, None) => Err("give --history or --database".to_owned()),
        }
    }
}

fn from_files(history: &Path, listed: Option<&Path>) -> Result<Records, records::BadRecords> {
    let lists = listed.map(records::read_lists).transpose()?.unwrap_or_default();
    Ok(Records { lists, batches: records::read_tests(history)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use configstream_core::score::model::{MODEL_WORTH, Model};

    /// The folder of the given history, when there is one.
    fn corpus() -> PathBuf {
        PathBuf::from(std::env::var("CONFIGSTREAM_CORPUS").expect("CONFIGSTREAM_CORPUS names the folder"))
            .join("history")
    }

    #[test]
    fn a_model_is_written_and_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let records = synthetic::records(20, 5);
        let line = |at: &Timestamp, test: &records::Test| {
            format!("{at},{},{}\n", test.proxy.id, if test.worked { "success" } else { "failure" })
        };
        let lines =
            records.batches.iter().flat_map(|(at, tests)| tests.iter().map(move |test| line(at, test)));
        let text = "commit_time,proxy,status\n".to_owned() + &lines.collect::<String>();
        let (history, out) = (folder.path().join("h.csv"), folder.path().join("m.json"));
        std::fs::write(&history, text).unwrap();
        let args = ["train", "--history", history.to_str().unwrap(), "--out", out.to_str().unwrap()];
        let trained = train(&TrainArgs::parse_from(args)).unwrap();
        assert_eq!(Model::read(&std::fs::read_to_string(out).unwrap()), Ok(trained.model));
    }

    #[test]
    #[ignore = "needs the history that CONFIGSTREAM_CORPUS names"]
    fn on_the_given_history_it_is_as_good_as_it_was() {
        let (history, listed) = (corpus().join("status.csv.gz"), corpus().join("listed.csv.gz"));
        let rows = fit::rows(&from_files(&history, Some(&listed)).unwrap());
        let trained = evaluate::train(&rows, "test", Timestamp::default()).unwrap();
        print!("{}", report::text(&trained));
        let [model, smoothed, _, base, ..] = trained.measured.as_slice() else { panic!("no measures") };
        assert!(model.auc.value > 0.647 && model.brier.value < 0.216);
        assert!(model.auc_unseen.value > 0.61);
        assert!(model.auc.value > smoothed.auc.value + 0.04);
        assert!(model.brier.value < base.brier.value);
        let leads = trained.periods.iter().map(|period| period.measured[1].behind_model.low);
        assert!(trained.periods.len() == 7 && leads.fold(f64::MAX, f64::min) > 0.02);
        let shipped = Model::shipped().unwrap();
        assert_eq!(trained.model.quality, shipped.quality, "train the shipped model again");
    }

    /// What is said of the last half of the given history, one test a day: by the model alone, corrected by own
    /// tests as `reliability` does it, and by smoothed rates.
    fn said_of(rows: &[fit::Row]) -> [Vec<measure::Said>; 3] {
        let (shipped, mut said) = (Model::shipped().unwrap(), [vec![], vec![], vec![]]);
        let mut own = std::collections::HashMap::<usize, (f64, f64, Timestamp)>::new();
        for row in rows {
            let (worked, tests, at) = own.entry(row.proxy).or_default();
            let fading = 0.5_f64.powf(row.asked_at.since(*at) as f64 / 86_400_000.0 / 30.0);
            (*worked, *tests, *at) = (*worked * fading, *tests * fading, row.asked_at);
            let alone = shipped.chance(&row.features, row.base_rate);
            let corrected = (*worked + MODEL_WORTH * alone) / (*tests + MODEL_WORTH);
            for (said, chance) in said.iter_mut().zip([alone, corrected, row.smoothed]) {
                let (worked, proxy, batch) = (row.worked, row.proxy, row.batch);
                said.push(measure::Said { chance, worked, proxy, batch });
            }
            (*worked, *tests) = (*worked + f64::from(row.worked), *tests + 1.0);
        }
        said.map(|said| said.into_iter().filter(|said| said.batch >= 50).collect())
    }

    #[test]
    #[ignore = "needs the history that CONFIGSTREAM_CORPUS names"]
    fn on_the_given_history_own_tests_cost_the_model_less_than_it_is_ahead_of_rates() {
        let (history, listed) = (corpus().join("status.csv.gz"), corpus().join("listed.csv.gz"));
        let rows = fit::rows(&from_files(&history, Some(&listed)).unwrap());
        let [alone, corrected, rates] = said_of(&rows).map(|said| {
            let weights = vec![1.0; said.len()];
            (measure::brier(&said, &weights), measure::auc(&said, &weights))
        });
        println!("Brier and AUC: model {alone:.4?}, corrected {corrected:.4?}, rates {rates:.4?}");
        assert!(
            corrected.0 < f64::midpoint(alone.0, rates.0) && corrected.1 > f64::midpoint(alone.1, rates.1)
        );
    }
}
