//! `tables`: makes the README's tables of schemes and formats anew.

use crate::check::{GROUPS, packages_of};
use crate::step::{Result, call, step};
use crate::workspace::Workspace;

/// Asks core's test of the README to write the tables that it compares otherwise.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let [_, core, _] = GROUPS;
    step("write the README's tables", || {
        let mut cargo = workspace.cargo(["test", "--quiet", "--test", "readme"]);
        call(packages_of(&mut cargo, core).env("CONFIGSTREAM_WRITE_TABLES", "1"))
    })
}
