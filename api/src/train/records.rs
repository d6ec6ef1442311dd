//! A history to learn from: lists and tests as CSV has them, or as the database does.

use std::io::Read as _;
use std::path::Path;

use configstream_core::Timestamp;
use configstream_core::geo::Country;
use configstream_core::score::model::{Anonymity, Claims, Subject};

/// The most that a file may hold once it is inflated, in bytes.
const MOST: u64 = 1 << 30;

/// A proxy as the history names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its identity: the fingerprint, or `host:port`.
    pub id: String,
    /// A name or an address.
    pub host: String,
    /// 1 to 65535.
    pub port: u16,
}

/// A proxy on a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Which.
    pub proxy: Named,
    /// Where the list says that it is.
    pub country: Option<Country>,
    /// What else the list says.
    pub claims: Claims,
}

/// A test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// Of which proxy.
    pub proxy: Named,
    /// Whether it worked.
    pub worked: bool,
}

/// What was listed and what was tested; both in the order of time.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// Each list and when it was published.
    pub lists: Vec<(Timestamp, Vec<Listing>)>,
    /// Tests that ran together, and when they were done.
    pub batches: Vec<(Timestamp, Vec<Test>)>,
}

/// Why a file cannot be learned from. The message says where.
#[derive(Debug, thiserror::Error)]
pub enum BadRecords {
    /// It cannot be read.
    #[error("{path} cannot be read: {error}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the operating system said.
        error: std::io::Error,
    },
    /// A line that is not as expected.
    #[error("{path}, line {line}: expected {expected}, found {found:?}")]
    Line {
        /// The file.
        path: String,
        /// From 1.
        line: usize,
        /// What belongs there.
        expected: &'static str,
        /// What is there.
        found: String,
    },
}

impl Listing {
    /// What the history of core calls it.
    pub fn subject(&self) -> Subject {
        let Named { id, host, port } = &self.proxy;
        Subject::new(id, host, *port, self.country).with_claims(self.claims)
    }
}

impl Named {
    /// From `host:port`.
    fn from_address(text: &str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        let port = port.parse().ok().filter(|port| *port > 0)?;
        let known = !host.is_empty();
        known.then(|| Self { id: text.to_owned(), host: host.trim_matches(['[', ']']).to_owned(), port })
    }
}

/// Reads lists: CSV with `time, proxy, country, anonymity, type_ssl, google_passed`, as
/// clarketm/proxy-list publishes them; the last four may be empty. A `!` in the type says that the exit
/// is another address.
pub fn read_lists(path: &Path) -> Result<Vec<(Timestamp, Vec<Listing>)>, BadRecords> {
    let listing = |fields: &[&str]| {
        let [proxy, country, anonymity, kind, google] = fields else { return None };
        let claims = Claims {
            anonymity: anonymity_of(anonymity),
            google: sign(google),
            other_exit: Some(kind.contains('!')),
        };
        Some(Listing { proxy: Named::from_address(proxy)?, country: Country::from_code(country), claims })
    };
    read(path, "time, host:port, country, anonymity, SSL and Google", listing)
}

/// Reads tests: CSV with `time, proxy, status`, where a status is `success` or `failure`.
pub fn read_tests(path: &Path) -> Result<Vec<(Timestamp, Vec<Test>)>, BadRecords> {
    let test = |fields: &[&str]| {
        let [proxy, status] = fields else { return None };
        let worked = match *status {
            "success" => true,
            "failure" => false,
            _ => return None,
        };
        Some(Test { proxy: Named::from_address(proxy)?, worked })
    };
    read(path, "time, host:port, and success or failure", test)
}

fn anonymity_of(letter: &str) -> Option<Anonymity> {
    match letter {
        "N" => Some(Anonymity::None),
        "A" => Some(Anonymity::Anonymous),
        "H" => Some(Anonymity::High),
        _ => None,
    }
}

fn sign(text: &str) -> Option<bool> {
    match text {
        "+" => Some(true),
        "-" => Some(false),
        _ => None,
    }
}

/// Lines with the same time are one group. The first line is the header.
fn read<T>(
    path: &Path,
    expected: &'static str,
    meaning: impl Fn(&[&str]) -> Option<T>,
) -> Result<Vec<(Timestamp, Vec<T>)>, BadRecords> {
    let name = path.display().to_string();
    let text = text_of(path).map_err(|error| BadRecords::Unreadable { path: name.clone(), error })?;
    let mut groups: Vec<(Timestamp, Vec<T>)> = Vec::new();
    for (number, line) in text.lines().enumerate().skip(1).filter(|(_, line)| !line.is_empty()) {
        let Some((at, one)) = row(line, &meaning) else {
            let found = line.chars().take(80).collect();
            return Err(BadRecords::Line { path: name, line: number + 1, expected, found });
        };
        match groups.last_mut() {
            Some((last, group)) if *last == at => group.push(one),
            _ => groups.push((at, vec![one])),
        }
    }
    groups.sort_by_key(|(at, _)| *at);
    Ok(groups)
}

fn row<T>(line: &str, meaning: impl Fn(&[&str]) -> Option<T>) -> Option<(Timestamp, T)> {
    let fields: Vec<&str> = line.split(',').map(str::trim).collect();
    let (at, rest) = fields.split_first()?;
    Some((at.parse().ok()?, meaning(rest)?))
}

/// The text of a file, inflated where it begins as gzip does.
fn text_of(path: &Path) -> std::io::Result<String> {
    let bytes = std::fs::read(path)?;
    let mut text = String::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::MultiGzDecoder::new(bytes.as_slice()).take(MOST).read_to_string(&mut text)?;
    } else {
        bytes.as_slice().read_to_string(&mut text)?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn tests_of_one_time_are_one_batch() {
        let text = "commit_time,proxy,status\n2021-07-25T07:00:00Z,192.0.2.1:80,success\n\
                    2021-07-25T07:00:00Z,192.0.2.2:81,failure\n2021-07-26T07:00:00Z,192.0.2.1:80,failure\n";
        let batches = read_tests(file(text).path()).unwrap();
        assert_eq!(batches.iter().map(|(_, tests)| tests.len()).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(batches[0].1[1].proxy.port, 81);
    }

    #[test]
    fn a_wrong_line_is_named_with_what_belongs_there() {
        let text = "commit_time,proxy,status\n2021-07-25T07:00:00Z,192.0.2.1:80,maybe\n";
        let error = read_tests(file(text).path()).unwrap_err().to_string();
        assert!(error.contains("line 2: expected time, host:port, and success or failure"), "{error}");
    }

    #[test]
    fn what_a_list_does_not_say_is_not_known() {
        let text = "h\n2021-07-25T07:00:00Z,192.0.2.1:80,DE,H,S!,+\n2021-07-25T07:00:00Z,192.0.2.2:80,,,,\n";
        let lists = read_lists(file(text).path()).unwrap();
        let expected =
            Claims { anonymity: Some(Anonymity::High), google: Some(true), other_exit: Some(true) };
        assert_eq!(lists[0].1[0].claims, expected);
        assert_eq!(lists[0].1[1].claims, Claims { other_exit: Some(false), ..Claims::default() });
    }
}
