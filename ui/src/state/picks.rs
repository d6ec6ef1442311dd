//! What is picked among the rows on screen, and statistics over them.

use configstream_core::catalogue::{Goal, Query, Row, Statistics};
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
            _ => self.found.read_untracked().asked.clone(),
        };
        let among = if query.is_empty() { Vec::new() } else { self.usable_ids(&query) };
        if among.is_empty() && !query.is_empty() {
            return self.say(words::among(0, true, self.face));
        }
        self.ask(Request::Pick { goal, among });
    }

    /// The query with what was typed as filters, but for what it says of countries.
    fn of_any_country(self) -> Query {
        let mut query = self.found.read_untracked().asked.clone();
        query.countries.clear();
        query.not.countries.clear();
        query
    }

    /// The identities of the rows that match and that a pick takes.
    fn usable_ids(self, query: &Query) -> Vec<String> {
        let mut ids = Vec::new();
        self.each_usable(query, |row| ids.push(row.id().to_string()));
        ids
    }

    fn each_usable(self, query: &Query, see: impl FnMut(Row<'_>)) {
        self.list.with_untracked(|list| {
            let Some(loaded) = list.ready() else { return };
            let search = loaded.catalogue.search(query, clock());
            search.iter().filter(|row| choice::is_picked_from(self.engine, *row)).for_each(see);
        });
    }

    /// How many rows on screen a pick takes.
    pub fn usable(self) -> usize {
        let found = self.found.read();
        self.list.with_untracked(|list| {
            let Some(loaded) = list.ready() else { return 0 };
            let rows = found.rows.iter().filter_map(|row| loaded.catalogue.row(*row));
            rows.filter(|row| choice::is_picked_from(self.engine, *row)).count()
        })
    }

    /// The countries of the rows that a pick takes, whatever countries the query asks for, each with how
    /// many; the fullest first.
    pub fn usable_countries(self) -> Vec<(Country, usize)> {
        let query = self.of_any_country();
        let mut facets = self.list.with_untracked(|list| {
            list.ready().map(|loaded| loaded.catalogue.search(&query, clock()).facets()).unwrap_or_default()
        });
        facets.countries.values_mut().for_each(|rows| *rows = 0);
        self.each_usable(&query, |row| {
            if let Some(rows) = row.country().and_then(|country| facets.countries.get_mut(&country)) {
                *rows += 1;
            }
        });
        let values = Group::Country.values(&facets, &Query::default(), self.engine);
        let country = |value: Value| match value {
            Value::Country(country) => Some((country, value.count(&facets))),
            _ => None,
        };
        values.into_iter().filter_map(country).collect()
    }

    /// Totals over the rows on screen; `None` while there is no list.
    pub fn statistics(self) -> Option<Statistics> {
        let found = self.found.read();
        self.list.with(|list| Some(list.ready()?.catalogue.search(&found.asked, clock()).statistics()))
    }
}
