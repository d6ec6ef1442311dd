//! What the list is filtered and sorted by.

use std::ops::Range;
use std::time::Duration;

use configstream_core::catalogue::{Query, Sort};
use leptos::prelude::*;

use super::{App, REST, focus};
use crate::view::filters::{Bound, Value};

impl App {
    /// Searches, once typing rests.
    pub fn type_text(self, text: String) {
        if let Some(handle) = self.typing.get_value() {
            handle.clear();
        }
        let search = move || self.change(|query| query.text = text);
        self.typing.set_value(set_timeout_with_handle(search, Duration::from_millis(REST)).ok());
    }

    /// Puts another text in the place of a part of the one that is searched for.
    pub fn replace_text(self, at: Range<usize>, text: &str) {
        self.change(|query| {
            if query.text.get(at.clone()).is_some() {
                query.text.replace_range(at, text);
            }
        });
    }

    /// Turns a chip: only, without where that is offered, any.
    pub fn turn_value(self, value: &Value) {
        self.change(|query| value.turn_typed(query));
    }

    /// Sets a bound, or takes it away.
    pub fn set_bound(self, bound: Bound, number: Option<u64>) {
        self.change(|query| bound.set(query, number));
    }

    /// Shows or hides more filters. They and the details share one place on a narrow screen.
    pub fn toggle_more(self) {
        if self.more.get_untracked() {
            return self.close_more();
        }
        self.selected.set(None);
        self.more.set(true);
        focus("more");
    }

    /// Hides more filters; the focus returns to their button.
    pub fn close_more(self) {
        self.more.set(false);
        focus("more");
    }

    /// Sorts.
    pub fn sort(self, sort: Sort) {
        self.change(|query| query.sort = sort);
    }

    /// Takes all filters away; the order stays.
    pub fn clear(self) {
        self.change(|query| *query = Query { sort: query.sort, order: query.order, ..Query::default() });
    }

    pub(super) fn change(self, change: impl FnOnce(&mut Query)) {
        self.query.update(change);
        self.active.set(0);
    }
}
