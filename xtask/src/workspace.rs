//! Where things lie: the source tree, cargo's target folder, and cargo itself.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::step::{Failure, Result};

/// The variable that tells tests where the real lists are.
pub(crate) const CORPUS: &str = "CONFIGSTREAM_CORPUS";

/// The source tree and cargo's output folder.
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// The tree that this program was built from; `CARGO_TARGET_DIR` is honoured.
    pub(crate) fn here() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .ok_or_else(|| Failure::new("xtask does not lie in the workspace"))?
            .to_owned();
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(given) => std::path::absolute(&given).map_err(Failure::at(Path::new(&given)))?,
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// A path inside the source tree.
    pub(crate) fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.join(path)
    }

    /// The real lists that lie beside the source tree on some machines, where they do.
    pub(crate) fn corpus(&self) -> Option<PathBuf> {
        let chosen = std::env::var_os(CORPUS).map(PathBuf::from);
        Some(chosen.unwrap_or_else(|| self.at("../shared/corpus"))).filter(|folder| folder.is_dir())
    }

    /// A path inside cargo's output folder.
    pub(crate) fn output(&self, path: impl AsRef<Path>) -> PathBuf {
        self.target.join(path)
    }

    /// `cargo` with these arguments, in this tree and with this output folder.
    pub(crate) fn cargo<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(tells_of_xtask) {
                command.env_remove(name);
            }
        }
        command
    }
}

/// Whether `cargo run` set this variable to tell xtask of itself. Build scripts (ring's, for one) look at
/// such variables, so that what xtask builds and what a person builds would replace each other for ever.
fn tells_of_xtask(variable: &str) -> bool {
    const EXACT: [&str; 6] = [
        "CARGO_BIN_NAME",
        "CARGO_CRATE_NAME",
        "CARGO_MANIFEST_DIR",
        "CARGO_MANIFEST_PATH",
        "CARGO_PRIMARY_PACKAGE",
        "OUT_DIR",
    ];
    variable.starts_with("CARGO_PKG_") || EXACT.contains(&variable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_is_not_told_of_xtask_but_keeps_the_user_s_settings() {
        assert!(tells_of_xtask("CARGO_PKG_VERSION_MAJOR") && tells_of_xtask("CARGO_MANIFEST_DIR"));
        assert!(!tells_of_xtask("CARGO_HOME") && !tells_of_xtask("CARGO_NET_OFFLINE"));
    }
}
