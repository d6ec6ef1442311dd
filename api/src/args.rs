//! What the command line, the environment and the configuration file say, and what it comes to.
//!
//! Order: flag, `CONFIGSTREAM_…` variable, `--config` file, default. In the file a flag is written
//! without its dashes:
//!
//! ```toml
//! listen = "127.0.0.1:8080"
//! sources = ["my-proxies.txt", "https://example.org/list.txt"]
//! refresh-minutes = 30
//! ```

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{ArgAction, Parser, Subcommand};
use configstream_core::score::model::Model;
use serde::Deserialize;
use url::Url;

use crate::catalogue::query::QueryArgs;
use crate::catalogue::score::ScoreArgs;
use crate::catalogue::stats::StatsArgs;
use crate::convert::ConvertArgs;
use crate::reliability::{self, SHIPPED};
use crate::train::TrainArgs;

/// Turns proxy and VPN subscriptions into one ranked, tested list.
#[derive(Debug, Parser)]
#[command(name = "configstream", version, about)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Fetch sources, test what they list, and serve the result over HTTP.
    Serve(Box<ServeArgs>),
    /// Read files or standard input and write every proxy in another format.
    Convert(Box<ConvertArgs>),
    /// Search documents or a snapshot, and print the rows that match.
    Query(Box<QueryArgs>),
    /// Count the rows of documents or of a snapshot.
    Stats(Box<StatsArgs>),
    /// Score the rows of documents or of a snapshot, by weights of your own, and say why.
    Score(Box<ScoreArgs>),
    /// Learn from a history how likely proxies are to answer, and write the model with its quality.
    Train(Box<TrainArgs>),
}

/// The flags of `serve`, each unset unless given.
#[derive(Clone, Debug, Default, Parser)]
pub struct ServeArgs {
    /// Address to listen on; port 0 takes a free one [default: 127.0.0.1:8080].
    #[arg(long, env = "CONFIGSTREAM_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// Folder for the database [default: configstream-data].
    #[arg(long, env = "CONFIGSTREAM_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// A list of proxies, a folder of lists, or a .toml file that names sources. Repeatable; in
    /// `CONFIGSTREAM_SOURCES` separated by blanks.
    #[arg(long, value_name = "FILE|URL|FOLDER")]
    pub sources: Vec<String>,
    /// Leave out the sources that come with the program.
    #[arg(long, env = "CONFIGSTREAM_NO_DEFAULT_SOURCES", action = ArgAction::SetTrue,
          value_parser = BoolishValueParser::new())]
    pub no_default_sources: bool,
    /// A TOML file with these settings.
    #[arg(long, env = "CONFIGSTREAM_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The judge that probes talk to. Repeatable; in `CONFIGSTREAM_JUDGE` separated by blanks.
    #[arg(long, value_name = "URL")]
    pub judge: Vec<String>,
    /// The address under which the world reaches this API; its /api/v1/exit becomes the judge.
    #[arg(long, env = "CONFIGSTREAM_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<Url>,
    /// Folder of the PWA, served at `/`.
    #[arg(long, env = "CONFIGSTREAM_PWA", value_name = "DIR")]
    pub pwa: Option<PathBuf>,
    /// What predicts how likely proxies are to answer: a model that `train` wrote, `shipped`, or `none` for
    /// the smoothed rate of each proxy alone. The one that is shipped learned from public HTTP proxies of
    /// 2021: once there is a history of your own, train one on it [default: shipped].
    #[arg(long, env = "CONFIGSTREAM_MODEL", value_name = "FILE|shipped|none")]
    pub model: Option<String>,
    /// Do not test proxies.
    #[arg(long, env = "CONFIGSTREAM_NO_PROBE", action = ArgAction::SetTrue,
          value_parser = BoolishValueParser::new())]
    pub no_probe: bool,
    /// A reverse proxy whose X-Forwarded-For is believed. Repeatable; in
    /// `CONFIGSTREAM_TRUSTED_PROXY` separated by blanks.
    #[arg(long, value_name = "ADDRESS")]
    pub trusted_proxy: Vec<String>,
    /// Minutes between fetches [default: 60].
    #[arg(long, env = "CONFIGSTREAM_REFRESH_MINUTES", value_name = "MINUTES",
          value_parser = clap::value_parser!(u64).range(1..))]
    pub refresh_minutes: Option<u64>,
    /// Tests at one time [default: 128].
    #[arg(long, env = "CONFIGSTREAM_PROBE_PARALLEL", value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub probe_parallel: Option<u32>,
    /// Seconds that a test may take [default: 8].
    #[arg(long, env = "CONFIGSTREAM_PROBE_SECONDS", value_name = "SECONDS",
          value_parser = clap::value_parser!(u64).range(1..=120))]
    pub probe_seconds: Option<u64>,
}

