//! What holds for identities, merges, queries, facets and scores.

use std::collections::HashSet;

use configstream_core::catalogue::{Catalogue, Entry, Measured, Merge, Order, Query, Sort};
use configstream_core::geo::Country;
use configstream_core::proxy::Tls;
use configstream_core::score::{Evidence, Level, Safety, score};
use configstream_core::{Protocol, Proxy, Timestamp, link};
use proptest::prelude::*;
use proptest::sample::select;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

const SAFETIES: [Safety; 3] = [Safety::Open, Safety::Unverified, Safety::Verified];

fn id(link: &str) -> String {
    link::parse(link).unwrap().fingerprint().to_string()
}

#[test]
fn an_identity_is_not_the_name_the_order_of_parameters_or_the_spelling() {
    let one = id("vless://id@Example.com:443?type=ws&security=tls&sni=a.example&path=/x#one");
    for same in [
        "vless://id@example.com:443/?path=%2Fx&peer=a.example&security=TLS&type=websocket#two",
        "vless://id@example.com?path=/x&amp;sni=a.example&amp;security=tls&amp;type=ws",
        "vless://id@example.com:443?type=ws&security=tls&sni=a.example&path=/x&fp=chrome&alpn=h2&note=ad",
    ] {
        assert_eq!(id(same), one, "{same}");
    }
}

#[test]
fn an_identity_is_all_that_changes_where_bytes_go_and_as_whom() {
    let links = [
        "vless://id@h.example:443?type=ws&security=tls&sni=a.example&path=/x",
        "vless://id@h.example:444?type=ws&security=tls&sni=a.example&path=/x",
        "vless://id@g.example:443?type=ws&security=tls&sni=a.example&path=/x",
        "vless://other@h.example:443?type=ws&security=tls&sni=a.example&path=/x",
        "vless://id@h.example:443?type=ws&security=tls&sni=b.example&path=/x",
        "vless://id@h.example:443?type=ws&security=tls&sni=a.example&path=/y",
        "vless://id@h.example:443?type=httpupgrade&security=tls&sni=a.example&path=/x",
        "vless://id@h.example:443?type=ws&path=/x",
        "vless://id@h.example:443?type=ws&security=tls&sni=a.example&path=/x&host=c.example",
        "trojan://id@h.example:443?type=ws&security=tls&sni=a.example&path=/x",
        "socks5://u:p@h.example:443",
        "socks5://u:q@h.example:443",
        "socks4://u:p@h.example:443",
        "http://u:p@h.example:443",
        "https://u:p@h.example:443",
        "ss://aes-128-gcm:p@h.example:443",
        "ss://aes-256-gcm:p@h.example:443",
    ];
    let ids: std::collections::HashSet<_> = links.iter().map(|link| id(link)).collect();
    assert_eq!(ids.len(), links.len());
}

#[test]
fn an_identity_stays_the_same_from_version_to_version() {
    assert_eq!(id("socks5://192.0.2.1:1080"), "e809256f7b78d6d1");
    assert_eq!(id("vless://id@h.example:443?type=ws&security=tls&sni=a.example&path=/x"), "cffdb370e7e11250");
}

fn proxy() -> impl Strategy<Value = Proxy> {
    let protocols = select([Protocol::Http, Protocol::Https, Protocol::Socks5].as_slice());
    let fields = (protocols, any::<bool>(), 1..4_u8, 1..3_u16, "(|one|two)");
    fields.prop_map(|(protocol, insecure, host, port, name)| Proxy {
        name: name.into(),
        tls: (insecure && protocol == Protocol::Https).then(|| Tls { insecure, ..Tls::default() }),
        ..Proxy::new(protocol, format!("192.0.2.{host}"), port)
    })
}

