//! What holds for what happens around a list.

use configstream_core::catalogue::Sameness;
use configstream_core::curate::{
    Choice, Curated, Curation, Flags, Known, Override, Pattern, Ports, Rename, Step, Template, file_names,
    natural,
};
use configstream_core::geo::Country;
use configstream_core::proxy::Param;
use configstream_core::{Protocol, Proxy, document, link};
use proptest::prelude::*;
use proptest::sample::select;

fn proxies(links: &[&str]) -> Vec<Proxy> {
    links.iter().map(|text| link::parse(text).unwrap()).collect()
}

fn curate(curation: &Curation, links: &[&str]) -> Curated {
    curation.apply([("list", proxies(links))], &Known::default())
}

fn names(curated: &Curated) -> Vec<&str> {
    curated.listed.iter().map(|listed| listed.proxy.name.as_str()).collect()
}

/// SOCKS proxies of these names, each at an address of its own.
fn named(names: &[&str]) -> Vec<Proxy> {
    let proxy = |(at, name): (usize, &&str)| {
        let mut proxy = Proxy::new(Protocol::Socks5, format!("8.8.8.{at}"), 1080);
        proxy.name = (*name).into();
        proxy
    };
    names.iter().enumerate().map(proxy).collect()
}

fn after(curation: &Curation, given: &[&str]) -> Vec<String> {
    let curated = curation.apply([("list", named(given))], &Known::default());
    names(&curated).into_iter().map(str::to_owned).collect()
}

fn patterns(texts: &[&str]) -> Vec<Pattern> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn what_is_to_be_dropped_goes_even_if_it_is_to_be_kept() {
    let names = Choice { keep: patterns(&["^DE", "(?i)tokyo"]), drop: patterns(&["slow"]) };
    assert_eq!(
        after(&Curation { names, ..Curation::default() }, &["DE 1", "DE slow", "TOKYO", "US"]),
        ["DE 1", "TOKYO"]
    );
}

#[test]
fn a_bad_pattern_is_answered_with_the_place_at_which_it_stops_reading() {
    for (pattern, at) in [("(a", 1), ("香(a", 2), ("a[b", 2), ("ab)c", 3), ("a|*", 3), ("(a)(b", 4)] {
        let bad = pattern.parse::<Pattern>().unwrap_err();
        assert_eq!(bad.at, at, "{bad}");
        assert!(bad.to_string().contains(&format!("starts at character {at}: ")), "{bad}");
    }
    assert!("a".repeat(5000).parse::<Pattern>().is_err());
    assert!("no replacement".parse::<Rename>().unwrap_err().what.contains("expected pattern=replacement"));
}

#[test]
fn protocols_ports_and_countries_are_chosen() {
    let list = [
        "socks5://8.8.8.8:1080#🇩🇪",
        "http://8.8.8.8:80#日本 1",
        "http://8.8.4.4:8081#x",
        "socks5://8.8.8.8:9#UK",
    ];
    let left = |curation: Curation| names(&curate(&curation, &list)).join("|");
    assert_eq!(
        left(Curation { protocols: Choice::keep([Protocol::Http]), ..Curation::default() }),
        "日本 1|x"
    );
    let ports = |text: &str| text.parse::<Ports>().unwrap();
    assert_eq!(
        left(Curation { ports: Choice::keep([ports("80"), ports("8000-9000")]), ..Curation::default() }),
        "日本 1|x"
    );
    let place = |text: &str| text.parse().unwrap();
    assert_eq!(left(Curation { places: Choice::keep([place("europe")]), ..Curation::default() }), "🇩🇪|UK");
    assert_eq!(
        left(Curation { places: Choice::keep([place("jp"), place("uk")]), ..Curation::default() }),
        "日本 1|UK"
    );
    assert_eq!(
        left(Curation {
            places: Choice { keep: vec![], drop: vec![place("Germany")] },
            ..Curation::default()
        }),
        "日本 1|x|UK"
    );
    for bad in ["0", "70000", "9-1", "x", ""] {
        assert!(bad.parse::<Ports>().is_err(), "{bad}");
    }
}

#[test]
fn the_country_that_the_caller_knows_is_believed_before_the_name() {
    let japan = Country::from_code("jp");
    let known = Known { country: &|_| japan, ..Known::default() };
    let curation = Curation {
        flags: Some(Flags::Replace),
        places: Choice::keep(["jp".parse().unwrap()]),
        ..Curation::default()
    };
    let curated = curation.apply([("list", named(&["🇩🇪 Berlin"]))], &known);
    assert_eq!(names(&curated), ["🇯🇵 Berlin"]);
}

