//! YAML as people write it: the entries of lists are read one by one, so that each has its place and a
//! bad one costs no other; and one value on one line is written.
//!
//! Specification: <https://yaml.org/spec/1.2.2/>
//!
//! Whole numbers that print back as they were, `true`, `false` and `null` have their types. All else is
//! text exactly as it was written: `08`, `0x12`, `1e5`, `1.10`, `on`. Of a key that stands twice the
//! last one counts.
//!
//! # Differences between programs
//!
//! Where the document as a whole does not read, the entries are cut out by their indentation, with tabs
//! for blanks, and read alone.
//!
//! # Incomplete support
//!
//! What is nested deeper than 64 levels does not read, nor what its aliases make much larger than it is.

use std::collections::{BTreeSet, HashMap};

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput, Tag};
use serde_json::{Map, Value};

use super::Place;
use crate::link::Reason;

/// The way to a list: the names of the objects that it is in, `*` for any; none for a list that is the
/// whole document.
pub(super) type Path = [&'static str];

/// An entry of a list: where it starts, and what it is.
pub(super) type Entry = (Place, Result<Value, Reason>);

/// More levels than any program writes.
const DEEPEST: usize = 64;

/// How many values aliases and anchors may stand for in a short document; a longer one may have one more
/// for each byte.
const MOST_ALIASED: usize = 100_000;

/// Bytes of a text that counts for one more value.
const LONG: usize = 32;

const BROKEN: Reason = Reason::Malformed(
    "no YAML: a quote, a bracket or the indentation is wrong, or a value starts with @, ` or %",
);

const TOO_MUCH: Reason = Reason::Malformed("the YAML is nested too deep, or its aliases grow too large");

/// The entries of the lists at these ways, of every document of the text.
pub(super) fn entries(text: &str, lists: &[&Path]) -> Vec<Entry> {
    let whole = text;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut loader = Loader::new(text, lists);
    let failed = loader.run().err();
    let lines = Lines::of(text, whole.len() - text.len());
    let read = loader.entries.into_iter().map(|(line, value)| (lines.place(line), Ok(value)));
    let mut entries: Vec<Entry> = read.collect();
    let Some((line, reason)) = failed else { return entries };
    let known: BTreeSet<_> = entries.iter().map(|(place, _)| place.line).collect();
    let cut = lines.entries(lists).into_iter();
    let missing = cut.filter(|part| known.range(part.start..part.end).next().is_none());
    entries.extend(missing.map(|part| (lines.place(part.start), part.read(&lines))));
    if entries.is_empty() {
        entries.push((lines.place(line), Err(reason)));
    }
    entries.sort_by_key(|(place, _)| place.line);
    entries
}

/// Reads one value.
pub(super) fn value(text: &str) -> Result<Value, Reason> {
    let mut loader = Loader::new(text, &[]);
    loader.run().map_err(|(_, reason)| reason)?;
    loader.whole.ok_or(Reason::Empty)
}

/// A value that is not finished.
enum Open {
    List(Vec<Value>),
    Map { map: Map<String, Value>, key: Option<String>, merged: Vec<Value> },
}

/// A value with its room: how many values it is made of.
struct Sized {
    value: Value,
    size: usize,
}

struct Frame {
    open: Open,
    /// The line at which it starts.
    line: usize,
    anchor: usize,
    size: usize,
    /// Whether each item is an entry.
    is_list: bool,
}

/// Builds values out of the parser's events.
struct Loader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    lists: &'a [&'a Path],
    stack: Vec<Frame>,
    anchors: HashMap<usize, Sized>,
    /// How many values aliases may still stand for.
    room: usize,
    /// The entries with the lines at which they start, from 1.
    entries: Vec<(usize, Value)>,
    /// The last document, where no lists were asked for.
    whole: Option<Value>,
}

