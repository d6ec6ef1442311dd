//! What holds for documents: the ways in which lists are wrapped, glued and broken.

use std::time::{Duration, Instant};

use configstream_core::document::{self, Hint, Place, Reading, Shape};
use configstream_core::link::Reason;
use proptest::prelude::*;

fn read(text: &str) -> Reading {
    document::read(text.as_bytes())
}

fn names(text: &str) -> Vec<String> {
    read(text).proxies.into_iter().map(|proxy| proxy.name.as_str().to_owned()).collect()
}

fn reasons(text: &str) -> Vec<Reason> {
    read(text).rejected.into_iter().map(|line| line.reason).collect()
}

const A: &str = "socks5://192.0.2.1:1080#a";
const B: &str = "vless://id@192.0.2.2:443#b";

#[test]
fn marks_line_ends_comments_bullets_and_blank_lines_do_not_matter() {
    let text = format!("\u{feff}# a list\r\n\r\n// {A}\r\n; {A}\n- {A}\r\n  * {B}\n1. {A}");
    assert_eq!(names(&text), ["a", "b", "a"]);
    assert_eq!(read(&text).rejected, []);
}

#[test]
fn words_before_a_link_do_not_matter() {
    assert_eq!(names(&format!("Berlin = {A}\n🇩🇪 {B}")), ["a", "b"]);
}

#[test]
fn quotes_around_a_link_are_not_part_of_it() {
    assert_eq!(names(&format!("[\"{A}\", \"{B}\"],\n<{A}>")), ["a", "b", "a"]);
}

#[test]
fn links_on_one_line_are_cut_at_blanks_and_where_they_are_glued() {
    assert_eq!(names("socks5://192.0.2.1:1080 http://192.0.2.2:80 http://192.0.2.3:80").len(), 3);
    assert_eq!(names(&format!("{B}{B}trojan://pw@192.0.2.3:443#c{B}")), ["b", "b", "c", "b"]);
    assert_eq!(names(&format!("{B}ss://none:pw@192.0.2.3:443#boss://x")), ["b", "boss://x"]);
    assert_eq!(names(&format!("{B} hysteria2://pw@192.0.2.3:443#c")), ["b", "c"]);
    assert_eq!(names(&format!("{B} ssd://nonsense")), ["b"]);
    assert_eq!(names(&format!("{B} tg://resolve?domain=x")), ["b tg://resolve?domain=x"]);
}

#[test]
fn a_link_of_several_proxies_gives_them_all() {
    let link = "mierus://user:secret@192.0.2.1?port=1&port=20-30&protocol=TCP&protocol=UDP#m";
    assert_eq!(names(&format!("{A}\n{link}\n{B}")), ["a", "m", "m", "b"]);
}

#[test]
fn the_address_of_a_page_in_a_name_or_a_path_starts_no_link() {
    let name = "join https://t.me/x or wss://y";
    assert_eq!(names(&format!("vless://id@192.0.2.1:443?path=/socks5://1.1.1.1:1#{name}")), [name]);
}

#[test]
fn one_bad_line_costs_no_other() {
    let text =
        format!("{A}\nvmess://broken\nupdated: today\n{B}\n192.0.2.9:8080 DE\nhttps://example.com/list");
    assert_eq!(names(&text), ["a", "b"]);
    let reasons = reasons(&text);
    assert!(matches!(
        reasons.as_slice(),
        [Reason::Malformed(_), Reason::NoScheme, Reason::NoProtocol, Reason::Subscription]
    ));
}

