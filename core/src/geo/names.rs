//! The country that the name of a proxy speaks of: by its flag, by a word of one of the languages that
//! lists are written in, by its code.

use std::sync::LazyLock;

use super::{Country, table};

/// The countries that lists name most, and what they call them: English, Chinese, Persian, Russian, and
/// the cities that stand for a country. A word ends where the text's does, unless it ends with `*`.
#[rustfmt::skip]
static WORDS: [(&str, &[&str]); 34] = [
    ("HK", &["hong kong", "hongkong", "香港", "港", "هنگ کنگ", "هنگ‌کنگ", "هنگکنگ", "гонконг*"]),
    ("TW", &["taiwan", "taipei", "台湾", "台灣", "臺灣", "台北", "新北", "彰化", "تایوان", "тайван*"]),
    ("SG", &["singapore", "新加坡", "狮城", "獅城", "سنگاپور", "сингапур*"]),
    ("JP", &["japan", "tokyo", "osaka", "日本", "东京", "東京", "大阪", "沪日", "深日", "广日", "ژاپن", "япони*", "токио"]),
    ("KR", &["korea", "south korea", "seoul", "韩国", "韓國", "首尔", "首爾", "沪韩", "کره", "کره جنوبی", "коре*", "сеул"]),
    ("US", &["united states", "usa", "america", "american", "los angeles", "san jose", "new york", "new jersey", "seattle",
             "chicago", "dallas", "silicon valley", "美国", "美國", "洛杉矶", "圣何塞", "硅谷", "西雅图", "芝加哥",
             "纽约", "凤凰城", "沪美", "深美", "广美", "آمریکا", "امریکا", "ایالات متحده", "сша", "америк*"]),
    ("GB", &["united kingdom", "great britain", "britain", "england", "london", "英国", "英國", "伦敦", "倫敦",
             "انگلیس", "انگلستان", "بریتانیا", "لندن", "англи*", "великобритани*", "лондон*"]),
    ("DE", &["germany", "german", "deutschland", "frankfurt", "德国", "德國", "法兰克福", "آلمان", "المان", "германи*", "франкфурт*"]),
    ("FR", &["france", "french", "paris", "法国", "法國", "巴黎", "فرانسه", "франци*", "париж*"]),
    ("NL", &["netherlands", "holland", "dutch", "amsterdam", "荷兰", "荷蘭", "阿姆斯特丹", "هلند", "нидерланд*", "голланди*", "амстердам*"]),
    ("CA", &["canada", "toronto", "montreal", "vancouver", "加拿大", "蒙特利尔", "多伦多", "کانادا", "канад*"]),
    ("AU", &["australia", "sydney", "melbourne", "澳大利亚", "澳洲", "悉尼", "استرالیا", "австрали*"]),
    ("RU", &["russia", "russian", "moscow", "俄罗斯", "俄羅斯", "莫斯科", "روسیه", "росси*", "москв*"]),
    ("IN", &["india", "mumbai", "印度", "孟买", "هند", "инди*"]),
    ("TR", &["turkey", "turkiye", "türkiye", "istanbul", "土耳其", "伊斯坦布尔", "ترکیه", "турци*", "стамбул*"]),
    ("IR", &["iran", "tehran", "伊朗", "ایران", "تهران", "иран*"]),
    ("AE", &["uae", "emirates", "dubai", "阿联酋", "迪拜", "امارات", "دبی", "оаэ", "эмират*", "дуба*"]),
    ("FI", &["finland", "helsinki", "芬兰", "赫尔辛基", "فنلاند", "финлянди*"]),
    ("SE", &["sweden", "stockholm", "瑞典", "斯德哥尔摩", "سوئد", "швеци*", "стокгольм*"]),
    ("CH", &["switzerland", "swiss", "zurich", "瑞士", "苏黎世", "سوئیس", "سوییس", "швейцари*"]),
    ("PL", &["poland", "warsaw", "波兰", "华沙", "لهستان", "польш*"]),
    ("IT", &["italy", "milan", "意大利", "米兰", "ایتالیا", "итали*"]),
    ("ES", &["spain", "madrid", "西班牙", "马德里", "اسپانیا", "испани*"]),
    ("BR", &["brazil", "brasil", "sao paulo", "巴西", "圣保罗", "برزیل", "бразили*"]),
    ("VN", &["vietnam", "viet nam", "越南", "河内", "ویتنام", "вьетнам*"]),
    ("TH", &["thailand", "bangkok", "泰国", "泰國", "曼谷", "تایلند", "таиланд*", "тайланд*"]),
    ("MY", &["malaysia", "kuala lumpur", "马来西亚", "馬來西亞", "吉隆坡", "مالزی", "малайзи*"]),
    ("PH", &["philippines", "manila", "菲律宾", "菲律賓", "马尼拉", "فیلیپین", "филиппин*"]),
    ("ID", &["indonesia", "jakarta", "印度尼西亚", "印尼", "雅加达", "اندونزی", "индонези*"]),
    ("AR", &["argentina", "阿根廷", "آرژانتین", "аргентин*"]),
    ("UA", &["ukraine", "kyiv", "kiev", "乌克兰", "اوکراین", "украин*"]),
    ("KZ", &["kazakhstan", "哈萨克斯坦", "قزاقستان", "казахстан*"]),
    ("LV", &["latvia", "拉脱维亚", "لتونی", "латви*"]),
    ("CN", &["china", "中国", "中國", "چین", "кита*"]),
];