fn measured() -> impl Strategy<Value = Measured> {
    let country =
        select(["DE", "FR", "US", "JP"].as_slice()).prop_map(|code| Country::from_code(code).unwrap());
    let fields = (
        prop::option::of(country),
        prop::option::of(0..4_000_u32),
        any::<Option<bool>>(),
        prop::option::of((0..90_000_000_u64).prop_map(|ago| Timestamp::from_millis(NOW.millis() - ago))),
    );
    fields.prop_map(|(country, latency, working, tested_at)| Measured {
        country,
        latency,
        working,
        tested_at,
        ..Measured::default()
    })
}

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let sources = prop::collection::vec("[ab]", 1..3);
    let entry = (proxy(), sources, measured());
    let entry = entry.prop_map(|(proxy, sources, measured)| Entry::new(&proxy, sources, measured, NOW));
    prop::collection::vec(entry, 0..40).prop_map(|entries| {
        let mut known = HashSet::new();
        entries.into_iter().filter(|entry: &Entry| known.insert(entry.id)).collect()
    })
}

fn query() -> impl Strategy<Value = Query> {
    let countries = || prop::collection::vec(select(["DE", "FR", "US"].as_slice()), 0..3);
    let fields = (
        prop::collection::vec(select([Protocol::Http, Protocol::Socks5, Protocol::Vless].as_slice()), 0..3),
        countries(),
        prop::collection::vec(select(Level::ALL.as_slice()), 0..3),
        prop::option::of(0..4_000_u32),
        prop::option::of(0..100_u8),
        any::<Option<bool>>(),
        prop::collection::vec("[abc]", 0..2),
        "(|one|192|SOCKS|ONE socks|germ|de)",
        (
            select(Sort::ALL.as_slice()),
            select([Order::Usual, Order::Ascending, Order::Descending].as_slice()),
        ),
    );
    fields.prop_map(
        |(protocols, countries, security, max_latency, min_score, working, sources, text, (sort, order))| {
            Query {
                protocols,
                countries: countries.into_iter().filter_map(Country::from_code).collect(),
                security,
                max_latency,
                min_score,
                working,
                sources,
                text,
                sort,
                order,
                ..Query::default()
            }
        },
    )
}

