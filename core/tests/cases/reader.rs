//! Reads the files of this folder: one case a line, `link => {"field": value, …}`; `# ` begins a comment.
//! Documents that are cases stand in `../documents`. Included by all who run them, so that they read the same.

use std::path::{Path, PathBuf};

/// Every file below a folder that holds cases of links, or is a document that is one.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let items = folder.read_dir().unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = items
        .map(|item| item.expect("a folder that can be listed").path())
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_none_or(|kind| kind != "rs") && !is_expectation(path))
        .collect();
    files.sort();
    files
}

/// Whether a file says what is expected of the document beside it.
fn is_expectation(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".expect.json")
}

/// The cases of a file: a link, and what is expected of it.
pub(crate) fn cases(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with("# "));
    lines.map(|line| line.rsplit_once(" => ").unwrap_or_else(|| panic!("no ` => ` in {line}")))
}
