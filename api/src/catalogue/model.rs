//! The reliability model asked about rows: what it predicts, and what led to that.

use clap::Args;
use configstream_core::Timestamp;
use configstream_core::catalogue::Row;
use configstream_core::score::model::{Basis, Contribution, Features, MODEL_WORTH, Prediction, Subject};
use configstream_core::score::{Evidence, Reliability, Share};

use super::table::endpoint;
use crate::ending::Failure;
use crate::geo::Geo;
use crate::reliability::{self, model};
use crate::train::{HistoryArgs, fit};

/// Which model is asked, with which history.
#[derive(Clone, Debug, Default, Args)]
#[group(skip)]
pub struct ModelArgs {
    /// Predict by this model, as `train` writes it, how likely each row is to answer; `shipped` is the one
    /// that comes with the program, `none` goes by smoothed rates alone. It needs --history or --database.
    #[arg(long, value_name = "FILE|shipped|none", requires = "tests")]
    pub model: Option<String>,
    /// What it is asked with.
    #[command(flatten)]
    pub tests: HistoryArgs,
}

/// How many of the features that led to a prediction are named.
const NAMED: usize = 5;

/// What predicts of rows.
pub(super) struct Predictor {
    known: reliability::Predictor,
    geo: Geo,
    /// Whether the history names proxies by fingerprint, as a database does, or by `host:port`.
    by_fingerprint: bool,
}

impl ModelArgs {
    /// `None` where no model is asked.
    pub(super) fn predictor(&self) -> Result<Option<Predictor>, Failure> {
        let Some(name) = &self.model else { return Ok(None) };
        let model = model(name).map_err(|why| Failure::Usage(format!("--model {name}: {why}")))?;
        let records = self.tests.records().map_err(Failure::Usage)?;
        let (history, by_fingerprint) = (fit::history(&records), self.tests.database.is_some());
        let known = reliability::Predictor { model, history };
        Ok(Some(Predictor { known, geo: Geo::open(), by_fingerprint }))
    }
}

impl Predictor {
    /// What a row's score is made from, with what is predicted of it.
    pub(super) fn evidence(&self, row: &Row<'_>, now: Timestamp) -> Evidence {
        let chance = self.predicted(row, now).chance;
        Evidence { reliability: Some(Reliability::Predicted(Share::new(chance))), ..row.evidence() }
    }

    /// What led to the prediction: its own tests beside the model, and what led to that, the strongest first.
    pub(super) fn explained(&self, row: &Row<'_>, now: Timestamp) -> String {
        let reliability::Predictor { model, history } = &self.known;
        let Some(model) = model.as_ref().filter(|_| self.predicted(row, now).basis == Basis::Model) else {
            let why = match model {
                Some(_) => format!("{} tests are too few to ask a model", history.tests()),
                None => "no model is asked".to_owned(),
            };
            return format!("       by its rate alone: {why}\n");
        };
        let subject = self.subject(row);
        let features = Features::of(history, &subject, now);
        let base_rate = history.base_rate(now);
        let parts = model.explain(&features, base_rate);
        let named: String = parts.iter().filter(|part| part.log_odds != 0.0).take(NAMED).map(line).collect();
        own(history.own_tests(&subject, now), model.chance(&features, base_rate)) + &named
    }

    fn predicted(&self, row: &Row<'_>, now: Timestamp) -> Prediction {
        self.known.predict(&self.subject(row), now)
    }

    fn subject(&self, row: &Row<'_>) -> Subject {
        let id = if self.by_fingerprint { row.id().to_string() } else { endpoint(row) };
        reliability::subject(&id, row.host(), row.port(), &self.geo)
    }
}

/// What the proxy's own tests and the model say, each for itself; of one without tests the model alone.
fn own((answered, tests): (f64, f64), chance: f64) -> String {
    let modelled = format!("the model alone says {:.0} %", chance * 100.0);
    if tests > 0.0 {
        let own = format!("answered {answered:.1} of {tests:.1} own tests, the older counting less");
        format!("       {own}; {modelled}, which counts as {MODEL_WORTH} more\n")
    } else {
        format!("       no tests of its own; {modelled}\n")
    }
}

fn line(part: &Contribution) -> String {
    format!("       odds × {:.2}  {}\n", part.factor(), part.words())
}