#[test]
fn decoys_and_entries_that_only_tell_something_are_heard_and_dropped_where_that_is_wanted() {
    let list = [
        "socks5://8.8.8.8:1080#Berlin",
        "socks5://8.8.8.8:1080#剩余流量：12 GB",
        "socks5://127.0.0.1:1080#套餐到期：2026-12-01",
        "socks5://127.0.0.1:1080#x",
        "socks5://8.8.8.8:1#x",
    ];
    let curated = curate(&Curation { no_information: true, no_decoys: true, ..Curation::default() }, &list);
    assert_eq!(names(&curated), ["Berlin"]);
    assert_eq!((curated.report.count(Step::Information), curated.report.count(Step::Decoy)), (2, 2));
    assert_eq!(curated.facts.left, Some(12 << 30));
    assert_eq!(curated.facts.expires.unwrap().to_string(), "2026-12-01T00:00:00Z");
    let kept = curate(&Curation::default(), &list);
    assert_eq!((kept.listed.len(), kept.report.dropped()), (5, 0));
    assert_eq!(kept.facts.left, Some(12 << 30));
}

#[test]
fn names_lose_parts_are_replaced_by_groups_and_filled_where_nothing_is_left() {
    let rename = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
    let curation = Curation {
        delete: patterns(&["@\\w+"]),
        rename: rename(&["^(..)-0*(\\d+)$=${1} no. $2", "x\\=y=z"]),
        ..Curation::default()
    };
    let given = ["DE-007", "@ads  fast @more", "x=y", "@only", ""];
    assert_eq!(after(&curation, &given), ["DE no. 7", "fast", "z", "SOCKS5 8.8.8.3", ""]);
    let report = curation.apply([("list", named(&given))], &Known::default()).report;
    assert_eq!((report.count(Step::Rename), report.count(Step::Fill)), (4, 1));
}

#[test]
fn flags_are_added_removed_and_replaced() {
    let flags = |flags| Curation { flags: Some(flags), ..Curation::default() };
    let given = ["Berlin DE", "🇫🇷 Paris", "🇫🇷 x 🇩🇪", "nowhere"];
    assert_eq!(after(&flags(Flags::Add), &given), ["🇩🇪 Berlin DE", "🇫🇷 Paris", "🇫🇷 x 🇩🇪", "nowhere"]);
    assert_eq!(after(&flags(Flags::Remove), &given), ["Berlin DE", "Paris", "x", "nowhere"]);
    assert_eq!(after(&flags(Flags::Replace), &given), ["🇩🇪 Berlin DE", "🇫🇷 Paris", "🇫🇷 x", "nowhere"]);
}

#[test]
fn a_template_numbers_the_names_that_are_the_same_but_for_the_number() {
    let template = |text: &str| Curation { template: Some(text.parse().unwrap()), ..Curation::default() };
    let given = ["Berlin DE", "Tokyo", "Frankfurt", "nowhere"];
    let made = after(&template("{flag} {country} {protocol} {n}"), &given);
    assert_eq!(made, ["🇩🇪 Germany SOCKS5 1", "🇯🇵 Japan SOCKS5 1", "🇩🇪 Germany SOCKS5 2", "SOCKS5 1"]);
    assert_eq!(after(&template("{code} {n}"), &given), ["DE 1", "JP 1", "DE 2", "SOCKS5 8.8.8.3"]);
    for bad in ["{", "{}", "{n", "{city}"] {
        assert!(bad.parse::<Template>().unwrap_err().what.contains("{flag}"), "{bad}");
    }
}

#[test]
fn settings_are_set_and_taken_away() {
    let links = ["trojan://p@8.8.8.8:443?udp=1#a", "socks5://8.8.8.8:1080#b"];
    let set = Curation {
        udp: Override::Set(false),
        insecure: Some(true),
        fast_open: Override::Set(true),
        ..Curation::default()
    };
    let curated = curate(&set, &links);
    assert_eq!(curated.report.count(Step::Override), 2);
    assert!(curated.listed.iter().all(|listed| listed.proxy.param(Param::Udp) == Some("0")));
    assert!(curated.listed[0].proxy.tls.as_ref().unwrap().insecure && curated.listed[1].proxy.tls.is_none());
    assert_eq!(curated.listed[0].id, curated.listed[0].proxy.fingerprint());
    let again: Vec<_> = curated.listed.into_iter().map(|listed| listed.proxy).collect();
    let unset = Curation { udp: Override::Unset, fast_open: Override::Unset, ..Curation::default() };
    let curated = unset.apply([("list", again)], &Known::default());
    assert!(curated.listed.iter().all(|listed| listed.proxy.params.is_empty()));
}

