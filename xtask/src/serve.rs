//! `run`: the hosted API and the PWA on this machine, and how to load the extension.

use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use clap::Args;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout};

use crate::dist;
use crate::step::{Failure, Result, call, not_started, step};
use crate::workspace::Workspace;

/// How to run.
#[derive(Args)]
pub(crate) struct Options {
    /// A file, folder or address that lists proxies, in place of the built-in ones.
    #[arg(long, num_args = 1.., value_name = "FILE|URL")]
    sources: Vec<String>,
    /// Build the API for speed.
    #[arg(long)]
    release: bool,
    /// More arguments for `configstream serve`.
    #[arg(last = true)]
    serve: Vec<String>,
}

/// What the API prints, once, when it answers.
const READY: &str = "listening on ";

/// How long the API may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(5);

/// Builds everything and serves until Ctrl-C.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    dist::build(workspace)?;
    step("build the API", || {
        let mut cargo = workspace.cargo(["build", "-p", "configstream-api"]);
        cargo.args(options.release.then_some("--release"));
        call(&mut cargo)
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format!("no runtime: {error}")))?;
    runtime.block_on(serve(workspace, options))
}

fn command(workspace: &Workspace, options: &Options) -> Command {
    let profile = if options.release { "release" } else { "debug" };
    let mut command = Command::new(workspace.output(profile).join("configstream"));
    command.args(["serve", "--listen", "127.0.0.1:8080", "--data", "data", "--pwa", "dist/pwa"]);
    for source in &options.sources {
        command.args(["--sources", source]);
    }
    if !options.sources.is_empty() {
        command.arg("--no-default-sources");
    }
    command.args(&options.serve).current_dir(workspace.at(""));
    command
}

async fn serve(workspace: &Workspace, options: &Options) -> Result<()> {
    let command = command(workspace, options);
    let failed = |error: std::io::Error| Failure::new(format!("the API did not start: {error}"));
    let mut child = tokio::process::Command::from(command).stdout(Stdio::piped()).spawn().map_err(failed)?;
    if let Some(output) = child.stdout.take() {
        let extension = extension_hint(workspace);
        tokio::spawn(async move { announce(output, &extension).await });
    }
    tokio::select! {
        ended = child.wait() => judge(ended.map_err(failed)?),
        () = asked_to_end() => end(child).await,
    }
}

/// Passes the API's output on; says where to go when it is ready.
async fn announce(output: ChildStdout, extension: &str) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        match line.strip_prefix(READY) {
            Some(address) => println!("{}", addresses(address.trim(), extension)),
            None => println!("{line}"),
        }
    }
}

fn addresses(address: &str, extension: &str) -> String {
    format!(
        "\n  PWA      {address}/\n  API      {address}/api/v1/proxies\n  snapshot {address}/api/v1/snapshot\n\
         {extension}  Ctrl-C ends it.\n"
    )
}

fn extension_hint(workspace: &Workspace) -> String {
    let (chrome, firefox) = (workspace.at("dist/chrome"), workspace.at("dist/firefox/manifest.json"));
    format!(
        "  Chrome   chrome://extensions → Developer mode → Load unpacked → {}\n\
         \x20 Firefox  about:debugging#/runtime/this-firefox → Load Temporary Add-on → {}\n",
        chrome.display(),
        firefox.display()
    )
}

fn judge(status: ExitStatus) -> Result<()> {
    if status.success() { Ok(()) } else { Err(Failure::new(format!("the API ended with {status}"))) }
}

/// Ctrl-C, or what a supervisor sends.
#[cfg(unix)]
async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
async fn asked_to_end() {
    let _ = tokio::signal::ctrl_c().await;
}

/// Asks the API to end, and ends it where it does not.
async fn end(mut child: Child) -> Result<()> {
    if let Some(id) = child.id() {
        let mut kill = Command::new("kill");
        kill.args(["-TERM", &id.to_string()]);
        kill.status().map_err(|error| not_started(&kill, &error))?;
    }
    if tokio::time::timeout(PATIENCE, child.wait()).await.is_err() {
        child.kill().await.map_err(|error| Failure::new(format!("the API does not end: {error}")))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_sources_take_the_place_of_the_built_in_ones() {
        let workspace = Workspace::here().expect("a workspace");
        let options =
            Options { sources: vec!["a.txt".into()], release: false, serve: vec!["--no-probe".into()] };
        let line = crate::step::words(&command(&workspace, &options));
        assert!(line.ends_with("--pwa dist/pwa --sources a.txt --no-default-sources --no-probe"), "{line}");
    }

    #[test]
    fn without_sources_the_built_in_ones_are_used() {
        let workspace = Workspace::here().expect("a workspace");
        let options = Options { sources: vec![], release: false, serve: vec![] };
        assert!(!crate::step::words(&command(&workspace, &options)).contains("sources"));
    }
}
