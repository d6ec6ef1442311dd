//! An object of a JSON or YAML document: each value is taken by who understands it, and what is left
//! is kept under the format's name, typed as it was, and put back where the same format is written.
//!
//! A value is found by its path, with a dot between the names, as `ws-opts.headers.Host`. Names are
//! compared without regard to case, `-` and `_`, since programs differ in all three.

use serde_json::{Map, Value};
use thin_vec::ThinVec;

use crate::link::Reason;
use crate::link::flag;
use crate::proxy::param::{Kind, Param, same};
use crate::{Proxy, Text, link};

/// How a format calls the parameters that it has: the first path is written.
pub(super) type Table = [(Param, &'static [&'static str])];

/// How many names a path may have. Paths come from links of strangers too, and each name is an object in
/// the one before.
const DEEPEST: usize = 16;

/// How long a path may be whose object is opened: all that stands in it has that path before its own.
const LONGEST: usize = 512;

/// An object from which values are taken, or into which they are put.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree(Map<String, Value>);

impl Tree {
    /// The object that a value is; nothing else has fields.
    pub(super) fn of(value: Value) -> Option<Self> {
        match value {
            Value::Object(map) => Some(Self(map)),
            _ => None,
        }
    }

    /// Takes the value at the first of these paths that has one.
    pub(super) fn take_value(&mut self, paths: &[&str]) -> Option<Value> {
        paths.iter().find_map(|path| take(&mut self.0, path, |_| true))
    }

    /// Takes a text, number or truth value as text, without blanks around it; the first of these
    /// paths that has one which says something.
    pub(super) fn take(&mut self, paths: &[&str]) -> Text {
        link::trim(&self.take_as_is(paths)).into()
    }

    /// [`take`](Self::take) with its blanks: passwords.
    pub(super) fn take_as_is(&mut self, paths: &[&str]) -> Text {
        let value = paths.iter().find_map(|path| take(&mut self.0, path, is_scalar));
        value.map(|value| text(&value).into()).unwrap_or_default()
    }

    /// Takes what says yes or no; `None` where nothing does.
    pub(super) fn take_flag(&mut self, paths: &[&str]) -> Option<bool> {
        let says = |value: &Value| is_scalar(value) && flag(&text(value)).is_some();
        let value = paths.iter().find_map(|path| take(&mut self.0, path, says))?;
        flag(&text(&value))
    }

    /// Takes a list of texts, or one text cut at commas. A list that holds anything else is left.
    pub(super) fn take_list(&mut self, paths: &[&str]) -> ThinVec<Text> {
        let value = paths.iter().find_map(|path| take(&mut self.0, path, is_list));
        match value {
            Some(Value::Array(items)) => items.iter().map(|item| text(item).into()).collect(),
            Some(value) => cut(&text(&value)).into_iter().map(Text::from).collect(),
            None => ThinVec::new(),
        }
    }

    /// Takes every text, number and truth value that stands in it directly, by name.
    pub(super) fn take_scalars(&mut self) -> Vec<(String, Value)> {
        let names: Vec<_> =
            self.0.iter().filter(|(_, value)| is_scalar(value)).map(|(name, _)| name.clone()).collect();
        names.into_iter().filter_map(|name| self.0.remove_entry(&name)).collect()
    }

    /// Takes over what another object has and this one has not.
    pub(super) fn fill(&mut self, other: Self) {
        for (name, value) in other.0 {
            self.0.entry(name).or_insert(value);
        }
    }

    /// Takes the object at a path, from which more is taken; [`give_back`](Self::give_back) the rest.
    pub(super) fn take_tree(&mut self, path: &str) -> Option<Self> {
        take(&mut self.0, path, Value::is_object).and_then(Self::of)
    }

    /// Puts what is left of an object back to its path.
    pub(super) fn give_back(&mut self, path: &str, rest: Self) {
        if !rest.0.is_empty() {
            self.put(path, Value::Object(rest.0));
        }
    }

