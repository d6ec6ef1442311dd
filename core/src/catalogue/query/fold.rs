//! Folding: texts that a reader takes for the same become the same bytes.
//!
//! Case, accents and blanks; the letter forms of Greek, Cyrillic, Arabic and Persian that keyboards mix up;
//! digits of Arabic, Persian and full width. Letters of other scripts stay as they are.
//!
//! *Differences from Unicode:* this is no case folding or decomposition of the whole standard, whose tables
//! weigh more than all of the search. What is not in the tables here is only put in lower case.

/// Adds the folded form of `text` to `out`. Each run of blanks and control characters is one space.
///
/// Folding what is folded changes nothing.
pub(in crate::catalogue) fn fold_into(out: &mut String, text: &str) {
    if is_plain(text) {
        let start = out.len();
        out.push_str(text);
        out.get_mut(start..).into_iter().for_each(str::make_ascii_lowercase);
        return;
    }
    let mut blank = false;
    for letter in text.chars() {
        let is_blank = letter.is_whitespace() || letter.is_control();
        if is_blank && blank {
            continue;
        }
        blank = is_blank;
        match letter {
            _ if is_blank => out.push(' '),
            '\0'..='\u{7f}' => out.push(letter.to_ascii_lowercase()),
            _ => letter.to_lowercase().for_each(|lower| plain(lower, out)),
        }
    }
}

/// Whether only the case of a text can be folded.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_blank_run = |(one, two): (&u8, &u8)| *one == b' ' && *two == b' ';
    bytes.iter().all(|byte| matches!(byte, b' '..=b'~'))
        && !bytes.iter().zip(bytes.iter().skip(1)).any(is_blank_run)
}

/// The folded form of a text.
pub(in crate::catalogue) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(&mut out, text);
    out
}

/// What U+00E0 to U+017F are without their marks, one ASCII letter each; `?` stands for the letter itself,
/// or for one of [`PAIRS`].
const LATIN: &[u8; 160] = b"aaaaaa?ceeeeiiiidnooooo?ouuuuy?y\
aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii??jjkkkllllllllllnnnnnnnnnoooooo??rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

/// Letters that stand for two.
const PAIRS: [(char, &str); 5] = [('æ', "ae"), ('ß', "ss"), ('þ', "th"), ('œ', "oe"), ('\u{133}', "ij")];

/// Runs of Latin letters with marks beyond U+017F: first, last, letter.
const MORE_LATIN: [(char, char, char); 14] = [
    ('ơ', 'ơ', 'o'),
    ('ư', 'ư', 'u'),
    ('ǎ', 'ǎ', 'a'),
    ('ǐ', 'ǐ', 'i'),
    ('ǒ', 'ǒ', 'o'),
    ('ǔ', 'ǜ', 'u'),
    ('ș', 'ș', 's'),
    ('ț', 'ț', 't'),
    ('\u{1ea1}', '\u{1eb7}', 'a'),
    ('\u{1eb9}', '\u{1ec7}', 'e'),
    ('\u{1ec9}', '\u{1ecb}', 'i'),
    ('\u{1ecd}', '\u{1ee3}', 'o'),
    ('\u{1ee5}', '\u{1ef1}', 'u'),
    ('\u{1ef3}', '\u{1ef9}', 'y'),
];

/// Forms of one letter, and the letter.
const FORMS: [(&str, char); 20] = [
    ("άἀἁ", 'α'),
    ("έ", 'ε'),
    ("ή", 'η'),
    ("ίϊΐ", 'ι'),
    ("ό", 'ο'),
    ("ύϋΰ", 'υ'),
    ("ώ", 'ω'),
    ("ς", 'σ'),
    ("ёѐ", 'е'),
    ("йѝ", 'и'),
    ("ї", 'і'),
    ("ґѓ", 'г'),
    ("ў", 'у'),
    ("ќ", 'к'),
    ("يىئ", 'ی'),
    ("كڪ", 'ک'),
    ("ةۀەہ", 'ه'),
    ("أإآٱ", 'ا'),
    ("ؤ", 'و'),
    ("ھ", 'ه'),
];

/// One letter in lower case without its marks; marks, stretches and joiners alone are nothing.
fn plain(letter: char, out: &mut String) {
    match letter {
        'ß'..='ſ' => latin(letter, out),
        // Combining marks, Arabic vowels, tatweel, joiners, variation selectors, the byte order mark.
        '\u{300}'..='\u{36f}'
        | '\u{610}'..='\u{61a}'
        | '\u{640}'
        | '\u{64b}'..='\u{65f}'
        | '\u{670}'
        | '\u{200b}'..='\u{200f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' => {}
        '٠'..='٩' => push_from('0', letter, '٠', out),
        '۰'..='۹' => push_from('0', letter, '۰', out),
        '！'..='～' => push_from('!', letter, '！', out),
        'Ơ'..='ỹ' => out.push(other(letter)),
        _ => out.push(letter),
    }
}

fn latin(letter: char, out: &mut String) {
    let at = u32::from(letter).wrapping_sub(0xe0) as usize;
    match (LATIN.get(at), PAIRS.iter().find(|(known, _)| *known == letter)) {
        (Some(b'?') | None, Some((_, pair))) => out.push_str(pair),
        (Some(b'?') | None, None) => out.push(letter),
        (Some(plain), _) => out.push(char::from(*plain)),
    }
}

fn other(letter: char) -> char {
    let run = MORE_LATIN.iter().find(|(first, last, _)| (*first..=*last).contains(&letter));
    let form = || FORMS.iter().find(|(forms, _)| forms.contains(letter));
    run.map(|run| run.2).or_else(|| form().map(|form| form.1)).unwrap_or(letter)
}

fn push_from(zero: char, letter: char, first: char, out: &mut String) {
    let at = u32::from(zero) + u32::from(letter).saturating_sub(u32::from(first));
    out.extend(char::from_u32(at).map(|letter| letter.to_ascii_lowercase()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_reader_takes_for_the_same_is_the_same() {
        for (written, typed) in [
            ("BERLIN", "berlin"),
            ("Zürich  Çeşme", "zurich cesme"),
            ("İstanbul ISPARTA ılıca", "istanbul isparta ilica"),
            ("Straße Œuvre", "strasse oeuvre"),
            ("Hồ Chí Minh, Đà Nẵng", "ho chi minh, da nang"),
            ("București Iași", "bucuresti iasi"),
            ("Москва́ Ёлка ЙОД", "москва елка иод"),
            ("ΑΘΉΝΑΣ", "αθηνασ"),
            ("يوتيوب كانال", "یوتیوب کانال"),
            ("هنگ‌کنگ", "هنگکنگ"),
            ("ســـلام", "سلام"),
            ("۱۲۳ ٤٥٦ ７８９ ＡＢ", "123 456 789 ab"),
            ("🇩🇪 香港", "🇩🇪 香港"),
            ("Z\u{fc}rich", "Zu\u{308}rich"),
        ] {
            assert_eq!(fold(written), fold(typed), "{written}");
        }
    }

    #[test]
    fn every_letter_of_the_table_of_latin_is_folded() {
        for letter in ('à'..='ſ').filter(|letter| letter.is_alphabetic()) {
            assert!(fold(&letter.to_string()).is_ascii(), "{letter}");
        }
    }

    proptest! {
        #[test]
        fn folding_what_is_folded_changes_nothing(text in any::<String>()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn ascii_is_put_in_lower_case_and_its_blanks_are_one(text in "[ -~]{0,40}") {
            let words = |text: &str| text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
            prop_assert_eq!(words(&fold(&text)), words(&text.to_ascii_lowercase()));
        }
    }
}
