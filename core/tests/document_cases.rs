//! The cases in `documents/<format>/`: a document, and beside it, in `<case>.expect.json`, the format that
//! it is recognised as, the fields of its proxies (`null`: not there), and what is rejected where and why.

use std::path::{Path, PathBuf};

use configstream_core::Proxy;
use configstream_core::document::json::case;
use configstream_core::document::{self, READERS, Shape, WRITERS, Writer};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents")
}

/// The documents of a format.
fn documents(format: &str) -> Vec<PathBuf> {
    let Ok(files) = root().join(format).read_dir() else { return Vec::new() };
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|path| !path.to_string_lossy().ends_with(".expect.json"));
    files.sort();
    files
}

fn expected(document: &Path) -> Value {
    let path = document.with_extension("expect.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn all() -> impl Iterator<Item = (&'static str, PathBuf)> {
    READERS.iter().flat_map(|format| documents(format.name()).into_iter().map(|path| (format.name(), path)))
}

fn read(path: &Path) -> Value {
    let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    serde_json::from_str(&case("document", &text)).unwrap()
}

/// Where what was found is not what was expected.
fn misses(expected: &Value, found: &Value) -> Vec<String> {
    let mut misses = Vec::new();
    if expected["format"] != found["format"] {
        misses.push(format!("format: expected {}, found {}", expected["format"], found["format"]));
    }
    for list in ["proxies", "rejected"] {
        let (expected, found) = (items(&expected[list]), items(&found[list]));
        if expected.len() != found.len() {
            misses.push(format!("expected {} {list}, found {}: {found:?}", expected.len(), found.len()));
        }
        for (index, (expected, found)) in expected.iter().zip(found).enumerate() {
            let fields = expected.as_object().expect("an object of fields");
            let wrong = fields.iter().filter(|(name, value)| !holds(name, value, &found[*name]));
            misses.extend(wrong.map(|(name, value)| {
                format!("{list} {index}: {name}: expected {value}, found {}", found[name])
            }));
        }
    }
    misses
}

/// A reason must hold the words of the expected one, any other field be the same.
fn holds(name: &str, expected: &Value, found: &Value) -> bool {
    match (expected.as_str(), found.as_str()) {
        (Some(words), Some(reason)) if name == "reason" => reason.contains(words),
        _ => expected == found,
    }
}

fn items(list: &Value) -> &[Value] {
    list.as_array().map_or(&[], Vec::as_slice)
}

#[test]
fn every_case_holds() {
    let misses = all().flat_map(|(_, path)| {
        let misses = misses(&expected(&path), &read(&path));
        misses.into_iter().map(move |miss| format!("{}: {miss}", path.display()))
    });
    let misses: Vec<_> = misses.collect();
    assert!(misses.is_empty(), "\n{}", misses.join("\n"));
}

/// A format may be written for several programs, none of which has everything. The proxies of a document
/// are written together: some go through others.
#[test]
fn what_was_read_in_a_format_is_written_in_it_without_a_loss() {
    for (format, path) in all() {
        let proxies = document::read(&std::fs::read(&path).unwrap()).proxies;
        let writers: Vec<_> = WRITERS.iter().filter(|writer| writer.reader().name() == format).collect();
        for shape in [Shape::List, Shape::Configuration] {
            let all: Vec<_> = writers.iter().map(|writer| losses(**writer, &proxies, shape)).collect();
            for index in 0..proxies.len() {
                let lost: Vec<_> = all.iter().filter_map(|losses| losses[index].as_deref()).collect();
                let held = lost.is_empty() || lost.contains(&"");
                assert!(held, "{}: {index}: {}", path.display(), lost.join("\n"));
            }
        }
    }
}

/// What a writer loses of each proxy: `None` of one that its program cannot use.
fn losses(writer: &dyn Writer, proxies: &[Proxy], shape: Shape) -> Vec<Option<String>> {
    let written = document::write(writer.name(), proxies, shape).unwrap();
    let of = |index| written.losses.iter().filter(move |loss| loss.proxy == index && !is_name(&loss.lost));
    let lost =
        |index| of(index).map(|loss| format!("{}: {:?}", writer.name(), loss.lost)).collect::<Vec<_>>();
    let fitting = proxies.iter().map(|proxy| writer.fits(proxy).is_ok());
    fitting.enumerate().map(|(index, fits)| fits.then(|| lost(index).join("\n"))).collect()
}

/// Names that stand twice are made different.
fn is_name(lost: &document::Lost) -> bool {
    matches!(lost, document::Lost::Name(_))
}

#[test]
fn every_folder_is_that_of_a_format() {
    let Ok(folders) = root().read_dir() else { return };
    for folder in folders.map(|folder| folder.unwrap().file_name().to_string_lossy().into_owned()) {
        assert!(READERS.iter().any(|format| format.name() == folder), "{folder}");
    }
}
