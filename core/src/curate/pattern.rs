//! Patterns over names: regular expressions in the syntax of `regex-lite`, which is that of Rust's `regex`
//! but for classes by property (`\p{…}`). They match anywhere in a name and tell case apart unless they
//! begin with `(?i)`, which knows the letters of ASCII.
//!
//! Specification: <https://docs.rs/regex-lite/latest/regex_lite/#syntax>

use std::borrow::Cow;
use std::str::FromStr;

use regex_lite::Regex;

/// The longest pattern, in bytes.
const LONGEST: usize = 4096;

/// A pattern that does not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}, in the part that starts at character {at}: {}", shown(part))]
pub struct BadPattern {
    /// The character at which that part starts which does not read, from 1.
    pub at: usize,
    /// The pattern from there on.
    pub part: String,
    /// What is wrong with it.
    pub what: String,
}

fn shown(part: &str) -> String {
    if part.chars().count() > 20 { part.chars().take(20).chain(['…']).collect() } else { part.to_owned() }
}

/// A regular expression.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl Pattern {
    /// Whether it matches anywhere in a name.
    pub fn is_in(&self, name: &str) -> bool {
        self.0.is_match(name)
    }

    /// The name without what matches, and without the blanks that this leaves.
    pub(super) fn delete(&self, name: &str) -> String {
        match self.0.replace_all(name, "") {
            Cow::Borrowed(same) => same.to_owned(),
            Cow::Owned(rest) => rest.split_whitespace().collect::<Vec<_>>().join(" "),
        }
    }
}

impl FromStr for Pattern {
    type Err = BadPattern;

    fn from_str(text: &str) -> Result<Self, BadPattern> {
        if text.len() > LONGEST {
            return Err(BadPattern {
                at: 1,
                part: text.to_owned(),
                what: "longer than 4096 bytes".to_owned(),
            });
        }
        Regex::new(text).map(Self).map_err(|error| bad(text, &error.to_string()))
    }
}

/// The engine does not say where it stopped: what reads is the longest start that is a pattern by itself.
fn bad(text: &str, what: &str) -> BadPattern {
    let starts = text.char_indices().map(|(at, _)| at).take(200);
    let reads = |at: &usize| text.get(..*at).is_some_and(|start| Regex::new(start).is_ok());
    let at = starts.filter(reads).last().unwrap_or(0);
    let (start, part) = text.split_at_checked(at).unwrap_or(("", text));
    BadPattern { at: start.chars().count() + 1, part: part.to_owned(), what: what.to_owned() }
}

/// A pattern and what stands in its place: `$1` or `${name}` is what a group matched, `$$` a dollar.
#[derive(Clone, Debug)]
pub struct Rename {
    pattern: Pattern,
    replacement: String,
}

impl Rename {
    pub(super) fn apply(&self, name: &str) -> String {
        self.pattern.0.replace_all(name, self.replacement.as_str()).into_owned()
    }
}

impl FromStr for Rename {
    type Err = BadPattern;

    /// `pattern=replacement`, cut at the first `=` that has no `\` before it.
    ///
    /// ```
    /// use configstream_core::curate::Rename;
    /// assert!("^(..)-(\\d+)$=${1} no. $2".parse::<Rename>().is_ok());
    /// assert_eq!("a(b=c".parse::<Rename>().unwrap_err().at, 2);
    /// ```
    fn from_str(text: &str) -> Result<Self, BadPattern> {
        let cut = text.match_indices('=').map(|(at, _)| at);
        let cut = cut.into_iter().find(|at| text.get(..*at).is_none_or(|before| !before.ends_with('\\')));
        let Some((pattern, replacement)) = cut.and_then(|at| text.get(..at).zip(text.get(at + 1..))) else {
            let what = "a replacement is missing: expected pattern=replacement".to_owned();
            return Err(BadPattern { at: 1, part: text.to_owned(), what });
        };
        Ok(Self { pattern: pattern.parse()?, replacement: replacement.to_owned() })
    }
}
