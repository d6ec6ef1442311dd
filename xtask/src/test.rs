//! `test`: every test there is, counted.

use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};

use clap::{Args, ValueEnum};

use crate::check::{GROUPS, packages_of};
use crate::count::Count;
use crate::step::{Result, call, not_started, step};
use crate::workspace::Workspace;
use crate::{dist, setup};

/// What to test.
#[derive(Args)]
pub(crate) struct Options {
    /// Only one kind.
    #[arg(long)]
    only: Option<Kind>,
    /// Only the scenarios whose browser and sentence contain this text.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Run the scenarios this many times.
    #[arg(long, default_value_t = 1, value_name = "N")]
    repeat: usize,
    /// Put pictures of the screens into docs/pictures.
    #[arg(long)]
    pictures: bool,
}

/// The kinds of tests.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Unit and property tests.
    Unit,
    /// Scenarios in real browsers against real proxies.
    E2e,
}

/// Runs the tests. The last line is the count, so a failed test adds no line of its own.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    if options.only != Some(Kind::Unit) {
        // First, because some of the API's tests use the same proxies as the scenarios.
        setup::ensure()?;
    }
    let mut count = Count::default();
    if options.only != Some(Kind::E2e) {
        count += unit(workspace)?;
    }
    if options.only != Some(Kind::Unit) {
        count += end_to_end(workspace, options)?;
    }
    println!("{count}");
    Ok(if count.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn unit(workspace: &Workspace) -> Result<Count> {
    step("unit and property tests", || {
        let mut count = Count::default();
        for group in GROUPS {
            count += counted(packages_of(&mut workspace.cargo(["test", "--no-fail-fast"]), group))?;
        }
        Ok(count)
    })
}

fn end_to_end(workspace: &Workspace, options: &Options) -> Result<Count> {
    dist::build(workspace)?;
    dist::build_cases(workspace)?;
    // With its tests, as the unit tests have it already.
    let api = ["build", "-p", "configstream-api", "--bins", "--tests"];
    step("build the API", || call(&mut workspace.cargo(api)))?;
    step("scenarios in Chromium and Firefox", || counted(&mut scenarios(workspace, options)))
}

fn scenarios(workspace: &Workspace, options: &Options) -> Command {
    let [_, group, _] = GROUPS;
    let mut cargo = workspace.cargo(["test"]);
    packages_of(&mut cargo, group).args(["--test", "e2e", "--", "--repeat", &options.repeat.to_string()]);
    if let Some(text) = &options.filter {
        cargo.args(["--filter", text]);
    }
    if options.pictures {
        cargo.arg("--pictures").arg(workspace.at("docs/pictures"));
    }
    cargo
}

/// Runs a test program, passes its output on and counts it. A program that fails without a failed test
/// (it does not build, it crashes) counts as one failure.
fn counted(command: &mut Command) -> Result<Count> {
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| not_started(command, &error))?;
    let mut count = Count::default();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines().map_while(std::result::Result::ok) {
            println!("{line}");
            if let Some(more) = Count::read(&line) {
                count += more;
            }
        }
    }
    let status = child.wait().map_err(|error| not_started(command, &error))?;
    if !status.success() && count.failed == 0 {
        count += Count::ONE_FAILED;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Count {
        counted(Command::new("sh").args(["-c", script])).expect("sh runs")
    }

    #[test]
    fn summaries_of_several_test_programs_are_added() {
        let script =
            "echo 'test result: ok. 2 passed; 0 failed; 0 ignored'; echo '3 passed, 1 failed'; exit 1";
        assert_eq!(shell(script), Count { passed: 5, failed: 1 });
    }

    #[test]
    fn a_test_program_that_dies_without_a_summary_is_a_failure() {
        assert_eq!(shell("exit 101"), Count::ONE_FAILED);
    }
}
