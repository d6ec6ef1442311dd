//! Named parameters, of a query or of a JSON object: each is taken by who understands it, and what
//! is left over is kept in order and printed again.
//!
//! A link has a dozen of them, and is asked for twice as many. So a value becomes the text that the proxy
//! keeps when it is read, and is only moved then; and names are compared by a [`mark`], a number, those that
//! are asked for at compile time: see [`names`].

use std::borrow::Cow;

use thin_vec::ThinVec;

use super::parts::{Parts, decode, decode_query, encode, escape, trim};
use crate::proxy::Protocol;
use crate::proxy::param::{Kind, Param, mark, same};
use crate::{Proxy, Text};

/// A name that some kind of link has for a parameter, and its [`mark`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    text: &'static str,
    mark: u32,
}

/// Several names of one parameter; the first is printed.
pub(super) type Names = &'static [Name];

impl Name {
    pub(super) const fn new(text: &'static str) -> Self {
        Self { text, mark: mark(text) }
    }

    /// Whether it is this one: in any case, with `_` and `-` or without.
    pub(super) fn is(&self, name: &str) -> bool {
        same(self.text, name)
    }

    pub(super) const fn text(&self) -> &'static str {
        self.text
    }

    fn is_of(&self, pair: &Pair) -> bool {
        self.mark == pair.mark && self.is(&pair.name)
    }
}

/// Some [`Names`], with their marks made at compile time.
macro_rules! names {
    ($($name:literal),*) => { const { &[$($crate::link::params::Name::new($name)),*] } };
}
pub(super) use names;

/// How a kind of link calls the parameters that it has.
pub(super) type Table = [(Param, Names)];

/// Parameters that nobody has taken yet, in order.
#[derive(Debug, Default)]
pub(super) struct Params {
    pairs: Vec<Pair>,
    /// A bit for each mark that was ever here: most names that are asked for are not.
    seen: u64,
    /// Whether any of them ever said nothing: few do.
    blank: bool,
}

#[derive(Debug)]
struct Pair {
    mark: u32,
    name: Text,
    /// None once it was taken.
    value: Option<Text>,
}

impl Pair {
    fn new(name: Text, value: Text) -> Self {
        Self { mark: mark(&name), name, value: Some(value) }
    }

    /// The value without blanks around it, if it is there.
    fn said(&self) -> Option<&str> {
        self.value.as_deref().map(trim)
    }

    fn is_one_of(&self, names: &[Name]) -> bool {
        names.iter().any(|name| name.is_of(self))
    }
}

fn bit(mark: u32) -> u64 {
    1 << (mark % 64)
}

impl FromIterator<(Text, Text)> for Params {
    fn from_iter<I: IntoIterator<Item = (Text, Text)>>(pairs: I) -> Self {
        let mut params = Self::default();
        params.extend(pairs);
        params
    }
}

impl Extend<(Text, Text)> for Params {
    fn extend<I: IntoIterator<Item = (Text, Text)>>(&mut self, pairs: I) {
        pairs.into_iter().for_each(|(name, value)| self.put(name, value));
    }
}

impl Params {
    /// Cuts a query at `&`, or at `&amp;` and the like in lists that were scraped from HTML or JSON.
    pub(super) fn read(query: &str) -> Self {
        let mut params = Self::default();
        params.add(query);
        params
    }

    /// Adds the parameters of a query.
    pub(super) fn add(&mut self, query: &str) {
        if query.is_empty() {
            return;
        }
        let query = plain_ampersands(query);
        // About what there are: to count them takes longer than to move the few that are more.
        self.pairs.reserve(1 + query.len() / 16);
        let (mut start, mut escaped) = (0, escape(&query, 0));
        for end in memchr::memchr_iter(b'&', query.as_bytes()).chain([query.len()]) {
            if escaped.is_some_and(|at| at < start) {
                escaped = escape(&query, start);
            }
            let decode = if escaped.is_some_and(|at| at < end) { decode_query } else { plain };
            self.add_pair(unescape(query.get(start..end).unwrap_or_default()), decode);
            start = end + 1;
        }
    }

