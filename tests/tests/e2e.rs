//! `cargo test -p configstream-tests --test e2e -- [--filter TEXT] [--repeat N] [--pictures FOLDER]`.
//!
//! `CHROMIUM` and `FIREFOX` name the browsers; `cargo xtask test` finds them and sets both.
//! Has a main of its own, because scenarios share browsers and end with a count that is added up.

use std::process::ExitCode;

use configstream_tests::outcome::Outcome;
use configstream_tests::report::{self, Options};

#[tokio::main]
async fn main() -> ExitCode {
    let outcome: Outcome<bool> = async {
        let options = Options::read(std::env::args().skip(1))?;
        // Ending here in an orderly way ends the browsers and servers too.
        tokio::select! {
            passed = report::run(&options) => passed,
            () = asked_to_end() => Ok(false),
        }
    }
    .await;
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => std::future::pending().await,
    }
}
