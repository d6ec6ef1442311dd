//! The one front door: `cargo xtask run`, `test`, `fuzz`, `check`, `build`, `bench` and `tables`.
//!
//! Each command is a row of steps. A step says what it does and how long it took; the first that fails
//! ends the command with one line and exit status 1. Ctrl-C ends it without a word.

mod bench;
mod bindgen;
mod browser;
mod check;
mod count;
mod dist;
mod folder;
mod fuzz;
mod serve;
mod setup;
mod step;
mod tables;
mod test;
mod wasm;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

use crate::step::{Failure, INTERRUPTED, Result};
use crate::workspace::Workspace;

/// Builds, runs and checks this workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
enum Command {
    /// Build everything and serve the API and the PWA on this machine.
    Run(serve::Options),
    /// Run every test, the ones in real browsers too, and count them.
    Test(test::Options),
    /// Run the fuzzers of core: text that is made up must neither crash nor be lost.
    Fuzz(fuzz::Options),
    /// Check format, lints and unit tests.
    Check,
    /// Build dist/chrome, dist/firefox and dist/pwa.
    Build,
    /// Measure how fast links are read and how much room a proxy takes.
    Bench,
    /// Make the README's tables of schemes and formats anew.
    Tables,
}

fn main() -> ExitCode {
    match run(&Command::parse()) {
        Ok(status) => status,
        Err(Failure::Interrupted) => ExitCode::from(INTERRUPTED),
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> Result<ExitCode> {
    let workspace = Workspace::here()?;
    match command {
        Command::Run(options) => serve::run(&workspace, options)?,
        Command::Test(options) => return test::run(&workspace, options),
        Command::Fuzz(options) => fuzz::run(&workspace, options)?,
        Command::Check => check::run(&workspace)?,
        Command::Build => dist::build(&workspace)?,
        Command::Bench => bench::run(&workspace)?,
        Command::Tables => tables::run(&workspace)?,
    }
    Ok(ExitCode::SUCCESS)
}
