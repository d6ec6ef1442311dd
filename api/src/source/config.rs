//! Which sources there are: the program's own, and what `--sources` names.
//!
//! A `.toml` file names any number of them:
//!
//! ```toml
//! [[source]]
//! name = "my provider"              # optional
//! url = "https://example.org/list"  # or: path = "lists/mine.txt"
//! bare = "socks5"                   # optional: what a bare host:port of this list speaks
//! ```

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use configstream_core::Protocol;
use serde::Deserialize;
use url::Url;

use super::files::name_of;
use super::{Place, Source};

/// The sources that come with the program.
const DEFAULTS: &str = include_str!("../../sources.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    source: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    name: Option<String>,
    url: Option<String>,
    path: Option<PathBuf>,
    bare: Option<Protocol>,
}

/// A `--sources` that names nothing usable; the others are used all the same.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("--sources {given}: {reason}")]
pub struct BadSource {
    given: String,
    reason: String,
}

/// The sources that come with the program.
pub fn defaults() -> Result<Vec<Source>, BadSource> {
    parse("(built in)", DEFAULTS, Path::new("."))
}

/// The sources that are named on the command line, and what could not be understood. No two have
/// the same name.
pub fn sources(given: &[String], with_defaults: bool) -> (Vec<Source>, Vec<BadSource>) {
    let own = given.iter().map(|given| named(given));
    let (mut sources, mut bad) = (Vec::new(), Vec::new());
    for read in own.chain(with_defaults.then(defaults)) {
        match read {
            Ok(read) => sources.extend(read),
            Err(error) => bad.push(error),
        }
    }
    (unique(sources), bad)
}

/// What one `--sources` names.
fn named(given: &str) -> Result<Vec<Source>, BadSource> {
    let path = Path::new(given);
    if let Some(place) = address(given) {
        return Ok(vec![Source { name: short(&place), place: Place::Url(place), bare: None }]);
    }
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")) {
        let text = std::fs::read_to_string(path).map_err(|error| bad(given, &error))?;
        return parse(given, &text, path.parent().unwrap_or(Path::new(".")));
    }
    Ok(vec![Source { name: name_of(path), place: Place::Path(path.to_owned()), bare: None }])
}

fn address(given: &str) -> Option<Url> {
    Url::parse(given).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

fn bad(given: &str, reason: &dyn ToString) -> BadSource {
    BadSource { given: given.to_owned(), reason: reason.to_string() }
}

fn parse(given: &str, text: &str, folder: &Path) -> Result<Vec<Source>, BadSource> {
    let file: File = toml::from_str(text).map_err(|error| bad(given, &error))?;
    file.source.into_iter().map(|item| item.source(given, folder)).collect()
}

impl Item {
    /// A relative path is relative to the file that names it.
    fn source(self, given: &str, folder: &Path) -> Result<Source, BadSource> {
        let (usual, place) = match (self.url, self.path) {
            (Some(url), None) => {
                let url = address(&url).ok_or_else(|| bad(given, &"url: expected http://… or https://…"))?;
                (short(&url), Place::Url(url))
            }
            (None, Some(path)) => (name_of(&path), Place::Path(folder.join(path))),
            _ => return Err(bad(given, &"each [[source]] takes either url or path")),
        };
        Ok(Source { name: self.name.unwrap_or(usual), place, bare: self.bare })
    }
}

/// The second source of a name becomes `name (2)`.
fn unique(sources: Vec<Source>) -> Vec<Source> {
    let mut taken = HashSet::new();
    let mut rename = |mut source: Source| {
        let first = source.name.clone();
        for number in 2.. {
            if taken.insert(source.name.clone()) {
                break;
            }
            source.name = format!("{first} ({number})");
        }
        source
    };
    sources.into_iter().map(&mut rename).collect()
}

/// An address without what may be secret: the host and the last part of the path, and `…` for a
/// part that looks like a token.
pub fn short(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let last = url.path().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    match last {
        "" => host.to_owned(),
        last if is_token(last) => format!("{host}/…"),
        last => format!("{host}/{last}"),
    }
}

/// Long, with digits, and not the name of a file.
fn is_token(part: &str) -> bool {
    part.len() >= 16 && !part.contains('.') && part.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forty_sources_come_with_the_program_each_with_its_own_name() {
        let defaults = defaults().unwrap();
        assert!(defaults.len() >= 40, "{}", defaults.len());
        assert_eq!(unique(defaults.clone()), defaults);
        assert!(
            defaults.iter().all(|source| matches!(&source.place, Place::Url(url) if url.scheme() == "https"))
        );
    }

    #[test]
    fn a_name_holds_no_secret_of_an_address() {
        let short = |text: &str| short(&Url::parse(text).unwrap());
        assert_eq!(short("https://user:pw@example.org/a/list.txt?token=1#x"), "example.org/list.txt");
        assert_eq!(short("https://example.org/sub/0123456789abcdef0123"), "example.org/…");
        assert_eq!(short("https://example.org/"), "example.org");
    }

    #[test]
    fn a_second_source_of_a_name_is_numbered() {
        let given = ["a/list.txt", "b/list.txt", "c/list.txt"].map(str::to_owned);
        let (sources, _) = sources(&given, false);
        let names: Vec<_> = sources.into_iter().map(|source| source.name).collect();
        assert_eq!(names, ["list.txt", "list.txt (2)", "list.txt (3)"]);
    }
}
