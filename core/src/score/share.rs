//! A part of a whole.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A number from 0 to 1 in steps of a ten-thousandth, so that it compares and stores exactly.
///
/// ```
/// use configstream_core::score::Share;
/// assert_eq!(Share::new(0.675).to_string(), "68 %");
/// assert_eq!((Share::new(f64::NAN), Share::new(7.0)), (Share::NONE, Share::ALL));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u16);

impl Share {
    /// Nothing of it.
    pub const NONE: Self = Self(0);
    /// The whole.
    pub const ALL: Self = Self(Self::STEPS);

    const STEPS: u16 = 10_000;

    /// The nearest share; what is below 0 or no number is none, what is above 1 is all.
    pub fn new(part: f64) -> Self {
        // A cast of NaN is 0.
        Self((part.clamp(0.0, 1.0) * f64::from(Self::STEPS)).round() as u16)
    }

    /// `part` of `whole`; `None` of an empty whole.
    pub fn of(part: u32, whole: u32) -> Option<Self> {
        (whole > 0).then(|| Self::new(f64::from(part) / f64::from(whole)))
    }

    /// `part` of `whole` by Laplace's rule of succession: one success and one failure are added, so that a
    /// few tests do not make a certainty.
    pub fn smoothed(part: u32, whole: u32) -> Self {
        Self::new((f64::from(part) + 1.0) / (f64::from(whole) + 2.0))
    }

    /// 0 to 1.
    pub fn get(self) -> f64 {
        f64::from(self.0) / f64::from(Self::STEPS)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", (self.get() * 100.0).round())
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.get())
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let part = f64::deserialize(deserializer)?;
        let share = (0.0..=1.0).contains(&part).then(|| Self::new(part));
        share.ok_or_else(|| D::Error::custom(format!("expected a share from 0 to 1, found {part}")))
    }
}
