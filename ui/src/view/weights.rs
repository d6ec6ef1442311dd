//! The weights of the ranking, part by part, and the text that keeps them.

use configstream_core::score::Weights;

/// One part of a score, as a slider moves it.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Its name, as [`Weights::NAMES`] has it.
    pub key: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// What it is made from.
    pub sentence: &'static str,
    /// Its weight.
    pub get: fn(&Weights) -> u8,
    /// Sets its weight.
    pub set: fn(&mut Weights, u8),
}

macro_rules! part {
    ($field:ident, $label:literal, $sentence:literal) => {
        Part {
            key: stringify!($field),
            label: $label,
            sentence: $sentence,
            get: |weights| weights.$field,
            set: |weights, weight| weights.$field = weight,
        }
    };
}

/// Every part, in the order of [`Weights::points`].
pub const PARTS: [Part; Weights::PARTS] = [
    part!(reliability, "Reliability", "its last test, and how often it answers"),
    part!(latency, "Latency", "how fast it answers"),
    part!(age, "Freshness", "how long ago it was tested"),
    part!(security, "Security", "how safe the way to it is"),
    part!(sources, "Sources", "how many lists have it"),
    part!(experience, "Your experience", "how your own connections went"),
];

/// Reads kept weights; what does not read counts as the default.
pub fn read(text: &str) -> Weights {
    serde_json::from_str(text).unwrap_or_default()
}

/// The text that keeps weights.
pub fn to_text(weights: Weights) -> String {
    serde_json::to_string(&weights).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_a_slider_that_moves_it_alone() {
        assert_eq!(PARTS.map(|part| part.key), Weights::NAMES);
        for part in PARTS {
            let mut weights = Weights::default();
            (part.set)(&mut weights, 99);
            assert_eq!((part.get)(&weights), 99);
            (part.set)(&mut weights, (part.get)(&Weights::default()));
            assert_eq!(weights, Weights::default());
        }
    }

    #[test]
    fn weights_that_are_kept_read_back_and_others_are_the_default() {
        let weights = Weights { latency: 99, age: 0, ..Weights::default() };
        assert_eq!(read(&to_text(weights)), weights);
        assert_eq!(read(""), Weights::default());
        assert_eq!(read(r#"{"latency": "much"}"#), Weights::default());
    }
}