/// Whether a row matches, said as plainly as can be.
fn matches(entry: &Entry, query: &Query) -> bool {
    let measured = &entry.measured;
    let words = format!(
        "{} {} {} {} {}",
        entry.name,
        entry.host,
        entry.protocol.key(),
        entry.network.key(),
        measured.country.map_or("", |country| country.name()),
    );
    let code = measured.country.map(|country| country.code().to_lowercase());
    let has = |word: &str| words.to_lowercase().contains(word) || code.as_deref() == Some(word);
    (query.protocols.is_empty() || query.protocols.contains(&entry.protocol))
        && (query.countries.is_empty() || measured.country.is_some_and(|is| query.countries.contains(&is)))
        && (query.security.is_empty() || query.security.contains(&entry.evidence().level()))
        && query.max_latency.is_none_or(|most| measured.latency.is_some_and(|ms| ms <= most))
        && query.min_score.is_none_or(|least| entry.score >= least)
        && query.working.is_none_or(|working| measured.working == Some(working))
        && (query.sources.is_empty() || query.sources.iter().any(|source| entry.sources.contains(source)))
        && query.text.to_lowercase().split_whitespace().all(has)
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let safety = select(SAFETIES.as_slice());
    (measured(), 0..9_usize, safety).prop_map(|(measured, sources, safety)| Evidence {
        working: measured.working,
        latency: measured.latency,
        tested_at: measured.tested_at,
        sources,
        safety,
        ..Evidence::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_merge_has_each_proxy_once_in_order_with_all_who_list_it(
        lists in prop::collection::vec(("[abc]", prop::collection::vec(proxy(), 0..8)), 0..5),
    ) {
        let mut merge = Merge::default();
        for (source, proxies) in &lists {
            merge.add(source, proxies.clone());
        }
        let merged = merge.finish();
        let all: Vec<_> = lists.iter().flat_map(|(source, list)| list.iter().map(move |proxy| (source, proxy))).collect();
        let mut ids = Vec::new();
        for (_, proxy) in &all {
            if !ids.contains(&proxy.fingerprint()) {
                ids.push(proxy.fingerprint());
            }
        }
        prop_assert_eq!(merged.iter().map(|listed| listed.id).collect::<Vec<_>>(), ids);
        for listed in merged {
            let same = || all.iter().filter(|(_, proxy)| proxy.fingerprint() == listed.id);
            let name = same().map(|(_, proxy)| proxy.name.as_str()).find(|name| !name.is_empty());
            prop_assert_eq!(listed.proxy.name.as_str(), name.unwrap_or_default());
            let mut sources: Vec<_> = Vec::new();
            for (source, _) in same() {
                if !sources.contains(*source) {
                    sources.push((*source).clone());
                }
            }
            prop_assert_eq!(listed.sources, sources);
        }
    }

    #[test]
    fn a_query_gives_exactly_the_rows_that_match_each_once(entries in entries(), query in query()) {
        let catalogue = Catalogue::new(entries.clone());
        let mut rows = catalogue.query(&query, NOW);
        rows.sort_unstable();
        let expected: Vec<u32> =
            (0..).zip(&entries).filter(|(_, entry)| matches(entry, &query)).map(|(row, _)| row).collect();
        prop_assert_eq!(rows, expected);
    }

    #[test]
    fn rows_come_in_the_order_of_the_query_unknown_ones_last(entries in entries(), query in query()) {
        let catalogue = Catalogue::new(entries);
        let rows: Vec<Entry> = catalogue.query(&query, NOW).iter().map(|row| catalogue.row(*row).unwrap().to_entry()).collect();
        let falls = match query.order {
            Order::Usual => matches!(query.sort, Sort::Score | Sort::TestedAt),
            order => order == Order::Descending,
        };
        for pair in rows.windows(2) {
            let key = |entry: &Entry| match query.sort {
                Sort::Score => Some(format!("{:03}", entry.score)),
                Sort::Latency => entry.measured.latency.map(|ms| format!("{ms:09}")),
                Sort::Country => entry.measured.country.map(|country| country.name().to_owned()),
                Sort::Protocol => Protocol::ALL.iter().position(|is| *is == entry.protocol).map(|at| at.to_string()),
                Sort::TestedAt => entry.measured.tested_at.map(|at| format!("{:020}", at.millis())),
                Sort::Name => Some(entry.name.clone()),
            };
            match (key(&pair[0]), key(&pair[1])) {
                (Some(a), Some(b)) if falls => prop_assert!(a >= b),
                (Some(a), Some(b)) => prop_assert!(a <= b),
                (a, b) => prop_assert!(a.is_some() || b.is_none()),
            }
        }
    }

    #[test]
    fn the_url_form_of_a_query_reads_back(query in query()) {
        prop_assert_eq!(Query::from_url(&query.to_url()), Ok(query));
    }

    #[test]
    fn a_facet_counts_what_choosing_it_alone_would_leave(entries in entries(), query in query()) {
        let catalogue = Catalogue::new(entries.clone());
        let facets = catalogue.search(&query, NOW).facets();
        for protocol in Protocol::ALL {
            let chosen = Query { protocols: vec![protocol], ..query.clone() };
            let count = entries.iter().filter(|entry| matches(entry, &chosen)).count();
            prop_assert_eq!(facets.protocols.get(&protocol).copied().unwrap_or(0), count);
        }
        for country in ["DE", "FR", "US", "JP", "CH"].map(|code| Country::from_code(code).unwrap()) {
            let chosen = Query { countries: vec![country], ..query.clone() };
            let count = entries.iter().filter(|entry| matches(entry, &chosen)).count();
            prop_assert_eq!(facets.countries.get(&country).copied().unwrap_or(0), count);
        }
    }

    #[test]
    fn a_score_is_the_sum_of_its_reasons_and_no_reason_gives_more_than_it_can(evidence in evidence()) {
        let (total, reasons) = score(&evidence, NOW);
        prop_assert!(total <= 100);
        prop_assert_eq!(reasons.iter().map(|reason| u32::from(reason.points)).sum::<u32>(), u32::from(total));
        prop_assert_eq!(reasons.iter().map(|reason| u32::from(reason.of)).sum::<u32>(), 100);
        prop_assert!(reasons.iter().all(|reason| reason.points <= reason.of));
    }

    #[test]
    fn nothing_better_ever_scores_less(evidence in evidence(), less in 1..500_u32, later in 1..50_000_000_u64) {
        let total = |evidence: &Evidence| score(evidence, NOW).0;
        let faster = Evidence { latency: evidence.latency.map(|ms| ms.saturating_sub(less)), ..evidence };
        let fresher = Evidence {
            tested_at: evidence.tested_at.map(|at| Timestamp::from_millis(NOW.millis().min(at.millis() + later))),
            ..evidence
        };
        let working = Evidence { working: Some(true), ..evidence };
        let verified = Evidence { safety: Safety::Verified, ..evidence };
        let listed = Evidence { sources: evidence.sources + 1, ..evidence };
        for better in [faster, fresher, working, verified, listed] {
            prop_assert!(total(&better) >= total(&evidence), "{:?} {:?}", better, evidence);
        }
    }

    #[test]
    fn a_row_reads_back_from_its_link_with_the_same_identity(entries in entries()) {
        for entry in entries {
            prop_assert_eq!(link::parse(&entry.link).unwrap().fingerprint(), entry.id);
        }
    }
}

#[test]
fn repeated_and_comma_separated_parameters_mean_any_of() {
    let query =
        Query::from_url("protocol=vless&protocol=trojan,ss_&country=de").map_err(|bad| bad.to_string());
    let keys = Protocol::ALL.map(Protocol::key).join(", ");
    assert_eq!(query, Err(format!("protocol: expected any of {keys}")));
    let query = Query::from_url("protocol=vless&protocol=trojan,http&country=de&country=nl").unwrap();
    assert_eq!((query.protocols.len(), query.countries.len()), (3, 2));
}

#[test]
fn a_protocol_goes_by_its_key_and_by_every_scheme_of_its_links() {
    let protocol = |name: &str| Query::from_url(&format!("protocol={name}")).map(|query| query.protocols);
    // Schemes that carry links of others have no protocol of their own; what goes by our own scheme has
    // only its key.
    let named = |scheme: &&&dyn link::Scheme| {
        !scheme.protocols().is_empty() && !scheme.protocols().contains(&Protocol::Other)
    };
    for scheme in link::SCHEMES.iter().filter(named) {
        for name in scheme.names() {
            let read = protocol(&name.replace('+', "%2B")).unwrap();
            assert!(scheme.protocols().contains(&read[0]), "{name}: {read:?}");
        }
    }
    let read = |name: &str| protocol(name).unwrap()[0];
    assert_eq!((read("ss"), read("https")), (Protocol::Shadowsocks, Protocol::Https));
    let socks = ["socks", "SOCKS5h", "socks4a"].map(read);
    assert_eq!(socks, [Protocol::Socks5, Protocol::Socks5, Protocol::Socks4]);
}

#[test]
fn security_is_high_medium_or_low() {
    let query = Query::from_url("security=high&security=Low").unwrap();
    assert_eq!(query.security, [Level::High, Level::Low]);
    assert_eq!(query.to_url(), "security=high,low");
    let bad = Query::from_url("security=some").unwrap_err();
    assert_eq!(bad.to_string(), "security: expected any of high, medium, low");
}

#[test]
fn every_parameter_is_read_and_written_and_all_others_are_passed_over() {
    let url = "protocol=vless&not_protocol=http&transport=ws&not_transport=tcp&tls=reality&not_tls=none\
               &country=DE&not_country=IR&region=asia&not_region=africa&city=a&not_city=b\
               &security=low&not_security=high&issue=no-encryption&not_issue=certificate-not-checked\
               &port=443,80-90&not_port=81&max_latency=1&min_latency=0&fastest=10&min_score=1&max_score=9\
               &min_reliability=5&working=true&max_age=60&min_age=1&connectable=chrome&favourite=false\
               &source=a,b%2Cc&not_source=d&q=x&sort_by=name,latency:desc&order=asc";
    let names: Vec<_> = url.split('&').filter_map(|pair| Some(pair.split_once('=')?.0)).collect();
    assert_eq!(names, Query::PARAMETERS);
    let query = Query::from_url(&format!("{url}&tab=2&colour")).unwrap();
    assert_eq!(query.to_url(), url);
}

#[test]
fn the_parameters_of_the_first_form_read_and_write_as_they_did() {
    let url = "protocol=vless&country=DE&region=asia&security=low&max_latency=1&min_score=1&working=true\
               &source=a&q=x&sort_by=name&order=asc";
    assert_eq!(Query::from_url(url).unwrap().to_url(), url);
}
