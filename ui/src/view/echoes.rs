//! Echoes: a browser that tells a page of each change of its storage tells it of its own ones too, later.

/// The texts that were written to one place and of which nothing was heard yet, the oldest first.
#[derive(Clone, Debug, Default)]
pub struct Echoes(Vec<String>);

impl Echoes {
    /// A text is written.
    pub fn write(&mut self, text: &str) {
        self.0.push(text.to_owned());
    }

    /// Whether a text that is heard of is an own one. Another page's makes all that were written before count
    /// as another's: the last one that is heard of is the one that is kept.
    pub fn is_own(&mut self, text: &str) -> bool {
        let own = self.0.iter().position(|written| written == text);
        self.0.drain(..own.map_or(self.0.len(), |at| at + 1));
        own.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(texts: &[&str]) -> Echoes {
        let mut echoes = Echoes::default();
        texts.iter().for_each(|text| echoes.write(text));
        echoes
    }

    #[test]
    fn each_own_text_is_heard_once_however_fast_they_follow() {
        let mut echoes = written(&["a", "b", "a"]);
        assert_eq!(["a", "b", "a", "a"].map(|text| echoes.is_own(text)), [true, true, true, false]);
    }

    #[test]
    fn after_a_text_of_another_page_what_was_written_before_counts_again() {
        let mut echoes = written(&["a", "b"]);
        assert_eq!(["a", "other", "b"].map(|text| echoes.is_own(text)), [true, false, false]);
    }

    #[test]
    fn a_text_that_changed_nothing_and_has_no_echo_is_forgotten_with_the_next() {
        let mut echoes = written(&["same", "b"]);
        assert_eq!(["b", "same"].map(|text| echoes.is_own(text)), [true, false]);
    }
}
