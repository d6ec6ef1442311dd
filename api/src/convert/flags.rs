//! The flags of `convert`, and what they come to.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, ValueEnum};
use configstream_core::Protocol;
use configstream_core::catalogue::Sameness;
use configstream_core::curate::{
    BadPattern, Choice, Curation, Flags, Override, Pattern, Place, Ports, Rename, Template,
};
use configstream_core::document::Shape;
use configstream_core::link;

use super::help;
use crate::input::InputArgs;

/// The flags of `convert`.
#[derive(Clone, Debug, Parser)]
#[command(after_help = help::tables())]
pub struct ConvertArgs {
    /// Format to write.
    #[arg(long, value_name = "FORMAT")]
    pub to: String,
    /// What is read.
    #[command(flatten)]
    pub input: InputArgs,
    /// The proxies alone, or a whole configuration that runs as it is, where the format has one.
    #[arg(long, value_name = "SHAPE", default_value = "list")]
    pub shape: ShapeArg,
    /// Write one file per proxy to this folder, instead of one document to standard output.
    #[arg(long, value_name = "DIR")]
    pub split: Option<PathBuf>,
    /// Write rejected lines with line number, byte offset and reason to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    pub rejected: Option<PathBuf>,
    /// Write what the format cannot hold, proxy by proxy, to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    pub losses: Option<PathBuf>,
    /// What happens to the list on its way.
    #[command(flatten)]
    pub list: ListArgs,
}

/// How much of a document is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ShapeArg {
    /// The proxies, and nothing else.
    List,
    /// Groups, name servers and rules, too.
    Configuration,
}

impl From<ShapeArg> for Shape {
    fn from(shape: ShapeArg) -> Self {
        match shape {
            ShapeArg::List => Self::List,
            ShapeArg::Configuration => Self::Configuration,
        }
    }
}

/// What happens to the list between reading and writing, in the order of its steps.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "The list, in the order in which it is done")]
pub struct ListArgs {
    /// Drop entries that only tell something: traffic left, expiry, web site. What they tell is said.
    #[arg(long)]
    pub no_information: bool,
    /// Drop what cannot be a public proxy: addresses of this machine, of private networks and of
    /// documentation, port 1.
    #[arg(long)]
    pub no_decoys: bool,
    /// Keep these protocols only (`vless,ss`).
    #[arg(long, value_name = "PROTOCOLS", value_delimiter = ',', value_parser = protocol)]
    pub protocol: Vec<Protocol>,
    /// Drop these protocols.
    #[arg(long, value_name = "PROTOCOLS", value_delimiter = ',', value_parser = protocol)]
    pub no_protocol: Vec<Protocol>,
    /// Keep these ports only (`443,8000-9000`).
    #[arg(long, value_name = "PORTS", value_delimiter = ',')]
    pub port: Vec<Ports>,
    /// Drop these ports.
    #[arg(long, value_name = "PORTS", value_delimiter = ',')]
    pub no_port: Vec<Ports>,
    /// Keep proxies whose name claims one of these countries or regions, by flag, word or code
    /// (`HK,Japan,europe`).
    #[arg(long, value_name = "COUNTRIES", value_delimiter = ',')]
    pub country: Vec<Place>,
    /// Drop them.
    #[arg(long, value_name = "COUNTRIES", value_delimiter = ',')]
    pub no_country: Vec<Place>,
    /// Keep proxies whose name matches this regular expression; repeatable, any of them will do. Upper and
    /// lower case differ unless it begins with `(?i)`.
    #[arg(long, value_name = "PATTERN")]
    pub keep: Vec<Pattern>,
    /// Drop them; goes before --keep. Repeatable.
    #[arg(long, value_name = "PATTERN")]
    pub drop: Vec<Pattern>,
    /// Whether UDP may be used; `unset` leaves it to the program.
    #[arg(long, value_name = "SETTING")]
    pub udp: Option<Switch>,
    /// TCP fast open.
    #[arg(long, value_name = "SETTING")]
    pub fast_open: Option<Switch>,
    /// `on` leaves certificates unchecked: anybody on the way can then pretend to be the proxy, and see
    /// where you go. `off` has them checked everywhere.
    #[arg(long, value_name = "SETTING")]
    pub insecure: Option<OnOff>,
    /// Merge proxies that are the same: by `fingerprint` (where bytes go and as whom), `endpoint` (host and
    /// port), `user` (that, protocol and user) or `all` but the name. The one that says most is kept.
    #[arg(long, value_name = "BY", value_parser = sameness())]
    pub dedup: Option<Sameness>,
    /// Take what matches out of names. Repeatable.
    #[arg(long, value_name = "PATTERN")]
    pub delete: Vec<Pattern>,
    /// Replace what matches in names: `^(..)-(\d+)=${1} no. $2`. Repeatable, one after the other.
    #[arg(long, value_name = "PATTERN=TEXT")]
    pub rename: Vec<Rename>,
    /// Make names anew from a text with fields in braces, as `{flag} {country}`. The fields are flag, country,
    /// code, protocol, network, host, port, name, and n for a number.
    #[arg(long, value_name = "TEMPLATE", value_parser = template)]
    pub name: Option<Template>,
    /// Flags in names: the country's is added where there is none, all are removed, or replaced by it.
    #[arg(long, value_name = "HOW")]
    pub flags: Option<FlagsArg>,
    /// Sort by name, numbers by their value.
    #[arg(long)]
    pub sort: bool,
    /// Write no more than this many.
    #[arg(long, value_name = "COUNT")]
    pub limit: Option<usize>,
}

