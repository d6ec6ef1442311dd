//! Names: parts taken out and replaced, names made anew from a template, flags.

use std::collections::HashMap;
use std::str::FromStr;

use super::{BadPattern, Curation, Known, Report, Step};
use crate::catalogue::Listed;
use crate::document::name_for;
use crate::geo::Country;

/// What happens with flags in names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flags {
    /// The flag of its country goes before a name that has none.
    Add,
    /// Flags are taken out.
    Remove,
    /// Flags are taken out, and that of its country goes before the name.
    Replace,
}

/// How names are made anew: a text with fields in braces.
///
/// ```
/// use configstream_core::curate::Template;
/// assert!("{flag} {country} {protocol} {n}".parse::<Template>().is_ok());
/// assert_eq!("a {colour}".parse::<Template>().unwrap_err().at, 3);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Field(Field),
}

/// What a template can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    /// The name as it was.
    Name,
    /// The flag of its country.
    Flag,
    /// The English name of its country.
    Country,
    /// The two letters of its country.
    Code,
    /// What it speaks.
    Protocol,
    /// How bytes are carried.
    Network,
    /// Its host.
    Host,
    /// Its port.
    Port,
    /// 1, 2, 3 … among those whose names are the same but for it.
    Number,
}

const FIELDS: [(&str, Field); 9] = [
    ("name", Field::Name),
    ("flag", Field::Flag),
    ("country", Field::Country),
    ("code", Field::Code),
    ("protocol", Field::Protocol),
    ("network", Field::Network),
    ("host", Field::Host),
    ("port", Field::Port),
    ("n", Field::Number),
];

impl Template {
    /// The fields that it can name.
    pub fn fields() -> impl Iterator<Item = &'static str> {
        FIELDS.iter().map(|(name, _)| *name)
    }

    /// The name of one proxy; `taken` counts the names that are the same but for their number.
    fn name(&self, listed: &Listed, country: Option<Country>, taken: &mut HashMap<String, usize>) -> String {
        let text = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Field(field) => field.of(listed, country),
        };
        let whole: String = self.0.iter().map(text).collect();
        let name = whole.split_whitespace().collect::<Vec<_>>().join(" ");
        if !name.contains(NUMBER) {
            return name;
        }
        // A number alone says nothing: what has no other part is filled in later.
        if name.chars().all(|char| char == NUMBER || !char.is_alphanumeric()) {
            return String::new();
        }
        let number = taken.entry(name.clone()).or_default();
        *number += 1;
        name.replace(NUMBER, &number.to_string())
    }
}

/// Stands for the number until it is known; no name that was read has it.
const NUMBER: char = '\u{fdd0}';

impl FromStr for Template {
    type Err = BadPattern;

    fn from_str(text: &str) -> Result<Self, BadPattern> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let field = after.split_once('}').and_then(|(name, after)| Some((field(name)?, after)));
            let Some((field, after)) = field else {
                let at = text.len() - after.len() - 1;
                return Err(unknown(text, at));
            };
            parts.extend([Part::Text(before.to_owned()), Part::Field(field)]);
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Self(parts))
    }
}

fn field(name: &str) -> Option<Field> {
    FIELDS.iter().find(|(known, _)| *known == name.trim()).map(|(_, field)| *field)
}

fn unknown(text: &str, at: usize) -> BadPattern {
    let (before, part) = text.split_at_checked(at).unwrap_or(("", text));
    let known: Vec<_> = Template::fields().map(|name| format!("{{{name}}}")).collect();
    let what = format!("no field of a template: expected one of {}", known.join(", "));
    BadPattern { at: before.chars().count() + 1, part: part.to_owned(), what }
}

impl Field {
    fn of(self, listed: &Listed, country: Option<Country>) -> String {
        let proxy = &listed.proxy;
        match self {
            Self::Name => proxy.name.replace(NUMBER, ""),
            Self::Flag => country.map(|country| country.flag()).unwrap_or_default(),
            Self::Country => country.map(|country| country.name().to_owned()).unwrap_or_default(),
            Self::Code => country.map(|country| country.code().to_owned()).unwrap_or_default(),
            Self::Protocol => proxy.protocol.to_string(),
            Self::Network => proxy.transport.network.key().to_owned(),
            Self::Host => proxy.endpoint.host.to_string(),
            Self::Port => proxy.endpoint.port.to_string(),
            Self::Number => NUMBER.to_string(),
        }
    }
}

/// Names all proxies as a curation wants them.
pub(super) fn name(curation: &Curation, listed: &mut [Listed], known: &Known, report: &mut Report) {
    let changes = !curation.delete.is_empty() || !curation.rename.is_empty();
    if !changes && curation.template.is_none() && curation.flags.is_none() {
        return;
    }
    let mut taken = HashMap::new();
    for listed in listed {
        let before = listed.proxy.name.clone();
        let country = country(curation, listed, known);
        listed.proxy.name = renamed(curation, &before).into();
        if let Some(template) = &curation.template {
            listed.proxy.name = template.name(listed, country, &mut taken).into();
        }
        if listed.proxy.name.trim().is_empty() && (curation.template.is_some() || !before.trim().is_empty()) {
            listed.proxy.name = name_for(&listed.proxy).into();
            report.add(Step::Fill, 1);
        }
        if let Some(flags) = curation.flags {
            listed.proxy.name = flags.apply(&listed.proxy.name, country).into();
        }
        report.add(Step::Rename, usize::from(listed.proxy.name != before));
    }
}

/// Where a proxy is: as the caller knows, else as any of its names says. Asked before names change.
fn country(curation: &Curation, listed: &Listed, known: &Known) -> Option<Country> {
    if curation.template.is_none() && curation.flags.is_none_or(|flags| flags == Flags::Remove) {
        return None;
    }
    let named = || Country::named_in(&listed.proxy.name);
    let elsewhere = || listed.names.iter().find_map(|name| Country::named_in(name));
    (known.country)(&listed.proxy).or_else(named).or_else(elsewhere)
}

fn renamed(curation: &Curation, name: &str) -> String {
    let deleted = curation.delete.iter().fold(name.to_owned(), |name, pattern| pattern.delete(&name));
    curation.rename.iter().fold(deleted, |name, rename| rename.apply(&name))
}

impl Flags {
    fn apply(self, name: &str, country: Option<Country>) -> String {
        let bare = Country::without_flags(name);
        let flag = country.map(|country| country.flag());
        match (self, flag) {
            (Self::Remove, _) => bare,
            (Self::Add, Some(flag)) if bare == name => format!("{flag} {name}"),
            (Self::Replace, Some(flag)) => format!("{flag} {bare}").trim_end().to_owned(),
            _ => name.to_owned(),
        }
    }
}