const SAME: [&str; 5] = [
    "vless://a@8.8.8.8:443?security=tls&sni=a.example#one",
    "vless://a@8.8.8.8:443?security=tls&sni=a.example&fp=chrome&alpn=h2#two",
    "vless://a@8.8.8.8:443?type=ws&path=/x#three",
    "vless://b@8.8.8.8:443#four",
    "trojan://b@8.8.8.8:443#five",
];

#[test]
fn what_is_the_same_is_for_the_user_to_say() {
    let left = |merge| curate(&Curation { merge, ..Curation::default() }, &SAME).listed.len();
    assert_eq!(left(None), 5);
    assert_eq!(left(Some(Sameness::Fingerprint)), 4);
    assert_eq!(left(Some(Sameness::All)), 5);
    assert_eq!(left(Some(Sameness::User)), 3);
    assert_eq!(left(Some(Sameness::Endpoint)), 1);
}

#[test]
fn of_equals_the_one_that_says_most_is_kept_with_all_names_and_lists() {
    let curation = Curation { merge: Some(Sameness::Fingerprint), ..Curation::default() };
    let lists = [("a", proxies(&SAME[..1])), ("b", proxies(&SAME[1..2])), ("a", proxies(&SAME[..1]))];
    let curated = curation.apply(lists.clone(), &Known::default());
    let listed = &curated.listed[0];
    assert_eq!((listed.proxy.name.as_str(), curated.report.count(Step::Merge)), ("two", 2));
    assert_eq!(
        (&listed.names[..], &listed.sources[..]),
        (&["one".to_owned(), "two".into()][..], &["a".to_owned(), "b".into()][..])
    );
    let first = Known { score: &|_| 0, ..Known::default() };
    assert_eq!(names(&curation.apply(lists.clone(), &first)), ["one"]);
    let by_name = Known { score: &|proxy| u32::from(proxy.name == "one"), ..Known::default() };
    assert_eq!(names(&curation.apply(lists.into_iter().rev(), &by_name)), ["one"]);
}

#[test]
fn names_are_sorted_by_the_value_of_their_numbers_and_the_list_is_cut() {
    let curation = Curation { sort: true, limit: Some(3), ..Curation::default() };
    assert_eq!(after(&curation, &["b 10", "B 9", "a", "b 010"]), ["a", "B 9", "b 010"]);
    let report = curation.apply([("list", named(&["b", "a", "c", "d"]))], &Known::default()).report;
    assert_eq!(report.to_string(), "       1 × dropped beyond the limit\n");
}

