//! What holds for the forms of queries.

use configstream_core::Protocol;
use configstream_core::catalogue::{FILTERS, Ports, Query, Sort};
use configstream_core::geo::Country;
use proptest::prelude::*;

#[path = "query/any.rs"]
mod any_query;

use any_query::query;

/// What may be typed: pieces of filters, quotes and signs.
fn typed() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-z]{1,5}",
        "[-<>:,\" ]{1,3}",
        "-?(proto|country|latency|age|port|sort|text|source|x):",
        "(vless|de|200ms|80-90|latency:desc)",
        "\\PC{0,3}",
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// A text with its blanks outside quotes as one, as the text form has them.
fn plain(text: &str) -> String {
    Query::from_text(&Query { text: text.to_owned(), ..Query::default() }.to_text()).text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_url_form_of_any_query_reads_back(query in query(any::<String>())) {
        prop_assert_eq!(Query::from_url(&query.to_url()), Ok(query));
    }

    #[test]
    fn the_text_form_of_any_query_reads_back(query in query(typed())) {
        let query = Query { text: plain(&query.text), ..query };
        prop_assert_eq!(Query::from_text(&query.to_text()), query);
    }

    #[test]
    fn whatever_is_typed_reads_and_its_text_form_reads_as_the_same(text in prop_oneof![typed(), any::<String>()]) {
        let query = Query::from_text(&text);
        prop_assert_eq!(Query::from_text(&query.to_text()), query.clone());
        prop_assert_eq!(Query::from_url(&query.to_url()), Ok(query.clone()));
        prop_assert!(query.text.len() <= text.len());
        for doubt in Query::diagnose(&text) {
            prop_assert_eq!(text.get(doubt.at.clone()), Some(doubt.found.as_str()));
            prop_assert!(!doubt.to_string().is_empty());
        }
    }

    #[test]
    fn any_bytes_in_a_url_read_or_are_refused(text in any::<String>()) {
        if let Ok(query) = Query::from_url(&text) {
            prop_assert_eq!(Query::from_url(&query.to_url()), Ok(query));
        }
    }
}

#[test]
fn every_filter_has_an_example_that_reads_and_both_forms_have_it() {
    for filter in &FILTERS {
        let query = Query::from_text(filter.example);
        assert!(query != Query::default(), "{filter:?}");
        assert!(Query::diagnose(filter.example).is_empty(), "{filter:?}");
        let url = query.to_url();
        assert!(
            [filter.name, filter.not].iter().any(|name| url.contains(&format!("{name}="))),
            "{filter:?} {url}"
        );
    }
}

#[test]
fn names_of_filters_are_each_for_one_way_to_restrict() {
    let mut seen = std::collections::HashSet::new();
    for filter in &FILTERS {
        for typed in filter.typed {
            assert!(seen.insert((*typed, format!("{:?}", filter.kind))), "{typed}");
        }
    }
    let mut parameters = Query::PARAMETERS.to_vec();
    parameters.sort_unstable();
    parameters.dedup();
    assert_eq!(parameters.len(), Query::PARAMETERS.len());
}

#[test]
fn a_person_types_words_filters_and_phrases_in_any_order() {
    let query = Query::from_text("proto:vless country:de,nl <200ms reality \"berlin\" -port:80 sort:latency");
    assert_eq!(query.protocols, [Protocol::Vless]);
    assert_eq!(query.countries, ["DE", "NL"].map(|code| Country::from_code(code).unwrap()));
    assert_eq!((query.max_latency, query.sort), (Some(200), Sort::Latency));
    assert_eq!(query.not.ports, [Ports { first: 80, last: 80 }]);
    assert_eq!(query.text, "reality \"berlin\"");
    assert_eq!(query.to_text(), "proto:vless country:DE,NL -port:80 <200ms sort:latency reality \"berlin\"");
}

#[test]
fn numbers_have_units_and_bounds_as_people_write_them() {
    let read = Query::from_text;
    assert_eq!(read("latency:50-200").to_url(), "max_latency=200&min_latency=50");
    assert_eq!(read("<2s >=50ms").to_url(), "max_latency=2000&min_latency=50");
    assert_eq!(read("age:1h score:60").to_url(), "min_score=60&max_age=3600");
    assert_eq!(
        read("age:>2d reliability:80% fastest:5").to_url(),
        "fastest=5&min_reliability=80&min_age=172800"
    );
    assert_eq!(read("working:no fav:y").to_url(), "working=false&favourite=true");
    assert_eq!(read("country:germany,uk").to_url(), "country=DE,GB");
}

#[test]
fn what_is_half_typed_restricts_nothing_and_what_is_no_filter_is_text() {
    assert!(Query::from_text("proto: country:").is_empty());
    for text in [
        "proto:vles",
        "country:de,zz",
        "-latency:200",
        "2001:db8::1",
        "https://a.example",
        "text:proto:vless",
    ] {
        let query = Query::from_text(text);
        assert_eq!(
            query,
            Query { text: text.trim_start_matches("text:").to_owned(), ..Query::default() },
            "{text}"
        );
    }
}

#[test]
fn what_looks_like_a_filter_and_is_none_is_said_with_what_may_be_meant() {
    let meant = |text: &str| Query::diagnose(text).into_iter().map(|doubt| doubt.meant).collect::<Vec<_>>();
    assert_eq!(meant("proto:vles"), [Some("proto:vless".to_owned())]);
    assert_eq!(meant("-proto:vless,torjan"), [Some("-proto:vless,trojan".to_owned())]);
    assert_eq!(meant("contry:de"), [Some("country:de".to_owned())]);
    assert_eq!(meant("sort:latncy"), [Some("sort:latency".to_owned())]);
    assert_eq!(meant("-latency:200"), [None]);
    assert_eq!(meant("berlin 2001:db8::1 https://a.example text:proto:x"), []);
    let doubt = &Query::diagnose("age:soon")[0];
    assert_eq!(doubt.to_string(), "age:soon: expected seconds");
}

#[test]
fn the_help_has_a_line_for_each_filter() {
    assert_eq!(Query::help().lines().count(), FILTERS.len());
}
