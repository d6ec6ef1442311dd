//! A folder in memory: read from several places, changed, and put down whole.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::Path;

use crate::step::{Failure, Result};

/// Files by their path inside the folder, with `/` between names. Empty folders are not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Folder(BTreeMap<String, Vec<u8>>);

impl Folder {
    /// Every file below `place`.
    pub(crate) fn read(place: &Path) -> Result<Self> {
        let mut folder = Self::default();
        folder.gather(place, "")?;
        Ok(folder)
    }

    fn gather(&mut self, place: &Path, prefix: &str) -> Result<()> {
        for item in fs::read_dir(place).map_err(Failure::at(place))? {
            let path = item.map_err(Failure::at(place))?.path();
            let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
            if path.is_dir() {
                self.gather(&path, &format!("{name}/"))?;
            } else {
                self.put(name, fs::read(&path).map_err(Failure::at(&path))?);
            }
        }
        Ok(())
    }

    /// Adds a file, or replaces the one of this name.
    pub(crate) fn put(&mut self, name: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.0.insert(name.into(), bytes.into());
    }

    /// The same folder with one more file.
    pub(crate) fn with(mut self, name: &str, text: &str) -> Self {
        self.put(name, text);
        self
    }

    /// Adds every file of another folder.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.0.extend(other.0.clone());
    }

    /// Takes a file out.
    pub(crate) fn take(&mut self, name: &str) -> Option<Vec<u8>> {
        self.0.remove(name)
    }

    /// The paths of all files, sorted.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The files, sorted by path.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }

    /// A version that changes whenever any file does.
    pub(crate) fn version(&self) -> String {
        let mut hasher = DefaultHasher::new();
        self.0.hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    /// Puts the folder at `place`, whole: it is written beside it and then renamed, and left alone
    /// where nothing changed, so that a browser that has it loaded never sees half of it.
    pub(crate) fn replace(&self, place: &Path) -> Result<()> {
        if place.is_dir() && Self::read(place)? == *self {
            return Ok(());
        }
        let (new, old) = (sibling(place, "new"), sibling(place, "old"));
        remove(&new)?;
        remove(&old)?;
        self.write(&new)?;
        if place.exists() {
            fs::rename(place, &old).map_err(Failure::at(place))?;
        }
        fs::rename(&new, place).map_err(Failure::at(place))?;
        remove(&old)
    }

    fn write(&self, place: &Path) -> Result<()> {
        fs::create_dir_all(place).map_err(Failure::at(place))?;
        for (name, bytes) in &self.0 {
            let path = place.join(name);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent).map_err(Failure::at(parent))?;
            }
            fs::write(&path, bytes).map_err(Failure::at(&path))?;
        }
        Ok(())
    }
}

fn sibling(place: &Path, state: &str) -> std::path::PathBuf {
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    place.with_file_name(format!(".{name}.{state}"))
}

fn remove(place: &Path) -> Result<()> {
    if place.exists() { fs::remove_dir_all(place).map_err(Failure::at(place)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> Folder {
        files.iter().fold(Folder::default(), |folder, (name, text)| folder.with(name, text))
    }

    #[test]
    fn a_folder_that_is_put_down_reads_back_and_old_files_are_gone() {
        let place = std::env::temp_dir().join(format!("xtask-folder-{}", std::process::id()));
        folder(&[("old.js", "1"), ("a/b.js", "2")]).replace(&place).expect("written");
        let new = folder(&[("a/b.js", "3"), ("c.css", "4")]);
        new.replace(&place).expect("replaced");
        let read = Folder::read(&place).expect("read");
        fs::remove_dir_all(&place).expect("removed");
        assert_eq!(read, new);
    }

    #[test]
    fn the_version_follows_names_and_contents() {
        let one = folder(&[("a", "1")]);
        assert_eq!(one.version(), folder(&[("a", "1")]).version());
        assert_ne!(one.version(), folder(&[("a", "2")]).version());
        assert_ne!(one.version(), folder(&[("b", "1")]).version());
    }
}
