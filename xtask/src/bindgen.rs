//! From cargo's wasm to what a browser loads: the wasm and its JavaScript, made by wasm-bindgen as a
//! library, so that no tool has to be installed and versions cannot differ.
//!
//! Both this and the measuring compression take seconds, so the outcome stays in the target folder
//! beside a stamp of the wasm that it came from.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::Hasher;
use std::path::{Path, PathBuf};

use wasm_bindgen_cli_support::Bindgen;

use crate::folder::Folder;
use crate::step::{Failure, Result, step};
use crate::wasm::Program;
use crate::workspace::Workspace;

/// A program ready for dist.
pub(crate) struct Bound {
    /// Its files.
    pub(crate) files: Folder,
    /// What its wasm weighs.
    pub(crate) size: Size,
}

/// What a wasm file weighs, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    /// As it lies in the folder.
    pub(crate) raw: usize,
    /// As a server sends it: brotli, quality 11.
    pub(crate) brotli: usize,
}

/// The browser's files of a compiled program; made only where its wasm has changed.
pub(crate) fn bind(workspace: &Workspace, program: &Program) -> Result<Bound> {
    let input = program.file(workspace);
    let wasm = fs::read(&input).map_err(Failure::at(&input))?;
    let place = workspace.output("bindgen").join(program.stem);
    let stamp = Stamp { file: place.with_extension("stamp"), hash: hash(&wasm) };
    let size = match stamp.read() {
        Some(size) if place.is_dir() => size,
        _ => step(&format!("bind and weigh {}", program.stem), || make(&input, &place, program, &stamp))?,
    };
    Ok(Bound { files: Folder::read(&place)?, size })
}

fn make(input: &Path, place: &Path, program: &Program, stamp: &Stamp) -> Result<Size> {
    if place.exists() {
        fs::remove_dir_all(place).map_err(Failure::at(place))?;
    }
    generate(input, place, program.stem)
        .map_err(|error| Failure::new(format!("wasm-bindgen on {}: {error:#}", input.display())))?;
    let output = place.join(format!("{}_bg.wasm", program.stem));
    let wasm = fs::read(&output).map_err(Failure::at(&output))?;
    let size = Size { raw: wasm.len(), brotli: compressed(&wasm)? };
    stamp.write(size)?;
    Ok(size)
}

fn generate(input: &Path, place: &Path, stem: &str) -> std::result::Result<(), impl std::fmt::Display> {
    let mut bindgen = Bindgen::new();
    bindgen.web(true).and_then(|bindgen| {
        bindgen
            .omit_default_module_path(true)
            .typescript(false)
            .remove_name_section(true)
            .remove_producers_section(true)
            .out_name(stem)
            .input_path(input)
            .generate(place)
    })
}

fn compressed(bytes: &[u8]) -> Result<usize> {
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut std::io::sink(), &parameters)
        .map_err(|error| Failure::new(format!("brotli: {error}")))
}

/// Tells one wasm from another; only compared with what the same program wrote before.
fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

/// What a folder of bound files was made from, and what its wasm weighs.
struct Stamp {
    file: PathBuf,
    hash: u64,
}

impl Stamp {
    /// The sizes, if the files were made from the same wasm.
    fn read(&self) -> Option<Size> {
        parse_stamp(&fs::read_to_string(&self.file).ok()?, self.hash)
    }

    fn write(&self, size: Size) -> Result<()> {
        fs::write(&self.file, print_stamp(self.hash, size)).map_err(Failure::at(&self.file))
    }
}

fn print_stamp(hash: u64, size: Size) -> String {
    format!("{hash:016x} {} {}\n", size.raw, size.brotli)
}

fn parse_stamp(text: &str, hash: u64) -> Option<Size> {
    let mut words = text.split_whitespace();
    let same = u64::from_str_radix(words.next()?, 16).ok()? == hash;
    let size = Size { raw: words.next()?.parse().ok()?, brotli: words.next()?.parse().ok()? };
    same.then_some(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { raw: 1200, brotli: 300 };

    #[test]
    fn a_stamp_reads_back_for_the_same_wasm_only() {
        let text = print_stamp(7, SIZE);
        assert_eq!(parse_stamp(&text, 7), Some(SIZE));
        assert_eq!(parse_stamp(&text, 8), None);
    }

    #[test]
    fn a_damaged_stamp_counts_as_none() {
        assert_eq!(parse_stamp("", 0), None);
        assert_eq!(parse_stamp("0000000000000007 12", 7), None);
    }

    #[test]
    fn brotli_makes_a_run_of_zeros_small() {
        let size = compressed(&[0; 10_000]).expect("memory does not fail");
        assert!(size < 100, "{size}");
    }
}
