//! `bench`: how fast links are read natively and in Chromium, and how much room a proxy takes.

use crate::step::{Result, call, step};
use crate::workspace::{CORPUS, Workspace};

/// Runs the benchmark of core, with the real lists where they are. What WebAssembly makes of the same work is
/// measured by a scenario: `cargo xtask test --only e2e --filter links`.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut cargo = workspace.cargo(["bench", "-p", "configstream-core", "--bench", "links"]);
    cargo.envs(workspace.corpus().map(|folder| (CORPUS, folder)));
    step("bench", || call(&mut cargo))
}