#[test]
fn a_hint_counts_where_the_text_itself_says_nothing() {
    let hint = |name| document::read_hinted(b"192.0.2.1:80\nhttp 192.0.2.2:80\n", Hint::of_name(name));
    let keys = |name| hint(name).proxies.iter().map(|proxy| proxy.protocol.key()).collect::<Vec<_>>();
    assert_eq!(keys("lists/socks4.txt"), ["socks4", "http"]);
    assert_eq!(keys("https://example.com/x/proxies-socks5.csv"), ["socks5", "http"]);
    assert_eq!(keys("https://example.com/http/all.txt?raw=1"), ["http", "http"]);
    assert_eq!(keys("https://socks5.example/a/HTTPS_proxies.txt"), ["http", "http"]);
    assert_eq!(keys("https://example.com/all.txt"), ["http"]);
    let said = document::read_hinted(b"# SOCKS5\n192.0.2.1:80", Hint::of_name("http.txt"));
    assert_eq!(said.proxies[0].protocol.key(), "socks5");
    let inside =
        document::read_hinted(encode("192.0.2.1:80\n192.0.2.2:80\n").as_bytes(), Hint::of_name("http.txt"));
    assert_eq!(inside.proxies.len(), 2);
}

#[test]
fn a_rejected_link_is_at_its_line_and_byte() {
    let text = "é\n\n  socks5://192.0.2.1:1080 nonsense://x".to_owned();
    let places: Vec<_> = read(&text).rejected.into_iter().map(|line| line.place).collect();
    let at = text.find("nonsense").unwrap();
    assert_eq!(places, [Place { line: 1, byte: 0 }, Place { line: 3, byte: at }]);
}

#[test]
fn base64_is_opened_whatever_its_alphabet_padding_and_line_length() {
    let plain = format!("{A}\n{B}\nvless://ÿ?>@192.0.2.3#c");
    let standard = encode(&plain);
    let safe = standard.replace('+', "-").replace('/', "_");
    let wrapped: Vec<_> =
        standard.as_bytes().chunks(20).map(|line| std::str::from_utf8(line).unwrap()).collect();
    for text in [
        standard.clone(),
        safe.trim_end_matches('=').to_owned(),
        wrapped.join("\r\n"),
        format!("\u{feff}{standard}\n"),
        encode(&standard),
        encode(&encode(&standard)),
    ] {
        let reading = read(&text);
        assert_eq!((reading.format, reading.proxies), ("base64", read(&plain).proxies), "{text}");
    }
}

#[test]
fn places_within_base64_are_those_of_the_decoded_text() {
    let reading = read(&encode(&format!("{A}\nnonsense")));
    assert_eq!(reading.rejected[0].place, Place { line: 2, byte: A.len() + 1 });
}

#[test]
fn a_line_of_base64_among_others_is_opened_and_has_one_place() {
    let inside = encode(&format!("{A}\nnonsense\n{B}"));
    let reading = read(&format!("{B}\n{inside}"));
    assert_eq!(reading.proxies.len(), 3);
    assert_eq!(reading.rejected[0].place, Place { line: 2, byte: B.len() + 1 });
}

#[test]
fn a_web_page_is_refused_by_its_title() {
    let page = "\n<!DOCTYPE html>\n<html><head><TITLE>\n Sign  in — é</title></head><body>vless://id@h.example</body>";
    let reading = read(page);
    assert_eq!((reading.format, reading.proxies.len()), ("html", 0));
    assert_eq!(reading.rejected[0].reason, Reason::Page { title: "Sign in — é".to_owned() });
    assert_eq!(
        reading.rejected[0].reason.to_string(),
        "a web page, not a list of proxies: it is titled “Sign in — é”"
    );
    assert_eq!(reasons("<html></html>"), [Reason::Page { title: String::new() }]);
}

#[test]
fn a_document_that_says_nothing_is_refused_once() {
    for text in ["", " \r\n\t", "\u{feff}", "# only a comment\n"] {
        assert_eq!(reasons(text), [Reason::Empty], "{text:?}");
    }
}

#[test]
fn words_that_happen_to_be_base64_are_words() {
    assert_eq!(read("nonsense").format, "links");
    assert_eq!(read("this is not a supported subscription format").format, "links");
}

