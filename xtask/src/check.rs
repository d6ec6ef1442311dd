//! `check`: format, lints and unit tests; what a change must pass before anything else is asked.

use crate::step::{Result, call, step};
use crate::wasm;
use crate::workspace::Workspace;

/// The packages that build for this machine, by the calls of cargo that build them. Cargo unites the
/// features that one call asks for, so a dependency is built once for each grouping: these share theirs
/// with `cargo xtask` itself and with the API of `cargo xtask run`.
pub(crate) const GROUPS: [&[&str]; 3] =
    [&["xtask"], &["configstream-core", "configstream-ui", "configstream-tests"], &["configstream-api"]];

/// Checks the whole tree.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    step("format", || call(&mut workspace.cargo(["fmt", "--all", "--check"])))?;
    step("lint native code", || lint(workspace, &["--all-targets"], &GROUPS.concat()))?;
    wasm::ensure_target()?;
    let packages: Vec<&str> =
        wasm::SHIPPED.iter().chain([&wasm::CASES]).map(|program| program.package).collect();
    step("lint wasm code", || lint(workspace, &["--profile", "web", "--target", wasm::TARGET], &packages))?;
    step("unit tests", || {
        GROUPS
            .iter()
            .try_for_each(|group| call(packages_of(&mut workspace.cargo(["test", "--quiet"]), group)))
    })
}

fn lint(workspace: &Workspace, how: &[&str], packages: &[&str]) -> Result<()> {
    let mut cargo = workspace.cargo(["clippy", "--quiet"]);
    call(packages_of(&mut cargo, packages).args(how).args(["--", "--deny", "warnings"]))
}

/// Restricts cargo to these packages.
pub(crate) fn packages_of<'a>(
    cargo: &'a mut std::process::Command,
    packages: &[&str],
) -> &'a mut std::process::Command {
    cargo.args(packages.iter().flat_map(|package| ["-p", package]))
}
