//! Lists of bare addresses, one a line: `192.0.2.1:8080`, `192.0.2.1 8080`, `host:port:user:password`,
//! `user:password@host:port`, with words beside them or in columns cut by blanks, commas, `;`, `|` or tabs.
//!
//! Specification: <https://github.com/clarketm/proxy-list>
//!
//! What an address speaks is said by its line (`socks5 192.0.2.1:1080`), or by the last line of words
//! before it (`# SOCKS5`, `type: http`), or by the first one after it, or by a [`Hint`]. Without any of
//! these it is refused. What else a line says is the name, after the flag of the country that it names.
//!
//! # Differences between programs
//!
//! - `https` means an HTTP proxy that passes TLS on, not one that is reached over TLS: links say that.
//! - clarketm and spys.me write `US-N-S! +`: country, anonymity (`N`, `A`, `H`), support of TLS, whether
//!   Google took it. Such lists are of HTTP proxies where nothing says otherwise.

use std::net::Ipv4Addr;

use super::hint::named;
use super::{Format, Hint, Reader, Reading, lines};
use crate::Text;
use crate::geo::Country;
use crate::link::{self, Reason};
use crate::proxy::{Credentials, Endpoint, Protocol, Proxy};

pub(super) struct List;

/// How many lines tell whether a text is such a list.
const ENOUGH: usize = 100;

impl Format for List {
    fn name(&self) -> &'static str {
        "list"
    }

    fn specification(&self) -> &'static str {
        "https://github.com/clarketm/proxy-list"
    }

    fn example(&self) -> &'static str {
        "# SOCKS5\n192.0.2.1:1080\n192.0.2.2:1080:user:secret DE\n"
    }
}

impl Reader for List {
    /// More addresses than links, and no object.
    fn detect(&self, text: &str) -> bool {
        if super::trim(text).starts_with('{') {
            return false;
        }
        let said = lines::places(text).map(|(_, line)| line).filter(|line| !lines::is_comment(line));
        let (mut links, mut addresses) = (0, 0);
        for line in said.take(ENOUGH) {
            let is_link = line.contains("://");
            links += usize::from(is_link);
            addresses += usize::from(!is_link && has_address(line));
        }
        addresses > links
    }

    fn read(&self, text: &str, reading: &mut Reading) {
        self.read_hinted(text, Hint::default(), reading);
    }

    fn read_hinted(&self, text: &str, hint: Hint, reading: &mut Reading) {
        lines::read(text, hint, reading);
    }
}

/// What a text's own lines of words say that its addresses speak.
#[derive(Debug)]
pub(super) struct Talk<'a> {
    text: &'a str,
    hint: Hint,
    now: Option<Protocol>,
    /// What the text says anywhere, once it was asked for.
    anywhere: Option<Hint>,
}

impl<'a> Talk<'a> {
    pub(super) fn of(text: &'a str, hint: Hint) -> Self {
        Self { text, hint, now: None, anywhere: None }
    }

    /// That of a text of which only the start is there.
    pub(super) fn of_start(start: &str) -> Talk<'static> {
        Talk { anywhere: Some(said(start)), ..Talk::of("", Hint::default()) }
    }

    /// That of a text which stands in this one.
    pub(super) fn of_inner<'b>(&self, text: &'b str) -> Talk<'b> {
        Talk::of(text, self.hint)
    }

    /// Hears a line of words; whether it says nothing else.
    pub(super) fn hear(&mut self, line: &str) -> bool {
        let said = label(line);
        self.now = said.map(|(protocol, _)| protocol).or(self.now);
        said.is_some_and(|(_, alone)| alone)
    }

    fn protocol(&mut self) -> Option<Protocol> {
        if self.now.is_some() {
            return self.now;
        }
        let text = self.text;
        self.anywhere.get_or_insert_with(|| said(text)).or(self.hint).protocol()
    }

    /// Reads the proxy of a line without links.
    pub(super) fn read(&mut self, line: &str) -> Result<Proxy, Reason> {
        let entry = entry(line).ok_or(Reason::NoScheme)?;
        let Address { at, login, protocol } = entry.address?;
        let known = protocol.or(entry.protocol).or_else(|| self.protocol());
        let protocol = known.or(entry.is_noted.then_some(Protocol::Http)).ok_or(Reason::NoProtocol)?;
        let mut proxy = Proxy { endpoint: at, ..Proxy::new(protocol, "", 0) };
        if let Some((username, password)) = login {
            proxy.credentials = Credentials::Login { username: username.into(), password: password.into() };
        }
        proxy.name = entry.name;
        Ok(proxy)
    }
}

/// What a text says anywhere.
fn said(text: &str) -> Hint {
    text.lines().find_map(label).map(|(protocol, _)| protocol).into()
}

/// Whether a line has an address.
pub(super) fn has_address(line: &str) -> bool {
    entry(line).is_some()
}

/// The longest line of words that is listened to, in bytes.
const LONGEST_LABEL: usize = 200;
/// Words beside a protocol in a line that says nothing else.
const FILLERS: &[&str] = &["type", "protocol", "proxy", "proxies", "list", "scheme"];

/// The protocol that a line of words says, if it says one, and whether it says nothing else.
fn label(line: &str) -> Option<(Protocol, bool)> {
    if line.len() > LONGEST_LABEL || line.contains("://") {
        return None;
    }
    let words = || line.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut said = words().filter_map(named);
    let first = said.next()?;
    if said.any(|other| other != first) || entry(line).is_some() {
        return None;
    }
    let is_filler = |word: &str| FILLERS.iter().any(|filler| filler.eq_ignore_ascii_case(word));
    Some((first, words().all(|word| is_filler(word) || named(word).is_some())))
}

