//! Plain lines: links in any mix, one a line, several on a line, or glued to each other, with bullets
//! or words before them. Blank lines and `#`, `;`, `//` comments are passed over. A line that is
//! base64 is opened, and one that is an entry of Clash, as `{type: ss, …}`, is read as that.
//!
//! Specification: <https://www.rfc-editor.org/rfc/rfc3986>
//!
//! # Differences between programs
//!
//! Bare addresses among links are read as those of a [list](super::list).

use super::facts::is_panel_line;
use super::list::{self, Talk};
use super::{Format, Hint, Place, Reader, Reading, Shape, Writer, base64, clash, trim, trim_start};
use crate::Proxy;
use crate::link::{self, Reason};

pub(super) struct Lines;

/// Schemes of proxies that print nothing, or that are no links; theirs end the link before.
const OTHERS: &[&str] = &["sn", "exclave", "husi", "ssd", "netch"];

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
}

impl Reader for Lines {
    fn detect(&self, _text: &str) -> bool {
        true
    }

    fn read(&self, text: &str, reading: &mut Reading) {
        self.read_hinted(text, Hint::default(), reading);
    }

    fn read_hinted(&self, text: &str, hint: Hint, reading: &mut Reading) {
        read(text, hint, reading);
    }
}

/// Reads links and bare addresses.
pub(super) fn read(text: &str, hint: Hint, reading: &mut Reading) {
    let mut talk = Talk::of(text, hint);
    places(text).for_each(|(place, line)| read_at(place, line, &mut talk, reading));
    if reading.proxies.is_empty() && reading.rejected.is_empty() {
        reading.refuse(Reason::Empty);
    }
}

impl Writer for Lines {
    fn reader(&self) -> &'static dyn Reader {
        &Lines
    }

    fn fits(&self, _proxy: &Proxy) -> Result<(), &'static str> {
        Ok(())
    }

    fn has_unique_names(&self) -> bool {
        false
    }

    fn write(&self, proxies: &[Proxy], _shape: Shape) -> String {
        write(proxies)
    }
}

/// One link a line.
pub(super) fn write(proxies: &[Proxy]) -> String {
    proxies.iter().map(|proxy| link::print(proxy) + "\n").collect()
}

/// Reads a line that may be base64 of lines.
fn read_at(place: Place, line: &str, talk: &mut Talk<'_>, reading: &mut Reading) {
    match base64::open_all(line) {
        Some(inner) => {
            let mut talk = talk.of_inner(&inner);
            places(&inner).for_each(|(_, line)| read_line(line, |_| place, &mut talk, reading));
        }
        None => read_line(line, |at| Place { byte: place.byte + at, ..place }, talk, reading),
    }
}

/// Reads one line with its end and the blanks around it, which starts at a place.
pub(super) fn read_raw(raw: &str, start: Place, talk: &mut Talk<'_>, reading: &mut Reading) {
    for (place, line) in places(raw) {
        read_at(Place { line: start.line, byte: start.byte + place.byte }, line, talk, reading);
    }
}

/// Whether a text is a list of links as it looks, and nothing in which links occur: half of its lines have
/// one, or an address.
pub(super) fn are_links(text: &str) -> bool {
    let says = places(text).map(|(_, line)| line).filter(|line| !is_comment(line));
    let (links, all) = says.fold((0, 0), |(links, all), line| {
        (links + usize::from(line.contains("://") || list::has_address(line)), all + 1)
    });
    links * 2 >= all
}

/// The lines that are not blank, and where they start.
pub(super) fn places(text: &str) -> impl Iterator<Item = (Place, &str)> {
    let mut byte = 0;
    let lines = text.split_inclusive('\n').enumerate().map(move |(index, raw)| {
        let (line, before) = trim_start(raw);
        let (line, place) = (trim(line), Place { line: index + 1, byte: byte + before });
        byte += raw.len();
        (place, line)
    });
    lines.filter(|(_, line)| !line.is_empty())
}

pub(super) fn is_comment(line: &str) -> bool {
    line.starts_with(['#', ';']) || line.starts_with("//") || is_panel_line(line)
}

