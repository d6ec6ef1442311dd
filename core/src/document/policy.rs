//! The lines in which programs of iOS and Android name a proxy: `name = type, host, port, key=value, …`
//! under `[Proxy]` in a file of sections, or with no section at all. Quotes protect commas and blanks.
//!
//! Specification: <https://manual.nssurge.com/policies/overview.html>

use super::lines::{is_comment, places};
use super::{Place, Reading, is_break};
use crate::link;
use crate::link::{Reason, flag};
use crate::proxy::param::{Kind, Param, same};
use crate::{Proxy, Text};

/// How a program calls the parameters that it has: the first name is written.
pub(super) type Table = [(Param, &'static [&'static str])];

/// One line that says something, in its section.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    /// Where it starts.
    pub(super) place: Place,
    /// The section without its brackets; empty before the first one.
    pub(super) section: &'a str,
    /// The line without blanks around it.
    pub(super) text: &'a str,
}

/// The lines of a document that are neither comments nor the names of sections.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut section = "";
    places(text).filter_map(move |(place, text)| match self::section(text) {
        Some(name) => {
            section = name;
            None
        }
        None => (!is_comment(text)).then_some(Line { place, section, text }),
    })
}

/// Reads the lines of a section, or those before any, and the links that some lists have among them; what
/// gives neither a proxy nor a reason is passed over.
pub(super) fn read_lines(
    text: &str,
    section: &str,
    reading: &mut Reading,
    read: impl Fn(&Line<'_>) -> Result<Option<Proxy>, Reason>,
) {
    for line in lines(text).filter(|line| line.is_in(section)) {
        if is_link(line.text) {
            match link::parse_all(line.text) {
                Ok(proxies) => reading.proxies.extend(proxies),
                Err(reason) => reading.reject(line.place, reason),
            }
        } else if let Some(read) = read(&line).transpose() {
            reading.take(line.place, read);
        }
    }
    if reading.proxies.is_empty() && reading.rejected.is_empty() {
        reading.refuse(Reason::Empty);
    }
}

/// The names of a document's sections.
pub(super) fn sections(text: &str) -> impl Iterator<Item = &str> {
    places(text).filter_map(|(_, line)| section(line))
}

/// The name in `[name]`. A proxy may be called `[1] Berlin`, and a list of JSON may be `["a"]`.
fn section(line: &str) -> Option<&str> {
    let name = line.strip_prefix('[')?.strip_suffix(']')?;
    if name.get(..10).is_some_and(|kind| kind.eq_ignore_ascii_case("wireguard ")) {
        return Some(name);
    }
    name.chars().all(|char| char.is_alphanumeric() || matches!(char, ' ' | '_' | '-' | '.')).then_some(name)
}

impl<'a> Line<'a> {
    /// Whether the line stands in the section of that name, or in none.
    pub(super) fn is_in(&self, section: &str) -> bool {
        self.section.is_empty() || self.section.eq_ignore_ascii_case(section)
    }

    /// The name, and what stands behind the `=`.
    pub(super) fn named(&self) -> Option<(&'a str, &'a str)> {
        let (name, rest) = self.text.split_once('=')?;
        Some((unquote(link::trim(name)), rest))
    }

    /// The name, the type, and the options behind it.
    pub(super) fn entry(&self) -> Result<(&'a str, Text, Options), Reason> {
        const EXPECTED: Reason = Reason::Malformed("no line of a proxy: expected name = type, host, port");
        let (name, rest) = self.named().ok_or(EXPECTED)?;
        let mut options = Options::of(uncommented(rest));
        let word = options.next().filter(|word| !word.is_empty()).ok_or(EXPECTED)?;
        Ok((name, word, options))
    }
}

/// A line without the comment behind it.
fn uncommented(text: &str) -> &str {
    let marks = [" // ", " # ", " ; ", "\t// ", "\t# "];
    let ends = marks.iter().filter_map(|mark| text.rfind(mark));
    let is_quoted = |end: &usize| text.get(*end..).is_some_and(|rest| rest.contains('"'));
    let end = ends.filter(|end| !is_quoted(end)).min();
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// The options of a line in order; one without a name has an empty one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Options(Vec<(String, String)>);

impl Options {
    /// Cuts a text at its commas, but for those in quotes and brackets.
    pub(super) fn of(text: &str) -> Self {
        let mut options = Vec::new();
        Cutter::new(text).for_each(|field| options.extend(option(field)));
        Self(options)
    }

    /// Cuts a text at all of its commas, for a program that has no quotes.
    pub(super) fn of_bare(text: &str) -> Self {
        let option = |field| match str::split_once(field, '=').filter(|(name, value)| is_name(name, value)) {
            Some((name, value)) => (link::trim(name).to_owned(), link::trim(value).to_owned()),
            None => (String::new(), field.to_owned()),
        };
        Self(text.split(',').map(link::trim).map(option).collect())
    }

    /// Takes the next value that has no name; `None` where the next option has one.
    pub(super) fn next(&mut self) -> Option<Text> {
        let at = self.0.iter().position(|(name, _)| name.is_empty())?;
        Some(self.0.remove(at).1.into())
    }

    /// What [`next`](Self::next) would take.
    pub(super) fn peek(&self) -> Option<&str> {
        self.0.iter().find(|(name, _)| name.is_empty()).map(|(_, value)| value.as_str())
    }

    /// The value of that number among those that stand by themselves.
    pub(super) fn nth(&self, number: usize) -> Option<&str> {
        let mut bare = self.0.iter().filter(|(name, _)| name.is_empty()).map(|(_, value)| value.as_str());
        bare.nth(number)
    }

    /// Takes the value of the first of these names that says something, without blanks around it.
    pub(super) fn take(&mut self, names: &[&str]) -> Text {
        link::trim(&self.take_as_is(names)).into()
    }

    /// [`take`](Self::take) with its blanks: passwords.
    pub(super) fn take_as_is(&mut self, names: &[&str]) -> Text {
        self.take_if(names, |value| !value.is_empty()).unwrap_or_default()
    }

    /// Takes the first value that is wanted.
    pub(super) fn take_if(&mut self, names: &[&str], wanted: impl Fn(&str) -> bool) -> Option<Text> {
        let find = |known: &&str| self.0.iter().position(|(name, value)| same(name, known) && wanted(value));
        let at = names.iter().filter(|name| !name.is_empty()).find_map(find)?;
        Some(self.0.remove(at).1.into())
    }

    /// Takes what says yes or no; `None` where nothing does.
    pub(super) fn take_flag(&mut self, names: &[&str]) -> Option<bool> {
        let says = |value: &str| !value.is_empty() && flag(value).is_some();
        self.take_if(names, says).and_then(|value| flag(&value))
    }

    /// Whether one of these names is there.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        let names_it = |name: &str| !name.is_empty() && names.iter().any(|known| same(name, known));
        self.0.iter().any(|(name, _)| names_it(name.trim_end_matches('"')))
    }

    /// Whether an option has this value.
    pub(super) fn says(&self, name: &str, value: &str) -> bool {
        self.0.iter().any(|(known, said)| known == name && said == value)
    }

    /// Takes the port that stands next.
    pub(super) fn port(&mut self) -> Result<u16, Reason> {
        link::port(&self.next().ok_or(Reason::NoPort)?)
    }

    /// Gives a proxy the parameters that it understands, by the names of a table.
    pub(super) fn give(&mut self, proxy: &mut Proxy, table: &Table, read: impl Fn(Param, &str) -> Text) {
        for (param, names) in table.iter().filter(|(_, names)| !names.is_empty()) {
            let value = match param.kind() {
                Kind::Flag => self.take_flag(names).map(|yes| if yes { "1" } else { "0" }.into()),
                _ => Some(read(*param, &self.take(names))),
            };
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                proxy.set(*param, value);
            }
        }
    }

    /// Keeps what nobody took in a proxy's `extra`, as `format:name`.
    pub(super) fn keep(self, format: &str, proxy: &mut Proxy) {
        proxy.extra.extend(
            self.0.into_iter().map(|(name, value)| (format!("{format}:{name}").into(), value.into())),
        );
    }

    /// Puts a value; an empty name is that of a value which stands by itself. What would end the line is not
    /// put: what follows it would be a line of its own, and such files may have scripts.
    pub(super) fn put(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        if !breaks(name) && !breaks(&value) {
            self.0.push((name.to_owned(), value));
        }
    }

    /// Puts a text unless it is empty.
    pub(super) fn put_some(&mut self, name: &str, value: &str) {
        if !value.is_empty() && !name.is_empty() {
            self.put(name, value);
        }
    }

    /// Puts the parameters that a program has, by the first names of a table.
    pub(super) fn put_params(
        &mut self,
        proxy: &Proxy,
        table: &Table,
        flags: [&str; 2],
        write: impl Fn(Param, &str) -> Option<String>,
    ) {
        for (param, names) in table {
            let (Some(value), Some(name)) = (proxy.param(*param), names.first()) else { continue };
            let value = match param.kind() {
                Kind::Flag => flags.get(usize::from(value == "1")).map(|said| (*said).to_owned()),
                Kind::Number if !is_number(value) => None,
                _ if *param == Param::Ports && !is_ports(value) => None,
                _ => write(*param, value),
            };
            self.put_some(name, &value.unwrap_or_default());
        }
    }

    /// Puts back what [`keep`](Self::keep) kept, but for names that the program has a use for: a link can say
    /// that anything was kept, and must not undo what the proxy says.
    pub(super) fn put_kept(&mut self, format: &str, proxy: &Proxy, known: impl Fn(&str) -> bool) {
        for (name, value) in kept(format, proxy).filter(|(name, _)| is_option(name) && !known(name)) {
            if !self.has(&[name]) {
                self.put(name, value);
            }
        }
    }

    /// The options with a comma before each, in quotes the values that need it and those whose name ends in
    /// one.
    pub(super) fn print(&self, comma: &str) -> String {
        let print = |(name, value): &(String, String)| match name.as_str() {
            "" if value.contains('=') => format!("{comma}{}", quote(value)),
            "" => format!("{comma}{}", quote_some(value)),
            "\"" => format!("{comma}{}", quote(value)),
            name => match name.strip_suffix('"') {
                Some(name) => format!("{comma}{name}={}", quote(value)),
                None => format!("{comma}{name}={}", quote_some(value)),
            },
        };
        self.0.iter().map(print).collect()
    }

    /// [`print`](Self::print) for a program that has no quotes.
    pub(super) fn print_bare(&self) -> String {
        self.0.iter().flat_map(|(name, value)| [", ", name, "=", value]).collect()
    }

    /// Each option.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Drops what stands by itself and is unwanted.
    pub(super) fn drop_bare(&mut self, unwanted: impl Fn(&str) -> bool) {
        self.0.retain(|(name, value)| !(name.is_empty() && unwanted(value)));
    }

    /// Gives what stands by itself as `name:value` that name, if it is one of these.
    pub(super) fn cut_colons(&mut self, names: &[&str]) {
        for (name, value) in self.0.iter_mut().filter(|(name, _)| name.is_empty()) {
            let Some((word, rest)) = value.split_once(':') else { continue };
            if names.iter().any(|known| same(known, link::trim(word))) {
                (*name, *value) = (link::trim(word).to_owned(), unescape(link::trim(rest)));
            }
        }
    }

    /// Joins what stands by itself behind an option to that option: there the comma was part of it.
    pub(super) fn joined(self) -> Self {
        let mut joined: Vec<(String, String)> = Vec::new();
        for (name, value) in self.0 {
            match joined.last_mut().filter(|_| name.is_empty()) {
                Some((_, last)) => last.extend([",", &value]),
                None => joined.push((name, value)),
            }
        }
        Self(joined)
    }
}

