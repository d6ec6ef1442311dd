//! Entries that look like proxies and only tell something: `剩余流量：12.3 GB`, `Expire: 2026-12-01`.
//!
//! # Differences between programs
//!
//! Panels give them the address of a real proxy, or none that could be one. Other panels write what is
//! left into the names of proxies that work, as `Berlin 📊12GB ⏳29D`: so a name must begin with the words,
//! and what names of working proxies begin with too (`Telegram @channel`) tells only where nothing can
//! stand behind it.

use super::{Facts, number, some};

/// What an entry tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tells {
    Left,
    Used,
    /// What may be transferred, or what was of it: `12GB / 100GB`.
    Total,
    Expiry,
    WebPage,
    Support,
    Anything,
}

/// How sure the words are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sure {
    /// A name that begins with them is no proxy's.
    Always,
    /// It needs an amount or a date, too.
    WithValue,
    /// Only where no proxy can be.
    Decoy,
}

use Sure::{Always, Decoy, WithValue};
use Tells::{Anything, Expiry, Left, Support, Total, Used, WebPage};

/// In lower case; the longer before what they begin with.
#[rustfmt::skip]
static WORDS: [(Tells, Sure, &[&str]); 15] = [
    (Left, Always, &["剩余流量", "剩餘流量", "流量剩余", "流量剩餘", "可用流量", "remaining traffic", "traffic remaining",
                     "traffic left", "remaining data", "data left", "остаток трафика", "осталось трафика",
                     "ترافیک باقی", "حجم باقی"]),
    (Left, WithValue, &["剩余", "剩餘", "remaining", "left", "остаток", "осталось", "باقی"]),
    (Used, Always, &["已用流量", "已使用流量", "已用", "used traffic", "traffic used"]),
    (Used, WithValue, &["used", "использовано", "مصرف"]),
    (Total, Always, &["总流量", "總流量", "套餐流量", "total traffic"]),
    (Total, WithValue, &["流量", "traffic", "bandwidth", "data", "total", "трафик", "ترافیک", "حجم"]),
    (Expiry, Always, &["过期时间", "過期時間", "到期时间", "到期時間", "套餐到期", "套餐过期", "有效期", "到期", "过期", "過期",
                       "expire date", "expiration date", "expiry date"]),
    (Expiry, WithValue, &["套餐", "时间", "時間", "expires", "expire", "expiry", "expiration", "valid until", "до", "срок",
                          "действует до", "истекает", "انقضا", "تاریخ", "زمان"]),
    (Anything, Always, &["距离下次重置", "距離下次重置", "下次重置", "重置剩余", "重置流量", "days until reset", "reset date",
                         "请更新订阅", "請更新訂閱", "更新订阅", "更新訂閱", "如果更新订阅", "防失联", "防失聯", "公告", "通知：", "通知:"]),
    (WebPage, Always, &["官方网站", "官方網站", "官方网址", "官网", "官網", "最新网址", "最新網址", "最新地址", "备用网址", "備用網址",
                        "永久网址", "永久地址", "网址", "網址", "网站：", "网站:", "发布页", "發佈頁", "website:", "official website",
                        "официальный сайт", "сайт:"]),
    (Support, Always, &["客服", "售后", "工单", "交流群", "电报群", "电报频道", "官方群", "官方tg", "tg群", "tg频道", "qq群", "telegram群",
                        "telegram group:", "telegram channel:", "поддержка:", "پشتیبانی:"]),
    (Left, Decoy, &["剩余", "left", "остаток", "осталось", "باقی"]),
    (Expiry, Decoy, &["到期", "过期", "expire", "expiry", "истекает", "انقضا"]),
    (WebPage, Decoy, &["官网", "网址", "http://", "https://", "website", "сайт"]),
    (Support, Decoy, &["telegram", "t.me/", "@", "群", "频道", "channel", "канал", "کانال"]),
];

/// See [`Facts::hear_entry`].
pub(super) fn hear(facts: &mut Facts, name: &str, decoy: bool) -> bool {
    let low = name.to_lowercase();
    let said = low.trim_start_matches(|char: char| !char.is_alphanumeric());
    let Some((tells, rest)) = told(said, decoy) else { return false };
    let amounts = number::amounts(rest);
    let (amount, date) = (amounts.first().copied(), number::date(rest));
    match (tells, amount, date) {
        (Left, Some(left), _) => facts.left = facts.left.or(Some(left)),
        (Used, Some(used), _) => facts.download = facts.download.or(Some(used)),
        (Total, Some(amount), _) => facts.hear_total(amount, amounts.get(1).copied()),
        (Expiry, _, Some(date)) => facts.expires = facts.expires.or(Some(date)),
        (WebPage, ..) if !value(name).is_empty() => some(&mut facts.web_page, value(name)),
        (Support, ..) if !value(name).is_empty() => some(&mut facts.support, value(name)),
        _ => facts.announce(name),
    }
    true
}

