//! Named parameters, of a query or of a JSON object: each is taken by who understands it, and what
//! is left over is kept in order and printed again.

use std::borrow::Cow;

use super::parts::{Parts, decode, encode, trim};
use crate::Proxy;
use crate::proxy::param::{Kind, Param};

pub(super) use crate::proxy::param::same;

/// How a kind of link calls the parameters that it has: the first name is printed.
pub(super) type Table = [(Param, &'static [&'static str])];

/// Parameters that nobody has taken yet, in order.
#[derive(Debug, Default)]
pub(super) struct Params(pub(super) Vec<(String, String)>);

impl Params {
    /// Cuts a query at `&`, or at `&amp;` and the like in lists that were scraped from HTML or JSON.
    pub(super) fn read(query: &str) -> Self {
        let query = plain_ampersands(query);
        Self(query.split('&').map(unescape).filter(|pair| !pair.is_empty()).map(pair).collect())
    }

    /// Gives a proxy the parameters that it understands: by the names of a table, or by their keys.
    /// The first of several counts, the others are left; those that say nothing are dropped.
    pub(super) fn give(&mut self, proxy: &mut Proxy, table: &Table) {
        self.0.retain(|(name, value)| {
            let named = table.iter().find(|(_, names)| names.iter().any(|known| same(known, name)));
            let param = named.map(|(param, _)| *param).or_else(|| Param::from_key(name));
            let Some(param) = param.filter(|param| proxy.param(*param).is_none()) else { return true };
            let said = said(param, value);
            proxy.set(param, said.clone().unwrap_or_default());
            said.is_none()
        });
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
pub(super) fn secret(parts: &Parts<'_>, params: &mut Params, names: &[&str]) -> String {
    params.drop(names, str::is_empty);
    let user = decode(parts.user.unwrap_or_default());
    if trim(&user).is_empty() { params.take(names) } else { trim(&user).to_owned() }
}

/// Gives a proxy the name of its link, which is `remarks` where there is no `#`, the parameters that
/// it understands, and what nobody took.
pub(super) fn close(mut proxy: Proxy, parts: &Parts<'_>, mut params: Params, table: &Table) -> Proxy {
    trim(&decode(parts.fragment)).clone_into(&mut proxy.name);
    if proxy.name.is_empty() {
        proxy.name = params.take(&["remarks", "remark"]);
    }
    params.give(&mut proxy, table);
    // Lists have millions: what a query needed while it was read is given back.
    params.0.shrink_to_fit();
    proxy.extra = params.0;
    proxy
}

/// The value of a parameter as it is kept: empty where it says nothing, `None` where it is none.
fn said(param: Param, value: &str) -> Option<String> {
    let value = trim(value);
    match (param.kind(), param) {
        _ if value.is_empty() => Some(String::new()),
        (Kind::Flag, _) => flag(value).map(|yes| if yes { "1" } else { "0" }.to_owned()),
        (_, Param::CertSha256) => Some(hexadecimal(value)),
        // Elsewhere `encryption` is something else, or an advertisement.
        (_, Param::ShadowLayer) => value.starts_with("ss;").then(|| value.to_owned()),
        (_, Param::Plugin) if value.contains(';') => None,
        _ => Some(value.to_owned()),
    }
}

/// A hash without the colons between its bytes, in lower case; base64 stays as it is.
fn hexadecimal(hash: &str) -> String {
    if hash.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':') {
        hash.replace(':', "").to_ascii_lowercase()
    } else {
        hash.to_owned()
    }
}

/// `&` where lists have `%26amp%3B` or `\u0026` before a name and its `=`. Neither is ever printed so.
fn plain_ampersands(query: &str) -> Cow<'_, str> {
    let mut plain = Cow::Borrowed(query);
    if !query.contains(['\\', '%']) {
        return plain;
    }
    for mark in ["%26amp%3B", "%26amp%3b", "\\u0026"] {
        if plain.contains(mark) {
            plain = Cow::Owned(unmark(&plain, mark));
        }
    }
    plain
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

/// In a query, `+` is a blank.
fn pair(text: &str) -> (String, String) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (decode(&name.replace('+', " ")), decode(&value.replace('+', " ")))
}

/// The name under which a parameter is printed.
pub(super) fn name(table: &Table, param: Param) -> &'static str {
    let names = table.iter().find(|(known, _)| *known == param);
    names.and_then(|(_, names)| names.first()).copied().unwrap_or(param.key())
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
