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
use url::{Position, Url};

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
    let path = match place(given).map_err(|reason| bad(&unread(given), &reason))? {
        Place::Url(url) => return Ok(vec![Source { name: short(&url), place: Place::Url(url), bare: None }]),
        Place::Path(path) => path,
    };
    let path = path.as_path();
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")) {
        let text = std::fs::read_to_string(path).map_err(|error| bad(given, &error))?;
        return parse(given, &text, path.parent().unwrap_or(Path::new(".")));
    }
    Ok(vec![Source { name: name_of(path), place: Place::Path(path.to_owned()), bare: None }])
}

/// What every address must be.
const EXPECTED: &str = "expected http://…, https://…, file://… or a path";

/// Where a text points. What has `://` in it was meant as an address, so it is never taken for a
/// path: paths are logged, and a mistyped address holds the same secrets as a right one.
fn place(given: &str) -> Result<Place, &'static str> {
    match Url::parse(given) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Place::Url(url)),
        Ok(url) if url.scheme() == "file" => url.to_file_path().map(Place::Path).map_err(|()| EXPECTED),
        _ if given.contains("://") => Err(EXPECTED),
        _ => Ok(Place::Path(given.into())),
    }
}

/// An address that cannot be used, without anything that may be secret: its scheme and its host.
fn unread(given: &str) -> String {
    let scheme = given.split("://").next().unwrap_or_default();
    match Url::parse(given) {
        Ok(url) if !url[Position::BeforePath..].contains('@') => {
            format!("{}://{}/…", url.scheme(), url.host_str().unwrap_or_default())
        }
        _ if scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) => format!("{scheme}://…"),
        _ => "…://…".to_owned(),
    }
}

fn bad(given: &str, reason: &dyn ToString) -> BadSource {
    BadSource { given: given.to_owned(), reason: reason.to_string() }
}

fn parse(given: &str, text: &str, folder: &Path) -> Result<Vec<Source>, BadSource> {
    let file: File = toml::from_str(text).map_err(|error| bad(given, &where_and_why(text, &error)))?;
    file.source.into_iter().map(|item| item.source(given, folder)).collect()
}

/// The error with its line, and without the line itself, as it may hold a token.
fn where_and_why(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    format!("line {}: {}", before.matches('\n').count() + 1, error.message())
}

impl Item {
    /// A relative path is relative to the file that names it.
    fn source(self, given: &str, folder: &Path) -> Result<Source, BadSource> {
        let (usual, place) = match (self.url.as_deref().map(place), self.path) {
            (Some(Ok(Place::Url(url))), None) => (short(&url), Place::Url(url)),
            (Some(_), None) => return Err(bad(given, &"url: expected http://… or https://…")),
            (None, Some(path)) if path.to_string_lossy().contains("://") => {
                return Err(bad(given, &"path: expected a path; an address is a url"));
            }
            (None, Some(path)) => (name_of(&path), Place::Path(folder.join(path))),
            _ => return Err(bad(given, &"each [[source]] takes either url or path")),
        };
        Ok(Source { name: self.name.unwrap_or(usual), place, bare: self.bare })
    }
}

/// The second source of a name becomes `name (2)`.
pub fn unique(sources: Vec<Source>) -> Vec<Source> {
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

    #[test]
    fn a_mistyped_address_is_no_file_and_its_secrets_are_not_shown() {
        let refused = |given: &str| match sources(&[given.to_owned()], false) {
            (named, bad) if named.is_empty() => bad[0].to_string(),
            (named, _) => panic!("{given} is {named:?}"),
        };
        let says = "--sources htps://example.org/…: expected http://…, https://…, file://… or a path";
        assert_eq!(refused("htps://u:sesame@example.org/sesame/x?t=sesame#sesame"), says);
        for given in [
            "htps://u:ses/ame@example.org/x",
            "htps://sesame/x@example.org",
            "ttps://u:sesame@",
            "sesame@https://example.org",
            "https://u:sesame@:x/sesame",
            "https://[sesame]/",
            "file://sesame/list.txt",
            "://sesame",
            "ftp://sesame:sesame@example.org/sesame.toml",
        ] {
            let message = refused(given);
            let hidden = !message.contains("ame") || given.starts_with("file");
            assert!(hidden && message.ends_with("or a path"), "{given}: {message}");
        }
    }

    #[test]
    fn a_file_may_be_named_by_its_address() {
        let (sources, bad) = sources(&["file:///lists/mine.txt".to_owned()], false);
        assert_eq!((sources[0].place.clone(), bad), (Place::Path("/lists/mine.txt".into()), vec![]));
    }

    #[test]
    fn a_toml_file_that_is_wrong_is_told_by_line_without_its_secrets() {
        let message = |text: &str| parse("s.toml", text, Path::new(".")).unwrap_err().to_string();
        let message = [
            message("[[source]]\nurl = https://example.org/sesame\n"),
            message("[[source]]\nurl = \"htps://u:sesame@example.org/\"\n"),
            message("[[source]]\npath = \"htps://u:sesame@example.org/\"\n"),
        ];
        assert!(message[0].starts_with("--sources s.toml: line 2: "), "{}", message[0]);
        assert!(message.iter().all(|message| !message.contains("sesame")), "{message:?}");
    }
}
