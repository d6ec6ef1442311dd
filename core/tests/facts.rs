//! What holds for what a subscription says of itself.

use configstream_core::document::{self, Facts};
use configstream_core::link::Reason;
use proptest::prelude::*;

fn facts(text: &str) -> Facts {
    document::read(text.as_bytes()).facts
}

#[test]
fn headers_say_how_much_until_when_and_where_to_ask() {
    let facts = Facts::of_headers([
        ("Content-Type", "text/plain"),
        ("subscription-userinfo", "upload=10; download=1.5e2; total=1000; expire=1800000000"),
        ("Profile-Title", "base64:TXkgbGlzdA=="),
        ("profile-update-interval", "0.5"),
        ("profile-web-page-url", "https://example.com"),
        ("support-url", "https://t.me/example"),
        ("announce", "news"),
    ]);
    assert_eq!((facts.upload, facts.download, facts.total), (Some(10), Some(150), Some(1000)));
    assert_eq!(facts.expires.map(|moment| moment.to_string()).as_deref(), Some("2027-01-15T08:00:00Z"));
    assert_eq!((facts.title.as_str(), facts.update_hours), ("My list", Some(1)));
    assert_eq!(
        (facts.web_page.as_str(), facts.support.as_str()),
        ("https://example.com", "https://t.me/example")
    );
    assert_eq!(facts.announcements, ["news"]);
}

#[test]
fn an_end_of_zero_is_none_and_one_in_milliseconds_is_understood() {
    let ends = |value| Facts::of_headers([("subscription-userinfo", value)]).expires;
    assert_eq!(ends("total=0; expire=0"), None);
    assert_eq!(ends("expire="), None);
    assert_eq!(ends("expire=1800000000000"), ends("expire=1800000000"));
}

#[test]
fn a_file_name_is_the_title_where_there_is_no_other() {
    let title = |headers: &[(&str, &str)]| Facts::of_headers(headers.iter().copied()).title;
    let file =
        ("content-disposition", "attachment; filename=\"a.txt\"; filename*=UTF-8''%E5%88%97%E8%A1%A8.yaml");
    assert_eq!(title(&[file]), "列表");
    assert_eq!(title(&[file, ("profile-title", "mine")]), "mine");
    assert_eq!(title(&[("content-disposition", "attachment; filename=My List")]), "My List");
}

#[test]
fn comments_of_a_document_say_the_same_in_any_format() {
    for (before, after) in [("#", ""), ("//", ""), ("; ", ""), ("# ", "\r")] {
        let said = facts(&format!(
            "{before}profile-title: mine{after}\n{before}subscription-userinfo: upload=1; total=5{after}\nsocks5://192.0.2.1:1080\n"
        ));
        assert_eq!((said.title.as_str(), said.upload, said.total), ("mine", Some(1), Some(5)), "{before}");
    }
    assert!(facts("# nothing: to hear\nsocks5://192.0.2.1:1080#profile-title: x").is_empty());
    let managed = facts("#!MANAGED-CONFIG https://example.com/x interval=43200 strict=false\n");
    assert_eq!(managed.update_hours, Some(12));
}

#[test]
fn the_status_line_of_old_panels_is_heard_within_base64_and_is_no_bad_line() {
    let text =
        "STATUS=🚀↑:0.5GB,↓:41.5GB,TOT:100GB💡Expires:2026-12-01\nREMARKS=mine\nsocks5://192.0.2.1:1080\n";
    let inner = base64(text);
    for text in [text, &inner] {
        let reading = document::read(text.as_bytes());
        assert_eq!((reading.proxies.len(), reading.rejected.len()), (1, 0));
        let facts = reading.facts;
        assert_eq!(facts.used(), Some(42 << 30));
        assert_eq!((facts.total, facts.title.as_str()), (Some(100 << 30), "mine"));
        assert_eq!(facts.expires.unwrap().to_string(), "2026-12-01T00:00:00Z");
    }
}

/// What the writer of base64 makes of lines that are no proxies has to be made by hand.
fn base64(text: &str) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let groups = text.as_bytes().chunks(3).map(|group| {
        let bits = (0..3).fold(0_usize, |bits, at| bits << 8 | usize::from(*group.get(at).unwrap_or(&0)));
        let letter = |at: usize| char::from(LETTERS[bits >> (18 - 6 * at) & 63]);
        (0..4).map(|at| if at <= group.len() { letter(at) } else { '=' }).collect::<String>()
    });
    groups.collect()
}

#[test]
fn what_is_said_first_stays() {
    let mut facts = Facts::of_headers([("profile-title", "one")]);
    facts.add(&Facts::of_headers([("profile-title", "two"), ("support-url", "https://example.com")]));
    facts.hear_bytes(Some(3), Some(4));
    assert_eq!((facts.title.as_str(), facts.support.as_str()), ("one", "https://example.com"));
    assert_eq!((facts.used(), facts.total, facts.left), (Some(3), Some(7), Some(4)));
    assert_eq!(
        facts.to_string(),
        "title: one\nused: 3 B\ntotal: 7 B\nleft: 4 B\nsupport: https://example.com\n"
    );
}

#[test]
fn an_encrypted_document_is_refused_with_what_is_missing() {
    for document in ["age-encryption.org/v1\n-> X25519 x\n", "\n-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n"] {
        let reading = document::read(document.as_bytes());
        assert_eq!(reading.format, "age");
        assert_eq!(reading.rejected[0].reason, Reason::Encrypted);
    }
}

proptest! {
    #[test]
    fn what_is_said_is_shown_without_what_moves_a_terminal_s_cursor(text in "[#/;]{1,2}(profile-title|subscription-userinfo|announce|support-url)[:=].{0,60}", name in ".{0,60}") {
        let mut said = facts(&text);
        said.hear_entry(&name, true);
        let shown = said.to_string();
        prop_assert!(shown.lines().all(|line| !line.contains(char::is_control)), "{:?}", shown);
    }

    #[test]
    fn an_entry_with_a_word_at_its_start_is_heard_whatever_follows(end in "[ :：0-9GBTa-z/-]{0,30}") {
        let name = ["剩余流量", &end].concat();
        prop_assert!(Facts::default().hear_entry(&name, false), "{}", name);
    }
}
