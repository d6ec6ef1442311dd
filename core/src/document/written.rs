//! Writing a document, and saying what it could not hold.
//!
//! What was written is read again by the reader of the same format, and all that is not what it was
//! is named: a loss cannot be forgotten, since nobody has to remember it.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value};

use super::tree::text;
use super::{Reading, UnknownFormat, WRITERS, Writer, is_named, json, unknown};
use crate::Proxy;
use crate::link::plugin;
use crate::proxy::Origin;

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
    let trusted: Vec<_> = proxies.iter().map(|proxy| trusted(writer, proxy)).collect();
    for (index, proxy) in trusted.iter().map(Cow::as_ref).enumerate() {
        match writer.fits(proxy) {
            Ok(()) => fitting.push(index),
            Err(reason) => losses.push(Loss { proxy: index, lost: Lost::Proxy(reason) }),
        }
    }
    let named = name(writer, fitting.iter().filter_map(|index| trusted.get(*index)).map(Cow::as_ref));
    let draft = Draft::of(writer, shape, named).settled().without_overrides();
    let after: HashMap<_, _> = draft.places.iter().copied().zip(&draft.read).collect();
    for (at, index) in fitting.into_iter().enumerate() {
        let Some(before) = proxies.get(index) else { continue };
        let lost = match after.get(&at) {
            Some(after) => differences(before, after),
            None => vec![Lost::Proxy("what was written does not read again")],
        };
        losses.extend(lost.into_iter().map(|lost| Loss { proxy: index, lost }));
    }
    losses.sort_by_key(|loss| loss.proxy);
    Written { text: draft.text, losses }
}

/// A proxy without what a link says under the name of the format.
fn trusted<'a>(writer: &dyn Writer, proxy: &'a Proxy) -> Cow<'a, Proxy> {
    let is_strange = matches!(proxy.origin, Origin::Link) && !writer.keeps_of_links();
    if !is_strange || !has_kept(writer, proxy) {
        return Cow::Borrowed(proxy);
    }
    without_kept(writer, proxy.clone()).map_or(Cow::Borrowed(proxy), Cow::Owned)
}

/// A document as it would be, and what it reads as.
struct Draft<'a> {
    writer: &'a dyn Writer,
    shape: Shape,
    /// Which of the proxies that fit are written.
    places: Vec<usize>,
    written: Vec<Proxy>,
    text: String,
    read: Vec<Proxy>,
}

/// How often a document is written to find proxies that read alone and not together.
const TRIES: usize = 64;

impl<'a> Draft<'a> {
    fn of(writer: &'a dyn Writer, shape: Shape, proxies: Vec<Proxy>) -> Self {
        Self::of_places(writer, shape, (0..proxies.len()).collect(), proxies)
    }

    fn of_places(writer: &'a dyn Writer, shape: Shape, places: Vec<usize>, written: Vec<Proxy>) -> Self {
        let text = writer.write(&written, shape);
        let mut read = read(writer, &text);
        if writer.has_unique_names() {
            reorder(&mut read, &written);
        }
        Self { writer, shape, places, written, text, read }
    }

    /// The document of other proxies.
    fn with(&self, chosen: impl IntoIterator<Item = (usize, Proxy)>) -> Self {
        let (places, proxies) = chosen.into_iter().unzip();
        Self::of_places(self.writer, self.shape, places, proxies)
    }

    /// Whether each proxy reads as one.
    fn is_sound(&self) -> bool {
        self.read.len() == self.written.len()
    }

    /// The proxies with their places.
    fn chosen(&self) -> impl Iterator<Item = (usize, Proxy)> {
        self.places.iter().copied().zip(self.written.iter().cloned())
    }

    /// The document without what does not read again: first without what is missing, if names tell what that
    /// is, then without all that does not read alone, then without what does not read beside the others.
    fn settled(self) -> Self {
        if self.is_sound() {
            return self;
        }
        let doubtful = self.doubtful();
        let draft = self.without_unreadable(&doubtful);
        if draft.is_sound() {
            return draft;
        }
        let draft = draft.without_unreadable(&vec![true; draft.written.len()]);
        if draft.is_sound() { draft } else { draft.gathered() }
    }

    /// Which of the proxies were not found again: all of them, where names do not tell, or where something
    /// was found that nobody wrote.
    fn doubtful(&self) -> Vec<bool> {
        let mut found: HashMap<&str, usize> = HashMap::new();
        for proxy in &self.read {
            *found.entry(&proxy.name).or_default() += 1;
        }
        let here = |proxy: &Proxy| found.get(proxy.name.as_str()) == Some(&1);
        let known = self.written.iter().filter(|proxy| here(proxy)).count();
        let tells = self.writer.has_unique_names() && known == self.read.len();
        self.written.iter().map(|proxy| !tells || !here(proxy)).collect()
    }

    /// The document without those of the doubtful that do not read alone, or without what was kept of them
    /// where that is the reason.
    fn without_unreadable(&self, doubtful: &[bool]) -> Self {
        let chosen = self.chosen().zip(doubtful).filter_map(|((place, proxy), doubtful)| {
            let proxy = if *doubtful { self.readable(proxy)? } else { proxy };
            Some((place, proxy))
        });
        self.with(chosen)
    }

