//! How many links a second are read by WebAssembly in Chromium: the other half of `cargo xtask bench`, which
//! calls this, and says how it compares.
//!
//! The lines are those of the benchmark of core. The time is the page's, from one call of `parse` to its
//! return; the text goes into the memory of WebAssembly within it.

use std::path::Path;
use std::process::ExitCode;

use configstream_core::link::{self, SCHEMES};
use configstream_tests::browser::{Browser, Kind};
use configstream_tests::origin::Server;
use configstream_tests::outcome::{Failure, Outcome};
use configstream_tests::peers::Tree;
use serde_json::json;

#[path = "../../core/tests/cases/reader.rs"]
mod reader;

/// Measures after a while of warming up, and gives the usual time of one pass in milliseconds.
const MEASURE: &str = "
    (text) => import('/cases.js').then(async ({ default: init, parse }) => {
        await init({ module_or_path: '/cases_bg.wasm' });
        const pass = () => {
            const start = performance.now();
            parse(text, 5);
            return (performance.now() - start) / 5;
        };
        for (let i = 0; i < 5; i++) pass();
        return Array.from({ length: 15 }, pass).sort((a, b) => a - b)[7];
    })";

#[tokio::main]
async fn main() -> ExitCode {
    match rate().await {
        Ok(rate) => {
            println!("  {rate:>9.0} links a second by link::parse (in Chromium)");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

async fn rate() -> Outcome<f64> {
    let tree = Tree::here()?;
    let lines = real_lines().map_or_else(|| own_lines(&tree.root.join("core/tests/cases")), Ok)?;
    let browser = Browser::launch(Kind::Chromium, &tree.dist, None).await?;
    let server = Server::files(tree.dist.join("cases"), Vec::new()).await?;
    let page = browser.open(&format!("{}/cases.js", server.address())).await?;
    let expression = format!("({MEASURE})({})", json!(lines.join("\n")));
    let millis = browser.evaluate(&page, &expression).await?;
    browser.quit().await?;
    let millis =
        millis.as_f64().ok_or_else(|| Failure::new(format!("expected milliseconds, found {millis}")))?;
    Ok(lines.len() as f64 / millis * 1_000.0)
}

fn real_lines() -> Option<Vec<String>> {
    let folder = std::path::PathBuf::from(std::env::var_os("CONFIGSTREAM_CORPUS")?);
    let bytes = std::fs::read(folder.join("links/dev.txt")).ok()?;
    Some(String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect())
}

/// The examples and the cases that read.
fn own_lines(folder: &Path) -> Outcome<Vec<String>> {
    let mut lines: Vec<String> = SCHEMES.iter().map(|scheme| scheme.example().to_owned()).collect();
    for file in reader::files(folder) {
        let text = std::fs::read_to_string(file)?;
        lines.extend(reader::cases(&text).map(|(link, _)| link.to_owned()));
    }
    lines.retain(|line| link::parse(line).is_ok());
    Ok(lines)
}
