//! The shortcuts: one table that the handler consults and the help sheet is made from.

use crate::state::Sheet;

/// What a key does outside of fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Focus the search.
    Search,
    /// Show or hide more filters.
    Filters,
    /// Fetch the list again.
    Refresh,
    /// Turn the connection on or off.
    Power,
    /// Copy the selected proxy's link.
    Copy,
    /// Mark the selected proxy as a favourite.
    Star,
    /// Show or hide the selected proxy.
    Detail,
    /// Connect to the next best.
    Next,
    /// Open or close a sheet.
    Open(Sheet),
    /// Close what is open, else clear the search.
    Back,
    /// Handled by the list itself.
    List,
}

impl Act {
    /// Whether a key that is held down does it again and again: not what changes the connection.
    pub const fn repeats(self) -> bool {
        !matches!(self, Self::Power | Self::Next)
    }
}

/// One key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortcut {
    /// The key as `KeyboardEvent.key` names it.
    pub key: &'static str,
    /// What is printed on it.
    pub cap: &'static str,
    /// What it does, in words.
    pub does: &'static str,
    /// What it does.
    pub act: Act,
}

const fn key(key: &'static str, cap: &'static str, does: &'static str, act: Act) -> Shortcut {
    Shortcut { key, cap, does, act }
}

/// Every shortcut, in the order of the help sheet.
pub const KEYS: &[Shortcut] = &[
    key("/", "/", "Search", Act::Search),
    key("f", "F", "More filters", Act::Filters),
    key("ArrowDown", "↓", "Next proxy", Act::List),
    key("ArrowUp", "↑", "Previous proxy", Act::List),
    key("PageDown", "Page ↓", "A screen down", Act::List),
    key("PageUp", "Page ↑", "A screen up", Act::List),
    key("Home", "Home", "First proxy", Act::List),
    key("End", "End", "Last proxy", Act::List),
    key("Enter", "Enter", "Connect, or show", Act::List),
    key(" ", "Space", "Show the details", Act::List),
    key("i", "I", "Show or hide the details", Act::Detail),
    key("c", "C", "Copy the selected link", Act::Copy),
    key("s", "S", "Favourite or not", Act::Star),
    key("p", "P", "Connection on or off", Act::Power),
    key("n", "N", "Connect to the next best", Act::Next),
    key("w", "W", "What counts in a score", Act::Open(Sheet::Ranking)),
    key("t", "T", "Statistics", Act::Open(Sheet::Statistics)),
    key("r", "R", "Fetch the list again", Act::Refresh),
    key("Escape", "Esc", "Close, or clear the search", Act::Back),
    key("?", "?", "These shortcuts", Act::Open(Sheet::Help)),
];

/// What `key` does; in a field only [`Act::Back`] counts, because the others are text there.
///
/// ```
/// use configstream_ui::keys::{Act, act};
/// assert_eq!(act("/", false), Some(Act::Search));
/// assert_eq!(act("/", true), None);
/// ```
pub fn act(key: &str, in_field: bool) -> Option<Act> {
    let act = KEYS.iter().find(|shortcut| shortcut.key == key)?.act;
    (act != Act::List && (!in_field || act == Act::Back)).then_some(act)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_key_and_each_description_stands_once() {
        let keys: HashSet<_> = KEYS.iter().map(|shortcut| shortcut.key).collect();
        let words: HashSet<_> = KEYS.iter().map(|shortcut| shortcut.does).collect();
        assert_eq!((keys.len(), words.len()), (KEYS.len(), KEYS.len()));
    }

    #[test]
    fn letters_in_a_field_are_text() {
        for shortcut in KEYS.iter().filter(|shortcut| shortcut.act != Act::Back) {
            assert_eq!(act(shortcut.key, true), None, "{}", shortcut.cap);
        }
    }

    #[test]
    fn a_key_that_is_held_down_changes_the_connection_once() {
        for key in ["p", "n"] {
            assert!(!act(key, false).expect("a shortcut").repeats(), "{key}");
        }
        assert!(act("i", false).expect("a shortcut").repeats());
    }

    #[test]
    fn escape_counts_everywhere() {
        assert_eq!(act("Escape", true), Some(Act::Back));
    }
}
