//! What commands read: documents in files or on standard input.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use configstream_core::Proxy;
use configstream_core::document::{self, Facts, Hint, Reading, UnknownFormat};
use serde::Serialize;

use crate::age;
use crate::ending::Failure;

/// Which documents are read, and how.
#[derive(Clone, Debug, Args)]
pub struct InputArgs {
    /// Format to read; without it the format is detected.
    #[arg(long, value_name = "FORMAT")]
    pub from: Option<String>,
    /// A file with the keys (AGE-SECRET-KEY-1…, as age-keygen writes them) or the passphrase of documents
    /// that are encrypted with age.
    #[arg(long, value_name = "FILE")]
    pub age_key: Option<PathBuf>,
    /// Files to read; none or `-` reads standard input.
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// A rejected line as `--rejected` writes it.
#[derive(Debug, Serialize)]
pub(crate) struct Rejected {
    file: String,
    line: usize,
    byte: usize,
    reason: String,
}

/// What all files held together.
#[derive(Default)]
pub(crate) struct Lists {
    /// The proxies of each file.
    pub(crate) all: Vec<(String, Vec<Proxy>)>,
    pub(crate) rejected: Vec<Rejected>,
    /// Rejected lines beyond those that core names.
    pub(crate) unnamed: usize,
    /// What the files say of themselves.
    pub(crate) facts: Facts,
}

impl InputArgs {
    /// Reads all files, and says which cannot be read: one that is missing costs no other.
    pub(crate) fn lists(&self) -> Result<Lists, Failure> {
        let usage = |error: UnknownFormat| Failure::Usage(format!("--from: {error}"));
        self.read(&[], Hint::default()).map_err(usage)?;
        let keys = self.age_key.as_deref().map(keys).transpose()?;
        let mut lists = Lists::default();
        for file in inputs(&self.files) {
            match bytes(&file).and_then(|bytes| opened(bytes, keys.as_deref())) {
                Ok(bytes) => {
                    let hint = Hint::of_name(&file.to_string_lossy());
                    lists.add(&file, self.read(&bytes, hint).unwrap_or_default());
                }
                Err(error) => eprintln!("configstream: {} cannot be read: {error}", file.display()),
            }
        }
        Ok(lists)
    }

    /// Reads a document in the given format, or in the one that it looks like; its file's name may say what
    /// bare addresses speak.
    fn read(&self, bytes: &[u8], hint: Hint) -> Result<Reading, UnknownFormat> {
        match &self.from {
            Some(name) => document::read_as_hinted(name, bytes, hint),
            None => Ok(document::read_hinted(bytes, hint)),
        }
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

/// What a file holds, or standard input where it is `-`.
pub(crate) fn bytes(file: &Path) -> std::io::Result<Vec<u8>> {
    if file != Path::new("-") {
        return std::fs::read(file);
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Lists {
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
        self.all.push((file, reading.proxies));
    }

    /// How many were read, and how many lines were rejected for which reason, the most frequent first.
    pub(crate) fn summary(&self) -> String {
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for rejected in &self.rejected {
            *reasons.entry(&rejected.reason).or_default() += 1;
        }
        let mut reasons: Vec<_> = reasons.into_iter().collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let unnamed = Some(("further lines", self.unnamed)).filter(|(_, count)| *count > 0);
        let reasons = reasons.into_iter().chain(unnamed);
        let lines: Vec<String> = reasons.map(|(reason, count)| format!("{count:>8} × {reason}\n")).collect();
        let read: usize = self.all.iter().map(|(_, proxies)| proxies.len()).sum();
        let rejected = self.rejected.len() + self.unnamed;
        format!("{read} proxies, {rejected} rejected\n{}", lines.concat())
    }
}
