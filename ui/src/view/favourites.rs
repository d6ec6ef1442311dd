//! The proxies that the user marked.

use std::collections::HashSet;

use configstream_core::Fingerprint;

/// Marked proxies, the oldest mark first, each once and at most [`MOST`](Self::MOST).
///
/// As a text they are 16 hexadecimal digits each, with spaces between.
///
/// ```
/// use configstream_ui::view::favourites::Favourites;
/// let favourites = Favourites::read("00000000000000ab 00000000000000cd");
/// assert_eq!(favourites.to_text(), "00000000000000ab 00000000000000cd");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Favourites(Vec<Fingerprint>);

/// What came of turning a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turned {
    /// It is marked now.
    Marked,
    /// It is marked now, and since there is room for no more, the oldest mark is gone.
    MarkedAndForgot,
    /// It is no longer marked.
    Unmarked,
}

impl Favourites {
    /// How many there can be.
    pub const MOST: usize = 1_000;

    /// Reads their text; what is no identity is passed over.
    pub fn read(text: &str) -> Self {
        let is_identity = |word: &&str| word.len() == 16 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        let mut seen = HashSet::new();
        let words = text.split_ascii_whitespace().filter(is_identity).filter_map(|word| word.parse().ok());
        let mut all: Vec<_> = words.filter(|id| seen.insert(*id)).collect();
        let extra = all.len().saturating_sub(Self::MOST);
        all.drain(..extra);
        Self(all)
    }

    /// Their text.
    pub fn to_text(&self) -> String {
        self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    /// Whether this one is marked.
    pub fn has(&self, id: Fingerprint) -> bool {
        self.0.contains(&id)
    }

    /// Marks it, or takes the mark away.
    pub fn turn(&mut self, id: Fingerprint) -> Turned {
        if let Some(at) = self.0.iter().position(|known| *known == id) {
            self.0.remove(at);
            return Turned::Unmarked;
        }
        self.0.push(id);
        if self.0.len() <= Self::MOST {
            return Turned::Marked;
        }
        self.0.remove(0);
        Turned::MarkedAndForgot
    }

    /// All of them, to look many up.
    pub fn set(&self) -> HashSet<Fingerprint> {
        self.0.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> Fingerprint {
        format!("{number:016x}").parse().expect("an identity")
    }

    #[test]
    fn a_mark_turned_twice_is_as_before() {
        let mut favourites = Favourites::read("00000000000000ab");
        assert_eq!((favourites.turn(id(1)), favourites.turn(id(1))), (Turned::Marked, Turned::Unmarked));
        assert_eq!(favourites.to_text(), "00000000000000ab");
    }

    #[test]
    fn what_is_kept_reads_back() {
        let mut favourites = Favourites::default();
        for number in [3, 1, 2] {
            favourites.turn(id(number));
        }
        assert_eq!(Favourites::read(&favourites.to_text()), favourites);
        assert_eq!(Favourites::read(""), Favourites::default());
    }

    #[test]
    fn what_is_no_identity_and_what_is_said_twice_is_passed_over() {
        let text = "ab 00000000000000ab nonsense-nonsens +000000000000001 00000000000000AB\n00000000000000cd";
        assert_eq!(Favourites::read(text).to_text(), "00000000000000ab 00000000000000cd");
    }

    #[test]
    fn when_there_is_no_room_the_oldest_mark_goes() {
        let mut favourites = Favourites::default();
        for number in 0..Favourites::MOST {
            assert_eq!(favourites.turn(id(number)), Turned::Marked);
        }
        assert_eq!(favourites.turn(id(7_777)), Turned::MarkedAndForgot);
        assert!(!favourites.has(id(0)) && favourites.has(id(1)) && favourites.has(id(7_777)));
        let more = [&favourites.to_text(), " ", &id(8_888).to_string()].concat();
        assert_eq!(Favourites::read(&more).set().len(), Favourites::MOST);
        assert!(!Favourites::read(&more).has(id(1)));
    }
}
