//! What is picked among the rows on screen, and statistics over them.

use configstream_core::catalogue::{Goal, Query, Statistics};
use configstream_core::geo::Country;
use configstream_core::message::Request;
use leptos::prelude::*;

use super::{App, clock};
use crate::host::Bridge;
use crate::view::filters::{Group, Value};
use crate::view::{choice, words};

impl App {
    /// Connects to what is picked among the rows on screen; a country is picked whatever countries these
    /// are of.
    pub fn pick(self, goal: Goal) {
        if self.bridge.get_untracked() != Bridge::Here {
            return;
        }
        let query = match goal {
            Goal::Country(_) => self.of_any_country(),
            _ => self.query.with_untracked(choice::with_typed_filters),
        };
        let among = if query.is_empty() { Vec::new() } else { self.usable_ids(&query) };
        if among.is_empty() && !query.is_empty() {
            return self.say(words::among(0, true));
        }
        self.ask(Request::Pick { goal, among });
    }

    /// The query with what was typed as filters, but for what it says of countries.
    fn of_any_country(self) -> Query {
        let mut query = self.query.with_untracked(choice::with_typed_filters);
        query.countries.clear();
        query.not.countries.clear();
        query
    }

    /// The identities of the rows that match and that this browser can use.
    fn usable_ids(self, query: &Query) -> Vec<String> {
        let query = Query { connectable: Some(self.engine), ..query.clone() };
        let ids = self.list.with_untracked(|list| {
            let rows = list.ready()?.catalogue.search(&query, clock());
            Some(rows.iter().map(|row| row.id().to_string()).collect())
        });
        ids.unwrap_or_default()
    }

    /// How many rows on screen this browser can use.
    pub fn usable(self) -> usize {
        self.found.with(|found| Value::Connectable(self.engine).count(&found.facets))
    }

    /// The countries of the rows that this browser can use, whatever countries the query asks for, each with
    /// how many; the fullest first.
    pub fn usable_countries(self) -> Vec<(Country, usize)> {
        let query = Query { connectable: Some(self.engine), ..self.of_any_country() };
        let facets = self.list.with_untracked(|list| {
            list.ready().map(|loaded| loaded.catalogue.search(&query, clock()).facets()).unwrap_or_default()
        });
        let values = Group::Country.values(&facets, &query, self.engine);
        let country = |value: Value| match value {
            Value::Country(country) => Some((country, value.count(&facets))),
            _ => None,
        };
        values.into_iter().filter_map(country).collect()
    }

    /// Totals over the rows on screen; `None` while there is no list.
    pub fn statistics(self) -> Option<Statistics> {
        let query = self.query.with(choice::with_typed_filters);
        self.list.with(|list| Some(list.ready()?.catalogue.search(&query, clock()).statistics()))
    }
}
