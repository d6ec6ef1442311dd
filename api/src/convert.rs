//! `configstream convert`: documents in, one document out, or a file for each proxy.

mod flags;
mod help;
mod output;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use configstream_core::Proxy;
use configstream_core::curate::{Curated, Known};
use configstream_core::document::{self, Facts, Hint, Loss, Reading, Shape, UnknownFormat};
use serde::Serialize;

pub use flags::{ConvertArgs, FlagsArg, ListArgs, OnOff, ShapeArg, Switch};

use crate::age;

/// Exit status: no proxy was read or none is left, or the result could not be written.
const NOTHING: u8 = 1;
/// Exit status: the command line asks for something that there is not.
const WRONG_USAGE: u8 = 2;

/// A rejected line as `--rejected` writes it.
#[derive(Debug, Serialize)]
struct Rejected {
    file: String,
    line: usize,
    byte: usize,
    reason: String,
}

/// What all files held together.
#[derive(Default)]
struct Total {
    /// The proxies of each file.
    lists: Vec<(String, Vec<Proxy>)>,
    rejected: Vec<Rejected>,
    /// Rejected lines beyond those that core names.
    unnamed: usize,
    /// What the files say of themselves.
    facts: Facts,
}

/// Why there is no result.
enum Failure {
    Usage(String),
    Output(String),
}

/// Converts. The exit status is 0 when at least one proxy is left, 1 when none, 2 for wrong usage.
pub fn run(args: &ConvertArgs) -> ExitCode {
    match convert(args) {
        Ok(0) => ExitCode::from(NOTHING),
        Ok(_) => ExitCode::SUCCESS,
        Err(Failure::Usage(message)) => fail(&message, WRONG_USAGE),
        Err(Failure::Output(message)) => fail(&message, NOTHING),
    }
}

fn fail(message: &str, status: u8) -> ExitCode {
    eprintln!("configstream: {message}");
    ExitCode::from(status)
}

/// Converts; how many proxies are left.
fn convert(args: &ConvertArgs) -> Result<usize, Failure> {
    document::write(&args.to, &[], Shape::List).map_err(|error| usage("--to", &error))?;
    read(args, &[], Hint::default()).map_err(|error| usage("--from", &error))?;
    let keys = args.age_key.as_deref().map(keys).transpose()?;
    let mut total = Total::default();
    for file in inputs(&args.files) {
        match read_bytes(&file).and_then(|bytes| opened(bytes, keys.as_deref())) {
            Ok(bytes) => {
                let hint = Hint::of_name(&file.to_string_lossy());
                total.add(&file, read(args, &bytes, hint).unwrap_or_default());
            }
            Err(error) => eprintln!("configstream: {} cannot be read: {error}", file.display()),
        }
    }
    eprint!("{}", total.summary());
    if let Some(path) = &args.rejected {
        output::json(path, &total.rejected)?;
    }
    let (files, lists): (Vec<_>, Vec<_>) = total.lists.into_iter().unzip();
    let lists = files.iter().map(String::as_str).zip(lists);
    let curated = args.list.curation().apply(lists, &Known::default());
    total.facts.add(&curated.facts);
    eprint!("{}", around(&curated, &total.facts));
    let proxies: Vec<_> = curated.listed.into_iter().map(|listed| listed.proxy).collect();
    let losses = write(args, &proxies)?;
    eprint!("{}", output::summary(&losses));
    Ok(proxies.len())
}

/// Writes what is left, and says what the format could not hold.
fn write(args: &ConvertArgs, proxies: &[Proxy]) -> Result<Vec<Loss>, Failure> {
    let shape = args.shape.into();
    let losses = match &args.split {
        _ if proxies.is_empty() => Vec::new(),
        Some(folder) => output::split(&args.to, proxies, shape, folder)?,
        None => output::one(&args.to, proxies, shape)?,
    };
    if let Some(path) = &args.losses {
        output::losses(path, &losses, proxies)?;
    }
    Ok(losses)
}

fn usage(flag: &str, error: &UnknownFormat) -> Failure {
    Failure::Usage(format!("{flag}: {error}"))
}

/// Reads a document in the given format, or in the one that it looks like; its file's name may say what
/// bare addresses speak.
fn read(args: &ConvertArgs, bytes: &[u8], hint: Hint) -> Result<Reading, UnknownFormat> {
    match &args.from {
        Some(name) => document::read_as_hinted(name, bytes, hint),
        None => Ok(document::read_hinted(bytes, hint)),
    }
}

/// The keys of `--age-key`.
fn keys(path: &Path) -> Result<Vec<age::Key>, Failure> {
    let wrong = |error: String| Failure::Usage(format!("--age-key {}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    age::keys(&text).map_err(|error| wrong(error.to_string()))
}

/// A document, decrypted where it is encrypted and there are keys. Without keys core says what is missing.
fn opened(bytes: Vec<u8>, keys: Option<&[age::Key]>) -> std::io::Result<Vec<u8>> {
    match keys {
        Some(keys) if document::is_age(&bytes) => age::open(&bytes, keys).map_err(std::io::Error::other),
        _ => Ok(bytes),
    }
}

/// `-`, and no file at all, is standard input.
fn inputs(files: &[PathBuf]) -> Vec<PathBuf> {
    if files.is_empty() { vec!["-".into()] } else { files.to_vec() }
}

fn read_bytes(file: &Path) -> std::io::Result<Vec<u8>> {
    if file != Path::new("-") {
        return std::fs::read(file);
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Total {
    fn add(&mut self, file: &Path, reading: Reading) {
        let file = file.display().to_string();
        self.unnamed += reading.unnamed;
        self.facts.add(&reading.facts);
        self.rejected.extend(reading.rejected.into_iter().map(|rejected| Rejected {
            file: file.clone(),
            line: rejected.place.line,
            byte: rejected.place.byte,
            reason: rejected.reason.to_string(),
        }));
        self.lists.push((file, reading.proxies));
    }

    /// How many were read, and how many lines were rejected for which reason, the most frequent first.
    fn summary(&self) -> String {
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for rejected in &self.rejected {
            *reasons.entry(&rejected.reason).or_default() += 1;
        }
        let mut reasons: Vec<_> = reasons.into_iter().collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let unnamed = Some(("further lines", self.unnamed)).filter(|(_, count)| *count > 0);
        let reasons = reasons.into_iter().chain(unnamed);
        let lines: Vec<String> = reasons.map(|(reason, count)| format!("{count:>8} × {reason}\n")).collect();
        let read: usize = self.lists.iter().map(|(_, proxies)| proxies.len()).sum();
        let rejected = self.rejected.len() + self.unnamed;
        format!("{read} proxies, {rejected} rejected\n{}", lines.concat())
    }
}

/// What happened around the list, and what the lists say of themselves; empty where nothing did.
fn around(curated: &Curated, facts: &Facts) -> String {
    let report = curated.report.to_string();
    let left =
        if report.is_empty() { String::new() } else { format!("{} left\n{report}", curated.listed.len()) };
    let facts = facts.to_string();
    let said = facts.lines().flat_map(|line| ["         ", line, "\n"]);
    let title = if facts.is_empty() { "" } else { "the lists say of themselves\n" };
    left + title + &said.collect::<String>()
}