/// Whether a text ends a line, or is not to be seen in one.
pub(super) fn breaks(text: &str) -> bool {
    text.contains(is_break)
}

/// Whether a text is a number as these programs take it.
fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u32>().is_ok()
}

/// Whether a text is ports and ranges of them.
fn is_ports(text: &str) -> bool {
    let port = |text: &str| text.parse::<u16>().ok().filter(|port| *port > 0 && is_number(text));
    text.split(',').all(|part| match part.split_once('-') {
        Some((first, last)) => port(first).zip(port(last)).is_some_and(|(first, last)| first <= last),
        None => port(part).is_some(),
    })
}

/// Whether one of these names is another's.
pub(super) fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|known| same(name, known))
}

/// Whether a table has a name.
pub(super) fn is_in(name: &str, table: &Table) -> bool {
    table.iter().any(|(_, names)| is_one_of(name, names))
}

/// What was kept for a format of a proxy, and its names there; nothing that ends a line.
pub(super) fn kept<'a>(format: &'a str, proxy: &'a Proxy) -> impl Iterator<Item = (&'a str, &'a str)> {
    proxy.extra.iter().filter_map(move |(name, value)| {
        let name = name.strip_prefix(format)?.strip_prefix(':')?;
        (!breaks(value)).then_some((name, value.as_str()))
    })
}

