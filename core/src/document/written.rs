//! Writing a document, and saying what it could not hold.
//!
//! What was written is read again by the reader of the same format, and all that is not what it was
//! is named: a loss cannot be forgotten, since nobody has to remember it.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::tree::text;
use super::{Reading, UnknownFormat, WRITERS, Writer, is_named, json, unknown};
use crate::Proxy;
use crate::link::plugin;

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
    if writer.has_unique_names() {
        reorder(&mut again.proxies, &named);
    }
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

/// Brings proxies that were read into the order in which they were written: some formats have one list
/// for each kind of them.
fn reorder(read: &mut [Proxy], written: &[Proxy]) {
    let places: HashMap<_, _> =
        written.iter().enumerate().map(|(at, proxy)| (proxy.name.as_str(), at)).collect();
    if read.iter().all(|proxy| places.contains_key(proxy.name.as_str())) {
        read.sort_by_key(|proxy| places.get(proxy.name.as_str()));
    }
}

/// The proxies with the names that the format can hold, none empty and none twice where each needs its
/// own.
fn name<'a>(writer: &dyn Writer, proxies: impl Iterator<Item = &'a Proxy>) -> Vec<Proxy> {
    let mut taken = HashMap::new();
    let named = proxies.map(|proxy| {
        let mut proxy = proxy.clone();
        proxy.name = writer.name_of(&proxy.name).into();
        if writer.has_unique_names() {
            proxy.name = free(&proxy, &mut taken).into();
        }
        proxy
    });
    named.collect()
}

/// A name for a proxy that has none.
pub(crate) fn name_for(proxy: &Proxy) -> String {
    format!("{} {}", proxy.protocol, proxy.endpoint.host)
}

/// A name that nobody has taken: its own, or with a number behind it. For each name that is taken the
/// last number tried is kept, since lists have thousands of one name.
fn free(proxy: &Proxy, taken: &mut HashMap<String, usize>) -> String {
    let own = match proxy.name.as_str() {
        "" => name_for(proxy),
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
        if before != after && !means_the_same(path, before, after) {
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

/// What a field says where a program need not say it: the field, and whether it may be gained or lost.
const UNSAID: &[(&str, &str, bool)] = &[
    ("grpc_mode", "gun", false),
    ("xhttp_mode", "auto", false),
    ("header_type", "none", false),
    ("ss_encryption", "none", false),
    // Every protocol that is asked for it has it; some programs want it said.
    ("udp", "true", true),
];

/// Whether two values of a field differ in how they are written, and in nothing else.
fn means_the_same(path: &str, before: &Value, after: &Value) -> bool {
    if let Some((_, usual, gained)) = UNSAID.iter().find(|(field, ..)| *field == path) {
        let (said, unsaid) = if *gained { (after, before) } else { (before, after) };
        return unsaid.is_null() && text(said) == *usual;
    }
    let (Some(before), Some(after)) = (before.as_str(), after.as_str()) else { return false };
    match path {
        // One cipher; only ChaCha20 before the IETF's had no such pair.
        "method" => before.replace("-ietf", "") == after.replace("-ietf", "") && after.ends_with("poly1305"),
        "plugin_opts" | "plugin_raw" => options(before) == options(after),
        "xhttp_extra" | "finalmask" => {
            let json = |text| serde_json::from_str::<Value>(text).ok();
            json(before).is_some_and(|value| json(after) == Some(value))
        }
        _ => false,
    }
}

/// The options of a plugin in any order, without the mode that is meant where none is said.
fn options(text: &str) -> BTreeSet<(String, String)> {
    let options = plugin::options(text).into_iter();
    options.filter(|(name, value)| (name.as_str(), value.as_str()) != ("mode", "websocket")).collect()
}