#[test]
fn bytes_of_any_kind_are_read_in_bounded_time_and_room() {
    let size = 1 << 20;
    let link = format!("{B}?x=");
    let inputs = [
        vec![0; size],
        vec![0xff; size],
        vec![b'a'; size],
        vec![b'%'; size],
        b"a\n".repeat(size / 2),
        b"://".repeat(size / 3),
        b"ss://".repeat(size / 5),
        b"xss://a@#".repeat(size / 9),
        b"vless://".repeat(size / 8),
        b"http:// ".repeat(size / 8),
        b"<html".repeat(size / 5),
        b"1:".repeat(size / 2),
        link.into_bytes().into_iter().chain(vec![b'&'; size]).collect(),
        "vless://id@192.0.2.2:443?".bytes().chain("sni=&b&".repeat(9_000).into_bytes()).collect(),
        b"vmess://{\"a\":".repeat(size / 13),
        b"[".repeat(size),
        b"192.0.2.1:80\n".repeat(size / 13),
        b"[Interface]\n[Peer]\n".repeat(size / 19),
        [&b"[Interface]\nX="[..], &vec![b'x'; size / 2], &b"\n[Peer]\nEndpoint=a.b:1\n".repeat(size / 50)]
            .concat(),
        b"client\nremote a 1\n<ca>\n".repeat(size / 23),
        b"client\nremote a 1\n<connection>\n</connection>\n".repeat(size / 45),
        [&b"client\nremote \\"[..], &vec![b'\\'; size]].concat(),
        [&b"ip,port\n"[..], &b"\",\n".repeat(size / 3)].concat(),
        [&b"ip,port\n"[..], &b"\"a".repeat(size / 2)].concat(),
        [&b"ip|port\n"[..], &b"|".repeat(size)].concat(),
        b"{\"ip\":1}\n".repeat(size / 9),
        b"{\"data\":[{\"ip\":1,\"port\":".repeat(size / 26),
    ];
    for input in inputs {
        let begun = Instant::now();
        let reading = document::read(&input);
        assert!(reading.rejected.len() <= Reading::MOST_REJECTED);
        let start = String::from_utf8_lossy(&input[..12]).into_owned();
        assert!(begun.elapsed() < Duration::from_secs(5), "{start}: {:?}", begun.elapsed());
        println!("{start:?}: {:?}", begun.elapsed());
    }
}

/// Base64 in the standard alphabet, written out here so that it is not tested against itself.
fn encode(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |bytes: &[u8]| {
        let bits =
            bytes.iter().chain([0, 0].iter()).take(3).fold(0, |bits, byte| bits << 8 | usize::from(*byte));
        let digit =
            |at: usize| if at > bytes.len() { '=' } else { char::from(DIGITS[bits >> (18 - 6 * at) & 63]) };
        [0, 1, 2, 3].map(digit)
    };
    text.as_bytes().chunks(3).flat_map(group).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic_and_every_place_is_in_the_document(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let reading = document::read(&bytes);
        let text = String::from_utf8_lossy(&bytes);
        for line in reading.rejected {
            prop_assert!(line.place.line >= 1 && line.place.line <= text.split('\n').count());
            prop_assert!(line.place.byte <= text.len());
        }
    }

    #[test]
    fn no_mix_of_marks_panics(text in "(ss://|vless://|http://|[a-zA-Z0-9+/=#?@:. \n\"<>-]|é|\u{feff}){0,60}") {
        let _ = read(&text);
        let _ = read(&encode(&text));
        for format in document::READERS {
            let _ = document::read_as(format.name(), text.as_bytes());
        }
    }

    #[test]
    fn what_is_written_is_read_again(marks in prop::collection::vec("[a-z#é |]{0,8}", 1..6)) {
        let lines: Vec<_> = marks.iter().map(|name| format!("vless://id@192.0.2.1:443#{name}")).collect();
        let text = lines.join("\n");
        let reading = read(&text);
        prop_assert_eq!(reading.proxies.len(), marks.len());
        for format in ["links", "base64", "json", "csv"] {
            let written = document::write(format, &reading.proxies, Shape::List).unwrap().text;
            prop_assert_eq!(&read(&written).proxies, &reading.proxies);
        }
    }
}
