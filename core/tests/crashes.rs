//! Inputs that once broke a property, in `crashes/<property>/`: none does again.

#[path = "crashes/properties.rs"]
mod properties;

use std::path::{Path, PathBuf};

/// What bytes must not break; it panics where they do.
type Property = fn(&[u8]);

/// The properties, by the names of the fuzzers that try them and of the folders of their cases.
const PROPERTIES: [(&str, Property); 4] = [
    ("links", properties::links),
    ("documents", properties::documents),
    ("roundtrip", properties::roundtrip),
    ("catalogue", properties::catalogue),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crashes")
}

fn inside(folder: &Path) -> Vec<PathBuf> {
    folder.read_dir().into_iter().flatten().map(|item| item.unwrap().path()).collect()
}

#[test]
fn what_once_broke_a_property_does_not_any_more() {
    for (name, property) in PROPERTIES {
        for path in inside(&folder().join(name)) {
            eprintln!("{}", path.display());
            property(&std::fs::read(&path).unwrap());
        }
    }
}

#[test]
fn every_folder_of_crashes_is_that_of_a_property() {
    for path in inside(&folder()).into_iter().filter(|path| path.is_dir()) {
        assert!(PROPERTIES.iter().any(|(name, _)| path.ends_with(name)), "{}", path.display());
    }
}

#[test]
fn every_property_has_a_fuzzer() {
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/targets");
    let mut found: Vec<_> =
        inside(&targets).iter().map(|path| path.file_stem().unwrap().to_owned()).collect();
    found.sort();
    let mut names = PROPERTIES.map(|(name, _)| name);
    names.sort_unstable();
    assert_eq!(found, names);
}

#[test]
fn what_is_stored_is_a_seed_that_the_fuzzer_gets_past_the_checksum() {
    for seed in properties::stored() {
        properties::catalogue(&seed);
    }
}
