//! `run`: the hosted API and the PWA on this machine, and how to load the extension.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use clap::Args;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout};

use crate::dist;
use crate::step::{Failure, Result, call, ended_well, not_started, step};
use crate::workspace::Workspace;

/// How to run.
#[derive(Args)]
pub(crate) struct Options {
    /// A file, folder or address that lists proxies, besides the built-in ones.
    #[arg(long, num_args = 1.., value_name = "FILE|URL")]
    sources: Vec<String>,
    /// Build the API for speed.
    #[arg(long)]
    release: bool,
    /// More arguments for `configstream serve`.
    #[arg(last = true)]
    serve: Vec<String>,
}

/// Where the API listens, unless it is told otherwise.
const LISTEN: &str = "127.0.0.1:8080";

/// What the API prints, once, when it answers.
const READY: &str = "listening on ";

/// How long the API may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(5);

/// Builds everything and serves until Ctrl-C.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let listen = Listen::of(&options.serve);
    listen.ensure_free()?;
    let command = command(workspace, options, &listen)?;
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
    runtime.block_on(serve(workspace, command))
}

/// Where the API will listen.
#[derive(Debug, PartialEq, Eq)]
enum Listen {
    /// Where it does by default.
    Default,
    /// Where these arguments or the environment say.
    At(String),
    /// Where a configuration file may say, which only the API reads.
    Unknown,
}

impl Listen {
    fn of(arguments: &[String]) -> Self {
        match (said(arguments, "--listen"), said(arguments, "--config")) {
            (Some(address), _) => Self::At(address),
            (None, Some(_)) => Self::Unknown,
            (None, None) => Self::Default,
        }
    }

    /// A failure where somebody listens there already. What is no address is the API's to refuse.
    fn ensure_free(&self) -> Result<()> {
        let address = match self {
            Self::Default => LISTEN,
            Self::At(address) => address,
            Self::Unknown => return Ok(()),
        };
        match TcpListener::bind(address) {
            Err(error) if error.kind() == ErrorKind::AddrInUse => Err(Failure::new(format!(
                "{address} is in use: end what listens there, or `cargo xtask run -- --listen 127.0.0.1:9090`"
            ))),
            _ => Ok(()),
        }
    }
}

/// What the caller says of a flag: after `=`, as the next argument, or in the API's variable for it.
fn said(arguments: &[String], flag: &str) -> Option<String> {
    let Some(place) = arguments.iter().position(|word| word.split('=').next() == Some(flag)) else {
        let name = flag.trim_start_matches('-').to_ascii_uppercase();
        return std::env::var(format!("CONFIGSTREAM_{name}")).ok();
    };
    let after = arguments.get(place + 1).map_or("", String::as_str);
    Some(arguments[place].split_once('=').map_or(after, |(_, value)| value).to_owned())
}

/// A source as the API finds it from another folder than the caller's.
fn source(given: &str) -> Result<String> {
    if given.contains("://") {
        return Ok(given.to_owned());
    }
    let place = std::path::absolute(given).map_err(Failure::at(Path::new(given)))?;
    Ok(place.to_string_lossy().into_owned())
}

fn command(workspace: &Workspace, options: &Options, listen: &Listen) -> Result<Command> {
    let profile = if options.release { "release" } else { "debug" };
    let mut command = Command::new(workspace.output(profile).join("configstream"));
    command.arg("serve");
    if *listen == Listen::Default {
        command.args(["--listen", LISTEN]);
    }
    for [flag, value] in [["--data", "data"], ["--pwa", "dist/pwa"]] {
        if said(&options.serve, flag).is_none() {
            command.args([flag, value]);
        }
    }
    for given in &options.sources {
        command.args(["--sources", &source(given)?]);
    }
    command.args(&options.serve).current_dir(workspace.at(""));
    Ok(command)
}

async fn serve(workspace: &Workspace, command: Command) -> Result<()> {
    let failed = |error: std::io::Error| Failure::new(format!("the API did not start: {error}"));
    let mut child = tokio::process::Command::from(command).stdout(Stdio::piped()).spawn().map_err(failed)?;
    if let Some(output) = child.stdout.take() {
        let extension = extension_hint(workspace);
        tokio::spawn(async move { announce(output, &extension).await });
    }
    tokio::select! {
        ended = child.wait() => ended_well(ended.map_err(failed)?, || "the API".to_owned()),
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

    fn line(sources: &[&str], serve: &[&str]) -> String {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let options = Options { sources: owned(sources), release: false, serve: owned(serve) };
        let workspace = Workspace::here().expect("a workspace");
        let command = command(&workspace, &options, &Listen::of(&options.serve)).expect("names are paths");
        crate::step::words(&command)
    }

    #[test]
    fn own_sources_are_added_to_the_built_in_ones() {
        let line = line(&["https://lists.example/a.txt", "/srv/b.txt"], &["--no-probe"]);
        let end = " --sources https://lists.example/a.txt --sources /srv/b.txt --no-probe";
        assert!(line.ends_with(end) && !line.contains("--no-default-sources"), "{line}");
    }

    #[test]
    fn a_file_is_looked_for_where_the_caller_is() {
        let here = std::env::current_dir().expect("a folder").join("lists/a.txt");
        assert_eq!(source("lists/a.txt").expect("a path"), here.to_string_lossy());
    }

    #[test]
    fn what_the_caller_says_takes_the_place_of_the_default() {
        assert!(line(&[], &[]).contains("--listen 127.0.0.1:8080"));
        for said in [&["--listen", "127.0.0.1:9090"][..], &["--no-probe", "--listen=127.0.0.1:9090"]] {
            assert_eq!(line(&[], said).matches("--listen").count(), 1, "{said:?}");
        }
        assert!(line(&[], &["--data", "/srv/data"]).ends_with("--pwa dist/pwa --data /srv/data"));
        assert!(!line(&[], &["--config", "mine.toml"]).contains("--listen"));
    }

    #[test]
    fn a_port_in_use_is_told_in_one_line() {
        let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = taken.local_addr().expect("an address").to_string();
        let failure = Listen::At(address.clone()).ensure_free().expect_err("it is taken");
        assert!(failure.to_string().starts_with(&format!("{address} is in use: ")), "{failure}");
        drop(taken);
        assert!(Listen::At(address).ensure_free().is_ok());
    }
}