#[test]
fn a_hundred_thousand_that_are_the_same_take_no_longer_than_as_many_that_differ() {
    let one = |at: usize| {
        let mut proxy = Proxy::new(Protocol::Socks5, "8.8.8.8", 1080);
        proxy.name = format!("name {at}").into();
        proxy
    };
    let start = std::time::Instant::now();
    let curation = Curation { merge: Some(Sameness::Endpoint), ..Curation::default() };
    let curated = curation.apply([("list", (0..100_000).map(one).collect())], &Known::default());
    assert_eq!((curated.listed.len(), curated.listed[0].names.len()), (1, 100_000));
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

prop_compose! {
    fn proxy()(
        at in 0_usize..SAME.len(),
        name in select(vec!["", "🇩🇪 1", "香港 2", "剩余流量：1GB", "US slow", "到期 2026-01-01", "name"]),
        host in select(vec!["8.8.8.8", "127.0.0.1", "a.dev"]),
        port in select(vec![1_u16, 443, 8080]),
    ) -> Proxy {
        let mut proxy = link::parse(SAME[at]).unwrap();
        (proxy.name, proxy.endpoint.host, proxy.endpoint.port) = (name.into(), host.into(), port);
        proxy
    }
}

prop_compose! {
    fn curation()(
        flags in select(vec![None, Some(Flags::Add), Some(Flags::Remove), Some(Flags::Replace)]),
        merge in select(vec![None, Some(Sameness::All), Some(Sameness::User), Some(Sameness::Endpoint), Some(Sameness::Fingerprint)]),
        drop in prop::option::of(select(vec!["slow", "^.$", "1"])),
        limit in prop::option::of(0_usize..8),
        delete in prop::option::of(select(vec![".*", "name", "\\d"])),
        [no_decoys, no_information, sort, port, place, template] in any::<[bool; 6]>(),
    ) -> Curation {
        Curation {
            no_decoys, no_information, sort, flags, merge, limit,
            names: Choice { keep: Vec::new(), drop: patterns(drop.as_slice()) },
            delete: patterns(delete.as_slice()),
            ports: Choice::keep(port.then(|| "443".parse().unwrap())),
            places: Choice::keep(place.then(|| "DE".parse().unwrap())),
            template: template.then(|| "{flag} {country} {n}".parse().unwrap()),
            ..Curation::default()
        }
    }
}

proptest! {
    #[test]
    fn what_was_read_is_what_is_left_and_what_was_dropped(curation in curation(), list in prop::collection::vec(proxy(), 0..20)) {
        let curated = curation.apply([("list", list.clone())], &Known::default());
        prop_assert_eq!(curated.report.read, list.len());
        prop_assert_eq!(curated.listed.len() + curated.report.dropped(), list.len());
    }

    #[test]
    fn what_was_done_is_done(curation in curation(), list in prop::collection::vec(proxy(), 0..20)) {
        let curation = Curation { template: None, delete: Vec::new(), flags: None, ..curation };
        let once: Vec<_> = curation.apply([("list", list)], &Known::default()).listed.into_iter().map(|l| l.proxy).collect();
        let twice = curation.apply([("list", once.clone())], &Known::default());
        prop_assert_eq!(twice.report.dropped(), 0);
        prop_assert_eq!(twice.listed.into_iter().map(|listed| listed.proxy).collect::<Vec<_>>(), once);
    }

    #[test]
    fn every_merged_name_and_list_is_remembered(lists in prop::collection::vec((select(vec!["a", "b", "c"]), prop::collection::vec(proxy(), 0..6)), 0..5)) {
        let curation = Curation { merge: Some(Sameness::Fingerprint), ..Curation::default() };
        let merged = curation.apply(lists.clone(), &Known::default()).listed;
        for (source, proxy) in lists.iter().flat_map(|(source, list)| list.iter().map(move |proxy| (*source, proxy))) {
            let listed = merged.iter().find(|listed| listed.id == proxy.fingerprint()).unwrap();
            prop_assert!(listed.sources.iter().any(|known| known == source));
            prop_assert!(proxy.name.is_empty() || listed.names.iter().any(|name| *name == proxy.name.as_str()));
        }
    }

    #[test]
    fn the_order_of_names_is_one(names in prop::collection::vec("[aA 0-9é]{0,6}", 0..12)) {
        let mut sorted = names.clone();
        sorted.sort_by(|a, b| natural(a, b));
        for pair in sorted.windows(2) {
            prop_assert_ne!(natural(&pair[0], &pair[1]), std::cmp::Ordering::Greater);
        }
        let mut turned: Vec<_> = names.into_iter().rev().collect();
        turned.sort_by(|a, b| natural(a, b));
        prop_assert_eq!(turned, sorted);
    }

    #[test]
    fn file_names_are_safe_and_no_two_are_the_same(names in prop::collection::vec("(con|nul1|[a-bA-B./ -]{0,20}|.{0,8}|🇩🇪 \\PC{0,3})", 0..30)) {
        let given: Vec<_> = names.iter().map(String::as_str).collect();
        let files = file_names(&named(&given));
        let lower: std::collections::HashSet<_> = files.iter().map(|name| name.to_lowercase()).collect();
        prop_assert_eq!(lower.len(), names.len());
        for file in files {
            prop_assert!((1..=15).contains(&file.len()), "{}", file);
            prop_assert!(file.chars().all(|char| char.is_ascii_alphanumeric() || "-_".contains(char)), "{}", file);
            prop_assert!(!["con", "nul", "nul1", "aux"].contains(&file.to_lowercase().as_str()));
        }
    }
}

#[test]
fn what_documents_tell_is_no_proxy_of_theirs() {
    let reading =
        document::read("socks5://8.8.8.8:1080#Traffic: 5GB / 10GB\nsocks5://8.8.8.8:1080#x".as_bytes());
    let curation = Curation { no_information: true, ..Curation::default() };
    let curated = curation.apply([("list", reading.proxies)], &Known::default());
    assert_eq!((curated.facts.download, curated.facts.total), (Some(5 << 30), Some(10 << 30)));
    assert_eq!(curated.listed.len(), 1);
}