impl<'a> Loader<'a> {
    fn new(text: &'a str, lists: &'a [&'a Path]) -> Self {
        Self {
            parser: Parser::new_from_str(text),
            lists,
            stack: Vec::new(),
            anchors: HashMap::new(),
            room: MOST_ALIASED + text.len(),
            entries: Vec::new(),
            whole: None,
        }
    }

    /// Reads to the end, or to the line of the first fault.
    fn run(&mut self) -> Result<(), (usize, Reason)> {
        while let Some(event) = self.parser.next_event() {
            let (event, span) = event.map_err(|error| (error.marker().line(), BROKEN))?;
            if matches!(event, Event::StreamEnd) {
                break;
            }
            self.take(event, span).map_err(|reason| (span.start.line(), reason))?;
        }
        Ok(())
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Reason> {
        let line = span.start.line();
        match event {
            Event::DocumentStart(_) => self.stack.clear(),
            Event::Alias(id) => {
                let (value, size) = self.alias(id)?;
                self.put(value, size, 0, line)?;
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.put(scalar(&text, style, tag.as_deref()), 1 + text.len() / LONG, anchor, line)?;
            }
            Event::SequenceStart(anchor, _) => self.open(Open::List(Vec::new()), anchor, line)?,
            Event::MappingStart(anchor, _) => {
                self.open(Open::Map { map: Map::new(), key: None, merged: Vec::new() }, anchor, line)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close()?,
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, open: Open, anchor: usize, line: usize) -> Result<(), Reason> {
        if self.stack.len() >= DEEPEST {
            return Err(TOO_MUCH);
        }
        let is_list = matches!(open, Open::List(_)) && self.lists.iter().any(|list| self.is_at(list));
        self.stack.push(Frame { open, line, anchor, size: 1, is_list });
        Ok(())
    }

    /// Whether the next value stands at the end of a way.
    fn is_at(&self, path: &Path) -> bool {
        let is_step = |(frame, name): (&Frame, &&str)| match &frame.open {
            Open::Map { key: Some(key), .. } => *name == "*" || key == name,
            _ => false,
        };
        path.len() == self.stack.len() && self.stack.iter().zip(path).all(is_step)
    }

    fn close(&mut self) -> Result<(), Reason> {
        let Some(frame) = self.stack.pop() else { return Ok(()) };
        let value = match frame.open {
            Open::List(items) => Value::Array(items),
            Open::Map { map, merged, .. } => Value::Object(merge(map, merged)),
        };
        self.put(value, frame.size, frame.anchor, frame.line)
    }

    /// The value that an anchor stands for: nothing while it is not finished.
    fn alias(&mut self, id: usize) -> Result<(Value, usize), Reason> {
        let Some(known) = self.anchors.get(&id) else { return Ok((Value::Null, 1)) };
        self.room = self.room.checked_sub(known.size).ok_or(TOO_MUCH)?;
        Ok((known.value.clone(), known.size))
    }

    /// Gives a finished value to what it is in. An anchor has a copy of its own.
    fn put(&mut self, value: Value, size: usize, anchor: usize, line: usize) -> Result<(), Reason> {
        if anchor > 0 {
            self.room = self.room.checked_sub(size).ok_or(TOO_MUCH)?;
            self.anchors.insert(anchor, Sized { value: value.clone(), size });
        }
        let depth = self.stack.len();
        let Some(frame) = self.stack.last_mut() else {
            self.whole = self.lists.is_empty().then_some(value);
            return Ok(());
        };
        frame.size += size;
        match &mut frame.open {
            Open::List(_) if frame.is_list => self.entries.push((line, value)),
            Open::List(items) => items.push(value),
            Open::Map { map, key, merged } => match key.take() {
                None => *key = Some(name(value)),
                Some(name) if name == "<<" => merged.push(value),
                // What else is in a document with lists was passed over, but for its anchors.
                Some(_) if depth == 1 && !self.lists.is_empty() => {}
                Some(name) => {
                    map.insert(name, value);
                }
            },
        }
        Ok(())
    }
}

/// The name that a key is.
fn name(key: Value) -> String {
    match key {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// Adds what is merged by `<<`; what the object says itself counts, then what is merged first.
fn merge(mut map: Map<String, Value>, merged: Vec<Value>) -> Map<String, Value> {
    for value in merged {
        let values = if let Value::Array(values) = value { values } else { vec![value] };
        for (name, value) in values.into_iter().filter_map(object).flatten() {
            map.entry(name).or_insert(value);
        }
    }
    map
}

fn object(value: Value) -> Option<Map<String, Value>> {
    if let Value::Object(map) = value { Some(map) } else { None }
}

/// A scalar with its type: only plain ones have any but text, unless a tag says so.
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    let is_text = match tag.map(|tag| tag.suffix.as_str()) {
        Some("int" | "bool" | "null" | "float") => false,
        Some(_) => true,
        None => style != ScalarStyle::Plain,
    };
    if is_text { Value::from(text) } else { plain(text) }
}

fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        digits => {
            let is_same = |number: &serde_json::Number| number.to_string() == digits;
            let number =
                digits.parse::<u64>().map(Into::into).or_else(|_| digits.parse::<i64>().map(Into::into));
            number.ok().filter(is_same).map_or_else(|| Value::from(digits), Value::Number)
        }
    }
}

/// A text by its lines.
struct Lines<'a>(Vec<(usize, &'a str)>);

/// The lines of an entry that is cut out by its indentation: from `start`, from 1, to before `end`.
struct Part {
    start: usize,
    end: usize,
}

impl<'a> Lines<'a> {
    /// The lines of a text that stands behind so many bytes.
    fn of(text: &'a str, mut byte: usize) -> Self {
        let lines = text.split_inclusive('\n').map(|line| {
            let start = byte;
            byte += line.len();
            (start, line)
        });
        Self(lines.collect())
    }

