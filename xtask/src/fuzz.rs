//! `fuzz`: the fuzzers of core, built with the stable compiler and run side by side.
//!
//! libFuzzer needs to know which code an input reaches. That is a pass of LLVM that stable rustc has; a
//! nightly compiler and `cargo fuzz` would add the address sanitizer, for which core, which is all safe code,
//! has no use.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use clap::Args;

use crate::count::Count;
use crate::setup;
use crate::step::{Failure, Result, call, not_started, step, was_interrupted};
use crate::workspace::Workspace;

/// What to fuzz.
#[derive(Args)]
pub(crate) struct Options {
    /// How long each fuzzer runs, in seconds.
    #[arg(long, default_value_t = SECONDS, value_name = "N")]
    seconds: u64,
    /// Only these fuzzers: the files in fuzz/targets.
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
}

/// How long each runs where nothing else is said, in seconds.
pub(crate) const SECONDS: u64 = 60;

/// What makes rustc note which code is reached and what is compared.
const FLAGS: [&str; 5] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// Seconds after which one input counts as one that never ends; generous, for machines with more to do.
const PATIENCE: u64 = 60;

/// The exit status of a fuzzer that Ctrl-C ended.
const INTERRUPTED: i32 = 72;

/// Builds and runs fuzzers; fails where one found something.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let known = targets(workspace)?;
    if let Some(unknown) = options.targets.iter().find(|target| !known.contains(target)) {
        return Err(Failure::new(format!("no fuzzer {unknown}: expected one of {}", known.join(", "))));
    }
    let chosen = if options.targets.is_empty() { &known } else { &options.targets };
    match fuzz(workspace, chosen, &Effort { seconds: options.seconds, anew: false })?.failed {
        0 => Ok(()),
        failed => Err(Failure::new(format!("{failed} of {} fuzzers found something", chosen.len()))),
    }
}

/// Builds all fuzzers and runs each for a minute; each is one test. What they try is the same each time, so
/// that the test fails for who broke something, and not for who comes next.
pub(crate) fn all(workspace: &Workspace) -> Result<Count> {
    fuzz(workspace, &targets(workspace)?, &Effort { seconds: SECONDS, anew: true })
}

/// How much is tried.
struct Effort {
    seconds: u64,
    /// From the seeds alone and by the same chances each time, not on from what earlier runs found.
    anew: bool,
}

/// The names of the fuzzers.
fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let folder = workspace.at("fuzz/targets");
    let items = folder.read_dir().map_err(Failure::at(&folder))?.flatten();
    let names = items.filter_map(|item| Some(item.path().file_stem()?.to_str()?.to_owned()));
    let mut names: Vec<_> = names.collect();
    names.sort();
    Ok(names)
}

fn fuzz(workspace: &Workspace, targets: &[String], effort: &Effort) -> Result<Count> {
    setup::ensure_compiler()?;
    let programs = step("build fuzzers", || build(workspace))?;
    step(&format!("fuzz {} for {} s", targets.join(", "), effort.seconds), || {
        let started = targets.iter().map(|target| Fuzzer::start(workspace, &programs, target, effort));
        // All are started before the first is waited for.
        let fuzzers: Vec<_> = started.collect::<Result<_>>()?;
        let mut count = Count::default();
        for fuzzer in fuzzers {
            count += fuzzer.ended(workspace)?;
        }
        Ok(count)
    })
}

/// Builds every fuzzer; gives the folder in which they lie.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    let host = host()?;
    let target = workspace.output("fuzz");
    let mut cargo = workspace.cargo(["build", "--quiet", "--release", "--manifest-path", "fuzz/Cargo.toml"]);
    // With a target, the flags are not for build scripts and macros.
    cargo.args(["--bins", "--target", &host]).env("CARGO_TARGET_DIR", &target);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}"));
    call(&mut cargo)?;
    Ok(target.join(host).join("release"))
}

/// The triple of this machine.
fn host() -> Result<String> {
    let mut rustc = Command::new("rustc");
    let answer = rustc.arg("-vV").output().map_err(|error| not_started(&rustc, &error))?;
    let text = String::from_utf8_lossy(&answer.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Failure::new("`rustc -vV` names no host"))
}

/// A running fuzzer.
struct Fuzzer {
    target: String,
    child: Child,
    log: PathBuf,
}