/// Yes or no as these programs write it.
pub(super) fn truth(yes: bool) -> &'static str {
    if yes { "true" } else { "false" }
}

/// The option of a field. One generator of lists glues `tls=true` to the value before it.
fn option(field: &str) -> Vec<(String, String)> {
    let Some((name, value)) = field.split_once('=').filter(|(name, value)| is_name(name, value)) else {
        return vec![(String::new(), unescape(field))];
    };
    let (name, value) = (link::trim(name).to_owned(), link::trim(value));
    match value.strip_suffix("tls=true").filter(|rest| rest.chars().next_back().is_some_and(is_of_a_word)) {
        Some(rest) => vec![(name, unescape(rest)), ("tls".to_owned(), "true".to_owned())],
        None => vec![(name, unescape(value))],
    }
}

fn is_of_a_word(char: char) -> bool {
    char.is_alphanumeric() || char == '/'
}

/// Whether a field is an option: not quoted, and no base64 with its padding.
fn is_name(name: &str, value: &str) -> bool {
    is_option(link::trim(name)) && !value.starts_with('=')
}

/// Whether a text can be the name of an option.
fn is_option(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !name.is_empty() && name.bytes().all(allowed)
}

/// The fields of a line.
struct Cutter<'a> {
    text: &'a str,
    /// Where the next field starts; beyond the end when there is none.
    at: usize,
    /// The quotes and brackets that no longer close: looking for their end again is in vain.
    open: [bool; 3],
}

