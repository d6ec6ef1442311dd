//! Numbers and times as people read them.

use configstream_core::Timestamp;

/// A number with its thousands apart.
///
/// ```
/// assert_eq!(configstream_ui::view::text::grouped(100_000), "100,000");
/// ```
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How much of the list is shown.
pub fn count(shown: usize, total: usize) -> String {
    [grouped(shown).as_str(), " of ", grouped(total).as_str()].concat()
}

/// A text with its first letter large.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    [first.as_str(), letters.as_str()].concat()
}

/// How long ago something was, in the largest unit that fits.
pub fn age(at: Timestamp, now: Timestamp) -> String {
    let minutes = now.since(at) / 60_000;
    let (number, unit) = match minutes {
        0 => return "just now".to_owned(),
        1..60 => (minutes, "min"),
        60..1_440 => (minutes / 60, "h"),
        1_440..2_880 => (1, "day"),
        _ => (minutes / 1_440, "days"),
    };
    [number.to_string().as_str(), " ", unit, " ago"].concat()
}

/// How fast a latency is, for bars and colours: 3 is fast, 0 unknown. Bounds are in milliseconds.
pub const fn bars(latency: Option<u32>) -> u8 {
    match latency {
        None => 0,
        Some(..300) => 3,
        Some(300..1_000) => 2,
        Some(_) => 1,
    }
}

/// Which third of the scale a score lies in.
pub const fn grade(score: u8) -> &'static str {
    match score {
        70.. => "good",
        40..70 => "fair",
        _ => "poor",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let cases = [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345, "12,345"), (1_234_567, "1,234,567")];
        for (number, text) in cases {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(count(2_014, 100_000), "2,014 of 100,000");
    }

    #[test]
    fn ages_use_the_largest_unit_that_fits() {
        let minute = 60_000;
        let cases = [
            (0, "just now"),
            (minute, "1 min ago"),
            (59 * minute, "59 min ago"),
            (60 * minute, "1 h ago"),
            (24 * 60 * minute, "1 day ago"),
            (72 * 60 * minute, "3 days ago"),
        ];
        for (since, text) in cases {
            let now = Timestamp::from_millis(1_700_000_000_000);
            assert_eq!(age(Timestamp::from_millis(1_700_000_000_000 - since), now), text);
        }
    }

    #[test]
    fn a_clock_that_runs_behind_is_no_error() {
        assert_eq!(age(Timestamp::from_millis(10), Timestamp::default()), "just now");
    }
}
