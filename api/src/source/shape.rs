//! From a body to what it lists. Absurd sizes are refused before core reads them.

use configstream_core::document::{self, Hint, Reading};
use configstream_core::link::Reason;

use super::SourceError;

/// The most lines of a document: the largest public lists have about 200,000.
pub const MOST_LINES: usize = 2_000_000;

/// Reads a document, or says why it holds nothing; the hint says what a bare `host:port` speaks.
pub fn read(bytes: &[u8], hint: Hint) -> Result<Reading, SourceError> {
    if bytes.split(|byte| *byte == b'\n').nth(MOST_LINES + 1).is_some() {
        return Err(SourceError::TooManyLines);
    }
    let reading = document::read_hinted(bytes, hint);
    if !reading.proxies.is_empty() {
        return Ok(reading);
    }
    match reading.rejected.first().map(|rejected| &rejected.reason) {
        None | Some(Reason::Empty) => Err(SourceError::Empty),
        Some(page @ Reason::Page { .. }) => Err(SourceError::WebPage(page.to_string())),
        Some(reason) => {
            Err(SourceError::NoProxy { rejected: rejected(&reading), reason: reason.to_string() })
        }
    }
}

/// How many lines were no proxy.
pub fn rejected(reading: &Reading) -> usize {
    reading.rejected.len() + reading.unnamed
}

#[cfg(test)]
mod tests {
    use configstream_core::Protocol;

    use super::*;

    #[test]
    fn bare_lines_get_the_scheme_of_their_source() {
        let reading =
            read(b"192.0.2.1:1080\r\nhttp://192.0.2.2:80\n# 1:2\n", Protocol::Socks5.into()).unwrap();
        let protocols: Vec<_> = reading.proxies.iter().map(|proxy| proxy.protocol).collect();
        assert_eq!(protocols, [Protocol::Socks5, Protocol::Http]);
    }

    #[test]
    fn a_web_page_is_called_one() {
        let page = b"\n<!DOCTYPE html>\n<html><body>Not found</body></html>";
        let error = read(page, Hint::default()).unwrap_err();
        assert!(error.to_string().starts_with("is a web page, not a list of proxies"), "{error}");
    }

    #[test]
    fn nothing_is_called_empty() {
        assert_eq!(read(b"# only a comment\n", Hint::default()), Err(SourceError::Empty));
    }

    #[test]
    fn more_lines_than_any_list_has_are_not_read() {
        assert_eq!(read(&vec![b'\n'; MOST_LINES + 1], Hint::default()), Err(SourceError::TooManyLines));
    }
}