    fn add_pair(&mut self, pair: &str, decode: fn(&str) -> Text) {
        if !pair.is_empty() {
            // A name is short: to look at its bytes is faster than to search.
            let end = pair.bytes().position(|byte| byte == b'=').unwrap_or(pair.len());
            let (name, value) = pair.split_at(end);
            self.put(decode(name), decode(value.get(1..).unwrap_or_default()));
        }
    }

    /// Adds a parameter behind the others.
    pub(super) fn put(&mut self, name: impl Into<Text>, value: impl Into<Text>) {
        let pair = Pair::new(name.into(), value.into());
        self.seen |= bit(pair.mark);
        self.blank |= pair.said() == Some("");
        self.pairs.push(pair);
    }

    /// Adds a parameter before the others, so that it counts more.
    pub(super) fn put_first(&mut self, name: impl Into<Text>, value: impl Into<Text>) {
        self.put(name, value);
        self.pairs.rotate_right(1);
    }

    /// Gives parameters other names or values.
    pub(super) fn change(&mut self, change: impl Fn(&mut Text, &mut Text)) {
        for Pair { name, value, .. } in std::mem::take(&mut self.pairs) {
            if let (mut name, Some(mut value)) = (name, value) {
                change(&mut name, &mut value);
                self.put(name, value);
            }
        }
    }

    /// The names, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().filter(|pair| pair.value.is_some()).map(|pair| pair.name.as_str())
    }

    /// Takes the first parameter with one of these names, without blanks around it; the earlier
    /// name wins. Empty ones say nothing and are dropped.
    pub(super) fn take(&mut self, names: &[Name]) -> Text {
        self.find(names).and_then(|pair| pair.value.take()).map(trimmed).unwrap_or_default()
    }

    /// [`take`](Self::take) with its blanks.
    pub(super) fn take_as_is(&mut self, names: &[Name]) -> Text {
        self.find(names).and_then(|pair| pair.value.take()).unwrap_or_default()
    }

    /// [`take`](Self::take), but leaves what does not read.
    pub(super) fn take_if<T>(&mut self, names: &[Name], read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let pair = self.find(names)?;
        let read = read(pair.value.as_deref()?)?;
        pair.value = None;
        Some(read)
    }

    /// Drops every parameter with one of these names that says nothing.
    pub(super) fn drop(&mut self, names: &[Name], says_nothing: impl Fn(&str) -> bool) {
        if self.may_have(names) {
            for pair in self.pairs.iter_mut().filter(|pair| pair.is_one_of(names)) {
                pair.value.take_if(|value| says_nothing(trim(value)));
            }
        }
    }

    /// Drops every parameter that says nothing, whatever its name.
    pub(super) fn drop_values(&mut self, says_nothing: impl Fn(&str) -> bool) {
        for pair in &mut self.pairs {
            pair.value.take_if(|value| says_nothing(value));
        }
    }

    /// What [`take`](Self::take) would take.
    pub(super) fn peek(&self, names: &[Name]) -> &str {
        self.position(names).and_then(|at| self.pairs.get(at)?.said()).unwrap_or_default()
    }

    fn may_have(&self, names: &[Name]) -> bool {
        names.iter().any(|name| self.seen & bit(name.mark) != 0)
    }

    /// The parameter that would be taken; empty ones are dropped.
    fn find(&mut self, names: &[Name]) -> Option<&mut Pair> {
        if !self.may_have(names) {
            return None;
        }
        if self.blank {
            self.drop(names, str::is_empty);
        }
        self.position(names).and_then(|at| self.pairs.get_mut(at))
    }

    fn position(&self, names: &[Name]) -> Option<usize> {
        let says = |pair: &Pair| pair.value.is_some() && !(self.blank && pair.said() == Some(""));
        let is = |name: &Name, pair: &Pair| name.is_of(pair) && says(pair);
        let find = |name: &Name| self.pairs.iter().position(|pair| is(name, pair));
        names.iter().filter(|name| self.seen & bit(name.mark) != 0).find_map(find)
    }

    /// Takes a list cut at commas; those that hold nothing are dropped.
    pub(super) fn take_list(&mut self, names: &[Name]) -> ThinVec<Text> {
        self.drop(names, |said| items(said).next().is_none());
        items(&self.take(names)).map(Text::from).collect()
    }

    /// Takes every parameter with one of these names, in order; empty ones are dropped.
    pub(super) fn take_every(&mut self, names: &[Name]) -> Vec<Text> {
        let pairs = self.pairs.iter_mut().filter(|pair| pair.is_one_of(names));
        let values = pairs.filter_map(|pair| pair.value.take()).map(trimmed);
        values.filter(|value| !value.is_empty()).collect()
    }

    /// Takes every parameter with one of these names that says yes or no; true if any says yes.
    pub(super) fn take_flag(&mut self, names: &[Name]) -> bool {
        let mut yes = false;
        if self.may_have(names) {
            for pair in self.pairs.iter_mut().filter(|pair| pair.is_one_of(names)) {
                let said = pair.value.as_deref().and_then(flag);
                yes |= said == Some(true);
                pair.value.take_if(|_| said.is_some());
            }
        }
        yes
    }

    /// Gives a proxy the parameters that it understands, by the names of a table or by their keys, and what
    /// nobody took. The first of several counts, the others are left; those that say nothing are dropped.
    fn give(self, proxy: &mut Proxy, table: &Table) {
        for mut pair in self.pairs {
            let Some(value) = pair.value.take() else { continue };
            let named = table.iter().find(|(_, names)| pair.is_one_of(names)).map(|(param, _)| *param);
            // The `type` of a link is its network, but for those of no known protocol.
            let own = Param::of(pair.mark, &pair.name)
                .filter(|param| *param != Param::Type || proxy.protocol == Protocol::Other);
            let param = named.or(own);
            let free = param.filter(|param| proxy.param(*param).is_none());
            let given = match free {
                Some(param) => said(param, value).map(|said| proxy.set(param, said)),
                None => Err(value),
            };
            if let Err(value) = given {
                proxy.extra.push((pair.name, value));
            }
        }
        // Lists have millions: room that was taken in advance is given back.
        proxy.extra.shrink_to_fit();
    }
}

