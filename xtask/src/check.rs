//! `check`: format, lints and unit tests; what a change must pass before anything else is asked.

use std::process::Command;

use crate::step::{Result, call, step};
use crate::workspace::Workspace;
use crate::{setup, wasm};

/// The packages that build for this machine, by the calls of cargo that build them. Cargo unites the
/// features that one call asks for, so a dependency is built once for each grouping: these share theirs
/// with `cargo xtask` itself and with the API of `cargo xtask run`.
pub(crate) const GROUPS: [&[&str]; 3] =
    [&["xtask"], &["configstream-core", "configstream-ui", "configstream-tests"], &["configstream-api"]];

/// Checks the whole tree.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    step("format", || {
        call(&mut workspace.cargo(["fmt", "--all", "--check"]))?;
        call(&mut workspace.cargo(["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"]))
    })?;
    step("lint native code", || lint(workspace, &["--all-targets"], &GROUPS.concat()))?;
    wasm::ensure_target()?;
    let packages: Vec<&str> =
        wasm::SHIPPED.iter().chain([&wasm::CASES]).map(|program| program.package).collect();
    step("lint wasm code", || lint(workspace, &["--profile", "web", "--target", wasm::TARGET], &packages))?;
    step("unit tests", || {
        GROUPS.iter().try_for_each(|group| {
            call(packages_of(with_what_is_there(workspace, &mut workspace.cargo(["test", "--quiet"])), group))
        })
    })
}

/// Lets the API's tests pass over what needs proxies, where those are not installed, and tells the test of
/// exports where to look for judges.
pub(crate) fn with_what_is_there<'a>(workspace: &Workspace, cargo: &'a mut Command) -> &'a mut Command {
    if !setup::has_proxies() {
        cargo.env("CONFIGSTREAM_SKIP_PROXIES", "1");
    }
    cargo.env("CONFIGSTREAM_JUDGES", setup::judges(workspace))
}

fn lint(workspace: &Workspace, how: &[&str], packages: &[&str]) -> Result<()> {
    let mut cargo = workspace.cargo(["clippy", "--quiet"]);
    call(packages_of(&mut cargo, packages).args(how).args(["--", "--deny", "warnings"]))
}

/// Restricts cargo to these packages.
pub(crate) fn packages_of<'a>(cargo: &'a mut Command, packages: &[&str]) -> &'a mut Command {
    cargo.args(packages.iter().flat_map(|package| ["-p", package]))
}
