//! Nearness: how many typing errors part two texts.

/// Errors of typing that a word of so many letters may have: none in a short one, since all short words
/// are near each other.
pub(super) const fn allowed(letters: usize) -> usize {
    match letters {
        0..4 => 0,
        4..8 => 1,
        _ => 2,
    }
}

/// The longest word that is searched with errors, in letters: one bit each.
const MOST: usize = 64;

/// A word to be found with typing errors: a letter too many, one too few, or another one.
///
/// This is the algorithm of Wu and Manber (*Fast text searching allowing errors*, 1992): one bit for each
/// letter of the word that matches up to here, one set of bits for each number of errors; so the work for
/// each letter of a text is the same whatever the word.
pub(super) struct Near {
    letters: Vec<(char, u64)>,
    ascii: [u64; 128],
    length: usize,
    pub(super) errors: usize,
}

impl Near {
    /// `None` for an empty word and for one of more than 64 letters.
    pub(super) fn new(word: &str) -> Option<Self> {
        let length = word.chars().count();
        let mut near = Self { letters: Vec::new(), ascii: [0; 128], length, errors: allowed(length) };
        for (at, letter) in word.chars().enumerate().take(MOST) {
            if let Some(mask) = near.place(letter) {
                *mask |= 1 << at;
            }
        }
        (1..=MOST).contains(&length).then_some(near)
    }

    fn place(&mut self, letter: char) -> Option<&mut u64> {
        if letter.is_ascii() {
            return self.ascii.get_mut(letter as usize);
        }
        if !self.letters.iter().any(|(known, _)| *known == letter) {
            self.letters.push((letter, 0));
        }
        self.letters.iter_mut().find(|(known, _)| *known == letter).map(|(_, mask)| mask)
    }

    fn mask(&self, letter: char) -> u64 {
        let other = || self.letters.iter().find(|(known, _)| *known == letter).map_or(0, |(_, mask)| *mask);
        self.ascii.get(letter as usize).copied().unwrap_or_else(other)
    }

    /// Whether some part of a line of `text` is the word with no more errors than it may have.
    pub(super) fn is_in(&self, text: &str) -> bool {
        // With `n` errors, the first `n` letters may be missing.
        match self.errors {
            0 => self.is_from([0], text),
            1 => self.is_from([0, 1], text),
            _ => self.is_from([0, 1, 3], text),
        }
    }

    fn is_from<const ERRORS: usize>(&self, start: [u64; ERRORS], text: &str) -> bool {
        let last = 1_u64 << (self.length - 1);
        let mut found = start;
        text.chars().any(|letter| {
            if letter == '\n' {
                found = start;
                return false;
            }
            let (mask, mut more) = (self.mask(letter), 0);
            for bits in &mut found {
                let was = *bits;
                *bits = ((was << 1) | 1) & mask | more;
                more = was | (was << 1) | (*bits << 1) | 1;
            }
            found.last().is_some_and(|bits| bits & last != 0)
        })
    }
}

/// How many errors part two words, a swap of neighbours counted as one (optimal string alignment);
/// `None` when there are more than `most`. Words of more than 40 letters are near nothing.
fn distance(a: &str, b: &str, most: usize) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(41).collect(), b.chars().take(41).collect());
    if a.len() > 40 || b.len() > 40 || a.len().abs_diff(b.len()) > most {
        return None;
    }
    let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
    let is_swap = |i: usize, j: usize| i > 0 && j > 0 && a.get(i - 1) == b.get(j) && a.get(i) == b.get(j - 1);
    let (mut earlier, mut before) = (Vec::new(), (0..=b.len()).collect::<Vec<usize>>());
    for (i, letter) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, other) in b.iter().enumerate() {
            let swap = if is_swap(i, j) { at(&earlier, j - 1) + 1 } else { usize::MAX };
            let other = at(&before, j) + usize::from(letter != other);
            row.push((at(&before, j + 1) + 1).min(at(&row, j) + 1).min(other).min(swap));
        }
        earlier = std::mem::replace(&mut before, row);
    }
    before.last().copied().filter(|distance| *distance <= most)
}

/// The nearest of some names, if one is near.
pub(super) fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let most = if word.chars().count() < 4 { 1 } else { 2 };
    let near = names.filter_map(|name| Some((distance(&word, &name.to_lowercase(), most)?, name)));
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The least errors of any part of `text` (Sellers 1980).
    fn least(word: &str, text: &str) -> usize {
        let word: Vec<char> = word.chars().collect();
        let mut column: Vec<usize> = (0..=word.len()).collect();
        let mut least = word.len();
        for letter in text.chars() {
            let mut next = vec![0];
            for i in 0..word.len() {
                let same = column[i] + usize::from(word[i] != letter);
                next.push(same.min(column[i + 1] + 1).min(next[i] + 1));
            }
            column = next;
            least = least.min(column[word.len()]);
        }
        least
    }

    #[test]
    fn a_swap_is_one_error_between_names() {
        assert_eq!(distance("vles", "vless", 2), Some(1));
        assert_eq!(distance("torjan", "trojan", 2), Some(1));
        assert_eq!(distance("abc", "xyz", 2), None);
        assert_eq!(nearest("TROJN", ["vless", "trojan"].into_iter()), Some("trojan"));
    }

    proptest! {
        #[test]
        fn a_word_is_found_where_its_best_part_has_few_errors(word in "[abж]{1,10}", text in "[abж]{0,14}", more in "[abж]{0,9}") {
            let near = Near::new(&word).unwrap();
            let most = allowed(word.chars().count());
            let expected = [&text, &more].into_iter().any(|line| !line.is_empty() && least(&word, line) <= most);
            prop_assert_eq!(near.is_in(&format!("{text}\n{more}")), expected);
        }
    }
}
