//! The URL form of a query: shared between people, and the hosted API's.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::Query;
use super::filter::{FILTERS, Filter, Form, Kind};

/// What is escaped in values whose names are ours.
const NAMES: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'-').remove(b':').remove(b',');

/// A parameter that a query does not take, or takes otherwise.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: expected {expected}")]
pub struct BadParameter {
    /// The parameter.
    pub name: String,
    /// What it takes.
    pub expected: String,
}

impl Query {
    /// The URL form, `protocol=vless&country=DE`, without `?`; empty for the default query.
    ///
    /// ```
    /// use configstream_core::catalogue::Query;
    /// let query = Query::from_url("protocol=vless,trojan&country=de&q=berlin+fast").unwrap();
    /// assert_eq!(query.to_url(), "protocol=vless,trojan&country=DE&q=berlin%20fast");
    /// ```
    pub fn to_url(&self) -> String {
        let both = FILTERS.iter().flat_map(|filter| [(filter, false), (filter, true)]);
        let pairs = both.filter_map(|(filter, not)| self.pair(filter, not));
        pairs.collect::<Vec<_>>().join("&")
    }

    fn pair(&self, filter: &Filter, not: bool) -> Option<String> {
        let name = if not { filter.not } else { filter.name };
        let escaped = if filter.is_of_ours() { NAMES } else { NON_ALPHANUMERIC };
        let encode = |value: &String| utf8_percent_encode(value, escaped).to_string();
        let values = (filter.write)(self, not).iter().map(encode).collect::<Vec<_>>().join(",");
        (!name.is_empty() && !values.is_empty()).then(|| format!("{name}={values}"))
    }

    /// Reads the URL form. Unknown parameters are not the query's and are passed over; a parameter
    /// of the query with a value that it does not take is an error.
    pub fn from_url(text: &str) -> Result<Self, BadParameter> {
        let mut query = Self::default();
        for pair in text.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            query.set(name, value)?;
        }
        Ok(query)
    }

    fn set(&mut self, name: &str, raw: &str) -> Result<(), BadParameter> {
        let is_named = |filter: &&Filter| !name.is_empty() && (filter.name == name || filter.not == name);
        let Some(filter) = FILTERS.iter().find(is_named) else { return Ok(()) };
        let read = |query: &mut Self, word: &str| (filter.read)(query, word, filter.not == name, Form::Url);
        let value = decode(raw);
        let all = match filter.kind {
            _ if value.is_empty() => Some(()),
            // A name of others may have a comma of its own.
            Kind::AnyOf if !filter.is_of_ours() => {
                let words = raw.split(',').map(decode).filter(|word| !word.is_empty());
                words.map(|word| read(self, &word)).collect()
            }
            Kind::AnyOf => value.split(',').map(|word| read(self, word.trim())).collect(),
            _ => read(self, &value),
        };
        all.ok_or_else(|| BadParameter { name: name.to_owned(), expected: (filter.expected)() })
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}
