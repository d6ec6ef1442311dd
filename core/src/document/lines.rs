//! Plain lines: one link a line, in any mix. Blank lines and `#`, `//` comments are skipped.

use super::{Format, Place, Reading, Rejected};
use crate::{Proxy, link};

pub(super) struct Lines;

impl Format for Lines {
    fn name(&self) -> &'static str {
        "links"
    }

    fn specification(&self) -> &'static str {
        "https://www.rfc-editor.org/rfc/rfc3986"
    }

    fn example(&self) -> &'static str {
        "socks5://192.0.2.1:1080#Berlin\nhttp://192.0.2.2:8080#Paris\n"
    }

    fn detect(&self, _text: &str) -> bool {
        true
    }

    fn read(&self, text: &str, reading: &mut Reading) {
        let mut byte = 0;
        for (index, raw) in text.split_inclusive('\n').enumerate() {
            let place = Place { line: index + 1, byte };
            byte += raw.len();
            let line = raw.trim();
            if line.is_empty() || line.starts_with('#') || line.starts_with("//") {
                continue;
            }
            match link::parse(line) {
                Ok(proxy) => reading.proxies.push(proxy),
                Err(reason) => reading.rejected.push(Rejected { place, reason }),
            }
        }
    }

    fn write(&self, proxies: &[Proxy]) -> Option<String> {
        Some(proxies.iter().map(|proxy| link::print(proxy) + "\n").collect())
    }
}