/// The configuration file.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    listen: Option<SocketAddr>,
    data: Option<PathBuf>,
    sources: Vec<String>,
    no_default_sources: bool,
    judge: Vec<String>,
    public_url: Option<String>,
    pwa: Option<PathBuf>,
    model: Option<String>,
    no_probe: bool,
    trusted_proxy: Vec<String>,
    refresh_minutes: Option<u64>,
    probe_parallel: Option<u32>,
    probe_seconds: Option<u64>,
}

/// What `serve` runs with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Folder of the database.
    pub data: PathBuf,
    /// Files, folders and addresses, as given.
    pub sources: Vec<String>,
    /// Whether the program's own sources are fetched too.
    pub default_sources: bool,
    /// The judges that were set.
    pub judges: Vec<Url>,
    /// Where the world reaches this API.
    pub public_url: Option<Url>,
    /// Folder of the PWA.
    pub pwa: Option<PathBuf>,
    /// What predicts how likely proxies are to answer; `None` for smoothed rates alone.
    pub model: Option<Model>,
    /// Whether proxies are tested.
    pub probe: bool,
    /// Whose X-Forwarded-For is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Time between fetches.
    pub refresh: Duration,
    /// Tests at one time.
    pub probe_parallel: usize,
    /// How long a test may take.
    pub probe_timeout: Duration,
}

/// Why the settings cannot be used. The message names the setting and what it takes.
#[derive(Debug, thiserror::Error)]
pub enum BadSettings {
    /// The file of `--config` cannot be read.
    #[error("--config {path}: {reason}")]
    Config {
        /// The file.
        path: String,
        /// What was wrong.
        reason: String,
    },
    /// What `--model` names is none.
    #[error("--model {name}: {reason}")]
    Model {
        /// What was given.
        name: String,
        /// What was wrong.
        reason: String,
    },
    /// A value that its setting does not take.
    #[error("{name} {value:?}: expected {expected}")]
    Value {
        /// The flag.
        name: &'static str,
        /// What was given.
        value: String,
        /// What it takes.
        expected: &'static str,
    },
}

impl ServeArgs {
    /// Flags, environment, file and defaults in one.
    pub fn settings(&self) -> Result<Settings, BadSettings> {
        let file = self.read_file()?;
        let list = |flag: &[String], variable, file: Vec<String>| first_given(flag, variable, file);
        let judges = list(&self.judge, "CONFIGSTREAM_JUDGE", file.judge);
        let trusted = list(&self.trusted_proxy, "CONFIGSTREAM_TRUSTED_PROXY", file.trusted_proxy);
        let public: Vec<String> = file.public_url.into_iter().collect();
        let public = each(&public, "public-url", "an address such as https://example.org")?;
        let minutes = self.refresh_minutes.or(file.refresh_minutes).unwrap_or(60).max(1);
        let seconds = self.probe_seconds.or(file.probe_seconds).unwrap_or(8).clamp(1, 120);
        let parallel = self.probe_parallel.or(file.probe_parallel).unwrap_or(128).clamp(1, 4096);
        Ok(Settings {
            listen: self.listen.or(file.listen).unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080))),
            data: self.data.clone().or(file.data).unwrap_or_else(|| "configstream-data".into()),
            sources: list(&self.sources, "CONFIGSTREAM_SOURCES", file.sources),
            default_sources: !(self.no_default_sources || file.no_default_sources),
            judges: each(&judges, "--judge", "an address such as https://example.org/api/v1/exit")?,
            public_url: self.public_url.clone().or(public.into_iter().next()),
            pwa: self.pwa.clone().or(file.pwa),
            model: named_model(self.model.as_ref().or(file.model.as_ref()))?,
            probe: !(self.no_probe || file.no_probe),
            trusted_proxies: each(&trusted, "--trusted-proxy", "an address such as 127.0.0.1")?,
            refresh: Duration::from_secs(minutes * 60),
            probe_parallel: parallel as usize,
            probe_timeout: Duration::from_secs(seconds),
        })
    }

    fn read_file(&self) -> Result<File, BadSettings> {
        let Some(path) = &self.config else { return Ok(File::default()) };
        let bad = |reason: String| BadSettings::Config { path: path.display().to_string(), reason };
        let text = std::fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
        toml::from_str(&text).map_err(|error| bad(error.to_string()))
    }
}

fn named_model(given: Option<&String>) -> Result<Option<Model>, BadSettings> {
    let name = given.map_or(SHIPPED, String::as_str);
    reliability::model(name).map_err(|reason| BadSettings::Model { name: name.to_owned(), reason })
}

fn first_given(flag: &[String], variable: &str, file: Vec<String>) -> Vec<String> {
    if !flag.is_empty() {
        return flag.to_vec();
    }
    let set = std::env::var(variable).unwrap_or_default();
    let words: Vec<String> = set.split_whitespace().map(str::to_owned).collect();
    if words.is_empty() { file } else { words }
}

fn each<T: std::str::FromStr>(
    texts: &[String],
    name: &'static str,
    expected: &'static str,
) -> Result<Vec<T>, BadSettings> {
    let read =
        |text: &String| text.parse().map_err(|_| BadSettings::Value { name, value: text.clone(), expected });
    texts.iter().map(read).collect()
}
