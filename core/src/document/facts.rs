//! What a subscription says of itself beside its proxies: how much may be transferred and was, until
//! when, what it is called, where its pages are.
//!
//! It is said in headers of HTTP, in lines of the document, in a status line of old panels, and in
//! entries that look like proxies and are none.
//!
//! Specification: <https://www.clashverge.dev/guide/url_schemes.html>
//!
//! # Differences between programs
//!
//! Panels count a GB as 1024³ bytes, and so is it read here. A date without a zone is taken for UTC.

mod entry;
mod line;
mod number;

use std::fmt;

pub(super) use line::is_panel_line;

use crate::Timestamp;
use crate::link::base64;

/// What a subscription says of itself. Empty texts and `None` are what it does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Bytes sent so far.
    pub upload: Option<u64>,
    /// Bytes received so far; both ways where the panel does not tell them apart.
    pub download: Option<u64>,
    /// Bytes that may be transferred in all.
    pub total: Option<u64>,
    /// Bytes that are left, where that is said and not the rest.
    pub left: Option<u64>,
    /// When it ends.
    pub expires: Option<Timestamp>,
    /// What it is called.
    pub title: String,
    /// Hours after which it wants to be fetched again.
    pub update_hours: Option<u32>,
    /// Its page for people.
    pub web_page: String,
    /// Where help is found: an address or a channel.
    pub support: String,
    /// What else it tells its readers, each once.
    pub announcements: Vec<String>,
}

impl Facts {
    /// How many announcements are kept; a list whose every entry is one is no list.
    pub const MOST_ANNOUNCEMENTS: usize = 50;

    /// What the headers of an answer say. Names count in any case.
    ///
    /// ```
    /// use configstream_core::document::Facts;
    /// let facts = Facts::of_headers([("Subscription-Userinfo", "upload=1; download=2; total=10; expire=1800000000")]);
    /// assert_eq!((facts.used(), facts.total), (Some(3), Some(10)));
    /// assert_eq!(facts.expires.unwrap().to_string(), "2027-01-15T08:00:00Z");
    /// ```
    pub fn of_headers<'a>(headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut facts = Self::default();
        let mut file = String::new();
        for (name, value) in headers {
            if name.eq_ignore_ascii_case("content-disposition") {
                file = line::file_name(value);
            } else {
                facts.hear(name, value);
            }
        }
        some(&mut facts.title, &file);
        facts
    }

    /// What SIP008 counts: bytes used, both ways, and bytes left.
    pub fn hear_bytes(&mut self, used: Option<u64>, left: Option<u64>) {
        self.download = self.download.or(used);
        self.left = self.left.or(left);
        if let (Some(used), Some(left)) = (used, left) {
            self.total = self.total.or(used.checked_add(left));
        }
    }

    /// Hears one header, or one line that is written as one; whether it is one of a subscription.
    pub fn hear(&mut self, name: &str, value: &str) -> bool {
        let value = &opened(value.trim());
        match name.trim().to_ascii_lowercase().as_str() {
            "subscription-userinfo" => self.hear_userinfo(value),
            "profile-title" => some(&mut self.title, value),
            "profile-update-interval" => {
                let hours = value.parse::<f64>().ok().filter(|hours| (0.0..1e6).contains(hours));
                self.update_hours = self.update_hours.or(hours.map(|hours| hours.ceil() as u32));
            }
            "profile-web-page-url" => some(&mut self.web_page, value),
            "support-url" => some(&mut self.support, value),
            "announce" => self.announce(value),
            _ => return false,
        }
        true
    }

    /// Hears the lines of a document that are no proxies and speak of the subscription.
    pub(super) fn hear_lines(&mut self, text: &str) {
        for line in text.lines() {
            self.hear_line(line);
        }
    }

    /// Hears an entry that looks like a proxy by its name; whether it only tells something. One that no
    /// proxy can stand behind (`decoy`) may tell it in the middle of its name.
    pub fn hear_entry(&mut self, name: &str, decoy: bool) -> bool {
        entry::hear(self, name, decoy)
    }

    /// Takes from others what is not said here.
    pub fn add(&mut self, other: &Self) {
        self.upload = self.upload.or(other.upload);
        self.download = self.download.or(other.download);
        self.total = self.total.or(other.total);
        self.left = self.left.or(other.left);
        self.expires = self.expires.or(other.expires);
        self.update_hours = self.update_hours.or(other.update_hours);
        some(&mut self.title, &other.title);
        some(&mut self.web_page, &other.web_page);
        some(&mut self.support, &other.support);
        other.announcements.iter().for_each(|text| self.announce(text));
    }

    /// Bytes transferred, both ways.
    pub fn used(&self) -> Option<u64> {
        match (self.upload, self.download) {
            (None, None) => None,
            (up, down) => Some(up.unwrap_or(0).saturating_add(down.unwrap_or(0))),
        }
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// `upload=1; download=2; total=3; expire=4`, in any order, with what else there may be. A total or an
    /// end of 0 is none; ends are seconds, and milliseconds of some panels.
    fn hear_userinfo(&mut self, value: &str) {
        for pair in value.split([';', ',', '&']) {
            let Some((name, value)) = pair.split_once('=') else { continue };
            let Some(number) = number::whole(value) else { continue };
            let counted = Some(number);
            match name.trim().to_ascii_lowercase().as_str() {
                "upload" => self.upload = self.upload.or(counted),
                "download" => self.download = self.download.or(counted),
                "total" => self.total = self.total.or(counted.filter(|total| *total > 0)),
                "expire" => self.expires = self.expires.or(number::moment(number)),
                _ => {}
            }
        }
    }

    fn announce(&mut self, text: &str) {
        let text = clean(text);
        let known = self.announcements.contains(&text);
        if !text.is_empty() && !known && self.announcements.len() < Self::MOST_ANNOUNCEMENTS {
            self.announcements.push(text);
        }
    }
}

/// Sets a text that is not set yet.
fn some(text: &mut String, value: &str) {
    if text.is_empty() {
        *text = clean(value);
    }
}

/// A text on one line, without what moves a terminal's cursor.
fn clean(text: &str) -> String {
    text.trim().chars().map(|char| if char.is_control() { ' ' } else { char }).collect()
}

/// A value, or what it holds after `base64:`.
fn opened(value: &str) -> String {
    let inner = value.strip_prefix("base64:").and_then(base64::decode);
    inner.map_or_else(|| value.into(), |bytes| String::from_utf8_lossy(&bytes).into_owned())
}

impl fmt::Display for Facts {
    /// One fact a line, each with its name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = |count: Option<u64>| count.map(number::shown).unwrap_or_default();
        let rows = [
            ("title", self.title.clone()),
            ("used", bytes(self.used())),
            ("total", bytes(self.total)),
            ("left", bytes(self.left)),
            ("expires", self.expires.map(|moment| moment.to_string()).unwrap_or_default()),
            ("hours between updates", self.update_hours.map(|hours| hours.to_string()).unwrap_or_default()),
            ("web page", self.web_page.clone()),
            ("support", self.support.clone()),
        ];
        let told = self.announcements.iter().map(|text| ("says", text.clone()));
        let mut rows = rows.into_iter().chain(told).filter(|(_, value)| !value.is_empty());
        rows.try_for_each(|(name, value)| writeln!(f, "{name}: {value}"))
    }
}
