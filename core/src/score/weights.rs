//! What counts in a score, and how much.

use serde::{Deserialize, Serialize};

/// How much each part counts, each 0 to 100 (what is above counts as 100). Only the ratio matters: the points
/// that can be had always add up to 100. Where all are 0, the default counts.
///
/// As JSON it is an object with the names of the parts; a part that is left out has its default.
///
/// ```
/// use configstream_core::score::Weights;
/// let fast: Weights = serde_json::from_str(r#"{"latency": 100, "age": 0}"#).unwrap();
/// assert_eq!(fast.points().iter().map(|points| u32::from(*points)).sum::<u32>(), 100);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Weights {
    /// Whether it answered its last test, and how often it answers.
    pub reliability: u8,
    /// Milliseconds from request to whole answer.
    pub latency: u8,
    /// How long ago it was tested.
    pub age: u8,
    /// How safe the way to it is.
    pub security: u8,
    /// How many sources list it.
    pub sources: u8,
    /// What this user saw of it.
    pub experience: u8,
}

impl Default for Weights {
    fn default() -> Self {
        Self { reliability: 30, latency: 25, age: 10, security: 15, sources: 5, experience: 15 }
    }
}

impl Weights {
    /// How many parts there are.
    pub const PARTS: usize = 6;

    /// The names of the parts, in the order of [`points`](Self::points).
    pub const NAMES: [&'static str; Self::PARTS] =
        ["reliability", "latency", "age", "security", "sources", "experience"];

    /// The most points that each part can give; they add up to 100.
    pub fn points(self) -> [u8; Self::PARTS] {
        let weights = self.list();
        if weights == [0; Self::PARTS] { apportion(Self::default().list()) } else { apportion(weights) }
    }

    fn list(self) -> [u32; Self::PARTS] {
        let Self { reliability, latency, age, security, sources, experience } = self;
        [reliability, latency, age, security, sources, experience].map(|weight| u32::from(weight.min(100)))
    }
}

/// 100 points in the ratio of weights that are not all 0, by the largest remainder (Hamilton's method); of
/// equal remainders the first.
fn apportion(weights: [u32; Weights::PARTS]) -> [u8; Weights::PARTS] {
    let sum = weights.iter().sum::<u32>().max(1);
    let mut points = weights.map(|weight| (weight * 100 / sum) as u8);
    let given: u8 = points.iter().sum();
    let mut parts: Vec<_> = points.iter_mut().zip(weights.map(|weight| weight * 100 % sum)).collect();
    parts.sort_by_key(|(_, remainder)| std::cmp::Reverse(*remainder));
    parts.into_iter().take(usize::from(100 - given)).for_each(|(points, _)| *points += 1);
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn points_add_up_to_100_and_are_within_one_of_the_ratio(weights in any::<[u8; 6]>()) {
            let [reliability, latency, age, security, sources, experience] = weights;
            let given = Weights { reliability, latency, age, security, sources, experience };
            let points = given.points();
            prop_assert_eq!(points.iter().map(|points| u32::from(*points)).sum::<u32>(), 100);
            let capped = weights.map(|weight| f64::from(weight.min(100)));
            let sum: f64 = capped.iter().sum();
            for (points, weight) in points.iter().zip(capped).filter(|_| sum > 0.0) {
                prop_assert!((f64::from(*points) - weight * 100.0 / sum).abs() < 1.0);
            }
        }
    }

    #[test]
    fn the_default_is_in_points_already_and_stands_in_for_nothing() {
        let default = Weights::default();
        assert_eq!(default.points().map(u32::from), default.list());
        let nothing = Weights { reliability: 0, latency: 0, age: 0, security: 0, sources: 0, experience: 0 };
        assert_eq!(nothing.points(), default.points());
    }

    #[test]
    fn weights_read_back_from_json_and_name_their_parts() {
        let weights = Weights { latency: 99, ..Weights::default() };
        let json = serde_json::to_string(&weights).unwrap();
        assert_eq!(serde_json::from_str::<Weights>(&json).unwrap(), weights);
        let named: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&json).unwrap();
        assert!(Weights::NAMES.iter().all(|name| named.contains_key(*name)));
        assert!(serde_json::from_str::<Weights>(r#"{"age": 300}"#).is_err());
    }
}
