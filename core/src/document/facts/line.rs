//! Lines that speak of the subscription: headers written as comments, and the lines of old panels.

use percent_encoding::percent_decode_str;

use super::{Facts, number, opened, some};

/// Whether a line is one of an old panel's, which no reader of proxies needs to wonder about.
pub(in crate::document) fn is_panel_line(line: &str) -> bool {
    line.starts_with("STATUS=") || line.starts_with("REMARKS=")
}

impl Facts {
    /// Hears one line of a document.
    pub(super) fn hear_line(&mut self, line: &str) {
        let line = line.trim_start_matches(|char: char| char.is_whitespace() || char == '\u{feff}');
        if let Some(status) = line.strip_prefix("STATUS=") {
            self.hear_status(status);
        } else if let Some(title) = line.strip_prefix("REMARKS=") {
            some(&mut self.title, &opened(title.trim()));
        } else if line.starts_with(['#', '/', ';']) {
            self.hear_comment(line.trim_start_matches(['#', '/', ';']));
        }
    }

    fn hear_comment(&mut self, said: &str) {
        if let Some(managed) = said.strip_prefix("!MANAGED-CONFIG") {
            self.hear_managed(managed);
        } else if let Some((name, value)) = said.split_once([':', '=']) {
            self.hear(name, value);
        }
    }

    /// `🚀↑:0.29GB,↓:41.5GB,TOT:100GB💡Expires:2026-12-01`.
    fn hear_status(&mut self, status: &str) {
        let after = |mark: &str| status.split_once(mark).map(|(_, rest)| rest);
        let amount = |mark| number::amounts(after(mark)?).first().copied();
        self.upload = self.upload.or(amount("↑"));
        self.download = self.download.or(amount("↓"));
        self.total = self.total.or(amount("TOT"));
        self.expires = self.expires.or(after("Expires").and_then(number::date));
    }

    /// Surge: ` https://… interval=43200 strict=false`, in seconds.
    fn hear_managed(&mut self, said: &str) {
        let seconds =
            said.split_whitespace().find_map(|word| word.strip_prefix("interval=")?.parse::<u32>().ok());
        self.update_hours = self.update_hours.or(seconds.map(|seconds| seconds.div_ceil(3600)));
    }
}

/// The name in a `content-disposition`, without the ending of a list: `filename*=UTF-8''…` before
/// `filename="…"` (RFC 6266).
pub(super) fn file_name(value: &str) -> String {
    let part = |name: &str| {
        let parts = value.split(';').filter_map(|part| part.split_once('='));
        let mut named = parts.filter(|(key, _)| key.trim().eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.trim().trim_matches('"').to_owned())
    };
    let encoded = part("filename*").and_then(|text| text.rsplit_once("''").map(|(_, name)| name.to_owned()));
    let name = encoded.map(|text| percent_decode_str(&text).decode_utf8_lossy().into_owned());
    let name = name.or_else(|| part("filename")).unwrap_or_default();
    let bare = [".txt", ".yaml", ".yml", ".json", ".conf"].iter().find_map(|end| name.strip_suffix(end));
    bare.unwrap_or(&name).chars().filter(|char| !char.is_control()).collect()
}
