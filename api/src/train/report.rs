//! The measures as text for people.

use std::fmt::Write as _;

use configstream_core::score::model::Interval;

use super::evaluate::{Measured, Period, SHARES, Trained};

/// What no history of this kind can show, whatever the measures are.
const LIMITS: &str = "\
The measures hold for proxies like these, tested as these were, soon after. They do not show how other
protocols do, how a proxy does from another place or for another site, how fast it is, or whether what
it answers is true. Chances follow how often tests work in the history at hand; the order matters more.
";

/// Tables of the measures, each with the interval that holds it in 95 of 100 resamplings.
pub fn text(trained: &Trained) -> String {
    let mut text = String::new();
    let quality = &trained.model.quality;
    let data = &trained.model.data;
    let _ = writeln!(
        text,
        "Learned from {} tests of {} proxies, {} to {}.\nMeasured on {} later tests, of which {:.1} % worked; \
         {} were of proxies never tested before.\n",
        data.tests,
        data.proxies,
        data.from,
        data.to,
        quality.tests,
        quality.base_rate * 100.0,
        trained.unseen,
    );
    measures(&mut text, trained);
    needed(&mut text, trained);
    periods(&mut text, &trained.periods);
    text + LIMITS
}

fn measures(text: &mut String, trained: &Trained) {
    let _ = writeln!(
        text,
        "{:<15} {:<22} {:<22} {:<7} {:<22} {:<22} model is ahead by",
        "", "ROC AUC", "Brier", "calibr.", "AUC, never tested", "Brier, never tested"
    );
    for row in &trained.measured {
        let [auc, brier, unseen, brier_unseen, behind] =
            [row.auc, row.brier, row.auc_unseen, row.brier_unseen, row.behind_model].map(shown);
        let calibration = row.calibration_error;
        let _ = writeln!(
            text,
            "{:<15} {auc:<22} {brier:<22} {calibration:<7.4} {unseen:<22} {brier_unseen:<22} {behind}",
            row.name
        );
    }
    text.push('\n');
}

fn needed(text: &mut String, trained: &Trained) {
    let _ = write!(text, "{:<15}", "tests to find");
    for share in SHARES {
        let _ = write!(text, " {:<22}", format!("{:.0} % of the working", share * 100.0));
    }
    let rows =
        trained.measured.iter().filter(|row| row.name != "base rate").map(|row| (row.name, row.needed));
    for (name, needed) in rows.chain([("random order", trained.random)]) {
        let _ = write!(text, "\n{name:<15}");
        for interval in needed {
            let _ = write!(text, " {:<22}", shown(interval));
        }
    }
    text.push_str("\n\n");
}

/// A measure of one way to guess.
type Measure = fn(&Measured) -> Interval;

/// Which way to guess and which area of it a period shows.
const AREAS: [(usize, Measure); 4] =
    [(0, |model| model.auc), (1, |rate| rate.auc), (2, |last| last.auc), (0, |model| model.auc_unseen)];
/// What else it shows of the model.
const NUMBERS: [Measure; 3] = [|model| model.brier, |model| model.needed[0], |model| model.needed[2]];

fn periods(text: &mut String, periods: &[Period]) {
    if periods.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "Period by period, learned anew from all before it: ROC AUC; the model's Brier and tests to find\n\
         from        tests  worked  {:<22} {:<22} {:<22} {:<22} Brier  25 %   90 %",
        "model", "smoothed rate", "last status", "model, never tested"
    );
    for period in periods {
        let day: String = period.from.to_string().chars().take(10).collect();
        let worked = format!("{:.1} %", period.worked * 100.0);
        let _ = write!(text, "{day:<11} {:<6} {worked:<7}", period.tests);
        values(text, |way, of| period.measured.get(way).map(of), shown);
    }
    let mean = |way: usize, of: Measure| {
        let values = periods.iter().filter_map(|period| period.measured.get(way));
        let value = values.map(|way| of(way).value).sum::<f64>() / periods.len() as f64;
        Some(Interval { value, low: value, high: value })
    };
    let _ = write!(text, "{:<26}", "mean");
    values(text, mean, short);
    text.push('\n');
}

/// The values of one line, its areas written by `area`.
fn values(
    text: &mut String,
    value: impl Fn(usize, Measure) -> Option<Interval>,
    area: fn(Interval) -> String,
) {
    for (way, of) in AREAS {
        let _ = write!(text, " {:<22}", value(way, of).map(area).unwrap_or_default());
    }
    let numbers = NUMBERS.iter().filter_map(|of| value(0, *of)).map(short);
    let _ = writeln!(text, " {}", numbers.map(|number| format!("{number:<6}")).collect::<Vec<_>>().join(" "));
}

fn short(interval: Interval) -> String {
    format!("{:.3}", interval.value)
}

fn shown(interval: Interval) -> String {
    format!("{:.3} [{:.3}, {:.3}]", interval.value, interval.low, interval.high)
}