/// Codes that stand for something else more often: protocols, transports, units, hours, channels.
const NO_CODES: [&str; 13] = ["WS", "SS", "TG", "CF", "AD", "TV", "AI", "AM", "TM", "VC", "ST", "IO", "AS"];

/// The country whose flag stands first.
pub(super) fn flagged(text: &str) -> Option<Country> {
    let mut before = None;
    for letter in text.chars().map(letter) {
        if let (Some(first), Some(second)) = (before, letter) {
            let country = std::str::from_utf8(&[first, second]).ok().and_then(Country::from_code);
            if country.is_some() {
                return country;
            }
            before = None;
        } else {
            before = letter;
        }
    }
    None
}

/// The letter of a regional indicator symbol, two of which are a flag.
pub(super) fn letter(char: char) -> Option<u8> {
    let offset = u32::from(char).checked_sub(0x1F1E6).filter(|offset| *offset < 26)?;
    u8::try_from(offset).ok().map(|offset| b'A' + offset)
}

/// The country whose word stands first. China's counts only where no other does: `中国香港` is Hong Kong,
/// and `中国电信 日本` a line of China Telecom to Japan.
pub(super) fn worded(text: &str) -> Option<Country> {
    let folded = fold(text);
    let known = WORDS.iter().flat_map(|(code, words)| words.iter().map(|word| (*code, *word)));
    let first = first(&folded, known.filter(|(code, _)| *code != CHINA));
    first.or_else(|| first_of_the_rest(&folded)).or_else(|| {
        let china = WORDS.iter().filter(|(code, _)| *code == CHINA);
        self::first(&folded, china.flat_map(|(code, words)| words.iter().map(|word| (*code, *word))))
    })
}

const CHINA: &str = "CN";

/// The country of any short English name: the table of words has only the frequent ones.
fn first_of_the_rest(folded: &str) -> Option<Country> {
    if !folded.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    first(folded, ENGLISH.iter().map(|(code, name)| (*code, name.as_str())))
}

/// The short English names in lower case, and their codes.
static ENGLISH: LazyLock<Vec<(&str, String)>> = LazyLock::new(|| {
    let names = table::COUNTRIES.iter().filter(|row| row.0 != CHINA);
    names.map(|row| (row.0, row.1.to_lowercase())).collect()
});

/// The country of the word that stands first; of those that start at one byte the longest.
fn first<'a>(folded: &str, words: impl Iterator<Item = (&'a str, &'a str)>) -> Option<Country> {
    let found = words.filter_map(|(code, word)| {
        let (at, length) = find(folded, word)?;
        Some((at, std::cmp::Reverse(length), code))
    });
    found.min().and_then(|(_, _, code)| Country::from_code(code))
}

/// Where a word starts, and its length. Chinese is written without blanks: no end of a word is asked for.
fn find(folded: &str, word: &str) -> Option<(usize, usize)> {
    let stem = word.strip_suffix('*');
    let word = stem.unwrap_or(word);
    let runs_on = |char: char| char.is_alphabetic() && char < IDEOGRAPHS;
    let apart = word.starts_with(|first: char| first < IDEOGRAPHS);
    let fits = |at: &usize| {
        let before = folded.get(..*at).and_then(|text| text.chars().next_back());
        let after = folded.get(at + word.len()..).and_then(|text| text.chars().next());
        !apart || !before.is_some_and(runs_on) && (stem.is_some() || !after.is_some_and(runs_on))
    };
    folded.match_indices(word).map(|(at, _)| at).find(fits).map(|at| (at, word.len()))
}

/// From here on characters are words of their own.
const IDEOGRAPHS: char = '\u{2e80}';

/// Lower case, with the Persian forms of letters that Arabic keyboards write otherwise.
fn fold(text: &str) -> String {
    let lower = text.chars().flat_map(char::to_lowercase);
    let folded = lower.map(|char| match char {
        'ي' | 'ى' => 'ی',
        'ك' => 'ک',
        'ё' => 'е',
        '_' => ' ',
        char => char,
    });
    folded.collect()
}

/// The country whose code stands first as a word of its own: `US`, `HK01`, and in lower case where a
/// number follows, `de-1`. `UK` is the United Kingdom; China's code counts last, and not as `CN2`, a line.
pub(super) fn coded(text: &str) -> Option<Country> {
    let found = pairs(text).filter_map(|pair| coded_pair(text, pair));
    let found: Vec<_> = found.collect();
    let other = found.iter().find(|country| country.code() != CHINA);
    other.or(found.first()).copied()
}