/// What a setting becomes.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Switch {
    /// Yes.
    On,
    /// No.
    Off,
    /// Nothing is said.
    Unset,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnOff {
    /// Yes.
    On,
    /// No.
    Off,
}

/// What happens to flags.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum FlagsArg {
    /// Where there is none.
    Add,
    /// All of them.
    Remove,
    /// All of them, by the country's.
    Replace,
}

fn protocol(word: &str) -> Result<Protocol, String> {
    let known = Protocol::ALL.map(Protocol::key).join(", ");
    link::protocol(word.trim()).ok_or_else(|| format!("expected one of {known}, or a scheme of links"))
}

fn template(text: &str) -> Result<Template, BadPattern> {
    text.parse()
}

fn sameness() -> impl TypedValueParser<Value = Sameness> {
    let named = |key: String| Sameness::ALL.into_iter().find(|one| one.key() == key).unwrap_or_default();
    PossibleValuesParser::new(Sameness::ALL.map(Sameness::key)).map(named)
}

fn switch(given: Option<Switch>) -> Override {
    match given {
        None => Override::Leave,
        Some(Switch::On) => Override::Set(true),
        Some(Switch::Off) => Override::Set(false),
        Some(Switch::Unset) => Override::Unset,
    }
}

impl From<FlagsArg> for Flags {
    fn from(flags: FlagsArg) -> Self {
        match flags {
            FlagsArg::Add => Self::Add,
            FlagsArg::Remove => Self::Remove,
            FlagsArg::Replace => Self::Replace,
        }
    }
}

impl ListArgs {
    /// What the flags ask for.
    pub fn curation(&self) -> Curation {
        Curation {
            no_information: self.no_information,
            no_decoys: self.no_decoys,
            protocols: choice(&self.protocol, &self.no_protocol),
            ports: choice(&self.port, &self.no_port),
            places: choice(&self.country, &self.no_country),
            names: choice(&self.keep, &self.drop),
            udp: switch(self.udp),
            fast_open: switch(self.fast_open),
            insecure: self.insecure.map(|insecure| insecure == OnOff::On),
            merge: self.dedup,
            delete: self.delete.clone(),
            rename: self.rename.clone(),
            template: self.name.clone(),
            flags: self.flags.map(Flags::from),
            sort: self.sort,
            limit: self.limit,
        }
    }
}

fn choice<T: Clone>(keep: &[T], drop: &[T]) -> Choice<T> {
    Choice { keep: keep.to_vec(), drop: drop.to_vec() }
}