impl<'a> Cutter<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0, open: [false; 3] }
    }

    /// The end of the field that starts here.
    fn end(&mut self) -> usize {
        let bytes = self.text.as_bytes();
        let (mut at, mut fresh, mut named) = (self.at, true, false);
        while let Some(byte) = bytes.get(at).copied() {
            let end = if fresh { self.protected(at, byte) } else { None };
            match byte {
                b',' => return at,
                b'=' if !named => (named, fresh) = (true, true),
                byte if byte.is_ascii_whitespace() => {}
                _ => fresh = false,
            }
            at = end.unwrap_or(at + 1);
        }
        bytes.len()
    }

    /// The byte after what a quote or bracket protects, where one opens here.
    fn protected(&mut self, at: usize, byte: u8) -> Option<usize> {
        let kind = match byte {
            b'"' => 0,
            b'\'' => 1,
            b'[' | b'{' | b'(' => 2,
            _ => return None,
        };
        if self.open.get(kind).copied().unwrap_or(true) {
            return None;
        }
        let bytes = self.text.as_bytes();
        let end = if kind == 2 { bracket_end(bytes, at) } else { quote_end(bytes, at, byte) };
        if let (None, Some(open)) = (end, self.open.get_mut(kind)) {
            *open = true;
        }
        end
    }
}

impl<'a> Iterator for Cutter<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.at > self.text.len() {
            return None;
        }
        let (start, end) = (self.at, self.end());
        self.at = end + 1;
        self.text.get(start..end).map(link::trim)
    }
}

/// The byte after the quote that closes here: one with a comma or nothing behind it.
fn quote_end(bytes: &[u8], at: usize, quote: u8) -> Option<usize> {
    let mut at = at + 1;
    while let Some(byte) = bytes.get(at).copied() {
        at += if byte == b'\\' { 2 } else { 1 };
        if byte == quote {
            let blanks = bytes.get(at..)?.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            if bytes.get(at + blanks).is_none_or(|byte| *byte == b',') {
                return Some(at);
            }
            at += blanks;
        }
    }
    None
}

