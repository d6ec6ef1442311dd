//! What holds for documents that come in pieces.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use configstream_core::Proxy;
use configstream_core::document::{self, Item, Place, Rejected, Stream};
use configstream_core::link::Reason;
use proptest::prelude::*;

type Streamed = (&'static str, Vec<Proxy>, Vec<Rejected>);

/// Pushes a document in pieces of these lengths, again and again.
fn stream(bytes: &[u8], lengths: &[usize]) -> Streamed {
    let (mut stream, mut proxies, mut rejected) = (Stream::new(), Vec::new(), Vec::new());
    let mut each = |item: Item| match item {
        Ok(proxy) => proxies.push(proxy),
        Err(line) => rejected.push(line),
    };
    let (mut rest, mut lengths) = (bytes, lengths.iter().cycle());
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at((*lengths.next().unwrap()).clamp(1, rest.len()));
        stream.push(piece, &mut each);
        rest = behind;
    }
    let ended = stream.finish(&mut each);
    (ended.format, proxies, rejected)
}

fn whole(bytes: &[u8]) -> Streamed {
    let reading = document::read(bytes);
    (reading.format, reading.proxies, reading.rejected)
}

/// A list that is longer than what shows the format, with every kind of line and some bytes that are no UTF-8.
fn list() -> Vec<u8> {
    let lines = "socks5://192.0.2.1:1080#Zürich 🇨🇭\r\n# a comment\nss://YWVzLTI1Ni1nY206c2VjcmV0@192.0.2.1:8388#é\n\
        nonsense\n  vless://id@192.0.2.2:443#a trojan://p@192.0.2.3:443#漢\n\nvless://id@192.0.2.2:443?x=";
    let mut list = "\u{feff}".as_bytes().to_vec();
    while list.len() < 2 * Stream::START {
        list.extend_from_slice(lines.as_bytes());
        list.extend_from_slice(b"\xe2\x82\nbroken\xf0\x9f\n");
    }
    // Its base64 has no padding then, and can be repeated.
    list.truncate(list.len() / 3 * 3);
    list
}

#[test]
fn a_document_in_pieces_reads_as_the_whole_does() {
    let list = list();
    let read = whole(&list);
    assert!(read.1.len() > 1_000 && read.2.len() > 1_000);
    for lengths in [&[1][..], &[7, 1, 64], &[4_096], &[usize::MAX]] {
        assert!(stream(&list, lengths) == read, "{lengths:?}");
    }
}

#[test]
fn bare_addresses_in_pieces_speak_what_the_start_says() {
    let mut list = b"192.0.2.1:80\n# SOCKS5\n".to_vec();
    list.extend(b"192.0.2.2:1080 DE\nhttp 192.0.2.3:80\n192.0.2.4:0\n".repeat(2 * Stream::START / 48));
    let read = whole(&list);
    assert!(read.0 == "list" && read.1.len() > 1_000 && read.2.len() > 1_000);
    for lengths in [&[1][..], &[7, 1, 64], &[4_096], &[usize::MAX]] {
        assert!(stream(&list, lengths) == read, "{lengths:?}");
    }
}

#[test]
fn base64_in_pieces_reads_as_the_whole_does() {
    let (mut inner, mut layer) = (list(), 0);
    while layer < 2 {
        inner = STANDARD.encode(&inner).into_bytes();
        layer += 1;
        let read = whole(&inner);
        assert!(read.0 == "base64" && read.1.len() > 1_000);
        for lengths in [&[1][..], &[7, 1, 64], &[4_096], &[usize::MAX]] {
            assert!(stream(&inner, lengths) == read, "{lengths:?}");
        }
    }
}

#[test]
fn what_is_held_stays_small_however_much_comes() {
    for encoded in [false, true] {
        let list = if encoded { STANDARD.encode(list()).into_bytes() } else { list() };
        let (mut stream, mut proxies) = (Stream::new(), 0);
        for _ in 0..20 {
            stream.push(&list, &mut |item: Item| {
                proxies += usize::from(item.is_ok());
            });
            assert!(stream.held() < 256 * 1024, "{}", stream.held());
        }
        assert!(proxies > 10_000);
    }
}

#[test]
fn a_line_without_end_is_refused_once_and_not_held() {
    let (mut stream, mut rejected) = (Stream::new(), Vec::new());
    let mut each = |item: Item| match item {
        Err(line) => rejected.push(line),
        Ok(proxy) => assert_eq!(proxy.name, "after"),
    };
    stream.push(b"vless://id@192.0.2.1:443#", &mut |_| {});
    for _ in 0..50 {
        stream.push(&vec![b'a'; 1024 * 1024], &mut each);
        assert!(stream.held() <= 2 * Stream::LINE);
    }
    stream.push(b"\nsocks5://192.0.2.1:1080#after\nbroken", &mut each);
    stream.finish(&mut each);
    assert_eq!(rejected.len(), 2);
    assert_eq!(rejected[0], Rejected { place: Place { line: 1, byte: 0 }, reason: Reason::LongLine });
    assert_eq!(rejected[1].place, Place { line: 3, byte: 50 * 1024 * 1024 + 25 + 31 });
}

#[test]
fn a_document_that_is_no_list_is_held_up_to_its_limit() {
    let page = format!("<!doctype html><title>Sign in</title>{}", " ".repeat(Stream::START));
    assert!(stream(page.as_bytes(), &[999]) == whole(page.as_bytes()));
    let (mut stream, mut reasons) = (Stream::new(), Vec::new());
    for _ in 0..=Stream::WHOLE / Stream::START {
        stream.push(page.as_bytes(), &mut |item: Item| {
            reasons.extend(item.err().map(|line| line.reason));
        });
    }
    assert_eq!((stream.held(), reasons), (0, vec![Reason::LongDocument]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_short_document_reads_the_same_wherever_it_is_cut(
        text in "(socks5://192\\.0\\.2\\.1:1080#[é漢🇩🇪a]{0,3}|x|[\r\n ]|# |://){0,30}",
        lengths in prop::collection::vec(1..9_usize, 1..5),
    ) {
        prop_assert!(stream(text.as_bytes(), &lengths) == whole(text.as_bytes()));
    }
}
