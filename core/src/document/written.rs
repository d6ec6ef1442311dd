//! Writing a document, and saying what it could not hold.
//!
//! What was written is read again by the reader of the same format, and all that is not what it was
//! is named: a loss cannot be forgotten, since nobody has to remember it.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::{Reading, UnknownFormat, WRITERS, Writer, is_named, json, unknown};
use crate::Proxy;

/// How much of a document is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// The proxies, and nothing else.
    #[default]
    List,
    /// All that a program needs to run: groups by country and by latency, name servers that do not
    /// leak, rules. The list, where a format has no more.
    Configuration,
}

/// A document, and what it does not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The document.
    pub text: String,
    /// What was lost, by proxy.
    pub losses: Vec<Loss>,
}

/// What was lost of one proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Which of the proxies, from 0.
    pub proxy: usize,
    /// What of it.
    pub lost: Lost,
}

/// What of a proxy a document does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// All of it, and why.
    Proxy(&'static str),
    /// The value of a field of the flat vocabulary (see [`json`]), as `sni` or `extra.fragment`.
    Field(String),
    /// Its name, which is another now.
    Name(String),
}

/// Writes proxies in a named format.
///
/// ```
/// use configstream_core::document::{self, Shape};
/// use configstream_core::link;
/// let proxy = link::parse("socks5://192.0.2.1:1080").unwrap();
/// let written = document::write("links", &[proxy], Shape::List).unwrap();
/// assert_eq!((written.text.as_str(), written.losses.len()), ("socks5://192.0.2.1:1080\n", 0));
/// assert!(document::write("nonsense", &[], Shape::List).unwrap_err().expected.contains("base64"));
/// ```
pub fn write(name: &str, proxies: &[Proxy], shape: Shape) -> Result<Written, UnknownFormat> {
    let writer = WRITERS.iter().find(|writer| is_named(writer.name(), name));
    let writer = writer.ok_or_else(|| unknown(name, WRITERS.iter().map(|writer| writer.name())))?;
    Ok(write_with(*writer, proxies, shape))
}

fn write_with(writer: &dyn Writer, proxies: &[Proxy], shape: Shape) -> Written {
    let mut losses = Vec::new();
    let mut fitting = Vec::with_capacity(proxies.len());
    for (index, proxy) in proxies.iter().enumerate() {
        match writer.fits(proxy) {
            Ok(()) => fitting.push(index),
            Err(reason) => losses.push(Loss { proxy: index, lost: Lost::Proxy(reason) }),
        }
    }
    let named = name(writer, fitting.iter().filter_map(|index| proxies.get(*index)));
    let text = writer.write(&named, shape);
    let mut again = Reading::default();
    writer.reader().read(&text, &mut again);
    let same_count = again.proxies.len() == named.len();
    for (at, index) in fitting.into_iter().enumerate() {
        let Some(before) = proxies.get(index) else { continue };
        let lost = match again.proxies.get(at).filter(|_| same_count) {
            Some(after) => differences(before, after),
            None => vec![Lost::Proxy("what was written does not read again")],
        };
        losses.extend(lost.into_iter().map(|lost| Loss { proxy: index, lost }));
    }
    losses.sort_by_key(|loss| loss.proxy);
    Written { text, losses }
}

/// The proxies with the names that the format can hold, none empty and none twice where each needs its
/// own.
fn name<'a>(writer: &dyn Writer, proxies: impl Iterator<Item = &'a Proxy>) -> Vec<Proxy> {
    let mut taken = HashMap::new();
    let named = proxies.map(|proxy| {
        let mut proxy = proxy.clone();
        proxy.name = writer.name_of(&proxy.name);
        if writer.has_unique_names() {
            proxy.name = free(&proxy, &mut taken);
        }
        proxy
    });
    named.collect()
}

/// A name that nobody has taken: its own, or with a number behind it. For each name that is taken the
/// last number tried is kept, since lists have thousands of one name.
fn free(proxy: &Proxy, taken: &mut HashMap<String, usize>) -> String {
    let own = match proxy.name.as_str() {
        "" => format!("{} {}", proxy.protocol, proxy.endpoint.host),
        name => name.to_owned(),
    };
    let mut number = taken.get(&own).copied().unwrap_or(0) + 1;
    let mut name = if number == 1 { own.clone() } else { format!("{own} {number}") };
    while taken.contains_key(&name) {
        number += 1;
        name = format!("{own} {number}");
    }
    taken.insert(own, number);
    taken.insert(name.clone(), 1);
    name
}

/// The fields in which two proxies differ.
fn differences(before: &Proxy, after: &Proxy) -> Vec<Lost> {
    if before == after {
        return Vec::new();
    }
    let (before, after) = (json::object(before), json::object(after));
    let mut fields = Vec::new();
    differing("", &before, &after, &mut fields);
    let derived = |field: &String| matches!(field.as_str(), "fingerprint" | "extra_order");
    let lost = fields.into_iter().filter(|field| !derived(field)).map(|field| match &after["name"] {
        Value::String(name) if field == "name" => Lost::Name(name.clone()),
        _ => Lost::Field(field),
    });
    lost.collect()
}

fn differing(path: &str, before: &Value, after: &Value, fields: &mut Vec<String>) {
    let (Value::Object(a), Value::Object(b)) = (before, after) else {
        if before != after {
            fields.push(path.to_owned());
        }
        return;
    };
    let names: BTreeSet<_> = a.keys().chain(b.keys()).collect();
    for name in names {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        differing(&path, &before[name], &after[name], fields);
    }
}
