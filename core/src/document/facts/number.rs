//! Amounts and dates as panels write them.

use crate::Timestamp;

/// A whole number of bytes or seconds; some panels write `1.5e11`.
pub(super) fn whole(text: &str) -> Option<u64> {
    let text = text.trim();
    let float = || text.parse::<f64>().ok().filter(|number| (0.0..1e19).contains(number));
    text.parse().ok().or_else(|| float().map(|number| number as u64))
}

/// The moment of a count of seconds, or of milliseconds where seconds would be thousands of years; 0 is
/// none.
pub(super) fn moment(number: u64) -> Option<Timestamp> {
    const YEAR_5000: u64 = 95_617_584_000;
    match number {
        0 => None,
        seconds if seconds < YEAR_5000 => Some(Timestamp::from_millis(seconds * 1000)),
        millis => Some(Timestamp::from_millis(millis)),
    }
}

/// The amounts in a text, in bytes: `12.3 GB`, `100G`, `512MiB`.
pub(super) fn amounts(text: &str) -> Vec<u64> {
    let mut amounts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(|char: char| char.is_ascii_digit()) {
        let number = rest.get(at..).unwrap_or_default();
        let length = number.find(|char: char| !char.is_ascii_digit() && char != '.').unwrap_or(number.len());
        let (digits, after) = number.split_at_checked(length).unwrap_or((number, ""));
        amounts.extend(unit(after).and_then(|unit| bytes(digits, unit)));
        rest = after;
    }
    amounts
}

/// Which power of 1024 the unit at the start of a text is.
fn unit(text: &str) -> Option<u32> {
    let text = text.trim_start();
    let letters = text.find(|char: char| !char.is_ascii_alphabetic()).unwrap_or(text.len());
    let word = text.get(..letters)?.to_ascii_uppercase();
    let power = match word.as_str() {
        "B" | "BYTES" => return Some(0),
        word => "KMGTP".find(word.chars().next()?)?,
    };
    matches!(word.get(1..)?, "" | "B" | "IB").then(|| u32::try_from(power + 1).ok())?
}

fn bytes(digits: &str, unit: u32) -> Option<u64> {
    let number: f64 = digits.trim_end_matches('.').parse().ok()?;
    let bytes = number * 1024_f64.powi(i32::try_from(unit).ok()?);
    (bytes < 1e19).then_some(bytes as u64)
}

/// The first date of a text: `2026-12-01` or `2026/12/1`, with a time behind it or without.
pub(super) fn date(text: &str) -> Option<Timestamp> {
    let digits = |char: char| char.is_ascii_digit();
    text.match_indices(['-', '/', '.', '年']).find_map(|(at, _)| {
        let year = text.get(at.checked_sub(4)?..at).filter(|year| year.chars().all(digits))?;
        let mut parts = text.get(at..)?.split(|char: char| !digits(char)).filter(|part| !part.is_empty());
        let (month, day) = (parts.next()?, parts.next()?);
        let clock = text.get(at..)?.split([' ', 'T']).find(|word| word.contains(':')).and_then(time);
        let clock = clock.unwrap_or_else(|| "00:00:00".to_owned());
        (month.len() <= 2 && day.len() <= 2)
            .then(|| format!("{year}-{month:0>2}-{day:0>2}T{clock}Z").parse().ok())?
    })
}

/// `8:05` or `08:05:09` as `08:05:09`.
fn time(word: &str) -> Option<String> {
    let mut parts = word.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next().unwrap_or("0"));
    let all = [hour, minute, second];
    let fits = all.iter().all(|part| matches!(part.len(), 1 | 2) && part.bytes().all(|b| b.is_ascii_digit()));
    fits.then(|| format!("{hour:0>2}:{minute:0>2}:{second:0>2}"))
}

/// Bytes as people write them.
pub(super) fn shown(bytes: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let power = (bytes.max(1).ilog2() / 10).min(5) as usize;
    let unit = units.get(power).unwrap_or(&"");
    if power == 0 {
        format!("{bytes} B")
    } else {
        format!("{:.1} {unit}", bytes as f64 / (1_u64 << (10 * power)) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_with_their_units() {
        assert_eq!(amounts("12.5 KB | 1MiB/2G"), [12_800, 1 << 20, 2 << 30]);
        assert_eq!(amounts("12 days, 5.GBx, 1.2.3 GB, 2026"), Vec::<u64>::new());
    }

    #[test]
    fn dates_are_read_with_a_time_or_without() {
        let read = |text| date(text).map(|moment| moment.to_string()).unwrap_or_default();
        assert_eq!(read("Expire: 2026-12-01"), "2026-12-01T00:00:00Z");
        assert_eq!(read("到期 2026/2/1 8:05"), "2026-02-01T08:05:00Z");
        assert_eq!(read("2026年12月31日"), "2026-12-31T00:00:00Z");
        assert_eq!((read("2026-13-45"), read("12-01"), read("1-2-3")), Default::default());
    }

    #[test]
    fn bytes_are_shown_in_the_largest_unit_that_they_fill() {
        assert_eq!([0, 1023, 1536, 42 << 30].map(shown), ["0 B", "1023 B", "1.5 KiB", "42.0 GiB"]);
    }
}
