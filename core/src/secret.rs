//! Text that must not be shown: passwords, keys, identifiers, tokens.

use std::fmt;

use crate::proxy::Text;

/// A text whose [`Debug`] and [`Display`](fmt::Display) hide it.
///
/// It has no `Serialize`: a secret leaves only through an exporter or an engine, both of which
/// call [`expose`](Self::expose) by name.
///
/// ```
/// let secret = configstream_core::Secret::from("hunter2");
/// assert_eq!(format!("{secret} {secret:?}"), "••• •••");
/// assert_eq!(secret.expose(), "hunter2");
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Secret(Text);

impl Secret {
    /// The text itself. Each call is a place where a secret leaves.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Into<Text>> From<T> for Secret {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}