    /// A line, from 1, or the last one; the byte is that of its first letter.
    fn place(&self, line: usize) -> Place {
        let line = line.clamp(1, self.0.len().max(1));
        let (byte, text) = self.0.get(line - 1).copied().unwrap_or_default();
        Place { line, byte: byte + text.len() - text.trim_start().len() }
    }

    /// Cuts out the entries of the lists at these ways: from each dash to the next one that stands as
    /// far in, to the end of what stands farther in.
    fn entries(&self, lists: &[&Path]) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        // Where the dashes of the list stand, once one was seen, and where its name stands.
        let (mut name, mut dash) = (lists.iter().any(|list| list.is_empty()).then_some(0), None);
        for (index, (_, line)) in self.0.iter().enumerate() {
            let content = line.trim();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let indent = indent(line);
            if is_dash(content)
                && name.is_some_and(|name| indent >= name)
                && dash.is_none_or(|at| at == indent)
            {
                end(&mut parts, index);
                parts.push(Part { start: index + 1, end: usize::MAX });
                dash = Some(indent);
            } else if dash.is_none_or(|dash| indent <= dash) {
                end(&mut parts, index);
                dash = None;
                name = is_name(content, lists).then_some(indent);
            }
        }
        parts
    }
}

/// Ends the entry that has no end yet.
fn end(parts: &mut [Part], index: usize) {
    if let Some(part) = parts.last_mut().filter(|part| part.end == usize::MAX) {
        part.end = index + 1;
    }
}

fn is_dash(line: &str) -> bool {
    line == "-" || line.starts_with("- ") || line.starts_with("-\t") || line.starts_with("-{")
}

/// Whether a line is the name of one of these lists and nothing else.
fn is_name(line: &str, lists: &[&Path]) -> bool {
    let Some((name, rest)) = line.split_once(':') else { return false };
    let rest = rest.trim();
    (rest.is_empty() || rest.starts_with('#'))
        && lists.iter().any(|list| list.last().is_some_and(|last| *last == name.trim()))
}

