//! `test`: every test there is, counted.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};

use crate::check::{GROUPS, packages_of, with_what_is_there};
use crate::count::Count;
use crate::setup::Found;
use crate::step::{Failure, Result, call, not_started, seconds, step, was_interrupted};
use crate::workspace::{CORPUS, Workspace};
use crate::{dist, fuzz, setup};

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
    /// Fuzzers of core, a minute of each.
    Fuzz,
    /// Scenarios in real browsers against real proxies.
    E2e,
}

impl Options {
    fn has(&self, kind: Kind) -> bool {
        self.only.is_none_or(|only| only == kind)
    }
}

/// Runs the tests. The last line is the count, so a failed test adds no line of its own.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    let mut parts = Parts::default();
    // First, because some of the API's tests use the same proxies as the scenarios.
    let browsers = match options.only {
        Some(Kind::Unit | Kind::Fuzz) => Vec::new(),
        _ => parts.add("browsers and proxies", setup::ensure)?,
    };
    if options.has(Kind::Unit) {
        parts.add("judges of exports", || setup::try_judges(workspace))?;
        parts.count("unit and property tests", || unit(workspace))?;
        if let Some(folder) = workspace.corpus() {
            parts.count("real lists", || real_lists(workspace, &folder))?;
        }
    }
    if options.has(Kind::Fuzz) {
        parts.count("fuzzers", || fuzz::all(workspace))?;
    }
    if options.has(Kind::E2e) {
        parts.add("build of what scenarios use", || build(workspace))?;
        parts.count("scenarios in Chromium and Firefox", || {
            counted(&mut scenarios(workspace, options, &browsers))
        })?;
    }
    print!("\n{parts}");
    println!("{}", parts.count);
    Ok(if parts.count.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What was done, how long it took, and what came of it.
#[derive(Debug, Default)]
struct Parts {
    times: Vec<(&'static str, Duration)>,
    count: Count,
}

impl Parts {
    /// Does a part.
    fn add<T>(&mut self, name: &'static str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let start = Instant::now();
        let outcome = step(name, work);
        self.times.push((name, start.elapsed()));
        outcome
    }

    /// Does a part that consists of tests.
    fn count(&mut self, name: &'static str, work: impl FnOnce() -> Result<Count>) -> Result<()> {
        let count = self.add(name, work)?;
        self.count += count;
        Ok(())
    }
}

impl fmt::Display for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, time) in &self.times {
            writeln!(f, "{name:<34}{:>9}", seconds(*time))?;
        }
        Ok(())
    }
}

fn unit(workspace: &Workspace) -> Result<Count> {
    let mut count = Count::default();
    for group in GROUPS {
        let mut cargo = workspace.cargo(["test", "--no-fail-fast"]);
        count += counted(packages_of(with_what_is_there(workspace, &mut cargo), group))?;
    }
    Ok(count)
}

/// The tests that are left out elsewhere, because they need this folder.
fn real_lists(workspace: &Workspace, corpus: &Path) -> Result<Count> {
    let [_, group, _] = GROUPS;
    let mut cargo = workspace.cargo(["test"]);
    packages_of(&mut cargo, group).args(["--test", "corpus", "--", "--ignored"]);
    counted(cargo.env(CORPUS, corpus))
}

/// With the API's tests, as the unit tests have it already.
fn build(workspace: &Workspace) -> Result<()> {
    dist::build(workspace)?;
    dist::build_cases(workspace)?;
    let api = ["build", "-p", "configstream-api", "--bins", "--tests"];
    step("build the API", || call(&mut workspace.cargo(api)))
}

fn scenarios(workspace: &Workspace, options: &Options, browsers: &Found) -> Command {
    let [_, group, _] = GROUPS;
    let mut cargo = workspace.cargo(["test"]);
    cargo.envs(browsers.iter().map(|(variable, place)| (variable, place)));
    cargo.envs(workspace.corpus().map(|corpus| (CORPUS, corpus)));
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
    if was_interrupted(status) {
        return Err(Failure::Interrupted);
    }
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
    fn parts_are_added_up_and_their_times_stand_in_a_column() {
        let mut parts = Parts::default();
        parts.count("one", || Ok(Count { passed: 1, failed: 0 })).expect("done");
        parts.count("two", || Ok(Count { passed: 2, failed: 3 })).expect("done");
        assert_eq!(parts.count, Count { passed: 3, failed: 3 });
        let table = parts.to_string();
        let ends: Vec<usize> = table.lines().map(str::len).collect();
        assert!(ends.len() == 2 && ends[0] == ends[1], "{table}");
    }

    #[test]
    fn a_test_program_that_dies_without_a_summary_is_a_failure() {
        assert_eq!(shell("exit 101"), Count::ONE_FAILED);
    }

    #[test]
    fn a_test_program_that_ctrl_c_ended_is_no_failed_test() {
        let outcome = counted(Command::new("sh").args(["-c", "kill -INT $$"]));
        assert!(matches!(outcome, Err(Failure::Interrupted)));
    }
}
