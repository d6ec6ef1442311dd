//! `configstream convert`: documents in, one document out.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use configstream_core::Proxy;
use configstream_core::document::{self, Hint, Reading, Shape, UnknownFormat};
use serde::Serialize;

use crate::args::ConvertArgs;

/// Exit status: no proxy was read, or the result could not be written.
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
    proxies: Vec<Proxy>,
    rejected: Vec<Rejected>,
    /// Rejected lines beyond those that core names.
    unnamed: usize,
}

/// Why there is no result.
enum Failure {
    Usage(String),
    Output(String),
}

/// Converts. The exit status is 0 when at least one proxy was read, 1 when none, 2 for wrong usage.
pub fn run(args: &ConvertArgs) -> ExitCode {
    match convert(args) {
        Ok(total) if total.proxies.is_empty() => ExitCode::from(NOTHING),
        Ok(_) => ExitCode::SUCCESS,
        Err(Failure::Usage(message)) => fail(&message, WRONG_USAGE),
        Err(Failure::Output(message)) => fail(&message, NOTHING),
    }
}

fn fail(message: &str, status: u8) -> ExitCode {
    eprintln!("configstream: {message}");
    ExitCode::from(status)
}

fn convert(args: &ConvertArgs) -> Result<Total, Failure> {
    document::write(&args.to, &[], Shape::List).map_err(|error| usage("--to", &error))?;
    read(args, &[], Hint::default()).map_err(|error| usage("--from", &error))?;
    let mut total = Total::default();
    for file in inputs(&args.files) {
        match read_bytes(&file) {
            Ok(bytes) => {
                let hint = Hint::of_name(&file.to_string_lossy());
                total.add(&file, read(args, &bytes, hint).unwrap_or_default());
            }
            Err(error) => eprintln!("configstream: {} cannot be read: {error}", file.display()),
        }
    }
    if !total.proxies.is_empty() {
        print(&document::write(&args.to, &total.proxies, Shape::List).unwrap_or_default().text)?;
    }
    if let Some(path) = &args.rejected {
        write_rejected(path, &total.rejected)?;
    }
    eprint!("{}", summary(&total));
    Ok(total)
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
        self.unnamed += reading.unnamed;
        self.proxies.extend(reading.proxies);
        self.rejected.extend(reading.rejected.into_iter().map(|rejected| Rejected {
            file: file.display().to_string(),
            line: rejected.place.line,
            byte: rejected.place.byte,
            reason: rejected.reason.to_string(),
        }));
    }
}

/// Whoever stops reading early, as `head` does, has what it wants.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Output(format!("the result cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

fn write_rejected(path: &Path, rejected: &[Rejected]) -> Result<(), Failure> {
    let bytes = serde_json::to_vec_pretty(rejected).unwrap_or_default();
    let cannot = |error| Failure::Output(format!("{} cannot be written: {error}", path.display()));
    std::fs::write(path, bytes).map_err(cannot)
}

/// How many were read, and how many lines were rejected for which reason, the most frequent first.
fn summary(total: &Total) -> String {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for rejected in &total.rejected {
        *reasons.entry(&rejected.reason).or_default() += 1;
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let unnamed = Some(("further lines", total.unnamed)).filter(|(_, count)| *count > 0);
    let reasons = reasons.into_iter().chain(unnamed);
    let lines: Vec<String> = reasons.map(|(reason, count)| format!("{count:>8} × {reason}\n")).collect();
    let rejected = total.rejected.len() + total.unnamed;
    format!("{} proxies, {rejected} rejected\n{}", total.proxies.len(), lines.concat())
}
