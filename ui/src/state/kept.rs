//! What is kept on this device beside the list: favourites and weights.

use std::time::Duration;

use configstream_core::Fingerprint;
use configstream_core::score::Weights;
use leptos::prelude::*;

use super::{App, List, REST};
use crate::host::Shelf;
use crate::view::favourites::{Favourites, Turned};
use crate::view::{weights, words};

impl App {
    /// What another page kept counts here too.
    pub(super) fn take_kept(self, place: Shelf, text: &str) {
        match place {
            Shelf::View => {}
            Shelf::Favourites => {
                let favourites = Favourites::read(text);
                if self.favourites.with_untracked(|known| *known != favourites) {
                    self.set_favourites(favourites);
                }
            }
            Shelf::Weights => {
                let weights = weights::read(text);
                if self.weights.get_untracked() != weights {
                    self.weights.set(weights);
                    self.score_anew();
                }
            }
        }
    }

    /// Whether the user marked this proxy.
    pub fn is_favourite(self, id: Fingerprint) -> bool {
        self.favourites.with(|favourites| favourites.has(id))
    }

    /// Marks a proxy, or takes its mark away, and keeps that.
    pub fn star(self, id: Fingerprint) {
        let mut favourites = self.favourites.get_untracked();
        let turned = favourites.turn(id);
        self.host().keep(Shelf::Favourites, &favourites.to_text());
        self.set_favourites(favourites);
        match turned {
            Turned::Marked => self.say("Added to your favourites.".to_owned()),
            Turned::MarkedAndForgot => self.say(words::forgot_oldest()),
            Turned::Unmarked => self.say_undoable("Removed from your favourites.", id),
        }
    }

    /// Marks the proxy whose details are shown, or the active row.
    pub fn star_current(self) {
        if let Some(entry) = self.current() {
            self.star(entry.id);
        }
    }

    fn set_favourites(self, favourites: Favourites) {
        self.list.update(|list| {
            if let List::Ready(loaded) = list {
                loaded.mark(&favourites);
            }
        });
        self.favourites.set(favourites);
    }

    /// Changes the weights; the list is scored anew once they rest.
    pub fn weigh(self, change: impl FnOnce(&mut Weights)) {
        self.weights.update(change);
        if let Some(handle) = self.weighing.get_value() {
            handle.clear();
        }
        let score = move || self.score_anew();
        self.weighing.set_value(set_timeout_with_handle(score, Duration::from_millis(REST)).ok());
    }

    /// Keeps the weights as they are now.
    pub fn keep_weights(self) {
        self.host().keep(Shelf::Weights, &weights::to_text(self.weights.get_untracked()));
    }

    /// The weights that everybody begins with.
    pub fn reset_weights(self) {
        self.weigh(|weights| *weights = Weights::default());
        self.keep_weights();
    }

    fn score_anew(self) {
        self.rank(|ranking| ranking.weights = self.weights.get_untracked());
    }
}
