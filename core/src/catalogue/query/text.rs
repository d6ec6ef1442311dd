//! The text form of a query: what a person types into the search field.
//!
//! A token `name:value` is a filter, `-name:value` excludes, `<200ms` and `>50ms` are latencies; every
//! other token is searched for. Values of a list are parted by commas, and quoted where they have blanks.
//! A number may be `<200`, `>50`, `50-200`, or stand alone. A token that looks like a filter and is meant
//! as text has `text:` before it.

use std::ops::Range;

use super::Query;
use super::filter::{FILTERS, Filter, Form, Kind};
use super::near::nearest;
use super::token::{list, places, quote, tokens, unquoted};

/// The name before text that is searched for as it stands.
const TEXT: &str = "text";

/// Something typed that looks like a filter and is none; it is searched for as text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub struct Doubt {
    /// Where it is in the text, in bytes.
    pub at: Range<usize>,
    /// What was found.
    pub found: String,
    /// What it takes, or what filters there are.
    pub expected: String,
    /// What may have been meant, for the same place.
    pub meant: Option<String>,
}

impl Doubt {
    fn message(&self) -> String {
        match &self.meant {
            Some(meant) => format!("{}: expected {}; did you mean {meant}?", self.found, self.expected),
            None => format!("{}: expected {}", self.found, self.expected),
        }
    }
}

/// A token that may be a filter.
struct Named<'a> {
    not: bool,
    name: &'a str,
    value: &'a str,
}

impl<'a> Named<'a> {
    fn of(token: &'a str) -> Option<Self> {
        let (not, rest) = token.strip_prefix('-').map_or((false, token), |rest| (true, rest));
        if rest.starts_with(['<', '>']) {
            return Some(Self { not, name: "latency", value: rest });
        }
        let (name, value) = rest.split_once(':')?;
        Some(Self { not, name, value })
    }

    fn filters(&self) -> impl Iterator<Item = &'static Filter> {
        FILTERS.iter().filter(|filter| filter.typed.iter().any(|typed| typed.eq_ignore_ascii_case(self.name)))
    }

    /// The token with another name and value.
    fn with(&self, name: &str, value: &str) -> String {
        format!("{}{name}:{value}", if self.not { "-" } else { "" })
    }

    fn is_known(&self) -> bool {
        self.filters().next().is_some()
    }

    /// Reads it into a query. `None`: it is no filter, and the query is as it was.
    fn read(&self, query: &mut Query) -> Option<()> {
        if !self.is_known() || (self.not && self.filters().all(|filter| filter.not.is_empty())) {
            return None;
        }
        let mut changed = query.clone();
        for (kind, value) in self.parts() {
            let filter = self.filters().find(|filter| filter.kind == kind)?;
            (filter.read)(&mut changed, &value, self.not, Form::Text)?;
        }
        *query = changed;
        Some(())
    }

    /// The values, and how each restricts.
    fn parts(&self) -> Vec<(Kind, String)> {
        let Some(kind) = self.filters().next().map(|filter| filter.kind) else { return Vec::new() };
        match kind {
            _ if self.value.is_empty() => Vec::new(),
            Kind::AnyOf => list(self.value).into_iter().map(|value| (kind, value)).collect(),
            Kind::One => vec![(kind, unquoted(self.value))],
            Kind::AtMost | Kind::AtLeast => bounds(self.value, kind),
        }
    }
}

/// The bounds that `<200`, `>50`, `50-200` or `200` set; a number alone restricts in the usual way.
fn bounds(value: &str, usual: Kind) -> Vec<(Kind, String)> {
    let after = |text: &str| text.trim_start_matches('=').to_owned();
    if let Some(most) = value.strip_prefix('<') {
        vec![(Kind::AtMost, after(most))]
    } else if let Some(least) = value.strip_prefix('>') {
        vec![(Kind::AtLeast, after(least))]
    } else if let Some((least, most)) = value.split_once('-') {
        vec![(Kind::AtLeast, least.to_owned()), (Kind::AtMost, most.to_owned())]
    } else {
        vec![(usual, value.to_owned())]
    }
}

impl Query {
    /// Reads what a person typed. It never fails: what is no filter, or not yet, is searched for as text;
    /// [`diagnose`](Self::diagnose) says what that is. A filter whose value is still to come restricts
    /// nothing.
    pub fn from_text(text: &str) -> Self {
        let mut query = Self::default();
        let mut words: Vec<&str> = Vec::new();
        for token in tokens(text) {
            match Named::of(token) {
                Some(Named { not: false, name, value }) if name.eq_ignore_ascii_case(TEXT) => {
                    words.push(value);
                }
                Some(named) if named.read(&mut query).is_some() => {}
                _ => words.push(token),
            }
        }
        words.retain(|word| !word.is_empty());
        query.text = words.join(" ");
        query
    }