/// What a list cut at commas holds.
pub(super) fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(trim).filter(|item| !item.is_empty())
}

/// A text without blanks around it.
pub(super) fn trimmed(text: Text) -> Text {
    match trim(&text) {
        inner if inner.len() < text.len() => inner.into(),
        _ => text,
    }
}

/// Yes, no, or something else. Nothing at all is a no.
pub(crate) fn flag(value: &str) -> Option<bool> {
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

/// A secret that stands before the host, or in a parameter of one of these names.
pub(super) fn secret(parts: &Parts<'_>, params: &mut Params, names: &[Name]) -> Text {
    params.drop(names, str::is_empty);
    match trim(&decode(parts.user.unwrap_or_default())) {
        "" => params.take(names),
        user => user.into(),
    }
}

/// Gives a proxy the name of its link, which is `remarks` where there is no `#`, the parameters that
/// it understands, and what nobody took.
pub(super) fn close(mut proxy: Proxy, parts: &Parts<'_>, mut params: Params, table: &Table) -> Proxy {
    proxy.name = match trim(&decode(parts.fragment)) {
        "" => params.take(names!["remarks", "remark"]),
        name => name.into(),
    };
    params.give(&mut proxy, table);
    proxy
}

/// The value of a parameter as it is kept: empty where it says nothing, an error where it is none.
fn said(param: Param, value: Text) -> Result<Text, Text> {
    let text = trim(&value);
    match (param.kind(), param) {
        _ if text.is_empty() => Ok(Text::new()),
        (Kind::Flag, _) => flag(text).map(|yes| if yes { "1" } else { "0" }.into()).ok_or(value),
        (_, Param::CertSha256) => Ok(hexadecimal(text)),
        (_, Param::HopInterval) => hop_interval(text).ok_or(value),
        // Elsewhere `encryption` is something else, or an advertisement.
        (_, Param::ShadowLayer) if !text.starts_with("ss;") => Err(value),
        (_, Param::Plugin) if text.contains(';') => Err(value),
        _ => Ok(trimmed(value)),
    }
}

/// Seconds between hops, or a range of them, without their unit.
fn hop_interval(text: &str) -> Option<Text> {
    let seconds = text.split('-').map(|part| trim(part.strip_suffix('s').unwrap_or(part)));
    let seconds: Vec<_> = seconds.take(3).collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (seconds.len() < 3 && seconds.iter().all(is_number)).then(|| seconds.join("-").into())
}

/// A hash without the colons between its bytes, in lower case; base64 stays as it is.
pub(crate) fn hexadecimal(hash: &str) -> Text {
    if hash.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':') {
        hash.replace(':', "").to_ascii_lowercase().into()
    } else {
        hash.into()
    }
}

