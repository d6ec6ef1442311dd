//! Sources on this machine: a file is one source, each file of a folder is one.

use std::path::{Path, PathBuf};

use tokio::io::AsyncReadExt;

use super::fetch::Body;
use super::{MOST_BYTES, Place, Source, SourceError};

/// Reads a file, at most [`MOST_BYTES`] of it.
pub async fn read(path: &Path) -> Result<Option<Body>, SourceError> {
    let file = tokio::fs::File::open(path).await.map_err(|error| why(&error))?;
    let mut bytes = Vec::new();
    let read = file.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes).await;
    read.map_err(|error| why(&error))?;
    if bytes.len() > MOST_BYTES {
        return Err(SourceError::TooBig);
    }
    Ok(Some(Body { bytes, ..Body::default() }))
}

fn why(error: &std::io::Error) -> SourceError {
    match error.kind() {
        std::io::ErrorKind::NotFound => SourceError::Missing,
        _ => SourceError::Unreadable(error.to_string()),
    }
}

/// Replaces each folder by the files in it, in the order of their names. Hidden files and folders
/// inside are passed over. Done before each fetch, so that files may come and go.
pub fn expand(sources: Vec<Source>) -> Vec<Source> {
    sources.into_iter().flat_map(expand_one).collect()
}

fn expand_one(source: Source) -> Vec<Source> {
    let Place::Path(path) = &source.place else { return vec![source] };
    let Ok(entries) = std::fs::read_dir(path) else { return vec![source] };
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.is_file() && !name_of(file).starts_with('.'));
    files.sort();
    let inside = |file: PathBuf| Source {
        name: format!("{}/{}", source.name, name_of(&file)),
        place: Place::Path(file),
        bare: source.bare,
    };
    files.into_iter().map(inside).collect()
}

/// The last part of a path, as a source's name.
pub fn name_of(path: &Path) -> String {
    let last = path.file_name().unwrap_or(path.as_os_str());
    last.to_string_lossy().into_owned()
}
