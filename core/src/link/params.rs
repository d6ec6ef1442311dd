//! Named parameters, of a query or of a JSON object: each is taken by who understands it, and what
//! is left over is kept in order and printed again.

use super::parts::{Parts, decode, encode, trim};
use crate::Proxy;

/// Parameters that nobody has taken yet, in order.
#[derive(Debug, Default)]
pub(super) struct Params(pub(super) Vec<(String, String)>);

impl Params {
    /// Cuts a query at `&`, or at `&amp;` in lists that were scraped from HTML.
    pub(super) fn read(query: &str) -> Self {
        Self(query.split('&').map(unescape).filter(|pair| !pair.is_empty()).map(pair).collect())
    }

    /// Takes the first parameter with one of these names, without blanks around it; the earlier
    /// name wins. Empty ones say nothing and are dropped.
    pub(super) fn take(&mut self, names: &[&str]) -> String {
        trim(&self.take_as_is(names)).to_owned()
    }

    /// [`take`](Self::take) with its blanks.
    pub(super) fn take_as_is(&mut self, names: &[&str]) -> String {
        self.take_if(names, |value| Some(value.to_owned())).unwrap_or_default()
    }

    /// [`take`](Self::take), but leaves what does not read.
    pub(super) fn take_if<T>(&mut self, names: &[&str], read: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.0
            .retain(|(name, value)| !(trim(value).is_empty() && names.iter().any(|known| same(known, name))));
        let at = self.position(names)?;
        let value = read(&self.0.get(at)?.1)?;
        self.0.remove(at);
        Some(value)
    }

    /// Drops every parameter with one of these names that says nothing.
    pub(super) fn drop(&mut self, names: &[&str], says_nothing: impl Fn(&str) -> bool) {
        self.0.retain(|(name, value)| {
            !(says_nothing(trim(value)) && names.iter().any(|known| same(known, name)))
        });
    }

    /// What [`take`](Self::take) would take.
    pub(super) fn peek(&self, names: &[&str]) -> &str {
        self.position(names).and_then(|at| self.0.get(at)).map_or("", |(_, value)| trim(value))
    }

    fn position(&self, names: &[&str]) -> Option<usize> {
        let find = |wanted: &&str| {
            self.0.iter().position(|(name, value)| same(wanted, name) && !trim(value).is_empty())
        };
        names.iter().find_map(find)
    }

    /// Takes a list cut at commas; the first one that holds anything.
    pub(super) fn take_list(&mut self, names: &[&str]) -> Vec<String> {
        loop {
            let text = self.take(names);
            let list: Vec<_> =
                text.split(',').map(trim).filter(|item| !item.is_empty()).map(str::to_owned).collect();
            if text.is_empty() || !list.is_empty() {
                return list;
            }
        }
    }

    /// Takes every parameter with one of these names that says yes or no; true if any says yes.
    pub(super) fn take_flag(&mut self, names: &[&str]) -> bool {
        let mut yes = false;
        self.0.retain(|(name, value)| {
            let said = names.iter().any(|known| same(known, name)).then(|| flag(value)).flatten();
            yes |= said == Some(true);
            said.is_none()
        });
        yes
    }
}

/// Yes, no, or something else. Nothing at all is a no.
pub(super) fn flag(value: &str) -> Option<bool> {
    let value = trim(value);
    let is = |words: &[&str]| words.iter().any(|word| value.eq_ignore_ascii_case(word));
    if is(&["1", "true", "yes"]) {
        Some(true)
    } else if is(&["", "0", "false", "no"]) {
        Some(false)
    } else {
        None
    }
}

/// Gives a proxy the name of its link, which is `remarks` where there is no `#`, and what nobody
/// took.
pub(super) fn close(mut proxy: Proxy, parts: &Parts<'_>, mut params: Params) -> Proxy {
    trim(&decode(parts.fragment)).clone_into(&mut proxy.name);
    if proxy.name.is_empty() {
        proxy.name = params.take(&["remarks", "remark"]);
    }
    proxy.extra = params.0;
    proxy
}

fn unescape(mut pair: &str) -> &str {
    while let Some(rest) = pair.strip_prefix("amp;") {
        pair = rest;
    }
    pair
}

/// In a query, `+` is a blank.
fn pair(text: &str) -> (String, String) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (decode(&name.replace('+', " ")), decode(&value.replace('+', " ")))
}

/// Whether two names are the same but for case, `_` and `-`.
pub(super) fn same(a: &str, b: &str) -> bool {
    let letters = |text| str::chars(text).filter(|char| !matches!(char, '_' | '-'));
    letters(a).map(|char| char.to_ascii_lowercase()).eq(letters(b).map(|char| char.to_ascii_lowercase()))
}

/// A query being printed.
#[derive(Debug, Default)]
pub(super) struct Printed(String);

impl Printed {
    /// Adds a parameter.
    pub(super) fn add(&mut self, name: &str, value: &str) {
        self.0.push(if self.0.is_empty() { '?' } else { '&' });
        self.0.push_str(&encode(name));
        self.0.push('=');
        self.0.push_str(&encode(value));
    }

    /// Adds a parameter unless it is empty.
    pub(super) fn add_some(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.add(name, value);
        }
    }

    /// Adds parameters as they were read.
    pub(super) fn add_all(&mut self, pairs: &[(String, String)]) {
        for (name, value) in pairs {
            self.add(name, value);
        }
    }

    /// The query with its `?`, or nothing.
    pub(super) fn finish(self) -> String {
        self.0
    }
}
