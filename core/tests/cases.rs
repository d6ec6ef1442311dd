//! The cases in `cases/<scheme>/*.txt`: each field of the flat vocabulary must be as the case says; `null`
//! says that it is not there.

#[path = "cases/reader.rs"]
mod reader;

use std::path::Path;

use configstream_core::document::json;
use configstream_core::link;
use serde_json::Value;

/// The texts of all files.
fn texts() -> Vec<String> {
    let files = reader::files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases"));
    assert!(!files.is_empty(), "no cases");
    files.into_iter().map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

fn check(link: &str, expected: &Value) -> Result<(), String> {
    let actual: Value = serde_json::from_str(&json::case("link", link)).unwrap();
    for (field, expected) in expected.as_object().ok_or("the case is no JSON object")? {
        let actual = actual.get(field).unwrap_or(&Value::Null);
        if actual != expected {
            return Err(format!("{link}\n  {field}: expected {expected}, found {actual}"));
        }
    }
    Ok(())
}

#[test]
fn every_case_holds() {
    let mut failures = Vec::new();
    for text in texts() {
        for (link, expected) in reader::cases(&text) {
            let expected = serde_json::from_str(expected).unwrap_or_else(|error| panic!("{link}: {error}"));
            failures.extend(check(link, &expected).err());
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_case_that_reads_prints_back() {
    for text in texts() {
        for (link, _) in reader::cases(&text) {
            if let Ok(proxy) = link::parse(link) {
                assert_eq!(link::parse(&link::print(&proxy)), Ok(proxy), "{link}");
            }
        }
    }
}
