//! The wasm programs: which there are, what they may weigh, and how cargo builds them.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::step::{Failure, Result, call, step};
use crate::workspace::Workspace;

/// The compilation target.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// One wasm program.
pub(crate) struct Program {
    /// Its cargo package.
    pub(crate) package: &'static str,
    /// The name of its files in dist.
    pub(crate) stem: &'static str,
    /// What it may weigh after brotli, in kilobytes of 1,000 bytes.
    pub(crate) budget: Option<usize>,
}

pub(crate) const BACKGROUND: Program =
    Program { package: "configstream-background", stem: "background", budget: Some(250) };
/// Loaded when a list has come, and only then.
pub(crate) const READER: Program =
    Program { package: "configstream-reader", stem: "reader", budget: Some(400) };
pub(crate) const POPUP: Program = Program { package: "configstream-popup", stem: "popup", budget: Some(400) };
pub(crate) const PWA: Program = Program { package: "configstream-pwa", stem: "pwa", budget: Some(400) };
/// The shared cases of the parsers, run inside a browser; for tests only.
pub(crate) const CASES: Program = Program { package: "configstream-wasm-cases", stem: "cases", budget: None };

/// What a user gets.
pub(crate) const SHIPPED: [Program; 4] = [BACKGROUND, READER, POPUP, PWA];

impl Program {
    /// Where cargo leaves it.
    pub(crate) fn file(&self, workspace: &Workspace) -> PathBuf {
        let name = format!("{}.wasm", self.package.replace('-', "_"));
        workspace.output(Path::new(TARGET).join("web").join(name))
    }
}

/// Builds these programs in one call of cargo.
pub(crate) fn compile(workspace: &Workspace, programs: &[Program]) -> Result<()> {
    ensure_target()?;
    step("compile to wasm", || {
        let mut cargo = workspace.cargo(["build", "--profile", "web", "--target", TARGET]);
        for program in programs {
            cargo.args(["-p", program.package]);
        }
        call(&mut cargo)
    })
}

/// Installs the target's standard library where the toolchain lacks it.
pub(crate) fn ensure_target() -> Result<()> {
    if library()?.is_dir() {
        return Ok(());
    }
    step("install the wasm target", || call(Command::new("rustup").args(["target", "add", TARGET])))
}

fn library() -> Result<PathBuf> {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", TARGET]);
    let answer = rustc.output().map_err(|error| crate::step::not_started(&rustc, &error))?;
    if !answer.status.success() {
        return Err(Failure::new(format!("this rustc does not know {TARGET}; install Rust with rustup")));
    }
    Ok(PathBuf::from(String::from_utf8_lossy(&answer.stdout).trim()))
}