    /// Takes a port: 1 to 65535.
    pub(super) fn take_port(&mut self, paths: &[&str]) -> Result<u16, Reason> {
        match self.take(paths).as_str() {
            "" => Err(Reason::NoPort),
            digits => link::port(digits),
        }
    }

    /// Takes a host: a name or an address, IPv6 with or without brackets.
    pub(super) fn take_host(&mut self, paths: &[&str]) -> Result<Text, Reason> {
        link::host(&self.take(paths))
    }

    /// Gives a proxy the parameters that it understands, by the paths of a table.
    pub(super) fn give(&mut self, proxy: &mut Proxy, table: &Table) {
        for (param, paths) in table {
            let value = match param.kind() {
                Kind::Flag => {
                    self.take_flag(paths).map_or(Text::new(), |yes| if yes { "1" } else { "0" }.into())
                }
                // A secret may have commas and blanks of its own.
                _ if param.is_secret() => self.take_as_is(paths),
                _ => self.take_list(paths).join(",").into(),
            };
            proxy.set(*param, value);
        }
    }

    /// Keeps what nobody took in a proxy's `extra`, as `format:path` and the value in JSON.
    pub(super) fn keep(self, format: &str, proxy: &mut Proxy) {
        let mut kept = Vec::new();
        flatten(self.0, &format!("{format}:"), &mut kept);
        proxy.extra.extend(kept.into_iter().map(|(path, value)| (path.into(), value.into())));
    }

    /// Puts a value to a path, making the objects on its way; nothing to one that is too deep.
    pub(super) fn put(&mut self, path: &str, value: impl Into<Value>) {
        if depth(path) > DEEPEST {
            return;
        }
        let (objects, name) = path.rsplit_once('.').map_or((None, path), |(way, name)| (Some(way), name));
        let mut map = &mut self.0;
        for step in objects.into_iter().flat_map(|way| way.split('.')) {
            let next = map.entry(step).or_insert_with(|| Value::Object(Map::new()));
            if !next.is_object() {
                *next = Value::Object(Map::new());
            }
            let Value::Object(inner) = next else { return };
            map = inner;
        }
        map.insert(name.to_owned(), value.into());
    }

    /// Puts a text unless it is empty.
    pub(super) fn put_some(&mut self, path: &str, text: &str) {
        if !text.is_empty() {
            self.put(path, text);
        }
    }

    /// Puts a list of texts unless it is empty.
    pub(super) fn put_list(&mut self, path: &str, list: &[impl AsRef<str>]) {
        if !list.is_empty() {
            self.put(path, list.iter().map(AsRef::as_ref).collect::<Value>());
        }
    }

    /// Puts a number where the text is one, and else the text, unless it is empty.
    pub(super) fn put_number(&mut self, path: &str, text: &str) {
        match text.parse::<u64>() {
            Ok(number) if number.to_string() == text => self.put(path, number),
            _ => self.put_some(path, text),
        }
    }

    /// Puts yes, or nothing.
    pub(super) fn put_yes(&mut self, path: &str, yes: bool) {
        if yes {
            self.put(path, true);
        }
    }

    /// Puts the parameters that the format has, by the first paths of a table: flags as truth values,
    /// numbers as numbers.
    pub(super) fn put_params(&mut self, proxy: &Proxy, table: &Table) {
        for (param, paths) in table {
            let (Some(value), Some(path)) = (proxy.param(*param), paths.first()) else { continue };
            match param.kind() {
                Kind::Flag => self.put(path, value == "1"),
                Kind::Number => self.put_number(path, value),
                Kind::Text => self.put_some(path, value),
            }
        }
    }

    /// [`put_params`](Self::put_params) for programs that refuse a whole file for a number that is none.
    pub(super) fn put_strict(&mut self, proxy: &Proxy, table: &Table) {
        for (param, paths) in table {
            let said = proxy.param(*param).unwrap_or_default();
            if param.kind() != Kind::Number || is_number(said) {
                self.put_params(proxy, &[(*param, paths)]);
            }
        }
    }

    /// Puts back what [`keep`](Self::keep) kept under the format's name.
    pub(super) fn put_kept(&mut self, format: &str, proxy: &Proxy) {
        self.put_kept_where(format, proxy, |_| true);
    }