/// Reads the links or the address of a line; `place` gives the place of one by its first byte in the
/// line.
fn read_line(line: &str, place: impl Fn(usize) -> Place, talk: &mut Talk<'_>, reading: &mut Reading) {
    if is_comment(line) {
        talk.hear(line);
        return;
    }
    if let Some(read) = clash::read_line(line) {
        return reading.take(place(0), read);
    }
    let mut links = links(line).peekable();
    if links.peek().is_none() {
        match talk.read(line) {
            Err(Reason::NoScheme) if talk.hear(line) => {}
            read => reading.take(place(0), read),
        }
    }
    for (at, link) in links {
        match super::parse_all(link) {
            Ok(proxies) => reading.proxies.extend(proxies),
            Err(reason) => reading.reject(place(at), reason),
        }
    }
}

/// The links of a line, each from its scheme to the next one's, and the bytes at which they start.
fn links(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let starts = starts(line);
    let ends: Vec<_> = starts.iter().skip(1).copied().chain([line.len()]).collect();
    let quoted = |start: usize| line.get(..start)?.chars().next_back().filter(|char| "\"'`<".contains(*char));
    starts.into_iter().zip(ends).filter_map(move |(start, end)| {
        let whole = line.get(start..end)?;
        let quote = quoted(start).map(|quote| if quote == '<' { '>' } else { quote });
        let inner = quote.and_then(|quote| whole.split_once(quote)).map(|(inner, _)| inner);
        Some((start, inner.unwrap_or(whole)))
    })
}

/// Where links start. The first scheme of a line starts one, whatever it is. After it, a scheme that
/// only proxies have starts one even without a blank before it; any other only after a blank and
/// outside a name, since names and parameters hold addresses of pages.
fn starts(line: &str) -> Vec<usize> {
    let is_mark = |at: &usize| line.get(*at..).is_some_and(|rest| rest.starts_with("://"));
    let marks: Vec<_> = memchr::memchr_iter(b':', line.as_bytes()).filter(is_mark).collect();
    let ends = marks.iter().skip(1).copied().chain([line.len()]);
    let mut starts: Vec<usize> = Vec::new();
    let (mut in_name, mut seen) = (false, 0);
    for (at, end) in marks.iter().copied().zip(ends) {
        in_name = in_name || line.get(seen..at).is_some_and(|part| part.contains('#'));
        seen = at;
        let run = run(line, at);
        let apart = line.get(..at - run.len()).is_some_and(|before| before.ends_with(char::is_whitespace));
        let free = starts.is_empty() || apart && !in_name;
        let glued = glued(run, line.get(at..end).unwrap_or_default());
        if let Some(name) = glued.or(Some(run).filter(|run| free && !run.is_empty())) {
            starts.push(at - name.len());
            in_name = false;
        }
    }
    starts
}

/// The letters before `://` that could be a scheme.
fn run(line: &str, end: usize) -> &str {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let bytes = line.as_bytes().get(..end).unwrap_or_default();
    let length = bytes.iter().rev().take(LONGEST_RUN).take_while(|byte| allowed(byte)).count();
    line.get(end - length..end).unwrap_or_default()
}

/// Longer than any scheme with a word glued before it.
const LONGEST_RUN: usize = 32;

/// The scheme at the end of a run, if only proxies have it; the longest one. A short one such as
/// `ss` also ends words and other schemes: after a letter it must stand before what reads.
fn glued<'a>(run: &'a str, rest: &str) -> Option<&'a str> {
    let ends = (0..run.len()).filter_map(|at| run.split_at_checked(at));
    let (before, name) = ends.into_iter().find(|(_, name)| is_own(name))?;
    let clear = name.len() > 3 || !before.ends_with(|char: char| char.is_ascii_alphabetic());
    (clear || link::parse(&format!("{name}{rest}")).is_ok()).then_some(name)
}

/// Whether only proxies have this scheme. Those that print nothing only open programs, and names hold such
/// links too.
fn is_own(name: &str) -> bool {
    let prints = |scheme: &dyn link::Scheme| !scheme.protocols().is_empty();
    let is_other = OTHERS.iter().any(|other| other.eq_ignore_ascii_case(name));
    is_other || !is_web(name) && link::scheme(name).is_some_and(prints)
}

/// Whether names and parameters of other links hold such addresses.
fn is_web(name: &str) -> bool {
    let starts = |with: &str| name.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    starts("http") || starts("socks")
}
