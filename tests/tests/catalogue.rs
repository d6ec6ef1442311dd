//! How fast the catalogue is asked in a page, in Chromium and in Firefox, compared with the same in plain
//! JavaScript over an array of objects: `cargo xtask bench` calls this. Both must give the same rows first.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use configstream_core::api;
use configstream_core::catalogue::{Catalogue, Row, Snapshot};
use configstream_tests::browser::{Browser, Kind};
use configstream_tests::origin::Server;
use configstream_tests::outcome::{Failure, Outcome};
use configstream_tests::peers::Tree;
use serde::Deserialize;
use serde_json::{Value, json};

#[allow(dead_code)]
#[path = "../../core/benches/rows/mod.rs"]
mod rows;

const COUNT: usize = 100_000;

/// What both took for one question, in milliseconds.
#[derive(Deserialize)]
struct Time {
    name: String,
    ours: f64,
    theirs: f64,
    slowest: f64,
}

#[tokio::main]
async fn main() -> ExitCode {
    match measure().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

async fn measure() -> Outcome<()> {
    let tree = Tree::here()?;
    let folder = tempfile::tempdir()?;
    furnish(folder.path(), &tree.dist.join("cases"))?;
    for kind in [Kind::Chromium, Kind::Firefox] {
        let browser = Browser::launch(kind, &tree.dist, None).await?;
        let server = Server::files(folder.path().to_owned(), Vec::new()).await?;
        let page = browser.open(&format!("{}/page.js", server.address())).await?;
        let times = browser.evaluate(&page, "import('/page.js').then(({ measure }) => measure())").await?;
        browser.quit().await?;
        let times: Vec<Time> = serde_json::from_value(times)
            .map_err(|error| Failure::new(format!("{kind:?} gave no times: {error}")))?;
        print!("{}", report(kind, &times));
    }
    Ok(())
}

/// Puts all that the page loads into one folder.
fn furnish(folder: &Path, cases: &Path) -> Outcome<()> {
    for name in ["cases.js", "cases_bg.wasm"] {
        std::fs::copy(cases.join(name), folder.join(name))?;
    }
    std::fs::write(folder.join("page.js"), include_str!("speed/page.js"))?;
    std::fs::write(folder.join("baseline.js"), include_str!("speed/baseline.js"))?;
    let catalogue = Catalogue::new(rows::rows(COUNT, 1));
    let records: Vec<Value> = catalogue.rows().map(record).collect();
    std::fs::write(folder.join("records.json"), serde_json::to_vec(&records)?)?;
    let snapshot = Snapshot { revision: 1, published_at: rows::NOW, catalogue };
    std::fs::write(folder.join("snapshot.bin"), snapshot.encode())?;
    Ok(())
}

/// A row as the API gives it, with its region, which a page would look up.
fn record(row: Row<'_>) -> Value {
    let region = row.country().and_then(|country| country.region()).map(|region| region.key());
    let mut record = json!(api::Proxy::from(row));
    record["region"] = json!(region);
    record
}

fn report(kind: Kind, times: &[Time]) -> String {
    let mut report = format!("{COUNT} rows in {kind:?}\n");
    for Time { name, ours, theirs, slowest } in times {
        let ratio = theirs / ours;
        let _ = writeln!(
            report,
            "  {ours:>8.2} ms: {name}, {ratio:.1} times as fast as JavaScript ({theirs:.1} ms); the slowest {slowest:.2} ms"
        );
    }
    report
}
