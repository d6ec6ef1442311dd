//! Every pair of text and ground in `tokens.css` is readable: WCAG 2.2, success criterion 1.4.3.

const TOKENS: &str = include_str!("../../style/tokens.css");

/// Text, ground, and the least ratio: 4.5 for text, 3 for marks.
const PAIRS: &[(&str, &str, f64)] = &[
    ("text", "page", 4.5),
    ("text", "card", 4.5),
    ("text", "raised", 4.5),
    ("text", "accent-ground", 4.5),
    ("text", "fair-ground", 4.5),
    ("text", "bad-ground", 4.5),
    ("page", "text", 4.5),
    ("dim", "page", 4.5),
    ("dim", "card", 4.5),
    ("dim", "raised", 4.5),
    ("dim", "accent-ground", 4.5),
    ("accent", "page", 4.5),
    ("accent", "card", 4.5),
    ("accent", "accent-ground", 4.5),
    ("good", "card", 4.5),
    ("good", "good-ground", 4.5),
    ("fair", "fair-ground", 4.5),
    ("bad", "card", 4.5),
    ("bad", "bad-ground", 4.5),
    ("on-accent", "accent", 4.5),
    ("on-good", "good", 4.5),
    ("on-bad", "bad", 4.5),
    ("fair", "card", 3.0),
    ("bad", "raised", 3.0),
];

/// The light and the dark colour of a token.
fn token(name: &str) -> [&'static str; 2] {
    let start = format!("--{name}: light-dark(");
    let line = TOKENS.lines().find_map(|line| line.trim().strip_prefix(start.as_str()));
    let (light, dark) =
        line.and_then(|line| line.strip_suffix(");")).and_then(|pair| pair.split_once(", ")).expect(name);
    [light, dark]
}

/// Relative luminance of `#rrggbb`.
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let byte = u8::from_str_radix(&colour[at..at + 2], 16).expect(colour);
        let share = f64::from(byte) / 255.0;
        if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn ratio(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn every_pair_is_readable_in_light_and_dark() {
    for (text, ground, least) in PAIRS {
        for (theme, text_colour, ground_colour) in
            [("light", token(text)[0], token(ground)[0]), ("dark", token(text)[1], token(ground)[1])]
        {
            let found = ratio(text_colour, ground_colour);
            assert!(found >= *least, "{text} on {ground} in {theme}: {found:.2}, expected {least}");
        }
    }
}

#[test]
fn only_the_tokens_have_colours() {
    let others = [
        include_str!("../../style/base.css"),
        include_str!("../../style/detail.css"),
        include_str!("../../style/frame.css"),
        include_str!("../../style/list.css"),
        include_str!("../../style/options.css"),
        include_str!("../../style/statistics.css"),
        include_str!("../../style/status.css"),
    ];
    for line in others.iter().flat_map(|sheet| sheet.lines()).filter(|line| !line.contains("mask:")) {
        let value = line.split_once(": ").map_or("", |(_, value)| value);
        assert!(!value.starts_with('#') && !value.contains("rgb(") && !value.contains("oklch("), "{line}");
    }
}

#[test]
fn the_row_height_is_the_one_that_the_list_counts_with() {
    assert!(TOKENS.contains(&format!("--row: {}px;", crate::part::list::ROW)));
}
