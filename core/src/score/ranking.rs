//! How one user ranks: by the weights that they chose, and by what they saw themselves.

use super::{Evidence, Reason, Weights};
use crate::Timestamp;
use crate::catalogue::{Goal, Picker, Row};
use crate::experience::{Experience, Local, SourceKey};

/// What makes scores those of one user.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ranking {
    /// What counts, and how much.
    pub weights: Weights,
    /// What the user saw.
    pub experience: Experience,
    /// The network that the user is on.
    pub local: Local,
}

impl Ranking {
    /// Whether it gives the scores that are published.
    pub fn is_default(&self) -> bool {
        self.weights == Weights::default() && self.experience.is_empty()
    }

    /// What is known of a row, with what the user saw of it.
    pub fn evidence(&self, row: Row<'_>, now: Timestamp) -> Evidence {
        let evidence = row.evidence();
        if self.experience.is_empty() {
            return evidence;
        }
        let sources: Vec<SourceKey> = row.source_keys().collect();
        Evidence { own: self.experience.own(&row.subject(&sources), self.local, now), ..evidence }
    }

    /// The score of a row, 0 to 100.
    pub fn score(&self, row: Row<'_>, now: Timestamp) -> u8 {
        self.weights.total(&self.evidence(row, now), now)
    }

    /// The score of a row, and the reasons that add up to it.
    pub fn reasons(&self, row: Row<'_>, now: Timestamp) -> (u8, Vec<Reason>) {
        self.weights.score(&self.evidence(row, now), now)
    }

    /// A picker that knows what the user saw; it passes nothing over.
    pub fn picker(&self, goal: Goal, seed: u64, now: Timestamp) -> Picker<'_> {
        let (experience, local) = (&self.experience, self.local);
        Picker { goal, seed, now, experience, local, present: None, failed: &[] }
    }
}
