//! The program `configstream`.

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use configstream_api::args::{Args, Command};
use configstream_api::{convert, serve};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    match Args::parse().command {
        Command::Serve(args) => {
            log_to_stderr();
            serve::run(&args)
        }
        Command::Convert(args) => convert::run(&args),
    }
}

/// `RUST_LOG` chooses what is logged, as for every Rust program.
fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=error"));
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .with_env_filter(filter)
        .init();
}