/// A text that needs no decoding.
fn plain(text: &str) -> Text {
    text.into()
}

/// What lists have for `&`.
const MARKS: [&str; 3] = ["%26amp%3B", "%26amp%3b", "\\u0026"];

/// `&` where lists have `%26amp%3B` or `\u0026` before a name and its `=`. Neither is ever printed so.
fn plain_ampersands(query: &str) -> Cow<'_, str> {
    // Few queries have one, and looking for a byte is faster than looking for a text.
    let has_mark =
        |at: usize| MARKS.iter().any(|mark| query.get(at..).is_some_and(|rest| rest.starts_with(mark)));
    if !memchr::memchr2_iter(b'%', b'\\', query.as_bytes()).any(has_mark) {
        return Cow::Borrowed(query);
    }
    MARKS.iter().fold(Cow::Borrowed(query), |plain, mark| {
        if plain.contains(mark) { Cow::Owned(unmark(&plain, mark)) } else { plain }
    })
}

fn unmark(query: &str, mark: &str) -> String {
    let mut pieces = query.split(mark);
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let name = piece.split('=').next().unwrap_or_default();
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        plain.push_str(if is_name && name.len() < piece.len() { "&" } else { mark });
        plain.push_str(piece);
    }
    plain
}

fn unescape(mut pair: &str) -> &str {
    while let Some(rest) = ["amp;", "amp%3B", "amp%3b"].iter().find_map(|mark| pair.strip_prefix(mark)) {
        pair = rest;
    }
    pair
}

/// The names of a parameter in a table.
pub(super) fn names_of(table: &Table, param: Param) -> Names {
    table.iter().find(|(known, _)| *known == param).map_or(&[], |(_, names)| *names)
}

/// The name under which a parameter is printed.
pub(super) fn name(table: &Table, param: Param) -> &'static str {
    names_of(table, param).first().map_or(param.key(), Name::text)
}

/// A query being printed.
#[derive(Debug, Default)]
pub(super) struct Printed(String);

impl Printed {
    /// Adds a parameter.
    pub(super) fn add(&mut self, name: &str, value: &str) {
        self.0.push(if self.0.is_empty() { '?' } else { '&' });
        // What looks like a scraped `&` within a name must not be read as one.
        self.0.push_str(&encode(name).replace("amp%3B", "%61mp%3B"));
        self.0.push('=');
        self.0.push_str(&encode(value));
    }

    /// Adds a parameter unless it is empty.
    pub(super) fn add_some(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.add(name, value);
        }
    }

    /// Adds the fields of TLS where nothing else says that there is TLS, under these names for the
    /// server name and for leaving the certificate unchecked.
    pub(super) fn add_tls(&mut self, proxy: &Proxy, [sni, insecure]: [&str; 2]) {
        let Some(tls) = &proxy.tls else { return };
        self.add_some(sni, &tls.server_name);
        self.add_some("alpn", &tls.alpn.join(","));
        self.add_some("fp", &tls.client_fingerprint);
        self.add_some(insecure, if tls.insecure { "1" } else { "" });
    }

    /// Adds what a proxy's protocol understands and what nobody understood.
    pub(super) fn add_rest(&mut self, proxy: &Proxy, table: &Table) {
        for (param, value) in &proxy.params {
            self.add(name(table, *param), value);
        }
        for (name, value) in &proxy.extra {
            self.add(name, value);
        }
    }

    /// The query with its `?`, or nothing.
    pub(super) fn finish(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn very_many_parameters_of_one_name_are_taken_in_a_moment() {
        let started = std::time::Instant::now();
        let mut params = Params::read(&"stun=1&alpn=,&".repeat(200_000));
        assert_eq!(params.take_every(names!["stun"]).len(), 200_000);
        assert_eq!(params.take_list(names!["alpn"]), ThinVec::<Text>::new());
        assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    }
}
