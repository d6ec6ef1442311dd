//! The program `configstream`.

use std::fmt;
use std::process::ExitCode;

use clap::Parser;
use configstream_api::args::{Args, Command};
use configstream_api::catalogue::{query, score, stats};
use configstream_api::{clock, convert, serve, train};
use configstream_core::Timestamp;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

fn main() -> ExitCode {
    match Args::parse().command {
        Command::Serve(args) => {
            log_to_stderr();
            serve::run(&args)
        }
        Command::Convert(args) => convert::run(&args),
        Command::Query(args) => query::run(&args),
        Command::Stats(args) => stats::run(&args),
        Command::Score(args) => score::run(&args),
        Command::Train(args) => train::run(&args),
    }
}

/// The time to the second, as the API writes it.
struct Seconds;

impl FormatTime for Seconds {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let millis = clock::now().millis();
        write!(writer, "{}", Timestamp::from_millis(millis - millis % 1000))
    }
}

/// Time, level, text. `RUST_LOG` chooses what is logged, as for every Rust program.
fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=error"));
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_timer(Seconds)
        .with_target(false)
        .with_env_filter(filter)
        .init();
}