    /// A proxy as it reads before another one: what breaks a document often reads itself, and nothing after
    /// it does.
    fn readable(&self, proxy: Proxy) -> Option<Proxy> {
        let reads = |proxy: &Proxy| {
            let next = Proxy { name: format!("{} 2", proxy.name).into(), ..proxy.clone() };
            read(self.writer, &self.writer.write(&[proxy.clone(), next], Shape::List)).len() == 2
        };
        if reads(&proxy) {
            return Some(proxy);
        }
        let bare = without_kept(self.writer, proxy)?;
        reads(&bare).then_some(bare)
    }

    /// The document of those that read together.
    fn gathered(&self) -> Self {
        let all: Vec<_> = self.chosen().collect();
        let mut together = Vec::new();
        self.gather(&all, &mut together, &mut { TRIES });
        self.with(together)
    }

    /// Adds proxies to those that read together, by halves where not all of them do.
    fn gather(&self, more: &[(usize, Proxy)], together: &mut Vec<(usize, Proxy)>, tries: &mut usize) {
        if more.is_empty() || *tries == 0 {
            return;
        }
        *tries -= 1;
        if self.with(together.iter().chain(more).cloned()).is_sound() {
            together.extend_from_slice(more);
        } else if more.len() > 1 {
            let (left, right) = more.split_at(more.len() / 2);
            self.gather(left, together, tries);
            self.gather(right, together, tries);
        }
    }

    /// The document without the kept fields of proxies that change what is known of them. A reader never
    /// keeps such: they come from links of strangers.
    fn without_overrides(self) -> Self {
        let pairs = || self.written.iter().zip(&self.read);
        let is_suspect = |(before, after): (&Proxy, &Proxy)| {
            has_kept(self.writer, before) && !changes(before, after).is_empty()
        };
        let suspects: Vec<_> = pairs().map(is_suspect).collect();
        if !suspects.contains(&true) {
            return self;
        }
        let bare = self.bared(&suspects);
        if !bare.is_sound() {
            return bare.settled();
        }
        let overrides = |((before, after), bare): ((&Proxy, &Proxy), &Proxy)| {
            let changed = changes(bare, after);
            changes(before, after).iter().any(|field| changed.contains(field))
        };
        let guilty: Vec<_> = pairs().zip(&bare.read).map(overrides).collect();
        let guilty: Vec<_> =
            guilty.iter().zip(&suspects).map(|(guilty, suspect)| *guilty && *suspect).collect();
        if !guilty.contains(&true) {
            return self;
        }
        let draft = self.bared(&guilty);
        if draft.is_sound() { draft } else { bare }
    }

    /// The document without the kept fields of some proxies.
    fn bared(&self, which: &[bool]) -> Self {
        self.with(self.chosen().zip(which).map(|((place, proxy), bare)| {
            let bare = if *bare { without_kept(self.writer, proxy.clone()) } else { None };
            (place, bare.unwrap_or(proxy))
        }))
    }
}

fn read(writer: &dyn Writer, text: &str) -> Vec<Proxy> {
    let mut reading = Reading::default();
    writer.reader().read(text, &mut reading);
    reading.proxies
}

/// Whether a name of `extra` is that of a field which the format puts back as it is: `format:path`, or
/// `format-part:path`.
fn is_kept(writer: &dyn Writer, name: &str) -> bool {
    let Some((kept, _)) = name.split_once(':') else { return false };
    let is_of =
        |format| kept.strip_prefix(format).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    is_of(writer.reader().name()) || is_of(writer.name())
}

fn has_kept(writer: &dyn Writer, proxy: &Proxy) -> bool {
    proxy.extra.iter().any(|(name, _)| is_kept(writer, name))
}

/// A proxy without its kept fields; `None` where it has none.
fn without_kept(writer: &dyn Writer, mut proxy: Proxy) -> Option<Proxy> {
    let before = proxy.extra.len();
    proxy.extra.retain(|(name, _)| !is_kept(writer, name));
    (proxy.extra.len() < before).then_some(proxy)
}

/// The fields in which two proxies differ, but for what was kept.
fn changes(before: &Proxy, after: &Proxy) -> Vec<String> {
    let mut fields = fields(before, after);
    fields.retain(|field| !field.starts_with("extra."));
    fields
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

/// What was lost between two proxies.
fn differences(before: &Proxy, after: &Proxy) -> Vec<Lost> {
    let lost = fields(before, after).into_iter().map(|field| match field.as_str() {
        "name" => Lost::Name(after.name.to_string()),
        _ => Lost::Field(field),
    });
    lost.collect()
}

/// The fields in which two proxies differ.
fn fields(before: &Proxy, after: &Proxy) -> Vec<String> {
    if before == after {
        return Vec::new();
    }
    let (before, after) = (json::object(before), json::object(after));
    let mut fields = Vec::new();
    differing("", &before, &after, &mut fields);
    fields.retain(|field| !matches!(field.as_str(), "fingerprint" | "extra_order"));
    fields
}

fn differing(path: &str, before: &Value, after: &Value, fields: &mut Vec<String>) {
    let none = Map::new();
    let (Some(a), Some(b)) = (members(before, &none), members(after, &none)) else {
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

/// The members of an object, or of one that is not there.
fn members<'a>(value: &'a Value, none: &'a Map<String, Value>) -> Option<&'a Map<String, Value>> {
    if value.is_null() { Some(none) } else { value.as_object() }
}

/// What a field says where a program need not say it: the field, and whether it may be gained or lost.
const UNSAID: &[(&str, &str, bool)] = &[
    ("grpc_mode", "gun", false),
    ("xhttp_mode", "auto", false),
    ("header_type", "none", false),
    ("ss_encryption", "none", false),
    ("allowed_ips", "0.0.0.0/0,::/0", false),
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
