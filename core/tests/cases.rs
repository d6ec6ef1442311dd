//! The cases in `cases/<scheme>/*.txt`, one a line: `link => {"field": value, …}`. Each field of the
//! flat vocabulary must be as the case says; `null` says that it is not there. `#` lines are comments.

use std::path::{Path, PathBuf};

use configstream_core::document::json;
use configstream_core::link;
use serde_json::Value;

fn files() -> impl Iterator<Item = PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let entries = |folder: PathBuf| folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    entries(folder).flat_map(entries)
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
    for file in files() {
        let text = std::fs::read_to_string(&file).unwrap();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")) {
            let (link, expected) = line.rsplit_once(" => ").unwrap_or_else(|| panic!("{line}"));
            let expected = serde_json::from_str(expected).unwrap_or_else(|error| panic!("{line}: {error}"));
            failures.extend(check(link, &expected).err());
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_case_that_reads_prints_back() {
    for file in files() {
        for line in std::fs::read_to_string(&file).unwrap().lines() {
            let link = line.rsplit_once(" => ").map_or("", |(link, _)| link);
            if let Ok(proxy) = link::parse(link) {
                assert_eq!(link::parse(&link::print(&proxy)), Ok(proxy), "{link}");
            }
        }
    }
}