/// What a line with an address says.
struct Entry<'a> {
    address: Result<Address<'a>, Reason>,
    /// What a word beside it says.
    protocol: Option<Protocol>,
    name: Text,
    /// Whether it is in clarketm's notation.
    is_noted: bool,
}

#[derive(Default)]
struct Address<'a> {
    at: Endpoint,
    login: Option<(&'a str, &'a str)>,
    protocol: Option<Protocol>,
}

/// Reads a line; `None` where it has no address.
fn entry(line: &str) -> Option<Entry<'_>> {
    let (said, comment) = line.split_once('#').unwrap_or((line, ""));
    let cut = |char: char| char.is_whitespace() || matches!(char, ',' | ';' | '|' | '"' | '\'' | '`');
    let mut words: Vec<_> = said.split(cut).filter(|word| !word.is_empty()).take(MOST_WORDS).collect();
    let (at, length, address) = (0..words.len()).find_map(|at| {
        let one = address(words.get(at)?).map(|address| (at, 1, address));
        one.or_else(|| pair(words.get(at)?, words.get(at + 1)?).map(|address| (at, 2, address)))
    })?;
    if words.iter().take(at).any(|word| is_key(word)) {
        return None;
    }
    words.drain(at..at + length);
    let protocol = words.iter().find_map(|word| named(word.trim_end_matches(':')));
    let is_noted = words.iter().any(|word| noted(word).is_some());
    words.retain(|word| named(word.trim_end_matches(':')).is_none() && is_said(word));
    let name = if link::trim(comment).is_empty() { name(&words) } else { link::trim(comment).into() };
    Some(Entry { address, protocol, name, is_noted })
}

/// The most words of a line that are looked at.
const MOST_WORDS: usize = 64;

/// Whether a word before an address makes it the value of a setting, as `listen: 127.0.0.1:1080`.
fn is_key(word: &str) -> bool {
    word == "=" || word.strip_suffix(':').is_some_and(|key| named(key).is_none())
}

/// Whether a word says something: no bullet, arrow or number of a line.
fn is_said(word: &str) -> bool {
    let number = word.strip_suffix(['.', ')']).is_some_and(|digits| digits.parse::<u64>().is_ok());
    !number && word.chars().any(|char| char.is_alphanumeric() || !char.is_ascii())
}

/// A name of words, after the flag of the country that one of them names.
fn name(words: &[&str]) -> Text {
    let name = words.join(" ");
    let country = words.iter().find_map(|word| noted(word).or_else(|| upper(word)));
    let has_flag = name.chars().any(|char| ('\u{1f1e6}'..='\u{1f1ff}').contains(&char));
    let flag = country.filter(|_| !has_flag).map(|country| country.flag());
    flag.map_or_else(|| name.as_str().into(), |flag| format!("{flag} {name}").into())
}

fn upper(code: &str) -> Option<Country> {
    code.bytes().all(|byte| byte.is_ascii_uppercase()).then(|| Country::from_code(code)).flatten()
}

/// The country of clarketm's notation, as `US-N-S!`.
fn noted(word: &str) -> Option<Country> {
    let (code, rest) = word.split_once('-')?;
    let rest = rest.strip_suffix('!').unwrap_or(rest);
    let rest = rest.strip_suffix("-S").unwrap_or(rest);
    matches!(rest, "N" | "A" | "H").then(|| upper(code)).flatten()
}

/// An address that is one word.
fn address(word: &str) -> Option<Result<Address<'_>, Reason>> {
    if let Some(plain) = place(word) {
        return Some(plain.map(|at| Address { at, ..Address::default() }));
    }
    if let Some((before, after)) = word.rsplit_once('@') {
        let (at, other) = place(after).map(|at| (at, before)).or_else(|| Some((place(before)?, after)))?;
        let protocol = named(other);
        let login = protocol.is_none().then(|| other.split_once(':').unwrap_or((other, "")));
        return Some(at.map(|at| Address { at, login, protocol }));
    }
    let parts: Vec<_> = word.splitn(4, ':').collect();
    match parts.as_slice() {
        [host, port, word] | [word, host, port] if named(word).is_some() => {
            Some(cut(host, port)?.map(|at| Address { at, protocol: named(word), login: None }))
        }
        [a, b, c, d] => {
            let (at, login) = cut(a, b).map(|at| (at, (*c, *d))).or_else(|| Some((cut(c, d)?, (*a, *b))))?;
            Some(at.map(|at| Address { at, login: Some(login), protocol: None }))
        }
        _ => None,
    }
}

/// An address whose port is the next word.
fn pair<'a>(host: &str, port: &str) -> Option<Result<Address<'a>, Reason>> {
    cut(host, port).map(|at| Ok(Address { at: at?, ..Address::default() }))
}

/// `host:port`; IPv6 in brackets.
fn place(text: &str) -> Option<Result<Endpoint, Reason>> {
    let (host, port) = text.rsplit_once(':')?;
    cut(host, port)
}

/// A host and a port; `None` where the one is no host of a list or the other no number.
fn cut(host: &str, port: &str) -> Option<Result<Endpoint, Reason>> {
    let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && is_host(host)).then(|| Ok(Endpoint { host: link::host(host)?, port: link::port(port)? }))
}

/// An address, IPv6 in brackets, or a name that ends as names do; no time and no version.
fn is_host(text: &str) -> bool {
    if text.starts_with('[') {
        return text.ends_with(']') && text.contains(':');
    }
    let name = text.rsplit_once('.').map_or("", |(_, end)| end);
    let is_name = name.len() >= 2 && name.chars().all(char::is_alphabetic) && !text.contains(':');
    is_name || text.parse::<Ipv4Addr>().is_ok()
}