impl Part {
    /// Reads the entry alone. Where tabs stand before its lines, it takes them for as many blanks as
    /// make it read.
    fn read(&self, lines: &Lines<'_>) -> Result<Value, Reason> {
        let end = self.end.min(lines.0.len() + 1);
        let part = lines.0.get(self.start - 1..end - 1).unwrap_or_default();
        let attempts = if part.iter().any(|(_, line)| line.contains('\t')) { TABS.len() } else { 1 };
        let with = |tab| one(&part.iter().map(|(_, line)| untab(line, tab)).collect::<String>());
        let mut reads = TABS.into_iter().take(attempts).map(with);
        let first = reads.next().unwrap_or(Err(Reason::Empty));
        first.or_else(|reason| reads.find_map(Result::ok).ok_or(reason))
    }
}

/// What a tab may stand for.
const TABS: [&str; 3] = ["  ", "    ", "        "];

/// Reads a list of one entry.
fn one(text: &str) -> Result<Value, Reason> {
    match value(text)? {
        Value::Array(items) => <[Value; 1]>::try_from(items).map(|[item]| item).map_err(|_| BROKEN),
        other => Ok(other),
    }
}

/// How far in a line stands.
fn indent(line: &str) -> usize {
    let rest = line.trim_start_matches([' ', '\t']);
    let before = line.get(..line.len() - rest.len()).unwrap_or_default();
    before.len() + 3 * before.matches('\t').count()
}

fn untab(line: &str, tab: &str) -> String {
    let rest = line.trim_start_matches([' ', '\t']);
    let before = line.get(..line.len() - rest.len()).unwrap_or_default();
    before.replace('\t', tab) + rest
}