    /// [`put_kept`](Self::put_kept) for the paths that are wanted: some programs refuse what they do not
    /// know.
    pub(super) fn put_kept_where(&mut self, format: &str, proxy: &Proxy, wanted: impl Fn(&str) -> bool) {
        for (name, value) in &proxy.extra {
            if let Some((kept, path)) = name.split_once(':')
                && kept == format
                && wanted(path)
            {
                let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value.as_str()));
                self.put(path, value);
            }
        }
    }

    /// The object without texts and objects that are empty, at any depth.
    pub(super) fn without_empty(self) -> Self {
        let mut map = self.0;
        drop_empty(&mut map);
        Self(map)
    }

    /// Gives a value another name, unless something has that already.
    pub(super) fn rename(&mut self, from: &str, to: &str) {
        if !self.0.contains_key(to)
            && let Some(value) = self.0.remove(from)
        {
            self.0.insert(to.to_owned(), value);
        }
    }

    /// Whether there is a value of exactly this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whether the value of this name is a text.
    pub(super) fn says_text(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(Value::is_string)
    }

    /// Whether nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The whole of it.
    pub(super) fn value(self) -> Value {
        Value::Object(self.0)
    }
}

/// A text, number or truth value as text; nothing else has one.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(yes) => yes.to_string(),
        _ => String::new(),
    }
}

/// Whether a text is a whole number that every program can hold.
pub(super) fn is_number(text: &str) -> bool {
    text.parse::<i32>().is_ok_and(|number| number >= 0 && number.to_string() == text)
}

/// Whether a text is one number or two with a dash between, the smaller first.
pub(super) fn is_range(text: &str) -> bool {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    matches!((from.parse::<u32>(), to.parse::<u32>()), (Ok(from), Ok(to)) if from <= to)
}

/// Whether a text is ports and ranges of them between commas.
pub(super) fn is_ports(text: &str) -> bool {
    let is_port = |part: &str| is_range(part) && part.split('-').all(|port| link::port(port).is_ok());
    !text.is_empty() && cut(text).iter().all(|part| is_port(part))
}

/// Takes away what is empty: it says no more than what is missing.
pub(super) fn prune(value: &mut Value) {
    let Value::Object(map) = value else { return };
    map.values_mut().for_each(prune);
    map.retain(|_, value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
        _ => true,
    });
}

/// The texts between commas that say something.
pub(super) fn cut(text: &str) -> Vec<String> {
    text.split(',').map(link::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

/// Drops empty texts and objects. What was parsed from JSON is at most 128 levels deep.
fn drop_empty(map: &mut Map<String, Value>) {
    map.values_mut().filter_map(Value::as_object_mut).for_each(drop_empty);
    map.retain(|_, value| value.as_str() != Some("") && value.as_object().is_none_or(|map| !map.is_empty()));
}

/// Whether a value is one text, number or truth value, and says something.
fn is_scalar(value: &Value) -> bool {
    !text(value).is_empty()
}

fn is_list(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().all(is_scalar),
        value => is_scalar(value),
    }
}

/// Takes the value at a path, if it is wanted, and the objects on its way that it leaves empty.
fn take(map: &mut Map<String, Value>, path: &str, wanted: impl Fn(&Value) -> bool) -> Option<Value> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let name = map.keys().find(|key| same(key, name))?.clone();
    let Some(rest) = rest else {
        return map.get(&name).is_some_and(wanted).then(|| map.remove(&name)).flatten();
    };
    let inner = map.get_mut(&name)?.as_object_mut()?;
    let value = take(inner, rest, wanted)?;
    if inner.is_empty() {
        map.remove(&name);
    }
    Some(value)
}

/// How many names a path has; no more are counted than it takes to be too deep.
fn depth(path: &str) -> usize {
    path.split('.').take(DEEPEST + 1).count()
}

