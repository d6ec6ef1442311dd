//! Fields that were kept because no reader understood them, put back where their format is written.
//!
//! They come from anywhere: a link may carry `clash:type=direct`. So they never say what the writer says,
//! nor what the reader would understand; a program compares names less exactly than its documents write them.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::tree::{Tree, text};
use crate::Proxy;
use crate::proxy::param::same;

/// More rounds than fields that hide each other ever need.
const ROUNDS: usize = 8;

/// What a proxy keeps under a format's name: paths and values.
pub(super) struct Kept<'a> {
    format: &'a str,
    fields: Vec<(&'a str, Value)>,
}

impl<'a> Kept<'a> {
    /// Those of a format that are wanted.
    pub(super) fn of(format: &'a str, proxy: &'a Proxy, wanted: impl Fn(&str) -> bool) -> Self {
        let own = |name: &'a str| name.strip_prefix(format)?.strip_prefix(':');
        let typed = |said: &str| serde_json::from_str(said).unwrap_or_else(|_| Value::from(said));
        let fields = proxy.extra.iter().filter_map(|(name, value)| Some((own(name)?, typed(value))));
        Self { format, fields: fields.filter(|(path, _)| wanted(path)).collect() }
    }

    /// Puts the known fields over the kept ones. A kept one is left out where `known` has its path, or where
    /// `read`, which reads what is written, does not keep it again.
    pub(super) fn under(mut self, known: Tree, read: impl Fn(Tree) -> Option<Proxy>) -> Tree {
        let known = known.value();
        self.fields.retain(|(path, value)| is_free(&known, path, value));
        for _ in 0..ROUNDS {
            if self.fields.is_empty() {
                break;
            }
            let whole = self.put(known.clone());
            let Some(again) = read(whole.clone()) else { break };
            let before = self.fields.len();
            let keeps = |path: &str| again.extra.iter().any(|(name, _)| self.is_of(name, path));
            let kept: Vec<_> = self.fields.iter().map(|(path, _)| keeps(path)).collect();
            let mut kept = kept.into_iter();
            self.fields.retain(|_| kept.next() == Some(true));
            if self.fields.len() == before {
                return whole;
            }
        }
        Tree::of(known).unwrap_or_default()
    }

    /// Whether a name in `extra` is that of a kept path.
    fn is_of(&self, name: &str, path: &str) -> bool {
        let rest = name.strip_prefix(self.format).and_then(|rest| rest.strip_prefix(':'));
        rest.is_some_and(|rest| rest == path)
    }

    fn put(&self, known: Value) -> Tree {
        let mut tree = Tree::default();
        for (path, value) in &self.fields {
            tree.put(path, value.clone());
        }
        let mut whole = tree.value();
        lay_over(&mut whole, known);
        Tree::of(whole).unwrap_or_default()
    }
}

/// Whether a value may stand at a path beside what is known: nothing stands there by that or a like name,
/// nor on the way, or both are objects.
fn is_free(known: &Value, path: &str, value: &Value) -> bool {
    let mut at = known;
    for step in path.split('.') {
        let Value::Object(map) = at else { return false };
        let Some((name, next)) = map.iter().find(|(name, _)| same(name, step)) else { return true };
        if name != step {
            return false;
        }
        at = next;
    }
    at.is_object() && value.is_object()
}

/// Lays values over others: objects are put together, all else is the upper one's.
fn lay_over(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => lay_members(under, over),
        (under, over) => *under = over,
    }
}

fn lay_members(under: &mut Map<String, Value>, over: Map<String, Value>) {
    for (name, value) in over {
        match under.get_mut(&name) {
            Some(old) => lay_over(old, value),
            None => drop(under.insert(name, value)),
        }
    }
}

/// Whether a path, or an object that it is in, is among some, however its names are written.
pub(super) fn is_any(path: &str, paths: &[&str]) -> bool {
    let is_in = |within: &str| {
        let mut steps = path.split('.');
        within.split('.').all(|step| steps.next().is_some_and(|own| same(own, step)))
    };
    paths.iter().any(|within| is_in(within))
}

/// Nobody goes through more.
const MOST_STEPS: usize = 16;

/// Which proxies of a document go through which others of it.
#[derive(Default)]
pub(super) struct Ways(HashMap<String, Option<String>>);

impl Ways {
    /// The ways of proxies, each of which keeps the name of the next under this name.
    pub(super) fn of(proxies: &[Proxy], kept: &str) -> Self {
        let next = |proxy: &Proxy| {
            let (_, value) = proxy.extra.iter().find(|(name, _)| name == kept)?;
            Some(serde_json::from_str(value).map_or_else(|_| value.to_string(), |value| text(&value)))
        };
        Self(proxies.iter().map(|proxy| (proxy.name.to_string(), next(proxy))).collect())
    }

    /// Whether the way of a proxy through others ends: each is there, and none comes twice.
    pub(super) fn reaches(&self, name: &str) -> bool {
        let mut name = name;
        for _ in 0..MOST_STEPS {
            match self.0.get(name) {
                Some(Some(next)) => name = next,
                Some(None) => return true,
                None => return false,
            }
        }
        false
    }

    /// Whether a name is taken.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Takes a name for something that goes through nothing.
    pub(super) fn add(&mut self, name: String) {
        self.0.insert(name, None);
    }
}
