//! The order of names.

use std::cmp::Ordering;

/// Compares names as people order them: without regard to case, and numbers by their value.
///
/// ```
/// use configstream_core::curate::natural;
/// let mut names = ["DE 10", "de 9", "DE 2"];
/// names.sort_by(|a, b| natural(a, b));
/// assert_eq!(names, ["DE 2", "de 9", "DE 10"]);
/// ```
pub fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let (one, rest_left) = piece(left);
        let (two, rest_right) = piece(right);
        let order = compare(one, two);
        if order != Ordering::Equal {
            return order;
        }
        if rest_left.is_empty() && rest_right.is_empty() {
            // Names that differ in case or zeros alone still have one order.
            return a.cmp(b);
        }
        (left, right) = (rest_left, rest_right);
    }
}

/// The digits with which a text starts, or what stands before the next ones, and the rest.
fn piece(text: &str) -> (&str, &str) {
    let digits = text.starts_with(|char: char| char.is_ascii_digit());
    let end = text.find(|char: char| char.is_ascii_digit() != digits).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn compare(a: &str, b: &str) -> Ordering {
    let number = |text: &str| text.starts_with(|char: char| char.is_ascii_digit());
    if number(a) && number(b) {
        let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
        return a.len().cmp(&b.len()).then_with(|| a.cmp(b));
    }
    let lower = |text| str::chars(text).flat_map(char::to_lowercase);
    lower(a).cmp(lower(b))
}