/// Whether what stands in an object gets paths of its own: names without dots, and not too deep.
fn is_open(path: &str, inner: &Map<String, Value>) -> bool {
    let fits = depth(path) < DEEPEST && path.len() <= LONGEST;
    fits && !inner.is_empty() && !inner.keys().any(|key| key.contains('.'))
}

/// The values of an object with their paths. An object that is not opened is one value.
fn flatten(map: Map<String, Value>, before: &str, kept: &mut Vec<(String, String)>) {
    for (name, value) in map {
        let path = format!("{before}{name}");
        match value {
            Value::Null => {}
            Value::String(text) if text.is_empty() => {}
            Value::Object(inner) if is_open(&path, &inner) => {
                flatten(inner, &format!("{path}."), kept);
            }
            value => kept.push((path, print(&value))),
        }
    }
}

/// A value in JSON; a text without quotes where nothing takes it for something else.
fn print(value: &Value) -> String {
    match value {
        Value::String(text) if serde_json::from_str::<Value>(text).is_err() => text.clone(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Protocol;
    use serde_json::json;

    fn tree(value: Value) -> Tree {
        Tree::of(value).unwrap()
    }

    #[test]
    fn what_is_taken_is_gone_with_the_objects_it_leaves_empty() {
        let mut tree = tree(json!({"ws_opts": {"Path": "/x", "headers": {"host": "a.example"}}}));
        assert_eq!(tree.take(&["ws-opts.path"]), "/x");
        assert_eq!(tree.take(&["wsopts.headers.Host"]), "a.example");
        assert_eq!(tree.value(), json!({}));
    }

    #[test]
    fn scalars_are_texts_lists_are_cut_and_what_is_neither_is_left() {
        let mut tree =
            tree(json!({"port": 443, "alpn": "h2, http/1.1", "tls": "yes", "type": ["ws"], "x": {}}));
        assert_eq!(tree.take_port(&["port"]), Ok(443));
        assert_eq!(tree.take_list(&["alpn"]), ["h2", "http/1.1"]);
        assert_eq!(tree.take_flag(&["tls"]), Some(true));
        assert_eq!((tree.take(&["type"]), tree.take(&["x"])), (Text::new(), Text::new()));
        assert_eq!(tree.take_list(&["type"]), ["ws"]);
    }

    #[test]
    fn what_is_kept_is_put_back_with_its_type() {
        let rest = json!({"a": {"b": true, "c": "5"}, "d": ["x"], "e": 7, "f": "text", "g": {"h.i": {}}});
        let mut proxy = Proxy::new(Protocol::Trojan, "192.0.2.1", 443);
        tree(rest.clone()).keep("clash", &mut proxy);
        assert!(proxy.extra.contains(&("clash:a.b".into(), "true".into())), "{:?}", proxy.extra);
        assert!(proxy.extra.contains(&("clash:a.c".into(), "\"5\"".into())));
        let mut back = Tree::default();
        back.put_kept("clash", &proxy);
        assert_eq!(back.value(), rest);
        let mut other = Tree::default();
        other.put_kept("sing-box", &proxy);
        assert_eq!(other.value(), json!({}));
    }
    #[test]
    fn a_path_of_thousands_of_names_is_not_put() {
        let mut tree = Tree::default();
        tree.put(&"a.".repeat(32_000), 1);
        assert_eq!(tree.clone().value(), json!({}));
        tree.put("a.b", 1);
        assert_eq!(tree.value(), json!({"a": {"b": 1}}));
    }

    #[test]
    fn objects_too_deep_or_of_too_long_a_name_are_kept_whole_and_put_back() {
        let deep = (0..100).fold(json!(1), |inner, _| json!({"a": inner}));
        let wide: Map<_, _> = (0..1000).map(|number| (number.to_string(), json!(1))).collect();
        let rest = json!({"a": deep, "x".repeat(10_000): wide});
        let mut proxy = Proxy::new(Protocol::Trojan, "192.0.2.1", 443);
        tree(rest.clone()).keep("clash", &mut proxy);
        assert_eq!(proxy.extra.len(), 2);
        let mut back = Tree::default();
        back.put_kept("clash", &proxy);
        assert_eq!(back.value(), rest);
    }
}