impl Fuzzer {
    /// Starts a fuzzer on fresh seeds and, unless it starts anew, on what its earlier runs found. What breaks
    /// a property is kept with core's tests.
    fn start(workspace: &Workspace, programs: &Path, target: &str, effort: &Effort) -> Result<Self> {
        let place = workspace.output("fuzz").join(if effort.anew { "anew" } else { "found" }).join(target);
        if effort.anew {
            let _ = fs::remove_dir_all(&place);
        }
        let (corpus, log) = (place.join("corpus"), place.join("log"));
        let crashes = workspace.at(crashes(target));
        for folder in [&corpus, &place.join("seeds"), &crashes] {
            fs::create_dir_all(folder).map_err(Failure::at(folder))?;
        }
        let output = fs::File::create(&log).map_err(Failure::at(&log))?;
        let mut command = Command::new(programs.join(target));
        command.env("CONFIGSTREAM_SEEDS", &place).args([&corpus, &place.join("seeds")]);
        command.arg(option("dict", place.join("words").display()));
        command.arg(option("artifact_prefix", format_args!("{}/", crashes.display())));
        // A seed of 0 is another one each time.
        command.arg(option("seed", u8::from(effort.anew)));
        command.arg(option("max_total_time", effort.seconds)).arg(option("max_len", 16 * 1024));
        command.arg(option("timeout", PATIENCE)).arg(option("report_slow_units", PATIENCE));
        command.arg(option("print_final_stats", 1)).current_dir(&place);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(output);
        let child = command.spawn().map_err(|error| not_started(&command, &error))?;
        Ok(Self { target: target.to_owned(), child, log })
    }

    /// Waits for its end, and says what came of it.
    fn ended(mut self, workspace: &Workspace) -> Result<Count> {
        let status = self.child.wait().map_err(|error| Failure::new(format!("{}: {error}", self.target)))?;
        let log = String::from_utf8_lossy(&fs::read(&self.log).map_err(Failure::at(&self.log))?).into_owned();
        // Folders without a case are none of git's.
        let _ = fs::remove_dir(workspace.at(crashes(&self.target)));
        if was_interrupted(status) || status.code() == Some(INTERRUPTED) {
            return Err(Failure::Interrupted);
        }
        println!("{}", summary(&self.target, &log));
        if status.success() {
            return Ok(Count { passed: 1, failed: 0 });
        }
        eprintln!("{}", complaint(&self.target, status, &log, &self.log));
        Ok(Count::ONE_FAILED)
    }
}

/// Where what breaks a property is kept.
fn crashes(target: &str) -> PathBuf {
    Path::new("core/tests/crashes").join(target)
}

fn option(name: &str, value: impl std::fmt::Display) -> String {
    format!("-{name}={value}")
}

fn summary(target: &str, log: &str) -> String {
    let stat = |name: &str| {
        let value = log.lines().find_map(|line| line.strip_prefix("stat::")?.strip_prefix(name));
        value.map_or("?", |value| value.trim_start_matches(':').trim()).to_owned()
    };
    let (all, rate) = (stat("number_of_executed_units"), stat("average_exec_per_sec"));
    format!("{target}: {all} inputs, {rate} a second, {} kept as new", stat("new_units_added"))
}

/// What was broken, in the words of the panic, and where the input lies.
fn complaint(target: &str, status: ExitStatus, log: &str, place: &Path) -> String {
    let said: Vec<_> =
        log.lines().skip_while(|line| !line.contains("panicked at")).take(4).map(shorten).collect();
    let kept = log.lines().find_map(|line| line.split_once("Test unit written to ")).map(|(_, path)| path);
    let kept = kept.map_or_else(
        || format!("no input was kept: see {}", place.display()),
        |path| {
            format!("kept as {path}: mend it and commit that file, which `cargo test --test crashes` tries")
        },
    );
    format!("{target} ended with {status}\n{}\n{kept}", said.join("\n"))
}

/// The start of a line that may hold a whole document.
fn shorten(line: &str) -> String {
    line.chars().take(400).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_broke_is_told_in_the_words_of_the_panic_and_with_the_place_of_the_input() {
        let log = "#1 NEW\nthread '<unnamed>' panicked at a.rs:1:\nboom\nartifact_prefix='/t/'; Test unit written to /t/crash-1\n";
        let status = std::os::unix::process::ExitStatusExt::from_raw(77 << 8);
        let complaint = complaint("links", status, log, Path::new("/log"));
        assert!(complaint.contains("boom") && complaint.contains("kept as /t/crash-1:"), "{complaint}");
    }

    #[test]
    fn a_run_is_summed_up_by_its_own_count() {
        let log = "x\nstat::number_of_executed_units: 123\nstat::average_exec_per_sec:     41\nstat::new_units_added: 3\n";
        assert_eq!(summary("links", log), "links: 123 inputs, 41 a second, 3 kept as new");
        assert_eq!(summary("links", ""), "links: ? inputs, ? a second, ? kept as new");
    }

    #[test]
    fn every_fuzzer_of_the_tree_is_found() {
        let workspace = Workspace::here().expect("xtask lies in the workspace");
        assert!(targets(&workspace).expect("fuzz/targets is there").contains(&"links".to_owned()));
    }
}