/// Where two letters of ASCII stand with no letter beside them.
fn pairs(text: &str) -> impl Iterator<Item = usize> + '_ {
    let is_letter = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_alphabetic);
    let alone = move |at: &usize| {
        let before = text.get(..*at).and_then(|text| text.chars().next_back());
        let after = text.get(at + 2..).and_then(|text| text.chars().next());
        let runs_on = |char: Option<char>| char.is_some_and(|char| char.is_alphabetic() && char < IDEOGRAPHS);
        is_letter(*at) && is_letter(at + 1) && !runs_on(before) && !runs_on(after)
    };
    (0..text.len()).filter(alone)
}

fn coded_pair(text: &str, at: usize) -> Option<Country> {
    let code = text.get(at..at + 2)?;
    let rest = text.get(at + 2..).unwrap_or_default();
    let numbered = rest.trim_start_matches(['-', '_', ' ']).starts_with(|char: char| char.is_ascii_digit());
    let shouted = code.bytes().all(|byte| byte.is_ascii_uppercase());
    if !shouted && !numbered || NO_CODES.iter().any(|other| other.eq_ignore_ascii_case(code)) {
        return None;
    }
    // 100 GB is a quota, and so is 100GB.
    let before = text.get(..at).unwrap_or_default().trim_end();
    if code.eq_ignore_ascii_case("GB") && before.ends_with(|char: char| char.is_ascii_digit()) {
        return None;
    }
    let country = of_code(code)?;
    let common = shouted || WORDS.iter().any(|(code, _)| *code == country.code());
    let line = country.code() == CHINA && rest.starts_with(|char: char| char.is_ascii_digit());
    (common && !line).then_some(country)
}

/// The country of a code, `UK` too.
pub(super) fn of_code(code: &str) -> Option<Country> {
    Country::from_code(if code.eq_ignore_ascii_case("UK") { "GB" } else { code })
}

/// A text without the flags in it, and without the blanks that they leave at its ends.
pub(super) fn without_flags(text: &str) -> String {
    let kept: String = text.chars().filter(|char| letter(*char).is_none()).collect();
    if kept.len() == text.len() { kept } else { kept.trim().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        Country::named_in(text).map(|country| country.code().to_owned()).unwrap_or_default()
    }

    #[test]
    fn a_flag_is_believed_before_a_word_and_a_word_before_a_code() {
        assert_eq!(code("🇩🇪 Paris US"), "DE");
        assert_eq!(code("NL Paris 1"), "FR");
        assert_eq!(code("x 🇽🇽🇫🇷"), "FR");
    }

    #[test]
    fn the_usual_countries_are_known_in_the_languages_of_lists() {
        for (country, names) in [
            (
                "HK",
                &["香港 01", "深港IPLC", "Hong Kong", "HongKong_2", "HK01", "hk-3", "هنگ‌کنگ", "Гонконг"][..],
            ),
            ("TW", &["台湾", "臺灣家宽", "Taiwan", "TW"]),
            ("SG", &["新加坡", "狮城", "Singapore", "SG1", "سنگاپور", "Сингапур"]),
            ("JP", &["日本", "东京", "JAPAN", "Tokyo 2", "ژاپن", "Япония"]),
            ("GB", &["UK", "uk-1", "GB 2", "英国", "انگلیس", "Великобритании"]),
            ("US", &["USA", "US-3", "美国", "آمریکا", "США", "United States"]),
            ("DE", &["德国", "آلمان", "Германия", "в Германии", "Germany", "[DE]"]),
            ("KR", &["韩国", "首尔", "South Korea", "کره جنوبی", "Корея"]),
            ("IR", &["ایران", "Iran"]),
            ("MD", &["Moldova 4"]),
        ] {
            for name in names {
                assert_eq!(code(name), country, "{name}");
            }
        }
    }

    #[test]
    fn china_is_meant_only_where_no_other_country_is() {
        assert_eq!(
            (code("中国香港"), code("中国电信 日本"), code("China 1")),
            ("HK".into(), "JP".into(), "CN".into())
        );
        assert_eq!((code("CN2 GIA US"), code("CN2")), ("US".into(), String::new()));
    }

    #[test]
    fn what_only_looks_like_a_country_is_none() {
        for name in [
            "SS WS TLS",
            "100 GB",
            "0.5GB",
            "in to no",
            "TG @channel",
            "Indiana",
            "user",
            "",
            "CF cdn",
            "11 AM",
        ] {
            assert_eq!(code(name), "", "{name}");
        }
    }

    #[test]
    fn flags_are_taken_away_with_their_blanks() {
        assert_eq!(without_flags("🇩🇪 Berlin"), "Berlin");
        assert_eq!(without_flags(" as it was "), " as it was ");
    }
}
