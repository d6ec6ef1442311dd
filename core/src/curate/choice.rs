//! What is wanted and what is not.

use std::ops::RangeInclusive;
use std::str::FromStr;

use crate::geo::{Country, Region};

/// What is kept and what is dropped. Where nothing is to be kept, all is; what is to be dropped goes
/// even if it is to be kept.
#[derive(Clone, Debug)]
pub struct Choice<T> {
    /// Any of these; empty is any at all.
    pub keep: Vec<T>,
    /// None of these.
    pub drop: Vec<T>,
}

impl<T> Default for Choice<T> {
    fn default() -> Self {
        Self { keep: Vec::new(), drop: Vec::new() }
    }
}

impl<T> Choice<T> {
    /// Any of these.
    pub fn keep(keep: impl IntoIterator<Item = T>) -> Self {
        Self { keep: keep.into_iter().collect(), drop: Vec::new() }
    }

    /// Whether nothing is chosen.
    pub fn is_empty(&self) -> bool {
        self.keep.is_empty() && self.drop.is_empty()
    }

    /// Whether that is wanted which is one of `T` or not.
    pub(super) fn takes(&self, is: impl Fn(&T) -> bool) -> bool {
        (self.keep.is_empty() || self.keep.iter().any(&is)) && !self.drop.iter().any(&is)
    }
}

/// A word that does not mean what it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{word:?}: expected {expected}")]
pub struct BadWord {
    /// The word.
    pub word: String,
    /// What would do.
    pub expected: &'static str,
}

impl BadWord {
    pub(super) fn new(word: &str, expected: &'static str) -> Self {
        Self { word: word.to_owned(), expected }
    }
}

/// A port or a range of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ports(RangeInclusive<u16>);

impl Ports {
    pub(super) fn holds(&self, port: u16) -> bool {
        self.0.contains(&port)
    }
}

impl FromStr for Ports {
    type Err = BadWord;

    /// `443` or `8000-9000`.
    fn from_str(word: &str) -> Result<Self, BadWord> {
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        let port = |text: &str| text.trim().parse::<u16>().ok().filter(|port| *port > 0);
        let range = port(first).zip(port(last)).filter(|(first, last)| first <= last);
        let (first, last) = range.ok_or_else(|| BadWord::new(word, "a port such as 443 or 8000-9000"))?;
        Ok(Self(first..=last))
    }
}

/// A country, or a part of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A country.
    Country(Country),
    /// All countries of a part of the world.
    Region(Region),
}

impl Place {
    pub(super) fn holds(self, country: Country) -> bool {
        match self {
            Self::Country(one) => one == country,
            Self::Region(region) => country.region() == Some(region),
        }
    }
}

impl FromStr for Place {
    type Err = BadWord;

    /// `DE`, `uk`, `Germany`, `香港`, `europe`.
    fn from_str(word: &str) -> Result<Self, BadWord> {
        let region = Region::from_key(word.trim()).map(Self::Region);
        let country = || Country::from_word(word).map(Self::Country);
        region.or_else(country).ok_or_else(|| {
            BadWord::new(word, "a country such as DE, Germany or 香港, or a region such as europe")
        })
    }
}