/// Writes a value on one line, with these names first in each object.
pub(super) fn write(value: &Value, first: &[&str]) -> String {
    match value {
        Value::String(text) => write_text(text),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| write(item, first)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let rest = map.iter().filter(|(name, _)| !first.contains(&name.as_str()));
            let members = first.iter().filter_map(|name| map.get_key_value(*name)).chain(rest);
            let members =
                members.map(|(name, value)| format!("{}: {}", write_text(name), write(value, first)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// Writes a text: plain where every program takes it for a text, else in quotes.
pub(super) fn write_text(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => quoted += &escape(char),
            char if char.is_control() => quoted += &escape(char),
            char => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}

/// A character that may not stand as it is; none is above U+FFFF.
fn escape(char: char) -> String {
    format!("\\u{:04x}", u32::from(char))
}

/// Writes a list of written values under its name.
pub(super) fn list(name: &str, items: impl Iterator<Item = String>) -> String {
    let lines: Vec<_> = items.map(|item| format!("  - {item}\n")).collect();
    if lines.is_empty() { format!("{name}: []\n") } else { format!("{name}:\n{}", lines.concat()) }
}

/// Words that some programs take for something else.
const WORDS: &[&str] = &["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"];

fn is_plain(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/');
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(allowed)
        && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn all(text: &str) -> Vec<(usize, Result<Value, Reason>)> {
        let lists: &[&Path] = &[&[], &["proxies"], &["proxy-providers", "*", "payload"]];
        let entries = entries(text, lists).into_iter();
        entries
            .inspect(|(place, _)| assert!(place.byte <= text.len()))
            .map(|(place, value)| (place.line, value))
            .collect()
    }

    #[test]
    fn only_canonical_numbers_and_three_words_have_types() {
        let text = "{a: 443, b: 08, c: 0x12, d: 1e5, e: on, f: 1.10, g: true, h: '1', i: -5, j: ~, k: +5}";
        let expected = json!({"a": 443, "b": "08", "c": "0x12", "d": "1e5", "e": "on", "f": "1.10", "g": true,
            "h": "1", "i": -5, "j": null, "k": "+5"});
        assert_eq!(value(text).unwrap(), expected);
        assert_eq!(value("[!<str> 8, !!str 9, !!int '7']").unwrap(), json!(["8", "9", 7]));
        assert_eq!(value("99999999999999999999").unwrap(), json!("99999999999999999999"));
    }

    #[test]
    fn entries_have_their_lines_in_every_document_of_the_text() {
        let text = "\u{feff}a: 1\r\nproxies:\r\n- {n: 1}\r\n-\r\n  n: 2\r\n---\r\nproxies: [{n: 3}]\r\n";
        let expected = [(3, Ok(json!({"n": 1}))), (5, Ok(json!({"n": 2}))), (7, Ok(json!({"n": 3})))];
        assert_eq!(all(text), expected);
    }

    #[test]
    fn anchors_are_merged_and_the_last_of_a_key_counts() {
        let text = "x: &x {a: 1, b: 2}\nproxies:\n- {<<: *x, b: 3, b: 4}\n- {<<: [*x, {a: 5, c: 6}]}\n";
        let expected = [(3, Ok(json!({"a": 1, "b": 4}))), (4, Ok(json!({"a": 1, "b": 2, "c": 6})))];
        assert_eq!(all(text), expected);
    }

    #[test]
    fn lists_are_found_by_their_way() {
        let text = "proxy-groups:\n- {proxies: [a]}\nproxy-providers: {p: {payload: [{n: 1}]}}\nrule-providers: {p: {payload: [b]}}\n";
        assert_eq!(all(text), [(3, Ok(json!({"n": 1})))]);
    }

    #[test]
    fn a_bad_entry_costs_no_other() {
        let text = "proxies:\n- {n: 1}\n- {n: @2}\n- n: 3\n\tm: 4\n- {n: 5}\n# end\nrules:\n- a\n";
        let found = all(text);
        let lines: Vec<_> = found.iter().map(|(line, value)| (*line, value.is_ok())).collect();
        assert_eq!(lines, [(2, true), (3, false), (4, true), (6, true)], "{found:?}");
        assert_eq!(found[2].1, Ok(json!({"n": 3, "m": 4})));
    }

    #[test]
    fn what_is_cut_off_keeps_what_is_whole() {
        let found = all("proxies:\n  - {n: 1}\n  - {n: 2, m: \"x");
        assert_eq!(found.len(), 2);
        assert!(found[0].1.is_ok() && found[1].1.is_err());
        assert_eq!(all("a: {b"), [(1, Err(BROKEN))]);
    }

    #[test]
    fn depth_and_bombs_are_no_danger() {
        for deep in ["[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(100_000), "? ".repeat(100_000)]
        {
            assert!(value(&deep).is_err());
            assert!(all(&deep).iter().all(|(_, value)| value.is_err()));
        }
        let level =
            |level: usize| format!("a{level}: &a{level} [{}]\n", format!("*a{}, ", level - 1).repeat(9));
        let bomb: Vec<_> = (1..30).map(level).collect();
        assert!(value(&format!("a0: &a0 [x, x]\n{}", bomb.concat())).is_err());
        let nested = (0..60).map(|level| format!("&a{level} [")).collect::<Vec<_>>().concat();
        assert!(value(&format!("{nested}{}{}", "x,".repeat(50_000), "]".repeat(60))).is_err());
        let long = format!("a: &a {}\nb: [{}]", "x".repeat(50_000), "*a , ".repeat(10_000));
        assert!(value(&long).is_err());
    }

    #[test]
    fn what_is_written_reads_the_same() {
        let value = json!({"type": "ss", "name": "a: b #c \u{7f}\u{85}\"\\ 🇩🇪", "x": ["on", "08", 5, true, ""], "é": {}});
        let text = write(&value, &["name", "type"]);
        assert!(text.starts_with("{name: \""), "{text}");
        assert_eq!(super::value(&text).unwrap(), value, "{text}");
    }
}