/// The byte after the bracket that closes here; brackets within quotes do not count.
fn bracket_end(bytes: &[u8], start: usize) -> Option<usize> {
    let (mut depth, mut quoted) = (0_usize, false);
    for (at, byte) in bytes.iter().enumerate().skip(start) {
        match byte {
            b'"' => quoted = !quoted,
            b'[' | b'{' | b'(' if !quoted => depth += 1,
            b']' | b'}' | b')' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

/// A text without the quotes around it.
pub(super) fn unquote(text: &str) -> &str {
    let inner = |quote| text.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

/// A value without the quotes around it and the escapes within them.
fn unescape(value: &str) -> String {
    let inner = unquote(value);
    if inner.len() == value.len() || !inner.contains('\\') {
        return inner.to_owned();
    }
    let mut plain = String::with_capacity(inner.len());
    let mut chars = inner.chars().peekable();
    while let Some(char) = chars.next() {
        match chars.peek().filter(|next| char == '\\' && matches!(next, '"' | '\'' | '\\')) {
            Some(_) => plain.extend(chars.next()),
            None => plain.push(char),
        }
    }
    plain
}

/// A value in quotes, where it would not be read as it is without them.
pub(super) fn quote_some(value: &str) -> String {
    let open = |char: char| matches!(char, '"' | '\'' | '[' | '{' | '(');
    let needs = value.contains([',', '"'])
        || value.starts_with(open)
        || value.starts_with('=')
        || value != link::trim(value)
        || value.ends_with("tls=true")
        || value.split_whitespace().any(|word| matches!(word, "#" | ";" | "//"));
    if needs { quote(value) } else { value.to_owned() }
}

/// A value in quotes.
pub(super) fn quote(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Whether a text begins as a link of a proxy. Names begin with addresses of pages.
pub(super) fn is_link(text: &str) -> bool {
    let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
    !scheme.to_ascii_lowercase().starts_with("http") && link::scheme(scheme).is_some()
}

/// A name without what ends it in these programs, or makes a comment or a section of its line.
pub(super) fn plain_name(name: &str) -> String {
    let ends = |char: char| matches!(char, '=' | ',' | '"' | '\'') || is_break(char);
    let name = name.replace(ends, " ");
    let words: Vec<_> = name.split(' ').filter(|word| !word.is_empty()).collect();
    let name = words.join(" ");
    let name = link::trim(&name).trim_start_matches(['#', ';', '/', ' ']);
    let is_section = name.starts_with('[') && name.ends_with(']');
    let name = if is_section { name.trim_start_matches(['[', '#', ';', '/', ' ']) } else { name };
    let name = if is_link(name) { name.replacen("://", " ", 1) } else { name.to_owned() };
    if is_built_in(&name) { format!("{name} 1") } else { name }
}

/// Policies that one of these programs has of its own.
const BUILT_IN: &[&str] = &[
    "direct",
    "reject",
    "proxy",
    "cellular",
    "cellular-only",
    "hybrid",
    "no-hybrid",
    "pass",
    "global",
    "final",
];

/// Whether a name is that of a policy which is no proxy: there are many ways to reject, and devices.
fn is_built_in(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    BUILT_IN.contains(&name.as_str()) || name.starts_with("reject-") || name.starts_with("device:")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(text: &str) -> Vec<(String, String)> {
        Options::of(text).0
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn quotes_and_brackets_protect_commas_only_where_a_value_starts() {
        assert_eq!(
            options(r#"ss, "a,b" , password="x, \"y\"", peers=[{a="],"},{}], c=8r<[9'l6"#),
            [
                pair("", "ss"),
                pair("", "a,b"),
                pair("password", "x, \"y\""),
                pair("peers", r#"[{a="],"},{}]"#),
                pair("c", "8r<[9'l6"),
            ]
        );
        assert_eq!(options(r#"a="b,c"#), [pair("a", "\"b"), pair("", "c")]);
    }

    #[test]
    fn base64_that_stands_by_itself_is_no_option() {
        assert_eq!(options("dGVzdA==,a=b=="), [pair("", "dGVzdA=="), pair("a", "b==")]);
    }

    #[test]
    fn what_is_glued_to_a_value_is_an_option_of_its_own() {
        assert_eq!(options("ws-path=/atls=true"), [pair("ws-path", "/a"), pair("tls", "true")]);
        assert_eq!(options("test-url=http://a/?tls=true"), [pair("test-url", "http://a/?tls=true")]);
    }

    #[test]
    fn what_never_closes_costs_no_more_than_its_length() {
        let hostile = ["\"a,'b,[c,{d,", "peers=[,", "\" \" "].map(|part| part.repeat(20_000));
        for text in hostile {
            assert!(!options(&text).is_empty());
        }
    }

    #[test]
    fn a_quoted_value_reads_back() {
        for value in ["a,b", "\"", "a\\\"b", " a", "[1", "x", "=", "a\\b,", "/tls=true"] {
            assert_eq!(options(&format!("k={}", quote_some(value))), [pair("k", value)], "{value}");
        }
    }
}