impl Facts {
    /// One amount is the total, of two the first was used.
    fn hear_total(&mut self, first: u64, second: Option<u64>) {
        self.total = self.total.or(Some(second.unwrap_or(first)));
        if second.is_some() {
            self.download = self.download.or(Some(first));
        }
    }
}

/// What a name in lower case tells, and its text from there on.
fn told(said: &str, decoy: bool) -> Option<(Tells, &str)> {
    let rows = WORDS.iter().flat_map(|(tells, sure, words)| words.iter().map(|word| (*tells, *sure, *word)));
    rows.into_iter().find_map(|(tells, sure, word)| {
        let rest = if sure == Decoy { said.split_once(word)?.1 } else { begins(said, word)? };
        let holds = match sure {
            Always => true,
            WithValue => !number::amounts(rest).is_empty() || number::date(rest).is_some() || is_days(rest),
            Decoy => decoy,
        };
        holds.then_some((tells, rest))
    })
}

/// What follows a word with which a text begins; a word of letters ends where its letters do.
fn begins<'a>(said: &'a str, word: &str) -> Option<&'a str> {
    let rest = said.strip_prefix(word)?;
    let runs_on =
        |text: &str| text.chars().next().is_some_and(|char| char.is_alphabetic() && char < '\u{2e80}');
    let ends_in_letter =
        word.chars().next_back().is_some_and(|char| char.is_alphabetic() && char < '\u{2e80}');
    (!ends_in_letter || !runs_on(rest)).then_some(rest)
}

/// `: 29 days`, `：29 天`, `长期有效`: a time that needs no date.
fn is_days(rest: &str) -> bool {
    let rest = rest.trim_start_matches(|char: char| !char.is_alphanumeric());
    let unit = rest.trim_start_matches(|char: char| char.is_ascii_digit() || char == ' ');
    let units = ["天", "日", "days", "day", "дн", "روز"];
    let forever = ["长期", "永久", "无限", "never", "unlimited", "бессрочно", "نامحدود"];
    unit.len() < rest.len() && units.iter().any(|word| unit.starts_with(word))
        || forever.iter().any(|word| rest.starts_with(word))
}

/// What stands after the first colon that is no address's.
fn value(name: &str) -> &str {
    let at = name.char_indices().find(|(at, char)| {
        *char == '：' || *char == ':' && !name.get(at + 1..).is_some_and(|rest| rest.starts_with("//"))
    });
    let after = at.and_then(|(at, char)| name.get(at + char.len_utf8()..));
    after.unwrap_or_else(|| name.find("http").and_then(|at| name.get(at..)).unwrap_or_default()).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(name: &str, decoy: bool) -> Option<Facts> {
        let mut facts = Facts::default();
        facts.hear_entry(name, decoy).then_some(facts)
    }

    #[test]
    fn what_is_left_used_and_allowed_is_read_with_the_end() {
        let gib = |count: u64| Some(count << 30);
        assert_eq!(heard("剩余流量：12 GB", false).unwrap().left, gib(12));
        assert_eq!(
            heard("📊 Traffic: 5GB | 100GB", false).map(|f| (f.download, f.total)),
            Some((gib(5), gib(100)))
        );
        assert_eq!(heard("Остаток: 3 GB", false).unwrap().left, gib(3));
        let ends = |name| heard(name, false).unwrap().expires.unwrap().to_string();
        assert_eq!(ends("套餐到期：2026-12-01"), "2026-12-01T00:00:00Z");
        assert_eq!(ends("⏳ Expire: 2026-12-01 08:30"), "2026-12-01T08:30:00Z");
    }

    #[test]
    fn pages_and_channels_are_kept_with_what_follows_their_word() {
        assert_eq!(heard("官网：https://example.com", false).unwrap().web_page, "https://example.com");
        assert_eq!(heard("Telegram: @example", true).unwrap().support, "@example");
        assert_eq!(
            heard("距离下次重置剩余：12 天", false).unwrap().announcements,
            ["距离下次重置剩余：12 天"]
        );
    }

    #[test]
    fn a_proxy_that_tells_something_too_is_a_proxy() {
        for name in [
            "🇩🇪 Berlin 📊12GB ⏳29D",
            "Telegram @channel 🇩🇪",
            "@channel",
            "Data center 1",
            "Dortmund",
            "Total",
            "Traffic fast",
            "Leftbank 5 GB",
            "",
            "🔥",
            "香港 剩余流量 5GB",
            "до Москвы",
        ] {
            assert_eq!(heard(name, false), None, "{name}");
        }
    }

    #[test]
    fn where_no_proxy_can_be_the_words_may_stand_anywhere() {
        assert!(heard("join our Telegram", true).is_some());
        assert!(heard("Berlin", true).is_none());
    }
}
