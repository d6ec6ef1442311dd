//! What holds for the rows that a query gives: they are those of a naive version, however they are asked for.

use std::collections::{BTreeMap, HashSet};

use configstream_core::catalogue::{
    Catalogue, Entry, LATENCY_BINS, Measured, Ports, Query, Sort, Tally, Without,
};
use configstream_core::geo::{Country, Region};
use configstream_core::proxy::Tls;
use configstream_core::route::Engine;
use configstream_core::score::{Issues, Level, Safety, SecurityIssue};
use configstream_core::{Protocol, Proxy, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;

#[path = "query/any.rs"]
mod any_query;
#[path = "query/naive.rs"]
mod naive;

use any_query::{CITIES, COUNTRIES, NETWORKS, PROTOCOLS, SOURCES, TLS, query};
use naive::{Marked, Word};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const NAMES: [&str; 6] = ["", "Berlin fast 1", "Zürich", "Ёлка two", "كانال يك", "DE-Berlin  443 reality"];
const WORDS: [&str; 20] = [
    "berlin",
    "BERLN",
    "fast 1",
    "berln fst 1",
    "ёлкх",
    "zurich",
    "елка",
    "vless",
    "h",
    "de",
    "germany",
    "443",
    "44",
    "europ",
    "york",
    "ws",
    "one.example",
    "hi",
    "192.0",
    "reality",
];

fn proxy() -> impl Strategy<Value = Proxy> {
    let ports = select(vec![80_u16, 81, 443, 8_080]);
    let way = (select(PROTOCOLS.to_vec()), select(NETWORKS.to_vec()), select(TLS.to_vec()), any::<bool>());
    (way, 1..9_u8, ports, select(NAMES.to_vec())).prop_map(
        |((protocol, network, tls, insecure), host, port, name)| {
            let tls = tls.map(|security| Tls { security, insecure, ..Tls::default() });
            let mut proxy =
                Proxy { name: name.into(), tls, ..Proxy::new(protocol, format!("192.0.2.{host}"), port) };
            proxy.transport.network = network;
            proxy
        },
    )
}

fn measured() -> impl Strategy<Value = Measured> {
    let countries: Vec<Country> = COUNTRIES.iter().filter_map(|code| Country::from_code(code)).collect();
    let ago = prop_oneof![4 => 0..90_000_000_u64, 1 => select(vec![0, 1_000, 60_000])];
    let fields = (
        prop::option::of(select(countries)),
        prop::option::of(select(CITIES.to_vec())),
        prop::option::of(select((0..40).map(|tens| tens * 10).collect::<Vec<u32>>())),
        any::<Option<bool>>(),
        prop::option::of(ago),
        prop::option::of(0..=1_000_u16),
    );
    fields.prop_map(|(country, city, latency, working, ago, reliability)| Measured {
        country,
        city: city.map(Into::into),
        latency,
        working,
        tested_at: ago.map(|ago| Timestamp::from_millis(NOW.millis() - ago)),
        first_seen: None,
        reliability,
    })
}

/// How a way is secured, and what is wrong with it: mostly little, or no level would be high.
fn secured() -> impl Strategy<Value = (Safety, Issues)> {
    let safeties = select(vec![Safety::Open, Safety::Unverified, Safety::Verified, Safety::Verified]);
    let issues = prop::collection::vec(select(SecurityIssue::ALL.to_vec()), 0..3);
    (safeties, issues).prop_map(|(safety, issues)| (safety, issues.into_iter().collect()))
}

/// Rows, each identity once, some of them marked.
fn marked() -> impl Strategy<Value = Vec<Marked>> {
    let sources = prop::collection::vec(select(SOURCES.map(str::to_owned).to_vec()), 1..3);
    let entry = (proxy(), sources, measured(), secured(), 0..=100_u8, any::<bool>());
    let entry = entry.prop_map(|(proxy, mut sources, measured, (safety, issues), score, marked)| {
        sources.dedup();
        (Entry { safety, issues, score, ..Entry::new(&proxy, sources, measured, NOW) }, marked)
    });
    prop::collection::vec(entry, 0..150).prop_map(|rows| {
        let mut known = HashSet::new();
        rows.into_iter().filter(|(entry, _)| known.insert(entry.id)).collect()
    })
}

fn catalogue(rows: &[Marked]) -> Catalogue {
    let mut catalogue = Catalogue::new(rows.iter().map(|(entry, _)| entry.clone()).collect());
    catalogue.set_favourites(&rows.iter().filter(|(_, marked)| *marked).map(|(entry, _)| entry.id).collect());
    catalogue
}

fn words() -> impl Strategy<Value = Vec<Word>> {
    let word = (select(WORDS.map(str::to_owned).to_vec()), prop::bool::weighted(0.2));
    prop_oneof![2 => Just(Vec::new()), 3 => prop::collection::vec(word, 1..3)]
}

/// A text that says these words.
fn text(words: &[Word]) -> String {
    let said = words.iter().map(|(word, not)| format!("{}\"{word}\"", if *not { "-" } else { "" }));
    said.collect::<Vec<_>>().join(" ")
}

fn asked() -> impl Strategy<Value = (Query, Vec<Word>)> {
    (query(Just(String::new())), words())
        .prop_map(|(query, words)| (Query { text: text(&words), ..query }, words))
}

/// As an index of few filters, since most rows fail many.
fn loose() -> impl Strategy<Value = (Query, Vec<Word>)> {
    (asked(), 0..4_u8).prop_map(|((query, words), which)| {
        let plain =
            Query { sort: query.sort, order: query.order, then: query.then.clone(), ..Query::default() };
        match which {
            0 => (query, words),
            1 => (Query { text: query.text, not: query.not, ..plain }, words),
            2 => (Query { text: query.text, ..plain }, words),
            _ => (
                Query {
                    text: query.text,
                    countries: query.countries,
                    max_latency: query.max_latency,
                    ..plain
                },
                words,
            ),
        }
    })
}

fn tally(rows: &[&Entry]) -> Tally {
    Tally {
        total: rows.len(),
        tested: rows.iter().filter(|entry| entry.measured.working.is_some()).count(),
        working: rows.iter().filter(|entry| entry.measured.working == Some(true)).count(),
    }
}

fn tallies<K: Ord>(rows: &[&Entry], keys: impl Fn(&Entry) -> Vec<K>) -> BTreeMap<K, Tally> {
    let mut groups: BTreeMap<K, Vec<&Entry>> = BTreeMap::new();
    for entry in rows {
        for key in keys(entry) {
            groups.entry(key).or_default().push(entry);
        }
    }
    groups.into_iter().map(|(key, rows)| (key, tally(&rows))).collect()
}

/// Asks for this value alone: what excludes others stays.
fn only<T: PartialEq>(value: T, any: &mut Vec<T>, not: &mut Vec<T>) {
    not.retain(|other| *other != value);
    *any = vec![value];
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_query_gives_the_rows_of_the_naive_filter_and_sort(rows in marked(), (query, words) in loose()) {
        let catalogue = catalogue(&rows);
        let expected = naive::rows(&rows, &query, &words, NOW);
        let search = catalogue.search(&query, NOW);
        prop_assert_eq!(search.count(), expected.len());
        prop_assert_eq!(search.rows(), expected);
    }

    #[test]
    fn each_letter_typed_gives_the_rows_of_the_naive_version(
        rows in marked(),
        typed in prop::collection::vec(select(WORDS.to_vec()), 1..3),
    ) {
        let (catalogue, typed) = (catalogue(&rows), typed.join(" "));
        for (end, _) in typed.char_indices().chain([(typed.len(), ' ')]) {
            let text = &typed[..end];
            let words: Vec<Word> = text.split_whitespace().map(|word| (word.to_owned(), false)).collect();
            let query = Query { text: text.to_owned(), ..Query::default() };
            prop_assert_eq!(catalogue.query(&query, NOW), naive::rows(&rows, &query, &words, NOW), "{}", text);
        }
    }

    #[test]
    fn what_changes_is_computed_anew(rows in marked(), more in marked(), (query, words) in loose()) {
        let mut catalogue = catalogue(&rows);
        catalogue.query(&query, NOW);
        for (at, (entry, marked)) in more.into_iter().enumerate() {
            let id = entry.id;
            match at % 3 {
                0 => drop(catalogue.upsert(&entry)),
                1 => drop(catalogue.remove(rows.get(at).map_or(id, |row| row.0.id))),
                _ => catalogue.set_favourites(&marked.then_some(id).into_iter().collect()),
            }
            catalogue.query(&query, NOW);
        }
        let now: Vec<Marked> = catalogue.rows().map(|row| (row.to_entry(), row.is_favourite())).collect();
        prop_assert_eq!(catalogue.query(&query, NOW), naive::rows(&now, &query, &words, NOW));
    }

    #[test]
    fn the_filter_and_the_facet_of_security_are_of_the_level_that_scores_are_made_from(rows in marked()) {
        let catalogue = catalogue(&rows);
        let facets = catalogue.search(&Query::default(), NOW).facets();
        for level in Level::ALL {
            let rows = catalogue.rows().filter(|row| row.evidence().level() == level);
            let expected: Vec<u32> = rows.map(|row| row.number()).collect();
            let mut found = catalogue.query(&Query::from_text(&format!("security:{}", level.key())), NOW);
            found.sort_unstable();
            prop_assert_eq!(facets.security.get(&level).copied().unwrap_or(0), expected.len());
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_facet_counts_what_choosing_it_alone_would_leave(rows in marked(), (query, words) in loose()) {
        let catalogue = catalogue(&rows);
        let facets = catalogue.search(&query, NOW).facets();
        let count = |change: &dyn Fn(&mut Query, &mut Without)| {
            let mut chosen = query.clone();
            let mut not = std::mem::take(&mut chosen.not);
            change(&mut chosen, &mut not);
            chosen.not = not;
            Some(naive::rows(&rows, &chosen, &words, NOW).len()).filter(|count| *count > 0)
        };
        prop_assert_eq!(facets.total, count(&|_, _| ()).unwrap_or(0));
        for value in Protocol::ALL {
            let expected = count(&|it, not| only(value, &mut it.protocols, &mut not.protocols));
            prop_assert_eq!(facets.protocols.get(&value).copied(), expected);
        }
        for value in NETWORKS {
            let expected = count(&|it, not| only(value, &mut it.networks, &mut not.networks));
            prop_assert_eq!(facets.networks.get(value.key()).copied(), expected);
        }
        for value in TLS {
            let expected = count(&|it, not| only(value, &mut it.tls, &mut not.tls));
            prop_assert_eq!(facets.tls.get(value.map_or("none", |tls| tls.key())).copied(), expected);
        }
        for value in Level::ALL {
            let expected = count(&|it, not| only(value, &mut it.security, &mut not.security));
            prop_assert_eq!(facets.security.get(&value).copied(), expected);
        }
        for value in SecurityIssue::ALL {
            let expected = count(&|it, not| only(value, &mut it.issues, &mut not.issues));
            prop_assert_eq!(facets.issues.get(&value).copied(), expected);
        }
        for value in [false, true] {
            let expected = count(&|it, _| it.working = Some(value));
            prop_assert_eq!(facets.working.get(&Some(value)).copied(), expected);
            let expected = count(&|it, _| it.favourite = Some(value));
            prop_assert_eq!(facets.favourites.get(&value).copied(), expected);
        }
        for (value, name) in [(Engine::Chrome, "chrome"), (Engine::Firefox, "firefox")] {
            let expected = count(&|it, _| it.connectable = Some(value));
            prop_assert_eq!(facets.connectable.get(name).copied(), expected);
        }
        for value in COUNTRIES.iter().filter_map(|code| Country::from_code(code)) {
            let expected = count(&|it, not| only(value, &mut it.countries, &mut not.countries));
            prop_assert_eq!(facets.countries.get(&value).copied(), expected);
        }
        for value in Region::ALL {
            let expected = count(&|it, not| only(value, &mut it.regions, &mut not.regions));
            prop_assert_eq!(facets.regions.get(&value).copied(), expected);
        }
        for value in CITIES {
            let expected = count(&|it, not| only(value.to_owned(), &mut it.cities, &mut not.cities));
            prop_assert_eq!(facets.cities.get(value).copied(), expected);
        }
        for value in SOURCES {
            let expected = count(&|it, not| only(value.to_owned(), &mut it.sources, &mut not.sources));
            prop_assert_eq!(facets.sources.get(value).copied(), expected);
        }
        for value in [80, 81, 443, 8_080] {
            let one = Ports { first: value, last: value };
            let expected = count(&|it, not| {
                it.ports = vec![one];
                not.ports.retain(|ports| !ports.contains(value));
            });
            prop_assert_eq!(facets.ports.get(&value).copied(), expected);
        }
    }

    #[test]
    fn statistics_are_those_of_counting(rows in marked(), (query, words) in loose()) {
        let catalogue = catalogue(&rows);
        let statistics = catalogue.search(&query, NOW).statistics();
        let matching = naive::rows(&rows, &query, &words, NOW);
        let matching: Vec<&Entry> = matching.iter().map(|row| &rows[*row as usize].0).collect();
        prop_assert_eq!(statistics.all, tally(&matching));
        prop_assert_eq!(&statistics.protocols, &tallies(&matching, |entry| vec![entry.protocol]));
        prop_assert_eq!(&statistics.countries, &tallies(&matching, |entry| entry.measured.country.into_iter().collect()));
        let region = |entry: &Entry| entry.measured.country.and_then(|country| country.region());
        prop_assert_eq!(&statistics.regions, &tallies(&matching, |entry| region(entry).into_iter().collect()));
        prop_assert_eq!(&statistics.sources, &tallies(&matching, |entry| entry.sources.clone()));
        let working = matching.iter().filter(|entry| entry.measured.working == Some(true));
        let mut latencies: Vec<u32> = working.filter_map(|entry| entry.measured.latency).collect();
        latencies.sort_unstable();
        let bin = |ms: u32| LATENCY_BINS.iter().position(|end| ms < *end).unwrap_or(19);
        let bins: Vec<usize> = (0..20).map(|at| latencies.iter().filter(|ms| bin(**ms) == at).count()).collect();
        prop_assert_eq!(statistics.latencies.to_vec(), bins);
        let nearest = |share: usize| latencies.get((latencies.len() * share).div_ceil(100).saturating_sub(1)).copied();
        prop_assert_eq!(statistics.percentiles.map(|all| all.p50), nearest(50));
        prop_assert_eq!(statistics.percentiles.map(|all| (all.p10, all.p90, all.p99)),
            nearest(10).map(|p10| (p10, nearest(90).unwrap(), nearest(99).unwrap())));
    }

    #[test]
    fn any_text_gives_rows_at_most_once(rows in marked(), text in any::<String>()) {
        let catalogue = catalogue(&rows);
        for query in [Query::from_text(&text), Query { text, sort: Sort::Name, ..Query::default() }] {
            let mut found = catalogue.query(&query, NOW);
            found.sort_unstable();
            prop_assert!(found.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(found.last().is_none_or(|last| (*last as usize) < catalogue.len()));
        }
    }
}

#[test]
fn a_text_of_which_nothing_has_the_words_finds_what_has_nearly_them() {
    let proxy = Proxy { name: "Amsterdam".into(), ..Proxy::new(Protocol::Http, "192.0.2.1", 80) };
    let catalogue = Catalogue::new(vec![Entry::new(&proxy, vec!["a".to_owned()], Measured::default(), NOW)]);
    for (text, near) in [("amsterdam", false), ("amstrdam", true), ("amstredam", true)] {
        let query = Query::from_text(text);
        let search = catalogue.search(&query, NOW);
        assert_eq!((search.rows(), search.is_near()), (vec![0], near), "{text}");
    }
    assert!(catalogue.query(&Query::from_text("rotterdam"), NOW).is_empty());
}
