//! Countries: code, name, flag, region.

use std::fmt;
use std::num::NonZeroU8;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

mod names;
mod table;

/// A country by its ISO 3166-1 alpha-2 code, upper case.
///
/// ```
/// use configstream_core::geo::Country;
/// let country = Country::from_code("de").unwrap();
/// assert_eq!((country.code(), country.name(), country.flag().as_str()), ("DE", "Germany", "🇩🇪"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

/// A part of the world, as the United Nations' geoscheme (M49) names its continents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Region {
    /// Africa.
    Africa,
    /// The Americas.
    Americas,
    /// Asia.
    Asia,
    /// Europe.
    Europe,
    /// Oceania.
    Oceania,
}

impl Region {
    /// Every region.
    pub const ALL: [Self; 5] = [Self::Africa, Self::Americas, Self::Asia, Self::Europe, Self::Oceania];

    /// The name on the wire: lower case, stable.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Africa => "africa",
            Self::Americas => "americas",
            Self::Asia => "asia",
            Self::Europe => "europe",
            Self::Oceania => "oceania",
        }
    }

    /// The region of a [`key`](Self::key), whatever its case.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|region| region.key().eq_ignore_ascii_case(key))
    }
}

impl Country {
    /// The country of a two-letter code, whatever its case; `None` for codes that ISO 3166-1 does
    /// not assign.
    pub fn from_code(code: &str) -> Option<Self> {
        let bytes: [u8; 2] = code.as_bytes().try_into().ok()?;
        let country = Self(bytes.map(|byte| byte.to_ascii_uppercase()));
        country.row().map(|_| country)
    }

    /// The country that a word means which a person types: a code in any case, `uk` too, or a name as in
    /// [`named_in`](Self::named_in).
    pub fn from_word(word: &str) -> Option<Self> {
        names::of_code(word.trim()).or_else(|| Self::named_in(word))
    }

    /// The country that the name of a proxy speaks of: by its flag, else by a word in English, Chinese,
    /// Persian or Russian, else by its code. It is what the list claims, not what anybody measured.
    ///
    /// ```
    /// use configstream_core::geo::Country;
    /// let code = |name| Country::named_in(name).map(|country| country.code().to_owned());
    /// assert_eq!(code("🇭🇰 01"), code("香港 IPLC"));
    /// assert_eq!(code("100 GB left"), None);
    /// ```
    pub fn named_in(name: &str) -> Option<Self> {
        names::flagged(name).or_else(|| names::worded(name)).or_else(|| names::coded(name))
    }

    /// A name without the flags in it.
    pub fn without_flags(name: &str) -> String {
        names::without_flags(name)
    }

    /// The two-letter code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The short English name.
    pub fn name(&self) -> &'static str {
        self.row().map_or("", |row| row.1)
    }

    /// Its part of the world; `None` for Antarctica.
    pub fn region(&self) -> Option<Region> {
        self.row().and_then(|row| row.2)
    }

    /// The flag as two regional indicator symbols.
    pub fn flag(&self) -> String {
        self.0
            .iter()
            .filter_map(|letter| char::from_u32(0x1F1E6 + u32::from(letter.wrapping_sub(b'A'))))
            .collect()
    }

    /// Its place in the table of countries, from 1. It is for columns in memory; another version may have
    /// another table.
    pub(crate) fn place(self) -> Option<NonZeroU8> {
        let at = table::COUNTRIES.binary_search_by(|row| row.0.as_bytes().cmp(&self.0)).ok()?;
        NonZeroU8::new(u8::try_from(at + 1).ok()?)
    }

    /// The country of a [`place`](Self::place).
    pub(crate) fn at(place: NonZeroU8) -> Option<Self> {
        let row = table::COUNTRIES.get(usize::from(place.get()) - 1)?;
        row.0.as_bytes().try_into().ok().map(Self)
    }

    fn row(self) -> Option<&'static table::Row> {
        table::COUNTRIES.get(usize::from(self.place()?.get()) - 1)
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Country {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::from_code(&code).ok_or_else(|| D::Error::custom("expected a country code such as DE"))
    }
}