    /// The text form: the filters in the order of the table, then the text, in which each run of blanks
    /// outside quotes is one. It reads back as the same query.
    pub fn to_text(&self) -> String {
        let both = FILTERS.iter().filter(|filter| filter.name != "q");
        let both = both.flat_map(|filter| [(filter, false), (filter, true)]);
        let filters = both.filter_map(|(filter, not)| self.typed(filter, not));
        let text = tokens(&self.text).map(as_text);
        filters.chain(text).collect::<Vec<_>>().join(" ")
    }

    fn typed(&self, filter: &Filter, not: bool) -> Option<String> {
        let values: Vec<String> = (filter.write)(self, not)
            .iter()
            .map(|value| if filter.is_of_ours() { value.clone() } else { quote(value) })
            .collect();
        let name = filter.typed.first()?;
        let values =
            Some(values.join(",")).filter(|values| !values.is_empty() && (!not || !filter.not.is_empty()))?;
        Some(match (filter.kind, filter.name) {
            (_, "max_latency") => format!("<{values}ms"),
            (_, "min_latency") => format!(">{values}ms"),
            (Kind::AtMost, _) => format!("{name}:<{values}"),
            (Kind::AtLeast, _) => format!("{name}:>{values}"),
            _ if not => format!("-{name}:{values}"),
            _ => format!("{name}:{values}"),
        })
    }

    /// What in a typed text looks like a filter and is none, and what may have been meant.
    ///
    /// ```
    /// use configstream_core::catalogue::Query;
    /// let doubts = Query::diagnose("berlin proto:vles");
    /// assert_eq!((doubts[0].at.clone(), doubts[0].meant.as_deref()), (7..17, Some("proto:vless")));
    /// ```
    pub fn diagnose(text: &str) -> Vec<Doubt> {
        let tokens = places(text).into_iter().filter_map(|at| Some((text.get(at.clone())?, at)));
        tokens.filter_map(|(token, at)| doubt(token, at)).collect()
    }

    /// The help of the text form, one line for each filter: what is typed, and what it does.
    pub fn help() -> String {
        let lines = FILTERS.iter().map(|filter| format!("{:<32}{}", filter.example, filter.help));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// A token of text in a form that is no filter.
fn as_text(token: &str) -> String {
    let is_filter =
        |named: Named| named.name.eq_ignore_ascii_case(TEXT) || named.read(&mut Query::default()).is_some();
    if Named::of(token).is_some_and(is_filter) { format!("{TEXT}:{token}") } else { token.to_owned() }
}

fn doubt(token: &str, at: Range<usize>) -> Option<Doubt> {
    let named = Named::of(token)?;
    if named.name.eq_ignore_ascii_case(TEXT) || named.read(&mut Query::default()).is_some() {
        return None;
    }
    let found = token.to_owned();
    let Some(filter) = named.filters().next() else {
        let known = || FILTERS.iter().filter_map(|filter| filter.typed.first().copied());
        let meant = Some(named.with(nearest(named.name, known())?, named.value));
        let all = once(known()).join(", ");
        return Some(Doubt { at, found, expected: format!("a filter: {all}"), meant });
    };
    if named.not && named.filters().all(|filter| filter.not.is_empty()) {
        let expected = format!("no - before {}; write for example {}", named.name, filter.example);
        return Some(Doubt { at, found, expected, meant: None });
    }
    Some(Doubt { at, found, expected: (filter.expected)(), meant: better(&named, filter) })
}

/// The token with the values that may have been meant, where each of them is near a known one.
fn better(named: &Named, filter: &Filter) -> Option<String> {
    let is_read = |value: &str| (filter.read)(&mut Query::default(), value, named.not, Form::Text).is_some();
    let near = |value: String| {
        let known = || nearest(&value, (filter.values)().into_iter()).map(str::to_owned);
        if is_read(&value) { Some(value) } else { known() }
    };
    let values = list(named.value).into_iter().map(near).collect::<Option<Vec<_>>>()?;
    Some(named.with(named.name, &values.join(","))).filter(|_| !values.is_empty())
}

fn once<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.collect();
    names.dedup();
    names
}
