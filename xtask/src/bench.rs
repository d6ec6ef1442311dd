//! `bench`: how fast links are read and a catalogue is asked, natively and in browsers, how much room a proxy
//! takes, and how all that grows.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::step::{Failure, Result, call, not_started, step};
use crate::workspace::{CORPUS, Workspace};
use crate::{dist, setup};

/// What stands behind the figure that both sides print.
const SUBJECT: &str = " links a second by link::parse (";

/// Runs the benchmarks of core, and the same work as WebAssembly; with the real lists, where they are.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let browsers = setup::ensure()?;
    dist::build(workspace)?;
    dist::build_cases(workspace)?;
    let native = workspace.cargo(["bench", "-p", "configstream-core", "--bench", "links"]);
    let mut chromium = workspace.cargo(["test", "-p", "configstream-tests", "--test", "speed"]);
    chromium.envs(browsers.iter().map(|(variable, place)| (variable, place)));
    let native = step("links natively", || rate(workspace, native))?;
    let chromium = step("links in Chromium", || rate(workspace, chromium))?;
    println!("in Chromium {:.2} times slower than natively", native / chromium);
    for name in ["catalogue", "query"] {
        let mut native = workspace.cargo(["bench", "-p", "configstream-core", "--bench", name]);
        step(&format!("{name} natively"), || call(&mut native))?;
    }
    let picture = workspace.at("docs/growth.svg");
    let mut growth = workspace.cargo(["bench", "-p", "configstream-core", "--bench", "growth", "--"]);
    growth.arg(picture);
    step("growth natively, drawn as docs/growth.svg", || call(&mut growth))?;
    let mut pages = workspace.cargo(["test", "-p", "configstream-tests", "--test", "catalogue"]);
    pages.envs(browsers.iter().map(|(variable, place)| (variable, place)));
    step("catalogue in browsers", || call(&mut pages))
}

/// Runs a program, passes its output on, and gives the last figure that it says of the subject.
fn rate(workspace: &Workspace, mut command: Command) -> Result<f64> {
    command.envs(workspace.corpus().map(|folder| (CORPUS, folder)));
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| not_started(&command, &error))?;
    let mut rate = None;
    for line in child.stdout.take().into_iter().flat_map(|output| BufReader::new(output).lines()).flatten() {
        println!("{line}");
        rate = figure(&line).or(rate);
    }
    let status = child.wait().map_err(|error| not_started(&command, &error))?;
    rate.filter(|_| status.success())
        .ok_or_else(|| Failure::new("the benchmark gave no figure: see above why"))
}

fn figure(line: &str) -> Option<f64> {
    let (figure, _) = line.split_once(SUBJECT)?;
    figure.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figure_of_links_is_found_and_no_other() {
        assert_eq!(
            figure("     874000 links a second by link::parse (975000 at best), 1.43 times"),
            Some(874_000.0)
        );
        assert_eq!(figure("  15000000 links a second by link::parse, unknown (1 at best)"), None);
    }
}
